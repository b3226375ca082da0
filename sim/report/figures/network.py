"""The network of a scenario: sides, their officials, and the lines on which they call each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.report.figures.layout import Layout, lay_out
from sim.report.figures.panels import heading
from sim.report.figures.survival import label_lines, wrapped
from sim.report.format import plain, several
from sim.report.style import LIGHT, Look, Theme, canvas
from sim.scenario.resolved import Line, Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OFFICIAL, BOX, GAP = 2.75, 3.7, 1.35
"""Inches across an official, across the box of a line, and between the columns."""

ROW = 0.82
"""Inches to the row of an official."""

TEXT = 0.148
"""Inches to a line of text in the box of a line."""


def network(axes: Axes, scenario: Scenario, theme: Theme = LIGHT) -> Axes:
    """Draw officials as boxes, by side, and lines as boxes between them; x and y in inches.

    An edge runs from the caller to the line's box, and an arrow from there to the one called. Lines on one channel have
    one colour and one dash.
    """
    layout, (wide, high) = lay_out(scenario, pitch=_pitch(scenario)), size(scenario)
    looks = {c.name: theme.looks[at % len(theme.looks)] for at, c in enumerate(scenario.channels)}
    for line in scenario.lines:
        _line(axes, scenario, layout, line, looks[line.channel], theme)
    _officials(axes, scenario, layout, theme)
    axes.set_xlim(-0.05, wide + 0.05)
    axes.set_ylim(high + 0.05, -0.05)
    axes.set_aspect("equal")
    axes.axis("off")
    return axes


def _officials(axes: Axes, scenario: Scenario, layout: Layout, theme: Theme) -> None:
    titles = {side.name: side.title or side.name for side in scenario.sides}
    for side, right, row in layout.headings:
        words = label_lines(wrapped(titles[side], 30, 2))
        axes.text(_middle(right), row * ROW, words, ha="center", va="center", fontsize=11, fontweight="bold")
    for official in scenario.officials:
        place = layout.officials.get(official.name)
        if place is None:
            continue
        name = plain(official.title) or official.name
        lines = wrapped(name, 32, 2)
        office = wrapped(official.office, 36, 3 - len(lines)) if official.office else []
        _box(
            axes, _middle(place.right), place.row * ROW, OFFICIAL, 0.62, theme, theme.soft, f"official {official.name}"
        )
        shown = axes.text(
            _middle(place.right), place.row * ROW, label_lines([*lines, *office]), ha="center", va="center", fontsize=9
        )
        shown.set_linespacing(1.15)


def _line(axes: Axes, scenario: Scenario, layout: Layout, line: Line, look: Look, theme: Theme) -> None:
    middle, row = OFFICIAL + GAP + BOX / 2, layout.lines[line.name] * ROW
    caller, callee = layout.officials[line.caller], layout.officials[line.callee]
    # Both ends may stand in one column: then they meet the box at different heights.
    loop = 0.09 if caller.right == callee.right else 0.0
    for end, arrow, shift in ((caller, "-", -loop), (callee, "-|>", loop)):
        sign = 1 if end.right else -1
        name = f"{'from' if arrow == '-' else 'to'} {line.name}"
        from_box = (middle + sign * BOX / 2, row + shift)
        _edge(axes, from_box, (_middle(end.right) - sign * OFFICIAL / 2, end.row * ROW + shift), arrow, look, name)
    words = _words(scenario, line)
    _box(axes, middle, row, BOX, _tall(words), theme, look.colour, f"line {line.name}", linestyle=look.dash)
    shown = axes.text(middle, row, label_lines(words), ha="center", va="center", fontsize=8.5)
    shown.set_linespacing(1.15)


def _edge(axes: Axes, start: tuple[float, float], end: tuple[float, float], arrow: str, look: Look, gid: str) -> None:
    from matplotlib.patches import FancyArrowPatch

    edge = FancyArrowPatch(
        start,
        end,
        arrowstyle=arrow,
        color=look.colour,
        linestyle=look.dash,
        linewidth=1.7,
        shrinkA=0,
        shrinkB=0 if arrow == "-" else 1,
        mutation_scale=13,
        gid=gid,
    )
    axes.add_patch(edge)


def size(scenario: Scenario) -> tuple[float, float]:
    """Width and height of the network in inches."""
    return 2 * OFFICIAL + BOX + 2 * GAP, lay_out(scenario, pitch=_pitch(scenario)).rows * ROW


def _pitch(scenario: Scenario) -> float:
    """Rows that the box of a line takes: all take as much as the one with most text."""
    return (max(_tall(_words(scenario, line)) for line in scenario.lines) + 0.16) / ROW


def _tall(words: Sequence[str]) -> float:
    return TEXT * len(words) + 0.2


def _words(scenario: Scenario, line: Line) -> list[str]:
    channel = next(one for one in scenario.channels if one.name == line.channel)
    over = f"over {_named(channel.title, channel.name)}"
    return [*wrapped(_named(line.title, line.name), 50, 3), *wrapped(over, 50, 3)]


def _named(title: str, name: str) -> str:
    title = plain(title)
    return f"{title} ({name})" if title and title != name else name


def _middle(right: bool) -> float:
    return OFFICIAL / 2 + right * (OFFICIAL + 2 * GAP + BOX)


def _box(
    axes: Axes, x: float, y: float, wide: float, high: float, theme: Theme, edge: str, gid: str, **more: Any
) -> None:
    from matplotlib.patches import FancyBboxPatch

    axes.add_patch(
        FancyBboxPatch(
            (x - wide / 2 + 0.05, y - high / 2 + 0.05),
            wide - 0.1,
            high - 0.1,
            boxstyle="round,pad=0.05,rounding_size=0.08",
            facecolor=theme.paper,
            edgecolor=edge,
            linewidth=1.3,
            gid=gid,
            **more,
        )
    )


def network_figure(title: str, scenario: Scenario, theme: Theme = LIGHT) -> Figure:
    """The whole picture."""
    layout, (wide, high) = lay_out(scenario, pitch=_pitch(scenario)), size(scenario)
    width, height = wide + 0.6, high + 0.75
    figure = canvas(width, height)
    network(figure.add_axes((0.25 / width, 0.1 / height, (wide + 0.1) / width, (high + 0.1) / height)), scenario, theme)
    idle = len(scenario.officials) - len(layout.officials)
    parts = [
        several(len(scenario.lines), "line"),
        f"over {several(len({line.channel for line in scenario.lines}), 'channel')}",
        "an arrow points to the one who is called",
    ]
    if idle:
        parts.append(f"{several(idle, 'official')} without a line not drawn")
    heading(figure, title, "; ".join([" ".join(parts[:2]), *parts[2:]]))
    return figure
