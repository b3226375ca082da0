"""What all studies of a scenario are asked with, and how it is checked before anything is run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.runs.errors import RunRefused
from sim.runs.job import check_numbers
from sim.scenario.errors import Faults, did_you_mean, quoted
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
    )
    return asked, program, scenario


def check_columns(program: Program, wanted: Sequence[str]) -> tuple[str, ...]:
    """The columns asked for; ``any`` and all groups where none is. A NAME that only one column has is that column.

    Raises RunRefused for one that the scenario lacks, or that no line is in.
    """
    columns = {column.name: column.members for column in program.columns}
    if not wanted:
        return ("any", *(name for name in columns if name.startswith("group:")))
    return tuple(dict.fromkeys(_column(columns, name) for name in wanted))


def _column(columns: dict[str, tuple[int, ...]], name: str) -> str:
    alike = [name] if name in columns else [one for one in columns if name and one.partition(":")[2] == name]
    if len(alike) > 1:
        raise RunRefused(f"{quoted(name)} may mean {' or '.join(alike)}; give it with its kind")
    if not alike:
        known = (*columns, *(column.partition(":")[2] for column in columns))
        raise RunRefused(f"{quoted(name)} is no line, group, channel, level or side{did_you_mean(name, known)}")
    if not columns[alike[0]]:
        raise RunRefused(f"{alike[0]} has no line: there is nothing to ask about it")
    return alike[0]


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
