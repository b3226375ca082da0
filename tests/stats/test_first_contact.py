"""The mergeable summary: exact, and the same however replications are cut."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.rules.bins import bin_of
from sim.stats.first_contact import (
    MOST_BARS,
    WITHIN_SECONDS,
    FirstContact,
    OrderStatistics,
    _sum_of_large_squares,
    _sum_of_squares,
    bar_starts,
    count_times,
)

HORIZON = 40 * 86_400 + 7
LONG = 10_000_000_000


def seconds(values: Sequence[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def times(horizon: int = HORIZON, most: int = 70) -> st.SearchStrategy[list[int]]:
    return st.lists(st.one_of(st.just(-1), st.integers(0, horizon - 1), st.integers(0, 90)), max_size=most)


def by_hand(values: Sequence[int], horizon: int, block: int, exact_at: Sequence[int] = ()) -> dict[str, object]:
    """Everything that a summary holds, from loops over blocks and bins in Python's own integers."""
    cuts = sorted({second + 1 for second in (*WITHIN_SECONDS, *exact_at)} | set(bar_starts(horizon).tolist()))

    def bin_(value: int) -> tuple[int, int]:
        """The logarithmic bin, and how many cuts lie before the value."""
        return bin_of(value), sum(cut <= value for cut in cuts)

    limited = [horizon if value < 0 else value for value in values]
    blocks = [values[start : start + block] for start in range(0, len(values), block)]
    contacts = [value for value in values if value >= 0]
    kinds = sorted({bin_(value) for value in contacts})
    return {
        "contacts": len(contacts),
        "held": [sum(bin_(value) == one for value in contacts) for one in kinds],
        "least": [min(value for value in contacts if bin_(value) == one) for one in kinds],
        "most": [max(value for value in contacts if bin_(value) == one) for one in kinds],
        "squares": [
            sum(sum(value >= 0 and bin_(value) <= end for value in one) ** 2 for one in blocks) for end in kinds
        ],
        "within": [sum(0 <= value <= second for value in values) for second in (*WITHIN_SECONDS, *exact_at)],
        "sums": (
            sum(limited),
            sum(value * value for value in limited),
            sum(sum(limited[start : start + block]) ** 2 for start in range(0, len(values), block)),
        ),
        "short": len(values) % block,
        "units": len(blocks),
        "touched": sum(any(value >= 0 for value in one) for one in blocks),
    }


def as_counted(column: FirstContact) -> dict[str, object]:
    return {
        "contacts": column.contacts,
        "held": column.held.tolist(),
        "least": column.least.tolist(),
        "most": column.most.tolist(),
        "squares": np.cumsum(column.ranks).tolist(),
        "within": [column.contacts_by(second) for second in (*WITHIN_SECONDS, *column.exact_at)],
        "sums": (column.seconds, column.squares, column.block_squares),
        "short": sum(short.size for short in column.short),
        "units": column.units,
        "touched": column.touched,
    }


@given(times(), st.integers(1, 20), st.lists(st.integers(0, HORIZON - 1), max_size=3, unique=True))
def test_every_number_equals_a_count_by_hand(values: list[int], block: int, exact_at: list[int]) -> None:
    found = count_times(seconds(values), HORIZON, block, exact_at)
    assert as_counted(found) == by_hand(values, HORIZON, block, sorted(exact_at))


def test_the_count_by_hand_sees_one_second_and_one_rank() -> None:
    """Saboteur of the test above."""
    values = [5, 86_400, -1, 7, 9]
    right = by_hand(values, HORIZON, 2)
    assert as_counted(count_times(seconds([5, 86_401, -1, 7, 9]), HORIZON, 2)) != right
    assert as_counted(count_times(seconds([5, -1, 86_400, 7, 9]), HORIZON, 2)) != right
    assert as_counted(count_times(seconds(values), HORIZON, 1)) != right


@given(st.lists(st.one_of(st.just(-1), st.integers(0, LONG - 1)), min_size=1, max_size=40), st.integers(1, 5))
def test_sums_past_64_bits_are_exact(values: list[int], block: int) -> None:
    column = count_times(seconds(values), LONG, block)
    assert (column.seconds, column.squares, column.block_squares) == by_hand(values, LONG, block)["sums"]


def test_squares_of_long_times_do_pass_64_bits() -> None:
    """The test above is about something."""
    assert count_times(seconds([-1] * 5), LONG).squares == 5 * LONG**2 > 2**64


@given(times(), st.integers(1, 8), st.lists(st.integers(0, 9), max_size=4))
def test_any_cut_at_blocks_adds_up_to_the_whole(values: list[int], block: int, cuts: list[int]) -> None:
    places = sorted({min(cut * block, len(values)) for cut in cuts} | {0, len(values)})
    parts = [count_times(seconds(values[a:b]), HORIZON, block) for a, b in itertools.pairwise(places)]
    whole = count_times(seconds(values), HORIZON, block)
    total = count_times(seconds([]), HORIZON, block)
    for part in parts:
        total = total.merge(part)
    assert total.same_as(whole)


@given(times(), times(), times(), st.integers(1, 5))
def test_merging_is_associative_and_commutative(one: list[int], two: list[int], three: list[int], block: int) -> None:
    a, b, c = (count_times(seconds(values), HORIZON, block) for values in (one, two, three))
    assert a.merge(b).same_as(b.merge(a))
    assert a.merge(b).merge(c).same_as(a.merge(b.merge(c)))


def test_a_cut_inside_a_block_is_not_the_same() -> None:
    """Saboteur of the merging tests: ranks begin again at a cut, so blocks must stay whole."""
    values = [5, 7, 8, 9]
    whole = count_times(seconds(values), HORIZON, 4)
    halves = count_times(seconds(values[:2]), HORIZON, 4).merge(count_times(seconds(values[2:]), HORIZON, 4))
    assert not halves.same_as(whole)
    assert halves.units == 2


def test_single_replications_rank_as_they_count() -> None:
    column = count_times(seconds([3, 3, 90_000, -1]), HORIZON)
    assert np.array_equal(column.ranks, column.held)
    assert (column.units, column.touched, column.short) == (4, 3, ())


def test_contacts_are_exact_at_every_second_asked_for() -> None:
    """A minute and the day after it fall into one bin, unless the minute is asked for."""
    year = 366 * 86_400
    minute = 200 * 86_400 + 60
    times = seconds([minute, minute + 1, minute + 2000, -1])
    with pytest.raises(ValueError, match=f"P\\(T <= {minute} s\\) was not asked for"):
        count_times(times, year).contacts_by(minute)
    column = count_times(times, year, exact_at=(minute,))
    assert [column.contacts_by(second) for second in (-1, 0, minute - 1, minute, minute + 2000)] == [0, 0, 0, 1, 3]
    assert column.contacts_by(year) == column.contacts_by(10 * year) == 3


def test_five_years_are_exact_below_2048_seconds() -> None:
    column = count_times(seconds([59, 60, 60, 61, 2047]), 5 * 366 * 86_400)
    assert [column.contacts_by(second) for second in (58, 59, 60, 61, 2046, 2047)] == [0, 1, 3, 4, 4, 5]


@given(times(), st.integers(1, 3))
def test_curves_are_known_where_they_say(values: list[int], block: int) -> None:
    column = count_times(seconds(values), HORIZON, block)
    bins = column.corners()
    known = column.known_at(bins)
    assert known[-1] == HORIZON - 1
    assert (np.diff(known) > 0).all()
    assert column.reached(bins).tolist() == [sum(0 <= value <= second for value in values) for second in known]
    assert set(column.corners(3)) <= set(bins)
    assert column.corners(3)[-1] == bins[-1]


def test_few_corners_are_spread_over_the_clock() -> None:
    column = count_times(np.arange(0, HORIZON, 977), HORIZON)
    corners = column.corners(40)
    assert 39 <= len(corners) <= 41
    assert np.diff(column.known_at(corners)).max() < HORIZON / 15


@given(times())
def test_bars_hold_what_falls_between_their_edges(values: list[int]) -> None:
    edges, counts = count_times(seconds(values), HORIZON).histogram()
    assert edges[-1] == HORIZON
    expected = [sum(a <= value < b for value in values) for a, b in itertools.pairwise(edges.tolist())]
    assert counts.tolist() == expected


@pytest.mark.parametrize("horizon", [1, 50, 86_400, 126 * 86_400, 5 * 366 * 86_400, 10**12])
def test_bars_are_few_and_equally_wide(horizon: int) -> None:
    starts = bar_starts(horizon)
    assert starts[0] == 0
    assert len(starts) <= MOST_BARS
    assert len(set(np.diff(starts).tolist())) <= 1


@given(times(), st.lists(st.integers(1, 70), max_size=5), st.lists(st.integers(0, 70), max_size=2))
def test_order_statistics_are_those_of_the_sorted_rows(values: list[int], ranks: list[int], cuts: list[int]) -> None:
    wanted = [rank for rank in ranks if rank <= sum(value >= 0 for value in values)]
    found = OrderStatistics(count_times(seconds(values), HORIZON), wanted)
    places = sorted({min(cut, len(values)) for cut in cuts} | {0, len(values)})
    for a, b in itertools.pairwise(places):
        found.add(seconds(values[a:b]))
    assert [found.second(rank) for rank in wanted] == [sorted(v for v in values if v >= 0)[rank - 1] for rank in wanted]


def test_order_statistics_need_rows_only_for_bins_of_several_seconds() -> None:
    column = count_times(seconds([60, 60, 5_000_000, 5_000_001]), 10_000_000)
    assert not OrderStatistics(column, (1, 2)).needs_rows
    late = OrderStatistics(column, (1, 3))
    assert late.needs_rows
    late.add(seconds([60, 60, 5_000_000]))
    with pytest.raises(ValueError, match="1 rows in a bin of 2 contacts"):
        late.second(3)
    with pytest.raises(KeyError):
        late.second(4)


@pytest.mark.parametrize("block", [1, 4])
def test_ten_contacts_keep_ten_bins(block: int) -> None:
    """Whatever the horizon, memory grows with filled bins."""
    times = np.arange(10, dtype=np.int64) * 200_000
    column = count_times(times, 31 * 86_400, block)
    merged = column.merge(count_times(times + 50, 31 * 86_400, block))
    for found, filled in ((column, 10), (merged, 11)):
        arrays = [value for value in vars(found).values() if isinstance(value, np.ndarray)]
        assert {len(one) for one in arrays} == {filled}


@pytest.mark.parametrize(("horizon", "block", "values"), [(0, 1, []), (10, 0, []), (10, 1, [10]), (10, 1, [3, 11])])
def test_impossible_input_is_refused(horizon: int, block: int, values: list[int]) -> None:
    with pytest.raises(ValueError, match=r"must be at least 1|is not before the horizon"):
        count_times(seconds(values), horizon, block)


def test_columns_of_different_form_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        count_times(seconds([1]), HORIZON).merge(count_times(seconds([1]), HORIZON + 1))
    with pytest.raises(ValueError, match="do not add up"):
        count_times(seconds([1]), HORIZON, 2).merge(count_times(seconds([1]), HORIZON, 1))


@pytest.mark.parametrize("most", [1, 10_886_400, (1 << 26) + 1, (1 << 27) - 1, 1 << 40, (1 << 60) - 1])
def test_squares_are_exact_whichever_way_they_are_added(most: int) -> None:
    """Short times add up in 64 bits, in pieces that cannot overflow; long ones by limbs."""
    numbers = np.random.default_rng(1).integers(0, most, 5000, endpoint=True)
    numbers[:2000] = most
    expected = sum(int(one) ** 2 for one in numbers)
    assert _sum_of_squares(numbers) == _sum_of_large_squares(numbers) == expected
