"""Officials in calls: busy callees, callers who must wait, and contacts that wait for both. Worked by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sim.engines.contract import Batch, EventLog
from tests.oracles.checks import assert_near
from tests.support import HOUR, line, officials, program, scenario, seconds_of, simulate, trace

PEOPLE = officials("a1", "a2", "a3", "a4", "b1", "b2")


def day(lines: dict[str, Any], **sections: Any) -> dict[str, Any]:
    return scenario(lines, end="2022-01-03", **({"officials": PEOPLE} | sections))


def at(reading: str) -> str:
    return f"2022-01-01 {reading}"


def call(caller: str, callee: str, starts: str, length: str = "1 h", **keys: object) -> dict[str, Any]:
    """A sure contact at `starts`, and a call."""
    return line(
        **(
            {"caller": caller, "callee": callee, "starts": at(starts), "every": "10 d", "answer": 1, "call": length}
            | keys
        )
    )


def hours(event_log: EventLog, what: str, name: str) -> list[float]:
    return [second / HOUR for second in seconds_of(event_log, what, name)]


def results(event_log: EventLog, name: str) -> list[tuple[float, object]]:
    return [
        (round(h.second / HOUR, 6), h.detail["result"])
        for h in event_log.log_entries
        if h.what == "attempt" and h.name == name
    ]


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        ("09:40", [(9.666667, "answered")]),
        ("10:00", [(10, "busy"), (10.333333, "busy"), (10.666667, "busy"), (11, "answered")]),
        ("10:20", [(10.333333, "busy"), (10.666667, "busy"), (11, "answered")]),
        ("10:59:59", [(10.999722, "busy"), (11.333056, "answered")]),
        ("11:00", [(11.0, "answered")]),
    ],
)
def test_a_callee_in_a_call_is_busy(engine: str, starts: str, expected: list[tuple[float, str]]) -> None:
    """b1 talks from 10:00 to 11:00, the first second included (contacts precede attempts), the last excluded."""
    lines = {"x": call("a1", "b1", "10:00"), "v": call("a2", "b1", starts, "0 s", every="20 min")}
    assert results(trace(day(lines), engine=engine), "v") == expected


def test_busy_draws_nothing_and_is_unanswered_otherwise(engine: str) -> None:
    """It counts, it tires (odds halved by each of two), and it shows neither a probability nor a uniform. The effect
    is on an answer of 1e-9, so that no attempt here is answered."""
    lines = {
        "x": call("a1", "b1", "10:00"),
        "v": line(
            caller="a2",
            callee="b1",
            starts=at("10:20"),
            every="20 min",
            answer=1e-9,
            attempts=4,
            on_unanswered={"odds_factor": 0.5},
        ),
    }
    human = day(lines)
    found = [h.detail for h in trace(human, engine=engine).log_entries if h.what == "attempt" and h.name == "v"]
    assert [d["result"] for d in found] == ["busy", "busy", "no reply", "no reply"]
    assert [math.isnan(float(d["probability"])) and math.isnan(float(d["uniform"])) for d in found] == [
        True,
        True,
        False,
        False,
    ]
    assert [float(d["probability"]) for d in found[2:]] == pytest.approx([0.25e-9, 0.125e-9], rel=1e-6)
    batch = simulate(human, 3, engine=engine)
    assert program(human).reasons[-1] == "busy"
    assert (batch.attempts[1], batch.answered[1], batch.unanswered[1, -1], batch.unanswered[1].sum()) == (12, 0, 6, 12)


def test_a_caller_in_a_call_attempts_when_it_ends(engine: str) -> None:
    """v's attempts due at 10:00 (the contact's second) is made at 11:00, and the cadence goes on from there."""
    lines = {
        "x": call("a1", "b1", "10:00"),
        "v": line(caller="a1", callee="b2", starts=at("10:00"), every="6 h", answer=0),
    }
    assert hours(trace(day(lines), engine=engine), "attempt", "v")[:3] == [11, 17, 23]


def test_one_who_was_called_is_busy_to_third_parties_and_postpones_own_attempts(engine: str) -> None:
    """x: a1 calls b1, 10:00 to 11:00. v: b2 calls a1 at 10:30 and meets a busy a1; z: b1 wants a2 at 10:30, tries at
    11:00."""
    lines = {
        "x": call("a1", "b1", "10:00"),
        "v": line(caller="b2", callee="a1", starts=at("10:30"), every="1 h", answer=1),
        "z": line(caller="b1", callee="a2", starts=at("10:30"), every="1 h", answer=1),
    }
    event_log = trace(day(lines), engine=engine)
    assert results(event_log, "v") == [(10.5, "busy"), (11.5, "answered")]
    assert results(event_log, "z") == [(11.0, "answered")]


def test_waiting_contacts_are_retried_in_the_order_of_the_event_list(engine: str) -> None:
    """v is ready at 10:10, w at 10:20, both for b1, who talks until 11:00. Contacts hold no place in a queue: w is
    declared first and takes 11:00 to 11:30, then v."""
    lines = {
        "x": call("a1", "b1", "10:00"),
        "w": call("a3", "b1", "09:50", "30 min", delay="30 min"),
        "v": call("a2", "b1", "09:50", "30 min", delay="20 min"),
    }
    event_log = trace(day(lines), engine=engine)
    assert {name: hours(event_log, "contact", name) for name in lines} == {"x": [10], "w": [11], "v": [11.5]}
    swapped = {name: lines[name] for name in ("x", "v", "w")}
    assert hours(trace(day(swapped), engine=engine), "contact", "v") == [11]


def test_both_officials_are_taken_together_or_not_at_all(engine: str) -> None:
    """v (a2 and b1) is ready at 10:10 but b1 talks until 11:00. a2 is not held: it talks with b2 from 10:30 to 11:30.
    b1, free at 11:00, is not held either: a4 takes it from 11:15 to 11:45. v's contact is at 11:45, the first second
    when both are free."""
    lines = {
        "v": call("a2", "b1", "09:50", "10 min", delay="20 min"),
        "x": call("a1", "b1", "10:00"),
        "u": call("a2", "b2", "10:30"),
        "w": call("a4", "b1", "11:15", "30 min"),
    }
    event_log = trace(day(lines), engine=engine)
    assert {name: hours(event_log, "contact", name) for name in lines} == {
        "v": [11.75],
        "x": [10],
        "u": [10.5],
        "w": [11.25],
    }
    assert hours(event_log, "call ends", "v") == [11.75 + 1 / 6]


def test_a_caller_with_a_pending_answer_attempts_on_other_lines_but_not_on_this_one(engine: str) -> None:
    lines = {
        "x": line(caller="a1", callee="b1", every="1 h", answer=1, delay="5 h"),
        "v": line(caller="a1", callee="b2", every="1 h", answer=0),
    }
    event_log = trace(day(lines), engine=engine)
    assert hours(event_log, "attempt", "x") == [0]
    assert hours(event_log, "attempt", "v")[:6] == [0, 1, 2, 3, 4, 5]


def test_a_contact_that_waited_must_still_meet_duty_and_channel(engine: str) -> None:
    """b1 is on duty 09:00-11:00 daily and talks until 11:00 on channel c: v, ready at 10:10, waits until 09:00 the
    next day. z on channel d, out from 10:30 to 34:30, then waits for the channel too."""
    people = PEOPLE | {"b1": {"side": "B", "duty": "Mon-Sun 09:00-11:00"}}
    channels = {"c": {}, "d": {"outages": [{"from": at("10:30"), "to": "2022-01-02 10:30"}]}}
    lines = {
        "x": call("a1", "b1", "10:00"),
        "v": call("a2", "b1", "09:50", "10 min", delay="20 min"),
        "z": call("a3", "b1", "09:50", "10 min", delay="20 min", channel="d"),
    }
    event_log = trace(day(lines, officials=people, channels=channels), engine=engine)
    assert hours(event_log, "contact", "v") == [24 + 9]
    assert hours(event_log, "contact", "z") == [24 + 10.5]


def test_a_call_once_begun_is_not_interrupted(engine: str) -> None:
    """x's channel closes at 10:30 and b1's duty ends at 10:40; the call runs until 11:00, and b1 is busy at 10:50."""
    people = PEOPLE | {"b1": {"side": "B", "duty": "Mon-Sun 09:00-10:40"}}
    lines = {"x": call("a1", "b1", "10:00"), "v": call("a2", "b1", "10:50", "0 s", channel="d", every="10 min")}
    human = day(lines, officials=people, channels={"c": {"closes": at("10:30")}, "d": {}})
    event_log = trace(human, engine=engine)
    assert hours(event_log, "call ends", "x") == [11]
    assert results(event_log, "v") == [(10.833333, "busy"), (11, "answered")]
    assert hours(event_log, "contact", "v") == [24 + 9]


def test_a_call_of_no_length_occupies_nobody(engine: str) -> None:
    lines = {
        "x": call("a1", "b1", "10:00", "0 s"),
        "v": call("a1", "b1", "10:00", "0 s"),
        "z": call("a2", "b1", "10:00", "0 s"),
    }
    event_log = trace(day(lines), engine=engine)
    assert [hours(event_log, "contact", name) for name in lines] == [[10], [10], [10]]
    assert all(result == "answered" for name in lines for _, result in results(event_log, name))


def test_calls_of_a_channel_under_repair_do_not_touch_free_officials(engine: str) -> None:
    """A contact that cannot yet be made occupies nobody: v waits for its channel until 15:00, its officials talk to
    others."""
    channels = {"c": {}, "d": {"outages": [{"from": at("09:55"), "to": at("15:00")}]}}
    lines = {
        "v": call("a1", "b1", "09:50", "1 h", delay="20 min", channel="d"),
        "x": call("a1", "b2", "12:00"),
        "w": call("a2", "b1", "12:30"),
    }
    event_log = trace(day(lines, channels=channels), engine=engine)
    assert {name: hours(event_log, "contact", name) for name in lines} == {"v": [15], "x": [12], "w": [12.5]}


# ---- the share of busy attempts -----------------------------------------------------------------------------------


def switchboard(call: str = "1 h") -> dict[str, Any]:
    """b1 talks with a1 for the first hour of every three; a2's attempts on b1 are Poisson."""
    interval = {"exponential": {"mean": "1 h"}}
    lines = {
        "x": line(caller="a1", callee="b1", every="2 h", answer=1, call=call, until="horizon"),
        "v": line(caller="a2", callee="b1", starts={"at": "2022-01-01", "wait": interval}, every=interval, answer=0),
    }
    return scenario(lines, end="2022-01-01 12:00", officials=PEOPLE)


def check_busy(batch: Batch) -> None:
    """Poisson attempts see time averages: a third of them is busy, the rest is not. Some 60,000 attempts at 5,000
    replications: a standard error of 0.002; calls five minutes longer (busy 0.357) are seen, as is one closed end
    more."""
    assert batch.attempts[0] == 4 * len(batch.replications)
    attempts, busy = int(batch.attempts[1]), int(batch.unanswered[1, -1])
    assert (batch.answered[1], batch.unanswered[1].sum()) == (0, attempts)
    assert_near(busy / attempts, 1 / 3, math.sqrt(2 / 9 / attempts), "busy share")


def test_poisson_attempts_find_the_callee_busy_a_third_of_the_time(engine: str, replications: int) -> None:
    check_busy(simulate(switchboard(), replications, engine=engine))


def test_busy_saboteur(engine: str) -> None:
    with pytest.raises(AssertionError):
        check_busy(simulate(switchboard(call="75 min"), 1_000, engine=engine))
