"""What all studies of a scenario are asked with, and how it is checked before anything is run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.runs.errors import RunRefused
from sim.runs.job import check_numbers
from sim.scenario.errors import Faults
from sim.scenario.program import ColumnError, find_column
from sim.scenario.units import seconds_of
from sim.stats.outcomes import Asked

if TYPE_CHECKING:
    from sim.scenario.program import Program
    from sim.scenario.resolved import Scenario


def asked_of(
    scenario: Scenario | str | Path, overrides: Sequence[str], replications: int, seed: int, engine: str
) -> tuple[Asked, Program, Scenario]:
    """Load and compile. Raises ScenarioErrors, and RunRefused for a number out of range."""
    from sim import api
    from sim.scenario.compiler import compile_scenario

    check_numbers(seed, replications)
    if isinstance(scenario, str | Path):
        scenario = api.load(scenario, overrides)
    elif overrides:
        raise RunRefused("overrides need the path of a scenario file; a scenario that is loaded does not change")
    program = compile_scenario(scenario, api.BLOCK)
    asked = Asked(
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
