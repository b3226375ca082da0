"""Response-delay histogram of each channel: times from the attempt, or the event, to the contact.

Bars are equally wide: on linear time where the times are of one order of magnitude, else on logarithmic time. The
height of a bar is the share of the contacts in it, so that a delay that is always the same is one bar of 100 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.report.figures.axes import duration_axis, log_duration_axis, round_step, share_axis
from sim.report.figures.data import Responses
from sim.report.figures.panels import described, grid, left_out, sheet, shortened
from sim.report.format import decimal, duration, several, share
from sim.report.style import LIGHT, Look, Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_CHANNELS = 16

SHOWN = 0.98
"""A linear panel ends after this share of the responses; what lies beyond is given as a number."""

ONE_ORDER = 24
"""Times of which the 98th percentile is at most so many times the 2nd stand on a linear axis."""

BARS = 40
"""Bars of a panel, at most."""

AT_ONCE = 0.5
"""The second on a logarithmic axis, where there is no 0, of contacts in the second of the attempt."""


def is_linear(responses: Responses) -> bool:
    """Whether the times are of one order of magnitude."""
    low, high = _reached(responses, 1 - SHOWN), _reached(responses, SHOWN)
    return high <= ONE_ORDER * low or high < BARS


def _reached(responses: Responses, share: float) -> int:
    """The earliest second by which a share of the responses was there."""
    return int(responses.seconds[np.searchsorted(np.cumsum(responses.counts), share * responses.total)])


def linear_bars(responses: Responses) -> NDArray[np.float64]:
    """Edges of bars from 0 s to the end of the panel: of a round width, or a second."""
    end = _reached(responses, SHOWN)
    width = max(1.0, round_step(end / (BARS - 1)))
    edges: NDArray[np.float64] = width * np.arange(math.floor(end / width) + 2, dtype=np.float64)
    return edges


def log_bars(responses: Responses) -> tuple[NDArray[np.float64], int]:
    """Edges of bars that begin with the data, equally wide on a logarithmic axis, and how many make a doubling."""
    low, high = (max(float(end), AT_ONCE) for end in (responses.seconds[0], responses.seconds[-1]))
    doublings = math.log2(high / low)
    each = next((each for each in (4, 2) if each * doublings < BARS - 1), 1)
    edges = low * 2.0 ** (np.arange(math.floor(each * doublings) + 2) / each)
    return edges, each


def response_delay_histogram(
    axes: Axes, responses: Responses, look: Look = LIGHT.looks[0], *, linear: bool | None = None
) -> Axes:
    """Draw the share of the contacts in each bar; x in seconds from the attempt, or the event, to the contact.

    linear  the kind of axis; `is_linear` says it unless given
    """
    linear = is_linear(responses) if linear is None else linear
    edges, each = (linear_bars(responses), 0) if linear else log_bars(responses)
    seconds = responses.seconds if linear else np.maximum(responses.seconds, AT_ONCE)
    # An edge that rounding puts a hair above the number that made it must not lose it to the bar before.
    places = np.searchsorted(edges * (1 - 1e-12), seconds, side="right") - 1
    inside = places < len(edges) - 1
    shares = np.bincount(places[inside], responses.counts[inside], len(edges) - 1) / responses.total
    axes.stairs(shares, edges, fill=True, color=look.colour, gid="bars")
    axes.set_xlim(float(edges[0]), float(edges[-1]))
    if linear:
        duration_axis(axes.xaxis, 0, float(edges[-1]), write=decimal)
        unit, wide = axes.get_xlabel(), f"bars of {duration(float(edges[1] - edges[0]))}"
    else:
        axes.set_xscale("log", base=2)
        log_duration_axis(axes.xaxis, most=7)
        unit, wide = "logarithmic", f"{ {1: 'one bar', 2: 'two bars', 4: 'four bars'}[each] } to a doubling"
    axes.set_xlabel(f"from the {FROM[responses.since]} to the contact\n({unit}; {wide})")
    axes.set_ylim(0, 1.05 * float(shares.max()))
    axes.set_ylabel("share of contacts")
    share_axis(axes.yaxis, None)
    axes.locator_params(axis="y", nbins=4)
    axes.grid(visible=False, axis="x")
    beyond = 1 - responses.counts[inside].sum() / responses.total
    if beyond > 0:
        axes.text(0.985, 0.95, f"{share(beyond)} later →", transform=axes.transAxes, ha="right", va="top", fontsize=9)
    return axes


FROM = {"attempt": "attempt", "occurrence": "event"}
"""What a person calls that from which a response time is counted."""


def response_delay_figure(title: str, channels: Sequence[Responses], n: int, theme: Theme = LIGHT) -> Figure:
    """A panel for each channel with a contact."""
    shown = [responses for responses in channels if responses.total]
    if not shown:
        figure, body = sheet(title, f"n = {several(n, 'replication')}", 9.0, 1.6)
        body.text(0.5, 0.5, f"no contact by the end in {several(n, 'replication')}", ha="center", va="center")
        return figure
    silent = [responses.label for responses in channels if not responses.total]
    notes = [
        f"n = {several(n, 'replication')}",
        f"no contact on {shortened(', '.join(silent), 200)}" if silent else "",
        left_out(len(shown) - MOST_CHANNELS) if len(shown) > MOST_CHANNELS else "",
    ]
    shown = shown[:MOST_CHANNELS]
    return grid(
        title,
        "; ".join(filter(None, notes)),
        [f"{responses.label}: {several(responses.total, 'contact')}" for responses in shown],
        lambda axes, place: response_delay_histogram(axes, shown[place], theme.looks[0]),
        below="",
        shared=False,
    )


def describe_responses(heading: str, channels: Sequence[Responses]) -> str:
    """Say in words how many contacts each channel had, and how long after the answered attempt."""
    parts = []
    for one in channels:
        if one.total:
            span = f"between {duration(int(one.seconds[0]))} and {duration(int(one.seconds[-1]))}"
            amount = several(one.total, "contact")
            parts.append(f"{one.label}: {amount}, {span} from the {FROM[one.since]} to the contact.")
        else:
            parts.append(f"{one.label}: no contact.")
    return described(heading, parts)
