"""Sensitivity analysis: tornado (one number at a time) and Sobol indices (decomposition of the variance).

The outcome is itself only simulated. With f(x) the expected outcome where the uncertain numbers are x, independent of
each other, and V = Var f(x),

    first order  S_i = Var(E[f | x_i]) / V       what knowing x_i would take away
    total        T_i = E[Var(f | all but x_i)] / V    what would be left if all but x_i were known

Both come from rows of points: A and B independent, AB_i equal to A but for x_i, which is B's.

    V S_i = E[f_B (f_AB_i − f_A)]        V T_i = ½ E[(f_A − f_AB_i)²]

Sources: A. Saltelli et al., Computer Physics Communications 181 (2010) 259–270, table 2 (b) and (f); M. J. W. Jansen,
ibid. 117 (1999) 35–43.

**Noise.** f is not known: each point has R replications, and the mean of so few is f plus noise, which would pass for
spread. All points of a row share their replications, so their noises are correlated. Every square and product above is
therefore corrected by the (co)variance between replications of the same row, divided by R, which makes it unbiased for
any R >= 2 and any dependence within the row.

**Intervals.** The rows come in sets, each a low-discrepancy sequence randomised by itself; sets are independent. An
index is a ratio of two means over the sets, and its error that of the linearised ratio, with Student's quantile.
An estimate may lie outside [0, 1].
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.stats.intervals import Estimate, student_quantile
from sim.stats.outcomes import Outcome, StudySpec

Floats = NDArray[np.float64]

SETS = 16
"""Independently randomised sets of rows, the units of the intervals."""

BITS = 30
"""Of the coordinates of a point, as SciPy gives them."""


@dataclass(frozen=True)
class SobolIndices:
    """The indices of one outcome.

    first, total  by uncertain number, in order; None where the spread is not clearly different from none
    variance      V, the variance of the expected outcome over the priors
    noise         share of the variance between the simulated points that is Monte Carlo noise, in [0, 1]
    within        share of the variance of a single replication that chance makes within the scenario, whatever its
                  numbers: what more evidence on them would not take away, in [0, 1]
    rows          points in A
    replications  R, at each point
    """

    first: tuple[Estimate, ...] | None
    total: tuple[Estimate, ...] | None
    variance: Estimate
    noise: Estimate
    within: Estimate
    rows: int
    replications: int


def sobol_design(dimensions: int, rows: int, shifts: NDArray[np.int64]) -> Floats:
    """(rows, dimensions) points in (0, 1): a Sobol sequence in each of the sets, randomised by a digital shift.

    rows    a power of two times the number of sets
    shifts  (sets, dimensions) independent and uniform in [0, 2^BITS)

    Every coordinate is uniform on a grid of cells' middles. Source: A. B. Owen, "Randomly permuted (t,m,s)-nets", in
    Monte Carlo and Quasi-Monte Carlo Methods in Scientific Computing (1995), section 2.
    """
    from scipy.stats import qmc

    sets = len(shifts)
    power = (rows // sets).bit_length() - 1
    if sets << power != rows:
        raise ValueError(f"{rows} rows; expected {sets} times a power of two")
    sequence = qmc.Sobol(dimensions, scramble=False, bits=BITS).random_base2(power)
    whole = np.rint(sequence * (1 << BITS)).astype(np.int64)
    points: Floats = ((whole[None, :, :] ^ shifts[:, None, :]).reshape(rows, dimensions) + 0.5) / (1 << BITS)
    return points


def sobol_points(coordinates: Floats) -> tuple[Floats, Floats, tuple[Floats, ...]]:
    """A, B and all AB_i, each (rows, numbers), from (rows, 2·numbers) coordinates."""
    numbers = coordinates.shape[1] // 2
    a, b = coordinates[:, :numbers], coordinates[:, numbers:]
    mixed = []
    for number in range(numbers):
        one = a.copy()
        one[:, number] = b[:, number]
        mixed.append(one)
    return a, b, tuple(mixed)


def sobol_indices(a: Floats, b: Floats, mixed: tuple[Floats, ...], sets: int = SETS) -> SobolIndices:
    """Estimate.

    a, b, mixed  (rows, R) the outcomes of the replications at each point of A, of B and of every AB_i; a row's
                 replications are the same ones in all of them. R is at least 2, rows a multiple of `sets`

    Raises ValueError for any other shape.
    """
    rows, size = a.shape
    if size < 2 or rows % sets or rows < sets or any(one.shape != a.shape for one in (b, *mixed)):
        raise ValueError(f"outcomes of shape {a.shape}; expected rows a multiple of {sets}, and two replications a row")
    middle = float((a.mean() + b.mean()) / 2)
    # A common constant changes no index, and a large one would cost digits.
    a, b, mixed = a - middle, b - middle, tuple(one - middle for one in mixed)
    bessel = 2 * rows / (2 * rows - 1)
    variance = (_product(a, a) + _product(b, b)) / 2 + (bessel - 1) * (np.square(a.mean(1)) + np.square(b.mean(1))) / 2
    noise = (_noise(a, a) + _noise(b, b)) / 2
    spread = _ratio(variance, np.ones(rows), sets)
    clear = (spread.low or 0.0) > 0.0
    return SobolIndices(
        tuple(_ratio(_product(b, one - a), variance, sets) for one in mixed) if clear else None,
        tuple(_ratio(_product(a - one, a - one) / 2, variance, sets) for one in mixed) if clear else None,
        Estimate(spread.estimate, max(0.0, spread.low or 0.0), spread.high),
        _part(noise, variance, sets),
        _part(noise * size, variance, sets),
        rows,
        size,
    )


def _product(one: Floats, other: Floats) -> Floats:
    """(rows,) unbiased for the product of two expectations at each row."""
    product: Floats = one.mean(axis=1) * other.mean(axis=1) - _noise(one, other)
    return product


def _noise(one: Floats, other: Floats) -> Floats:
    """(rows,) covariance of the two means over a row's replications, unbiased."""
    size = one.shape[1]
    means = one.mean(axis=1, keepdims=True), other.mean(axis=1, keepdims=True)
    covariance: Floats = ((one - means[0]) * (other - means[1])).sum(axis=1) / (size - 1) / size
    return covariance


def _part(noise: Floats, variance: Floats, sets: int) -> Estimate:
    """The share of noise in the sum of both; 0 where nothing varies at all."""
    if not noise.any():
        return Estimate(0.0, 0.0, 0.0)
    found = _ratio(noise, noise + variance, sets)
    return Estimate(*(min(1.0, max(0.0, end)) for end in (found.estimate or 0.0, found.low or 0.0, found.high or 0.0)))


def _ratio(above: Floats, below: Floats, sets: int) -> Estimate:
    """Σ above / Σ below with its interval, from the sets as units."""
    over, under = above.reshape(sets, -1).mean(axis=1), below.reshape(sets, -1).mean(axis=1)
    if under.mean() == 0.0:
        return Estimate(None, None, None)
    ratio = float(over.mean() / under.mean())
    error = math.sqrt(float(np.square(over - ratio * under).sum()) / (sets * (sets - 1))) / abs(float(under.mean()))
    half = student_quantile(sets - 1) * error
    return Estimate(ratio, ratio - half, ratio + half)


FORMAT = 1


@dataclass(frozen=True)
class Swing:
    """What one number does to one outcome, all others held.

    path       of the number
    low, high  it, at both ends, as a reader writes it
    at_low     the outcome with it at the low end
    at_high    and at the high end
    from_low   at_low − the outcome in the middle, paired by replication
    from_high  at_high − the outcome in the middle, likewise
    swing      at_high − at_low, likewise
    """

    path: str
    low: str
    high: str
    at_low: Estimate
    at_high: Estimate
    from_low: Estimate
    from_high: Estimate
    swing: Estimate

    @property
    def width(self) -> float:
        """How far the outcome moves, in either direction."""
        return abs(self.swing.estimate or 0.0)


@dataclass(frozen=True)
class Tornado:
    """All numbers for one outcome, the one that moves it most first.

    middle  the outcome with every number in its middle: the median of its prior, or as the file has it
    """

    outcome: Outcome
    middle: Estimate
    swings: tuple[Swing, ...]


@dataclass(frozen=True, eq=False)
class SensitivityAnalysis:
    """What a study of sensitivity found.

    spec      scenario, seed, replications at each end, engine
    columns   columns of first contacts
    by        seconds; the horizon stands for "by the end"
    source    what the ends are: ``prior`` and ``posterior``: the 10 % and 90 % quantiles of uncertain numbers, the
              others at their medians; ``numbers``: plain numbers times 0.8 and 1.2 (of an answer, its odds)
    numbers   paths of the uncertain numbers, in the order of the indices
    tornadoes by column, contact by the time `by` first, then the mean wait
    indices   Sobol indices by outcome; empty where there are none
    no_indices  why there are none; empty where there are
    left_out  numbers that were not moved, and why
    """

    spec: StudySpec
    columns: tuple[str, ...]
    by: int
    source: str
    numbers: tuple[str, ...]
    tornadoes: tuple[Tornado, ...]
    indices: Mapping[Outcome, SobolIndices]
    no_indices: str = ""
    left_out: Mapping[str, str] | None = None

    def tornado(self, outcome: Outcome) -> Tornado:
        """That of one outcome. Raises KeyError."""
        for one in self.tornadoes:
            if one.outcome == outcome:
                return one
        raise KeyError(outcome)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: plain mappings, lists and numbers."""
        return {
            "format": FORMAT,
            "kind": "sensitivity",
            **self.spec.as_dict(),
            "columns": list(self.columns),
            "by": self.by,
            "source": self.source,
            "numbers": list(self.numbers),
            "tornadoes": [asdict(one) for one in self.tornadoes],
            "indices": [{**asdict(outcome), **asdict(found)} for outcome, found in self.indices.items()],
            "no_indices": self.no_indices,
            "left_out": dict(self.left_out or {}),
        }
