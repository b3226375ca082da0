"""Draws are keyed by meaning: what a replication does not depend on, and what a change elsewhere leaves alone."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import engines
from sim.engines.contract import EventLog, LogEntry
from sim.rules import answer, random
from tests.strategies import EXAMPLES, channels, half_hours, people, scenarios
from tests.support import line, program, replace_rule, scenario, simulate, trace

SUMS = ("attempts", "answered", "unanswered", "requests", "attempts_taken", "response")


# ---- replications and chunks --------------------------------------------------------------------------------------


@EXAMPLES
@given(scenarios(), st.lists(st.integers(1, 11), max_size=3), st.integers(0, 2**64 - 1))
def test_chunks_change_nothing(human: dict[str, Any], cuts: list[int], seed: int) -> None:
    """Twelve replications (blocks of 4) in one batch, and cut anywhere: rows follow each other, sums add up."""
    compiled, engine = program(human, block=4), engines.get("reference")
    whole = engine.simulate(compiled, seed, range(12))
    edges = [0, *sorted(set(cuts)), 12]
    parts = [engine.simulate(compiled, seed, range(low, high)) for low, high in pairwise(edges)]
    for name in ("first_contact", "first_line"):
        assert (getattr(whole, name) == np.concatenate([getattr(part, name) for part in parts])).all(), name
    for name in SUMS:
        assert (getattr(whole, name) == sum(getattr(part, name) for part in parts)).all(), name
    for part in parts:
        first = part.replications.start // 4
        assert (part.parameters == whole.parameters[first : first + len(part.parameters)]).all()


@EXAMPLES
@given(scenarios(), st.integers(0, 5))
def test_a_replication_alone_is_the_one_in_the_batch(human: dict[str, Any], replication: int) -> None:
    compiled, engine = program(human), engines.get("reference")
    batch = engine.simulate(compiled, 7, range(6))
    alone = engine.simulate(compiled, 7, range(replication, replication + 1))
    assert (alone.first_contact[0] == batch.first_contact[replication]).all()
    event_log = engine.trace(compiled, 7, replication)
    assert (event_log.seed, event_log.replication) == (7, replication)
    for k, name in enumerate(compiled.lines):
        contacts = [h.second for h in event_log.log_entries if h.what == "contact" and h.name == name]
        assert batch.first_contact[replication, k] == (contacts[0] if contacts else -1)
    shown = [event_log.parameters[path] for path in compiled.uncertain]
    assert shown == batch.parameters[0].tolist()


def test_far_replications_and_large_seeds() -> None:
    """Beyond 32 bits the replication still tells draws apart, and so do both halves of the seed."""
    human = scenario({"x": line(every="1 min", answer=0.02)}, end="2022-01-04")
    compiled, engine = program(human), engines.get("reference")
    seeds = (1, 1 + 2**32, 2**64 - 1)
    starts = (0, 2**31, 2**32, 3 * 2**33)
    found = [
        tuple(engine.simulate(compiled, seed, range(r, r + 4)).first_contact[:, 0]) for seed in seeds for r in starts
    ]
    assert len(set(found)) == len(found)


# ---- changes elsewhere --------------------------------------------------------------------------------------------


def with_newcomer(
    human: dict[str, Any], place: int, newcomer: dict[str, Any], name: str = "newcomer"
) -> dict[str, Any]:
    """The scenario with one line more, declared at `place`, between officials of its own unless it says otherwise."""
    items = list(human["lines"].items())
    items.insert(place % (len(items) + 1), (name, newcomer))
    extra = {"n1": {"side": "B"}, "n2": {"side": "A"}}
    return human | {"lines": dict(items), "officials": extra | human["officials"]}


def apart(**keys: Any) -> dict[str, Any]:
    """A lively line in a component of its own: calls, effects on itself, draws of every purpose."""
    effect = {"odds_factor": 1.5, "half_life": "5 h"}
    every, delay = {"exponential": {"mean": "2 h"}}, {"uniform": {"min": "0 h", "max": "3 h"}}
    lively = {"every": every, "answer": 0.5, "delay": delay, "call": delay, "until": "horizon", "on_contact": effect}
    return line(**({"caller": "n1", "callee": "n2"} | lively | keys))


def others(event_log: EventLog, name: str = "newcomer") -> list[LogEntry]:
    return [h for h in event_log.log_entries if h.name != name]


def told(log_entries: list[LogEntry]) -> list[tuple[Any, ...]]:
    """Comparable, NaN equal to NaN."""
    return [(h.second, h.what, h.name, sorted((k, repr(v)) for k, v in h.detail.items())) for h in log_entries]


def check_unmoved(human: dict[str, Any], place: int) -> None:
    """A line in another component leaves every other history identical, and so does its name."""
    before = trace(human, 2)
    for name in ("newcomer", "another-name"):
        after = trace(with_newcomer(human, place, apart(), name), 2)
        assert any(h.what == "attempt" and h.name == name for h in after.log_entries)
        assert told(others(after, name)) == told(list(before.log_entries))
        assert after.parameters == before.parameters


@EXAMPLES
@given(scenarios(), st.integers(0, 5))
def test_a_line_in_another_component_moves_nothing(human: dict[str, Any], place: int) -> None:
    check_unmoved(human | {"channels": {"c": {}, "d": {}}}, place)


def drawn(event_log: EventLog) -> dict[tuple[str, int], dict[str, float]]:
    """What was drawn for each attempt, by line and index: the uniform unless busy, the delay if answered."""
    found: dict[tuple[str, int], dict[str, float]] = {}
    for h in event_log.log_entries:
        if h.what == "attempt":
            numbers = {"uniform": float(h.detail["uniform"])} if h.detail["result"] != "busy" else {}
            numbers |= {"delay": float(h.detail["delay"])} if h.detail["result"] == "answered" else {}
            found[h.name, int(h.detail["attempt"])] = numbers
    return found


def check_draws(before: EventLog, after: EventLog) -> int:
    """All draws that both histories made are equal, and so are the paths of events and regimes; returns how many
    there were."""
    compared = 0
    old, new = drawn(before), drawn(after)
    for key in old.keys() & new.keys():
        for purpose in old[key].keys() & new[key].keys():
            assert old[key][purpose] == new[key][purpose], (key, purpose)
            compared += 1
    exogenous = [[h for h in event_log.log_entries if h.what in ("event", "state")] for event_log in (before, after)]
    assert told(exogenous[0]) == told(exogenous[1])
    return compared


@EXAMPLES
@given(scenarios(), st.integers(0, 5))
def test_a_line_that_shares_officials_moves_event_logs_but_no_draw(human: dict[str, Any], place: int) -> None:
    meddler = apart(caller="a1", callee="b1", on_contact={"affects": ["A", "B"], "odds_factor": 3})
    check_draws(trace(human, 3), trace(with_newcomer(human, place, meddler), 3))


@EXAMPLES
@given(scenarios())
def test_order_of_declaration_moves_no_draw(human: dict[str, Any]) -> None:
    backwards = human | {"lines": dict(reversed(human["lines"].items()))}
    check_draws(trace(human, 1), trace(backwards, 1))


@EXAMPLES
@given(scenarios())
def test_names_of_officials_and_channels_are_no_part_of_the_key(human: dict[str, Any]) -> None:
    renamed = json.dumps(human)
    for old, new in (("a1", "zed"), ("b2", "alpha"), ("c", "wire")):
        renamed = renamed.replace(json.dumps(old), json.dumps(new))
    assert told(list(trace(json.loads(renamed), 1).log_entries)) == told(list(trace(human, 1).log_entries))


def test_draws_are_compared_in_numbers() -> None:
    """The comparison of draws is not empty: dozens of uniforms and delays meet."""
    human = scenario({"x": apart(caller="a", callee="b"), "z": apart(caller="b", callee="a")}, end="2022-01-15") | {
        "officials": {"a": {"side": "A"}, "b": {"side": "B"}, "a1": {"side": "A"}, "b1": {"side": "B"}}
    }
    meddler = apart(caller="a", callee="b", on_contact={"affects": ["A", "B"], "odds_factor": 3})
    assert check_draws(trace(human, 3), trace(with_newcomer(human, 0, meddler), 3)) > 40


# ---- saboteurs: keys that are not meanings ------------------------------------------------------------------------

LIVELY = scenario({"x": apart(caller="a", callee="b")}, end="2022-01-08")


def by_position() -> Callable[[str, str], int]:
    """A stream for the order in which names are first asked for: the generator keyed by position."""
    places: dict[tuple[str, str], int] = {}
    return lambda kind, name: places.setdefault((kind, name), len(places))


def test_a_generator_keyed_by_position_is_seen_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run starts to count anew, as a generator that deals out streams in order of declaration would."""
    check_unmoved(LIVELY, 0)
    original = random.stream_of
    streams = by_position()

    def stream_of(kind: str, name: str) -> int:
        return streams(kind, name)

    replace_rule(monkeypatch, original, stream_of)
    before = trace(LIVELY, 2)
    streams = by_position()
    after = trace(with_newcomer(LIVELY, 0, apart()), 2)
    with pytest.raises(AssertionError):
        check_draws(before, after)
    with pytest.raises(AssertionError):
        assert told(others(after)) == told(list(before.log_entries))


# ---- raising an answer --------------------------------------------------------------------------------------------


@st.composite
def unreacting(draw: Any) -> dict[str, Any]:
    """One line of known answer that nothing reacts to, on a moving ground: duty, outages, a gate, a fading event."""
    officials = draw(people(("a1", "b1")))
    every = draw(st.one_of(half_hours(1, 8), st.just({"exponential": {"mean": "3 h"}})))
    only = line(caller="a1", callee="b1", every=every, answer=draw(st.sampled_from([0.02, 0.1, 0.4])), delay="90 min")
    states = {"open": {"lasts": {"exponential": {"mean": "20 h"}}}, "shut": {"lasts": "9 h", "odds_factor": 0.1}}
    shock = {
        "every": {"exponential": {"mean": "1 d"}},
        "effect": {"affects": ["x"], "odds_factor": 4, "half_life": "4 h"},
    }
    return scenario(
        {"x": only},
        start="2022-03-26",
        end="2022-03-30",
        officials=officials,
        channels=draw(channels()),
        regimes={"gate": {"affects": ["x"], "states": states}},
        events={"shock": shock},
    )


def first_answered(human: dict[str, Any], replication: int) -> float:
    """Second of the first answered attempt; infinite if there was none."""
    event_log = trace(human, replication)
    answered = [h.second for h in event_log.log_entries if h.what == "attempt" and h.detail["result"] == "answered"]
    return answered[0] if answered else math.inf


def check_monotone(human: dict[str, Any], replications: int, raised: tuple[float, ...] = (0.45, 0.7, 1)) -> None:
    for replication in range(replications):
        found = [first_answered(human, replication)]
        for higher in raised:
            better = human | {"lines": {"x": human["lines"]["x"] | {"answer": higher}}}
            found.append(first_answered(better, replication))
        assert found == sorted(found, reverse=True), found


@EXAMPLES
@given(unreacting())
def test_raising_an_answer_never_delays_the_first_answered_attempt(human: dict[str, Any]) -> None:
    check_monotone(human, 2)


def test_a_rule_that_is_not_monotone_is_seen_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer decided by a number that the probability scrambles has the right distribution and fails all the
    same."""
    human = scenario({"x": line(every="1 h", answer=0.02)}, end="2022-01-05")
    check_monotone(human, 10)
    replace_rule(monkeypatch, answer.is_answered, lambda u, p: (1000 * u + 37 * p) % 1.0 < p)
    with pytest.raises(AssertionError):
        check_monotone(human, 10)


def test_the_contact_may_come_later() -> None:
    """What is not promised: with a better answer another attempt's delay is drawn, which may be longer."""
    delay = {"uniform": {"min": "0 h", "max": "3 d"}}
    low = scenario({"x": line(every="6 h", answer=0.3, delay=delay)}, end="2022-01-20")
    high = scenario({"x": line(every="6 h", answer=0.4, delay=delay)}, end="2022-01-20")
    later = simulate(high, 200).first_contact > simulate(low, 200).first_contact
    assert 0 < later.sum() < len(later)
