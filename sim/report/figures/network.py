"""The network of a scenario: sides, their officials, and the lines on which they call each other."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report.figures.panels import described, label_lines, sheet, wrapped
from sim.report.format import plain, several
from sim.report.style import LIGHT, Look, Theme, context, save
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


def _officials(axes: Axes, scenario: Scenario, layout: NetworkLayout, theme: Theme) -> None:
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


def _line(axes: Axes, scenario: Scenario, layout: NetworkLayout, line: Line, look: Look, theme: Theme) -> None:
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
    idle = len(scenario.officials) - len(layout.officials)
    lines, channels = len(scenario.lines), len({line.channel for line in scenario.lines})
    parts = [
        f"{several(lines, 'line')} over {several(channels, 'channel')}",
        "an arrow points to the one who is called",
        f"{several(idle, 'official')} without a line not drawn" if idle else "",
    ]
    figure, body = sheet(title, "; ".join(filter(None, parts)), wide + 0.5, high + 0.3)
    network(body.subplots(), scenario, theme)
    return figure


def draw_network(scenario: Scenario, file: Path, theme: Theme = LIGHT) -> None:
    """Draw who calls whom over what into a PNG or SVG, with its description inside. Raises as `draw_timeline` does."""
    title = plain(scenario.title)
    words = describe_network(f"Who calls whom: {title}", scenario)
    with context(theme):
        save(network_figure(title, scenario, theme), file, words)


def describe_network(heading: str, scenario: Scenario) -> str:
    """Say in words who calls whom over what."""
    named = {one.name: plain(one.title) or one.name for one in scenario.officials}
    channels = {one.name: plain(one.title) or one.name for one in scenario.channels}
    words = [
        f"{named[line.caller]} calls {named[line.callee]} over {channels[line.channel]} ({line.name})."
        for line in scenario.lines
    ]
    return described(heading, words)


# Where officials and lines stand: officials in two columns by side, lines as boxes between them

HEADING = 0.75
"""Rows that the name of a side takes."""

MOST_STEP = 2.5
"""At most so many rows from one official to the next."""

MOST_SPLITS = 12
"""With more sides than this, the first half of them stands at the left."""


@dataclass(frozen=True)
class OfficialPlace:
    """Where an official stands: `right` or left column, at the `row`-th place of it from the top, headings counted."""

    official: str
    right: bool
    row: float


@dataclass(frozen=True)
class NetworkLayout:
    """The network's places, in rows from the top; each of the three columns is centred on the longest.

    officials  those with a line, by name
    headings   (side, right column, row)
    lines      by name the row of its box in the middle column
    rows       how many rows there are
    """

    officials: Mapping[str, OfficialPlace]
    headings: tuple[tuple[str, bool, float], ...]
    lines: Mapping[str, float]
    rows: float


def lay_out(scenario: Scenario, *, pitch: float = 1.0) -> NetworkLayout:
    """OfficialPlace all officials that have a line.

    Sides are split such that as many lines as can be run between the columns; with a single side, those who call stand
    at the left. Officials and lines are put in an order in which few lines cross: each by the mean place of what it is
    joined to, a few times over. `pitch`: rows that a line's box takes, of those of an official.
    """
    used = {name for line in scenario.lines for name in (line.caller, line.callee)}
    side_of = {official.name: official.side for official in scenario.officials if official.name in used}
    right = _right(scenario, side_of)
    blocks = [
        [[o.name for o in scenario.officials if o.name in used and o.side == s.name and right[o.name] == at]
         for s in scenario.sides]
        for at in (False, True)
    ]  # fmt: skip
    columns = [[block for block in column if block] for column in blocks]
    lines = [line.name for line in scenario.lines]
    ends = {line.name: (line.caller, line.callee) for line in scenario.lines}
    for _ in range(8):
        place = _places(columns)
        lines.sort(key=lambda name: sum(place[end] for end in ends[name]) / 2)
        at = {name: row / max(len(lines) - 1, 1) for row, name in enumerate(lines)}
        for column in columns:
            for block in column:
                block.sort(key=lambda name: _mean([at[line] for line, both in ends.items() if name in both]))
    return _fix(columns, lines, side_of, pitch)


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)


def _places(columns: Sequence[Sequence[Sequence[str]]]) -> dict[str, float]:
    """Relative heights in [0, 1] of all officials."""
    found: dict[str, float] = {}
    for column in columns:
        names = [name for block in column for name in block]
        found |= {name: row / max(len(names) - 1, 1) for row, name in enumerate(names)}
    return found


def _right(scenario: Scenario, side_of: Mapping[str, str]) -> dict[str, bool]:
    """For each official whether it stands at the right."""
    sides = [side.name for side in scenario.sides if side.name in side_of.values()]
    if len(sides) == 1:
        callers = {line.caller for line in scenario.lines}
        return {name: name not in callers for name in side_of}
    pairs = [(side_of[line.caller], side_of[line.callee]) for line in scenario.lines]
    best = frozenset(sides[(len(sides) + 1) // 2 :])
    if len(sides) <= MOST_SPLITS:
        splits = (frozenset(some) for size in range(1, len(sides)) for some in itertools.combinations(sides[1:], size))
        # The first of the best ones: max() keeps the earliest.
        best = max(
            splits,
            key=lambda some: (sum((a in some) != (b in some) for a, b in pairs), -abs(len(sides) - 2 * len(some))),
        )
    return {name: side in best for name, side in side_of.items()}


def _fix(
    columns: Sequence[Sequence[Sequence[str]]], lines: Sequence[str], side_of: Mapping[str, str], pitch: float
) -> NetworkLayout:
    heads = [HEADING * len(column) for column in columns]
    numbers = [sum(len(block) for block in column) for column in columns]
    rows = max(*(head + number for head, number in zip(heads, numbers, strict=True)), len(lines) * pitch + HEADING)
    officials: dict[str, OfficialPlace] = {}
    headings: list[tuple[str, bool, float]] = []
    for right, (column, head, number) in enumerate(zip(columns, heads, numbers, strict=True)):
        # A short column is drawn out, so that its edges run level.
        step = min((rows - head) / max(number, 1), MOST_STEP)
        top = (rows - head - number * step) / 2
        for block in column:
            headings.append((side_of[block[0]], bool(right), top + 0.45))
            for row, name in enumerate(block):
                officials[name] = OfficialPlace(name, bool(right), top + HEADING + (row + 0.5) * step)
            top += HEADING + len(block) * step
    first = (rows - HEADING - len(lines) * pitch) / 2 + HEADING
    return NetworkLayout(
        officials, tuple(headings), {name: first + (row + 0.5) * pitch for row, name in enumerate(lines)}, rows
    )
