"""Attempts and answers of each official, as caller and as callee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.report.figures.attempts import attempts
from sim.report.figures.axes import share_axis
from sim.report.figures.panels import Entry, area_sign, described, left_out, line_sign, row_names, sheet, traced_of
from sim.report.format import decimal, several, share
from sim.report.style import LIGHT, Theme
from sim.stats.intervals import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 48
"""Of callers, and of those called."""

ROW = 0.46
"""Inches for an official with a name of two lines."""


@dataclass(frozen=True)
class OfficialRow:
    """One official as caller (`calls`) or as the one called.

    attempts, answered  means per replication
    share               answered among the attempts
    """

    label: str
    calls: bool
    attempts: float
    answered: float
    share: Estimate


def attempt_bars(axes: Axes, rows: Sequence[OfficialRow], theme: Theme = LIGHT) -> Axes:
    """A bar for each row, from the top: attempts per replication, the answered ones filled, the others hatched."""
    places = list(range(len(rows)))
    answered = [row.answered for row in rows]
    missed = [row.attempts - row.answered for row in rows]
    axes.barh(places, answered, height=0.62, color=theme.looks[0].colour, linewidth=0, gid="answered")
    hatched = [place for place in places if missed[place] > 0]
    axes.barh(
        hatched,
        [missed[place] for place in hatched],
        left=[answered[place] for place in hatched],
        height=0.62,
        facecolor=theme.paper,
        edgecolor=theme.looks[1].colour,
        hatch="////",
        linewidth=0.8,
        gid="unanswered",
    )
    axes.set_xlim(0, 1.18 * max([row.attempts for row in rows] + [0.01]))
    for place, row in zip(places, rows, strict=True):
        axes.annotate(
            decimal(row.attempts), (row.attempts, place), (4, 0), textcoords="offset points", va="center", fontsize=9
        )
    axes.set_xlabel("attempts per replication")
    axes.locator_params(axis="x", nbins=5)
    row_names(axes, [row.label for row in rows], 44)
    return axes


def answer_shares(axes: Axes, rows: Sequence[OfficialRow], theme: Theme = LIGHT) -> Axes:
    """A dot for each row, from the top: the share of attempts that were answered, with its 95 % interval."""
    for place, row in enumerate(rows):
        estimate, low, high = row.share.estimate, row.share.low, row.share.high
        if estimate is None or low is None or high is None:
            axes.text(0.02, place, "no attempt", va="center", fontsize=9)
            continue
        axes.plot([low, high], [place, place], color=theme.ink, linewidth=1.6, gid="interval")
        axes.plot([estimate], [place], "o", color=theme.looks[0].colour, markersize=6.5, clip_on=False, gid="share")
        # Beyond the interval, on the side on which there is room.
        right = high < 0.8
        axes.annotate(
            share(estimate),
            (high if right else low, place),
            (7 if right else -7, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            fontsize=9,
        )
    axes.set_xlim(0, 1)
    share_axis(axes.xaxis)
    axes.set_xlabel("answered, of the attempts")
    row_names(axes, [row.label for row in rows], 44)
    return axes


def officials_figure(
    title: str, rows: Sequence[OfficialRow], replications: int, n: int, theme: Theme = LIGHT
) -> Figure:
    """Callers above, those called below; counts at the left, shares at the right.

    replications  that were traced, of `n`
    """
    both = ([row for row in rows if row.calls], [row for row in rows if not row.calls])
    parts = [part[:MOST_ROWS] for part in both if part]
    note = "; ".join(filter(None, [traced_of(replications, n), left_out(len(rows) - sum(len(part) for part in parts))]))
    tall = [ROW * len(part) + 0.95 for part in parts]
    figure, body = sheet(title, note, 11.4, sum(tall), officials_key(theme))
    every = body.subplots(len(parts), 2, squeeze=False, height_ratios=tall, width_ratios=(1.2, 1))
    for (left, right), part in zip(every, parts, strict=True):
        attempt_bars(left, part, theme)
        answer_shares(right, part, theme)
        right.tick_params(axis="y", labelleft=False)
        words = "by the official who calls" if part[0].calls else "by the official who is called"
        left.set_title(words, loc="left", fontsize=10.5, fontweight="bold")
    return figure


def officials_key(theme: Theme = LIGHT) -> list[Entry]:
    """What bars and dots mean."""

    return [
        area_sign("answered", color=theme.looks[0].colour),
        area_sign("unanswered", facecolor=theme.paper, edgecolor=theme.looks[1].colour, hatch="////", linewidth=1),
        line_sign("share with 95 % interval", color=theme.ink, marker="o", markerfacecolor=theme.looks[0].colour),
    ]


def describe_officials(heading: str, rows: Sequence[OfficialRow], n: int) -> str:
    """Say in words how many attempts each official made, or was called in, and how many were answered."""
    sentences = [
        f"{row.label} {'made' if row.calls else 'was tried in'} {attempts(row.attempts)} per replication, "
        f"{decimal(row.answered)} of them answered."
        for row in rows
    ]
    return described(heading, [f"{several(n, 'replication')} traced.", *sentences])
