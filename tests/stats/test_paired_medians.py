"""Differences of medians, sections of groups, and the order of first contacts."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from sim.engines.contract import NEVER
from sim.stats.differences import order_of, unit_sizes
from sim.stats.first_contact import count_times
from sim.stats.intervals import Estimate
from sim.stats.paired_quantiles import (
    NOT_KNOWN,
    grouped_quantile,
    median_contrasts,
    response_groups,
    section_contrasts,
    section_estimate,
)
from sim.stats.survival import order_statistics, quantile
from sim.stats.totals import bin_counts

HORIZON = 10_000
FALSE = np.zeros(1, np.bool_)


def times(n: int, mean: float, seed: int) -> np.ndarray:
    return np.minimum(np.random.default_rng(seed).exponential(mean, n).astype(np.int64), HORIZON)


def median_of(row: np.ndarray) -> Estimate:
    """As in the summary of a run that keeps its rows."""
    column = count_times(row, HORIZON)
    rows = order_statistics(column, (Fraction(1, 2),))
    rows.add(row)
    return quantile(column, Fraction(1, 2), rows=rows)


def test_the_difference_is_that_of_the_medians_of_the_runs() -> None:
    base, variant = times(501, 4000, 1), times(501, 2000, 2)
    (one,) = median_contrasts([base, variant], HORIZON, 1, FALSE)
    alone = [median_of(np.where(row >= HORIZON, NEVER, row)).estimate or 0 for row in (base, variant)]
    assert one.estimate == alone[1] - alone[0]
    assert one.low is not None
    assert one.high is not None
    assert one.low < one.estimate < one.high
    # Independent samples: pairing removes nothing to speak of (a correlation of indicators of 501 has error 0.045).
    assert abs(one.variance_removed or 1) < 4.5 * 0.045 * 2


def test_a_constant_shift_is_known_well_but_not_exactly() -> None:
    """In none of 501 replications do the two differ; up to 0.7 % of them might (two in 501 have an error of 0.0028)."""
    base = times(501, 2000, 1) // 2
    shifted, apart = (median_contrasts([base, other], HORIZON, 1, FALSE)[0] for other in (base + 50, base[::-1] + 50))
    assert shifted.estimate == apart.estimate == 50
    widths = [(one.high or 0) - (one.low or 0) for one in (shifted, apart)]
    assert 0 < widths[0] < 0.2 * widths[1]


def test_a_shift_of_times_that_are_all_equal_is_known_exactly() -> None:
    base = np.full(501, 60)
    (one,) = median_contrasts([base, base + 540], HORIZON, 1, FALSE)
    assert (one.estimate, one.low, one.high) == (540, 540, 540)


def test_a_median_that_is_not_reached_leaves_bounds() -> None:
    """A third has contact in the base: the median is after the horizon, and the variant's sooner by more."""
    base, variant = times(900, 25_000, 1), times(900, 2000, 2)
    (one,) = median_contrasts([base, variant], HORIZON, 1, FALSE)
    assert one.estimate is None
    assert one.low is None
    assert one.high is None
    nearly = times(900, 15_500, 4)  # the median is 0.7 · 15,500, and its lower limit before the horizon
    (one,) = median_contrasts([nearly, variant], HORIZON, 1, FALSE)
    assert (one.estimate, one.low) == (None, None)
    assert one.high is not None
    assert one.high < 0


def test_a_limit_past_the_horizon_is_an_open_end() -> None:
    base, variant = times(900, 13_800, 3), times(900, 2000, 2)
    (one,) = median_contrasts([base, variant], HORIZON, 1, FALSE)
    assert one.estimate is not None
    assert one.low is None
    assert one.high is not None


def test_one_block_tells_no_interval() -> None:
    (one,) = median_contrasts([times(16, 2000, 1), times(16, 900, 1)], HORIZON, 16, FALSE)
    assert (one.low, one.high) == (None, None)


def test_the_same_times_differ_by_little_at_most() -> None:
    base = times(500, 2000, 1)
    (one,) = median_contrasts([base, base.copy()], HORIZON, 1, FALSE)
    assert one.same
    assert one.low is not None
    assert one.high is not None
    assert -300 < one.low <= 0 <= one.high < 300
    (one,) = median_contrasts([base, base.copy()], HORIZON, 1, ~FALSE)
    assert (one.low, one.high, one.low_all, one.high_all) == (0, 0, 0, 0)


def test_order_counts_censored_replications_as_later_than_all_others() -> None:
    base = np.array([5, 5, 5, NEVER, NEVER, 7])
    variant = np.array([3, 5, NEVER, 9, NEVER, 8])
    found = order_of(base, variant, 10, unit_sizes(6, 1))
    assert (found.sooner.estimate, found.later.estimate, found.same.estimate) == (2 / 6, 2 / 6, 2 / 6)
    assert (found.changed, found.gained, found.lost, found.neither) == (4, 1, 1, 1)
    # Sooner by 2 and by at least 1 (10 − 9); later by at least 5 (10 − 5) and by 1.
    assert (found.sooner_seconds, found.later_seconds) == (1.5, 3.0)
    assert order_of(base, base, 10, unit_sizes(6, 1)).sooner_seconds is None


def test_order_by_blocks_has_wider_intervals_where_blocks_agree() -> None:
    base = np.full(160, 5)
    variant = np.repeat([3, 5] * 5, 16)
    alone = order_of(base, variant, 10, unit_sizes(160, 1)).sooner
    blocks = order_of(base, variant, 10, unit_sizes(160, 16)).sooner
    assert alone.estimate == blocks.estimate == 0.5
    assert (blocks.low or 1) < (alone.low or 0) - 0.1
    assert order_of(base, variant, 10, unit_sizes(160, 16)).changed_units == 5


def test_quantiles_of_responses_by_group() -> None:
    counts = np.zeros((2, 100), np.int64)
    counts[0, 10] = 20
    counts[1, 30] = 21
    tables = [bin_counts(counts)] * 3
    half = Fraction(1, 2)
    assert grouped_quantile(response_groups(tables, [0, 1]), half) == (30, [30, 30, 30])
    assert grouped_quantile(response_groups(tables, [0]), half) == (10, None)
    nothing = [bin_counts(np.zeros((2, 5), np.int64))] * 3
    assert grouped_quantile(response_groups(nothing, [0]), half) == (None, None)


def test_sections_give_the_spread_about_the_whole() -> None:
    found = section_estimate(30, [28, 30, 33])
    assert found.estimate == 30
    # t with 2 degrees of freedom times √((4 + 0 + 9)/(3 · 2)).
    assert found.high == pytest.approx(30 + 4.3026527 * np.sqrt(13 / 6))
    assert section_estimate(30, None).low is None


def test_contrasts_of_sections_know_what_is_not_known() -> None:
    (one,) = section_contrasts([30, 40], [[28, 30, 33], [38, 40, 43]], 100, FALSE)
    assert (one.estimate, one.low, one.high) == (10, 10, 10)
    (one,) = section_contrasts([30, 40], [[28, 30, 33], None], 100, FALSE)
    assert (one.estimate, one.low) == (10, None)
    assert section_contrasts([None, 40], [None, [38, 40]], 100, FALSE) == [NOT_KNOWN]
