"""Selection of a policy against exact optima, budgets, and the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.runs.errors import RunRefused
from sim.scenario.errors import ScenarioErrors
from sim.scenario.policies import BASE, load_policies
from sim.studies.optimize import optimize

# A gate that opens with probability 0.05 and closes with 0.1 a day, seen at whole days, as a chain in continuous time:
# rates 0.054173 and 0.108346 a day, whose sum s has 1 - e^-s = 0.15.
GATE = """
scenario: 1
title: A gate with two states
clock: {start: 2024-01-01, end: 2024-01-31}
sides: {North: {timezone: UTC}, South: {timezone: UTC}}
officials: {envoy: {side: North}, minister: {side: South}}
channels: {telephone: {}}
regimes:
  gate:
    affects: [telephone]
    initially: closed
    states:
      open: {lasts: {exponential: {mean: 9.2296859 d}}}
      closed: {lasts: {exponential: {mean: 18.4593718 d}}, odds_factor: 0}
lines:
  first: {caller: envoy, callee: minister, channel: telephone, every: 1 d, attempts: 1, answer: 0.5, delay: 0 s}
  second: {caller: envoy, callee: minister, channel: telephone, every: 1 d, attempts: 1, answer: 0.5, delay: 0 s}
"""


def day(number: int) -> str:
    return f"2024-01-{number + 1:02d}"


def policies(*pairs: tuple[int, int]) -> str:
    rows = (
        f"  days {one} and {two}: {{lines.first.starts: {day(one)}, lines.second.starts: {day(two)}}}"
        for one, two in pairs
    )
    return "\n".join(["policies: 1", "variants:", *rows, ""])


def written(folder: Path, scenario: str, text: str) -> tuple[Path, Path]:
    one, two = folder / "scenario.yaml", folder / "policies.yaml"
    one.write_text(scenario, "utf-8")
    two.write_text(text, "utf-8")
    return one, two


def open_at(days: int) -> float:
    return (1 - 0.85**days) / 3


def both(one: int, two: int) -> float:
    """P(a contact at one of two days): 1 - E(1 - open/2)(1 - open/2); an open gate stays so over d days with
    probability 1/3 + 2/3 0.85^d."""
    stays = 1 / 3 + 2 / 3 * 0.85 ** (two - one)
    return 0.5 * open_at(one) + 0.5 * open_at(two) - 0.25 * open_at(one) * stays


def test_the_best_two_days_for_a_gate(tmp_path: Path) -> None:
    """Days 17 and 29 are the best pair of all: 0.28789. Elimination finds them among pairs that are clearly worse."""
    assert both(17, 29) == pytest.approx(0.28789, abs=1e-5)
    best = max(((both(i, j), (i, j)) for i in range(30) for j in range(i + 1, 30)), key=lambda one: one[0])
    assert best[1] == (17, 29)
    files = written(tmp_path, GATE, policies((28, 29), (17, 29), (3, 29), (8, 16)))
    found = optimize(*files, within="29 d", zone=0.02, engine="compiled", replications=20_000)
    assert found.decided
    assert found.selected == "days 17 and 29"
    # The fresh estimate is from 10,000 replications: 4.5 standard errors detect a bias of 2 percentage points.
    assert found.fresh.estimate == pytest.approx(best[0], abs=4.5 * (0.25 / 10_000) ** 0.5)
    worse = next(one for one in found.policies if one.name == "days 8 and 16")
    assert worse.replications < 20_000
    assert worse.attempts <= 2


def test_a_fixed_effort_is_spent_where_policies_are_close(tmp_path: Path) -> None:
    files = written(tmp_path, GATE, policies((15, 29), (17, 29), (0, 1)))
    found = optimize(*files, within="29 d", effort=8_000, engine="compiled")
    spent = {one.name: one.replications for one in found.policies}
    assert abs(sum(spent.values()) - 8_000) < 4 * 20 * 25
    assert spent["days 17 and 29"] > 3 * spent["days 0 and 1"]
    assert found.selected in ("days 15 and 29", "days 17 and 29")


def test_budgets(tmp_path: Path) -> None:
    text = "policies: 1\nvariants:\n  one call: {lines.second.attempts: 1, lines.first.attempts: 1}\n"
    text += "  many calls: {lines.first.attempts: 20, lines.first.every: 1 d}\n"
    files = written(tmp_path, GATE, text)
    hard = optimize(*files, budget=2, hard=True, engine="compiled", replications=1000)
    assert [one.admissible for one in hard.policies] == [True, True, False]
    average = optimize(*files, budget=5, engine="compiled", replications=1000)
    assert not next(one for one in average.policies if one.name == "many calls").admissible
    with pytest.raises(RunRefused, match=r"no policy keeps to the budget of 0\.5 attempts; the fewest are"):
        optimize(*files, budget=0.5, engine="compiled")


def test_the_share_of_draws_in_which_a_policy_is_best(tmp_path: Path) -> None:
    """An open gate: two calls by day 20 are better than one, whatever the unknown answer of the first is."""
    scenario = GATE.replace("odds_factor: 0}", "odds_factor: 1}").replace(
        "attempts: 1, answer: 0.5, delay: 0 s}\n  second",
        "attempts: 1, answer: {prior: {beta: [1, 1]}}, delay: 0 s}\n  second",
    )
    text = "policies: 1\nvariants:\n  first only: {lines.second.starts: 2024-01-29}\n"
    text += "  second only: {lines.first.starts: 2024-01-29}\n"
    files = written(tmp_path, scenario, text)
    found = optimize(*files, within="20 d", engine="compiled", replications=1000)
    shares = {one.name: one.best_share for one in found.policies}
    assert sum(share or 0.0 for share in shares.values()) == pytest.approx(1.0)
    assert shares[BASE] is not None
    assert shares[BASE] > 0.9


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("policies: 2\nvariants: {a: {lines.first.every: 1 d}}", "2 is no version of the format of policies"),
        ("policies: 1\nvariants: {a: {lines.first.answer: 1}}", r"a policy cannot set 'lines\.first\.answer'"),
        ("policies: 1\nvariants: {a: {lines.frist.every: 1 d}}", "frist"),
        ("policies: 1\nvariants: {}", "expected a mapping of 1 to 500 policies"),
        ("variants: {a: {lines.first.every: 1 d}}", "missing key 'policies'"),
        ("policies: 1\nvariants: {a: 3}", "expected a mapping from paths to values"),
    ],
)
def test_wrong_policy_files(tmp_path: Path, text: str, message: str) -> None:
    scenario, file = written(tmp_path, GATE, text)
    with pytest.raises(ScenarioErrors, match=message):
        load_policies(file, scenario)


def test_the_command(tmp_path: Path) -> None:
    scenario, file = written(tmp_path, GATE, policies((17, 29), (0, 1)))
    options = ["optimize", str(scenario), "--policies", str(file), "--within", "29 d", "-n", "2000"]
    options += ["--engine", "compiled", "--zone", "0.05"]
    shown = CliRunner().invoke(app, [*options, "--figure", str(tmp_path / "frontier.png")])
    assert shown.exit_code == 0, shown.output
    assert "days 17 and 29" in shown.output
    assert (tmp_path / "frontier.png").stat().st_size > 5000
    document = json.loads(CliRunner().invoke(app, [*options, "--json"]).stdout)
    assert document["kind"] == "optimize"
    refused = CliRunner().invoke(app, [*options, "--zone", "0"])
    assert refused.exit_code == 2
    assert "indifference zone" in refused.output
