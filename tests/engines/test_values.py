"""The numbers of many blocks at once: those that the program gives for each block by itself, to the bit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from sim.engines.compiled.values import values_of
from sim.scenario.program import Program
from tests import strategies
from tests.support import line, program, scenario


def assert_same(one: Program, replications: range) -> None:
    drawn, values = values_of(one, 5, replications)
    expected = one.draw_parameters(5, one.blocks_of(replications))
    assert np.array_equal(drawn, expected)
    rows = expected if one.derived else expected[:1]
    assert len(values) == max(1, len(rows)) if not one.derived else len(values) == len(rows)
    for row, made in zip(rows, values, strict=False):
        assert np.array_equal(np.array(one.values_for(row.tolist())), made, equal_nan=True)


@given(strategies.scenarios())
@settings(strategies.EXAMPLES, max_examples=60)
def test_random_scenarios(human: dict[str, Any]) -> None:
    assert_same(program(human, block=4), range(3, 40))


def prior(low: float, high: float) -> dict[str, Any]:
    return {"prior": {"uniform": [low, high]}}


def time(low: int, high: int) -> dict[str, Any]:
    return {"prior": {"uniform": [f"{low} min", f"{high} min"]}}


@pytest.mark.parametrize(
    "distribution",
    [
        {"exponential": {"mean": time(10, 20)}},
        {"exponential": {"p90": time(10, 20)}},
        {"uniform": {"min": time(1, 2), "max": time(3, 4)}},
        {"triangular": {"min": time(1, 2), "mode": time(3, 4), "max": time(5, 6)}},
        {"lognormal": {"median": time(1, 2), "sigma": prior(0.5, 1.5)}},
        {"lognormal": {"median": time(1, 2), "p90": "1 h"}},
        {"weibull": {"scale": time(1, 2), "shape": prior(0.5, 1.5)}},
        {"loglogistic": {"scale": time(1, 2), "shape": prior(0.5, 1.5)}},
        {"loglogistic": {"median": "2 h", "shape": prior(0.5, 1.5)}},
        {"gamma": {"scale": time(1, 2), "shape": 2}},
        {"scipy": {"name": "invgauss", "mu": 0.5, "scale": time(1, 2)}},
        {"fixed": {"value": time(1, 2)}},
    ],
    ids=lambda distribution: "-".join([*distribution, *next(iter(distribution.values()))]),
)
def test_every_family_with_uncertain_parameters(distribution: dict[str, Any]) -> None:
    if "fixed" in distribution:
        distribution = distribution["fixed"]["value"]
    one = program(scenario({"one": line(every=distribution, answer=prior(0.1, 0.9))}))
    assert one.derived
    assert_same(one, range(200))


def test_a_table_of_posterior_draws() -> None:
    one = program(scenario({"one": line(every={"exponential": {"mean": time(10, 20)}}, answer=0.5)}))
    assert_same(replace(one, posterior=np.linspace(600.0, 1200.0, 7)[:, np.newaxis]), range(500))


def test_no_replications() -> None:
    drawn, _ = values_of(program(scenario({"one": line(every="1 d", answer=prior(0.1, 0.9))})), 1, range(0))
    assert drawn.shape == (0, 1)
