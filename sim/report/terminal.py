"""Reports on the terminal.

Everything goes through `rich.text.Text`, which knows no markup; what comes from a scenario has been through `plain`,
which removes control characters. A table that the terminal has no room for has its intervals under its estimates; one
that is wider still becomes a block of lines for each row.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING

from sim.report.document import Block, Facts, Folded, Listing, Report, Row, Section, Table, Words
from sim.report.format import NOTHING, Cell, in_lines

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

NARROWEST = 60
PIPE_WIDTH = 100
MOST_HEAD = 12
"""The head of a narrow column is not broken below this width."""

NAMES = (36, 28, 22, 18)
"""Characters of a name in the first column, to a line: the most that leaves the table room."""

NARROW_WORDS = 14
"""Characters of a sentence in a cell, to a line, at least."""

HELD = "\ue000"
"""Stands for a blank at which no line is broken: a private character, which `plain` lets through nowhere."""


def console(stream: IO[str], *, width: int | None = None) -> Console:
    """A rich console for `stream`: plain and `PIPE_WIDTH` wide where it is no terminal. Obeys NO_COLOR."""
    import os

    from rich.console import Console

    made = Console(file=stream, width=width, highlight=False, emoji=False, markup=False, soft_wrap=False)
    if width is None and not made.is_terminal and "COLUMNS" not in os.environ:
        made = Console(file=stream, width=PIPE_WIDTH, highlight=False, emoji=False, markup=False)
    if made.width < NARROWEST:
        made.width = NARROWEST
    return made


def show(report: Report, target: Console) -> None:
    """Print a report: its heading, the answer, and every section."""
    put(target, text(report.title, "bold"))
    for change in report.changes:
        put(target, text(f"changed: {change}", "bold"))
    put(target, text(report.question))
    put(target, text(report.setting))
    if report.notice:
        put(target, text(report.notice, "yellow"))
    if report.answer:
        show_section(Section("answer", "In short", tuple(map(Words, report.answer))), target)
    for section in report.filled:
        show_section(section, target)


def show_section(section: Section, target: Console) -> None:
    """Print a section: its heading, then its blocks."""
    if section.title:
        put(target, text(f"\n{section.title}", "bold"))
    for block in section.blocks:
        for part in _parts(block, target.width):
            put(target, part, whole=isinstance(block, Listing))


def _parts(block: Block, width: int) -> Iterable[RenderableType]:
    if isinstance(block, Table):
        yield from _table(block, width)
    elif isinstance(block, Words):
        yield text(wrapped(block.text, width), "yellow" if block.warning else "dim" if block.quiet else "")
    elif isinstance(block, Facts):
        for name, words in block.pairs:
            yield text(wrapped(f"{name}: {'; '.join(words.splitlines())}", width))
    elif isinstance(block, Listing):
        yield text(f"  {block.text}")
        if block.about:
            yield text(f"    {block.about}", "dim")
    elif isinstance(block, Folded):
        yield text(f"\n{block.summary}", "bold")
        for inner in block.blocks:
            yield from _parts(inner, width)


def put(target: Console, part: RenderableType, *, whole: bool = False) -> None:
    """Print without the blanks with which tables fill their lines; `whole` lines are left to the terminal to break."""
    with target.capture() as captured:
        target.print(part, soft_wrap=whole)
    target.file.write(re.sub(r" +$", "", captured.get(), flags=re.MULTILINE))


def text(words: str, style: str = "") -> Text:
    """Words in a style of rich, broken where a line is full."""
    from rich.text import Text

    return Text(words, style=style, overflow="fold")


def wrapped(words: str, width: int, first: str = "  ", then: str = "    ") -> str:
    """Lines of at most `width`, indented; no break between a number and its unit, nor at the hyphen of a name."""
    held = re.sub(r"(?<=\d) (?=(%|s|min|h|d|w)\b|%)|(?<=×) (?=\d)", HELD, words)
    kept = textwrap.wrap(held, width, initial_indent=first, subsequent_indent=then, break_on_hyphens=False)
    return "\n".join(kept).replace(HELD, " ")


def _table(block: Table, width: int) -> Iterable[RenderableType]:
    if block.caption:
        yield text(f"\n{block.caption}", "bold")
    yield from table(block.head, block.rows, width, wide=block.wide)
    if block.note:
        yield text(wrapped(block.note, width), "dim")


def table(head: Sequence[str], rows: Sequence[Row], width: int, *, wide: bool = False) -> Iterable[RenderableType]:
    """Rows under their heads; where `width` has no room for that, each row as a block of `head: value` lines."""
    from rich.padding import Padding
    from rich.table import Table as Grid

    if not rows:
        return
    cells = _with_room(head, rows, width, wide)
    if cells is None:
        yield from _blocks(head, rows)
        return
    grid = Grid(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in cells[0]:
        grid.add_column(text(name), no_wrap=True, vertical="top")
    for row in cells[1:]:
        grid.add_row(*(text(cell) for cell in row))
    yield Padding(grid, (0, 0, 0, 2), expand=False)


def _with_room(head: Sequence[str], rows: Sequence[Row], width: int, wide: bool) -> list[list[str]] | None:
    """The cells in as many lines as it takes for the table to have room; None where it has none whatever is done."""
    for shown in (_on_one_line, _stacked):
        for name in NAMES:
            body = [[_in_lines(str(row[0]), name), *map(shown, row[1:])] for row in rows]
            cells = _under_heads(head, body)
            if _natural(cells) <= width:
                return cells
        if wide:
            return _squeezed(head, [[str(cell) for cell in row] for row in rows], width)
    return None


def _squeezed(head: Sequence[str], body: list[list[str]], width: int) -> list[list[str]] | None:
    """Cells of sentences, the widest columns broken to an equal share of the room that the others leave; None where
    that is too little."""
    widths = [_longest(column) for column in zip(*_under_heads(head, body), strict=True)]
    room, order = width - 2 * len(head), sorted(range(len(widths)), key=lambda at: -widths[at])
    for some in range(1, len(order) + 1):
        each = (room - sum(widths[at] for at in order[some:])) // some
        if some == len(order) or each >= widths[order[some]]:
            break
    if each < NARROW_WORDS:
        return None
    broken = set(order[:some])
    cells = [[_in_lines(cell, each) if at in broken else cell for at, cell in enumerate(row)] for row in body]
    return _under_heads(head, cells)


def _on_one_line(cell: str | Cell) -> str:
    """``26.4 d [25.9–27]``; what is noted of it below."""
    return str(cell) if isinstance(cell, str) or not cell.note else f"{cell}\n{cell.note}"


def _stacked(cell: str | Cell) -> str:
    """The same in more lines: intervals and notes below, words broken at commas and before the ends of ranges."""
    if isinstance(cell, Cell):
        return "\n".join(filter(None, (cell.text, f"[{cell.interval}]" if cell.interval else "", cell.note)))
    return cell.replace(", ", ",\n").replace(" to ", "\nto ")


def _under_heads(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The rows under their heads, those wrapped to about the width of what stands below them."""
    heads = []
    for name, *column in zip(head, *rows, strict=True):
        below = max(len(line) for cell in column for line in (cell.split("\n") or [""]))
        heads.append("\n".join(textwrap.wrap(name, max(below, MOST_HEAD))))
    return [heads, *map(list, rows)]


def _longest(column: Iterable[str]) -> int:
    from rich.cells import cell_len

    return max(cell_len(line) for cell in column for line in cell.split("\n"))


def _natural(cells: Sequence[Sequence[str]]) -> int:
    """How many columns a table of these cells takes: two blanks before it and between its columns."""
    return sum(_longest(column) for column in zip(*cells, strict=True)) + 2 * len(cells[0])


def _in_lines(words: str, width: int) -> str:
    return "\n".join(line for part in words.split("\n") for line in in_lines(part, width) or [""])


def _blocks(head: Sequence[str], rows: Sequence[Row]) -> Iterable[RenderableType]:
    from rich.padding import Padding

    for row in rows:
        yield Padding(text(str(row[0])), (0, 0, 0, 2), expand=False)
        for name, cell in zip(head[1:], row[1:], strict=True):
            shown = _on_one_line(cell).replace("\n", ", ")
            if shown not in ("", NOTHING):
                yield Padding(text(f"{name}: {shown}"), (0, 0, 0, 4), expand=False)
