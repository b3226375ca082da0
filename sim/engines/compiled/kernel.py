"""The event loop, compiled. Written from docs/explanation/semantics.md, not from the reference engine.

A replication is an array of seconds, one slot for each thing that can be due; the earliest is next, the first slot
on a tie. Every function takes the same arrays: `k` and `f`, the program (see `layout`); `v`, its numbers in this
block; `s` and `x`, the replication as it stands (see `state`); `r`, the times of effects that last a while, by
effect; `c`, the counts; `w` and `y`, the history in numbers and reals, empty where none is asked for. `r` may have
to grow, so it is handed on.
"""

from __future__ import annotations

from math import inf, nan

import numpy as np

from sim.engines.compiled import fixed, moving
from sim.engines.compiled.jit import kernel, part
from sim.engines.compiled.state import (
    BEGUN,
    CONTACT,
    GAVE_UP,
    MERGED,
    OPEN,
    SUPERSEDED,
    T_ATTEMPT,
    T_CALL_ENDS,
    T_CONTACT,
    T_ERRAND,
    T_EVENT,
    T_GAVE_UP,
    T_MERGED,
    T_STATE,
    T_SUPERSEDED,
)
from sim.rules.answer import answer_probability, faded, in_force, is_answered, reason_of
from sim.rules.clock import after, first_open, served, whole_seconds
from sim.rules.draws import philox, uniform_of
from sim.rules.quantiles import quantile
from sim.scenario.arrays import Floats, Ints

_LASTS, _HALF_LIFE = 1, 2
_NONE = -1
_START_AT = 0
_ENDS = 6
_INTERVAL, _DELAY, _WAIT = 0, 1, 2
"""Pairs of purposes: interval and answer, delay and reason, wait and call."""


@part
def _of(array: Ints, table: int, i: int) -> int:
    """Entry i of a table."""
    return array[array[table] + i]


@part
def _list(k: Ints, table: int, i: int) -> Ints:
    """List i of a table of lists."""
    return k[k[k[table] + i] : k[k[table] + i + 1]]


@part
def _pair(k: Ints, s: Ints, seed: int, table: int, i: int, index: int, pair: int) -> tuple[float, float]:
    """The two uniforms of an address; the stream is entry i of a table. See sim.rules.draws."""
    replication = np.uint64(s[moving.REPLICATION])
    w0, w1, w2, w3 = philox(
        np.uint64(index),
        replication & np.uint64(0xFFFFFFFF),
        np.uint64(_of(k, table, i)),
        ((replication >> np.uint64(32)) << np.uint64(8)) | np.uint64(pair),
        seed,
    )
    return uniform_of(w0, w1), uniform_of(w2, w3)


@part
def _seconds(k: Ints, f: Floats, v: Floats, law: int, u: float, least: int) -> int:
    at = _of(k, fixed.SLOT, law)
    table = f[_of(k, fixed.TABLES, law) : _of(k, fixed.TABLES, law + 1)]
    drawn = quantile(_of(k, fixed.FAMILY, law), v[at], v[at + 1], v[at + 2], table, u)
    return whole_seconds(drawn, least, k[fixed.HORIZON])


@part
def _first_open(k: Ints, calendar: int, second: int) -> int:
    a, b = _of(k, fixed.CALENDARS, calendar), _of(k, fixed.CALENDARS, calendar + 1)
    starts, ends = k[fixed.WINDOWS], k[fixed.WINDOW_ENDS]
    return first_open(k[starts + a : starts + b], k[ends + a : ends + b], second, k[fixed.HORIZON])


@part
def _served(k: Ints, calendar: int, second: int, duration: int) -> int:
    a, b = _of(k, fixed.CALENDARS, calendar), _of(k, fixed.CALENDARS, calendar + 1)
    starts, ends = k[fixed.WINDOWS], k[fixed.WINDOW_ENDS]
    return served(k[starts + a : starts + b], k[ends + a : ends + b], second, duration, k[fixed.HORIZON])


@part
def _tell(s: Ints, w: Ints, y: Floats, now: int, what: int, who: int, a: int, b: int, d: int, e: int) -> None:
    """Add a row to the history, if one is kept; count it in any case."""
    row = s[moving.TOLD]
    s[moving.TOLD] = row + 1
    if row < len(w):
        w[row, 0] = now
        w[row, 1] = what
        w[row, 2] = who
        w[row, 3] = a
        w[row, 4] = b
        w[row, 5] = d
        w[row, 6] = e


# What is in force
# -----------------------------------------------------------------------------------------------------


@part
def _takes_force(k: Ints, s: Ints, x: Floats, r: Ints, effect: int, now: int) -> Ints:
    """An effect's cause happens; the times of recent causes, in a larger array if they no longer fitted."""
    if effect == _NONE:
        return r
    s[s[moving.TIMES] + effect] += 1
    decay = _of(k, fixed.DECAY, effect)
    if decay == _HALF_LIFE:
        at = s[moving.VALUE] + effect
        age = now - _of(s, moving.LAST, effect)
        x[at] = faded(x[at], age, _of(s, moving.WINDOW, effect)) + x[s[moving.FACTOR] + effect]
        s[s[moving.LAST] + effect] = now
    elif decay == _LASTS:
        _forget(s, r, effect, now)
        if _of(s, moving.RECENT, effect) == r.shape[1]:
            r = _with_room(s, r)
        place = (_of(s, moving.RECENT_FIRST, effect) + _of(s, moving.RECENT, effect)) % r.shape[1]
        r[effect, place] = now
        s[s[moving.RECENT] + effect] += 1
    return r


@part
def _with_room(s: Ints, r: Ints) -> Ints:
    larger = np.zeros((r.shape[0], 2 * r.shape[1]), dtype=np.int64)
    for effect in range(r.shape[0]):
        for i in range(_of(s, moving.RECENT, effect)):
            larger[effect, i] = r[effect, (_of(s, moving.RECENT_FIRST, effect) + i) % r.shape[1]]
        s[s[moving.RECENT_FIRST] + effect] = 0
    return larger


@part
def _forget(s: Ints, r: Ints, effect: int, now: int) -> None:
    """Drop the causes whose window has passed."""
    first, recent = s[moving.RECENT_FIRST] + effect, s[moving.RECENT] + effect
    while s[recent] > 0 and not in_force(now - r[effect, s[first]], _of(s, moving.WINDOW, effect)):
        s[first] = (s[first] + 1) % r.shape[1]
        s[recent] -= 1


@part
def _term(k: Ints, s: Ints, x: Floats, r: Ints, effect: int, now: int) -> float:
    times = _of(s, moving.TIMES, effect)
    if times == 0:
        return 0.0
    decay = _of(k, fixed.DECAY, effect)
    if decay == _HALF_LIFE:
        age = now - _of(s, moving.LAST, effect)
        return faded(x[s[moving.VALUE] + effect], age, _of(s, moving.WINDOW, effect))
    if decay == _LASTS:
        _forget(s, r, effect, now)
        times = _of(s, moving.RECENT, effect)
    return times * x[s[moving.FACTOR] + effect] if times > 0 else 0.0


@part
def _probability(k: Ints, v: Floats, s: Ints, x: Floats, r: Ints, line: int, now: int) -> float:
    odds = v[_of(k, fixed.ANSWER, line)]
    closers = 0
    for regime in _list(k, fixed.LINE_REGIMES, line):
        state = _of(k, fixed.STATES, regime) + _of(s, moving.STATE, regime)
        term = v[_of(k, fixed.LOG_FACTOR, state)]
        if term == -inf:
            closers += 1
        else:
            odds += term
    for effect in _list(k, fixed.LINE_EFFECTS, line):
        term = _term(k, s, x, r, effect, now)
        if term == -inf:
            closers += 1
        else:
            odds += term
    return answer_probability(odds, closers)


# Regimes and events
# ---------------------------------------------------------------------------------------------------


@part
def _dwell(k: Ints, f: Floats, v: Floats, s: Ints, w: Ints, y: Floats, seed: int, regime: int, now: int) -> None:
    """A dwell in the present state begins."""
    horizon = k[fixed.HORIZON]
    index = _of(s, moving.DWELLS, regime)
    s[s[moving.DWELLS] + regime] = index + 1
    state = _of(s, moving.STATE, regime)
    law = _of(k, fixed.DWELL, _of(k, fixed.STATES, regime) + state)
    until = horizon
    if law != _NONE:
        u, _ = _pair(k, s, seed, fixed.REGIME_STREAM, regime, index, _INTERVAL)
        until = after(now, _seconds(k, f, v, law, u, 1), horizon)
    s[s[moving.SWITCH] + regime] = until
    _tell(s, w, y, now, T_STATE, regime, state, until if until < horizon else _NONE, 0, 0)


@part
def _next_occurrence(k: Ints, f: Floats, v: Floats, s: Ints, seed: int, event: int, now: int) -> None:
    """The event's next date, or one interval after `now`."""
    index = _of(s, moving.OCCURRENCES, event)
    second = k[fixed.HORIZON]
    every = _of(k, fixed.EVENT_EVERY, event)
    date = _of(k, fixed.DATES, event) + index
    if every != _NONE:
        u, _ = _pair(k, s, seed, fixed.EVENT_STREAM, event, index, _INTERVAL)
        second = after(now, _seconds(k, f, v, every, u, 1), second)
    elif date < _of(k, fixed.DATES, event + 1):
        second = _of(s, moving.DATE_NOW, date)
    s[s[moving.EVENT] + event] = second


@part
def _set_dates(k: Ints, f: Floats, v: Floats, s: Ints, seed: int, event: int) -> None:
    """The event's dates in this replication, in rising order."""
    first = _of(k, fixed.DATES, event)
    dates = s[moving.DATE_NOW]
    for date in range(first, _of(k, fixed.DATES, event + 1)):
        second = _of(k, fixed.DATE, date)
        plus = _of(k, fixed.PLUS, date)
        if plus != _NONE:
            u, _ = _pair(k, s, seed, fixed.EVENT_STREAM, event, date - first, _WAIT)
            second = after(second, _seconds(k, f, v, plus, u, 0), k[fixed.HORIZON])
        place = date
        while place > first and s[dates + place - 1] > second:
            s[dates + place] = s[dates + place - 1]
            place -= 1
        s[dates + place] = second


# Errands
# --------------------------------------------------------------------------------------------------------------


@part
def _begin(k: Ints, v: Floats, s: Ints, c: Ints, w: Ints, y: Floats, line: int, second: int, now: int) -> None:
    """A fresh errand; its first attempt is due when it begins."""
    horizon = k[fixed.HORIZON]
    if second >= horizon:
        return
    s[s[moving.IS_OPEN] + line] = 1
    s[s[moving.BEGINS] + line] = second
    s[s[moving.ERRAND_ATTEMPTS] + line] = 0
    begun = c[moving.ERRANDS] + line * _ENDS + BEGUN
    c[begun] += 1
    if len(w) > 0:
        if second == now:
            _tell(s, w, y, now, T_ERRAND, line, c[begun], 0, 0, 0)
        else:
            s[s[moving.BEGIN] + line] = second
    give_up = _of(k, fixed.GIVE_UP, line)
    if give_up != _NONE:
        s[s[moving.GIVING_UP] + line] = after(second, whole_seconds(v[give_up], 0, horizon), horizon)
    s[s[moving.ATTEMPT] + line] = _first_open(k, _of(k, fixed.MAY_ATTEMPT, line), second)


@part
def _end(k: Ints, s: Ints, line: int) -> None:
    never = k[fixed.HORIZON]
    s[s[moving.IS_OPEN] + line] = 0
    s[s[moving.PENDING] + line] = 0
    s[s[moving.GIVING_UP] + line] = never
    s[s[moving.CONTACT] + line] = never
    s[s[moving.ATTEMPT] + line] = never


@part
def _start(
    k: Ints, f: Floats, v: Floats, s: Ints, c: Ints, w: Ints, y: Floats, seed: int, line: int, second: int, now: int
) -> None:
    """The first errand of a line that is not triggered: after its wait."""
    wait = _of(k, fixed.WAIT, line)
    begins = second
    if wait != _NONE:
        u, _ = _pair(k, s, seed, fixed.LINE_STREAM, line, 0, _WAIT)
        begins = after(second, _seconds(k, f, v, wait, u, 0), k[fixed.HORIZON])
    _begin(k, v, s, c, w, y, line, begins, now)


@part
def _count_towards_start(
    k: Ints, f: Floats, v: Floats, s: Ints, c: Ints, w: Ints, y: Floats, seed: int, lines: Ints, now: int
) -> None:
    for line in lines:
        at = s[moving.BEFORE_START] + line
        s[at] += 1
        if s[at] == _of(k, fixed.START_COUNT, line):
            _start(k, f, v, s, c, w, y, seed, line, now, now)


@part
def _trigger(k: Ints, v: Floats, s: Ints, c: Ints, w: Ints, y: Floats, line: int, now: int) -> None:
    """An occurrence opens an errand, or merges with the one under way."""
    if _of(s, moving.IS_OPEN, line) or _of(s, moving.LAST_CONTACT, line) == now:
        c[c[moving.ERRANDS] + line * _ENDS + MERGED] += 1
        _tell(s, w, y, now, T_MERGED, line, 0, 0, 0, 0)
    else:
        _begin(k, v, s, c, w, y, line, now, now)


@part
def _give_up(
    k: Ints, f: Floats, v: Floats, s: Ints, c: Ints, w: Ints, y: Floats, seed: int, line: int, now: int
) -> None:
    never = k[fixed.HORIZON]
    c[c[moving.ERRANDS] + line * _ENDS + GAVE_UP] += 1
    _tell(s, w, y, now, T_GAVE_UP, line, _of(s, moving.ERRAND_ATTEMPTS, line), 0, 0, 0)
    _end(k, s, line)
    for other in _list(k, fixed.OPENS, line):
        opening = s[moving.OPENING] + other
        if s[opening] == never:
            s[opening] = min(now + 1, never)
        else:
            s[s[moving.LATER] + other] = min(now + 1, never)
    lines = _list(k, fixed.STARTS_AFTER_GIVING_UP, line)
    _count_towards_start(k, f, v, s, c, w, y, seed, lines, now)


# The kinds of happening
# -----------------------------------------------------------------------------------------------


@part
def _occur(
    k: Ints,
    f: Floats,
    v: Floats,
    s: Ints,
    x: Floats,
    r: Ints,
    c: Ints,
    w: Ints,
    y: Floats,
    seed: int,
    event: int,
    now: int,
) -> Ints:
    """An event: its effect, triggers and switches."""
    s[s[moving.OCCURRENCES] + event] += 1
    _tell(s, w, y, now, T_EVENT, event, _of(s, moving.OCCURRENCES, event), 0, 0, 0)
    _next_occurrence(k, f, v, s, seed, event, now)
    r = _takes_force(k, s, x, r, _of(k, fixed.EVENT_EFFECT, event), now)
    for line in _list(k, fixed.EVENT_OPENS, event):
        _trigger(k, v, s, c, w, y, line, now)
    _count_towards_start(k, f, v, s, c, w, y, seed, _list(k, fixed.EVENT_STARTS_LINES, event), now)
    for switch in range(_of(k, fixed.SWITCHES, event), _of(k, fixed.SWITCHES, event + 1)):
        regime = _of(k, fixed.SWITCH_REGIME, switch)
        s[s[moving.STATE] + regime] = _of(k, fixed.SWITCH_STATE, switch)
        _dwell(k, f, v, s, w, y, seed, regime, now)
    return r


@part
def _attempt(
    k: Ints,
    f: Floats,
    v: Floats,
    s: Ints,
    x: Floats,
    r: Ints,
    c: Ints,
    w: Ints,
    y: Floats,
    seed: int,
    line: int,
    now: int,
) -> Ints:
    """An attempt is due, the channel open and the caller on duty."""
    free = _of(s, moving.IN_CALL_UNTIL, _of(k, fixed.CALLER, line))
    if now < free:
        s[s[moving.ATTEMPT] + line] = _first_open(k, _of(k, fixed.MAY_ATTEMPT, line), free)
        return r
    index = _of(s, moving.ATTEMPTS_MADE, line)
    s[s[moving.ATTEMPTS_MADE] + line] = index + 1
    s[s[moving.ERRAND_ATTEMPTS] + line] += 1
    interval, uniform = _pair(k, s, seed, fixed.LINE_STREAM, line, index, _INTERVAL)
    x[s[moving.INTERVAL] + line] = interval
    busy = now < _of(s, moving.IN_CALL_UNTIL, _of(k, fixed.CALLEE, line))
    probability = nan if busy else _probability(k, v, s, x, r, line, now)
    if s[moving.TOLD] < len(w):
        y[s[moving.TOLD], 0] = probability
        y[s[moving.TOLD], 1] = nan if busy else uniform
    if not busy and is_answered(uniform, probability):
        _answered(k, f, v, s, c, w, y, seed, line, index, now)
        return r
    return _unanswered(k, f, v, s, x, r, c, w, y, seed, line, index, busy, now)


@part
def _answered(
    k: Ints, f: Floats, v: Floats, s: Ints, c: Ints, w: Ints, y: Floats, seed: int, line: int, index: int, now: int
) -> None:
    c[c[moving.ANSWERED] + line] += 1
    u, _ = _pair(k, s, seed, fixed.LINE_STREAM, line, index, _DELAY)
    delay = _seconds(k, f, v, _of(k, fixed.DELAY, line), u, 0)
    s[s[moving.PENDING] + line] = 1
    s[s[moving.ATTEMPTED] + line] = now
    ready = _served(k, _of(k, fixed.ON_DUTY, line), now, delay)
    s[s[moving.CONTACT] + line] = _first_open(k, _of(k, fixed.MAY_CONTACT, line), ready)
    _tell(s, w, y, now, T_ATTEMPT, line, index, _of(s, moving.ERRAND_ATTEMPTS, line), _NONE, delay)


@part
def _unanswered(
    k: Ints,
    f: Floats,
    v: Floats,
    s: Ints,
    x: Floats,
    r: Ints,
    c: Ints,
    w: Ints,
    y: Floats,
    seed: int,
    line: int,
    index: int,
    busy: bool,
    now: int,
) -> Ints:
    reason = k[fixed.REASONS] - 1
    if not busy:
        reasons = _list(k, fixed.LINE_REASONS, line)
        which = 0
        if len(reasons) > 1:
            _, u = _pair(k, s, seed, fixed.LINE_STREAM, line, index, _DELAY)
            which = reason_of(u, f[_of(k, fixed.SHARES, line) : _of(k, fixed.SHARES, line + 1)])
        reason = reasons[which]
    c[c[moving.UNANSWERED] + line * k[fixed.REASONS] + reason] += 1
    attempts = _of(s, moving.ERRAND_ATTEMPTS, line)
    _tell(s, w, y, now, T_ATTEMPT, line, index, attempts, reason, _NONE)
    r = _takes_force(k, s, x, r, _of(k, fixed.ON_UNANSWERED, line), now)
    _count_towards_start(k, f, v, s, c, w, y, seed, _list(k, fixed.STARTS_AFTER_UNANSWERED, line), now)
    if attempts == _of(k, fixed.ATTEMPTS, line):
        _give_up(k, f, v, s, c, w, y, seed, line, now)
    else:
        interval = _seconds(k, f, v, _of(k, fixed.EVERY, line), x[s[moving.INTERVAL] + line], 1)
        due = after(now, interval, k[fixed.HORIZON])
        s[s[moving.ATTEMPT] + line] = _first_open(k, _of(k, fixed.MAY_ATTEMPT, line), due)
    return r


@part
def _contact(
    k: Ints,
    f: Floats,
    v: Floats,
    s: Ints,
    x: Floats,
    r: Ints,
    c: Ints,
    w: Ints,
    y: Floats,
    seed: int,
    line: int,
    now: int,
) -> Ints:
    """A contact is due: the delay served, the callee on duty and the channel open."""
    caller, callee = (
        s[moving.IN_CALL_UNTIL] + _of(k, fixed.CALLER, line),
        s[moving.IN_CALL_UNTIL] + _of(k, fixed.CALLEE, line),
    )
    free = max(s[caller], s[callee])
    if now < free:
        s[s[moving.CONTACT] + line] = _first_open(k, _of(k, fixed.MAY_CONTACT, line), free)
        return r
    attempted = _of(s, moving.ATTEMPTED, line)
    response = now - (_of(s, moving.BEGINS, line) if _of(k, fixed.TRIGGERED, line) else attempted)
    _count_contact(k, s, c, line, response, now)
    _end(k, s, line)
    _, u = _pair(k, s, seed, fixed.LINE_STREAM, line, _of(s, moving.ATTEMPTS_MADE, line) - 1, _WAIT)
    call = _seconds(k, f, v, _of(k, fixed.CALL, line), u, 0)
    _tell(s, w, y, now, T_CONTACT, line, attempted, response, call, 0)
    r = _takes_force(k, s, x, r, _of(k, fixed.ON_CONTACT, line), now)
    ends = after(now, call, k[fixed.HORIZON])
    if call > 0:
        s[caller] = ends
        s[callee] = ends
        if len(w) > 0:
            s[s[moving.CALL_END] + line] = ends
    for other in _list(k, fixed.SUPERSEDES, line):
        if _of(s, moving.IS_OPEN, other) and _of(s, moving.BEGINS, other) <= now:
            c[c[moving.ERRANDS] + other * _ENDS + SUPERSEDED] += 1
            _end(k, s, other)
            _tell(s, w, y, now, T_SUPERSEDED, other, line, 0, 0, 0)
    _count_towards_start(k, f, v, s, c, w, y, seed, _list(k, fixed.STARTS_AFTER_CONTACT, line), now)
    if _of(k, fixed.UNTIL_HORIZON, line):
        interval = _seconds(k, f, v, _of(k, fixed.EVERY, line), x[s[moving.INTERVAL] + line], 1)
        _begin(k, v, s, c, w, y, line, after(ends, interval, k[fixed.HORIZON]), now)
    return r


@part
def _count_contact(k: Ints, s: Ints, c: Ints, line: int, response: int, now: int) -> None:
    first = s[moving.FIRST_CONTACT] + line
    if s[first] == _NONE:
        s[first] = now
    if s[moving.FIRST_LINE] == _NONE:
        s[moving.FIRST_LINE] = line
    s[s[moving.LAST_CONTACT] + line] = now
    c[c[moving.ERRANDS] + line * _ENDS + CONTACT] += 1
    bins = line * k[fixed.BINS]
    c[c[moving.ATTEMPTS_TAKEN] + bins + _bin_of(_of(s, moving.ERRAND_ATTEMPTS, line))] += 1
    c[c[moving.RESPONSE] + bins + _bin_of(response)] += 1


@part
def _bin_of(number: int) -> int:
    """As sim.rules.bins.bin_of, whose bit_length numba does not know."""
    shift = 0
    while (number >> shift) >= 2048:
        shift += 1
    return number if shift == 0 else shift * 1024 + (number >> shift)


# One replication, and many
# --------------------------------------------------------------------------------------------


@part
def _reset(k: Ints, v: Floats, s: Ints, x: Floats, replication: int) -> None:
    never = k[fixed.HORIZON]
    s[s[moving.DUE] : s[moving.FIRST_CONTACT]] = never
    s[s[moving.FIRST_CONTACT] :] = 0
    s[s[moving.FIRST_CONTACT] : s[moving.ATTEMPTS_MADE]] = _NONE
    s[s[moving.LAST_CONTACT] : s[moving.BEFORE_START]] = _NONE
    x[:] = 0.0
    s[moving.REPLICATION] = replication
    s[moving.FIRST_LINE] = _NONE
    for effect in range(k[fixed.EFFECTS]):
        x[s[moving.FACTOR] + effect] = v[_of(k, fixed.EFFECT_FACTOR, effect)]
        decay, window = _of(k, fixed.DECAY, effect), _of(k, fixed.EFFECT_WINDOW, effect)
        if decay == _LASTS:
            s[s[moving.WINDOW] + effect] = whole_seconds(v[window], 1, never)
        elif decay == _HALF_LIFE:
            s[s[moving.WINDOW] + effect] = max(1, int(v[window] + 0.5))


@part
def _open(k: Ints, f: Floats, v: Floats, s: Ints, c: Ints, w: Ints, y: Floats, seed: int) -> None:
    """Second 0, before anything is due: regimes take their first state, events and lines their first date."""
    for regime in range(k[fixed.REGIMES]):
        u, _ = _pair(k, s, seed, fixed.REGIME_STREAM, regime, 0, _WAIT)
        chances = f[_of(k, fixed.INITIALLY, regime) : _of(k, fixed.INITIALLY, regime + 1)]
        s[s[moving.STATE] + regime] = reason_of(u, chances)
        _dwell(k, f, v, s, w, y, seed, regime, 0)
    for event in range(k[fixed.EVENTS]):
        _set_dates(k, f, v, s, seed, event)
        _next_occurrence(k, f, v, s, seed, event, _of(k, fixed.EVENT_STARTS, event))
    for line in range(k[fixed.LINES]):
        if _of(k, fixed.START, line) == _START_AT:
            _start(k, f, v, s, c, w, y, seed, line, _of(k, fixed.START_SECOND, line), 0)


@part
def _happen(
    k: Ints,
    f: Floats,
    v: Floats,
    s: Ints,
    x: Floats,
    r: Ints,
    c: Ints,
    w: Ints,
    y: Floats,
    seed: int,
    slot: int,
    now: int,
) -> Ints:
    """What a slot stands for happens."""
    if slot >= s[moving.ATTEMPT]:
        return _attempt(k, f, v, s, x, r, c, w, y, seed, slot - s[moving.ATTEMPT], now)
    if slot >= s[moving.CONTACT]:
        return _contact(k, f, v, s, x, r, c, w, y, seed, slot - s[moving.CONTACT], now)
    if slot >= s[moving.CALL_END]:
        _tell(s, w, y, now, T_CALL_ENDS, slot - s[moving.CALL_END], 0, 0, 0, 0)
    elif slot >= s[moving.OPENING]:
        line = slot - s[moving.OPENING]
        s[slot] = _of(s, moving.LATER, line)
        s[s[moving.LATER] + line] = k[fixed.HORIZON]
        _trigger(k, v, s, c, w, y, line, now)
    elif slot >= s[moving.EVENT]:
        return _occur(k, f, v, s, x, r, c, w, y, seed, slot - s[moving.EVENT], now)
    elif slot >= s[moving.GIVING_UP]:
        line = slot - s[moving.GIVING_UP]
        if not _of(s, moving.PENDING, line):
            _give_up(k, f, v, s, c, w, y, seed, line, now)
    elif slot >= s[moving.SWITCH]:
        regime = slot - s[moving.SWITCH]
        states = _of(k, fixed.STATES, regime + 1) - _of(k, fixed.STATES, regime)
        s[s[moving.STATE] + regime] = (_of(s, moving.STATE, regime) + 1) % states
        _dwell(k, f, v, s, w, y, seed, regime, now)
    else:
        line = slot - s[moving.BEGIN]
        _tell(s, w, y, now, T_ERRAND, line, c[c[moving.ERRANDS] + line * _ENDS + BEGUN], 0, 0, 0)
    return r


@part
def _replicate(
    k: Ints, f: Floats, v: Floats, s: Ints, x: Floats, r: Ints, c: Ints, w: Ints, y: Floats, seed: int, replication: int
) -> Ints:
    """One replication, from clock.start to the horizon."""
    _reset(k, v, s, x, replication)
    _open(k, f, v, s, c, w, y, seed)
    horizon = k[fixed.HORIZON]
    while True:
        slot = s[moving.DUE]
        now = s[slot]
        for i in range(slot + 1, s[moving.END]):
            if s[i] < now:
                now = s[i]
                slot = i
        if now >= horizon:
            break
        s[slot] = horizon
        r = _happen(k, f, v, s, x, r, c, w, y, seed, slot, now)
    for line in range(k[fixed.LINES]):
        if _of(s, moving.IS_OPEN, line):
            c[c[moving.ERRANDS] + line * _ENDS + OPEN] += 1
    return r


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
    touch, or one row for all."""
    r = np.zeros((k[fixed.EFFECTS], 8), dtype=np.int64)
    lines = k[fixed.LINES]
    first_block = first // k[fixed.BLOCK]
    for row in range(len(first_contact)):
        replication = first + row
        block = replication // k[fixed.BLOCK] - first_block if len(values) > 1 else 0
        s[moving.TOLD] = 0
        r = _replicate(k, f, values[block], s, x, r, c, w, y, seed, replication)
        at = s[moving.FIRST_CONTACT]
        first_contact[row, :] = s[at : at + lines]
        first_line[row] = s[moving.FIRST_LINE]
