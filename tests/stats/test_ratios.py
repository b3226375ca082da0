"""Shares of clustered things."""

from __future__ import annotations

import numpy as np
import pytest

from sim.stats.intervals import by_unit, ratio


def ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def test_the_share_is_that_of_the_sums() -> None:
    found = ratio(ints(1, 2, 0), ints(4, 4, 2))
    assert found.estimate == 0.3
    assert 0 < found.low < 0.3 < found.high < 1


def test_nothing_gives_nothing() -> None:
    assert ratio(ints(0, 0), ints(0, 0)).estimate is None


def test_a_share_of_none_or_all_counts_units_not_things() -> None:
    # Wilson's upper end for 0 of k is z²/(k + z²).
    z2 = 1.959963984540054**2
    assert ratio(ints(0, 0, 0), ints(100, 100, 100)).high == pytest.approx(z2 / (3 + z2))
    assert ratio(ints(9, 9, 9, 9), ints(9, 9, 9, 9)).low == pytest.approx(1 - z2 / (4 + z2))


def test_one_unit_knows_as_little_as_one_thing() -> None:
    found = ratio(ints(50), ints(100))
    assert found.high - found.low > 0.8


def test_clusters_that_agree_within_widen_the_interval() -> None:
    spread = ratio(ints(*[5] * 40), ints(*[10] * 40))
    clustered = ratio(ints(*[0, 10] * 20), ints(*[10] * 40))
    assert clustered.estimate == spread.estimate == 0.5
    assert clustered.high - clustered.low > 2.5 * (spread.high - spread.low)


def test_the_interval_covers_as_often_as_it_says() -> None:
    # 40 units of 5 to 15 things, with a chance of their own each: 1,000 intervals, 4.5 standard errors of 95 %.
    generator = np.random.default_rng(20)
    covered = 0
    for _ in range(1_000):
        whole = generator.integers(5, 16, 40)
        part = generator.binomial(whole, generator.beta(2, 4, 40))
        found = ratio(part, whole)
        covered += found.low <= 1 / 3 <= found.high
    assert abs(covered / 1_000 - 0.95) < 4.5 * np.sqrt(0.95 * 0.05 / 1_000)


def test_things_taken_as_independent_cover_too_seldom() -> None:
    generator = np.random.default_rng(20)
    covered = 0
    for _ in range(1_000):
        whole = generator.integers(5, 16, 40)
        part = generator.binomial(whole, generator.beta(2, 4, 40))
        share, size = part.sum() / whole.sum(), whole.sum()
        covered += abs(share - 1 / 3) <= 1.96 * np.sqrt(share * (1 - share) / size)
    assert covered / 1_000 < 0.95 - 4.5 * np.sqrt(0.95 * 0.05 / 1_000)


def test_rows_of_one_unit_are_added_up() -> None:
    counts = np.array([[1, 0], [2, 5], [4, 1]], np.int64)
    assert by_unit(counts, ints(7, 3, 7)).tolist() == [[2, 5], [5, 1]]
