"""Whether both engines say the same: of given replications, of random scenarios, however a run is cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy

from sim import engines
from sim.engines.contract import Batch
from sim.scenario.program import Program
from tests import strategies
from tests.support import program

REPLICATIONS = range(3, 15)
"""Neither the first nor a whole block."""


def differences(a: Batch, b: Batch) -> list[str]:
    """The fields in which two batches differ."""
    return [f.name for f in fields(a) if not np.array_equal(getattr(a, f.name), getattr(b, f.name))]


def assert_equal(one: Program, replications: range = REPLICATIONS, seed: int = 7) -> int:
    """Both engines on the same replications; how many log entries were compared one by one."""
    reference, compiled = engines.get("reference"), engines.get("compiled")
    batches = [engine.simulate(one, seed, replications) for engine in (reference, compiled)]
    assert differences(*batches) == []
    told = 0
    for replication in (replications.start, replications.stop - 1):
        a, b = (engine.trace(one, seed, replication) for engine in (reference, compiled))
        # Written out, because a busy attempt's probability is no number, which equals nothing.
        assert [repr(h) for h in a.log_entries] == [repr(h) for h in b.log_entries]
        assert a.parameters == b.parameters
        told += len(a.log_entries)
    return told


def assert_equal_at_random(
    scenarios: SearchStrategy[dict[str, Any]],
    examples: int,
    replications: range = REPLICATIONS,
    look: Callable[[Program], object] = lambda one: None,
) -> None:
    """Both engines on so many random scenarios, each of which `look` is shown first."""

    @given(scenarios)
    @settings(strategies.EXAMPLES, max_examples=examples)
    def compare(human: dict[str, Any]) -> None:
        one = program(human, block=4)
        look(one)
        assert_equal(one, replications)

    compare()


def assert_equal_in_parts(one: Program) -> None:
    """The compiled engine says of 1,200 replications what it says of some of them, then others, together."""
    engine = engines.get("compiled")
    whole = engine.simulate(one, 3, range(5, 1205))
    parts = [engine.simulate(one, 3, range(a, b)) for a, b in ((5, 6), (6, 700), (700, 1205))]
    for name in ("answered", "unanswered", "requests", "attempts_taken", "response"):
        assert np.array_equal(getattr(whole, name), sum(getattr(part, name) for part in parts))
    for name in ("first_contact", "first_line"):
        assert np.array_equal(getattr(whole, name), np.concatenate([getattr(part, name) for part in parts]))
