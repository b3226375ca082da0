"""Attempts, answers and contacts counted by replication, from histories; and what officials and sides make of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engines.contract import EventLog
from sim.scenario.resolved import Scenario
from sim.stats.intervals import Estimate
from sim.stats.ratios import by_unit, ratio

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
