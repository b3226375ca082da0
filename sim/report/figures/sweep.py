"""Sweeps: outcomes along one axis as curves with bands, over two as a heat map with contours."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.report.figures.axes import duration_axis, share_axis
from sim.report.figures.panels import Entry, band_sign, label_lines, line_sign, sheet, shortened, wrapped
from sim.report.format import MONTHS, decimal, several, unit_for
from sim.report.outcomes import column_name, outcome_words, path_name
from sim.report.style import LIGHT, Look, Theme, label
from sim.report.sweep import value_words
from sim.stats.outcomes import Axis, Outcome, StudySpec, Sweep

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = "cividis"
"""Made for eyes that tell fewer colours apart, and even in grey; light is good: likely contact, a short wait.

Source: J. R. Nuñez, C. R. Anderton and R. S. Renslow, PLOS ONE 13 (2018) e0199239."""

MOST_TICKS = 8
ACROSS, UP = 46, 30
"""Characters that have room along the axes of one of two pictures side by side."""


def swept(axes: Axes, found: Sweep, outcome: Outcome, theme: Theme = LIGHT) -> Axes:
    """One outcome, as a curve along one axis of values or as a heat map over two."""
    if len(found.axes) == 2:
        return heat_map(axes, found, outcome)
    return curves(axes, found, [outcome], theme)


def curves(axes: Axes, found: Sweep, outcomes: Sequence[Outcome], theme: Theme = LIGHT) -> Axes:
    """Outcomes of one kind along the axis of values, each with its pointwise 95 % band."""
    axis = found.axes[0]
    lows, highs = [], []
    for outcome, look in zip(outcomes, theme.looks, strict=False):
        low, high = curve(axes, found, outcome, look)
        lows.append(low)
        highs.append(high)
    top = max(highs)
    if outcomes[0].is_wait:
        # A wait is seen against none, not against the shortest one tried.
        duration_axis(axes.yaxis, 0.0, max(top, 1.0), most=5, write=decimal)
        axes.set_ylim(0, 1.04 * max(top, 1.0))
    else:
        share_axis(axes.yaxis, None)
        room = max(0.04 * (top - min(lows)), 0.001)
        axes.set_ylim(max(0.0, min(lows) - room), min(1.0, top + room))
    value_axis(axes, axis, found.spec)
    own = found.own[0]
    if own is not None:
        axes.axvline(_shown(axis, own[1]), color=theme.record, linestyle=(0, (2, 2)), linewidth=1.1, gid="file")
    return axes


def curve(axes: Axes, found: Sweep, outcome: Outcome, look: Look) -> tuple[float, float]:
    """One outcome with its band; the lowest and the highest end of it."""
    axis = found.axes[0]
    x = np.array([_shown(axis, place) for place in axis.places])
    rows = [point.results[outcome].estimate for point in found.points]
    middle, low, high = (
        np.array([getattr(one, name) for one in rows], np.float64) for name in ("estimate", "low", "high")
    )
    name = label(column_name(outcome.column, found.spec))
    style: dict[str, Any] = {"color": look.colour, "marker": look.marker, "markersize": 5, "label": name}
    if axis.kind == "text":
        axes.errorbar(x, middle, [middle - low, high - middle], linestyle="none", capsize=3, **style)
    else:
        axes.fill_between(x, low, high, color=look.colour, alpha=0.2, linewidth=0)
        axes.plot(x, middle, linestyle=look.dash, gid=f"curve {outcome.column}", **style)
    return float(low.min()), float(high.max())


def heat_map(axes: Axes, found: Sweep, outcome: Outcome) -> Axes:
    """The first path along x, the second along y; cells are coloured and contours run at round values."""
    from matplotlib.ticker import FixedLocator, MaxNLocator, ScalarFormatter

    across, up = found.axes
    shape = len(across.values), len(up.values)
    values = np.array([point.results[outcome].estimate.estimate for point in found.points], np.float64)
    grid = values.reshape(shape).T
    scale = unit_for(float(grid.max())).seconds if outcome.is_wait else 0.01
    x, y = (np.array([_shown(axis, place) for place in axis.places]) for axis in (across, up))
    shown = grid / scale
    flat = bool(np.ptp(shown) < 1e-9)
    colours = f"{COLOURS}_r" if outcome.is_wait else COLOURS
    image = axes.pcolormesh(_edges(x), _edges(y), shown, cmap=colours, shading="flat", rasterized=True)
    if not flat and min(shown.shape) > 1:
        _contours(axes, x, y, shown)
    value_axis(axes, across, found.spec, ends=_edges(x))
    value_axis(axes, up, found.spec, side="y", ends=_edges(y))
    unit = unit_for(float(grid.max())).plural if outcome.is_wait else "%"
    bar = axes.figure.colorbar(image, ax=axes, pad=0.03)
    bar.set_label(unit)
    bar.formatter = ScalarFormatter(useOffset=False)
    bar.locator = FixedLocator([float(shown.max())]) if flat else MaxNLocator(6)
    bar.update_ticks()
    bar.outline.set_visible(False)
    axes.grid(visible=False)
    if all(own is not None for own in found.own):
        own_x, own_y = (_shown(axis, own[1]) for axis, own in zip(found.axes, found.own, strict=True) if own)
        axes.plot([own_x], [own_y], "P", color="white", markeredgecolor="black", markersize=11, gid="file", zorder=5)
    return axes


def _contours(axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64], grid: NDArray[np.float64]) -> None:
    """White lines at round values, with dark rims: white alone is not seen on the light end of the colours."""
    from matplotlib.patheffects import withStroke

    drawn = axes.contour(x, y, grid, levels=5, colors="white", linewidths=1.4)
    texts = axes.clabel(drawn, fontsize=9, fmt="%.4g")
    drawn.set_path_effects([withStroke(linewidth=2.6, foreground="black")])
    for one in texts:
        one.set_path_effects([withStroke(linewidth=2.2, foreground="black")])


def value_axis(
    axes: Axes, axis: Axis, asked: StudySpec, *, side: str = "x", ends: NDArray[np.float64] | None = None
) -> None:
    """Label an axis of values: those that were tried, as many as there is room for."""
    places = np.array([_shown(axis, place) for place in axis.places])
    step = -(-len(places) // MOST_TICKS)
    chosen = list(range(0, len(places), step))
    low, high = (places[0], places[-1]) if ends is None else (ends[0], ends[-1])
    room = 0.0 if ends is not None else 0.03 * (high - low)
    words = path_name(axis.path, asked) + (" (logarithmic)" if axis.log else "")
    name = label_lines(wrapped(words, ACROSS if side == "x" else UP, 3))
    if side == "x":
        width = ACROSS // len(chosen)
        axes.set_xticks(places[chosen], [_broken(_tick(axis, at), width) for at in chosen])
        axes.set_xlim(low - room, high + room)
        axes.set_xlabel(name)
    else:
        axes.set_yticks(places[chosen], [label(shortened(_tick(axis, at), 18)) for at in chosen])
        axes.set_ylim(low - room, high + room)
        axes.set_ylabel(name)


def _broken(words: str, width: int) -> str:
    """At most three lines of about so many characters."""
    lines = textwrap.wrap(words, max(width, 5)) if len(words) > width else [words]
    return "\n".join(label(shortened(line, max(width, 5))) for line in lines[:3])


def _tick(axis: Axis, at: int) -> str:
    if axis.kind == "date":
        moment = datetime.fromtimestamp(axis.places[at], UTC)
        return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"
    return f"{axis.places[at]:.4g}" if axis.kind == "number" else value_words(axis, at)


def _shown(axis: Axis, place: float) -> float:
    """Where a place stands in the picture: by ratio on a logarithmic axis."""
    return float(np.log(place)) if axis.log and place > 0 else float(place)


def _edges(middles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Edges of cells around their middles."""
    between = (middles[1:] + middles[:-1]) / 2
    edges: NDArray[np.float64] = np.concatenate(
        [[2 * middles[0] - between[0]], between, [2 * middles[-1] - between[-1]]]
    )
    return edges


def sweep_figure(found: Sweep, theme: Theme = LIGHT) -> Figure:
    """Contact by the time asked for, and the mean wait, side by side: of all columns along one axis of values (at most
    seven), of the first column over two."""
    columns = found.columns[: len(theme.looks)]
    two, in_file = len(found.axes) == 2, all(own is not None for own in found.own)
    whose = f"{column_name(columns[0], found.spec)}; " if two or len(columns) == 1 else ""
    note = f"{whose}n = {several(found.spec.replications, 'replication')} at each point, the same ones"
    agreed = any(one.estimate.estimate in (0, 1) for point in found.points for one in point.results.values())
    if not two and agreed and found.spec.unit > 1:
        note += "; at 0 and 100 % all replications agree, and the band is that of as many as there are blocks"
    paths = " and of ".join(path_name(axis.path, found.spec) for axis in found.axes)
    title = f"Sweep of {paths}: {found.spec.title}"
    entries = _entries(found, columns, theme, two=two, in_file=in_file)
    figure, body = sheet(title, note, 10.8, 4.2, entries)
    for at, axes in enumerate(body.subplots(1, 2)):
        outcome = found.outcomes(columns[0])[at]
        if two:
            heat_map(axes, found, outcome)
        else:
            curves(axes, found, [found.outcomes(column)[at] for column in columns], theme)
        axes.set_title(label(_heading(outcome_words(outcome, found.spec))), loc="left", fontsize=10.5)
    return figure


def _entries(found: Sweep, columns: Sequence[str], theme: Theme, *, two: bool, in_file: bool) -> list[Entry]:

    if two:
        cross: Any = {"marker": "P", "color": "white", "markeredgecolor": "black", "markersize": 9, "linestyle": ""}
        return [line_sign("as in the file", **cross)] if in_file else []
    entries: list[Entry] = []
    for column, look in zip(columns, theme.looks, strict=False):
        line: Any = {"color": look.colour, "linestyle": look.dash, "marker": look.marker, "markersize": 5}
        entries.append(line_sign(column_name(column, found.spec), **line))
    entries.append(band_sign(theme))
    if in_file:
        entries.append(line_sign("as in the file", color=theme.record, linestyle=(0, (2, 2)), linewidth=1.1))
    return entries


def _heading(words: str) -> str:
    return words[0].upper() + words[1:]


def describe_sweep(found: Sweep) -> str:
    """The figure in words."""
    from sim.report.sweep import sentences

    return " ".join([f"{found.spec.title}.", *sentences(found)])
