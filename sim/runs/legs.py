"""A run as one leg or several: up to a number of replications fixed beforehand, or until an interval is narrow enough.

Chunks of later legs may be under way, or done, when a leg turns out to be the last one: they are thrown away. What
decides are the sums of all replications up to a look, so the result depends neither on workers nor on the order of
chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sim.runs.job import Job
from sim.runs.plan import plan_chunks
from sim.stats.intervals import Estimate
from sim.stats.precision import level_of_a_look, looks, until_summary
from sim.stats.totals import Totals

IN_PROCESS = 8000
"""Replications under a precision that are simulated in this process, before others are started: it may be enough."""


@dataclass(frozen=True)
class Leg:
    """Chunks up to a look. `replications`: of this leg and those before it."""

    replications: int
    chunks: tuple[range, ...]


def plan_legs(job: Job) -> tuple[Leg, ...]:
    """One leg for a run of so many replications, one for each look of a run until a precision."""
    if job.until is None:
        return (Leg(job.replications, _cut(job, range(job.replications))),)
    ends = looks(job.replications, job.program.block)
    return tuple(Leg(stop, _cut(job, range(start, stop))) for start, stop in pairwise((0, *ends)))


def gather_legs(
    legs: Sequence[Leg],
    ready: set[range],
    results: Iterator[range],
    add: Callable[[range], None],
    enough: Callable[[], bool],
) -> int:
    """Take chunks leg by leg until it is enough, or all are taken; how many legs were.

    ready    chunks that are there already; those done are added to it
    results  chunks as they are done, in any order
    add      takes a chunk, which is one of the present leg
    enough   asked when all chunks of a leg are taken
    """
    for taken, leg in enumerate(legs, 1):
        waiting = set(leg.chunks) - ready
        for chunk in leg.chunks:
            if chunk in ready:
                add(chunk)
        while waiting:
            chunk = next(results)
            ready.add(chunk)
            if chunk in waiting:
                waiting.remove(chunk)
                add(chunk)
        if enough():
            return taken
    return len(legs)


class Looks:
    """The looks of a run at what it has so far. Without a precision there is none, and never enough."""

    def __init__(self, job: Job, legs: Sequence[Leg], totals: Callable[[], Totals]) -> None:
        self._until, self._totals = job.until, totals
        self._at = tuple(leg.replications for leg in legs)
        self._found: list[Estimate] = []

    def enough(self) -> bool:
        """Take a look: whether the precision is reached."""
        if self._until is None:
            return False
        column = self._totals().columns[self._until.column]
        self._found.append(self._until.estimate(column, level_of_a_look(len(self._at))))
        found = self._found[-1]
        return self._until.reached_by(found) or self._until.coarsest(column, found) is not None

    def summary(self) -> dict[str, Any]:
        """What is added to `summary.json`."""
        return {} if self._until is None else {"until": until_summary(self._until, self._at, self._found)}


def _cut(job: Job, whole: range) -> tuple[range, ...]:
    program = job.program
    chunks = plan_chunks(len(whole), program.block, job.engine, len(program.lines), job.entries)
    return tuple(range(whole.start + chunk.start, whole.start + chunk.stop) for chunk in chunks)
