"""How long an answer takes: the response-delay histogram of a channel, on linear and on logarithmic time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.report.figures.axes import duration_axis, log_duration_axis
from sim.report.figures.data import Responses
from sim.report.format import UNITS, Unit, share, unit_for
from sim.report.style import LIGHT, Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN = 0.98
"""The linear panel ends after this share of the responses; what lies beyond is given as a number."""

NARROWEST = 1 / 200
"""Of the bars in the linear panel, as a share of it: some three pixels. The bins near 0 s are narrower, and a bar of
less than a pixel is not seen, however many of the answers it holds."""

OVER = 1.05
"""How high the axes are, of the highest bar."""


def linear_end(responses: Responses) -> int:
    """The right edge of the linear panel, in seconds: the end of the bin that completes `SHOWN` of the responses."""
    reached = int(np.searchsorted(np.cumsum(responses.counts), SHOWN * responses.total))
    return int(responses.edges[min(reached + 1, len(responses.edges) - 1)])


def linear_bars(responses: Responses) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Edges and counts of the bars in the linear panel: bins up to its end, put together where they are too narrow."""
    end = linear_end(responses)
    kept = [0]
    for place, edge in enumerate(responses.edges):
        if responses.edges[kept[-1]] + NARROWEST * end <= edge <= end:
            kept.append(place)
    last = int(np.searchsorted(responses.edges, end))
    # What is left over at the end goes to the last bar.
    kept = [*(kept[:-1] if len(kept) > 1 else kept), last]
    return responses.edges[kept], np.add.reduceat(responses.counts[:last], kept[:-1])


def _fits(shares: NDArray[np.float64], widths: NDArray[np.int64], per: Unit, most: Unit) -> bool:
    return per.seconds <= most.seconds and float(np.max(shares / widths)) * per.seconds <= 1


def response_linear(axes: Axes, responses: Responses, look: Look = LIGHT.looks[0]) -> Axes:
    """Density on linear time: the area of a bar is the share of responses in it (bins are unequally wide)."""
    edges, counts = linear_bars(responses)
    unit = unit_for(int(edges[-1]))
    widths, shares = np.diff(edges), counts / responses.total
    # A density above 100 % is no error, but reads like one: a smaller unit of time brings it down.
    per = next(smaller for smaller in reversed(UNITS) if smaller.seconds == 1 or _fits(shares, widths, smaller, unit))
    density = shares / (widths / per.seconds)
    axes.stairs(density, edges, fill=True, color=look.colour, gid="bars")
    duration_axis(axes, int(edges[-1]))
    axes.set_ylim(0, OVER * float(density.max()))
    axes.set_xlabel(f"{unit.plural} (linear)")
    axes.set_ylabel(f"share per {per.plural.removesuffix('s')}")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value * 100:.3g} %")
    axes.locator_params(axis="y", nbins=4)
    axes.grid(visible=False, axis="x")
    beyond = responses.total - int(counts.sum())
    if beyond:
        text = f"{share(beyond / responses.total)} later →"
        axes.text(0.985, 0.93, text, transform=axes.transAxes, ha="right", va="top", fontsize=9)
    return axes


def response_log(axes: Axes, responses: Responses, look: Look = LIGHT.looks[0], *, span: tuple[int, int]) -> Axes:
    """Density on logarithmic time: the share of responses for each doubling of the time, so that the area of a bar is
    the share in it although bins are unequally wide. `span` is the axis in seconds, the same for all channels.

    A bin that begins at 0 s is drawn from the axis's left end, as high as if it were a doubling wide.
    """
    low, high = max(span[0], 1), max(span[1], 2)
    lefts = np.maximum(responses.edges[:-1], low)
    rights = np.maximum(responses.edges[1:], lefts)
    # A bin [0, 1) has no width on this axis: it becomes a narrow bar at the left end rather than nothing.
    narrow = rights <= lefts
    rights = np.where(narrow, lefts * (high / low) ** 0.012, rights.astype(float))
    heights = responses.counts / responses.total / np.where(narrow, 1.0, np.log2(rights / lefts))
    axes.stairs(heights, np.append(lefts, rights[-1]), fill=True, color=look.colour, gid="bars")
    log_duration_axis(axes, low, high)
    axes.set_ylim(0, OVER * float(heights.max()))
    axes.set_xlabel("time (logarithmic)")
    axes.set_ylabel("share per doubling")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value * 100:.3g} %")
    axes.locator_params(axis="y", nbins=4)
    axes.grid(visible=False, axis="x")
    return axes
