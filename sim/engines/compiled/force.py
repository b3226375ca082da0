"""What is in force on a line, the probability that an attempt is answered, and bounds on it.

An attempt goes unanswered if its uniform lies above an upper bound on the probability, and is answered if it lies
below a lower one; then the probability itself, with its logarithms and exponentials, need not be known. Odds
multiplied by f make f·p / (1 + p·(f − 1)) of a probability p, which is at least f·p where f < 1, and of bounds
likewise. What only fades or runs out is left out of the upper bound where it lowers the odds, and out of the lower
one where it raises them. The switch of a regime takes both bounds away, and the next attempt finds them anew. The
margins are thousands of times what rounding amounts to, so that a bound never decides an attempt otherwise than the
probability would.
"""

from __future__ import annotations

from math import inf

from sim.engines.compiled import fixed, moving
from sim.engines.compiled.jit import inlined, part
from sim.engines.compiled.state import Crisis
from sim.rules.answer import answer_probability, faded, in_force
from sim.rules.arithmetic import exp
from sim.rules.calendar import whole_seconds
from sim.scenario.program import Ints

_PERMANENT, _LASTS, _HALF_LIFE = 0, 1, 2
_NONE = -1
_NO_BOUND = 2.0
"""An upper bound that decides nothing."""
_HUGE = 1e300
"""Products with such odds factors may be more than a double holds."""
_LEAST = 1e-290
"""No upper bound falls below this while nothing closes the line, lest one that has become 0 could not be raised."""
_MARGIN = 1e-9
_FACTOR_MARGIN = 1e-12
_CHORD, _CHORD_TO = 1.4426950408889636, 0.6931471805599453
"""1 + 1.4427·t is at least e^t for t from 0 to ln 2, where both are 2."""


@inlined
def bounds_at(line: int) -> int:
    """The place of a line in `x`."""
    return line * moving.BOUNDS_WIDTH


@inlined
def _set_bounds(m: Crisis, at: int, above: float, below: float) -> None:
    """`at`: as `bounds_at`."""
    m.x[at + moving.ABOVE] = max(above, _LEAST) * (1.0 + _MARGIN)
    m.x[at + moving.BELOW] = below * (1.0 - _MARGIN)


@inlined
def effect_at(m: Crisis, effect: int) -> int:
    """The place of an effect in `s`."""
    return m.k[fixed.S_EFFECTS] + effect * moving.EFFECT_WIDTH


@inlined
def value_at(m: Crisis, effect: int) -> int:
    """The place of an effect in `x`."""
    return m.k[fixed.X_VALUES] + effect * moving.VALUE_WIDTH


@part
def begin_block(m: Crisis) -> None:
    """What every replication of a block begins with, kept behind what it works on."""
    k, v = m.k, m.v
    for effect in range(k[fixed.EFFECTS]):
        record = k[fixed.EFFECT_RECORDS] + effect * fixed.EFFECT_WIDTH
        decay, window = k[record + fixed.DECAY], k[record + fixed.EFFECT_WINDOW]
        factor = v[k[record + fixed.EFFECT_FACTOR]]
        at = k[fixed.X_LIVE] + value_at(m, effect)
        m.x[at + moving.FACTOR] = factor
        odds = exp(factor)
        m.x[at + moving.AT_MOST] = odds * (1.0 + _FACTOR_MARGIN) if odds > 1.0 else 1.0
        m.x[at + moving.AT_LEAST] = odds * (1.0 - _FACTOR_MARGIN) if odds < 1.0 or decay == _PERMANENT else 1.0
        lasts = 0
        if decay == _LASTS:
            lasts = whole_seconds(v[window], 1, k[fixed.HORIZON])
        elif decay == _HALF_LIFE:
            lasts = max(1, int(v[window] + 0.5))
        m.s[k[fixed.S_LIVE] + effect_at(m, effect) + moving.WINDOW] = lasts
    for line in range(k[fixed.LINES]):
        record = fixed.LINE_RECORDS + line * fixed.LINE_WIDTH
        at = k[fixed.X_LIVE] + bounds_at(line)
        if k[record + fixed.LINE_REGIMES] < k[record + fixed.LINE_REGIMES + 1]:
            m.x[at + moving.ABOVE], m.x[at + moving.BELOW] = _NO_BOUND, 0.0
        else:
            p = answer_probability(v[k[record + fixed.ANSWER]], 0)
            _set_bounds(m, at, p, p)


@inlined
def takes_force(m: Crisis, effect: int, now: int) -> None:
    """An effect's cause happens."""
    if effect == _NONE:
        return
    at, value = effect_at(m, effect), value_at(m, effect)
    record = m.k[fixed.EFFECT_RECORDS] + effect * fixed.EFFECT_WIDTH
    m.s[at + moving.TIMES] += 1
    decay = m.k[record + fixed.DECAY]
    if decay == _HALF_LIFE:
        age = now - m.s[at + moving.LAST]
        m.x[value] = faded(m.x[value], age, m.s[at + moving.WINDOW]) + m.x[value + moving.FACTOR]
        m.s[at + moving.LAST] = now
    elif decay == _LASTS:
        _remember(m, effect, at, now)
    _move_bounds(m, record, m.x[value + moving.AT_MOST], m.x[value + moving.AT_LEAST])


@inlined
def _move_bounds(m: Crisis, record: int, most: float, least: float) -> None:
    """The odds of the lines that an effect bears on were multiplied by at most `most` and at least `least`.

    An upper bound is left where it is if odds fall, which is less work than to lower it: it is set anew soon enough."""
    first, end = m.k[record + fixed.AFFECTS], m.k[record + fixed.AFFECTS + 1]
    if most > 1.0:
        for i in range(first, end):
            at = bounds_at(m.k[i]) + moving.ABOVE
            above = m.x[at]
            if 0.0 < above < 1.0:
                m.x[at] = above * most / (1.0 + above * (most - 1.0)) if most < _HUGE else _NO_BOUND
    if least < 1.0:
        for i in range(first, end):
            m.x[bounds_at(m.k[i]) + moving.BELOW] *= least
    elif 1.0 < least < _HUGE:
        for i in range(first, end):
            below = bounds_at(m.k[i]) + moving.BELOW
            m.x[below] = m.x[below] * least / (1.0 + m.x[below] * (least - 1.0))


@part
def unbound(m: Crisis, first: int, end: int) -> None:
    """The odds of the lines in a list have changed, nobody knows by how much."""
    for i in range(first, end):
        bounds = bounds_at(m.k[i])
        m.x[bounds + moving.ABOVE], m.x[bounds + moving.BELOW] = _NO_BOUND, 0.0


@part
def _remember(m: Crisis, effect: int, at: int, now: int) -> None:
    """Keep the time of a cause. FULL if it took the last room, so that more is made before the next log entry."""
    room = m.s[moving.RECENT_ROOM]
    _forget(m, effect, at, now)
    place = (m.s[at + moving.RECENT_FIRST] + m.s[at + moving.RECENT]) & (room - 1)
    m.r[effect * room + place] = now
    m.s[at + moving.RECENT] += 1
    if m.s[at + moving.RECENT] == room:
        m.s[moving.FULL] = 1


@part
def move_recent(m: Crisis, larger: Ints) -> None:
    """Copy the times of recent causes to where each effect has twice the room."""
    room = m.s[moving.RECENT_ROOM]
    for effect in range(m.k[fixed.EFFECTS]):
        at = effect_at(m, effect)
        for i in range(m.s[at + moving.RECENT]):
            larger[2 * room * effect + i] = m.r[effect * room + ((m.s[at + moving.RECENT_FIRST] + i) & (room - 1))]
        m.s[at + moving.RECENT_FIRST] = 0


@part
def _forget(m: Crisis, effect: int, at: int, now: int) -> None:
    """Drop the causes whose window has passed."""
    room, lasts = m.s[moving.RECENT_ROOM], m.s[at + moving.WINDOW]
    while m.s[at + moving.RECENT] > 0:
        first = m.s[at + moving.RECENT_FIRST]
        if in_force(now - m.r[effect * room + first], lasts):
            return
        m.s[at + moving.RECENT_FIRST] = (first + 1) & (room - 1)
        m.s[at + moving.RECENT] -= 1


@part
def _term(m: Crisis, effect: int, decay: int, now: int) -> float:
    at = effect_at(m, effect)
    times = m.s[at + moving.TIMES]
    if times == 0:
        return 0.0
    value = value_at(m, effect)
    if decay == _HALF_LIFE:
        return faded(m.x[value], now - m.s[at + moving.LAST], m.s[at + moving.WINDOW])
    if decay == _LASTS:
        _forget(m, effect, at, now)
        times = m.s[at + moving.RECENT]
    return times * m.x[value + moving.FACTOR] if times > 0 else 0.0


@part
def probability(m: Crisis, line: int, now: int) -> float:
    """The probability that an attempt on the line is answered now; its bounds are set anew."""
    k = m.k
    record = fixed.LINE_RECORDS + line * fixed.LINE_WIDTH
    odds = m.v[k[record + fixed.ANSWER]]
    closers, passing, to_rise, to_fall = 0, 0, 0.0, 0.0
    for i in range(k[record + fixed.LINE_REGIMES], k[record + fixed.LINE_REGIMES + 1]):
        regime = k[fixed.REGIME_RECORDS] + k[i] * fixed.REGIME_WIDTH
        state = m.s[k[fixed.S_REGIMES] + k[i] * moving.REGIME_WIDTH + moving.STATE]
        term = m.v[k[k[regime + fixed.LOG_FACTOR] + state]]
        if term == -inf:
            closers += 1
        else:
            odds += term
    for i in range(k[record + fixed.LINE_EFFECTS], k[record + fixed.LINE_EFFECTS + 1]):
        decay = k[k[fixed.EFFECT_RECORDS] + k[i] * fixed.EFFECT_WIDTH + fixed.DECAY]
        term = _term(m, k[i], decay, now)
        if term == -inf:
            closers += 1
            passing += decay == _LASTS
        else:
            odds += term
            if decay != _PERMANENT:
                to_rise -= min(term, 0.0)
                to_fall += max(term, 0.0)
    p = answer_probability(odds, closers)
    at = bounds_at(line)
    if closers > passing:
        m.x[at + moving.ABOVE], m.x[at + moving.BELOW] = 0.0, 0.0
    elif passing or to_rise > _CHORD_TO:
        _set_bounds(m, at, answer_probability(odds + to_rise, 0), 0.0)
    else:
        _set_bounds(m, at, p * (1.0 + _CHORD * to_rise), p * max(0.0, 1.0 - to_fall))
    return p
