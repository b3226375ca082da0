"""The same model by different programs, in turn, so that what else the machine does falls on all of them alike."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.agreement import check
from benchmarks.programs import Contender

OURS = "ours, compiled"
_TRIAL = 200
"""Replications from which the number that fills a turn is estimated."""


@dataclass
class Runner:
    """A program on the track: how many replications fill its turn, and how fast each turn was."""

    contender: Contender
    replications: int
    speeds: list[float]
    first: list[NDArray[np.float64]]
    attempts: int = 0

    def turn(self, seed: int) -> None:
        """One turn. A program on one core is timed by the processor time of this process, which what else runs on the
        machine disturbs less than the clock; one on several by the clock."""
        clock = time.process_time if self.contender.cores == 1 else time.perf_counter
        began = clock()
        first, attempts = self.contender.run(self.replications, seed)
        self.speeds.append(self.replications / (clock() - began))
        self.first.append(first)
        self.attempts += attempts


def race(contenders: list[Contender], rounds: int, seconds: float) -> dict[str, Any]:
    """Run every program in turn, `rounds` times, about `seconds` a turn.

    Returns replications a second by program (median, least, most), the attempts in a replication, the ratio of
    ours on one core to each (of the turns of a round), and the largest difference between any two in standard errors.
    Raises DisagreementError where they do not simulate the same model.
    """
    runners = [Runner(one, _that_fill(one, seconds), [], []) for one in contenders]
    for turn in range(rounds):
        for runner in runners:
            runner.turn(seed=1 + turn)
    apart = check({runner.contender.name: np.concatenate(runner.first) for runner in runners})
    ours = next(runner for runner in runners if runner.contender.name == OURS)
    rows = [_row(runner, ours.speeds) for runner in runners]
    return {"rows": rows, "largest difference, in standard errors": round(apart, 2)}


def _that_fill(contender: Contender, seconds: float) -> int:
    """The number of replications that takes about so long; the first run compiles and is not counted."""
    contender.run(_TRIAL, 1)
    n, took = _TRIAL, 0.0
    while True:
        began = time.perf_counter()
        contender.run(n, 1)
        took = time.perf_counter() - began
        if took > seconds / 8:
            return max(_TRIAL, round(n * seconds / took))
        n *= 8


def _row(runner: Runner, ours: list[float]) -> dict[str, Any]:
    speeds = runner.speeds
    ratios = [a / b for a, b in zip(ours, speeds, strict=True)]
    done = runner.replications * len(speeds)
    return {
        "program": runner.contender.name,
        "cores": runner.contender.cores,
        "replications": done,
        "attempts a replication": round(runner.attempts / done, 2),
        "replications/s": _spread(speeds),
        "ours over it": _spread(ratios),
    }


def _spread(figures: list[float]) -> dict[str, float]:
    return {
        name: float(f"{figure:.4g}")
        for name, figure in (("median", median(figures)), ("least", min(figures)), ("most", max(figures)))
    }
