"""Forecasts of several dates, as drawn."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.dates import date2num

from sim.calibration.forecast import Next
from sim.report.figures.forecast import moving, moving_figure
from tests.report import synthetic
from tests.report.drawn import overlaps, words
from tests.report.synthetic import DAY, START, contact

AS_OF = (10, 40, 77)


def forecasts(day: int) -> Any:
    """Forecasts of three dates for a line whose contact on record is on `day`."""
    scenario = synthetic.scenario(record=(contact("ministers", day),))
    chance = Next("ministers", {}, 0.5, (5.0, 15.0, 30.0, None, None))
    return [
        SimpleNamespace(scenario=scenario, second=second * DAY, evidence=SimpleNamespace(lines=(0,)), lines=(chance,))
        for second in AS_OF
    ]


def date(day: float) -> float:
    return float(date2num(START + timedelta(days=day)))


def test_the_median_stands_so_many_days_after_the_date_of_the_forecast(axes: Axes) -> None:
    moving(axes, forecasts(30), "ministers")
    (median,) = [line for line in axes.lines if line.get_marker() == "o"]
    np.testing.assert_allclose(median.get_xdata(), [date(day) for day in AS_OF])
    np.testing.assert_allclose(median.get_ydata(), [date(day + 30) for day in AS_OF])
    (record,) = [line for line in axes.lines if line.get_gid() == "record"]
    assert record.get_ydata()[0] == pytest.approx(date(30.5))
    assert axes.get_ylim()[1] > date(126)


@pytest.mark.parametrize("day", [5, 60, 100])
def test_every_sign_is_in_the_key_and_nothing_overlaps(styled: None, day: int) -> None:
    figure = moving_figure(forecasts(day), ["ministers"])
    shown = words(figure)
    for part in ("middle 50 %", "middle 90 %", "contact on record", "date of the forecast itself", "or later"):
        assert part in shown
    assert not overlaps(figure)


def test_the_key_has_the_colours_that_are_drawn(styled: None) -> None:
    """The inner band lies on the outer one, so that both together are as dark as its sample."""
    figure = moving_figure(forecasts(30), ["ministers"])
    outer, inner = (float(band.get_alpha() or 1) for band in figure.axes[0].collections)
    sample, wider, *_ = (float(handle.get_alpha() or 1) for handle in figure.legends[0].get_patches())
    assert sample == pytest.approx(1 - (1 - outer) * (1 - inner))
    assert wider == outer
