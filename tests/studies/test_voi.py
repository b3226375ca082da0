"""Value of information of scenarios against closed forms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.runs.errors import RunRefused
from sim.studies.voi import voi

SCENARIO = """
scenario: 1
title: One attempt
clock: {start: 2024-01-01, end: 2024-01-11}
sides: {North: {timezone: UTC}, South: {timezone: UTC}}
officials: {envoy: {side: North}, minister: {side: South}}
channels: {telephone: {}}
parameters:
  answer: {prior: {beta: {a: 2, b: 1}}}
  idle: {prior: {beta: {a: 2, b: 2}}}
lines:
  call: {caller: envoy, callee: minister, channel: telephone, every: 1 d, attempts: 1, delay: 0 s,
         answer: {parameter: answer}}
  later: {caller: envoy, callee: minister, channel: telephone, starts: 2024-01-10, every: 1 d, attempts: 1, delay: 0 s,
          answer: {parameter: idle}}
"""
FIXED = "a sure half: lines.call.answer=0.5"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    file = tmp_path / "one.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    return file


def test_a_beta_answer_against_a_fixed_option(scenario: Path) -> None:
    """p ~ Beta(2, 1) against 1/2: E max(p, 1/2) − E p = 7/12 + 1/8 − 2/3 = 1/24.

    The value of a draw varies by less than 0.2 and its noise by 0.5: 4,000 blocks detect a bias of 0.025.
    """
    found = voi(
        scenario,
        "line:call",
        "1 d",
        what_ifs=[FIXED],
        replications=16_000,
        engine="compiled",
        groups={"both": ["answer", "idle"]},
    )
    assert found.unit == "probability"
    assert found.best == "base"
    values = {one.numbers[0]: one for one in found.numbers}
    answer, idle = values["parameters.answer"], values["parameters.idle"]
    assert abs(answer.estimate - 1 / 24) < 4.5 * (answer.high - answer.low) / (2 * 1.96)
    assert answer.high - answer.low < 0.03
    assert idle.estimate < 0.01
    # The choice changes where p < 1/2, with probability 1/4.
    assert abs(answer.changes - 0.25) < 0.08
    assert answer.estimate <= found.groups["both"].estimate <= found.everything.estimate


def test_the_cost_of_attempts_lowers_utility(scenario: Path) -> None:
    free = voi(scenario, "line:call", "1 d", what_ifs=[FIXED], replications=4000, engine="compiled")
    dear = voi(scenario, "line:call", "1 d", 0.1, what_ifs=[FIXED], replications=4000, engine="compiled")
    for one, other in zip(free.options, dear.options, strict=True):
        assert one.utility.estimate is not None
        # Two lines make one attempt each.
        assert other.utility.estimate == pytest.approx(one.utility.estimate - 0.2)


def test_a_wait_is_counted_in_days(scenario: Path) -> None:
    found = voi(scenario, "line:call", what_ifs=[FIXED], replications=4000, engine="compiled")
    assert found.unit == "days"
    # A replication without contact waits ten days: the base has contact with probability 2/3.
    assert found.options[0].utility.estimate == pytest.approx(-10 / 3, abs=4.5 * 10 * (2 / 9 / 4000) ** 0.5 * 1.4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"replications": 3998}, "3998 replications are too few; at least 4000 are needed"),
        ({"outcome": "nobody"}, "'nobody' is no line, group"),
        ({"groups": {"some": ["anwser"]}}, "'anwser' is no uncertain number"),
        ({"cost_per_attempt": -1.0}, "expected a number of at least 0"),
        ({"what_ifs": ["the same: lines.call.title=Call"]}, "no option differs clearly from the base"),
        ({"within": "1 y"}, "'y' is no unit of time"),
    ],
)
def test_what_cannot_be_answered_is_refused(scenario: Path, arguments: dict[str, object], message: str) -> None:
    asked = {"what_ifs": [FIXED], "replications": 4000, "engine": "compiled"} | arguments
    with pytest.raises(RunRefused, match=message):
        voi(scenario, **asked)


def test_a_scenario_without_uncertain_numbers_is_refused() -> None:
    with pytest.raises(RunRefused, match="no uncertain number"):
        voi("scenarios/minimal.yaml", what_ifs=["daily: lines.envoy-minister.every=2 d"])


def test_the_command(scenario: Path, tmp_path: Path) -> None:
    options = ["voi", str(scenario), "--what-if", FIXED, "--outcome", "line:call", "--within", "1 d", "-n", "4000"]
    options += ["--engine", "compiled", "--group", "both: answer, idle"]
    shown = CliRunner().invoke(app, [*options, "--figure", str(tmp_path / "voi.png")])
    assert shown.exit_code == 0, shown.output
    assert "Learning answer is worth" in shown.output
    assert "percentage points; it would change the choice in" in shown.output
    assert (tmp_path / "voi.png").stat().st_size > 5000
    document = json.loads(CliRunner().invoke(app, [*options, "--json"]).stdout)
    assert document["kind"] == "voi"
    assert document["evppi"][0]["numbers"] == ["parameters.answer"]
    refused = CliRunner().invoke(app, [*options, "--group", "both"])
    assert refused.exit_code == 2
