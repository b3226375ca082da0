"""Shares of things that come in clusters: answers among the attempts of replications, contacts that a side began."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.stats.intervals import Estimate, normal_quantile, student_quantile, wilson

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


def _effective(part: Integers, whole: Integers, share: float) -> float:
    units, total = len(whole), int(whole.sum())
    if units == 1:
        return 1.0
    binomial = share * (1.0 - share)
    if binomial <= 0.0:
        return float(units)
    squares = float(np.sum((part - share * whole) ** 2))
    variance = max(units / (units - 1) * squares / total**2, binomial / total)
    return float(binomial / variance * (normal_quantile() / student_quantile(units - 1)) ** 2)
