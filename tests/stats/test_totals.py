"""Sums of a run: by column, by first channel and side, by line; merged, and as arrays and back."""

from __future__ import annotations

import io
import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engines.contract import NEVER
from sim.stats.first_contact import FirstContact, count_times
from sim.stats.totals import (
    BinCounts,
    Totals,
    added,
    bin_counts,
    column_times,
    count_batch,
    from_arrays,
    interval_unit,
    to_arrays,
)
from tests.stats.synthetic import batch, program


def totals_of(replications: range, block: int = 4, *, uncertain: bool = True) -> Totals:
    of = program(block, uncertain=uncertain)
    return count_batch(of, batch(replications, of))


def test_a_columns_time_is_the_earliest_of_its_lines() -> None:
    times = np.array([[5, NEVER, 3], [NEVER, NEVER, NEVER], [NEVER, 7, NEVER]])
    found = column_times(program(), times)
    names = [column.key for column in program().columns]
    assert dict(zip(names, found.T.tolist(), strict=True)) == {
        "line:one": [5, NEVER, NEVER],
        "line:two": [NEVER, NEVER, 7],
        "line:three": [3, NEVER, NEVER],
        "group:pair": [3, NEVER, NEVER],
        "channel:phone": [5, NEVER, NEVER],
        "channel:cable": [3, NEVER, 7],
        "side:A": [5, NEVER, 7],
        "side:B": [3, NEVER, NEVER],
        "any": [3, NEVER, 7],
    }


def test_the_unit_is_the_block_only_where_numbers_are_uncertain() -> None:
    assert interval_unit(program(4, uncertain=True)) == 4
    assert interval_unit(program(4, uncertain=False)) == 1


def test_first_channels_and_sides_follow_the_line_processed_first() -> None:
    of = program()
    made = batch(range(8), of)
    # A tie: line one and line three at the same second, and line three was processed first.
    times = made.first_contact.copy()
    times[:] = NEVER
    times[0] = [100, NEVER, 100]
    first = np.full(8, NEVER, np.int32)
    first[0] = 2
    found = count_batch(of, replace(made, first_contact=times, first_line=first))
    assert {name: column.contacts for name, column in found.first_channel.items()} == {"phone": 0, "cable": 1}
    assert {name: column.contacts for name, column in found.first_side.items()} == {"A": 0, "B": 1}


def test_causes_add_up_to_the_earliest_contact_of_all() -> None:
    found = totals_of(range(400))
    for causes in (found.first_channel, found.first_side):
        bins = np.arange(len(found.columns["any"].starts))
        summed = sum(column.reached(bins) for column in causes.values())
        assert np.array_equal(summed, found.columns["any"].reached(bins))


@pytest.mark.parametrize("uncertain", [True, False])
@pytest.mark.parametrize("cuts", [(0, 102), (0, 4, 102), (0, 40, 44, 100, 102)])
def test_parts_add_up_to_the_whole(cuts: tuple[int, ...], uncertain: bool) -> None:
    parts = [totals_of(range(a, b), uncertain=uncertain) for a, b in itertools.pairwise(cuts)]
    whole = parts[-1]
    for part in reversed(parts[:-1]):
        whole = whole.merge(part)
    assert whole.same_as(totals_of(range(102), uncertain=uncertain))
    assert not whole.same_as(totals_of(range(101), uncertain=uncertain))


def test_a_batch_that_begins_inside_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="does not begin with a block"):
        totals_of(range(2, 8))
    with pytest.raises(ValueError, match="does not begin with a block"):
        totals_of(range(4, 4))


def test_counts_of_different_programs_do_not_add_up() -> None:
    one = totals_of(range(8))
    with pytest.raises(ValueError, match="do not add up"):
        one.merge(replace(one, columns={"any": one.columns["any"]}))
    with pytest.raises(ValueError, match="do not add up"):
        one.merge(replace(one, attempts=one.attempts[:2]))
    with pytest.raises(ValueError, match="do not add up"):
        one.merge(totals_of(range(8), uncertain=False))


def test_columns_of_the_same_lines_share_one_summary_when_merged() -> None:
    merged = added(added(None, totals_of(range(8))), totals_of(range(8, 16)))
    assert merged.columns["line:one"] is merged.columns["channel:phone"]
    assert merged.columns["line:one"] is not merged.columns["line:two"]


@pytest.mark.parametrize("uncertain", [True, False])
@pytest.mark.parametrize("replications", [1, 3, 8, 102])
def test_arrays_and_back(replications: int, uncertain: bool) -> None:
    before = totals_of(range(replications), uncertain=uncertain)
    file = io.BytesIO()
    np.savez(file, **to_arrays(before))  # type: ignore[arg-type]
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        assert from_arrays(arrays).same_as(before)


@pytest.mark.parametrize("uncertain", [True, False])
def test_a_file_holds_equal_columns_once(uncertain: bool) -> None:
    arrays = to_arrays(totals_of(range(102), uncertain=uncertain))
    assert len(arrays["lengths"]) < len(arrays["names"])


def test_columns_alike_in_their_sums_only_are_kept_apart() -> None:
    """Saboteur of sharing: two columns with the same sums of seconds and of squares, at other seconds."""
    one, other = (count_times(np.array(times), 1000) for times in ([0, 4, 5], [1, 2, 6]))
    assert (one.seconds, one.squares) == (other.seconds, other.squares)
    nothing: dict[str, FirstContact] = {}
    whole = replace(
        totals_of(range(8)), columns={"any": one, "line:one": other}, first_channel=nothing, first_side=nothing
    )
    assert from_arrays(to_arrays(whole)).same_as(whole)


def test_sums_of_an_earlier_format_are_refused() -> None:
    arrays = to_arrays(totals_of(range(8)))
    del arrays["format"]
    with pytest.raises(ValueError, match="its format is 1, and this version reads 2: run the scenario again"):
        from_arrays(arrays)


def test_arrays_keep_sums_past_64_bits_and_see_one_more() -> None:
    before = totals_of(range(8))
    huge = replace(before.columns["any"], squares=3**80)
    changed = replace(before, columns={**before.columns, "any": huge})
    assert from_arrays(to_arrays(changed)).columns["any"].squares == 3**80
    assert not from_arrays(to_arrays(changed)).same_as(before)


def test_nobody_ever_contacted() -> None:
    of = program()
    made = batch(range(8), of)
    never = replace(made, first_contact=np.full((8, 3), NEVER), first_line=np.full(8, NEVER, np.int32))
    found = count_batch(of, never)
    assert from_arrays(to_arrays(found)).same_as(found)
    assert found.columns["any"].same_as(count_times(np.full(8, NEVER), of.horizon))


TABLES = st.lists(st.lists(st.integers(0, 2), min_size=7, max_size=7), min_size=3, max_size=3)


def test_a_table_keeps_what_is_filled() -> None:
    table = np.zeros((1000, 13_000), np.int64)
    table[7, 12_000] = 3
    kept = bin_counts(table)
    assert kept.keys.nbytes + kept.counts.nbytes == 16


@given(TABLES, TABLES)
def test_tables_add_up_as_with_all_their_bins(one: list[list[int]], two: list[list[int]]) -> None:
    mine, its = np.array(one), np.array(two)
    total = bin_counts(mine).merge(bin_counts(its))
    assert np.array_equal(np.array(list(total)), mine + its)
    assert total.same_as(bin_counts(mine + its))
    assert total.same_as(bin_counts(its).merge(bin_counts(mine)))


@given(TABLES, TABLES)
def test_a_table_may_have_more_bins(one: list[list[int]], two: list[list[int]]) -> None:
    mine, its = np.array(one), np.array(two)[:, :4]
    wider = np.pad(its, ((0, 0), (0, 3)))
    assert bin_counts(its).merge(bin_counts(mine)).same_as(bin_counts(mine + wider))


def test_tables_of_other_rows_do_not_add_up_and_have_no_others() -> None:
    kept = bin_counts(np.ones((2, 3), np.int64))
    with pytest.raises(ValueError, match="do not add up"):
        kept.merge(bin_counts(np.ones((3, 3), np.int64)))
    with pytest.raises(IndexError):
        kept[2]


def test_tables_that_differ_in_one_count_are_not_the_same() -> None:
    kept = bin_counts(np.eye(3, dtype=np.int64))
    assert kept.same_as(bin_counts(np.eye(3, dtype=np.int64)))
    assert not kept.same_as(BinCounts(kept.shape, kept.keys, kept.counts + 1))
    assert not kept.same_as(bin_counts(np.eye(3, 4, dtype=np.int64)))
