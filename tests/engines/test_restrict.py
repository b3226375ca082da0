"""A program of some of the lines: histories as in the whole, where no other line bears on them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from sim import engines
from sim.engines.compiled.restrict import restricted
from sim.scenario.program import Program
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


def test_a_line_that_others_bear_on_does_something_else_alone() -> None:
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
