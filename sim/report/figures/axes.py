"""Axes of time and of shares: what their ticks say, and what stands beside them. Times are in seconds."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sim.report.format import DAY, UNITS, clock, day, decimal, signed, unit_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis


STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200)
"""Seconds between ticks, below a day; from there on 1, 2, 5, 10 … days."""


def round_step(least: float) -> float:
    """The smallest round duration of at least so many seconds."""
    days = (step * ten * DAY for ten in (1, 10, 100, 1000, 10_000, 100_000) for step in (1, 2, 5))
    if least > 0.5:
        return next(step for step in (*STEPS, *days) if step >= least * (1 - 1e-9))
    ten = 10.0 ** math.floor(math.log10(max(least, 1e-9)))
    return next(step * ten for step in (1, 2, 5, 10) if step * ten >= least * (1 - 1e-9))


def duration_axis(
    axis: Axis, low: float, high: float, *, most: int = 6, named: bool = True, write: Callable[[float], str] = signed
) -> None:
    """Label an axis of durations from `low` to `high` seconds in the unit that suits it.

    write  how a number is written; `signed` gives a plus to what is above 0, as of a difference
    """
    from matplotlib.ticker import FuncFormatter

    from sim.report.figures.ticks import DurationLocator

    unit = unit_for(max(abs(low), abs(high), 1.0))
    axis.set_major_locator(DurationLocator(most))
    axis.set_major_formatter(FuncFormatter(lambda second, _: write(second / unit.seconds)))
    if named:
        axis.set_label_text(unit.plural)


def unsigned(number: float) -> str:
    """``4.2``, ``−0.31``: a minus where there is one, and no plus."""
    return signed(number) if number < 0 else decimal(number)


def log_duration_axis(axis: Axis, *, most: int = 8) -> None:
    """Label a logarithmic axis in seconds with durations such as ``30 s``, ``5 min``, ``1 d``."""
    from matplotlib.ticker import FuncFormatter, NullLocator

    from sim.report.figures.ticks import LogDurationLocator

    axis.set_major_locator(LogDurationLocator(most))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda second, _: _in_whole_units(round(second))))


def _in_whole_units(seconds: int) -> str:
    unit = next(unit for unit in reversed(UNITS) if seconds % unit.seconds == 0)
    return f"{seconds // unit.seconds:,} {unit.sign}"


def share_axis(axis: Axis, step: float | None = 0.25) -> None:
    """Label an axis of shares in per cent; with a tick at every `step`, or where matplotlib has them."""
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.3g} %"))
    if step is not None:
        axis.set_major_locator(MultipleLocator(step))


def clock_axis(axes: Axes, start: datetime, horizon: int, *, most: int = 7, named: bool = True) -> None:
    """Label the x axis (in seconds since `start`) with elapsed time and, below it, the calendar.

    `most`: how many steps fit; `named`: write the axis's title too.
    """
    from sim.report.figures.ticks import ClockFormatter, DurationLocator

    axes.xaxis.set_major_locator(DurationLocator(most))
    axes.xaxis.set_major_formatter(ClockFormatter(start, horizon))
    if named:
        axes.set_xlabel(since(start, horizon))


def since(start: datetime, horizon: int) -> str:
    """The title of such an axis: ``days since 24 Feb 2022 00:00 UTC``."""
    return f"{unit_for(horizon).plural} since {day(start)} {clock(start)} UTC"


def date_axis(axis: Axis, most: int = 7) -> None:
    """Label an axis whose values are moments (`datetime`, UTC)."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator: Any = AutoDateLocator(minticks=3, maxticks=most)  # type: ignore[no-untyped-call]
    axis.set_major_locator(locator)
    # Every label says its month: there is no offset at the end of the axis, where it would stand on other words.
    formatter: Any = ConciseDateFormatter(locator, show_offset=False)  # type: ignore[no-untyped-call]
    formatter.formats = ["%Y", "%b %Y", "%d %b", "%H:%M", "%H:%M", "%H:%M:%S"]
    formatter.zero_formats = ["", "%b %Y", "%b %Y", "%d %b", "%H:%M", "%H:%M"]
    axis.set_major_formatter(formatter)
