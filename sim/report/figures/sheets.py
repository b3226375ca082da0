"""Whole pictures: which axes stand where, with their titles and n. Each takes data and gives a matplotlib Figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.report.figures.axes import since
from sim.report.figures.data import Curve, Mark, Responses, Uncertain
from sim.report.figures.first_contact import first_contact_histogram
from sim.report.figures.panels import MOST_PANELS, Entry, grid, heading, left_out
from sim.report.figures.response import response_linear, response_log
from sim.report.figures.survival import (
    MARK_ROWS,
    block_inches,
    end_labels,
    record_marks,
    shortened,
    survival_axes,
    survival_curve,
)
from sim.report.format import decimal, duration, several, share, spread
from sim.report.style import LIGHT, Theme, canvas, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_TOGETHER = 7
"""So many curves can be told apart in one axes; more are drawn in panels of their own."""
MOST_CHANNELS = 16

Draw = Callable[["Axes", Curve], None]
Marks = Mapping[str, Sequence[Mark]]
"""Contacts on record by the label of the curve to which they belong."""


def survival_figure(
    title: str, curves: Sequence[Curve], marks: Marks, theme: Theme = LIGHT, *, more: int = 0
) -> Figure:
    """Survival curves in one axes where they can be told apart, else a panel for each; `more` are left out."""
    if len(curves) > MOST_TOGETHER:
        return _survival_panels(title, curves, marks, theme, more)
    rows = min(MARK_ROWS, len({(mark.start, mark.end) for curve in curves for mark in marks.get(curve.label, ())}))
    over, under = 0.8 + 0.2 * rows, 0.87
    tall = max(3.9, sum(block_inches(curve) for curve in curves))
    height = over + tall + under
    figure = canvas(10.8, height)
    axes = figure.add_axes((0.093, under / height, 0.575, tall / height))
    for curve, look in zip(curves, theme.looks, strict=False):
        survival_curve(axes, curve, look)
    first = curves[0]
    survival_axes(axes, first)
    mixed = [mark for curve in curves for mark in marks.get(curve.label, ())]
    record_marks(axes, list(dict.fromkeys(mixed)), theme)
    end_labels(axes, curves, theme.looks)
    dashed = "; dashed and grey: contact on record" if mixed else ""
    heading(figure, title, f"{_n(first)}; shaded: pointwise 95 % band{dashed}")
    return figure


def _survival_panels(title: str, curves: Sequence[Curve], marks: Marks, theme: Theme, more: int) -> Figure:
    def draw(axes: Axes, curve: Curve) -> None:
        survival_curve(axes, curve, theme.looks[0])
        survival_axes(axes, curve, most=4, named=False)
        record_marks(axes, marks.get(curve.label, ()), theme, named=False)
        axes.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])

    note = "share without contact so far; shaded: pointwise 95 % band"
    return _panels(title, note, curves, marks, draw, more)


def uncertainty_figure(
    title: str, found: Sequence[Uncertain], marks: Marks, theme: Theme = LIGHT, *, more: int = 0
) -> Figure:
    """For each curve, in a panel of its own, the band of chance within the band of the uncertain numbers."""
    from matplotlib.patches import Patch

    look, other = theme.looks[:2]

    def draw(axes: Axes, place: int) -> None:
        """Fill a panel: the wider band first, its edges dashed, the curve with its own band over it."""
        one = found[place]
        ends = np.concatenate([[0], one.curve.ends])
        lower, upper = (np.concatenate([[1.0], values]) for values in (one.low, one.high))
        axes.fill_between(ends, lower, upper, step="post", color=other.colour, alpha=0.28, linewidth=0)
        for edge in (lower, upper):  # a reader of grey print sees it too
            axes.plot(ends, edge, drawstyle="steps-post", color=other.colour, linewidth=0.9, linestyle=(0, (4, 2)))
        survival_curve(axes, one.curve, look)
        survival_axes(axes, one.curve, most=4, named=False)
        record_marks(axes, marks.get(one.curve.label, ()), theme, named=False)
        axes.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])

    first = found[0].curve
    names = [f"{one.curve.label}\n{_at_the_end(one)}" for one in found]
    recorded = any(marks.get(one.curve.label) for one in found[:MOST_PANELS])
    note = [_n(first), "share without contact so far; ± points: sd by chance, and by the numbers"]
    chance = Patch(color=look.colour, alpha=0.2, linewidth=0)
    numbers = Patch(color=other.colour, alpha=0.28, linewidth=0)
    entries: list[Entry] = [
        (chance, "chance: pointwise 95 % band"),
        (numbers, "uncertain numbers: the curve in 95 % of their draws"),
    ]
    return grid(
        title,
        "; ".join([*note, *(["dashed and grey: contact on record"] if recorded else [])]),
        names,
        draw,
        below=since(first.start, first.horizon),
        entries=entries,
        more=more,
    )


def _at_the_end(one: Uncertain) -> str:
    """``23.0 % at the end, ±0.91 and ±20.7``"""
    numbers = spread(one.spread, one.least, lambda some: decimal(100 * some))
    return f"{share(one.curve.censored)} at the end, ±{decimal(100 * one.error)} and {numbers}"


def first_contact_figure(
    title: str, curves: Sequence[Curve], marks: Marks, theme: Theme = LIGHT, *, more: int = 0
) -> Figure:
    """A histogram of the time to first contact for each line and group, in panels; `more` are left out."""

    def draw(axes: Axes, curve: Curve) -> None:
        """One column's histogram."""
        most = 7 if len(curves) == 1 else 4
        first_contact_histogram(
            axes, curve, theme.looks[0], theme, marks=marks.get(curve.label, ()), most=most, named=False
        )

    each = duration(int(curves[0].edges[1]))
    note = f"share of replications per bar of {each}; hatched: no contact by the end"
    return _panels(title, note, curves, marks, draw, more)


def _panels(title: str, note: str, curves: Sequence[Curve], marks: Marks, draw: Draw, more: int) -> Figure:
    recorded = any(marks.get(curve.label) for curve in curves[:MOST_PANELS])
    note = "; ".join([_n(curves[0]), note, *(["dashed and grey: contact on record"] if recorded else [])])
    names = [curve.label for curve in curves]
    below = since(curves[0].start, curves[0].horizon)
    return grid(title, note, names, lambda axes, place: draw(axes, curves[place]), below=below, more=more)


def response_figure(title: str, channels: Sequence[Responses], n: int, theme: Theme = LIGHT) -> Figure:
    """The response-delay histogram of each channel in a row: linear time at the left, logarithmic at the right."""
    shown = [responses for responses in channels if responses.total][:MOST_CHANNELS]
    if not shown:
        figure = canvas(9.0, 2.6)
        figure.text(0.5, 0.4, f"no contact by the end in {several(n, 'replication')}", ha="center", va="center")
        heading(figure, title, f"n = {several(n, 'replication')}")
        return figure
    span = (min(int(r.edges[0]) for r in shown), max(int(r.edges[-1]) for r in shown))
    over, under, high = 0.62, 0.2, 2.35
    width, height = 11.0, over + under + high * len(shown)
    figure = canvas(width, height)
    for row, responses in enumerate(shown):
        bottom = (under + (len(shown) - 1 - row) * high + 0.42) / height
        look = theme.looks[row % len(theme.looks)]
        tall = (high - 0.95) / height
        left = figure.add_axes((0.085, bottom, 0.40, tall))
        right = figure.add_axes((0.575, bottom, 0.40, tall))
        response_linear(left, responses, look)
        response_log(right, responses, look, span=span)
        amount = f"n = {several(responses.total, 'contact')}, from the {responses.since} to the contact"
        left.set_title(label(f"{shortened(responses.label, 72)}:  {amount}"), loc="left", fontsize=10.5)
    silent = [r.label for r in channels if not r.total]
    notes = [f"{several(n, 'replication')}"]
    if silent:
        notes.append(f"no contact on {shortened(', '.join(silent), 70)}")
    notes.append(left_out(len(channels) - len(silent) - len(shown)))
    heading(figure, title, "; ".join(filter(None, notes)))
    return figure


def _n(curve: Curve) -> str:
    return f"n = {several(curve.n, 'replication')}"
