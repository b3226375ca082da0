"""Attempts and contacts keep to duty hours and openings, read off the local wall clock.

An independent reading: not windows of UTC seconds, but the date and time that a clock on the official's wall shows.
In the period of the random scenarios clocks only go forward, so that a reading never occurs twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from sim.engines.contract import EventLog, LogEntry
from sim.rules import calendar
from tests.strategies import EXAMPLES, scenarios
from tests.support import MINUTE, line, replace_rule, scenario, trace

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def moment(human: dict[str, Any], second: int) -> datetime:
    return instant(human["clock"]["start"]) + timedelta(seconds=second)


def weekdays(written: str) -> set[int]:
    """`Mon-Fri` or `Sat,Sun` as weekdays, Monday 0."""
    if "-" in written:
        first, last = (DAYS.index(day) for day in written.split("-"))
        return set(range(first, last + 1))
    return {DAYS.index(day) for day in written.split(",")}


def windows_of(duty: str, day: date) -> Iterator[tuple[datetime, datetime]]:
    """The wall-clock window that starts on `day`, if there is one."""
    days, hours = duty.split(" ")
    if day.weekday() in weekdays(days):
        begins, ends = hours.split("-")
        start = datetime.combine(day, time.fromisoformat(begins))
        midnight = timedelta(days=1) if ends == "24:00" or ends <= begins else timedelta(0)
        yield start, datetime.combine(day, time.fromisoformat(ends.replace("24:00", "00:00"))) + midnight


def on_duty(human: dict[str, Any], name: str, second: int) -> bool:
    """Whether the clock on the official's wall shows a time in a duty window."""
    official = human["officials"][name]
    duty = official.get("duty", "always")
    if duty == "always":
        # A holiday removes windows; one that is always on duty is off for the whole of it.
        duty = "Mon-Sun 00:00-24:00"
    wall = moment(human, second).astimezone(ZoneInfo(human["sides"][official["side"]]["timezone"])).replace(tzinfo=None)
    holidays = {date.fromisoformat(day) for day in official.get("holidays", ())}
    for day in (wall.date() - timedelta(days=1), wall.date()):
        for written in [duty] if isinstance(duty, str) else duty:
            if day not in holidays and any(start <= wall < end for start, end in windows_of(written, day)):
                return True
    return False


def is_open(human: dict[str, Any], name: str, second: int) -> bool:
    channel, now = human["channels"][name], moment(human, second)
    if "opens" in channel and now < instant(channel["opens"]):
        return False
    if "closes" in channel and now >= instant(channel["closes"]):
        return False
    return not any(instant(out["from"]) <= now < instant(out["to"]) for out in channel.get("outages", ()))


def seconds_on_duty(human: dict[str, Any], name: str, first: int, last: int) -> int:
    """Seconds of [first, last) on duty. Windows begin and end on whole minutes, so a minute is on duty or it is not."""
    edges = [first, *range(first - first % MINUTE + MINUTE, last, MINUTE), last]
    return sum(b - a for a, b in pairwise(edges) if b > a and on_duty(human, name, a))


def check_windows(human: dict[str, Any], event_log: EventLog) -> int:
    """Every attempt and contact at a lawful time, the delay served in full; returns how many were looked at."""
    answered: dict[str, LogEntry] = {}
    looked = 0
    for h in event_log.log_entries:
        if h.what not in ("attempt", "contact"):
            continue
        given = human["lines"][h.name]
        assert is_open(human, given["channel"], h.second), h
        looked += 1
        if h.what == "attempt":
            assert on_duty(human, given["caller"], h.second), h
            if h.detail["result"] == "answered":
                answered[h.name] = h
        else:
            assert on_duty(human, given["callee"], h.second), h
            attempt = answered[h.name]
            served = seconds_on_duty(human, given["callee"], attempt.second, h.second)
            assert served >= int(attempt.detail["delay"]), h
    return looked


@EXAMPLES
@given(scenarios())
def test_attempts_and_contacts_keep_to_the_wall_clock(human: dict[str, Any]) -> None:
    check_windows(human, trace(human, 1))


def office() -> dict[str, Any]:
    """Night shifts of Saturday and Sunday across Berlin's change to summer time."""
    people = {"a": {"side": "A", "duty": "Sat,Sun 22:00-06:00"}, "b": {"side": "B", "duty": "Mon-Sun 03:00-05:00"}}
    lines = {"x": line(every="40 min", answer=0.5, delay="90 min", until="horizon")}
    sides = {"A": {"timezone": "Europe/Berlin"}, "B": {"timezone": "Europe/Berlin"}}
    return scenario(lines, start="2022-03-26", end="2022-03-30", officials=people, sides=sides)


def test_night_shifts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something is looked at, and rules that ignore windows, or the delay's, are seen."""
    assert check_windows(office(), trace(office(), 1)) >= 6
    with monkeypatch.context() as broken:
        replace_rule(broken, calendar.first_open, lambda starts, ends, second, never: second)
        with pytest.raises(AssertionError):
            check_windows(office(), trace(office(), 1))
    with monkeypatch.context() as broken:
        replace_rule(broken, calendar.served, lambda starts, ends, second, duration, never: second)
        with pytest.raises(AssertionError):
            check_windows(office(), trace(office(), 1))
