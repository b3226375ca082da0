"""Event logs of a few replications of a run, for what a run does not keep of each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.engines.contract import EventLog
    from sim.scenario.program import Program

MOST, LEAST = 200, 10
"""Replications in a sample."""

LOG_ENTRIES = 140_000
"""About so many log entries are traced: a second or two on the compiled engine, which long runs have."""

TOO_MANY = 200_000
"""Where even `LEAST` replications have more log entries than this, there is no sample."""


def choose_sample(replications: int, log_entries: int) -> range:
    """Which replications of ``range(replications)`` to trace, evenly over the run; empty where each one is too long.

    log entries  in all replications together, about. Depends on nothing else, so that the same run has the same sample
    """
    each = max(1, -(-log_entries // replications))
    if each * min(LEAST, replications) > TOO_MANY:
        return range(0)
    size = min(replications, MOST, max(LEAST, LOG_ENTRIES // each))
    step = replications // size
    return range(0, size * step, step)


def trace_sample(program: Program, seed: int, replications: range, engine: str = "reference") -> Iterator[EventLog]:
    """The histories of these replications, one after another: the same ones as in the run, whatever the engine."""
    from sim.engines import get

    tracer = get(engine)
    for replication in replications:
        yield tracer.trace(program, seed, replication)
