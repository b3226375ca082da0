"""A scenario at every point of one or two axes of values, on the same replications."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.runs.errors import RunRefused
from sim.runs.paired import Paired, Progress, Stage, run_paired
from sim.scenario.errors import ScenarioError, ScenarioErrors, quoted
from sim.stats.outcomes import Axis, Outcome, Point, Result, Sweep
from sim.stats.summary import summary_of_times
from sim.stats.totals import interval_unit
from sim.studies.asked import asked_of, check_columns, end_of
from sim.studies.shown import Row, Shown, column_and_time, estimate, new_axes
from sim.studies.tree import Tree
from sim.studies.varied import parse_axis, place_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.scenario.program import Program

MOST_POINTS = 1000
AS_IS = "the scenario as it is"


@dataclass(frozen=True, eq=False)
class SweepResult(Sweep, Shown):
    """What `sweep` found, with its tables and pictures."""

    def rows(self) -> list[Row]:
        """A row for each point and outcome."""
        return [
            {
                **dict(zip((axis.path for axis in self.axes), point.values, strict=True)),
                **column_and_time(outcome),
                **estimate("estimate", result.estimate),
                **estimate("difference", result.difference),
            }
            for point in self.points
            for outcome, result in point.results.items()
        ]

    def sentences(self) -> list[str]:
        """The answer in words."""
        from sim.report.sweep import sentences

        return sentences(self)

    def plot(self, ax: Axes | None = None, *, column: str | None = None, wait: bool = False) -> Axes:
        """The probability of contact, or the mean wait: a curve with its band along one axis, a heat map over two."""
        from sim.report.figures.sweep import swept

        outcome = self.outcomes(column or self.columns[0])[1 if wait else 0]
        return swept(ax or new_axes(), self, outcome)


def sweep(
    scenario: str | Path,
    vary: str | Sequence[str],
    replications: int = 2_000,
    seed: int = 1,
    *,
    of: Sequence[str] = (),
    by: str | int | None = None,
    engine: str = "auto",
    workers: int | None = None,
    overrides: Sequence[str] = (),
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> SweepResult:
    """Run a scenario with one number, or two, at each of several values.

    scenario      the path of a file
    vary          one or two texts: ``PATH=lo:hi:n``, ``PATH=lo:hi:n:log`` or ``PATH=a,b,c``
    replications  at each point; the same ones at all of them, and in a run of the point alone
    of            columns whose first contact is asked about; ``any`` and all groups unless given
    by            a duration (``30 d``) or seconds from the start: contact by then; None: by the end

    Raises ScenarioErrors (for a value that the scenario does not take, with the point) and RunRefused before anything
    is run.
    """
    asked, as_is, _ = asked_of(scenario, overrides, replications, seed, engine)
    axes = tuple(parse_axis(text) for text in ((vary,) if isinstance(vary, str) else vary))
    _check_axes(axes)
    tree = Tree(scenario, overrides)
    programs = {AS_IS: as_is, **_programs(tree, axes)}
    columns = _common(check_columns(as_is, of), programs)
    end = end_of(by, as_is.horizon)
    ran = run_paired(programs, replications, seed, engine=engine, workers=workers, progress=progress, stage=stage)
    outcomes = [outcome for column in columns for outcome in (Outcome(column, end), Outcome(column))]
    return SweepResult(
        asked=asked.ran_by(ran.engine, ran.unit),
        axes=axes,
        columns=columns,
        by=end,
        as_is={outcome: _estimate(ran, AS_IS, outcome) for outcome in outcomes},
        own=tuple(_own(tree, axis) for axis in axes),
        points=tuple(
            _point(ran, name, values, columns, outcomes)
            for name, values in zip(list(programs)[1:], product(*(axis.values for axis in axes)), strict=True)
        ),
    )


def _check_axes(axes: Sequence[Axis]) -> None:
    if not 1 <= len(axes) <= 2:
        raise RunRefused(f"{len(axes)} paths to vary; expected one or two")
    if len({axis.path for axis in axes}) < len(axes):
        raise RunRefused(f"--vary {axes[0].path}: the same path twice")
    points = prod(len(axis.values) for axis in axes)
    if points > MOST_POINTS:
        raise RunRefused(f"{points} points; at most {MOST_POINTS} are tried: take fewer values of a path")


def _programs(tree: Tree, axes: Sequence[Axis]) -> dict[str, Program]:
    """The program at each point, by its name. Raises ScenarioErrors that name the points, each fault once."""
    programs: dict[str, Program] = {}
    faults: dict[str, ScenarioError] = {}
    for values in product(*(axis.values for axis in axes)):
        settings = [f"{axis.path}={value}" for axis, value in zip(axes, values, strict=True)]
        try:
            programs[", ".join(settings)] = tree.program(settings)
        except ScenarioErrors as refused:
            for error in refused.errors:
                faults.setdefault(error.message, _told(error, ", ".join(settings)))
    if faults:
        raise ScenarioErrors(faults.values())
    return programs


def _told(error: ScenarioError, point: str) -> ScenarioError:
    """A fault of the point: what ``--set`` says of it is said of ``--vary``."""
    file, _, setting = error.file.partition("--set ")
    if not file and setting:
        return ScenarioError(f"--vary {setting}", error.line, error.column, error.path, error.message)
    message = f"{error.message} (at the point {quoted(point)})"
    return ScenarioError(error.file, error.line, error.column, error.path, message)


def _common(columns: Sequence[str], programs: Mapping[str, Program]) -> tuple[str, ...]:
    for name, program in programs.items():
        held = {column.key for column in program.columns if column.members}
        lacking = next((column for column in columns if column not in held), None)
        if lacking is not None:
            raise RunRefused(f"{lacking} has no line at the point {quoted(name)}; --of chooses what is asked about")
    return tuple(columns)


def _own(tree: Tree, axis: Axis) -> tuple[str, float] | None:
    written = tree.written(axis.path)
    if written is None:
        return None
    if axis.kind == "text":
        return (written, axis.places[axis.values.index(written)]) if written in axis.values else None
    place = place_of(written)
    return (written, place[1]) if place is not None and place[0] == axis.kind else None


def _estimate(ran: Paired, name: str, outcome: Outcome) -> Any:
    values = outcome.of(ran.limited(name, outcome.column), ran.horizon)
    return outcome.estimate(values, ran.horizon, interval_unit(ran.programs[name]))


def _point(
    ran: Paired, name: str, values: tuple[str, ...], columns: Sequence[str], outcomes: Sequence[Outcome]
) -> Point:
    unit = interval_unit(ran.programs[name])
    return Point(
        values=values,
        sha256=ran.programs[name].sha256,
        results=dict(_results(ran, name, outcomes)),
        first_contact={column: summary_of_times(ran.times(name, column), ran.horizon, unit) for column in columns},
    )


def _results(ran: Paired, name: str, outcomes: Sequence[Outcome]) -> Iterator[tuple[Outcome, Result]]:
    for outcome in outcomes:
        here, there = (outcome.of(ran.limited(one, outcome.column), ran.horizon) for one in (name, AS_IS))
        yield outcome, Result(_estimate(ran, name, outcome), outcome.difference(here, there, ran.horizon, ran.unit))
