"""Scores of probabilistic forecasts of a waiting time against what happened later.

A forecast is a distribution function on a grid of times, so that weighted draws, closed forms and empirical
distributions are scored alike. Scores follow Gneiting and Raftery, *Journal of the American Statistical Association*
102 (2007). The references are an exponential with unknown rate and the pooled earlier gaps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.stats.intervals import Estimate, share

Floats = NDArray[np.float64]

DAY = 86_400.0
SHORTEST = 1.0 / 24.0
"""Days: shorter waits count as this one in the score of logarithms."""
CENTRAL = (0.5, 0.9)
_GRID = 4096
LEAST_PROBABILITY = 1e-6
"""A forecast that excludes what happened gets the log score of this probability, and the score is marked as a bound."""


@dataclass(frozen=True)
class PredictiveDistribution:
    """Distribution function of the days until the next contact.

    cdf      non-decreasing function of days >= 0; below 1 at `horizon` if no contact by then is possible
    horizon  days that the forecast reaches
    """

    cdf: Callable[[Floats], Floats]
    horizon: float

    def quantile(self, probability: float) -> float:
        """Smallest time of the grid at which the distribution function reaches `probability`; infinite if none does."""
        days = _grid(self.horizon)
        reached = np.flatnonzero(self.cdf(days) >= probability)
        return float(days[reached[0]]) if len(reached) else math.inf


@dataclass(frozen=True)
class Score:
    """What a forecast is worth, given the outcome.

    percentile  probability that the forecast gave to an earlier contact; for a window, that of its middle
    within      whether the outcome lies in the central interval, by `CENTRAL`
    crps        continuous ranked probability score of ln days, limited to the horizon; 0 is perfect
    log_score   −ln of the probability of the outcome's window; smaller is better
    bounded     whether the forecast gave the outcome less than `LEAST_PROBABILITY`
    """

    percentile: float
    within: tuple[bool, ...]
    crps: float
    log_score: float
    bounded: bool


def draws_forecast(days: Floats, weights: Floats, horizon: float) -> PredictiveDistribution:
    """Distribution from weighted draws of the days until contact; infinite draws have none before the horizon."""
    order = np.argsort(days, kind="stable")
    times, cumulated = days[order], np.cumsum(weights[order])
    cumulated = cumulated / cumulated[-1]

    def cdf(at: Floats) -> Floats:
        index = np.searchsorted(times, at, side="right")
        return np.where(index > 0, cumulated[np.maximum(index - 1, 0)], 0.0)

    return PredictiveDistribution(cdf, horizon)


def exponential_reference(contacts: int, exposure: float, horizon: float) -> PredictiveDistribution:
    """Exponential waiting time whose rate has the prior Gamma(1/2, 0), given earlier contacts in `exposure` days.

    The predictive distribution is Lomax: P(T > t) = (exposure / (exposure + t))^(contacts + 1/2).
    """
    if not exposure > 0.0:
        raise ValueError(f"the exposure is {exposure} days; it must be above 0")
    shape = contacts + 0.5

    def cdf(at: Floats) -> Floats:
        return np.asarray(1.0 - (exposure / (exposure + at)) ** shape)

    return PredictiveDistribution(cdf, horizon)


def pooled_gaps(gaps: Sequence[float], horizon: float) -> PredictiveDistribution:
    """Empirical distribution of earlier gaps in days; half a gap of weight lies beyond the longest one."""
    days = np.array([*gaps, math.inf])
    weights = np.array([*([1.0] * len(gaps)), 0.5])
    return draws_forecast(days, weights, horizon)


def score(forecast: PredictiveDistribution, first: float, last: float) -> Score:
    """Score a contact known to lie in [first, last) days after the forecast; first = last is an instant."""
    if not 0.0 <= first <= last:
        raise ValueError(f"the outcome [{first}, {last}) is no window of days after the forecast")
    # An instant is scored as the second that holds it.
    end = max(last, first + 1.0 / DAY)
    below, above = (float(one) for one in forecast.cdf(np.array([np.nextafter(first, -1.0), np.nextafter(end, 0.0)])))
    percentile = 0.5 * (below + above)
    within = tuple(0.5 - share / 2 <= percentile <= 0.5 + share / 2 for share in CENTRAL)
    probability = above - below
    middle = 0.5 * (first + end)
    return Score(
        percentile,
        within,
        crps_of_logarithm(forecast, middle),
        -math.log(max(probability, LEAST_PROBABILITY)),
        probability < LEAST_PROBABILITY,
    )


def crps_of_logarithm(forecast: PredictiveDistribution, outcome: float) -> float:
    """∫ (F(x) − 1{x >= ln y})² dx over x = ln days, from `SHORTEST` to the horizon; an outcome beyond either end counts
    as that end. Rectangles on a grid of 4,096 steps and the outcome itself."""
    outcome = min(max(outcome, SHORTEST), forecast.horizon)
    days = np.union1d(_grid(forecast.horizon), [outcome])
    steps = np.diff(np.log(days))
    values = forecast.cdf(days)[:-1]
    return float(np.sum((values - (days[:-1] >= outcome)) ** 2 * steps))


def coverage(scores: Sequence[Score]) -> tuple[Estimate, ...]:
    """Share of outcomes in each central interval, with its binomial (Wilson) 95 % interval."""
    return tuple(share(np.array([one.within[at] for one in scores])) for at in range(len(CENTRAL)))


def skill(own: Sequence[float], reference: Sequence[float]) -> float:
    """1 − mean score / mean score of the reference: 1 is perfect, 0 no better than the reference."""
    return 1.0 - float(np.mean(own)) / float(np.mean(reference))


def _grid(horizon: float) -> Floats:
    if not horizon > SHORTEST:
        raise ValueError(f"the horizon is {horizon} days; it must be above {SHORTEST:.2g}")
    return np.geomspace(SHORTEST, horizon, _GRID + 1)
