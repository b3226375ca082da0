"""Several comparisons at once: intervals that hold together, p-values that allow for how many there are, and places.

Estimates are taken as jointly normal around what they estimate, their covariance as known up to Student's t on the
degrees of freedom of the units that it was estimated from. Correlated comparisons (all variants share the base, and
most of their random numbers) need less widening than independent ones; how much less is read off their correlation.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.rules.random import stream_of, uniforms
from sim.stats.intervals import LEVEL, student_quantile

Floats = NDArray[np.float64]

DRAWS = 1 << 14
"""Simulated vectors behind a critical value: its error is then about 0.01, that of the level 0.2 %."""

MOST_SIMULATED = 64
"""More comparisons than this get Šidák's critical value, which needs no simulation and is never too small."""

NORMAL_FROM = 4096
"""Degrees of freedom from which Student's t is taken as normal: by then quantiles differ by less than 0.001."""


def critical_value(correlation: Floats, degrees: int, *, level: float = LEVEL) -> float:
    """c with P(max |T_v| <= c) = `level`, T multivariate t with this correlation, shape (v, v), and these degrees.

    One comparison has Student's quantile, exactly. For more, the quantile of `DRAWS` simulated maxima, always the same
    ones, between Student's and Šidák's; Šidák's for comparisons that do not correlate. Source: T. Hothorn, F. Bretz and
    P. Westfall, Biometrical Journal 50 (2008) 346–363; Z. Šidák, JASA 62 (1967) 626–633.
    """
    size = len(correlation)
    least, most = _student(degrees, level), _student(degrees, level ** (1.0 / max(size, 1)))
    if size <= 1:
        return least
    if size > MOST_SIMULATED or np.array_equal(correlation, np.eye(size)):
        return most
    largest = np.abs(_normals(size) @ _root(correlation).T).max(axis=1)
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
    """Which of several estimates differ: (s, s) true where one is told apart from another, all pairs together at LEVEL.

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
        critical = _student(degrees, LEVEL ** (1.0 / max(len(first), 1)))
    elif not len(first):
        critical = 0.0
    else:
        drawn = _normals(size) @ _root(covariance).T
        largest = np.zeros(len(drawn))
        for one, other in zip(first, second, strict=True):
            np.maximum(largest, np.abs(drawn[:, one] - drawn[:, other]) / errors[one, other], out=largest)
        critical = max(_quantile(largest, degrees, LEVEL), _student(degrees, LEVEL))
    apart: NDArray[np.bool_] = gaps > critical * errors
    return apart


def rank_ranges(estimates: Floats, apart: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(best, worst) place of each estimate, 1 for the smallest, given which are told apart.

    With LEVEL all places are in their ranges together, because all differences are in theirs. Source: M. Mogstad, J. P.
    Romano, A. M. Shaikh and D. Wilhelm, Review of Economic Studies 91 (2024) 476–518.
    """
    smaller = estimates[:, None] > estimates[None, :]
    better = (apart & smaller).sum(axis=1)
    worse = (apart & ~smaller).sum(axis=1)
    return [(1 + int(b), len(estimates) - int(w)) for b, w in zip(better, worse, strict=True)]


def _student(degrees: int, level: float) -> float:
    from scipy.special import stdtrit

    return student_quantile(degrees) if level == LEVEL else float(stdtrit(degrees, 0.5 + level / 2))


def _quantile(largest: Floats, degrees: int, level: float) -> float:
    """Of the maxima of |Z|, each divided by an independent √(χ²/degrees) where those are few."""
    scaled = largest if degrees >= NORMAL_FROM else largest / _chi(degrees)
    rank = int(np.ceil(level * len(scaled))) - 1
    return float(np.partition(scaled, rank)[rank])


def _root(matrix: Floats) -> Floats:
    """A with A·Aᵀ = the matrix, which may be singular; negative eigenvalues are rounding."""
    values, vectors = np.linalg.eigh(matrix)
    root: Floats = vectors * np.sqrt(np.maximum(values, 0.0))
    return root


@lru_cache(maxsize=4)
def _normals(size: int) -> Floats:
    """(DRAWS, size) independent standard normal numbers, always the same: no run's draws, another stream."""
    from scipy.special import ndtri

    uniform, _ = uniforms(0, stream_of("simultaneous", "normal"), range(DRAWS), range(size), 0)
    normals: Floats = ndtri(uniform)
    return normals


@lru_cache(maxsize=16)
def _chi(degrees: int) -> Floats:
    """(DRAWS,) √(χ²/degrees), always the same."""
    from scipy.special import chdtri

    uniform, _ = uniforms(0, stream_of("simultaneous", "chi"), range(DRAWS), range(1), 0)
    roots: Floats = np.sqrt(chdtri(degrees, uniform[:, 0]) / degrees)
    return roots
