"""Survival curves: how likely it is that nobody has picked up yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.report.figures.axes import clock_axis
from sim.report.figures.data import Curve, Mark
from sim.report.format import count, in_lines, plain, share
from sim.report.style import LIGHT, Look, Theme, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME_WIDTH = 34
"""Characters to a line in the labels at the right end."""


def survival_curve(
    axes: Axes, curve: Curve, look: Look = LIGHT.looks[0], *, band: bool = True, over: bool = False
) -> Axes:
    """Draw one curve with its pointwise 95 % band; x in seconds since the start, y the share without contact so far.

    Between two corners the curve is flat: a step down stands at the end of the bin in which the contacts fell. One that
    is `over` the others lies on top of those drawn later too, but for its mark at the end.
    """
    x = np.concatenate([[0], curve.ends])

    def steps(values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values from second 0 on, where all are without contact."""
        return np.concatenate([[1.0], values])

    if band:
        lower, upper = steps(curve.low), steps(curve.high)
        axes.fill_between(x, lower, upper, step="post", color=look.colour, alpha=0.2, linewidth=0)
    (line,) = axes.plot(
        x, steps(curve.survival), drawstyle="steps-post", color=look.colour, linestyle=look.dash, clip_on=False
    )
    line.set_gid(f"curve {curve.label}")
    if over:
        line.set_zorder(line.get_zorder() + 0.5)
    axes.plot([curve.horizon], [curve.censored], look.marker, color=look.colour, markersize=6, clip_on=False, zorder=4)
    axes.set_xlim(0, curve.horizon)
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    return axes


def record_marks(axes: Axes, marks: Sequence[Mark], theme: Theme = LIGHT, *, named: bool = True) -> Axes:
    """A vertical band at each contact on record, labelled above the axes; marks of one day share a label."""
    days: dict[tuple[int, int], list[str]] = {}
    for mark in marks:
        days.setdefault((mark.start, mark.end), []).append(mark.text)
    width = axes.get_xlim()[1]
    taken: list[list[tuple[float, float]]] = [[] for _ in range(MARK_ROWS)]
    for (start, end), texts in sorted(days.items()):
        axes.axvspan(start, end, color=theme.record, alpha=0.15, linewidth=0, zorder=1)
        axes.axvline(start, color=theme.record, linestyle=(0, (2, 2)), linewidth=1.1, zorder=3, gid="record")
        words = shortened(", ".join(dict.fromkeys(texts)), 72)
        long = len(words) * CHARACTER / _inches_wide(axes)
        place = start / width
        left = place if place + long < ROOM else max(place - long, 0.0)
        row = next((r for r, spans in enumerate(taken) if all(left > b or left + long < a for a, b in spans)), None)
        if named and row is not None:
            taken[row].append((left, left + long + CHARACTER))
            axes.annotate(
                label(words),
                (start if left else 0.0, 1.0),
                xytext=(0, 5 + 14 * row),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                ha="right" if 0 < left < place else "left",
                va="bottom",
                fontsize=9,
            )
    return axes


MARK_ROWS = 4
ROOM = 1.6
"""Labels of marks stand above the axes and may run on to its right as far as this, in axes."""

CHARACTER = 0.068
"""Inches that a character of the 9 point font takes, on average: enough to keep labels apart."""


def _inches_wide(axes: Axes) -> float:
    figure = axes.get_figure(root=True)
    return float(axes.get_position().width * figure.get_size_inches()[0]) if figure else 6.0


def _inches_high(axes: Axes) -> float:
    figure = axes.get_figure(root=True)
    return float(axes.get_position().height * figure.get_size_inches()[1]) if figure else 4.0


def shortened(text: str, most: int) -> str:
    """`text`, or its first characters and an ellipsis: `most` characters in all."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def end_labels(axes: Axes, curves: Sequence[Curve], looks: Sequence[Look], *, width: int = NAME_WIDTH) -> Axes:
    """Name each curve at its right end, with the share without contact; labels keep clear of each other."""
    blocks = [[*wrapped(curve.label, width, 3), f"none by the end: {share(curve.censored)}"] for curve in curves]
    return name_ends(axes, [curve.censored for curve in curves], blocks, looks)


def name_ends(axes: Axes, ends: Sequence[float], blocks: Sequence[Sequence[str]], looks: Sequence[Look]) -> Axes:
    """Write a block of lines beside each curve's right end, at `ends` in axes; blocks keep clear of each other."""
    places = spread(ends, [_tall(block) / _inches_high(axes) for block in blocks])
    for end, look, block, place in zip(ends, looks, blocks, places, strict=False):
        axes.annotate(
            "",
            (1.0, end),
            xytext=(1.035, place),
            xycoords="axes fraction",
            arrowprops={"arrowstyle": "-", "color": look.colour, "linewidth": 1.1, "shrinkA": 0, "shrinkB": 3},
        )
        axes.plot(
            [1.04, 1.085],
            [place, place],
            transform=axes.transAxes,
            color=look.colour,
            linestyle=look.dash,
            marker=look.marker,
            markersize=5,
            markevery=[1],
            clip_on=False,
        )
        words = label_lines(block)
        axes.text(1.105, place, words, transform=axes.transAxes, va="center", fontsize=9.5, linespacing=1.15)
    return axes


def _tall(block: Sequence[str]) -> float:
    return 0.168 * len(block) + 0.06


def block_inches(curve: Curve, width: int = NAME_WIDTH) -> float:
    """How high a curve's label at the right end is, in inches."""
    return _tall([*wrapped(curve.label, width, 3), ""])


def wrapped(text: str, width: int, most: int) -> list[str]:
    """`text` in at most `most` lines of `width` characters; the last one ends with an ellipsis if there was more."""
    lines = in_lines(plain(text), width) or [""]
    return lines if len(lines) <= most else [*lines[: most - 1], shortened(lines[most - 1] + " " + lines[most], width)]


def label_lines(lines: Sequence[str]) -> str:
    """Several lines of free text, each made safe for a picture."""
    return "\n".join(label(line) for line in lines)


def spread(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Places as near as may be to the `wanted` ones at which labels of `heights` do not overlap, in axes.

    Pools neighbours that collide, as isotonic regression does; the stack may leave [0, 1] where it has no room within.
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    pools: list[tuple[list[int], float]] = []

    def placed(members: list[int]) -> float:
        """The lower edge of a stack of neighbours that lie as near to where they are wanted as can be."""
        tall, offset, total = 0.0, 0.0, 0.0
        for i in members:
            total += wanted[i] - (offset + heights[i] / 2)
            offset += heights[i]
            tall = offset
        low = total / len(members)
        return min(max(low, 0.0), max(1.0 - tall, 0.0))

    for i in order:
        members = [i]
        low = placed(members)
        while pools and pools[-1][1] + sum(heights[j] for j in pools[-1][0]) > low + 1e-12:
            members = pools.pop()[0] + members
            low = placed(members)
        pools.append((members, low))
    places = [0.0] * len(wanted)
    for members, low in pools:
        for i in members:
            places[i] = low + heights[i] / 2
            low += heights[i]
    return places


def survival_axes(axes: Axes, curve: Curve, *, most: int = 7, named: bool = True) -> Axes:
    """The axes' own text: elapsed time and calendar below, the share without contact at the left, n in its title."""
    clock_axis(axes, curve.start, curve.horizon, most=most, named=named)
    if named:
        axes.set_ylabel(f"no contact so far\n(share of {count(curve.n)} replications)")
    return axes
