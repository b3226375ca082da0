"""Cells of a comparison: differences with their intervals, and estimates with theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sim.report.comparison_tables import change
from sim.report.format import share_changes, wait_changes
from sim.stats.paired import Contrast

DAY = 86_400.0
SAME = Contrast(0.0, 0.0, 0.0, 0.0, 0.0, None, None, None, None, same=True)


def contrast(estimate: float | None, half: float = 0.0, **more: Any) -> Contrast:
    ends = (None, None) if estimate is None else (estimate - half, estimate + half)
    return replace(Contrast(estimate, *ends, *ends, 0.01, 0.02, 0.9, 12_345, same=False), **more)


@pytest.mark.parametrize("same", [True, False])
def test_medians_at_the_same_second_are_the_same(same: bool) -> None:
    assert str(change(contrast(0.0, 0.0, same=same), wait_changes)) == "the same"


@pytest.mark.parametrize(("estimate", "half"), [(0.0, 60.0), (60.0, 0.0)])
def test_a_difference_or_an_interval_around_none_is_told(estimate: float, half: float) -> None:
    assert str(change(contrast(estimate, half), wait_changes)) != "the same"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (contrast(-2 * DAY, 7200), "−2 d [−2.08 to −1.92]"),
        (contrast(5 * DAY, 4 * DAY + 3600), "+5 d [+0.96 to +9.04]"),
        (contrast(3600.0, 1800.0), "+60 min [+30 to +90]"),
        (contrast(None), "not known"),
        (contrast(None, low_all=3 * DAY), "not known [at least +3 d]"),
        (contrast(DAY * 3, high_all=None, low_all=DAY * 2.5), "+3 d [+2.5 to …]"),
        (contrast(DAY * 3, high_all=None, low_all=None), "+3 d"),
        (SAME, "the same"),
    ],
)
def test_a_difference_and_its_interval_share_a_unit(found: Contrast, words: str) -> None:
    assert str(change(found, wait_changes)) == words


def test_differences_of_shares_are_percentage_points() -> None:
    found = change(contrast(0.125, 0.01), share_changes, "p = 0.020")
    assert (str(found), found.note) == ("+12.5 points [+11.5 to +13.5]", "p = 0.020")
    assert share_changes([0.125, -0.03, 0.0]) == (["+12.5", "−3", "0"], "points")
