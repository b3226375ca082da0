"""Who was first, as drawn."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes

from sim.report.figures.data import IncidenceCurve
from sim.report.figures.incidence import incidence_curve, incidence_figure, leading
from sim.stats.first_contact import count_times
from sim.stats.survival import cumulative_incidence
from tests.report.drawn import overlaps, points, words
from tests.report.synthetic import DAY, LONG, START, times

DRAWN = times(500, reach=0.7)


def cause_of(label: str, first: np.ndarray) -> IncidenceCurve:
    column = count_times(first, 126 * DAY)
    curve = cumulative_incidence(column)
    return IncidenceCurve(
        label,
        column.replications,
        column.horizon,
        START,
        column.contacts,
        curve.seconds + 1,
        curve.incidence,
        curve.low,
        curve.high,
    )


def test_the_curve_is_the_share_in_which_the_cause_was_first(axes: Axes) -> None:
    incidence_curve(axes, cause_of("a", DRAWN))
    found = points(axes, "incidence a")
    assert found[0] == (0, 0)
    for second, value in found[1:]:
        assert value == pytest.approx(np.mean((DRAWN >= 0) & (second > DRAWN)), abs=1e-12)
    assert found[-1][0] == 126 * DAY


def test_a_first_contact_moved_to_another_cause_is_seen(axes: Axes) -> None:
    moved = DRAWN.copy()
    moved[np.flatnonzero(moved >= 0)[0]] = -1
    incidence_curve(axes, cause_of("a", moved))
    assert points(axes, "incidence a")[-1][1] != pytest.approx(np.mean(DRAWN >= 0), abs=1e-12)


def causes(some: int) -> list[IncidenceCurve]:
    kind = np.random.default_rng(1).integers(0, some, 500)
    return [cause_of(f"channel-{k}", np.where(kind == k, DRAWN, -1)) for k in range(some)]


def test_the_leading_causes_are_named_with_their_shares(styled: None) -> None:
    made = causes(9)
    shown = [text.get_text() for text in incidence_figure("t", [("channel", made)]).axes[0].texts if text.get_text()]
    assert len(shown) == 7
    kept = leading(made, 7)
    assert min(cause.share for cause in kept) >= max(cause.share for cause in made if cause not in kept)
    for cause in kept:
        assert any(f"first in {100 * cause.share:.1f} %" in text and cause.label in text for text in shown)


def test_the_picture_accounts_for_all_replications(styled: None) -> None:
    made = causes(9)
    figure = incidence_figure("t", [("channel", made), ("side", causes(2))])
    rest = sum(cause.contacts for cause in made) - sum(cause.contacts for cause in leading(made, 7))
    nobody = np.mean(DRAWN < 0)
    shown = words(figure)
    assert f"2 more were first in {100 * rest / 500:.1f} %" in shown
    assert f"no contact at all: {100 * nobody:.1f} %" in shown
    assert "n = 500 replications" in shown
    assert "by side of the caller" in shown
    assert "days since 24 Feb 2022 00:00 UTC" in shown


@pytest.mark.parametrize("reach", [0.0, 1.0])
def test_nothing_overlaps(styled: None, reach: float) -> None:
    first = times(20, reach=reach, mean_days=1)
    made = [cause_of(f"{LONG} {k}", first if k == 0 else np.full(20, -1)) for k in range(12)]
    assert not overlaps(incidence_figure("t", [("channel", made), ("side", made[:1])]))
