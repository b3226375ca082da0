"""How many attempts it took to a contact, as a histogram to show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.rules.bins import first_of

Integers = NDArray[np.int64]

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
