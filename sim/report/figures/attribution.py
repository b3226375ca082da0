"""What lines and channels are worth: what the loss of each costs, beside its part over all orders of joining."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.report.figures.panels import heading, key
from sim.report.figures.scales import duration_ticks
from sim.report.figures.survival import shortened
from sim.report.format import several
from sim.report.outcomes import column_words
from sim.report.style import LIGHT, Theme, canvas, label
from sim.stats.outcomes import Outcome

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.stats.attribution import Attribution, Worth
    from sim.stats.intervals import Estimate

MOST = 12
"""Players in one panel: those whose loss costs most."""

ROW, OVER, UNDER = 0.34, 0.45, 0.55


def worths(axes: Axes, found: Attribution, kind: str, column: str, theme: Theme = LIGHT) -> Axes:
    """A row for each line or channel; x in seconds of mean wait for the first contact of a column, with 95 % intervals.

    A filled square is what its loss costs while all others are there, an open circle its Shapley value.
    """
    ranked = leading(found, kind, column)
    marks = (("loss", 0.16, "s", theme.looks[0].colour), ("shapley", -0.16, "o", theme.looks[1].colour))
    largest = 1.0
    for place, one in enumerate(reversed(ranked)):
        for name, shift, marker, colour in marks:
            value: Estimate | None = getattr(one, name)
            if value is None or value.estimate is None:
                continue
            low, high = (value.estimate if end is None else end for end in (value.low, value.high))
            axes.plot([low, high], [place + shift] * 2, color=colour, linewidth=2.2, solid_capstyle="butt")
            (sign,) = axes.plot([value.estimate], [place + shift], marker, color=colour, markersize=6)
            sign.set_markerfacecolor(colour if name == "loss" else theme.paper)
            sign.set_gid(f"{name} {one.name}")
            largest = max(largest, high)
    axes.set_yticks(range(len(ranked)), [label(shortened(one.name, 20)) for one in reversed(ranked)])
    axes.set_ylim(-0.6, len(ranked) - 0.4)
    axes.grid(visible=False, axis="y")
    least = min([0.0, *(one.loss.low or 0.0 for one in ranked)])
    duration_ticks(axes, "x", least, largest)
    axes.axvline(0, color=theme.soft, linewidth=0.9, zorder=1)
    return axes


def leading(found: Attribution, kind: str, column: str) -> list[Worth]:
    """The players whose loss costs most, at most `MOST`, the first of them first."""
    ranked = sorted(found.of(kind, Outcome(column)), key=lambda one: -(one.loss.estimate or 0.0))
    return ranked[:MOST]


def attribution_figure(found: Attribution, theme: Theme = LIGHT, *, most: int = 3) -> Figure:
    """Channels at the left, lines at the right, a row of panels for each of the first columns asked about."""
    columns = found.columns[:most]
    kinds = [kind for kind in ("channel", "line") if found.of(kind, Outcome(columns[0]))]
    rows = [max(len(leading(found, kind, column)) for kind in kinds) for column in columns]
    top = 1.05
    height = top + sum(ROW * max(row, 2) + OVER + UNDER for row in rows)
    figure = canvas(10.8, height)
    wide = 0.31 if len(kinds) == 2 else 0.75
    above = height - top
    for column, row in zip(columns, rows, strict=True):
        tall = ROW * max(row, 2)
        above -= OVER + tall
        for at, kind in enumerate(kinds):
            axes = figure.add_axes((0.17 + at * 0.5, above / height, wide, tall / height))
            worths(axes, found, kind, column, theme)
            axes.set_title(label(f"{column_words(column)}, by {kind}"), loc="left", fontsize=10.5)
        above -= UNDER
    note = f"n = {several(found.asked.replications, 'replication')}, paired; lines are 95 % intervals"
    heading(figure, f"What each channel and line is worth: {found.asked.title}", note)
    signs = _signs(theme)
    texts = ("mean wait that its loss adds, all others there", "mean wait that it saves, over all orders (Shapley)")
    key(figure, list(zip(signs, texts, strict=True)), top=0.68)
    return figure


def _signs(theme: Theme) -> list[Artist]:
    from matplotlib.lines import Line2D

    blue, orange = theme.looks[0].colour, theme.looks[1].colour
    return [
        Line2D([], [], color=blue, marker="s", linewidth=2.2),
        Line2D([], [], color=orange, marker="o", markerfacecolor=theme.paper, linewidth=2.2),
    ]


def describe(found: Attribution, most: int = 3) -> str:
    """The figure in words."""
    parts = [f"What each channel and line is worth: {found.asked.title}."]
    for column in found.columns[:most]:
        for kind in ("channel", "line"):
            ranked = leading(found, kind, column)
            told = ", ".join(
                f"{one.name} {(one.loss.estimate or 0.0) / 86_400:.2f} days" for one in ranked if one.loss.estimate
            )
            parts.append(f"{column_words(column)}, mean wait added by the loss of each {kind}: {told or 'none'}.")
    return " ".join(parts)
