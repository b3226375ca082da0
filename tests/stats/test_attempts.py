"""Histograms of the attempts that requests took."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules.bins import bin_of, bins_for
from sim.stats.responses import attempts_histogram


def taken(*numbers: int) -> np.ndarray:
    counts = np.zeros(bins_for(max(numbers, default=0)), np.int64)
    for number in numbers:
        counts[bin_of(number)] += 1
    return counts


def test_small_numbers_have_a_bar_each() -> None:
    found = attempts_histogram(taken(1, 1, 2, 4))
    assert found.edges.tolist() == [1, 2, 3, 4, 5]
    assert found.counts.tolist() == [2, 1, 0, 1]
    assert (found.beyond, found.total) == (0, 4)


@pytest.mark.parametrize("largest", [1, 29, 30, 31, 60, 61, 150, 301, 2_047, 5_000, 10**6])
def test_bars_are_few_equally_wide_and_hold_every_request(largest: int) -> None:
    numbers = np.random.default_rng(4).integers(1, largest + 1, 3_000)
    found = attempts_histogram(taken(*numbers.tolist()))
    widths = np.diff(found.edges)
    assert len(found.counts) <= 30
    assert (widths == widths[0]).all()
    assert found.edges[0] == 1
    assert found.total == 3_000
    assert found.beyond <= 0.02 * 3_000
    exact = np.histogram(numbers, found.edges)[0]
    exact[-1] -= np.count_nonzero(numbers == found.edges[-1])
    if largest < 2_048:
        np.testing.assert_array_equal(found.counts, exact)


def test_a_long_tail_is_counted_beyond_the_bars() -> None:
    found = attempts_histogram(taken(*[1] * 990, *[500] * 10))
    assert found.counts.tolist() == [990]
    assert found.beyond == 10


def test_no_contact_gives_no_bars() -> None:
    found = attempts_histogram(taken())
    assert (len(found.counts), found.total) == (0, 0)
