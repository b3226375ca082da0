"""Probability of a duration between two whole seconds, and draws that favour it."""

from __future__ import annotations

from bisect import bisect_right

from sim.calibration import fixed
from sim.calibration import places as at
from sim.calibration.jit import part
from sim.calibration.parts import of
from sim.rules import quantile_tables as q
from sim.rules.arithmetic import exp, log, normal_cdf
from sim.rules.quantile_tables import quantile
from sim.scenario.program import Floats, Ints

FAR = 1 << 60
"""Later than any second."""


@part
def below(k: Ints, f: Floats, v: Floats, law: int, whole: int, least: int) -> float:
    """The probability that a duration, in whole seconds of at least `least`, is less than `whole`."""
    if whole <= least:
        return 0.0
    if whole > k[fixed.HORIZON]:
        return 1.0
    slot = of(k, fixed.SLOT, law)
    table = f[of(k, fixed.TABLES, law) : of(k, fixed.TABLES, law + 1)]
    return share_below(of(k, fixed.FAMILY, law), v[slot], v[slot + 1], v[slot + 2], table, whole - 0.5)


@part
def share_below(family: int, a: float, b: float, c: float, table: Floats, x: float) -> float:
    """P(X < x), the inverse of sim.rules.quantile_tables.quantile."""
    if family == q.FIXED:
        return 1.0 if a < x else 0.0
    if family == q.TABLE:
        return _by_search(family, a, b, c, table, x)
    if family == q.EMPIRICAL:
        return _smaller(table, x) / len(table)
    if family == q.UNIFORM:
        return min(1.0, max(0.0, (x - a) / (b - a))) if b > a else (1.0 if a < x else 0.0)
    if family == q.TRIANGULAR:
        return _triangular(a, b, c, x)
    if x <= 0.0:
        return 0.0
    if family == q.EXPONENTIAL:
        return 1.0 - exp(-x / a)
    if family == q.LOGNORMAL:
        return normal_cdf(log(x / a) / b)
    if family == q.WEIBULL:
        return 1.0 - exp(-exp(b * log(x / a)))
    return 1.0 / (1.0 + exp(-b * log(x / a)))


@part
def _smaller(table: Floats, x: float) -> int:
    count = bisect_right(table, x)
    while count > 0 and table[count - 1] == x:
        count -= 1
    return count


@part
def _triangular(low: float, mode: float, high: float, x: float) -> float:
    if x <= low:
        return 0.0
    if x >= high:
        return 1.0
    if x < mode:
        return (x - low) * (x - low) / ((high - low) * (mode - low))
    return 1.0 - (high - x) * (high - x) / ((high - low) * (high - mode))


@part
def _by_search(family: int, a: float, b: float, c: float, table: Floats, x: float) -> float:
    """Bisection over logit u, as the quantile function never falls."""
    low, high = -q.TABLE_EDGE + 0.05, q.TABLE_EDGE - 0.05
    if quantile(family, a, b, c, table, 1.0 / (1.0 + exp(-low))) >= x:
        return 0.0
    if quantile(family, a, b, c, table, 1.0 / (1.0 + exp(-high))) < x:
        return 1.0
    while high - low > 1e-12:
        middle = 0.5 * (low + high)
        if quantile(family, a, b, c, table, 1.0 / (1.0 + exp(-middle))) < x:
            low = middle
        else:
            high = middle
    return 1.0 / (1.0 + exp(-0.5 * (low + high)))


@part
def shortest(k: Ints, g: Ints, line: int, attempted: int, second: int) -> int:
    """The shortest delay, in whole seconds, with which the contact is due at `second` or later, calls apart.

    The contact is due before `second` if and only if the delay has been served by the last second before it at which
    contact is possible.
    """
    if second >= FAR:
        return FAR
    if second <= attempted:
        return 0
    calendar = of(k, fixed.MAY_CONTACT, line)
    a, b = of(k, fixed.CALENDARS, calendar), of(k, fixed.CALENDARS, calendar + 1)
    starts, ends = k[fixed.WINDOWS], k[fixed.WINDOW_ENDS]
    window = bisect_right(k[starts + a : starts + b], second - 1) - 1
    if window < 0:
        return 0
    last = min(second, k[ends + a + window]) - 1
    if last < attempted:
        return 0
    duty = of(k, fixed.ON_DUTY, line)
    return _covered(k, g, duty, last) - _covered(k, g, duty, attempted) + 1


@part
def _covered(k: Ints, g: Ints, calendar: int, second: int) -> int:
    """The seconds before `second` that lie in the calendar."""
    a, b = of(k, fixed.CALENDARS, calendar), of(k, fixed.CALENDARS, calendar + 1)
    starts, ends = k[fixed.WINDOWS], k[fixed.WINDOW_ENDS]
    window = bisect_right(k[starts + a : starts + b], second) - 1
    if window < 0:
        return 0
    inside = min(second, k[ends + a + window]) - k[starts + a + window]
    return g[g[at.G_COVER] + a + window] + inside


@part
def tilted(u: float, plain: float, first: float, low: float, high: float) -> tuple[float, float]:
    """A draw from (first, 1), and its density against the uniform one on (first, 1).

    With probability `plain` uniform on (first, 1), else on (low, high), which lies within.
    """
    if plain >= 1.0 or high <= low:
        return (u if first == 0.0 else first + (1.0 - first) * u), 1.0
    x = first + (1.0 - first) * (u / plain) if u < plain else low + (high - low) * ((u - plain) / (1.0 - plain))
    density = plain
    if low <= x < high:
        density += (1.0 - plain) * (1.0 - first) / (high - low)
    return x, density
