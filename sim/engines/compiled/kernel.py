"""The event loop, compiled. Written from docs/explanation/semantics.md, not from the reference engine.

Read `attempts` and `requests` first: what happens. This file says in which order, over and over.
"""

from __future__ import annotations

import numpy as np

from sim.engines.compiled import agenda, fixed, moving
from sim.engines.compiled.agenda import clear, clear_all, kind_of, never, order_of, second_of
from sim.engines.compiled.attempts import attempt, contact, count_waiting
from sim.engines.compiled.event_log import tell
from sim.engines.compiled.force import begin_block, move_recent
from sim.engines.compiled.jit import inlined, kernel, part
from sim.engines.compiled.log_entries import (
    enter,
    give_up,
    line_at,
    occur,
    open_after_giving_up,
    regime_at,
    set_dates,
    set_next_occurrence,
    start,
    state_at,
    switch,
)
from sim.engines.compiled.pointers import pointer, view
from sim.engines.compiled.state import BEGUN, OPEN, T_CALL_ENDS, T_REQUEST, Crisis
from sim.engines.compiled.times import WAIT, pair
from sim.rules.answer import reason_of
from sim.scenario.program import Floats, Ints

_START_AT = 0
_RECENT_ROOM = 8
"""Times of an effect for which there is room at first; a power of two."""


@part
def _reset(m: Crisis, replication: int) -> None:
    live, reals = m.k[fixed.S_LIVE], m.k[fixed.X_LIVE]
    for i in range(moving.LINE_RECORDS, live):
        m.s[i] = m.s[live + i]
    for i in range(reals):
        m.x[i] = m.x[reals + i]
    clear_all(m)
    m.s[moving.REPLICATION] = replication
    m.s[moving.FIRST_LINE] = -1
    m.s[moving.TOLD] = 0


@part
def _open(m: Crisis) -> None:
    """Second 0, before anything is due: regimes take their first state, events and lines their first date."""
    k = m.k
    for regime in range(k[fixed.REGIMES]):
        record = regime_at(m, regime)
        u, _ = pair(m, k[record + fixed.REGIME_STREAM], 0, WAIT)
        enter(m, regime, reason_of(u, view(m.f, k[record + fixed.INITIALLY], k[record + fixed.STATES])), 0)
    for event in range(k[fixed.EVENTS]):
        set_dates(m, event)
        starts = k[k[fixed.EVENT_RECORDS] + event * fixed.EVENT_WIDTH + fixed.EVENT_STARTS]
        set_next_occurrence(m, event, starts)
    for line in range(k[fixed.LINES]):
        if k[line_at(line) + fixed.START] == _START_AT:
            start(m, line, k[line_at(line) + fixed.START_SECOND], 0)


@inlined
def _happen(m: Crisis, key: int) -> None:
    """What is due happens."""
    kind, order, now = kind_of(key), order_of(key), second_of(key)
    if kind == agenda.ATTEMPT:
        attempt(m, key)
    elif kind == agenda.CONTACT:
        contact(m, order, now)
    elif kind == agenda.EVENT:
        occur(m, order, now)
    elif kind == agenda.SWITCH:
        switch(m, order, now)
    elif kind == agenda.OPENING:
        open_after_giving_up(m, order, now)
    elif kind == agenda.GIVING_UP:
        clear(m, m.k[line_at(order) + fixed.LEAF_GIVING_UP])
        if not m.s[state_at(order) + moving.PENDING]:
            give_up(m, order, now)
    elif kind == agenda.CALL_END:
        clear(m, m.k[line_at(order) + fixed.LEAF_CALL_END])
        tell(m, now, T_CALL_ENDS, order, 0, 0, 0, 0)
    else:
        clear(m, m.k[line_at(order) + fixed.LEAF_BEGIN])
        tell(m, now, T_REQUEST, order, m.c[m.k[line_at(order) + fixed.C_REQUESTS] + BEGUN], 0, 0, 0)


@part
def _go_on(m: Crisis) -> bool:
    """LogEntry after log entry, until the horizon (True) or until an effect's times need more room (False)."""
    empty = never(m)
    while True:
        key = m.a[1]
        if key >= empty:
            return True
        _happen(m, key)
        if m.s[moving.FULL]:
            return False


@part
def _close(m: Crisis) -> None:
    for line in range(m.k[fixed.LINES]):
        if m.s[state_at(line) + moving.IS_OPEN]:
            m.c[m.k[line_at(line) + fixed.C_REQUESTS] + OPEN] += 1


@kernel
def replicate_all(
    k: Ints,
    f: Floats,
    values: Floats,
    s: Ints,
    x: Floats,
    c: Ints,
    w: Ints,
    y: Floats,
    seed: int,
    first: int,
    first_contact: Ints,
    first_line: Ints,
) -> None:
    """Replications first, first + 1, …, one a row of `first_contact`. `values`: a row for each block that they
    touch, or one row for all. `w` and `y`: room for the history of the last one, of no rows where none is kept."""
    lines, block = k[fixed.LINES], -1
    s[moving.LEAVES] = k[fixed.LEAVES_TOLD if len(w) > 0 else fixed.LEAVES]
    a = np.empty(2 * s[moving.LEAVES], dtype=np.int64)
    r = np.empty(k[fixed.EFFECTS] * _RECENT_ROOM, dtype=np.int64)
    s[moving.TELLS] = len(w) > 0
    s[moving.ROOM] = len(w)
    s[moving.RECENT_ROOM] = _RECENT_ROOM
    s[moving.FULL] = 0
    s[moving.TO_COUNT] = 0
    k_, f_, s_, x_, a_, c_, w_, y_ = (
        pointer(k),
        pointer(f),
        pointer(s),
        pointer(x),
        pointer(a),
        pointer(c),
        pointer(w),
        pointer(y),
    )
    v_, r_ = pointer(values), pointer(r)
    for row in range(len(first_contact)):
        replication = first + row
        if len(values) > 1:
            v_ = pointer(values[replication // k[fixed.BLOCK] - first // k[fixed.BLOCK]])
        m = Crisis(k_, f_, v_, s_, x_, a_, r_, c_, w_, y_, seed)
        if block != (replication // k[fixed.BLOCK] if len(values) > 1 else 0):
            block = replication // k[fixed.BLOCK] if len(values) > 1 else 0
            begin_block(m)
        _reset(m, replication)
        _open(m)
        while not _go_on(m):
            larger = np.empty(2 * len(r), dtype=np.int64)
            move_recent(m, pointer(larger))
            r = larger
            r_ = pointer(r)
            s[moving.RECENT_ROOM] *= 2
            s[moving.FULL] = 0
            m = Crisis(k_, f_, v_, s_, x_, a_, r_, c_, w_, y_, seed)
        _close(m)
        if s[moving.TO_COUNT] > 0 and row == len(first_contact) - 1:
            count_waiting(m)
        for line in range(lines):
            first_contact[row, line] = s[moving.LINE_RECORDS + line * moving.LINE_WIDTH + moving.FIRST_CONTACT]
        first_line[row] = s[moving.FIRST_LINE]
    a[0] = len(r)  # The arrays made here are kept until now, where pointers to them are in use.
