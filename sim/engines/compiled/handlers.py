"""Occurrences of the event loop: requests, attempts and contacts; regimes and events. One function for each.

`m` holds all arrays, `now` is the present second. The order of steps within a function is part of the semantics
(docs/explanation/semantics.md).
"""

from __future__ import annotations

from math import nan

from sim.engines.compiled.draws import delay_of, draw_ahead, draw_of, drawn, open_from, served_after
from sim.engines.compiled.effects import NO_BOUND, odds_have_changed, takes_force, update_bound, update_probability
from sim.engines.compiled.event_list import (
    ATTEMPT,
    BEGIN,
    CALL_END,
    CONTACT,
    EVENT,
    GIVING_UP,
    SWITCH,
    clear,
    is_clear,
    set_due,
)
from sim.engines.compiled.numba_setup import inlined, part, slice_of
from sim.engines.compiled.state import (
    DRAWS_AHEAD,
    L_ATTEMPT,
    L_CONTACT,
    L_EVENT,
    L_GAVE_UP,
    L_MERGED,
    L_REQUEST,
    L_STATE,
    L_SUPERSEDED,
    WAITING,
    Simulation,
)
from sim.rules.answer import is_answered, reason_of
from sim.rules.bins import bin_of
from sim.rules.calendar import after, whole_seconds
from sim.rules.random import Purpose
from sim.scenario.program import NONE

_INTERVAL, _WAIT, _CALL = int(Purpose.INTERVAL), int(Purpose.WAIT), int(Purpose.CALL)


@part
def tell(m: Simulation, now: int, what: int, who: int, a: int, b: int) -> None:
    """Add an entry to the log, if one is kept. There is room: see `kernel`."""
    clock = m.clock[0]
    if clock.tells:
        entry = m.log[clock.logged]
        entry.second, entry.what, entry.who, entry.a, entry.b, entry.c = now, what, who, a, b, 0
        clock.logged += 1


@part
def _tell_attempt(m: Simulation, line: int, now: int, reason: int, delay: int) -> None:
    one, entry = m.lines[line], m.log[m.clock[0].logged]
    index = one.attempts_made - 1
    tell(m, now, L_ATTEMPT, line, index, one.attempts_made - one.attempts_before)
    entry.c, entry.d = reason, delay
    busy = now < m.officials[one.callee]
    entry.probability = nan if busy else one.answer_p
    entry.uniform = nan if busy else m.answers[draw_of(line, index)]


# Requests -------------------------------------------------------------------------------------------------------------


@part
def begin(m: Simulation, line: int, second: int, now: int) -> None:
    """A fresh request; its first attempt is due when it begins."""
    one, clock = m.lines[line], m.clock[0]
    if second >= clock.horizon:
        clear(m, line)
        return
    one.is_open = 1
    one.begins = second
    one.attempts_before = one.attempts_made
    one.begun += 1
    if clock.tells:
        if second == now:
            tell(m, now, L_REQUEST, line, one.begun, 0)
        else:
            set_due(m, one.begin_leaf, second, BEGIN, line)
    if one.give_up != NONE:
        ends = after(second, whole_seconds(m.values[one.give_up], 0, clock.horizon), clock.horizon)
        set_due(m, one.giving_up_leaf, ends, GIVING_UP, line)
    set_due(m, line, open_from(m, one.may_attempt, second), ATTEMPT, line)


@inlined
def _close(m: Simulation, line: int) -> None:
    """The request under way ends; its caller clears the line's leaf."""
    one = m.lines[line]
    one.is_open = 0
    one.pending = 0
    if one.giving_up_leaf != NONE:
        clear(m, one.giving_up_leaf)


@part
def start(m: Simulation, line: int, second: int, now: int) -> None:
    """The first request of a line that is not triggered: after its wait."""
    one, begins = m.lines[line], second
    if one.wait != NONE:
        begins = after(second, drawn(m, one.wait, one.stream, 0, _WAIT, 0), m.clock[0].horizon)
    begin(m, line, begins, now)


@part
def count_towards_start(m: Simulation, first: int, end: int, now: int) -> None:
    """What the lines of a list wait for has happened once more."""
    for place in range(first, end):
        line = m.lines[m.indices[place]]
        line.before_start += 1
        if line.before_start == line.start_count:
            start(m, m.indices[place], now, now)


@part
def trigger(m: Simulation, line: int, now: int) -> None:
    """An occurrence opens a request, or merges with the one under way (its contact's own second included)."""
    one = m.lines[line]
    if one.is_open or one.last_contact == now:
        one.merged += 1
        tell(m, now, L_MERGED, line, 0, 0)
    else:
        begin(m, line, now, now)


@part
def give_up(m: Simulation, line: int, now: int) -> None:
    """The request ends without a contact; lines that wait for that begin, triggered ones a second later."""
    one = m.lines[line]
    one.gave_up += 1
    tell(m, now, L_GAVE_UP, line, one.attempts_made - one.attempts_before, 0)
    _close(m, line)
    clear(m, line)
    for place in range(one.opens.first, one.opens.end):
        other = m.lines[m.indices[place]]
        if is_clear(m, other.opening_leaf):
            set_due(m, other.opening_leaf, now + 1, EVENT, m.clock[0].events + m.indices[place])
        else:
            other.next_opening = now + 1
    count_towards_start(m, one.starts_on_giving_up.first, one.starts_on_giving_up.end, now)


@part
def open_after_giving_up(m: Simulation, line: int, now: int) -> None:
    """A second after another line gave up."""
    one, clock = m.lines[line], m.clock[0]
    set_due(m, one.opening_leaf, one.next_opening, EVENT, clock.events + line)
    one.next_opening = clock.horizon
    trigger(m, line, now)


# Attempts and contacts ------------------------------------------------------------------------------------------------


@inlined
def attempt(m: Simulation, line: int, now: int) -> None:
    """An attempt is due, the channel open and the caller on duty."""
    one = m.lines[line]
    free = m.officials[one.caller]
    if now < free:
        set_due(m, line, open_from(m, one.may_attempt, free), ATTEMPT, line)
        return
    index = one.attempts_made
    one.attempts_made = index + 1
    if index & (DRAWS_AHEAD - 1) == 0:
        draw_ahead(m, line, index)
    u = m.answers[draw_of(line, index)]
    if now < m.officials[one.callee]:
        _unanswered(m, line, now, m.clock[0].reasons - 1)
        return
    answered = False
    if one.answer_bound == NO_BOUND:
        update_bound(m, line)
    if is_answered(u, one.answer_bound) or m.clock[0].tells:
        if now >= one.answer_until:
            update_probability(m, line, now)
        answered = is_answered(u, one.answer_p)
    if answered:
        _answered(m, line, now)
    else:
        _unanswered(m, line, now, NONE)


@part
def _answered(m: Simulation, line: int, now: int) -> None:
    one = m.lines[line]
    index = one.attempts_made - 1
    one.answered += 1
    delay = delay_of(m, line, index)
    one.pending = 1
    one.attempted = now
    ready = served_after(m, one.on_duty, now, delay)
    set_due(m, line, open_from(m, one.may_contact, ready), CONTACT, line)
    if m.clock[0].tells:
        _tell_attempt(m, line, now, NONE, delay)


@inlined
def _unanswered(m: Simulation, line: int, now: int, reason: int) -> None:
    """`reason`: NONE if it is to be drawn."""
    one, clock = m.lines[line], m.clock[0]
    draw = draw_of(line, one.attempts_made - 1)
    if reason == NONE:
        which, several = one.reasons.first, one.reasons.end - one.reasons.first
        if several > 1:
            which += reason_of(m.reasons[draw], slice_of(m.reals, one.shares.first, several))
        reason = m.indices[which]
    m.unanswered[line * clock.reasons + reason] += 1
    if clock.tells:
        _tell_attempt(m, line, now, reason, NONE)
    takes_force(m, one.on_unanswered, now)
    count_towards_start(m, one.starts_on_unanswered.first, one.starts_on_unanswered.end, now)
    if one.attempts_made - one.attempts_before == one.attempts:
        give_up(m, line, now)
    else:
        due = after(now, m.intervals[draw], clock.horizon)
        set_due(m, line, open_from(m, one.may_attempt, due), ATTEMPT, line)


@part
def contact(m: Simulation, line: int, now: int) -> None:
    """A contact is due: the delay served, the callee on duty and the channel open."""
    one, clock = m.lines[line], m.clock[0]
    free = max(m.officials[one.caller], m.officials[one.callee])
    if now < free:
        set_due(m, line, open_from(m, one.may_contact, free), CONTACT, line)
        return
    index = one.attempts_made - 1
    response = now - (one.begins if one.triggered else one.attempted)
    _count_contact(m, line, response, now)
    _close(m, line)
    call = drawn(m, one.call, one.stream, index, _CALL, 0)
    if clock.tells:
        m.log[clock.logged].d = call
        tell(m, now, L_CONTACT, line, one.attempted, response)
    takes_force(m, one.on_contact, now)
    ends = after(now, call, clock.horizon)
    if call > 0:
        m.officials[one.caller] = ends
        m.officials[one.callee] = ends
        if clock.tells:
            set_due(m, one.call_end_leaf, ends, CALL_END, line)
    for place in range(one.supersedes.first, one.supersedes.end):
        _supersede(m, m.indices[place], line, now)
    count_towards_start(m, one.starts_on_contact.first, one.starts_on_contact.end, now)
    if one.until_horizon:
        interval = m.intervals[draw_of(line, index)]
        begin(m, line, after(ends, interval, clock.horizon), now)
    elif not one.is_open:
        clear(m, line)


@part
def _supersede(m: Simulation, other: int, line: int, now: int) -> None:
    """A line's contact ends another line's request, if one has begun."""
    one = m.lines[other]
    if one.is_open and one.begins <= now:
        one.superseded += 1
        _close(m, other)
        clear(m, other)
        tell(m, now, L_SUPERSEDED, other, line, 0)


@inlined
def _count_contact(m: Simulation, line: int, response: int, now: int) -> None:
    one, clock = m.lines[line], m.clock[0]
    if one.first_contact == NONE:
        one.first_contact = now
    if clock.first_line == NONE:
        clock.first_line = line
    one.last_contact = now
    one.contact += 1
    m.attempts_taken[line * clock.bins + bin_of(one.attempts_made - one.attempts_before)] += 1
    _count_later(m, line * clock.bins + bin_of(response))


@part
def _count_later(m: Simulation, place: int) -> None:
    """Count a response, which is probably not in the processor's cache: many such waits together cost little more than
    one."""
    clock = m.clock[0]
    if clock.waiting == WAITING:
        count_waiting(m)
    m.waiting[clock.waiting] = place
    clock.waiting += 1


@part
def count_waiting(m: Simulation) -> None:
    """Count the responses that wait."""
    clock = m.clock[0]
    for at in range(clock.waiting):
        m.response[m.waiting[at]] += 1
    clock.waiting = 0


# Regimes and events ---------------------------------------------------------------------------------------------------


@part
def enter(m: Simulation, at: int, state: int, now: int) -> None:
    """A regime enters a state, perhaps the one it is in, and a sojourn begins."""
    regime, horizon = m.regimes[at], m.clock[0].horizon
    index = regime.sojourns
    regime.state = state
    regime.sojourns = index + 1
    sojourn, until = m.states[regime.states.first + state].sojourn, horizon
    if sojourn != NONE:
        until = after(now, drawn(m, sojourn, regime.stream, index, _INTERVAL, 1), horizon)
    set_due(m, regime.leaf, until, SWITCH, at)
    odds_have_changed(m, regime.affects.first, regime.affects.end)
    tell(m, now, L_STATE, at, state, until if until < horizon else NONE)


@part
def switch(m: Simulation, at: int, now: int) -> None:
    """The sojourn is over: the next state in order."""
    regime = m.regimes[at]
    state = regime.state + 1
    enter(m, at, state if regime.states.first + state < regime.states.end else 0, now)


@part
def set_dates(m: Simulation, at: int) -> None:
    """The event's dates in this replication, in rising order."""
    event = m.events[at]
    for place in range(event.dates.first, event.dates.end):
        date, to = m.dates[place], place
        second = date.second
        if date.plus != NONE:
            pause = drawn(m, date.plus, event.stream, place - event.dates.first, _WAIT, 0)
            second = after(second, pause, m.clock[0].horizon)
        while to > event.dates.first and m.dates[to - 1].now > second:
            m.dates[to].now = m.dates[to - 1].now
            to -= 1
        m.dates[to].now = second


@part
def set_next_occurrence(m: Simulation, at: int, now: int) -> None:
    """The event's next date, or one interval after `now`."""
    event, second = m.events[at], m.clock[0].horizon
    if event.every != NONE:
        second = after(now, drawn(m, event.every, event.stream, event.occurrences, _INTERVAL, 1), second)
    elif event.dates.first + event.occurrences < event.dates.end:
        second = m.dates[event.dates.first + event.occurrences].now
    set_due(m, event.leaf, second, EVENT, at)


@part
def occur(m: Simulation, at: int, now: int) -> None:
    """An event: its effect, triggers and switches."""
    event = m.events[at]
    event.occurrences += 1
    tell(m, now, L_EVENT, at, event.occurrences, 0)
    set_next_occurrence(m, at, now)
    takes_force(m, event.effect, now)
    for place in range(event.opens.first, event.opens.end):
        trigger(m, m.indices[place], now)
    count_towards_start(m, event.starts_lines.first, event.starts_lines.end, now)
    for place in range(event.switches.first, event.switches.end):
        enter(m, m.switches[place].regime, m.switches[place].state, now)
