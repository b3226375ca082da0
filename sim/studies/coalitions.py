"""First contacts of very many coalitions of lines, in few replications each.

`sim.runs.paired` cuts replications into chunks and gives each worker all programs. With a thousand programs of a few
hundred replications that would set every program up in every chunk; here a worker takes some programs, and all
replications.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.engines import get
from sim.runs.errors import RunInterrupted
from sim.runs.execute import choose_workers, execute
from sim.studies.without import without

if TYPE_CHECKING:
    from sim.runs.paired import Progress
    from sim.scenario.program import Program

Gone = frozenset[int]
"""Lines that are taken away, by place."""

TOGETHER = 8
"""Programs that a worker takes at a time."""

FEW = 100_000
"""Replications, all coalitions together, below which starting processes takes longer than what they would save."""


@dataclass(frozen=True)
class Simulate:
    """The task of a worker: some of the programs, by place in `chosen`."""

    program: Program
    chosen: tuple[Gone, ...]
    seed: int
    engine: str
    replications: int

    def __call__(self, places: range) -> list[NDArray[np.int64]]:
        """First contacts, (replications, lines), for each coalition of some places."""
        engine, whole = get(self.engine), range(self.replications)
        programs = (without(self.program, self.chosen[place]) for place in places)
        return [engine.simulate(program, self.seed, whole).first_contact for program in programs]


def first_contacts(
    program: Program,
    chosen: Sequence[Gone],
    replications: int,
    seed: int,
    engine: str,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Mapping[Gone, NDArray[np.int64]]:
    """(n, lines) first contacts, as in `sim.engines.contract.Batch`, of the program without each set of lines.

    engine  the name of one, ready to start. Results depend neither on it nor on `workers`

    Raises RunInterrupted on an interrupt.
    """
    task = Simulate(program, tuple(chosen), seed, engine, replications)
    chunks = [range(first, min(first + TOGETHER, len(chosen))) for first in range(0, len(chosen), TOGETHER)]
    whole = len(chosen) * replications
    hands = workers or (1 if whole < FEW else choose_workers(len(chunks)))
    follow = progress or (lambda done, whole: None)
    found: dict[Gone, NDArray[np.int64]] = {}
    follow(0, whole)
    try:
        with contextlib.closing(execute(task, chunks, hands)) as results:
            for chunk, some in results:
                found |= {chosen[place]: one for place, one in zip(chunk, some, strict=True)}
                follow(len(found) * replications, whole)
    except KeyboardInterrupt:
        raise RunInterrupted(None, 0, whole) from None
    return found
