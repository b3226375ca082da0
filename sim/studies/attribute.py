"""Attribution: the outcome with and without each line and channel, and their Shapley values.

A line that is taken away makes no attempt, so nothing that waits for its contact, for its giving up or for an
unanswered attempt ever happens because of it. All other lines keep their draws, which are addressed by name. Coalitions
of lines are very many programs of few replications each: a worker takes some programs and all replications, whereas
`sim.runs.paired` gives each worker all programs and some replications.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.engines import get
from sim.report.style import new_axes
from sim.report.tabular import Row
from sim.runs.errors import RunInterrupted, RunRefused
from sim.runs.execute import choose_workers, execute
from sim.runs.paired import Paired, Progress, Stage, run_paired
from sim.scenario.dependencies import components, connected
from sim.scenario.program import NONE, Program, Start
from sim.stats.attribution import (
    MOST_PLAYERS,
    Attribution,
    CoalitionTable,
    Contribution,
    Redundancy,
    contribution,
    redundancy,
    shapley_values,
)
from sim.stats.first_contact import WITHIN_SECONDS
from sim.stats.outcomes import Outcome
from sim.studies.result import StudyResult, column_and_time, estimate
from sim.studies.specification import check_columns, end_of, specification_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.runs.paired import Progress
    from sim.scenario.program import Program
    from sim.scenario.resolved import Scenario
    from sim.stats.intervals import Estimate


def without(program: Program, lines: Collection[int]) -> Program:
    """The program in which the lines at these places never begin; the same one where there are none.

    Lines and columns stay as they are, so that results can be laid side by side: the first contact of a line that is
    taken away is NEVER. The hash tells the programs apart.
    """
    if not lines:
        return program
    gone = np.zeros(len(program.lines), np.bool_)
    gone[sorted(lines)] = True
    line = program.line
    names = ",".join(name for name, away in zip(program.lines, gone.tolist(), strict=True) if away)
    return replace(
        program,
        sha256=hashlib.sha256(f"{program.sha256} without {names}".encode()).hexdigest(),
        line=replace(
            line,
            # A line that would begin at the horizon never does, in every engine.
            start=np.where(gone, int(Start.AT), line.start),
            start_second=np.where(gone, program.horizon, line.start_second),
            start_event=np.where(gone, NONE, line.start_event),
            start_lines=tuple(() if away else some for away, some in zip(gone.tolist(), line.start_lines, strict=True)),
            wait=np.where(gone, NONE, line.wait),
        ),
    )


Removed = frozenset[int]
"""Lines that are taken away, by place."""

TOGETHER = 8
"""Programs that a worker takes at a time."""

FEW = 100_000
"""Replications, all coalitions together, below which starting processes takes longer than what they would save."""


@dataclass(frozen=True)
class CoalitionTask:
    """The task of a worker: some of the programs, by place in `chosen`."""

    program: Program
    chosen: tuple[Removed, ...]
    seed: int
    engine: str
    replications: int

    def __call__(self, places: range) -> list[NDArray[np.int64]]:
        """First contacts, (replications, lines), for each coalition of some places."""
        engine, whole = get(self.engine), range(self.replications)
        programs = (without(self.program, self.chosen[place]) for place in places)
        return [engine.simulate(program, self.seed, whole).first_contact for program in programs]


def first_contacts(
    program: Program,
    chosen: Sequence[Removed],
    replications: int,
    seed: int,
    engine: str,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Mapping[Removed, NDArray[np.int64]]:
    """(n, lines) first contacts, as in `sim.engines.contract.Batch`, of the program without each set of lines.

    engine  the name of one, ready to start. Results depend neither on it nor on `workers`

    Raises RunInterrupted on an interrupt.
    """
    task = CoalitionTask(program, tuple(chosen), seed, engine, replications)
    chunks = [range(first, min(first + TOGETHER, len(chosen))) for first in range(0, len(chosen), TOGETHER)]
    whole = len(chosen) * replications
    hands = workers or (1 if whole < FEW else choose_workers(len(chunks)))
    follow = progress or (lambda done, whole: None)
    found: dict[Removed, NDArray[np.int64]] = {}
    follow(0, whole)
    try:
        with contextlib.closing(execute(task, chunks, hands)) as results:
            for chunk, some in results:
                found |= {chosen[place]: one for place, one in zip(chunk, some, strict=True)}
                follow(len(found) * replications, whole)
    except KeyboardInterrupt:
        raise RunInterrupted(None, 0, whole) from None
    return found


MOST_WORTHS = 100
"""Lines, or channels, that are taken away one by one."""

COALITIONS_BUDGET = 400_000
"""Replications that the coalitions of Shapley values may cost, all together: a minute or two. Where there are many,
there are fewer replications of each."""


@dataclass(frozen=True, eq=False)
class AttributionResult(Attribution, StudyResult):
    """What `attribute` found, with its tables and pictures."""

    def rows(self) -> list[Row]:
        """A row for each line and channel, and outcome."""
        return [
            {
                "kind": one.kind,
                "name": one.name,
                **column_and_time(one.outcome),
                **estimate("with", one.with_it),
                **estimate("without", one.without),
                **estimate("loss", one.loss),
                "changed": one.changed,
                **estimate("shapley", one.shapley),
            }
            for one in self.contributions
        ]

    def sentences(self) -> list[str]:
        """The answer in words."""
        from sim.report.attribution import sentences

        return sentences(self)

    def plot(self, ax: Axes | None = None, *, kind: str = "channel", column: str | None = None) -> Axes:
        """What the loss of each costs the mean wait for the first contact of a column, and its Shapley value."""
        from sim.report.figures.attribution import contributions

        return contributions(ax or new_axes(), self, kind, column or self.columns[0])


def attribute(
    scenario: Scenario | str | Path,
    replications: int = 10_000,
    seed: int = 1,
    *,
    of: Sequence[str] = (),
    by: str | int | None = None,
    engine: str = "auto",
    workers: int | None = None,
    overrides: Sequence[str] = (),
    shapley_replications: int | None = None,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> AttributionResult:
    """Take every line and every channel away in turn, on the same replications.

    scenario              a scenario, or the path of a file
    of                    columns whose first contact is asked about; ``any`` and all groups unless given
    by                    a duration (``30 d``) or seconds from the start: contact by then; None: by the end
    overrides             ``PATH=VALUE`` texts, where `scenario` is a path
    shapley_replications  at most `replications`; None: as many as a budget allows

    Raises ScenarioErrors and RunRefused before anything is run.
    """
    asked, program, _ = specification_of(scenario, overrides, replications, seed, engine)
    columns = check_columns(program, of)
    end = end_of(by, program.horizon)
    study = _Study(program, columns, (end, None))
    if shapley_replications is not None and not 1 <= shapley_replications <= replications:
        raise RunRefused(
            f"shapley_replications: {shapley_replications} is out of range; expected a whole number from 1 to "
            f"{replications}"
        )
    study.check()
    settings: dict[str, Any] = {"engine": engine, "workers": workers, "progress": progress, "stage": stage}
    singly = study.singly()
    ran = run_paired(study.programs(singly), replications, seed, **settings)
    rest = [gone for gone in study.coalitions() if gone not in singly]
    fewer = shapley_replications or replications
    if rest and shapley_replications is None:
        whole_blocks = COALITIONS_BUDGET // len(rest) // program.block * program.block
        fewer = min(replications, max(whole_blocks, program.block))
    more = first_contacts(program, rest, fewer, seed, ran.engine, workers, progress) if rest else {}
    shapley = study.shapley(_Runs(ran, more, fewer))
    return AttributionResult(
        spec=asked.ran_by(ran.engine, ran.unit),
        columns=columns,
        by=end,
        contributions=tuple(study.contributions(ran, shapley)),
        redundancy=tuple(study.redundancy(ran)),
        shapley_replications={kind: fewer for kind in study.kinds if study.has_shapley(kind)},
        components=tuple(tuple(program.lines[at] for at in part) for part in study.parts),
    )


@dataclass(frozen=True)
class _Runs:
    """Where the first contacts of a program without some lines are: among the paired runs or the further ones."""

    one: Paired
    more: Mapping[Removed, NDArray[np.int64]]
    replications: int

    def first_contact(self, gone: Removed) -> NDArray[np.signedinteger]:
        if gone in self.more:
            return self.more[gone]
        return self.one.first_contact[_name(gone)][: self.replications]


class _Study:
    """Which programs are needed, and what is read off them.

    A *kind* has players, each of them some lines. Players whose lines affect each other form a *part*; programs take
    lines away in all parts at once, because parts do not affect each other.
    """

    def __init__(self, program: Program, columns: Sequence[str], ends: tuple[int, None]) -> None:
        self.program = program
        self.columns = tuple(columns)
        self.ends = ends
        self.members = {column.key: column.members for column in program.columns}
        self.parts = components(program)
        channels = {name: self.members[f"channel:{name}"] for name in program.channels}
        self.kinds: Mapping[str, Mapping[str, tuple[int, ...]]] = {
            "line": {name: (at,) for at, name in enumerate(program.lines)},
            "channel": {name: lines for name, lines in channels.items() if lines},
        }

    def check(self) -> None:
        """Raise RunRefused where there are too many lines."""
        if len(self.program.lines) > MOST_WORTHS:
            raise RunRefused(
                f"{len(self.program.lines)} lines are too many to be taken away one by one; at most {MOST_WORTHS} are. "
                "Compare variants instead: a what-if that sets some lines to null"
            )

    def has_shapley(self, kind: str) -> bool:
        return 1 <= len(self.kinds[kind]) <= MOST_PLAYERS

    def programs(self, chosen: Sequence[Removed]) -> dict[str, Program]:
        return {_name(gone): without(self.program, gone) for gone in chosen}

    def singly(self) -> list[Removed]:
        """The scenario itself, then without each line, without each channel, none twice."""
        players = [frozenset(lines) for players in self.kinds.values() for lines in players.values()]
        return list(dict.fromkeys([frozenset[int](), *players]))

    def coalitions(self) -> list[Removed]:
        """All that has to be run for the Shapley values."""
        chosen = [gone for kind in self.kinds if self.has_shapley(kind) for gone in self._needed(kind)]
        return list(dict.fromkeys(chosen))

    def _needed(self, kind: str) -> Iterator[Removed]:
        for part in self._parts(kind):
            for coalition in range(1, 1 << len(part)):
                yield self._gone(kind, part, coalition)

    def _parts(self, kind: str) -> tuple[tuple[int, ...], ...]:
        """Places of players that affect each other, through any of their lines."""
        players = list(self.kinds[kind].values())
        homes = [
            {place for place, lines in enumerate(players) if not set(part).isdisjoint(lines)} for part in self.parts
        ]
        return connected(len(players), homes)

    def _gone(self, kind: str, part: Sequence[int], coalition: int) -> Removed:
        """The lines of those players of a part that are not in the coalition."""
        lines = list(self.kinds[kind].values())
        return frozenset(line for bit, place in enumerate(part) if not coalition >> bit & 1 for line in lines[place])

    def contributions(
        self, ran: Paired, shapley: Mapping[tuple[str, Outcome], tuple[Estimate, ...]]
    ) -> Iterator[Contribution]:
        """What is lost without each of every kind, by column and outcome."""
        base = {column: ran.limited(ran.base, column) for column in self.columns}
        for kind, players in self.kinds.items():
            for place, (name, lines) in enumerate(players.items()):
                for column in self.columns:
                    times = base[column], ran.limited(_name(frozenset(lines)), column)
                    for outcome in self._outcomes(column):
                        found = contribution(kind, name, outcome, times, ran.horizon, ran.unit)
                        values = shapley.get((kind, outcome))
                        yield found if values is None else _credited(found, values[place])

    def _outcomes(self, column: str) -> tuple[Outcome, ...]:
        return tuple(Outcome(column, end) for end in self.ends)

    def shapley(self, runs: _Runs) -> dict[tuple[str, Outcome], tuple[Estimate, ...]]:
        """Shapley values by kind and outcome, a value for each player of the kind."""
        found: dict[tuple[str, Outcome], tuple[Estimate, ...]] = {}
        for kind in self.kinds:
            if not self.has_shapley(kind):
                continue
            for column in self.columns:
                tables = [self._table(kind, part, set(self.members[column]), runs) for part in self._parts(kind)]
                horizon, unit = self.program.horizon, runs.one.unit
                values = shapley_values(tables, len(self.kinds[kind]), self._outcomes(column), horizon, unit)
                found |= {(kind, outcome): estimates for outcome, estimates in values.items()}
        return found

    def _table(self, kind: str, part: Sequence[int], members: set[int], runs: _Runs) -> CoalitionTable:
        horizon = self.program.horizon
        own = [line for place in part for line in list(self.kinds[kind].values())[place]]
        # Lines of other players may share a component with these only if those players were in this part.
        counted = sorted(members.intersection(own))
        times = np.full((runs.replications, 1 << len(part)), horizon, np.int64)
        for coalition in range(1, 1 << len(part)):
            if counted:
                first = runs.first_contact(self._gone(kind, part, coalition))[:, counted].astype(np.int64)
                times[:, coalition] = np.where(first < 0, horizon, first).min(axis=1)
        return CoalitionTable(tuple(part), times)

    def redundancy(self, ran: Paired) -> Iterator[Redundancy]:
        """Contact by 1 d, 7 d, 30 d, the time asked for and the end, for each column of several lines."""
        first, horizon = ran.first_contact[ran.base], self.program.horizon
        ends = sorted({end for end in (*WITHIN_SECONDS, self.ends[0], horizon) if end <= horizon})
        for column in self.columns:
            members = list(self.members[column])
            if len(members) < 2:
                continue
            times = first[:, members]
            for end in ends:
                yield redundancy(column, end, (times >= 0) & (times <= end), ran.unit)


def _credited(found: Contribution, value: Estimate) -> Contribution:
    return replace(found, shapley=value)


def _name(gone: Removed) -> str:
    return ",".join(map(str, sorted(gone)))
