"""What many replications do at once, a replication a lane: draws, durations, log-odds. Loops that vectorise.


Rows of lanes come as arrays of their own, `n` is how many lanes to do.
"""

from __future__ import annotations

import numpy as np

from sim.engines.compiled import bits
from sim.engines.compiled.bits import bits_of, double_of, rebuilt, uniform_of
from sim.engines.compiled.jit import inlined, part, stage
from sim.rules import answer, arithmetic, clock, draws, quantiles
from sim.rules.draws import Words
from sim.scenario.program import Floats, Ints

_LOW = np.uint64(0xFFFFFFFF)
_ONE = np.uint64(1023 << 52)
_TWENTY_BITS = 1.5 * 2.0**32
_LOG2_E = 1.4426950408889634
_32 = np.uint64(32)
_8 = np.uint64(8)

# The rules, their own code, with primitives that vectorise.
philox = inlined(draws.philox)
uniform = inlined(uniform_of)
_exp_of_small = inlined(arithmetic._exp_of_small)
_ldexp = inlined(bits.ldexp)
log = inlined(rebuilt(arithmetic.log, frexp=inlined(bits.frexp), isinf=inlined(bits.isinf)))
exp = inlined(rebuilt(arithmetic.exp, floor=bits.floor, ldexp=_ldexp, _exp_of_small=_exp_of_small))
exp2 = inlined(rebuilt(arithmetic.exp2, floor=bits.floor, ldexp=_ldexp, _exp_of_small=_exp_of_small))


@inlined
def _no(number: float) -> bool:
    return False


log_of_normal = inlined(rebuilt(arithmetic.log, frexp=inlined(bits.frexp_of_normal), isinf=_no))
"""The logarithm of finite numbers from 2^-1022 on: all that quantiles take, whose arguments come from uniforms."""
normal_quantile = inlined(rebuilt(arithmetic.normal_quantile, log=log_of_normal, _ratio=inlined(arithmetic._ratio)))


@inlined
def _minus_one(number: float) -> float:
    return -1.0


@inlined
def _same(number: float) -> float:
    return number


@inlined
def _no_table(table: Floats, number: float) -> float:
    return number


_central_quantile = inlined(rebuilt(arithmetic.normal_quantile, log=_minus_one, _ratio=inlined(arithmetic._ratio)))
"""The normal quantile where its argument is within 0.425 of one half: without the logarithm that the tails take."""
quantile = inlined(
    rebuilt(
        quantiles.quantile,
        log=log_of_normal,
        exp=exp,
        normal_quantile=normal_quantile,
        _triangular=inlined(quantiles._triangular),
        _interpolate=inlined(quantiles._interpolate),
    )
)
_quantile_of_normal = inlined(
    rebuilt(
        quantiles.quantile,
        log=log_of_normal,
        exp=exp,
        normal_quantile=_same,
        _triangular=inlined(quantiles._triangular),
        _interpolate=_no_table,
    )
)
"""The quantile of a lognormal of a normal quantile that is known already."""
whole_seconds = inlined(rebuilt(clock.whole_seconds, int=bits.floor))
answer_probability = inlined(rebuilt(answer.answer_probability, exp=exp))
is_answered = inlined(answer.is_answered)
in_force = inlined(answer.in_force)
faded = inlined(rebuilt(answer.faded, exp2=exp2))


@part
def pair_of(index: int, replication: int, stream: int, pair: int, seed: int) -> tuple[float, float]:
    """The two uniforms of one address; see sim.rules.draws."""
    whole = np.uint64(replication)
    w0, w1, w2, w3 = philox(
        np.uint64(index), whole & _LOW, np.uint64(stream), ((whole >> _32) << _8) | np.uint64(pair), seed
    )
    return uniform(w0, w1), uniform(w2, w3)


@stage
def draw(
    index: Words, replication: Words, to: Floats, also_to: Floats, n: int, stream: int, pair: int, seed: int
) -> None:
    """The two uniforms of a pair of purposes for every lane."""
    for i in range(n):
        w0, w1, w2, w3 = philox(
            index[i] & _LOW,  # as words are below 2^32 anyway, but then one multiplication of 32 bits does
            replication[i] & _LOW,
            np.uint64(stream),
            (((replication[i] >> _32) << _8) | np.uint64(pair)) & _LOW,
            seed,
        )
        to[i] = uniform(w0, w1)
        also_to[i] = uniform(w2, w3)


@stage
def draw_each(
    index: Words,
    replication: Words,
    stream: Words,
    to: Floats,
    also_to: Floats,
    n: int,
    pair: int,
    seed: int,
) -> None:
    """Likewise, with a stream for every lane."""
    for i in range(n):
        w0, w1, w2, w3 = philox(
            index[i] & _LOW,
            replication[i] & _LOW,
            stream[i] & _LOW,
            (((replication[i] >> _32) << _8) | np.uint64(pair)) & _LOW,
            seed,
        )
        to[i] = uniform(w0, w1)
        also_to[i] = uniform(w2, w3)


@inlined
def _fill(
    family: int,
    a: Floats,
    b: Floats,
    c: Floats,
    table: Floats,
    u: Floats,
    to: Floats,
    n: int,
    least: float,
    never: float,
) -> None:
    for i in range(n):
        to[i] = whole_seconds(quantile(family, a[i], b[i], c[i], table, u[i]), least, never)


@stage
def durations(
    family: int,
    a: Floats,
    b: Floats,
    c: Floats,
    table: Floats,
    u: Floats,
    to: Floats,
    n: int,
    least: float,
    never: float,
) -> None:
    """Whole seconds of a law, with parameters for every lane, at uniforms; of any family but the lognormal."""
    # A loop for every family, so that each can be vectorised.
    if family == quantiles.FIXED:
        _fill(quantiles.FIXED, a, b, c, table, u, to, n, least, never)
    elif family == quantiles.EXPONENTIAL:
        _fill(quantiles.EXPONENTIAL, a, b, c, table, u, to, n, least, never)
    elif family == quantiles.UNIFORM:
        _fill(quantiles.UNIFORM, a, b, c, table, u, to, n, least, never)
    elif family == quantiles.TRIANGULAR:
        _fill(quantiles.TRIANGULAR, a, b, c, table, u, to, n, least, never)
    elif family == quantiles.WEIBULL:
        _fill(quantiles.WEIBULL, a, b, c, table, u, to, n, least, never)
    elif family == quantiles.LOGLOGISTIC:
        _fill(quantiles.LOGLOGISTIC, a, b, c, table, u, to, n, least, never)
    elif family == quantiles.EMPIRICAL:
        _fill(quantiles.EMPIRICAL, a, b, c, table, u, to, n, least, never)
    else:
        _fill(quantiles.TABLE, a, b, c, table, u, to, n, least, never)


@inlined
def _is_tail(u: float) -> bool:
    return abs(u - 0.5) > 0.425


@stage
def lognormal_durations(
    a: Floats,
    b: Floats,
    table: Floats,
    u: Floats,
    to: Floats,
    normal: Floats,
    tail: Floats,
    places: Ints,
    n: int,
    least: float,
    never: float,
) -> None:
    """As `durations`, of the lognormal family; `normal`, `tail` and `places` are room to work in.

    Three in twenty lie in the tails of the normal quantile, which cost several times as much as its centre; they are
    taken together.
    """
    for i in range(n):
        normal[i] = _central_quantile(u[i])
    tails = 0
    for i in range(n):
        places[tails] = i
        tail[tails] = u[i]
        tails += 1 if _is_tail(u[i]) else 0
    for j in range((tails + 3) & ~3):
        tail[j] = normal_quantile(tail[j])
    for j in range(tails):
        normal[places[j]] = tail[j]
    for i in range(n):
        variate = _quantile_of_normal(quantiles.LOGNORMAL, a[i], b[i], 0.0, table, normal[i])
        to[i] = whole_seconds(variate, least, never)


@inlined
def add_count(odds: Floats, count: Floats, factor: Floats, n: int) -> None:
    """To the log-odds so far: a permanent term, as often as its cause has happened."""
    for i in range(n):
        odds[i] += count[i] * factor[i] if count[i] > 0.0 else 0.0


@inlined
def add_constant(odds: Floats, value: Floats, n: int) -> None:
    """To the log-odds so far: a term that attempts do not move."""
    for i in range(n):
        odds[i] += value[i]


@stage
def add_fading(odds: Floats, now: Floats, value: Floats, last: Floats, half_life: Floats, n: int) -> None:
    """To the log-odds so far: what is left of a fading term."""
    for i in range(n):
        odds[i] += faded(value[i], now[i] - last[i], half_life[i])


@inlined
def add_at_most(odds: Floats, value: Floats, n: int) -> None:
    """To the log-odds so far: the most that may be left of a fading term; one below 0 may have faded to nothing."""
    for i in range(n):
        odds[i] += value[i] if value[i] > 0.0 else 0.0


@inlined
def odds_above(log_odds: float) -> float:
    """e^x or up to 6.2 % more of a log-odds x within ±693; about 2^±1000 beyond, and 2^1000 for NaN.

    With x·log₂e = k + f, the bits of a double make it 2^k·(1 + f), and 1 + f >= 2^f. Adding _TWENTY_BITS rounds to
    2^-20, and the factor makes up for that.
    """
    power = log_odds * _LOG2_E
    power = power if power < 1000.0 else 1000.0
    power = power if power > -1000.0 else -1000.0
    return double_of((bits_of(power + _TWENTY_BITS) << _32) + _ONE) * (1.0 + 2.0**-20)


@stage
def may_be_answered(odds: Floats, u: Floats, n: int) -> None:
    """In the place of log-odds that are no less than the attempts': 0 where the uniform is no less than the
    probability, else 1."""
    # p <= o / (1 + o) is as true of rounded numbers, as the uniform is lowered by far more than they are rounded by.
    for i in range(n):
        above = odds_above(odds[i])
        odds[i] = 1.0 if u[i] * (1.0 - 2.0**-30) * (1.0 + above) <= above else 0.0


@stage
def to_probabilities(odds: Floats, n: int) -> None:
    """Probabilities in the place of log-odds."""
    for i in range(n):
        odds[i] = answer_probability(odds[i], 0)


@inlined
def count_unanswered(u: Floats, chance: Floats, count: Floats, n: int) -> None:
    """A permanent effect of unanswered attempts."""
    for i in range(n):
        count[i] += 0.0 if is_answered(u[i], chance[i]) else 1.0


@inlined
def fade_unanswered(
    u: Floats, chance: Floats, now: Floats, value: Floats, last: Floats, half_life: Floats, factor: Floats, n: int
) -> None:
    """A fading effect of unanswered attempts."""
    for i in range(n):
        answered = is_answered(u[i], chance[i])
        more = faded(value[i], now[i] - last[i], half_life[i]) + factor[i]
        value[i] = value[i] if answered else more
        last[i] = last[i] if answered else now[i]


@inlined
def one_more(index: Words, made: Floats, now: Floats, interval: Floats, due: Floats, n: int) -> None:
    """An attempt was made in every lane; the next is due an interval later."""
    for i in range(n):
        due[i] = now[i] + interval[i]
        made[i] += 1.0
    for i in range(n):
        index[i] += np.uint64(1)


@inlined
def needs_a_look(due: float, limit: float, made: float, most: float) -> bool:
    """Whether a request ends with an unanswered attempt, or has the next one past the limit."""
    return due >= limit or made == most


@inlined
def flag(u: Floats, chance: Floats, due: Floats, limit: Floats, made: Floats, to: Ints, most: float, n: int) -> None:
    """2 where an attempt was answered, or may have been by a bound on its probability; else 1 where it needs a look,
    else 0."""
    for i in range(n):
        looks = 1 if needs_a_look(due[i], limit[i], made[i], most) else 0
        to[i] = 2 if is_answered(u[i], chance[i]) else looks


@inlined
def copy(source: Floats, to: Floats, n: int) -> None:
    """The same in another row."""
    for i in range(n):
        to[i] = source[i]


@inlined
def below(row: Floats, bound: float, n: int) -> int:
    """In how many of the first n lanes a row is below a bound."""
    count = 0
    for i in range(n):
        count += 1 if row[i] < bound else 0
    return count


@part
def any_quantile(family: int, a: float, b: float, c: float, table: Floats, u: float) -> float:
    """sim.rules.quantiles.quantile, of one lane."""
    return quantile(family, a, b, c, table, u)


@part
def faded_one(value: float, age: float, half_life: float) -> float:
    """sim.rules.answer.faded, of one lane."""
    # Most begin with their first cause: nothing is left of nothing.
    return faded(value, age, half_life) if value != 0.0 else 0.0


@inlined
def bin_of(number: float) -> int:
    """As sim.rules.bins.bin_of: the shift is the exponent of the double beyond 10."""
    whole = int(number)
    if whole < 2048:
        return whole
    shift = int(bits_of(number) >> np.uint64(52)) - 1033
    return shift * 1024 + (whole >> shift)
