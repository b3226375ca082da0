"""Study specifications: the scenario, columns and times that a study is asked about, checked before anything is run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.runs.errors import RunRefused
from sim.runs.spec import check_numbers
from sim.scenario.compiler import compile_scenario
from sim.scenario.errors import Faults, ScenarioErrors
from sim.scenario.examples import file_or_example
from sim.scenario.merge import apply, parse_override
from sim.scenario.program import ColumnError, find_column
from sim.scenario.reader import read_tree, scenario_of
from sim.scenario.units import seconds_of
from sim.scenario.yaml_nodes import Node
from sim.stats.outcomes import StudySpec

if TYPE_CHECKING:
    from sim.scenario.program import Program
    from sim.scenario.resolved import Scenario


def specification_of(
    scenario: Scenario | str | Path, overrides: Sequence[str], replications: int, seed: int, engine: str
) -> tuple[StudySpec, Program, Scenario]:
    """Load and compile. Raises ScenarioErrors, and RunRefused for a number out of range."""
    from sim import api
    from sim.scenario.compiler import compile_scenario

    check_numbers(seed, replications)
    if isinstance(scenario, str | Path):
        scenario = api.load(scenario, overrides)
    elif overrides:
        raise RunRefused("overrides need the path of a scenario file; a scenario that is loaded does not change")
    program = compile_scenario(scenario, api.BLOCK)
    asked = StudySpec(
        title=program.title,
        sha256=program.sha256,
        start=program.start,
        horizon=program.horizon,
        seed=seed,
        replications=replications,
        engine=engine,
        unit=1,
        changes=tuple(overrides),
        titles=_titles(scenario),
    )
    return asked, program, scenario


def _titles(scenario: Scenario) -> dict[str, str]:
    kinds = ("lines", "channels", "sides", "regimes", "events", "officials")
    return {f"{kind}.{one.name}": one.title for kind in kinds for one in getattr(scenario, kind) if one.title}


def check_columns(program: Program, wanted: Sequence[str]) -> tuple[str, ...]:
    """The columns asked for; ``any`` and all groups where none is. A NAME that only one column has is that column.

    Raises RunRefused for one that the scenario lacks, or that no line is in.
    """
    if not wanted:
        return ("any", *(column.key for column in program.columns if column.kind == "group"))
    return tuple(dict.fromkeys(_column(program, name) for name in wanted))


def _column(program: Program, name: str) -> str:
    try:
        found = find_column(name, program.columns)
    except ColumnError as error:
        raise RunRefused(str(error)) from None
    if not found.members:
        raise RunRefused(f"{found.key} has no line: there is nothing to ask about it")
    return found.key


def end_of(by: str | int | None, horizon: int) -> int:
    """The time asked about in seconds from the start; the horizon where None. Raises RunRefused."""
    if by is None:
        return horizon
    if isinstance(by, str):
        try:
            seconds = seconds_of(by)
        except Faults as error:
            raise RunRefused(f"by: {error}") from None
        by = int(seconds + 0.5)
    if isinstance(by, bool) or not isinstance(by, int) or not 1 <= by <= horizon:
        raise RunRefused(f"by: {by} s is out of range; expected from 1 s to the end of the clock, {horizon} s")
    return by


class ScenarioFile:
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
