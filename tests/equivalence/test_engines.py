"""The compiled engine against the reference: every count, contact, attempt, reason, delay and parameter, to the bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim import engines
from sim.engines.reference import Reference
from sim.rules import answer, calendar, order, quantile_tables
from sim.scenario import load
from sim.scenario.compiler import compile_scenario
from sim.scenario.program import Program
from tests import strategies
from tests.equivalence.agreement import assert_equal, assert_equal_at_random, assert_equal_in_parts, differences
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


def test_random_scenarios_of_lines_apart() -> None:
    assert_equal_at_random(strategies.scenarios_apart(), 60, range(3, 9))


@pytest.mark.deep
def test_twenty_thousand_random_scenarios() -> None:
    assert_equal_at_random(strategies.scenarios(), 20_000)


EVERYTHING = Path(__file__).with_name("everything.yaml").read_text(encoding="utf-8")


def test_the_scenario_that_uses_every_rule() -> None:
    assert assert_equal(program(EVERYTHING), range(40)) > 300


def _off(rule: Callable[..., Any], change: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda *arguments: change(rule(*arguments))


SABOTEURS: dict[str, tuple[Callable[..., Any], Callable[[Any], Any]]] = {
    "quantile": (quantile_tables.quantile, lambda x: x + 1.0),
    "whole_seconds": (calendar.whole_seconds, lambda second: second + 1),
    "after": (calendar.after, lambda second: second + 1),
    "first_open": (calendar.first_open, lambda second: second + 1),
    "served": (calendar.served, lambda second: second + 1),
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


BUSY = scenario(
    {
        "check": line(every={"uniform": ["9 h", "15 h"]}, until="horizon", answer=0.8, call="20 min", delay="5 min"),
        "alarm-call": line(every="15 min", triggered_by="alarm", answer=0.7, call="1 h", give_up="3 h"),
        "daily": line(
            caller="a2",
            callee="b2",
            every={"exponential": {"mean": "1 d"}},
            answer=0.1,
            unanswered={"x": 0.4, "y": 0.6},
        ),
        "apart": line(
            caller="a3",
            callee="b3",
            every={"exponential": {"mean": "8 h"}},
            until="horizon",
            answer=0.3,
            delay={"lognormal": {"median": "3 h", "p90": "2 d"}},
            on_unanswered={"odds_factor": 0.95},
            on_contact={"odds_factor": 2, "half_life": "3 d"},
        ),
    },
    officials=officials("a", "a2", "a3", "b", "b2", "b3"),
    events={
        "alarm": {"every": {"exponential": {"mean": "6 d"}}},
        "shock": {"at": "2022-01-10", "effect": {"affects": ["apart"], "odds_factor": 0.4, "half_life": "5 d"}},
    },
)


def test_lines_whose_calls_meet_in_some_replications() -> None:
    assert_equal(program(BUSY), range(400))


def test_nothing_depends_on_where_the_replications_are_cut() -> None:
    assert_equal_in_parts(program(BUSY))


def test_who_was_first_where_everything_happens_in_the_same_second() -> None:
    """Contacts that were due before come first, then attempts with what they bring at once; in both, by declaration."""
    for at_once in ("one", "two"):
        lines = {name: line(caller=f"a{name}", callee=f"b{name}", every="1 d", answer=1) for name in ("one", "two")}
        lines[at_once] |= {"starts": "2022-01-02"}
        other = "two" if at_once == "one" else "one"
        lines[other] |= {"delay": "1 d"}
        one = program(scenario(lines, officials=officials("aone", "bone", "atwo", "btwo")))
        for engine in ("reference", "compiled"):
            batch = engines.get(engine).simulate(one, 1, range(3))
            assert (batch.first_contact == 86_400).all()
            assert [one.lines[at] for at in batch.first_line] == [other] * 3


def test_who_was_first_between_two_lines_one_of_which_begins_the_other() -> None:
    """`late` begins because of `asks`, within the second; `between` lies between the two in declaration."""
    lines = {
        "late": line(caller="a1", callee="b1", every="1 d", answer=1, starts={"after": {"unanswered": "asks"}}),
        "between": line(caller="a2", callee="b2", every="1 d", answer=1),
        "asks": line(caller="a3", callee="b3", every="1 d", answer=0),
    }
    one = program(scenario(lines, officials=officials("a1", "a2", "a3", "b1", "b2", "b3")))
    for engine in ("reference", "compiled"):
        batch = engines.get(engine).simulate(one, 1, range(40))
        assert [one.lines[at] for at in batch.first_line] == ["between"] * 40


def test_an_effect_that_is_in_force_a_hundred_times_finds_room() -> None:
    every_minute = {"e": {"every": "1 min", "effect": {"affects": ["c"], "odds_factor": 0.999, "lasts": "1 h"}}}
    one = program(scenario({"one": line(every="2 d", answer=0.3)}, events=every_minute, end="2022-03-31"))
    assert assert_equal(one, range(3)) > 0
