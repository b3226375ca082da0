"""Explanations of a difference: its first causes, the shares of a variant's settings, one replication side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.api import BLOCK
from sim.engines import get
from sim.engines.contract import NEVER, EventLog
from sim.report.narrative.divergence import Step, cause_in_words, side_by_side
from sim.rules.random import MOST_REPLICATIONS
from sim.runs.errors import RunRefused
from sim.runs.execute import copies_to_use, execute
from sim.runs.paired import Paired, check_comparable, run_paired
from sim.runs.reuse import part_of
from sim.runs.spec import check_numbers
from sim.scenario.errors import ScenarioErrors, did_you_mean, quoted
from sim.scenario.program import Column
from sim.stats.attribution import SettingShare, setting_shares
from sim.stats.divergence import Divergence, count_causes, deciding_line, first_divergence, related_lines
from sim.stats.intervals import Estimate
from sim.studies.variants import BASE, load_variants

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.api import Progress
    from sim.scenario.program import Program
    from sim.scenario.resolved import Scenario
    from sim.stats.paired import Compared

MOST, LEAST = 1000, 100
"""Changed replications that are traced, of all variants together, and of each at least."""

LOG_ENTRIES = 200_000
"""About so many log entries of a variant are traced at most, where replications are long."""


@dataclass(frozen=True)
class DivergenceCause:
    """How often something was the first difference.

    cause  one of `sim.stats.divergence.CAUSES`
    name   the line, regime or event
    count  of the traced replications
    words  the same as a sentence
    """

    cause: str
    name: str
    count: int
    words: str


@dataclass(frozen=True)
class RepresentativeReplication:
    """The changed replication whose first contact moved by the median amount.

    replication           its number
    second                where it parts, since clock.start
    cause                 what parts it
    base_second           first contact of the column, None where there is none; likewise `variant_second`
    steps                 what happens in one of the two only, until both have had contact
    """

    replication: int
    second: int
    cause: str
    base_second: int | None
    variant_second: int | None
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Why:
    """Why one variant differs.

    column    whose first contact is told of
    changed   replications in which the first contact differs in any column that both have
    traced    of them, the first so many by number: as good as a sample, since replications are independent
    causes    the most frequent first; their counts add up to `traced`
    typical   None where nothing changed, or nothing but which contacts a column counts
    settings  where the variant has several: the share of each in what changes in the column
    """

    column: str
    changed: int
    traced: int
    causes: tuple[DivergenceCause, ...]
    typical: RepresentativeReplication | None
    settings: tuple[SettingShare, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For ``why.json``."""
        return asdict(self)


def why_from(plain: Mapping[str, Any]) -> dict[str, Why]:
    """What ``why.json`` holds, by variant. Raises KeyError or TypeError for other data."""
    found = {}
    for name, one in plain.items():
        typical = one["typical"]
        if typical is not None:
            typical = RepresentativeReplication(
                **{**typical, "steps": tuple(Step(**step) for step in typical["steps"])}
            )
        causes = tuple(DivergenceCause(**cause) for cause in one["causes"])
        settings = tuple(
            SettingShare(**{**share, **{key: Estimate(**share[key]) for key in ("alone", "shapley")}})
            for share in one["settings"]
        )
        found[name] = Why(**{**one, "causes": causes, "typical": typical, "settings": settings})
    return found


def explain_all(
    paired: Paired,
    scenarios: Mapping[str, Scenario],
    compared: Compared,
    progress: Progress | None = None,
) -> dict[str, Why]:
    """Say of every variant why it differs, variants shared out among processes.

    `scenarios`: those that the programs of `paired` were compiled from.
    """
    tracer, variants = _Tracer(paired), compared.variants
    follow = progress or (lambda done, whole: None)
    found: dict[str, Why] = {}

    def work(place: range) -> Why:
        return _explain(paired, scenarios, compared, variants[place.start], tracer)

    follow(0, len(variants))
    places = [range(at, at + 1) for at in range(len(variants))]
    for place, one in execute(work, places, copies_to_use()):
        found[variants[place.start]] = one
        follow(len(found), len(variants))
    return {name: found[name] for name in variants}


def changed_replications(paired: Paired, variant: str) -> NDArray[np.int64]:
    """Replications in which the first contact differs in any column that both have: a line, a group, any line …"""
    base = paired.base
    ours = {column.key: column.members for column in paired.programs[base].columns}
    its = {column.key: column.members for column in paired.programs[variant].columns}
    # Columns of the same lines (a channel with one line) are looked at once.
    members = dict.fromkeys((ours[name], its[name]) for name in ours if name in its)
    differs = np.zeros(paired.replications, dtype=np.bool_)
    for of_base, of_variant in members:
        differs |= paired.times_of(base, of_base) != paired.times_of(variant, of_variant)
    return np.flatnonzero(differs)


class _Tracer:
    """Traces replications; those of the base are kept, since variants share them."""

    def __init__(self, paired: Paired) -> None:
        self._paired = paired
        self._engine = get(paired.engine)
        self._kept: dict[tuple[tuple[int, ...], int], EventLog] = {}
        self._parts: dict[tuple[str, str], tuple[tuple[int, ...], tuple[Program, Program]]] = {}

    def trace(self, name: str, replication: int) -> EventLog:
        """One replication of one program, all of it."""
        return self._trace(self._paired.programs[name], replication)

    def _trace(self, program: Program, replication: int) -> EventLog:
        if not program.lines:
            return EventLog(replication, self._paired.seed, {}, ())
        return self._engine.trace(program, self._paired.seed, replication)

    def divergences(self, variant: str, column: str, replications: list[int]) -> dict[int, Divergence]:
        """The first divergence of each of some replications, if there is one, by its number.

        Only lines that can change the first contact are traced: that of `column`, or where it did not move that of the
        line that moved first. All lines are traced where nothing differs on those, as for a replication in which no
        line's first contact moved.
        """
        paired, base = self._paired, self._paired.base
        both = (paired.programs[base], paired.programs[variant])
        found = {}
        for replication in replications:
            line = self._line_that_decides(variant, column, replication)
            one = self._divergence(both, line, replication) if line else None
            one = one or first_divergence(self.trace(base, replication), self.trace(variant, replication), both)
            if one is not None:
                found[replication] = one
        return found

    def _line_that_decides(self, variant: str, column: str, replication: int) -> str | None:
        programs = [self._paired.programs[name] for name in (self._paired.base, variant)]
        rows = [self._paired.first_contact[name][replication].tolist() for name in (self._paired.base, variant)]
        ours, its = (
            {line: second for line, second in zip(program.lines, row, strict=True) if second != NEVER}
            for program, row in zip(programs, rows, strict=True)
        )
        members = [
            {program.lines[at] for one in program.columns if one.key == column for at in one.members}
            for program in programs
        ]
        moved = {name for name in {*ours, *its} if ours.get(name) != its.get(name)}
        return deciding_line((ours, its), (members[0], members[1])) or deciding_line((ours, its), (moved, moved))

    def _divergence(self, both: tuple[Program, Program], line: str, replication: int) -> Divergence | None:
        key = (both[1].sha256, line)
        if key not in self._parts:
            lines = related_lines(both, line)
            self._parts[key] = (lines[0], (part_of(both[0], lines[0]), part_of(both[1], lines[1])))
        lines_of_base, parts = self._parts[key]
        kept = lines_of_base, replication
        if kept not in self._kept:
            self._kept[kept] = self._trace(parts[0], replication)
        return first_divergence(self._kept[kept], self._trace(parts[1], replication), parts)

    def most(self, name: str, variants: int) -> int:
        """How many replications of a variant to trace, by how much happens in one."""
        counts = self._paired.counts[name]
        log_entries = int(counts.attempts.sum() + counts.requests[:, :, :2].sum())
        each = max(1, log_entries // self._paired.replications)
        return int(min(max(LEAST, MOST // variants), max(10, LOG_ENTRIES // each)))


def _explain(paired: Paired, scenarios: Mapping[str, Scenario], compared: Compared, name: str, tracer: _Tracer) -> Why:
    column = focus(compared, name)
    changed = changed_replications(paired, name)
    if not len(changed):
        return Why(column, 0, 0, (), None)
    base = paired.base
    traced = changed[: tracer.most(name, len(compared.variants))].tolist()
    found = tracer.divergences(name, column, traced)
    counted = dict(count_causes(list(found.values())))
    if len(found) < len(traced):
        # The same happened, so what differs is which lines belong to a group or channel.
        counted["counted", ""] = len(traced) - len(found)
    ordered = sorted(counted.items(), key=lambda pair: -pair[1])
    causes = tuple(DivergenceCause(cause, what, n, cause_in_words(cause, what)) for (cause, what), n in ordered)
    if not found:
        return Why(column, len(changed), len(traced), causes, None)
    moved = (paired.times(base, column) != paired.times(name, column))[changed]
    # A column that rarely changes may not have done so in the sample.
    among = list(found) if moved[: len(traced)].any() else changed[moved].tolist() or list(found)
    chosen = typical_replication(paired, name, column, among)
    event_logs = (tracer.trace(base, chosen), tracer.trace(name, chosen))
    parted = found.get(chosen) or tracer.divergences(name, column, [chosen]).get(chosen)
    if parted is None:
        return Why(column, len(changed), len(traced), causes, None)
    told = _told(paired, (scenarios[base], scenarios[name]), event_logs, column, name, parted)
    return Why(column, len(changed), len(traced), causes, told)


def focus(compared: Compared, variant: str) -> str:
    """The column to tell of: the one that the answer speaks of, where it changed in any replication; else ``any``, or
    the line that changes most where that is more than twice as often. Without groups the answer speaks of ``any``, and
    the line is told of likewise."""
    orders = {
        name: column.order[variant].changed for name, column in compared.columns.items() if variant in column.order
    }
    main = compared.main
    if main != "any" and orders.get(main, 0) > 0:
        return main
    lines = [name for name in orders if Column.parse(name).kind == "line"]
    most = max(lines, key=lambda name: orders[name], default="any")
    return most if orders.get(most, 0) > 2 * orders.get("any", 0) else "any"


def typical_replication(paired: Paired, variant: str, column: str, among: list[int]) -> int:
    """The one of `among` whose first contact in the column moved by the median amount; ties go to the lowest number."""
    moved = paired.limited(variant, column)[among] - paired.limited(paired.base, column)[among]
    differs = np.flatnonzero(moved)
    places = differs if len(differs) else np.arange(len(among))
    order = places[np.argsort(moved[places], kind="stable")]
    return among[int(order[(len(order) - 1) // 2])]


def _told(
    paired: Paired,
    scenarios: tuple[Scenario, Scenario],
    event_logs: tuple[EventLog, EventLog],
    column: str,
    name: str,
    parted: Divergence,
) -> RepresentativeReplication:
    replication = event_logs[0].replication
    seconds = [int(paired.times(one, column)[replication]) for one in (paired.base, name)]
    known = [second if second >= 0 else None for second in seconds]
    until = (
        seconds[0] if seconds[0] >= 0 else paired.horizon,
        seconds[1] if seconds[1] >= 0 else paired.horizon,
    )
    if seconds[0] == seconds[1]:
        until = (paired.horizon, paired.horizon)
    steps = side_by_side(scenarios, event_logs, until)
    words = cause_in_words(parted.cause, parted.name)
    return RepresentativeReplication(replication, parted.second, words, known[0], known[1], steps)


MOST_SETTINGS = 5
"""Settings of a variant whose subsets are all simulated: 30 further scenarios at most."""


def shares_of(
    paired: Paired,
    variant: str,
    settings: Sequence[str],
    some: Callable[[Sequence[int]], Scenario],
    column: str,
    workers: int | None = None,
) -> tuple[SettingShare, ...]:
    """The share of each setting in what the variant changes in a column's first contact.

    some  makes the base with some of the settings, by their places

    Empty for a variant of one setting or more than `MOST_SETTINGS`, and where a subset of the settings is no scenario,
    has another clock, or would take too much memory.
    """
    count = len(settings)
    if not 2 <= count <= MOST_SETTINGS or column not in paired.columns(variant):
        return ()
    from sim.scenario.compiler import compile_scenario

    base = paired.programs[paired.base]
    try:
        programs = {"0": base}
        for coalition in range(1, (1 << count) - 1):
            scenario = some([place for place in range(count) if coalition >> place & 1])
            programs[str(coalition)] = compile_scenario(scenario, base.block)
        found = run_paired(programs, paired.replications, paired.seed, engine=paired.engine, workers=workers)
        times = [found.limited(name, column) for name in programs]
    except (ScenarioErrors, RunRefused, KeyError):
        return ()
    limited = np.stack([*times, paired.limited(variant, column)], axis=1)
    return setting_shares(settings, limited, paired.horizon, paired.unit)


@dataclass(frozen=True, eq=False)
class PairedReplication:
    """The same replication twice.

    variant    its name
    scenarios  base and variant
    histories  likewise
    column     whose first contact is told of: ``any``, or a line's where that of any line is the same
    told       where they part, and what happens in one of the two only; None where the histories are the same
    """

    variant: str
    scenarios: tuple[Scenario, Scenario]
    event_logs: tuple[EventLog, EventLog]
    column: str
    told: RepresentativeReplication | None


def side(
    what: str | Path | Sequence[str | Path] | Mapping[str, Scenario],
    variant: str,
    replication: int = 0,
    seed: int = 1,
    *,
    what_ifs: Sequence[str] = (),
    engine: str = "reference",
    block: int = BLOCK,
) -> PairedReplication:
    """Trace one replication of the base and of a variant, the same one as in a comparison of that seed and block.

    `what` and `what_ifs` as in `sim.studies.compare.compare`. Raises ScenarioErrors, and RunRefused for a name that is
    no variant, another clock, and numbers out of range.
    """
    from sim.scenario.compiler import compile_scenario

    check_numbers(seed, 1)
    if not 0 <= replication < MOST_REPLICATIONS:
        raise RunRefused(f"replication: {replication} is out of range; expected a whole number from 0 to 2^56 - 1")
    loaded = load_variants(what, what_ifs)
    base, *others = loaded.scenarios
    if variant not in others:
        hint = did_you_mean(variant, others) or f"; expected one of {', '.join(quoted(name) for name in others[:20])}"
        raise RunRefused(f"{quoted(variant)} is no variant{hint}")
    scenarios = (loaded.scenarios[base], loaded.scenarios[variant])
    programs = (compile_scenario(scenarios[0], block), compile_scenario(scenarios[1], block))
    check_comparable({BASE: programs[0], variant: programs[1]})
    tracer = get(engine)
    event_logs = (tracer.trace(programs[0], seed, replication), tracer.trace(programs[1], seed, replication))
    column, (ours, its), line = _moved(event_logs)
    parted = None
    if line is not None:
        parts = [part_of(one, lines) for one, lines in zip(programs, related_lines(programs, line), strict=True)]
        part_logs = [tracer.trace(one, seed, replication) for one in parts if one.lines]
        if len(part_logs) == len(parts):
            parted = first_divergence(part_logs[0], part_logs[1], (parts[0], parts[1]))
    parted = parted or first_divergence(*event_logs, programs)
    if parted is None:
        return PairedReplication(variant, scenarios, event_logs, column, None)
    horizon = scenarios[0].horizon
    until = (horizon, horizon) if ours == its else tuple(horizon if one is None else one for one in (ours, its))
    steps = side_by_side(scenarios, event_logs, (until[0], until[1]))
    words = cause_in_words(parted.cause, parted.name)
    return PairedReplication(
        variant,
        scenarios,
        event_logs,
        column,
        RepresentativeReplication(replication, parted.second, words, ours, its, steps),
    )


def sole_variant(what_ifs: Sequence[str]) -> str:
    """The name of the one variant that options give. Raises RunRefused where there are several."""
    names = [text.partition(":")[0].strip() for text in what_ifs]
    if len(names) != 1:
        raise RunRefused(f"--variant: which one of {', '.join(quoted(name) for name in names)}?")
    return names[0]


def _moved(event_logs: tuple[EventLog, EventLog]) -> tuple[str, tuple[int | None, int | None], str | None]:
    """The first column, `any` before the lines, whose first contact differs, its seconds, and the line that decides.

    `any` where none differs; no line then.
    """
    firsts: list[dict[str, int]] = []
    for event_log in event_logs:
        found: dict[str, int] = {}
        for one in event_log.log_entries:
            if one.what == "contact":
                found.setdefault(one.name, one.second)
        firsts.append(found)
    ours, its = firsts
    first = min(ours.values(), default=None), min(its.values(), default=None)
    if first[0] != first[1]:
        return "any", first, deciding_line((ours, its), (ours, its))
    moved = next((name for name in {**ours, **its} if ours.get(name) != its.get(name)), None)
    if moved is None:
        return "any", first, None
    return f"line:{moved}", (ours.get(moved), its.get(moved)), moved
