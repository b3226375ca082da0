"""The likelihood of a record: unbiased estimates, a row for each value of the uncertain numbers."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil, frexp, inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.calibration.particles import filter_all, response_all
from sim.calibration.plan import Plan, Planner
from sim.calibration.record import Evidence, label
from sim.rules.vectors import exp, log
from sim.runs.errors import RunFailed
from sim.scenario.compiler import compile_scenario
from sim.scenario.program import Floats, Ints, Program, solve
from sim.scenario.resolved import Scenario

PARTICLES = 64
"""Paths that are simulated for each value of the uncertain numbers."""
FEWEST, MOST = 2, 11
"""The powers of two between which the number of particles is chosen."""
_ROWS_TOGETHER = 64
_ROOM = 64
"""Occurrences of an effect with a window that are remembered at first."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Paths:
    """The weighted paths of one component. Shapes: n rows, m particles, l lines of the scenario.

    lines       the lines of the component; of the others nothing is said
    weights     (n, m): they sum to 1 in each row, or are all 0 where the record cannot come about
    first       (n, m, l) int64: first contacts; next_ : first ones after the evidence ends; -1 where there is none
    states      (n, m, regimes): where the evidence ends
    tallies     (n, m, entries, 3): attempts made, answers, contacts within each of `watched`
    """

    lines: tuple[int, ...]
    watched: tuple[int, ...]
    weights: Floats
    first: Ints
    next_: Ints
    states: Ints
    tallies: Ints


@dataclass(frozen=True)
class Weighed:
    """Estimates of ln L, shape (n,). `by_component`: the relative variances of the parts of L, which are independent.
    `blamed`: how many particles each entry of the record has ended. `paths` where they were asked for, by component."""

    log_likelihood: Floats
    by_component: tuple[Floats, ...]
    blamed: Ints
    paths: tuple[Paths, ...] = ()

    @property
    def variance(self) -> Floats:
        """The relative variance of each estimate of L."""
        growth = np.ones(len(self.log_likelihood))
        for variance in self.by_component:
            growth = growth * (1.0 + variance)
        return growth - 1.0


class Likelihood:
    """The likelihood of a piece of evidence under a scenario, compiled."""

    def __init__(
        self,
        scenario: Scenario,
        evidence: Evidence,
        particles: int = PARTICLES,
        seed: int = 1,
        program: Program | None = None,
    ) -> None:
        self.scenario = scenario
        self.program = program or compile_scenario(scenario)
        self.evidence = evidence
        self.seed = seed
        medians = [solve(number.prior, {}).quantile(0.5) for number in scenario.uncertain]
        self.planner = Planner(self.program, evidence, self.program.values_for(medians))
        self.plans = self.planner.plans()
        self.particles = [particles for _ in self.plans]
        self.entries = len(scenario.record) + 1

    @property
    def end(self) -> int:
        """The second at which the evidence ends."""
        return self.planner.end

    def weigh(
        self,
        numbers: Floats,
        *,
        first: int = 0,
        paths: bool = False,
        onwards: bool = False,
        workers: int | None = None,
        progress: Progress | None = None,
    ) -> Weighed:
        """Weigh values of the uncertain numbers, shape (n, uncertain), in the order of `Program.uncertain`.

        `first`: the number of the first row among all that are weighed with this seed; no two rows should share one.
        `paths`: keep the paths, of unrecorded components too; `onwards`: to the horizon.
        """
        values = np.array([self.program.values_for(row) for row in numbers.tolist()]).reshape(len(numbers), -1)
        chunks = [range(at, min(at + _ROWS_TOGETHER, len(values))) for at in range(0, len(values), _ROWS_TOGETHER)]
        plans = [at for at, plan in enumerate(self.plans) if plan.recorded or paths]
        done = 0
        found: list[list[_Filtered]] = []

        def one(rows: range) -> list[_Filtered]:
            """Every plan, at some rows of the values."""
            part = np.ascontiguousarray(values[rows.start : rows.stop])
            return [self._filter(plan, part, first + rows.start, paths, onwards) for plan in plans]

        with ThreadPoolExecutor(workers or min(2, os.cpu_count() or 1)) as pool:
            for result in pool.map(one, chunks):
                found.append(result)
                done += len(result[0].log_likelihood) if result else 0
                if progress is not None and result:
                    progress(done, len(values))
        return self._together([self.plans[at] for at in plans], found, self._responses(values), paths)

    def tune(self, numbers: Floats, first: int, goal: float = 0.3, progress: Progress | None = None) -> Weighed:
        """Choose how many particles each component needs, so that the relative variance of its part of L is about
        `goal`, averaged over values of the uncertain numbers that the record favours. Returns what was weighed."""
        weighed = self.weigh(numbers, first=first, progress=progress)
        logs = weighed.log_likelihood
        if not np.any(logs > -inf):
            return weighed
        share = exp(logs - logs.max())
        share /= share.sum()
        recorded = [at for at, plan in enumerate(self.plans) if plan.recorded]
        for at, variance in zip(recorded, weighed.by_component, strict=True):
            mean = float(np.sum(share * np.where(np.isfinite(variance), variance, self.particles[at])))
            wanted = self.particles[at] * mean / goal
            self.particles[at] = 2 ** min(max(_power_of_two(wanted), FEWEST), MOST)
        return weighed

    def _filter(self, at: int, values: Floats, first: int, paths: bool, onwards: bool) -> _Filtered:
        plan, particles, room = self.plans[at], self.particles[at], _ROOM
        while True:
            out = _Filtered(self, plan, len(values), particles, paths)
            seed: Any = np.uint64(self.seed)
            number = first * particles * (len(_checkpoints(plan)) + 1)
            # Arrays of its own for each thread: numba counts references, and counting in common is slow.
            layout = self.planner.layout
            full = filter_all(
                layout.k.copy(),
                layout.f.copy(),
                values,
                plan.g.copy(),
                plan.blank,
                plan.reals,
                room,
                seed,
                number,
                onwards,
                out.log_likelihood,
                out.variance,
                out.weights,
                out.contacts,
                out.states,
                out.blamed,
                out.tallies,
            )
            if not full:
                return out
            room *= 4

    def _responses(self, values: Floats) -> tuple[Floats, Ints]:
        """The logarithm of what the observed responses contribute, by row; and rows that each makes impossible."""
        total = np.zeros(len(values))
        blamed = np.zeros(self.entries, dtype=np.int64)
        layout, plan = self.planner.layout, self.plans[0]
        for response in self.evidence.responses:
            out = np.empty(len(values))
            low = max(0, ceil(response.seconds - response.half_width))
            high = ceil(response.seconds + response.half_width)
            response_all(
                layout.k, layout.f, values, plan.g, response.line, response.start, response.end, low, high, out
            )
            blamed[response.entry] += int((out <= 0.0).sum())
            total += log(np.maximum(out, 0.0))
        return total, blamed

    def _together(
        self, plans: Sequence[Plan], found: Sequence[Sequence[_Filtered]], responses: tuple[Floats, Ints], paths: bool
    ) -> Weighed:
        log_likelihood, blamed = responses[0].copy(), responses[1].copy()
        variances = []
        kept = []
        for at, plan in enumerate(plans):
            parts = [result[at] for result in found]
            log_likelihood += np.concatenate([part.log_likelihood for part in parts])
            variances.append(np.concatenate([part.variance for part in parts]))
            for part in parts:
                blamed += part.blamed.sum(axis=0)
            if paths:
                contacts = np.concatenate([part.contacts for part in parts])
                kept.append(
                    Paths(
                        plan.lines,
                        plan.watched,
                        np.concatenate([part.weights for part in parts]),
                        contacts[:, :, 0],
                        contacts[:, :, 1],
                        np.concatenate([part.states for part in parts]),
                        np.concatenate([part.tallies for part in parts]),
                    )
                )
        return Weighed(log_likelihood, tuple(variances), blamed, tuple(kept))

    def impossible(self, blamed: Ints) -> RunFailed:
        """What to say where no path of any row agrees with the record."""
        most = int(np.argmax(blamed)) if blamed.any() else len(blamed) - 1
        if most == len(blamed) - 1:
            return RunFailed("the model cannot produce this record")
        return RunFailed(
            f"the model cannot produce the record: none of the simulated paths agrees with "
            f"{label(self.scenario, most)}; correct the entry, or what the scenario takes for impossible"
        )


class _Filtered:
    """Room for what a filter says of one component and some rows."""

    def __init__(self, likelihood: Likelihood, plan: Plan, rows: int, particles: int, paths: bool) -> None:
        program = likelihood.program
        kept = rows if paths else 0
        whole: type[np.int64] = np.int64
        self.log_likelihood: Floats = np.zeros(rows)
        self.variance: Floats = np.zeros(rows)
        self.weights: Floats = np.zeros((rows, particles))
        self.contacts: Ints = np.zeros((kept, particles, 2, len(program.lines)), dtype=whole)
        self.states: Ints = np.zeros((kept, particles, len(program.regimes.names)), dtype=whole)
        self.blamed: Ints = np.zeros((rows, likelihood.entries), dtype=whole)
        self.tallies: Ints = np.zeros((kept, particles, len(plan.watched), 3), dtype=whole)


def _checkpoints(plan: Plan) -> NDArray[np.int64]:
    from sim.calibration.places import G_CHECKPOINTS

    place = int(plan.g[G_CHECKPOINTS])
    return plan.g[place + 1 : int(plan.g[place])]


def _power_of_two(least: float) -> int:
    """The smallest k >= 0 with 2^k >= `least`."""
    fraction, power = frexp(max(least, 1.0))
    return power - 1 if fraction == 0.5 else power


def log_mean(logs: Floats) -> float:
    """The logarithm of the mean of exponentials; −inf where all are."""
    most = float(np.max(logs))
    return most + float(log(np.mean(exp(logs - most)))) if most > -inf else -inf
