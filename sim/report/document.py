"""Blocks of a report before it is laid out: sections of paragraphs, tables, pictures and a trace.

Every command that answers a question makes a `Report`; `sim.report.terminal` prints it and `sim.report.html` makes a
page of it. All texts are plain; the page escapes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.report.format import Cell

Row = tuple[str | Cell, ...]

BROAD = 5
"""Columns, from which on numbers have no room on a phone."""

MOST_ROWS = 60
"""A table longer than this is cut, and says so."""


@dataclass(frozen=True)
class Words:
    """A paragraph. `quiet`: less important than what it stands beside; `warning`: to be seen at once."""

    text: str
    quiet: bool = False
    warning: bool = False
    kind: str = field(default="words", init=False)


@dataclass(frozen=True)
class Facts:
    """Names and what is said of them, one below the other."""

    pairs: tuple[tuple[str, str], ...]
    kind: str = field(default="facts", init=False)


@dataclass(frozen=True)
class Table:
    """Rows under their heads; the first cell of a row names it.

    caption  what the table shows
    wide     cells hold sentences, not numbers
    note     how to read it
    """

    caption: str
    head: tuple[str, ...]
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
    """A text to be copied as it is: a command, a file. `about`: what it does, said beside it."""

    text: str
    about: str = ""
    kind: str = field(default="listing", init=False)


@dataclass(frozen=True)
class Folded:
    """Blocks that are folded away under `summary`, on screen and in print."""

    summary: str
    blocks: tuple[Block, ...]
    kind: str = field(default="folded", init=False)


Block = Words | Facts | Table | Picture | Trace | Listing | Folded


@dataclass(frozen=True)
class Section:
    """A part of the report under a heading; on the terminal a heading that is empty leaves it to the tables' captions.
    `name` is its place in the page's address."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """A report.

    what      of what: ``report of a run`` …
    title     of the scenario or the question
    question  what is asked, in a sentence
    setting   how it was answered: replications, seed, engine
    answer    what the simulation says to it, in sentences with numbers and intervals
    changes   what was set in the scenario's file
    about     the scenario's description
    notice    what makes the answer less certain than it looks
    caution   how to take the answer
    made_by   program and version
    """

    what: str
    title: str
    question: str
    setting: str
    answer: tuple[str, ...]
    sections: tuple[Section, ...]
    changes: Sequence[str] = ()
    about: str = ""
    notice: str = ""
    caution: str = ""
    made_by: str = ""

    @property
    def filled(self) -> tuple[Section, ...]:
        """The sections that have something in them."""
        return tuple(section for section in self.sections if section.blocks)


def cut(rows: Sequence[Row], file: str, most: int = MOST_ROWS) -> tuple[tuple[Row, ...], str]:
    """The first rows, and a sentence on those that `file` has beside them."""
    left = len(rows) - most
    return tuple(rows[:most]), f" {left:,} more rows are in {file}." if left > 0 else ""
