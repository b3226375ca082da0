"""The event loop. Written from docs/explanation/semantics.md, not from the reference engine.

For each replication:

1. Take the values of its block, and under them the factors and windows of effects (`begin_block`).
2. Clear the state of lines, officials, regimes, events and effects (`_reset`).
3. At second 0, before anything is due: each regime enters its first state, each event and each line that starts at a
   date notes when it is due (`_begin`).
4. Take the smallest key from the event list: that is the next occurrence (`_happen`). By kind it is a switch of a
   regime, a request that gives up, an event, the end of a call, a contact or an attempt; `handlers` has a function for
   each. Each of them notes what is due after it.
5. Repeat 4 until nothing is due before the horizon.
6. Count the requests that are still open, and note the first contacts (`_finish`).

The loop stops between two occurrences if it has done its amount of work, or if more room is needed, and goes on when
it is called again with the same arrays.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim.engines.compiled.draws import WAIT, uniforms_at
from sim.engines.compiled.effects import NO_BOUND, begin_block
from sim.engines.compiled.event_list import (
    ATTEMPT,
    CALL_END,
    CONTACT,
    EVENT,
    GIVING_UP,
    SWITCH,
    clear,
    clear_all,
    never,
    second_of,
    what_of,
)
from sim.engines.compiled.handlers import (
    attempt,
    contact,
    count_waiting,
    enter,
    give_up,
    occur,
    open_after_giving_up,
    set_dates,
    set_next_occurrence,
    start,
    switch,
    tell,
)
from sim.engines.compiled.numba_setup import Cache, inlined, part, unchecked
from sim.engines.compiled.state import L_CALL_ENDS, L_REQUEST, Simulation, blank
from sim.rules.arithmetic import log, logit
from sim.rules.quantile_tables import quantile
from sim.scenario.program import NONE, Floats, Start

DONE, PAUSED, FULL = range(3)
"""What `run` returns: all replications are done; the work is done; there is no room: see `state.enlarged`."""

_AT = int(Start.AT)

CACHE = Cache("engine", sorted(Path(__file__).parent.glob("*.py")))


@part
def _reset(m: Simulation) -> None:
    """The state of a replication before it begins."""
    clock = m.clock[0]
    for at in range(clock.lines):
        line = m.lines[at]
        line.is_open, line.pending, line.before_start = 0, 0, 0
        line.attempts_made, line.attempts_before = 0, 0
        line.first_contact, line.last_contact = NONE, NONE
        line.next_opening = clock.horizon
        line.answer_until, line.answer_bound = 0, NO_BOUND
    for at in range(clock.officials):
        m.officials[at] = 0
    for at in range(clock.regimes):
        m.regimes[at].sojourns = 0
    for at in range(clock.events):
        m.events[at].occurrences = 0
    for at in range(clock.effects):
        effect = m.effects[at]
        effect.times, effect.last, effect.recent_first, effect.recent = 0, 0, 0, 0
        effect.value = 0.0
    clear_all(m)
    clock.first_line, clock.logged = NONE, 0


@part
def _first_state(m: Simulation, at: int) -> int:
    """The first state whose cumulative share exceeds the uniform, as `reason_of`."""
    regime = m.regimes[at]
    u, _ = uniforms_at(m, regime.stream, 0, WAIT)
    for state in range(regime.states.first, regime.states.end - 1):
        if u < m.states[state].initially:
            return state - regime.states.first
    return regime.states.end - 1 - regime.states.first


@part
def _begin(m: Simulation) -> None:
    """Second 0, before anything is due."""
    clock = m.clock[0]
    for regime in range(clock.regimes):
        enter(m, regime, _first_state(m, regime), 0)
    for event in range(clock.events):
        set_dates(m, event)
        set_next_occurrence(m, event, m.events[event].starts)
    for line in range(clock.lines):
        if m.lines[line].start == _AT:
            start(m, line, m.lines[line].start_second, 0)


@part
def _take_values(m: Simulation) -> None:
    """The values of the replication's block, unless they are there."""
    clock = m.clock[0]
    row = clock.replication // clock.block - clock.first // clock.block if clock.of_several else 0
    if row != clock.of_values:
        for slot in range(clock.slots):
            m.values[slot] = m.values_by_block[row * clock.slots + slot]
        clock.of_values = row
        begin_block(m)


@inlined
def _happen(m: Simulation, key: int) -> None:
    """What is due happens."""
    now = second_of(key)
    kind, order = what_of(key)
    clock = m.clock[0]
    if kind == ATTEMPT:
        attempt(m, order, now)
    elif kind == CONTACT:
        contact(m, order, now)
    elif kind == EVENT:
        if order < clock.events:
            occur(m, order, now)
        else:
            open_after_giving_up(m, order - clock.events, now)
    elif kind == SWITCH:
        switch(m, order, now)
    elif kind == GIVING_UP:
        clear(m, m.lines[order].giving_up_leaf)
        if not m.lines[order].pending:
            give_up(m, order, now)
    elif kind == CALL_END:
        clear(m, m.lines[order].call_end_leaf)
        tell(m, now, L_CALL_ENDS, order, 0, 0)
    else:
        clear(m, m.lines[order].begin_leaf)
        tell(m, now, L_REQUEST, order, m.lines[order].begun, 0)


@part
def _finish(m: Simulation) -> None:
    """Requests that are still open, and first contacts."""
    clock = m.clock[0]
    for at in range(clock.lines):
        m.lines[at].open += m.lines[at].is_open
        m.first_contact[clock.row * clock.lines + at] = m.lines[at].first_contact
    m.first_line[clock.row] = clock.first_line


@CACHE.kernel(lambda: (blank(), 0))
def run(arrays: Simulation, work: int) -> int:
    """Go on with a run for so many occurrences at most. Returns DONE, PAUSED or FULL."""
    m = unchecked(arrays)
    clock = m.clock[0]
    nothing = never(m)
    while clock.row < clock.rows:
        if not clock.under_way:
            clock.replication = clock.first + clock.row
            _take_values(m)
            _reset(m)
            _begin(m)
            clock.under_way = 1
        while True:
            key = m.due[1]
            if key >= nothing:
                break
            if clock.full or clock.logged > clock.log_most:
                return FULL
            if work <= 0:
                return PAUSED
            work -= 1
            _happen(m, key)
        _finish(m)
        clock.row += 1
        clock.under_way = 0
    count_waiting(m)
    return DONE


@CACHE.kernel(lambda: (0, 0.0, 0.0, 0.0, np.zeros(0), np.zeros(0), np.zeros(0)))
def fill_quantiles(family: int, a: float, b: float, c: float, table: Floats, u: Floats, out: Floats) -> None:
    """The quantiles of one distribution."""
    for i in range(len(u)):
        out[i] = quantile(family, a, b, c, table, u[i])


@CACHE.kernel(lambda: (False, np.zeros(0), np.zeros(0)))
def fill_logarithms(of_odds: bool, numbers: Floats, out: Floats) -> None:
    """Logarithms, or logits."""
    for i in range(len(numbers)):
        out[i] = logit(numbers[i]) if of_odds else log(numbers[i])
