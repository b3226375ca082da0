"""Sums of a run: by column, by first channel and side, by line; merged, and as arrays and back."""

from __future__ import annotations

import io
import itertools
from dataclasses import replace

import numpy as np
import pytest

from sim.engines.contract import NEVER
from sim.stats.arrays import from_arrays, to_arrays
from sim.stats.first_contact import tally
from sim.stats.totals import Totals, add_rows, column_times, interval_unit, tally_batch
from tests.stats.synthetic import batch, program


def totals_of(replications: range, block: int = 4, *, uncertain: bool = True) -> Totals:
    of = program(block, uncertain=uncertain)
    return tally_batch(of, batch(replications, of))


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
    found = tally_batch(of, replace(made, first_contact=times, first_line=first))
    assert {name: column.contacts for name, column in found.first_channel.items()} == {"phone": 0, "cable": 1}
    assert {name: column.contacts for name, column in found.first_side.items()} == {"A": 0, "B": 1}


def test_causes_add_up_to_the_earliest_contact_of_all() -> None:
    found = totals_of(range(400))
    for causes in (found.first_channel, found.first_side):
        summed = sum(column.counts for column in causes.values())
        assert np.array_equal(summed, found.columns["any"].counts)


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
        add_rows(np.zeros((2, 3), np.int64), np.zeros((3, 3), np.int64))


def test_rows_of_bins_may_be_longer_in_one_part() -> None:
    longer = add_rows(np.ones((2, 3), np.int64), np.full((2, 2), 5, np.int64))
    assert longer.tolist() == [[6, 6, 1]] * 2


@pytest.mark.parametrize("uncertain", [True, False])
@pytest.mark.parametrize("replications", [1, 3, 8, 102])
def test_arrays_and_back(replications: int, uncertain: bool) -> None:
    before = totals_of(range(replications), uncertain=uncertain)
    file = io.BytesIO()
    np.savez(file, **to_arrays(before))  # type: ignore[arg-type]
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        assert from_arrays(arrays).same_as(before)


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
    found = tally_batch(of, never)
    assert from_arrays(to_arrays(found)).same_as(found)
    assert found.columns["any"].same_as(tally(np.full(8, NEVER), of.horizon))
