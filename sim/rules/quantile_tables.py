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
MOST_SHAPE = 1e6
_MEASURED_TO = 20.7
"""Errors are measured where both u and 1 − u exceed 1e-9; further out, the slopes themselves have few digits."""
_GRAIN = 1e-15
"""An error of u itself that does not count: SciPy's own quantiles are no better where they pass through 1 − u."""

SCIPY_FAMILIES = tuple(
    """
    alpha anglit arcsine beta betaprime bradford burr burr12 chi chi2 cosine expon exponpow exponweib f fatiguelife fisk
    gamma genexpon genextreme gengamma genhalflogistic genpareto gibrat gompertz halfcauchy halfgennorm halflogistic
    halfnorm invgamma invgauss invweibull johnsonsb kappa3 kstwobign levy loglaplace lognorm loguniform lomax maxwell
    mielke nakagami pareto powerlaw powerlognorm rayleigh reciprocal rice semicircular trapezoid triang truncexpon
    truncnorm truncpareto truncweibull_min uniform wald weibull_min
    """.split()  # noqa: SIM905 - a list of names is read more easily so
)
"""SciPy's continuous distributions that can be a duration and are tabulated within a second whatever their shapes; the
tests try them all. The others reach below 0 whatever their place, take seconds to minutes, or fail."""

_SHAPES = {"invgauss": (0.005, inf), "rice": (0.0, 50.0)}
"""From the least to the largest shape; outside SciPy takes seconds."""


class TableError(ValueError):
    """A distribution that is not known, or that cannot be tabulated."""


@dataclass(frozen=True)
class QuantileTable:
    """`knots`: values at the points, then slopes per step. `low`, `high`: the support. `error`: in logit u."""

    knots: tuple[float, ...]
    low: float
    high: float
    error: float


def scipy_shapes(name: str) -> tuple[str, ...]:
    """The names of the shape parameters of one of SciPy's continuous distributions. Raises TableError."""
    from difflib import get_close_matches

    from scipy import stats

    if name in SCIPY_FAMILIES:
        shapes = getattr(stats, name).shapes
        return tuple(one.strip() for one in shapes.split(",")) if shapes else ()
    found = getattr(stats, name, None) if name.isidentifier() else None
    if isinstance(found, stats.rv_discrete):
        raise TableError(f"scipy's {name} is not continuous")
    if isinstance(found, stats.rv_continuous):
        raise TableError(
            f"scipy's {name} is not offered here: it reaches below 0, or SciPy takes long or fails with it; a "
            f"lognormal, gamma or burr12 may be near. Offered are {', '.join(SCIPY_FAMILIES)}"
        )
    near = get_close_matches(name, SCIPY_FAMILIES, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    raise TableError(f"'{name}' is no continuous distribution of scipy.stats{hint}")


@lru_cache(maxsize=256)
def tabulate(name: str, shapes: tuple[float, ...]) -> QuantileTable:
    """The table of one of SciPy's continuous distributions with loc 0 and scale 1. Raises TableError."""
    import warnings

    import numpy as np

    shown = f"{name} with shape {_text(shapes)}" if shapes else name
    if any(abs(shape) > MOST_SHAPE for shape in shapes):
        raise TableError(f"{shown} is out of range; shapes up to {MOST_SHAPE:g} can be tabulated")
    least, most = _SHAPES.get(name, (-inf, inf))
    if shapes and not least <= shapes[0] <= most:
        raise TableError(f"{shown} takes too long to tabulate; expected a shape from {least:g} to {most:g}")
    distribution = _Beta() if name == BETA else _of_scipy(name)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _tabulated(distribution, shapes, shown)
    except (ValueError, ArithmeticError, RuntimeError, TypeError, IndexError) as error:
        if isinstance(error, TableError):
            raise
        raise TableError(f"SciPy has no quantiles of {shown} ({type(error).__name__})") from None


def _text(shapes: tuple[float, ...]) -> str:
    return ", ".join(f"{shape:g}" for shape in shapes)


def _tabulated(distribution: Any, shapes: tuple[float, ...], shown: str) -> QuantileTable:
    import numpy as np

    low, high = (float(end) for end in distribution.support(*shapes))
    if not (low <= high):
        raise TableError(f"{distribution.name} has no distribution with shape {_text(shapes)}")
    error = inf
    for size in _SIZES:
        y = np.linspace(-TABLE_EDGE, TABLE_EDGE, size)
        step = float(y[1] - y[0])
        values, slopes = _knots(distribution, shapes, y, step)
        coarser, error = error, _error(distribution, shapes, y, values, slopes)
        if error <= GOAL or (error <= MOST_ERROR and error > 0.5 * coarser):
            return QuantileTable((*values.tolist(), *slopes.tolist()), low, high, error)
        if error > 0.5 * coarser:
            break
    raise TableError(f"{shown} cannot be tabulated to within {MOST_ERROR:g} in logit u ({error:.1g})")


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
        from scipy.special import betaincinv

        found: NDArray[np.float64] = betaincinv(a, b, u)
        return found

    def isf(self, u: NDArray[np.float64], a: float, b: float) -> NDArray[np.float64]:
        from scipy.special import betainccinv

        found: NDArray[np.float64] = betainccinv(a, b, u)
        return found

    def pdf(self, x: NDArray[np.float64], a: float, b: float) -> NDArray[np.float64]:
        import numpy as np
        from scipy.special import betaln

        from sim.rules import vectors

        # At an end of the support the power is 1 where its exponent is 0.
        below = 0.0 if a == 1.0 else (a - 1.0) * vectors.log(np.maximum(x, 0.0))
        above = 0.0 if b == 1.0 else (b - 1.0) * vectors.log1p(-x)
        return vectors.exp(below + above - float(betaln(a, b)))


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
        raise TableError(f"{distribution.name} with these shapes has no finite quantiles")
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
