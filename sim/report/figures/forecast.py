"""The next contact on each line, as one forecast expects it, and as forecasts of several dates did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report.figures.axes import date_axis
from sim.report.figures.panels import Entry, area_sign, line_sign, row_names, sheet
from sim.report.format import plain, share
from sim.report.style import LIGHT, Theme, context, label, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.calibration.forecast import Forecast

_MOST_LINES = 24

OUTER, INNER = 0.18, 0.35
"""How opaque the bands of 90 % and 50 % are; the second lies on the first."""


def expected(axes: Axes, found: Forecast, theme: Theme = LIGHT) -> Axes:
    """By line that may have a contact yet, its date: median, middle 50 (thick) and 90 % (thin), up to the end of the
    clock; at the right, the chance of a contact before it."""
    lines = [one for one in found.lines if one.before_end > 0.0][:_MOST_LINES]
    begin, end, look = _made(found), found.scenario.end, theme.looks[0]
    for row, one in enumerate(lines):
        low, first, middle, third, high = (end if day is None else begin + timedelta(days=day) for day in one.days)
        _plot(axes, [low, high], [row, row], color=look.colour, linewidth=1.6)
        _plot(axes, [first, third], [row, row], color=look.colour, linewidth=4.5)
        if one.days[2] is not None:
            _plot(axes, [middle], [row], marker="|", color=theme.paper, markersize=7)
        axes.annotate(
            label(share(min(1.0, one.before_end))),
            (1.01, row),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8.5,
        )
    row_names(axes, [one.line for one in lines], 34)
    axes.set_xlim(_number(begin), _number(end))
    date_axis(axes.xaxis)
    axes.set_xlabel("next contact (thick 50 %, thin 90 %); at the right: before the end")
    axes.set_title(label(f"The next contact, as of the end of {found.date}"), loc="left", fontsize=10.5)
    return axes


def draw_moving(forecasts: Sequence[Forecast], lines: Sequence[str], file: Path, theme: Theme = LIGHT) -> None:
    """Draw forecasts of several dates into a PNG or SVG. Raises as `sim.report.style.save` does."""
    with context(theme):
        save(moving_figure(forecasts, lines, theme), file, describe_moving(forecasts, lines))


def moving_figure(forecasts: Sequence[Forecast], lines: Sequence[str], theme: Theme = LIGHT) -> Figure:
    """A panel for each line: what was expected when, and what came of it."""

    colour = theme.looks[0].colour
    both = 1 - (1 - OUTER) * (1 - INNER)
    entries: list[Entry] = [
        area_sign("middle 50 % of the forecast", color=colour, alpha=both),
        area_sign("middle 90 %", color=colour, alpha=OUTER),
        line_sign("median", color=colour, marker="o", markersize=3.5),
        line_sign("contact on record", color=theme.record, linewidth=1.1, linestyle=RECORDED),
        line_sign("end of the clock; a band up to it: or later", color=theme.soft, linewidth=1.0, linestyle=END),
        line_sign("the date of the forecast itself", color=theme.soft, linewidth=0.8),
    ]
    title = f"The next contact, as forecast on each date: {plain(forecasts[0].scenario.title)}"
    note = "across: the date of the forecast, made from what was known when that day began; up: the next contact"
    figure, body = sheet(title, note, 9.5, 0.5 + 2.7 * len(lines), entries)
    panels = body.subplots(len(lines), 1, sharex=True, squeeze=False).ravel()
    for axes, line in zip(panels.tolist(), lines, strict=True):
        moving(axes, forecasts, line, theme)
    return figure


RECORDED, END = (0, (1.5, 1.5)), (0, (4, 3))


def moving(axes: Axes, forecasts: Sequence[Forecast], line: str, theme: Theme = LIGHT) -> Axes:
    """One line: by date of forecast, the date of the next contact: median, middle 50 and 90 %; the end of the clock
    where they are not reached. It begins with the first word of the record on the line; its contact is marked."""
    scenario = forecasts[0].scenario
    place = [one.name for one in scenario.lines].index(line)
    forecasts = [one for one in forecasts if place in one.evidence.lines] or forecasts
    chances = [next(item for item in one.lines if item.line == line) for one in forecasts]
    over = [one.before_end == 0.0 for one in chances]
    upto = over.index(True) if True in over else len(over)
    x = [_number(_made(one)) for one in forecasts]
    reached = [
        [_number(scenario.end if day is None else _made(made) + timedelta(days=day)) for day in one.days]
        for made, one in zip(forecasts[:upto], chances, strict=False)
    ]
    if upto:
        low, first, middle, third, high = (list(dates) for dates in zip(*reached, strict=True))
        colour = theme.looks[0].colour
        axes.fill_between(x[:upto], low, high, color=colour, alpha=OUTER, linewidth=0)
        axes.fill_between(x[:upto], first, third, color=colour, alpha=INNER, linewidth=0)
        axes.plot(x[:upto], middle, color=colour, marker="o", markersize=3.5)
    begin, end = _number(scenario.start), _number(scenario.end)
    axes.axhline(end, color=theme.soft, linewidth=1.0, linestyle=END)
    for entry in scenario.record:
        if entry.line == line and entry.kind == "contact":
            middle_of = scenario.start + timedelta(seconds=0.5 * (entry.start + entry.end))
            axes.axhline(_number(middle_of), color=theme.record, linewidth=1.1, linestyle=RECORDED, gid="record")
    axes.plot([begin, end], [begin, end], color=theme.soft, linewidth=0.8)
    axes.set_xlim(x[0] - 1, x[-1] + 1)
    axes.set_ylim(min(x[0], begin), end + 0.05 * (end - begin))
    axes.set_title(label(line), loc="left", fontsize=10.5)
    for axis in (axes.xaxis, axes.yaxis):
        axis.axis_date()
        date_axis(axis)
    axes.set_ylabel("next contact")
    return axes


def _made(found: Forecast) -> datetime:
    return found.scenario.start + timedelta(seconds=found.second)


def _number(moment: datetime) -> float:
    """Where a moment stands on an axis of dates."""
    from matplotlib.dates import date2num

    return float(date2num(moment))  # type: ignore[no-untyped-call]


def _plot(axes: Axes, moments: Sequence[datetime], rows: Sequence[float], **look: Any) -> None:
    axes.plot([_number(moment) for moment in moments], rows, **look)


def describe_moving(forecasts: Sequence[Forecast], lines: Sequence[str]) -> str:
    """Say in words how likely a contact before the end was, by date of forecast."""
    parts = []
    for line in lines:
        chances = []
        for one in forecasts:
            item = next(item for item in one.lines if item.line == line)
            chances.append(f"{one.date} {share(min(1.0, item.before_end))}")
        parts.append(f"{line}, chance of a contact to come before the end: {', '.join(chances)}")
    return f"The next contact, as forecast on each date. {'; '.join(parts)}."
