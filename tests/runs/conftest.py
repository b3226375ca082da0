"""The looked-up engine in place of the real one."""

from __future__ import annotations

import pytest

import sim.engines
from tests.runs.fake import Lookup


@pytest.fixture
def lookup(monkeypatch: pytest.MonkeyPatch) -> Lookup:
    engine = Lookup()
    monkeypatch.setattr(sim.engines, "get", lambda name: engine)
    return engine
