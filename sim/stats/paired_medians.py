"""Differences of medians of first-contact times, paired by replication, with censoring at the horizon.

Each median has an interval of its own that leaves `tail` beyond either end: for independent replications the
distribution-free one of two order statistics, for blocks Woodruff's inversion with the effective number of
replications. The interval of a difference is recovered from the two and from their correlation ρ,

    d ± √(h₁² + h₀² − 2ρ·h₁·h₀),

h being half the length of an interval (after G. Y. Zou and A. Donner, Statistics in Medicine 27 (2008) 1693–1702; their
unequal sides would leave a difference of two equal samples its chance asymmetry). By the representation of R. R.
Bahadur (Annals of Mathematical Statistics 37 (1966) 577–580) two sample medians of paired times correlate as the
indicators T <= median do, so no density has to be estimated. An end that rests on a limit past the horizon is open, and
the other one takes the sides that it rests on in the place of h. Where one of the medians is not reached, the
difference is not known; what its limits allow is given, at half the tail for each of the two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.rules.bins import time_bin_width
from sim.stats.intervals import LEVEL, binomial_quantile, normal_quantile
from sim.stats.paired import Contrast
from sim.stats.paired_rows import correlation_of, p_value, paired_means, unit_sizes, unit_sums, unseen
from sim.stats.simultaneous import critical_value, holm

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Ends = tuple[int | None, int | None]


@dataclass(frozen=True, eq=False)
class MedianOf:
    """Times of one scenario in order, and what its median is.

    ordered    (n,) min(T, horizon), each as its bin's last second, as in a run's summary; the horizon where censored
    horizon    seconds
    median     the order statistic ⌈n/2⌉, None where that one is censored
    effective  independent replications that know P(T <= median) as well; n where the unit is the replication
    whole      whether the unit is the replication
    """

    ordered: Integers
    horizon: int
    median: int | None
    effective: float
    whole: bool

    def limits(self, tail: float) -> Ends:
        """Limits with at most `tail` beyond each: 0 where there are too few times for a lower one, None past the
        horizon."""
        n = len(self.ordered)
        if self.whole:
            low, high = binomial_quantile(tail, n, 0.5), binomial_quantile(1.0 - tail, n, 0.5) + 1
        else:
            from scipy.special import ndtri

            z = -float(ndtri(tail))
            half = z / (2.0 * math.sqrt(self.effective + z * z))
            low, high = math.floor(n * (0.5 - half)), math.ceil(n * (0.5 + half)) + 1
        return self.at(low), self.at(high)

    def error(self) -> float | None:
        """About one standard error of the median, from its limits; None where none is known."""
        if self.median is None:
            return None
        low, high = self.limits((1.0 - LEVEL) / 2)
        sides = [] if low is None else [self.median - low]
        sides += [] if high is None else [high - self.median]
        return float(np.mean(sides)) / normal_quantile() if sides else None

    def at(self, rank: int) -> int | None:
        """The order statistic, from rank 1; 0 before the first one, None past the horizon."""
        if rank < 1:
            return 0
        second = int(self.ordered[rank - 1]) if rank <= len(self.ordered) else self.horizon
        return None if second >= self.horizon else second


def median_contrasts(limited: Sequence[Integers], horizon: int, unit: int, equal: NDArray[np.bool_]) -> list[Contrast]:
    """Variants against the first of several scenarios.

    limited  (n,) min(T, horizon) of each, base first
    unit     replications in an independent unit
    equal    (v,) equal by construction
    """
    n = len(limited[0])
    sizes = unit_sizes(n, unit)
    medians, rows = [], []
    for times in limited:
        known, reached = _median_of(times, horizon, unit, sizes)
        medians.append(known)
        rows.append(reached)
    base, *others = medians
    degrees = max(len(sizes) - 1, 1)
    correlation = _correlation(rows, sizes)
    errors = [one.error() for one in medians]
    covariance = _difference_covariance(correlation, errors)
    each = critical_value(np.eye(1), degrees)
    together = critical_value(correlation_of(covariance), degrees)
    differences = [_difference(one, base) for one in others]
    spreads = np.sqrt(np.diag(covariance)).tolist()
    p_values = [None if d is None else p_value(d, e, degrees) for d, e in zip(differences, spreads, strict=True)]
    adjusted = holm(p_values)
    found = []
    for at, one in enumerate(others):
        same = bool(np.array_equal(limited[0], limited[1 + at]))
        if equal[at]:
            known_zero = None if differences[at] is None else 0.0
            found.append(Contrast(known_zero, *(known_zero,) * 4, p_values[at], adjusted[at], None, None, True))
            continue
        rho = float(correlation[0, 1 + at])
        alone, joint = (_interval(one, base, rho, critical, len(sizes)) for critical in (each, together))
        if same:
            alone, joint = _of_same(one, len(sizes), 1), _of_same(one, len(sizes), len(others))
        removed, cost = _pairing(errors[0], errors[1 + at], spreads[at], n)
        found.append(Contrast(differences[at], *alone, *joint, p_values[at], adjusted[at], removed, cost, same))
    return found


def _median_of(limited: Integers, horizon: int, unit: int, sizes: Integers) -> tuple[MedianOf, Integers]:
    """The median of a scenario, and (k,) how many of each unit's replications have contact by it."""
    width, n = time_bin_width(horizon), len(limited)
    ends = np.minimum((limited // width + 1) * width, horizon) - 1
    ordered = np.sort(np.where(limited >= horizon, horizon, ends))
    middle = int(ordered[(n + 1) // 2 - 1])
    reached = unit_sums(limited <= min(middle, horizon - 1), unit)
    share = int(reached.sum()) / n
    effective = float(n)
    if unit > 1:
        variance = float(paired_means(reached, np.zeros((0, len(sizes)), np.int64), sizes).covariance[0, 0])
        binomial = share * (1.0 - share)
        inside = len(sizes) > 1 and binomial > 0.0
        effective = min(float(n), binomial / max(variance, binomial / n)) if inside else float(len(sizes))
    return MedianOf(ordered, horizon, None if middle >= horizon else middle, effective, unit == 1), reached


def _correlation(rows: Sequence[Integers], sizes: Integers) -> Floats:
    first, *others = rows
    differences = np.array([one - first for one in others], np.int64).reshape(len(others), len(sizes))
    return correlation_of(paired_means(first, differences, sizes).of_scenarios)


def _difference_covariance(correlation: Floats, errors: Sequence[float | None]) -> Floats:
    """Of the differences from the first; those that are not known have no variance here."""
    known = np.array([error is not None for error in errors])
    spread = np.array([error or 0.0 for error in errors])
    covariance = correlation * np.outer(spread, spread)
    found = covariance[1:, 1:] - covariance[1:, :1] - covariance[:1, 1:] + covariance[0, 0]
    usable = known[1:] & known[0]
    found = np.where(usable[:, None] & usable[None, :], found, 0.0)
    # Rounding may leave a trace of a variance that is not there.
    diagonal = np.diag(found).copy()
    diagonal[diagonal <= 1e-12 * covariance[0, 0]] = 0.0
    np.fill_diagonal(found, diagonal)
    return found


def _difference(one: MedianOf, base: MedianOf) -> float | None:
    return None if one.median is None or base.median is None else float(one.median - base.median)


def _interval(
    one: MedianOf, base: MedianOf, rho: float, critical: float, units: int
) -> tuple[float | None, float | None]:
    from scipy.special import ndtr

    if units == 1:
        return None, None
    tail = float(ndtr(-critical))
    if one.median is None or base.median is None:
        (l1, u1), (l0, u0) = one.limits(tail / 2), base.limits(tail / 2)
        low = None if u0 is None or l1 is None else float(l1 - u0)
        return low, None if u1 is None or l0 is None else float(u1 - l0)
    difference = float(one.median - base.median)
    (below, above), (its_below, its_above) = _sides(one, tail), _sides(base, tail)
    if None not in (below, above):
        below = above = (below + above) / 2  # type: ignore[operator]
    if None not in (its_below, its_above):
        its_below = its_above = (its_below + its_above) / 2  # type: ignore[operator]
    down, up = _recovered(below, its_above, rho), _recovered(above, its_below, rho)
    return (None if down is None else difference - down), (None if up is None else difference + up)


def _sides(one: MedianOf, tail: float) -> tuple[float | None, float | None]:
    """How far the limits of a median that is reached lie below and above it."""
    assert one.median is not None
    low, high = one.limits(tail)
    return (None if low is None else float(one.median - low)), (None if high is None else float(high - one.median))


def _of_same(one: MedianOf, units: int, comparisons: int) -> tuple[float | None, float | None]:
    """What a difference of medians could be of two scenarios that were the same in all units seen."""
    if one.median is None or units == 1:
        return None, None
    n, share = len(one.ordered), unseen(units, comparisons)
    low, high = one.at(math.floor(n * (0.5 - share))), one.at(math.ceil(n * (0.5 + share)) + 1)
    return (None if low is None else float(low - one.median)), (None if high is None else float(high - one.median))


def _recovered(one: float | None, other: float | None, rho: float) -> float | None:
    if one is None or other is None:
        return None
    return math.sqrt(max(0.0, one * one + other * other - 2.0 * rho * one * other))


def _pairing(base: float | None, one: float | None, together: float, n: int) -> tuple[float | None, int | None]:
    if base is None or one is None or base * base + one * one <= 0.0:
        return None, None
    apart = base * base + one * one
    return 1.0 - together**2 / apart, math.ceil(n * apart / together**2) if together > 0.0 else None
