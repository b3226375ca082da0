"""What is wrong with a scenario, where, and what was probably meant."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

Path = tuple[str | int, ...]
"""A place in a scenario: keys of mappings, indices of lists."""

LONGEST_QUOTE = 60
LONGEST_FILE = 400
MOST_SHOWN = 200
"""Errors told in the text of ScenarioErrors; `.errors` has them all."""


@dataclass(frozen=True)
class ScenarioError:
    """One fault. `line` and `column` count from 1; `line` is 0 where there is no place to point at (a missing file, or
    ``--set``, whose text is then in `file`). `path` is dotted. The text never holds a control character."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        file = self.file if len(self.file) <= LONGEST_FILE else f"{self.file[:80]}…{self.file[80 - LONGEST_FILE :]}"
        if self.line == 0:
            return visible(f"{file}: {self.message}")
        place = f"{file}:{self.line}:{self.column}"
        return visible(f"{place} {self.path}: {self.message}" if self.path else f"{place}: {self.message}")


class ScenarioErrors(ValueError):  # noqa: N818 - it holds several
    """All the faults of a scenario, in order of file, line and column."""

    def __init__(self, errors: Iterable[ScenarioError]) -> None:
        self.errors: tuple[ScenarioError, ...] = tuple(errors)
        shown = [str(error) for error in self.errors[:MOST_SHOWN]]
        if len(self.errors) > MOST_SHOWN:
            shown.append(f"… and {len(self.errors) - MOST_SHOWN} more errors")
        super().__init__("\n".join(shown))


@dataclass(frozen=True)
class Fault:
    """A fault inside one value: `tail` leads from the value to what is wrong; `at_key` points at the key, not at what
    stands there."""

    message: str
    tail: Path = ()
    at_key: bool = False

    def under(self, *head: str | int) -> Fault:
        """The same fault, seen from further out."""
        return Fault(self.message, (*head, *self.tail), self.at_key)


class Faults(ValueError):  # noqa: N818 - it holds several
    """A value that cannot be read, for one reason or several."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(fault.message for fault in faults))


def fault(message: str, *tail: str | int, at_key: bool = False) -> Faults:
    """One fault as an exception."""
    return Faults(Fault(message, tail, at_key))


def dotted(path: Sequence[str | int]) -> str:
    """``("lines", "a", "affects", 0)`` as ``lines.a.affects.0``, long keys cut."""
    return ".".join(_cut(str(part)) for part in path)


def quoted(text: str) -> str:
    """The text in single quotes, cut where it is very long."""
    return f"'{_cut(text)}'"


def found(value: object) -> str:
    """How an error names what it found."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return _cut(str(value))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` with the nearest known name, or nothing where none is near."""
    near = nearest(name[: 2 * LONGEST_QUOTE], tuple(known))
    return f"; did you mean {quoted(near)}?" if near else ""


def unknown_key(key: str, known: Iterable[str]) -> str:
    """The message for a key that has no meaning where it stands. The known keys are listed where none is near."""
    known = tuple(known)
    hint = did_you_mean(key, known)
    return f"unknown key {quoted(key)}" + (hint or f"; expected {one_of(known)}" if known else "")


def one_of(names: Sequence[str]) -> str:
    """``a, b or c``."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]


def visible(text: str) -> str:
    """The text with control, formatting and line-breaking characters escaped: an error must not steer a terminal."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} and character != "\n":
        return character.encode("unicode_escape").decode("ascii")
    return "\\n" if character == "\n" else character


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


@lru_cache(maxsize=4096)
def nearest(name: str, known: tuple[str, ...]) -> str | None:
    """The known name nearest to another, if one is near; case is the least of differences."""
    folded = name.casefold()
    for candidate in known:
        if candidate.casefold() == folded:
            return candidate
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return close[0] if close else None
