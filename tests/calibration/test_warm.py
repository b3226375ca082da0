"""The filter is compiled once, with a word to who waits for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.calibration import warm
from sim.calibration.likelihood import Likelihood, Weighed
from sim.scenario.program import Floats


def test_it_is_compiled_once_and_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    weighed: list[Likelihood] = []

    def weigh(self: Likelihood, numbers: Floats) -> Weighed:
        weighed.append(self)
        return Weighed(np.zeros(len(numbers)), (), np.zeros(1, dtype=np.int64))

    monkeypatch.setattr(warm, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(Likelihood, "weigh", weigh)
    for _ in range(2):
        warm.warm(lambda: told.append("compiling"))
    assert told == ["compiling"]
    (one,) = weighed
    # Both kernels have something to do: that of paths and that of responses.
    assert any(plan.recorded for plan in one.plans)
    assert one.evidence.responses
