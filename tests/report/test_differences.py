"""Differences between scenarios in words, as cells of the terminal's tables and of the report's have them."""

from __future__ import annotations

import pytest

from sim.report import comparison_terminal as terminal
from sim.report.differences import by_how_much, signed_duration
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


@pytest.mark.parametrize(
    ("estimate", "half", "words"),
    [
        (5 * 86_400.0, 4 * 86_400.0 + 3600, "+5 d\n[+0.96 to +9.04 d]"),
        (-3 * 86_400.0, 2.5 * 86_400, "\N{MINUS SIGN}3 d\n[\N{MINUS SIGN}5.5 to \N{MINUS SIGN}0.5 d]"),
        (3600.0, 1800.0, "+60 min\n[+30 to +90 min]"),
    ],
)
def test_an_interval_has_the_unit_of_its_largest_number(estimate: float, half: float, words: str) -> None:
    assert terminal.short(contrast(estimate, half), signed_duration) == words


def test_a_difference_in_a_sentence_has_one_unit_too() -> None:
    assert by_how_much(contrast(-3 * 86_400.0, 2.5 * 86_400)) == "3 d (0.5 to 5.5 d)"
