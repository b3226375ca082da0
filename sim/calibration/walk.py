"""The semantics over one particle, guided by the record where it speaks. Written from docs/explanation/semantics.md.

Every function takes the same arrays: `k` and `f`, the program (sim.calibration.layout); `v`, its numbers; `g`,
what the record asks of each line; `s`, `x` and `r`, the particle as it stands (see `places`). Without a record a
particle is the replication of its number, to the bit.
"""

from __future__ import annotations

from sim.calibration import fixed
from sim.calibration import places as at
from sim.calibration.guide import add_masses, blame, guided
from sim.calibration.jit import part
from sim.calibration.parts import (
    DELAY,
    HALF_LIFE,
    INTERVAL,
    LASTS,
    NONE,
    WAIT,
    contact_after,
    draw,
    listed,
    of,
    opens,
    probability,
    seconds,
    takes_force,
)
from sim.calibration.sojourns import broken_off, sojourn
from sim.rules.answer import is_answered, reason_of
from sim.rules.calendar import after, whole_seconds
from sim.scenario.program import Floats, Ints

_AT_DATE = 0

# Events --------------------------------------------------------------------------------------------------------------


@part
def _next_occurrence(k: Ints, f: Floats, v: Floats, s: Ints, seed: int, event: int, now: int) -> None:
    index = of(s, at.OCCURRENCES, event)
    second = k[fixed.HORIZON]
    every = of(k, fixed.EVENT_EVERY, event)
    date = of(k, fixed.DATES, event) + index
    if every != NONE:
        u, _ = draw(k, s, seed, fixed.EVENT_STREAM, event, index, INTERVAL)
        second = after(now, seconds(k, f, v, every, u, 1), second)
    elif date < of(k, fixed.DATES, event + 1):
        second = of(s, at.DATE_NOW, date)
    s[s[at.EVENT] + event] = second


@part
def _set_dates(k: Ints, f: Floats, v: Floats, s: Ints, seed: int, event: int) -> None:
    """The event's dates in this particle, in rising order."""
    first = of(k, fixed.DATES, event)
    dates = s[at.DATE_NOW]
    for date in range(first, of(k, fixed.DATES, event + 1)):
        second = of(k, fixed.DATE, date)
        plus = of(k, fixed.PLUS, date)
        if plus != NONE:
            u, _ = draw(k, s, seed, fixed.EVENT_STREAM, event, date - first, WAIT)
            second = after(second, seconds(k, f, v, plus, u, 0), k[fixed.HORIZON])
        place = date
        while place > first and s[dates + place - 1] > second:
            s[dates + place] = s[dates + place - 1]
            place -= 1
        s[dates + place] = second


@part
def _occur(
    k: Ints, f: Floats, v: Floats, g: Ints, s: Ints, x: Floats, r: Ints, seed: int, event: int, now: int
) -> None:
    """An event: its effect, triggers and switches."""
    s[s[at.OCCURRENCES] + event] += 1
    _next_occurrence(k, f, v, s, seed, event, now)
    takes_force(k, s, x, r, of(k, fixed.EVENT_EFFECT, event), now)
    for line in listed(k, fixed.EVENT_OPENS, event):
        _trigger(k, v, s, line, now)
    _count_towards_start(k, f, v, s, seed, listed(k, fixed.EVENT_STARTS_LINES, event), now)
    for switch in range(of(k, fixed.SWITCHES, event), of(k, fixed.SWITCHES, event + 1)):
        regime = of(k, fixed.SWITCH_REGIME, switch)
        broken_off(k, f, v, s, x, regime, now)
        s[s[at.STATE] + regime] = of(k, fixed.SWITCH_STATE, switch)
        sojourn(k, f, v, g, s, x, seed, regime, now)


# Requests -------------------------------------------------------------------------------------------------------------


@part
def _begin(k: Ints, v: Floats, s: Ints, line: int, second: int) -> None:
    """A fresh request; its first attempt is due when it begins."""
    horizon = k[fixed.HORIZON]
    if second >= horizon or of(s, at.MODE, line) == at.INACTIVE:
        return
    s[s[at.IS_OPEN] + line] = 1
    s[s[at.BEGINS] + line] = second
    s[s[at.REQUEST_ATTEMPTS] + line] = 0
    give_up = of(k, fixed.GIVE_UP, line)
    if give_up != NONE:
        s[s[at.GIVING_UP] + line] = after(second, whole_seconds(v[give_up], 0, horizon), horizon)
    s[s[at.ATTEMPT] + line] = opens(k, of(k, fixed.MAY_ATTEMPT, line), second)


@part
def _end(k: Ints, s: Ints, line: int) -> None:
    never = k[fixed.HORIZON]
    s[s[at.IS_OPEN] + line] = 0
    s[s[at.PENDING] + line] = 0
    s[s[at.GIVING_UP] + line] = never
    s[s[at.CONTACT] + line] = never
    s[s[at.ATTEMPT] + line] = never


@part
def _start(k: Ints, f: Floats, v: Floats, s: Ints, seed: int, line: int, second: int) -> None:
    """The first request of a line that is not triggered: after its wait."""
    wait = of(k, fixed.WAIT, line)
    begins = second
    if wait != NONE:
        u, _ = draw(k, s, seed, fixed.LINE_STREAM, line, 0, WAIT)
        begins = after(second, seconds(k, f, v, wait, u, 0), k[fixed.HORIZON])
    _begin(k, v, s, line, begins)


@part
def _count_towards_start(k: Ints, f: Floats, v: Floats, s: Ints, seed: int, lines: Ints, now: int) -> None:
    for line in lines:
        place = s[at.BEFORE_START] + line
        s[place] += 1
        if s[place] == of(k, fixed.START_COUNT, line):
            _start(k, f, v, s, seed, line, now)


@part
def _trigger(k: Ints, v: Floats, s: Ints, line: int, now: int) -> None:
    """An occurrence opens a request, unless one is under way or ended in a contact this second."""
    if not of(s, at.IS_OPEN, line) and of(s, at.LAST_CONTACT, line) != now:
        _begin(k, v, s, line, now)


@part
def _give_up(k: Ints, f: Floats, v: Floats, s: Ints, seed: int, line: int, now: int) -> None:
    never = k[fixed.HORIZON]
    _end(k, s, line)
    for other in listed(k, fixed.OPENS, line):
        opening = s[at.OPENING] + other
        if s[opening] == never:
            s[opening] = min(now + 1, never)
        else:
            s[s[at.LATER] + other] = min(now + 1, never)
    _count_towards_start(k, f, v, s, seed, listed(k, fixed.STARTS_AFTER_GIVING_UP, line), now)


# Attempts and contacts -----------------------------------------------------------------------------------------------


@part
def _attempt(
    k: Ints, f: Floats, v: Floats, g: Ints, s: Ints, x: Floats, r: Ints, seed: int, line: int, now: int
) -> None:
    """An attempt is due, the channel open and the caller on duty."""
    free = of(s, at.IN_CALL_UNTIL, of(k, fixed.CALLER, line))
    if now < free:
        s[s[at.ATTEMPT] + line] = opens(k, of(k, fixed.MAY_ATTEMPT, line), free)
        return
    index = of(s, at.ATTEMPTS_MADE, line)
    s[s[at.ATTEMPTS_MADE] + line] = index + 1
    s[s[at.REQUEST_ATTEMPTS] + line] += 1
    interval, uniform = draw(k, s, seed, fixed.LINE_STREAM, line, index, INTERVAL)
    x[s[at.X_INTERVAL] + line] = interval
    busy = now < of(s, at.IN_CALL_UNTIL, of(k, fixed.CALLEE, line))
    p = 0.0 if busy else probability(k, v, s, x, r, line, now)
    mode = of(s, at.MODE, line)
    answered, due = False, 0
    if mode == at.SUMMED:
        add_masses(k, f, v, g, s, x, seed, line, index, p, now)
    elif mode == at.GUIDED:
        answered, due = guided(k, f, v, g, s, x, seed, line, index, p, now)
    elif is_answered(uniform, p):
        u, _ = draw(k, s, seed, fixed.LINE_STREAM, line, index, DELAY)
        answered, due = True, contact_after(k, line, now, seconds(k, f, v, of(k, fixed.DELAY, line), u, 0))
    _note_attempt(g, s, line, now, answered)
    if answered:
        s[s[at.PENDING] + line] = 1
        s[s[at.ATTEMPTED] + line] = now
        s[s[at.CONTACT] + line] = due
    else:
        _unanswered(k, f, v, s, x, r, seed, line, now)


@part
def _note_attempt(g: Ints, s: Ints, line: int, now: int, answered: bool) -> None:
    """Count it, and end the particle where it is one too many."""
    for e in listed(g, at.G_OF_LINE, line):
        if of(g, at.E_START, e) <= now < of(g, at.E_END, e):
            s[s[at.MADE] + e] += 1
            if answered:
                s[s[at.ANSWERED] + e] += 1
            if of(s, at.MADE, e) > of(g, at.E_MOST, e) or of(s, at.ANSWERED, e) > of(g, at.E_MOST_ANSWERED, e):
                blame(s, of(g, at.E_NUMBER, e))


@part
def _unanswered(k: Ints, f: Floats, v: Floats, s: Ints, x: Floats, r: Ints, seed: int, line: int, now: int) -> None:
    takes_force(k, s, x, r, of(k, fixed.ON_UNANSWERED, line), now)
    _count_towards_start(k, f, v, s, seed, listed(k, fixed.STARTS_AFTER_UNANSWERED, line), now)
    if of(s, at.REQUEST_ATTEMPTS, line) == of(k, fixed.ATTEMPTS, line):
        _give_up(k, f, v, s, seed, line, now)
    else:
        interval = seconds(k, f, v, of(k, fixed.EVERY, line), x[s[at.X_INTERVAL] + line], 1)
        due = after(now, interval, k[fixed.HORIZON])
        s[s[at.ATTEMPT] + line] = opens(k, of(k, fixed.MAY_ATTEMPT, line), due)


@part
def _contact(
    k: Ints, f: Floats, v: Floats, g: Ints, s: Ints, x: Floats, r: Ints, seed: int, line: int, now: int
) -> None:
    """A contact is due: the delay served, the callee on duty and the channel open."""
    caller = s[at.IN_CALL_UNTIL] + of(k, fixed.CALLER, line)
    callee = s[at.IN_CALL_UNTIL] + of(k, fixed.CALLEE, line)
    free = max(s[caller], s[callee])
    if now < free:
        s[s[at.CONTACT] + line] = opens(k, of(k, fixed.MAY_CONTACT, line), free)
        return
    _note_contact(g, s, line, now)
    _end(k, s, line)
    _, u = draw(k, s, seed, fixed.LINE_STREAM, line, of(s, at.ATTEMPTS_MADE, line) - 1, WAIT)
    call = seconds(k, f, v, of(k, fixed.CALL, line), u, 0)
    takes_force(k, s, x, r, of(k, fixed.ON_CONTACT, line), now)
    ends = after(now, call, k[fixed.HORIZON])
    if call > 0:
        s[caller] = ends
        s[callee] = ends
    for other in listed(k, fixed.SUPERSEDES, line):
        if of(s, at.IS_OPEN, other) and of(s, at.BEGINS, other) <= now:
            _end(k, s, other)
    _count_towards_start(k, f, v, s, seed, listed(k, fixed.STARTS_AFTER_CONTACT, line), now)
    if of(k, fixed.UNTIL_HORIZON, line):
        interval = seconds(k, f, v, of(k, fixed.EVERY, line), x[s[at.X_INTERVAL] + line], 1)
        _begin(k, v, s, line, after(ends, interval, k[fixed.HORIZON]))


@part
def _note_contact(g: Ints, s: Ints, line: int, now: int) -> None:
    """Count it, and end the particle where the record has none."""
    if of(s, at.FIRST_CONTACT, line) == NONE:
        s[s[at.FIRST_CONTACT] + line] = now
    if now >= g[at.G_AS_OF] and of(s, at.NEXT_CONTACT, line) == NONE:
        s[s[at.NEXT_CONTACT] + line] = now
    s[s[at.LAST_CONTACT] + line] = now
    if now < of(g, at.G_SILENT, line):
        blame(s, of(g, at.G_SILENT_ENTRY, line))
    start = of(g, at.G_WINDOW, line)
    if start != NONE and not start <= now < of(g, at.G_WINDOW_END, line):
        blame(s, of(g, at.G_WINDOW_ENTRY, line))
    for e in listed(g, at.G_OF_LINE, line):
        if of(g, at.E_START, e) <= now < of(g, at.E_END, e):
            s[s[at.CONTACTS] + e] += 1


# One particle --------------------------------------------------------------------------------------------------------


@part
def reset(k: Ints, v: Floats, g: Ints, s: Ints, x: Floats, replication: int) -> None:
    """Before second 0."""
    never = k[fixed.HORIZON]
    s[s[at.SWITCH] : s[at.FIRST_CONTACT]] = never
    s[s[at.FIRST_CONTACT] : s[at.ATTEMPTS_MADE]] = NONE
    s[s[at.ATTEMPTS_MADE] :] = 0
    s[s[at.LAST_CONTACT] : s[at.BEFORE_START]] = NONE
    x[:] = 0.0
    s[at.REPLICATION] = replication
    s[at.BLAMED] = NONE
    s[at.FULL] = 0
    for line in range(k[fixed.LINES]):
        s[s[at.MODE] + line] = of(g, at.G_MODE, line)
    for effect in range(k[fixed.EFFECTS]):
        x[s[at.X_FACTOR] + effect] = v[of(k, fixed.EFFECT_FACTOR, effect)]
        decay, window = of(k, fixed.DECAY, effect), of(k, fixed.EFFECT_WINDOW, effect)
        if decay == LASTS:
            s[s[at.WINDOW] + effect] = whole_seconds(v[window], 1, never)
        elif decay == HALF_LIFE:
            s[s[at.WINDOW] + effect] = max(1, int(v[window] + 0.5))


@part
def open_all(k: Ints, f: Floats, v: Floats, g: Ints, s: Ints, x: Floats, seed: int) -> None:
    """Second 0, before anything is due: regimes take their first state, events and lines their first date."""
    for regime in range(k[fixed.REGIMES]):
        u, _ = draw(k, s, seed, fixed.REGIME_STREAM, regime, 0, WAIT)
        chances = f[of(k, fixed.INITIALLY, regime) : of(k, fixed.INITIALLY, regime + 1)]
        s[s[at.STATE] + regime] = reason_of(u, chances)
        sojourn(k, f, v, g, s, x, seed, regime, 0)
    for event in range(k[fixed.EVENTS]):
        _set_dates(k, f, v, s, seed, event)
        _next_occurrence(k, f, v, s, seed, event, of(k, fixed.EVENT_STARTS, event))
    for line in range(k[fixed.LINES]):
        if of(k, fixed.START, line) == _AT_DATE:
            _start(k, f, v, s, seed, line, of(k, fixed.START_SECOND, line))


@part
def advance(k: Ints, f: Floats, v: Floats, g: Ints, s: Ints, x: Floats, r: Ints, seed: int, until: int) -> None:
    """All that happens before `until`, or up to where the particle contradicts the record."""
    horizon = k[fixed.HORIZON]
    while s[at.BLAMED] == NONE:
        slot = s[at.SWITCH]
        now = s[slot]
        for i in range(slot + 1, s[at.DUE_END]):
            if s[i] < now:
                now = s[i]
                slot = i
        if now >= until:
            return
        s[slot] = horizon
        if slot >= s[at.ATTEMPT]:
            _attempt(k, f, v, g, s, x, r, seed, slot - s[at.ATTEMPT], now)
        elif slot >= s[at.CONTACT]:
            _contact(k, f, v, g, s, x, r, seed, slot - s[at.CONTACT], now)
        elif slot >= s[at.OPENING]:
            line = slot - s[at.OPENING]
            s[slot] = of(s, at.LATER, line)
            s[s[at.LATER] + line] = horizon
            _trigger(k, v, s, line, now)
        elif slot >= s[at.EVENT]:
            _occur(k, f, v, g, s, x, r, seed, slot - s[at.EVENT], now)
        elif slot >= s[at.GIVING_UP]:
            line = slot - s[at.GIVING_UP]
            if not of(s, at.PENDING, line):
                _give_up(k, f, v, s, seed, line, now)
        else:
            regime = slot - s[at.SWITCH]
            states = of(k, fixed.STATES, regime + 1) - of(k, fixed.STATES, regime)
            s[s[at.STATE] + regime] = (of(s, at.STATE, regime) + 1) % states
            sojourn(k, f, v, g, s, x, seed, regime, now)
