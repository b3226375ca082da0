"""What happens to one lane of the lockstep kernel: a replication begins, an errand ends, an attempt falls due.

`q` and `f` are the line (see `alone`), `v` the numbers of all blocks, `x` and `s` the lanes (see `rows`), `when` and
`what` the paths, `t` the counts. Seconds are doubles.
"""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import NDArray

from sim.engines.compiled import alone as line
from sim.engines.compiled import lanes, rows
from sim.engines.compiled.bits import floor
from sim.engines.compiled.jit import inlined
from sim.scenario.arrays import NONE, Floats, Ints

# Places in the counts `t`: attempts, errands as in ERRAND_ENDS, and from UNANSWERED on the attempts by reason.
ATTEMPTS, ANSWERED, BEGUN, CONTACT, GAVE_UP, SUPERSEDED, MERGED, OPEN, UNANSWERED = range(9)

Marks = NDArray[np.uint8]

WAITED, AT_ONCE, NOT_FIRST, FIRST = range(4)
"""How a first contact came, for the question which of two in the same second was first: after its attempt's second or
within it; in the event loop, not the first of its component, or the first."""

_WAIT = 2
GAP = 3600.0
"""Seconds between two activities that are kept as one."""


@inlined
def first_open(q: Ints, f: Floats, calendar: int, second: float, never: float) -> tuple[float, float]:
    """The first second from `second` on in a window, and the window's end; (never, never) if there is none."""
    low, high = 0, q[calendar]
    ends = q[calendar + 2]
    if high > 0 and f[ends] > second:
        high = 0
    while low < high:
        middle = (low + high) >> 1
        if f[ends + middle] > second:
            high = middle
        else:
            low = middle + 1
    if low == q[calendar]:
        return never, never
    return max(second, f[q[calendar + 1] + low]), f[ends + low]


@inlined
def served(q: Ints, f: Floats, second: float, duration: float, never: float) -> float:
    """The first second by which the callee has been on duty for a while since `second`; see sim.rules.clock."""
    if duration == 0.0:
        return second
    calendar = line.ON_DUTY
    count, starts, ends, before = q[calendar], q[calendar + 1], q[calendar + 2], q[calendar + 3]
    low, high = 0, count
    while low < high:
        middle = (low + high) >> 1
        if f[ends + middle] > second:
            high = middle
        else:
            low = middle + 1
    if low == count:
        return never
    needed = f[before + low] + max(0.0, second - f[starts + low]) + duration
    # f[before + count] is all there is, so the search ends.
    if f[before + count] < needed:
        return never
    while f[before + low + 1] < needed:
        low += 1
    return f[starts + low] + (needed - f[before + low])


@inlined
def enter(
    q: Ints,
    f: Floats,
    v: Floats,
    x: Floats,
    s: Ints,
    t: Ints,
    when: Floats,
    what: Ints,
    lane: int,
    replication: int,
    seed: int,
) -> None:
    """A replication begins: its first errand, or when to look for one."""
    never = float(q[line.HORIZON])
    x[rows.FREE + lane] = 0.0
    x[rows.LIMIT + lane] = 0.0
    s[rows.CONTACTED + lane] = 0
    s[rows.KEPT + lane] = 0
    numbers = s[rows.NUMBERS + lane]
    for law in range(3):
        slot = q[line.EVERY + 4 * law + 1]
        for i in range(3):
            x[rows.EVERY_LAW + (3 * law + i) * rows.WIDTH + lane] = v[numbers, slot + i]
    if q[line.GIVE_UP] != NONE:
        x[rows.PATIENCE + lane] = lanes.whole_seconds(v[numbers, q[line.GIVE_UP]], 0.0, never)
    _reset_terms(q, v, x, s, lane, numbers)
    starts = q[line.STARTS]
    x[rows.DUE + lane] = -1.0
    x[rows.OVER + lane] = -1.0
    if starts == line.ON_EVENT:
        x[rows.OVER + lane] = 0.0
        return
    second = never
    if starts == line.AT:
        second = float(q[line.START_SECOND])
    elif starts == line.AFTER_EVENT:
        count = 0
        for at in range(s[rows.PATH + lane], s[rows.PATH_END + lane]):
            count += 1 if what[at] == q[line.START_CODE] else 0
            if count == q[line.START_COUNT]:
                second = when[at]
                break
    if second < never and q[line.WAIT] != NONE:
        uniform, _ = lanes.pair_of(0, replication, q[line.STREAM], _WAIT, seed)
        slot = q[line.WAIT + 1]
        table = f[q[line.WAIT + 2] : q[line.WAIT + 3]]
        wait = lanes.any_quantile(
            q[line.WAIT], v[numbers, slot], v[numbers, slot + 1], v[numbers, slot + 2], table, uniform
        )
        second += lanes.whole_seconds(wait, 0.0, never)
    if second < never:
        begin(q, x, t, lane, second)


@inlined
def _reset_terms(q: Ints, v: Floats, x: Floats, s: Ints, lane: int, numbers: int) -> None:
    for term in range(q[line.TERMS]):
        at = q[line.FIRST_TERM] + term * line.TERM_WIDTH
        state = rows.TERMS + term * rows.TERM_ROWS + lane
        s[state + rows.STATE] = 0
        s[state + rows.OLDEST] = s[rows.PATH + lane]
        row = q[at + line.ROW]
        if row != NONE:
            x[row + rows.VALUE + lane] = 0.0
            x[row + rows.LAST + lane] = 0.0
            x[row + rows.LOG_FACTOR + lane] = v[numbers, q[at + line.FACTOR]]
            window = q[at + line.WINDOW]
            if window != NONE:
                x[row + rows.HALF_LIFE + lane] = max(1.0, floor(v[numbers, window] + 0.5))
    if q[line.TERMS] == 0:
        x[rows.BASE + lane] = v[numbers, q[line.ANSWER]]
        x[rows.CHANCE + lane] = lanes.answer_probability(x[rows.BASE + lane], 0)


@inlined
def begin(q: Ints, x: Floats, t: Ints, lane: int, second: float) -> None:
    """A fresh errand, before the horizon; its first attempt is due when it begins."""
    never = float(q[line.HORIZON])
    t[BEGUN] += 1
    x[rows.BEGAN + lane] = second
    x[rows.MADE + lane] = 0.0
    x[rows.DUE + lane] = second
    if q[line.GIVE_UP] != NONE:
        x[rows.GIVES_UP + lane] = min(never, second + x[rows.PATIENCE + lane])
    else:
        x[rows.GIVES_UP + lane] = never


@inlined
def reopen(q: Ints, x: Floats, s: Ints, t: Ints, when: Floats, what: Ints, lane: int) -> float:
    """The next occurrence that opens an errand of a triggered line, those before the last errand was over merged with
    it; the horizon if there is none."""
    at, end, code = s[rows.TRIGGER + lane], s[rows.PATH_END + lane], q[line.START_CODE]
    while at < end:
        if what[at] == code:
            if when[at] >= x[rows.OVER + lane]:
                s[rows.TRIGGER + lane] = at + 1
                return when[at]
            t[MERGED] += 1
        at += 1
    s[rows.TRIGGER + lane] = end
    return float(q[line.HORIZON])


@inlined
def advance(q: Ints, v: Floats, x: Floats, s: Ints, when: Floats, what: Ints, lane: int, second: float) -> float:
    """Everything on the path up to `second` takes force; the second at which something changes next."""
    at, end = s[rows.PATH + lane], s[rows.PATH_END + lane]
    while at < end:
        term = q[q[line.TERM_OF] + what[at]]
        if term != NONE:
            if when[at] > second:
                break
            place = q[line.FIRST_TERM] + term * line.TERM_WIDTH
            state = rows.TERMS + term * rows.TERM_ROWS + lane
            kind = q[place + line.KIND]
            if kind == line.REGIME:
                s[state] = what[at]
            elif kind == line.FADES:
                row = q[place + line.ROW] + lane
                left = lanes.faded_one(x[row + rows.VALUE], when[at] - x[row + rows.LAST], x[row + rows.HALF_LIFE])
                x[row + rows.VALUE] = left + x[row + rows.LOG_FACTOR]
                x[row + rows.LAST] = when[at]
            else:
                s[state] += 1
        at += 1
    s[rows.PATH + lane] = at
    change = when[at] if at < end else float(q[line.HORIZON])
    return min(change, _add_up(q, v, x, s, when, what, lane, second))


@inlined
def _add_up(q: Ints, v: Floats, x: Floats, s: Ints, when: Floats, what: Ints, lane: int, second: float) -> float:
    """The base of the log-odds and the constant terms behind it; the second at which one of them runs out."""
    never = float(q[line.HORIZON])
    numbers = s[rows.NUMBERS + lane]
    base = v[numbers, q[line.ANSWER]]
    closed = False
    change = never
    for term in range(q[line.TERMS]):
        place = q[line.FIRST_TERM] + term * line.TERM_WIDTH
        state = rows.TERMS + term * rows.TERM_ROWS + lane
        kind = q[place + line.KIND]
        if kind > line.LASTS:
            continue
        if kind == line.REGIME:
            more = v[numbers, q[q[line.STATE_SLOT] + s[state]]]
        else:
            if kind == line.LASTS:
                lasts = lanes.whole_seconds(v[numbers, q[place + line.WINDOW]], 1.0, never)
                change = min(change, _forget(q, s, when, what, state, lane, place, lasts, second))
            more = s[state] * v[numbers, q[place + line.FACTOR]] if s[state] > 0 else 0.0
        if more == -inf:
            closed = True
            more = 0.0
        row = q[place + line.ROW]
        if row == NONE:
            base += more
        else:
            x[row + rows.VALUE + lane] = more
    x[rows.BASE + lane] = -inf if closed else base
    if q[line.MOVING] == 0:
        x[rows.CHANCE + lane] = lanes.answer_probability(x[rows.BASE + lane], 0)
    return change


@inlined
def _forget(
    q: Ints, s: Ints, when: Floats, what: Ints, state: int, lane: int, place: int, lasts: float, second: float
) -> float:
    """Drop the occurrences whose window has passed; when the next one passes."""
    at, end, code = s[state + rows.OLDEST], s[rows.PATH + lane], q[place + line.CODE]
    while at < end:
        if what[at] == code:
            if lanes.in_force(second - when[at], lasts):
                break
            s[state] -= 1
        at += 1
    s[state + rows.OLDEST] = at
    return when[at] + lasts if at < end else float(q[line.HORIZON])
