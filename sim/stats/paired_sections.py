"""Differences of numbers that are known by group of replications only: attempts spent, and response times.

Attempts are sums, and a mean of sums has Student's interval over the groups (`mean_contrasts`). A quantile of response
times is no mean; its variance is read off how the quantiles of the groups scatter about that of all replications
("sectioning": M. K. Nakayama, ACM Transactions on Modeling and Computer Simulation 24 (2014), article 19).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sim.rules.bins import last_of
from sim.stats.intervals import Estimate, student_quantile
from sim.stats.paired import Contrast
from sim.stats.paired_rows import PairedMeans, mean_contrasts
from sim.stats.responses import binned_quantile
from sim.stats.sparse import Rows

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAST_RESPONSES = 30
"""Responses that every group must have for a quantile to have an interval: those of smaller groups are biased."""


def response_groups(tables: Sequence[Rows], members: Sequence[int]) -> Integers:
    """(groups, bins) counts of the response times of several lines.

    tables  by group: counts by line and logarithmic bin
    """
    groups = np.zeros((len(tables), max(table.shape[1] for table in tables)), np.int64)
    for row, table in zip(groups, tables, strict=True):
        bins = table.shape[1]
        for member in members:
            first, last = np.searchsorted(table.keys, (member * bins, (member + 1) * bins))
            row[table.keys[first:last] - member * bins] += table.counts[first:last]
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
    found: Floats = rows @ rows.T / (groups * (groups - 1))
    return found
