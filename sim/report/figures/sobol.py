"""Sobol indices: what share of an outcome's variance each uncertain number makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.report.figures.panels import heading, key
from sim.report.figures.survival import shortened
from sim.report.format import plain, several, share
from sim.report.outcomes import column_words, outcome_words, path_lines
from sim.report.style import LIGHT, Theme, canvas, label
from sim.stats.outcomes import Outcome
from sim.stats.sensitivity import Sensitivity

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 12
ROW, WIDE = 0.4, 38
"""Inches between rows, and characters that have room beside them."""


def sobol_indices(axes: Axes, found: Sensitivity, outcome: Outcome, theme: Theme = LIGHT) -> Axes:
    """A filled square for the first order and an open circle for the total of each number, with 95 % intervals.

    Raises KeyError where the outcome has no indices; where its spread cannot be told from none, the axes say so.
    """
    one = found.indices[outcome]
    axes.set_xlim(-0.05, 1.05)
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    axes.set_xlabel("share of the variance")
    axes.axvline(0, color=theme.soft, linewidth=0.9, zorder=1)
    if one.first is None or one.total is None:
        axes.set_yticks([])
        axes.text(0.5, 0.5, "its spread cannot be told from none", ha="center", transform=axes.transAxes)
        return axes
    order = leading(found, outcome)
    blue, orange = theme.looks[0].colour, theme.looks[1].colour
    marks = (("first", one.first, 0.16, "s", blue), ("total", one.total, -0.16, "o", orange))
    for place, number in enumerate(reversed(order)):
        for name, values, shift, marker, colour in marks:
            value = values[number]
            low, high = (min(1.05, max(-0.05, end or 0.0)) for end in (value.low, value.high))
            axes.plot([low, high], [place + shift] * 2, color=colour, linewidth=2.2, solid_capstyle="butt")
            middle = [value.estimate or 0.0]
            (sign,) = axes.plot(middle, [place + shift], marker, color=colour, markersize=6)
            sign.set_markerfacecolor(colour if marker == "s" else theme.paper)
            sign.set_gid(f"{name} {found.numbers[number]}")
    names = [_name(found.numbers[number]) for number in reversed(order)]
    axes.set_yticks(range(len(order)), names)
    axes.set_ylim(-0.6, len(order) - 0.4)
    axes.grid(visible=False, axis="y")
    return axes


def _name(path: str) -> str:
    return "\n".join(label(shortened(line, WIDE)) for line in path_lines(path, WIDE))


def leading(found: Sensitivity, outcome: Outcome) -> list[int]:
    """Places of the numbers with the largest totals, at most `MOST`."""
    totals = found.indices[outcome].total or ()
    return sorted(range(len(totals)), key=lambda at: -(totals[at].estimate or 0.0))[:MOST]


def sobol_figure(found: Sensitivity, theme: Theme = LIGHT, *, most: int = 2) -> Figure:
    """Contact by the time asked for and the mean wait, of the first columns asked about. ValueError without indices."""
    wanted = [outcome for column in found.columns[:most] for outcome in (Outcome(column, found.by), Outcome(column))]
    outcomes = [outcome for outcome in wanted if outcome in found.indices]
    if not outcomes:
        raise ValueError(f"no Sobol indices: {found.no_indices}")
    rows = [max(2, len(leading(found, outcome))) for outcome in outcomes]
    top, over, under = 1.0, 0.42, 0.62
    height = top + sum(ROW * row + over + under for row in rows)
    figure = canvas(10.8, height)
    above = height - top
    for outcome, row in zip(outcomes, rows, strict=True):
        above -= over + ROW * row
        axes = figure.add_axes((0.32, above / height, 0.64, ROW * row / height))
        sobol_indices(axes, found, outcome, theme)
        words = f"{outcome_words(outcome, found.asked)}, {column_words(outcome.column)}"
        noise = share(found.indices[outcome].noise.estimate or 0.0, 0)
        title = f"{words[0].upper()}{words[1:]}; Monte Carlo noise, taken out: {noise}"
        axes.set_title(label(title), loc="left", fontsize=10.5)
        above -= under
    one = found.indices[outcomes[0]]
    size = f"{several(one.rows, 'point')} in each design, {several(one.replications, 'replication')} at each"
    heading(figure, f"What makes the spread: {found.asked.title}", f"Sobol indices; {size}; lines are 95 % intervals")
    texts = ("alone (first order)", "with all that it acts through (total)")
    key(figure, list(zip(_signs(theme), texts, strict=True)), top=0.68)
    return figure


def _signs(theme: Theme) -> list[Artist]:
    from matplotlib.lines import Line2D

    blue, orange = theme.looks[0].colour, theme.looks[1].colour
    return [
        Line2D([], [], color=blue, marker="s", linewidth=2.2),
        Line2D([], [], color=orange, marker="o", markerfacecolor=theme.paper, linewidth=2.2),
    ]


def describe(found: Sensitivity) -> str:
    """The figure in words."""
    parts = [f"What makes the spread: {found.asked.title}. Sobol indices."]
    for outcome, one in found.indices.items():
        words = f"{outcome_words(outcome, found.asked)}, {column_words(outcome.column)}"
        if one.first is None or one.total is None:
            parts.append(f"{words}: the spread cannot be told from none.")
            continue
        told = ", ".join(
            f"{plain(found.numbers[at])} {one.first[at].estimate:.2f} alone and {one.total[at].estimate:.2f} in all"
            for at in leading(found, outcome)
        )
        parts.append(f"{words}: {told}.")
    return " ".join(parts)
