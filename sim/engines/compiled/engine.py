"""The engine contract over the compiled event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.engines.compiled.event_list import MOST_OF_A_KIND
from sim.engines.compiled.kernel import CACHE, DONE, FULL, run
from sim.engines.compiled.state import (
    L_ATTEMPT,
    L_CONTACT,
    L_EVENT,
    L_GAVE_UP,
    L_REQUEST,
    L_STATE,
    L_SUPERSEDED,
    LOGGED,
    Simulation,
    counts_of,
    enlarged,
    simulation_of,
)
from sim.engines.compiled.values import values_of
from sim.engines.contract import Batch, EventLog, LogEntry
from sim.scenario.program import NONE, Program

_WORK = 2_000_000
"""Occurrences after which the kernel returns to Python, which may have been interrupted: some tenths of a second."""


class Compiled:
    """The event loop in numba, over the program's records."""

    name = "compiled"

    def simulate(self, program: Program, seed: int, replications: range) -> Batch:
        """See sim.engines.contract.Engine."""
        prepare()
        parameters, values = values_of(program, seed, replications)
        m = _finished(program, simulation_of(program, values, seed, replications))
        return Batch(
            replications=replications,
            first_contact=m.first_contact.reshape(len(replications), -1),
            first_line=m.first_line.astype(np.int32),
            parameters=parameters,
            **counts_of(m),
        )

    def trace(self, program: Program, seed: int, replication: int) -> EventLog:
        """See sim.engines.contract.Engine."""
        prepare()
        alone = range(replication, replication + 1)
        parameters, values = values_of(program, seed, alone)
        m = _finished(program, simulation_of(program, values, seed, alone, tells=True))
        return EventLog(
            replication=replication,
            seed=seed,
            parameters=dict(zip(program.uncertain, parameters[0].tolist(), strict=True)),
            log_entries=tuple(_log_entry(program, *entry) for entry in m.log[: int(m.clock["logged"][0])].tolist()),
        )


def prepare(tell: Callable[[], None] = lambda: None) -> None:
    """Compile the kernels, or take them from the cache. `tell` is called if there is something to wait for."""
    CACHE.prepare(tell)


def _finished(program: Program, m: Simulation) -> Simulation:
    if max(len(program.lines) + len(program.events.names), len(program.regimes.names)) > MOST_OF_A_KIND:
        raise ValueError(f"more than {MOST_OF_A_KIND} lines and events, or regimes")
    while (status := run(m, _WORK)) != DONE:
        if status == FULL:
            m = enlarged(m)
    return m


def _log_entry(program: Program, second: int, what: int, who: int, *rest: Any) -> LogEntry:
    a, b, c, d, probability, uniform = rest
    detail: dict[str, int | float | str] = {}
    name = program.lines[who] if what not in (L_STATE, L_EVENT) else ""
    if what == L_STATE:
        name = program.regimes.names[who]
        detail = {"state": program.regimes.states[who][a], "until": b}
    elif what == L_EVENT:
        name = program.events.names[who]
        detail = {"count": a}
    elif what in (L_REQUEST, L_GAVE_UP):
        detail = {"count": a}
    elif what == L_ATTEMPT:
        detail = {
            "attempt": a,
            "count": b,
            "result": "answered" if c == NONE else program.reasons[c],
            "probability": probability,
            "uniform": uniform,
            "delay": d,
        }
    elif what == L_CONTACT:
        detail = {"attempted": a, "response": b, "call": d}
    elif what == L_SUPERSEDED:
        detail = {"by": program.lines[a]}
    return LogEntry(second, LOGGED[what], name, detail)


if __name__ == "__main__":
    prepare(lambda: print("compiling the engine for this machine (once; about a quarter of a minute)"))
