"""Words and tables on the terminal: what every command that shows numbers is made of.

Text goes through `rich.text.Text`, which knows no markup. Tables that the terminal has no room for become a block of
lines for each row.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

Row = Sequence[str]

MOST_HEAD = 12
"""The head of a narrow column is not broken below this width."""

HELD = "\ue000%"
"""Stands for " %" while lines are broken: a private character, which `plain` lets through nowhere."""


def put(target: Console, part: RenderableType, *, whole: bool = False) -> None:
    """Print without the blanks with which tables fill their lines; `whole` lines are left to the terminal to break."""
    with target.capture() as captured:
        target.print(part, soft_wrap=whole)
    target.file.write(re.sub(r" +$", "", captured.get(), flags=re.MULTILINE))


def wrapped(words: str, width: int) -> str:
    """Lines of at most `width`, indented by two and from the second on by four; no break before a per cent sign, nor at
    the hyphen of a name."""
    held = words.replace(" %", HELD)
    kept = textwrap.wrap(held, width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
    return "\n".join(kept).replace(HELD, " %")


def text(words: str, style: str = "") -> Text:
    """Words in a style of rich, broken where a line is full."""
    from rich.text import Text

    return Text(words, style=style, overflow="fold")


def title(words: str) -> Text:
    """The heading of a table, a blank line before it."""
    return text(f"\n{words}", "bold")


def table(head: Row, rows: Sequence[Row], width: int) -> Iterable[RenderableType]:
    """Rows under their heads; where `width` has no room for that, each row as a block of `head: value` lines."""
    from rich.padding import Padding
    from rich.table import Table

    cells = _fitted(head, rows)
    if _natural(cells) > width:
        cells = _fitted(head, [[_narrowed(cell) for cell in row] for row in rows])
    if rows and _natural(cells) > width:
        yield from _blocks(head, rows)
        return
    table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in cells[0]:
        table.add_column(text(name), no_wrap=True, vertical="top")
    for row in cells[1:]:
        table.add_row(*(text(cell) for cell in row))
    yield Padding(table, (0, 0, 0, 2), expand=False)


def _natural(cells: Sequence[Row]) -> int:
    """How many columns a table of these cells takes: two blanks before it and between its columns."""
    from rich.cells import cell_len

    widths = [
        max(cell_len(line) for cell in column for line in cell.split("\n")) for column in zip(*cells, strict=True)
    ]
    return sum(widths) + 2 * len(widths)


def _narrowed(cell: str) -> str:
    """The same words in more lines: broken at commas, and before intervals and ends of ranges."""
    return cell.replace(", ", ",\n").replace(" [", "\n[").replace(" to ", "\nto ")


def _fitted(head: Row, rows: Sequence[Row]) -> list[Row]:
    """The rows under their heads, those wrapped to about the width of what stands below them."""
    heads = []
    for name, *column in zip(head, *rows, strict=True):
        below = max((len(line) for cell in column for line in cell.split("\n")), default=len(name))
        heads.append("\n".join(textwrap.wrap(name, max(below, MOST_HEAD))))
    return [heads, *rows]


def _blocks(head: Row, rows: Sequence[Row]) -> Iterable[RenderableType]:
    from rich.padding import Padding

    for row in rows:
        yield Padding(text(row[0]), (0, 0, 0, 2), expand=False)
        for name, cell in zip(head[1:], row[1:], strict=True):
            if cell != "–":
                yield Padding(text(f"{name}: {cell}"), (0, 0, 0, 4), expand=False)
