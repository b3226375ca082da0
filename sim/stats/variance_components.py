"""Variance components: Monte Carlo error within blocks, and parameter uncertainty between them.

Replications of one block share a draw of the uncertain numbers. Differences within a block are chance; differences
between blocks beyond that come from the numbers. One-way analysis of variance with random effects, by the method of
moments: with k blocks of m_b replications, n in all, and a measured value x of each replication,

    between  σ² = max(0, (MSB − MSW)/m₀),  m₀ = (n − Σ m_b²/n)/(k − 1)
    within   MSW

where MSB and MSW are the mean squares between and within blocks, on k − 1 and n − k degrees of freedom. Source: S. R.
Searle, G. Casella and C. E. McCulloch, Variance VarianceComponents (1992), section 3.6.

**Conditional survival.** At each second t the share of contacts by t, F(t | numbers), has over the draws the mean F(t)
and the variance between blocks. The variance within blocks is taken out, so that the band does not narrow with more
replications, nor widen with smaller blocks. The ends of the band are quantiles of the beta distribution with these two
moments, which lies within [0, 1].
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sim.stats.first_contact import FirstContact
from sim.stats.intervals import LEVEL
from sim.stats.student import fisher_quantile


@dataclass(frozen=True)
class VarianceComponents:
    """The spread of one measured value, taken apart.

    mean      over all replications
    between   standard deviation of its expectation over the draws of the uncertain numbers; 0 where it does not show
    within    standard deviation within a block: chance, given the numbers
    error     standard error of `mean` with these blocks: what more replications would make smaller
    least     a smaller `between` is none that shows: blocks that share nothing stay below it 95 times in 100 (F test)
    share     of the variance of one replication, how much comes from the numbers
    """

    mean: float
    between: float
    within: float
    error: float
    least: float

    @property
    def shows(self) -> bool:
        """Whether the numbers are seen to matter beside chance."""
        return self.between > self.least

    @property
    def share(self) -> float:
        """0 where nothing varies."""
        between = self.between * self.between
        whole = between + self.within * self.within
        return between / whole if whole else 0.0


def of_contact(column: FirstContact) -> VarianceComponents | None:
    """Of contact before the horizon, 1 or 0. None where blocks are single replications, or fewer than two."""
    # Σ over blocks of c_b², exactly; of the short block its own.
    squares = int(column.ranks.sum())
    short = [(block.size, len(block.bins)) for block in column.short]
    return _components(column, column.contacts, squares, column.contacts, short)


def of_restricted_mean(column: FirstContact) -> VarianceComponents | None:
    """Of min(T, horizon) in seconds. None where blocks are single replications, or fewer than two."""
    short = [(block.size, block.seconds) for block in column.short]
    return _components(column, column.seconds, column.block_squares, column.squares, short)


def _components(
    column: FirstContact, total: int, block_squares: int, squares: int, short: list[tuple[int, int]]
) -> VarianceComponents | None:
    """From exact sums: Σ x, Σ over blocks of (Σ x)², Σ x², and size and Σ x of the blocks that are not full."""
    n, k = column.replications, column.units
    if column.block == 1 or k < 2 or n == k:
        return None
    full = Fraction(block_squares - sum(part * part for _, part in short), column.block)
    by_block = full + sum(Fraction(part * part, size) for size, part in short)
    within = (squares - by_block) / (n - k)
    among = (by_block - Fraction(total * total, n)) / (k - 1)
    sizes = column.full_blocks * column.block**2 + sum(size * size for size, _ in short)
    typical = (n - Fraction(sizes, n)) / (k - 1)
    between = max(Fraction(0), (among - within) / typical)
    error = math.sqrt(between * Fraction(sizes, n * n) + within / n)
    least = math.sqrt((fisher_quantile(0.95, k - 1, n - k) - 1.0) * float(within) / float(typical))
    return VarianceComponents(float(Fraction(total, n)), math.sqrt(between), math.sqrt(within), error, least)


def between_by_bin(column: FirstContact, bins: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """(bins,) variance between the draws, σ² of the module's text, of contact by the end of each of `bins`.

    0 where none shows. None where blocks are single replications, or fewer than two.
    """
    n, k = column.replications, column.units
    if column.block == 1 or k < 2 or n == k:
        return None
    contacts = column.reached(bins).astype(float)
    full = column.ranked(bins).astype(float)
    by_block, sizes = np.zeros(len(bins)), float(column.full_blocks * column.block**2)
    for short in column.short:
        own = np.searchsorted(np.array(short.bins, np.int64), bins, side="right").astype(float)
        full -= own**2
        by_block += own**2 / short.size
        sizes += short.size**2
    by_block += full / column.block
    within = (contacts - by_block) / (n - k)
    among = (by_block - contacts**2 / n) / (k - 1)
    found: NDArray[np.float64] = np.maximum(among - within, 0.0) * ((k - 1) / (n - sizes / n))
    return found


_MOST = 1.0 - 1e-9
"""Of the largest variance that a mean in (0, 1) leaves room for: draws that all but decide."""


@dataclass(frozen=True, eq=False)
class ConditionalSurvival:
    """Where S(t | numbers) lies in `level` of the draws, at the end of bins; the middle is left out.

    seconds   (bins,) int64: t
    low, high (bins,) float64: both are S(t) where no spread shows between the draws
    """

    seconds: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    level: float = LEVEL


def conditional_survival(
    column: FirstContact, bins: NDArray[np.int64], level: float = LEVEL
) -> ConditionalSurvival | None:
    """The band at the end of each of `bins`. None where blocks are single replications, or fewer than two."""
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
    return ConditionalSurvival(column.known_at(bins), 1.0 - reached[1], 1.0 - reached[0], level)
