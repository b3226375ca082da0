"""Value of information: what an uncertain number is worth to a choice between the options of a what-if file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.runs.errors import RunRefused
from sim.runs.paired import Paired, Progress, Stage, check_comparable, run_paired
from sim.scenario.errors import did_you_mean, quoted
from sim.scenario.program import ColumnError, find_column
from sim.stats.decision import LEAST_DRAWS, Option, ValueOfInformation, information_values
from sim.stats.intervals import Estimate, means, student_quantile
from sim.stats.outcomes import Outcome
from sim.studies.specification import end_of
from sim.studies.variants import load_variants

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario

BLOCK = 2
"""Replications that share one draw of the uncertain numbers: few, since the draws are what the regression needs."""
REPLICATIONS = 10_000
DAY = 86_400.0


def voi(
    what: str | Path | Mapping[str, Scenario],
    outcome: str = "any",
    within: str | int | None = None,
    cost_per_attempt: float = 0.0,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    what_ifs: Sequence[str] = (),
    replications: int = REPLICATIONS,
    seed: int = 1,
    engine: str = "auto",
    workers: int | None = None,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> ValueOfInformation:
    """Return what learning the uncertain numbers of the base is worth before an option is chosen.

    what              a what-if file, a scenario file with `what_ifs`, or scenarios by name; the first is the base
    outcome           column whose first contact counts
    within            time, included: the utility is the probability of contact by then. None: it is minus the
                      restricted mean in days
    cost_per_attempt  in units of utility
    groups            names of groups, each with paths of uncertain numbers that are learned together

    Raises ScenarioErrors, and RunRefused for unknown names, no uncertain number, fewer draws than the regression needs,
    and where no option differs clearly from the base; RunInterrupted on an interrupt.
    """
    from sim.scenario.compiler import compile_scenario

    tell = stage or (lambda _: None)
    tell("compiling")
    if not (np.isfinite(cost_per_attempt) and cost_per_attempt >= 0.0):
        raise RunRefused(f"cost per attempt: {cost_per_attempt} is out of range; expected a number of at least 0")
    variants = load_variants(what, what_ifs)
    programs = {name: compile_scenario(one, BLOCK) for name, one in variants.scenarios.items()}
    check_comparable(programs)
    base = next(iter(programs.values()))
    numbers = base.uncertain
    if not numbers:
        raise RunRefused("the base has no uncertain number: there is nothing to learn; give a number a prior")
    if -(-replications // BLOCK) < LEAST_DRAWS:
        raise RunRefused(f"{replications} replications are too few; at least {LEAST_DRAWS * BLOCK} are needed")
    wanted = _groups(groups or {}, numbers)
    try:
        column = find_column(outcome, base.columns)
    except ColumnError as error:
        raise RunRefused(str(error)) from None
    asked = Outcome(column.key, None if within is None else end_of(within, base.horizon))
    paired = run_paired(programs, replications, seed, engine=engine, workers=workers, progress=progress, stage=stage)
    tell("comparing")
    utilities = _utilities(paired, asked, cost_per_attempt)
    options = _options(paired, utilities)
    _require_clear_difference(options)
    base_utility = utilities[paired.base]
    differences = np.column_stack([own - base_utility for name, own in utilities.items() if name != paired.base])
    drawn = paired.parameters[paired.base]
    tell("regressing")
    alone = [(path,) for path in numbers]
    values = information_values(differences, drawn, numbers, [*alone, *wanted.values()], seed)
    ranked = sorted(values[: len(alone)], key=lambda one: -one.estimate)
    return ValueOfInformation(
        title=base.title,
        start=base.start,
        horizon=base.horizon,
        outcome=asked,
        cost=cost_per_attempt,
        replications=replications,
        seed=seed,
        draws=len(drawn),
        options=options,
        best=max(options, key=lambda one: one.utility.estimate or 0.0).name,
        numbers=tuple(ranked),
        groups=dict(zip(wanted, values[len(alone) : -1], strict=True)),
        everything=values[-1],
    )


def _groups(groups: Mapping[str, Sequence[str]], numbers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Paths by group. A number may be given without its ``parameters.``"""
    found = {}
    for name, members in groups.items():
        paths = []
        for member in members:
            path = member if member in numbers else f"parameters.{member}"
            if path not in numbers:
                raise RunRefused(
                    f"group {quoted(name)}: {quoted(member)} is no uncertain number{did_you_mean(member, numbers)}"
                )
            paths.append(path)
        if not paths:
            raise RunRefused(f"group {quoted(name)} is empty")
        found[name] = tuple(dict.fromkeys(paths))
    return found


def _utilities(paired: Paired, outcome: Outcome, cost: float) -> dict[str, NDArray[np.float64]]:
    """By option, the mean utility of each block."""
    starts = np.arange(0, paired.replications, BLOCK)
    sizes = np.diff(np.append(starts, paired.replications))
    found = {}
    for name, program in paired.programs.items():
        values = outcome.of(paired.limited(name, outcome.column), paired.horizon).astype(np.float64)
        utility = -values / DAY if outcome.is_wait else values
        means_of_blocks = np.add.reduceat(utility, starts) / sizes
        if cost > 0.0:
            means_of_blocks -= cost * _attempts_by_block(paired, name, len(starts), program.block)
        found[name] = means_of_blocks
    return found


def _attempts_by_block(paired: Paired, name: str, blocks: int, block: int) -> NDArray[np.float64]:
    """Mean attempts of a replication in each block; the engine counts them over the replications that it is given."""
    from sim.engines import get

    engine, program = get(paired.engine), paired.programs[name]
    counts = np.empty(blocks)
    for at in range(blocks):
        some = range(at * block, min((at + 1) * block, paired.replications))
        counts[at] = engine.simulate(program, paired.seed, some).attempts.sum() / len(some)
    return counts


def _options(paired: Paired, utilities: Mapping[str, NDArray[np.float64]]) -> tuple[Option, ...]:
    base = utilities[paired.base]
    found = []
    for name, own in utilities.items():
        attempts = float(paired.counts[name].attempts.sum()) / paired.replications
        difference = Estimate(0.0, 0.0, 0.0) if name == paired.base else means(own - base).estimate()
        found.append(Option(name, means(own).estimate(), difference, attempts))
    return tuple(found)


def _require_clear_difference(options: Sequence[Option]) -> None:
    """Raise RunRefused where every interval of a difference holds zero, all of them taken together (Bonferroni)."""
    others = options[1:]
    # The half-width grows from one interval's quantile to that of all: a bound that needs no degrees of freedom.
    wider = student_quantile(10**6, 1.0 - 0.05 / len(others)) / student_quantile(10**6)
    for one in others:
        estimate, low, high = one.difference.estimate, one.difference.low, one.difference.high
        assert estimate is not None
        if low is None or high is None:
            continue
        if abs(estimate) > wider * (high - low) / 2.0:
            return
    raise RunRefused(
        "no option differs clearly from the base, so a value of information would come from chance; give options that "
        "differ, or more replications"
    )
