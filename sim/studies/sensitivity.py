"""Sensitivity analysis: tornado (one number at a time) and Sobol indices (variance decomposition).

The tornado moves every plain number of the file a fifth lower and a fifth higher: answer probabilities (their odds, so
that they stay between 0 and 1), odds factors, durations and distributions of durations (all their durations together;
shapes stay), and the constants under `parameters`. Dates, counts, duty hours and shares are not moved.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.report.format import duration
from sim.report.style import new_axes
from sim.report.tabular import Row
from sim.rules.random import stream_of, uniforms
from sim.runs.errors import RunRefused
from sim.runs.paired import Paired, Progress, Stage, run_paired
from sim.scenario.errors import Faults
from sim.scenario.program import Program
from sim.scenario.units import duration_text, seconds_of
from sim.stats.outcomes import Outcome
from sim.stats.sensitivity import (
    BITS,
    SETS,
    SensitivityAnalysis,
    SobolIndices,
    Swing,
    Tornado,
    sobol_design,
    sobol_indices,
    sobol_points,
)
from sim.studies.result import StudyResult, column_and_time, estimate
from sim.studies.specification import ScenarioFile, check_columns, end_of, specification_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.scenario.resolved import Scenario

FIFTH = (0.8, 1.2)
WORDS = frozenset({"basis", "source", "why"})
EFFECT = ("odds_factor", "lasts", "half_life")


@dataclass(frozen=True)
class Moved:
    """A number at both ends: its path, the settings ``PATH=VALUE``, and how the ends are written for a reader."""

    path: str
    settings: tuple[str, str]
    ends: tuple[str, str]


def plain_numbers(tree: Any) -> tuple[list[Moved], dict[str, str]]:
    """What can be moved in a file, given as mappings, lists and scalars, and why the rest was left as it is."""
    moved, left = [], {}
    for path, value, kind in _places(tree):
        ends = [_scaled(value, kind, factor) for factor in FIFTH]
        if ends[0] == ends[1]:
            reason = _reason(value)
            if reason:
                left[path] = reason
            continue
        written = [json.dumps(end, ensure_ascii=False) for end in ends]
        shown = [_shown(end, factor) for end, factor in zip(ends, FIFTH, strict=True)]
        settings = (f"{path}={written[0]}", f"{path}={written[1]}")
        moved.append(Moved(path, settings, (shown[0], shown[1])))
    return moved, left


def _places(tree: Any) -> Iterator[tuple[str, Any, str]]:
    """(path, value, kind) of all that may be moved, in order of declaration; the kind is ``odds`` or ``ratio``."""
    sections = tree if isinstance(tree, dict) else {}
    answers = _named_in(sections.get("lines"), "answer")
    for name, value in _entries(sections, "parameters"):
        yield f"parameters.{name}", value, "odds" if name in answers else "ratio"
    for name, regime in _entries(sections, "regimes"):
        for state, entry in _entries(regime, "states"):
            yield from _keys(f"regimes.{name}.states.{state}", entry, ("lasts", "odds_factor"))
    for name, event in _entries(sections, "events"):
        yield from _keys(f"events.{name}", event, ("every",))
        yield from _keys(f"events.{name}.effect", event.get("effect"), EFFECT)
    for name, line in _entries(sections, "lines"):
        where = f"lines.{name}"
        yield from _keys(f"{where}.starts", line.get("starts"), ("wait",))
        yield from _keys(where, line, ("every", "answer", "delay", "call", "give_up"))
        for cause in ("on_unanswered", "on_contact"):
            yield from _keys(f"{where}.{cause}", line.get(cause), EFFECT)


def _keys(where: str, entry: Any, keys: tuple[str, ...]) -> Iterator[tuple[str, Any, str]]:
    if isinstance(entry, dict):
        for key in keys:
            if key in entry:
                yield f"{where}.{key}", entry[key], "odds" if key == "answer" else "ratio"


def _entries(holder: Any, key: str) -> Iterator[tuple[str, Any]]:
    entries = holder.get(key) if isinstance(holder, dict) else None
    yield from entries.items() if isinstance(entries, dict) else ()


def _named_in(lines: Any, key: str) -> set[str]:
    """The parameters that stand for this key of any line."""
    values = [line.get(key) for line in lines.values() if isinstance(line, dict)] if isinstance(lines, dict) else []
    return {str(value["parameter"]) for value in values if isinstance(value, dict) and "parameter" in value}


def _scaled(value: Any, kind: str, factor: float) -> Any:
    """The value with all its plain numbers moved; what is uncertain, or a reference, stays."""
    if isinstance(value, dict):
        if "prior" in value or "parameter" in value:
            return value
        if "value" in value:
            return _scaled(value["value"], kind, factor)
        return {key: one if key in WORDS else _scaled_inside(one, factor) for key, one in value.items()}
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return _odds(value, factor) if kind == "odds" else _rounded(value * factor)
    return _scaled_inside(value, factor)


def _scaled_inside(value: Any, factor: float) -> Any:
    """Within a distribution durations move; bare numbers are shapes, and stay."""
    scale: Callable[[Any], Any] = lambda one: _scaled_inside(one, factor)  # noqa: E731
    if isinstance(value, dict):
        if "prior" in value or "parameter" in value:
            return value
        return {key: one if key in WORDS else scale(one) for key, one in value.items()}
    if isinstance(value, list):
        return [scale(one) for one in value]
    if isinstance(value, str):
        try:
            return duration_text(_rounded(seconds_of(value) * factor))
        except Faults:
            return value
    return value


def _odds(probability: float, factor: float) -> float:
    odds = probability * factor
    return _rounded(odds / (odds + 1 - probability)) if 0 < probability < 1 else float(probability)


def _rounded(value: float) -> float:
    return float(f"{value:.9g}")


def _reason(value: Any) -> str:
    inner = value["value"] if isinstance(value, dict) and "value" in value else value
    if isinstance(inner, dict):
        # What is uncertain is studied as such, and a reference where it leads to.
        return "" if _refers(inner) else "nothing in it is a duration"
    return f"a fifth of {inner} more or less is the same" if isinstance(inner, int | float | str) else ""


def _refers(value: Mapping[str, Any]) -> bool:
    return any(key in ("prior", "parameter") or (isinstance(one, dict) and _refers(one)) for key, one in value.items())


def _shown(value: Any, factor: float) -> str:
    """For a reader: a number, a duration in the unit that suits it, or the factor."""
    if isinstance(value, float | int):
        return f"{value:.4g}"
    return duration(seconds_of(value)) if isinstance(value, str) else f"× {factor:g}"


Floats = NDArray[np.float64]

ENDS = (0.1, 0.9)
"""Quantiles of a prior that are its ends."""

DESIGN_FACTOR = 4
"""Replications of each design of the Sobol indices, for one at each end of the tornado."""

MOST_NUMBERS = 200
LEAST_ROWS = 2 * SETS
MIDDLE = "middle"
DEPENDENT = (
    "the uncertain numbers are posterior draws, which depend on each other: Sobol indices take an outcome's spread "
    "apart for independent numbers only"
)
NONE_UNCERTAIN = "no number of the scenario is uncertain, so there is no spread to take apart; give numbers a prior"


@dataclass(frozen=True, eq=False)
class SensitivityResult(SensitivityAnalysis, StudyResult):
    """What `sensitivity` found, with its tables and pictures."""

    def rows(self) -> list[Row]:
        """A row for each outcome and number."""
        return [
            {
                **column_and_time(tornado.outcome),
                "path": swing.path,
                "low": swing.low,
                "high": swing.high,
                **estimate("at_low", swing.at_low),
                **estimate("at_high", swing.at_high),
                **estimate("swing", swing.swing),
                **self._indices_of(tornado.outcome, swing.path),
            }
            for tornado in self.tornadoes
            for swing in tornado.swings
        ]

    def _indices_of(self, outcome: Outcome, path: str) -> Row:
        found = self.indices.get(outcome)
        place = self.numbers.index(path) if found is not None else 0
        first, total = (None, None) if found is None else (found.first, found.total)
        return {
            **estimate("first", first[place] if first else None),
            **estimate("total", total[place] if total else None),
        }

    def sentences(self) -> list[str]:
        """The answer in words."""
        from sim.report.sensitivity import sentences

        return sentences(self)

    def plot(
        self, ax: Axes | None = None, *, column: str | None = None, wait: bool = False, indices: bool = False
    ) -> Axes:
        """The tornado of the probability of contact or of the mean wait, or its Sobol indices."""
        from sim.report.figures.sensitivity import sobol_indices, tornado

        outcome = Outcome(column or self.columns[0], None if wait else self.by)
        draw = sobol_indices if indices else tornado
        return draw(ax or new_axes(), self, outcome)


def sensitivity(
    scenario: Scenario | str | Path,
    replications: int = 4_096,
    seed: int = 1,
    *,
    of: Sequence[str] = (),
    by: str | int | None = None,
    indices: bool | None = None,
    engine: str = "auto",
    workers: int | None = None,
    overrides: Sequence[str] = (),
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> SensitivityResult:
    """Move every uncertain number, or every plain one where none is uncertain, and see what the outcomes do.

    scenario      a scenario, or the path of a file; plain numbers need the path
    replications  at each end of each number. For Sobol indices there are four times as many in each of the designs, 16
                  at a point
    of            columns whose first contact is asked about; ``any`` and all groups unless given
    by            a duration (``30 d``) or seconds from the start: contact by then; None: by the end
    indices       whether to estimate Sobol indices; None: where the uncertain numbers are independent

    Raises ScenarioErrors and RunRefused before anything is run; RunRefused where indices are asked for that cannot be.
    """
    asked, program, loaded = specification_of(scenario, overrides, replications, seed, engine)
    columns = check_columns(program, of)
    end = end_of(by, program.horizon)
    outcomes = [outcome for column in columns for outcome in (Outcome(column, end), Outcome(column))]
    rows = _rows(DESIGN_FACTOR * replications, program.block)
    refused = _no_indices(program, rows, replications, indices)
    if refused and indices:
        raise RunRefused(refused)
    settings: dict[str, Any] = {"engine": engine, "workers": workers, "progress": progress, "stage": stage}
    ends = _uncertain_ends(program, loaded) if program.uncertain else _plain_ends(scenario, overrides, program)
    ran = run_paired(ends.programs, replications, seed, **settings)
    found: Mapping[Outcome, SobolIndices] = {}
    if not refused:
        designed = run_paired(_designs(program, rows, seed), rows * program.block, seed, **settings)
        found = {outcome: _indices(designed, outcome, rows) for outcome in outcomes}
    return SensitivityResult(
        # Uncertain numbers are held, so replications are independent.
        spec=asked.ran_by(ran.engine, 1),
        columns=columns,
        by=end,
        source=ends.source,
        numbers=program.uncertain,
        tornadoes=tuple(_tornado(ran, outcome, ends) for outcome in outcomes),
        indices=found,
        no_indices=refused,
        left_out=ends.left_out,
    )


# Tornado -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Ends:
    """programs: in the middle, and with each number at both ends; numbers: path and both ends as written."""

    source: str
    programs: Mapping[str, Program]
    numbers: tuple[tuple[str, str, str], ...]
    left_out: Mapping[str, str]


def _uncertain_ends(program: Program, scenario: Scenario) -> _Ends:
    """The 10 % and 90 % quantiles of each uncertain number, the others at their medians."""
    check_count(len(program.uncertain))
    middle = np.array([_quantile(program, at, 0.5) for at in range(len(program.uncertain))])
    programs = {MIDDLE: held(program, middle)}
    numbers = []
    units = _units(scenario)
    for at, path in enumerate(program.uncertain):
        ends = [_quantile(program, at, share) for share in ENDS]
        for name, value in zip(_names(path), ends, strict=True):
            moved = middle.copy()
            moved[at] = value
            programs[name] = held(program, moved)
        numbers.append((path, _written(ends[0], units[at]), _written(ends[1], units[at])))
    source = "prior" if program.posterior is None else "posterior"
    return _Ends(source, programs, tuple(numbers), {})


def held(program: Program, values: Floats) -> Program:
    """The program with its uncertain numbers, in order, held at these values."""
    return replace(program, posterior=np.array(values, np.float64).reshape(1, -1))


def _quantile(program: Program, number: int, share: float) -> float:
    if program.posterior is None:
        return float(program.priors[number].quantile(share))
    return float(np.quantile(program.posterior[:, number], share, method="inverted_cdf"))


def _units(scenario: Scenario) -> list[bool]:
    """Whether each uncertain number is a duration."""
    return [number.unit == "s" for number in scenario.uncertain]


def _written(value: float, is_duration: bool) -> str:
    return duration(value) if is_duration else f"{value:.3g}"


def _plain_ends(scenario: Scenario | str | Path, overrides: Sequence[str], program: Program) -> _Ends:
    """Every plain number times 0.8 and 1.2, the others as they are."""
    tree = ScenarioFile(scenario, overrides)  # type: ignore[arg-type]  # refuses what is no path
    moved, left_out = plain_numbers(tree.plain())
    check_count(len(moved))
    programs = {MIDDLE: program}
    for one in moved:
        for name, setting in zip(_names(one.path), one.settings, strict=True):
            programs[name] = tree.program([setting])
    return _Ends("numbers", programs, tuple((one.path, *one.ends) for one in moved), left_out)


def check_count(numbers: int) -> None:
    """Raise RunRefused where there are too many numbers, or none."""
    if not numbers:
        raise RunRefused("the scenario has no number to move: every answer is 0 or 1, and no duration is above 0 s")
    if numbers > MOST_NUMBERS:
        raise RunRefused(f"{numbers} numbers; at most {MOST_NUMBERS} are moved one by one")


def _names(path: str) -> tuple[str, str]:
    return f"{path} low", f"{path} high"


def _tornado(ran: Paired, outcome: Outcome, ends: _Ends) -> Tornado:
    def values(name: str) -> NDArray[np.int64]:
        return outcome.of(ran.limited(name, outcome.column), ran.horizon)

    swings = []
    middle = values(MIDDLE)
    for path, low, high in ends.numbers:
        one, other = (values(name) for name in _names(path))
        at_low, at_high = (outcome.estimate(there, ran.horizon) for there in (one, other))
        down, up = (outcome.difference(there, middle, ran.horizon) for there in (one, other))
        swings.append(Swing(path, low, high, at_low, at_high, down, up, outcome.difference(other, one, ran.horizon)))
    # Sorting keeps the order of the file among those that move the outcome as far.
    swings.sort(key=lambda swing: -swing.width)
    return Tornado(outcome, outcome.estimate(middle, ran.horizon), tuple(swings))


# Sobol indices -------------------------------------------------------------------------------------------------------


class Designed(Program):
    """A program whose block b has row b of a table as its uncertain numbers, not a random row of it."""

    def draw_parameters(self, seed: int, blocks: range) -> Floats:
        """See Program; the table is as long as the blocks asked for."""
        assert self.posterior is not None
        return np.ascontiguousarray(self.posterior[blocks.start : blocks.stop])


def designed(program: Program, table: Floats) -> Designed:
    """The program with a row of `table`, (blocks, uncertain), for each block."""
    values = {field.name: getattr(program, field.name) for field in fields(Program)}
    return Designed(**{**values, "posterior": np.ascontiguousarray(table, np.float64)})


def _rows(replications: int, block: int) -> int:
    """The largest number of rows, a power of two times the sets, that so many replications are enough for."""
    sets = replications // block // SETS
    return SETS << (sets.bit_length() - 1) if sets else 0


def _no_indices(program: Program, rows: int, replications: int, wanted: bool | None) -> str:
    """Why there are no Sobol indices; nothing where there are."""
    if wanted is False:
        return "they were not asked for"
    if not program.uncertain:
        return NONE_UNCERTAIN
    if program.posterior is not None:
        return DEPENDENT
    if rows < LEAST_ROWS:
        least = LEAST_ROWS * program.block // DESIGN_FACTOR
        return f"replications: {replications} are too few for Sobol indices; expected {least} at least"
    return ""


def _designs(program: Program, rows: int, seed: int) -> dict[str, Program]:
    """The programs of A, B and every AB_i; block b has the b-th point of each."""
    numbers = len(program.uncertain)
    shifts = np.empty((SETS, 2 * numbers), np.int64)
    for at, (half, path) in enumerate((half, path) for half in "AB" for path in program.uncertain):
        drawn, _ = uniforms(seed, stream_of(f"design {half}", path), range(SETS), range(1), 0)
        shifts[:, at] = drawn[:, 0] * (1 << BITS)
    a, b, mixed = sobol_points(sobol_design(2 * numbers, rows, shifts))
    return {str(at): designed(program, _valued(program, table)) for at, table in enumerate((a, b, *mixed))}


def _valued(program: Program, coordinates: Floats) -> Floats:
    """The values of the uncertain numbers at these quantiles of their priors."""
    columns: Iterable[list[float]] = (
        [prior.quantile(u) for u in coordinates[:, at].tolist()] for at, prior in enumerate(program.priors)
    )
    return np.array(list(columns), np.float64).T


def _indices(ran: Paired, outcome: Outcome, rows: int) -> SobolIndices:
    values = [
        outcome.of(ran.limited(name, outcome.column), ran.horizon).reshape(rows, -1).astype(np.float64)
        for name in ran.programs
    ]
    return sobol_indices(values[0], values[1], tuple(values[2:]))
