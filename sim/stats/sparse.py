"""Counts by bin of which only the filled bins are kept.

A run counts into axes of up to 2^18 bins for every line, channel and group, nearly all of them empty in a short run or
in a scenario with many lines. What is kept grows with the numbers counted, up to the length of the axis, instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

_SPARSE = 64
"""Where fewer numbers are counted than one for so many bins, sorting them is faster than going through the bins."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Counts in a table of (rows, bins). Row i, all its bins, is ``table[i]``, made anew each time.

    shape   (rows, bins)
    keys    (filled,) int64, increasing: row · bins + bin of everything that is not 0
    counts  (filled,) int64
    """

    shape: tuple[int, int]
    keys: Integers
    counts: Integers

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, row: int) -> Integers:
        rows, bins = self.shape
        if not 0 <= row < rows:
            raise IndexError(f"row {row} of {rows}")
        first, last = np.searchsorted(self.keys, (row * bins, (row + 1) * bins))
        return dense(self.keys[first:last] - row * bins, self.counts[first:last], bins)

    def __iter__(self) -> Iterator[Integers]:
        return (self[row] for row in range(len(self)))

    def same_as(self, other: Rows) -> bool:
        """Equal in shape and in every count."""
        return (
            self.shape == other.shape
            and np.array_equal(self.keys, other.keys)
            and np.array_equal(self.counts, other.counts)
        )

    def merge(self, other: Rows) -> Rows:
        """The sum: exact, associative, commutative. One may have more bins; ValueError where the numbers of rows
        differ."""
        if len(self) != len(other):
            raise ValueError(f"counts of shapes {self.shape} and {other.shape} do not add up")
        bins = max(self.shape[1], other.shape[1])
        keys, (counts,) = merge_filled(self._keys(bins), (self.counts,), other._keys(bins), (other.counts,))
        return Rows((len(self), bins), keys, counts)

    def _keys(self, bins: int) -> Integers:
        own = self.shape[1]
        return self.keys if own == bins else self.keys // own * bins + self.keys % own


def rows_of(table: NDArray[np.integer]) -> Rows:
    """What is filled of a table of counts, shape (rows, bins)."""
    rows, bins = table.shape
    flat = np.ravel(table)
    keys = np.flatnonzero(flat != 0)
    return Rows((rows, bins), keys.astype(np.int64, copy=False), flat[keys].astype(np.int64, copy=False))


def count_filled(numbers: Integers, bins: int) -> tuple[Integers, Integers]:
    """The bins of ``range(bins)`` that occur among `numbers`, increasing, and how often each of them does."""
    if len(numbers) * _SPARSE < bins:
        filled, counts = np.unique(numbers, return_counts=True)
    else:
        every = np.bincount(numbers, minlength=bins)
        filled = np.flatnonzero(every != 0)  # several times as fast as going through the counts themselves
        counts = every[filled]
    return filled.astype(np.int64, copy=False), counts.astype(np.int64, copy=False)


def weigh_filled(numbers: Integers, weights: NDArray[np.float64], filled: Integers, bins: int) -> Integers:
    """The sum, in each of the `filled` bins of ``range(bins)``, of the weights of the numbers there.

    weights  whole numbers whose sums stay below 2^53, so that floating point adds them exactly
    filled   increasing; what of the `numbers` is in no such bin does not count
    """
    if len(numbers) * _SPARSE < bins:
        places = np.searchsorted(filled, numbers)
        inside = places < len(filled)
        inside[inside] = filled[places[inside]] == numbers[inside]
        sums = np.bincount(places[inside], weights=weights[inside], minlength=len(filled))
    else:
        # Several times as fast as looking for the place of every number.
        sums = np.bincount(numbers, weights=weights, minlength=bins)[filled]
    return sums.astype(np.int64)


def dense(filled: Integers, counts: Integers, bins: int) -> Integers:
    """(bins,) the counts of all bins, from those of the `filled` ones."""
    every = np.zeros(bins, np.int64)
    every[filled] = counts
    return every


def up_to(filled: Integers, counts: Integers, bins: NDArray[np.integer]) -> Integers:
    """What is counted up to the end of each of `bins`, in the shape of `bins`."""
    sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    found: Integers = sums[np.searchsorted(filled, bins, side="right")]
    return found


def merge_filled(
    filled: Integers, counts: tuple[Integers, ...], more: Integers, its: tuple[Integers, ...]
) -> tuple[Integers, tuple[Integers, ...]]:
    """The union of two increasing sets of bins, and the sums of their counts, of which each bin may have several."""
    if len(more) > len(filled):
        filled, counts, more, its = more, its, filled, counts
    at = np.searchsorted(filled, more)
    new = np.ones(len(more), np.bool_)
    inside = at < len(filled)
    new[inside] = filled[at[inside]] != more[inside]
    place = at + np.cumsum(new) - new
    if not new.any():
        union = filled
        sums = tuple(one.copy() for one in counts)
    else:
        union = np.insert(filled, at[new], more[new])
        sums = tuple(np.insert(one, at[new], 0) for one in counts)
    for one, other in zip(sums, its, strict=True):
        one[place] += other
    return union, sums
