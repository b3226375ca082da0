"""The program as two flat arrays, `k` of whole numbers and `f` of reals, for the particle filter.

The array of whole numbers begins with a header, which says where each table begins: entry i of table T is
``k[k[T] + i]``. A list for each of several things is a table of bounds, each list from one bound to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.calibration import fixed
from sim.rules.random import stream_of
from sim.scenario.program import Floats, Ints, Program, Start


class Layout:
    """The flat program: `k`, whole numbers with their header; `f`, reals."""

    def __init__(self, program: Program) -> None:
        self._numbers: list[int] = [0] * fixed.END
        self._reals: list[float] = []
        self._scalars(program)
        self._calendars(program)
        self._laws(program)
        self._regimes(program)
        self._events(program)
        self._effects(program)
        self._lines(program)
        self.k: Ints = np.array(self._numbers, dtype=np.int64)
        self.f: Floats = np.array(self._reals, dtype=np.float64)

    def _table(self, place: int, items: Iterable[Any]) -> None:
        """A table of whole numbers."""
        self._numbers[place] = len(self._numbers)
        self._numbers.extend(int(item) for item in items)

    def _lists(self, place: int, lists: Sequence[Sequence[int]]) -> None:
        """A list for each of several things; the bounds are places in the whole array."""
        items = len(self._numbers) + len(lists) + 1
        self._table(place, _bounds(lists, items))
        for one in lists:
            self._numbers.extend(int(item) for item in one)

    def _real_lists(self, place: int, lists: Sequence[Sequence[float] | NDArray[np.float64]]) -> None:
        """A list of reals for each of several things; the bounds are places among the reals."""
        self._table(place, _bounds(lists, len(self._reals)))
        for one in lists:
            self._reals.extend(float(item) for item in one)

    def _scalars(self, program: Program) -> None:
        self._numbers[fixed.HORIZON] = program.horizon
        self._numbers[fixed.LINES] = len(program.lines)
        self._numbers[fixed.REGIMES] = len(program.regimes.names)
        self._numbers[fixed.EVENTS] = len(program.events.names)
        self._numbers[fixed.EFFECTS] = len(program.effects.decay)
        self._numbers[fixed.OFFICIALS] = len(program.officials)

    def _calendars(self, program: Program) -> None:
        windows = program.calendars
        self._table(fixed.CALENDARS, _bounds([w.starts for w in windows], 0))
        self._table(fixed.WINDOWS, (start for w in windows for start in w.starts))
        self._table(fixed.WINDOW_ENDS, (end for w in windows for end in w.ends))

    def _laws(self, program: Program) -> None:
        laws = program.distributions
        self._table(fixed.FAMILY, laws.family)
        self._table(fixed.SLOT, laws.slot)
        self._real_lists(fixed.TABLES, laws.tables)

    def _regimes(self, program: Program) -> None:
        regimes = program.regimes
        self._table(fixed.STATES, _bounds(regimes.states, 0))
        self._table(fixed.SOJOURN, (law for laws in regimes.sojourn for law in laws))
        self._table(fixed.LOG_FACTOR, (slot for slots in regimes.log_factor for slot in slots))
        self._real_lists(fixed.INITIALLY, regimes.initially)
        self._table(fixed.REGIME_STREAM, (stream_of("regime", name) for name in regimes.names))

    def _events(self, program: Program) -> None:
        events, line = program.events, program.line
        size = len(events.names)
        self._table(fixed.DATES, _bounds(events.at, 0))
        self._table(fixed.DATE, (second for dates in events.at for second, _ in dates))
        self._table(fixed.PLUS, (law for dates in events.at for _, law in dates))
        self._table(fixed.EVENT_EVERY, events.every)
        self._table(fixed.EVENT_STARTS, events.starts)
        self._table(fixed.EVENT_EFFECT, events.effect)
        self._table(fixed.SWITCHES, _bounds(events.switches, 0))
        self._table(fixed.SWITCH_REGIME, (regime for pairs in events.switches for regime, _ in pairs))
        self._table(fixed.SWITCH_STATE, (state for pairs in events.switches for _, state in pairs))
        self._lists(fixed.EVENT_OPENS, line.waiting_for_event(Start.ON_EVENT, size))
        self._lists(fixed.EVENT_STARTS_LINES, line.waiting_for_event(Start.AFTER_EVENT, size))
        self._table(fixed.EVENT_STREAM, (stream_of("event", name) for name in events.names))

    def _effects(self, program: Program) -> None:
        self._table(fixed.DECAY, program.effects.decay)
        self._table(fixed.EFFECT_FACTOR, program.effects.log_factor)
        self._table(fixed.EFFECT_WINDOW, program.effects.window)

    def _lines(self, program: Program) -> None:
        line = program.line
        tables: dict[int, Iterable[Any]] = {
            fixed.CALLER: line.caller,
            fixed.CALLEE: line.callee,
            fixed.MAY_ATTEMPT: line.may_attempt,
            fixed.ON_DUTY: line.on_duty,
            fixed.MAY_CONTACT: line.may_contact,
            fixed.START: line.start,
            fixed.START_SECOND: line.start_second,
            fixed.START_COUNT: line.start_count,
            fixed.WAIT: line.wait,
            fixed.EVERY: line.every,
            fixed.DELAY: line.delay,
            fixed.CALL: line.call,
            fixed.ANSWER: line.answer,
            fixed.GIVE_UP: line.give_up,
            fixed.ATTEMPTS: line.attempts,
            fixed.UNTIL_HORIZON: line.until_horizon,
            fixed.ON_UNANSWERED: line.on_unanswered,
            fixed.ON_CONTACT: line.on_contact,
            fixed.LINE_STREAM: [stream_of("line", name) for name in program.lines],
        }
        for place, items in tables.items():
            self._table(place, items)
        self._lists(fixed.LINE_REGIMES, line.regimes)
        self._lists(fixed.LINE_EFFECTS, line.effects)
        self._lists(fixed.OPENS, line.waiting_for_line(Start.ON_GAVE_UP))
        self._lists(fixed.STARTS_AFTER_CONTACT, line.waiting_for_line(Start.AFTER_CONTACT))
        self._lists(fixed.STARTS_AFTER_UNANSWERED, line.waiting_for_line(Start.AFTER_UNANSWERED))
        self._lists(fixed.STARTS_AFTER_GIVING_UP, line.waiting_for_line(Start.AFTER_GAVE_UP))
        self._lists(fixed.SUPERSEDES, line.superseded())


def _bounds(lists: Sequence[Sequence[Any] | NDArray[Any]], first: int) -> list[int]:
    bounds = [first]
    for one in lists:
        bounds.append(bounds[-1] + len(one))
    return bounds
