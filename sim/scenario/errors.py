"""Errors of a scenario file: the place, the fault, and the name that was probably meant."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.yaml_nodes import FilePlace, Node


KeyPath = tuple[str | int, ...]
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
    tail: KeyPath = ()
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


def odd_blank(text: str) -> str:
    """``a no-break space (U+00A0)`` for the first blank in a text that is no ordinary one; "" where there is none."""
    odd = next((character for character in text if character.isspace() and character not in " \n"), None)
    if odd is None:
        return ""
    name = unicodedata.name(odd, "tab" if odd == "\t" else "blank").lower()
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name} (U+{ord(odd):04X})"


def blank_hint(text: str) -> str:
    """What an error adds where a text holds a blank that looks like an ordinary one and is none."""
    odd = odd_blank(text)
    return f"; it holds {odd}: write an ordinary blank" if odd else ""


def is_utf8(text: str) -> bool:
    """Whether a text from the command line or the file system was UTF-8."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


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


HINTING_BUDGET = 200_000
"""Names compared for hints, all faults together: a file with ten thousand lines and as many wrong names stays quick."""


class Problems:
    """The faults and warnings of one scenario. A path that does not exist stands for the deepest part that does."""

    def __init__(self, root: Node, errors: Iterable[ScenarioError] = ()) -> None:
        self.root = root
        self.errors = list(errors)
        self.warnings: list[ScenarioError] = []
        self._budget = HINTING_BUDGET
        self._repeating = {error.path.rpartition(".")[0] for error in self.errors}

    def add(self, path: KeyPath, message: str, *, at_key: bool = False) -> None:
        """Note a fault of the value at the path, or of its key."""
        self.errors.append(self._located(path, message, at_key))

    def warn(self, path: KeyPath, message: str) -> None:
        """Note something odd that does not stop the scenario."""
        self.warnings.append(self._located(path, message, at_key=False))

    def hint(self, name: str, known: Iterable[str]) -> str:
        """``; did you mean 'x'?`` or nothing."""
        candidates = tuple(known)
        if self._budget < 0:
            return ""
        self._budget -= len(candidates)
        return did_you_mean(name, candidates)

    def unknown(self, path: KeyPath, name: str, what: str, known: Iterable[str]) -> None:
        """Note a reference to something that is not there: ``'x' is no channel``."""
        self.add(path, f"{quoted(name)} is no {what}{self.hint(name, known)}")

    def place_of_key(self, path: KeyPath) -> FilePlace:
        """Where the last key of the path stands."""
        return self._find(path)[1]

    def unknown_key(self, path: KeyPath, key: str, known: tuple[str, ...]) -> None:
        """Note a key that has no meaning, with the nearest that has one."""
        self._budget -= len(known)
        self.add(path, unknown_key(key, known if self._budget >= 0 else ()), at_key=True)

    def misspelt(self, path: KeyPath, known: Iterable[str]) -> bool:
        """Whether the mapping at the path has a key outside the known ones: what it lacks may be that one."""
        return bool(set(self._find(path)[2].entries).difference(known))

    def repeats(self, path: KeyPath) -> bool:
        """Whether the mapping at the path has a duplicate key, of which only the first was read."""
        return dotted(path) in self._repeating

    def raise_if_any(self) -> None:
        """Raise ScenarioErrors, sorted by place, if a fault was noted."""
        if self.errors:
            self.errors.sort(key=lambda error: (error.file, error.line, error.column))
            raise ScenarioErrors(self.errors)

    def _located(self, path: KeyPath, message: str, at_key: bool) -> ScenarioError:
        known, key_place, node = self._find(path)
        place = key_place if at_key else node.place
        return ScenarioError(place.file, place.line, place.column, dotted(known), message)

    def _find(self, path: KeyPath) -> tuple[KeyPath, FilePlace, Node]:
        """The part of the path that exists, the place of its last key (of an item of a list, its own), and its node."""
        node, place = self.root, self.root.place
        known: list[str | int] = []
        for part, following in zip_longest(path, path[1:]):
            child = node.child(part)
            if child is None:
                # Short forms stand for longer ones: a date alone has no index and no key, a wrapped one only its own.
                index = isinstance(part, int) and not isinstance(node.value, list)
                if index or (following is not None and node.child(following) is not None):
                    continue
                break
            place = node.entries[part][0] if isinstance(part, str) else child.place
            node = child
            known.append(part)
        return tuple(known), place, node
