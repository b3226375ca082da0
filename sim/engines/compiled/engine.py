"""The engine contract over the compiled kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import float64, int64, uint64

from sim.engines.compiled.kernel import replicate_all
from sim.engines.compiled.loop import Loop
from sim.engines.compiled.numbers import fill_logarithms, fill_quantiles, numbers_of
from sim.engines.compiled.state import (
    T_ATTEMPT,
    T_CONTACT,
    T_EVENT,
    T_GAVE_UP,
    T_REQUEST,
    T_STATE,
    T_SUPERSEDED,
    TOLD,
)
from sim.engines.contract import Batch, EventLog, LogEntry
from sim.scenario.program import NONE, Floats, Program

_ROWS = 4096


class Compiled:
    """The event loop in numba, over the program's arrays."""

    name = "compiled"

    def simulate(self, program: Program, seed: int, replications: range) -> Batch:
        """See sim.engines.contract.Engine."""
        parameters, values = numbers_of(program, seed, replications)
        first_contact = np.empty((len(replications), len(program.lines)), dtype=np.int64)
        first_line = np.empty(len(replications), dtype=np.int64)
        loop = Loop(program)
        loop.run(seed, replications.start, values, first_contact, first_line)
        counts: dict[str, Any] = loop.counts()
        return Batch(
            replications=replications,
            first_contact=first_contact,
            first_line=first_line.astype(np.int32),
            attempts=counts["answered"] + counts["unanswered"].sum(axis=1),
            parameters=parameters,
            **counts,
        )

    def trace(self, program: Program, seed: int, replication: int) -> EventLog:
        """See sim.engines.contract.Engine."""
        alone = range(replication, replication + 1)
        parameters, values = numbers_of(program, seed, alone)
        loop = _traced(program, seed, replication, values, _ROWS)
        if loop.told > _ROWS:
            loop = _traced(program, seed, replication, values, loop.told)
        return EventLog(
            replication=replication,
            seed=seed,
            parameters=dict(zip(program.uncertain, parameters[0].tolist(), strict=True)),
            log_entries=tuple(
                _log_entry(program, numbers, reals)
                for numbers, reals in zip(
                    loop.numbers[: loop.told].tolist(), loop.reals[: loop.told].tolist(), strict=True
                )
            ),
        )


def _traced(program: Program, seed: int, replication: int, values: Floats, rows: int) -> Loop:
    loop = Loop(program, rows)
    first_contact, first_line = np.empty((1, len(program.lines)), dtype=np.int64), np.empty(1, dtype=np.int64)
    loop.run(seed, replication, values, first_contact, first_line)
    return loop


def compile_kernels() -> None:
    """Compile the kernels for the types that they are called with, or take them from the cache."""
    whole, real = int64[::1], float64[::1]
    wholes, reals = int64[:, ::1], float64[:, ::1]
    kernels: dict[Any, Any] = {
        replicate_all: (whole, real, reals, whole, real, whole, wholes, reals, uint64, int64, wholes, whole),
        fill_quantiles: (int64, float64, float64, float64, real, real, real),
        fill_logarithms: (int64, real, real),
    }
    for kernel, types in kernels.items():
        kernel.compile(types)


def _log_entry(program: Program, numbers: Sequence[int], reals: Sequence[float]) -> LogEntry:
    """A row of the history as the contract tells it."""
    second, what, who, a, b, c, d = numbers
    detail: dict[str, int | float | str] = {}
    name = program.lines[who] if what not in (T_STATE, T_EVENT) else ""
    if what == T_STATE:
        name = program.regimes.names[who]
        detail = {"state": program.regimes.states[who][a], "until": b}
    elif what == T_EVENT:
        name = program.events.names[who]
        detail = {"count": a}
    elif what in (T_REQUEST, T_GAVE_UP):
        detail = {"count": a}
    elif what == T_ATTEMPT:
        detail = {
            "attempt": a,
            "count": b,
            "result": "answered" if c == NONE else program.reasons[c],
            "probability": reals[0],
            "uniform": reals[1],
            "delay": d,
        }
    elif what == T_CONTACT:
        detail = {"attempted": a, "response": b, "call": c}
    elif what == T_SUPERSEDED:
        detail = {"by": program.lines[a]}
    return LogEntry(second, TOLD[what], name, detail)
