"""One place for the size of the oracles and for the engines that they judge."""

from __future__ import annotations

import pytest

from tests.support import DEEP


@pytest.fixture
def replications(request: pytest.FixtureRequest) -> int:
    """Replications of each statistical oracle: 5,000 on the reference, 50,000 on the compiled engine; 20,000 and a
    million when OPENLINES_DEEP is 1."""
    compiled = "engine" in request.fixturenames and request.getfixturevalue("engine") == "compiled"
    if compiled:
        return 1_000_000 if DEEP else 50_000
    return 20_000 if DEEP else 5_000


@pytest.fixture(params=["reference", "compiled"])
def engine(request: pytest.FixtureRequest) -> str:
    """The name of an engine; every oracle runs on every engine."""
    return str(request.param)
