"""Attempts and contacts."""

from __future__ import annotations

from math import nan

from sim.engines.compiled import agenda, fixed, moving
from sim.engines.compiled.agenda import order_of, put_off, second_of, set_due
from sim.engines.compiled.event_log import tell, tell_draw
from sim.engines.compiled.force import bounds_at, probability, takes_force
from sim.engines.compiled.jit import inlined, part
from sim.engines.compiled.log_entries import begin, count_towards_start, end, give_up, line_at, state_at
from sim.engines.compiled.pointers import view
from sim.engines.compiled.state import CONTACT, SUPERSEDED, T_ATTEMPT, T_CONTACT, T_SUPERSEDED, Crisis
from sim.engines.compiled.times import (
    ALWAYS,
    DELAY,
    WAIT,
    draw_ahead,
    draw_at,
    drawn,
    interval,
    open_from,
    seconds,
    served_after,
)
from sim.rules.answer import is_answered, reason_of
from sim.rules.calendar import after

_NONE = -1


@inlined
def attempt(m: Crisis, key: int) -> None:
    """An attempt is due, the channel open and the caller on duty. `key`: of the attempt in the agenda."""
    k, s, line, now = m.k, m.s, order_of(key), second_of(key)
    record, at = line_at(line), state_at(line)
    free = s[k[fixed.S_OFFICIALS] + k[record + fixed.CALLER]]
    if now < free:
        set_due(m, line, open_from(m, k[record + fixed.MAY_ATTEMPT], free), agenda.ATTEMPT, line)
        return
    index = s[at + moving.ATTEMPTS_MADE]
    s[at + moving.ATTEMPTS_MADE] = index + 1
    if index & (moving.DEPTH - 1) == 0:
        draw_ahead(m, line, index)
    busy = now < s[k[fixed.S_OFFICIALS] + k[record + fixed.CALLEE]]
    uniform = draw_at(m, line, moving.ANSWERS, index)
    answered = False
    if s[moving.TELLS]:
        p = nan if busy else probability(m, line, now)
        tell_draw(m, p, nan if busy else uniform)
        answered = not busy and is_answered(uniform, p)
    elif uniform < m.x[bounds_at(line) + moving.ABOVE] and not busy:
        answered = uniform < m.x[bounds_at(line) + moving.BELOW] or is_answered(uniform, probability(m, line, now))
    if answered:
        _answered(m, line, index, now)
    else:
        _unanswered(m, key, index, busy)


@part
def _answered(m: Crisis, line: int, index: int, now: int) -> None:
    k, s = m.k, m.s
    record, at = line_at(line), state_at(line)
    m.c[k[record + fixed.C_ANSWERED]] += 1
    law = k[record + fixed.DELAY]
    if k[record + fixed.REASON_COUNT] > 1:
        delay = seconds(m, law, draw_at(m, line, moving.DELAYS, index), 0)
    else:
        delay = drawn(m, law, k[record + fixed.STREAM], index, DELAY, 0, 0)
    s[at + moving.PENDING] = 1
    s[at + moving.ATTEMPTED] = now
    ready = served_after(m, k[record + fixed.ON_DUTY], now, delay)
    set_due(m, line, open_from(m, k[record + fixed.MAY_CONTACT], ready), agenda.CONTACT, line)
    tell(m, now, T_ATTEMPT, line, index, index + 1 - s[at + moving.BEFORE_REQUEST], _NONE, delay)


@inlined
def _unanswered(m: Crisis, key: int, index: int, busy: bool) -> None:
    k, line, now = m.k, order_of(key), second_of(key)
    record = line_at(line)
    reason = k[fixed.REASONS] - 1
    if not busy:
        count = k[record + fixed.REASON_COUNT]
        which = 0
        if count > 1:
            which = reason_of(draw_at(m, line, moving.REASONS, index), view(m.f, k[record + fixed.SHARES], count))
        reason = k[k[record + fixed.REASON] + which]
    m.c[k[record + fixed.C_UNANSWERED] + reason] += 1
    attempts = index + 1 - m.s[state_at(line) + moving.BEFORE_REQUEST]
    tell(m, now, T_ATTEMPT, line, index, attempts, reason, _NONE)
    takes_force(m, k[record + fixed.ON_UNANSWERED], now)
    count_towards_start(m, record + fixed.AFTER_UNANSWERED, now)
    if attempts == k[record + fixed.ATTEMPTS]:
        give_up(m, line, now)
    elif k[record + fixed.MAY_ATTEMPT] == ALWAYS:
        put_off(m, line, key, interval(m, line, index))
    else:
        due = after(now, interval(m, line, index), k[fixed.HORIZON])
        set_due(m, line, open_from(m, k[record + fixed.MAY_ATTEMPT], due), agenda.ATTEMPT, line)


@part
def contact(m: Crisis, line: int, now: int) -> None:
    """A contact is due: the delay served, the callee on duty and the channel open."""
    k, s = m.k, m.s
    record, at = line_at(line), state_at(line)
    caller, callee = k[fixed.S_OFFICIALS] + k[record + fixed.CALLER], k[fixed.S_OFFICIALS] + k[record + fixed.CALLEE]
    free = max(s[caller], s[callee])
    if now < free:
        set_due(m, line, open_from(m, k[record + fixed.MAY_CONTACT], free), agenda.CONTACT, line)
        return
    attempted, index = s[at + moving.ATTEMPTED], s[at + moving.ATTEMPTS_MADE] - 1
    response = now - (s[at + moving.BEGINS] if k[record + fixed.TRIGGERED] else attempted)
    _count_contact(m, line, response, now)
    end(m, line)
    call = drawn(m, k[record + fixed.CALL], k[record + fixed.STREAM], index, WAIT, 1, 0)
    tell(m, now, T_CONTACT, line, attempted, response, call, 0)
    takes_force(m, k[record + fixed.ON_CONTACT], now)
    ends = after(now, call, k[fixed.HORIZON])
    if call > 0:
        s[caller] = ends
        s[callee] = ends
        if s[moving.TELLS]:
            set_due(m, k[record + fixed.LEAF_CALL_END], ends, agenda.CALL_END, line)
    for i in range(k[record + fixed.SUPERSEDES], k[record + fixed.SUPERSEDES + 1]):
        _supersede(m, k[i], line, now)
    count_towards_start(m, record + fixed.AFTER_CONTACT, now)
    if k[record + fixed.UNTIL_HORIZON]:
        begin(m, line, after(ends, interval(m, line, index), k[fixed.HORIZON]), now)


@part
def _supersede(m: Crisis, other: int, line: int, now: int) -> None:
    """A line's contact ends another line's request, if one has begun."""
    at = state_at(other)
    if m.s[at + moving.IS_OPEN] and m.s[at + moving.BEGINS] <= now:
        m.c[m.k[line_at(other) + fixed.C_REQUESTS] + SUPERSEDED] += 1
        end(m, other)
        tell(m, now, T_SUPERSEDED, other, line, 0, 0, 0)


@part
def _count_contact(m: Crisis, line: int, response: int, now: int) -> None:
    s, record, at = m.s, line_at(line), state_at(line)
    if s[at + moving.FIRST_CONTACT] == _NONE:
        s[at + moving.FIRST_CONTACT] = now
    if s[moving.FIRST_LINE] == _NONE:
        s[moving.FIRST_LINE] = line
    s[at + moving.LAST_CONTACT] = now
    m.c[m.k[record + fixed.C_REQUESTS] + CONTACT] += 1
    taken = s[at + moving.ATTEMPTS_MADE] - s[at + moving.BEFORE_REQUEST]
    m.c[m.k[record + fixed.C_TAKEN] + _bin_of(taken)] += 1
    _count_later(m, m.k[record + fixed.C_RESPONSE] + _bin_of(response))


@part
def _count_later(m: Crisis, place: int) -> None:
    """Add one to a place in `c` that is probably not in the processor's cache: many such waits together cost little
    more than one."""
    waiting = m.s[moving.TO_COUNT]
    if waiting == moving.WAITING:
        count_waiting(m)
        waiting = 0
    m.s[m.k[fixed.S_WAITING] + waiting] = place
    m.s[moving.TO_COUNT] = waiting + 1


@part
def count_waiting(m: Crisis) -> None:
    """Count what waits."""
    first = m.k[fixed.S_WAITING]
    for i in range(first, first + m.s[moving.TO_COUNT]):
        m.c[m.s[i]] += 1
    m.s[moving.TO_COUNT] = 0


@part
def _bin_of(number: int) -> int:
    """As sim.rules.bins.bin_of, whose bit_length numba does not know."""
    shift = 0
    while (number >> shift) >= 2048:
        shift += 1
    return number if shift == 0 else shift * 1024 + (number >> shift)
