"""Value of information: how much a choice between options improves if uncertain numbers are learned first.

EVPI is the expected value of perfect information about all uncertain numbers, EVPPI that of partial perfect information
about some of them. Both are estimated by regression of the options' utilities on the numbers (Strong, Oakley and
Brennan, *Medical Decision Making* 34, 2014): no further simulation is needed.

The regression uses the normal score of each number's rank. A strictly increasing map of a number therefore changes no
result. One number enters as a penalised cubic spline (P-spline: Eilers and Marx, *Statistical Science* 11, 1996).
Several numbers enter as the sum of their splines and of the products of their scores. Generalised cross-validation
chooses the penalty. Noise in the fitted values makes the mean of their maximum too large; `_bias_of_maximum` estimates
by how much.

The linear algebra is LAPACK's, so the last digits depend on the processor. Results are therefore rounded to `DIGITS`
significant digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from scipy.stats import norm, rankdata

from sim.stats.intervals import Estimate
from sim.stats.outcomes import Outcome

Floats = NDArray[np.float64]

LEAST_DRAWS = 2000
"""Fewer draws of the uncertain numbers are too few for the regression."""
FORMAT = 1
"""Of the JSON document."""
DIGITS = 6
"""Significant digits of what is returned."""

_SEGMENTS = 8
_SEGMENTS_OF_MANY = 4
"""Segments of a number's spline: alone, and beside others."""
_PENALTIES = 10.0 ** np.arange(-4.0, 9.0)
_RESAMPLES = 100
_NOISE_DRAWS = 32
_LEVEL = 0.95
_NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class InformationValue:
    """What learning a group of numbers is worth, in units of utility.

    numbers   names of the numbers that are learned
    estimate  EVPPI, at least 0 and at most the EVPI of the same call
    low, high 95 % interval by bootstrap over the draws
    bias      bias of the mean of the maximum by errors of the fit, which has been subtracted
    changes   share of the draws in which the choice would be another one than without information
    """

    numbers: tuple[str, ...]
    estimate: float
    low: float
    high: float
    bias: float
    changes: float


@dataclass(frozen=True)
class Option:
    """One scenario to choose.

    name        as in the what-if file; the base is first
    utility     probability of contact, or minus the mean wait in days; minus the cost of its attempts
    difference  from the base, paired; zero for the base
    attempts    mean number of attempts on all lines in a replication
    """

    name: str
    utility: Estimate
    difference: Estimate
    attempts: float


@dataclass(frozen=True, eq=False)
class ValueOfInformation:
    """What learning uncertain numbers is worth, in percentage points of probability or in days.

    title, start, horizon  of the base scenario
    outcome           whose first contact, and by when; without a time the utility is minus the restricted mean
    cost              of an attempt, in units of utility
    replications, seed, draws  of the simulation; draws of the uncertain numbers
    options           the base first
    best              name of the option with the largest mean utility
    numbers           EVPPI of each number, the largest first
    groups            EVPPI of the named groups, by name
    everything        EVPI: all numbers
    """

    title: str
    start: datetime
    horizon: int
    outcome: Outcome
    cost: float
    replications: int
    seed: int
    draws: int
    options: tuple[Option, ...]
    best: str
    numbers: tuple[InformationValue, ...]
    groups: Mapping[str, InformationValue]
    everything: InformationValue

    @property
    def unit(self) -> str:
        """``days`` or ``probability``."""
        return "days" if self.outcome.is_wait else "probability"

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "format": FORMAT,
            "kind": "voi",
            "title": self.title,
            "start": self.start.isoformat(),
            "horizon_seconds": self.horizon,
            "outcome": asdict(self.outcome),
            "unit": self.unit,
            "cost_per_attempt": self.cost,
            "replications": self.replications,
            "seed": self.seed,
            "draws": self.draws,
            "options": [asdict(one) for one in self.options],
            "best": self.best,
            "evppi": [asdict(one) for one in self.numbers],
            "groups": {name: asdict(one) for name, one in self.groups.items()},
            "evpi": asdict(self.everything),
        }


@dataclass(frozen=True)
class _Fit:
    """Fitted utilities of the options, shape (draws, options); the first option is the base with utility 0."""

    values: Floats
    basis: Floats
    residuals: Floats
    gram_inverse: tuple[Floats, ...]


def information_values(
    differences: Floats, numbers: Floats, names: Sequence[str], groups: Sequence[Sequence[str]], seed: int = 1
) -> tuple[InformationValue, ...]:
    """Return EVPPI of each group of numbers, and of all numbers (EVPI) as the last item.

    `differences`: shape (draws, options), utility of each option minus that of the base, for one draw of the numbers or
    the mean over a block that shares it. `numbers`: shape (draws, len(names)). A group names one or more numbers.
    A larger group is never worth less than a smaller one within it, and none is worth more than all numbers.

    Raises ValueError if there are fewer than `LEAST_DRAWS` draws, no option, or a group with an unknown name.
    """
    draws = len(differences)
    if draws < LEAST_DRAWS:
        raise ValueError(f"{draws} draws of the uncertain numbers are too few; at least {LEAST_DRAWS} are needed")
    if differences.ndim != 2 or differences.shape[1] == 0:
        raise ValueError("at least one option beside the base is needed")
    index = {name: at for at, name in enumerate(names)}
    wanted = [*(tuple(group) for group in groups), tuple(names)]
    for group in wanted:
        unknown = [name for name in group if name not in index]
        if unknown or not group:
            raise ValueError(f"'{unknown[0] if unknown else ''}' is none of the uncertain numbers: {', '.join(names)}")
    scores = normal_scores(numbers)
    generator = np.random.default_rng([seed, draws])
    found: dict[frozenset[str], InformationValue] = {}
    for group in sorted(set(wanted), key=len):
        columns = [at for at in (index[name] for name in group) if np.ptp(scores[:, at]) > 0.0]
        value = _of_group(group, differences, scores[:, columns], generator)
        within = [found[other] for other in found if other < frozenset(group)]
        found[frozenset(group)] = _at_least(value, within)
    most = found[frozenset(names)]
    return tuple(_at_most(found[frozenset(group)], most) for group in wanted)


def best_shares(differences: Floats, numbers: Floats) -> tuple[float, ...]:
    """Share of the draws in which each option has the largest fitted utility, the base first; they sum to 1.

    Arguments as in `information_values`, which regresses in the same way on all numbers.
    """
    scores = normal_scores(numbers)
    fit = _regress(differences, scores[:, np.ptp(scores, axis=0) > 0.0])
    best = np.argmax(np.column_stack([np.zeros(len(fit.values)), fit.values]), axis=1)
    return tuple(float(np.mean(best == option)) for option in range(differences.shape[1] + 1))


def normal_scores(numbers: Floats) -> Floats:
    """Normal scores of the ranks of each column, ties at their mean rank; a constant column is all zeros."""
    scores: Floats = norm.ppf((rankdata(numbers, axis=0) - 0.5) / len(numbers))
    return np.where(np.ptp(numbers, axis=0) > 0.0, scores, 0.0)


def _of_group(
    group: tuple[str, ...], differences: Floats, scores: Floats, generator: np.random.Generator
) -> InformationValue:
    if scores.shape[1] == 0:
        return InformationValue(group, 0.0, 0.0, 0.0, 0.0, 0.0)
    fit = _regress(differences, scores)
    raw = _gain(fit.values)
    bias = _bias_of_maximum(fit, generator)
    shares = np.full(len(differences), 1.0 / len(differences))
    resampled = [_resampled_gain(fit, generator.multinomial(len(shares), shares)) for _ in range(_RESAMPLES)]
    margin = float(norm.ppf((1.0 + _LEVEL) / 2.0)) * float(np.std(resampled))
    low, high = raw - bias - margin, raw - bias + margin
    with_base = np.column_stack([np.zeros(len(fit.values)), fit.values])
    chosen = int(np.argmax(with_base.mean(axis=0)))
    changes = float(np.mean(np.argmax(with_base, axis=1) != chosen))
    # What rounding leaves of equal options is no value.
    least = _NEGLIGIBLE * float(np.abs(differences).max())
    estimate, low, high = (_rounded(number) if number > least else 0.0 for number in (raw - bias, low, high))
    return InformationValue(group, estimate, low, high, _rounded(bias), _rounded(changes))


def _regress(differences: Floats, scores: Floats) -> _Fit:
    """Fit each option's difference by penalised least squares; the penalty has least generalised cross-validation."""
    basis, penalty = _basis(scores)
    gram = basis.T @ basis
    moments = basis.T @ differences
    draws = len(basis)
    fitted, inverses = [], []
    for option in range(differences.shape[1]):
        best: tuple[float, Floats, Floats] | None = None
        for strength in _PENALTIES:
            inverse = np.linalg.pinv(gram + strength * penalty, hermitian=True)
            values = basis @ (inverse @ moments[:, option])
            freedom = float(np.sum(inverse * gram))
            score = float(np.sum((differences[:, option] - values) ** 2)) / (1.0 - min(freedom / draws, 0.99)) ** 2
            if best is None or score < best[0]:
                best = score, values, inverse
        assert best is not None
        fitted.append(best[1])
        inverses.append(best[2])
    values = np.column_stack(fitted)
    return _Fit(values, basis, differences - values, tuple(inverses))


def _basis(scores: Floats) -> tuple[Floats, Floats]:
    """Columns of the regression and their penalty: a constant, a spline a number, products of two numbers' scores."""
    draws, count = scores.shape
    segments = _SEGMENTS if count == 1 else _SEGMENTS_OF_MANY
    blocks, penalties = [np.ones((draws, 1))], [np.zeros((1, 1))]
    for column in scores.T:
        spline = _spline(column, segments)
        second = np.diff(np.eye(spline.shape[1]), n=2, axis=0)
        blocks.append(spline - spline.mean(axis=0))
        penalties.append(second.T @ second)
    products = [scores[:, i] * scores[:, j] for i in range(count) for j in range(i + 1, count)]
    if products:
        blocks.append(np.column_stack(products))
        penalties.append(1e-3 * np.eye(len(products)))
    size = sum(len(one) for one in penalties)
    penalty, at = np.zeros((size, size)), 0
    for one in penalties:
        penalty[at : at + len(one), at : at + len(one)] = one
        at += len(one)
    return np.hstack(blocks), penalty


def _spline(column: Floats, segments: int) -> Floats:
    """Cubic B-splines on equal segments over the column's range, shape (draws, segments + 3)."""
    low, high = float(column.min()), float(column.max())
    step = (high - low) / segments
    knots = low + step * np.arange(-3, segments + 4)
    inside = np.clip(column, knots[3], np.nextafter(knots[-4], knots[3]))
    return np.asarray(BSpline.design_matrix(inside, knots, 3).toarray())


def _gain(values: Floats, weight: NDArray[np.int64] | None = None) -> float:
    """Mean of the maximum over base and options, minus the maximum of the means."""
    best = np.maximum(values.max(axis=1), 0.0)
    return float(np.average(best, weights=weight)) - max(0.0, float(np.average(values, axis=0, weights=weight).max()))


def _bias_of_maximum(fit: _Fit, generator: np.random.Generator) -> float:
    """Expected increase of the gain by the estimation error of the fitted values.

    The error is drawn as the fit of the residuals with random signs (wild bootstrap), so it respects their correlation
    between options and their changing variance. It is added to fitted values that are first shrunk until error and
    shrunk values together have the variance of the fitted values: those hold one error already.
    """
    noises = [
        _smooth(fit, fit.residuals * generator.choice(np.array([-1.0, 1.0]), size=len(fit.residuals))[:, None])
        for _ in range(_NOISE_DRAWS)
    ]
    means = fit.values.mean(axis=0)
    mean_errors = np.mean([noise.mean(axis=0) ** 2 for noise in noises], axis=0)
    deviations = fit.values - means
    errors = np.mean([noise.var(axis=0) for noise in noises], axis=0)
    shrunk = means * _shrinkage(mean_errors.sum(), (means**2).sum()) + deviations * np.array(
        [_shrinkage(error, float(own.var())) for error, own in zip(errors, deviations.T, strict=True)]
    )
    return float(np.mean([_gain(shrunk + noise) for noise in noises])) - _gain(shrunk)


def _shrinkage(error: float, variance: float) -> float:
    return max(0.0, 1.0 - error / variance) ** 0.5 if variance > 0.0 else 0.0


def _smooth(fit: _Fit, values: Floats) -> Floats:
    return _of_moments(fit, fit.basis.T @ values)


def _of_moments(fit: _Fit, moments: Floats) -> Floats:
    coefficients = [inverse @ moments[:, option] for option, inverse in enumerate(fit.gram_inverse)]
    return np.asarray(fit.basis @ np.column_stack(coefficients))


def _resampled_gain(fit: _Fit, weight: NDArray[np.int64]) -> float:
    """Gain of a bootstrap sample in which draw b occurs weight[b] times; one Newton step replaces a new fit."""
    moments = fit.basis.T @ (weight[:, None] * fit.residuals)
    return _gain(fit.values + _of_moments(fit, moments), weight)


def _at_least(value: InformationValue, within: Sequence[InformationValue]) -> InformationValue:
    most = max((one.estimate for one in within), default=0.0)
    if value.estimate >= most:
        return value
    return InformationValue(value.numbers, most, value.low, max(value.high, most), value.bias, value.changes)


def _at_most(value: InformationValue, limit: InformationValue) -> InformationValue:
    if value.estimate <= limit.estimate:
        return value
    estimate = limit.estimate
    return InformationValue(value.numbers, estimate, min(value.low, estimate), value.high, value.bias, value.changes)


def _rounded(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")
