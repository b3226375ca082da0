"""Simulation of a run, chunk by chunk and stage by stage.

A run has one stage, or, until an interval is narrow enough, one stage up to each look. Chunks of later stages may be
under way, or done, when a stage turns out to be the last one: they are thrown away. What decides are the sums of all
replications up to a look, so the result depends neither on workers nor on the order of chunks.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.runs.chunks import InMemory, OnDisk, plan_chunks, simulate
from sim.runs.errors import RunFailed, RunInterrupted, RunRefused
from sim.runs.execute import choose_workers, execute
from sim.runs.spec import RunSpec
from sim.runs.store import RunFolder
from sim.scenario.units import duration_text
from sim.stats.intervals import Estimate
from sim.stats.precision import level_of_a_look, looks, until_summary
from sim.stats.totals import Totals, added

if TYPE_CHECKING:
    import pyarrow as pa
    from distributed import Client


Progress = Callable[[int, int], None]
"""Called with replications done so far and replications in all: at the start, and after every chunk."""


class Follow:
    """Counts replications that are done and tells them."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self.total, self.done = progress, total, 0

    def found(self, count: int) -> None:
        """So many were done before; the first `add` tells it."""
        self.done = count

    def add(self, count: int) -> None:
        """So many more are done."""
        self.done += count
        if self._progress is not None:
            self._progress(self.done, self.total)


@contextlib.contextmanager
def failures_told(path: Path, follow: Follow) -> Iterator[None]:
    """Turn what may befall a run with a folder into exceptions that say what was kept."""
    kept = "; {} of {} replications are kept, the same command continues"
    try:
        yield
    except KeyboardInterrupt:
        raise RunInterrupted(path if path.is_dir() else None, follow.done, follow.total) from None
    except RunFailed as error:
        raise RunFailed(f"{error}{kept.format(follow.done, follow.total) if follow.done else ''}") from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "no space is left on the disk" if full else f"{error.strerror or error} ({error.filename or path})"
        also = kept.format(follow.done, follow.total) if follow.done else ""
        raise RunFailed(f"cannot write the results to {path}: {what}{also}") from error


IN_PROCESS = 8000
"""Replications under a precision that are simulated in this process, before others are started: it may be enough."""


@dataclass(frozen=True)
class RunStage:
    """Chunks up to a look. `replications`: of this stage and those before it."""

    replications: int
    chunks: tuple[range, ...]


def plan_stages(job: RunSpec) -> tuple[RunStage, ...]:
    """One stage for a run of so many replications, one for each look of a run until a precision."""
    if job.until is None:
        return (RunStage(job.replications, _cut(job, range(job.replications))),)
    ends = looks(job.replications, job.program.block)
    return tuple(RunStage(stop, _cut(job, range(start, stop))) for start, stop in pairwise((0, *ends)))


def gather_stages(
    stages: Sequence[RunStage],
    ready: set[range],
    results: Iterator[range],
    add: Callable[[range], None],
    enough: Callable[[], bool],
) -> int:
    """Take chunks stage by stage until it is enough, or all are taken; how many stages were.

    ready    chunks that are there already; those done are added to it
    results  chunks as they are done, in any order
    add      takes a chunk, which is one of the present stage
    enough   asked when all chunks of a stage are taken
    """
    for taken, stage in enumerate(stages, 1):
        waiting = set(stage.chunks) - ready
        for chunk in stage.chunks:
            if chunk in ready:
                add(chunk)
        while waiting:
            chunk = next(results)
            ready.add(chunk)
            if chunk in waiting:
                waiting.remove(chunk)
                add(chunk)
        if enough():
            return taken
    return len(stages)


class Looks:
    """The looks of a run at what it has so far. Without a precision there is none, and never enough."""

    def __init__(self, job: RunSpec, stages: Sequence[RunStage], totals: Callable[[], Totals]) -> None:
        self._until, self._totals = job.until, totals
        self._at = tuple(stage.replications for stage in stages)
        self._found: list[Estimate] = []

    def enough(self) -> bool:
        """Take a look: whether the precision is reached."""
        if self._until is None:
            return False
        column = self._totals().columns[self._until.column]
        self._found.append(self._until.estimate(column, level_of_a_look(len(self._at))))
        found = self._found[-1]
        return self._until.reached_by(found) or self._until.coarsest(column, found) is not None

    def summary(self) -> dict[str, Any]:
        """What is added to `summary.json`."""
        return {} if self._until is None else {"until": until_summary(self._until, self._at, self._found)}


def _cut(job: RunSpec, whole: range) -> tuple[range, ...]:
    program = job.program
    chunks = plan_chunks(len(whole), program.block, job.engine, len(program.lines), job.entries)
    return tuple(range(whole.start + chunk.start, whole.start + chunk.stop) for chunk in chunks)


Tell = Callable[[str], None]


def check_resolution(job: RunSpec, tell: Tell) -> None:
    """Raise RunRefused where the replications of a first look show that the precision is below the resolution."""
    from sim.engines import prepare

    until = job.until
    if until is None or not until.finer_than_bins(job.program.horizon):
        return
    prepare(job.engine, tell)
    first = looks(job.replications, job.program.block)
    totals, _ = simulate(replace(job, keep_times=False), range(first[0]))
    column = totals.columns[until.column]
    estimate = until.estimate(column, level_of_a_look(len(first)))
    if (apart := until.coarsest(column, estimate)) is not None:
        near = duration_text(estimate.estimate or 0)
        raise RunRefused(
            f"until: {until.text} is below the resolution: times near {near} are counted to {duration_text(apart)}; "
            f"ask for ± {duration_text(-(-apart // 2))} or more"
        )


def simulate_in_memory(
    job: RunSpec, workers: int | None, follow: Follow, tell: Tell
) -> tuple[Totals, pa.Table | None, dict[str, Any]]:
    """The sums of the run, its rows if they are kept, and what is added to its summary."""
    from sim.engines import prepare

    prepare(job.engine, tell)
    tell("simulating")
    stages, tables = plan_stages(job), {}
    sums: Totals | None = None
    found: dict[range, tuple[Totals, pa.Table | None]] = {}

    def take(chunk: range) -> None:
        """Add a chunk that has been found."""
        nonlocal sums
        part, tables[chunk.start] = found.pop(chunk)
        sums = added(sums, part)

    def total() -> Totals:
        """The sums so far, of at least one chunk."""
        assert sums is not None
        return sums

    looks = Looks(job, stages, total)
    follow.add(0)
    try:
        task, chunks = InMemory(job), [chunk for stage in stages for chunk in stage.chunks]
        with contextlib.closing(_carry_out(task, chunks, job, workers, follow, found.__setitem__)) as results:
            taken = gather_stages(stages, set(), results, take, looks.enough)
    except KeyboardInterrupt:
        raise RunInterrupted(None, 0, follow.total) from None
    tell("summarising")
    totals, times = total(), None
    if job.keep_times:
        import pyarrow as pa

        times = pa.concat_tables([tables[chunk.start] for stage in stages[:taken] for chunk in stage.chunks])
    return totals, times, looks.summary()


def simulate_missing(
    folder: RunFolder,
    stages: Sequence[RunStage],
    workers: int | None,
    follow: Follow,
    tell: Tell,
    client: Client | None = None,
) -> tuple[Totals, dict[str, Any]]:
    """The sums of the run, and what is added to its summary; `folder.plan` becomes what was taken."""
    from sim.engines import prepare

    missing = folder.missing()
    ready = set(folder.plan) - set(missing)
    follow.found(sum(len(chunk) for chunk in ready))
    if missing and client is None:
        prepare(folder.job.engine, tell)
    tell("simulating")
    follow.add(0)
    task = OnDisk(folder.job, folder.chunks.resolve())
    with folder.gathering() as gathered:
        looks = Looks(folder.job, stages, gathered.totals)
        work = _carry_out(task, missing, folder.job, workers, follow, client=client)
        with contextlib.closing(work) as results:
            taken = gather_stages(stages, ready, results, gathered.add, looks.enough)
        tell("summarising")
    folder.plan = tuple(chunk for stage in stages[:taken] for chunk in stage.chunks)
    return gathered.totals(), looks.summary()


def _carry_out(
    task: Callable[[range], Any],
    chunks: Sequence[range],
    job: RunSpec,
    workers: int | None,
    follow: Follow,
    keep: Callable[[range, Any], None] | None = None,
    client: Client | None = None,
) -> Generator[range, None, None]:
    """Chunks as they are done; `keep` is given what came of each."""
    here = [chunk for chunk in chunks if job.until is not None and chunk.stop <= IN_PROCESS and client is None]
    others = chunks[len(here) :]
    used = workers or choose_workers(len(others))
    if client is None:
        rest = execute(task, others, used)
    else:
        from sim.runs.cluster import execute_on

        rest = execute_on(client, task, others)
    for part in (execute(task, here, 1), rest):
        with contextlib.closing(part) as results:
            for chunk, result in results:
                follow.add(len(chunk))
                if keep is not None:
                    keep(chunk, result)
                yield chunk
