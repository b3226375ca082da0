"""The survival curve given the numbers: how far it moves from one draw of the uncertain numbers to the next.

At each second t the share of contacts by t, F(t | numbers), has over the draws the mean F(t) and a variance that the
analysis of variance between blocks finds (`sim.stats.components`): what chance adds within a block is taken out, so
that the band does not narrow with more replications, nor widen with fewer in a block. Between the moments stands a beta
distribution, which keeps the band within [0, 1]; two moments do not say more, and the ends of the band are as good as
that family.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.stats.components import between_by_bin
from sim.stats.first_contact import FirstContact
from sim.stats.intervals import LEVEL

_MOST = 1.0 - 1e-9
"""Of the largest variance that a mean in (0, 1) leaves room for: draws that all but decide."""


@dataclass(frozen=True, eq=False)
class GivenNumbers:
    """Where S(t | numbers) lies in `level` of the draws, at the last second t of bins; the middle is left out.

    seconds   (bins,) int64: t
    low, high (bins,) float64: both are S(t) where no spread shows between the draws
    """

    seconds: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    level: float = LEVEL


def survival_given_numbers(column: FirstContact, bins: NDArray[np.int64], level: float = LEVEL) -> GivenNumbers | None:
    """The band at the last second of each of `bins`. None where blocks are single replications, or fewer than two."""
    variance = between_by_bin(column, bins)
    if variance is None:
        return None
    from scipy.special import betaincinv

    mean = column.reached(bins) / column.replications
    room = mean * (1.0 - mean)
    varies = (variance > 0.0) & (room > 0.0)
    share = np.where(varies, np.minimum(variance, _MOST * room), 1.0)
    total = np.where(varies, room / share - 1.0, 1.0)
    a, b = np.where(varies, mean * total, 1.0), np.where(varies, (1.0 - mean) * total, 1.0)
    tail = (1.0 - level) / 2.0
    reached = [np.where(varies, betaincinv(a, b, part), mean) for part in (tail, 1.0 - tail)]
    return GivenNumbers(column.last_second(bins), 1.0 - reached[1], 1.0 - reached[0], level)
