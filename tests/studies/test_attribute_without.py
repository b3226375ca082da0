"""A scenario without some of its lines, in both engines."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim import engines
from sim.engines.contract import NEVER
from sim.scenario.program import Program
from sim.studies.attribute import without
from tests.strategies import EXAMPLES, scenarios
from tests.support import line, program, scenario

N = range(3)


def first_contact(one: Program, engine: str = "reference") -> np.ndarray:
    return engines.get(engine).simulate(one, 1, N).first_contact


@EXAMPLES
@given(scenarios(), st.integers(0, 31))
def test_lines_that_are_taken_away_do_nothing_in_either_engine(human: dict[str, object], mask: int) -> None:
    one = program(human)
    gone = [at for at in range(len(one.lines)) if mask >> at & 1]
    batches = [engines.get(name).simulate(without(one, gone), 1, N) for name in ("reference", "compiled")]
    for batch in batches:
        assert (batch.first_contact[:, gone] == NEVER).all()
        assert not batch.attempts[gone].any()
        assert not batch.requests[gone].any()
    assert np.array_equal(batches[0].first_contact, batches[1].first_contact)
    assert np.array_equal(batches[0].requests, batches[1].requests)


def test_without_nothing_is_the_same_and_hashes_tell_programs_apart() -> None:
    one = program(scenario({"p": line(answer=0.5, every="6 h"), "q": line(answer=0.5, every="6 h")}))
    assert without(one, []) is one
    hashes = {without(one, gone).sha256 for gone in ([], [0], [1], [0, 1])}
    assert len(hashes) == 4
    assert without(one, [1, 0]).sha256 == without(one, [0, 1]).sha256
