"""Whole seconds and windows, against counting second by second."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules import calendar
from sim.rules.calendar import after, first_open, served, whole_seconds

HORIZON = 60

windows = st.lists(st.integers(0, HORIZON), min_size=0, max_size=8, unique=True).map(
    lambda edges: (lambda e: (e[0::2], e[1::2]))(sorted(edges)[: len(edges) // 2 * 2])
)


def open_seconds(calendar: tuple[list[int], list[int]]) -> set[int]:
    return {second for start, end in zip(*calendar, strict=True) for second in range(start, end)}


def first_open_by_counting(calendar: tuple[list[int], list[int]], second: int) -> int:
    return next((s for s in range(second, HORIZON) if s in open_seconds(calendar)), HORIZON)


def served_by_counting(calendar: tuple[list[int], list[int]], second: int, duration: int) -> int:
    left, now, open_ = duration, second, open_seconds(calendar)
    while left > 0 and now < HORIZON:
        left -= now in open_
        now += 1
    return now if left == 0 else HORIZON


@given(windows, st.integers(0, HORIZON - 1))
def test_first_open(calendar: tuple[list[int], list[int]], second: int) -> None:
    assert first_open(*calendar, second, HORIZON) == first_open_by_counting(calendar, second)


@given(windows, st.integers(0, HORIZON - 1), st.integers(0, HORIZON))
def test_served(calendar: tuple[list[int], list[int]], second: int, duration: int) -> None:
    assert served(*calendar, second, duration, HORIZON) == served_by_counting(calendar, second, duration)


def test_a_window_that_included_its_last_second_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "bisect_right", lambda starts, second: sum(s <= second + 1 for s in starts))
    wrong = [
        (one, second)
        for one in [([3, 10], [7, 20]), ([5], [9])]
        for second in range(HORIZON)
        if calendar.first_open(*one, second, HORIZON) != first_open_by_counting(one, second)
    ]
    assert wrong


@pytest.mark.parametrize(
    ("duration", "least", "expected"),
    [(0.0, 0, 0), (0.0, 1, 1), (0.49, 0, 0), (0.5, 0, 1), (1.5, 0, 2), (2.5, 0, 3), (1e300, 0, 100), (99.4, 0, 99)],
)
def test_whole_seconds_are_rounded_half_up(duration: float, least: int, expected: int) -> None:
    assert whole_seconds(duration, least, 100) == expected


def test_after_stops_at_never() -> None:
    assert after(90, 9, 100) == 99
    assert after(90, 10, 100) == 100
    assert after(90, 1 << 62, 100) == 100
