"""Forecasts of several dates, as drawn."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from matplotlib.axes import Axes

from sim.calibration.forecast import Next
from sim.report.figures.calibration import moving
from tests.report import synthetic
from tests.report.synthetic import DAY, contact

AS_OF = (10, 40, 77)


def drawn(axes: Axes, day: int) -> Axes:
    """Forecasts of three dates for a line whose contact on record is on `day`."""
    scenario = synthetic.scenario(record=(contact("ministers", day),))
    chance = Next("ministers", {}, 0.5, (5.0, 15.0, 30.0, None, None))
    forecasts: Any = [
        SimpleNamespace(scenario=scenario, second=second * DAY, evidence=SimpleNamespace(lines=(0,)), lines=(chance,))
        for second in AS_OF
    ]
    return moving(axes, forecasts, "ministers")


def crossed(axes: Axes) -> bool:
    """Whether the line of the day itself runs through the words of the contact on record."""
    (text,) = (text for text in axes.texts if text.get_text() == "contact on record")
    box = text.get_window_extent().transformed(axes.transData.inverted())
    return box.x0 < box.y1 and box.x1 > box.y0


@pytest.mark.parametrize("day", [5, 30, 60, 77, 100])
def test_the_line_of_the_day_itself_is_named_and_leaves_the_words_alone(axes: Axes, day: int) -> None:
    drawn(axes, day)
    assert "the day itself" in [text.get_text() for text in axes.get_legend().get_texts()]  # type: ignore[union-attr]
    assert not crossed(axes)


def test_words_in_its_way_would_be_seen(axes: Axes) -> None:
    drawn(axes, 72)
    (text,) = (text for text in axes.texts if text.get_text() == "contact on record")
    text.set_position((axes.get_xlim()[1], 72))
    assert crossed(axes)
