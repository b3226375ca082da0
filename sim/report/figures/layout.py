"""Where the parts of the network stand: officials in two columns by side, lines as boxes between them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.scenario.resolved import Scenario

HEADING = 0.75
"""Rows that the name of a side takes."""

MOST_STEP = 2.5
"""At most so many rows from one official to the next."""

MOST_SPLITS = 12
"""With more sides than this, the first half of them stands at the left."""


@dataclass(frozen=True)
class Place:
    """Where an official stands: `right` or left column, at the `row`-th place of it from the top, headings counted."""

    official: str
    right: bool
    row: float


@dataclass(frozen=True)
class Layout:
    """The network's places, in rows from the top; each of the three columns is centred on the longest.

    officials  those with a line, by name
    headings   (side, right column, row)
    lines      by name the row of its box in the middle column
    rows       how many rows there are
    """

    officials: Mapping[str, Place]
    headings: tuple[tuple[str, bool, float], ...]
    lines: Mapping[str, float]
    rows: float


def lay_out(scenario: Scenario, *, pitch: float = 1.0) -> Layout:
    """Place all officials that have a line.

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
) -> Layout:
    heads = [HEADING * len(column) for column in columns]
    numbers = [sum(len(block) for block in column) for column in columns]
    rows = max(*(head + number for head, number in zip(heads, numbers, strict=True)), len(lines) * pitch + HEADING)
    officials: dict[str, Place] = {}
    headings: list[tuple[str, bool, float]] = []
    for right, (column, head, number) in enumerate(zip(columns, heads, numbers, strict=True)):
        # A short column is drawn out, so that its edges run level.
        step = min((rows - head) / max(number, 1), MOST_STEP)
        top = (rows - head - number * step) / 2
        for block in column:
            headings.append((side_of[block[0]], bool(right), top + 0.45))
            for row, name in enumerate(block):
                officials[name] = Place(name, bool(right), top + HEADING + (row + 0.5) * step)
            top += HEADING + len(block) * step
    first = (rows - HEADING - len(lines) * pitch) / 2 + HEADING
    return Layout(
        officials, tuple(headings), {name: first + (row + 0.5) * pitch for row, name in enumerate(lines)}, rows
    )
