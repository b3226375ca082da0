"""Quantile functions of all families of distributions, and monotone tables for those that have no closed form.

A distribution is a code, three numbers and, for two of the families, a table; `sim.rules.distributions` makes them. A
larger uniform is never a smaller variate. A table holds q at equally spaced points of logit u and its slopes there. It
is made when a scenario is compiled, finer and finer until its error is below GOAL or falls no further.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf, nan, sqrt
from typing import TYPE_CHECKING, Any

from sim.rules.arithmetic import exp, log, normal_quantile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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

    Raises ValueError for another code.
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
    if family == TABLE:
        return a + b * _interpolate(table, log(u) - log(1.0 - u))
    raise ValueError("no family of distributions has this code")


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


BETA, GAMMA = "beta", "gamma"
GOAL = 1e-6
"""The error aimed at, in logit u: the variate returned is the quantile of a probability that is wrong by at most one
part in a million of itself or of its complement."""
MOST_ERROR = 1e-4
"""The largest error accepted, for distributions whose quantiles SciPy itself finds by search."""
_SIZES = (513, 1025, 2049, 4097, 8193, 16385)
_MEASURED_TO = 20.7
"""Errors are measured where both u and 1 − u exceed 1e-9; further out, the slopes themselves have few digits."""
_GRAIN = 1e-15
"""An error of u itself that does not count: SciPy's own quantiles are no better where they pass through 1 − u."""
_TOO_SLOW = frozenset({"studentized_range", "levy_stable"})


class TableError(ValueError):
    """A distribution that is not known, or that cannot be tabulated."""


@dataclass(frozen=True)
class Table:
    """`knots`: values at the points, then slopes per step. `low`, `high`: the support. `error`: in logit u."""

    knots: tuple[float, ...]
    low: float
    high: float
    error: float


def scipy_shapes(name: str) -> tuple[str, ...]:
    """The names of the shape parameters of one of SciPy's continuous distributions. Raises TableError."""
    from difflib import get_close_matches

    from scipy import stats

    if name in _TOO_SLOW:
        raise TableError(f"scipy's {name} takes too long to tabulate; fit a lognormal, gamma or burr12 to it")
    found = getattr(stats, name, None) if name.isidentifier() else None
    if not isinstance(found, stats.rv_continuous):
        if isinstance(found, stats.rv_discrete):
            raise TableError(f"scipy's {name} is not continuous")
        names = [n for n in dir(stats) if isinstance(getattr(stats, n), stats.rv_continuous)]
        near = get_close_matches(name, names, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise TableError(f"'{name}' is no continuous distribution of scipy.stats{hint}")
    return tuple(s.strip() for s in found.shapes.split(",")) if found.shapes else ()


@lru_cache(maxsize=256)
def tabulate(name: str, shapes: tuple[float, ...]) -> Table:
    """The table of one of SciPy's continuous distributions with loc 0 and scale 1. Raises TableError."""
    import numpy as np

    distribution = _Beta() if name == BETA else _of_scipy(name)
    with np.errstate(all="ignore"):
        low, high = (float(end) for end in distribution.support(*shapes))
        if not (low <= high):
            shown = ", ".join(f"{shape:g}" for shape in shapes)
            raise TableError(f"{name} has no distribution with shape {shown}")
        error = inf
        for size in _SIZES:
            y = np.linspace(-TABLE_EDGE, TABLE_EDGE, size)
            step = float(y[1] - y[0])
            values, slopes = _knots(distribution, shapes, y, step)
            coarser, error = error, _error(distribution, shapes, y, values, slopes)
            if error <= GOAL or (error <= MOST_ERROR and error > 0.5 * coarser):
                return Table((*values.tolist(), *slopes.tolist()), low, high, error)
            if error > 0.5 * coarser:
                break
    raise TableError(
        f"{name} with these parameters cannot be tabulated to within {MOST_ERROR:g} in logit u ({error:.1g})"
    )


def _of_scipy(name: str) -> Any:
    from scipy import stats

    return getattr(stats, name)


class _Beta:
    """What `scipy.stats.beta` gives, by the functions that it calls itself: the family of most priors of a probability
    does without the second that loading scipy.stats takes."""

    name = BETA

    def support(self, a: float, b: float) -> tuple[float, float]:
        return (0.0, 1.0) if a > 0.0 and b > 0.0 else (nan, nan)

    def ppf(self, u: NDArray[np.float64], a: float, b: float) -> NDArray[np.float64]:
        from scipy.special._ufuncs import _beta_ppf

        found: NDArray[np.float64] = _beta_ppf(u, a, b)
        return found

    def isf(self, u: NDArray[np.float64], a: float, b: float) -> NDArray[np.float64]:
        from scipy.special import betainccinv

        found: NDArray[np.float64] = betainccinv(a, b, u)
        return found

    def pdf(self, x: NDArray[np.float64], a: float, b: float) -> NDArray[np.float64]:
        from scipy.special._ufuncs import _beta_pdf

        found: NDArray[np.float64] = _beta_pdf(x, a, b)
        return found


def _values(distribution: Any, shapes: tuple[float, ...], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles at logit u = y, the upper half from the survival function, which keeps its digits near u = 1."""
    import numpy as np

    from sim.rules import vectors

    tail = 1.0 / (1.0 + vectors.exp(np.abs(y)))
    q: NDArray[np.float64] = np.where(y < 0.0, distribution.ppf(tail, *shapes), distribution.isf(tail, *shapes))
    return q


def _knots(
    distribution: Any, shapes: tuple[float, ...], y: NDArray[np.float64], step: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    import numpy as np

    from sim.rules import vectors

    values = _values(distribution, shapes, y)
    if not np.all(np.isfinite(values)):
        raise TableError(f"{distribution.name} with these parameters has no finite quantiles")
    values = np.maximum.accumulate(values)
    rise = np.diff(values)
    tail = 1.0 / (1.0 + vectors.exp(np.abs(y)))
    slopes = step * tail * (1.0 - tail) / distribution.pdf(values, *shapes)
    secant = np.concatenate(([rise[0]], 0.5 * (rise[1:] + rise[:-1]), [rise[-1]]))
    slopes = np.where(np.isfinite(slopes), slopes, secant)
    before = np.concatenate(([rise[0]], rise))
    behind = np.concatenate((rise, [rise[-1]]))
    return values, np.clip(slopes, 0.0, 3.0 * np.minimum(before, behind))


def _error(
    distribution: Any,
    shapes: tuple[float, ...],
    y: NDArray[np.float64],
    values: NDArray[np.float64],
    slopes: NDArray[np.float64],
) -> float:
    """The largest error half-way between knots, in logit u: the error of q over the local rise of q per unit of y.

    Differences that a double cannot show, against the largest value near, do not count."""
    import numpy as np

    from sim.rules import vectors

    step = float(y[1] - y[0])
    middle = 0.5 * (y[1:] + y[:-1])
    exact = _values(distribution, shapes, middle)
    rise = np.diff(values)
    made = values[:-1] + 0.5 * rise + 0.125 * (slopes[:-1] - slopes[1:])
    off = np.abs(made - exact) - 1e-14 * np.abs(exact) - 1e-300
    tail = 1.0 / (1.0 + vectors.exp(np.abs(middle)))
    worst = np.where(off <= 0.0, 0.0, off * step / np.maximum(rise, 1e-300) - _GRAIN / (tail * (1.0 - tail)))
    return float(np.max(worst[np.abs(middle) <= _MEASURED_TO]))
