"""The parts that whole pictures have in common: heading, key, and a grid of panels of one kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sim.report.figures.survival import label_lines, shortened, wrapped
from sim.report.format import count
from sim.report.style import canvas, label

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 48

Entry = tuple["Artist", str]
"""Of a key: a sample of the sign, and what it means."""

KEY_ROW = 0.235
"""Inches between the rows of a key."""

MARGIN = 0.15
"""Inches between the left edge of a picture and its heading."""

THIN = 0.03
"""Inches that the thinnest letters take, of the smallest print."""

SMALL = 0.072
"""Inches that a character of the small print takes, on average."""


def heading(figure: Figure, title: str, note: str) -> None:
    """The picture's title and a line of small print under it, in the top inch whatever the height."""
    line_of_print(figure, 0.13, title, fontsize=13, fontweight="bold")
    line_of_print(figure, 0.42, note, fontsize=9.5)


def line_of_print(figure: Figure, top: float, words: str, **look: Any) -> None:
    """Words from the left edge of a picture, `top` inches below the upper one; cut where they would leave it at the
    right."""
    width, height = figure.get_size_inches()
    shown = figure.text(MARGIN / width, 1 - top / height, "", ha="left", va="top", **look)
    end = figure.bbox.width - MARGIN / 2 * figure.dpi
    most = min(len(words), int(width / THIN))
    fits, too_many = 1, most + 1
    while too_many - fits > 1:
        shown.set_text(label(shortened(words, most)))
        if shown.get_window_extent().x1 <= end:
            fits = most
        else:
            too_many = most
        most = (fits + too_many) // 2
    shown.set_text(label(shortened(words, fits)))


def key_layout(width: float, entries: Sequence[Entry]) -> tuple[int, float]:
    """How many columns a key has in a picture `width` inches wide, and how many inches high it is."""
    if not entries:
        return 1, 0.0
    widest = max(len(shortened(text, MOST_KEY)) for _, text in entries) * SMALL + 0.62
    columns = max(1, min(len(entries), int((width - 0.3) / widest)))
    return columns, KEY_ROW * -(-len(entries) // columns) + 0.08


MOST_KEY = 72
"""Characters of an entry of a key."""


def key(figure: Figure, entries: Sequence[Entry], *, top: float = 0.66) -> None:
    """Say what the signs mean, from `top` inches below the upper edge; `key_layout` says how much room it takes."""
    if not entries:
        return
    width, height = figure.get_size_inches()
    figure.legend(
        [sign for sign, _ in entries],
        [label(shortened(text, MOST_KEY)) for _, text in entries],
        loc="upper left",
        bbox_to_anchor=(0.15 / width, 1 - top / height),
        ncols=key_layout(width, entries)[0],
        frameon=False,
        fontsize=9.5,
        borderpad=0,
        borderaxespad=0,
        handlelength=1.9,
        handletextpad=0.6,
        columnspacing=1.6,
        labelspacing=0.45,
    )


def grid(
    title: str,
    note: str,
    names: Sequence[str],
    draw: Callable[[Axes, int], object],
    *,
    below: str,
    shared: bool = True,
    entries: Sequence[Entry] = (),
    more: int = 0,
) -> Figure:
    """A panel for each of `names`, up to `MOST_PANELS`; `draw(axes, i)` fills the i-th one.

    names    what stands above each panel; a line of its own after a line end
    below    the title of the x axes, once for all
    shared   the panels have one x axis, and only the lowest ones label it
    entries  a key above the panels
    more     how many panels are left out besides those that have no room
    """
    shown = names[:MOST_PANELS]
    columns = 1 if len(shown) == 1 else 2 if len(shown) <= 6 else 3 if len(shown) <= 15 else 4
    rows = -(-len(shown) // columns)
    wide, high = {1: (9.0, 3.6), 2: (5.6, 2.4), 3: (4.1, 2.05), 4: (3.4, 1.95)}[columns]
    most = int((wide - 0.7) * 12)
    titles = [[line for part in name.split("\n") for line in wrapped(part, most, 3)] for name in shown]
    width = columns * wide + 0.3
    over, under = 0.7 + key_layout(width, entries)[1], 0.92 if shared else 0.72
    step = high + 0.15 + 0.17 * max(len(lines) for lines in titles) + (0.0 if shared else 0.2)
    height = rows * step + over + under
    figure = canvas(width, height)
    for place, lines in enumerate(titles):
        row, column = divmod(place, columns)
        left = (column * wide + 0.85) / width
        bottom = (under + (rows - 1 - row) * step) / height
        axes = figure.add_axes((left, bottom, (wide - 0.95) / width, (high - 0.2) / height))
        draw(axes, place)
        if shared and place + columns < len(shown):
            axes.tick_params(axis="x", labelbottom=False)
        axes.set_title(label_lines(lines), loc="left", fontsize=9.5, pad=4)
    heading(figure, title, "; ".join(filter(None, [note, left_out(len(names) - len(shown) + more)])))
    key(figure, entries)
    figure.text(0.5, 0.13 / height, below, ha="center", va="bottom")
    return figure


def left_out(some: int) -> str:
    """``3 more not drawn``, or nothing."""
    return f"{count(some)} more not drawn" if some else ""
