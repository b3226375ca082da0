"""The quantile function of every family: a larger uniform is never a smaller variate.

A distribution is a code, three numbers and, for two of the families, a table; `sim.rules.distributions` makes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from sim.rules.arithmetic import exp, log, normal_quantile

FIXED, EXPONENTIAL, UNIFORM, TRIANGULAR, LOGNORMAL, WEIBULL, LOGLOGISTIC, EMPIRICAL, TABLE = range(9)

TABLE_EDGE = 36.75
"""Tables run over logit u from −36.75 to 36.75, just beyond the outermost uniforms, 2^-53 and 1 − 2^-53."""


def quantile(family: int, a: float, b: float, c: float, table: Sequence[float], u: float) -> float:
    """The u-quantile, u in (0, 1).

    ============  ===========================================================================================
    FIXED         a
    EXPONENTIAL   mean a
    UNIFORM       from a to b
    TRIANGULAR    from a to c, mode b
    LOGNORMAL     median a, sigma b (standard deviation of the logarithm)
    WEIBULL       scale a, shape b
    LOGLOGISTIC   scale a (the median), shape b
    EMPIRICAL     `table`: the sample in rising order, each value equally likely
    TABLE         a + b·q(u), where q is the cubic Hermite interpolation of `table` over logit u
    ============  ===========================================================================================
    """
    if family == FIXED:
        return a
    if family == EXPONENTIAL:
        return -a * log(1.0 - u)
    if family == UNIFORM:
        return a + (b - a) * u
    if family == TRIANGULAR:
        return _triangular(a, b, c, u)
    if family == LOGNORMAL:
        return a * exp(b * normal_quantile(u))
    if family == WEIBULL:
        return a * exp(log(-log(1.0 - u)) / b)
    if family == LOGLOGISTIC:
        return a * exp((log(u) - log(1.0 - u)) / b)
    if family == EMPIRICAL:
        return table[int(u * len(table))]
    return a + b * _interpolate(table, log(u) - log(1.0 - u))


def _triangular(low: float, mode: float, high: float, u: float) -> float:
    width = high - low
    if u * width < mode - low:
        return low + sqrt(u * width * (mode - low))
    return high - sqrt((1.0 - u) * width * (high - mode))


def _interpolate(table: Sequence[float], y: float) -> float:
    """Cubic Hermite interpolation. The first half of `table` holds values at equally spaced y from −TABLE_EDGE to
    TABLE_EDGE, the second half the slopes per step, limited so that the curve never falls (Fritsch, F. N. and Carlson,
    R. E. (1980), SIAM J. Numer. Anal. 17, 238-246)."""
    knots = len(table) // 2
    place = (y + TABLE_EDGE) * ((knots - 1) / (2.0 * TABLE_EDGE))
    i = int(place)
    s = place - i
    low = table[i]
    high = table[i + 1]
    rise = high - low
    m0 = table[knots + i]
    m1 = table[knots + i + 1]
    return low + s * (m0 + s * ((3.0 * rise - 2.0 * m0 - m1) + s * (m0 + m1 - 2.0 * rise)))
