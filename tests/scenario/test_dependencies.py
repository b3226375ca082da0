"""Dependency graph of lines, its components, and the program of some components alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from sim import engines
from sim.scenario.dependencies import Cause, DependencyGraph, components, connected, restricted
from sim.scenario.program import Program
from sim.studies.attribute import without
from tests import strategies
from tests.support import line, officials, program, scenario

ISLANDS = scenario(
    {
        "p": line(caller="a1", callee="b1", every="5 h", answer=0.3, on_unanswered={"odds_factor": 0.9}),
        "x": line(caller="a2", callee="b2", every="7 h", answer=0.2, call="3 h", until="horizon", delay="2 h"),
        "q": line(caller="a3", callee="b3", every="6 h", answer=0.2, starts={"after": {"unanswered": "p", "count": 2}}),
        "v": line(caller="a2", callee="b1", every="3 h", answer=0.2, triggered_by="alarm", give_up="2 d"),
        "z": line(caller="a4", callee="b4", every="3 h", answer=0.4, triggered_by={"gave_up": "v"}),
    },
    officials=officials("a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"),
    events={
        "quiet": {"every": "2 d", "effect": {"affects": ["p"], "odds_factor": 0.5, "half_life": "1 d"}},
        "alarm": {"every": {"exponential": {"mean": "4 d"}}, "switches": {"gate": "open"}},
    },
    regimes={
        "gate": {"affects": ["z"], "states": {"shut": {"odds_factor": 0, "lasts": "6 d"}, "open": {"lasts": "1 d"}}}
    },
)


def rows(one: Program, lines: list[int]) -> dict[str, list[Any]]:
    """What happened on some lines, by field of the batch."""
    batch = engines.get("reference").simulate(one, 3, range(30))
    by_line = ("attempts", "answered", "unanswered", "requests", "attempts_taken", "response")
    found = {name: getattr(batch, name)[lines].tolist() for name in by_line}
    return found | {"first_contact": batch.first_contact[:, lines].tolist()}


@pytest.mark.parametrize("island", [[0, 2], [1, 3, 4]])
def test_lines_alone_do_what_they_do_in_company(island: list[int]) -> None:
    whole = program(ISLANDS)
    alone = restricted(whole, island)
    assert alone.lines == tuple(whole.lines[at] for at in island)
    assert rows(alone, list(range(len(island)))) == rows(whole, island)


def test_a_line_that_depends_on_others_does_something_else_alone() -> None:
    """The comparison sees what is missing: v waits for x, whose caller it shares, to end its calls."""
    whole = program(ISLANDS)
    assert rows(restricted(whole, [3]), [0]) != rows(whole, [3])


def test_regimes_events_and_effects_that_are_not_felt_are_left_out() -> None:
    alone = restricted(program(ISLANDS), [0, 2])
    assert (alone.regimes.names, alone.events.names, len(alone.effects.decay)) == ((), ("quiet",), 2)


@given(strategies.scenarios())
@settings(strategies.EXAMPLES)
def test_all_lines_are_the_program(human: dict[str, Any]) -> None:
    whole = program(human, block=4)
    lines = list(range(len(whole.lines)))
    assert rows(restricted(whole, lines), lines) == rows(whole, lines)


def test_lines_in_another_order_or_twice_are_refused() -> None:
    for lines in ([1, 0], [1, 1]):
        with pytest.raises(ValueError, match="in rising order, each once"):
            restricted(program(ISLANDS), lines)
    assert np.array_equal(restricted(program(ISLANDS), [4]).triggered, [True])


N = range(3)


def first_contact(one: Program) -> np.ndarray:
    return engines.get("reference").simulate(one, 1, N).first_contact


@strategies.EXAMPLES
@given(strategies.scenarios())
def test_components_do_not_depend_on_each_other(human: dict[str, object]) -> None:
    one = program(human)
    whole = first_contact(one)
    for part in components(one):
        others = [at for at in range(len(one.lines)) if at not in part]
        alone = first_contact(without(one, others))
        assert np.array_equal(alone[:, list(part)], whole[:, list(part)])


PEOPLE = officials("a1", "a2", "a3", "b1", "b2", "b3")
OPEN = {"every": "6 h", "answer": 0.5}
EDGES = {
    "a shared caller with calls": ({"callee": "b2", "call": "7 h"}, {"call": "7 h"}),
    "a shared callee with calls": ({"caller": "a2", "callee": "b1"}, {"call": "7 h"}),
    "an effect of contact": ({"caller": "a2", "callee": "b2"}, {"on_contact": {"affects": ["q"], "odds_factor": 9}}),
    "an effect of refusals": (
        {"caller": "a2", "callee": "b2"},
        {"on_unanswered": {"affects": ["q"], "odds_factor": 0.1}},
    ),
    "a start after its contact": ({"caller": "a2", "callee": "b2", "starts": {"after": {"contact": "p"}}}, {}),
    "a trigger": ({"caller": "a2", "callee": "b2", "triggered_by": {"gave_up": "p"}}, {"give_up": "1 d"}),
    "an end by its contact": ({"caller": "a2", "callee": "b2", "until": {"contact": "p"}}, {}),
    "an end by the contact of its group": ({"caller": "a2", "callee": "b2", "until": {"contact": "both"}}, {}),
}


def joined_by(of_q: dict[str, object], of_p: dict[str, object]) -> Program:
    """Lines p and q, which something joins, and r, which stands alone."""
    lines = {
        "p": line(caller="a1", callee="b1") | OPEN | of_p,
        "q": line(caller="a1", callee="b2") | OPEN | of_q,
        "r": line(caller="a3", callee="b3") | OPEN,
    }
    return program(scenario(lines, officials=PEOPLE, report={"groups": {"both": ["p", "q"]}}))


CAUSES = {
    "a shared caller with calls": {(0, 1, Cause.CALL), (1, 0, Cause.CALL)},
    "a shared callee with calls": {(0, 1, Cause.CALL)},
    "an effect of contact": {(0, 1, Cause.CONTACT)},
    "an effect of refusals": {(0, 1, Cause.UNANSWERED)},
    "a start after its contact": {(0, 1, Cause.CONTACT)},
    "a trigger": {(0, 1, Cause.GAVE_UP)},
    "an end by its contact": {(0, 1, Cause.CONTACT)},
    "an end by the contact of its group": {(0, 1, Cause.CONTACT)},
}


@pytest.mark.parametrize("edge", EDGES)
def test_every_edge_is_seen(edge: str) -> None:
    graph = DependencyGraph(joined_by(*EDGES[edge]))
    assert {(one.source, one.target, cause) for one in graph.edges() for cause in one.causes} == CAUSES[edge]
    assert graph.components() == ((0, 1), (2,))
    assert graph.independent() == (2,)


@pytest.mark.parametrize("edge", EDGES)
def test_every_edge_changes_something(edge: str) -> None:
    """Else the tests of components would pass without it."""
    one = joined_by(*EDGES[edge])
    runs = [
        engines.get("reference").simulate(some, 1, range(40)) for some in (one, without(one, [0]), without(one, [1]))
    ]
    with_p, without_p = (run.first_contact[:, 1] for run in runs[:2])
    with_q, without_q = (run.first_contact[:, 0] for run in (runs[0], runs[2]))
    same = np.array_equal(with_p, without_p) and np.array_equal(with_q, without_q)
    assert not same or not np.array_equal(runs[0].requests[1], runs[1].requests[1])


def test_lines_of_one_official_without_calls_stand_alone() -> None:
    lines = {"p": line(**OPEN), "q": line(**OPEN)}
    assert components(program(scenario(lines))) == ((0,), (1,))
    lines["q"]["call"] = {"exponential": {"mean": "1 h"}}
    assert components(program(scenario(lines))) == ((0, 1),)


def test_an_edge_that_is_overlooked_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The saboteur: without the edge of calls, what is computed from components is wrong."""
    monkeypatch.setattr(DependencyGraph, "_may_last", lambda self, call: False)
    one = joined_by({"callee": "b1", "call": "20 h"}, {"call": "20 h"})
    assert components(one) == ((0,), (1,), (2,))
    assert not np.array_equal(first_contact(without(one, [0, 2]))[:, 1], first_contact(one)[:, 1])


def test_an_edge_to_itself_joins_nothing() -> None:
    fatigue = line(**OPEN, on_unanswered={"odds_factor": 0.9}, on_contact={"affects": ["p"], "odds_factor": 2})
    graph = DependencyGraph(program(scenario({"p": fatigue, "q": line(**OPEN)})))
    assert list(graph.edges()) == []
    assert graph.independent() == (0, 1)


@pytest.mark.parametrize("decay", [{}, {"lasts": "1 d"}, {"half_life": "1 d"}])
@pytest.mark.parametrize("cause", ["on_contact", "on_unanswered"])
def test_an_effect_that_moves_no_odds_joins_nothing(cause: str, decay: dict[str, str]) -> None:
    for factor, expected in ((1, 3), (2, 2), ({"prior": {"uniform": [0.5, 2]}}, 2)):
        one = joined_by({"caller": "a2"}, {cause: {"affects": ["q"], "odds_factor": factor, **decay}})
        assert len(components(one)) == expected


@pytest.mark.parametrize(("call", "expected"), [("0 s", 3), ("0.4 s", 3), ("1 s", 2)])
def test_a_call_that_takes_no_second_joins_nothing(call: str, expected: int) -> None:
    assert len(components(joined_by({}, {"call": call, "callee": "b2"}))) == expected


def test_regimes_and_events_join_nothing() -> None:
    sections = {
        "regimes": {"gate": {"affects": ["c"], "states": {"open": {"lasts": "1 d"}, "shut": {"odds_factor": 0}}}},
        "events": {"e": {"every": "1 d", "switches": {"gate": "shut"}}},
    }
    lines = {"p": line(**OPEN), "q": line(**OPEN, triggered_by="e")}
    assert components(program(scenario(lines, **sections))) == ((0,), (1,))


def test_numbers_are_joined_group_by_group() -> None:
    assert connected(6, [(4, 5), (), (2, 0), (5, 0)]) == ((0, 2, 4, 5), (1,), (3,))
