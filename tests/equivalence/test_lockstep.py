"""Lines that run apart, in lockstep: equal to the reference to the bit, whatever runs beside them and however they are
cut; and every way through the engine taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from sim import engines
from sim.engines.compiled import lockstep, rows
from sim.engines.compiled.alone import Alone
from sim.engines.compiled.components import components
from sim.engines.compiled.separate import _Part
from sim.engines.compiled.whole import Whole
from sim.scenario.program import Ints, Program
from tests import strategies
from tests.equivalence.agreement import assert_equal, assert_equal_at_random, assert_equal_in_parts, differences
from tests.support import line, officials, program, scenario


def met(one: Program, replications: range, seed: int = 7) -> tuple[int, int]:
    """In how many replications calls of separable lines met, and in how many they might have."""
    whole = Whole(one)
    whole.simulate(seed, replications)
    return whole.met, sum(len(replications) for part in components(one) if part.separable and len(part.lines) > 1)


def test_random_scenarios_of_lines_apart_take_every_way() -> None:
    taken: Counter[tuple[str, str]] = Counter()

    def look(one: Program) -> None:
        for part in components(one):
            taken["several" if len(part.lines) > 1 else "one", "lockstep" if part.separable else "loop"] += 1
        found, might = met(one, range(3, 23))
        taken["met", "lockstep"] += found
        taken["apart", "lockstep"] += might - found

    assert_equal_at_random(strategies.scenarios_apart(), 200, range(3, 23), look)
    for way in (
        ("one", "lockstep"),
        ("several", "lockstep"),
        ("one", "loop"),
        ("met", "lockstep"),
        ("apart", "lockstep"),
    ):
        assert taken[way] >= 10, taken


@pytest.mark.deep
def test_many_random_scenarios_of_lines_apart() -> None:
    assert_equal_at_random(strategies.scenarios_apart(), 5_000)


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


def test_calls_of_separable_lines_meet_in_some_replications_and_are_put_right() -> None:
    one = program(BUSY)
    assert [(part.lines, part.separable) for part in components(one)] == [((0, 1), True), ((2,), True), ((3,), True)]
    found, might = met(one, range(400))
    assert 20 < found < might
    assert_equal(one, range(400))


def test_nothing_depends_on_where_the_replications_are_cut() -> None:
    assert_equal_in_parts(program(BUSY))


def test_more_replications_than_lanes_are_what_they_are_alone() -> None:
    one = program(BUSY)
    many = engines.get("compiled").simulate(one, 3, range(3 * rows.WIDTH))
    for replication in (0, rows.WIDTH - 1, rows.WIDTH, 2 * rows.WIDTH + 17, 3 * rows.WIDTH - 1):
        alone = engines.get("compiled").simulate(one, 3, range(replication, replication + 1))
        assert np.array_equal(many.first_contact[replication], alone.first_contact[0])
        assert many.first_line[replication] == alone.first_line[0]


@pytest.mark.parametrize("size", [10, 3 * rows.WIDTH])
def test_what_is_left_in_the_room_of_lanes_is_of_no_consequence(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    one, empty = program(BUSY), lockstep.room

    def littered(lines: Sequence[Ints]) -> lockstep.Room:
        u, x, s, own = empty(lines)
        u[:], x[:], s[:], own[:] = 2**64 - 1, np.nan, -1, np.nan
        return u, x, s, own

    before = engines.get("compiled").simulate(one, 3, range(size))
    monkeypatch.setattr(lockstep, "room", littered)
    assert differences(before, engines.get("compiled").simulate(one, 3, range(size))) == []


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


def test_who_was_first_beside_a_component_in_the_event_loop() -> None:
    """`late` begins because of `asks`, within the second; `between` lies between the two in declaration."""
    lines = {
        "late": line(caller="a1", callee="b1", every="1 d", answer=1, starts={"after": {"unanswered": "asks"}}),
        "between": line(caller="a2", callee="b2", every="1 d", answer=1),
        "asks": line(caller="a3", callee="b3", every="1 d", answer=0),
    }
    one = program(scenario(lines, officials=officials("a1", "a2", "a3", "b1", "b2", "b3")))
    assert [part.separable for part in components(one)] == [False, True]
    for engine in ("reference", "compiled"):
        batch = engines.get(engine).simulate(one, 1, range(40))
        assert [one.lines[at] for at in batch.first_line] == ["between"] * 40


def test_a_replication_whose_paths_are_long_finds_room() -> None:
    every_minute = {"e": {"every": "1 min", "effect": {"affects": ["c"], "odds_factor": 0.999, "lasts": "1 h"}}}
    one = program(scenario({"one": line(every="2 d", answer=0.3)}, events=every_minute, end="2022-03-31"))
    assert assert_equal(one, range(3)) > 0


DAILY = line(every={"exponential": {"mean": "1 d"}}, answer=0.2)
CHANCES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a wait": (DAILY | {"starts": {"after": {"event": "talks"}, "wait": {"uniform": ["1 h", "9 d"]}}}, {}),
    "a number": (DAILY | {"answer": {"prior": {"uniform": [0.1, 0.9]}}}, {}),
    "a path": (
        DAILY,
        {"shock": {"every": {"exponential": {"mean": "5 d"}}, "effect": {"affects": ["one"], "odds_factor": 9}}},
    ),
}
TALKS = {"talks": {"at": "2022-01-05"}}


def laid_out(one: Program) -> Alone:
    """The only line of a program, as the lanes know it."""
    (part,) = Whole(one)._separate._parts
    assert isinstance(part, _Part)
    return part._laid_out[0]


@pytest.mark.parametrize("chance", CHANCES)
def test_what_chance_comes_before_the_first_attempt_keeps_lanes_from_beginning_alike(
    chance: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, events = CHANCES[chance]
    one = program(scenario({"one": made}, events=TALKS | events), block=4)
    assert not laid_out(one).begins_alike
    lay_out = Alone.__init__

    def alike(self: Alone, *arguments: Any, **named: Any) -> None:
        lay_out(self, *arguments, **named)
        self.begins_alike = True

    reference, compiled = (engines.get(name).simulate(one, 7, range(60)) for name in ("reference", "compiled"))
    assert differences(reference, compiled) == []
    monkeypatch.setattr(Alone, "__init__", alike)
    assert "first_contact" in differences(reference, engines.get("compiled").simulate(one, 7, range(60)))


@pytest.mark.parametrize(
    "made",
    [
        DAILY | {"starts": {"after": {"event": "talks"}, "wait": "2 d"}, "give_up": "9 d"},
        line(every="5 h", answer=0.3, triggered_by="talks", give_up="2 d"),
        DAILY | {"attempts": 3, "until": "horizon", "on_unanswered": {"odds_factor": 0.5, "half_life": "2 d"}},
        DAILY | {"starts": "2022-01-28", "channel": "early"},
    ],
    ids=["after an event", "on events", "from the start", "past the end of its channel"],
)
def test_lanes_that_begin_alike_stand_as_each_would_alone(made: dict[str, Any]) -> None:
    talks = {"talks": {"at": ["2022-01-05", "2022-01-06", "2022-01-20"]}} if "triggered_by" in made else TALKS
    one = program(scenario({"one": made}, events=talks, channels={"c": {}, "early": {"closes": "2022-01-20"}}))
    assert laid_out(one).begins_alike
    assert_equal(one, range(2 * rows.WIDTH + 9))
