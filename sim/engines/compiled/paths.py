"""What happens whatever the lines do: regimes and events, which depend on nothing, as one path a replication.

A path is a list of (second, code) in the order of the agenda. A code below the number of states says that a regime
enters that state (the first ones at second −1: before anything else); any other is an event that occurs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.engines.compiled.jit import inlined, kernel
from sim.engines.compiled.lanes import pair_of
from sim.rules import quantiles
from sim.rules.answer import reason_of
from sim.rules.clock import after, whole_seconds
from sim.rules.draws import stream_of
from sim.rules.quantiles import quantile
from sim.scenario.arrays import NONE, Floats, Ints, Program

_HORIZON, _BLOCK, _REGIMES, _EVENTS = 0, 1, 2, 3
_STATES, _INITIALLY, _REGIME_STREAM, _DWELL = 4, 5, 6, 7
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
        self._table(_DWELL, [law for r in self._regimes for law in regimes.dwell[r]])
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
            *(law for r in self._regimes for law in self._program.regimes.dwell[r]),
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


@inlined
def _of(q: Ints, table: int, i: int) -> int:
    return q[q[table] + i]


@inlined
def _seconds(q: Ints, f: Floats, v: Floats, law: int, u: float, least: int) -> int:
    at = _of(q, _SLOT, law)
    table = f[_of(q, _TABLES, law) : _of(q, _TABLES, law + 1)]
    return whole_seconds(quantile(_of(q, _FAMILY, law), v[at], v[at + 1], v[at + 2], table, u), least, q[_HORIZON])


@inlined
def _law_of(q: Ints, regimes: int, i: int, is_dwell: bool, state: int) -> int:
    if is_dwell:
        return _of(q, _DWELL, _of(q, _STATES, i) + state)
    return _of(q, _EVERY, i - regimes)


@inlined
def _stream_of(q: Ints, regimes: int, i: int, is_dwell: bool) -> int:
    return _of(q, _REGIME_STREAM, i) if is_dwell else _of(q, _EVENT_STREAM, i - regimes)


@inlined
def _set_dates(q: Ints, f: Floats, v: Floats, seed: int, replication: int, event: int, s: Ints, dates: int) -> None:
    """The event's dates in this replication, in rising order."""
    first = _of(q, _DATES, event)
    for date in range(first, _of(q, _DATES, event + 1)):
        second = _of(q, _DATE, date)
        plus = _of(q, _PLUS, date)
        if plus != NONE:
            u, _ = pair_of(date - first, replication, _of(q, _EVENT_STREAM, event), _WAIT, seed)
            second = after(second, _seconds(q, f, v, plus, u, 0), q[_HORIZON])
        place = date
        while place > first and s[dates + place - 1] > second:
            s[dates + place] = s[dates + place - 1]
            place -= 1
        s[dates + place] = second


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
    horizon, regimes, events = q[_HORIZON], q[_REGIMES], q[_EVENTS]
    states = q[q[_STATES] + regimes]
    sources = regimes + events
    due, state, index, dates = 0, sources, sources + regimes, 2 * sources + regimes
    end = 0
    first[0] = 0
    for row in range(len(replications)):
        replication = replications[row]
        v = values[replication // q[_BLOCK] - first_block if len(values) > 1 else 0]
        for i in range(sources):
            s[index + i] = 0
        for event in range(events):
            _set_dates(q, f, v, seed, replication, event, s, dates)
        # Second 0 comes in order of declaration: a regime's first state and dwell, an event's first occurrence.
        entering = 0
        now = 0
        while True:
            # Which source moves on: at first each in turn, later the one that was due.
            if entering < sources:
                i = entering
                entering += 1
                now = -1
            else:
                i = 0
                now = horizon
                for other in range(sources):
                    if s[due + other] < now:
                        now = s[due + other]
                        i = other
                if now >= horizon:
                    break
            if i < regimes:
                if now < 0:
                    u, _ = pair_of(0, replication, _of(q, _REGIME_STREAM, i), _WAIT, seed)
                    at = _of(q, _INITIALLY, i)
                    s[state + i] = reason_of(u, f[at : at + _of(q, _STATES, i + 1) - _of(q, _STATES, i)])
                else:
                    s[state + i] = (s[state + i] + 1) % (_of(q, _STATES, i + 1) - _of(q, _STATES, i))
            elif now >= 0:
                if end == len(when):
                    return row
                when[end] = now
                what[end] = states + i - regimes
                end += 1
            # What the source does next; an event also sends its regimes on. `step` 0 is the source itself.
            steps = 1
            if i >= regimes and now >= 0:
                steps += _of(q, _SWITCHES, i - regimes + 1) - _of(q, _SWITCHES, i - regimes)
            for step in range(steps):
                mover = i
                if step > 0:
                    switch = _of(q, _SWITCHES, i - regimes) + step - 1
                    mover = _of(q, _SWITCH_REGIME, switch)
                    s[state + mover] = _of(q, _SWITCH_STATE, switch)
                is_dwell = mover < regimes
                count = s[index + mover]
                s[index + mover] += 1
                law = _law_of(q, regimes, mover, is_dwell, s[state + mover] if is_dwell else 0)
                begins = max(now, 0)
                if is_dwell:
                    if end == len(when):
                        return row
                    when[end] = now
                    what[end] = _of(q, _STATES, mover) + s[state + mover]
                    end += 1
                elif now < 0:
                    begins = _of(q, _EVENT_STARTS, mover - regimes)
                second = horizon
                if law != NONE:
                    u, _ = pair_of(count, replication, _stream_of(q, regimes, mover, is_dwell), _INTERVAL, seed)
                    second = after(begins, _seconds(q, f, v, law, u, 1), horizon)
                elif not is_dwell:
                    date = _of(q, _DATES, mover - regimes) + count
                    if date < _of(q, _DATES, mover - regimes + 1):
                        second = s[dates + date]
                s[due + mover] = second
        first[row + 1] = end
    return len(replications)
