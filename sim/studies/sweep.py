"""Sweeps: a scenario at every point of one or two axes of values, on the same replications.

The values to try are written ``PATH=lo:hi:n``, ``PATH=lo:hi:n:log`` or ``PATH=a,b,c``. A range is of numbers, durations
or dates; a list is of anything that ``--set`` takes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report.style import new_axes
from sim.report.tabular import Row
from sim.runs.errors import RunRefused
from sim.runs.paired import Paired, Progress, Stage, run_paired
from sim.scenario.errors import Faults, ScenarioError, ScenarioErrors, quoted
from sim.scenario.units import duration_text, instant_of, instant_text, seconds_of
from sim.stats.outcomes import Axis, Outcome, Point, Result, Sweep
from sim.stats.summary import summary_of_times
from sim.stats.totals import interval_unit
from sim.studies.result import StudyResult, column_and_time, estimate
from sim.studies.specification import ScenarioFile, check_columns, end_of, specification_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.scenario.program import Program

MOST_VALUES = 200
FORMS = "PATH=lo:hi:n, PATH=lo:hi:n:log or PATH=a,b,c, such as lines.hotline.every=1 h:2 d:8"
_OPENING, _CLOSING = "[{(", "]})"


@dataclass(frozen=True)
class _Kind:
    """Numbers, durations or dates: how an end is read (as a number; ValueError or Faults) and a value written."""

    name: str
    read: Callable[[str], float]
    write: Callable[[float], str]


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or "_" in text:
        raise ValueError(text)
    return value


def _moment(text: str) -> float:
    return (instant_of(text).moment - _EPOCH).total_seconds()


def _write_number(value: float) -> str:
    return f"{value:.10g}"


def _write_duration(seconds: float) -> str:
    """Whole seconds from a hundred of them on: what is shown is what is run."""
    return duration_text(float(round(seconds)) if seconds >= 100 else round(seconds, 3))


def _write_moment(seconds: float) -> str:
    moment = _EPOCH + timedelta(seconds=round(seconds))
    midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return f"{moment:%Y-%m-%d}" if midnight else instant_text(moment)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS = (
    _Kind("number", _number, _write_number),
    _Kind("duration", seconds_of, _write_duration),
    _Kind("date", _moment, _write_moment),
)


def parse_axis(text: str) -> Axis:
    """The values of one path. Raises RunRefused, which says what is wrong with `text` and what would be right."""
    path, equals, spec = (part.strip() for part in text.partition("="))
    if not (path and equals and spec):
        raise _refused(text, f"expected {FORMS}")
    parts = _split(spec, text)
    if len(parts) > 1:
        return _listed(path, parts, text)
    return _range(path, spec, text)


def place_of(value: str) -> tuple[str, float] | None:
    """Kind and place on an axis of a value as it is written: seconds, for dates those since 1970; None for others."""
    for kind in _KINDS:
        try:
            return kind.name, kind.read(value)
        except (ValueError, Faults):
            continue
    return None


def _listed(path: str, parts: list[str], text: str) -> Axis:
    if not all(parts):
        raise _refused(text, "a value of the list is empty")
    if len(parts) > MOST_VALUES:
        raise _refused(text, f"{len(parts)} values; at most {MOST_VALUES} are tried")
    for at, part in enumerate(parts):
        if part in parts[:at]:
            raise _refused(text, f"{quoted(part)} is there twice")
    placed = [place_of(part) for part in parts]
    kinds = {place[0] if place else "text" for place in placed}
    if len(kinds) > 1 or kinds == {"text"}:
        return Axis(path, "text", tuple(parts), tuple(float(at) for at in range(len(parts))), log=False)
    places = [place[1] for place in placed if place]
    if len(set(places)) < len(places):
        raise _refused(text, "two of the values are the same")
    ordered = sorted(zip(places, parts, strict=True))
    return Axis(path, kinds.pop(), tuple(p for _, p in ordered), tuple(place for place, _ in ordered), log=False)


def _range(path: str, spec: str, text: str) -> Axis:
    fields = spec.split(":")
    log = fields[-1].strip() == "log"
    fields = fields[:-1] if log else fields
    if len(fields) < 2:
        raise _refused(text, f"one value is no range and no list; expected {FORMS}")
    for kind, low, high in _ends(fields):
        return _spread(path, kind, low, high, fields[-1], log, text)
    if len(fields) == 2 and next(_ends([*fields, ""]), None) is not None:
        raise _refused(text, f"how many values is missing: {spec}:5 would try five")
    ends = quoted(":".join(fields[:-1]))
    raise _refused(text, f"{ends} are not two numbers, two durations or two dates; expected {FORMS}")


def _ends(fields: list[str]) -> Iterator[tuple[_Kind, float, float]]:
    """Both ends of a range, whatever colons their times of day have."""
    for kind in _KINDS:
        for middle in range(1, len(fields) - 1):
            try:
                low, high = (":".join(some).strip() for some in (fields[:middle], fields[middle:-1]))
                yield kind, kind.read(low), kind.read(high)
            except (ValueError, Faults):
                continue


def _spread(path: str, kind: _Kind, low: float, high: float, count: str, log: bool, text: str) -> Axis:
    number = count.strip()
    if not number.isascii() or not number.isdigit() or not 2 <= int(number[:9]) <= MOST_VALUES:
        expected = f"expected a whole number from 2 to {MOST_VALUES}"
        raise _refused(text, f"{quoted(number)} is no number of values; {expected}")
    if not low < high:
        raise _refused(text, "the first end is not below the second")
    if log and (kind.name == "date" or low <= 0):
        raise _refused(text, "a logarithmic range is of numbers or durations above 0")
    steps = int(number) - 1
    if log:
        values = [low * (high / low) ** (at / steps) for at in range(steps)] + [high]
    else:
        values = [low + (high - low) * at / steps for at in range(steps)] + [high]
    written = [kind.write(value) for value in values]
    if len(set(written)) < len(written):
        raise _refused(text, f"{number} values lie too close to each other")
    return Axis(path, kind.name, tuple(written), tuple(kind.read(one) for one in written), log=log)


def _split(spec: str, text: str) -> list[str]:
    """At commas outside brackets and quotes."""
    parts, depth, quote = [""], 0, ""
    for sign in spec:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in _OPENING:
            depth += 1
        elif sign in _CLOSING:
            depth -= 1
        if sign == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += sign
    if depth or quote:
        raise _refused(text, "a bracket or quote is not closed")
    return [part.strip() for part in parts]


def _refused(text: str, message: str) -> RunRefused:
    return RunRefused(f"--vary {text}: {message}")


MOST_POINTS = 1000
AS_IS = "the scenario as it is"


@dataclass(frozen=True, eq=False)
class SweepResult(Sweep, StudyResult):
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
    asked, as_is, _ = specification_of(scenario, overrides, replications, seed, engine)
    axes = tuple(parse_axis(text) for text in ((vary,) if isinstance(vary, str) else vary))
    _check_axes(axes)
    tree = ScenarioFile(scenario, overrides)
    programs = {AS_IS: as_is, **_programs(tree, axes)}
    columns = _common(check_columns(as_is, of), programs)
    end = end_of(by, as_is.horizon)
    ran = run_paired(programs, replications, seed, engine=engine, workers=workers, progress=progress, stage=stage)
    outcomes = [outcome for column in columns for outcome in (Outcome(column, end), Outcome(column))]
    return SweepResult(
        spec=asked.ran_by(ran.engine, ran.unit),
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


def _programs(tree: ScenarioFile, axes: Sequence[Axis]) -> dict[str, Program]:
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
            raise RunRefused(
                f"{lacking} has no line at the point {quoted(name)}; --outcome chooses what is asked about"
            )
    return tuple(columns)


def _own(tree: ScenarioFile, axis: Axis) -> tuple[str, float] | None:
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
