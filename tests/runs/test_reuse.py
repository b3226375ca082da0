"""Lines that do the same in several programs are simulated once, and nobody can tell."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings

from sim.runs import reuse
from sim.runs.paired import Part, Simulate
from sim.runs.reuse import key_of, share, share_nothing
from sim.scenario.errors import ScenarioErrors
from sim.scenario.program import Effects, Events, Lines, Program, Regimes
from sim.stats.totals import BinCounts
from tests import strategies
from tests.support import line, officials, program, scenario


def parts(programs: tuple[Program, ...], engine: str, *, reusing: bool) -> tuple[Part, ...]:
    """What they do in two blocks of four replications."""
    plan = share(programs) if reusing else share_nothing(programs)
    return Simulate(programs, plan, 7, engine)(range(8))


def differing(one: tuple[Part, ...], other: tuple[Part, ...]) -> list[str]:
    """The fields that are not the same to the bit."""
    found = []
    for first, second in zip(one, other, strict=True):
        for field in fields(Part):
            a, b = getattr(first, field.name), getattr(second, field.name)
            same = a.same_as(b) if isinstance(a, BinCounts) else a.dtype == b.dtype and np.array_equal(a, b)
            found += [] if same else [field.name]
    return found


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_nothing_differs_from_programs_that_are_run_whole(engine: str) -> None:
    seen = {"taken": 0, "alone": 0, "nothing": 0}

    # What is drawn depends on the modules that are loaded too: few examples are too few to meet every kind twice.
    @settings(strategies.EXAMPLES, max_examples=4 * strategies.EXAMPLES.max_examples)
    @given(strategies.what_ifs())
    def check(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
        try:
            programs = tuple(program(human, block=4) for human in both)
        except ScenarioErrors:
            assume(False)
        second = share(programs)[1]
        seen["taken"] += bool(second.taken)
        seen["alone"] += bool(second.lines)
        seen["nothing"] += not second.lines
        assert not differing(parts(programs, engine, reusing=True), parts(programs, engine, reusing=False))

    check()
    assert all(count >= 2 for count in seen.values()), seen


MANY = {
    "p": line(caller="a1", callee="b1", every="7 h", answer=0.2, on_unanswered={"odds_factor": 0.9}),
    "q": line(caller="a2", callee="b2", every="5 h", answer={"parameter": "chance"}, delay="2 h", call="1 h"),
    "r": line(
        caller="a3",
        callee="b3",
        channel="d",
        triggered_by="alarm",
        every={"exponential": {"mean": "6 h"}},
        answer=0.3,
        give_up="2 d",
        attempts=9,
        unanswered={"declined": 0.5, "no reply": 0.5},
        until="contact",
    ),
}
SECTIONS: dict[str, Any] = {
    "officials": officials("a1", "a2", "a3", "b1", "b2", "b3"),
    "channels": {"c": {}, "d": {}},
    "parameters": {"chance": {"prior": {"beta": {"a": 2, "b": 9}}}},
    "regimes": {"gate": {"affects": ["r"], "states": {"shut": {"odds_factor": 0.1, "lasts": "6 d"}, "open": {}}}},
    "events": {
        "alarm": {
            "every": {"exponential": {"mean": "4 d"}},
            "effect": {"affects": ["r"], "odds_factor": 2, "half_life": "1 d"},
            "switches": {"gate": "open"},
        }
    },
}
BASE = scenario(MANY, **SECTIONS)

TOUCHES = {
    ("lines", "r", "answer"): 0.31,
    ("lines", "r", "every"): {"exponential": {"mean": "7 h"}},
    ("lines", "r", "delay"): "1 s",
    ("lines", "r", "call"): "1 h",
    ("lines", "r", "give_up"): "3 d",
    ("lines", "r", "attempts"): 8,
    ("lines", "r", "unanswered"): {"declined": 0.4, "no reply": 0.6},
    ("lines", "r", "on_contact"): {"odds_factor": 2},
    ("lines", "r", "triggered_by"): None,
    ("lines", "r", "channel"): "c",
    ("officials", "a3", "duty"): "Mon-Fri 08:00-19:00",
    ("officials", "b3", "duty"): "Mon-Fri 08:00-19:00",
    ("channels", "d", "opens"): "2022-01-03",
    ("regimes", "gate", "states"): {"shut": {"odds_factor": 0.2, "lasts": "6 d"}, "open": {}},
    ("regimes", "gate", "initially"): "open",
    ("events", "alarm", "every"): {"exponential": {"mean": "5 d"}},
    ("events", "alarm", "effect"): {"affects": ["r"], "odds_factor": 2, "half_life": "2 d"},
    ("events", "alarm", "switches"): None,
    ("parameters", "chance", "prior"): {"beta": {"a": 2, "b": 8}},
}
"""Changes by their place: all of them touch r but the last one, which touches q. The channels c and d are the same, so
`channel` touches nothing."""


def changed(place: tuple[str, str, str], value: Any) -> dict[str, Any]:
    human = deepcopy(BASE)
    one = human[place[0]][place[1]]
    one.pop(place[2], None)
    if value is not None:
        one[place[2]] = value
    return human


@pytest.mark.parametrize("place", TOUCHES)
def test_a_change_is_seen_where_it_bears_and_nowhere_else(place: tuple[str, str, str]) -> None:
    base, variant = program(BASE), program(changed(place, TOUCHES[place]))
    found = share((base, variant))
    assert found[0].lines == (0, 1, 2)
    nothing = place == ("lines", "r", "channel")
    assert found[1].lines == (() if nothing else (1,) if place[0] == "parameters" else (2,))


def test_a_later_variant_takes_from_any_program_before_it() -> None:
    base = program(BASE)
    first, second = (program(changed(("lines", name, "answer"), 0.5)) for name in ("p", "r"))
    both = deepcopy(BASE)
    both["lines"]["p"]["answer"] = both["lines"]["r"]["answer"] = 0.5
    found = share((base, first, second, program(both)))
    assert [one.lines for one in found] == [(0, 1, 2), (0,), (2,), ()]
    assert {source for source, _, _ in found[3].taken} == {0, 1, 2}
    programs = (base, first, second, program(both))
    assert not differing(parts(programs, "reference", reusing=True), parts(programs, "reference", reusing=False))


def test_another_table_of_draws_is_seen_by_the_lines_that_use_it() -> None:
    base = program(BASE)
    tables = [replace(base, posterior=np.array([[chance], [0.5]])) for chance in (0.1, 0.2)]
    assert [one.lines for one in share([base, *tables])] == [(0, 1, 2), (1,), (1,)]
    assert [one.lines for one in share([tables[0], tables[0]])] == [(0, 1, 2), ()]


def test_every_field_of_a_program_is_in_the_key() -> None:
    """A field that is added to a table must be given a place in the key."""
    key = reuse._Key(program(BASE))
    for table, told in (
        (Lines, key._of_lines),
        (Effects, key._of_effects),
        (Regimes, key._of_regimes),
        (Events, key._of_events),
    ):
        assert set(told) == {field.name for field in fields(table)}
    looked_up = {"values", "derived", "calendars", "distributions", "officials", "reasons", "uncertain", "priors"}
    looked_up |= {"posterior", "posterior_weights"}
    of_statistics = {"posterior_sets"}
    # The kind of a number is that of the field that it stands in.
    of_slots = {"logarithms"}
    in_key = {"horizon", "block", "lines", "triggered", "line", "effects", "regimes", "events"} | looked_up
    of_columns = {"channels", "sides", "groups", "levels", "line_channel", "line_side", "columns"}
    assert {field.name for field in fields(Program)} == (
        in_key | of_columns | of_statistics | of_slots | {"title", "sha256", "start"}
    )


def test_the_weights_of_a_table_of_draws_are_in_the_key() -> None:
    """They choose the row that a block takes."""
    lines = {"x": line(every="1 d", answer={"prior": {"beta": [2, 8]}})}
    table = np.array([[0.1], [0.9]])
    even, odd = (
        replace(program(scenario(lines)), posterior=table, posterior_weights=weights)
        for weights in ((0.5, 0.5), (0.1, 0.9))
    )
    assert not np.array_equal(even.draw_parameters(1, range(64)), odd.draw_parameters(1, range(64)))
    assert key_of(even, (0,)) != key_of(odd, (0,))
    assert key_of(even, (0,)) == key_of(replace(even), (0,))


SABOTAGED = {
    "_number": (("lines", "r", "answer"), 0.9),
    "_law": (("lines", "r", "every"), "1 h"),
    "_calendar": (("officials", "a3", "duty"), "Mon 08:00-09:00"),
}


@pytest.mark.parametrize("forgotten", SABOTAGED)
def test_what_a_key_forgets_is_seen(monkeypatch: pytest.MonkeyPatch, forgotten: str) -> None:
    """The saboteur: a change that is wrongly thought not to touch its line."""
    programs = (program(BASE), program(changed(*SABOTAGED[forgotten])))
    assert key_of(programs[0], (2,)) != key_of(programs[1], (2,))
    monkeypatch.setattr(reuse._Key, forgotten, lambda *_: None)
    assert share(programs)[1].lines == ()
    wrong = differing(parts(programs, "reference", reusing=True), parts(programs, "reference", reusing=False))
    assert {"first_contact", "attempts"} <= set(wrong)
