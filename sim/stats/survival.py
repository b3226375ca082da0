"""Estimates from a `FirstContact`: probability, quantiles, restricted mean, survival curve, cumulative incidence.

With one censoring time for all, the Kaplan–Meier estimator before the horizon is the empirical distribution function,
and that is what stands here.

**Unit.** Where no number is uncertain, replications are independent. Else blocks are, and F(t), a ratio of block sums,
has the variance

    v(t) = k/(k − 1) · Σ_b (c_b(t) − m_b F(t))² / n²

over the k blocks, with c_b contacts by t among the m_b replications of block b (a short last block is a block with a
smaller m_b). The effective number of replications is n_e = F(1 − F)/v, at most n, times (z/t)² with Student's t on
k − 1 degrees of freedom, because v is itself estimated (E. L. Korn and B. I. Graubard, Survey Methodology 24 (1998)
193–201). Where F is 0 or 1, no v can be seen, and n_e is k: as though a block were one replication. With a single
block n_e is 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sim.stats.first_contact import WITHIN_SECONDS, FirstContact, OrderStatistics
from sim.stats.intervals import (
    FEW,
    LEVEL,
    Estimate,
    dkw_half_width,
    loss_of_degrees,
    order_statistic_ranks,
    rare_mean,
    student_quantile,
    wilson,
)

Bins = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """S(t) = P(T > t) at some seconds t, at each of them exact; it is 1 before the first one that has a contact.

    seconds              (corners,) int64: t, increasing to the last second before the horizon
    survival             (corners,) float64
    low, high            (corners,) pointwise band: at each t by itself it covers with probability `level`
    band_low, band_high  (corners,) simultaneous band: it covers the whole curve with probability `level`
    """

    seconds: NDArray[np.int64]
    survival: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    band_low: NDArray[np.float64]
    band_high: NDArray[np.float64]
    level: float = LEVEL


def probability(column: FirstContact, level: float = LEVEL) -> Estimate:
    """P(T < horizon), the probability of contact, with Wilson's interval for the unit of the column."""
    return probability_by(column, column.horizon - 1, level)


def probability_by(column: FirstContact, second: int, level: float = LEVEL) -> Estimate:
    """P(T <= `second`), with Wilson's interval for the unit of the column.

    Exact, so that it raises ValueError where `FirstContact.contacts_by` does: for a second between two contacts of one
    bin that was not asked for.
    """
    if not column.replications:
        return Estimate(None, None, None)
    bins = np.array([column.bin_by(second)])
    share = _distribution(column, bins)
    low, high = wilson(share, effective_replications(column, bins, level), level)
    return Estimate(float(share[0]), float(low[0]), float(high[0]))


def no_contact(column: FirstContact, level: float = LEVEL) -> Estimate:
    """P(T >= horizon), to full precision where it is small: nothing is subtracted from 1."""
    if not column.replications:
        return Estimate(None, None, None)
    last = np.array([len(column.starts) - 1])
    share = np.array([(column.replications - column.contacts) / column.replications])
    low, high = wilson(share, effective_replications(column, last, level), level)
    return Estimate(float(share[0]), float(low[0]), float(high[0]))


def quantiles(
    column: FirstContact, shares: Sequence[Fraction], level: float = LEVEL, rows: OrderStatistics | None = None
) -> tuple[Estimate, ...]:
    """The seconds by which each of `shares`, in (0, 1), of the replications had contact.

    The order statistic ⌈n·share⌉, and None where so many contacts were not reached. For replications the interval is
    the distribution-free one of two order statistics; for blocks it is every t whose pointwise interval for F(t) holds
    the share (Woodruff's inversion, by scores). A low end of 0 means that there are too few replications for a lower
    limit.

    rows  made by `order_statistics` for the same shares, with all rows added: order statistics are then exact. Without
          them, one in a bin of several seconds is given as the latest contact of the bin. Ends of intervals that are
          no exact order statistics are the earliest contact of the lower bin and the latest one of the upper bin
    """
    n = column.replications
    if not n:
        return tuple(Estimate(None, None, None) for _ in shares)
    estimates = [_time_of_rank(column, math.ceil(n * share), column.most, rows) for share in shares]
    if column.block == 1:
        ranks = [order_statistic_ranks(n, share, level) for share in shares]
        ends = [
            (_time_of_rank(column, low, column.least, rows), _time_of_rank(column, high, column.most, rows))
            for low, high in ranks
        ]
    else:
        ends = _woodruff(column, shares, level)
    return tuple(Estimate(estimate, low, high) for estimate, (low, high) in zip(estimates, ends, strict=True))


def order_statistics(column: FirstContact, shares: Sequence[Fraction], level: float = LEVEL) -> OrderStatistics:
    """The order statistics that `quantiles` of these shares ask for, to be counted in the rows of the run."""
    ranks = [math.ceil(column.replications * share) for share in shares]
    if column.block == 1 and column.replications:
        ranks += [rank for share in shares for rank in order_statistic_ranks(column.replications, share, level)]
    return OrderStatistics(column, ranks)


def quantile(
    column: FirstContact, share: Fraction, level: float = LEVEL, rows: OrderStatistics | None = None
) -> Estimate:
    """One of `quantiles`."""
    return quantiles(column, (share,), level, rows)[0]


def restricted_mean(column: FirstContact, level: float = LEVEL) -> Estimate:
    """E[min(T, horizon)] in seconds: mean time spent without contact before the horizon.

    The interval is Student's, on the unit's degrees of freedom, cut to [0, horizon], which it fills where there is one
    unit only. Where fewer than `FEW` units have contact it is that of `rare_mean`, which allows for contacts that were
    not seen.
    """
    n, units = column.replications, column.units
    if not n:
        return Estimate(None, None, None)
    mean = Fraction(column.seconds, n)
    if units == 1:
        return Estimate(float(mean), 0.0, float(column.horizon))
    # Σ (S_b − m_b·mean)², exactly; Σ m_b S_b and Σ m_b² take the short block at its own size.
    missing = sum((column.block - short.size) * short.seconds for short in column.short)
    weighted = column.block * column.seconds - missing
    if column.touched < FEW:
        return _rare_wait(column, float(mean), level)
    deviations = column.block_squares - 2 * mean * weighted + mean * mean * _sum_of_squared_sizes(column)
    error = math.sqrt(deviations * units / (units - 1)) / n
    half = student_quantile(units - 1, level) * error
    low, high = max(0.0, float(mean) - half), min(float(column.horizon), float(mean) + half)
    return Estimate(float(mean), low, high)


def _rare_wait(column: FirstContact, mean: float, level: float) -> Estimate:
    """The restricted mean where few units have contact: the horizon less what they save."""
    n, units, horizon = column.replications, column.units, column.horizon
    # Σ over units of (replications·horizon − sum of waits), and of its square; exact.
    saved = n * horizon - column.seconds
    weighted = column.block * column.seconds - sum((column.block - s.size) * s.seconds for s in column.short)
    squares = column.block_squares - 2 * horizon * weighted + horizon * horizon * _sum_of_squared_sizes(column)
    bounds = (0.0, float(column.block * horizon))
    low, high = rare_mean(units, column.touched, float(saved), float(squares), bounds, (1.0 - level) / 2)
    each = units / n
    return Estimate(mean, max(0.0, horizon - high * each), min(float(horizon), horizon - low * each))


def within(column: FirstContact) -> tuple[float | None, ...]:
    """P(T <= t) for the t of `WITHIN_SECONDS`, t included; None for a t after the horizon."""
    if not column.replications:
        return tuple(None for _ in WITHIN_SECONDS)
    return tuple(
        None if second > column.horizon else column.contacts_by(second) / column.replications
        for second in WITHIN_SECONDS
    )


def survival_curve(column: FirstContact, bins: Bins | None = None) -> SurvivalCurve:
    """The survival curve with both bands, at the ends of all `FirstContact.corners`, or of those in `bins`.

    Pointwise: Wilson's interval with the effective number of replications at t. Simultaneous: that of Dvoretzky, Kiefer
    and Wolfowitz with Massart's constant for independent replications. For blocks its half-width is scaled up by the
    largest standard error on the curve against √(1/4n), the largest that independent replications can have: an
    approximation, whose coverage the tests measure. Where no contact, or nothing but contact, is seen, a block counts
    as one replication.
    Raises ValueError for no replications.
    """
    if not column.replications:
        raise ValueError("no replications, no survival curve")
    bins = column.corners() if bins is None else bins
    low, high = wilson(_distribution(column, bins), effective_replications(column, bins))
    half = dkw_half_width(_band_replications(column))
    survival = (column.replications - column.reached(bins)) / column.replications
    return SurvivalCurve(
        seconds=column.known_at(bins),
        survival=survival,
        low=1.0 - high,
        high=1.0 - low,
        band_low=np.maximum(survival - half, 0.0),
        band_high=np.minimum(survival + half, 1.0),
    )


def effective_replications(column: FirstContact, bins: Bins, level: float = LEVEL) -> NDArray[np.float64]:
    """n_e at the end of each of `bins`: how many independent replications know F as well."""
    n, units = column.replications, column.units
    share = _distribution(column, bins)
    if column.block == 1:
        return np.full(len(share), float(n))
    if units == 1:
        return np.ones(len(share))
    binomial = share * (1.0 - share)
    inside = binomial > 0.0
    safe = np.where(inside, np.maximum(_variance(column, bins), binomial / n), 1.0)
    correction = loss_of_degrees(units - 1, level)
    return np.where(inside, correction * binomial / safe, float(units))


def _woodruff(column: FirstContact, shares: Sequence[Fraction], level: float) -> list[tuple[int | None, int | None]]:
    # F moves in filled bins only, so the first t of an interval lies in one, or at the start of the clock.
    bins = column.filled
    low, high = wilson(_distribution(column, bins), effective_replications(column, bins, level), level)
    at_start = wilson(np.zeros(1), np.array([float(column.units)]), level)[1][0]

    def first(holds: NDArray[np.bool_], seconds: NDArray[np.int64]) -> int | None:
        return int(seconds[np.argmax(holds)]) if holds.any() else None

    return [
        (
            0 if at_start >= float(share) else first(high >= float(share), column.least),
            first(low >= float(share), column.most),
        )
        for share in shares
    ]


def _band_replications(column: FirstContact) -> float:
    if column.block == 1:
        return float(column.replications)
    # Between filled bins nothing changes, so the largest standard error is at the end of one of them.
    reached = _distribution(column, column.filled)
    size = effective_replications(column, column.filled)
    inside = (reached > 0.0) & (reached < 1.0)
    if column.units == 1 or not inside.any():
        return float(column.units)
    largest = float(np.max(reached[inside] * (1.0 - reached[inside]) / size[inside]))
    return min(float(column.replications), 0.25 / largest)


def _variance(column: FirstContact, bins: Bins) -> NDArray[np.float64]:
    """v(t) of the module's text, at the end of each of `bins`."""
    n, units = column.replications, column.units
    contacts = column.reached(bins)
    weighted = column.block * contacts
    for short in column.short:
        own = np.searchsorted(np.array(short.bins, np.int64), bins, side="right")
        weighted = weighted - (column.block - short.size) * own
    squares = column.ranked(bins)
    share = contacts / n
    deviations = squares - 2.0 * share * weighted + share * share * _sum_of_squared_sizes(column)
    scaled: NDArray[np.float64] = np.maximum(deviations, 0.0) * (units / (units - 1) / n / n)
    return scaled


def _sum_of_squared_sizes(column: FirstContact) -> int:
    return column.full_blocks * column.block**2 + sum(short.size**2 for short in column.short)


def _distribution(column: FirstContact, bins: Bins) -> NDArray[np.float64]:
    """F at the end of each of `bins`."""
    share: NDArray[np.float64] = column.reached(bins) / column.replications
    return share


def _time_of_rank(
    column: FirstContact, rank: int, seconds: NDArray[np.int64], rows: OrderStatistics | None
) -> int | None:
    """The `rank`-th contact (from 1), or without `rows` that of its bin in `seconds`; 0 for rank 0, None past the last
    contact."""
    if rank == 0:
        return 0
    if rank > column.contacts:
        return None
    if rows is not None:
        return rows.second(rank)
    return int(seconds[np.searchsorted(np.cumsum(column.held), rank)])


@dataclass(frozen=True, eq=False)
class Incidence:
    """The share of replications in which one cause was first, by some seconds t; 0 before the first one with a contact.

    seconds    (corners,) int64: t, included
    incidence  (corners,) float64
    low, high  (corners,) pointwise 95 % band
    """

    seconds: NDArray[np.int64]
    incidence: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def cumulative_incidence(firsts: FirstContact, bins: NDArray[np.int64] | None = None) -> Incidence:
    """The incidence of one cause from the times at which it was first; elsewhere the replication counts as censored.

    At the ends of all `FirstContact.corners`, or of those in `bins`.

    All are censored at one horizon, so that the Aalen–Johansen estimator is the share itself: contacts that the cause
    made by t, over n. The incidences of all causes and the share without any contact add up to 1 at every t. Raises
    ValueError for no replications.
    """
    bins = firsts.corners() if bins is None else bins
    curve = survival_curve(firsts, bins)
    # 1 − S would bring rounding errors into shares that are whole numbers over n.
    return Incidence(curve.seconds, firsts.reached(bins) / firsts.replications, 1.0 - curve.high, 1.0 - curve.low)


CORNERS = 200
"""A curve keeps its value at about so many seconds at most, evenly over the horizon; each of them is exact."""


@dataclass(frozen=True, eq=False)
class PairedCurve:
    """A survival curve at some seconds.

    ends       (corners,) int64: seconds, increasing to the horizon
    survival   (corners,) float64: the share without contact before `ends`
    low, high  (corners,) its pointwise 95 % band
    """

    ends: NDArray[np.int64]
    survival: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def paired_curve(column: FirstContact) -> PairedCurve:
    """The curve of a column at the ends of at most `CORNERS` of its bins and the last one."""
    curve = survival_curve(column, column.corners(CORNERS))
    return PairedCurve(curve.seconds + 1, curve.survival, curve.low, curve.high)
