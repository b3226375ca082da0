"""Every family against SciPy: the quantiles that are asked for, moments, supports, and what is refused."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from sim.rules import quantile_tables
from sim.rules.distributions import FAMILIES, FamilyError, canonical, check, percentile_of, support
from sim.rules.quantile_tables import GOAL, SCIPY_FAMILIES, TableError, scipy_shapes, tabulate

DAY = 86_400.0
LEVELS = [1e-12, 1e-6, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999, 1 - 1e-6, 1 - 1e-12]

SAME_AS_SCIPY = [
    ("exponential", {"mean": DAY}, stats.expon(scale=DAY)),
    ("uniform", {"min": 5.0, "max": 9.0}, stats.uniform(5, 4)),
    ("triangular", {"min": 1.0, "mode": 2.0, "max": 9.0}, stats.triang(0.125, 1, 8)),
    ("triangular", {"min": 1.0, "mode": 1.0, "max": 9.0}, stats.triang(0, 1, 8)),
    ("triangular", {"min": 1.0, "mode": 9.0, "max": 9.0}, stats.triang(1, 1, 8)),
    ("pert", {"min": 1.0, "mode": 2.0, "max": 9.0}, stats.beta(1.5, 4.5, 1, 8)),
    ("lognormal", {"median": 6.0, "sigma": 1.5}, stats.lognorm(1.5, scale=6)),
    ("weibull", {"shape": 0.7, "scale": DAY}, stats.weibull_min(0.7, scale=DAY)),
    ("gamma", {"shape": 0.3, "scale": DAY}, stats.gamma(0.3, scale=DAY)),
    ("gamma", {"shape": 40.0, "scale": DAY}, stats.gamma(40, scale=DAY)),
    ("loglogistic", {"scale": DAY, "shape": 2.5}, stats.fisk(2.5, scale=DAY)),
    ("loglogistic", {"median": DAY, "shape": 2.5}, stats.fisk(2.5, scale=DAY)),
    ("beta", {"a": 2.0, "b": 30.0}, stats.beta(2, 30)),
    ("beta", {"a": 0.5, "b": 0.5}, stats.beta(0.5, 0.5)),
]


@pytest.mark.parametrize(("family", "given", "exact"), SAME_AS_SCIPY)
def test_quantiles_agree_with_scipy(family: str, given: dict[str, float], exact: stats.rv_continuous) -> None:
    made = canonical(family, given)
    for u in LEVELS:
        tolerance = 1e-9 if made.error == 0.0 else 1e-5
        value = float(exact.ppf(u) if u < 0.5 else exact.isf(1.0 - u))
        assert made.quantile(u) == pytest.approx(value, rel=tolerance, abs=1e-9 * made.quantile(0.5))


@pytest.mark.parametrize(("family", "given", "exact"), SAME_AS_SCIPY)
def test_a_larger_uniform_is_never_a_smaller_variate(
    family: str, given: dict[str, float], exact: stats.rv_continuous
) -> None:
    made = canonical(family, given)
    tails = 2.0 ** -np.arange(2.0, 54.0)
    us = np.sort(np.concatenate([np.random.default_rng(3).random(4000), tails, 1.0 - tails]))
    values = [made.quantile(float(u)) for u in us]
    assert all(a <= b for a, b in itertools.pairwise(values))
    low, high = support(made)
    assert low <= values[0]
    assert values[-1] <= high


@pytest.mark.parametrize("family", ["uniform", "lognormal", "weibull", "gamma", "loglogistic"])
def test_two_quantiles_are_met(family: str) -> None:
    for given in ({"p10": 3600.0, "p90": 4 * 3600.0}, {"median": 3600.0, "p97.5": 2.0 * 3600.0}):
        asked = {"p25": 3600.0, "p75": 7200.0} if family == "uniform" else given
        made = canonical(family, asked)
        for name, value in asked.items():
            level = percentile_of(name)
            assert level is not None
            assert made.quantile(level) == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize("family", ["uniform", "lognormal", "weibull", "gamma", "loglogistic"])
@pytest.mark.parametrize("ratio", [0.05, 0.4, 1.0, 3.0])
def test_mean_and_sd_are_met(family: str, ratio: float) -> None:
    if family == "uniform" and ratio > 0.5:
        with pytest.raises(FamilyError, match="reaches below 0"):
            canonical(family, {"mean": DAY, "sd": ratio * DAY})
        return
    own = dict(canonical(family, {"mean": DAY, "sd": ratio * DAY}).own)
    exact = {
        "uniform": lambda: stats.uniform(own["min"], own["max"] - own["min"]),
        "lognormal": lambda: stats.lognorm(own["sigma"], scale=own["median"]),
        "weibull": lambda: stats.weibull_min(own["shape"], scale=own["scale"]),
        "gamma": lambda: stats.gamma(own["shape"], scale=own["scale"]),
        "loglogistic": lambda: stats.fisk(own["shape"], scale=own["scale"]),
    }[family]()
    assert float(exact.mean()) == pytest.approx(DAY, rel=1e-6)
    assert float(exact.std()) == pytest.approx(ratio * DAY, rel=1e-5)


def test_one_quantile_of_an_exponential_and_moments_of_a_beta() -> None:
    assert canonical("exponential", {"p90": 100.0}).quantile(0.9) == pytest.approx(100.0)
    own = dict(canonical("beta", {"mean": 0.1, "sd": 0.05}).own)
    assert float(stats.beta(own["a"], own["b"]).std()) == pytest.approx(0.05)


def test_the_own_parameters_give_the_same_distribution() -> None:
    for family, given, _ in SAME_AS_SCIPY:
        made = canonical(family, given)
        again = canonical(family, dict(made.own))
        assert [again.quantile(u) for u in LEVELS] == [made.quantile(u) for u in LEVELS]


def test_an_empirical_sample_is_taken_value_by_value() -> None:
    made = canonical("empirical", {}, sample=(30.0, 10.0, 20.0, 20.0))
    assert [made.quantile(u) for u in (2.0**-53, 0.2499, 0.25, 0.7499, 0.75, 1 - 2.0**-53)] == [10, 10, 20, 20, 30, 30]
    assert support(made) == (10.0, 30.0)


def test_a_scipy_distribution_with_loc_and_scale() -> None:
    made = canonical("scipy", {"c": 2.0, "d": 3.0, "scale": DAY, "loc": 60.0}, scipy="burr12")
    exact = stats.burr12(2, 3, loc=60, scale=DAY)
    for u in LEVELS:
        assert made.quantile(u) == pytest.approx(float(exact.ppf(u)), rel=1e-5)


def test_the_stated_error_of_a_table_holds_off_its_knots() -> None:
    table = tabulate("gamma", (0.3,))
    assert 0.0 < table.error <= GOAL
    us = np.random.default_rng(5).random(2000)
    found = np.array(
        [quantile_tables.quantile(quantile_tables.TABLE, 0.0, 1.0, 0.0, table.knots, float(u)) for u in us]
    )
    exact = stats.gamma.cdf(found, 0.3)
    off = np.abs(np.log(exact / (1 - exact)) - np.log(us / (1 - us)))
    assert off.max() < 3 * table.error + 1e-9


def test_a_table_with_shifted_knots_breaks_its_promise() -> None:
    table = tabulate("gamma", (0.3,))
    half = len(table.knots) // 2
    shifted = (*table.knots[1:half], table.knots[half - 1], *table.knots[half:])
    found = quantile_tables.quantile(quantile_tables.TABLE, 0.0, 1.0, 0.0, shifted, 0.5)
    assert abs(float(stats.gamma.cdf(found, 0.3)) - 0.5) > 100 * table.error


@pytest.mark.parametrize(
    ("family", "given", "message"),
    [
        ("gamma", {"mean": 1.0}, "gamma takes scale and shape or mean and sd or two of p10, median, p90 …; found mean"),
        ("lognormal", {"median": 2.0, "p90": 1.0}, r"p90 \(1\) must be larger than median \(2\)"),
        ("lognormal", {"median": 2.0, "p50": 3.0}, "are the same quantile"),
        ("lognormal", {"median": 2.0, "p90": 4.0, "p10": 1.0}, "lognormal takes"),
        ("lognormal", {"median": 0.0, "sigma": 1.0}, "median is 0; expected a number above 0"),
        ("exponential", {}, "found nothing"),
        ("exponential", {"mean": -1.0}, "mean is -1"),
        ("exponential", {"mean": math.nan}, "mean is nan; expected a finite number"),
        ("exponential", {"mean": math.inf}, "mean is inf"),
        ("uniform", {"min": 3.0, "max": 3.0}, "must be larger than min"),
        ("uniform", {"min": -3.0, "max": 3.0}, "min is -3"),
        ("uniform", {"p100": 3.0, "p10": 1.0}, "uniform takes"),
        ("triangular", {"min": 1.0, "mode": 5.0, "max": 3.0}, "mode"),
        ("pert", {"min": 4.0, "mode": 5.0, "max": 3.0}, "must be larger than min"),
        ("weibull", {"shape": 0.0, "scale": 3.0}, "shape is 0"),
        ("beta", {"a": 0.0, "b": 1.0}, "a is 0"),
        ("beta", {"mean": 0.5, "sd": 0.6}, "no beta distribution"),
        ("gamma", {"p10": 1.0, "p90": 1.0000001}, "no gamma has these parameters"),
    ],
)
def test_wrong_parameters_are_refused(family: str, given: dict[str, float], message: str) -> None:
    with pytest.raises(FamilyError, match=message):
        canonical(family, given)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("burr12", {"c": 1.0, "scale": 1.0}, "burr12 needs d"),
        ("burr12", {"c": 1.0, "d": 1.0, "e": 1.0, "scale": 1.0}, "found e"),
        ("burr12", {"c": 1.0, "d": 1.0}, "needs scale"),
        ("burr12", {"c": -1.0, "d": 1.0, "scale": 1.0}, "no distribution with shape"),
        ("bur12", {"scale": 1.0}, "did you mean 'burr12'"),
        ("poisson", {"mu": 1.0, "scale": 1.0}, "not continuous"),
        ("norm", {"scale": 1.0}, "reaches below 0"),
        ("triang", {"c": 0.5, "loc": -1.0, "scale": 1.0}, r"reaches below 0 \(to -1\)"),
        ("__class__", {"scale": 1.0}, "is no continuous distribution"),
        ("studentized_range", {"k": 3.0, "df": 10.0, "scale": 1.0}, "not offered here"),
    ],
)
def test_wrong_scipy_distributions_are_refused(name: str, given: dict[str, float], message: str) -> None:
    with pytest.raises(FamilyError, match=message):
        canonical("scipy", given, scipy=name)


def test_empirical_needs_finite_values_of_at_least_zero() -> None:
    for sample, message in (((), "at least one value"), ((-1.0,), "at least 0"), ((math.nan,), "at least 0")):
        with pytest.raises(FamilyError, match=message):
            canonical("empirical", {}, sample=sample)


@pytest.mark.parametrize(
    ("family", "supports", "message"),
    [
        ("gamma", {"mean": (1.0, 2.0), "sd": (1.0, 1.0)}, "would change the shape of a gamma"),
        ("gamma", {"shape": (1.0, 2.0), "scale": (1.0, 1.0)}, "would change the shape"),
        ("pert", {"min": (0.0, 1.0), "mode": (2.0, 2.0), "max": (3.0, 3.0)}, "would change the shape"),
        ("weibull", {"mean": (1.0, 2.0), "sd": (1.0, 1.0)}, "would change the shape"),
        ("lognormal", {"median": (0.0, math.inf), "p90": (5.0, 5.0)}, "must be larger than median"),
        ("uniform", {"min": (2.0, 2.0), "max": (1.0, 4.0)}, "must be larger than min"),
    ],
)
def test_priors_that_could_make_it_impossible_are_refused(
    family: str, supports: dict[str, tuple[float, float]], message: str
) -> None:
    with pytest.raises(FamilyError, match=message):
        check(family, supports)


def test_priors_that_are_always_possible_are_taken() -> None:
    check("gamma", {"shape": (2.0, 2.0), "scale": (0.0, math.inf)})
    check("exponential", {"mean": (0.0, 5.0)})
    check("uniform", {"min": (1.0, 1.0), "max": (1.0, 4.0)})
    check("lognormal", {"median": (0.0, 4.0), "p90": (5.0, 9.0)})
    check("weibull", {"shape": (0.5, 2.0), "scale": (0.0, math.inf)})


def test_every_family_is_covered() -> None:
    tested = {family for family, _, _ in SAME_AS_SCIPY} | {"fixed", "empirical", "scipy"}
    assert tested == set(FAMILIES)
    assert canonical("fixed", {"value": 3.0}).quantile(0.7) == 3.0


@pytest.mark.parametrize("shapes", [(2.0, 1.0), (1.0, 1.0), (0.5, 0.5), (2.0, 30.0), (0.04, 3.0), (900.0, 12.0)])
def test_beta_is_that_of_scipy_stats(monkeypatch: pytest.MonkeyPatch, shapes: tuple[float, float]) -> None:
    """Its quantiles to the bit; the slopes between them come from the project's own arithmetic."""
    ours = np.array(tabulate.__wrapped__("beta", shapes).knots)
    monkeypatch.setattr("sim.rules.quantile_tables._Beta", lambda: stats.beta)
    theirs = np.array(tabulate.__wrapped__("beta", shapes).knots)
    knots = len(theirs) // 2
    assert np.array_equal(ours[:knots], theirs[:knots])
    assert np.allclose(ours[knots:], theirs[knots:], rtol=1e-11, atol=0.0)


def usual_shapes(name: str) -> tuple[float, ...]:
    """Shapes with which SciPy's distribution is an ordinary one."""
    fitting = {
        "truncnorm": (0.1, 2.0),
        "trapezoid": (0.2, 0.8),
        "triang": (0.3,),
        "truncweibull_min": (2.5, 0.25, 1.75),
        "truncpareto": (1.8, 5.3),
        "loguniform": (0.01, 1.25),
        "reciprocal": (0.01, 1.25),
        "genpareto": (0.1,),
        "genextreme": (-0.1,),
    }
    return fitting.get(name, tuple(1.5 + 0.5 * at for at in range(len(scipy_shapes(name)))))


@pytest.mark.parametrize("name", SCIPY_FAMILIES)
def test_every_distribution_that_is_offered_can_be_tabulated(name: str) -> None:
    shapes = usual_shapes(name)
    exact = getattr(stats, name)(*shapes)
    low = float(exact.support()[0])
    place = {"loc": -low} if low < 0.0 else {}
    given = dict(zip(scipy_shapes(name), shapes, strict=True)) | {"scale": 1.0} | place
    made = canonical("scipy", given, scipy=name)
    for u in (0.01, 0.1, 0.5, 0.9, 0.99):
        assert made.quantile(u) == pytest.approx(float(exact.ppf(u)) + place.get("loc", 0.0), rel=1e-5, abs=1e-12)


@pytest.mark.deep
@pytest.mark.parametrize("name", SCIPY_FAMILIES)
@pytest.mark.parametrize("first", [1e-3, 0.1, 1.0, 10.0, 1e3, 1e5])
@pytest.mark.parametrize("second", [1e-3, 1.0, 1e5])
def test_no_shape_of_a_distribution_that_is_offered_brings_scipy_down(name: str, first: float, second: float) -> None:
    factors = (first, second, 1.0)
    shapes = tuple(shape * factor for shape, factor in zip(usual_shapes(name), factors, strict=False))
    try:
        table = tabulate.__wrapped__(name, shapes)
    except TableError:
        return
    assert np.all(np.diff(table.knots[: len(table.knots) // 2]) >= 0.0)


@pytest.mark.parametrize(
    "name", ["geninvgauss", "gausshyper", "dpareto_lognorm", "kstwo", "ksone", "irwinhall", "argus"]
)
def test_distributions_that_take_long_or_fail_are_refused_at_once(name: str) -> None:
    with pytest.raises(FamilyError, match=f"scipy's {name} is not offered here"):
        canonical("scipy", {"scale": 1.0}, scipy=name)


def test_an_error_inside_scipy_is_one_of_the_scenario(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OverflowError("inside")

    monkeypatch.setattr(stats.lomax, "ppf", broken)
    with pytest.raises(FamilyError, match=r"SciPy has no quantiles of lomax with shape 0\.7 \(OverflowError\)"):
        canonical("scipy", {"c": 0.7, "scale": 1.0}, scipy="lomax")
    with pytest.raises(FamilyError, match="lomax with shape 1e\\+07 is out of range"):
        canonical("scipy", {"c": 1e7, "scale": 1.0}, scipy="lomax")
    with pytest.raises(FamilyError, match=r"invgauss with shape 0\.001 takes too long"):
        canonical("scipy", {"mu": 0.001, "scale": 1.0}, scipy="invgauss")


def test_a_beta_prior_does_not_load_scipy_stats() -> None:
    code = "import sys; from sim.rules.quantile_tables import tabulate; tabulate('beta', (2, 1)); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "scipy.special" in done.stdout.split()
    assert "scipy.stats" not in done.stdout.split()


def test_a_code_of_no_family_is_refused() -> None:
    for code in (-1, 9):
        with pytest.raises(ValueError, match="no family of distributions has this code"):
            quantile_tables.quantile(code, 1.0, 2.0, 3.0, (0.0, 1.0), 0.5)
