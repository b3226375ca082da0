"""Reading the project's Markdown: fenced blocks and tables."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in the language, in order."""
    return [text for name, text in _BLOCK.findall(page.read_text(encoding="utf-8")) if name == language]


def tables(text: str) -> list[list[list[str]]]:
    """Every table as rows of cells, heading first, the rule under it left out."""
    found: list[list[list[str]]] = []
    inside = False
    for line in text.splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        if not inside:
            found.append([])
            inside = True
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not all(set(cell) <= {"-", ":"} for cell in cells):
            found[-1].append(cells)
    return found


def table(page: Path, *heading: str) -> list[dict[str, str]]:
    """The one table of a page with this heading, a row as a mapping from heading to cell."""
    match = [rows for rows in tables(page.read_text(encoding="utf-8")) if tuple(rows[0]) == heading]
    if len(match) != 1:
        raise AssertionError(f"{page.name}: {len(match)} tables headed {heading}")
    return [dict(zip(heading, row, strict=True)) for row in match[0][1:]]


def section(page: Path, title: str) -> str:
    """The text from a heading, of any depth, to the next one."""
    text = page.read_text(encoding="utf-8")
    match = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)", text, re.MULTILINE | re.DOTALL)
    if match is None:
        raise AssertionError(f"{page.name} has no section {title!r}")
    return match.group(1)
