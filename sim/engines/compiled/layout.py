"""The program as two flat arrays: `k`, whole numbers, and `f`, reals. `fixed` names the places.

What a log entry looks up about a line stands together, in one record, so that it lies in one or two lines of the
processor's cache and needs no second look-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from sim.engines.compiled import fixed, moving
from sim.engines.contract import REQUEST_ENDS
from sim.rules.random import stream_of
from sim.scenario.program import NONE, Floats, Ints, Program, Start, Windows

MOST_OF_A_KIND = 1 << 20
"""Lines, regimes or events of a program; their order is that many bits of a key in the agenda."""


class Layout:
    """The flat program."""

    def __init__(self, program: Program, bins: int) -> None:
        if max(len(program.lines), len(program.regimes.names), len(program.events.names)) > MOST_OF_A_KIND:
            raise ValueError(f"more than {MOST_OF_A_KIND} lines, regimes or events")
        lines = len(program.lines)
        self._numbers: list[int] = [0] * (fixed.LINE_RECORDS + fixed.LINE_WIDTH * lines)
        self._reals: list[float] = []
        self._scalars(program, bins)
        self._leaves(program)
        calendars = [self._calendar(windows, program.horizon) for windows in program.calendars]
        self._laws = self._records_of_laws(program)
        self._places_in_the_state(program)
        self._regimes(program)
        self._events(program)
        self._effects(program)
        for line in range(lines):
            self._line(program, line, calendars)
        self._lists_by_line(program)
        self.k: Ints = np.array(self._numbers, dtype=np.int64)
        self.f: Floats = np.array(self._reals, dtype=np.float64)

    # Numbers and lists -----------------------------------------------------------------------------------------------

    def _add(self, items: Iterable[Any]) -> int:
        """Whole numbers at the end of `k`; where they begin."""
        place = len(self._numbers)
        self._numbers.extend(int(item) for item in items)
        return place

    def _add_reals(self, items: Iterable[Any]) -> int:
        place = len(self._reals)
        self._reals.extend(float(item) for item in items)
        return place

    def _list(self, place: int, items: Iterable[Any]) -> None:
        """A list at the end of `k`; `place` is where its beginning and end are noted."""
        self._numbers[place] = self._add(items)
        self._numbers[place + 1] = len(self._numbers)

    def _records(self, place: int, count: int, width: int) -> int:
        """Room for records; `place` is where their beginning is noted."""
        self._numbers[place] = self._add([0] * (count * width))
        return self._numbers[place]

    def _law(self, index: int) -> int:
        """The place of a law's record, NONE for none."""
        return NONE if index == NONE else self._laws + fixed.LAW_WIDTH * int(index)

    # The header ------------------------------------------------------------------------------------------------------

    def _scalars(self, program: Program, bins: int) -> None:
        k = self._numbers
        k[fixed.HORIZON] = program.horizon
        k[fixed.LINES] = len(program.lines)
        k[fixed.REGIMES] = len(program.regimes.names)
        k[fixed.EVENTS] = len(program.events.names)
        k[fixed.EFFECTS] = len(program.effects.decay)
        k[fixed.OFFICIALS] = len(program.officials)
        k[fixed.REASONS] = len(program.reasons)
        k[fixed.BINS] = bins
        k[fixed.BLOCK] = program.block
        k[fixed.DEPTH] = moving.DEPTH

    def _leaves(self, program: Program) -> None:
        """A leaf of the agenda for each thing that can be due while others are. A line's attempt and contact share
        one, because it makes no attempt while a contact pends. Last come those for what only a history tells."""
        k, line = self._numbers, program.line
        k[fixed.LEAF_SWITCH] = len(program.lines)
        k[fixed.LEAF_EVENT] = k[fixed.LEAF_SWITCH] + len(program.regimes.names)
        leaves = k[fixed.LEAF_EVENT] + len(program.events.names)
        for field, those in (
            (fixed.LEAF_GIVING_UP, line.give_up != NONE),
            (fixed.LEAF_OPENING, line.start == Start.ON_GAVE_UP),
        ):
            for at, needs in enumerate(those.tolist()):
                k[_line_at(at) + field] = leaves if needs else NONE
                leaves += needs
        k[fixed.LEAVES] = _power_of_two(leaves)
        for field in (fixed.LEAF_BEGIN, fixed.LEAF_CALL_END):
            for at in range(len(program.lines)):
                k[_line_at(at) + field] = leaves
                leaves += 1
        k[fixed.LEAVES_TOLD] = _power_of_two(leaves)

    def _places_in_the_state(self, program: Program) -> None:
        """Where the tables of `s` and `x` begin."""
        k = self._numbers
        lines, regimes, effects = (k[n] for n in (fixed.LINES, fixed.REGIMES, fixed.EFFECTS))
        k[fixed.S_OFFICIALS] = moving.LINE_RECORDS + moving.LINE_WIDTH * lines
        k[fixed.S_REGIMES] = k[fixed.S_OFFICIALS] + k[fixed.OFFICIALS]
        k[fixed.S_OCCURRENCES] = k[fixed.S_REGIMES] + moving.REGIME_WIDTH * regimes
        k[fixed.S_DATES] = k[fixed.S_OCCURRENCES] + k[fixed.EVENTS]
        k[fixed.S_EFFECTS] = k[fixed.S_DATES] + sum(len(dates) for dates in program.events.at)
        k[fixed.S_LIVE] = k[fixed.S_EFFECTS] + moving.EFFECT_WIDTH * effects
        k[fixed.S_WAITING] = 2 * k[fixed.S_LIVE]
        k[fixed.S_INTERVALS] = k[fixed.S_WAITING] + moving.WAITING
        k[fixed.X_VALUES] = moving.BOUNDS_WIDTH * lines
        k[fixed.X_LIVE] = k[fixed.X_VALUES] + moving.VALUE_WIDTH * effects
        k[fixed.X_DRAWS] = 2 * k[fixed.X_LIVE]

    # What the scenario has -------------------------------------------------------------------------------------------

    def _calendar(self, windows: Windows, horizon: int) -> int:
        """The place of a calendar, 0 for one that is always open."""
        starts, ends = windows.starts.tolist(), windows.ends.tolist()
        if starts == [0] and ends == [horizon]:
            return 0
        shift = max(0, (horizon // (4 * len(starts) + 1)).bit_length() - 1)
        firsts = np.searchsorted(windows.ends, np.arange(0, horizon + 1, 1 << shift), side="right")
        place = self._add([len(starts), shift, 0, 0, *firsts.tolist()])
        self._numbers[place + fixed.WINDOW_STARTS] = self._add([*starts, horizon])
        self._numbers[place + fixed.WINDOW_ENDS] = self._add([*ends, 2 * horizon])
        return place

    def _records_of_laws(self, program: Program) -> int:
        laws = program.distributions
        place = len(self._numbers)
        for family, slot, table in zip(laws.family.tolist(), laws.slot.tolist(), laws.tables, strict=True):
            first = self._add_reals(table)
            self._add([family, slot, first, first + len(table)])
        return place

    def _regimes(self, program: Program) -> None:
        k, regimes = self._numbers, program.regimes
        first = self._records(fixed.REGIME_RECORDS, len(regimes.names), fixed.REGIME_WIDTH)
        affected = _inverse(program.line.regimes, len(regimes.names))
        for at, name in enumerate(regimes.names):
            record = first + at * fixed.REGIME_WIDTH
            k[record + fixed.STATES] = len(regimes.states[at])
            k[record + fixed.SOJOURN] = self._add(self._law(law) for law in regimes.sojourn[at])
            k[record + fixed.LOG_FACTOR] = self._add(regimes.log_factor[at])
            k[record + fixed.INITIALLY] = self._add_reals(regimes.initially[at])
            k[record + fixed.REGIME_STREAM] = stream_of("regime", name)
            self._list(record + fixed.REGIME_AFFECTS, affected[at])

    def _events(self, program: Program) -> None:
        k, events, line = self._numbers, program.events, program.line
        size = len(events.names)
        first = self._records(fixed.EVENT_RECORDS, size, fixed.EVENT_WIDTH)
        opens = line.waiting_for_event(Start.ON_EVENT, size)
        starts = line.waiting_for_event(Start.AFTER_EVENT, size)
        dates_now = k[fixed.S_DATES]
        for at, name in enumerate(events.names):
            record, dates = first + at * fixed.EVENT_WIDTH, events.at[at]
            k[record + fixed.DATE_COUNT] = len(dates)
            k[record + fixed.DATES] = self._add(second for second, _ in dates)
            k[record + fixed.PLUS] = self._add(self._law(law) for _, law in dates)
            k[record + fixed.DATES_NOW] = dates_now
            k[record + fixed.EVENT_EVERY] = self._law(int(events.every[at]))
            k[record + fixed.EVENT_STARTS] = int(events.starts[at])
            k[record + fixed.EVENT_EFFECT] = int(events.effect[at])
            k[record + fixed.EVENT_STREAM] = stream_of("event", name)
            self._list(record + fixed.SWITCHES, (item for pair in events.switches[at] for item in pair))
            self._list(record + fixed.EVENT_OPENS, opens[at])
            self._list(record + fixed.EVENT_STARTS_LINES, starts[at])
            dates_now += len(dates)

    def _effects(self, program: Program) -> None:
        k, effects = self._numbers, program.effects
        first = self._records(fixed.EFFECT_RECORDS, len(effects.decay), fixed.EFFECT_WIDTH)
        affected = _inverse(program.line.effects, len(effects.decay))
        for at in range(len(effects.decay)):
            record = first + at * fixed.EFFECT_WIDTH
            k[record + fixed.DECAY] = int(effects.decay[at])
            k[record + fixed.EFFECT_FACTOR] = int(effects.log_factor[at])
            k[record + fixed.EFFECT_WINDOW] = int(effects.window[at])
            self._list(record + fixed.AFFECTS, affected[at])

    def _line(self, program: Program, at: int, calendars: Sequence[int]) -> None:
        line, lines, reasons, bins = program.line, len(program.lines), len(program.reasons), self._numbers[fixed.BINS]
        unanswered = moving.COUNT_HEADER + lines
        requests = unanswered + lines * reasons
        taken = requests + lines * len(REQUEST_ENDS)
        fields = {
            fixed.CALLER: line.caller[at],
            fixed.CALLEE: line.callee[at],
            fixed.MAY_ATTEMPT: calendars[line.may_attempt[at]],
            fixed.ON_DUTY: calendars[line.on_duty[at]],
            fixed.MAY_CONTACT: calendars[line.may_contact[at]],
            fixed.EVERY: self._law(line.every[at]),
            fixed.DELAY: self._law(line.delay[at]),
            fixed.CALL: self._law(line.call[at]),
            fixed.WAIT: self._law(line.wait[at]),
            fixed.ON_UNANSWERED: line.on_unanswered[at],
            fixed.ON_CONTACT: line.on_contact[at],
            fixed.ATTEMPTS: line.attempts[at],
            fixed.STREAM: stream_of("line", program.lines[at]),
            fixed.ANSWER: line.answer[at],
            fixed.GIVE_UP: line.give_up[at],
            fixed.TRIGGERED: program.triggered[at],
            fixed.UNTIL_HORIZON: line.until_horizon[at],
            fixed.START: line.start[at],
            fixed.START_SECOND: line.start_second[at],
            fixed.START_COUNT: line.start_count[at],
            fixed.REASON: self._add(line.reasons[at]),
            fixed.REASON_COUNT: len(line.reasons[at]),
            fixed.SHARES: self._add_reals(line.shares[at]),
            fixed.C_ANSWERED: moving.COUNT_HEADER + at,
            fixed.C_UNANSWERED: unanswered + at * reasons,
            fixed.C_REQUESTS: requests + at * len(REQUEST_ENDS),
            fixed.C_TAKEN: taken + at * bins,
            fixed.C_RESPONSE: taken + (lines + at) * bins,
        }
        for field, number in fields.items():
            self._numbers[_line_at(at) + field] = int(number)

    def _lists_by_line(self, program: Program) -> None:
        line = program.line
        lists: dict[int, Sequence[Sequence[int]]] = {
            fixed.LINE_REGIMES: line.regimes,
            fixed.LINE_EFFECTS: line.effects,
            fixed.OPENS: line.waiting_for_line(Start.ON_GAVE_UP),
            fixed.AFTER_CONTACT: line.waiting_for_line(Start.AFTER_CONTACT),
            fixed.AFTER_UNANSWERED: line.waiting_for_line(Start.AFTER_UNANSWERED),
            fixed.AFTER_GIVING_UP: line.waiting_for_line(Start.AFTER_GAVE_UP),
            fixed.SUPERSEDES: line.superseded(),
        }
        for field, by_line in lists.items():
            for at, items in enumerate(by_line):
                self._list(_line_at(at) + field, items)


def _line_at(line: int) -> int:
    return fixed.LINE_RECORDS + fixed.LINE_WIDTH * line


def _power_of_two(least: int) -> int:
    return 1 << max(0, least - 1).bit_length()


def _inverse(by_line: Sequence[Sequence[int]], size: int) -> list[list[int]]:
    """By regime or effect, the lines that it bears on."""
    lines: list[list[int]] = [[] for _ in range(size)]
    for line, those in enumerate(by_line):
        for at in those:
            lines[at].append(line)
    return lines
