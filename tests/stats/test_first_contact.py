"""The mergeable summary: exact, and the same however replications are cut."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.rules.bins import time_bin_width
from sim.stats.first_contact import (
    WITHIN_SECONDS,
    FirstContact,
    _sum_of_large_squares,
    _sum_of_squares,
    tally,
)

HORIZON = 40 * 86_400 + 7
LONG = 10_000_000_000


def seconds(values: Sequence[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def times(horizon: int = HORIZON, most: int = 70) -> st.SearchStrategy[list[int]]:
    return st.lists(st.one_of(st.just(-1), st.integers(0, horizon - 1), st.integers(0, 90)), max_size=most)


def by_hand(values: Sequence[int], horizon: int, block: int) -> dict[str, object]:
    """Everything that a summary holds, from loops over blocks and bins in Python's own integers."""
    width = time_bin_width(horizon)
    limited = [horizon if value < 0 else value for value in values]
    blocks = [values[start : start + block] for start in range(0, len(values), block)]
    last_bins = range(-(-horizon // width))
    ends = sorted({value // width for value in values if value >= 0})
    squares = {
        end: sum(sum(1 for value in one if 0 <= value // width <= end and value >= 0) ** 2 for one in blocks)
        for end in ends
    }
    return {
        "contacts": sum(value >= 0 for value in values),
        "bins": len(last_bins),
        "squares_by_bin": squares,
        "within": tuple(sum(0 <= value <= second for value in values) for second in WITHIN_SECONDS),
        "seconds": sum(limited),
        "squares": sum(value * value for value in limited),
        "block_squares": sum(sum(limited[start : start + block]) ** 2 for start in range(0, len(values), block)),
        "short": len(values) % block,
        "units": len(blocks),
    }


def as_counted(column: FirstContact) -> dict[str, object]:
    reached = np.cumsum(column.ranked)
    return {
        "contacts": column.contacts,
        "bins": len(column.counts),
        "squares_by_bin": {int(end): int(reached[end]) for end in np.flatnonzero(column.counts)},
        "within": column.within,
        "seconds": column.seconds,
        "squares": column.squares,
        "block_squares": column.block_squares,
        "short": sum(short.size for short in column.short),
        "units": column.units,
    }


@given(times(), st.integers(1, 20))
def test_every_number_equals_a_count_by_hand(values: list[int], block: int) -> None:
    assert as_counted(tally(seconds(values), HORIZON, block)) == by_hand(values, HORIZON, block)


def test_the_count_by_hand_sees_one_second_and_one_rank() -> None:
    """Saboteur of the test above."""
    values = [5, 86_400, -1, 7, 9]
    right = by_hand(values, HORIZON, 2)
    assert as_counted(tally(seconds([5, 86_401, -1, 7, 9]), HORIZON, 2)) != right
    assert as_counted(tally(seconds([5, -1, 86_400, 7, 9]), HORIZON, 2)) != right
    assert as_counted(tally(seconds(values), HORIZON, 1)) != right


@given(st.lists(st.one_of(st.just(-1), st.integers(0, LONG - 1)), min_size=1, max_size=40), st.integers(1, 5))
def test_sums_past_64_bits_are_exact(values: list[int], block: int) -> None:
    column = tally(seconds(values), LONG, block)
    expected = by_hand([-1 if value < 0 else value for value in values], LONG, block)
    assert (column.squares, column.block_squares) == (expected["squares"], expected["block_squares"])


def test_squares_of_long_times_do_pass_64_bits() -> None:
    """The test above is about something."""
    assert tally(seconds([-1] * 5), LONG).squares == 5 * LONG**2 > 2**64


@given(times(), st.integers(1, 8), st.lists(st.integers(0, 9), max_size=4))
def test_any_cut_at_blocks_adds_up_to_the_whole(values: list[int], block: int, cuts: list[int]) -> None:
    places = sorted({min(cut * block, len(values)) for cut in cuts} | {0, len(values)})
    parts = [tally(seconds(values[a:b]), HORIZON, block) for a, b in itertools.pairwise(places)]
    whole = tally(seconds(values), HORIZON, block)
    total = tally(seconds([]), HORIZON, block)
    for part in parts:
        total = total.merge(part)
    assert total.same_as(whole)


@given(times(), times(), times(), st.integers(1, 5))
def test_merging_is_associative_and_commutative(one: list[int], two: list[int], three: list[int], block: int) -> None:
    a, b, c = (tally(seconds(values), HORIZON, block) for values in (one, two, three))
    assert a.merge(b).same_as(b.merge(a))
    assert a.merge(b).merge(c).same_as(a.merge(b.merge(c)))


def test_a_cut_inside_a_block_is_not_the_same() -> None:
    """Saboteur of the merging tests: ranks begin again at a cut, so blocks must stay whole."""
    values = [5, 7, 8, 9]
    whole = tally(seconds(values), HORIZON, 4)
    halves = tally(seconds(values[:2]), HORIZON, 4).merge(tally(seconds(values[2:]), HORIZON, 4))
    assert not halves.same_as(whole)
    assert halves.units == 2


def test_single_replications_rank_as_they_count() -> None:
    column = tally(seconds([3, 3, 90_000, -1]), HORIZON)
    assert np.array_equal(column.ranked, column.counts)
    assert (column.units, column.short) == (4, ())


def test_a_bin_ends_with_its_last_second_and_the_last_one_before_the_horizon() -> None:
    column = tally(seconds([0]), 3 * 2**18 + 1)
    assert column.width == 5
    assert column.last_seconds[0] == 4
    assert column.last_seconds[-1] == 3 * 2**18


def test_contacts_by_a_second_take_in_its_bin() -> None:
    column = tally(seconds([0, 14, 15, 29, -1]), 40 * 86_400)
    assert column.width == 15
    assert [column.contacts_by(second) for second in (-1, 0, 14, 15, 40 * 86_400)] == [0, 2, 2, 4, 4]


@pytest.mark.parametrize(("horizon", "block", "values"), [(0, 1, []), (10, 0, []), (10, 1, [10]), (10, 1, [3, 11])])
def test_impossible_input_is_refused(horizon: int, block: int, values: list[int]) -> None:
    with pytest.raises(ValueError, match=r"must be at least 1|is not before the horizon"):
        tally(seconds(values), horizon, block)


def test_columns_of_different_form_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        tally(seconds([1]), HORIZON).merge(tally(seconds([1]), HORIZON + 1))
    with pytest.raises(ValueError, match="do not add up"):
        tally(seconds([1]), HORIZON, 2).merge(tally(seconds([1]), HORIZON, 1))


@pytest.mark.parametrize("most", [1, 10_886_400, (1 << 26) + 1, (1 << 27) - 1, 1 << 40, (1 << 60) - 1])
def test_squares_are_exact_whichever_way_they_are_added(most: int) -> None:
    """Short times add up in 64 bits, in pieces that cannot overflow; long ones by limbs."""
    numbers = np.random.default_rng(1).integers(0, most, 5000, endpoint=True)
    numbers[:2000] = most
    expected = sum(int(one) ** 2 for one in numbers)
    assert _sum_of_squares(numbers) == _sum_of_large_squares(numbers) == expected
