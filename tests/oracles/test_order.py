"""A history worked by hand in which every kind of log entry meets at one second, and rules broken one by one.

Half a day of fixed times. Answers are 0 or 1 and odds factors 0, so that no draw decides anything. At 10:00:00

=====  ============  ===========  ============================================================================
order  kind          name         why
=====  ============  ===========  ============================================================================
1      switch        gate         its state `shut` lasts 10 h; `open` follows
2      giving up     hot          begun by the alarm of 04:00, give_up 6 h (the attempt due at 10:00 is not made)
3      giving up     quit         begun at 00:00, give_up 10 h (likewise); declared after hot
4      event         alarm        occurs again: hot is free, so a fresh request opens instead of a merger
5      end of call   talk         since 09:00, an hour: frees a1 and b1
6      contact       second       answered at 08:59, ready at 09:30, waiting for b1; takes a2 and b1 until 10:30
7      attempt       hot          due since the alarm; a5 finds b5 free; sure answer, no delay, so
8      contact       hot          becomes due now and comes before the attempts that remain
9      attempt       probe        the gate is open: answered; under the shut gate the same attempt had p = 0
10     contact       probe
11     attempt       third        due 09:30, when its caller a1 was in talk's call; made now, answered, ready 10:20
12     attempt       fourth       for b1, who is in second's call since this second: busy
=====  ============  ===========  ============================================================================

and at 10:00:01 `fallback` begins, because quit gave up a second ago.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sim.engines.contract import NEVER, LogEntry
from sim.rules import answer, calendar
from sim.rules import order as order_rules
from tests.support import HOUR, MINUTE, Row, assert_rows, replace_rule, trace

SCENARIO = """
scenario: 1
title: Everything at ten
clock: {start: 2022-01-01, end: 2022-01-01 12:00}
sides: {A: {timezone: UTC}, B: {timezone: UTC}}
officials:
  a1: {side: A}
  a2: {side: A}
  a3: {side: A}
  a4: {side: A}
  a5: {side: A}
  b1: {side: B}
  b2: {side: B}
  b4: {side: B}
  b5: {side: B}
channels: {c: {}}
regimes:
  gate:
    affects: [probe]
    states: {shut: {lasts: 10 h, odds_factor: 0}, open: {lasts: 90 min}}
events:
  alarm: {at: [2022-01-01 04:00, 2022-01-01 10:00], effect: {affects: [quit], odds_factor: 2}}
  relapse: {at: 2022-01-01 11:00, switches: {gate: open}}
  silence: {at: 2022-01-01 03:00, effect: {affects: [hot], odds_factor: 0, lasts: 6 h}}
lines:
  hot:
    {caller: a5, callee: b5, channel: c, triggered_by: alarm, every: 3 h, give_up: 6 h, answer: 1, delay: 0 s}
  quit:
    {caller: a3, callee: b2, channel: c, every: 5 h, give_up: 10 h, answer: 0, delay: 0 s}
  probe:
    {caller: a4, callee: b4, channel: c, every: 5 h, answer: 1, delay: 0 s}
  talk:
    {caller: a1, callee: b1, channel: c, starts: 2022-01-01 09:00, every: 1 d, answer: 1, delay: 0 s, call: 1 h}
  second:
    {caller: a2, callee: b1, channel: c, starts: 2022-01-01 08:59, every: 1 d, answer: 1, delay: 31 min, call: 30 min}
  third:
    {caller: a1, callee: b2, channel: c, starts: 2022-01-01 09:30, every: 1 d, answer: 1, delay: 20 min}
  fourth:
    {caller: a3, callee: b1, channel: c, starts: 2022-01-01 10:00, every: 45 min, answer: 1, delay: 0 s}
  fallback:
    {caller: a3, callee: b2, channel: c, triggered_by: {gave_up: quit}, every: 1 d, answer: 1, delay: 90 min}
"""

TEN = 10 * HOUR


def attempt(name: str, second: int, index: int, count: int, result: str) -> Row:
    return (second, "attempt", name, {"attempt": index, "count": count, "result": result})


TABLE: list[Row] = [
    (0, "state", "gate", {"state": "shut", "until": TEN}),
    attempt("quit", 0, 0, 1, "no reply"),
    attempt("probe", 0, 0, 1, "no reply"),
    (3 * HOUR, "event", "silence", {"count": 1}),
    (4 * HOUR, "event", "alarm", {"count": 1}),
    attempt("hot", 4 * HOUR, 0, 1, "no reply"),
    attempt("quit", 5 * HOUR, 1, 2, "no reply"),
    attempt("probe", 5 * HOUR, 1, 2, "no reply"),
    attempt("hot", 7 * HOUR, 1, 2, "no reply"),
    attempt("second", 9 * HOUR - MINUTE, 0, 1, "answered"),
    attempt("talk", 9 * HOUR, 0, 1, "answered"),
    (9 * HOUR, "contact", "talk", {"attempted": 9 * HOUR, "response": 0, "call": HOUR}),
    (TEN, "state", "gate", {"state": "open", "until": TEN + 90 * MINUTE}),
    (TEN, "gave up", "hot", {"count": 2}),
    (TEN, "gave up", "quit", {"count": 2}),
    (TEN, "event", "alarm", {"count": 2}),
    (TEN, "call ends", "talk", {}),
    (TEN, "contact", "second", {"attempted": 9 * HOUR - MINUTE, "response": 61 * MINUTE, "call": 30 * MINUTE}),
    attempt("hot", TEN, 2, 1, "answered"),
    (TEN, "contact", "hot", {"attempted": TEN, "response": 0, "call": 0}),
    attempt("probe", TEN, 2, 3, "answered"),
    (TEN, "contact", "probe", {"attempted": TEN, "response": 0, "call": 0}),
    attempt("third", TEN, 0, 1, "answered"),
    attempt("fourth", TEN, 0, 1, "busy"),
    attempt("fallback", TEN + 1, 0, 1, "answered"),
    (TEN + 20 * MINUTE, "contact", "third", {"attempted": TEN, "response": 20 * MINUTE, "call": 0}),
    (TEN + 30 * MINUTE, "call ends", "second", {}),
    attempt("fourth", TEN + 45 * MINUTE, 1, 2, "answered"),
    (TEN + 45 * MINUTE, "contact", "fourth", {"attempted": TEN + 45 * MINUTE, "response": 0, "call": 0}),
    (11 * HOUR, "event", "relapse", {"count": 1}),
    (11 * HOUR, "state", "gate", {"state": "open", "until": NEVER}),
    (TEN + 90 * MINUTE + 1, "contact", "fallback", {"attempted": TEN + 1, "response": 90 * MINUTE, "call": 0}),
]
"""Every log entry of the half day but the beginnings of requests, in order. Until: a switch at 12:30 lies beyond the
horizon."""

REQUESTS = [
    (0, "quit"),
    (0, "probe"),
    (4 * HOUR, "hot"),
    (9 * HOUR - MINUTE, "second"),
    (9 * HOUR, "talk"),
    (9 * HOUR + 30 * MINUTE, "third"),
    (TEN, "hot"),
    (TEN, "fourth"),
    (TEN + 1, "fallback"),
]
"""When requests begin. They are opened by the clock or within an event, so they have no kind of their own in the
order."""


def log_entries(engine: str, what: Callable[[LogEntry], bool]) -> list[LogEntry]:
    return [h for h in trace(SCENARIO, engine=engine).log_entries if what(h)]


def check_event_log(engine: str) -> None:
    assert_rows(log_entries(engine, lambda h: h.what != "request"), TABLE)
    begun = log_entries(engine, lambda h: h.what == "request")
    assert sorted((h.second, h.name) for h in begun) == sorted(REQUESTS)


def test_event_log_worked_by_hand(engine: str) -> None:
    assert len(TABLE) >= 12
    check_event_log(engine)


def test_probabilities_of_the_event_log(engine: str) -> None:
    """0 while silenced or behind the shut gate, 1 from the very second at which the gate opens; none for a busy
    callee."""
    found = {(h.name, h.second): h.detail["probability"] for h in log_entries(engine, lambda h: h.what == "attempt")}
    assert (found["probe", 5 * HOUR], found["probe", TEN]) == (0, 1)
    assert (found["hot", 7 * HOUR], found["hot", TEN]) == (0, 1)
    assert found["fourth", TEN] != found["fourth", TEN]


# ---- saboteurs ----------------------------------------------------------------------------------------------------


def exchanged(first: str, second: str) -> dict[str, int]:
    """The kinds with two of them exchanged."""
    values = {kind.name: int(kind) for kind in order_rules.Kind}
    values[first], values[second] = values[second], values[first]
    return values


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("SWITCH", "ATTEMPT"),
        ("GIVING_UP", "EVENT"),
        ("GIVING_UP", "ATTEMPT"),
        ("EVENT", "ATTEMPT"),
        ("CALL_END", "CONTACT"),
        ("CONTACT", "ATTEMPT"),
    ],
)
def test_an_exchanged_order_of_kinds_is_seen(monkeypatch: pytest.MonkeyPatch, first: str, second: str) -> None:
    """Each pair of kinds that can meet at one second with a consequence, exchanged in the engine's own rule."""
    broken = exchanged(first, second)
    true_rank = order_rules.rank

    def rank(kind: order_rules.Kind, place: int, width: int) -> int:
        return true_rank(broken[kind.name], place, width)  # type: ignore[arg-type]

    replace_rule(monkeypatch, true_rank, rank)
    with pytest.raises(AssertionError):
        check_event_log("reference")


def test_lines_processed_in_reverse_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    true_rank = order_rules.rank
    replace_rule(monkeypatch, true_rank, lambda kind, place, width: true_rank(kind, width - 1 - place, width))
    with pytest.raises(AssertionError):
        check_event_log("reference")


@pytest.mark.parametrize("row", range(0, len(TABLE), 7))
def test_a_table_one_second_off_is_seen(engine: str, row: int) -> None:
    second, *rest = TABLE[row]
    shifted: list[Any] = [*TABLE[:row], (second + 1, *rest), *TABLE[row + 1 :]]
    with pytest.raises(AssertionError):
        assert_rows(log_entries(engine, lambda h: h.what != "request"), shifted)


@pytest.mark.parametrize(
    ("rule", "saboteur"),
    [
        (answer.answer_probability, lambda log_odds, closers: 1.0),
        (calendar.whole_seconds, lambda duration, least, never: min(never, max(least, int(duration)) + 1)),
    ],
    ids=["odds factor 0 ignored", "a second too long"],
)
def test_a_broken_rule_is_seen(
    monkeypatch: pytest.MonkeyPatch, rule: Callable[..., Any], saboteur: Callable[..., Any]
) -> None:
    replace_rule(monkeypatch, rule, saboteur)
    with pytest.raises(AssertionError):
        check_event_log("reference")
