"""Duty hours in local time, across changes of the clocks, against tables worked by hand.

The changes: New York 13 March 2022, 02:00 EST (07:00 UTC) becomes 03:00 EDT, and 6 November 2022, 02:00 EDT (06:00
UTC) becomes 01:00 EST; Berlin 27 March 2022, 02:00 CET (01:00 UTC) becomes 03:00 CEST, and 30 October 2022, 03:00
CEST (01:00 UTC) becomes 02:00 CET; London on the Berlin dates, at 01:00 UTC. Every reading below is UTC."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support import line, scenario, seconds_of, trace

NEW_YORK, LONDON, BERLIN, MOSCOW = "America/New_York", "Europe/London", "Europe/Berlin", "Europe/Moscow"
ALWAYS = ("UTC", "always")

Watch = tuple[str, object]
"""Time zone and duty of an official."""


def watch(
    start: str, end: str, caller: Watch = ALWAYS, callee: Watch = ALWAYS, holidays: tuple[str, ...] = (), **keys: object
) -> dict[str, Any]:
    """One line between two officials with duty hours; the holidays are both officials'."""
    sides = {"A": {"timezone": caller[0]}, "B": {"timezone": callee[0]}}
    people = {
        name: {"side": side, "duty": duty, "holidays": list(holidays)}
        for name, side, duty in (("a", "A", caller[1]), ("b", "B", callee[1]))
    }
    return scenario({"x": line(**keys)}, start=start, end=end, sides=sides, officials=people)


def readings(human: dict[str, Any], what: str, engine: str) -> list[str]:
    """When `what` happened on the line, as `MM-DD HH:MM`, with seconds where there are any."""
    start = datetime.fromisoformat(human["clock"]["start"])
    shown = [
        f"{start + timedelta(seconds=s):%m-%d %H:%M:%S}" for s in seconds_of(trace(human, engine=engine), what, "x")
    ]
    return [text.removesuffix(":00") for text in shown]


def attempts(start: str, end: str, caller: Watch, every: str, engine: str, **keys: Any) -> list[str]:
    return readings(watch(start, end, caller=caller, every=every, answer=0, **keys), "attempt", engine)


# ---- the caller's duty --------------------------------------------------------------------------------------------

DAYTIME = "Mon-Sun 08:00-19:00"
CALLERS = {
    # 08:00-19:00 is 13:00-24:00 in winter, 12:00-23:00 in summer.
    "New York, March": (
        ("2022-03-11", "2022-03-15", (NEW_YORK, DAYTIME), "6 h"),
        [
            *("03-11 13:00", "03-11 19:00", "03-12 13:00", "03-12 19:00"),
            *("03-13 12:00", "03-13 18:00", "03-14 12:00", "03-14 18:00"),
        ],
    ),
    "New York, November": (
        ("2022-11-05", "2022-11-08", (NEW_YORK, DAYTIME), "6 h"),
        ["11-05 12:00", "11-05 18:00", "11-06 13:00", "11-06 19:00", "11-07 13:00", "11-07 19:00"],
    ),
    # 09:00-17:00 is 09:00-17:00 in winter, 08:00-16:00 in summer; an attempt due at 17:00 or 16:00 is too late.
    "London, March": (
        ("2022-03-26", "2022-03-29", (LONDON, "Mon-Sun 09:00-17:00"), "4 h"),
        ["03-26 09:00", "03-26 13:00", "03-27 08:00", "03-27 12:00", "03-28 08:00", "03-28 12:00"],
    ),
    # A night of seven hours, and one of nine.
    "Berlin, short night": (
        ("2022-03-26", "2022-03-28", (BERLIN, "Sat 22:00-06:00"), "1 h"),
        ["03-26 21:00", "03-26 22:00", "03-26 23:00", "03-27 00:00", "03-27 01:00", "03-27 02:00", "03-27 03:00"],
    ),
    "Berlin, long night": (
        ("2022-10-29", "2022-10-31", (BERLIN, "Sat 22:00-06:00"), "1 h"),
        ["10-29 20:00", "10-29 21:00", "10-29 22:00", "10-29 23:00"] + [f"10-30 0{k}:00" for k in range(5)],
    ),
    # A window that began before t = 0 holds at t = 0, also one that began the day before.
    "begun before the clock": (
        ("2022-03-11 15:00", "2022-03-11 22:00", (NEW_YORK, DAYTIME), "3 h"),
        ["03-11 15:00", "03-11 18:00", "03-11 21:00"],
    ),
    "begun the day before": (
        ("2022-03-12 05:00", "2022-03-13", (NEW_YORK, "Fri 22:00-06:00"), "2 h"),
        ["03-12 05:00", "03-12 07:00", "03-12 09:00"],
    ),
    # Moscow is UTC+3 all year. Friday's window belongs to Friday, also its part on Saturday.
    "past midnight": (
        ("2022-03-10", "2022-03-15", (MOSCOW, "Fri 22:00-06:00"), "2 h"),
        ["03-11 19:00", "03-11 21:00", "03-11 23:00", "03-12 01:00"],
    ),
    "to 24:00": (
        ("2022-03-10", "2022-03-15", (MOSCOW, "Fri 08:00-24:00"), "6 h"),
        ["03-11 05:00", "03-11 11:00", "03-11 17:00"],
    ),
    "a list": (
        ("2022-03-11", "2022-03-14", (MOSCOW, ["Fri 09:00-12:00", "Sat,Sun 10:00-11:00"]), "2 h"),
        ["03-11 06:00", "03-11 08:00", "03-12 07:00", "03-13 07:00"],
    ),
    "days without a gap": (
        ("2022-03-11", "2022-03-12", (MOSCOW, "Mon-Sun 00:00-24:00"), "7 h"),
        ["03-11 00:00", "03-11 07:00", "03-11 14:00", "03-11 21:00"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CALLERS)
def test_attempts_keep_to_the_callers_duty(engine: str, case: str) -> None:
    (start, end, caller, every), expected = CALLERS[case]
    assert attempts(start, end, caller, every, engine) == expected


def test_fixed_offsets_are_seen_to_fail(engine: str) -> None:
    """The saboteur: New York without daylight saving time (UTC-5 all year) fails the table of March."""
    (start, end, caller, every), expected = CALLERS["New York, March"]
    with pytest.raises(AssertionError):
        assert attempts(start, end, ("Etc/GMT+5", caller[1]), every, engine) == expected


@pytest.mark.parametrize(
    ("holiday", "expected"),
    [
        ("2022-03-11", []),  # removes the window that starts on it, its part on Saturday too
        ("2022-03-12", ["03-11 19:00", "03-11 21:00", "03-11 23:00", "03-12 01:00"]),  # starts no window
    ],
)
def test_a_holiday_removes_the_windows_that_start_on_it(engine: str, holiday: str, expected: list[str]) -> None:
    caller = (MOSCOW, "Fri 22:00-06:00")
    assert attempts("2022-03-10", "2022-03-15", caller, "2 h", engine, holidays=(holiday,)) == expected


def test_a_holiday_is_a_local_date(engine: str) -> None:
    """New York's 11 March runs from 05:00 UTC on the 11th to 05:00 on the 12th."""
    found = attempts(
        "2022-03-11", "2022-03-13", (NEW_YORK, "Mon-Sun 20:00-23:00"), "2 h", engine, holidays=("2022-03-11",)
    )
    assert found == ["03-11 01:00", "03-11 03:00"]


# ---- boundaries that do not exist, or exist twice -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "duty", "first_and_last"),
    [
        ("2022-03-27", "Sun 02:30-05:00", ("03-27 01:00", "03-27 02:50")),  # start in the gap: the gap's end
        ("2022-03-27", "Sun 00:00-02:30", ("03-26 23:00", "03-27 00:50")),  # end in the gap: the gap's end
        ("2022-03-27", "Sun 02:10-02:50", None),  # both: no second
        ("2022-03-27", "Sun 02:00-03:00", None),  # the whole gap: no second
        ("2022-03-27", "Sat 20:00-02:30", ("03-26 19:00", "03-27 00:50")),
        ("2022-03-27", "Sun 01:50-03:10", ("03-27 00:50", "03-27 01:00")),  # twenty minutes around the gap
        ("2022-10-30", "Sun 02:30-05:00", ("10-30 00:30", "10-30 03:50")),  # ambiguous start: the earlier
        ("2022-10-30", "Sun 00:00-02:30", ("10-29 22:00", "10-30 01:20")),  # ambiguous end: the later
        ("2022-10-30", "Sun 02:10-02:50", ("10-30 00:10", "10-30 01:40")),  # 40 min that last 1 h 40 min
        ("2022-10-30", "Sun 02:00-03:00", ("10-30 00:00", "10-30 01:50")),
        ("2022-10-30", "Sat 20:00-02:30", ("10-29 18:00", "10-30 01:20")),
    ],
)
def test_boundaries_in_a_gap_and_ambiguous_ones(
    engine: str, day: str, duty: str, first_and_last: tuple[str, str] | None
) -> None:
    """An attempt every 10 min: the first is at the window's first second, the last one within 10 min of its end."""
    start = f"{datetime.fromisoformat(day) - timedelta(days=1):%Y-%m-%d}"
    end = f"{datetime.fromisoformat(day) + timedelta(days=1):%Y-%m-%d}"
    found = attempts(start, end, (BERLIN, duty), "10 min", engine)
    assert (found[0], found[-1]) == first_and_last if first_and_last else found == []


# ---- the callee's duty --------------------------------------------------------------------------------------------

OFFICE = (BERLIN, "Mon-Sun 09:00-17:00")


@pytest.mark.parametrize(
    ("starts", "delay", "contact"),
    [  # On duty 26 March 08:00-16:00, from the 27th on 07:00-15:00.
        ("10:00", "0 s", "03-26 10:00"),
        ("10:00", "21599 s", "03-26 15:59:59"),
        ("10:00", "6 h", "03-27 07:00"),  # served by 16:00, but the callee has left
        ("10:00", "21601 s", "03-27 07:00:01"),
        ("10:00", "10 h", "03-27 11:00"),  # 6 h on the 26th, 4 h on the 27th
        ("10:00", "50399 s", "03-27 14:59:59"),
        ("10:00", "14 h", "03-28 07:00"),
        ("17:00", "0 s", "03-27 07:00"),  # answered out of hours: duty plays no part in answering
        ("17:00", "30 min", "03-27 07:30"),
        ("06:00", "3 h", "03-26 11:00"),
    ],
)
def test_only_the_callees_duty_seconds_count_towards_the_delay(
    engine: str, starts: str, delay: str, contact: str
) -> None:
    human = watch(
        "2022-03-26", "2022-03-29", callee=OFFICE, starts=f"2022-03-26 {starts}", every="1 d", answer=1, delay=delay
    )
    assert readings(human, "attempt", engine) == [f"03-26 {starts}"]
    assert readings(human, "contact", engine) == [contact]


@pytest.mark.parametrize(
    ("date", "attempt", "contact"),
    [  # New York 08:00-19:00 calls, Berlin 09:00-17:00 answers 3 h 30 min of its duty later.
        ("2022-03-11", "03-11 13:00", "03-12 08:30"),  # both winter: 3 h until 16:00, half an hour the next day
        ("2022-03-13", "03-13 12:00", "03-13 15:30"),  # New York summer: an hour earlier, done the same day
        ("2022-03-25", "03-25 12:00", "03-25 15:30"),
        ("2022-03-27", "03-27 12:00", "03-28 07:30"),  # both summer
        ("2022-10-29", "10-29 12:00", "10-30 08:30"),  # Berlin's next day is winter
        ("2022-10-30", "10-30 12:00", "10-30 15:30"),
        ("2022-11-06", "11-06 13:00", "11-07 08:30"),  # both winter again
    ],
)
def test_both_sides_of_a_call_change_their_clocks_on_different_days(
    engine: str, date: str, attempt: str, contact: str
) -> None:
    """The contact falls outside the caller's duty in five of the seven rows (03:30 in New York), which does not
    matter."""
    end = f"{datetime.fromisoformat(date) + timedelta(days=3):%Y-%m-%d}"
    human = watch(
        date,
        end,
        caller=(NEW_YORK, DAYTIME),
        callee=OFFICE,
        starts=f"{date} 05:00",
        every="1 d",
        answer=1,
        delay="210 min",
    )
    assert (readings(human, "attempt", engine), readings(human, "contact", engine)) == ([attempt], [contact])


def test_overlapping_windows_count_once(engine: str) -> None:
    """Moscow 09:00-19:00 and 18:00-20:00: one window 06:00-17:00 UTC; 2 h 30 min after 14:00 is 16:30."""
    callee = (MOSCOW, ["Mon-Fri 09:00-19:00", "Fri 18:00-20:00"])
    human = watch(
        "2022-03-11", "2022-03-12", callee=callee, starts="2022-03-11 14:00", every="1 d", answer=1, delay="150 min"
    )
    assert readings(human, "contact", engine) == ["03-11 16:30"]


def test_duty_saboteur(engine: str) -> None:
    """An official always on duty fails the table of the callee's hours."""
    human = watch("2022-03-26", "2022-03-29", starts="2022-03-26 10:00", every="1 d", answer=1, delay="10 h")
    with pytest.raises(AssertionError):
        assert readings(human, "contact", engine) == ["03-27 11:00"]


def test_an_official_works_in_his_own_time_zone_over_the_change_of_clocks() -> None:
    """By hand: Berlin's offices open at 08:00 UTC until 30 March 2024 and at 07:00 UTC from 1 April on."""
    from sim.scenario import loads
    from sim.scenario.compiler import compile_scenario

    text = """\
scenario: 1
clock: {start: 2024-03-28, end: 2024-04-03}
sides: {A: {timezone: Asia/Seoul}, B: {timezone: UTC}}
officials: {a: {side: A, timezone: Europe/Berlin, duty: Mon-Fri 09:00-17:00, holidays: [2024-03-29]}, b: {side: B}}
channels: {tel: {}}
lines: {l: {caller: a, callee: b, channel: tel, every: 1 h, answer: 0}}
"""
    program = compile_scenario(loads(text))
    calendar = program.calendars[int(program.line.may_attempt[0])]
    hours = [
        (int(first) // 3600, int(last) // 3600) for first, last in zip(calendar.starts, calendar.ends, strict=True)
    ]
    assert hours == [(8, 16), (4 * 24 + 7, 4 * 24 + 15), (5 * 24 + 7, 5 * 24 + 15)]


@pytest.mark.parametrize("counts", ["duty", "calendar"])
@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_what_a_delay_counts(engine: str, counts: str) -> None:
    """By hand, from Monday 1 January 2024 00:00: 2 d end on Tuesday of the next week at 17:00 by duty (6 days of 8 h),
    and on Wednesday 09:00 by the calendar."""
    from sim.engines import get
    from sim.scenario import loads
    from sim.scenario.compiler import compile_scenario

    text = f"""\
scenario: 1
clock: {{start: 2024-01-01, end: 2024-01-31}}
sides: {{A: {{timezone: UTC}}, B: {{timezone: UTC}}}}
officials: {{a: {{side: A}}, b: {{side: B, duty: Mon-Fri 09:00-17:00}}}}
channels: {{tel: {{}}}}
lines: {{l: {{caller: a, callee: b, channel: tel, every: 1 d, answer: 1, delay: 2 d, delay_counts: {counts}}}}}
"""
    batch = get(engine).simulate(compile_scenario(loads(text)), 1, range(2))
    # The eighth hour of the sixth working day ends as the office closes: the contact waits for the next morning.
    expected = {"duty": (8 * 24 + 9) * 3600, "calendar": (2 * 24 + 9) * 3600}
    assert batch.first_contact[:, 0].tolist() == [expected[counts]] * 2
