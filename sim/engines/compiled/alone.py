"""A line that no other line bears on, laid out for the lockstep kernel.

Its numbers are `q` (whole) and `f` (real). `q` begins with the places named here; lists follow, and the places say
where. A calendar is four numbers: how many windows, and where in `f` their starts, their ends and the open seconds
before each begin. A law is four numbers: family, slot, and where in `f` its table begins and ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from sim.engines.compiled import rows
from sim.engines.compiled.paths import World
from sim.rules.draws import stream_of
from sim.rules.quantiles import FIXED
from sim.scenario.program import NONE, Decay, Floats, Ints, Program, Start

HORIZON, BLOCK, STREAM, DERIVED = 0, 1, 2, 3
STARTS, START_SECOND, START_COUNT, START_CODE = 4, 5, 6, 7
"""How the first request begins; the code is that of an event in the path."""
AT, AFTER_EVENT, ON_EVENT, NEVER = 0, 1, 2, 3
ANSWER, GIVE_UP, ATTEMPTS, UNTIL_HORIZON = 8, 9, 10, 11
REASONS, FIRST_REASON, SHARES = 12, 13, 14
"""How many reasons; where in `q` their indices and in `f` their cumulative shares begin."""
WAIT, EVERY, DELAY, CALL = 15, 19, 23, 27
MAY_ATTEMPT, ON_DUTY, MAY_CONTACT = 31, 35, 39
TERMS, FIRST_TERM, MOVING, TERM_OF, STATE_SLOT = 43, 44, 45, 46, 47
"""How many terms of the log-odds and where they begin; how many of them move from attempt to attempt; where the term
of each code of the path begins, and the slot of each state."""
UNANSWERED_TERM, CONTACT_TERM = 48, 49
HEADER = 50

KIND, FACTOR, WINDOW, ROW, CODE, TERM_WIDTH = 0, 1, 2, 3, 4, 5
"""A term: its kind, slots, the row of lanes that it moves in (NONE where it is part of the base), its event's code."""
REGIME, PERMANENT, LASTS, FADES, OWN_PERMANENT, OWN_FADES, CAUSED_PERMANENT, CAUSED_FADES = range(8)
"""The last two are effects of lines in `joint`, which keeps what they have come to: their code is 2 · line + cause."""


def can_run_alone(program: Program, line: int) -> bool:
    """Whether the lockstep kernel knows all that the line does, as far as no other line bears on it."""
    return lanes_know(program, effects_of(program, line) & set(program.line.effects[line]))


def effects_of(program: Program, line: int) -> set[int]:
    """The effects of its unanswered attempts and of its contacts, if they can move anything."""
    both = {int(program.line.on_unanswered[line]), int(program.line.on_contact[line])} - {NONE}
    return {effect for effect in both if matters(program, effect)}


def lanes_know(program: Program, effects: Iterable[int]) -> bool:
    """Whether effects of lines are such as lanes know: they last or fade, and close nothing."""
    decay, log_factor = program.effects.decay, program.effects.log_factor
    return all(decay[one] != Decay.LASTS and program.values[log_factor[one]] != -np.inf for one in effects)


class Alone:
    """The layout of one line: `q` and `f`, and how many rows of lanes its terms need."""

    def __init__(
        self,
        program: Program,
        world: World,
        line: int,
        causes: Mapping[int, tuple[int, int]] = MappingProxyType({}),
    ) -> None:
        """`causes`: of effects that lines in `joint` have on it, which line and which of its causes."""
        self._causes = causes
        self._numbers: list[int] = [0] * HEADER
        self._reals: list[float] = []
        self._program = program
        self._scalars(line)
        self._start(world, line)
        self._laws(line)
        self._calendars(line)
        self._terms(world, line)
        self.q: Ints = np.array(self._numbers, dtype=np.int64)
        self.f: Floats = np.array(self._reals or [0.0], dtype=np.float64)
        self.begins_alike = bool(world.fixed and not program.derived and self.q[WAIT] in (NONE, FIXED))
        """Whether nothing that is drawn comes before the first attempt: no path, no number, no wait."""

    def _scalars(self, line: int) -> None:
        program, n = self._program, self._numbers
        lines = program.line
        n[HORIZON], n[BLOCK] = program.horizon, program.block
        n[STREAM] = stream_of("line", program.lines[line])
        slots = {int(program.distributions.slot[law[line]]) for law in (lines.delay, lines.call)}
        n[DERIVED] = int(any(item.slot in slots for item in program.derived))
        n[ANSWER], n[GIVE_UP], n[ATTEMPTS] = (int(a[line]) for a in (lines.answer, lines.give_up, lines.attempts))
        n[UNTIL_HORIZON] = int(lines.until_horizon[line])
        n[REASONS] = len(lines.reasons[line])
        n[FIRST_REASON] = self._list(lines.reasons[line])
        n[SHARES] = self._real_list(lines.shares[line])

    def _start(self, world: World, line: int) -> None:
        n, lines = self._numbers, self._program.line
        how = {Start.AT: AT, Start.AFTER_EVENT: AFTER_EVENT, Start.ON_EVENT: ON_EVENT}
        n[STARTS] = how.get(Start(lines.start[line]), NEVER)
        n[START_SECOND], n[START_COUNT] = int(lines.start_second[line]), int(lines.start_count[line])
        event = int(lines.start_event[line])
        n[START_CODE] = world.code_of_event(event) if n[STARTS] in (AFTER_EVENT, ON_EVENT) else NONE

    def _laws(self, line: int) -> None:
        lines, laws = self._program.line, self._program.distributions
        for place, law in ((WAIT, lines.wait), (EVERY, lines.every), (DELAY, lines.delay), (CALL, lines.call)):
            at = int(law[line])
            if at == NONE:
                self._numbers[place] = NONE
                continue
            first = self._real_list(laws.tables[at])
            self._numbers[place : place + 4] = (
                int(laws.family[at]),
                int(laws.slot[at]),
                first,
                first + len(laws.tables[at]),
            )

    def _calendars(self, line: int) -> None:
        lines = self._program.line
        for place, which in (
            (MAY_ATTEMPT, lines.may_attempt),
            (ON_DUTY, lines.on_duty),
            (MAY_CONTACT, lines.may_contact),
        ):
            windows = self._program.calendars[which[line]]
            open_before = np.concatenate(([0], np.cumsum(windows.ends - windows.starts)))
            self._numbers[place : place + 4] = (
                len(windows.starts),
                self._real_list(windows.starts),
                self._real_list(windows.ends),
                self._real_list(open_before),
            )

    def _terms(self, world: World, line: int) -> None:
        """The terms of the log-odds in the order in which they are added. Those before the first moving one are
        added up to a base, which changes with the path alone."""
        program, n = self._program, self._numbers
        lines, effects = program.line, program.effects
        own = {int(lines.on_unanswered[line]): UNANSWERED_TERM, int(lines.on_contact[line]): CONTACT_TERM}
        term_of = [NONE] * world.codes
        terms: list[tuple[int, ...]] = []
        n[UNANSWERED_TERM] = n[CONTACT_TERM] = NONE
        moving = 0
        for regime in lines.regimes[line]:
            if world.has_regime(regime):
                for code in world.codes_of_regime(regime):
                    term_of[code] = len(terms)
                terms.append((REGIME, NONE, NONE, NONE, NONE))
        for effect in lines.effects[line]:
            if not matters(program, effect):
                continue
            decay, factor, window = (int(a[effect]) for a in (effects.decay, effects.log_factor, effects.window))
            code = NONE
            if effect in self._causes:
                at, cause = self._causes[effect]
                kind = CAUSED_FADES if decay == Decay.HALF_LIFE else CAUSED_PERMANENT
                terms.append((kind, factor, window, NONE, 2 * at + cause))
                moving += 1
                continue
            if effect in own:
                kind = OWN_FADES if decay == Decay.HALF_LIFE else OWN_PERMANENT
                n[own[effect]] = len(terms)
            else:
                found = world.code_of_effect(effect)
                if found == NONE:
                    continue
                code, kind = found, (PERMANENT, LASTS, FADES)[decay]
                term_of[code] = len(terms)
            row = NONE
            if moving or kind in (FADES, OWN_PERMANENT, OWN_FADES):
                row = rows.MOVING + moving * rows.MOVING_ROWS
                moving += 1
            terms.append((kind, factor, window, row, code))
        n[TERMS], n[MOVING] = len(terms), moving
        n[FIRST_TERM] = self._list([number for term in terms for number in term])
        n[TERM_OF] = self._list(term_of)
        n[STATE_SLOT] = self._list(world.state_slots)

    def _list(self, items: Iterable[int]) -> int:
        first = len(self._numbers)
        self._numbers.extend(int(item) for item in items)
        return first

    def _real_list(self, items: Sequence[float] | Any) -> int:
        first = len(self._reals)
        self._reals.extend(float(item) for item in items)
        return first


def matters(program: Program, effect: int) -> bool:
    """Whether an effect can move anything: an odds factor known to be 1 adds 0 to the log-odds."""
    return bool(program.values[program.effects.log_factor[effect]] != 0.0)
