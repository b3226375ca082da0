"""Requests, and what opens and ends them; regimes and events."""

from __future__ import annotations

from sim.engines.compiled import agenda, fixed, moving
from sim.engines.compiled.agenda import clear, is_clear, set_due
from sim.engines.compiled.event_log import tell
from sim.engines.compiled.force import takes_force, unbound
from sim.engines.compiled.jit import part
from sim.engines.compiled.state import BEGUN, GAVE_UP, MERGED, T_EVENT, T_GAVE_UP, T_MERGED, T_REQUEST, T_STATE, Crisis
from sim.engines.compiled.times import INTERVAL, WAIT, drawn, open_from
from sim.rules.calendar import after, whole_seconds

_NONE = -1


@part
def line_at(line: int) -> int:
    """The place of a line in `k`."""
    return fixed.LINE_RECORDS + line * fixed.LINE_WIDTH


@part
def state_at(line: int) -> int:
    """The place of a line in `s`."""
    return moving.LINE_RECORDS + line * moving.LINE_WIDTH


# Requests
# --------------------------------------------------------------------------------------------------------------


@part
def begin(m: Crisis, line: int, second: int, now: int) -> None:
    """A fresh request; its first attempt is due when it begins."""
    k, s = m.k, m.s
    horizon = k[fixed.HORIZON]
    if second >= horizon:
        return
    record, at = line_at(line), state_at(line)
    s[at + moving.IS_OPEN] = 1
    s[at + moving.BEGINS] = second
    s[at + moving.BEFORE_REQUEST] = s[at + moving.ATTEMPTS_MADE]
    begun = k[record + fixed.C_REQUESTS] + BEGUN
    m.c[begun] += 1
    if s[moving.TELLS]:
        if second == now:
            tell(m, now, T_REQUEST, line, m.c[begun], 0, 0, 0)
        else:
            set_due(m, k[record + fixed.LEAF_BEGIN], second, agenda.BEGIN, line)
    give_up_after = k[record + fixed.GIVE_UP]
    if give_up_after != _NONE:
        ends = after(second, whole_seconds(m.v[give_up_after], 0, horizon), horizon)
        set_due(m, k[record + fixed.LEAF_GIVING_UP], ends, agenda.GIVING_UP, line)
    set_due(m, line, open_from(m, k[record + fixed.MAY_ATTEMPT], second), agenda.ATTEMPT, line)


@part
def end(m: Crisis, line: int) -> None:
    """The request under way ends; nothing of it is due any more."""
    at, leaf = state_at(line), m.k[line_at(line) + fixed.LEAF_GIVING_UP]
    m.s[at + moving.IS_OPEN] = 0
    m.s[at + moving.PENDING] = 0
    clear(m, line)
    if leaf != _NONE:
        clear(m, leaf)


@part
def start(m: Crisis, line: int, second: int, now: int) -> None:
    """The first request of a line that is not triggered: after its wait."""
    record = line_at(line)
    wait = m.k[record + fixed.WAIT]
    begins = second
    if wait != _NONE:
        pause = drawn(m, wait, m.k[record + fixed.STREAM], 0, WAIT, 0, 0)
        begins = after(second, pause, m.k[fixed.HORIZON])
    begin(m, line, begins, now)


@part
def count_towards_start(m: Crisis, lines: int, now: int) -> None:
    """What the lines of a list wait for has happened once more."""
    for i in range(m.k[lines], m.k[lines + 1]):
        line = m.k[i]
        at = state_at(line) + moving.BEFORE_START
        m.s[at] += 1
        if m.s[at] == m.k[line_at(line) + fixed.START_COUNT]:
            start(m, line, now, now)


@part
def trigger(m: Crisis, line: int, now: int) -> None:
    """An occurrence opens a request, or merges with the one under way."""
    at = state_at(line)
    if m.s[at + moving.IS_OPEN] or m.s[at + moving.LAST_CONTACT] == now:
        m.c[m.k[line_at(line) + fixed.C_REQUESTS] + MERGED] += 1
        tell(m, now, T_MERGED, line, 0, 0, 0, 0)
    else:
        begin(m, line, now, now)


@part
def give_up(m: Crisis, line: int, now: int) -> None:
    """The request ends without a contact; lines that wait for that are told, triggered ones a second later."""
    k = m.k
    record, at = line_at(line), state_at(line)
    m.c[k[record + fixed.C_REQUESTS] + GAVE_UP] += 1
    tell(m, now, T_GAVE_UP, line, m.s[at + moving.ATTEMPTS_MADE] - m.s[at + moving.BEFORE_REQUEST], 0, 0, 0)
    end(m, line)
    for i in range(k[record + fixed.OPENS], k[record + fixed.OPENS + 1]):
        other = k[i]
        leaf = k[line_at(other) + fixed.LEAF_OPENING]
        if is_clear(m, leaf):
            set_due(m, leaf, now + 1, agenda.OPENING, other)
        else:
            m.s[state_at(other) + moving.LATER] = now + 1
    count_towards_start(m, record + fixed.AFTER_GIVING_UP, now)


@part
def open_after_giving_up(m: Crisis, line: int, now: int) -> None:
    """A second after another line gave up."""
    later = state_at(line) + moving.LATER
    set_due(m, m.k[line_at(line) + fixed.LEAF_OPENING], m.s[later], agenda.OPENING, line)
    m.s[later] = m.k[fixed.HORIZON]
    trigger(m, line, now)


# Regimes
# --------------------------------------------------------------------------------------------------------------


@part
def regime_at(m: Crisis, regime: int) -> int:
    """The place of a regime in `k`."""
    return m.k[fixed.REGIME_RECORDS] + regime * fixed.REGIME_WIDTH


@part
def enter(m: Crisis, regime: int, state: int, now: int) -> None:
    """A regime enters a state, perhaps the one it is in, and a sojourn begins."""
    k, s = m.k, m.s
    horizon, record = k[fixed.HORIZON], regime_at(m, regime)
    at = k[fixed.S_REGIMES] + regime * moving.REGIME_WIDTH
    index = s[at + moving.SOJOURNS]
    s[at + moving.STATE] = state
    s[at + moving.SOJOURNS] = index + 1
    law = k[k[record + fixed.SOJOURN] + state]
    until = horizon
    if law != _NONE:
        until = after(now, drawn(m, law, k[record + fixed.REGIME_STREAM], index, INTERVAL, 0, 1), horizon)
    set_due(m, k[fixed.LEAF_SWITCH] + regime, until, agenda.SWITCH, regime)
    unbound(m, k[record + fixed.REGIME_AFFECTS], k[record + fixed.REGIME_AFFECTS + 1])
    tell(m, now, T_STATE, regime, state, until if until < horizon else _NONE, 0, 0)


@part
def switch(m: Crisis, regime: int, now: int) -> None:
    """The sojourn is over: the next state in order."""
    state = m.s[m.k[fixed.S_REGIMES] + regime * moving.REGIME_WIDTH + moving.STATE] + 1
    enter(m, regime, state if state < m.k[regime_at(m, regime) + fixed.STATES] else 0, now)


# Events
# --------------------------------------------------------------------------------------------------------------


@part
def event_at(m: Crisis, event: int) -> int:
    """The place of an event in `k`."""
    return m.k[fixed.EVENT_RECORDS] + event * fixed.EVENT_WIDTH


@part
def set_dates(m: Crisis, event: int) -> None:
    """The event's dates in this replication, in rising order."""
    k, s, record = m.k, m.s, event_at(m, event)
    dates = k[record + fixed.DATES_NOW]
    for date in range(k[record + fixed.DATE_COUNT]):
        second = k[k[record + fixed.DATES] + date]
        plus = k[k[record + fixed.PLUS] + date]
        if plus != _NONE:
            pause = drawn(m, plus, k[record + fixed.EVENT_STREAM], date, WAIT, 0, 0)
            second = after(second, pause, k[fixed.HORIZON])
        place = date
        while place > 0 and s[dates + place - 1] > second:
            s[dates + place] = s[dates + place - 1]
            place -= 1
        s[dates + place] = second


@part
def set_next_occurrence(m: Crisis, event: int, now: int) -> None:
    """The event's next date, or one interval after `now`."""
    k, record = m.k, event_at(m, event)
    index = m.s[k[fixed.S_OCCURRENCES] + event]
    second = k[fixed.HORIZON]
    every = k[record + fixed.EVENT_EVERY]
    if every != _NONE:
        pause = drawn(m, every, k[record + fixed.EVENT_STREAM], index, INTERVAL, 0, 1)
        second = after(now, pause, second)
    elif index < k[record + fixed.DATE_COUNT]:
        second = m.s[k[record + fixed.DATES_NOW] + index]
    set_due(m, k[fixed.LEAF_EVENT] + event, second, agenda.EVENT, event)


@part
def occur(m: Crisis, event: int, now: int) -> None:
    """An event: its effect, triggers and switches."""
    k, record = m.k, event_at(m, event)
    at = k[fixed.S_OCCURRENCES] + event
    m.s[at] += 1
    tell(m, now, T_EVENT, event, m.s[at], 0, 0, 0)
    set_next_occurrence(m, event, now)
    takes_force(m, k[record + fixed.EVENT_EFFECT], now)
    for i in range(k[record + fixed.EVENT_OPENS], k[record + fixed.EVENT_OPENS + 1]):
        trigger(m, k[i], now)
    count_towards_start(m, record + fixed.EVENT_STARTS_LINES, now)
    for i in range(k[record + fixed.SWITCHES], k[record + fixed.SWITCHES + 1], 2):
        enter(m, k[i], k[i + 1], now)
