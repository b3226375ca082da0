"""Intervals from counts, against SciPy's own and against what they promise."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.stats.intervals import (
    FEWEST_BLOCKS,
    LEVEL,
    binomial_quantile,
    dkw_half_width,
    few_blocks,
    normal_quantile,
    order_statistic_ranks,
    student_quantile,
    wilson,
)


def one_wilson(contacts: int, size: int) -> tuple[float, float]:
    low, high = wilson(np.array([contacts / size]), np.array([float(size)]))
    return float(low[0]), float(high[0])


@given(st.integers(1, 10**9), st.data())
def test_wilson_equals_scipy(size: int, data: st.DataObject) -> None:
    contacts = data.draw(st.integers(0, size))
    expected = stats.binomtest(contacts, size).proportion_ci(LEVEL, method="wilson")
    assert one_wilson(contacts, size) == pytest.approx((expected.low, expected.high), rel=1e-9, abs=1e-12)


@given(st.integers(1, 10**6), st.data())
def test_wilson_encloses_the_share_within_zero_and_one(size: int, data: st.DataObject) -> None:
    contacts = data.draw(st.integers(0, size))
    low, high = one_wilson(contacts, size)
    assert 0 <= low <= contacts / size <= high <= 1
    assert (low == 0) == (contacts == 0)
    assert (high == 1) == (contacts == size)


@given(st.integers(1, 10**7), st.floats(0.001, 0.999), st.sampled_from([0.025, 0.3, 0.975]))
def test_binomial_quantile_equals_scipy(size: int, share: float, probability: float) -> None:
    assert binomial_quantile(probability, size, share) == stats.binom.ppf(probability, size, share)


@pytest.mark.parametrize("size", [1, 2, 5, 6, 20, 100, 10_000, 10**9])
@pytest.mark.parametrize("share", [Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)])
def test_ranks_leave_at_most_the_tail_on_either_side_and_are_the_closest_that_do(size: int, share: Fraction) -> None:
    low, high = order_statistic_ranks(size, share)
    tail = (1 - LEVEL) / 2
    below = stats.binom(size, float(share))
    assert below.cdf(low - 1) < tail <= below.cdf(low)
    assert below.sf(high - 1) <= tail < below.sf(high - 2)


def test_the_median_of_five_has_no_interval_and_of_six_has_all() -> None:
    """(1/2)^5 > 0.025 >= (1/2)^6: textbook values."""
    assert order_statistic_ranks(5, Fraction(1, 2)) == (0, 6)
    assert order_statistic_ranks(6, Fraction(1, 2)) == (1, 6)


def test_order_statistics_cover_what_they_say() -> None:
    """Coverage over 20,000 samples of 50, within 4.5 SE of its exact value; a bias of 0.7 % would be seen."""
    low, high = order_statistic_ranks(50, Fraction(1, 2))
    below = stats.binom(50, 0.5)
    exact = float(below.cdf(high - 1) - below.cdf(low - 1))
    assert exact >= LEVEL
    samples = np.sort(np.random.default_rng(1).exponential(size=(20_000, 50)), axis=1)

    def coverage(low_rank: int, high_rank: int) -> float:
        inside = (samples[:, low_rank - 1] <= math.log(2)) & (math.log(2) <= samples[:, high_rank - 1])
        return float(inside.mean())

    error = math.sqrt(exact * (1 - exact) / 20_000)
    assert abs(coverage(low, high) - exact) < 4.5 * error
    # Saboteur: ranks that are one off on either side are seen.
    assert abs(coverage(low + 1, high - 1) - exact) > 4.5 * error


def test_dkw_is_massarts() -> None:
    assert dkw_half_width(1000) == pytest.approx(math.sqrt(math.log(40) / 2000))
    assert dkw_half_width(1) == 1.0


def test_normal_and_student_quantiles() -> None:
    assert normal_quantile() == pytest.approx(1.959963984540054)
    assert [student_quantile(degrees) for degrees in (1, 10)] == pytest.approx([12.706204736, 2.228138852])


def test_few_blocks_carry_a_notice_and_few_replications_do_not() -> None:
    assert few_blocks(100, 7) == (
        "The intervals rest on 7 independent draws of the uncertain numbers, and may be too narrow. "
        "Run at least 429 replications."
    )
    assert few_blocks(480, FEWEST_BLOCKS) == few_blocks(7, 7) == ""
