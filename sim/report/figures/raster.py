"""Raster of replications: a row for each, sorted by the first contact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.engines.contract import NEVER
from sim.report.figures.axes import clock_axis
from sim.report.figures.panels import Entry, described, line_sign, sheet, traced_of
from sim.report.format import count, several, share
from sim.report.style import LIGHT, Look, Theme
from sim.stats.samples import FirstContactRows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def raster_first_contacts(
    axes: Axes, rows: FirstContactRows, start: datetime, horizon: int, theme: Theme = LIGHT, *, most: int = 7
) -> Axes:
    """Mark the first contact of each line, from the replication with the earliest one at the top to those without.

    Lines past the number of looks share a small dot; `marked_lines` says which ones have their own.
    """
    own = marked_lines(rows, len(theme.looks))
    places = np.arange(len(rows.replications))
    size = _size(len(places))
    for line in range(len(rows.lines)):
        if line not in own:
            _marks(axes, rows, line, places, Look(theme.soft, (0, None), ".", ""), 0.7 * size)
    for line, look in zip(own, theme.looks, strict=False):
        _marks(axes, rows, line, places, look, size)
    return _frame(axes, len(places), start, horizon, most)


def marked_lines(rows: FirstContactRows, most: int) -> list[int]:
    """Indices of the lines with a marker of their own: those with most contacts, in order of declaration."""
    contacts = (rows.first != NEVER).sum(axis=0)
    return sorted(sorted(range(len(rows.lines)), key=lambda at: (-contacts[at], at))[:most])


def _marks(axes: Axes, rows: FirstContactRows, line: int, places: np.ndarray, look: Look, size: float) -> None:
    happened = rows.first[:, line] != NEVER
    axes.plot(
        rows.first[happened, line],
        places[happened],
        linestyle="",
        marker=look.marker,
        color=look.colour,
        markeredgewidth=0,
        markersize=size,
        clip_on=False,
        gid=f"first contact {rows.lines[line]}",
    )


def _size(rows: int) -> float:
    """Points for a marker such that rows do not hide each other."""
    return float(np.clip(900 / max(rows, 1), 3.6, 7.0))


def _frame(axes: Axes, rows: int, start: datetime, horizon: int, most: int) -> Axes:
    axes.set_xlim(0, horizon)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_ylabel(f"{several(rows, 'replication')},\nearliest at the top")
    axes.set_yticks([])
    clock_axis(axes, start, horizon, most=most)
    axes.grid(visible=False, axis="y")
    return axes


def raster_figure(
    title: str,
    rows: FirstContactRows,
    labels: Sequence[str],
    start: datetime,
    horizon: int,
    n: int,
    theme: Theme = LIGHT,
) -> Figure:
    """First contacts of all lines. `labels`: how a person calls them; `n`: replications of the whole run."""
    shown = len(rows.replications)
    silent = float((rows.first == NEVER).all(axis=1).mean()) if shown else 1.0
    note = f"{traced_of(shown, n)}; a row for each; no contact on any line: {share(silent)}"
    tall = float(np.clip(0.035 * shown, 2.4, 5.6)) + 0.9
    figure, body = sheet(title, note, 12.4, tall, raster_key(rows, labels, theme))
    raster_first_contacts(body.subplots(), rows, start, horizon, theme)
    return figure


def raster_key(rows: FirstContactRows, labels: Sequence[str], theme: Theme = LIGHT) -> list[Entry]:
    """The marker of each line, with the share of the rows in which it had contact."""
    own = marked_lines(rows, len(theme.looks))
    contacts = (rows.first != NEVER).sum(axis=0)
    entries: list[Entry] = []
    for line, look in zip(own, theme.looks, strict=False):
        reached = share(int(contacts[line]) / len(rows.first)) if len(rows.first) else "none"
        mark: Any = {"linestyle": "", "marker": look.marker, "color": look.colour, "markersize": 6}
        entries.append(line_sign(f"{labels[line]}: {reached}", **mark))
    if len(own) < len(rows.lines):
        rest = f"{len(rows.lines) - len(own)} other lines"
        entries.append(line_sign(rest, linestyle="", marker=".", color=theme.soft, markersize=6))
    return entries


def describe_rows(heading: str, rows: FirstContactRows, labels: Sequence[str]) -> str:
    """Say in words in how many of the replications each line had contact."""
    contacts = (rows.first != NEVER).sum(axis=0)
    sentences = [f"{label}: contact in {count(int(some))}." for label, some in zip(labels, contacts, strict=True)]
    return described(heading, [f"{several(len(rows.replications), 'replication')} traced, one row each.", *sentences])
