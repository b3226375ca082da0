"""Counts of which only the filled bins are kept: the same numbers as with all bins, in far fewer bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.stats.first_contact import FirstContact, tally
from sim.stats.sparse import Rows, count_filled, dense, merge_filled, rows_of, up_to, weigh_filled
from sim.stats.totals import add_rows

MONTH = 31 * 86_400
TABLES = st.lists(st.lists(st.integers(0, 2), min_size=7, max_size=7), min_size=3, max_size=3)


def kept_bytes(column: FirstContact) -> int:
    """Bytes of all arrays that hang on a column, cached ones included."""
    return sum(value.nbytes for value in vars(column).values() if isinstance(value, np.ndarray))


@pytest.mark.parametrize("block", [1, 4])
def test_ten_contacts_keep_ten_bins(block: int) -> None:
    times = np.arange(10, dtype=np.int64) * 200_000
    column = tally(times, MONTH, block)
    merged = column.merge(tally(times + 50, MONTH, block))
    assert column.contacts == 10
    assert merged.contacts_by(MONTH - 1) == 20
    assert kept_bytes(column) == 3 * 10 * 8
    assert kept_bytes(merged) == 3 * 20 * 8


def test_a_column_with_all_its_bins_would_be_seen() -> None:
    """Saboteur of the test above."""
    column = tally(np.arange(10, dtype=np.int64), MONTH)
    vars(column)["every"] = column.counts
    assert kept_bytes(column) > 1_000_000


def test_a_table_keeps_what_is_filled() -> None:
    table = np.zeros((1000, 13_000), np.int64)
    table[7, 12_000] = 3
    kept = rows_of(table)
    assert kept.keys.nbytes + kept.counts.nbytes == 16


@pytest.mark.parametrize("bins", [500, 500_000])
def test_weights_are_those_of_each_filled_bin(bins: int) -> None:
    """Where few bins hold numbers and where many do, which are ways of their own; the last bin does not count."""
    drawn = np.random.default_rng(5)
    numbers, weights = drawn.integers(0, bins, 1000), drawn.integers(1, 32, 1000).astype(np.float64)
    filled, counts = count_filled(numbers[numbers < bins - 1], bins)
    by_hand = [int(weights[numbers == one].sum()) for one in filled]
    assert weigh_filled(numbers, weights, filled, bins).tolist() == by_hand
    assert weigh_filled(numbers, np.ones(1000), filled, bins).tolist() == counts.tolist() != by_hand


@given(TABLES, TABLES)
def test_tables_add_up_as_with_all_their_bins(one: list[list[int]], two: list[list[int]]) -> None:
    mine, its = np.array(one), np.array(two)
    total = rows_of(mine).merge(rows_of(its))
    assert np.array_equal(np.array(list(total)), mine + its)
    assert total.same_as(rows_of(mine + its))
    assert total.same_as(rows_of(its).merge(rows_of(mine)))


@given(TABLES, TABLES)
def test_a_table_may_have_more_bins(one: list[list[int]], two: list[list[int]]) -> None:
    mine, its = np.array(one), np.array(two)[:, :4]
    assert rows_of(its).merge(rows_of(mine)).same_as(rows_of(add_rows(mine, its)))


def test_tables_of_other_rows_do_not_add_up_and_have_no_others() -> None:
    kept = rows_of(np.ones((2, 3), np.int64))
    with pytest.raises(ValueError, match="do not add up"):
        kept.merge(rows_of(np.ones((3, 3), np.int64)))
    with pytest.raises(IndexError):
        kept[2]


def test_tables_that_differ_in_one_count_are_not_the_same() -> None:
    kept = rows_of(np.eye(3, dtype=np.int64))
    assert kept.same_as(rows_of(np.eye(3, dtype=np.int64)))
    assert not kept.same_as(Rows(kept.shape, kept.keys, kept.counts + 1))
    assert not kept.same_as(rows_of(np.eye(3, 4, dtype=np.int64)))


@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)))
def test_what_is_counted_up_to_a_bin(one: set[int], two: set[int]) -> None:
    mine, its = np.array(sorted(one), np.int64), np.array(sorted(two), np.int64)
    union, (sums,) = merge_filled(mine, (mine + 1,), its, (its + 2,))
    every = dense(mine, mine + 1, 31) + dense(its, its + 2, 31)
    assert np.array_equal(dense(union, sums, 31), every)
    assert np.array_equal(up_to(union, sums, np.arange(31)), np.cumsum(every))
    assert union.tolist() == sorted(one | two)
