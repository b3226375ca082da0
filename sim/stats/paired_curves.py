"""Survival curves of several scenarios, thinned to what a picture shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.stats.first_contact import FirstContact
from sim.stats.survival import survival_curve

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
    filled = np.union1d(column.filled, [column.bins - 1])
    part = filled * CORNERS // column.bins
    bins = filled[np.append(np.flatnonzero(np.diff(part)), len(filled) - 1)] if len(filled) > CORNERS else filled
    curve = survival_curve(column, bins)
    return PairedCurve(curve.seconds + 1, curve.survival, curve.low, curve.high)
