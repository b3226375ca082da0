"""The engine contract over the compiled kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import boolean, float64, int64, uint8, uint64

from sim.engines.compiled import abreast, lockstep
from sim.engines.compiled.kernel import replicate_all
from sim.engines.compiled.loop import Loop
from sim.engines.compiled.numbers import fill_logarithms, fill_quantiles, numbers_of
from sim.engines.compiled.paths import follow
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
from sim.engines.compiled.whole import Whole, find_first
from sim.engines.contract import Batch, EventLog, LogEntry
from sim.scenario.program import NONE, Floats, Program

_ROWS = 4096


class Compiled:
    """Numba kernels over the program's arrays."""

    name = "compiled"

    def simulate(self, program: Program, seed: int, replications: range) -> Batch:
        """See sim.engines.contract.Engine."""
        return Whole(program).simulate(seed, replications)

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


def compile_loop() -> None:
    """Compile the event loop for the types that it is called with, or take it from the cache."""
    whole, real = int64[::1], float64[::1]
    wholes, reals = int64[:, ::1], float64[:, ::1]
    types = (whole, real, reals, whole, real, whole, wholes, reals, uint64, int64, wholes, whole)
    compiled: Any = replicate_all
    compiled.compile(types)


_WHOLE, _REAL, _WORD, _MARKS = int64[::1], float64[::1], uint64[::1], uint8[:, ::1]
_WHOLES, _REALS = int64[:, ::1], float64[:, ::1]
_PROGRAM = (_WHOLE, _REAL, _REALS, uint64, _WHOLE, _WHOLE, int64, _WHOLE, _REAL, _WHOLE)
"""What both kernels of lanes are given first: the layout, the numbers, which replications, and their paths."""


def compile_lanes() -> None:
    """Likewise the kernels of lines apart, and those that every program needs."""
    lanes = (_WORD, _REAL, _WHOLE, _REAL, _WHOLE, _WHOLE, _WHOLE, int64, _WHOLES, _MARKS, int64)
    others = (boolean, boolean, int64, _WHOLE, _REAL, _WHOLE, boolean)
    kernels: dict[Any, Any] = {
        follow: (_WHOLE, _REAL, _REALS, uint64, _WHOLE, int64, _WHOLE, _WHOLE, _REAL, _WHOLE),
        lockstep.run: (*_PROGRAM, *lanes, *others),
        find_first: (_WHOLES, _MARKS, _WHOLE),
        fill_quantiles: (int64, float64, float64, float64, _REAL, _REAL, _REAL),
        fill_logarithms: (int64, _REAL, _REAL),
    }
    for kernel, types in kernels.items():
        kernel.compile(types)


def compile_abreast() -> None:
    """Likewise the kernel of lines that affect each other."""
    room = (_WORD, _REAL, _WHOLE, _REAL, _WHOLE, _WORD, _WHOLE)
    compiled: Any = abreast.run
    compiled.compile((_WHOLE, *_PROGRAM, *room, _WHOLE, _WHOLE, _WHOLE, _WHOLES, _MARKS))


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
