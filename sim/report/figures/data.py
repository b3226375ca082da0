"""Data of the pictures: arrays made by the statistics. Nothing is estimated here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Mark:
    """A contact on record: somewhere in [start, end), in seconds since clock.start; `text` says what and when."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Curve:
    """Times to first contact of one column.

    label     how a person calls the column
    n         replications
    horizon   seconds; what has not happened before it is censored there
    start     clock.start (UTC)
    contacts  replications with a contact
    edges     (bars + 1,) int64: edges of the bars of the histogram, in seconds; the last one is the horizon
    counts    (bars,) int64: first contacts in [edge, next edge)
    ends      (corners,) int64: seconds at which the survival curve is known, increasing to the horizon
    survival  (corners,) float64: the share without contact before `ends`
    low, high (corners,) float64: its pointwise 95 % band
    """

    label: str
    n: int
    horizon: int
    start: datetime
    contacts: int
    edges: NDArray[np.int64]
    counts: NDArray[np.int64]
    ends: NDArray[np.int64]
    survival: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def censored(self) -> float:
        """The share of replications without contact before the horizon."""
        return 1 - self.contacts / self.n


POINTS = 1200
"""A curve is drawn through at most so many of its corners: more than a picture has columns of pixels."""


@dataclass(frozen=True)
class Responses:
    """Response times of one channel, counted in bins of `sim.rules.bins`, each given by its first second.

    label    how a person calls the channel
    since    ``attempt`` or ``occurrence``: from what the time is counted
    n        replications that gave them
    seconds  (bins,) int64, increasing: only bins that hold something
    counts   (bins,) int64
    """

    label: str
    since: str
    n: int
    seconds: NDArray[np.int64]
    counts: NDArray[np.int64]

    @property
    def total(self) -> int:
        """How many responses there are in all."""
        return int(self.counts.sum())


@dataclass(frozen=True)
class UncertainCurve:
    """A curve, and how far the uncertain numbers move it.

    curve      with the band of chance
    low, high  (corners,) float64: where the curve given the numbers lies in 95 % of their draws; the curve itself
               where no spread shows by the end
    error      standard error of the probability of contact by the end: what more replications would make smaller
    spread     standard deviation of that probability over the draws: what only more evidence would
    least      a smaller `spread` does not show beside chance
    """

    curve: Curve
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    error: float
    spread: float
    least: float


@dataclass(frozen=True)
class IncidenceCurve:
    """How often one channel or side was first, up to each moment.

    label      how a person calls it
    n          replications
    horizon    seconds
    start      clock.start (UTC)
    contacts   replications in which it was first
    ends       (corners,) int64: seconds at which the incidence is known, increasing to the horizon
    incidence  (corners,) float64: the share of replications in which it was first, before `ends`
    low, high  (corners,) float64: its pointwise 95 % band
    """

    label: str
    n: int
    horizon: int
    start: datetime
    contacts: int
    ends: NDArray[np.int64]
    incidence: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def share(self) -> float:
        """The share of replications in which it was first."""
        return self.contacts / self.n


@dataclass(frozen=True)
class AttemptsNeeded:
    """How many attempts the requests of a line took to their contact.

    begun      requests begun in all `n` replications, with contact or without
    edges      (bars + 1,) int64: bar i holds the requests that took edges[i] to edges[i + 1] − 1 attempts
    counts     (bars,) int64
    beyond     requests that took more attempts than the bars show
    median     attempts; None where there was no contact
    """

    label: str
    n: int
    begun: int
    edges: NDArray[np.int64]
    counts: NDArray[np.int64]
    beyond: int
    median: float | None

    @property
    def contacts(self) -> int:
        """Requests with a contact."""
        return int(self.counts.sum()) + self.beyond
