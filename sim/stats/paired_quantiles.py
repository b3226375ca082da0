"""Paired differences of quantiles: medians of first-contact times, and quantiles of response times by group.

**Medians**, with censoring at the horizon. Each median has an interval of its own that leaves `tail` beyond either end:
for independent replications the distribution-free one of two order statistics, for blocks Woodruff's inversion with the
effective number of replications. The interval of a difference is recovered from the two and from their correlation ρ,

    d ± √(h₁² + h₀² − 2ρ·h₁·h₀),

h being half the length of an interval (after G. Y. Zou and A. Donner, Statistics in Medicine 27 (2008) 1693–1702; their
unequal sides would leave a difference of two equal samples its chance asymmetry). By the representation of R. R.
Bahadur (Annals of Mathematical Statistics 37 (1966) 577–580) two sample medians of paired times correlate as the
indicators T <= median do, so no density has to be estimated. An end that rests on a limit past the horizon is open, and
the other one takes the sides that it rests on in the place of h. Where one of the medians is not reached, the
difference is not known; what its limits allow is given, at half the tail for each of the two.

**Response times**, known by group of replications only. The variance of a quantile of response times comes from the
scatter of the quantiles of the groups about that of all replications ("sectioning": M. K. Nakayama, ACM Transactions on
Modeling and Computer Simulation 24 (2014), article 19).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sim.rules import arithmetic
from sim.rules.bins import last_of
from sim.stats.differences import (
    PairedMeans,
    correlation_of,
    mean_contrasts,
    p_value,
    paired_means,
    products_of,
    unit_sizes,
    unit_sums,
    unseen,
)
from sim.stats.intervals import LEVEL, Estimate, binomial_quantile, normal_quantile, student_quantile
from sim.stats.paired import Contrast
from sim.stats.responses import binned_quantile
from sim.stats.simultaneous import critical_value, holm
from sim.stats.totals import BinCounts

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Ends = tuple[int | None, int | None]


@dataclass(frozen=True, eq=False)
class MedianOf:
    """Times of one scenario in order, and what its median is.

    ordered    (n,) min(T, horizon): the horizon where censored
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
            z = -arithmetic.normal_quantile(tail)
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
    n, ordered = len(limited), np.sort(limited)
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
    """(s, s) correlation of the indicators T <= median of the scenarios, of whose units `rows` has the sums.

    As in an adjusted interval of a difference of shares, two units are added in which two scenarios differ: else two
    that differ in none of few units would have medians that move as one.
    """
    first, *others = rows
    differences = np.array([one - first for one in others], np.int64).reshape(len(others), len(sizes))
    covariance = paired_means(first, differences, sizes).of_scenarios
    unseen_pairs = 1.0 / (int(sizes.sum()) * len(sizes))
    return correlation_of(covariance - unseen_pairs * (1.0 - np.eye(len(rows))))


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
    if units == 1:
        return None, None
    tail = arithmetic.normal_cdf(-critical)
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
    paired = together * together
    return 1.0 - paired / apart, math.ceil(n * apart / paired) if paired > 0.0 else None


LEAST_RESPONSES = 30
"""Responses that every group must have for a quantile to have an interval: those of smaller groups are biased."""


def response_groups(tables: Sequence[BinCounts], members: Sequence[int]) -> Integers:
    """(groups, bins) counts of the response times of several lines.

    tables  by group: counts by line and logarithmic bin
    """
    groups = np.zeros((len(tables), max(table.shape[1] for table in tables)), np.int64)
    for row, table in zip(groups, tables, strict=True):
        for member in members:
            bins, counts = table.of(member)
            row[bins] += counts
    return groups


def grouped_quantile(groups: Integers, share: Fraction) -> tuple[int | None, list[int] | None]:
    """A quantile of response times: of all groups together, and of each.

    The first is None where there was no response, the second where a group has fewer than `LEAST_RESPONSES`.
    """
    whole = binned_quantile(groups.sum(axis=0), share)
    sizes = groups.sum(axis=1)
    if len(groups) < 2 or sizes.min() < LEAST_RESPONSES:
        return whole, None
    sums = groups.cumsum(axis=1)
    ranks = [math.ceil(int(size) * share) for size in sizes]
    return whole, [last_of(int(np.searchsorted(row, rank))) for row, rank in zip(sums, ranks, strict=True)]


def section_estimate(whole: float | None, groups: Sequence[float] | None) -> Estimate:
    """The number with Student's interval over the groups; no ends where they are not known."""
    if whole is None or groups is None:
        return Estimate(whole, None, None)
    half = student_quantile(len(groups) - 1) * float(np.sqrt(_scatter(np.array([groups]) - whole)[0, 0]))
    return Estimate(whole, max(0.0, whole - half), whole + half)


def section_contrasts(
    whole: Sequence[float | None], groups: Sequence[Sequence[float] | None], size: int, equal: NDArray[np.bool_]
) -> list[Contrast]:
    """Variants against the first of several scenarios.

    whole   (1 + v) the number in each; None where it has none
    groups  (1 + v) the same by group; None where it is not known
    size    replications in all
    equal   (v,) equal by construction
    """
    base, own = whole[0], groups[0]
    known = [at for at in range(1, len(whole)) if base is not None and whole[at] is not None]
    found = [NOT_KNOWN] * (len(whole) - 1)
    unsure = [at for at in known if groups[at] is None or own is None]
    for at in unsure:
        assert base is not None
        difference = float(whole[at] or 0) - base
        found[at - 1] = Contrast(difference, None, None, None, None, None, None, None, None, False)
    sure = [at for at in known if at not in unsure]
    if sure and own is not None and base is not None:
        scatter = np.array([own, *(groups[at] for at in sure)], np.float64)
        centre = np.array([base, *(whole[at] for at in sure)], np.float64)
        rows = scatter - centre[:, None]
        rows[1:] -= rows[0]
        means = PairedMeans(base, centre[1:] - base, _scatter(rows), len(own), size)
        same = np.all(rows[1:] == 0.0, axis=1) & (centre[1:] == base)
        contrasts = mean_contrasts(means, same, equal[[at - 1 for at in sure]], np.inf)
        for at, contrast in zip(sure, contrasts, strict=True):
            found[at - 1] = contrast
    return found


NOT_KNOWN = Contrast(None, None, None, None, None, None, None, None, None, False)


def _scatter(rows: Floats) -> Floats:
    """Covariance of the means over g groups of what scatters about 0: Σ r r′ / (g(g − 1))."""
    groups = rows.shape[1]
    found: Floats = products_of(rows) / (groups * (groups - 1))
    return found
