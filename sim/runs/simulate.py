"""Carrying a job out: what is not there yet is simulated, chunk by chunk, leg by leg."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.runs.chunks import InMemory, OnDisk, simulate
from sim.runs.errors import RunInterrupted, RunRefused
from sim.runs.execute import choose_workers, execute
from sim.runs.follow import Follow
from sim.runs.job import Job
from sim.runs.legs import IN_PROCESS, Leg, Looks, gather_legs, plan_legs
from sim.runs.store import RunFolder
from sim.scenario.units import duration_text
from sim.stats.precision import level_of_a_look, looks
from sim.stats.totals import Totals, added

if TYPE_CHECKING:
    import pyarrow as pa
    from distributed import Client

Tell = Callable[[str], None]


def check_resolution(job: Job, tell: Tell) -> None:
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
    job: Job, workers: int | None, follow: Follow, tell: Tell
) -> tuple[Totals, pa.Table | None, dict[str, Any]]:
    """The sums of the run, its rows if they are kept, and what is added to its summary."""
    from sim.engines import prepare

    prepare(job.engine, tell)
    tell("simulating")
    legs, tables = plan_legs(job), {}
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

    looks = Looks(job, legs, total)
    follow.add(0)
    try:
        task, chunks = InMemory(job), [chunk for leg in legs for chunk in leg.chunks]
        with contextlib.closing(_carry_out(task, chunks, job, workers, follow, found.__setitem__)) as results:
            taken = gather_legs(legs, set(), results, take, looks.enough)
    except KeyboardInterrupt:
        raise RunInterrupted(None, 0, follow.total) from None
    tell("summarising")
    totals, times = total(), None
    if job.keep_times:
        import pyarrow as pa

        times = pa.concat_tables([tables[chunk.start] for leg in legs[:taken] for chunk in leg.chunks])
    return totals, times, looks.summary()


def simulate_missing(
    folder: RunFolder,
    legs: Sequence[Leg],
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
        looks = Looks(folder.job, legs, gathered.totals)
        work = _carry_out(task, missing, folder.job, workers, follow, client=client)
        with contextlib.closing(work) as results:
            taken = gather_legs(legs, ready, results, gathered.add, looks.enough)
        tell("summarising")
    folder.plan = tuple(chunk for leg in legs[:taken] for chunk in leg.chunks)
    return gathered.totals(), looks.summary()


def _carry_out(
    task: Callable[[range], Any],
    chunks: Sequence[range],
    job: Job,
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
