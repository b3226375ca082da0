"""The kernel returns to Python between two occurrences and goes on: no result depends on where."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim import engines
from sim.engines.compiled import engine, state
from sim.engines.compiled.kernel import PAUSED, run
from sim.engines.compiled.state import simulation_of
from sim.engines.compiled.values import values_of
from tests.equivalence.agreement import differences
from tests.support import line, program, scenario

EVERYTHING = Path("tests/equivalence/everything.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("work", [1, 7])
def test_a_run_that_pauses_gives_what_it_gives_in_one_go(work: int, monkeypatch: pytest.MonkeyPatch) -> None:
    one = program(EVERYTHING)
    whole, told = (getattr(engines.get("compiled"), name) for name in ("simulate", "trace"))
    before = whole(one, 7, range(6)), told(one, 7, 3)
    monkeypatch.setattr(engine, "_WORK", work)
    monkeypatch.setattr(state, "_ROOM_IN_LOG", 8)
    monkeypatch.setattr(state, "_ROOM_FOR_CAUSES", 1)
    assert differences(before[0], whole(one, 7, range(6))) == []
    assert repr(before[1]) == repr(told(one, 7, 3))


def test_a_long_replication_stops_after_its_work() -> None:
    one = program(scenario({"l": line(every="1 s", answer=0)}))
    engine.prepare()
    m = simulation_of(one, values_of(one, 1, range(1))[1], 1, range(1))
    assert run(m, 1000) == PAUSED
    assert m.lines["attempts_made"].tolist() == [1000]
