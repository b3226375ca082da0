"""Statistics of a sample of event logs, for which the sums of a run do not suffice.

Activity of officials, initiative of sides, states of lines over time, and first contacts side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.engines.contract import NEVER, EventLog
from sim.scenario.resolved import Scenario
from sim.stats.intervals import Estimate, by_unit, ratio
from sim.stats.totals import interval_unit

if TYPE_CHECKING:
    from sim.scenario.program import Program


Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Activity:
    """Counts by replication and line, each of shape (n, lines).

    units     (n,) the independent unit of each replication: itself, or its block where numbers are uncertain
    attempts  attempts made, busy ones included
    answered  those that were answered, pending at the horizon or not
    contacts  contacts, the first and all later ones
    """

    units: Integers
    attempts: Integers
    answered: Integers
    contacts: Integers

    @property
    def replications(self) -> int:
        """n."""
        return len(self.units)


def count_activity(lines: Sequence[str], event_logs: Iterable[EventLog], block: int = 1) -> Activity:
    """Count; `block` is how many replications share one draw of the uncertain numbers, 1 where there are none."""
    place = {name: index for index, name in enumerate(lines)}
    units, rows = [], []
    for event_log in event_logs:
        row = np.zeros((3, len(lines)), np.int64)
        for one in event_log.log_entries:
            if one.what == "attempt":
                row[0, place[one.name]] += 1
                row[1, place[one.name]] += one.detail["result"] == "answered"
            elif one.what == "contact":
                row[2, place[one.name]] += 1
        units.append(event_log.replication // block)
        rows.append(row)
    counted = np.array(rows, np.int64).reshape(-1, 3, len(lines))
    return Activity(np.array(units, np.int64), counted[:, 0], counted[:, 1], counted[:, 2])


@dataclass(frozen=True)
class OfficialActivity:
    """One official in one part: as the one who calls, or the one who is called.

    attempts, answered  means per replication
    share               answered among the attempts; None where there was no attempt
    """

    name: str
    side: str
    calls: bool
    attempts: float
    answered: float
    share: Estimate


def by_official(scenario: Scenario, activity: Activity) -> tuple[OfficialActivity, ...]:
    """Callers, then those called, in order of side and declaration; only parts in which an official has a line."""
    found = []
    order = [official for side in scenario.sides for official in scenario.officials if official.side == side.name]
    for calls in (True, False):
        for official in order:
            members = [
                at for at, line in enumerate(scenario.lines) if (line.caller if calls else line.callee) == official.name
            ]
            if members:
                made, got = activity.attempts[:, members].sum(axis=1), activity.answered[:, members].sum(axis=1)
                share = ratio(by_unit(got, activity.units), by_unit(made, activity.units))
                found.append(
                    OfficialActivity(official.name, official.side, calls, float(made.mean()), float(got.mean()), share)
                )
    return tuple(found)


@dataclass(frozen=True)
class Initiative:
    """Who began the contacts of one channel, or of all (`channel` is None).

    contacts  in all replications together
    shares    by side: the share of them that it began, as the side of the caller; None where there was none
    """

    channel: str | None
    contacts: int
    shares: Mapping[str, Estimate]


def reciprocity(scenario: Scenario, activity: Activity) -> tuple[Initiative, ...]:
    """All contacts, then those of each channel with lines, in order of declaration.

    Only the sides that have a caller on the channel are in `shares`. Where that is one side, its share is all, and
    known: its interval has no width.
    """
    side_of = {official.name: official.side for official in scenario.officials}
    caller = [side_of[line.caller] for line in scenario.lines]
    channels = [c.name for c in scenario.channels if any(line.channel == c.name for line in scenario.lines)]
    found = []
    for channel in (None, *channels):
        members = [at for at, line in enumerate(scenario.lines) if channel in (None, line.channel)]
        whole = by_unit(activity.contacts[:, members].sum(axis=1), activity.units)
        shares = {}
        for side in (side.name for side in scenario.sides):
            own = [at for at in members if caller[at] == side]
            if own:
                shares[side] = ratio(by_unit(activity.contacts[:, own].sum(axis=1), activity.units), whole)
        contacts = int(whole.sum())
        if len(shares) == 1 and contacts:
            shares = dict.fromkeys(shares, Estimate(1.0, 1.0, 1.0))
        found.append(Initiative(channel, contacts, shares))
    return tuple(found)


CONTACTED, PENDING = 0, 1
"""Indices of the first two states; the reasons follow, and the last state is "not tried"."""


@dataclass(frozen=True, eq=False)
class LineStates:
    """In how many replications each line was in each state.

    lines    names
    reasons  of unanswered attempts
    seconds  (times,) int64, increasing, in [0, horizon): when the lines were looked at
    horizon  seconds
    counts   (lines, states, times) int64: replications in the state at that second, what happened at it included.
             States: contacted (from the first contact on), answered and not yet in contact, last attempt unanswered
             for each of the reasons, not tried. They add up to the replications
    """

    lines: tuple[str, ...]
    reasons: tuple[str, ...]
    seconds: Integers
    horizon: int
    replications: int
    counts: Integers

    def fewer(self, most: int) -> LineStates:
        """The same with at most `most` reasons, the rarest ones added up as the last one, named ``""``.

        How rare a reason is is counted over all lines and times; reasons that never occur are left out.
        """
        weight = self.counts[:, PENDING + 1 : -1].sum(axis=(0, 2))
        seen = [at for at in range(len(self.reasons)) if weight[at]]
        commonest = sorted(seen, key=lambda at: (-weight[at], at))
        kept = sorted(commonest[: most - 1]) if len(seen) > most else seen
        rest = [at for at in seen if at not in kept]
        parts = [self.counts[:, : PENDING + 1], self.counts[:, [PENDING + 1 + at for at in kept]]]
        if rest:
            parts.append(self.counts[:, [PENDING + 1 + at for at in rest]].sum(axis=1, keepdims=True))
        counts = np.concatenate([*parts, self.counts[:, -1:]], axis=1)
        reasons = (*(self.reasons[at] for at in kept), *([""] if rest else []))
        return LineStates(self.lines, reasons, self.seconds, self.horizon, self.replications, counts)


def instants(horizon: int, most: int = 400) -> Integers:
    """At most `most` whole seconds, evenly over [0, horizon), the first and the last one included."""
    return np.unique(np.linspace(0, horizon - 1, most).astype(np.int64))


def line_states(
    lines: Sequence[str], reasons: Sequence[str], event_logs: Iterable[EventLog], seconds: Integers, horizon: int
) -> LineStates:
    """Count the states of the lines over event logs. Raises KeyError for a line or reason that is not in the lists."""
    place = {name: index for index, name in enumerate(lines)}
    state_of = {"answered": PENDING, **{reason: PENDING + 1 + at for at, reason in enumerate(reasons)}}
    untried = PENDING + 1 + len(reasons)
    steps = np.zeros((len(lines), untried + 1, len(seconds) + 1), np.int64)
    total = 0
    for event_log in event_logs:
        total += 1
        now = [untried] * len(lines)
        steps[:, untried, 0] += 1
        for one in event_log.log_entries:
            if one.what not in ("attempt", "contact"):
                continue
            line = place[one.name]
            if now[line] == CONTACTED:
                continue
            new = CONTACTED if one.what == "contact" else state_of[str(one.detail["result"])]
            at = int(np.searchsorted(seconds, one.second))
            steps[line, now[line], at] -= 1
            steps[line, new, at] += 1
            now[line] = new
    counts = steps.cumsum(axis=2)[:, :, :-1]
    return LineStates(tuple(lines), tuple(reasons), seconds, horizon, total, counts)


@dataclass(frozen=True, eq=False)
class FirstContactRows:
    """First contacts of all lines, a row for each replication: the earliest first, those without contact last.

    replications  (n,) int64
    first         (n, lines) int64: seconds, or NEVER
    """

    lines: tuple[str, ...]
    replications: Integers
    first: Integers


def first_contact_rows(lines: Sequence[str], event_logs: Iterable[EventLog]) -> FirstContactRows:
    """Rows by the earliest first contact of any line, then by replication."""
    place = {name: index for index, name in enumerate(lines)}
    numbers, rows = [], []
    for event_log in event_logs:
        row = np.full(len(lines), NEVER, np.int64)
        for one in event_log.log_entries:
            if one.what == "contact" and row[place[one.name]] == NEVER:
                row[place[one.name]] = one.second
        numbers.append(event_log.replication)
        rows.append(row)
    first = np.array(rows, np.int64).reshape(-1, len(lines))
    replications = np.array(numbers, np.int64)
    # Seen as unsigned, NEVER (-1) is the largest number of all, and sorts last.
    earliest = first.view(np.uint64).min(axis=1, initial=np.iinfo(np.uint64).max)
    order = np.lexsort((replications, earliest))
    return FirstContactRows(tuple(lines), replications[order], first[order])


@dataclass(frozen=True, eq=False)
class SampleStatistics:
    """Statistics of `replications` event logs of a run."""

    replications: int
    states: LineStates
    officials: tuple[OfficialActivity, ...]
    initiative: tuple[Initiative, ...]
    rows: FirstContactRows


def sample_statistics(scenario: Scenario, program: Program, event_logs: Iterable[EventLog]) -> SampleStatistics:
    """All of them. The unit of intervals is the replication, or the block where numbers are uncertain."""
    kept = tuple(event_logs)
    activity = count_activity(program.lines, kept, interval_unit(program))
    seconds = instants(program.horizon)
    return SampleStatistics(
        len(kept),
        line_states(program.lines, program.reasons, kept, seconds, program.horizon),
        by_official(scenario, activity),
        reciprocity(scenario, activity),
        first_contact_rows(program.lines, kept),
    )
