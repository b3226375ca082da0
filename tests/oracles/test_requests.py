"""Requests: how they begin, merge, give up, are superseded, and follow each other. Worked by hand but for the last
two."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
from scipy import special

from sim.engines.contract import REQUEST_ENDS, Batch, EventLog
from sim.rules.bins import bin_of
from tests.oracles.checks import assert_near, assert_share
from tests.support import DAY, HOUR, line, officials, scenario, seconds_of, simulate, trace

PEOPLE = officials("a1", "a2", "a3", "b1", "b2", "b3")


def at(reading: str) -> str:
    return f"2022-01-01 {reading}"


def build(lines: Mapping[str, Any], end: str = "2022-01-02", **sections: Any) -> dict[str, Any]:
    """Lines x, v, z between officials of their own unless they say otherwise."""
    own = {name: {"caller": f"a{k}", "callee": f"b{k}"} for k, name in enumerate(("x", "v", "z"), start=1)}
    every = {name: own.get(name, {}) | dict(given) for name, given in lines.items()}
    return scenario(
        {name: line(**given) for name, given in every.items()}, end=end, **({"officials": PEOPLE} | sections)
    )


def hours(event_log: EventLog, what: str, name: str = "x") -> list[float]:
    return [second / HOUR for second in seconds_of(event_log, what, name)]


def ends(human: dict[str, Any], name: str, engine: str) -> dict[str, int]:
    """The line's requests in one replication, by what became of them; zeros left out."""
    batch = simulate(human, 1, engine=engine)
    row = batch.requests[list(human["lines"]).index(name)].tolist()
    return {end: count for end, count in zip(REQUEST_ENDS, row, strict=True) if count}


def on_event(times: list[str], **keys: object) -> dict[str, Any]:
    """Line x, triggered by an event."""
    events = {"e": {"at": [at(reading) for reading in times]}}
    return build({"x": {"triggered_by": "e"} | keys}, events=events)


# ---- triggered lines ----------------------------------------------------------------------------------------------


def test_an_occurrence_during_an_request_is_merged(engine: str) -> None:
    """give_up 4 h from 01:00 excludes the attempt due at 05:00; the occurrence at 02:00 merges, that at 09:00 opens
    another."""
    human = on_event(["01:00", "02:00", "09:00"], every="30 min", answer=0, give_up="4 h")
    event_log = trace(human, engine=engine)
    assert hours(event_log, "attempt") == [1 + k / 2 for k in range(8)] + [9 + k / 2 for k in range(8)]
    assert hours(event_log, "request") == [1, 9]
    assert hours(event_log, "merged") == [2]
    assert hours(event_log, "gave up") == [5, 13]
    assert ends(human, "x", engine) == {"begun": 2, "gave_up": 2, "merged": 1}


def test_giving_up_comes_before_an_event_of_its_second(engine: str) -> None:
    human = on_event(["01:00", "05:00"], every="3 h", answer=0, give_up="4 h")
    assert hours(trace(human, engine=engine), "attempt") == [1, 4, 5, 8]
    assert ends(human, "x", engine) == {"begun": 2, "gave_up": 2}


def test_a_pending_answer_outlasts_giving_up(engine: str) -> None:
    """Answered at 01:00 with a delay of 3 h, give_up 1 h: the contact is at 04:00. The occurrence of that second
    merges, since events precede contacts; the one a second later does not."""
    human = on_event(["01:00", "04:00"], every="30 min", answer=1, delay="3 h", give_up="1 h")
    assert hours(trace(human, engine=engine), "contact") == [4]
    assert ends(human, "x", engine) == {"begun": 1, "contact": 1, "merged": 1}
    later = on_event(["01:00", "04:00:01"], every="30 min", answer=1, delay="3 h", give_up="1 h")
    assert seconds_of(trace(later, engine=engine), "contact", "x") == [4 * HOUR, 7 * HOUR + 1]
    assert ends(later, "x", engine) == {"begun": 2, "contact": 2}


def test_a_response_is_counted_from_the_occurrence_or_from_the_attempt(engine: str) -> None:
    """The channel is out until 01:30. The triggered line waits 30 min to attempt and 10 min for the contact: 2,400 s
    from the occurrence; the other line, due at 01:00 too, 600 s from its attempt."""
    keys = {"every": "1 d", "answer": 1, "delay": "10 min"}
    human = build(
        {"x": {"triggered_by": "e"} | keys, "v": {"starts": at("01:00")} | keys},
        events={"e": {"at": at("01:00")}},
        channels={"c": {"outages": [{"from": at("00:30"), "to": at("01:30")}]}},
    )
    batch = simulate(human, 1, engine=engine)
    assert batch.first_contact.tolist() == [[6000, 6000]]
    assert [[int(k) for k in row.nonzero()[0]] for row in batch.response] == [[bin_of(2400)], [bin_of(600)]]


def test_an_occurrence_during_the_call_opens_a_fresh_request(engine: str) -> None:
    """Contact at 01:00, call until 03:00; the request that the occurrence of 02:00 opens attempts when the caller is
    free."""
    human = on_event(["01:00", "02:00"], every="1 h", answer=1, call="2 h")
    event_log = trace(human, engine=engine)
    assert (hours(event_log, "request"), hours(event_log, "attempt"), hours(event_log, "contact")) == (
        [1, 2],
        [1, 3],
        [1, 3],
    )
    assert ends(human, "x", engine) == {"begun": 2, "contact": 2}


def test_a_line_takes_over_a_second_after_another_gave_up(engine: str) -> None:
    human = build(
        {
            "x": {"every": "1 h", "answer": 0, "give_up": "150 min"},
            "v": {"triggered_by": {"gave_up": "x"}, "every": "1 h", "answer": 0, "give_up": "1 h"},
            "z": {"triggered_by": {"gave_up": "v"}, "every": "1 d", "answer": 1},
        }
    )
    event_log = trace(human, engine=engine)
    assert seconds_of(event_log, "request", "v") == seconds_of(event_log, "attempt", "v") == [9001]
    assert seconds_of(event_log, "gave up", "v") == [9001 + 3600]
    assert seconds_of(event_log, "contact", "z") == [9001 + 3601]


def test_one_event_opens_requests_on_every_line_it_triggers(engine: str) -> None:
    keys = {"triggered_by": "e", "every": "1 d", "answer": 1}
    human = build({"v": keys, "x": keys}, events={"e": {"at": at("03:00")}})
    contacts = [(h.name, h.second) for h in trace(human, engine=engine).log_entries if h.what == "contact"]
    assert contacts == [("v", 3 * HOUR), ("x", 3 * HOUR)]


# ---- giving up ----------------------------------------------------------------------------------------------------


def test_attempts_are_counted_and_busy_ones_too(engine: str) -> None:
    """v keeps b1 in a call from 00:30 to 01:30. x tries at 00:00 (no reply), 01:00 (busy), 02:00 (no reply), and
    gives up at the third; z is spared by the third being answered, and stays until its contact."""
    human = build(
        {
            "x": {"every": "1 h", "answer": 0, "attempts": 3},
            "v": {"callee": "b1", "starts": at("00:30"), "every": "1 d", "answer": 1, "call": "1 h"},
        }
    )
    event_log = trace(human, engine=engine)
    found = [h.detail["result"] for h in event_log.log_entries if h.what == "attempt" and h.name == "x"]
    assert found == ["no reply", "busy", "no reply"]
    assert hours(event_log, "gave up") == [2]
    assert ends(human, "x", engine) == {"begun": 1, "gave_up": 1}


def test_the_last_attempt_may_be_answered(engine: str) -> None:
    """An odds factor of 0 until 01:30 leaves the third and last attempt, at 02:00, which is answered and pends beyond
    it."""
    events = {"e": {"at": at("00:00"), "effect": {"affects": ["x"], "odds_factor": 0, "lasts": "90 min"}}}
    human = build({"x": {"every": "1 h", "answer": 1, "attempts": 3, "delay": "5 h"}}, events=events)
    assert hours(trace(human, engine=engine), "contact") == [7]
    assert ends(human, "x", engine) == {"begun": 1, "contact": 1}
    fewer = build({"x": {"every": "1 h", "answer": 1, "attempts": 2, "delay": "5 h"}}, events=events)
    assert ends(fewer, "x", engine) == {"begun": 1, "gave_up": 1}


def test_giving_up_is_counted_from_the_requests_begin(engine: str) -> None:
    """Begin at 01:30 (a date and a wait), give_up 2 h; the channel opens at 03:00, so the first attempt is late."""
    human = build(
        {"x": {"starts": {"at": at("01:00"), "wait": "30 min"}, "every": "20 min", "answer": 0, "give_up": "2 h"}},
        channels={"c": {"opens": at("03:00")}},
    )
    event_log = trace(human, engine=engine)
    assert (hours(event_log, "request"), hours(event_log, "gave up")) == ([1.5], [3.5])
    assert hours(event_log, "attempt") == pytest.approx([3, 3 + 1 / 3])


def test_an_request_may_give_up_without_an_attempt(engine: str) -> None:
    human = build({"x": {"every": "1 h", "answer": 1, "give_up": "2 h"}}, channels={"c": {"opens": at("02:00")}})
    assert hours(trace(human, engine=engine), "attempt") == []
    assert ends(human, "x", engine) == {"begun": 1, "gave_up": 1}


@pytest.mark.parametrize(("give_up", "attempts"), [("0 s", 0), ("0.4 s", 0), ("0.5 s", 2)])
def test_giving_up_in_the_second_of_the_beginning_leaves_no_attempt(engine: str, give_up: str, attempts: int) -> None:
    """An attempt of the second in which the time is up is not made; half a second rounds up to one."""
    human = on_event(["01:00", "02:00"], every="30 min", answer=0, give_up=give_up)
    assert len(hours(trace(human, engine=engine), "attempt")) == attempts
    assert ends(human, "x", engine) == {"begun": 2, "gave_up": 2}


# ---- until: horizon -----------------------------------------------------------------------------------------------


def test_a_new_request_follows_an_interval_after_each_call(engine: str) -> None:
    """Attempt 00:00, contact 00:30, call until 01:30, and again 2 h after that."""
    human = build({"x": {"every": "2 h", "answer": 1, "delay": "30 min", "call": "1 h", "until": "horizon"}})
    event_log = trace(human, engine=engine)
    cycles = [3.5 * k for k in range(7)]
    assert hours(event_log, "attempt") == cycles
    assert hours(event_log, "contact") == [begun + 0.5 for begun in cycles]
    assert hours(event_log, "call ends") == [begun + 1.5 for begun in cycles]
    assert ends(human, "x", engine) == {"begun": 7, "contact": 7}


def test_counts_are_fresh_and_giving_up_ends_the_line(engine: str) -> None:
    """Each contact silences the line for 150 min (odds factor 0). With three attempts a request: contact at 0, misses
    at 1 and 2, contact at 3, and so on; with two: contact at 0, misses at 1 and 2, and nothing more."""
    silence = {"odds_factor": 0, "lasts": "150 min"}
    keys = {"every": "1 h", "answer": 1, "until": "horizon", "on_contact": silence}
    three = build({"x": keys | {"attempts": 3}}, end=at("10:00"))
    assert hours(trace(three, engine=engine), "contact") == [0, 3, 6, 9]
    assert ends(three, "x", engine) == {"begun": 4, "contact": 4}
    two = build({"x": keys | {"attempts": 2}}, end=at("10:00"))
    assert hours(trace(two, engine=engine), "attempt") == [0, 1, 2]
    assert ends(two, "x", engine) == {"begun": 2, "contact": 1, "gave_up": 1}


def test_fatigue_and_attempt_indices_persist_across_requests(engine: str) -> None:
    """Three requests of two attempts each; the odds halve with each of the six refusals, the index runs from 0 to 5,
    the
    request's own count starts again."""
    fatigue = {"odds_factor": 0.5}
    human = on_event(["00:00", "06:00", "12:00"], every="1 h", answer=1e-9, attempts=2, on_unanswered=fatigue)
    found = [h.detail for h in trace(human, engine=engine).log_entries if h.what == "attempt"]
    assert [d["attempt"] for d in found] == [0, 1, 2, 3, 4, 5]
    assert [d["count"] for d in found] == [1, 2, 1, 2, 1, 2]
    assert [float(d["probability"]) for d in found] == pytest.approx([1e-9 * 0.5**k for k in range(6)], rel=1e-6)


# ---- until another line's contact ---------------------------------------------------------------------------------

V_AT_TWO = {"starts": at("01:30"), "every": "1 d", "answer": 1, "delay": "30 min"}


def superseded(
    until: object = None, order: tuple[str, ...] = ("x", "v"), groups: object = None, **x: object
) -> dict[str, Any]:
    """Line x, which also ends at a contact of v, that is at 02:00."""
    lines = {"x": {"every": "1 h", "answer": 0, "until": {"contact": until or "v"}} | x, "v": V_AT_TWO}
    sections: dict[str, Any] = {"report": {"groups": groups}} if groups else {}
    return build({name: lines[name] for name in order}, **sections)


def test_an_request_is_superseded_by_another_lines_contact(engine: str) -> None:
    """At 02:00 the contact precedes x's attempt of that second, which is therefore not made."""
    human = superseded()
    event_log = trace(human, engine=engine)
    assert hours(event_log, "attempt") == [0, 1]
    assert [(h.second, h.detail["by"]) for h in event_log.log_entries if h.what == "superseded"] == [(2 * HOUR, "v")]
    assert ends(human, "x", engine) == {"begun": 1, "superseded": 1}


def test_a_pending_answer_is_superseded_too(engine: str) -> None:
    human = superseded(answer=1, delay="5 h")
    assert hours(trace(human, engine=engine), "contact") == []
    assert ends(human, "x", engine) == {"begun": 1, "superseded": 1}


@pytest.mark.parametrize(("order", "expected"), [(("x", "v"), "contact"), (("v", "x"), "superseded")])
def test_contacts_of_one_second_supersede_in_order_of_declaration(
    engine: str, order: tuple[str, ...], expected: str
) -> None:
    """x would be in contact at 02:00 as well: the line declared first is processed first."""
    assert ends(superseded(order=order, answer=1, delay="2 h"), "x", engine) == {"begun": 1, expected: 1}


def test_a_group_supersedes(engine: str) -> None:
    human = superseded(until="g", groups={"g": ["v"]})
    assert ends(human, "x", engine) == {"begun": 1, "superseded": 1}


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        (at("02:00"), {"begun": 1, "superseded": 1}),  # begun at the contact's own second
        (at("02:00:01"), {"begun": 1, "open": 1}),  # begun after it
        ({"after": {"contact": "v"}}, {"begun": 1, "open": 1}),  # begun because of it
        ({"at": at("00:00"), "wait": "3 h"}, {"begun": 1, "open": 1}),
    ],
)
def test_only_requests_that_have_begun_are_superseded(engine: str, starts: object, expected: dict[str, int]) -> None:
    assert ends(superseded(starts=starts), "x", engine) == expected


# ---- starts -------------------------------------------------------------------------------------------------------


def begins(after: Mapping[str, object], engine: str, wait: str | None = None, **more: Any) -> list[float]:
    """When x begins, and attempts for the first time, `after` something; v tries hourly in vain, z is in contact
    every 4 h (at 1, 5, 9 …), event e happens at 1, 2 and 3."""
    starts: dict[str, object] = {"after": after} | ({"wait": wait} if wait else {})
    human = build(
        {
            "x": {"starts": starts, "every": "10 d", "answer": 1},
            "v": {"every": "1 h", "answer": 0} | more.get("v", {}),
            "z": {"starts": at("01:00"), "every": "4 h", "answer": 1, "until": "horizon"},
        },
        events={"e": {"at": [at("01:00"), at("02:00"), at("03:00")]}},
        report={"groups": {"g": ["v", "z"]}},
    )
    event_log = trace(human, engine=engine)
    assert hours(event_log, "request") == hours(event_log, "attempt")
    return hours(event_log, "request")


@pytest.mark.parametrize(
    ("after", "wait", "expected"),
    [
        ({"event": "e"}, None, [1]),
        ({"event": "e", "count": 2}, None, [2]),  # x is declared first; its attempt takes its place in that very second
        ({"event": "e", "count": 2}, "30 min", [2.5]),
        ({"event": "e", "count": 4}, None, []),
        ({"contact": "z", "count": 3}, None, [9]),
        ({"contact": "g", "count": 2}, "1 h", [6]),
        ({"unanswered": "v", "count": 3}, None, [2]),
        ({"unanswered": "g", "count": 5}, "15 min", [4.25]),
    ],
)
def test_an_request_begins_after_the_nth_log_entry(
    engine: str, after: Mapping[str, object], wait: str | None, expected: list[float]
) -> None:
    assert begins(after, engine, wait) == expected


def test_an_request_begins_after_another_gave_up(engine: str) -> None:
    """At the second of giving up, without the second that a trigger takes; also where the third of three attempts
    failed."""
    assert begins({"gave_up": "v"}, engine, v={"give_up": "90 min"}) == [1.5]
    assert begins({"gave_up": "v"}, engine, "1 h", v={"attempts": 3}) == [3]


def test_starts_saboteur(engine: str) -> None:
    with pytest.raises(AssertionError):
        assert begins({"event": "e", "count": 3}, engine) == [2]


# ---- requests that give up, in numbers -----------------------------------------------------------------------------

ANSWER, TRIES = 0.2, 5


def bounded(give_up: str = "270 min", answer: float = ANSWER) -> dict[str, Any]:
    """Attempts at 0, 1, …, 4 h after the occurrence at 01:00; the request gives up at 4 h 30 min."""
    return on_event(["01:00"], every="1 h", answer=answer, give_up=give_up)


def check_bounded(batch: Batch) -> None:
    """Geometric with five tries: response of k hours with p q^k, given up with q^5 = 0.328 (standard error 0.0066 at
    5,000 replications: an answer probability of 0.217 would be seen, a sixth attempt too)."""
    n, q = len(batch.replications), 1 - ANSWER
    row = dict(zip(REQUEST_ENDS, batch.requests[0].tolist(), strict=True))
    assert_share(row["gave_up"], n, q**TRIES, "given up")
    assert (row["begun"], row["contact"], row["merged"], row["open"]) == (n, n - row["gave_up"], 0, 0)
    for k in range(TRIES):
        assert_share(int(batch.attempts_taken[0, bin_of(k + 1)]), n, ANSWER * q**k, f"contact at attempt {k + 1}")
        assert batch.response[0, bin_of(k * HOUR)] == batch.attempts_taken[0, bin_of(k + 1)]


def test_requests_that_give_up(engine: str, replications: int) -> None:
    check_bounded(simulate(bounded(), replications, engine=engine))


@pytest.mark.parametrize("broken", [bounded(give_up="14401 s"), bounded(give_up="4 h"), bounded(answer=0.25)])
def test_giving_up_saboteur(engine: str, broken: dict[str, Any]) -> None:
    """Four hours and a second still allow the fifth attempt, so that one passes; four hours, or a better answer, do
    not."""
    batch = simulate(broken, 1_200, engine=engine)
    if broken["lines"]["x"]["give_up"] == "14401 s":
        check_bounded(batch)
    else:
        with pytest.raises(AssertionError):
            check_bounded(batch)


MEAN, PATIENCE, SPAN = DAY, 12 * HOUR, 4 * DAY


def merging(give_up: str = "12 h", mean: str = "1 d") -> dict[str, Any]:
    """Poisson events; each request tries once, in vain, and gives up after 12 h; occurrences until then merge."""
    events = {"e": {"every": {"exponential": {"mean": mean}}}}
    lines = {"x": {"triggered_by": "e", "every": "13 h", "answer": 0, "give_up": give_up}}
    return build(lines, end="2022-01-05", events=events)


def begun_law() -> tuple[float, float]:
    """Mean and variance of the number of requests begun in 4 days: the k-th begins before t if and only if k
    exponential waits and k - 1 requests of 12 h fit, P(N >= k) = P(Gamma(k) <= (t - (k - 1) 12 h) / mean)."""
    tails = [float(special.gammainc(k, (SPAN - (k - 1) * PATIENCE) / MEAN)) for k in range(1, SPAN // PATIENCE + 1)]
    mean = sum(tails)
    second = sum((2 * k - 1) * tail for k, tail in enumerate(tails, start=1))
    return mean, second - mean * mean


def check_merging(batch: Batch) -> None:
    """Begun against the renewal law (mean 2.72, standard error 0.016 at 5,000 replications: a patience of 13 h 30 min
    is seen), and all occurrences, begun and merged, against Poisson(4)."""
    n = len(batch.replications)
    row = dict(zip(REQUEST_ENDS, batch.requests[0].tolist(), strict=True))
    mean, variance = begun_law()
    assert_near(row["begun"] / n, mean, math.sqrt(variance / n), "requests begun")
    assert_near((row["begun"] + row["merged"]) / n, SPAN / MEAN, math.sqrt(SPAN / MEAN / n), "occurrences")
    assert row["begun"] == batch.attempts[0] == row["gave_up"] + row["open"]


def test_occurrences_merge_into_requests_under_way(engine: str, replications: int) -> None:
    check_merging(simulate(merging(), replications, engine=engine))


@pytest.mark.parametrize("broken", [merging(give_up="8 h"), merging(mean="20 h")], ids=["patience", "events"])
def test_merging_saboteur(engine: str, broken: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        check_merging(simulate(broken, 1_000, engine=engine))
