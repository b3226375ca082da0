"""Differences of means and shares over the same units."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.stats.differences import (
    mean_contrasts,
    p_value,
    paired_means,
    share_contrasts,
    unit_sizes,
    unit_sums,
    unseen,
)
from sim.stats.paired import Contrast

NOT = np.zeros(1, np.bool_)


def means_of(rows: np.ndarray, unit: int = 1) -> tuple[list[Contrast], object]:
    base, *others = (unit_sums(row, unit) for row in rows)
    means = paired_means(base, np.array([one - base for one in others]), unit_sizes(rows.shape[1], unit))
    same = np.array([bool(np.array_equal(rows[0], row)) for row in rows[1:]])
    return mean_contrasts(means, same, np.zeros(len(others), np.bool_), 1000.0), means


def test_a_difference_is_the_paired_t_test() -> None:
    rng = np.random.default_rng(2)
    base = rng.integers(0, 1000, 200)
    variant = np.clip(base + rng.integers(-50, 60, 200), 0, 1000)
    (one,), means = means_of(np.array([base, variant]))
    expected = stats.ttest_rel(variant, base)
    assert one.p_value == pytest.approx(expected.pvalue)
    ends = expected.confidence_interval(0.95)
    assert (one.low, one.high) == pytest.approx((ends.low, ends.high))
    apart = base.var(ddof=1) + variant.var(ddof=1)
    assert one.variance_removed == pytest.approx(1 - (variant - base).var(ddof=1) / apart)
    assert one.unpaired_replications == pytest.approx(200 * apart / (variant - base).var(ddof=1), abs=1)
    assert means.of_scenarios == pytest.approx(np.cov([base, variant]) / 200)  # type: ignore[attr-defined]


def test_blocks_are_the_unit_and_a_short_one_counts_as_what_it_is() -> None:
    rng = np.random.default_rng(3)
    rows = rng.integers(0, 100, (2, 70))
    _, means = means_of(rows, 16)
    difference = rows[1] - rows[0]
    mean = difference.mean()
    residuals = [part.sum() - len(part) * mean for part in np.split(difference, [16, 32, 48, 64])]
    assert means.covariance[1, 1] == pytest.approx(5 / 4 * np.sum(np.square(residuals)) / 70**2)  # type: ignore[attr-defined]
    assert unit_sizes(70, 16).tolist() == [16, 16, 16, 16, 6]


def test_a_scenario_and_itself_differ_by_exactly_nothing() -> None:
    row = np.arange(100)
    base = unit_sums(row, 1)
    means = paired_means(base, np.array([base - base]), unit_sizes(100, 1))
    (one,) = mean_contrasts(means, ~NOT, ~NOT, 1000.0)
    assert one == Contrast(0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, None, True)
    (share,) = share_contrasts(means, np.zeros(1, np.int64), np.zeros(1, np.int64), ~NOT)
    assert (share.estimate, share.low, share.high, share.low_all, share.high_all) == (0, 0, 0, 0, 0)


def test_what_was_never_seen_to_change_may_have_a_small_difference() -> None:
    (one,), _ = means_of(np.array([np.arange(100), np.arange(100)]))
    assert one.same
    assert one.high == pytest.approx(1000 * (1 - 0.025 ** (1 / 100)))
    assert one.low == -one.high
    assert unseen(100, 1) == pytest.approx(stats.beta.ppf(0.975, 1, 100))


def test_one_unit_tells_nothing() -> None:
    (one,), _ = means_of(np.array([np.arange(16), np.arange(16) + 1]), 16)
    assert (one.low, one.high) == (-1000, 1000)
    assert one.variance_removed is None


def test_shares_have_bonetts_and_prices_interval() -> None:
    """21 pairs: 1 in both, 1 lost, 7 gained, 12 in neither; one is added to the lost and one to the gained."""
    before = np.repeat([1, 1, 0, 0], [1, 1, 7, 12])
    after = np.repeat([1, 0, 1, 0], [1, 1, 7, 12])
    means = paired_means(before, (after - before)[None, :], unit_sizes(21, 1))
    (one,) = share_contrasts(means, np.array([7]), np.array([1]), NOT)
    assert one.estimate == pytest.approx(6 / 21)
    up, down = 8 / 23, 2 / 23
    half = stats.t.ppf(0.975, 20) * np.sqrt((up + down - (up - down) ** 2) / 23)
    assert (one.low, one.high) == pytest.approx((up - down - half, up - down + half))


def test_few_changes_keep_a_width_and_the_estimate_inside() -> None:
    for gained, lost in ((0, 0), (1, 0), (0, 3), (40, 0)):
        row = np.zeros(40, np.int64)
        means = paired_means(row, np.zeros((1, 40), np.int64), unit_sizes(40, 1))
        (one,) = share_contrasts(means, np.array([gained]), np.array([lost]), NOT)
        assert one.low is not None
        assert one.high is not None
        assert -1 <= one.low <= (one.estimate or 0) <= one.high <= 1
        assert one.high - one.low > 0.02


def test_a_p_value_without_an_error_is_not_known() -> None:
    assert p_value(0.0, 0.0, 5) == 1.0
    assert p_value(1.0, 0.0, 5) is None
    assert p_value(2.0, 1.0, 10**6) == pytest.approx(2 * stats.norm.sf(2), rel=1e-4)
