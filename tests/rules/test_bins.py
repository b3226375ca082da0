"""Bins hold every whole number once, in order, and are never wider than a thousandth of their numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.rules.bins import bin_of, bins_for, first_numbers, first_of, last_of


@given(st.integers(0, 1 << 50))
def test_a_number_lies_in_its_bin(number: int) -> None:
    index = bin_of(number)
    assert first_of(index) <= number <= last_of(index)
    assert last_of(index) - first_of(index) <= number / 1024
    assert bins_for(number) == index + 1


def test_bins_leave_no_gap() -> None:
    assert first_of(0) == 0
    for index in range(30_000):
        assert first_of(index + 1) == last_of(index) + 1
        assert bin_of(first_of(index)) == bin_of(last_of(index)) == index


def test_numbers_below_2048_are_kept_apart() -> None:
    assert [bin_of(number) for number in range(2048)] == list(range(2048))
    assert bin_of(2049) == bin_of(2048)


def test_first_numbers_are_those_of_every_bin() -> None:
    for largest in (0, 2047, 2048, 10**6, 5 * 366 * 86_400):
        found = first_numbers(largest)
        assert found.tolist() == [first_of(index) for index in range(bins_for(largest))]
        assert found[-1] <= largest < first_of(len(found))
