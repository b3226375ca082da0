"""What lines do to each other's odds, in lanes: the log-odds of an attempt, bounds on its odds, and what moves both.

An attempt is unanswered if its uniform lies above an upper bound on its probability, and answered if it lies below a
lower one; only between them is the probability itself worked out. Bounds are set when a limit has come or an attempt
was between them, and multiplied when somebody acts. What fades is counted at its most in the upper bound, and at its
least in the lower one. The margins are thousands of times what rounding amounts to, so that a bound never decides an
attempt otherwise than the probability would.
"""

from __future__ import annotations

from sim.engines.compiled import alone as line
from sim.engines.compiled import berths, joint, lanes, rows
from sim.engines.compiled.bits import floor
from sim.engines.compiled.crew import Crew, record_of
from sim.engines.compiled.jit import inlined
from sim.engines.compiled.requests import Lanes
from sim.scenario.program import NONE

_MARGIN = 1e-12
_SLACK = 1.0 / 1.07
"""`lanes.odds_above` is less than 1.07 times too high, and was never too low."""
_ROUNDING = 2.0**-30
_LEAST, _SMALLEST = -690.0, 1e-290
"""Below this log-odds `lanes.odds_above` may be far too high, and below these odds doubles are rounded coarsely: there
is no lower bound then but 0, which nothing raises."""


@inlined
def _times(m: Crew, cell: int, cause: int) -> int:
    """How often a cause has happened: contacts of a line, or its unanswered attempts."""
    if cause == joint.CONTACT:
        return int(m.g[cell * berths.WHOLES + berths.CONTACTS])
    return int(m.y[berths.INDEX + cell]) - int(m.g[cell * berths.WHOLES + berths.ANSWERS])


@inlined
def _half_life(one: Lanes, numbers: int, window: int) -> float:
    return max(1.0, floor(one.v[numbers + window] + 0.5))


@inlined
def log_odds(m: Crew, one: Lanes, lane: int, cell: int, now: float) -> tuple[float, float, float]:
    """The log-odds of the attempt that a line makes now; the most and the least that they will be until somebody acts
    or the limit comes."""
    x = one.x
    odds = x[rows.BASE + cell]
    most, least = odds, odds
    numbers = one.s[rows.NUMBERS + cell]
    for term in range(one.q[line.TERMS]):
        at = one.q[line.FIRST_TERM] + term * line.TERM_WIDTH
        kind, row = one.q[at + line.KIND], one.q[at + line.ROW]
        if kind == line.CAUSED_PERMANENT:
            code = one.q[at + line.CODE]
            cause = (code >> 1) * m.lanes + lane
            times = _times(m, cause, code & 1)
            if code & 1 == joint.UNANSWERED and cause == cell:
                times -= 1  # made by now, but not refused
            if times > 0:
                more = float(times) * one.v[numbers + one.q[at + line.FACTOR]]
                odds += more
                most += more
                least += more
        elif kind == line.CAUSED_FADES:
            code = one.q[at + line.CODE]
            place = ((code >> 1) * m.lanes + lane) * berths.REALS + (code & 1)
            value = m.z[berths.VALUE + place]
            if value != 0.0:
                half_life = _half_life(one, numbers, one.q[at + line.WINDOW])
                left = lanes.faded(value, now - m.z[berths.LAST + place], half_life)
                odds += left
                most += max(left, 0.0)
                least += min(left, 0.0)
        elif row != NONE:
            value = x[row + rows.VALUE + cell]
            if kind == line.FADES:
                if value != 0.0:
                    left = lanes.faded(value, now - x[row + rows.LAST + cell], x[row + rows.HALF_LIFE + cell])
                    odds += left
                    most += max(left, 0.0)
                    least += min(left, 0.0)
            else:
                odds += value
                most += value
                least += value
    return odds, most, least


@inlined
def range_of(m: Crew, one: Lanes, lane: int, cell: int) -> tuple[float, float]:
    """The most and the least that a line's log-odds will be until somebody acts or the limit comes: what fades goes
    from what it was to nothing."""
    x = one.x
    most = x[rows.BASE + cell]
    least = most
    numbers = one.s[rows.NUMBERS + cell]
    for term in range(one.q[line.TERMS]):
        at = one.q[line.FIRST_TERM] + term * line.TERM_WIDTH
        kind, row = one.q[at + line.KIND], one.q[at + line.ROW]
        value, fades = 0.0, False
        if kind >= line.CAUSED_PERMANENT:
            code = one.q[at + line.CODE]
            cause = (code >> 1) * m.lanes + lane
            if kind == line.CAUSED_FADES:
                value, fades = m.z[cause * berths.REALS + berths.VALUE + (code & 1)], True
            else:
                times = _times(m, cause, code & 1)
                value = float(times) * one.v[numbers + one.q[at + line.FACTOR]] if times > 0 else 0.0
        elif row != NONE:
            value, fades = x[row + rows.VALUE + cell], kind == line.FADES
        most += max(value, 0.0) if fades else value
        least += min(value, 0.0) if fades else value
    return most, least


@inlined
def set_bounds(m: Crew, cell: int, made: int, most: float, least: float) -> None:
    """`made`: how many attempts of the line the log-odds count."""
    m.z[berths.BOUND + cell] = lanes.odds_above(most)
    m.z[berths.LOWEST + cell] = lanes.odds_above(least) * _SLACK if least > _LEAST else 0.0
    m.g[cell * berths.WHOLES + berths.SET] = made


@inlined
def lowest(m: Crew, i: int, cell: int) -> float:
    """A lower bound on the odds of the attempt of a lane."""
    made = int(m.y[berths.INDEX_HERE + i]) - m.g[cell * berths.WHOLES + berths.SET]
    record = cell * berths.REALS
    # (1 - f)^n >= 1 - n·f, Bernoulli's inequality.
    return float(m.z[berths.LOWEST + cell]) * max(0.0, 1.0 - float(made) * m.z[record + berths.FALL])


@inlined
def is_refused_by(above: float, uniform: float) -> bool:
    """Whether an upper bound on the odds shows that an attempt is unanswered; not if it is NaN."""
    return uniform * (1.0 - _ROUNDING) * (1.0 + above) > above


@inlined
def is_answered_by(below: float, uniform: float) -> bool:
    """Whether a lower bound on the odds shows that an attempt is answered; not if it is NaN."""
    return uniform * (1.0 + _ROUNDING) * (1.0 + below) < below


@inlined
def take_force(m: Crew, at: int, lane: int, cause: int, now: float) -> None:
    """A cause happens on a line: what fades is renewed, and the odds of the lines that it affects may rise."""
    effect = record_of(at) + joint.EFFECTS + joint.EFFECT_WIDTH * cause
    kind = m.h[effect + joint.KIND]
    if kind == NONE:
        return
    cell = at * m.lanes + lane
    if kind == joint.FADES:
        numbers = m.all.s[rows.NUMBERS + cell]
        place = cell * berths.REALS + cause
        half_life = _half_life(m.all, numbers, m.h[effect + joint.WINDOW])
        left = lanes.faded_one(m.z[berths.VALUE + place], now - m.z[berths.LAST + place], half_life)
        m.z[berths.VALUE + place] = left + m.all.v[numbers + m.h[effect + joint.FACTOR]]
        m.z[berths.LAST + place] = now
    most, least = m.z[cell * berths.REALS + berths.MOST + cause], m.z[cell * berths.REALS + berths.LEAST + cause]
    for i in range(m.h[effect + joint.AFFECTS], m.h[effect + joint.AFFECTS_END]):
        affected = m.h[i] * m.lanes + lane
        m.z[berths.BOUND + affected] *= most
        lower = m.z[berths.LOWEST + affected] * least
        m.z[berths.LOWEST + affected] = lower if lower > _SMALLEST else 0.0


@inlined
def set_factors(m: Crew, at: int, cell: int, numbers: int) -> None:
    """By how much the causes on a line may raise odds."""
    m.z[cell * berths.REALS + berths.FALL] = 0.0
    for cause in range(2):
        effect = record_of(at) + joint.EFFECTS + joint.EFFECT_WIDTH * cause
        kind = m.h[effect + joint.KIND]
        most, least = 1.0, 1.0
        if kind != NONE:
            factor = lanes.exp(m.all.v[numbers + m.h[effect + joint.FACTOR]])
            most = factor * (1.0 + _MARGIN) if factor > 1.0 else 1.0
            least = factor * (1.0 - _MARGIN) if factor < 1.0 or kind == joint.PERMANENT else 1.0
            if cause == joint.UNANSWERED and m.h[joint.WEARS] == 0:
                m.z[cell * berths.REALS + berths.FALL] = 1.0 - least + _MARGIN
        m.z[cell * berths.REALS + berths.MOST + cause] = most
        m.z[cell * berths.REALS + berths.LEAST + cause] = least
