"""What several tests of statistics need."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim import api
from sim.scenario.resolved import Scenario


@pytest.fixture(scope="session")
def baseline_scenario() -> Scenario:
    """The scenario of spring 2022."""
    return api.load(Path(__file__).parents[2] / "scenarios" / "us-russia-2022.yaml")
