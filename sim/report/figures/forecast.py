"""A picture of one forecast: when the next contact on each line is to be expected."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sim.report.format import DAY, MONTHS, share
from sim.report.style import LIGHT, Theme, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.calibration.forecast import Forecast

_MOST_LINES = 24


def expected(axes: Axes, found: Forecast, theme: Theme = LIGHT) -> Axes:
    """By line that may have a contact yet, its date: median, middle 50 (thick) and 90 % (thin), up to the end of the
    clock; at the right, the chance of a contact before it."""
    lines = [one for one in found.lines if one.before_end > 0.0][:_MOST_LINES]
    begins, ends, look = found.second / DAY, found.scenario.horizon / DAY, theme.looks[0]
    for row, one in enumerate(lines):
        low, first, middle, third, high = (ends if day is None else begins + day for day in one.days)
        axes.plot([low, high], [row, row], color=look.colour, linewidth=1.6)
        axes.plot([first, third], [row, row], color=look.colour, linewidth=4.5)
        if one.days[2] is not None:
            axes.plot([middle], [row], marker="|", color=theme.paper, markersize=7)
        axes.annotate(
            label(share(min(1.0, one.before_end))),
            (1.01, row),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8.5,
        )
    axes.set_yticks(range(len(lines)), [label(one.line) for one in lines])
    axes.set_ylim(len(lines) - 0.4, -0.6)
    axes.set_xlim(begins, ends)
    step = max(1.0, (ends - begins) / 6)
    places = [begins + number * step for number in range(int((ends - begins) / step) + 1)]
    axes.set_xticks(places, [_date(found, place) for place in places])
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("next contact (thick 50 %, thin 90 %); at the right: before the end")
    axes.set_title(label(f"The next contact, as of the end of {found.date}"), loc="left", fontsize=10.5)
    return axes


def _date(found: Forecast, day: float) -> str:
    moment = found.scenario.start + timedelta(days=day)
    return f"{moment.day} {MONTHS[moment.month - 1]}"
