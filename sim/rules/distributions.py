"""The families of distributions: which parameters an analyst may give, and whether those given make one.

`lognormal: {median: 6 h, p90: 2 d}` becomes a median and a sigma, `gamma: {mean: …, sd: …}` a table. Closed forms use
the arithmetic of this package. A family without one is solved with SciPy when the scenario is compiled, never while it
runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf, isfinite, sqrt
from typing import TypeAlias

from sim.rules import quantile_tables as q
from sim.rules.arithmetic import exp, log, logit, normal_quantile
from sim.rules.quantile_tables import BETA, GAMMA, TableError, scipy_shapes, tabulate

FAMILIES: Mapping[str, tuple[frozenset[str], ...]] = {
    "fixed": (frozenset({"value"}),),
    "exponential": (frozenset({"mean"}), frozenset({"quantile"})),
    "uniform": (frozenset({"min", "max"}), frozenset({"mean", "sd"}), frozenset({"quantile", "quantile 2"})),
    "triangular": (frozenset({"min", "mode", "max"}),),
    "pert": (frozenset({"min", "mode", "max"}),),
    "lognormal": (frozenset({"median", "sigma"}), frozenset({"mean", "sd"}), frozenset({"quantile", "quantile 2"})),
    "weibull": (frozenset({"shape", "scale"}), frozenset({"mean", "sd"}), frozenset({"quantile", "quantile 2"})),
    "gamma": (frozenset({"shape", "scale"}), frozenset({"mean", "sd"}), frozenset({"quantile", "quantile 2"})),
    "loglogistic": (
        frozenset({"scale", "shape"}),
        frozenset({"median", "shape"}),
        frozenset({"mean", "sd"}),
        frozenset({"quantile", "quantile 2"}),
    ),
    "beta": (frozenset({"a", "b"}), frozenset({"mean", "sd"})),
    "empirical": (frozenset(),),
    "scipy": (frozenset({"scale"}),),
}
"""The sets of parameters that each family takes; "quantile" (and "quantile 2") stands for `median` or any `pNN`.
`scipy` also takes `loc` and the shapes of the distribution named; `beta` is for priors only."""

DIMENSIONLESS = frozenset({"shape", "sigma", "a", "b"})
"""Parameters that are plain numbers whatever the distribution describes; all others have its unit (scipy's shapes
apart)."""


def parameter_names(family: str, scipy: str = "") -> tuple[str, ...]:
    """The names that a family takes, quantiles as `median` and `p90`."""
    names: dict[str, None] = {}
    for form in FAMILIES[family]:
        for name in sorted(form):
            names.update(dict.fromkeys(("median", "p90") if name.startswith("quantile") else (name,)))
    if family == "scipy":
        names.update(dict.fromkeys(("loc", *(scipy_shapes(scipy) if scipy else ()))))
    return tuple(names)


def canonical(family: str, given: Given, sample: Sequence[float] = (), scipy: str = "") -> Canonical:
    """Solve for the family's own parameters.

    `given`: parameter to value, durations in seconds. `sample`: the list of an `empirical`. `scipy`: the name of a
    SciPy family. Raises FamilyError.
    """
    for name, value in given.items():
        if not isfinite(value):
            raise FamilyError(f"{name} is {value}; expected a finite number")
    if family == "empirical":
        return empirical(sample)
    if family == "scipy":
        return of_scipy(given, scipy)
    form = _form_of(family, given)
    return SOLVERS[family](given, form)


def check(
    family: str, supports: Mapping[str, tuple[float, float]], sample: Sequence[float] = (), scipy: str = ""
) -> None:
    """Refuse a distribution that some values in the supports of its parameters make impossible.

    A known number has the support (x, x). Every combination of the ends of the supports is tried, an open end taken
    just inside. Raises FamilyError, also where a number with a prior shapes a tabulated family (or one whose form has
    no closed solution): its table is made once, not once a draw.
    """
    uncertain = [name for name, (low, high) in supports.items() if low != high]
    fixed_shape = uncertain and not set(uncertain) <= _movable(family, frozenset(supports))
    if fixed_shape:
        raise FamilyError(
            f"a prior on {uncertain[0]} would change the shape of a {family} distribution, which is tabulated once; "
            f"give it a known value, or put the prior on its scale"
        )
    ends = [(low,) if low == high else (_inside(low, high), _inside(high, low)) for low, high in supports.values()]
    for corner in product(*ends):
        canonical(family, dict(zip(supports, corner, strict=True)), sample, scipy)


def support(distribution: Canonical) -> tuple[float, float]:
    """The smallest and the largest value, which may be infinite."""
    return distribution.low, distribution.high


def _inside(end: float, other: float) -> float:
    if not isfinite(end):
        return max(1e12, 2.0 * abs(other)) if isfinite(other) else 1e12
    span = (other - end) if isfinite(other) else 1.0
    return end + span * 1e-9


def _movable(family: str, names: frozenset[str]) -> frozenset[str]:
    """The parameters that may have a prior: all where a closed form solves each draw, else those of place and scale."""
    if family == "scipy":
        return frozenset({"loc", "scale"})
    if family == "gamma":
        return frozenset({"scale"}) if "shape" in names else frozenset()
    if family in ("pert", "beta", "empirical"):
        return frozenset()
    if family in ("weibull", "loglogistic") and names == {"mean", "sd"}:
        return frozenset()
    return names


def _form_of(family: str, given: Given) -> frozenset[str]:
    """The set of FAMILIES[family] that the given names fit; quantiles counted, not named."""
    forms = FAMILIES[family]
    names = frozenset(given)
    if names in forms:
        return names
    percentiles = [name for name in given if percentile_of(name) is not None]
    counted = frozenset(given) - frozenset(percentiles) | frozenset(("quantile", "quantile 2")[: len(percentiles)])
    if counted in forms and len(percentiles) <= 2:
        return counted
    known = " or ".join(_describe(form) for form in forms)
    found = ", ".join(given) if given else "nothing"
    raise FamilyError(f"{family} takes {known}; found {found}")


def _describe(form: Iterable[str]) -> str:
    names = sorted(form)
    if names == ["quantile"]:
        return "one of p10, median, p90 …"
    if "quantile 2" in names:
        return "two of p10, median, p90 …"
    order = ("min", "mode", "max", "mean", "sd", "median", "scale", "shape", "sigma", "a", "b", "value")
    return " and ".join(sorted(names, key=order.index))


Given: TypeAlias = Mapping[str, float]


class FamilyError(ValueError):
    """The parameters of a distribution are wrong; the text says which, and what would be right."""


@dataclass(frozen=True)
class Canonical:
    """A distribution as `quantile_tables.quantile` takes it. `low`, `high`: its support. `own`: the family's own
    parameters, for the resolved model. `error`: of a table, the largest error in logit u away from the ends by 1e-9."""

    code: int
    a: float
    b: float = 0.0
    c: float = 0.0
    table: tuple[float, ...] = ()
    low: float = 0.0
    high: float = inf
    own: tuple[tuple[str, float], ...] = ()
    error: float = 0.0

    def quantile(self, u: float) -> float:
        """The u-quantile, u in (0, 1)."""
        return q.quantile(self.code, self.a, self.b, self.c, self.table, u)


_PERCENTILE = re.compile(r"median|p\d{1,2}(\.\d+)?")


def percentile_of(name: str) -> float | None:
    """0.9 for `p90`, 0.5 for `median`; None for a name that is no quantile, or one outside (0, 1)."""
    if not _PERCENTILE.fullmatch(name):
        return None
    percent = 50.0 if name == "median" else float(name[1:])
    return percent / 100.0 if 0.0 < percent < 100.0 else None


def _positive(given: Given, *names: str) -> None:
    for name in names:
        if not given[name] > 0.0:
            raise FamilyError(f"{name} is {given[name]:g}; expected a number above 0")


def _two_quantiles(given: Given) -> tuple[float, float, float, float]:
    """(p1, x1, p2, x2) with p1 < p2 and 0 < x1 < x2."""
    pairs = sorted((p, value, name) for name, value in given.items() if (p := percentile_of(name)) is not None)
    (p1, x1, name1), (p2, x2, name2) = pairs
    _positive(given, name1)
    if p1 == p2:
        raise FamilyError(f"{name1} and {name2} are the same quantile; give two different ones")
    if not x1 < x2:
        raise FamilyError(f"{name2} ({x2:g}) must be larger than {name1} ({x1:g})")
    return p1, x1, p2, x2


def _fixed(given: Given, form: frozenset[str]) -> Canonical:
    value = given["value"]
    return Canonical(q.FIXED, value, low=value, high=value, own=(("value", value),))


def _exponential(given: Given, form: frozenset[str]) -> Canonical:
    _positive(given, *given)
    if form == {"mean"}:
        mean = given["mean"]
    else:
        ((name, value),) = given.items()
        mean = value / -log(1.0 - _level(name))
    return Canonical(q.EXPONENTIAL, mean, own=(("mean", mean),))


def _level(name: str) -> float:
    level = percentile_of(name)
    assert level is not None
    return level


def _uniform(given: Given, form: frozenset[str]) -> Canonical:
    if form == {"min", "max"}:
        low, high = given["min"], given["max"]
    elif form == {"mean", "sd"}:
        _positive(given, "sd")
        half = sqrt(3.0) * given["sd"]
        low, high = given["mean"] - half, given["mean"] + half
        if low < 0.0:
            raise FamilyError(f"a uniform with mean {given['mean']:g} and sd {given['sd']:g} reaches below 0")
    else:
        p1, x1, p2, x2 = _two_quantiles(given)
        slope = (x2 - x1) / (p2 - p1)
        low, high = x1 - p1 * slope, x2 + (1.0 - p2) * slope
        if low < 0.0:
            raise FamilyError("a uniform with these quantiles reaches below 0")
    if low < 0.0:
        raise FamilyError(f"min is {low:g}; expected a number of at least 0")
    if not low < high:
        raise FamilyError(f"max ({high:g}) must be larger than min ({low:g})")
    return Canonical(q.UNIFORM, low, high, low=low, high=high, own=(("min", low), ("max", high)))


def _three_points(given: Given) -> tuple[float, float, float]:
    low, mode, high = given["min"], given["mode"], given["max"]
    if low < 0.0:
        raise FamilyError(f"min is {low:g}; expected a number of at least 0")
    if not low < high:
        raise FamilyError(f"max ({high:g}) must be larger than min ({low:g})")
    if not low <= mode <= high:
        raise FamilyError(f"mode ({mode:g}) must lie from min ({low:g}) to max ({high:g})")
    return low, mode, high


def _triangular(given: Given, form: frozenset[str]) -> Canonical:
    low, mode, high = _three_points(given)
    return Canonical(
        q.TRIANGULAR, low, mode, high, low=low, high=high, own=(("min", low), ("mode", mode), ("max", high))
    )


def _pert(given: Given, form: frozenset[str]) -> Canonical:
    """A beta on [min, max] with shapes 1 + 4·(mode − min)/(max − min) and 1 + 4·(max − mode)/(max − min)."""
    low, mode, high = _three_points(given)
    width = high - low
    shapes = (1.0 + 4.0 * (mode - low) / width, 1.0 + 4.0 * (high - mode) / width)
    return _tabled(BETA, shapes, low, width, own=(("min", low), ("mode", mode), ("max", high)))


def _lognormal(given: Given, form: frozenset[str]) -> Canonical:
    if form == {"median", "sigma"}:
        _positive(given, "median", "sigma")
        median, sigma = given["median"], given["sigma"]
    elif form == {"mean", "sd"}:
        _positive(given, "mean", "sd")
        ratio = given["sd"] / given["mean"]
        variance = log(1.0 + ratio * ratio)
        median, sigma = given["mean"] * exp(-0.5 * variance), sqrt(variance)
    else:
        p1, x1, p2, x2 = _two_quantiles(given)
        z1, z2 = normal_quantile(p1), normal_quantile(p2)
        sigma = (log(x2) - log(x1)) / (z2 - z1)
        median = x1 * exp(-sigma * z1)
    return Canonical(q.LOGNORMAL, median, sigma, own=(("median", median), ("sigma", sigma)))


def _weibull(given: Given, form: frozenset[str]) -> Canonical:
    if form == {"shape", "scale"}:
        _positive(given, "shape", "scale")
        shape, scale = given["shape"], given["scale"]
    elif form == {"mean", "sd"}:
        _positive(given, "mean", "sd")
        shape, scale = _weibull_of_moments(given["mean"], given["sd"])
    else:
        p1, x1, p2, x2 = _two_quantiles(given)
        w1, w2 = log(-log(1.0 - p1)), log(-log(1.0 - p2))
        shape = (w2 - w1) / (log(x2) - log(x1))
        scale = x1 * exp(-w1 / shape)
    return Canonical(q.WEIBULL, scale, shape, own=(("shape", shape), ("scale", scale)))


def _gamma(given: Given, form: frozenset[str]) -> Canonical:
    if form == {"shape", "scale"}:
        _positive(given, "shape", "scale")
        shape, scale = given["shape"], given["scale"]
    elif form == {"mean", "sd"}:
        _positive(given, "mean", "sd")
        ratio = given["mean"] / given["sd"]
        shape, scale = ratio * ratio, given["sd"] / ratio
    else:
        shape, scale = _gamma_of_quantiles(*_two_quantiles(given))
    return _tabled(GAMMA, (shape,), 0.0, scale, own=(("shape", shape), ("scale", scale)))


def _loglogistic(given: Given, form: frozenset[str]) -> Canonical:
    if form == {"mean", "sd"}:
        _positive(given, "mean", "sd")
        shape, scale = _loglogistic_of_moments(given["mean"], given["sd"])
    elif "shape" in form:
        scale_name = "scale" if "scale" in form else "median"
        _positive(given, "shape", scale_name)
        shape, scale = given["shape"], given[scale_name]
    else:
        p1, x1, p2, x2 = _two_quantiles(given)
        shape = (logit(p2) - logit(p1)) / (log(x2) - log(x1))
        scale = x1 * exp(-logit(p1) / shape)
    return Canonical(q.LOGLOGISTIC, scale, shape, own=(("scale", scale), ("shape", shape)))


def _beta(given: Given, form: frozenset[str]) -> Canonical:
    if form == {"a", "b"}:
        _positive(given, "a", "b")
        a, b = given["a"], given["b"]
    else:
        mean, sd = given["mean"], given["sd"]
        if not 0.0 < mean < 1.0:
            raise FamilyError(f"mean is {mean:g}; expected a number between 0 and 1")
        if not 0.0 < sd * sd < mean * (1.0 - mean):
            raise FamilyError(f"no beta distribution with mean {mean:g} has an sd of {sd:g}")
        size = mean * (1.0 - mean) / (sd * sd) - 1.0
        a, b = mean * size, (1.0 - mean) * size
    return _tabled(BETA, (a, b), 0.0, 1.0, own=(("a", a), ("b", b)))


def empirical(sample: Sequence[float]) -> Canonical:
    """Each value of a list as likely as the others. Raises FamilyError."""
    if not sample:
        raise FamilyError("an empirical distribution needs at least one value")
    for value in sample:
        if not (isfinite(value) and value >= 0.0):
            raise FamilyError(f"{value} in the list; expected numbers of at least 0")
    values = tuple(sorted(float(value) for value in sample))
    return Canonical(q.EMPIRICAL, 0.0, table=values, low=values[0], high=values[-1])


def of_scipy(given: Given, name: str) -> Canonical:
    """A continuous distribution of SciPy, by its name there. Raises FamilyError."""
    try:
        shapes = scipy_shapes(name)
    except TableError as error:
        raise FamilyError(str(error)) from None
    for key in given:
        if key not in (*shapes, "loc", "scale"):
            raise FamilyError(f"scipy's {name} takes {', '.join((*shapes, 'loc', 'scale'))}; found {key}")
    for key in (*shapes, "scale"):
        if key not in given:
            raise FamilyError(f"scipy's {name} needs {key}")
    _positive(given, "scale")
    own = tuple((key, given[key]) for key in (*shapes, "loc", "scale") if key in given)
    made = _tabled(name, tuple(given[key] for key in shapes), given.get("loc", 0.0), given["scale"], own=own)
    if made.low < 0.0:
        raise FamilyError(f"scipy's {name} with these parameters reaches below 0 (to {made.low:g})")
    return made


def _tabled(
    name: str, shapes: tuple[float, ...], loc: float, scale: float, own: tuple[tuple[str, float], ...]
) -> Canonical:
    try:
        table = tabulate(name, shapes)
    except TableError as error:
        raise FamilyError(str(error)) from None
    return Canonical(
        q.TABLE,
        loc,
        scale,
        table=table.knots,
        low=loc + scale * table.low,
        high=loc + scale * table.high,
        own=own,
        error=table.error,
    )


def _root(function: Callable[[float], float], low: float, high: float, what: str) -> float:
    from scipy.optimize import brentq

    if not function(low) * function(high) < 0.0:
        raise FamilyError(f"no {what} has these parameters")
    return float(brentq(function, low, high, xtol=1e-13, rtol=1e-13))


def _weibull_of_moments(mean: float, sd: float) -> tuple[float, float]:
    from scipy.special import gammaln

    target = log(1.0 + (sd / mean) * (sd / mean))

    def excess(t: float) -> float:
        return float(gammaln(1.0 + 2.0 * exp(-t)) - 2.0 * gammaln(1.0 + exp(-t))) - target

    shape = exp(_root(excess, -3.0, 7.0, "weibull"))
    return shape, mean * exp(-float(gammaln(1.0 + 1.0 / shape)))


def _loglogistic_of_moments(mean: float, sd: float) -> tuple[float, float]:
    from math import pi, sin

    target = log(1.0 + (sd / mean) * (sd / mean))

    def excess(t: float) -> float:
        b = pi / (2.0 + exp(t))
        return log(2.0 * b / sin(2.0 * b)) - 2.0 * log(b / sin(b)) - target

    shape = 2.0 + exp(_root(excess, -25.0, 8.0, "loglogistic"))
    b = pi / shape
    return shape, mean * sin(b) / b


def _gamma_of_quantiles(p1: float, x1: float, p2: float, x2: float) -> tuple[float, float]:
    from scipy.special import gammaincinv

    target = log(x2 / x1)

    def excess(t: float) -> float:
        low = float(gammaincinv(exp(t), p1))
        return (log(float(gammaincinv(exp(t), p2)) / low) if low > 0.0 else inf) - target

    shape = exp(_root(excess, -5.0, 14.0, "gamma"))
    return shape, x1 / float(gammaincinv(shape, p1))


SOLVERS: Mapping[str, Callable[[Given, frozenset[str]], Canonical]] = {
    "fixed": _fixed,
    "exponential": _exponential,
    "uniform": _uniform,
    "triangular": _triangular,
    "pert": _pert,
    "lognormal": _lognormal,
    "weibull": _weibull,
    "gamma": _gamma,
    "loglogistic": _loglogistic,
    "beta": _beta,
}
"""By family, from the parameters given and the form of `sim.rules.distributions.FAMILIES` that they fit."""
