"""Differences between scenarios in words, as cells of the terminal's tables and of the report's have them."""

from __future__ import annotations

import pytest

from sim.report import comparison_terminal as terminal
from sim.report.differences import signed_duration
from sim.report.html import contrasts as html
from sim.stats.paired import Contrast


def contrast(estimate: float, half: float, *, same: bool = False) -> Contrast:
    ends = estimate - half, estimate + half
    return Contrast(estimate, *ends, *ends, 1.0, 1.0, None, None, same)


@pytest.mark.parametrize("same", [True, False])
def test_medians_at_the_same_second_are_the_same(same: bool) -> None:
    found = contrast(0.0, 0.0, same=same)
    assert terminal.short(found, signed_duration) == "the same"
    assert html.change(found, html.signed_durations) == "none"


@pytest.mark.parametrize(("estimate", "half"), [(0.0, 60.0), (60.0, 0.0)])
def test_a_difference_or_an_interval_around_none_is_told(estimate: float, half: float) -> None:
    found = contrast(estimate, half)
    assert terminal.short(found, signed_duration) != "the same"
    assert html.change(found, html.signed_durations) != "none"
