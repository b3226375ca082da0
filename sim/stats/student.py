"""Student's t, Fisher's F and the beta distribution, equal to the bit on every processor.

The incomplete beta function by its continued fraction, in the rules' own arithmetic. The special functions of numerical
libraries go through the C library's exp and log, whose last digits depend on the processor.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import inf, nextafter, sqrt

from sim.rules.arithmetic import exp, log, log1p, normal_cdf

LARGE = 200
"""Degrees of freedom from which Hill's expansion is used: its relative error is then below 1e-12."""

_LN_SQRT_2PI = 0.9189385332046727
_TINY = 1e-300
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)


def student_tail(t: float, degrees: int) -> float:
    """P(T > t) for t >= 0 and Student's T with `degrees` >= 1 degrees of freedom; a small value to full precision.

    Source: G. W. Hill, Algorithm 395, Communications of the ACM 13 (1970) 617–619, for many degrees of freedom.
    """
    if degrees < LARGE:
        return 0.5 * _incomplete_beta(0.5 * degrees, 0.5, degrees / (degrees + t * t))
    a = degrees - 0.5
    y, b = a * log1p(t * t / degrees), 48.0 * a * a
    above = (((-0.4 * y - 3.3) * y - 24.0) * y - 85.5) / (0.8 * y * y + 100.0 + b) + y + 3.0
    return normal_cdf(-(above / b + 1.0) * sqrt(y))


@lru_cache(maxsize=1024)
def student_tail_quantile(tail: float, degrees: int) -> float:
    """t with P(T > t) = `tail`, in (0, 0.5]."""
    high = 1.0
    while student_tail(high, degrees) > tail:
        high *= 2.0
    return _bisected(lambda t: student_tail(t, degrees) > tail, 0.0, high)


@lru_cache(maxsize=1024)
def fisher_quantile(probability: float, above: int, below: int) -> float:
    """f with P(F <= f) = `probability` in (0, 1), F with `above` and `below` >= 1 degrees of freedom."""
    x = _bisected(lambda x: _incomplete_beta(0.5 * above, 0.5 * below, x) < probability, 0.0, 1.0)
    return inf if x >= 1.0 else below * x / (above * (1.0 - x))


@lru_cache(maxsize=1024)
def clopper_pearson(count: int, size: int, tail: float) -> tuple[float, float]:
    """Limits of a probability of which `count` in `size` independent trials came true, with `tail` beyond each.

    Source: C. J. Clopper and E. S. Pearson, Biometrika 26 (1934) 404–413.
    """
    low, high = 0.0, 1.0
    if count > 0:
        low = _bisected(lambda x: _incomplete_beta(count, size - count + 1.0, x) < tail, 0.0, 1.0)
    if count < size:
        high = _bisected(lambda x: _incomplete_beta(count + 1.0, size - count, x) < 1.0 - tail, 0.0, 1.0)
    return low, high


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """I_x(a, b), the regularised incomplete beta function.

    Source: W. H. Press et al., Numerical Recipes (2007), section 6.4, by the method of Lentz.
    """
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    front = exp(_log_gamma(a + b) - _log_gamma(a) - _log_gamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _fraction(a, b, x) / a
    return 1.0 - front * _fraction(b, a, 1.0 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1.0 / _not_zero(1.0 - (a + b) * x / (a + 1.0))
    found, m, step = d, 0, 0.0
    while abs(step - 1.0) > 2e-16 and m < 100_000:
        m += 1
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0)),
        ):
            d = 1.0 / _not_zero(1.0 + term * d)
            c = _not_zero(1.0 + term / c)
            step = c * d
            found *= step
    return found


def _not_zero(x: float) -> float:
    return x if abs(x) > _TINY else _TINY


def _log_gamma(x: float) -> float:
    """ln Γ(x) for x > 0, by Stirling's series beyond 10 and the recurrence before."""
    shift = 1.0
    while x < 10.0:
        shift *= x
        x += 1.0
    inverse = 1.0 / x
    square, series, power = inverse * inverse, 0.0, inverse
    for coefficient in _STIRLING:
        series += coefficient * power
        power *= square
    return (x - 0.5) * log(x) - x + _LN_SQRT_2PI + series - log(shift)


def _bisected(before: Callable[[float], bool], low: float, high: float) -> float:
    """Where `before` turns from true to false, to the last digit but a few."""
    while high - low > 1e-15 * high and nextafter(low, high) < high:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if before(middle) else (low, middle)
    return 0.5 * (low + high)
