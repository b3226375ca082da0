"""Response times and attempts to contact, from counts in the logarithmic bins of `sim.rules.bins`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.rules.bins import bin_of, first_of, last_of

Integers = NDArray[np.int64]

_EDGES_PER_OCTAVE_BITS = 2


def binned_quantile(counts: Integers, share: Fraction) -> int | None:
    """The order statistic ⌈m·share⌉ of the m numbers in `counts`, given as its bin's last number; None where m is 0.

    `counts`: (bins,) how many numbers lie in each bin of `sim.rules.bins`. There is no interval: the responses of one
    replication are not independent, and their correlation is not kept.
    """
    size = int(counts.sum())
    return last_of(int(np.searchsorted(np.cumsum(counts), math.ceil(size * share)))) if size else None


def share_within(counts: Integers, limit: int) -> float | None:
    """The share of numbers <= `limit`; None where there are none.

    The bin that holds `limit` counts in full, so that a response of exactly an hour is within 1 h: at most 2^-10 of
    `limit` too much, nothing below 2048.
    """
    size = int(counts.sum())
    return int(counts[: bin_of(limit) + 1].sum()) / size if size else None


def coarse_edge(index: int) -> int:
    """Left edge of the coarse bin `index`: 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20 …, four to an octave.

    Every one is the first number of a bin of `sim.rules.bins`, so a coarse bin is a union of those.
    """
    per_octave = 1 << _EDGES_PER_OCTAVE_BITS
    shift = max(0, index // per_octave - 1)
    return (index - shift * per_octave) << shift


def coarse_bin_of(number: int) -> int:
    """The coarse bin that holds a whole number >= 0."""
    shift = max(0, number.bit_length() - _EDGES_PER_OCTAVE_BITS - 1)
    return (shift << _EDGES_PER_OCTAVE_BITS) + (number >> shift)


def coarse_histogram(counts: Integers) -> dict[str, list[int]]:
    """The histogram to show: bin i holds the numbers in [edges[i], edges[i+1]), from the first to the last filled bin.

    There is one edge more than counts; both are empty where nothing was counted.
    """
    coarse: dict[int, int] = {}
    for fine in np.flatnonzero(counts):
        index = coarse_bin_of(first_of(int(fine)))
        coarse[index] = coarse.get(index, 0) + int(counts[fine])
    if not coarse:
        return {"edges": [], "counts": []}
    filled = range(min(coarse), max(coarse) + 1)
    return {
        "edges": [coarse_edge(index) for index in range(filled.start, filled.stop + 1)],
        "counts": [coarse.get(index, 0) for index in filled],
    }


def response_summary(counts: Integers) -> dict[str, Any]:
    """`response_seconds` of a line in `summary.json` but for where it is counted from."""
    return {
        "median": binned_quantile(counts, Fraction(1, 2)),
        "p90": binned_quantile(counts, Fraction(9, 10)),
        "within": {
            "5 min": share_within(counts, 300),
            "1 h": share_within(counts, 3600),
            "24 h": share_within(counts, 86_400),
        },
        "histogram": coarse_histogram(counts),
    }


_STEPS = (1, 2, 5)


@dataclass(frozen=True, eq=False)
class AttemptsHistogram:
    """Bar i holds requests that took edges[i] to edges[i + 1] − 1 attempts.

    edges   (bars + 1,) int64, equally far apart
    counts  (bars,) int64
    beyond  requests that took edges[-1] attempts or more
    """

    edges: Integers
    counts: Integers
    beyond: int

    @property
    def total(self) -> int:
        """Requests with a contact."""
        return int(self.counts.sum()) + self.beyond


def attempts_histogram(taken: Integers, bars: int = 30, shown: float = 0.98) -> AttemptsHistogram:
    """Bars of equal width, at most `bars`, that hold at least the share `shown` of the requests.

    taken  (bins,) requests by the attempts they took to their contact, in bins of `sim.rules.bins`

    Widths are 1, 2, 5, 10, 20 …, and bars begin with 1 attempt. Numbers from 2048 on are known to their bin only, and
    count as its first number. Nothing counted gives no bars.
    """
    filled = np.flatnonzero(taken)
    if not len(filled):
        return AttemptsHistogram(np.ones(1, np.int64), np.zeros(0, np.int64), 0)
    numbers = np.array([first_of(int(index)) for index in filled], np.int64)
    counts = taken[filled]
    enough = int(numbers[np.searchsorted(np.cumsum(counts), shown * counts.sum())])
    width = _width(enough, bars)
    edges = np.arange(1, enough + width + 1, width, dtype=np.int64)
    inside = numbers < edges[-1]
    heights = np.zeros(len(edges) - 1, np.int64)
    np.add.at(heights, (numbers[inside] - 1) // width, counts[inside])
    return AttemptsHistogram(edges, heights, int(counts[~inside].sum()))


def _width(largest: int, bars: int) -> int:
    power = 1
    while True:
        for step in _STEPS:
            if -(-largest // (step * power)) <= bars:
                return step * power
        power *= 10
