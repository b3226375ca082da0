"""Single replications: arranged by line, regime and event for a timeline, and chosen as representative of a pool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sim.engines.contract import NEVER, EventLog
from sim.scenario.calendars import Windows, channel_windows, duty_windows, merged, without
from sim.scenario.resolved import Regime, Scenario, Uncertain


@dataclass(frozen=True)
class RegimeRow:
    """A regime: its spells [start, end) with the name of the state, one after another up to the horizon.

    `lowering`: the states that lower the odds of an answer.
    """

    name: str
    spells: tuple[tuple[int, int, str], ...]
    lowering: frozenset[str] = frozenset()


@dataclass(frozen=True)
class EventRow:
    """An event and the seconds at which it happened."""

    name: str
    seconds: tuple[int, ...]


@dataclass
class LineRow:
    """A line. All numbers are seconds since clock.start; windows are [start, end) within the clock.

    attempts    when, and ``answered`` or the reason
    pending     from an answered attempt to its contact, to the end of a request that is superseded, or to the horizon
    calls       from a contact to the end of its call; of no length where the call has none
    gave_up, superseded, merged  when requests ended or were joined so
    on_duty     when the callee was on duty; None for one who always is
    closed      when the channel was not open
    lowered     when a regime lowered the odds of an answer
    """

    name: str
    on_duty: Windows | None
    closed: Windows
    lowered: Windows
    attempts: list[tuple[int, str]] = field(default_factory=list)
    pending: list[tuple[int, int]] = field(default_factory=list)
    calls: list[tuple[int, int]] = field(default_factory=list)
    gave_up: list[int] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)
    merged: list[int] = field(default_factory=list)

    @property
    def last(self) -> int:
        """The last second at which something happened on the line, or to which it went on; 0 if nothing did."""
        ends = (end for spans in (self.pending, self.calls) for _, end in spans)
        return max((*(second for second, _ in self.attempts), *ends, *self.gave_up, *self.superseded, *self.merged, 0))


@dataclass(frozen=True)
class Timeline:
    """One replication by row, each kind in order of declaration."""

    replication: int
    seed: int
    horizon: int
    regimes: tuple[RegimeRow, ...]
    events: tuple[EventRow, ...]
    lines: tuple[LineRow, ...]

    @property
    def last(self) -> int:
        """The last second at which something happened on a line, or an event did; 0 if nothing did."""
        return max((*(line.last for line in self.lines), *(s for event in self.events for s in event.seconds), 0))


def timeline_of(scenario: Scenario, event_log: EventLog) -> Timeline:
    """Arrange an event log of `scenario` by row."""
    horizon = scenario.horizon
    regimes = tuple(_regime_row(one, event_log, horizon) for one in scenario.regimes)
    events = tuple(
        EventRow(one.name, tuple(h.second for h in event_log.log_entries if (h.what, h.name) == ("event", one.name)))
        for one in scenario.events
    )
    lowered = _lowered(scenario, regimes)
    rows = {row.name: row for row in _line_rows(scenario, lowered)}
    _fill(rows, event_log, horizon)
    return Timeline(event_log.replication, event_log.seed, horizon, regimes, events, tuple(rows.values()))


def _spells(regime: Regime, event_log: EventLog, horizon: int) -> tuple[tuple[int, int, str], ...]:
    begun = [
        (h.second, str(h.detail["state"])) for h in event_log.log_entries if (h.what, h.name) == ("state", regime.name)
    ]
    ends = [*(second for second, _ in begun[1:]), horizon][: len(begun)]
    return tuple((start, end, state) for (start, state), end in zip(begun, ends, strict=True) if start < end)


def _regime_row(regime: Regime, event_log: EventLog, horizon: int) -> RegimeRow:
    factors = (
        (state.name, event_log.parameters[state.odds_factor.path])
        if isinstance(state.odds_factor, Uncertain)
        else (state.name, state.odds_factor)
        for state in regime.states
    )
    lowering = frozenset(name for name, factor in factors if factor < 1)
    return RegimeRow(regime.name, _spells(regime, event_log, horizon), lowering)


def _lowered(scenario: Scenario, rows: Iterable[RegimeRow]) -> dict[str, list[tuple[int, int]]]:
    """By line the spells in which a regime that affects it lowers the odds."""
    found: dict[str, list[tuple[int, int]]] = {line.name: [] for line in scenario.lines}
    for regime, row in zip(scenario.regimes, rows, strict=True):
        spells = [(start, end) for start, end, state in row.spells if state in row.lowering]
        for line in regime.affects:
            found[line] += spells
    return found


def _line_rows(scenario: Scenario, lowered: Mapping[str, list[tuple[int, int]]]) -> Iterable[LineRow]:
    horizon = scenario.horizon
    officials = {official.name: official for official in scenario.officials}
    channels = {channel.name: channel for channel in scenario.channels}
    for line in scenario.lines:
        callee = officials[line.callee]
        always = callee.duty is None and not callee.holidays
        duty = None if always else duty_windows(callee, scenario.zone_of(callee), scenario.start, horizon)
        closed = without(((0, horizon),), channel_windows(channels[line.channel], horizon))
        yield LineRow(line.name, duty, closed, merged(lowered[line.name], horizon))


def _fill(rows: Mapping[str, LineRow], event_log: EventLog, horizon: int) -> None:
    open_attempts: dict[str, int] = {}
    for one in event_log.log_entries:
        row = rows.get(one.name) if one.what not in ("state", "event") else None
        if row is None:
            continue
        if one.what == "attempt":
            row.attempts.append((one.second, str(one.detail["result"])))
            if one.detail["result"] == "answered":
                open_attempts[one.name] = one.second
        elif one.what == "contact":
            row.pending.append((open_attempts.pop(one.name), one.second))
            call = int(one.detail["call"])
            row.calls.append((one.second, horizon if call == NEVER else min(one.second + call, horizon)))
        elif one.what == "superseded":
            row.superseded.append(one.second)
            if one.name in open_attempts:
                row.pending.append((open_attempts.pop(one.name), one.second))
        elif one.what == "gave up":
            row.gave_up.append(one.second)
        elif one.what == "merged":
            row.merged.append(one.second)
    for name, attempted in open_attempts.items():
        rows[name].pending.append((attempted, horizon))


class Choice(StrEnum):
    """The kinds of replication that can be asked for."""

    typical = "typical"
    earliest = "earliest"
    latest = "latest"
    no_contact = "no-contact"


class NothingToChoose(ValueError):  # noqa: N818 - no error of the program: the pool has none of the kind
    """The pool holds no replication of the kind asked for."""


@dataclass(frozen=True)
class Representative:
    """A replication and what it was chosen from.

    choice       the kind
    column       whose first contact decided: ``any``, ``line:NAME`` …
    replication  the one chosen
    pool         replications 0 to pool - 1 were looked at
    contacts     those of the pool with a contact in the column
    second       of its first contact, since clock.start; None where it has none
    median       the pool's median, the order statistic ⌈pool/2⌉ with censored times last; None where not reached
    """

    choice: Choice
    column: str
    replication: int
    pool: int
    contacts: int
    second: int | None
    median: int | None


def representative(times: NDArray[np.int64], choice: Choice, column: str) -> Representative:
    """Choose by first-contact times in seconds, shape (pool,), NEVER where censored; row r is replication r.

    Ties go to the lowest number. `typical` is the replication at the median; where fewer than half have contact, that
    is one without. Raises NothingToChoose where there is none of the kind.
    """
    reached = times != NEVER
    contacts, pool = int(reached.sum()), len(times)
    ordered = np.where(reached, times, np.iinfo(np.int64).max)
    middle = int(np.sort(ordered)[(pool + 1) // 2 - 1]) if pool else 0
    median = middle if contacts >= (pool + 1) // 2 and pool else None
    if choice in (Choice.earliest, Choice.latest) and contacts == 0:
        raise NothingToChoose(f"none of {pool} replications has a contact ({column}): none is {choice}")
    if choice is Choice.no_contact and contacts == pool:
        raise NothingToChoose(f"each of {pool} replications has a contact ({column}): there is none without")
    if choice is Choice.earliest:
        place = int(np.argmin(ordered))
    elif choice is Choice.latest:
        place = int(np.argmax(times))
    elif choice is Choice.typical and median is not None:
        place = int(np.flatnonzero(times == median)[0])
    else:
        place = int(np.flatnonzero(~reached)[0])
    second = int(times[place]) if reached[place] else None
    return Representative(choice, column, place, pool, contacts, second, median)
