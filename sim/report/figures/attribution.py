"""Attribution of contact to lines and channels: what the loss of each costs, beside its Shapley value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.report.figures.axes import duration_axis, unsigned
from sim.report.figures.panels import line_sign, row_names, sheet
from sim.report.format import plain, several
from sim.report.outcomes import column_name
from sim.report.style import LIGHT, Theme, label
from sim.stats.outcomes import Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.stats.attribution import Attribution, Contribution
    from sim.stats.intervals import Estimate

MOST = 12
"""Players in one panel: those whose loss costs most."""

ROW = 0.5
"""Inches that a player takes."""


def contributions(axes: Axes, found: Attribution, kind: str, column: str, theme: Theme = LIGHT) -> Axes:
    """A row for each line or channel; x in seconds of mean wait for the first contact of a column, with 95 % intervals.

    A filled square is what its loss costs while all others are there, an open circle its Shapley value.
    """
    ranked = leading(found, kind, column)
    marks = (("loss", -0.16, "s", theme.looks[0].colour), ("shapley", 0.16, "o", theme.looks[1].colour))
    reached = [0.0, 1.0]
    for place, one in enumerate(ranked):
        for name, shift, marker, colour in marks:
            value: Estimate | None = getattr(one, name)
            if value is None or value.estimate is None:
                continue
            low, high = (value.estimate if end is None else end for end in (value.low, value.high))
            axes.plot([low, high], [place + shift] * 2, color=colour, linewidth=2.2, solid_capstyle="butt")
            (sign,) = axes.plot([value.estimate], [place + shift], marker, color=colour, markersize=6)
            sign.set_markerfacecolor(colour if name == "loss" else theme.paper)
            sign.set_gid(f"{name} {one.name}")
            reached += [low, high]
    row_names(axes, [column_name(f"{kind}:{one.name}", found.spec) for one in ranked], 24, 3)
    duration_axis(axes.xaxis, min(reached), max(reached), most=5, write=unsigned)
    axes.axvline(0, color=theme.soft, linewidth=0.9, zorder=1)
    return axes


def leading(found: Attribution, kind: str, column: str) -> list[Contribution]:
    """The players whose loss costs most, at most `MOST`, the first of them first."""
    ranked = sorted(found.of(kind, Outcome(column)), key=lambda one: -(one.loss.estimate or 0.0))
    return ranked[:MOST]


def kinds(found: Attribution) -> list[str]:
    """Channels and lines; lines alone where each channel has one line, so that both would show the same."""
    rows = {kind: [(one.loss, one.shapley) for one in leading(found, kind, found.columns[0])]
            for kind in ("channel", "line")}  # fmt: skip
    shown = [kind for kind in rows if rows[kind]]
    return ["line"] if len(shown) == 2 and rows["channel"] == rows["line"] else shown


def attribution_figure(found: Attribution, theme: Theme = LIGHT, *, most: int = 3) -> Figure:
    """Channels at the left, lines at the right, a row of panels for each of the first columns asked about."""

    columns, shown = found.columns[:most], kinds(found)
    tall = [ROW * max(2, *(len(leading(found, kind, column)) for kind in shown)) + 1.0 for column in columns]
    blue, orange = theme.looks[0].colour, theme.looks[1].colour
    open_circle: Any = {"color": orange, "marker": "o", "markerfacecolor": theme.paper, "linewidth": 2.2}
    entries = [
        line_sign("extra mean wait if only this one is lost", color=blue, marker="s", linewidth=2.2),
        line_sign("mean wait that it saves, averaged over all orders of joining (Shapley value)", **open_circle),
    ]
    note = f"n = {several(found.spec.replications, 'replication')}, paired; lines are 95 % intervals"
    title = f"Contribution of {' and '.join(f'each {kind}' for kind in shown)}: {found.spec.title}"
    figure, body = sheet(title, note, 10.8, sum(tall), entries)
    every = body.subplots(len(columns), len(shown), squeeze=False, height_ratios=tall)
    for column, row in zip(columns, every, strict=True):
        for kind, axes in zip(shown, row, strict=True):
            contributions(axes, found, kind, column, theme)
            axes.set_title(label(f"{column_name(column, found.spec)}, by {kind}"), loc="left", fontsize=10.5)
    return figure


def describe_attribution(found: Attribution, most: int = 3) -> str:
    """Say the picture in words."""
    shown = kinds(found)
    parts = [f"Contribution of {' and '.join(f'each {kind}' for kind in shown)}: {found.spec.title}."]
    for column in found.columns[:most]:
        for kind in shown:
            sentences = ", ".join(
                f"{one.name} {(one.loss.estimate or 0.0) / 86_400:.2f} days"
                for one in leading(found, kind, column)
                if one.loss.estimate
            )
            name = column_name(column, found.spec)
            parts.append(f"{name}, extra mean wait if one {kind} is lost: {sentences or 'none'}.")
    return plain(" ".join(parts))
