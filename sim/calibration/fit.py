"""A scenario calibrated to its record: the posterior, and its effect on each uncertain number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.calibration.likelihood import PARTICLES, Likelihood, Progress
from sim.calibration.named import with_priors
from sim.calibration.posterior import DRAWS, Sample, Stage, insist, sample
from sim.calibration.record import Evidence, evidence_of, label
from sim.runs.errors import RunRefused
from sim.scenario.program import solve
from sim.scenario.resolved import Scenario
from sim.scenario.validate_record import impossible_entries

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
_PRIOR_WIDTH = 3.2897072539029444
"""Normal scores from the 5th to the 95th percentile."""
REPEATS, LITTLE, MUCH = 0.1, 0.33, 0.66
AT_ODDS = 3.0
"""Prior standard deviations; a posterior mean farther away contradicts its prior."""


@dataclass(frozen=True)
class Number:
    """What the record says of one uncertain number.

    prior, posterior  quantiles at SHARES, seconds where `unit` is "s"
    mean, error       posterior mean and its standard error
    removed           the share of the prior's 90 % width that the record removed, in normal scores; negative where it
                      made the number less certain
    moved             the posterior mean of the normal score: by how many prior sds the record moved the number
    """

    path: str
    unit: str
    prior: tuple[float, ...]
    posterior: tuple[float, ...]
    mean: float
    error: float
    removed: float
    moved: float

    @property
    def verdict(self) -> str:
        """What the record says of it, in a few words."""
        if abs(self.moved) > AT_ODDS:
            return "at odds with its prior"
        if self.removed < REPEATS:
            return "repeats its prior" if abs(self.moved) < 0.25 else "moved, but no narrower"
        if self.removed < LITTLE:
            return "a little narrower"
        return "narrower" if self.removed < MUCH else "told by the record"


@dataclass(frozen=True)
class Calibration:
    """A posterior that can be relied on. `evidence`: what it rests on."""

    scenario: Scenario
    evidence: Evidence
    likelihood: Likelihood
    sample: Sample
    seed: int

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The uncertain numbers in order of declaration."""
        return tuple(_number(self.scenario, self.sample, at) for at in range(len(self.sample.paths)))

    def as_data(self) -> dict[str, Any]:
        """What it found, for JSON."""
        found, diagnosis = self.sample, self.sample.diagnosis
        return {
            "scenario": self.scenario.title,
            "as_of_second": self.evidence.as_of,
            "entries": list(self.evidence.entries),
            "seed": self.seed,
            "draws": diagnosis.draws,
            "particles": {
                "+".join(self.scenario.lines[one].name for one in plan.lines): particles
                for plan, particles in zip(self.likelihood.plans, self.likelihood.particles, strict=True)
                if plan.recorded
            },
            "effective_draws": diagnosis.effective,
            "pareto_k": diagnosis.pareto_k,
            "relative_variance_of_likelihood": diagnosis.noise,
            "largest_shift_between_halves_in_sds": diagnosis.shift,
            "log_evidence": {"estimate": found.log_evidence, "standard_error": found.evidence_error},
            "numbers": [
                {
                    "path": number.path,
                    "unit": number.unit,
                    "shares": list(SHARES),
                    "prior": list(number.prior),
                    "posterior": list(number.posterior),
                    "mean": number.mean,
                    "standard_error": number.error,
                    "width_removed": number.removed,
                    "moved_in_prior_sds": number.moved,
                    "verdict": number.verdict,
                }
                for number in self.numbers
            ],
        }


def calibrate(
    scenario: Scenario,
    *,
    as_of: int | None = None,
    draws: int = DRAWS,
    seed: int = 1,
    progress: Progress | None = None,
    stage: Stage | None = None,
    paths: bool = False,
) -> Calibration:
    """The posterior of a scenario's uncertain numbers given its record, as known at `as_of` (a second of the clock).

    It starts from the priors; a table of draws that the scenario names is left aside.

    `paths`: keep the simulated paths, and let them go on to the horizon. Raises RunRefused where there is nothing to
    calibrate or nothing to calibrate it to, RunFailed where the model cannot produce the record or the posterior cannot
    be relied on.
    """
    scenario = with_priors(scenario)
    evidence = evidence_of(scenario, as_of)
    check(scenario, evidence, draws, seed)
    likelihood = prepare(scenario, evidence, seed, stage)
    found = sample(likelihood, draws, paths=paths, onwards=paths, progress=progress, stage=stage)
    insist(found)
    return Calibration(scenario, evidence, likelihood, found, seed)


def prepare(scenario: Scenario, evidence: Evidence, seed: int, stage: Stage | None = None) -> Likelihood:
    """The likelihood of a piece of evidence, ready to weigh; the filter is compiled where the cache does not have it,
    of which `stage` is told: ``compiling``."""
    from sim.calibration.jit import CACHE

    CACHE.prepare(lambda: stage("compiling") if stage is not None else None)
    return Likelihood(scenario, evidence, PARTICLES, seed)


def check(scenario: Scenario, evidence: Evidence, draws: int, seed: int) -> None:
    """Refuse what cannot be calibrated."""
    if not scenario.uncertain:
        raise RunRefused("no number of the scenario has a prior: there is nothing to calibrate")
    if not evidence.entries:
        when = "" if evidence.as_of is None else " by then"
        raise RunRefused(f"the record has no entry that was known{when}: there is nothing to calibrate to")
    for entry, cause in impossible_entries(scenario):
        if entry in evidence.entries:
            raise RunRefused(
                f"{label(scenario, entry)}: {cause}; change this entry, or the scenario's rule that forbids it"
            )
    if not 0 <= seed < 1 << 64:
        raise RunRefused(f"seed: {seed} is out of range; expected a whole number from 0 to 2^64 - 1")
    if draws > 1 << 22:
        raise RunRefused(f"{draws} draws are too many; expected at most {1 << 22}")


def _number(scenario: Scenario, found: Sample, at: int) -> Number:
    number = scenario.uncertain[at]
    prior = solve(number.prior, {})
    scores = found.scores[:, at]
    low, high = found.quantile(scores, (0.05, 0.95))
    mean, error = found.mean(found.numbers[:, at])
    return Number(
        number.path,
        number.unit,
        tuple(prior.quantile(share) for share in SHARES),
        tuple(found.quantile(found.numbers[:, at], SHARES)),
        mean,
        error,
        1.0 - (high - low) / _PRIOR_WIDTH,
        float((found.weights * scores).sum()),
    )
