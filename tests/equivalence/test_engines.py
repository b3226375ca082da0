"""The compiled engine against the reference: every count, contact, attempt, reason, delay and parameter, to the bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim import engines
from sim.engines.reference import Reference
from sim.rules import answer, clock, order, quantiles
from sim.scenario import load
from sim.scenario.compiler import compile_scenario
from sim.scenario.program import Program
from tests import strategies
from tests.equivalence.agreement import assert_equal, assert_equal_at_random, differences
from tests.support import line, officials, program, replace_rule, scenario

SHIPPED = sorted(Path("scenarios").rglob("*.yaml"))


@pytest.fixture(scope="module", autouse=True)
def _compiled_once() -> None:
    engines.prepare("compiled", lambda _: None)


def shipped(path: Path) -> Program | None:
    """The program of a scenario file; None for a what-if file."""
    text = path.read_text(encoding="utf-8")
    return compile_scenario(load(path)) if "\nscenario:" in f"\n{text}" else None


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_scenarios(path: Path) -> None:
    found = shipped(path)
    if found is not None:
        assert assert_equal(found) > 0


def test_random_scenarios() -> None:
    assert_equal_at_random(strategies.scenarios(), 300, range(3, 9))


@pytest.mark.deep
def test_twenty_thousand_random_scenarios() -> None:
    assert_equal_at_random(strategies.scenarios(), 20_000)


EVERYTHING = Path(__file__).with_name("everything.yaml").read_text(encoding="utf-8")


def test_the_scenario_that_uses_every_rule() -> None:
    assert assert_equal(program(EVERYTHING), range(40)) > 300


def _off(rule: Callable[..., Any], change: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda *arguments: change(rule(*arguments))


SABOTEURS: dict[str, tuple[Callable[..., Any], Callable[[Any], Any]]] = {
    "quantile": (quantiles.quantile, lambda x: x + 1.0),
    "whole_seconds": (clock.whole_seconds, lambda second: second + 1),
    "after": (clock.after, lambda second: second + 1),
    "first_open": (clock.first_open, lambda second: second + 1),
    "served": (clock.served, lambda second: second + 1),
    "answer_probability": (answer.answer_probability, lambda p: p * 0.99),
    "is_answered": (answer.is_answered, lambda answered: not answered),
    "reason_of": (answer.reason_of, lambda reason: 0),
    "faded": (answer.faded, lambda value: value * 0.9),
    "in_force": (answer.in_force, lambda holds: True),
    "rank": (order.rank, lambda rank: 40 - rank),
}
"""By rule: the function, and what the reference engine is made to believe it returns."""


@pytest.mark.parametrize("name", SABOTEURS)
def test_a_change_to_a_rule_in_one_engine_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rule, change = SABOTEURS[name]
    replace_rule(monkeypatch, rule, _off(rule, change))
    one = program(EVERYTHING)
    batches = [engine.simulate(one, 7, range(40)) for engine in (Reference(), engines.get("compiled"))]
    assert differences(*batches)


def test_every_rule_that_an_engine_calls_has_a_saboteur() -> None:
    """Names that sim/engines takes from sim.rules, but for draws (streams and purposes, tested by address), names of
    kinds, and bins (of results, not of what happens)."""
    import ast

    taken = set()
    for path in Path("sim/engines").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("sim.rules."):
                taken |= {alias.name for alias in node.names}
    rules = taken - {"Kind", "Purpose", "Stream", "bin_of", "bins_for"}
    assert rules - {"quantiles"} <= set(SABOTEURS)


@pytest.mark.parametrize("factor", [9.1e307, 1.7e308])
def test_odds_beyond_what_a_double_holds_are_no_odds_of_nothing(factor: float) -> None:
    """Contacts of `helper` multiply the odds of `silent`, of which a regime leaves open what they are."""
    lines = {
        "helper": line(every="6 h", answer=1, on_contact={"affects": ["silent"], "odds_factor": factor}),
        "silent": line(caller="a2", callee="b2", every="5 h", answer=1e-300, starts={"after": {"contact": "helper"}}),
    }
    gate = {"affects": ["silent"], "states": {"open": {"lasts": "5 d"}, "narrow": {"odds_factor": 0.5, "lasts": "5 d"}}}
    people = officials("a", "a2", "b", "b2")
    one = program(scenario(lines, officials=people, regimes={"gate": gate}, end="2022-01-20"))
    assert assert_equal(one, range(200)) > 0
