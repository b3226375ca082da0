"""Durations, dates and duty hours: what they mean, and that they read back as written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.errors import Faults
from sim.scenario.resolved import DutyWindow
from sim.scenario.units import day_of, duration_text, duty_of, duty_text, instant_of, instant_text, seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90 s", 90.0),
        ("30 min", 1800.0),
        ("30min", 1800.0),
        ("6 h", 21_600.0),
        ("3 d", 259_200.0),
        ("2 w", 1_209_600.0),
        ("2.3 d", 198_720.0),
        ("0.1 h", 360.0),
        (".5 min", 30.0),
        ("1e-05 s", 1e-05),
        ("-0 s", 0.0),
    ],
)
def test_durations_are_exact_in_seconds(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


def test_a_decimal_day_is_not_rounded_as_binary_fractions_are() -> None:
    assert 2.3 * 86_400 != 198_720.0
    assert seconds_of("2.3 d") == 198_720.0


def test_minus_zero_is_zero() -> None:
    assert str(seconds_of("-0 s")) == "0.0"


@pytest.mark.parametrize(
    ("value", "phrase"),
    [
        (30, "30 has no unit"),
        ("30", "'30' has no unit"),
        ("30  min", "'30  min' is no duration"),
        ("30 minutes", "'minutes' is no unit of time"),
        ("30 M", "'M' is no unit of time"),
        ("-1 s", "'-1 s' is negative"),
        ("1e13 s", "is too long"),
        (True, "found true"),
        (None, "found nothing"),
        (float("nan"), "is not finite"),
        ("٣ h", "is no duration"),
    ],
)
def test_what_is_no_duration_is_refused(value: object, phrase: str) -> None:
    with pytest.raises(Faults, match=phrase):
        seconds_of(value)


@given(st.floats(0, 1e12) | st.integers(0, 10**9).map(float))
def test_every_duration_reads_back_as_equal(seconds: float) -> None:
    assert seconds_of(duration_text(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "moment", "whole_day"),
    [
        ("2022-02-24", datetime(2022, 2, 24, tzinfo=UTC), True),
        ("2022-02-24 03:00", datetime(2022, 2, 24, 3, tzinfo=UTC), False),
        ("2022-02-24T03:00:05Z", datetime(2022, 2, 24, 3, 0, 5, tzinfo=UTC), False),
        ("2022-02-24T03:00:00+05:30", datetime(2022, 2, 23, 21, 30, tzinfo=UTC), False),
        ("2022-02-24 03:00 -0400", datetime(2022, 2, 24, 7, tzinfo=UTC), False),
    ],
)
def test_dates_are_utc_unless_they_say_otherwise(text: str, moment: datetime, whole_day: bool) -> None:
    instant = instant_of(text)
    assert (instant.moment, instant.whole_day) == (moment, whole_day)
    assert instant_of(instant_text(moment)).moment == moment


@pytest.mark.parametrize(
    "text", ["2022-02-30", "2022-2-3", "2022-02-24T24:00", "1899-12-31", "2022-02-24 03:00 +15:00"]
)
def test_impossible_dates_are_refused(text: str) -> None:
    with pytest.raises(Faults):
        instant_of(text)


def test_a_holiday_has_no_time_of_day() -> None:
    with pytest.raises(Faults, match="has a time of day"):
        day_of("2022-05-09 12:00")


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("Mon-Fri 08:00-19:00", DutyWindow((0, 1, 2, 3, 4), 480, 1140)),
        ("Sat 10:00-14:00", DutyWindow((5,), 600, 840)),
        ("Mon,Wed 22:00-06:00", DutyWindow((0, 2), 1320, 1800)),
        ("Fri-Mon 00:00-24:00", DutyWindow((0, 4, 5, 6), 0, 1440)),
        ("daily 9:00-10:30", DutyWindow((0, 1, 2, 3, 4, 5, 6), 540, 630)),
        ("Tue 23:00-00:00", DutyWindow((1,), 1380, 1440)),
    ],
)
def test_duty_windows(text: str, window: DutyWindow) -> None:
    assert duty_of(text) == (window,)
    assert duty_of(duty_text(window)) == (window,)


def test_always_is_no_window_at_all() -> None:
    assert duty_of("always") is None


def test_a_fault_of_one_window_names_its_place_in_the_list() -> None:
    with pytest.raises(Faults) as caught:
        duty_of(["Mon 08:00-09:00", "Mo 08:00-09:00"])
    assert [fault.tail for fault in caught.value.faults] == [(1,)]
