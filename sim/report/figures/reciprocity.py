"""Reciprocity: the share of contacts that each side began, over all channels and on each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.report.figures.axes import share_axis
from sim.report.figures.panels import Entry, described, left_out, line_sign, row_names, sheet, traced_of
from sim.report.format import listing, several, share
from sim.report.style import LIGHT, Theme
from sim.stats.intervals import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 49


@dataclass(frozen=True)
class InitiativeRow:
    """Who began the `contacts` of a channel: for each side that calls on it the share, by the side's name."""

    label: str
    contacts: int
    shares: Mapping[str, Estimate]


def initiative_dots(axes: Axes, rows: Sequence[InitiativeRow], sides: Sequence[str], theme: Theme = LIGHT) -> Axes:
    """A row for each channel, from the top, with a dot and a 95 % interval for each side that calls on it.

    sides  names in order, which gives them their looks. A share that is known has a dot without interval.
    """
    for place, row in enumerate(rows):
        axes.plot([0, 1], [place, place], color=theme.grid, linewidth=0.8, zorder=1)
        for at, (side, found) in enumerate(row.shares.items()):
            look = theme.looks[sides.index(side) % len(theme.looks)]
            if found.estimate is None or found.low is None or found.high is None:
                continue
            high = place + (at - (len(row.shares) - 1) / 2) * 0.5 / max(len(row.shares), 2)
            axes.plot([found.low, found.high], [high, high], color=look.colour, linewidth=2.2, gid=f"interval {side}")
            axes.plot(
                [found.estimate],
                [high],
                look.marker,
                color=look.colour,
                markersize=7,
                clip_on=False,
                zorder=4,
                gid=f"share {side}",
            )
        axes.annotate(
            _words(row), (1, place), (12, 0), textcoords="offset points", va="center", fontsize=9, annotation_clip=False
        )
    axes.set_xlim(0, 1)
    share_axis(axes.xaxis)
    axes.set_xlabel("share of the contacts that the side began")
    row_names(axes, [row.label for row in rows], 40)
    return axes


def _words(row: InitiativeRow) -> str:
    if not row.contacts:
        return "no contact"
    amount = several(row.contacts, "contact")
    first = next(iter(row.shares.values())).estimate
    return f"{amount}; {share(first)} : {share(1 - first)}" if len(row.shares) == 2 and first is not None else amount


def reciprocity_figure(
    title: str,
    rows: Sequence[InitiativeRow],
    sides: Mapping[str, str],
    replications: int,
    n: int,
    theme: Theme = LIGHT,
) -> Figure:
    """All contacts in the first row, then each channel on which more than one side calls.

    sides  name to what a person calls it, in order
    """
    both = [row for row in rows if len(row.shares) > 1]
    shown, alone = both[:MOST_ROWS], [row.label for row in rows if len(row.shares) == 1]
    notes = [
        traced_of(replications, n),
        "bars: 95 % interval",
        f"only one side calls on {listing(alone)}" if alone else "",
        left_out(len(both) - len(shown)),
    ]
    note = "; ".join(filter(None, notes))
    figure, body = sheet(title, note, 11.4, 0.5 * len(shown) + 0.8, initiative_key(sides, theme))
    initiative_dots(body.subplots(), shown, list(sides), theme)
    return figure


def initiative_key(sides: Mapping[str, str], theme: Theme = LIGHT) -> list[Entry]:
    """The marker of each side."""

    looks = [theme.looks[at % len(theme.looks)] for at in range(len(sides))]
    return [
        line_sign(f"begun by {name}", color=look.colour, marker=look.marker, markersize=7)
        for look, name in zip(looks, sides.values(), strict=True)
    ]


def describe_initiative(heading: str, rows: Sequence[InitiativeRow], sides: Mapping[str, str], n: int) -> str:
    """Say in words which side began what share of all contacts, and of those on each channel."""
    sentences = []
    for row in rows:
        begun = [
            f"{share(found.estimate)} begun by {sides[side]}"
            for side, found in row.shares.items()
            if found.estimate is not None
        ]
        sentences.append(f"{row.label}: {several(row.contacts, 'contact')}{', ' if begun else ''}{listing(begun)}.")
    return described(heading, [f"{several(n, 'replication')} traced.", *sentences])
