"""The event loop over ranges of replications, its counts added up."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from sim.engines.compiled import moving
from sim.engines.compiled.kernel import replicate_all
from sim.engines.compiled.layout import Layout
from sim.engines.compiled.state import LOG_NUMBERS, LOG_REALS, counted, new_counts, new_state
from sim.engines.contract import REQUEST_ENDS
from sim.rules.bins import bins_for
from sim.scenario.program import Floats, Ints, Program


@lru_cache(maxsize=8)
def _laid_out(program: Program) -> Layout:
    """Kept by the program itself, not by what it says: a history is one run of the loop, and laying out took longer."""
    return Layout(program, bins_for(program.horizon))


class Loop:
    """A program in the event loop. `rows`: room for a history of the last replication."""

    def __init__(self, program: Program, rows: int = 0) -> None:
        self._reasons, self._bins = len(program.reasons), bins_for(program.horizon)
        layout = _laid_out(program)
        self._k, self._f = layout.k, layout.f
        self._c = new_counts(self._k)
        self._s, self._x = new_state(self._k)
        self.numbers: Ints = np.zeros((rows, LOG_NUMBERS), dtype=np.int64)
        self.reals: Floats = np.zeros((rows, LOG_REALS))

    def run(self, seed: int, first: int, values: Floats, first_contact: Ints, first_line: Ints) -> None:
        """Replications first, first + 1, …, one a row of `first_contact`, (replications, lines).

        `first_line` (replications,) becomes the line that was first of all. `values`: a row for each block that the
        replications touch, or one row for all.
        """
        if len(first_contact) > 0:
            arrays = (self._k, self._f, values, self._s, self._x, self._c, self.numbers, self.reals)
            kernel_seed: Any = np.uint64(seed)
            replicate_all(*arrays, kernel_seed, first, first_contact, first_line)

    @property
    def told(self) -> int:
        """How many rows the history of the last replication has, kept or not."""
        return int(self._s[moving.TOLD])

    def counts(self) -> dict[str, Ints]:
        """What was counted so far: the fields of a `Batch` that are added up, but `attempts`."""
        sizes = {
            "answered": (moving.ANSWERED, 1),
            "unanswered": (moving.UNANSWERED, self._reasons),
            "requests": (moving.REQUESTS, len(REQUEST_ENDS)),
            "attempts_taken": (moving.ATTEMPTS_TAKEN, self._bins),
            "response": (moving.RESPONSE, self._bins),
        }
        counts = {name: counted(self._c, self._k, place, width) for name, (place, width) in sizes.items()}
        counts["answered"] = counts["answered"][:, 0]
        return counts
