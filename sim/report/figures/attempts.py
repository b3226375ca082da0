"""How many attempts it took: a histogram for each line of the attempts from a request's beginning to its contact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.report.figures.data import AttemptsNeeded
from sim.report.figures.panels import grid
from sim.report.format import count, decimal, several, share
from sim.report.style import LIGHT, Look, Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def attempts_histogram(
    axes: Axes, needed: AttemptsNeeded, look: Look = LIGHT.looks[0], theme: Theme = LIGHT, *, named: bool = True
) -> Axes:
    """Draw the share of requests per bar among those with a contact; a dashed line marks the median."""
    edges, total = needed.edges, needed.contacts
    words = [several(total, "contact"), f"of {several(needed.begun, 'request')}"]
    if sum(map(len, words)) < 30:
        words = [" ".join(words)]
    if total:
        # A bar of one number stands over it; one of several reaches from the first to the last of them.
        heights = needed.counts / total
        axes.stairs(heights, edges - 0.5, fill=True, color=look.colour, gid="bars")
        highest = float(heights.max())
        axes.set_xlim(0.5, max(float(edges[-1]), 4.0) - 0.5)
        if needed.median is not None:
            if needed.median <= edges[-1] - 0.5:
                axes.vlines(
                    needed.median,
                    0,
                    1.04 * highest,
                    color=theme.ink,
                    linestyle=(0, (2, 2)),
                    linewidth=1.1,
                    gid="median",
                )
            words.append(f"median {decimal(needed.median)}")
        if needed.beyond:
            words.append(f"{share(needed.beyond / total)} more than {count(int(edges[-1]) - 1)} →")
        # The words stand above the bars: a line of them takes an eighth of the axes of a small panel.
        axes.set_ylim(0, highest / (0.95 - 0.125 * len(words)))
        axes.set_yticks([tick for tick in _ticks(highest) if tick <= highest])
    else:
        axes.set_xlim(0.5, 3.5)
        axes.set_ylim(0, 1)
        axes.locator_params(axis="y", nbins=4)
    axes.text(0.985, 0.98, "\n".join(words), transform=axes.transAxes, ha="right", va="top", fontsize=9)
    axes.locator_params(axis="x", nbins=6, integer=True, steps=[1, 2, 5, 10])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value * 100:.3g} %")
    axes.grid(visible=False, axis="x")
    if named:
        axes.set_xlabel("attempts to the contact, in one request")
        axes.set_ylabel(f"share of {several(total, 'contact')}")
    return axes


def _ticks(highest: float) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    return [float(tick) for tick in MaxNLocator(nbins=4).tick_values(0, highest)]


def attempts_figure(title: str, needed: Sequence[AttemptsNeeded], theme: Theme = LIGHT, *, more: int = 0) -> Figure:
    """A panel for each line; `more` are left out."""
    look = theme.looks[0]
    note = f"n = {several(needed[0].n, 'replication')}; share of the requests that ended with a contact; dashed: median"
    names = [one.label for one in needed]
    return grid(
        title,
        note,
        names,
        lambda axes, place: attempts_histogram(axes, needed[place], look, theme, named=False),
        below="attempts to the contact, in one request",
        shared=False,
        more=more,
    )
