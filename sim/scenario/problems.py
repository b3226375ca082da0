"""Gathers what is wrong with a scenario, and finds the place of each fault in the file."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

from sim.scenario.errors import Path, ScenarioError, ScenarioErrors, did_you_mean, dotted, quoted, unknown_key
from sim.scenario.nodes import Node, Place

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

    def add(self, path: Path, message: str, *, at_key: bool = False) -> None:
        """Note a fault of the value at the path, or of its key."""
        self.errors.append(self._located(path, message, at_key))

    def warn(self, path: Path, message: str) -> None:
        """Note something odd that does not stop the scenario."""
        self.warnings.append(self._located(path, message, at_key=False))

    def hint(self, name: str, known: Iterable[str]) -> str:
        """``; did you mean 'x'?`` or nothing."""
        candidates = tuple(known)
        if self._budget < 0:
            return ""
        self._budget -= len(candidates)
        return did_you_mean(name, candidates)

    def unknown(self, path: Path, name: str, what: str, known: Iterable[str]) -> None:
        """Note a reference to something that is not there: ``'x' is no channel``."""
        self.add(path, f"{quoted(name)} is no {what}{self.hint(name, known)}")

    def place_of_key(self, path: Path) -> Place:
        """Where the last key of the path stands."""
        return self._find(path)[1]

    def unknown_key(self, path: Path, key: str, known: tuple[str, ...]) -> None:
        """Note a key that has no meaning, with the nearest that has one."""
        self._budget -= len(known)
        self.add(path, unknown_key(key, known if self._budget >= 0 else ()), at_key=True)

    def misspelt(self, path: Path, known: Iterable[str]) -> bool:
        """Whether the mapping at the path has a key outside the known ones: what it lacks may be that one."""
        return bool(set(self._find(path)[2].entries).difference(known))

    def repeats(self, path: Path) -> bool:
        """Whether the mapping at the path has a duplicate key, of which only the first was read."""
        return dotted(path) in self._repeating

    def raise_if_any(self) -> None:
        """Raise ScenarioErrors, sorted by place, if a fault was noted."""
        if self.errors:
            self.errors.sort(key=lambda error: (error.file, error.line, error.column))
            raise ScenarioErrors(self.errors)

    def _located(self, path: Path, message: str, at_key: bool) -> ScenarioError:
        known, key_place, node = self._find(path)
        place = key_place if at_key else node.place
        return ScenarioError(place.file, place.line, place.column, dotted(known), message)

    def _find(self, path: Path) -> tuple[Path, Place, Node]:
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
