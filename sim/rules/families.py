"""The families of distributions: which parameters an analyst may give, and whether those given make one.

`lognormal: {median: 6 h, p90: 2 d}` becomes a median and a sigma, `gamma: {mean: …, sd: …}` a table:
`sim.rules.solvers` sees to that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import isfinite

from sim.rules.solvers import SOLVERS, Canonical, FamilyError, Given, empirical, of_scipy, percentile_of
from sim.rules.tables import scipy_shapes

__all__ = [
    "DIMENSIONLESS",
    "FAMILIES",
    "Canonical",
    "FamilyError",
    "Given",
    "canonical",
    "check",
    "parameter_names",
    "percentile_of",
    "support",
]

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
