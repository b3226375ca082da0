"""Model checks: posterior predictive checks, held-out prediction, prior sensitivity, Bayes factors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot

import numpy as np

from sim.calibration.fit import Calibration
from sim.calibration.forecast import together
from sim.calibration.likelihood import PARTICLES, Likelihood, Paths, Progress
from sim.calibration.posterior import equal_draws, insist, sample
from sim.calibration.record import Evidence, say
from sim.rules.vectors import exp
from sim.runs.errors import RunRefused
from sim.scenario.program import Floats, Ints
from sim.scenario.resolved import RecordEntry, Scenario

REPLICATED = 512
"""Posterior draws from which records are simulated again, with `_EACH` paths each."""
_EACH = 16
_LEAST_ALIKE = 100
"""Simulated records with the same number of attempts that are enough to compare answers among them."""
UNUSUAL = 0.05
SHIFT = 0.5
"""By how many of its sds each prior is moved to see whether it decides."""


@dataclass(frozen=True)
class PredictiveCheck:
    """The place of one entry of the record among simulated records.

    percentile   of the first contact, or of the number of attempts: the share below, plus half of what is equal. None
                 for an entry that says yes or no
    probability  that a simulated record agrees with the entry
    answers      for an entry that counts answers: the percentile of their number among the simulated records that agree
                 on the number of attempts (among all, where fewer than `_LEAST_ALIKE` agree); None for other entries
    tail         the smallest one-sided probability of a result as far out as the entry or farther, its own value
                 included, over what the entry says
    """

    entry: int
    line: str
    says: str
    percentile: float | None
    probability: float
    answers: float | None
    tail: float

    @property
    def unusual(self) -> bool:
        """Whether fewer than one simulated record in twenty is as far out, both sides counted, or agrees at all."""
        if self.percentile is None:
            return self.probability < UNUSUAL
        places = [place for place in (self.percentile, self.answers) if place is not None]
        return any(min(place, 1.0 - place) < UNUSUAL / 2 for place in places)


def predictive(found: Calibration) -> tuple[PredictiveCheck, ...]:
    """Compare each entry with records simulated from the posterior. Responses are left out: `openlines fit` checks
    them."""
    likelihood = found.likelihood
    end = max(likelihood.end, *found.evidence.ends) if found.evidence.ends else likelihood.end
    free = found.evidence.watching(end)
    again = Likelihood(found.scenario, free, _EACH, found.seed ^ 0x5EED, likelihood.program)
    numbers = np.ascontiguousarray(found.sample.numbers[equal_draws(found.sample, REPLICATED, found.seed)])
    paths = again.weigh(numbers, paths=True).paths
    entries = found.evidence.entries
    return tuple(
        _check(found.scenario, entry, paths) for entry in entries if found.scenario.record[entry].kind != "response"
    )


def _check(scenario: Scenario, number: int, paths: tuple[Paths, ...]) -> PredictiveCheck:
    entry = scenario.record[number]
    one = [line.name for line in scenario.lines].index(entry.line)
    mine = next(some for some in paths if one in some.lines)
    percentile: float | None = None
    answers: float | None = None
    if entry.kind in {"contact", "no_contact"}:
        first = mine.first[:, :, one].ravel()
        first = np.where(first < 0, scenario.horizon, first)
        if entry.kind == "no_contact":
            probability = tail = float((first >= entry.end).mean())
        else:
            percentile, tail = _place(first, entry.start, entry.end - 1)
            probability = float(((first >= entry.start) & (first < entry.end)).mean())
    else:
        tallies = mine.tallies[:, :, mine.watched.index(number)].reshape(-1, 3)
        made, answered = tallies[:, 0], tallies[:, 1]
        if entry.kind == "spell":
            probability = tail = float((answered == (made if entry.state == "open" else 0)).mean())
        else:
            probability, percentile, answers, tail = _counted(entry, made, answered)
    return PredictiveCheck(number, entry.line, say(scenario, entry), percentile, probability, answers, tail)


def _place(values: Ints, low: int, high: int) -> tuple[float, float]:
    """(percentile of [low, high] among values, smallest one-sided tail that includes it)."""
    below, above = float((values < low).mean()), float((values > high).mean())
    return below + 0.5 * (1.0 - below - above), 1.0 - max(below, above)


def _counted(entry: RecordEntry, made: Ints, answered: Ints) -> tuple[float, float, float | None, float]:
    """(probability of agreement, percentile of attempts, percentile of answers given attempts, smallest tail)."""
    assert entry.attempts is not None
    low, high = entry.attempts
    agrees = (made >= low) & (made <= high)
    percentile, tail = _place(made, low, high)
    alike = agrees if agrees.sum() >= _LEAST_ALIKE else np.ones(len(made), dtype=bool)
    if entry.all_answered:
        all_of_them = answered == made
        missed, least = _place((made - answered)[alike], 0, 0)
        return float((agrees & all_of_them).mean()), percentile, 1.0 - missed, min(tail, least)
    if entry.answered is None:
        return float(agrees.mean()), percentile, None, tail
    few, many = entry.answered
    place, least = _place(answered[alike], few, many)
    agrees = agrees & (answered >= few) & (answered <= many)
    return float(agrees.mean()), percentile, place, min(tail, least)


@dataclass(frozen=True)
class LeftOut:
    """A line predicted from the record of all others.

    log_score     ln P(the entries of the line | those of all others), and its standard error
    log_alone     the same from the priors alone: what the others' record added is the difference
    """

    line: str
    log_score: float
    error: float
    log_alone: float
    alone_error: float


def leave_out(found: Calibration, line: str, draws: int, progress: Progress | None = None) -> LeftOut:
    """Predict what the record says of a line from the rest of it; the logarithmic score (Good, I. J. (1952)) is proper.

    Raises RunRefused where the record says nothing of it.
    """
    one = [other.name for other in found.scenario.lines].index(line)
    whole = found.evidence
    if one not in whole.lines:
        raise RunRefused(f"the record says nothing of '{line}', so there is nothing to leave out")
    rest = whole.without(one)
    alone = whole
    for other in range(len(found.scenario.lines)):
        alone = alone.without(other) if other != one else alone
    without = _evidence_of(found, rest, draws, progress)
    prior = _evidence_of(found, alone, draws, progress)
    together_ = (found.sample.log_evidence, found.sample.evidence_error)
    return LeftOut(line, together_[0] - without[0], hypot(together_[1], without[1]), *prior)


def _evidence_of(found: Calibration, evidence: Evidence, draws: int, progress: Progress | None) -> tuple[float, float]:
    if not evidence.entries:
        return 0.0, 0.0
    likelihood = Likelihood(found.scenario, evidence, PARTICLES, found.seed, found.likelihood.program)
    one = sample(likelihood, draws, progress=progress)
    insist(one)
    return one.log_evidence, one.evidence_error


@dataclass(frozen=True)
class ModelComparison:
    """Two models of one record. `log_factor`: ln of how many times better the first one's prior predicted it; its
    standard error beside it."""

    first: str
    second: str
    log_factor: float
    error: float

    @property
    def words(self) -> str:
        """Which one the record speaks for, and how strongly (Jeffreys' scale)."""
        size = abs(self.log_factor)
        if size < 1.15:
            return "hardly a difference"
        better = self.first if self.log_factor > 0 else self.second
        strength = "some" if size < 2.3 else "strong" if size < 4.6 else "decisive"
        return f"{strength} evidence for '{better}'"


def against(found: Calibration, rival: Calibration) -> ModelComparison:
    """Compare by marginal likelihood. Raises RunRefused where the two do not have the same record."""

    def told(one: Calibration) -> list[RecordEntry]:
        """What is on record, but for the words about it."""
        return [replace(one.scenario.record[entry], source="", why="") for entry in one.evidence.entries]

    if told(found) != told(rival):
        raise RunRefused("the rival has another record; only models of the same record can be compared")
    return ModelComparison(
        found.scenario.title,
        rival.scenario.title,
        found.sample.log_evidence - rival.sample.log_evidence,
        hypot(found.sample.evidence_error, rival.sample.evidence_error),
    )


@dataclass(frozen=True)
class Sensitivity:
    """How the probability of a next contact on a line before clock.end moves when one prior is moved by SHIFT of its
    sds, down and up."""

    line: str
    path: str
    as_written: float
    lower: float
    higher: float
    error: float

    @property
    def telling(self) -> bool:
        """Whether the difference is more than chance."""
        return abs(self.higher - self.lower) > 4.0 * self.error


def sensitivity(found: Calibration) -> tuple[Sensitivity, ...]:
    """By line that the record speaks of and that may yet have a contact, and by number. Draws are weighed anew, so it
    costs nothing; `found` needs its paths."""
    results = []
    program = found.likelihood.program
    for one, line in enumerate(program.lines):
        if one not in found.evidence.lines:
            continue
        paths = next(some for some in found.sample.weighed.paths if one in some.lines)
        hit = (paths.next_[:, :, one] >= 0).astype(np.float64)
        by_draw = (together(found.sample, paths) * hit).sum(axis=1) / np.maximum(found.sample.weights, 1e-300)
        by_draw = np.where(found.sample.weights > 0.0, by_draw, 0.0)
        as_written = float((found.sample.weights * by_draw).sum())
        if not 1e-9 < as_written < 1.0 - 1e-9:
            continue
        for at, path in enumerate(program.uncertain):
            lower, higher, error = _moved(found, by_draw, at)
            results.append(Sensitivity(line, path, as_written, lower, higher, error))
    return tuple(results)


def _moved(found: Calibration, values: Floats, at: int) -> tuple[float, float, float]:
    """The mean of `values` with one prior moved down and up, and the jackknife error of the difference over sets."""
    draws = found.sample
    tilts = [draws.weights * exp(shift * draws.scores[:, at]) for shift in (-SHIFT, SHIFT)]
    means = [float((weights * values).sum() / weights.sum()) for weights in tilts]
    parts = []
    for one in np.unique(draws.sets):
        kept = draws.sets != one
        low, high = (float((w[kept] * values[kept]).sum() / w[kept].sum()) for w in tilts)
        parts.append(high - low)
    spread = np.array(parts)
    m = len(spread)
    return means[0], means[1], float(np.sqrt((m - 1) / m * np.sum((spread - spread.mean()) ** 2)))
