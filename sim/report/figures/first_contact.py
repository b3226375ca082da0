"""The time to first contact as a histogram, with the censored share as a bar of its own beyond the horizon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.report.figures.axes import clock_axis, share_axis, since
from sim.report.figures.data import Curve, Mark
from sim.report.figures.panels import area_sign, grid, shortened
from sim.report.figures.survival import Marks, mark_key, mark_times
from sim.report.format import duration, several, share
from sim.report.style import LIGHT, Look, Theme, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def first_contact_histogram(
    axes: Axes,
    curve: Curve,
    look: Look = LIGHT.looks[0],
    theme: Theme = LIGHT,
    *,
    marks: Sequence[Mark] = (),
    most: int = 6,
    named: bool = True,
) -> Axes:
    """Draw the share of replications per bar; the hatched bar beyond the horizon is the share without contact.

    The hatched bar is cut off, and says so by its number, where it is far higher than the others. Contacts on record
    are marked with their texts.
    """
    heights = curve.counts / curve.n
    right = curve.horizon
    axes.stairs(heights, curve.edges, fill=True, color=look.colour, gid="bars")
    highest = float(heights.max(initial=0.0))
    top = 1.18 * highest if highest else 1.0
    gap, broad = 0.03 * right, 0.06 * right
    if curve.censored:
        _censored(axes, curve.censored, (right + gap, broad), top, theme)
    # Above the bars that the words would cover.
    under = float(heights[-(-3 * len(heights) // 4) :].max(initial=0.0))
    paper = {"facecolor": theme.paper, "edgecolor": "none", "pad": 1.0}
    axes.annotate(
        f"none {share(curve.censored)}",
        (right + 2 * gap + broad, max(min(curve.censored, top), under)),
        (0, 4),
        textcoords="offset points",
        ha="right",
        fontsize=9,
        bbox=paper,
    )
    mark_times(axes, marks, (), theme)
    if marks:
        start, texts = marks[0].start, dict.fromkeys(shortened(mark.text, 40) for mark in marks)
        late = start > right / 2
        axes.annotate(
            label(", ".join(texts)),
            (start, 0.99),
            (-3 if late else 3, 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="right" if late else "left",
            va="top",
            fontsize=8.5,
            bbox=paper,
        )
    axes.axvline(right, color=theme.soft, linewidth=0.9)
    clock_axis(axes, curve.start, right, most=most, named=named)
    axes.set_xlim(0, right + 2 * gap + broad)
    axes.set_ylim(0, top * 1.2)
    share_axis(axes.yaxis, None)
    axes.locator_params(axis="y", nbins=4)
    axes.grid(visible=False, axis="x")
    if named:
        axes.set_ylabel(_beside(curve))
    return axes


def _censored(axes: Axes, censored: float, place: tuple[float, float], top: float, theme: Theme) -> None:
    """A hatched bar beyond the horizon, with a slanted gap where it is cut off below its height."""
    left, broad = place
    axes.bar(
        [left],
        [min(censored, top)],
        width=broad,
        align="edge",
        facecolor=theme.paper,
        edgecolor=theme.soft,
        hatch="////",
        gid="censored",
    )
    if censored > top:
        for shift, colour, wide in ((0.0, theme.paper, 5.0), (-0.022, theme.soft, 0.9), (0.022, theme.soft, 0.9)):
            heights = [(0.74 + shift) * top, (0.82 + shift) * top]
            axes.plot([left, left + broad], heights, color=colour, linewidth=wide, solid_capstyle="butt")


def _beside(curve: Curve) -> str:
    return f"share of replications, per bar of {duration(int(curve.edges[1] - curve.edges[0]))}"


def first_contact_figure(
    title: str, curves: Sequence[Curve], marks: Marks, theme: Theme = LIGHT, *, more: int = 0
) -> Figure:
    """A histogram of the time to first contact for each line and group, in panels; `more` are left out."""

    def draw(axes: Axes, place: int) -> None:
        most = 7 if len(curves) == 1 else 4
        found = marks.get(curves[place].label, ())
        first_contact_histogram(axes, curves[place], theme=theme, marks=found, most=most, named=False)

    hatched: Any = {"facecolor": theme.paper, "edgecolor": theme.soft, "hatch": "////", "linewidth": 1}
    recorded = any(marks.get(curve.label) for curve in curves)
    return grid(
        title,
        f"n = {several(curves[0].n, 'replication')}",
        [curve.label for curve in curves],
        draw,
        below=since(curves[0].start, curves[0].horizon),
        beside=_beside(curves[0]),
        entries=[area_sign("no contact by the end", **hatched), *mark_key(records=recorded, events=(), theme=theme)],
        more=more,
    )
