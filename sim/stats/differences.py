"""Paired differences of means and of shares, with the covariance of all scenarios.

The units are replications, or blocks of them where numbers are uncertain, or groups for counts that are not kept by
replication. An estimate is a ratio of sums, θ = Σ Y / Σ m, with Y of a unit's m replications, so that a short last unit
counts as what it is. Its linearised residual is r = Y − m·θ, and two estimates have the covariance
k/(k − 1) · Σ r r′ / (Σ m)² over the k units (W. G. Cochran, Sampling Techniques (1977), section 6.4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.rules.arithmetic import exp, log
from sim.stats.intervals import FEW, LEVEL, Estimate, rare_mean, ratio, wilson
from sim.stats.paired import Contrast, Order
from sim.stats.simultaneous import critical_value, holm
from sim.stats.student import student_tail

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PairedMeans:
    """Means of a base and v variants over the same k units.

    base         (1) mean of the base
    differences  (v,) variant − base
    covariance   (1 + v, 1 + v): of the base's mean, then of the differences; zero where k is 1
    units        k
    size         replications in all
    changed      (v,) units in which a variant differs from the base; None where that is not known
    squares      (v,) sums over units of the squared differences of sums
    """

    base: float
    differences: Floats
    covariance: Floats
    units: int
    size: int
    changed: Integers | None = None
    squares: Floats | None = None

    @property
    def degrees(self) -> int:
        """Of freedom: k − 1, at least 1."""
        return max(self.units - 1, 1)

    @property
    def errors(self) -> Floats:
        """(v,) standard errors of the differences."""
        found: Floats = np.sqrt(np.diag(self.covariance)[1:])
        return found

    @property
    def of_scenarios(self) -> Floats:
        """(1 + v, 1 + v) covariance of the means themselves, base first."""
        with_base = self.covariance[1:, :1]
        found = self.covariance.copy()
        found[1:, :1] += self.covariance[0, 0]
        found[:1, 1:] += self.covariance[0, 0]
        found[1:, 1:] += with_base + with_base.T + self.covariance[0, 0]
        return found

    @property
    def unpaired(self) -> Floats:
        """(v,) what the variances of the differences would be if the scenarios shared no random number."""
        variances = np.diag(self.of_scenarios)
        found: Floats = variances[1:] + variances[0]
        return found

    def correlation(self) -> Floats:
        """(v, v) of the differences; one without variance is taken as independent of the others."""
        return correlation_of(self.covariance[1:, 1:])


def correlation_of(covariance: Floats) -> Floats:
    """The correlation of a covariance; rows without variance are independent of all others."""
    errors = np.sqrt(np.diag(covariance))
    known = errors > 0.0
    safe = np.where(known, errors, 1.0)
    # One error after the other: the product of two that are tiny may be 0.
    found = np.where(known[:, None] & known[None, :], covariance / safe[:, None] / safe[None, :], 0.0)
    np.fill_diagonal(found, 1.0)
    return np.clip(found, -1.0, 1.0)


def products_of(rows: Floats) -> Floats:
    """(r, r) sums of the products of every two rows, (r, k); in one order of summation on every processor."""
    found = np.empty((len(rows), len(rows)))
    for at, one in enumerate(rows):
        for other in range(at + 1):
            found[at, other] = found[other, at] = np.sum(one * rows[other])
    return found


def unit_sums(rows: NDArray[np.generic], unit: int) -> Integers:
    """Sums over consecutive units of the last axis, the last of which may be short: (…, n) to (…, units)."""
    whole = rows.astype(np.int64, copy=False)
    if unit == 1:
        return whole
    sums: Integers = np.add.reduceat(whole, np.arange(0, whole.shape[-1], unit), axis=-1)
    return sums


def unit_sizes(replications: int, unit: int) -> Integers:
    """(units,) replications in each."""
    sizes = np.full(-(-replications // unit), unit, np.int64)
    sizes[-1] = replications - unit * (len(sizes) - 1)
    return sizes


def paired_means(base: NDArray[np.generic], differences: NDArray[np.generic], sizes: Integers) -> PairedMeans:
    """From sums by unit.

    base         (k,) sums of the base
    differences  (v, k) sums of variant − base, exact zeros where nothing differs
    sizes        (k,) replications in each unit
    """
    units, size = len(sizes), int(sizes.sum())
    rows = np.vstack([base[None, :], differences]).astype(np.float64)
    changed, squares = np.count_nonzero(differences, axis=1), np.square(rows[1:]).sum(axis=1)
    means = rows.sum(axis=1) / size
    rows -= means[:, None] * sizes
    factor = units / (units - 1) / size / size if units > 1 else 0.0
    return PairedMeans(float(means[0]), means[1:], factor * products_of(rows), units, size, changed, squares)


def mean_contrasts(
    means: PairedMeans, same: NDArray[np.bool_], equal: NDArray[np.bool_], limit: float
) -> list[Contrast]:
    """Differences of means with Student's intervals, by themselves and together.

    same   (v,) equal in every replication (or group)
    equal  (v,) equal by construction, the same scenario: the difference is 0, and known
    limit  no difference of a replication can be larger in size; inf where there is no such limit

    Where a variant differs in fewer than `FEW` units, but is another scenario, the interval is that of `rare_mean`, and
    the p-value Student's over the units that differ; without a limit an interval has no width where none differs. With
    one unit an interval is as wide as the limit.
    """
    degrees, variants = means.degrees, len(means.differences)
    each = critical_value(np.eye(1), degrees)
    together = critical_value(means.correlation(), degrees)
    rare = [_is_rare(means, at, limit) for at in range(variants)]
    plain = [p_value(d, e, degrees) for d, e in zip(means.differences.tolist(), means.errors.tolist(), strict=True)]
    p_values = [_rare_p_value(means, at) if rare[at] else plain[at] for at in range(variants)]
    adjusted = holm(p_values)
    found = []
    for at, (difference, error) in enumerate(zip(means.differences.tolist(), means.errors.tolist(), strict=True)):
        alone, joint = (ends(difference, critical * error, limit) for critical in (each, together))
        if means.units == 1:
            alone = joint = ends(difference, math.inf, limit)
        elif rare[at]:
            # With none that differs every comparison counts by itself (Bonferroni): there is no correlation to see.
            tail = (1.0 - LEVEL) / 2 / variants if same[at] else student_tail(together, degrees)
            alone, joint = _rare_ends(means, at, limit, (1.0 - LEVEL) / 2), _rare_ends(means, at, limit, tail)
        if equal[at]:
            alone = joint = (0.0, 0.0)
        removed, cost = pairing(means, at)
        found.append(Contrast(difference, *alone, *joint, p_values[at], adjusted[at], removed, cost, bool(same[at])))
    return found


def _is_rare(means: PairedMeans, at: int, limit: float) -> bool:
    return means.changed is not None and means.units > 1 and math.isfinite(limit) and int(means.changed[at]) < FEW


def _rare_ends(means: PairedMeans, at: int, limit: float, tail: float) -> tuple[float, float]:
    assert means.changed is not None
    assert means.squares is not None
    each = means.size / means.units
    largest = limit * math.ceil(each)
    total = float(means.differences[at]) * means.size
    squares, changed = float(means.squares[at]), int(means.changed[at])
    low, high = rare_mean(means.units, changed, total, squares, (-largest, largest), tail)
    return max(-limit, low / each), min(limit, high / each)


def _rare_p_value(means: PairedMeans, at: int) -> float | None:
    """Of no difference, over the units that differ: their mean is 0 if and only if that of all is."""
    assert means.changed is not None
    assert means.squares is not None
    changed, total = int(means.changed[at]), float(means.differences[at]) * means.size
    if changed < 2 or total == 0.0:
        return 1.0
    change = total / changed
    variance = max(0.0, float(means.squares[at]) - total * change) / (changed - 1)
    return p_value(change, math.sqrt(variance / changed), changed - 1)


def share_contrasts(means: PairedMeans, gained: Integers, lost: Integers, equal: NDArray[np.bool_]) -> list[Contrast]:
    """Differences of shares of replications, by themselves and together.

    means         of the indicators
    gained, lost  (v,) replications in which the variant has it and the base has not, and the other way round
    equal         (v,) equal by construction

    The interval is the adjusted one of D. G. Bonett and R. M. Price (2012), recommended by M. W. Fagerland, S. Lydersen
    and P. Laake, Statistics in Medicine 33 (2014) 2850–2875: one replication is added to `gained` and one to `lost`, so
    that it keeps a width where none was seen to change. For blocks n becomes the number of independent replications
    that would know the difference as well, and k where none changed.
    """
    degrees, variants = means.degrees, len(means.differences)
    each = critical_value(np.eye(1), degrees)
    together = critical_value(means.correlation(), degrees)
    size = np.array([_effective(means, at, gained[at], lost[at]) for at in range(variants)])
    up = (gained / means.size * size + 1.0) / (size + 2.0)
    down = (lost / means.size * size + 1.0) / (size + 2.0)
    middles = up - down
    errors = np.sqrt((up + down - middles * middles) / (size + 2.0))
    changed = gained + lost > 0
    p_values = [
        p_value(m, e, degrees) if some and means.units > 1 else 1.0
        for m, e, some in zip(middles, errors, changed, strict=True)
    ]
    adjusted = holm(p_values)
    found = []
    for at, difference in enumerate(means.differences.tolist()):
        low, high, low_all, high_all = (0.0,) * 4
        if not equal[at]:
            low, high = _around(middles[at], each * errors[at], difference)
            low_all, high_all = _around(middles[at], together * errors[at], difference)
        removed, cost = pairing(means, at)
        same = not changed[at]
        found.append(
            Contrast(difference, low, high, low_all, high_all, p_values[at], adjusted[at], removed, cost, bool(same))
        )
    return found


def pairing(means: PairedMeans, variant: int) -> tuple[float | None, int | None]:
    """`variance_removed` and `unpaired_replications` of `Contrast`."""
    paired, apart = float(means.covariance[1 + variant, 1 + variant]), float(means.unpaired[variant])
    if means.units == 1 or apart <= 0.0:
        return None, None
    return 1.0 - paired / apart, math.ceil(means.size * apart / paired - 1e-6) if paired > 0.0 else None


def p_value(difference: float, error: float, degrees: int) -> float | None:
    """Two-sided, of no difference, by Student's t; 1 for a difference of 0; None without a standard error."""
    if difference == 0.0:
        return 1.0
    return 2.0 * student_tail(abs(difference) / error, degrees) if error > 0.0 else None


def unseen(units: int, comparisons: int) -> float:
    """The largest share that may well show itself in none of `units`: two-sided LEVEL, for all comparisons together."""
    return 1.0 - exp(log((1.0 - LEVEL) / 2 / comparisons) / units)


def ends(middle: float, half: float, limit: float) -> tuple[float | None, float | None]:
    """middle ± half within ± limit; None where an end is open."""
    low, high = float(max(middle - half, -limit)), float(min(middle + half, limit))
    return (low if math.isfinite(low) else None), (high if math.isfinite(high) else None)


def _around(middle: float, half: float, difference: float) -> tuple[float, float]:
    return float(max(-1.0, min(middle - half, difference))), float(min(1.0, max(middle + half, difference)))


def _effective(means: PairedMeans, at: int, gained: int, lost: int) -> float:
    """How many independent replications know the difference of two shares as well as the units do."""
    size = means.size
    if means.units == size:
        return float(size)
    if means.units == 1:
        return 1.0
    up, down = gained / size, lost / size
    alone = (up + down - (up - down) * (up - down)) / size
    if alone <= 0.0:
        return float(means.units)
    return size / max(1.0, float(means.covariance[1 + at, 1 + at]) / alone)


def order_of(base: Integers, variant: Integers, horizon: int, sizes: Integers) -> Order:
    """Compare first contacts replication by replication.

    base, variant  (n,) seconds in [0, horizon), negative where there was none
    sizes          (k,) replications in each independent unit, consecutive, the last of them perhaps short
    """
    unit = int(sizes[0])
    one, other = (np.where(times < 0, horizon, times) for times in (base, variant))
    sooner, later = other < one, other > one
    changed = sooner | later
    return Order(
        sooner=_share(sooner, unit, sizes),
        later=_share(later, unit, sizes),
        same=_share(~changed, unit, sizes),
        changed=int(np.count_nonzero(changed)),
        changed_units=int(np.count_nonzero(unit_sums(changed, unit))),
        gained=int(np.count_nonzero(sooner & (base < 0))),
        lost=int(np.count_nonzero(later & (variant < 0))),
        neither=int(np.count_nonzero((base < 0) & (variant < 0))),
        sooner_seconds=_mean((one - other)[sooner]),
        later_seconds=_mean((other - one)[later]),
    )


def _share(which: NDArray[np.bool_], unit: int, sizes: Integers) -> Estimate:
    if unit > 1:
        return ratio(unit_sums(which, unit), sizes)
    share = np.array([np.count_nonzero(which) / len(which)])
    low, high = wilson(share, np.array([float(len(which))]))
    return Estimate(float(share[0]), float(low[0]), float(high[0]))


def _mean(seconds: Integers) -> float | None:
    return float(seconds.mean()) if len(seconds) else None
