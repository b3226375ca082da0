"""The committed calibration of spring 2022: of the scenario as it is, and told by the documentation as it came out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.calibration.files import ROWS
from sim.calibration.fit import calibrate
from sim.calibration.named import load_with_priors
from sim.calibration.posterior import equal_draws
from sim.report.calibration import short, value
from sim.scenario import load
from sim.scenario.compiler import sha256_of
from tests.scenarios.documents import DOCS

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "results" / "us-russia-2022"
KEPT = RESULTS / "posterior"
SCENARIO = "us-russia-2022"
SCENARIOS = ROOT / "scenarios"
TABLES = [SCENARIO, f"{SCENARIO}-daily"]


@pytest.fixture(scope="module")
def findings() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((KEPT / f"{SCENARIO}.calibration.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def page() -> str:
    return (DOCS / "explanation" / "calibration.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TABLES)
def test_the_draws_are_of_the_scenario_as_it_is(name: str) -> None:
    made = json.loads(pq.read_schema(SCENARIOS / f"{name}.posterior.parquet").metadata[b"openlines"])
    as_it_is = load_with_priors(SCENARIOS / f"{name}.yaml")
    assert as_it_is.ignored == f"{name}.posterior.parquet"
    assert made["scenario_sha256"] == sha256_of(as_it_is.scenario)
    assert made["entries"] == list(range(len(as_it_is.scenario.record)))
    # Saboteur: another prior is another scenario.
    other = load(SCENARIOS / f"{name}.yaml", ["posterior=null", "parameters.gate-open-spell.prior.lognormal.p90=51 d"])
    assert made["scenario_sha256"] != sha256_of(other)


@pytest.mark.deep
@pytest.mark.parametrize("name", TABLES)
def test_the_same_command_makes_the_same_draws(name: str) -> None:
    found = calibrate(load(SCENARIOS / f"{name}.yaml"), draws=4096, seed=1)
    draws = load(SCENARIOS / f"{name}.yaml").draws
    assert draws is not None
    rows = equal_draws(found.sample, ROWS, 1)
    for path, column in zip(found.sample.paths, found.sample.numbers[rows].T, strict=True):
        assert np.allclose(column, draws.columns[path], rtol=1e-9, atol=0), path


def test_the_draws_have_the_quantiles_that_were_found(findings: dict[str, Any]) -> None:
    """Of 4,096 draws of equal weight, against those of the weighted ones: a rank is off by at most a few in 4,096."""
    draws = load(SCENARIOS / f"{SCENARIO}.yaml").draws
    assert draws is not None
    for number in findings["numbers"]:
        column = np.array(draws.columns[number["path"]])
        for share, quantile in zip(number["shares"], number["posterior"], strict=True):
            assert np.mean(column < quantile) <= share + 0.01, number["path"]
            assert np.mean(column <= quantile) >= share - 0.01, number["path"]


def test_the_page_has_the_numbers_that_came_out(findings: dict[str, Any], page: str) -> None:
    for number in findings["numbers"]:
        unit = number["unit"]
        spans = " | ".join(
            f"{value(number[which][0], unit)} – {value(number[which][-1], unit)}" for which in ("prior", "posterior")
        )
        removed = f"{100 * number['width_removed']:.0f} %"
        middle = value(number["posterior"][2], unit)
        assert f"| {short(number['path'])} | {spans} | {middle} | {removed} | {number['verdict']} |" in page


def test_the_page_has_the_checks_that_came_out(findings: dict[str, Any], page: str) -> None:
    assert len(findings["predictive"]) == 13
    for entry in findings["predictive"]:
        place = "" if entry["percentile"] is None else f"{100 * entry['percentile']:.0f}"
        assert f"| {entry['line']}: {entry['says']} | {place} | {100 * entry['probability']:.1f} % |" in page
    assert not any(entry["unusual"] for entry in findings["predictive"])
    (left,), (rival,) = findings["left_out"], findings["rivals"]
    assert f"{left['log_score']:.2f} ± {left['error']:.2f}" in page
    assert f"{left['log_alone']:.2f} ± {left['alone_error']:.2f}" in page
    assert f"{rival['log_factor']:.2f} ± {rival['error']:.2f}: {rival['words']}" in page


def test_the_page_has_the_forecast_that_was_made(page: str) -> None:
    made = json.loads((RESULTS / "forecast" / "2022-04-10.json").read_text(encoding="utf-8"))
    assert made["as_of"] == "2022-04-10"
    for name in ("austin-shoigu", "milley-gerasimov"):
        line = made["lines"][name]
        within = " | ".join(f"{100 * line['within_days'][days]:.0f} %" for days in ("7", "30"))
        days = f"{line['days'][1]:.0f} d | {line['days'][2]:.0f} d"
        assert f"| {name} | {within} | {100 * line['before_end']:.0f} % | {days} |" in page
    assert f"{100 * made['states']['moscow-gate']['closed']:.0f} %" in page
