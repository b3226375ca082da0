"""The next contact on each line from a date on, from weighted paths up to that date.

A forecast does not start afresh with new parameters: each simulated path has lived through the record, so what it knows
of the gate, of requests that pend, and of attempts made is what the silence so far leaves possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.calibration.fit import check, prepare
from sim.calibration.likelihood import Likelihood, Paths, Progress
from sim.calibration.named import with_priors
from sim.calibration.posterior import DRAWS, Sample, Stage, insist, sample, weighted_quantiles
from sim.calibration.record import Evidence, date_of, evidence_of
from sim.scenario.program import Floats
from sim.scenario.resolved import Scenario

DAY = 86_400
WITHIN = (7, 30)
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Next:
    """The next contact of a line. `within`: probability by number of days; `before_end`: before clock.end.

    `days`: days until it, at QUANTILES; None where that share of the paths has none before clock.end.
    """

    line: str
    within: dict[int, float]
    before_end: float
    days: tuple[float | None, ...]


@dataclass(frozen=True)
class Forecast:
    """What is to be expected from a second on. `states`: by regime, the probability of each state then."""

    scenario: Scenario
    evidence: Evidence
    second: int
    lines: tuple[Next, ...]
    states: dict[str, dict[str, float]]
    sample: Sample

    @property
    def date(self) -> str:
        """The date at the end of which it was made."""
        return date_of(self.scenario, self.second - 1)

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        diagnosis = self.sample.diagnosis
        return {
            "scenario": self.scenario.title,
            "as_of": self.date,
            "second": self.second,
            "entries": list(self.evidence.entries),
            "draws": diagnosis.draws,
            "effective_draws": diagnosis.effective,
            "pareto_k": diagnosis.pareto_k,
            "quantiles": list(QUANTILES),
            "lines": {
                one.line: {
                    "within_days": {str(days): share for days, share in one.within.items()},
                    "before_end": one.before_end,
                    "days": list(one.days),
                }
                for one in self.lines
            },
            "states": self.states,
        }


def forecast(
    scenario: Scenario,
    second: int,
    *,
    draws: int = DRAWS,
    seed: int = 1,
    presume_silence: bool = True,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> Forecast:
    """The next contact on each line from `second` on, given the record as known by then.

    It fits the priors to the record itself, also where the scenario names a table of draws: that holds numbers and no
    paths, and was weighed without the silence that is presumed.

    presume_silence  a line whose last word is a silence is taken to have been silent up to `second`

    Raises as `sim.calibration.fit.calibrate` does.
    """
    scenario = with_priors(scenario)
    evidence = evidence_of(scenario, second)
    check(scenario, evidence, draws, seed)
    if presume_silence:
        evidence = evidence.silent_so_far(second)
    likelihood = prepare(scenario, evidence, seed, stage)
    found = sample(likelihood, draws, paths=True, onwards=True, progress=progress, stage=stage)
    insist(found)
    return read(scenario, evidence, likelihood, found)


def read(scenario: Scenario, evidence: Evidence, likelihood: Likelihood, found: Sample) -> Forecast:
    """The forecast that a sample with paths to the horizon holds."""
    program = likelihood.program
    lines = []
    states: dict[str, dict[str, float]] = {}
    for one, line in enumerate(program.lines):
        paths = next(paths for paths in found.weighed.paths if one in paths.lines)
        lines.append(_next(line, paths.next_[:, :, one], together(found, paths), likelihood.end, program.horizon))
    for regime, name in enumerate(program.regimes.names):
        affected = [one for one in range(len(program.lines)) if regime in program.line.regimes[one]]
        at = affected[0] if affected else 0
        paths = next(paths for paths in found.weighed.paths if at in paths.lines)
        weights = together(found, paths)
        states[name] = {
            state: float(weights[paths.states[:, :, regime] == place].sum())
            for place, state in enumerate(program.regimes.states[regime])
        }
    return Forecast(scenario, evidence, likelihood.end, tuple(lines), states, found)


def together(found: Sample, paths: Paths) -> Floats:
    """The weight of each path, (draws, particles), summing to 1: that of its draw times its own."""
    weights: Floats = found.weights[:, np.newaxis] * paths.weights
    total: Floats = weights / weights.sum()
    return total


def _next(line: str, times: NDArray[np.int64], weights: Floats, now: int, horizon: int) -> Next:
    seconds = np.where(times < 0, horizon, times).ravel()
    share = weights.ravel()
    places = weighted_quantiles(seconds.astype(np.float64), share, QUANTILES)
    return Next(
        line,
        {days: float(share[seconds < now + days * DAY].sum()) for days in WITHIN if now + days * DAY <= horizon},
        float(share[seconds < horizon].sum()),
        tuple(None if place >= horizon else (place - now) / DAY for place in places),
    )


def dates_of_change(scenario: Scenario, every: int = 14) -> Sequence[int]:
    """Seconds at which to forecast again: the end of each day on which an entry became known, and every so many days
    between the first and the last of them."""
    known = sorted({entry.known for entry in scenario.record if 0 < entry.known < scenario.horizon})
    if not known:
        return ()
    return sorted({*known, *range(known[0], known[-1], every * DAY)})
