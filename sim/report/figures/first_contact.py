"""The time to first contact as a histogram, with the censored share as a bar of its own beyond the horizon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.report.figures.axes import clock_axis
from sim.report.figures.data import Curve, Mark
from sim.report.format import share
from sim.report.style import LIGHT, Look, Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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

    The hatched bar is cut off, and says so by its number, where it is far higher than the others.
    """
    heights = curve.counts / curve.n
    right = curve.horizon
    axes.stairs(heights, curve.edges, fill=True, color=look.colour, gid="bars")
    highest = float(heights.max(initial=0.0))
    top = 1.18 * highest if highest else 1.0
    censored = curve.censored
    gap, broad = 0.03 * right, 0.06 * right
    if censored:
        axes.bar(
            [right + gap],
            [min(censored, top)],
            width=broad,
            align="edge",
            facecolor=theme.paper,
            edgecolor=theme.soft,
            hatch="////",
            gid="censored",
        )
        if censored > top:
            _break(axes, right + gap, right + gap + broad, top, theme)
    # Above the bars that the words would cover.
    under = float(heights[-(-3 * len(heights) // 4) :].max(initial=0.0))
    edge = (right + 2 * gap + broad, max(min(censored, top), under))
    paper = {"facecolor": theme.paper, "edgecolor": "none", "pad": 1.0}
    note = f"none {share(censored)}"
    axes.annotate(note, edge, (0, 4), textcoords="offset points", ha="right", fontsize=9, bbox=paper)
    for mark in marks:
        axes.axvspan(mark.start, mark.end, color=theme.record, alpha=0.18, linewidth=0)
        axes.axvline(mark.start, color=theme.record, linestyle=(0, (2, 2)), linewidth=1.1, gid="record")
    axes.axvline(right, color=theme.soft, linewidth=0.9)
    clock_axis(axes, curve.start, right, most=most, named=named)
    axes.set_xlim(0, right + 2 * gap + broad)
    axes.set_ylim(0, top * 1.2)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value * 100:.3g} %")
    axes.locator_params(axis="y", nbins=4)
    axes.grid(visible=False, axis="x")
    return axes


def _break(axes: Axes, left: float, right: float, top: float, theme: Theme) -> None:
    """A slanted gap across a bar that is cut off below its height."""
    for shift, colour, wide in ((0.0, theme.paper, 5.0), (-0.022, theme.soft, 0.9), (0.022, theme.soft, 0.9)):
        heights = [(0.74 + shift) * top, (0.82 + shift) * top]
        axes.plot([left, right], heights, color=colour, linewidth=wide, solid_capstyle="butt")
