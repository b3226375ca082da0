"""Public functions for programs and notebooks: load a scenario, run it, open results, trace a replication."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report.format import several, share
from sim.report.tabular import Row, Tabular, html_table
from sim.runs import store
from sim.runs.chunks import read_arrays
from sim.runs.errors import RunFailed, RunInterrupted, RunRefused
from sim.runs.execute import check_workers, choose_workers
from sim.runs.files import folder_meant, reason_of
from sim.runs.simulate import Follow, check_resolution, failures_told, plan_stages, simulate_in_memory, simulate_missing
from sim.runs.spec import RunSpec, check_numbers, recorded_seconds
from sim.runs.store import (
    COMPLETE,
    POSTERIOR,
    SUMMARY,
    SUMS,
    TIMES,
    Manifest,
    RunFolder,
    check_files,
    complete_manifest,
    find_runs,
    new_manifest,
    open_folder,
    pictures,
    read_listed_json,
    read_manifest,
    scenario_of,
)
from sim.runs.tables import count_rows, count_rows_of
from sim.runs.verify import Verification, verify_folder
from sim.scenario.errors import did_you_mean, quoted
from sim.scenario.program import Column, ColumnError, find_column
from sim.scenario.work import MOST_TRACED, MUCH_WORK, estimate_work
from sim.stats.precision import read_precision
from sim.stats.summary import summarise

if TYPE_CHECKING:
    import pyarrow as pa
    from distributed import Client
    from matplotlib.axes import Axes

    from sim.engines.contract import EventLog
    from sim.scenario.program import Program
    from sim.scenario.resolved import PosteriorDraws, Scenario
    from sim.stats.first_contact import FirstContact
    from sim.stats.totals import Totals

RESULTS = Path("results")
BLOCK = 16
SAMPLE = 100
"""Replications that `verify` runs again."""
REPLICATIONS, MOST_UNTIL = 10_000, 10_000_000
"""Replications unless told otherwise: of a run, and the most there are until a precision."""

Progress = Callable[[int, int], None]
"""Called with replications done so far and replications in all: at the start, and after every chunk."""

Stage = Callable[[str], None]
"""Called with what begins: ``compiling``, ``simulating``, ``summarising`` or ``drawing``."""

Draw = Callable[[Path], object]
"""Draws pictures into a folder that is there."""


@dataclass(frozen=True, eq=False, repr=False)
class Run(Tabular):
    """A run that is complete. As a table it is that of first contacts, a row for each replication.

    manifest  how it came about (`docs/reference/files.md`)
    summary   what it found, as in `summary.json`
    folder    where it is kept, or None
    reused    whether it was there already, and nothing was simulated
    """

    manifest: Manifest
    summary: dict[str, Any]
    folder: Path | None
    reused: bool = False
    _totals: Totals | None = field(default=None, repr=False)
    _times: pa.Table | None = field(default=None, repr=False)
    _draws: PosteriorDraws | None = field(default=None, repr=False)

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario that was run, from the resolved text in the manifest, with the posterior draws it used."""
        if self.folder is not None:
            return scenario_of(self.folder, self.manifest)
        from sim.scenario.reader import loads

        return replace(loads(self.manifest["scenario"]["resolved"], "resolved.yaml"), draws=self._draws)

    @property
    def has_pictures(self) -> bool:
        """Whether its folder has pictures."""
        return bool(pictures(self.manifest))

    @cached_property
    def totals(self) -> Totals:
        """All sums of the run: columns, first channels and sides, counts by line."""
        if self._totals is not None:
            return self._totals
        assert self.folder is not None
        check_files(self.folder, self.manifest, SUMS)
        return read_arrays(self.folder / SUMS)

    def first_contact(self) -> pa.Table:
        """A row for each replication, as in `first_contact.parquet`. RunRefused where only the summary was kept."""
        if not self.manifest["first_contact_times"]:
            raise RunRefused("this run kept its summary only; run it again without summary_only")
        if self._times is not None:
            return self._times
        import pyarrow.parquet as pq

        assert self.folder is not None
        check_files(self.folder, self.manifest, TIMES)
        with (self.folder / TIMES).open("rb") as file:
            return pq.read_table(file, page_checksum_verification=True)

    def to_arrow(self) -> pa.Table:
        """The table of `first_contact`."""
        return self.first_contact()

    def plot(self, ax: Axes | None = None, column: str = "any") -> Axes:
        """The share of replications without contact so far, in one column, with its pointwise 95 % band.

        Raises RunRefused for a name that is no column.
        """
        from sim.report.figures.survival import survival_axes, survival_curve
        from sim.report.style import new_axes
        from sim.report.view import view_of

        self.column(column)
        ax, curve = ax or new_axes(), view_of(self).curve(column)
        return survival_axes(survival_curve(ax, curve), curve)

    def plot_delays(self, ax: Axes | None = None, channel: str | None = None) -> Axes:
        """The times from attempt, or event, to contact on one channel, as a histogram.

        channel  its name; the first one that has contacts unless given

        Raises RunRefused for a name that is no channel, and where there was no contact.
        """
        from sim.report.figures.response_delay import response_delay_histogram
        from sim.report.style import new_axes
        from sim.report.view import view_of

        view, names = view_of(self), [one.name for one in self.scenario.channels]
        if channel is not None and channel not in names:
            raise RunRefused(f"{quoted(channel)} is no channel{did_you_mean(channel, names)}")
        label = None if channel is None else view.label(f"channel:{channel}")
        found = [one for one in view.responses() if one.total and label in (None, one.label)]
        if not found:
            raise RunRefused("there was no contact: there are no delays to draw")
        return response_delay_histogram(ax or new_axes(), found[0])

    def rows(self) -> list[Row]:
        """A row for each column of first contacts: contacts, P(contact) with its interval, and the median in seconds,
        None where it is not reached."""
        rows = []
        for name, one in self.summary["first_contact"].items():
            chance, median = one["probability"], one["median_seconds"] or {}
            row = {"column": name, "contacts": one["contacts"], "probability": chance["estimate"]}
            row |= {"low": chance["low"], "high": chance["high"]}
            rows.append(row | {"median_seconds": median.get("estimate")})
        return rows

    def __repr__(self) -> str:
        title, seed = self.manifest["scenario"]["title"], self.manifest["seed"]
        chance = share(self.summary["first_contact"]["any"]["probability"]["estimate"])
        amount = several(self.manifest["replications"], "replication")
        return f"<Run: {title!r}, {amount}, seed {seed}; contact in {chance}>"

    def _repr_html_(self) -> str:
        import base64
        import io

        from sim.report.style import canvas

        drawn, figure = io.BytesIO(), canvas(8, 4.5)
        self.plot(figure.subplots())
        figure.savefig(drawn, format="png", dpi=80, bbox_inches="tight")
        picture = base64.b64encode(drawn.getvalue()).decode()
        table = html_table(self.rows(), [repr(self)[1:-1]])
        return f'{table}<img alt="no contact so far" src="data:image/png;base64,{picture}">'

    def column(self, name: str) -> FirstContact:
        """The first-contact times of ``line:NAME``, ``group:…``, ``channel:…``, ``level:…``, ``side:…`` or ``any``.

        What can be estimated from it is in `sim.stats.survival`. Raises RunRefused for a name that is no column.
        """
        columns = self.totals.columns
        try:
            return columns[find_column(name, [Column.parse(key) for key in columns]).key]
        except ColumnError as error:
            raise RunRefused(str(error)) from None


@dataclass(frozen=True)
class RunEntry:
    """A line in the list of runs. `status`: complete, incomplete or unreadable, for the reason that `trouble` gives.
    `changes`: what was set in the scenario's file."""

    folder: Path
    status: str
    title: str
    seed: int
    replications: int
    engine: str
    started: str
    trouble: str = ""
    changes: tuple[str, ...] = ()


def load(path: str | Path, overrides: Sequence[str] = ()) -> Scenario:
    """Load and resolve a scenario file. `overrides`: ``PATH=VALUE``. Raises `ScenarioErrors` with all that is wrong."""
    from sim.scenario.reader import load as load_scenario

    return load_scenario(path, overrides)


def run(
    scenario: Scenario | str | Path,
    replications: int | None = None,
    seed: int = 1,
    *,
    engine: str = "auto",
    workers: int | None = None,
    out: str | Path | None = None,
    save: bool = True,
    overrides: Sequence[str] = (),
    block: int = BLOCK,
    summary_only: bool = False,
    until: str | None = None,
    dask: str | None = None,
    fresh: bool = False,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> Run:
    """Run a scenario, or give back the same run where it was done before.

    scenario      a scenario, or the path of a file
    replications  at least 1; None: 10,000, or with `until` at most 10,000,000
    seed          in [0, 2^64)
    engine        ``auto`` or the name of one; results do not depend on it
    workers       processes; None: as many as there are processors, one for a short run. Results do not depend on it
    out           the run's folder; None: ``results/<name of the file>/<run id>`` below the working directory
    save          False: nothing is written, all is kept in memory
    overrides     ``PATH=VALUE`` texts, where `scenario` is a path
    block         replications that share one draw of the uncertain numbers
    summary_only  do not keep a row for each replication
    until         stop when an interval is narrow enough: ``median ± 12 h``, ``P(any within 30 d) ± 0.005`` (see
                  `sim.stats.precision`); `replications` is then the most there may be
    dask          address of a Dask scheduler whose workers are to simulate, or ``local``: they must see the folder
    fresh         do it again even if it was done before

    An interrupted run is continued by the same call. Raises `ScenarioErrors` and `RunRefused` before anything is
    written, `RunFailed` when the work fails, `RunInterrupted` (a KeyboardInterrupt) on an interrupt.
    """
    tell = stage or (lambda _: None)
    tell("compiling")
    size = replications if replications is not None else REPLICATIONS if until is None else MOST_UNTIL
    job = _job(scenario, overrides, block, seed, size, engine, not summary_only, until)
    if job.entries > MUCH_WORK:
        tell(f"this takes long: {estimate_work(job.program).in_words()}")
    check_workers(workers)
    check_resolution(job, tell)
    follow = Follow(progress, job.replications)
    if not save:
        if dask is not None:
            raise RunRefused("dask: the workers of a cluster write to a folder; save=False has none")
        return _run_in_memory(job, workers, follow, tell)
    path = folder_meant(out) if out is not None else RESULTS / _stem(scenario) / job.run_id()
    if dask is None:
        return run_in_folder(job, path, workers, fresh=fresh, follow=follow, stage=tell)
    try:
        from sim.runs.cluster import cluster
    except ImportError as error:
        raise RunRefused(f"dask: {error.name} is not installed; pip install 'openlines[cluster]' brings it") from error
    tell(f"asking for workers ({dask})")
    with cluster(dask, workers) as client:
        return run_in_folder(job, path, workers, fresh=fresh, follow=follow, stage=tell, client=client)


def trace(
    scenario: Scenario | str | Path,
    seed: int = 1,
    replication: int = 0,
    *,
    engine: str = "reference",
    overrides: Sequence[str] = (),
    block: int = BLOCK,
) -> EventLog:
    """One replication, every log entry in order: the same one as in a run of that seed and block."""
    from sim.engines import get
    from sim.rules.random import MOST_REPLICATIONS

    job = _job(scenario, overrides, block, seed, 1, engine, keep_times=False)
    if not 0 <= replication < MOST_REPLICATIONS:
        raise RunRefused(f"replication: {replication} is out of range; expected a whole number from 0 to 2^56 - 1")
    if job.entries > MOST_TRACED:
        words = estimate_work(job.program).in_words()
        raise RunRefused(f"too many to list: {words}; a log holds about {MOST_TRACED:,} at most")
    return get(job.engine).trace(job.program, seed, replication)


def open_run(folder: str | Path) -> Run:
    """A complete run from its folder. Raises RunRefused where there is none, or it is not complete, or is damaged."""
    path = Path(folder)
    manifest = complete_manifest(path)
    return Run(manifest, read_listed_json(path, manifest, SUMMARY), path)


def add_pictures(folder: str | Path, draw: Draw) -> None:
    """Draw the pictures of a run or comparison that is complete; they take the place of those that are there.

    draw  draws them into the folder that it is given

    Raises RunRefused where the folder is none, or another process is at work in it; RunFailed where they cannot be
    written; RunInterrupted on an interrupt: the pictures are then as they were.
    """
    path = Path(folder)
    manifest = read_manifest(path)
    try:
        store.add_pictures(path, manifest, draw)
    except OSError as error:
        raise RunFailed(f"cannot write the pictures to {path}: {reason_of(error)}") from error
    except KeyboardInterrupt:
        raise RunInterrupted(path, manifest["replications"], manifest["replications"]) from None


def verify(
    folder: str | Path,
    sample: int = SAMPLE,
    *,
    progress: Progress | None = None,
    stage: Callable[[str], None] | None = None,
) -> Verification:
    """Check a complete run, comparison or study.

    Compares the checksums of its files and its manifest, and each resolved scenario with its checksum. Of a run also
    its summary and rows with its sums, and `sample` replications, run again on the other engine, to the bit; where only
    the summary was kept, whole chunks are run again. `stage` hears what is waited for before that, and `progress` how
    far it is.

    Raises RunRefused where there is no such folder, or the run is incomplete, and for a sample below 0.
    """
    if isinstance(sample, bool) or not isinstance(sample, int) or sample < 0:
        raise RunRefused(f"sample: {sample!r} is out of range; expected a whole number from 0")
    return verify_folder(Path(folder), sample, progress or (lambda _done, _total: None), stage or (lambda _: None))


def list_runs(folder: str | Path = RESULTS) -> tuple[RunEntry, ...]:
    """All runs at or below a folder, at most two levels down, complete or not, in order of path."""
    return tuple(_entry(path) for path in find_runs(Path(folder)))


def _job(
    scenario: Scenario | str | Path,
    overrides: Sequence[str],
    block: int,
    seed: int,
    replications: int,
    engine: str,
    keep_times: bool,
    until: str | None = None,
) -> RunSpec:
    from sim.engines import choose
    from sim.scenario.compiler import compile_scenario
    from sim.scenario.resolve import dump
    from sim.version import __version__

    if isinstance(block, bool) or not isinstance(block, int) or not 1 <= block <= 1 << 20:
        raise RunRefused(f"block: {block!r} is out of range; expected a whole number from 1 to 2^20")
    if isinstance(scenario, str | Path):
        scenario = load(scenario, overrides)
    elif overrides:
        raise RunRefused("overrides need the path of a scenario file; a scenario that is loaded does not change")
    program: Program = compile_scenario(scenario, block)
    try:
        check_numbers(seed, replications)
        name = choose(engine, program, seed, replications)
    except ValueError as error:
        raise RunRefused(str(error)) from error
    try:
        precision = None if until is None else read_precision(until, program.columns, program.horizon)
    except ValueError as error:
        raise RunRefused(f"until: {error}") from error
    reasons = {line.name: tuple(line.unanswered) for line in scenario.lines}
    # A run keeps the table that it used in its own folder, whatever its name was.
    resolved = dump(scenario if program.posterior is None else replace(scenario, posterior=POSTERIOR))
    return RunSpec(
        program,
        resolved,
        reasons,
        seed,
        replications,
        name,
        keep_times,
        __version__,
        tuple(overrides),
        precision,
        recorded_seconds(scenario),
        estimate_work(program).total,
    )


def run_in_folder(
    job: RunSpec,
    path: Path,
    workers: int | None = None,
    *,
    fresh: bool = False,
    follow: Follow | None = None,
    stage: Stage | None = None,
    client: Client | None = None,
) -> Run:
    """What `run` does once the scenario is compiled: run, continue or find the job in a folder.

    client  of a Dask cluster (`sim.runs.cluster`) whose workers are to simulate
    """
    follow, tell = follow or Follow(None, job.replications), stage or (lambda _: None)
    with failures_told(path, follow):
        stages = plan_stages(job)
        folder = open_folder(path, job, tuple(chunk for stage in stages for chunk in stage.chunks), fresh=fresh)
        try:
            if folder.manifest["status"] == COMPLETE:
                follow.found(folder.manifest["replications"])
                summary = read_listed_json(path, folder.manifest, SUMMARY)
                return Run(folder.manifest, summary, path, True)
            totals, further = simulate_missing(folder, stages, workers, follow, tell, client)
            return _finish(folder, totals, further, workers)
        finally:
            folder.release()


def _run_in_memory(job: RunSpec, workers: int | None, follow: Follow, tell: Stage) -> Run:
    totals, times, further = simulate_in_memory(job, workers, follow, tell)
    from sim.scenario.posterior import draws_of

    rows = None if times is None else count_rows_of(times, totals)
    summary = {**summarise(job.program, totals, job.seed, job.engine, job.reasons, rows), **further}
    manifest = {**new_manifest(job, COMPLETE), "replications": totals.replications}
    return Run(manifest, summary, None, False, totals, times, draws_of(job.program))


def _finish(folder: RunFolder, totals: Totals, further: dict[str, Any], workers: int | None) -> Run:
    job = folder.job
    rows = count_rows(folder.path / TIMES, totals) if job.keep_times else None
    summary = {**summarise(job.program, totals, job.seed, job.engine, job.reasons, rows), **further}
    folder.complete(totals, summary, workers or choose_workers(len(folder.plan)))
    return Run(folder.manifest, summary, folder.path, False, totals)


def _stem(scenario: Scenario | str | Path) -> str:
    name = Path(scenario).stem if isinstance(scenario, str | Path) else scenario.title.lower()
    return re.sub(r"[^\w.-]+", "-", name).strip(".-")[:64] or "scenario"


def _entry(path: Path) -> RunEntry:
    try:
        manifest = read_manifest(path, "run")
        return RunEntry(
            path,
            str(manifest["status"]),
            str(manifest["scenario"]["title"]),
            int(manifest["seed"]),
            int(manifest["replications"]),
            str(manifest["engine"]),
            str(manifest["run"].get("started", "")),
            changes=tuple(str(change) for change in manifest["run"].get("changes", ())),
        )
    except (RunRefused, AttributeError, TypeError, ValueError) as error:
        return RunEntry(path, "unreadable", "", 0, 0, "", "", str(error))
