"""The walk is the engine's: with nothing on record, a particle is the replication of its number to the bit."""

from __future__ import annotations

import numpy as np
import pytest

from sim.calibration.likelihood import Likelihood
from sim.calibration.record import Evidence
from sim.engines import get
from sim.scenario import load, loads
from sim.scenario.compiler import compile_scenario
from tests.calibration.test_likelihood import CASES
from tests.support import text

N = 24


def first_contacts(scenario: object, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(walk, engine), both (N, lines), at the same numbers."""
    program = compile_scenario(scenario, block=N)  # type: ignore[arg-type]
    batch = get("reference").simulate(program, seed, range(N))
    nothing = Evidence((), (), (), (), program.horizon)
    likelihood = Likelihood(scenario, nothing, particles=N, seed=seed, program=program)  # type: ignore[arg-type]
    weighed = likelihood.weigh(batch.parameters, paths=True)
    assert weighed.log_likelihood.tolist() == [0.0]
    walked = np.full((N, len(program.lines)), -9)
    for paths in weighed.paths:
        assert np.allclose(paths.weights, 1 / N)
        walked[:, list(paths.lines)] = paths.first[0][:, list(paths.lines)]
    return walked, batch.first_contact


@pytest.mark.parametrize("name", CASES)
def test_small_scenarios(name: str) -> None:
    walked, batch = first_contacts(loads(text(CASES[name]()[0])), seed=5)
    assert np.array_equal(walked, batch)


@pytest.mark.parametrize("name", ["us-russia-2022", "us-russia-2022-closed-form"])
def test_baseline(name: str) -> None:
    walked, batch = first_contacts(load(f"scenarios/{name}.yaml"), seed=2)
    assert np.array_equal(walked, batch)
