"""The engine contract over the compiled kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float64, int64, uint64

from sim.engines.compiled import fixed, moving
from sim.engines.compiled.kernel import replicate_all
from sim.engines.compiled.layout import Layout
from sim.engines.compiled.state import (
    LOG_NUMBERS,
    LOG_REALS,
    T_ATTEMPT,
    T_CONTACT,
    T_ERRAND,
    T_EVENT,
    T_GAVE_UP,
    T_STATE,
    T_SUPERSEDED,
    TOLD,
    counted,
    new_counts,
    new_state,
)
from sim.engines.contract import ERRAND_ENDS, Batch, Happening, History
from sim.rules.bins import bins_for
from sim.scenario.arrays import NONE, Floats, Ints, Program

_ROWS = 4096


class Compiled:
    """Numba kernels over the program's arrays."""

    name = "compiled"

    def simulate(self, program: Program, seed: int, replications: range) -> Batch:
        """See sim.engines.contract.Engine."""
        run = _Run(program, seed, replications, rows=0)
        k, c, bins = run.k, run.c, bins_for(program.horizon)
        answered = counted(c, k, moving.ANSWERED, 1)[:, 0]
        unanswered = counted(c, k, moving.UNANSWERED, len(program.reasons))
        return Batch(
            replications=replications,
            first_contact=run.first_contact,
            first_line=run.first_line.astype(np.int32),
            attempts=answered + unanswered.sum(axis=1),
            answered=answered,
            unanswered=unanswered,
            errands=counted(c, k, moving.ERRANDS, len(ERRAND_ENDS)),
            attempts_taken=counted(c, k, moving.ATTEMPTS_TAKEN, bins),
            response=counted(c, k, moving.RESPONSE, bins),
            parameters=run.parameters,
        )

    def trace(self, program: Program, seed: int, replication: int) -> History:
        """See sim.engines.contract.Engine."""
        alone = range(replication, replication + 1)
        run = _Run(program, seed, alone, rows=_ROWS)
        if run.told > _ROWS:
            run = _Run(program, seed, alone, rows=run.told)
        return History(
            replication=replication,
            seed=seed,
            parameters=dict(zip(program.uncertain, run.parameters[0].tolist(), strict=True)),
            happenings=tuple(_happening(program, run.w[row], run.y[row]) for row in range(run.told)),
        )


class _Run:
    """One call of the kernel: what goes in and what comes out. `rows`: room for a history of the last replication."""

    def __init__(self, program: Program, seed: int, replications: range, rows: int) -> None:
        layout = Layout(program, bins_for(program.horizon))
        self.k = layout.k
        self.c = new_counts(layout.k)
        self.w: Ints = np.zeros((rows, LOG_NUMBERS), dtype=np.int64)
        self.y: Floats = np.zeros((rows, LOG_REALS))
        self.first_contact: Ints = np.empty((len(replications), int(self.k[fixed.LINES])), dtype=np.int64)
        self.first_line: Ints = np.empty(len(replications), dtype=np.int64)
        self.parameters = program.draw_parameters(seed, program.blocks_of(replications))
        drawn = self.parameters if program.derived else self.parameters[:1]
        values = np.array([program.values_for(row.tolist()) for row in drawn]).reshape(len(drawn), -1)
        s, x = new_state(self.k)
        if len(replications) > 0:
            arrays = (self.k, layout.f, values, s, x, self.c, self.w, self.y)
            kernel_seed: Any = np.uint64(seed)
            replicate_all(*arrays, kernel_seed, replications.start, self.first_contact, self.first_line)
        self.told = int(s[moving.TOLD])


def compile_kernel() -> None:
    """Compile the kernel for the types that it is called with, or take it from the cache."""
    whole, real = int64[::1], float64[::1]
    wholes, reals = int64[:, ::1], float64[:, ::1]
    types = (whole, real, reals, whole, real, whole, wholes, reals, uint64, int64, wholes, whole)
    replicate_all.compile(types)  # type: ignore[attr-defined]


def _happening(program: Program, numbers: Ints, reals: Floats) -> Happening:
    """A row of the history as the contract tells it."""
    second, what, who, a, b, c, d = (int(number) for number in numbers)
    detail: dict[str, int | float | str] = {}
    name = program.lines[who] if what not in (T_STATE, T_EVENT) else ""
    if what == T_STATE:
        name = program.regimes.names[who]
        detail = {"state": program.regimes.states[who][a], "until": b}
    elif what == T_EVENT:
        name = program.events.names[who]
        detail = {"count": a}
    elif what in (T_ERRAND, T_GAVE_UP):
        detail = {"count": a}
    elif what == T_ATTEMPT:
        detail = {
            "attempt": a,
            "count": b,
            "result": "answered" if c == NONE else program.reasons[c],
            "probability": float(reals[0]),
            "uniform": float(reals[1]),
            "delay": d,
        }
    elif what == T_CONTACT:
        detail = {"attempted": a, "response": b, "call": c}
    elif what == T_SUPERSEDED:
        detail = {"by": program.lines[a]}
    return Happening(second, TOLD[what], name, detail)
