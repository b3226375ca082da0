"""Attempts and answers by official, as drawn."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes

from sim.report.figures.attempts import describe_attempts
from sim.report.figures.data import AttemptsNeeded
from sim.report.figures.officials import (
    MOST_ROWS,
    OfficialRow,
    answer_shares,
    attempt_bars,
    describe_officials,
    officials_figure,
)
from sim.stats.intervals import Estimate
from tests.report.drawn import overlaps, points, words
from tests.report.synthetic import LONG

ROWS = [
    OfficialRow("a", True, 10.0, 4.0, Estimate(0.4, 0.3, 0.55)),
    OfficialRow("b", True, 2.5, 2.5, Estimate(1.0, 0.9, 1.0)),
    OfficialRow("c", True, 0.0, 0.0, Estimate(None, None, None)),
]


def test_bars_are_attempts_of_which_some_were_answered(axes: Axes) -> None:
    attempt_bars(axes, ROWS)
    bars = {(bar.get_hatch() is not None, round(bar.get_y() + 0.31)): bar for bar in axes.patches}
    assert [bars[False, place].get_width() for place in range(3)] == [4, 2.5, 0]
    assert {place: bar.get_width() for (hatched, place), bar in bars.items() if hatched} == {0: 6}
    assert bars[True, 0].get_x() == 4
    assert [text.get_text() for text in axes.texts] == ["10", "2.5", "0"]


def test_dots_are_shares_with_their_intervals(axes: Axes) -> None:
    answer_shares(axes, ROWS)
    assert points(axes, "share") == [(0.4, 0), (1.0, 1)]
    assert points(axes, "interval") == [(0.3, 0), (0.55, 0), (0.9, 1), (1.0, 1)]
    assert [text.get_text() for text in axes.texts] == ["40.0 %", "100 %", "no attempt"]


def test_another_share_is_another_dot(axes: Axes) -> None:
    answer_shares(axes, [OfficialRow("a", True, 10.0, 4.1, Estimate(0.41, 0.3, 0.55))])
    assert points(axes, "share") != [(0.4, 0)]


def test_the_picture_has_callers_and_called_and_says_n(styled: None) -> None:
    called = [OfficialRow("d", False, 1.0, 0.5, Estimate(0.5, 0.2, 0.8))]
    figure = officials_figure("t", [*ROWS, *called], 20, 1_000_000)
    assert len(figure.axes) == 4
    shown = words(figure)
    for part in ("by the official who calls", "who is called", "n = 20 replications traced, of 1,000,000"):
        assert part in shown
    assert "attempts per replication" in shown


def test_one_attempt_is_one_attempt() -> None:
    rows = [
        OfficialRow("a", True, 1.001, 0.5, Estimate(0.5, 0.2, 0.8)),
        OfficialRow("b", False, 1.2, 1, Estimate(1, 1, 1)),
    ]
    told = describe_officials("t", rows, 20)
    assert "a made 1 attempt per replication, 0.5 of them answered." in told
    assert "b was tried in 1.2 attempts per replication" in told
    needed = [
        AttemptsNeeded(name, 20, 20, np.array([1, 9]), np.array([20]), 0, median)
        for name, median in (("a", 1), ("b", 2))
    ]
    told = describe_attempts("t", needed)
    assert "after 1 attempt at the median" in told
    assert "after 2 attempts at the median" in told


@pytest.mark.parametrize("some", [1, 80])
def test_nothing_overlaps(styled: None, some: int) -> None:
    share = np.linspace(0, 1, some)
    rows = [
        OfficialRow(f"{LONG}, {LONG} {at}", calls, 1e5 * p, 1e5 * p * p, Estimate(p, 0.9 * p, min(1.0, 1.1 * p)))
        for calls in (True, False)
        for at, p in enumerate(share)
    ]
    figure = officials_figure("t", rows, 20, 20)
    assert not overlaps(figure)
    assert (f"{2 * (some - MOST_ROWS)} more not drawn" in words(figure)) == (some > MOST_ROWS)
