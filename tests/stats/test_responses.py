"""Response times and attempts taken, from counts in logarithmic bins."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.rules.bins import bin_of, bins_for, first_of, last_of
from sim.stats.responses import binned_quantile, coarse_bin_of, coarse_edge, coarse_histogram, share_within

LARGEST = 20_000_000


def binned(numbers: Sequence[int]) -> NDArray[np.int64]:
    counts = np.zeros(bins_for(LARGEST), np.int64)
    for number in numbers:
        counts[bin_of(number)] += 1
    return counts


def numbers() -> st.SearchStrategy[list[int]]:
    return st.lists(st.one_of(st.integers(0, 3000), st.integers(0, LARGEST)), min_size=1, max_size=60)


@given(numbers(), st.integers(1, 99))
def test_a_quantile_is_the_order_statistic_at_its_bins_end(values: list[int], percent: int) -> None:
    rank = -(-len(values) * percent // 100)
    expected = last_of(bin_of(sorted(values)[rank - 1]))
    assert binned_quantile(binned(values), Fraction(percent, 100)) == expected


def test_a_quantile_of_few_numbers_and_of_none() -> None:
    twenty = binned(range(100, 120))
    assert binned_quantile(twenty, Fraction(1, 2)) == 109
    assert binned_quantile(binned([7]), Fraction(1, 2)) == 7
    assert binned_quantile(binned([]), Fraction(1, 2)) is None


@pytest.mark.parametrize("limit", [300, 3600, 86_400])
def test_what_takes_exactly_the_limit_is_within_it(limit: int) -> None:
    counts = binned([limit, limit, limit + limit // 500 + 1, limit - 1])
    assert share_within(counts, limit) == 0.75
    assert share_within(binned([]), limit) is None


@given(numbers())
def test_a_histogram_holds_every_number_in_its_bin(values: list[int]) -> None:
    histogram = coarse_histogram(binned(values))
    edges, counts = histogram["edges"], histogram["counts"]
    assert counts == [sum(low <= value < high for value in values) for low, high in pairwise(edges)]
    assert sum(counts) == len(values)
    assert counts[0] > 0
    assert counts[-1] > 0


def test_a_histogram_of_nothing_is_empty() -> None:
    assert coarse_histogram(binned([])) == {"edges": [], "counts": []}


def test_edges_are_four_to_an_octave() -> None:
    assert [coarse_edge(index) for index in range(18)] == [
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        10,
        12,
        14,
        16,
        20,
        24,
        28,
        32,
        40,
    ]
    assert coarse_edge(12 + 4 * 20) == 16 << 20


def test_every_coarse_bin_is_a_union_of_fine_ones() -> None:
    edges = [coarse_edge(index) for index in range(120)]
    assert all(first_of(bin_of(edge)) == edge for edge in edges)
    assert all(
        coarse_bin_of(edge) == index and coarse_bin_of(edge - 1) == index - 1
        for index, edge in enumerate(edges)
        if edge
    )


def test_five_to_an_octave_would_cut_fine_bins() -> None:
    """Saboteur of the test above: edges that are no first numbers of a bin are seen."""
    assert any(first_of(bin_of(edge)) != edge for edge in (2**15 * tenth // 5 for tenth in range(5, 10)))
