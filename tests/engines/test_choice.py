"""Which engine runs, and that the choice depends on the scenario, the seed and the number of replications alone."""

from __future__ import annotations

import pytest

from sim import engines
from tests.support import line, program, scenario

ONE = scenario({"one": line(every="1 d", answer=0.1)})


def test_auto_takes_the_reference_for_little_work_and_the_compiled_engine_for_much() -> None:
    one = program(ONE)
    assert [engines.choose("auto", one, 1, n) for n in (1, 4, 50, 1_000_000)] == ["reference"] * 3 + ["compiled"]
    many = program(scenario({"one": line(every="5 min", answer=0)}))
    assert engines.choose("auto", many, 1, 50) == "compiled"


def test_a_name_is_taken_at_its_word() -> None:
    assert engines.choose("reference", program(ONE), 1, 1_000_000) == "reference"
    assert engines.choose("compiled", program(ONE), 1, 1) == "compiled"
    for name in ("fast", ""):
        with pytest.raises(ValueError, match="is no engine; expected auto, reference or compiled"):
            engines.choose(name, program(ONE), 1, 1)


def test_without_a_compiler_auto_takes_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    assert engines.choose("auto", program(ONE), 1, 1_000_000) == "reference"
    with pytest.raises(ValueError, match="switched off by NUMBA_DISABLE_JIT"):
        engines.choose("compiled", program(ONE), 1, 1)
