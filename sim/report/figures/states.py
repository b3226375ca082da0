"""State of each line over time, as stacked areas: contacted, or the outcome of its last attempt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from sim.report.figures.axes import clock_axis, share_axis, since
from sim.report.figures.panels import Entry, area_sign, described, grid, traced_of
from sim.report.format import several, share
from sim.report.style import LIGHT, Theme
from sim.stats.samples import LineStates

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_REASONS = 4
"""So many reasons have a colour and hatch of their own; the rarest are added up."""

Paint = tuple[str, str]
"""A colour and a hatch."""


def paints(reasons: int, theme: Theme = LIGHT) -> list[Paint]:
    """Colour and hatch of each state, in order: contacted, answered, `reasons` reasons, not tried."""
    blue, vermilion, green, purple, orange, sky, _ = (look.colour for look in theme.looks)
    of_reasons = [(vermilion, "//"), (orange, "\\\\"), (purple, "xx"), (green, "--")]
    return [(blue, ""), (sky, ".."), *(of_reasons[at % len(of_reasons)] for at in range(reasons)), (theme.grid, "")]


def names(states: LineStates) -> list[str]:
    """What each state is called."""
    tried = [f"last attempt: {reason}" if reason else "last attempt: another reason" for reason in states.reasons]
    return ["contacted", "answered, contact to come", *tried, "not tried"]


def state_areas(
    axes: Axes,
    states: LineStates,
    line: int,
    start: datetime,
    theme: Theme = LIGHT,
    *,
    most: int = 7,
    named: bool = True,
) -> Axes:
    """Stack the shares of replications in each state of one line, contacted at the bottom.

    Between two of the instants at which the line was looked at, the share of the earlier one stands.
    """
    x = np.append(states.seconds, states.horizon)
    shares = states.counts[line] / states.replications
    tops = np.cumsum(shares, axis=0)
    below = np.zeros(len(states.seconds))
    for (colour, hatch), top in zip(paints(len(states.reasons), theme), tops, strict=True):
        area = axes.fill_between(
            x,
            np.append(below, below[-1]),
            np.append(top, top[-1]),
            step="post",
            facecolor=colour,
            edgecolor=theme.paper,
            hatch=hatch,
            linewidth=0.0,
        )
        area.set_gid("state")
        below = top
    axes.step(x, np.append(tops[0], tops[0, -1]), where="post", color=theme.ink, linewidth=1.0)
    axes.set_xlim(0, states.horizon)
    axes.set_ylim(0, 1)
    share_axis(axes.yaxis, 0.5)
    axes.grid(visible=False)
    clock_axis(axes, start, states.horizon, most=most, named=named)
    if named:
        axes.set_ylabel(f"share of {several(states.replications, 'replication')}")
    return axes


def states_key(states: LineStates, theme: Theme = LIGHT) -> list[Entry]:
    """A sample of each state that occurs, with its name."""

    seen = states.counts.sum(axis=(0, 2)) > 0
    signs = zip(paints(len(states.reasons), theme), names(states), seen, strict=True)
    return [
        area_sign(name, facecolor=colour, edgecolor=theme.paper, hatch=hatch)
        for (colour, hatch), name, occurs in signs
        if occurs
    ]


def states_figure(
    title: str, states: LineStates, labels: Sequence[str], start: datetime, n: int, theme: Theme = LIGHT
) -> Figure:
    """A panel for each line. `labels`: how a person calls the lines; `n`: replications of the whole run."""
    few = states.fewer(MOST_REASONS)
    return grid(
        title,
        traced_of(few.replications, n),
        labels,
        lambda axes, place: state_areas(axes, few, place, start, theme, most=7 if len(labels) == 1 else 4, named=False),
        below=since(start, few.horizon),
        beside="share of replications in each state",
        entries=states_key(few, theme),
    )


def describe_states(heading: str, states: LineStates, labels: Sequence[str]) -> str:
    """Say in words in what share of the replications each line is contacted, and not tried, at the end."""
    n = states.replications
    sentences = [
        f"{label}: at the end contacted in {share(int(last[0]) / n)}, not tried in {share(int(last[-1]) / n)}."
        for label, last in zip(labels, states.counts[:, :, -1], strict=True)
    ]
    return described(heading, [f"{several(n, 'replication')} traced.", *sentences])
