"""Ticks of axes in seconds: two locators at round durations, and a formatter with a calendar.

Import it where something is drawn: it loads matplotlib.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from matplotlib.ticker import FuncFormatter, Locator

from sim.report.figures.axes import round_step
from sim.report.format import DAY, MONTHS, clock, decimal, unit_for

ROUND = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 43_200)
"""Seconds at which a logarithmic axis may have ticks, below a day; from there on 1, 2, 4, 8 … days."""


class DurationLocator(Locator):
    """Ticks at multiples of a round duration, on an axis in seconds: at most `most` steps in what is seen of it."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self) -> Any:
        """The ticks of the axis as it is seen."""
        return self.tick_values(*self._interval())

    def tick_values(self, vmin: float, vmax: float) -> Any:
        """The ticks between two seconds, both included."""
        step = round_step((vmax - vmin) / self.most)
        return step * np.arange(math.ceil(vmin / step - 1e-9), math.floor(vmax / step + 1e-9) + 1)

    def _interval(self) -> tuple[float, float]:
        low, high = sorted(self.axis.get_view_interval())  # type: ignore[union-attr]
        return float(low), float(high)


class LogDurationLocator(DurationLocator):
    """Ticks at round durations as far apart as `most` of them leave room for, on a logarithmic axis in seconds."""

    def tick_values(self, vmin: float, vmax: float) -> Any:
        """The ticks between two seconds > 0, both included."""
        apart = (vmax / vmin) ** (1 / self.most)
        found: list[float] = []
        for place in (*ROUND, *(DAY * 2**power for power in range(40))):
            if vmin <= place <= vmax and (not found or place >= found[-1] * apart):
                found.append(place)
        return np.array(found or [vmin])


class ClockFormatter(FuncFormatter):
    """Elapsed time and below it the calendar, on an axis in seconds since `start`.

    The year stands only where it is new. On clocks of less than three days the time of day stands before the date, on
    those of more than three years the month without its day.
    """

    def __init__(self, start: datetime, horizon: int) -> None:
        super().__init__(lambda second, _: self.format_ticks([second])[0])
        self.start, self.horizon = start, horizon

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """A text for each second."""
        unit, last = unit_for(self.horizon), None
        texts = []
        for second in values:
            moment = self.start + timedelta(seconds=float(second))
            texts.append(f"{decimal(second / unit.seconds)}\n{self._date(moment, last)}")
            last = moment
        return texts

    def _date(self, moment: datetime, last: datetime | None) -> str:
        date = f"{moment.day} {MONTHS[moment.month - 1]}"
        if self.horizon > 3 * 365 * DAY:
            return f"{MONTHS[moment.month - 1]} {moment.year}"
        if self.horizon < 3 * DAY:
            return clock(moment) if last and last.date() == moment.date() else f"{clock(moment)}\n{date}"
        return date if last and last.year == moment.year else f"{date}\n{moment.year}"
