"""A run as the report reads it: scenario, summary and first-contact columns, under the names a person gave them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.report.format import clock, date_after, day
from sim.report.labels import Labels, kind_of, name_of
from sim.scenario.resolved import Line, RecordEntry, Scenario

if TYPE_CHECKING:
    from sim.report.figures.data import AttemptsNeeded, Curve, IncidenceCurve, Mark, Responses, UncertainCurve
    from sim.report.figures.officials import OfficialRow
    from sim.report.figures.reciprocity import InitiativeRow
    from sim.stats.first_contact import FirstContact
    from sim.stats.samples import SampleStatistics
    from sim.stats.totals import Totals


MOST_LINES_TOLD = 100
"""Lines up to which replications are traced for the pictures of states, officials, initiative and replications."""


class Readable(Protocol):
    """What of a run the report reads: `sim.api.Run` has it."""

    @property
    def scenario(self) -> Scenario:
        """What was run, resolved."""

    @property
    def summary(self) -> Mapping[str, Any]:
        """As in ``summary.json``."""

    @property
    def manifest(self) -> Mapping[str, Any]:
        """As in ``manifest.json``."""

    @property
    def totals(self) -> Totals:
        """All sums of the run."""

    def column(self, name: str) -> FirstContact:
        """First contacts of a column such as ``line:NAME``, or ``any``."""


def view_of(run: Readable) -> View:
    """The run as the report reads it."""
    return View(run.scenario, run.summary, run.column, lambda: run.totals, lambda: _traced(run))


def _traced(run: Readable) -> SampleStatistics | None:
    """A sample of the run's replications, told in full; None where each is too long, or there are more lines
    than its pictures could show."""
    from sim.runs.sample import choose_sample, trace_sample
    from sim.scenario.compiler import compile_scenario
    from sim.stats.samples import sample_statistics

    totals = run.totals
    begun, held, _, _, merged, _ = totals.requests.sum(axis=0).tolist()
    chosen = choose_sample(totals.replications, int(totals.attempts.sum()) + begun + 2 * held + merged)
    if not chosen or len(run.scenario.lines) > MOST_LINES_TOLD:
        return None
    program = compile_scenario(run.scenario, run.manifest["block"])
    event_logs = trace_sample(program, run.manifest["seed"], chosen, run.manifest["engine"])
    return sample_statistics(run.scenario, program, event_logs)


@dataclass(frozen=True)
class Placed:
    """Where one entry of the record falls among the replications: shares with first contact before, in and after it.

    `after` holds those without contact too. For an entry that says that there was none until then, `within` is None and
    `after` the share of replications that agree.
    """

    entry: RecordEntry
    before: float
    within: float | None
    after: float


@dataclass(frozen=True)
class View:
    """What terminal summary and pictures are made of.

    summary  as in `summary.json`
    column   gives the first-contact times of a column such as ``line:hotline`` or ``any``
    sums     gives all that was added up over the replications, if it is at hand
    traced   gives statistics of a sample of replications, if there may be one
    """

    scenario: Scenario
    summary: Mapping[str, Any]
    column: Callable[[str], FirstContact]
    sums: Callable[[], Totals] | None = None
    traced: Callable[[], SampleStatistics | None] | None = None

    @property
    def n(self) -> int:
        """Replications."""
        return int(self.summary["replications"])

    @property
    def lines(self) -> tuple[Line, ...]:
        """In order of declaration."""
        return self.scenario.lines

    @cached_property
    def labels(self) -> Labels:
        """What a person calls the columns."""
        return Labels(self.scenario)

    def label(self, column: str) -> str:
        """What a person calls a column: its title with its name."""
        return self.labels.of(column)

    def date(self, second: int) -> str:
        """The calendar date of a second since clock.start, with the time of day on clocks under three days."""
        return date_after(self.scenario.start, second, self.scenario.horizon)

    def moment(self, second: int) -> datetime:
        """In UTC."""
        return self.scenario.start + timedelta(seconds=second)

    def on_record(self, entry: RecordEntry) -> str:
        """``13 May 2022``, ``14–18 Mar 2022``, or with the time of day where an entry knows it."""
        if entry.kind == "no_contact":
            return f"none until {self._instant(entry.end)}"
        if entry.end - entry.start <= 1:
            return self._instant(entry.start)
        first, last = self.moment(entry.start), self.moment(entry.end - 1)
        if first.date() == last.date():
            return day(first)
        head = str(first.day) if (first.year, first.month) == (last.year, last.month) else day(first)
        return f"{head}–{day(last)}"

    def _instant(self, second: int) -> str:
        moment = self.moment(second)
        return day(moment) if moment.hour == moment.minute == moment.second == 0 else f"{day(moment)} {clock(moment)}"

    def first_contacts_on_record(self) -> Iterator[RecordEntry]:
        """For each line its earliest contact on record, in order of the record: later ones are not first contacts."""
        earliest: dict[str, RecordEntry] = {}
        for entry in self.scenario.record:
            if entry.kind == "contact" and entry.start < earliest.get(entry.line, entry).start + 1:
                earliest[entry.line] = entry
        for entry in self.scenario.record:
            if earliest.get(entry.line) is entry:
                yield entry

    def placed(self) -> list[Placed]:
        """Where the record falls among the simulated times: first contacts, and for other lines the longest silence."""
        found = [self._place(entry) for entry in self.first_contacts_on_record()]
        with_contact = {placed.entry.line for placed in found}
        silent: dict[str, RecordEntry] = {}
        for entry in self.scenario.record:
            if entry.kind == "no_contact" and entry.line not in with_contact:
                silent[entry.line] = max(silent.get(entry.line, entry), entry, key=lambda one: one.end)
        return found + [self._place(entry) for entry in silent.values()]

    def _place(self, entry: RecordEntry) -> Placed:
        column = self.column(f"line:{entry.line}")
        by_end = column.contacts_by(min(entry.end, column.horizon) - 1)
        if entry.kind == "no_contact":
            return Placed(entry, by_end / self.n, None, 1 - by_end / self.n)
        before = column.contacts_by(entry.start - 1)
        return Placed(entry, before / self.n, (by_end - before) / self.n, (self.n - by_end) / self.n)

    @cached_property
    def _curves(self) -> dict[str, Curve]:
        return {}

    def curve(self, name: str) -> Curve:
        """The column `name` as the pictures draw it; worked out once, however many of them do."""
        if name not in self._curves:
            self._curves[name] = self._curve(name)
        return self._curves[name]

    def _curve(self, name: str) -> Curve:
        from sim.report.figures.data import POINTS, Curve
        from sim.stats.survival import survival_curve

        column = self.column(name)
        curve = survival_curve(column, column.corners(POINTS))
        edges, counts = column.histogram()
        return Curve(
            self.label(name),
            column.replications,
            column.horizon,
            self.scenario.start,
            column.contacts,
            edges,
            counts,
            curve.seconds + 1,
            curve.survival,
            curve.low,
            curve.high,
        )

    def uncertain(self, name: str) -> UncertainCurve | None:
        """The column `name` with what uncertain numbers leave open; None where no number is, or too few blocks."""
        from sim.report.figures.data import POINTS, UncertainCurve
        from sim.stats.variance_components import conditional_survival, of_contact

        column = self.column(name)
        parts = of_contact(column) if self.scenario.uncertain else None
        band = conditional_survival(column, column.corners(POINTS)) if parts else None
        if parts is None or band is None:
            return None
        curve = self.curve(name)
        low, high = (band.low, band.high) if parts.shows else (curve.survival, curve.survival)
        return UncertainCurve(curve, low, high, parts.error, parts.between, parts.least)

    def marks(self, column: str) -> list[Mark]:
        """The first contact on record among the lines of a column: what its simulated first contacts compare with.

        More than one where several lines had theirs at the same time.
        """
        from sim.report.figures.data import Mark

        kind, name = kind_of(column), name_of(column)
        members = {
            line.name
            for line in self.lines
            if kind == "any"
            or (kind == "line" and line.name == name)
            or (kind == "channel" and line.channel == name)
            or (kind == "group" and line.name in self.scenario.groups.get(name, ()))
        }
        found = [entry for entry in self.first_contacts_on_record() if entry.line in members]
        earliest = min((entry.start for entry in found), default=0)
        return [
            Mark(entry.start, min(entry.end, self.scenario.horizon), f"{entry.line} {self.on_record(entry)}")
            for entry in found
            if entry.start == earliest
        ]

    def responses(self) -> list[Responses]:
        """Response times by channel in order of declaration, from an occurrence apart from those from an attempt; empty
        without `sums`."""
        from sim.report.figures.data import Responses
        from sim.rules.bins import first_of

        if self.sums is None:
            return []
        counted: dict[tuple[str, str], NDArray[np.int64]] = {}
        for line, counts in zip(self.lines, self.sums().response, strict=True):
            key = (line.channel, self.summary["lines"][line.name]["response_from"])
            counted[key] = counted[key] + counts if key in counted else counts
        found = []
        for channel in self.scenario.channels:
            for since in ("attempt", "occurrence"):
                if (channel.name, since) in counted:
                    counts = counted[channel.name, since]
                    filled = np.flatnonzero(counts)
                    seconds = np.array([first_of(int(place)) for place in filled], np.int64)
                    label = self.label(f"channel:{channel.name}")
                    found.append(Responses(label, since, self.n, seconds, counts[filled]))
        return found

    def causes(self, kind: str) -> list[IncidenceCurve]:
        """How often each ``channel`` or ``side`` was first, in order of declaration; empty without `sums`."""
        from sim.report.figures.data import POINTS, IncidenceCurve
        from sim.stats.survival import cumulative_incidence

        if self.sums is None:
            return []
        firsts = self.sums().first_channel if kind == "channel" else self.sums().first_side
        found = []
        for name, times in firsts.items():
            curve = cumulative_incidence(times, times.corners(POINTS))
            found.append(
                IncidenceCurve(
                    self.label(f"{kind}:{name}"),
                    times.replications,
                    times.horizon,
                    self.scenario.start,
                    times.contacts,
                    curve.seconds + 1,
                    curve.incidence,
                    curve.low,
                    curve.high,
                )
            )
        return found

    def needed(self) -> list[AttemptsNeeded]:
        """How many attempts the requests of each line took, in order of declaration; empty without `sums`."""
        from sim.report.figures.data import AttemptsNeeded
        from sim.stats.responses import attempts_histogram

        if self.sums is None:
            return []
        found = []
        for line, taken in zip(self.lines, self.sums().attempts_taken, strict=True):
            row = self.summary["lines"][line.name]
            shown = attempts_histogram(taken)
            found.append(
                AttemptsNeeded(
                    self.label(f"line:{line.name}"),
                    self.n,
                    row["requests"]["begun"],
                    shown.edges,
                    shown.counts,
                    shown.beyond,
                    row["attempts_to_contact"]["median"],
                )
            )
        return found

    @cached_property
    def sample(self) -> SampleStatistics | None:
        """Statistics of a sample of the replications; made at first use."""
        return self.traced() if self.traced else None

    def officials(self) -> list[OfficialRow]:
        """What the sample says of each official, under the names a person gave them."""
        from sim.report.figures.officials import OfficialRow

        if self.sample is None:
            return []
        return [
            OfficialRow(self.labels.official(one.name), one.calls, one.attempts, one.answered, one.share)
            for one in self.sample.officials
        ]

    def initiative(self) -> list[InitiativeRow]:
        """What the sample says of who began the contacts, over all channels and on each."""
        from sim.report.figures.reciprocity import InitiativeRow

        if self.sample is None:
            return []
        return [
            InitiativeRow(
                self.label(f"channel:{one.channel}") if one.channel else "all channels", one.contacts, one.shares
            )
            for one in self.sample.initiative
        ]
