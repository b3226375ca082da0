"""What happens whatever the lines do: regimes and events, which depend on nothing, as one path a replication.

A path is a list of (second, code) in the order of the agenda. A code below the number of states says that a regime
enters that state (the first ones at second −1: before anything else); any other is an event that occurs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.engines.compiled.jit import inlined, kernel
from sim.engines.compiled.lanes import pair_of
from sim.engines.compiled.pointers import ahead, pointer, view
from sim.rules import quantiles
from sim.rules.answer import reason_of
from sim.rules.clock import after, whole_seconds
from sim.rules.draws import stream_of
from sim.rules.quantiles import quantile
from sim.scenario.program import NONE, Floats, Ints, Program

_HORIZON, _BLOCK, _REGIMES, _EVENTS = 0, 1, 2, 3
_STATES, _INITIALLY, _REGIME_STREAM, _SOJOURN = 4, 5, 6, 7
"""By regime: its first code (one more entry than regimes), where its chances begin in `f`, its stream. By state: a
law."""
_EVENT_STREAM, _EVERY, _EVENT_STARTS, _DATES, _DATE, _PLUS = 8, 9, 10, 11, 12, 13
_SWITCHES, _SWITCH_REGIME, _SWITCH_STATE = 14, 15, 16
_FAMILY, _SLOT, _TABLES = 17, 18, 19
_HEADER = 20

_INTERVAL, _WAIT = 0, 2
"""Pairs of purposes."""


class World:
    """The regimes and events that bear on some lines, laid out for `follow`.

    `codes`: how many there are. `fixed`: whether every replication has the same path.
    """

    def __init__(self, program: Program, lines: Sequence[int]) -> None:
        self._program = program
        slots = program.regimes.log_factor
        felt = {regime for line in lines for regime in program.line.regimes[line]}
        self._regimes = [r for r in sorted(felt) if any(program.values[slot] != 0.0 for slot in slots[r])]
        self._events = self._chosen_events(lines)
        self._first_code = np.concatenate(([0], np.cumsum([len(slots[r]) for r in self._regimes]))).astype(int).tolist()
        self.state_slots = [slot for regime in self._regimes for slot in slots[regime]]
        self.codes = len(self.state_slots) + len(self._events)
        self._numbers: list[int] = [0] * _HEADER
        self._reals: list[float] = []
        self._lay_out()
        self.q: Ints = np.array(self._numbers, dtype=np.int64)
        self.f: Floats = np.array(self._reals or [0.0], dtype=np.float64)
        self.fixed = self._is_fixed()

    def has_regime(self, regime: int) -> bool:
        """Whether the regime is on the path: one whose states all have an odds factor of 1 is not."""
        return regime in self._regimes

    def codes_of_regime(self, regime: int) -> range:
        """The codes of its states."""
        at = self._regimes.index(regime)
        return range(self._first_code[at], self._first_code[at + 1])

    def code_of_event(self, event: int) -> int:
        """The code of an event that is on the path."""
        return len(self.state_slots) + self._events.index(event)

    def code_of_effect(self, effect: int) -> int:
        """The code of the event that has this effect; NONE if there is none."""
        for event in self._events:
            if int(self._program.events.effect[event]) == effect:
                return self.code_of_event(event)
        return NONE

    def _chosen_events(self, lines: Sequence[int]) -> list[int]:
        program, line = self._program, self._program.line
        moved = {e for at in lines for e in line.effects[at] if program.values[program.effects.log_factor[e]] != 0.0}
        awaited = {int(line.start_event[at]) for at in lines}
        return [
            event
            for event in range(len(program.events.names))
            if event in awaited
            or int(program.events.effect[event]) in moved
            or any(regime in self._regimes for regime, _ in program.events.switches[event])
        ]

    def _table(self, place: int, items: Sequence[int]) -> None:
        self._numbers[place] = len(self._numbers)
        self._numbers.extend(int(item) for item in items)

    def _lay_out(self) -> None:
        program, regimes, events = self._program, self._program.regimes, self._program.events
        n = self._numbers
        n[_HORIZON], n[_BLOCK], n[_REGIMES], n[_EVENTS] = (
            program.horizon,
            program.block,
            len(self._regimes),
            len(self._events),
        )
        self._table(_STATES, self._first_code)
        chances = []
        for regime in self._regimes:
            chances.append(len(self._reals))
            self._reals.extend(regimes.initially[regime])
        self._table(_INITIALLY, chances)
        self._table(_REGIME_STREAM, [stream_of("regime", regimes.names[r]) for r in self._regimes])
        self._table(_SOJOURN, [law for r in self._regimes for law in regimes.sojourn[r]])
        self._table(_EVENT_STREAM, [stream_of("event", events.names[e]) for e in self._events])
        self._table(_EVERY, [int(events.every[e]) for e in self._events])
        self._table(_EVENT_STARTS, [int(events.starts[e]) for e in self._events])
        self._table(_DATES, _bounds([events.at[e] for e in self._events]))
        self._table(_DATE, [second for e in self._events for second, _ in events.at[e]])
        self._table(_PLUS, [law for e in self._events for _, law in events.at[e]])
        switches = [
            [(self._regimes.index(r), state) for r, state in events.switches[e] if r in self._regimes]
            for e in self._events
        ]
        self._table(_SWITCHES, _bounds(switches))
        self._table(_SWITCH_REGIME, [regime for pairs in switches for regime, _ in pairs])
        self._table(_SWITCH_STATE, [state for pairs in switches for _, state in pairs])
        self._laws()

    def _laws(self) -> None:
        laws = self._program.distributions
        self._table(_FAMILY, laws.family.tolist())
        self._table(_SLOT, laws.slot.tolist())
        used = {law for law in self._laws_used() if law != NONE}
        first = len(self._reals)
        bounds = [first]
        for law, table in enumerate(laws.tables):
            self._reals.extend(table.tolist() if law in used else ())
            bounds.append(len(self._reals))
        self._table(_TABLES, bounds)

    def _laws_used(self) -> list[int]:
        events = self._program.events
        return [
            *(law for r in self._regimes for law in self._program.regimes.sojourn[r]),
            *(int(events.every[e]) for e in self._events),
            *(law for e in self._events for _, law in events.at[e]),
        ]

    def _is_fixed(self) -> bool:
        program, laws = self._program, self._program.distributions
        known = all(
            law == NONE or (laws.family[law] == quantiles.FIXED and np.isfinite(program.values[laws.slot[law]]))
            for law in self._laws_used()
        )
        return known and all(set(program.regimes.initially[r]) <= {0.0, 1.0} for r in self._regimes)

    def room(self) -> Ints:
        """What `follow` works in."""
        regimes, events = len(self._regimes), len(self._events)
        return np.zeros(3 * regimes + 2 * events + int(self.q[self.q[_DATES] + events]) + 1, dtype=np.int64)


def _bounds(lists: Sequence[Sequence[object]]) -> list[int]:
    return np.concatenate(([0], np.cumsum([len(one) for one in lists]))).astype(int).tolist()


class _Walk(NamedTuple):
    """A replication on its way, on pointers (see `pointers`).

    q, f: the world; v: the numbers of the replication's block; when, what: the paths, with room for so many entries; s:
    see `_places`.
    """

    q: Ints
    f: Floats
    v: Floats
    s: Ints
    when: Floats
    what: Ints
    room: int
    seed: int
    replication: int


@inlined
def _of(q: Ints, table: int, i: int) -> int:
    return q[q[table] + i]


@inlined
def _places(q: Ints) -> tuple[int, int, int]:
    """Where the parts of `s` begin, after the second at which each source (regime or event) moves next: the regimes'
    states, how many draws each source has made, the events' dates."""
    regimes, sources = q[_REGIMES], q[_REGIMES] + q[_EVENTS]
    return sources, sources + regimes, 2 * sources + regimes


@inlined
def _seconds(m: _Walk, law: int, u: float, least: int) -> int:
    at, first = _of(m.q, _SLOT, law), _of(m.q, _TABLES, law)
    table = view(m.f, first, _of(m.q, _TABLES, law + 1) - first)
    duration = quantile(_of(m.q, _FAMILY, law), m.v[at], m.v[at + 1], m.v[at + 2], table, u)
    return whole_seconds(duration, least, m.q[_HORIZON])


@inlined
def _set_dates(m: _Walk, event: int) -> None:
    """The event's dates in this replication, in rising order."""
    _, _, dates = _places(m.q)
    first = _of(m.q, _DATES, event)
    for date in range(first, _of(m.q, _DATES, event + 1)):
        second = _of(m.q, _DATE, date)
        plus = _of(m.q, _PLUS, date)
        if plus != NONE:
            u, _ = pair_of(date - first, m.replication, _of(m.q, _EVENT_STREAM, event), _WAIT, m.seed)
            second = after(second, _seconds(m, plus, u, 0), m.q[_HORIZON])
        place = date
        while place > first and m.s[dates + place - 1] > second:
            m.s[dates + place] = m.s[dates + place - 1]
            place -= 1
        m.s[dates + place] = second


@inlined
def _begin(m: _Walk) -> None:
    """No draws so far, and the events' dates."""
    _, draws, _ = _places(m.q)
    for source in range(m.q[_REGIMES] + m.q[_EVENTS]):
        m.s[draws + source] = 0
    for event in range(m.q[_EVENTS]):
        _set_dates(m, event)


@inlined
def _first_due(m: _Walk) -> tuple[int, int]:
    """The source that moves next, and when; at the horizon if none does before."""
    source, now = 0, m.q[_HORIZON]
    for other in range(m.q[_REGIMES] + m.q[_EVENTS]):
        if m.s[other] < now:
            source, now = other, m.s[other]
    return source, now


@inlined
def _note(m: _Walk, end: int, second: int, code: int) -> int:
    """One more entry of a path, if there is room for it; where the next one goes."""
    if end < m.room:
        m.when[end] = second
        m.what[end] = code
    return end + 1


@inlined
def _enter(m: _Walk, regime: int, now: int) -> None:
    """A regime enters its next state; before second 0, its first one."""
    state, _, _ = _places(m.q)
    states = _of(m.q, _STATES, regime + 1) - _of(m.q, _STATES, regime)
    if now >= 0:
        m.s[state + regime] = (m.s[state + regime] + 1) % states
    else:
        u, _ = pair_of(0, m.replication, _of(m.q, _REGIME_STREAM, regime), _WAIT, m.seed)
        m.s[state + regime] = reason_of(u, view(m.f, _of(m.q, _INITIALLY, regime), states))


@inlined
def _plan(m: _Walk, source: int, now: int) -> None:
    """When a source moves next: at the end of the sojourn in its state, or at the event's next occurrence."""
    state, draws, dates = _places(m.q)
    horizon, event = m.q[_HORIZON], source - m.q[_REGIMES]
    is_sojourn = event < 0
    begins = max(now, 0)
    if is_sojourn:
        law = _of(m.q, _SOJOURN, _of(m.q, _STATES, source) + m.s[state + source])
        stream = _of(m.q, _REGIME_STREAM, source)
    else:
        law = _of(m.q, _EVERY, event)
        stream = _of(m.q, _EVENT_STREAM, event)
        if now < 0:
            begins = _of(m.q, _EVENT_STARTS, event)
    count = m.s[draws + source]
    m.s[draws + source] = count + 1
    second = horizon
    if law != NONE:
        u, _ = pair_of(count, m.replication, stream, _INTERVAL, m.seed)
        second = after(begins, _seconds(m, law, u, 1), horizon)
    elif not is_sojourn:
        date = _of(m.q, _DATES, event) + count
        if date < _of(m.q, _DATES, event + 1):
            second = m.s[dates + date]
    m.s[source] = second


@inlined
def _move(m: _Walk, end: int, source: int, now: int) -> int:
    """What a source does at a second (before second 0: to begin with), as entries of the path from `end` on; where the
    next entry goes."""
    state, _, _ = _places(m.q)
    event, switches = source - m.q[_REGIMES], 0
    if event < 0:
        _enter(m, source, now)
    elif now >= 0:
        end = _note(m, end, now, _of(m.q, _STATES, m.q[_REGIMES]) + event)
        switches = _of(m.q, _SWITCHES, event + 1) - _of(m.q, _SWITCHES, event)
    # The source itself, then the regimes that an event sends to a state.
    for step in range(switches + 1):
        mover = source
        if step > 0:
            switch = _of(m.q, _SWITCHES, event) + step - 1
            mover = _of(m.q, _SWITCH_REGIME, switch)
            m.s[state + mover] = _of(m.q, _SWITCH_STATE, switch)
        if mover < m.q[_REGIMES]:
            end = _note(m, end, now, _of(m.q, _STATES, mover) + m.s[state + mover])
        _plan(m, mover, now)
    return end


@kernel
def follow(
    q: Ints,
    f: Floats,
    values: Floats,
    seed: int,
    replications: Ints,
    first_block: int,
    s: Ints,
    first: Ints,
    when: Floats,
    what: Ints,
) -> int:
    """The paths of replications, in order, while there is room in `when` and `what`; how many there was room for.

    `values`: a row for each block from `first_block` on, or one row for all. `s`: see `World.room`. Path i is
    [first[i], first[i + 1]).
    """
    sources = q[_REGIMES] + q[_EVENTS]
    end = 0
    first[0] = 0
    for row in range(len(replications)):
        block = replications[row] // q[_BLOCK] - first_block if len(values) > 1 else 0
        v = ahead(pointer(values), block * values.shape[1])
        m = _Walk(
            pointer(q), pointer(f), v, pointer(s), pointer(when), pointer(what), len(when), seed, replications[row]
        )
        _begin(m)
        # Second 0 comes in order of declaration: a regime's first state and sojourn, an event's first occurrence.
        entering = 0
        while True:
            source, now = entering, -1
            if entering < sources:
                entering += 1
            else:
                source, now = _first_due(m)
            if now >= q[_HORIZON]:
                break
            end = _move(m, end, source, now)
            if end > len(when):
                return row
        first[row + 1] = end
    return len(replications)
