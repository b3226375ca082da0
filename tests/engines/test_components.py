"""Which lines bear on each other, and which run in lockstep."""

from __future__ import annotations

from typing import Any

import pytest

from sim.engines.compiled.components import components
from tests.support import line, officials, program, scenario

FOUR = ("a1", "a2", "b1", "b2")


def parts(one: dict[str, Any], two: dict[str, Any], **sections: Any) -> list[tuple[tuple[int, ...], bool]]:
    """The components of a scenario of two lines between different officials, unless `one` and `two` say otherwise."""
    lines = {
        "one": line(**{"caller": "a1", "callee": "b1", "every": "1 h", "answer": 0.5} | one),
        "two": line(**{"caller": "a2", "callee": "b2", "every": "1 h", "answer": 0.5} | two),
    }
    found = components(program(scenario(lines, officials=officials(*FOUR), **sections)))
    return [(part.lines, part.separable) for part in found]


APART = [((0,), True), ((1,), True)]

SHARED_GATE = {
    "regimes": {"gate": {"affects": ["c"], "states": {"open": {"lasts": "1 d"}, "shut": {"odds_factor": 0}}}},
    "events": {"e": {"every": "1 d", "switches": {"gate": "shut"}, "effect": {"affects": ["c"], "odds_factor": 0.5}}},
}


def test_regimes_and_events_join_nothing() -> None:
    assert parts({}, {"triggered_by": "e"}, **SHARED_GATE) == APART


def test_an_official_joins_lines_only_where_a_call_can_hold_one_up() -> None:
    assert parts({}, {"caller": "a1"}) == APART
    assert parts({"call": "0 s"}, {"caller": "a1", "call": "0.4 s"}) == APART
    for call in ("1 s", {"exponential": {"mean": "1 s"}}):
        assert parts({}, {"caller": "a1", "call": call}) == [((0, 1), True)]
        assert parts({"call": call}, {"callee": "b1"}) == [((0, 1), True)]
    assert parts({"call": "1 h"}, {"call": "1 h"}) == APART


@pytest.mark.parametrize("decay", [{}, {"lasts": "1 d"}, {"half_life": "1 d"}])
@pytest.mark.parametrize("cause", ["on_contact", "on_unanswered"])
def test_an_effect_on_another_line_binds_them(cause: str, decay: dict[str, str]) -> None:
    assert parts({cause: {"affects": ["two"], "odds_factor": 2, **decay}}, {}) == [((0, 1), False)]
    assert parts({cause: {"affects": ["two"], "odds_factor": 1, **decay}}, {}) == APART


def abreast(one: dict[str, Any], two: dict[str, Any]) -> list[bool]:
    """Which components of two lines, the first of which affects the second, run abreast."""
    helps = {"affects": ["two"], "odds_factor": 2}
    first = {"caller": "a1", "callee": "b1", "on_contact": helps} | one
    lines = {"one": line(every="1 h", answer=0.5, **first), "two": line(**two, every="1 h", answer=0.5)}
    found = components(program(scenario(lines, officials=officials(*FOUR))))
    return [part.abreast for part in found]


OTHERS = {"caller": "a2", "callee": "b2"}


def test_lines_that_only_effects_bind_run_abreast_if_these_last_or_fade() -> None:
    assert abreast({}, OTHERS) == [True]
    assert abreast({"on_unanswered": {"odds_factor": 0.9, "half_life": "1 d"}}, OTHERS) == [True]
    for effect in ({"odds_factor": 0.5, "lasts": "1 d"}, {"odds_factor": 0}):
        assert abreast({"on_unanswered": effect}, OTHERS) == [False]


def test_lines_that_share_calls_or_refer_to_each_other_do_not_run_abreast() -> None:
    assert abreast({"call": "1 h"}, {"caller": "a2", "callee": "b1"}) == [False]
    assert abreast({"call": "0 s"}, {"caller": "a2", "callee": "b1"}) == [True]
    assert abreast({}, OTHERS | {"until": {"contact": "one"}}) == [False]


@pytest.mark.parametrize(
    "reference",
    [
        {"starts": {"after": {"contact": "one"}}},
        {"starts": {"after": {"unanswered": "one"}}},
        {"starts": {"after": {"gave_up": "one"}}},
        {"triggered_by": {"gave_up": "one"}},
        {"until": {"contact": "one"}},
    ],
)
def test_a_reference_to_another_line_binds_them(reference: dict[str, Any]) -> None:
    assert parts({"give_up": "1 d"}, reference) == [((0, 1), False)]


def test_own_effects_that_the_lanes_do_not_know_go_to_the_event_loop() -> None:
    assert (
        parts({"on_unanswered": {"odds_factor": 0.9}, "on_contact": {"odds_factor": 2, "half_life": "1 d"}}, {})
        == APART
    )
    for effect in ({"odds_factor": 0.5, "lasts": "1 d"}, {"odds_factor": 0}):
        assert parts({"on_unanswered": effect}, {}) == [((0,), False), ((1,), True)]


def test_an_effect_that_moves_nothing_is_none() -> None:
    assert parts({"on_unanswered": {"odds_factor": 1, "lasts": "1 d"}}, {}) == APART


def test_what_binds_two_lines_of_three_leaves_the_third_alone() -> None:
    lines = {
        "one": line(caller="a1", every="1 h", answer=0.5),
        "two": line(caller="a2", every="1 h", answer=0.5),
        "three": line(caller="a1", every="1 h", answer=0.5, until={"contact": "one"}),
    }
    found = components(program(scenario(lines, officials=officials("a1", "a2", "b"))))
    assert [part.lines for part in found] == [(0, 2), (1,)]
