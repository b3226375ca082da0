"""Effects in force, and the probability that an attempt is answered.

The probability of a line is kept until something changes it. So is an upper bound on it: an attempt that would go
unanswered under the bound goes unanswered, and the probability need not be computed. The bound is the rule of
`sim.rules.answer` applied to the log-odds without those terms that lower them and fade or run out. It needs of the rule
only that larger log-odds never give a smaller probability. It holds until a regime switches or an effect raises the
odds; an effect that lowers them, or one that raised them and fades, leaves it an upper bound.
"""

from __future__ import annotations

from math import inf

from sim.engines.compiled.numba_setup import inlined, part
from sim.engines.compiled.state import BOUND_STEPS, BOUND_TO, Simulation
from sim.rules.answer import answer_probability, faded, in_force
from sim.rules.calendar import whole_seconds
from sim.scenario.program import NONE, Decay

PERMANENT, LASTS, HALF_LIFE = int(Decay.PERMANENT), int(Decay.LASTS), int(Decay.HALF_LIFE)
NO_BOUND = 2.0
"""In the place of a bound: it is to be computed."""
_MARGIN = 1e-12
"""Of the bound, relative to the terms that are added and to itself: thousands of times what rounding amounts to."""


@part
def begin_block(m: Simulation) -> None:
    """Factors and windows under the values of a block."""
    for at in range(m.clock[0].effects):
        effect = m.effects[at]
        effect.factor = m.values[effect.log_factor]
        if effect.decay == LASTS:
            effect.seconds = whole_seconds(m.values[effect.window], 1, m.clock[0].horizon)
        elif effect.decay == HALF_LIFE:
            # A half-life past the horizon is still a half-life, so it is not cut there as a window may be.
            effect.seconds = max(1, int(m.values[effect.window] + 0.5))


@inlined
def takes_force(m: Simulation, at: int, now: int) -> None:
    """An effect's cause happens."""
    if at == NONE:
        return
    effect = m.effects[at]
    effect.times += 1
    if effect.decay == HALF_LIFE:
        effect.value = faded(effect.value, now - effect.last, effect.seconds) + effect.factor
        effect.last = now
    elif effect.decay == LASTS:
        _remember(m, at, now)
    for place in range(effect.affects.first, effect.affects.end):
        line = m.lines[m.indices[place]]
        line.answer_until = 0
        if effect.factor > 0.0:
            line.answer_bound = NO_BOUND


@inlined
def odds_have_changed(m: Simulation, first: int, end: int) -> None:
    """A regime has switched: nothing is known of the probabilities of these lines."""
    for place in range(first, end):
        line = m.lines[m.indices[place]]
        line.answer_until = 0
        line.answer_bound = NO_BOUND


@part
def _remember(m: Simulation, at: int, now: int) -> None:
    """Keep the time of a cause. If it took the last room, more is made before the next occurrence."""
    effect, clock = m.effects[at], m.clock[0]
    room = clock.causes_room
    _forget(m, at, now)
    m.causes[at * room + ((effect.recent_first + effect.recent) & (room - 1))] = now
    effect.recent += 1
    if effect.recent == room:
        clock.full = 1


@part
def _forget(m: Simulation, at: int, now: int) -> None:
    """Drop the causes whose window has passed."""
    effect, room = m.effects[at], m.clock[0].causes_room
    while effect.recent > 0:
        if in_force(now - m.causes[at * room + effect.recent_first], effect.seconds):
            return
        effect.recent_first = (effect.recent_first + 1) & (room - 1)
        effect.recent -= 1


@part
def _term(m: Simulation, at: int, now: int) -> float:
    """What an effect adds to the log-odds now."""
    effect = m.effects[at]
    if effect.times == 0:
        return 0.0
    if effect.decay == HALF_LIFE:
        return faded(effect.value, now - effect.last, effect.seconds)
    times = effect.times
    if effect.decay == LASTS:
        _forget(m, at, now)
        times = effect.recent
    return times * effect.factor if times > 0 else 0.0


@part
def _holds_until(m: Simulation, at: int, now: int) -> int:
    """The second from which the term of an effect may be another one, if its cause does not happen again."""
    effect, clock = m.effects[at], m.clock[0]
    if effect.decay == HALF_LIFE and effect.times > 0:
        return now
    if effect.decay == LASTS and effect.recent > 0:
        return m.causes[at * clock.causes_room + effect.recent_first] + effect.seconds
    return clock.horizon


@part
def update_bound(m: Simulation, at: int) -> None:
    """Compute an upper bound on the probability of an answer on a line, with each term that fades or runs out at its
    highest."""
    line = m.lines[at]
    odds, closers = m.values[line.answer], 0
    size = abs(odds)
    for place in range(line.regimes.first, line.regimes.end):
        regime = m.regimes[m.indices[place]]
        term = m.values[m.states[regime.states.first + regime.state].log_factor]
        closers += term == -inf
        odds += term if term > -inf else 0.0
        size += abs(term) if term > -inf else 0.0
    for place in range(line.effects.first, line.effects.end):
        effect = m.effects[m.indices[place]]
        if effect.decay == PERMANENT:
            if effect.times > 0:
                closers += effect.factor == -inf
                term = effect.times * effect.factor if effect.factor > -inf else 0.0
                odds += term
                size += abs(term)
        elif effect.factor > 0.0:
            term = effect.value if effect.decay == HALF_LIFE else effect.recent * effect.factor
            odds += term
            size += term
    line.answer_bound = _bound(m, odds, size, closers)


@inlined
def _bound(m: Simulation, odds: float, size: float, closers: int) -> float:
    """The first probability of `answer_bounds` that is not smaller. `size`: of the terms of the log-odds, added up."""
    if closers > 0:
        return m.answer_bounds[0]
    upper = odds + _MARGIN * size
    if not upper < BOUND_TO:  # nor where it is no number, as with an answer of 0
        return NO_BOUND
    return m.answer_bounds[2 + int((max(upper, -BOUND_TO) + BOUND_TO) * BOUND_STEPS)]


@part
def update_probability(m: Simulation, at: int, now: int) -> None:
    """Compute the probability of an answer on a line, until when it holds, and an upper bound."""
    line = m.lines[at]
    odds = m.values[line.answer]
    upper, closers, lasting_closers = odds, 0, 0
    size, until = abs(odds), m.clock[0].horizon
    for place in range(line.regimes.first, line.regimes.end):
        regime = m.regimes[m.indices[place]]
        term = m.values[m.states[regime.states.first + regime.state].log_factor]
        if term == -inf:
            closers += 1
            lasting_closers += 1
        else:
            odds += term
            upper += term
            size += abs(term)
    for place in range(line.effects.first, line.effects.end):
        effect = m.indices[place]
        term, passes = _term(m, effect, now), m.effects[effect].decay != PERMANENT
        until = min(until, _holds_until(m, effect, now))
        if term == -inf:
            closers += 1
            lasting_closers += not passes
        else:
            odds += term
            upper += max(term, 0.0) if passes else term
            size += abs(term)
    line.answer_p = answer_probability(odds, closers)
    line.answer_until = until
    line.answer_bound = _bound(m, upper, size, lasting_closers)
