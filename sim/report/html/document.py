"""What a report consists of, before it is a page: sections of paragraphs, tables, pictures and a trace.

All texts are plain; the page escapes them. `sim.report.html.page` lays a `Report` out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Row = tuple[str, ...]

BROAD = 5
"""Columns, from which on numbers have no room on a phone."""


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str
    kind: str = field(default="words", init=False)


@dataclass(frozen=True)
class Facts:
    """Names and what is said of them, one below the other."""

    pairs: tuple[tuple[str, str], ...]
    kind: str = field(default="facts", init=False)


@dataclass(frozen=True)
class Table:
    """Rows under their heads; the first cell of a row names it; what stands after a line break is less important.

    caption  what the table shows
    wide     cells hold sentences, not numbers
    note     said below it
    """

    caption: str
    head: Row
    rows: tuple[Row, ...]
    wide: bool = False
    note: str = ""
    kind: str = field(default="table", init=False)

    @property
    def form(self) -> str:
        """How the page sets it: rows of sentences, and of many numbers, become blocks where columns have no room."""
        if self.wide:
            return "stack"
        return "numbers broad" if len(self.head) >= BROAD else "numbers slim"


@dataclass(frozen=True)
class Drawing:
    """A picture. `words` says what is to be seen; `source` is the `data:` address of the file."""

    words: str
    source: str


@dataclass(frozen=True)
class Picture:
    """A drawing with its caption."""

    caption: str
    drawing: Drawing
    kind: str = field(default="picture", init=False)


@dataclass(frozen=True)
class Day:
    """A date of a trace: times of day and sentences, those to be seen at once marked."""

    date: str
    entries: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True)
class Trace:
    """What happened, by date. `label` names it."""

    label: str
    days: tuple[Day, ...]
    kind: str = field(default="trace", init=False)


@dataclass(frozen=True)
class Listing:
    """A text to be copied as it is: a command, a file. `summary`: it is folded away under these words."""

    text: str
    summary: str = ""
    kind: str = field(default="listing", init=False)


@dataclass(frozen=True)
class Folded:
    """Blocks that are folded away under `summary`."""

    summary: str
    blocks: tuple[Block, ...]
    kind: str = field(default="folded", init=False)


Block = Words | Facts | Table | Picture | Trace | Listing | Folded


@dataclass(frozen=True)
class Section:
    """A part of the report under a heading. `name` is its place in the page's address."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """A report.

    what      of what: ``Report of a run`` …
    title     of the scenario or the question
    changes   what was set in the scenario's file
    about     the scenario's description
    question  what is asked, in a sentence
    answer    what the simulation says to it, in sentences with numbers and intervals
    caution   how to take the answer
    made_by   program and version
    """

    what: str
    title: str
    changes: Sequence[str]
    about: str
    question: str
    answer: tuple[str, ...]
    caution: str
    sections: tuple[Section, ...]
    made_by: str
