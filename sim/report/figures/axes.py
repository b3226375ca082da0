"""Axes of time: whole seconds underneath, units and calendar dates on the labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sim.report.format import DAY, MONTHS, UNITS, Unit, clock, day, decimal, unit_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEPS = {"s": (1, 2, 5, 10, 15, 30), "min": (1, 2, 5, 10, 15, 30), "h": (1, 2, 3, 6, 12), "d": (1, 2, 5)}


def ticks(horizon: int, most: int) -> tuple[Unit, list[int]]:
    """Round multiples of a unit in [0, horizon], at most `most` + 1 of them, and the unit."""
    unit = unit_for(horizon)
    for step in _steps(unit):
        if horizon / step <= most:
            return unit, list(range(0, horizon + 1, step))
    return unit, [0]


def _steps(unit: Unit) -> list[int]:
    if unit.sign != "d":
        return [step * unit.seconds for step in STEPS[unit.sign]] + [unit.seconds * k for k in (24, 60)]
    return [step * ten * DAY for ten in (1, 10, 100, 1000, 10_000) for step in STEPS["d"]]


def clock_axis(axes: Axes, start: datetime, horizon: int, *, most: int = 7, named: bool = True) -> None:
    """Label the x axis (in seconds since `start`) with elapsed time and, below it, the calendar.

    `most`: how many steps fit; `named`: write the axis's title too.
    """
    unit, places = ticks(horizon, most)
    axes.set_xticks(places, [f"{decimal(s / unit.seconds)}\n{text}" for s, text in _calendar(start, places, horizon)])
    if named:
        axes.set_xlabel(since(start, horizon))


def since(start: datetime, horizon: int) -> str:
    """The title of such an axis: ``days since 24 Feb 2022 00:00 UTC``."""
    return f"{unit_for(horizon).plural} since {day(start)} {clock(start)} UTC"


def _calendar(start: datetime, places: Sequence[int], horizon: int) -> list[tuple[int, str]]:
    """For each place its date, the year only where it is new; the time of day on clocks of under three days."""
    texts: list[tuple[int, str]] = []
    last: datetime | None = None
    for place in places:
        moment = start + timedelta(seconds=place)
        date = f"{moment.day} {MONTHS[moment.month - 1]}"
        if horizon > 3 * 365 * DAY:
            text = f"{MONTHS[moment.month - 1]} {moment.year}"
        elif horizon < 3 * DAY:
            text = clock(moment) if last and last.date() == moment.date() else f"{clock(moment)}\n{date}"
        else:
            text = date if last and last.year == moment.year else f"{date}\n{moment.year}"
        texts.append((place, text))
        last = moment
    return texts


def duration_axis(axes: Axes, largest: int, *, most: int = 6) -> None:
    """Label the x axis (in seconds from 0 to `largest`) in the unit that suits it."""
    unit, places = ticks(max(largest, 1), most)
    axes.set_xlim(0, max(largest, 1))
    axes.set_xticks(places, [decimal(s / unit.seconds) for s in places])
    axes.set_xlabel(unit.plural)


ROUND_DURATIONS = (1, 2, 5, 10, 30, 60, 300, 900, 3600, 14_400, 43_200, DAY, 3 * DAY, 7 * DAY)


def log_duration_axis(axes: Axes, smallest: int, largest: int, *, most: int = 8) -> None:
    """A logarithmic x axis in seconds whose ticks are round durations (``30 s``, ``5 min``, ``1 d``).

    Zero has no place on it: the caller puts bins that begin at 0 at the left edge, `smallest` >= 1.
    """
    low, high = max(smallest, 1), max(largest, 2)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    rounds = [*ROUND_DURATIONS, *(step * ten * DAY for ten in (10, 100, 1000, 10_000) for step in (1, 3))]
    places = sorted({place for place in rounds if low <= place <= high})
    kept = places[:: max(1, math.ceil(len(places) / most))]
    axes.set_xticks(kept, [_short(place) for place in kept])
    axes.minorticks_off()


def _short(seconds: int) -> str:
    unit = next(unit for unit in reversed(UNITS) if seconds % unit.seconds == 0)
    return f"{seconds // unit.seconds:,} {unit.sign}"
