"""Adding up many parts is the same as merging them one by one."""

from __future__ import annotations

import itertools
import random

import pytest

from sim.stats.adding import Adder
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
