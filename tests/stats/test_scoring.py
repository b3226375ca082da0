"""Scores of forecasts against closed forms, and calibration of scores under the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.stats.scoring import (
    CENTRAL,
    PredictiveDistribution,
    coverage,
    crps_of_logarithm,
    draws_forecast,
    exponential_reference,
    pooled_gaps,
    score,
    skill,
)


def uniform_logarithm(horizon: float) -> PredictiveDistribution:
    """ln days uniform between one hour and the horizon."""
    low, high = math.log(1 / 24), math.log(horizon)
    return PredictiveDistribution(lambda days: np.clip((np.log(days) - low) / (high - low), 0.0, 1.0), horizon)


def test_the_score_of_a_uniform_logarithm() -> None:
    """CRPS of a uniform on an interval of length L and an outcome at share q of it: L (q³ + (1 − q)³) / 3."""
    horizon = 100.0
    low, length = math.log(1 / 24), math.log(horizon * 24)
    for share in (0.0, 0.2, 0.5, 1.0):
        outcome = math.exp(low + share * length)
        exact = length * (share**3 + (1 - share) ** 3) / 3
        # Rectangles err by at most a step, length / 4096.
        assert abs(crps_of_logarithm(uniform_logarithm(horizon), outcome) - exact) < 2 * length / 4096


def test_draws_have_the_score_of_their_mean_distance() -> None:
    """CRPS = E|X − y| − E|X − X′| / 2 for the weighted draws of X = ln days."""
    days, weights = np.array([2.0, 5.0, 11.0]), np.array([0.2, 0.5, 0.3])
    logs = np.log(days)
    exact = weights @ np.abs(logs - math.log(7.0)) - 0.5 * weights @ np.abs(logs[:, None] - logs) @ weights
    found = crps_of_logarithm(draws_forecast(days, weights, 30.0), 7.0)
    assert abs(found - exact) < 2 * math.log(30 * 24) / 4096


def test_percentile_window_and_log_score() -> None:
    forecast = draws_forecast(np.array([1.5, 2.5, 3.5, math.inf]), np.full(4, 0.25), 30.0)
    found = score(forecast, 2.0, 3.0)
    assert found.percentile == pytest.approx(0.375)
    assert found.log_score == pytest.approx(math.log(4))
    assert found.within == (True, True)
    assert not found.bounded
    excluded = score(forecast, 8.0, 9.0)
    assert excluded.bounded
    assert excluded.log_score == pytest.approx(-math.log(1e-6))


def test_the_exponential_reference_is_lomax() -> None:
    """Checked by simulation of the posterior rate; 4.5 standard errors detect a bias of 0.5 percentage points."""
    forecast = exponential_reference(3, 50.0, 365.0)
    generator = np.random.default_rng(1)
    waits = generator.exponential(1.0 / generator.gamma(3.5, 1 / 50.0, 200_000))
    for days in (5.0, 20.0, 60.0):
        exact = float(forecast.cdf(np.array([days]))[0])
        assert abs(np.mean(waits <= days) - exact) < 4.5 * (exact * (1 - exact) / 200_000) ** 0.5


def test_true_forecasts_cover_as_often_as_they_say() -> None:
    generator = np.random.default_rng(2)
    forecast = PredictiveDistribution(lambda days: -np.expm1(-days / 10.0), 365.0)
    scores = [score(forecast, wait, wait) for wait in generator.exponential(10.0, 2000)]
    for share, found in zip(CENTRAL, coverage(scores), strict=True):
        assert abs(found.estimate - share) < 4.5 * (share * (1 - share) / 2000) ** 0.5
    late = PredictiveDistribution(lambda days: -np.expm1(-days / 30.0), 365.0)
    worse = [score(late, wait, wait) for wait in generator.exponential(10.0, 2000)]
    assert coverage(worse)[0].high is not None
    assert skill([one.crps for one in worse], [one.crps for one in scores]) < 0


def test_the_longest_gap_is_not_the_longest_possible_one() -> None:
    forecast = pooled_gaps([3.0, 10.0], 100.0)
    assert forecast.quantile(0.5) == pytest.approx(10.0, rel=1e-2)
    assert forecast.quantile(0.9) == math.inf


def test_senseless_windows_are_refused() -> None:
    with pytest.raises(ValueError, match="is no window of days"):
        score(uniform_logarithm(10.0), 3.0, 2.0)
    with pytest.raises(ValueError, match="the exposure is 0"):
        exponential_reference(1, 0.0, 10.0)
