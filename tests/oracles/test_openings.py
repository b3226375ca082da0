"""When a channel is open: one that opens late, outages, and one that closes for good."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sim.engines.contract import Batch
from tests.oracles.checks import assert_masses, assert_restricted_mean, assert_survival, assert_thinned
from tests.support import DAY, HOUR, MINUTE, line, scenario, seconds_of, simulate, times_of, trace

OPENS, HORIZON = 5 * DAY + 3 * HOUR, 15 * DAY
ANSWER = 0.15


def opening(opens: str = "2022-01-06 03:00", every: object = "12 h", **extra: object) -> dict[str, Any]:
    return scenario(
        {"x": line(every=every, answer=ANSWER, **extra)}, end="2022-01-16", channels={"c": {"opens": opens}}
    )


def check_cadence(batch: Batch) -> None:
    """The attempt due at 0 is made when the channel opens, at 5 d 3 h, and the cadence goes on from there. Atoms are
    exact to the second: an attempt made at its due time (5 d, 5 d 12 h, …) instead is seen at once."""
    tries = 1 + (HORIZON - 1 - OPENS) // (12 * HOUR)
    masses = {OPENS + 12 * HOUR * k: ANSWER * (1 - ANSWER) ** k for k in range(tries)}
    assert_masses(times_of(batch, 0, HORIZON), masses | {HORIZON: (1 - ANSWER) ** tries}, "T")
    assert_thinned(batch, 0, ANSWER)


def test_attempts_wait_for_the_opening(engine: str, replications: int) -> None:
    check_cadence(simulate(opening(), replications, engine=engine))


def test_opening_saboteur(engine: str) -> None:
    with pytest.raises(AssertionError):
        check_cadence(simulate(opening(opens="2022-01-06 03:01"), 100, engine=engine))


MEAN = 2 * DAY


def poisson(opens: str = "2022-01-06 03:00") -> dict[str, Any]:
    interval = {"exponential": {"mean": "2 d"}}
    return opening(opens, every=interval, starts={"at": "2022-01-01", "wait": interval})


def check_poisson(batch: Batch) -> None:
    """With a Poisson start, one attempt waits at the opening with probability 1 - exp(-o/m), in which case S jumps
    there by p; after it S falls with rate p/m. At 5,000 replications the atom (0.138) has a standard error of 0.0049:
    an engine that drops the waiting attempt, or piles up several, is 28 standard errors away."""
    rate = 1 / MEAN
    waiting = -math.expm1(-rate * OPENS)

    def survival(t: float) -> float:
        if t < OPENS:
            return 1.0
        return (1 - ANSWER * waiting) * math.exp(-rate * ANSWER * (t - OPENS))

    times = times_of(batch, 0, HORIZON)
    assert_survival(times, survival, [OPENS - 1, OPENS, *((5.2 + k) * DAY for k in (0, 1, 3, 6, 9.7))])
    assert_restricted_mean(times, survival, HORIZON)


def test_late_opening_of_poisson_attempts(engine: str, replications: int) -> None:
    check_poisson(simulate(poisson(), replications, engine=engine))


def test_poisson_opening_saboteur(engine: str) -> None:
    with pytest.raises(AssertionError):
        check_poisson(simulate(poisson(opens="2022-01-04 03:00"), 1_500, engine=engine))


# ---- outages: worked by hand --------------------------------------------------------------------------------------


def outage(**extra: object) -> dict[str, Any]:
    """Out from 10:00 to 12:00 and from 12:00 to 13:00 (touching windows), open again at 13:00; shut for good at
    20:00."""
    outages = [
        {"from": "2022-01-01 10:00", "to": "2022-01-01 12:00"},
        {"from": "2022-01-01 12:00", "to": "2022-01-01 13:00"},
    ]
    channels = {"c": {"closes": "2022-01-01 20:00", "outages": outages}}
    return scenario({"x": line(**({"every": "1 d", "answer": 1} | extra))}, end="2022-01-02", channels=channels)


@pytest.mark.parametrize(
    ("starts", "delay", "contact"),
    [
        ("08:00", "119 min", "09:59"),
        ("08:00", "7199 s", "09:59:59"),  # the second before the outage is open
        ("08:00", "2 h", "13:00"),  # an outage includes its first second ...
        ("08:00", "3 h", "13:00"),  # the delay runs on through the outage
        ("08:00", "18000 s", "13:00"),  # ... and excludes its last
        ("08:00", "18001 s", "13:00:01"),
        ("10:30", "10 min", "13:10"),  # the attempt itself waits for the channel, and the delay for the attempt
        ("13:00", "0 s", "13:00"),
        ("19:00", "3599 s", "19:59:59"),
        ("19:00", "1 h", None),  # closing excludes its own second, and pending contacts stay pending for ever
    ],
)
def test_outage_over_a_pending_contact(engine: str, starts: str, delay: str, contact: str | None) -> None:
    event_log = trace(outage(starts=f"2022-01-01 {starts}", delay=delay), engine=engine)
    assert seconds_of(event_log, "contact", "x") == ([] if contact is None else [clock(contact)])


def clock(reading: str) -> int:
    """Second of the day of `HH:MM` or `HH:MM:SS`."""
    parts = [int(part) for part in reading.split(":")] + [0]
    return parts[0] * HOUR + parts[1] * MINUTE + parts[2]


def test_attempts_are_postponed_by_outages_and_end_with_the_channel(engine: str) -> None:
    """Every 90 min from 08:00, never answered: the attempt due at 11:00 is made at 13:00; due 20:30, none after
    20:00."""
    event_log = trace(outage(starts="2022-01-01 08:00", every="90 min", answer=0), engine=engine)
    expected = ["08:00", "09:30", "13:00", "14:30", "16:00", "17:30", "19:00"]
    assert seconds_of(event_log, "attempt", "x") == [clock(reading) for reading in expected]


def test_a_channel_shut_for_good_leaves_the_request_open(engine: str) -> None:
    batch = simulate(outage(starts="2022-01-01 19:00", delay="1 h"), 4, engine=engine)
    assert batch.first_contact.tolist() == [[-1]] * 4
    assert (batch.attempts[0], batch.answered[0]) == (4, 4)
    assert batch.requests.tolist() == [[4, 0, 0, 0, 0, 4]]


def test_outage_saboteur(engine: str) -> None:
    """An outage one second longer moves the contact by one second: the table is exact."""
    human = outage(starts="2022-01-01 08:00", delay="2 h")
    human["channels"]["c"]["outages"][1]["to"] = "2022-01-01 13:00:01"
    with pytest.raises(AssertionError):
        assert seconds_of(trace(human, engine=engine), "contact", "x") == [clock("13:00")]


def test_windows_may_lie_outside_the_clock(engine: str) -> None:
    """Opened the year before, out across t = 0 until 02:00, closing the year after."""
    outages = [{"from": "2021-12-30", "to": "2022-01-01 02:00"}]
    channels = {"c": {"opens": "2021-01-01", "closes": "2023-01-01", "outages": outages}}
    human = scenario({"x": line(every="8 h", answer=0)}, end="2022-01-02", channels=channels)
    assert seconds_of(trace(human, engine=engine), "attempt", "x") == [clock(t) for t in ("02:00", "10:00", "18:00")]
