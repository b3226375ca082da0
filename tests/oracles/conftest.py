"""One place for the size of the oracles and for the engines that they judge."""

from __future__ import annotations

import pytest

from tests.support import DEEP


@pytest.fixture(scope="session")
def replications() -> int:
    """Replications of each statistical oracle: 5,000, or 20,000 when OPENLINES_DEEP is 1."""
    return 20_000 if DEEP else 5_000


@pytest.fixture(params=["reference"])
def engine(request: pytest.FixtureRequest) -> str:
    """The name of an engine; every oracle runs on every engine."""
    return str(request.param)
