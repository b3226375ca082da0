"""A few replications of a run, told in full: for what a run does not keep of each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.engines.contract import History
    from sim.scenario.program import Program

MOST, LEAST = 200, 10
"""Replications in a sample."""

HAPPENINGS = 140_000
"""About so many happenings are traced: a second or two on the compiled engine, which long runs have."""

TOO_MANY = 200_000
"""Where even `LEAST` replications have more happenings than this, there is no sample."""


def choose_sample(replications: int, happenings: int) -> range:
    """Which replications of ``range(replications)`` to trace, evenly over the run; empty where each one is too long.

    happenings  in all replications together, about. Depends on nothing else, so that the same run has the same sample
    """
    each = max(1, -(-happenings // replications))
    if each * min(LEAST, replications) > TOO_MANY:
        return range(0)
    size = min(replications, MOST, max(LEAST, HAPPENINGS // each))
    step = replications // size
    return range(0, size * step, step)


def trace_sample(program: Program, seed: int, replications: range, engine: str = "reference") -> Iterator[History]:
    """The histories of these replications, one after another: the same ones as in the run, whatever the engine."""
    from sim.engines import get

    tracer = get(engine)
    for replication in replications:
        yield tracer.trace(program, seed, replication)
