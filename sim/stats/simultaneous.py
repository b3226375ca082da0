"""Simultaneous inference: critical values for several comparisons, adjusted p-values, ranges of ranks.

Estimates are taken as jointly normal around what they estimate, their covariance as known up to Student's t on the
degrees of freedom of the units that it was estimated from. Correlated comparisons (all variants share the base, and
most of their random numbers) need less widening than independent ones; how much less is read off their correlation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.rules.arithmetic import exp, log
from sim.rules.random import stream_of, uniforms
from sim.rules.vectors import log as log_of
from sim.rules.vectors import normal_quantile, product
from sim.stats.intervals import LEVEL, student_quantile

Floats = NDArray[np.float64]

DRAWS = 1 << 14
"""Simulated vectors behind a critical value: its error is then about 0.01, that of the level 0.2 %."""

MOST_SIMULATED = 64
"""More comparisons than this get Šidák's critical value, which needs no simulation and is never too small."""

CUBE_FROM = 60
"""Degrees of freedom from which χ² comes from its cube root: its quantiles are then right to 0.01 %."""

_FACTORS = 8
"""Uniform numbers whose product is far from underflow."""

NORMAL_FROM = 4096
"""Degrees of freedom from which Student's t is taken as normal: by then quantiles differ by less than 0.001."""


def critical_value(correlation: Floats, degrees: int, *, level: float = LEVEL) -> float:
    """c with P(max |T_v| <= c) = `level`, T multivariate t with this correlation, shape (v, v), and these degrees.

    One comparison has Student's quantile, exactly. For more, the quantile of `DRAWS` simulated maxima, always the same
    ones, between Student's and Šidák's; Šidák's for comparisons that do not correlate. Source: T. Hothorn, F. Bretz and
    P. Westfall, Biometrical Journal 50 (2008) 346–363; Z. Šidák, JASA 62 (1967) 626–633.
    """
    size = len(correlation)
    least, most = student_quantile(degrees, level), student_quantile(degrees, _of_each(level, size))
    if size <= 1:
        return least
    if size > MOST_SIMULATED or np.array_equal(correlation, np.eye(size)):
        return most
    largest = np.abs(_drawn(correlation)).max(axis=1)
    return float(np.clip(_quantile(largest, degrees, level), least, most))


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's adjusted p-values, in the same order; None stays None and is not counted.

    Source: S. Holm, Scandinavian Journal of Statistics 6 (1979) 65–70.
    """
    order = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, place) in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p))
        adjusted[place] = largest
    return adjusted


def clearly_different(estimates: Floats, covariance: Floats, degrees: int) -> NDArray[np.bool_]:
    """(s, s) true where one estimate is clearly different from another, all pairs together at LEVEL.

    Max-|t| over all pairwise differences, as J. W. Tukey's for one-way layouts. Two estimates whose difference has no
    variance differ if they are not equal.
    """
    size = len(estimates)
    variances = np.diag(covariance)
    errors = np.sqrt(np.maximum(variances[:, None] + variances[None, :] - 2.0 * covariance, 0.0))
    # A difference whose variance is lost in rounding has none.
    scale = np.sqrt(np.maximum(np.maximum(variances[:, None], variances[None, :]), 0.0))
    errors[errors <= 1e-7 * scale] = 0.0
    gaps = np.abs(estimates[:, None] - estimates[None, :])
    first, second = np.triu_indices(size, 1)
    unsure = errors[first, second] > 0.0
    first, second = first[unsure], second[unsure]
    if size > MOST_SIMULATED:
        critical = student_quantile(degrees, _of_each(LEVEL, len(first)))
    elif not len(first):
        critical = 0.0
    else:
        drawn = _drawn(covariance)
        largest = np.zeros(len(drawn))
        for one, other in zip(first, second, strict=True):
            np.maximum(largest, np.abs(drawn[:, one] - drawn[:, other]) / errors[one, other], out=largest)
        critical = max(_quantile(largest, degrees, LEVEL), student_quantile(degrees))
    apart: NDArray[np.bool_] = gaps > critical * errors
    return apart


def rank_ranges(estimates: Floats, apart: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(best, worst) place of each estimate, 1 for the smallest, given which are clearly different.

    With LEVEL all places are in their ranges together, because all differences are in theirs. Source: M. Mogstad, J. P.
    Romano, A. M. Shaikh and D. Wilhelm, Review of Economic Studies 91 (2024) 476–518.
    """
    smaller = estimates[:, None] > estimates[None, :]
    better = (apart & smaller).sum(axis=1)
    worse = (apart & ~smaller).sum(axis=1)
    return [(1 + int(b), len(estimates) - int(w)) for b, w in zip(better, worse, strict=True)]


def _of_each(level: float, comparisons: int) -> float:
    """The level of each of so many independent comparisons that hold together with `level`."""
    return exp(log(level) / max(comparisons, 1))


def _quantile(largest: Floats, degrees: int, level: float) -> float:
    """Of the maxima of |Z|, each divided by an independent √(χ²/degrees) where those are few."""
    scaled = largest if degrees >= NORMAL_FROM else largest / _chi(degrees)
    rank = int(np.ceil(level * len(scaled))) - 1
    return float(np.partition(scaled, rank)[rank])


def _drawn(covariance: Floats) -> Floats:
    """(DRAWS, size) normal vectors with this covariance, made of the same numbers each time."""
    root = _root(covariance)
    return product(np.stack([_normals(place) for place in range(root.shape[1])], axis=1), root.T)


def _root(matrix: Floats) -> Floats:
    """A, (size, rank), with A·Aᵀ = a symmetric matrix that may be singular: Cholesky's factor, largest pivot first.

    Pivots below 1e-12 of the largest are rounding. The order of the arithmetic is fixed, so A is the same on every
    processor. Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms (2002), section 10.3.
    """
    rest, columns = np.array(matrix, np.float64), list[Floats]()
    least = 1e-12 * max(float(np.max(np.diag(rest))), 0.0)
    while True:
        pivot = int(np.argmax(np.diag(rest)))
        if len(columns) == len(rest) or not rest[pivot, pivot] > least:
            return np.stack(columns, axis=1) if columns else np.zeros((len(rest), 1))
        column = rest[:, pivot] / math.sqrt(rest[pivot, pivot])
        rest = rest - column[:, None] * column[None, :]
        rest[pivot, :] = rest[:, pivot] = 0.0
        columns.append(column)


@lru_cache(maxsize=MOST_SIMULATED)
def _normals(place: int) -> Floats:
    """(DRAWS,) independent standard normal numbers, always the same: no run's draws, another stream."""
    uniform, _ = uniforms(0, stream_of("simultaneous", "normal"), range(DRAWS), range(place, place + 1), 0)
    return normal_quantile(uniform[:, 0])


@lru_cache(maxsize=16)
def _chi(degrees: int) -> Floats:
    """(DRAWS,) √(χ²/degrees), always the same.

    For few degrees of freedom χ² is a sum of exponential numbers and, if odd, the square of a normal one; from
    `CUBE_FROM` on it follows from the cube root of χ², which is nearly normal. Source: E. B. Wilson and M. M. Hilferty,
    Proceedings of the National Academy of Sciences 17 (1931) 684–688.
    """
    uniform, _ = uniforms(0, stream_of("simultaneous", "chi"), range(DRAWS), range(CUBE_FROM // 2 + 1), 0)
    normal = normal_quantile(uniform[:, 0])
    if degrees >= CUBE_FROM:
        cube = 1.0 - 2.0 / (9.0 * degrees) + normal * math.sqrt(2.0 / (9.0 * degrees))
        return np.sqrt(cube * cube * cube)
    squares = normal * normal if degrees % 2 else np.zeros(DRAWS)
    for first in range(1, degrees // 2 + 1, _FACTORS):
        last = min(first + _FACTORS, degrees // 2 + 1)
        squares = squares - 2.0 * log_of(uniform[:, first:last].prod(axis=1))
    return np.sqrt(squares / degrees)
