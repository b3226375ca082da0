"""Delays fitted to times: closed forms, SciPy's other parametrisations, recovery, and what the bootstrap promises."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.rules.distributions import canonical
from sim.stats import fit as module
from sim.stats.fit import FAMILIES, Fit, Times, anderson_darling, fit_delays

Floats = NDArray[np.float64]
REPLIES = np.array([72.0, 280.0, 492.0, 141.0, 187.0, 66.0, 83.0]) * 60
"""Minutes and hours, as a teletype between capitals might take."""

# By family: parameters, and SciPy's distribution of time itself, without detour over the logarithm.
KNOWN: dict[str, tuple[dict[str, float], Callable[..., object]]] = {
    "exponential": ({"mean": 9_000.0}, lambda mean: stats.expon(scale=mean)),
    "lognormal": ({"median": 9_000.0, "sigma": 0.7}, lambda median, sigma: stats.lognorm(sigma, scale=median)),
    "weibull": ({"shape": 1.6, "scale": 9_000.0}, lambda shape, scale: stats.weibull_min(shape, scale=scale)),
    "gamma": ({"shape": 2.2, "scale": 4_000.0}, lambda shape, scale: stats.gamma(shape, scale=scale)),
    "loglogistic": ({"scale": 9_000.0, "shape": 2.4}, lambda scale, shape: stats.fisk(shape, scale=scale)),
}


def only(family: str, low: Floats, high: Floats | None = None, resamples: int = 0, seed: int = 1) -> Fit:
    return fit_delays(low, high, families=[family], resamples=resamples, seed=seed).best


def sample(family: str, n: int, seed: int) -> Floats:
    parameters, law = KNOWN[family]
    drawn: Floats = law(**parameters).rvs(n, random_state=np.random.default_rng(seed))  # type: ignore[attr-defined]
    return drawn


def log_likelihood(family: str, parameters: dict[str, float], low: Floats, high: Floats) -> float:
    """Of times in intervals, from SciPy's distribution of time itself."""
    law = KNOWN[family][1](**parameters)
    return float(np.log(law.cdf(high) - law.cdf(low)).sum())  # type: ignore[attr-defined]


def test_exact_times_give_the_closed_forms() -> None:
    exponential, lognormal = only("exponential", REPLIES), only("lognormal", REPLIES)
    logs = np.log(REPLIES)
    assert exponential.parameters == {"mean": pytest.approx(REPLIES.mean(), rel=1e-12)}
    assert lognormal.parameters["median"] == pytest.approx(math.exp(logs.mean()), rel=1e-12)
    assert lognormal.parameters["sigma"] == pytest.approx(logs.std(), rel=1e-12)
    expected = -7 * (math.log(REPLIES.mean()) + 1)
    assert exponential.log_likelihood == pytest.approx(expected, rel=1e-12)
    assert exponential.aic == pytest.approx(2 - 2 * expected, rel=1e-12)
    assert exponential.bic == pytest.approx(math.log(7) - 2 * expected, rel=1e-12)
    assert lognormal.bic - lognormal.aic == pytest.approx(2 * math.log(7) - 4, rel=1e-9)


def test_times_longer_than_something_give_the_closed_form() -> None:
    """Exponential with right-censoring: all time spent over the times that ended."""
    low = np.array([60.0, 120.0, 600.0, 900.0, 900.0])
    high = np.array([60.0, 120.0, 600.0, math.inf, math.inf])
    assert only("exponential", low, high).parameters["mean"] == pytest.approx(low.sum() / 3, rel=1e-7)
    # Taken for exact, they would make the mean much too short.
    assert only("exponential", low).parameters["mean"] < 0.7 * low.sum() / 3


@pytest.mark.parametrize("family", FAMILIES)
def test_the_likelihood_is_that_of_the_distribution_of_time_itself(family: str) -> None:
    found = only(family, REPLIES)
    law = KNOWN[family][1](**found.parameters)
    assert found.log_likelihood == pytest.approx(law.logpdf(REPLIES).sum(), rel=1e-10)  # type: ignore[attr-defined]
    low, high = REPLIES - 600, REPLIES + 900
    coarse = only(family, low, high)
    assert coarse.log_likelihood == pytest.approx(log_likelihood(family, dict(coarse.parameters), low, high), rel=1e-10)


def assert_highest(family: str, parameters: dict[str, float], low: Floats, high: Floats) -> None:
    """No step of a thousandth in any parameter, up or down, is as likely."""
    here = log_likelihood(family, parameters, low, high)
    for name, value in parameters.items():
        for step in (0.999, 1.001):
            assert log_likelihood(family, {**parameters, name: value * step}, low, high) < here, (name, step)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_likelihood_of_intervals_is_highest_there(family: str) -> None:
    low, high = REPLIES - 600, REPLIES + 1800
    found = dict(only(family, low, high).parameters)
    assert_highest(family, found, low, high)
    with pytest.raises(AssertionError):
        assert_highest(family, dict(only(family, low).parameters), low, high)


@pytest.mark.parametrize("family", FAMILIES)
def test_narrow_intervals_are_exact_times(family: str) -> None:
    exact, narrow = only(family, REPLIES), only(family, REPLIES - 0.5, REPLIES + 0.5)
    assert narrow.parameters == pytest.approx(dict(exact.parameters), rel=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_parameters_come_back_from_times_read_off_a_coarse_clock(family: str) -> None:
    """2,000 times of which only the hour is known. The standard error is the spread of 40 fits to exact times, which is
    too small by a few per cent; a bias of about a tenth of a parameter is seen."""
    low = np.floor(sample(family, 2_000, seed=3) / 3600) * 3600
    found = only(family, low, low + 3600)
    refits = [only(family, sample(family, 2_000, seed=100 + k)).parameters for k in range(40)]
    for name, value in KNOWN[family][0].items():
        error = float(np.std([refit[name] for refit in refits], ddof=1))
        assert abs(found.parameters[name] - value) < 4.5 * error, name
    # With the first second of each hour taken for the time, some parameter is off.
    early = only(family, low + 1)
    offs = [
        abs(early.parameters[name] - value) / float(np.std([refit[name] for refit in refits], ddof=1))
        for name, value in KNOWN[family][0].items()
    ]
    assert max(offs) > 4.5


@pytest.mark.parametrize("family", FAMILIES)
def test_the_parameters_are_those_of_the_language(family: str) -> None:
    found = only(family, REPLIES, REPLIES + 60)
    law = canonical(family, found.parameters)
    for u in (0.01, 0.3, 0.5, 0.9, 0.999):
        expected = law.quantile(u)
        assert float(found.quantile(u)) == pytest.approx(expected, rel=1e-5)
        assert float(found.cdf(expected)) == pytest.approx(u, rel=1e-5)


def test_families_are_ordered_by_aic() -> None:
    found = fit_delays(REPLIES, resamples=0)
    assert [fit.aic for fit in found.fits] == sorted(fit.aic for fit in found.fits)
    assert {fit.family for fit in found.fits} == set(FAMILIES)
    assert found.best is found.fits[0]
    assert found.of("gamma").family == "gamma"
    many = fit_delays(sample("weibull", 3_000, seed=5), resamples=0)
    assert many.best.family == "weibull"


def test_anderson_darling_equals_scipy() -> None:
    logs = np.log(REPLIES)
    known = {"loc": float(logs.mean()), "scale": float(logs.std())}
    expected = stats.goodness_of_fit(
        stats.norm, logs, known_params=known, statistic="ad", n_mc_samples=1, rng=np.random.default_rng(1)
    ).statistic
    shares = stats.norm(**known).cdf(logs)
    assert anderson_darling(shares) == pytest.approx(expected, rel=1e-12)
    assert anderson_darling(shares[::-1]) == anderson_darling(shares)
    assert anderson_darling(shares / 2) != pytest.approx(expected, rel=0.1)


def p_values(n: int, size: int, resamples: int) -> Floats:
    return np.array(
        [
            only("lognormal", sample("lognormal", size, seed=1_000 + k), resamples=resamples, seed=k).resampled.p_value  # type: ignore[union-attr]
            for k in range(n)
        ]
    )


def test_p_values_are_even_where_the_family_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """150 samples of ten. Kolmogorov's bound for one in a hundred thousand; without refits the p-values crowd at 1."""
    bound = math.sqrt(math.log(2 / 1e-5) / 2 / 150) + 1 / 40
    found = np.sort(p_values(150, 10, 39))
    assert np.abs(found - np.arange(1, 151) / 150).max() < bound
    law = (math.log(KNOWN["lognormal"][0]["median"]), KNOWN["lognormal"][0]["sigma"])
    refit = module._refit
    calls = iter(range(10**9))
    # The first fit is that of the data, the 39 others those of its resamples.
    monkeypatch.setattr(module, "_refit", lambda family, x: refit(family, x) if next(calls) % 40 == 0 else law)
    without = np.sort(p_values(150, 10, 39))
    assert np.abs(without - np.arange(1, 151) / 150).max() > bound


def test_a_family_that_is_wrong_is_seen() -> None:
    two_heaps = np.concatenate([np.linspace(50, 70, 15), np.linspace(5_000, 7_000, 15)])
    resampled = only("exponential", two_heaps, resamples=99).resampled
    assert resampled is not None
    assert resampled.p_value == 1 / 100


def test_the_same_seed_gives_the_same_bits() -> None:
    one, again, other = (only("gamma", REPLIES - 60, REPLIES + 60, resamples=20, seed=s).resampled for s in (4, 4, 5))
    assert one is not None
    assert again is not None
    assert other is not None
    assert np.array_equal(one.laws, again.laws)
    assert (one.p_value, one.intervals) == (again.p_value, again.intervals)
    assert not np.array_equal(one.laws, other.laws)


def test_intervals_enclose_and_shrink() -> None:
    few = only("lognormal", sample("lognormal", 20, seed=2), resamples=199)
    many = only("lognormal", sample("lognormal", 2_000, seed=2), resamples=199)
    for found in (few, many):
        assert found.resampled is not None
        assert found.resampled.laws.shape == (199, 2)
        for name, (low, high) in found.resampled.intervals.items():
            assert low < found.parameters[name] < high
    assert few.resampled is not None
    assert many.resampled is not None
    for name in ("median", "sigma"):
        wide, narrow = (b - a for a, b in (few.resampled.intervals[name], many.resampled.intervals[name]))
        # A hundred times the times, a tenth of the width; both widths are known to about 7 %.
        assert wide / narrow == pytest.approx(10, rel=0.5)
    # The exact standard error of the logarithm of the median is sigma / sqrt(n).
    low, high = np.log(many.resampled.intervals["median"])
    assert (high - low) / 3.92 == pytest.approx(many.parameters["sigma"] / math.sqrt(2_000), rel=0.25)


def test_bands() -> None:
    found = only("lognormal", REPLIES, resamples=99)
    at = found.quantile(np.array([0.1, 0.5, 0.9]))
    low, high = found.cdf_band(at)
    assert (low < [0.1, 0.5, 0.9]).all()
    assert (high > [0.1, 0.5, 0.9]).all()
    first, last = found.order_band(1)
    assert found.cdf(first) == pytest.approx(0.025)
    assert found.cdf(last) == pytest.approx(0.975)
    # The smallest of seven exceeds t with probability (1 − F)^7.
    low, high = found.order_band(7)
    assert (1 - found.cdf(low[0])) ** 7 == pytest.approx(0.975)
    assert (low[1:] > low[:-1]).all()
    with pytest.raises(ValueError, match="no band without resamples"):
        only("lognormal", REPLIES).cdf_band(at)


def test_times_without_an_end_are_not_resampled() -> None:
    high = np.append(REPLIES, math.inf)
    found = fit_delays(np.append(REPLIES, 9_000.0), high, families=["lognormal"], resamples=9)
    assert found.best.resampled is None
    assert not found.times.ended
    assert Times(REPLIES, REPLIES).ended
    assert found.best.parameters["median"] > only("lognormal", REPLIES).parameters["median"]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_maximum_is_found_from_few_times_and_one_without_an_end(family: str) -> None:
    # From SciPy's own start the gamma runs away to a shape of 100,000 and a log-likelihood of −5,800.
    assert only(family, np.array([60.0, 70, 80, 90]), np.array([60.0, 70, 80, math.inf])).log_likelihood > -17


def test_a_search_that_does_not_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_STEPS", 3)
    with pytest.raises(ValueError, match="no maximum of the likelihood was found in 3 steps"):
        only("gamma", REPLIES, REPLIES + 60)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        ([60, 70], None, "2 times with an upper end; a fit needs 3"),
        ([60, 70, 80], [math.inf] * 3, "0 times with an upper end"),
        ([60, 60, 60], None, "all times may be 60 s"),
        ([50, 55, 60], [70, 75, 80], "all times may be 70 s"),
        ([60, math.nan, 80], None, "time 2 is from nan to nan s"),
        ([60, -1, 80], None, "time 2 is from -1 to -1 s"),
        ([60, 0, 80], None, "time 2 is from 0 to 0 s; expected 0 <= from <= to, and not 0 alone"),
        ([60, 70, 80], [60, 65, 80], "time 2 is from 70 to 65 s"),
        ([60, 70, 80], [60, math.nan, 80], "time 2 is from 70 to nan s"),
        ([math.inf, 70, 80], None, "time 1 is from inf to inf s"),
        ([60, 70, 80], [60, 70], "expected two lists of one length"),
        ([[60, 70, 80]], None, "expected two lists of one length"),
    ],
)
def test_what_cannot_be_fitted_is_refused(low: list[float], high: list[float] | None, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fit_delays(low, high, resamples=0)


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(KeyError):
        fit_delays(REPLIES, families=["cauchy"])
