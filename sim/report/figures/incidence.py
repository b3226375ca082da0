"""Cumulative incidence of the first contact of all, by the channel or side that made it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.report.figures.axes import clock_axis, share_axis
from sim.report.figures.data import IncidenceCurve
from sim.report.figures.panels import (
    MOST_SENTENCES,
    NAME_WIDTH,
    band_sign,
    block_inches,
    described,
    lay_out,
    name_ends,
    sheet,
    wrapped,
)
from sim.report.format import count, listing, several, share
from sim.report.style import LIGHT, Look, Theme, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def incidence_curve(axes: Axes, cause: IncidenceCurve, look: Look = LIGHT.looks[0], *, shade: float = 0.2) -> Axes:
    """Draw one cause with its pointwise 95 % band; x in seconds since the start, y the share in which it was first.

    Between two corners the curve is flat: a step up stands at the end of the bin in which the contacts fell. `shade` is
    how opaque the band is.
    """
    x = np.concatenate([[0], cause.ends])

    def steps(values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values from second 0 on, where none has happened."""
        return np.concatenate([[0.0], values])

    axes.fill_between(x, steps(cause.low), steps(cause.high), step="post", color=look.colour, alpha=shade, linewidth=0)
    (line,) = axes.plot(
        x, steps(cause.incidence), drawstyle="steps-post", color=look.colour, linestyle=look.dash, clip_on=False
    )
    line.set_gid(f"incidence {cause.label}")
    axes.plot([cause.horizon], [cause.share], look.marker, color=look.colour, markersize=6, clip_on=False, zorder=4)
    return axes


def incidence(axes: Axes, causes: Sequence[IncidenceCurve], theme: Theme = LIGHT) -> Axes:
    """Draw the causes that come first most often, as many as there are looks."""
    shown = leading(causes, len(theme.looks))
    for cause, look in zip(shown, theme.looks, strict=False):
        # Bands of many curves would cover each other.
        incidence_curve(axes, cause, look, shade=0.2 if len(shown) <= 3 else 0.08)
    first = shown[0]
    axes.set_xlim(0, first.horizon)
    axes.set_ylim(0, 1)
    share_axis(axes.yaxis)
    axes.set_ylabel(f"was first so far\n(share of {count(first.n)} replications)")
    clock_axis(axes, first.start, first.horizon)
    return axes


def leading(causes: Sequence[IncidenceCurve], most: int) -> list[IncidenceCurve]:
    """The `most` causes with the largest shares, in their own order."""
    kept = sorted(range(len(causes)), key=lambda at: (-causes[at].share, at))[:most]
    return [causes[at] for at in sorted(kept)]


def incidence_figure(title: str, kinds: Sequence[tuple[str, Sequence[IncidenceCurve]]], theme: Theme = LIGHT) -> Figure:
    """One axes for each kind of cause, such as ``channel`` and ``side``, one below the other.

    kinds  what each is called in the singular, and its causes (at least one), which exclude each other
    """
    shown = [(kind, causes, leading(causes, len(theme.looks))) for kind, causes in kinds]
    tall = [max(2.4, sum(block_inches(_block(cause)) for cause in some)) + 1.1 for _, _, some in shown]
    first = shown[0][1]
    nobody = max(0.0, 1 - sum(cause.contacts for cause in first) / first[0].n)
    note = f"n = {several(first[0].n, 'replication')}; no contact at all: {share(nobody)}"
    figure, body = sheet(title, note, 10.8, sum(tall), [band_sign(theme)])
    every = body.subplots(len(shown), 1, squeeze=False, height_ratios=tall).ravel()
    for axes, (kind, causes, some) in zip(every, shown, strict=True):
        incidence(axes, causes, theme)
        axes.set_title(label(_subtitle(kind, causes, some)), loc="left", fontsize=10.5)
    lay_out(figure)
    for axes, (_, _, some) in zip(every, shown, strict=True):
        name_ends(axes, [cause.share for cause in some], [_block(cause) for cause in some], theme.looks)
    return figure


def _subtitle(kind: str, causes: Sequence[IncidenceCurve], shown: Sequence[IncidenceCurve]) -> str:
    words = f"by {kind}" + (" of the caller" if kind == "side" else "")
    if len(causes) == len(shown):
        return words
    rest = (sum(cause.contacts for cause in causes) - sum(cause.contacts for cause in shown)) / causes[0].n
    return f"{words}; {len(causes) - len(shown)} more were first in {share(rest)}"


def _block(cause: IncidenceCurve) -> list[str]:
    return [*wrapped(cause.label, NAME_WIDTH, 3), f"first in {share(cause.share)}"]


def describe_causes(heading: str, kinds: Sequence[tuple[str, Sequence[IncidenceCurve]]]) -> str:
    """Say in words in what share of the replications each channel and side was first."""
    sentences = [
        f"By {kind}: {listing([f'{cause.label} first in {share(cause.share)}' for cause in causes[:MOST_SENTENCES]])}."
        for kind, causes in kinds
    ]
    return described(heading, [f"{several(kinds[0][1][0].n, 'replication')}.", *sentences])
