"""A scenario file, read once, and compiled with other values at some of its paths."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.runs.errors import RunRefused
from sim.scenario.compiler import compile_scenario
from sim.scenario.errors import ScenarioErrors
from sim.scenario.examples import file_or_example
from sim.scenario.merge import apply, parse_override
from sim.scenario.reader import read_tree, scenario_of
from sim.scenario.yaml_nodes import Node

if TYPE_CHECKING:
    from sim.scenario.program import Program


class Tree:
    """The nodes of a scenario file with its overrides ``PATH=VALUE``."""

    def __init__(self, file: str | Path, overrides: Sequence[str] = ()) -> None:
        if not isinstance(file, str | Path):
            raise RunRefused("this needs the path of a scenario file; a scenario that is loaded does not change")
        file = file_or_example(file)
        self._folder = file.parent
        self._overrides = [parse_override(text) for text in overrides]
        root, self._duplicates = read_tree(file)
        self._root = root
        self._changed, refused = apply(root, self._overrides)
        if refused:
            raise ScenarioErrors(refused)

    def program(self, settings: Sequence[str]) -> Program:
        """The program with further overrides. Raises ScenarioErrors.

        What is on record holds for the world as it was: where a setting contradicts it (a channel that opens after its
        first contact), the record is left out. No simulated number depends on it.
        """
        try:
            return self._compiled(self._root, settings)
        except ScenarioErrors as refused:
            if not all(error.path.startswith("record.") for error in refused.errors):
                raise
            entries = {key: entry for key, entry in self._root.entries.items() if key != "record"}
            return self._compiled(Node(self._root.place, entries), settings)

    def _compiled(self, root: Node, settings: Sequence[str]) -> Program:
        from sim.api import BLOCK

        overrides = [*self._overrides, *(parse_override(text) for text in settings)]
        return compile_scenario(scenario_of(root, list(self._duplicates), overrides, self._folder), BLOCK)

    def plain(self) -> Any:
        """The file as mappings, lists and scalars, overrides in place."""
        return self._changed.plain()

    def written(self, path: str) -> str | None:
        """The number or text at a dotted path, out of what wraps it (``value: …``); None where there is none."""
        node: Node | None = self._changed
        for part in path.split("."):
            node = None if node is None else node.child(int(part) if part.isdigit() and not node.entries else part)
        if node is not None and "value" in node.entries:
            node = node.child("value")
        if node is None or isinstance(node.value, dict | list | bool) or node.value is None:
            return None
        return str(node.value)
