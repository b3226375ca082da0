"""What happens to one lane of the lockstep kernel: a replication begins, a request ends, an attempt falls due.

`q` and `f` are the line (see `alone`), `v` the numbers of all blocks, `x` and `s` the lanes (see `rows`), `when` and
`what` the paths, `t` the counts. Seconds are doubles.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engines.compiled import alone as line
from sim.engines.compiled import lanes, rows
from sim.engines.compiled.bits import floor
from sim.engines.compiled.jit import inlined
from sim.engines.compiled.pointers import pointer, view
from sim.rules.draws import Words
from sim.scenario.program import NONE, Floats, Ints

# Places in the counts `t`: attempts, requests as in REQUEST_ENDS, and from UNANSWERED on the attempts by reason.
ATTEMPTS, ANSWERED, BEGUN, CONTACT, GAVE_UP, SUPERSEDED, MERGED, OPEN, UNANSWERED = range(9)

Marks = NDArray[np.uint8]

WAITED, AT_ONCE, NOT_FIRST, FIRST = range(4)
"""How a first contact came, for the question which of two in the same second was first: after its attempt's second or
within it; in the event loop, not the first of its component, or the first."""

_WAIT = 2
GAP = 3600.0
"""Seconds between two activities that are kept as one."""


class Lanes(NamedTuple):
    """All that the kernel works on, as pointers (see `pointers`).

    q, f: the line (see `alone`); v: the numbers of each block, `numbers` of them (0 where one row is for all); u, x, s:
    the lanes (see `rows`); when, what, paths: see `paths`; replications, places: what to run, and which rows are whose;
    t, taken, response: counts; first_contact, marks: what comes out, `lines` to a row; own, counts, kept, met: what
    lines keep and mind of each other.
    """

    q: Ints
    f: Floats
    v: Floats
    u: Words
    x: Floats
    s: Ints
    when: Floats
    what: Ints
    paths: Ints
    replications: Ints
    places: Ints
    t: Ints
    taken: Ints
    response: Ints
    first_contact: Ints
    marks: Marks
    own: Floats
    counts: Ints
    kept: Floats
    met: Ints
    seed: int
    first_block: int
    numbers: int
    lines: int


@inlined
def lanes_of(
    q: Ints,
    f: Floats,
    values: Floats,
    u: Words,
    x: Floats,
    s: Ints,
    when: Floats,
    what: Ints,
    paths: Ints,
    replications: Ints,
    places: Ints,
    t: Ints,
    taken: Ints,
    response: Ints,
    first_contact: Ints,
    marks: Marks,
    own: Floats,
    counts: Ints,
    kept: Floats,
    met: Ints,
    seed: int,
    first_block: int,
) -> Lanes:
    """All that, of the arrays themselves; `values`, `first_contact` and `marks` are tables."""
    return Lanes(
        pointer(q),
        pointer(f),
        pointer(values),
        pointer(u),
        pointer(x),
        pointer(s),
        pointer(when),
        pointer(what),
        pointer(paths),
        pointer(replications),
        pointer(places),
        pointer(t),
        pointer(taken),
        pointer(response),
        pointer(first_contact),
        pointer(marks),
        pointer(own),
        pointer(counts),
        pointer(kept),
        pointer(met),
        seed,
        first_block,
        values.shape[1] if len(values) > 1 else 0,
        first_contact.shape[1],
    )


@inlined
def first_open(m: Lanes, calendar: int, second: float, never: float) -> tuple[float, float]:
    """The first second from `second` on in a window, and the window's end; (never, never) if there is none."""
    count, starts, ends = m.q[calendar], m.q[calendar + 1], m.q[calendar + 2]
    low = _window_after(m, count, ends, second)
    if low == count:
        return never, never
    return max(second, m.f[starts + low]), m.f[ends + low]


@inlined
def _window_after(m: Lanes, count: int, ends: int, second: float) -> int:
    """The first window that ends after a second; `count` if there is none."""
    low, high = 0, count
    if high == 1:
        return 0 if m.f[ends] > second else 1
    while low < high:
        middle = (low + high) >> 1
        if m.f[ends + middle] > second:
            high = middle
        else:
            low = middle + 1
    return low


@inlined
def served(m: Lanes, second: float, duration: float, never: float) -> float:
    """The first second by which the callee has been on duty for a while since `second`; see sim.rules.clock."""
    if duration == 0.0:
        return second
    calendar = line.ON_DUTY
    count, starts, ends, before = m.q[calendar], m.q[calendar + 1], m.q[calendar + 2], m.q[calendar + 3]
    low = _window_after(m, count, ends, second)
    if low == count:
        return never
    needed = m.f[before + low] + max(0.0, second - m.f[starts + low]) + duration
    # m.f[before + count] is all there is, so the search ends.
    if m.f[before + count] < needed:
        return never
    while m.f[before + low + 1] < needed:
        low += 1
    return m.f[starts + low] + (needed - m.f[before + low])


@inlined
def take_numbers(m: Lanes, lane: int) -> None:
    """The parameters of a replication's block: laws, patience, effects, and a probability that nothing moves."""
    numbers = m.s[rows.NUMBERS + lane]
    for law in range(3):
        slot = m.q[line.EVERY + 4 * law + 1]
        for i in range(3):
            m.x[rows.EVERY_LAW + (3 * law + i) * rows.STEP + lane] = m.v[numbers + slot + i]
    if m.q[line.GIVE_UP] != NONE:
        patience = m.v[numbers + m.q[line.GIVE_UP]]
        m.x[rows.PATIENCE + lane] = lanes.whole_seconds(patience, 0.0, float(m.q[line.HORIZON]))
    for term in range(m.q[line.TERMS]):
        at = m.q[line.FIRST_TERM] + term * line.TERM_WIDTH
        row, window = m.q[at + line.ROW], m.q[at + line.WINDOW]
        if row != NONE:
            m.x[row + rows.LOG_FACTOR + lane] = m.v[numbers + m.q[at + line.FACTOR]]
            if window != NONE:
                m.x[row + rows.HALF_LIFE + lane] = max(1.0, floor(m.v[numbers + window] + 0.5))
    if m.q[line.TERMS] == 0:
        m.x[rows.BASE + lane] = m.v[numbers + m.q[line.ANSWER]]
        m.x[rows.CHANCE + lane] = lanes.answer_probability(m.x[rows.BASE + lane], 0)


@inlined
def enter(m: Lanes, lane: int, replication: int) -> None:
    """A replication begins: its first request, or when to look for one."""
    never = float(m.q[line.HORIZON])
    m.x[rows.FREE + lane] = 0.0
    m.x[rows.LIMIT + lane] = 0.0
    m.s[rows.CONTACTED + lane] = 0
    m.s[rows.KEPT + lane] = 0
    _reset_terms(m, lane)
    starts = m.q[line.STARTS]
    m.x[rows.DUE + lane] = -1.0
    m.x[rows.OVER + lane] = -1.0
    if starts == line.ON_EVENT:
        m.x[rows.OVER + lane] = 0.0
        return
    second = never
    if starts == line.AT:
        second = float(m.q[line.START_SECOND])
    elif starts == line.AFTER_EVENT:
        count = 0
        for at in range(m.s[rows.PATH + lane], m.s[rows.PATH_END + lane]):
            count += 1 if m.what[at] == m.q[line.START_CODE] else 0
            if count == m.q[line.START_COUNT]:
                second = m.when[at]
                break
    if second < never and m.q[line.WAIT] != NONE:
        numbers = m.s[rows.NUMBERS + lane]
        uniform, _ = lanes.pair_of(0, replication, m.q[line.STREAM], _WAIT, m.seed)
        slot = m.q[line.WAIT + 1]
        table = view(m.f, m.q[line.WAIT + 2], m.q[line.WAIT + 3] - m.q[line.WAIT + 2])
        wait = lanes.any_quantile(
            m.q[line.WAIT], m.v[numbers + slot], m.v[numbers + slot + 1], m.v[numbers + slot + 2], table, uniform
        )
        second += lanes.whole_seconds(wait, 0.0, never)
    if second < never:
        begin(m, lane, second)


@inlined
def enter_as(m: Lanes, lane: int, model: int) -> None:
    """A replication begins as it did in lane `model`, which stands before its first attempt."""
    m.s[rows.CONTACTED + lane] = 0
    m.s[rows.KEPT + lane] = 0
    for row in range(rows.DUE, rows.BEGAN, rows.STEP):
        m.x[row + lane] = m.x[row + model]
    m.s[rows.PATH + lane] = m.s[rows.PATH + model]
    if m.q[line.STARTS] == line.ON_EVENT:
        m.x[rows.BEGAN + lane] = m.x[rows.BEGAN + model]
        m.s[rows.TRIGGER + lane] = m.s[rows.TRIGGER + model]
    m.x[rows.OVER + lane] = m.x[rows.OVER + model]
    for term in range(m.q[line.TERMS]):
        place = m.q[line.FIRST_TERM] + term * line.TERM_WIDTH
        if m.q[place + line.KIND] >= line.CAUSED_PERMANENT:
            continue
        row = m.q[place + line.ROW]
        if row != NONE:
            m.x[row + rows.VALUE + lane] = m.x[row + rows.VALUE + model]
            m.x[row + rows.LAST + lane] = m.x[row + rows.LAST + model]
        if m.q[place + line.KIND] != line.FADES:
            state = rows.TERMS + term * rows.TERM_ROWS
            m.s[state + rows.STATE + lane] = m.s[state + rows.STATE + model]
            m.s[state + rows.OLDEST + lane] = m.s[state + rows.OLDEST + model]


@inlined
def _reset_terms(m: Lanes, lane: int) -> None:
    for term in range(m.q[line.TERMS]):
        at = m.q[line.FIRST_TERM] + term * line.TERM_WIDTH
        if m.q[at + line.KIND] >= line.CAUSED_PERMANENT:
            continue
        state = rows.TERMS + term * rows.TERM_ROWS + lane
        m.s[state + rows.STATE] = 0
        m.s[state + rows.OLDEST] = m.s[rows.PATH + lane]
        row = m.q[at + line.ROW]
        if row != NONE:
            m.x[row + rows.VALUE + lane] = 0.0
            m.x[row + rows.LAST + lane] = 0.0


@inlined
def begin(m: Lanes, lane: int, second: float) -> None:
    """A fresh request, before the horizon; its first attempt is due when it begins."""
    never = float(m.q[line.HORIZON])
    m.t[BEGUN] += 1
    m.x[rows.BEGAN + lane] = second
    m.x[rows.MADE + lane] = 0.0
    m.x[rows.DUE + lane] = second
    if m.q[line.GIVE_UP] != NONE:
        m.x[rows.GIVES_UP + lane] = min(never, second + m.x[rows.PATIENCE + lane])
    else:
        m.x[rows.GIVES_UP + lane] = never


@inlined
def is_over(m: Lanes, lane: int, second: float) -> None:
    """The request is over; below 0: and so is the replication."""
    m.x[rows.OVER + lane] = second
    m.x[rows.DUE + lane] = -1.0


@inlined
def place(m: Lanes, lane: int) -> tuple[float, float]:
    """The next attempt is made when the channel is open and the caller on duty: when, and up to when nothing but
    attempts and other lines changes that. The horizon where the request ends before."""
    never = float(m.q[line.HORIZON])
    wanted = max(m.x[rows.DUE + lane], m.x[rows.FREE + lane])
    second, until = first_open(m, line.MAY_ATTEMPT, wanted, never)
    gives_up = m.x[rows.GIVES_UP + lane]
    if gives_up < never and gives_up <= second:
        m.t[GAVE_UP] += 1
        is_over(m, lane, gives_up)
        return never, never
    if second >= never:
        m.t[OPEN] += 1
        is_over(m, lane, never)
        return never, never
    until = min(until, gives_up)
    if m.q[line.TERMS] > 0:
        until = min(until, advance(m, lane, second))
    return second, until


@inlined
def reopen(m: Lanes, lane: int) -> float:
    """The next occurrence that opens a request of a triggered line, those before the last request was over merged with
    it; the horizon if there is none."""
    at, end, code = m.s[rows.TRIGGER + lane], m.s[rows.PATH_END + lane], m.q[line.START_CODE]
    while at < end:
        if m.what[at] == code:
            if m.when[at] >= m.x[rows.OVER + lane]:
                m.s[rows.TRIGGER + lane] = at + 1
                return m.when[at]
            m.t[MERGED] += 1
        at += 1
    m.s[rows.TRIGGER + lane] = end
    return float(m.q[line.HORIZON])


@inlined
def advance(m: Lanes, lane: int, second: float) -> float:
    """Everything on the path up to `second` takes force; the second at which something changes next."""
    at, end = m.s[rows.PATH + lane], m.s[rows.PATH_END + lane]
    while at < end:
        term = m.q[m.q[line.TERM_OF] + m.what[at]]
        if term != NONE:
            if m.when[at] > second:
                break
            place = m.q[line.FIRST_TERM] + term * line.TERM_WIDTH
            state = rows.TERMS + term * rows.TERM_ROWS + lane
            kind = m.q[place + line.KIND]
            if kind == line.REGIME:
                m.s[state] = m.what[at]
            elif kind == line.FADES:
                row = m.q[place + line.ROW] + lane
                left = lanes.faded_one(
                    m.x[row + rows.VALUE], m.when[at] - m.x[row + rows.LAST], m.x[row + rows.HALF_LIFE]
                )
                m.x[row + rows.VALUE] = left + m.x[row + rows.LOG_FACTOR]
                m.x[row + rows.LAST] = m.when[at]
            else:
                m.s[state] += 1
        at += 1
    m.s[rows.PATH + lane] = at
    change = m.when[at] if at < end else float(m.q[line.HORIZON])
    return min(change, _add_up(m, lane, second))


@inlined
def _add_up(m: Lanes, lane: int, second: float) -> float:
    """The base of the log-odds and the constant terms behind it; the second at which one of them runs out."""
    never = float(m.q[line.HORIZON])
    numbers = m.s[rows.NUMBERS + lane]
    base = m.v[numbers + m.q[line.ANSWER]]
    closed = False
    change = never
    for term in range(m.q[line.TERMS]):
        place = m.q[line.FIRST_TERM] + term * line.TERM_WIDTH
        state = rows.TERMS + term * rows.TERM_ROWS + lane
        kind = m.q[place + line.KIND]
        if kind > line.LASTS:
            continue
        if kind == line.REGIME:
            more = m.v[numbers + m.q[m.q[line.STATE_SLOT] + m.s[state]]]
        else:
            if kind == line.LASTS:
                lasts = lanes.whole_seconds(m.v[numbers + m.q[place + line.WINDOW]], 1.0, never)
                change = min(change, _forget(m, state, lane, place, lasts, second))
            more = m.s[state] * m.v[numbers + m.q[place + line.FACTOR]] if m.s[state] > 0 else 0.0
        if more == -inf:
            closed = True
            more = 0.0
        row = m.q[place + line.ROW]
        if row == NONE:
            base += more
        else:
            m.x[row + rows.VALUE + lane] = more
    base = -inf if closed else base
    # Most looks are for the sake of a window of duty, and change no odds.
    if base != m.x[rows.BASE + lane]:
        m.x[rows.BASE + lane] = base
        if m.q[line.MOVING] == 0:
            m.x[rows.CHANCE + lane] = lanes.answer_probability(base, 0)
    return change


@inlined
def _forget(m: Lanes, state: int, lane: int, place: int, lasts: float, second: float) -> float:
    """Drop the occurrences whose window has passed; when the next one passes."""
    at, end, code = m.s[state + rows.OLDEST], m.s[rows.PATH + lane], m.q[place + line.CODE]
    while at < end:
        if m.what[at] == code:
            if lanes.in_force(second - m.when[at], lasts):
                break
            m.s[state] -= 1
        at += 1
    m.s[state + rows.OLDEST] = at
    return m.when[at] + lasts if at < end else float(m.q[line.HORIZON])
