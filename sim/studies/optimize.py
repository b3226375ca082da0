"""Selection of a calling policy by simulation, within a budget of attempts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.engines import choose, get, prepare
from sim.runs.errors import RunRefused
from sim.runs.paired import check_comparable
from sim.scenario.policies import attempts_limit, load_policies
from sim.scenario.program import Column, ColumnError, Program, find_column
from sim.stats.decision import best_shares
from sim.stats.intervals import means
from sim.stats.outcomes import Outcome
from sim.stats.selection import Elimination, Optimization, PolicyResult, allocation
from sim.stats.totals import column_times
from sim.studies.specification import end_of

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario

DAY = 86_400.0
BATCH = 20
"""Replications whose mean utility is one observation: means of so many are near enough to normal."""
BLOCK = 2
FIRST = 20
STEP = 25
REPLICATIONS = 40_000


@dataclass(frozen=True)
class PolicySample:
    """What was simulated of a policy: utilities of shape (batches, BATCH), and all attempts."""

    utilities: NDArray[np.float64]
    attempts: int

    @property
    def means(self) -> NDArray[np.float64]:
        """Mean utility of each batch: the observations of the selection."""
        return np.asarray(self.utilities.mean(axis=1))

    @property
    def mean_attempts(self) -> float:
        """Attempts of a replication."""
        return self.attempts / self.utilities.size

    def joined(self, other: PolicySample) -> PolicySample:
        """This sample and further replications."""
        return PolicySample(np.concatenate([self.utilities, other.utilities]), self.attempts + other.attempts)


@dataclass(frozen=True)
class _Simulator:
    """Utilities of policies by batch of replications, on common random numbers."""

    programs: tuple[Program, ...]
    outcome: Outcome
    column: Column
    engine: str
    seed: int

    def utilities(self, policy: int, batches: range) -> PolicySample:
        """Simulate some batches of a policy."""
        program = self.programs[policy]
        replications = range(batches.start * BATCH, batches.stop * BATCH)
        found = get(self.engine).simulate(program, self.seed, replications)
        place = next(at for at, one in enumerate(program.columns) if one.key == self.column.key)
        times = column_times(program, found.first_contact)[:, place]
        limited = np.where(times < 0, program.horizon, times)
        scored = self.outcome.of(limited, program.horizon).astype(np.float64)
        utilities = -scored / DAY if self.outcome.is_wait else scored
        return PolicySample(utilities.reshape(len(batches), BATCH), int(found.attempts.sum()))


def optimize(
    scenario: str | Path,
    policies: str | Path | Mapping[str, Scenario],
    outcome: str = "any",
    within: str | int | None = None,
    *,
    budget: float | None = None,
    hard: bool = False,
    zone: float | None = None,
    confidence: float = 0.95,
    effort: int | None = None,
    replications: int = REPLICATIONS,
    seed: int = 1,
    engine: str = "auto",
    progress: Callable[[int, int], None] | None = None,
    stage: Callable[[str], None] | None = None,
) -> Optimization:
    """Select the policy with the largest utility.

    policies      a policy file, or scenarios by name
    outcome       column whose first contact counts
    within        time, included: the utility is the probability of contact by then. None: minus the restricted mean
    budget        attempts on all lines; hard: the `attempts` limits of the lines must not exceed it together
    zone          None: one percentage point, or half a day
    effort        total number of replications, divided by optimal computing budget allocation; None: elimination until
                  one policy remains, or until every remaining one has `replications`

    Raises ScenarioErrors, and RunRefused for numbers out of range, an unknown column, and a budget that no policy
    keeps.
    """
    tell = stage or (lambda _: None)
    tell("compiling")
    scenarios = dict(policies) if isinstance(policies, Mapping) else load_policies(policies, scenario)
    most = max(FIRST, replications // BATCH)
    simulator = _simulator(scenarios, outcome, within, most, seed, engine, tell)
    zone = (0.5 if simulator.outcome.is_wait else 0.01) if zone is None else zone
    tell("simulating")
    samples = [simulator.utilities(at, range(FIRST)) for at in range(len(scenarios))]
    admissible = _admissible(list(scenarios.values()), samples, budget, hard)
    chosen = [at for at, one in enumerate(admissible) if one]
    remaining = (
        _by_elimination(simulator, samples, chosen, zone, confidence, most, progress)
        if effort is None
        else _by_allocation(simulator, samples, chosen, effort // BATCH, progress)
    )
    best = max(remaining, key=lambda at: float(samples[at].means.mean()))
    tell("estimating")
    again = replace(simulator, seed=(seed + 1) % 2**64).utilities(best, range(max(FIRST, min(most, 500)))).utilities
    shares = _best_shares(simulator, chosen, seed)
    results = tuple(
        PolicyResult(
            name,
            means(sample.utilities.ravel(), BATCH).estimate(),
            sample.mean_attempts,
            sample.utilities.size,
            admissible[at],
            at in remaining,
            shares.get(at),
        )
        for at, (name, sample) in enumerate(zip(scenarios, samples, strict=True))
    )
    return Optimization(
        title=simulator.programs[0].title,
        outcome=simulator.outcome,
        zone=zone,
        confidence=confidence,
        budget=budget,
        hard=hard,
        seed=seed,
        selected=results[best].name,
        decided=len(remaining) == 1,
        fresh=means(again.ravel(), BATCH).estimate(),
        policies=results,
    )


def _simulator(
    scenarios: Mapping[str, Scenario],
    outcome: str,
    within: str | int | None,
    most: int,
    seed: int,
    engine: str,
    tell: Callable[[str], None],
) -> _Simulator:
    """The compiled policies. Raises RunRefused where they cannot be compared, or have no such column."""
    from sim.scenario.compiler import compile_scenario

    if len(scenarios) < 2:
        raise RunRefused("nothing to choose from; give at least one policy beside the scenario as it is")
    programs = {name: compile_scenario(one, BLOCK) for name, one in scenarios.items()}
    check_comparable(programs)
    first = next(iter(programs.values()))
    try:
        column = find_column(outcome, first.columns)
    except ColumnError as error:
        raise RunRefused(str(error)) from None
    asked = Outcome(column.key, None if within is None else end_of(within, first.horizon))
    used = choose(engine, first, seed, most * BATCH)
    prepare(used, tell)
    return _Simulator(tuple(programs.values()), asked, column, used, seed)


def _admissible(scenarios: list[Scenario], samples: list[PolicySample], budget: float | None, hard: bool) -> list[bool]:
    if budget is None:
        return [True] * len(scenarios)
    if hard:
        limits = [attempts_limit(one) for one in scenarios]
        kept = [limit is not None and limit <= budget for limit in limits]
        fewest: float | None = min((limit for limit in limits if limit is not None), default=None)
    else:
        spent = [sample.mean_attempts for sample in samples]
        kept, fewest = [one <= budget for one in spent], min(spent)
    if not any(kept):
        hint = "no policy limits the attempts of every line" if fewest is None else f"the fewest are {fewest:.3g}"
        raise RunRefused(f"no policy keeps to the budget of {budget:g} attempts; {hint}")
    return kept


def _more(simulator: _Simulator, samples: list[PolicySample], at: int, batches: int) -> NDArray[np.float64]:
    """Simulate further batches of a policy, keep them, and return their mean utilities."""
    begun = len(samples[at].utilities)
    found = simulator.utilities(at, range(begun, begun + batches))
    samples[at] = samples[at].joined(found)
    return found.means


def _by_elimination(
    simulator: _Simulator,
    samples: list[PolicySample],
    chosen: list[int],
    zone: float,
    confidence: float,
    most: int,
    progress: Callable[[int, int], None] | None,
) -> list[int]:
    """Policies that remain; each elimination compares them on the same random numbers."""
    if len(chosen) == 1:
        return chosen
    try:
        elimination = Elimination(len(chosen), zone, confidence, FIRST)
    except ValueError as error:
        raise RunRefused(str(error)) from None
    elimination.begin(np.column_stack([samples[at].means for at in chosen]))
    while not elimination.decided and elimination.observations < most:
        batches = min(STEP, most - elimination.observations)
        observed = np.zeros((batches, len(chosen)))
        for place in elimination.remaining:
            observed[:, place] = _more(simulator, samples, chosen[place], batches)
        elimination.observe(observed)
        if progress is not None:
            progress(elimination.observations * BATCH, most * BATCH)
    return [chosen[place] for place in elimination.remaining]


def _by_allocation(
    simulator: _Simulator,
    samples: list[PolicySample],
    chosen: list[int],
    effort: int,
    progress: Callable[[int, int], None] | None,
) -> list[int]:
    """The policy with the best mean after `effort` batches, most of them for policies that are hard to distinguish."""
    spent = len(chosen) * FIRST
    while spent < effort:
        batches = [samples[at].means for at in chosen]
        averages = np.array([one.mean() for one in batches])
        deviations = np.array([one.std(ddof=1) for one in batches])
        target = min(effort, spent + len(chosen) * STEP)
        missing = allocation(averages, deviations, target) - np.array([len(one) for one in batches])
        missing = np.maximum(missing, 0)
        if not missing.any():
            missing[int(np.argmax(averages))] = target - spent
        for place in np.flatnonzero(missing):
            _more(simulator, samples, chosen[place], int(missing[place]))
        spent = sum(len(samples[at].utilities) for at in chosen)
        if progress is not None:
            progress(min(spent, effort) * BATCH, effort * BATCH)
    return [max(chosen, key=lambda at: float(samples[at].means.mean()))]


_SHARE_BATCHES = 200
"""Batches that the shares of the draws are computed from: 2,000 draws of the uncertain numbers."""


def _best_shares(simulator: _Simulator, chosen: list[int], seed: int) -> dict[int, float]:
    """By policy, the share of the draws in which it is the best; empty without uncertain numbers."""
    first = simulator.programs[chosen[0]]
    if not first.uncertain or len(chosen) < 2:
        return {}
    blocks = [simulator.utilities(at, range(_SHARE_BATCHES)).utilities.reshape(-1, BLOCK).mean(axis=1) for at in chosen]
    drawn = first.draw_parameters(seed, range(len(blocks[0])))
    differences = np.column_stack([one - blocks[0] for one in blocks[1:]])
    return dict(zip(chosen, best_shares(differences, drawn), strict=True))
