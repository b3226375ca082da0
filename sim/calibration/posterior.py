"""The posterior of the uncertain numbers: importance sampling over scrambled Sobol points.

Priors are independent, so each number is a normal score z through its prior's quantile function, and the prior of the
scores is standard normal. A pilot finds where the likelihood is; the final points come from a mixture of the prior and
a Student t distribution placed there, and each is weighed by prior over proposal times an unbiased estimate of L, which
leaves the posterior exact (Beaumont, M. A. (2003), Genetics 164, 1139-1160). The points come in independently scrambled
sets (Owen, A. B. (1997), SIAM J. Numer. Anal. 34, 1884-1910), whose spread gives every standard error.

All of it goes through the rules' own arithmetic, so that the draws are equal to the bit on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from sim.calibration.likelihood import Likelihood, Progress, Weighed
from sim.calibration.pareto import pareto_k
from sim.rules.arithmetic import log
from sim.rules.vectors import cholesky, exp, log1p, normal_cdf, normal_quantile, product, rounded, solve_lower
from sim.runs.errors import RunFailed, RunRefused
from sim.scenario.program import Floats, solve

DRAWS = 4096
SETS = 16
FEWEST_DRAWS = 256
LEAST_EFFECTIVE = 100.0
MOST_PARETO_K = 0.7
_FREEDOM = 9
_FROM_PRIOR = 0.1
_PILOTS = 5
_GOOD = 0.15
"""The share of a pilot's points that is enough for the next sample to be the last."""
_STEP = 1 << 32
"""Rows are numbered apart in the pilot and the final sample."""

Stage = Callable[[str], None]


@dataclass(frozen=True)
class Diagnosis:
    """How far to trust a sample.

    effective     effective sample size of the weights, of `draws`
    pareto_k      of the weights; above 0.7 estimates are not reliable
    noise         the relative variance of the estimates of L, averaged over the posterior
    shift         the largest change of a posterior mean from the first half of the sets to the second, in posterior sds
    """

    draws: int
    effective: float
    pareto_k: float
    noise: float
    shift: float

    @property
    def trouble(self) -> str:
        """Why the sample is not good enough; empty where it is."""
        if not self.effective >= LEAST_EFFECTIVE:
            few = f"{self.effective:.0f} of {self.draws}"
            return f"the effective sample size is {few}, at least {LEAST_EFFECTIVE:.0f} are needed"
        if not self.pareto_k <= MOST_PARETO_K:
            return f"a few draws carry the result (Pareto k {self.pareto_k:.2f}, at most {MOST_PARETO_K} is reliable)"
        return ""


@dataclass(frozen=True)
class Sample:
    """Weighted draws from the posterior; n draws, d uncertain numbers.

    paths         names of the numbers
    numbers       (n, d); scores: their normal scores under the prior
    weights       (n,), summing to 1; sets: (n,) the independent set of each draw
    log_evidence  the logarithm of the marginal likelihood of the record; its standard error beside it
    """

    paths: tuple[str, ...]
    numbers: Floats
    scores: Floats
    weights: Floats
    sets: NDArray[np.int64]
    log_evidence: float
    evidence_error: float
    diagnosis: Diagnosis
    weighed: Weighed

    def mean(self, values: Floats) -> tuple[float, float]:
        """The posterior mean of a function of the draws, shape (n,), and its standard error over the sets."""
        estimate = float((self.weights * values).sum())
        parts = []
        for one in np.unique(self.sets):
            others = self.sets != one
            total = self.weights[others].sum()
            if total > 0.0:
                parts.append(float((self.weights[others] * values[others]).sum()) / total)
        jackknife = np.array(parts)
        m = len(jackknife)
        return estimate, float(np.sqrt((m - 1) / m * np.sum((jackknife - jackknife.mean()) ** 2)))

    def quantile(self, values: Floats, shares: tuple[float, ...]) -> list[float]:
        """Quantiles of a function of the draws under the posterior."""
        return weighted_quantiles(values, self.weights, shares)


def sample(
    likelihood: Likelihood,
    draws: int = DRAWS,
    *,
    paths: bool = False,
    onwards: bool = False,
    pilots: int = _PILOTS,
    progress: Progress | None = None,
    stage: Stage | None = None,
    workers: int | None = None,
) -> Sample:
    """Draws from the posterior. The seed is the likelihood's; `paths` and `onwards` as in `Likelihood.weigh`. `pilots`:
    rounds at most in which to look for it; with 0 all draws come from the prior. `stage` is told ``looking`` and then
    ``sampling``, `progress` how much of either is done.

    Raises RunRefused where no number is uncertain or `draws` is too small, RunFailed where the model cannot produce the
    record. A sample that is not good enough is returned all the same: see `Diagnosis.trouble` and `insist`.
    """
    program = likelihood.program
    if not program.uncertain:
        raise RunRefused("no number of the scenario has a prior: there is nothing to calibrate")
    if draws < FEWEST_DRAWS:
        raise RunRefused(f"{draws} draws are too few; expected at least {FEWEST_DRAWS}")
    target = _Target(likelihood)
    tell = stage or (lambda _: None)
    tell("looking")
    place = _pilot(target, max(SETS * 16, draws // 8), pilots, progress)
    tell("sampling")
    total = SETS * (draws // SETS)
    scores, log_prior_ratio, sets = place.points(total, likelihood.seed)
    numbers = target.numbers(scores)
    weighed = likelihood.weigh(numbers, first=_STEP, paths=paths, onwards=onwards, progress=progress, workers=workers)
    logs = log_prior_ratio + weighed.log_likelihood
    if not np.any(logs > -inf):
        raise likelihood.impossible(weighed.blamed)
    weights = exp(logs - logs.max())
    by_set = np.array([weights[sets == one].mean() for one in range(SETS)])
    evidence = float(weights.mean())
    error = float(by_set.std(ddof=1) / np.sqrt(SETS) / evidence)
    weights /= weights.sum()
    return Sample(
        program.uncertain,
        numbers,
        scores,
        weights,
        sets,
        float(logs.max()) + log(evidence),
        error,
        _diagnose(scores, weights, sets, weighed),
        weighed,
    )


def insist(found: Sample) -> None:
    """Raise RunFailed, with what to do, where a sample is not good enough."""
    if found.diagnosis.trouble:
        raise RunFailed(
            f"the posterior cannot be relied on: {found.diagnosis.trouble}; take more draws "
            f"({4 * len(found.weights)}), or narrower priors where they are vaguer than what is known"
        )


def equal_draws(found: Sample, count: int, seed: int) -> NDArray[np.int64]:
    """Rows of the sample that stand for the posterior with equal weights: systematic resampling, then shuffled."""
    generator = np.random.Generator(np.random.Philox(key=seed))
    steps = (np.arange(count) + generator.random()) / count
    reached = np.cumsum(found.weights)
    rows = np.searchsorted(reached / reached[-1], steps, side="right")
    return generator.permutation(np.minimum(rows, len(reached) - 1))


def weighted_quantiles(values: Floats, weights: Floats, shares: tuple[float, ...]) -> list[float]:
    """The smallest value by which at least each share of the weight is reached."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    places = np.searchsorted(reached, np.array(shares) * reached[-1], side="left")
    return [float(value) for value in values[order][np.minimum(places, len(order) - 1)]]


class _Target:
    """Priors and likelihood, over normal scores."""

    def __init__(self, likelihood: Likelihood) -> None:
        self.likelihood = likelihood
        self.priors = [solve(number.prior, {}) for number in likelihood.scenario.uncertain]

    def numbers(self, scores: Floats) -> Floats:
        """The uncertain numbers with these normal scores, both (n, d)."""
        shares = np.clip(normal_cdf(scores), 2.0**-53, 1.0 - 2.0**-53)
        columns = [
            [prior.quantile(u) for u in column] for prior, column in zip(self.priors, shares.T.tolist(), strict=True)
        ]
        return np.array(columns).T.reshape(scores.shape)


@dataclass(frozen=True)
class _Place:
    """A proposal for scores: the prior with probability `from_prior`, else a Student t distribution at `centre` with
    the lower triangular factor `spread` of its scale matrix."""

    centre: Floats
    spread: Floats
    from_prior: float

    def points(self, count: int, seed: int) -> tuple[Floats, Floats, NDArray[np.int64]]:
        """(scores, ln prior over proposal, set), `count` of them in SETS sets."""
        scores = np.concatenate([self._set(count // SETS, seed, number) for number in range(SETS)])
        sets = np.repeat(np.arange(SETS), count // SETS)
        return scores, self.log_ratio(scores), sets

    def _set(self, size: int, seed: int, number: int) -> Floats:
        from scipy.stats import chi2, qmc

        d = len(self.centre)
        generator = np.random.default_rng([seed, number])
        points = qmc.Sobol(d + 2, rng=generator).random_base2(int(np.ceil(np.log2(max(size, 2)))))[:size]
        points = np.clip(points, 2.0**-53, 1.0 - 2.0**-53)
        normal = normal_quantile(points[:, :d])
        stretch = np.sqrt(_FREEDOM / chi2.ppf(points[:, d], _FREEDOM))[:, np.newaxis]
        stretch = rounded(stretch)  # the last digits of SciPy's quantile are the C library's
        placed = self.centre + product(stretch * normal, self.spread.T)
        return np.where(points[:, d + 1 :] < self.from_prior, normal, placed)

    def log_ratio(self, scores: Floats) -> Floats:
        """ln prior over proposal."""
        d = len(self.centre)
        log_prior = -0.5 * (scores**2).sum(axis=1) - 0.5 * d * log(2.0 * pi)
        if self.from_prior >= 1.0:
            return np.zeros(len(scores))
        away = solve_lower(self.spread, (scores - self.centre).T)
        nu = _FREEDOM
        log_t = (
            _log_gamma_of_half(nu + d)
            - _log_gamma_of_half(nu)
            - 0.5 * d * log(nu * pi)
            - sum(log(float(value)) for value in np.diag(self.spread))
            - 0.5 * (nu + d) * log1p((away**2).sum(axis=0) / nu)
        )
        proposal = _log_add(log(self.from_prior) + log_prior, log(1.0 - self.from_prior) + log_t)
        ratio: Floats = log_prior - proposal
        return ratio


def _log_gamma_of_half(twice: int) -> float:
    """ln Γ(twice / 2)."""
    first = 0.0 if twice % 2 == 0 else log(sqrt(pi))
    return first + sum(log(0.5 * k) for k in range(2 - twice % 2, twice, 2))


def _log_add(one: Floats, other: Floats) -> Floats:
    """ln(exp(one) + exp(other))."""
    found: Floats = np.maximum(one, other) + log1p(exp(-np.abs(one - other)))
    return found


def _pilot(target: _Target, count: int, pilots: int, progress: Progress | None = None) -> _Place:
    """Find where the posterior is, in rounds: each places its points where the last one found weight, flattened as far
    as needed for enough of them to count."""
    likelihood = target.likelihood
    d = len(likelihood.program.uncertain)
    place = _Place(np.zeros(d), np.eye(d), 1.0)
    count = SETS * (count // SETS)
    enough = max(40.0, 4.0 * d)
    for number in range(pilots):
        scores, log_ratio, _ = place.points(count, likelihood.seed ^ (0x9E37 + number))
        numbers = target.numbers(scores)
        first = (2 + number) * _STEP
        weighed = likelihood.tune(numbers, first, progress=progress)
        logs = log_ratio + weighed.log_likelihood
        if not np.any(logs > -inf):
            if number == 0:
                continue
            raise likelihood.impossible(weighed.blamed)
        power, weights = _flatten(logs, enough)
        place = _around(scores, weights)
        if power >= 1.0 and 1.0 / np.sum(weights**2) >= _GOOD * count:
            break
    return place


def _around(scores: Floats, weights: Floats) -> _Place:
    """A proposal with the mean and covariance of weighted points; correlations are trusted as far as there are points
    to tell them."""
    d = scores.shape[1]
    centre = (weights[:, np.newaxis] * scores).sum(axis=0)
    away = scores - centre
    covariance = product((weights[:, np.newaxis] * away).T, away)
    effective = 1.0 / float(np.sum(weights**2))
    trust = effective / (effective + 3.0 * d)
    covariance = trust * covariance + (1.0 - trust) * np.diag(np.diag(covariance))
    # A little of the prior's own spread keeps the matrix regular where few points count.
    return _Place(centre, cholesky(1.1 * covariance + 0.02 * np.eye(d)), _FROM_PRIOR)


def _flatten(logs: Floats, enough: float) -> tuple[float, Floats]:
    """The largest power of the weights, at most 1, with which their effective number is `enough`; and the weights."""

    def weights(power: float) -> Floats:
        raw = exp(power * (logs - logs.max()))
        total: Floats = raw / raw.sum()
        return total

    if 1.0 / np.sum(weights(1.0) ** 2) >= enough:
        return 1.0, weights(1.0)
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if 1.0 / np.sum(weights(middle) ** 2) >= enough else (low, middle)
    return low, weights(max(low, 1e-3))


def _diagnose(scores: Floats, weights: Floats, sets: NDArray[np.int64], weighed: Weighed) -> Diagnosis:
    variance = np.where(weights > 0.0, weighed.variance, 0.0)
    first = sets < SETS // 2
    shift = inf
    halves = [np.where(half, weights, 0.0) for half in (first, ~first)]
    if all(half.sum() > 0.0 for half in halves):
        means = [(half[:, np.newaxis] * scores).sum(axis=0) / half.sum() for half in halves]
        centre = (weights[:, np.newaxis] * scores).sum(axis=0)
        spread = np.sqrt(np.maximum((weights[:, np.newaxis] * scores**2).sum(axis=0) - centre**2, 1e-12))
        shift = float(np.max(np.abs(means[0] - means[1]) / spread))
    noise = float((weights * variance).sum())
    return Diagnosis(len(weights), float(1.0 / np.sum(weights**2)), pareto_k(weights), noise, shift)
