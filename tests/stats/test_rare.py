"""Intervals where few replications have contact, or few differ: coverage on synthetic data whose truth is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.stats.differences import mean_contrasts, paired_means, unit_sizes
from sim.stats.first_contact import count_times
from sim.stats.intervals import FEW, Estimate, bounded_mean, means, rare_mean
from sim.stats.paired_quantiles import median_contrasts
from sim.stats.student import clopper_pearson
from sim.stats.survival import restricted_mean

HORIZON = 30 * 86_400
RARE = Path(__file__).parents[1] / "cases" / "rare-contact.yaml"
REPEATS = 400
NO = np.zeros(1, np.bool_)


def least(repeats: int) -> float:
    """A coverage of 95 % is seen as less in one of a thousand tests or so."""
    return 0.95 - 3 * math.sqrt(0.95 * 0.05 / repeats)


def rarely(rng: np.random.Generator, n: int, chance: float) -> np.ndarray:
    """(n,) first contacts, at a uniform second where there is one."""
    return np.where(rng.random(n) < chance, rng.integers(0, HORIZON, n), -1)


def covers(interval: Estimate, truth: float) -> bool:
    assert interval.low is not None
    assert interval.high is not None
    return interval.low <= truth <= interval.high


def coverage(
    estimate: Callable[[np.ndarray], Estimate], n: int, chance: float, truth: float, repeats: int = REPEATS
) -> float:
    rng = np.random.default_rng(n)
    return float(np.mean([covers(estimate(rarely(rng, n, chance)), truth) for _ in range(repeats)]))


def student(times: np.ndarray) -> Estimate:
    return means(np.where(times < 0, HORIZON, times)).estimate(least=0.0, most=float(HORIZON))


@pytest.mark.parametrize(
    ("n", "chance"),
    [(20, 0.001), (20, 0.05), (100, 0.015), (100, 0.2), (1000, 0.001), (1000, 0.05)],
)
def test_a_restricted_mean_covers_where_contacts_are_rare(n: int, chance: float) -> None:
    truth = HORIZON - chance * (HORIZON + 1) / 2
    assert coverage(lambda times: restricted_mean(count_times(times, HORIZON)), n, chance, truth) > least(REPEATS)


def test_students_interval_of_a_rare_contact_does_not() -> None:
    """Saboteur: without a contact it has no width, and n = 20 has one in 64 % of the repeats at most."""
    assert coverage(student, 20, 0.05, HORIZON - 0.05 * (HORIZON + 1) / 2) < 0.7


@pytest.mark.parametrize("chance", [0.02, 0.1])
def test_a_restricted_mean_of_blocks_covers_where_contacts_are_rare(chance: float) -> None:
    """Blocks of four that have contact together."""
    truth, rng, hits = HORIZON - chance * (HORIZON + 1) / 2, np.random.default_rng(3), 0
    for _ in range(REPEATS):
        times = rarely(rng, 40, chance).repeat(4)
        hits += covers(restricted_mean(count_times(times, HORIZON, 4)), truth)
    assert hits / REPEATS > least(REPEATS)


def test_the_rare_contact_has_an_interval_that_is_not_a_point() -> None:
    run = sim.run(RARE, 20, save=False, engine="reference", workers=1)
    found = run.summary["first_contact"]["any"]["restricted_mean_seconds"]
    assert found["high"] == HORIZON
    # Up to 1 − 0.025^(1/20) of the replications may have contact, at once.
    assert found["low"] == pytest.approx(HORIZON * 0.025 ** (1 / 20))


def test_it_turns_into_students_interval_at_enough_contacts() -> None:
    rng = np.random.default_rng(5)
    times = np.concatenate([rng.integers(0, HORIZON, FEW), np.full(2000, -1)])
    many = restricted_mean(count_times(times, HORIZON))
    fewer = restricted_mean(count_times(times[1:], HORIZON))
    assert (many.low, many.high) == pytest.approx((student(times).low, student(times).high))
    widths = [(one.high or 0) - (one.low or 0) for one in (many, fewer)]
    assert widths[0] < widths[1] < 1.2 * widths[0]


@pytest.mark.parametrize(("n", "chance"), [(50, 0.005), (50, 0.1), (100, 0.03), (400, 0.005)])
def test_a_difference_of_means_covers_where_few_replications_differ(n: int, chance: float) -> None:
    rng, hits, studies = np.random.default_rng(n), 0, 0
    for _ in range(REPEATS):
        base = rng.integers(HORIZON // 3, 2 * HORIZON // 3, n)
        change = np.where(rng.random(n) < chance, rng.normal(-86_400, 3 * 86_400, n), 0.0).astype(np.int64)
        means_of = paired_means(base, change[None, :], unit_sizes(n, 1))
        (one,) = mean_contrasts(means_of, np.array([not change.any()]), NO, HORIZON)
        hits += covers(Estimate(one.estimate, one.low, one.high), -86_400 * chance)
        studies += covers(bounded_mean(change, (-HORIZON, HORIZON), usual=0), -86_400 * chance)
    assert min(hits, studies) / REPEATS > least(REPEATS)


@pytest.mark.parametrize(("n", "chance"), [(50, 0.03), (100, 0.01), (100, 0.03), (100, 0.1), (400, 0.01), (1600, 0.03)])
def test_a_difference_of_medians_covers_where_few_replications_differ(n: int, chance: float) -> None:
    """Base exponential of mean 1000 s; a share of the variant's times are drawn anew with mean 300 s."""
    low, high = 0.0, 5000.0
    for _ in range(60):
        middle = (low + high) / 2
        reached = (1 - chance) * -math.expm1(-middle / 1000) + chance * -math.expm1(-middle / 300)
        low, high = (middle, high) if reached < 0.5 else (low, middle)
    truth, rng, hits = low - 1000 * math.log(2), np.random.default_rng(n), 0
    for _ in range(REPEATS):
        base = rng.exponential(1000, n)
        variant = np.where(rng.random(n) < chance, rng.exponential(300, n), base)
        (one,) = median_contrasts([base.astype(np.int64), variant.astype(np.int64)], 10**6, 1, NO)
        hits += (one.low is None or one.low <= truth + 0.5) and (one.high is None or one.high >= truth - 0.5)
    assert hits / REPEATS > least(REPEATS)


def test_limits_without_a_change_are_clopper_and_pearsons_times_the_bounds() -> None:
    share = 1 - 0.025 ** (1 / 50)
    assert clopper_pearson(0, 50, 0.025) == (0.0, pytest.approx(share))
    assert rare_mean(50, 0, 0.0, 0.0, (-7.0, 9.0), 0.025) == pytest.approx((-7 * share, 9 * share))


@pytest.mark.parametrize(("count", "size"), [(1, 20), (3, 100), (24, 25), (25, 25)])
def test_clopper_and_pearsons_limits_are_scipys(count: int, size: int) -> None:
    from scipy.stats import binomtest

    expected = binomtest(count, size).proportion_ci(0.95, "exact")
    assert clopper_pearson(count, size, 0.025) == pytest.approx((expected.low, expected.high), rel=1e-9)
