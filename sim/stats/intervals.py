"""Interval estimates of shares, ratios and means: Wilson, Student, order statistics, Dvoretzky–Kiefer–Wolfowitz.

The unit of every interval is the block where numbers of the scenario are uncertain, else the replication
(`docs/decisions/0008-unit-of-intervals.md`). For blocks of different sizes, the last one being short, a mean is a ratio
of sums, with the variance that `sim.stats.survival` states.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sim.rules import arithmetic
from sim.stats.student import clopper_pearson, student_tail_quantile

LEVEL = 0.95
"""Two-sided level of every interval and band."""

FEW = 25
"""Fewer units that changed, or had contact, than this are too few for Student's interval of a mean."""


FEWEST_BLOCKS = 30
"""Of fewer independent draws of uncertain numbers than this, intervals may not have their level. With a gate that is
open in a tenth of the draws and blocks of 16, they cover 67 % with 7 blocks and 94 % with 30."""


def few_blocks(replications: int, units: int) -> str:
    """A notice for intervals that rest on fewer than `FEWEST_BLOCKS` blocks; empty where they do not.

    units  independent units of the intervals: blocks, or replications where no number is uncertain
    """
    if units == replications or units >= FEWEST_BLOCKS:
        return ""
    return (
        f"The intervals rest on {units} independent draw{'s' * (units > 1)} of the uncertain numbers, and may be too "
        f"narrow. Run at least {-(-FEWEST_BLOCKS * replications // units):,} replications."
    )


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval. None: not reached before the horizon, or not known."""

    estimate: float | None
    low: float | None
    high: float | None

    def as_dict(self) -> dict[str, float | None]:
        """For `summary.json`."""
        return {"estimate": self.estimate, "low": self.low, "high": self.high}


def normal_quantile(level: float = LEVEL) -> float:
    """z with P(|Z| <= z) = `level` for a standard normal Z."""
    return -arithmetic.normal_quantile((1.0 - level) / 2)


def student_quantile(degrees: int, level: float = LEVEL) -> float:
    """t with P(|T| <= t) = `level` for Student's T with `degrees` >= 1 degrees of freedom."""
    return student_tail_quantile((1.0 - level) / 2, degrees)


def wilson(
    share: NDArray[np.float64], size: NDArray[np.float64], level: float = LEVEL
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ends of Wilson's score interval for a probability; both arrays of the shape of `share`.

    share  observed shares in [0, 1]
    size   effective numbers of replications, above 0, whole or not

    The ends lie in [0, 1], enclose the share, and are exactly 0 and 1 where the share is. Source: E. B. Wilson, JASA 22
    (1927) 209–212; L. D. Brown, T. T. Cai and A. DasGupta, Statistical Science 16 (2001) 101–133.
    """
    z = normal_quantile(level)
    shrink = 1.0 + z * z / size
    middle = (share + z * z / (2.0 * size)) / shrink
    half = z * np.sqrt(share * (1.0 - share) / size + z * z / (4.0 * size * size)) / shrink
    low = np.where(share <= 0.0, 0.0, np.clip(middle - half, 0.0, share))
    high = np.where(share >= 1.0, 1.0, np.clip(middle + half, share, 1.0))
    return low, high


def binomial_quantile(probability: float, size: int, share: float) -> int:
    """The smallest k with P(X <= k) >= `probability`, X binomial(`size`, `share`)."""
    from scipy.special import bdtr

    low, high = -1, size
    while high - low > 1:
        middle = (low + high) // 2
        if bdtr(middle, size, share) >= probability:
            high = middle
        else:
            low = middle
    return high


def order_statistic_ranks(size: int, share: Fraction, level: float = LEVEL) -> tuple[int, int]:
    """Ranks (l, u), from 1, such that [X(l), X(u)] covers the `share`-quantile with probability `level` at least.

    Whatever the distribution of the `size` independent times X: P(X(l) <= ξ) = P(B >= l) and P(X(u) >= ξ) >= P(B < u)
    with B binomial(size, share); each tail has at most (1 − level)/2. l is 0 and u is size + 1 where there are too few
    times for a limit. Source: H. A. David and H. N. Nagaraja, Order Statistics (2003), section 7.1.
    """
    tail = (1.0 - level) / 2
    return binomial_quantile(tail, size, float(share)), binomial_quantile(1.0 - tail, size, float(share)) + 1


def dkw_half_width(size: float) -> float:
    """ε with P(sup |F_n − F| > ε) <= 1 − LEVEL for `size` independent times, at most 1.

    Source: P. Massart, Annals of Probability 18 (1990) 1269–1283.
    """
    return min(1.0, math.sqrt(arithmetic.log(2.0 / (1.0 - LEVEL)) / (2.0 * size)))


Integers = NDArray[np.int64]


def ratio(part: Integers, whole: Integers) -> Estimate:
    """Σ part / Σ whole with a 95 % interval; all None where the whole is 0.

    part, whole  (units,) counts of independent units, 0 <= part <= whole

    The variance is that of a ratio of sums, v = k/(k − 1) · Σ (part − p·whole)² / (Σ whole)² over the k units with a
    whole above 0. The interval is Wilson's for n_e = p(1 − p)/v things, at most Σ whole, times (z/t)² with Student's t
    on k − 1 degrees of freedom. Where p is 0 or 1, no v can be seen and n_e is k. With one unit n_e is 1. The same
    rules as for blocks in `sim.stats.survival`. Source: W. G. Cochran, Sampling Techniques (1977), section 6.4; E. L.
    Korn and B. I. Graubard, Survey Methodology 24 (1998) 193–201.
    """
    total = int(whole.sum())
    if not total:
        return Estimate(None, None, None)
    share = int(part.sum()) / total
    size = np.array([_effective(part[whole > 0], whole[whole > 0], share)])
    low, high = wilson(np.array([share]), size)
    return Estimate(share, float(low[0]), float(high[0]))


def by_unit(counts: Integers, units: Integers) -> Integers:
    """Sums of the rows of `counts`, shape (n, …), over rows of the same unit; rows of the result in order of unit."""
    kinds, place = np.unique(units, return_inverse=True)
    sums = np.zeros((len(kinds), *counts.shape[1:]), np.int64)
    np.add.at(sums, place, counts)
    return sums


def loss_of_degrees(degrees: int, level: float = LEVEL) -> float:
    """(z/t)²: what an effective number of replications loses because its variance was estimated."""
    ratio_of_quantiles = normal_quantile(level) / student_quantile(degrees, level)
    return ratio_of_quantiles * ratio_of_quantiles


def _effective(part: Integers, whole: Integers, share: float) -> float:
    units, total = len(whole), int(whole.sum())
    if units == 1:
        return 1.0
    binomial = share * (1.0 - share)
    if binomial <= 0.0:
        return float(units)
    squares = float(np.sum(np.square(part - share * whole)))
    variance = max(units / (units - 1) * squares / (total * total), binomial / total)
    return binomial / variance * loss_of_degrees(units - 1)


Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Means:
    """Means of several quantities over n replications.

    mean   (…) one for each quantity
    error  (…) standard errors, by the variance between units; infinite where there is one unit only
    units  independent units: blocks or replications
    """

    mean: Floats
    error: Floats
    units: int

    def estimate(self, *place: int, least: float = -math.inf, most: float = math.inf) -> Estimate:
        """One of the means with Student's 95 % interval, cut to [least, most]. For a single unit it is all of that, an
        end None where it is open."""
        mean, error = float(self.mean[place]), float(self.error[place])
        half = student_quantile(self.units - 1) * error if self.units > 1 else math.inf
        low, high = max(least, mean - half), min(most, mean + half)
        return Estimate(mean, low if math.isfinite(low) else None, high if math.isfinite(high) else None)


def means(values: NDArray[np.generic], unit: int = 1) -> Means:
    """Means over the first axis.

    values  (n, …) a row for each replication, n at least 1; the first one is the first of a unit
    unit    replications in an independent unit; the last unit may be short

    Raises ValueError for no replications.
    """
    n = len(values)
    if n < 1:
        raise ValueError("no replications, no mean")
    starts = np.arange(0, n, unit)
    sums = np.add.reduceat(np.asarray(values, np.float64), starts, axis=0)
    sizes = np.diff(np.append(starts, n)).astype(np.float64)
    mean = sums.sum(axis=0) / n
    units = len(starts)
    if units == 1:
        return Means(mean, np.full(mean.shape, math.inf), 1)
    deviations = sums - sizes.reshape(-1, *[1] * mean.ndim) * mean
    error = np.sqrt(np.square(deviations).sum(axis=0) * (units / (units - 1))) / n
    return Means(mean, error, units)


def rare_mean(
    units: int, changed: int, total: float, squares: float, bounds: tuple[float, float], tail: float
) -> tuple[float, float]:
    """Limits of the mean over units of a number that is 0 in all but a few of them, with `tail` beyond each.

    units           how many there are
    changed         those in which the number is not 0
    total, squares  its sum, and the sum of its squares
    bounds          least and most that it can be in a unit, least <= 0 <= most

    The mean is the share p of units that change times their mean change m. Clopper and Pearson's limits of p and
    Student's limits of m, cut to the bounds, are combined by the squares of their distances from p·m (after A. Donner
    and G. Zou, Journal of Biopharmaceutical Statistics 22 (2012) 503–519). With one change m may be anything within
    the bounds, with none the limits are those of p times the bounds. With many it becomes Student's interval, which
    has no width where no unit changes.
    """
    least, most = bounds
    share_low, share_high = clopper_pearson(changed, units, tail)
    if not changed:
        return share_high * least, share_high * most
    part, change = changed / units, total / changed
    if changed > 1:
        variance = max(0.0, squares - total * change) / (changed - 1)
        half = student_tail_quantile(tail, changed - 1) * math.sqrt(variance / changed)
        change_low, change_high = max(least, change - half), min(most, change + half)
    else:
        change_low, change_high = least, most
    # Away from 0 the mean moves with the upper limit of the share, towards 0 with the lower one.
    outward, inward = abs(change) * (share_high - part), abs(change) * (part - share_low)
    down, up = (inward, outward) if change >= 0 else (outward, inward)
    wide_down, wide_up = share_high * (change - change_low), share_high * (change_high - change)
    low = part * change - math.sqrt(down * down + wide_down * wide_down)
    high = part * change + math.sqrt(up * up + wide_up * wide_up)
    return max(least, low), min(most, high)


def bounded_mean(values: NDArray[np.int64], bounds: tuple[int, int], usual: int, unit: int = 1) -> Estimate:
    """The mean of whole numbers that lie within bounds, with its 95 % interval cut to them.

    values  (n,) by replication, n at least 1
    usual   the value that most of them have
    unit    as in `means`

    The interval is Student's, or that of `rare_mean` where fewer than `FEW` of several units hold anything unusual.
    """
    found, starts = means(values, unit), np.arange(0, len(values), unit)
    changes = np.add.reduceat(values - usual, starts)
    changed = int(np.count_nonzero(np.add.reduceat(values != usual, starts)))
    if changed >= FEW or found.units == 1:
        return found.estimate(least=float(bounds[0]), most=float(bounds[1]))
    largest = min(unit, len(values))
    total, squares = float(changes.sum()), float(np.square(changes.astype(np.float64)).sum())
    limits = (float(largest * (bounds[0] - usual)), float(largest * (bounds[1] - usual)))
    low, high = rare_mean(found.units, changed, total, squares, limits, (1.0 - LEVEL) / 2)
    each = found.units / len(values)
    low, high = max(float(bounds[0]), usual + low * each), min(float(bounds[1]), usual + high * each)
    return Estimate(float(found.mean), low, high)


def share(happened: NDArray[np.bool_], unit: int = 1) -> Estimate:
    """The share of replications in which something happened, with Wilson's interval.

    happened  (n,) by replication, n at least 1
    unit      as in `means`; for blocks the interval is that of the effective number of replications, as for the
              probability of contact in `sim.stats.survival`, to which this is equal
    """
    n = len(happened)
    found = means(happened, unit)
    part = int(np.count_nonzero(happened)) / n
    if unit == 1:
        size = float(n)
    elif found.units == 1:
        size = 1.0
    elif part in (0.0, 1.0):
        size = float(found.units)
    else:
        binomial = part * (1.0 - part)
        variance = float(found.error) * float(found.error)
        size = loss_of_degrees(found.units - 1) * binomial / max(variance, binomial / n)
    low, high = wilson(np.array([part]), np.array([size]))
    return Estimate(part, float(low[0]), float(high[0]))


def difference_of_shares(changes: NDArray[np.integer], unit: int = 1) -> Estimate:
    """The mean of −1, 0 and +1: by how much a share differs between two scenarios on the same replications.

    changes  (n,) +1 where something happened in the first only, −1 in the second only, n at least 1
    unit     as in `means`

    The estimate is the plain mean. The interval is Wald's after a unit is added to each of the two kinds of changes, so
    that it has a width where no replication differs; units that are correlated count as fewer. It lies in [−1, 1] and
    encloses the estimate. Source: D. G. Bonett and R. M. Price, Journal of Educational and Behavioral Statistics 37
    (2012) 479–488.
    """
    n = len(changes)
    found = means(changes, unit)
    mean = int(changes.sum()) / n
    if unit == 1:
        size = float(n)
    elif found.units == 1:
        return Estimate(mean, -1.0, 1.0)
    else:
        spread = float(np.mean(np.square(changes.astype(np.float64)))) - mean * mean
        variance = float(found.error) * float(found.error)
        size = spread / max(variance, spread / n) if spread > 0 else float(found.units)
    more = (int(np.count_nonzero(changes > 0)) / n * size + 1) / (size + 2)
    less = (int(np.count_nonzero(changes < 0)) / n * size + 1) / (size + 2)
    quantile = normal_quantile() if unit == 1 else student_quantile(found.units - 1)
    half = quantile * math.sqrt((more + less - (more - less) * (more - less)) / (size + 2))
    middle = more - less
    return Estimate(mean, max(-1.0, min(mean, middle - half)), min(1.0, max(mean, middle + half)))
