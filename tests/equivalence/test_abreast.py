"""Lines that affect each other, in lockstep: equal to the reference to the bit, whatever they are cut into; and every
guard of the kernel seen to matter."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from sim import engines
from sim.engines.compiled import joint, sway
from sim.engines.compiled.components import components
from sim.engines.compiled.together import Together
from sim.engines.compiled.whole import Whole
from sim.scenario.program import NONE, Program
from tests.equivalence.agreement import assert_equal, assert_equal_at_random, assert_equal_in_parts, differences
from tests.equivalence.crowds import scenarios_abreast
from tests.support import line, officials, program, scenario


def litter(part: Together) -> None:
    """Leave in the room of lanes what other replications might have left there."""
    u, x, s, z, g, y = part._room
    x[:], z[:], s[:], g[:], u[:], y[:] = np.nan, np.nan, 3, 3, 2**64 - 1, 2**64 - 1


def test_random_scenarios_of_lines_abreast() -> None:
    taken: Counter[str] = Counter()

    def look(one: Program) -> None:
        for part in components(one):
            taken["apart" if part.separable else "abreast" if part.abreast else "loop"] += 1
        littered = Whole(one)
        for part in littered._separate._parts:
            if isinstance(part, Together):
                taken["begins alike"] += bool(part._shape[3])
                litter(part)
        assert differences(Whole(one).simulate(7, range(3, 23)), littered.simulate(7, range(3, 23))) == []

    assert_equal_at_random(scenarios_abreast(), 100, range(3, 23), look)
    assert taken["abreast"] >= 50, taken
    assert taken["begins alike"] >= 20, taken
    assert taken["abreast"] - taken["begins alike"] >= 20, taken


@pytest.mark.deep
def test_many_random_scenarios_of_lines_abreast() -> None:
    assert_equal_at_random(scenarios_abreast(), 5_000)


CROWD = scenario(
    {
        "asks": line(
            every={"exponential": {"mean": "9 h"}},
            until="horizon",
            answer=0.3,
            delay={"lognormal": {"median": "3 h", "p90": "1 d"}},
            call={"uniform": {"min": "10 min", "max": "1 h"}},
            unanswered={"declined": 0.6, "no reply": 0.4},
            on_contact={"affects": ["asks", "waits"], "odds_factor": 3, "half_life": "4 d"},
            on_unanswered={"affects": ["waits", "tries"], "odds_factor": 1.3, "half_life": "1 d"},
        ),
        "waits": line(
            caller="a2",
            callee="b2",
            every={"exponential": {"mean": "7 h"}},
            triggered_by="alarm",
            answer={"parameter": "p"},
            give_up="2 d",
            on_unanswered={"odds_factor": 0.9},
            on_contact={"affects": ["tries"], "odds_factor": 2},
        ),
        "tries": line(
            caller="a3",
            callee="b3",
            channel="d",
            every={"exponential": {"mean": "5 h"}},
            until="horizon",
            answer=0.1,
            attempts=6,
            on_unanswered={"affects": ["asks"], "odds_factor": 0.97},
        ),
    },
    officials=officials("a", "a2", "a3", "b")
    | {"b2": {"side": "B", "duty": "Mon-Fri 08:00-19:00"}, "b3": {"side": "B"}},
    channels={"c": {}, "d": {"opens": "2022-01-03", "closes": "2022-01-25"}},
    parameters={"p": {"prior": {"beta": {"a": 3, "b": 7}}}},
    events={
        "alarm": {"every": {"exponential": {"mean": "4 d"}}},
        "shock": {"at": "2022-01-10", "effect": {"affects": ["c"], "odds_factor": 0.4, "half_life": "5 d"}},
    },
)


def test_the_scenario_that_has_everything_is_run_abreast() -> None:
    one = program(CROWD)
    assert [(part.lines, part.abreast) for part in components(one)] == [((0, 1, 2), True)]
    assert assert_equal(one, range(200)) > 300


def test_nothing_depends_on_where_the_replications_are_cut() -> None:
    assert_equal_in_parts(program(CROWD))


def _together(whole: Whole) -> Together:
    (part,) = whole._separate._parts
    assert isinstance(part, Together)
    return part


@pytest.mark.parametrize("size", [10, 300])
def test_what_is_left_in_the_room_of_lanes_is_of_no_consequence(size: int) -> None:
    one = program(CROWD)
    before = Whole(one).simulate(3, range(size))
    littered = Whole(one)
    litter(_together(littered))
    assert differences(before, littered.simulate(3, range(size))) == []


def unequal(one: Program, field: int) -> list[str]:
    """What differs from the reference where the layout has 0 in a place of its header."""
    whole = Whole(one)
    _together(whole)._joint.h[field] = 0
    return differences(engines.get("reference").simulate(one, 7, range(200)), whole.simulate(7, range(200)))


@pytest.mark.parametrize("flag", ["HAS_LIMIT", "HAS_REASONS", "WEARS"])
def test_every_flag_of_the_layout_matters(flag: str) -> None:
    human = deepcopy(CROWD)
    if flag == "WEARS":  # what several reasons ask for does that too
        del human["lines"]["asks"]["unanswered"]
    one = program(human)
    assert _together(Whole(one))._joint.h[getattr(joint, flag)] == 1
    assert unequal(one, getattr(joint, flag))


@pytest.mark.parametrize(
    ("effect", "wears"),
    [
        ({"odds_factor": 0.5}, 0),
        ({"odds_factor": 0.3, "half_life": "1 d"}, 1),
        ({"affects": ["helps"], "odds_factor": 0.3}, 1),
        ({"odds_factor": 1.5}, 1),
    ],
)
def test_what_unanswered_attempts_do_is_minded(effect: dict[str, Any], wears: int) -> None:
    """Whichever way they move odds; what lowers their own for ever is not told attempt by attempt."""
    lines = {
        "tires": line(every={"exponential": {"mean": "3 h"}}, answer=0.5, until="horizon", on_unanswered=effect),
        "helps": line(caller="a2", callee="b2", every={"exponential": {"mean": "9 h"}}, answer=0.5, until="horizon")
        | {"on_contact": {"affects": ["tires"], "odds_factor": 1.2, "half_life": "1 d"}},
    }
    one = program(scenario(lines, officials=officials("a", "a2", "b", "b2")))
    assert assert_equal(one, range(100)) > 0
    whole = Whole(one)
    h = _together(whole)._joint.h
    assert h[joint.WEARS] == wears
    h[joint.WEARS] = 0
    if not wears:
        h[joint.LINE_RECORDS + joint.EFFECTS + joint.EFFECT_WIDTH * joint.UNANSWERED + joint.KIND] = NONE
    assert differences(engines.get("reference").simulate(one, 7, range(100)), whole.simulate(7, range(100)))


def test_the_effect_of_every_cause_matters() -> None:
    one = program(CROWD)
    reference = engines.get("reference").simulate(one, 7, range(600))
    for at, cause in ((0, joint.CONTACT), (0, joint.UNANSWERED), (1, joint.CONTACT)):
        record = joint.LINE_RECORDS + joint.LINE_WIDTH * at + joint.EFFECTS + joint.EFFECT_WIDTH * cause
        whole = Whole(one)
        h = _together(whole)._joint.h
        assert h[record + joint.KIND] in (joint.PERMANENT, joint.FADES)
        # It affects nobody, as far as the bounds are concerned.
        h[record + joint.AFFECTS_END] = h[record + joint.AFFECTS]
        assert differences(reference, whole.simulate(7, range(600)))


def test_bounds_on_the_odds_hold() -> None:
    """An upper bound refuses nothing that the odds would answer, a lower one answers nothing that they would refuse."""
    rng = np.random.default_rng(3)
    odds = np.exp(rng.uniform(-700, 700, 20_000))
    p = odds / (1.0 + odds)
    below, above = np.nextafter(p, 0.0), np.nextafter(p, 1.0)
    kernels: list[Any] = [sway.is_refused_by, sway.is_answered_by]
    refused, answered = (one.py_func for one in kernels)
    for o, least, most in zip(odds.tolist(), below.tolist(), above.tolist(), strict=True):
        assert not refused(o, least)
        assert not answered(o, most)
    assert refused(0.1, 0.2)
    assert answered(0.1, 0.05)
    assert not refused(np.nan, 0.5)
    assert not answered(np.nan, 0.5)
    assert not refused(np.inf, 1.0 - 2.0**-53)


STARTS = scenario(
    {
        "late": line(every="1 d", answer=0.5, starts="2022-01-20", on_contact={"affects": ["waits"], "odds_factor": 2}),
        "waits": line(
            caller="a2",
            callee="b2",
            every={"exponential": {"mean": "8 h"}},
            triggered_by="alarm",
            answer=0.2,
            give_up="1 d",
        ),
        "never": line(
            caller="a3", callee="b3", every="1 d", answer=0.1, starts={"after": {"event": "alarm"}, "wait": "60 d"}
        )
        | {"on_unanswered": {"affects": ["waits"], "odds_factor": 0.5}},
        "shut": line(caller="a4", callee="b4", channel="d", every="1 d", answer=0.5)
        | {"on_contact": {"affects": ["late"], "odds_factor": 3}},
    },
    officials=officials("a", "a2", "a3", "a4", "b", "b2", "b3", "b4"),
    channels={"c": {}, "d": {"closes": "2022-01-01"}},
    events={
        "alarm": {"at": ["2022-01-01", "2022-01-02", "2022-01-09", "2022-01-30"]},
        # Before `late` begins, and after.
        "storm": {"at": ["2022-01-05", "2022-01-18", "2022-01-25"]}
        | {"effect": {"affects": ["late"], "odds_factor": 0.1, "lasts": "5 d"}},
        "shock": {"at": ["2022-01-15"], "effect": {"affects": ["late"], "odds_factor": 0.1, "half_life": "8 d"}},
    },
)


def test_what_the_beginning_of_every_replication_counts_is_counted_for_each() -> None:
    """Of lines that begin late, that wait for an event, and that never come to an attempt; with what has happened to
    them before they begin."""
    one = program(STARTS)
    assert assert_equal(one, range(150)) > 0
    littered = Whole(one)
    part = _together(littered)
    assert part._shape[3]
    litter(part)
    assert differences(Whole(one).simulate(7, range(150)), littered.simulate(7, range(150))) == []


@pytest.mark.parametrize(
    ("answer", "wear", "factor"), [(0, 1.0, 1e300), (0, 1.0, 5.0), (0.5, 1e-200, 1e100), (1e-200, 1e-120, 1e250)]
)
def test_no_help_makes_an_answer_of_what_is_never_answered(answer: float, wear: float, factor: float) -> None:
    """`helper` multiplies the odds of `silent` with every contact, beyond what a double can hold."""
    lines = {
        "helper": line(
            every="15 min", answer=1, until="horizon", on_contact={"affects": ["silent"], "odds_factor": factor}
        ),
        "silent": line(
            caller="a2", callee="b2", every="1 h", answer=answer, until="horizon", on_unanswered={"odds_factor": wear}
        ),
    }
    one = program(scenario(lines, officials=officials("a", "a2", "b", "b2"), end="2022-01-12"))
    assert components(one)[0].abreast
    assert assert_equal(one, range(4)) > 0


def test_odds_that_come_back_from_where_doubles_are_coarse_are_what_they_were() -> None:
    """Between two attempts of `silent` its odds go down to 3e-324, which a double rounds to 5e-324, and up again."""
    factors = {"down": 1.73e-162, "further": 1.73e-162, "up": 5.8e161, "back": 5.8e161}
    lines = {
        name: line(caller=f"a{at}", callee=f"b{at}", every="1 d", answer=1, starts=f"2022-01-01T00:{at}0Z")
        | {"on_contact": {"affects": ["silent"], "odds_factor": factor}}
        for at, (name, factor) in enumerate(factors.items(), start=1)
    }
    lines["silent"] = line(caller="a0", callee="b0", every="1 h", answer=0.5, until="horizon")
    people = officials(*(f"{side}{at}" for side in "ab" for at in range(5)))
    one = program(scenario(lines, officials=people, end="2022-01-02"))
    assert components(one)[0].abreast
    assert assert_equal(one, range(200)) > 0


@pytest.mark.parametrize("lines", [2, 7, 8, 9])
def test_many_lines_abreast(lines: int) -> None:
    names = [f"l{at}" for at in range(lines)]
    made = {
        name: line(
            caller=f"a{at}",
            callee=f"b{at}",
            every={"exponential": {"mean": "2 d"}},
            answer=0.1,
            on_contact={"affects": names, "odds_factor": 1.5},
        )
        for at, name in enumerate(names)
    }
    people = officials(*(f"{side}{at}" for side in "ab" for at in range(lines)))
    one = program(scenario(made, officials=people))
    assert [part.abreast for part in components(one)] == [lines <= joint.MOST_LINES]
    assert assert_equal(one, range(60)) > 0


@pytest.mark.parametrize(("wear", "factor"), [(6e-17, 1.6e16), (1.7e-16, 6e15), (1e-15, 1e15), (0.5, 2.0)])
def test_no_lower_bound_is_too_high_where_an_unanswered_attempt_leaves_next_to_nothing(
    wear: float, factor: float
) -> None:
    """One less a factor so small has few digits of it; `helper` raises the odds again."""
    helps = {"affects": ["silent"], "odds_factor": factor}
    lines = {
        "helper": line(every="7 h", answer=1, starts="2022-01-01T00:30Z", on_contact=helps),
        "silent": line(
            caller="a2", callee="b2", every="1 h", answer=0.5, until="horizon", on_unanswered={"odds_factor": wear}
        ),
    }
    one = program(scenario(lines, officials=officials("a", "a2", "b", "b2"), end="2022-01-12"))
    assert components(one)[0].abreast
    assert assert_equal(one, range(300)) > 0
