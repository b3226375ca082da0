"""Estimates from the summary: against plain loops, closed forms, and what intervals promise."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from sim.stats.first_contact import FirstContact, count_times
from sim.stats.intervals import FEW, Estimate, dkw_half_width
from sim.stats.survival import (
    effective_replications,
    order_statistics,
    probability,
    quantile,
    restricted_mean,
    survival_curve,
    within,
)

HORIZON = 100_000
MEDIAN = Fraction(1, 2)


def seconds(values: object) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def samples() -> st.SearchStrategy[list[int]]:
    return st.lists(st.one_of(st.just(-1), st.integers(0, HORIZON - 1)), min_size=1, max_size=80)


def variance_by_hand(values: list[int], block: int, second: int) -> float:
    """Variance of the share of contacts by `second`, from block sums, as textbooks of sampling write the ratio."""
    blocks = [values[start : start + block] for start in range(0, len(values), block)]
    share = sum(0 <= value <= second for value in values) / len(values)
    deviations = [sum(0 <= value <= second for value in one) - len(one) * share for one in blocks]
    return len(blocks) / (len(blocks) - 1) * sum(one**2 for one in deviations) / len(values) ** 2


@given(samples(), st.integers(1, 99))
def test_a_quantile_is_the_order_statistic(values: list[int], percent: int) -> None:
    column = count_times(seconds(values), HORIZON)
    rank = -(-len(values) * percent // 100)
    contacts = sorted(value for value in values if value >= 0)
    expected = contacts[rank - 1] if rank <= len(contacts) else None
    rows = order_statistics(column, (Fraction(percent, 100),))
    rows.add(seconds(values))
    exact = quantile(column, Fraction(percent, 100), rows=rows)
    assert exact.estimate == expected
    coarse = quantile(column, Fraction(percent, 100))
    if expected is None:
        assert coarse.estimate is None
    else:
        assert expected <= coarse.estimate <= expected * (1 + 2**-10)
        assert coarse.low <= exact.low
    assert coarse.high is None if exact.high is None else coarse.high >= exact.high


def test_without_rows_an_interval_takes_in_its_bins() -> None:
    """5,000,000 s lies in a bin of 4096 s. The latest contact there is the estimate, and the ends are its extremes."""
    times = [*[5_000_000] * 50, *[5_000_900] * 50, *[5_001_000] * 100]
    column = count_times(seconds(times), 10_000_000)
    assert quantile(column, MEDIAN) == Estimate(5_001_000, 5_000_000, 5_001_000)
    rows = order_statistics(column, (MEDIAN,))
    rows.add(seconds(times))
    assert quantile(column, MEDIAN, rows=rows) == Estimate(5_000_900, 5_000_900, 5_001_000)


def test_a_minute_over_five_years_is_a_minute() -> None:
    column = count_times(np.full(500, 60), 5 * 366 * 86_400)
    assert quantile(column, MEDIAN) == Estimate(60, 60, 60)


def test_the_interval_of_a_median_is_of_two_order_statistics() -> None:
    """n = 20: ranks 6 and 15, a textbook value."""
    column = count_times(seconds(range(100, 120)), HORIZON)
    assert quantile(column, MEDIAN) == Estimate(109, 105, 114)


def test_what_is_not_reached_is_none_and_without_a_lower_limit_zero() -> None:
    column = count_times(seconds([*range(100, 108), *[-1] * 12]), HORIZON)
    assert quantile(column, MEDIAN) == Estimate(None, 105, None)
    assert quantile(count_times(seconds([-1] * 20), HORIZON), MEDIAN) == Estimate(None, None, None)
    assert quantile(count_times(seconds([7]), HORIZON), MEDIAN) == Estimate(7, 0, None)


@given(samples(), st.integers(2, 9))
def test_effective_replications_come_from_the_variance_between_blocks(values: list[int], block: int) -> None:
    units = -(-len(values) // block)
    for value in {value for value in values if value >= 0}:
        share = sum(0 <= other <= value for other in values) / len(values)
        if units == 1:
            expected = 1.0
        elif share in (0.0, 1.0):
            expected = float(units)
        else:
            correction = (stats.norm.ppf(0.975) / stats.t.ppf(0.975, units - 1)) ** 2
            variance = variance_by_hand(values, block, value)
            plain = share * (1 - share)
            expected = correction * (min(plain / variance, len(values)) if variance > 1e-15 else len(values))
        exact = count_times(seconds(values), HORIZON, block, exact_at=(value,))
        size = effective_replications(exact, np.array([exact.bin_by(value)]))[0]
        assert size == pytest.approx(expected, rel=1e-9)


def test_the_variance_by_hand_sees_a_short_block() -> None:
    """Saboteur: with the short block taken for a full one, the two disagree."""
    values = [5, 5, -1, -1, 5, -1, 5]
    assert variance_by_hand(values, 2, 5) != pytest.approx(variance_by_hand([*values, -1], 2, 5))


def test_blocks_of_equal_replications_count_as_one_replication_each() -> None:
    repeated = count_times(seconds(np.repeat([10, 20, -1, -1, 40, 50, -1, 80], 16)), HORIZON, 16)
    correction = (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 7)) ** 2
    # The sample variance has the divisor k − 1.
    assert effective_replications(repeated, repeated.corners())[-1] == pytest.approx(7 * correction)
    assert probability(repeated).low < probability(count_times(seconds([10, 20, -1, -1, 40, 50, -1, 80]), HORIZON)).low


def test_one_block_knows_as_much_as_one_replication() -> None:
    column = count_times(seconds([5, -1, 9]), HORIZON, 16)
    assert probability(column).low == pytest.approx(stats.binomtest(0, 1).proportion_ci(method="wilson").low, abs=0.15)
    assert effective_replications(column, column.corners())[-1] == 1
    assert restricted_mean(column) == Estimate(pytest.approx((5 + HORIZON + 9) / 3), 0.0, float(HORIZON))


def test_probability_is_wilsons_where_replications_are_the_unit() -> None:
    column = count_times(seconds([4] * 30 + [-1] * 70), HORIZON)
    expected = stats.binomtest(30, 100).proportion_ci(method="wilson")
    assert probability(column) == Estimate(0.3, pytest.approx(expected.low), pytest.approx(expected.high))


@given(st.lists(st.one_of(st.just(-1), st.integers(0, HORIZON - 1)), min_size=2, max_size=60))
def test_restricted_mean_is_students(few: list[int]) -> None:
    values = [*few, *range(100, 100 + FEW)]
    found = restricted_mean(count_times(seconds(values), HORIZON))
    limited = np.array([HORIZON if value < 0 else value for value in values], float)
    half = stats.t.ppf(0.975, len(values) - 1) * limited.std(ddof=1) / math.sqrt(len(values))
    assert found.estimate == pytest.approx(limited.mean())
    assert (found.low, found.high) == pytest.approx(
        (max(0.0, limited.mean() - half), min(HORIZON, limited.mean() + half)), rel=1e-9, abs=1e-6
    )


@given(st.lists(st.one_of(st.just(-1), st.integers(0, HORIZON - 1)), min_size=9, max_size=60))
def test_restricted_mean_of_blocks_takes_the_ratio_of_block_sums(few: list[int]) -> None:
    values = [*range(100, 100 + 4 * FEW), *few]
    found = restricted_mean(count_times(seconds(values), HORIZON, 4))
    limited = [HORIZON if value < 0 else value for value in values]
    blocks = [limited[start : start + 4] for start in range(0, len(values), 4)]
    mean = sum(limited) / len(limited)
    k = len(blocks)
    error = math.sqrt(k / (k - 1) * sum((sum(one) - len(one) * mean) ** 2 for one in blocks)) / len(values)
    assert found.high == pytest.approx(min(HORIZON, mean + stats.t.ppf(0.975, k - 1) * error), rel=1e-9)


def test_within_is_closed_and_unknown_after_the_horizon() -> None:
    day = 86_400
    assert within(count_times(seconds([day, day + 1, -1, 0]), 8 * day)) == (0.5, 0.75, None)
    assert within(count_times(seconds([6 * day, -1]), 7 * day)) == (0.0, 0.5, None)


def kaplan_meier(values: list[int], horizon: int, second: int) -> float:
    """The product-limit estimator, written from its definition."""
    times = sorted(horizon if value < 0 else value for value in values)
    product = 1.0
    for time in sorted({value for value in values if 0 <= value <= second}):
        at_risk = sum(other >= time for other in times)
        product *= 1 - sum(value == time for value in values) / at_risk
    return product


@given(samples())
def test_the_survival_curve_is_kaplan_meiers(values: list[int]) -> None:
    curve = survival_curve(count_times(seconds(values), HORIZON))
    assert curve.seconds[-1] == HORIZON - 1
    for at, second in enumerate(curve.seconds.tolist()):
        assert curve.survival[at] == pytest.approx(kaplan_meier(values, HORIZON, second), abs=1e-12)
        assert curve.low[at] <= curve.survival[at] <= curve.high[at]
        assert curve.band_low[at] <= curve.survival[at] <= curve.band_high[at]


def test_the_simultaneous_band_is_massarts_for_replications() -> None:
    curve = survival_curve(count_times(seconds(range(1000)), HORIZON))
    assert curve.band_high[499] - curve.survival[499] == pytest.approx(dkw_half_width(1000))


def test_without_replications_there_is_nothing_to_say() -> None:
    empty = count_times(seconds([]), HORIZON)
    nothing = Estimate(None, None, None)
    assert (probability(empty), quantile(empty, MEDIAN), restricted_mean(empty)) == (nothing, nothing, nothing)
    assert within(empty) == (None, None, None)
    with pytest.raises(ValueError, match="no replications"):
        survival_curve(empty)


# Coverage with uncertain numbers: rates differ between blocks (gamma, shape 2), 60 blocks of 16, type I censoring at 2.

REPEATS = 1500
BLOCKS, BLOCK, CENSORED_AT = 60, 16, 20_000
SCALE = 10_000
RATE_SHAPE = 2.0


def true_distribution(second: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """P(T <= t) for an exponential time whose rate is gamma: Lomax. Times are cut to whole seconds, closed at t."""
    return np.asarray(1 - (1 + (np.floor(second) + 1) / (SCALE * RATE_SHAPE)) ** -RATE_SHAPE)


def columns_of_blocks(generator: np.random.Generator) -> FirstContact:
    rates = generator.gamma(RATE_SHAPE, 1 / RATE_SHAPE, size=BLOCKS).repeat(BLOCK)
    times = np.floor(generator.exponential(size=BLOCKS * BLOCK) / rates * SCALE)
    return count_times(np.where(times < CENSORED_AT, times, -1).astype(np.int64), CENSORED_AT, BLOCK)


def coverages(prepare: Callable[[FirstContact], FirstContact]) -> dict[str, float]:
    generator = np.random.default_rng(20220224)
    reached = float(true_distribution(CENSORED_AT - 1))
    grid = np.arange(CENSORED_AT, dtype=float)
    truth = 1 - true_distribution(grid)
    mean = float(truth.sum())
    median = int(np.argmax(1 - truth >= 0.5))
    inside = {"probability": 0, "median": 0, "mean": 0, "band": 0}
    for _ in range(REPEATS):
        column = prepare(columns_of_blocks(generator))
        for name, estimate, value in (
            ("probability", probability(column), reached),
            ("median", quantile(column, MEDIAN), median),
            ("mean", restricted_mean(column), mean),
        ):
            high = math.inf if estimate.high is None else estimate.high
            inside[name] += estimate.low is not None and estimate.low <= value <= high
        curve = survival_curve(column)
        # Between two corners the curve is flat, and the truth falls: the ends of each stretch decide.
        lasts = np.append(curve.seconds[1:] - 1, CENSORED_AT - 1)
        inside["band"] += bool(np.all((curve.band_low <= truth[lasts]) & (truth[curve.seconds] <= curve.band_high)))
    return {name: count / REPEATS for name, count in inside.items()}


def test_intervals_cover_when_numbers_are_uncertain() -> None:
    """Not below 95 % by more than 4.5 SE: a coverage of 92.4 % or less would be seen."""
    error = math.sqrt(0.95 * 0.05 / REPEATS)
    found = coverages(lambda column: column)
    assert min(found.values()) > 0.95 - 4.5 * error, found
    assert max(found[name] for name in ("probability", "median", "mean")) < 0.95 + 4.5 * error, found


def test_intervals_that_forget_the_blocks_are_seen_to_miss() -> None:
    """Saboteur: with the replication for its unit, every interval is too narrow by far."""

    def forget(column: FirstContact) -> FirstContact:
        times = np.repeat(column.most, column.held)
        censored = np.full(column.replications - len(times), -1)
        return count_times(np.concatenate([times, censored]).astype(np.int64), column.horizon)

    found = coverages(forget)
    assert max(found[name] for name in ("probability", "median", "mean")) < 0.9, found
