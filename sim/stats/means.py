"""Means over replications with their intervals, where blocks of consecutive replications hang together.

The unit of every interval is the block where numbers of the scenario are uncertain, else the replication
(`docs/decisions/0008-unit-of-intervals.md`). For blocks of different sizes, the last one being short, a mean is a ratio
of sums, with the variance that `sim.stats.survival` states.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.stats.intervals import Estimate, normal_quantile, student_quantile, wilson

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
    error = np.sqrt((deviations**2).sum(axis=0) * (units / (units - 1))) / n
    return Means(mean, error, units)


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
        correction = (normal_quantile() / student_quantile(found.units - 1)) ** 2
        size = correction * binomial / max(float(found.error) ** 2, binomial / n)
    low, high = wilson(np.array([part]), np.array([size]))
    return Estimate(part, float(low[0]), float(high[0]))


def difference_of_shares(changes: NDArray[np.integer], unit: int = 1) -> Estimate:
    """The mean of −1, 0 and +1: by how much a share differs between two scenarios on the same replications.

    changes  (n,) +1 where something happened in the first only, −1 in the second only, n at least 1
    unit     as in `means`

    The estimate is the plain mean. The interval is Wald's after a unit is added to each of the two kinds of changes, so
    that it has a width where no replication differs; units that hang together count as fewer. It lies in [−1, 1] and
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
        spread = float(np.mean(changes.astype(np.float64) ** 2)) - mean * mean
        size = spread / max(float(found.error) ** 2, spread / n) if spread > 0 else float(found.units)
    more = (int(np.count_nonzero(changes > 0)) / n * size + 1) / (size + 2)
    less = (int(np.count_nonzero(changes < 0)) / n * size + 1) / (size + 2)
    quantile = normal_quantile() if unit == 1 else student_quantile(found.units - 1)
    half = quantile * math.sqrt((more + less - (more - less) ** 2) / (size + 2))
    middle = more - less
    return Estimate(mean, max(-1.0, min(mean, middle - half)), min(1.0, max(mean, middle + half)))
