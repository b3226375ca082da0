"""Cumulative incidence: who was first, and by when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.stats.first_contact import FirstContact
from sim.stats.survival import survival_curve


@dataclass(frozen=True, eq=False)
class Incidence:
    """The share of replications in which one cause was first, by the last second of bins; 0 before second 0.

    seconds    (bins,) int64
    incidence  (bins,) float64
    low, high  (bins,) pointwise 95 % band
    """

    seconds: NDArray[np.int64]
    incidence: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def cumulative_incidence(firsts: FirstContact, bins: NDArray[np.int64] | None = None) -> Incidence:
    """The incidence of one cause from the times at which it was first; elsewhere the replication counts as censored.

    At the end of every bin, or of those in `bins`.

    All are censored at one horizon, so that the Aalen–Johansen estimator is the share itself: contacts that the cause
    made by t, over n. The incidences of all causes and the share without any contact add up to 1 at every t. Raises
    ValueError for no replications.
    """
    bins = np.arange(firsts.bins, dtype=np.int64) if bins is None else bins
    curve = survival_curve(firsts, bins)
    # 1 − S would bring rounding errors into shares that are whole numbers over n.
    return Incidence(curve.seconds, firsts.reached(bins) / firsts.replications, 1.0 - curve.high, 1.0 - curve.low)
