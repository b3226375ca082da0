"""The parts that whole pictures have in common: heading, key, panels of one kind, and texts that fit.

A picture is a sheet: the heading and the key at the top, as high as their texts take, and a body below, in which
matplotlib's constrained layout gives axes and their texts the room that they need.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sim.report.format import count, in_lines, plain, several
from sim.report.style import Look, Theme, canvas, label

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.legend import Legend

MOST_PANELS = 48

Entry = tuple["Artist", str]
"""Of a key: a sample of the sign, and what it means."""

MARGIN = 0.15
"""Inches between the edges of a picture and its heading."""

SIGN = 0.62
"""Inches that the sign of an entry of a key takes, with the room around it."""

TITLE: dict[str, Any] = {"fontsize": 13, "fontweight": "bold"}
PRINT: dict[str, Any] = {"fontsize": 9.5}


def sheet(
    title: str, note: str, width: float, height: float, entries: Sequence[Entry] = ()
) -> tuple[Figure, SubFigure]:
    """A picture with its heading, `width` inches wide, and the part of it for the axes, `height` inches high.

    title, note  break into lines where they are wider than the picture
    entries      a key below them
    """
    figure = canvas(width, height)
    figure.set_layout_engine("constrained")
    room, top, shown = width - 2 * MARGIN, 0.13, []
    for words, look in ((title, TITLE), (note, PRINT)):
        lines = label_lines(fitted(words, room, 4, **look))
        text = figure.text(MARGIN / width, 1, lines, va="top", linespacing=1.25, **look)
        shown.append((top, text))
        top += text.get_window_extent().height / figure.dpi + 0.1
    begin = top
    key = _key(figure, entries, room) if entries else None
    top += key.get_window_extent().height / figure.dpi + 0.06 if key else 0.0
    whole = top + height
    figure.set_size_inches(width, whole)
    for place, text in shown:
        text.set_y(1 - place / whole)
    if key:
        key.set_bbox_to_anchor((MARGIN / width, 1 - begin / whole), figure.transFigure)
    parts: Any = figure.subfigures(2, 1, height_ratios=(top, height))
    return figure, parts[1]


def _key(figure: Figure, entries: Sequence[Entry], room: float) -> Legend:
    """The key, in as many columns as `room` inches hold."""
    texts = [fitted(words, room - SIGN, 2, **PRINT) for _, words in entries]
    widest = max(inches(line, **PRINT) for lines in texts for line in lines) + SIGN
    return figure.legend(
        [sign for sign, _ in entries],
        [label_lines(lines) for lines in texts],
        loc="upper left",
        ncols=max(1, min(len(entries), int(room / widest))),
        frameon=False,
        borderpad=0,
        borderaxespad=0,
        handlelength=1.9,
        handletextpad=0.6,
        columnspacing=1.6,
        labelspacing=0.45,
        **PRINT,
    )


def line_sign(words: str, **look: Any) -> Entry:
    """An entry of a key whose sign is a line, a mark, or both."""
    from matplotlib.lines import Line2D

    return Line2D([], [], **look), words


def area_sign(words: str, **look: Any) -> Entry:
    """An entry of a key whose sign is an area."""
    from matplotlib.patches import Patch

    return Patch(**{"linewidth": 0, **look}), words


def band_sign(theme: Theme, words: str = "pointwise 95 % band", alpha: float = 0.2) -> Entry:
    """An entry for the band around the first curve."""
    return area_sign(words, color=theme.looks[0].colour, alpha=alpha)


def traced_of(replications: int, n: int) -> str:
    """``n = 200 replications traced, of 10,000``."""
    drawn = f"n = {several(replications, 'replication')}"
    return drawn if replications == n else f"{drawn} traced, of {n:,}"


@functools.cache
def _ruler() -> Figure:
    """A figure in which texts are measured, and none stays."""
    return canvas(1, 1)


def inches(words: str, **look: Any) -> float:
    """How wide a line of text is."""
    text = _ruler().text(0, 0, label(words), **look)
    wide = float(text.get_window_extent().width) / _ruler().dpi
    text.remove()
    return wide


def fitted(words: str, room: float, most: int, **look: Any) -> list[str]:
    """Text in at most `most` lines, none wider than `room` inches; the last ends with an ellipsis if there was more."""
    words = plain(words)
    width = max(1, int(len(words) * room / max(inches(words, **look), 1e-6)) + 2)
    while True:
        lines = wrapped(words, width, most)
        if width <= 1 or max(inches(line, **look) for line in lines) <= room:
            return lines
        width -= 1


def shortened(text: str, most: int) -> str:
    """`text`, or its first characters and an ellipsis: `most` characters in all."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def wrapped(text: str, width: int, most: int) -> list[str]:
    """`text` in at most `most` lines of `width` characters; the last one ends with an ellipsis if there was more."""
    lines = in_lines(plain(text), width) or [""]
    return lines if len(lines) <= most else [*lines[: most - 1], shortened(lines[most - 1] + " " + lines[most], width)]


def label_lines(lines: Sequence[str]) -> str:
    """Several lines of free text, each made safe for a picture."""
    return "\n".join(label(line) for line in lines)


def row_names(axes: Axes, names: Sequence[str], width: int, most: int = 2) -> None:
    """Rows at 0, 1, 2 … from the top, each with its name at the left in at most `most` lines."""
    axes.set_yticks(range(len(names)), [label_lines(wrapped(name, width, most)) for name in names], fontsize=9)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")


def grid(
    title: str,
    note: str,
    names: Sequence[str],
    draw: Callable[[Axes, int], object],
    *,
    below: str,
    beside: str = "",
    shared: bool = True,
    entries: Sequence[Entry] = (),
    more: int = 0,
) -> Figure:
    """A panel for each of `names`, up to `MOST_PANELS`; `draw(axes, i)` fills the i-th one.

    names    what stands above each panel; a line of its own after a line end
    below    the title of the x axes, once for all
    beside   the title of the y axes
    shared   the panels have one x axis, and only the lowest ones label it
    entries  a key above the panels
    more     how many panels are left out besides those that have no room
    """
    shown = names[:MOST_PANELS]
    columns = 1 if len(shown) == 1 else 2 if len(shown) <= 6 else 3 if len(shown) <= 15 else 4
    rows = -(-len(shown) // columns)
    wide, high = {1: (9.0, 3.6), 2: (5.6, 2.3), 3: (4.1, 1.95), 4: (3.4, 1.85)}[columns]
    note = "; ".join(filter(None, [note, left_out(len(names) - len(shown) + more)]))
    titles = [[line for part in name.split("\n") for line in fitted(part, wide - 1.0, 3, **PRINT)] for name in shown]
    tall = sum(high + 0.17 * max(map(len, titles[at : at + columns])) for at in range(0, len(shown), columns))
    figure, body = sheet(title, note, columns * wide + 0.3, tall + 0.7 + 0.4 * (not shared) * rows, entries)
    every = body.subplots(rows, columns, squeeze=False).ravel()
    for axes in every[len(shown) :]:
        axes.remove()
    for place, (axes, lines) in enumerate(zip(every, titles, strict=False)):
        draw(axes, place)
        if shared and place + columns < len(shown):
            axes.tick_params(axis="x", labelbottom=False)
        axes.set_title(label_lines(lines), loc="left", fontsize=9.5, pad=4)
    if below:
        body.supxlabel(label(below), fontsize=10.5)
    if beside:
        body.supylabel(label(beside), fontsize=10.5)
    return figure


MOST_SENTENCES = 12
"""So many curves, rows or panels of a picture are described one by one."""


def described(heading: str, sentences: Sequence[str]) -> str:
    """A picture in words: its heading, the first sentences, and how many things more there are."""
    more = len(sentences) - MOST_SENTENCES
    rest = [f"And {count(more)} more."] if more > 0 else []
    return plain(" ".join([f"{heading}.", *sentences[:MOST_SENTENCES], *rest]))


def left_out(some: int) -> str:
    """``3 more not drawn``, or nothing."""
    return f"{count(some)} more not drawn" if some else ""


NAME_WIDTH = 34
"""Characters to a line in the labels at the right end of curves."""


def lay_out(figure: Figure | SubFigure) -> None:
    """Give the axes of a sheet, or of a part of it, their places, for what is placed by their size."""
    whole = figure.canvas.figure
    engine = whole.get_layout_engine()
    if engine is not None:
        engine.execute(whole)


def inches_of(axes: Axes) -> tuple[float, float]:
    """Width and height of axes as they are now."""
    box, dpi = axes.get_window_extent(), axes.figure.dpi
    return float(box.width) / dpi, float(box.height) / dpi


def name_ends(axes: Axes, ends: Sequence[float], blocks: Sequence[Sequence[str]], looks: Sequence[Look]) -> Axes:
    """Write a block of lines beside each curve's right end, at `ends` in axes; blocks keep clear of each other.

    The axes must have their height: call it after `lay_out`.
    """
    _, high = inches_of(axes)
    places = spread(ends, [block_inches(block) / high for block in blocks])
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


def block_inches(block: Sequence[str]) -> float:
    """How high a block of lines beside a curve is, with the room around it."""
    return 0.168 * len(block) + 0.06


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
