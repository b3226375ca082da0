"""Adding up many parts is the same as merging them one by one."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest

from sim.stats.adding import Adder
from sim.stats.arrays import from_arrays, to_arrays
from sim.stats.first_contact import tally
from sim.stats.totals import Totals, tally_batch
from tests.stats.synthetic import batch, program

BLOCK = 16
CUTS = (0, 160, 320, 336, 800, 801)


def parts(*, uncertain: bool) -> list[Totals]:
    of = program(BLOCK, uncertain=uncertain)
    return [tally_batch(of, batch(range(a, b), of)) for a, b in itertools.pairwise(CUTS)]


@pytest.mark.parametrize("uncertain", [True, False])
@pytest.mark.parametrize("room", [0, 1 << 28])
def test_the_sum_is_that_of_merging_in_any_order(monkeypatch: pytest.MonkeyPatch, uncertain: bool, room: int) -> None:
    monkeypatch.setattr("sim.stats.adding.MOST_BYTES", room)
    found = parts(uncertain=uncertain)
    merged = found[0]
    for part in found[1:]:
        merged = merged.merge(part)
    for seed in range(5):
        random.Random(seed).shuffle(found)  # noqa: S311
        adder = Adder()
        for part in found:
            adder.add(part)
        assert adder.total().same_as(merged)


def test_what_was_left_out_is_seen() -> None:
    """Saboteur of the test above."""
    found = parts(uncertain=True)
    whole, less = Adder(), Adder()
    for part in found:
        whole.add(part)
    for part in found[1:]:
        less.add(part)
    assert not whole.total().same_as(less.total())


@pytest.mark.parametrize("room", [0, 1 << 28])
def test_parts_of_another_form_are_refused(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    monkeypatch.setattr("sim.stats.adding.MOST_BYTES", room)
    adder = Adder()
    with pytest.raises(ValueError, match="nothing was added"):
        adder.total()
    adder.add(parts(uncertain=True)[0])
    with pytest.raises(ValueError, match="add up"):
        adder.add(parts(uncertain=False)[0])


@pytest.mark.parametrize("uncertain", [True, False])
def test_a_file_holds_equal_columns_once_and_gives_all_back(uncertain: bool) -> None:
    whole = parts(uncertain=uncertain)[0]
    arrays = to_arrays(whole)
    assert len(arrays["lengths"]) < len(arrays["names"])
    assert from_arrays(arrays).same_as(whole)
    # Files written before columns were shared have all of them.
    apart = {key: value for key, value in arrays.items() if key != "twins"}
    with pytest.raises(IndexError):
        from_arrays(apart)


def test_columns_alike_in_their_sums_only_are_kept_apart() -> None:
    """Saboteur of sharing: two columns with the same sums of seconds and of squares, at other seconds."""
    one, other = (tally(np.array(times), 1000) for times in ([0, 4, 5], [1, 2, 6]))
    assert (one.seconds, one.squares) == (other.seconds, other.squares)
    whole = replace(parts(uncertain=False)[0], columns={"any": one, "line:one": other})
    assert from_arrays(to_arrays(whole)).same_as(whole)
