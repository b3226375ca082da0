"""Putting chunks together while others are still being simulated."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from sim.runs.chunks import read_tables, read_totals
from sim.runs.files import replacing
from sim.runs.job import Job
from sim.runs.tables import TableWriter, table_schema
from sim.stats.totals import Totals, added


class Gatherer:
    """Takes the chunks of a plan in whatever order they are done: adds up their sums at once, and writes their rows to
    one table in the order of the plan, as soon as all before them are there."""

    def __init__(self, job: Job, chunks: Path, plan: Sequence[range], table: TableWriter | None) -> None:
        self._job, self._chunks, self._table = job, chunks, table
        self._ahead = iter(plan)
        self._next = next(self._ahead, None)
        self._done: set[range] = set()
        self._sums: Totals | None = None

    def add(self, chunk: range) -> None:
        """Take a chunk whose files are there. Raises RunFailed or OSError where they cannot be read or written on."""
        self._sums = added(self._sums, read_totals(self._chunks, chunk))
        if self._table is None:
            return
        self._done.add(chunk)
        while self._next in self._done:
            self._done.remove(self._next)
            for rows in read_tables(self._chunks, self._next, self._job):
                self._table.add(rows)
            self._next = next(self._ahead, None)

    def totals(self) -> Totals:
        """The sums of the chunks taken so far, at least one."""
        assert self._sums is not None
        return self._sums


@contextlib.contextmanager
def gathering(job: Job, chunks: Path, plan: Sequence[range], times: Path) -> Iterator[Gatherer]:
    """A gatherer over `plan`; when the block ends well, the table is at `times`, whole, if the job keeps one."""
    if not job.keep_times:
        yield Gatherer(job, chunks, plan, None)
        return
    with replacing(times) as path:
        table = TableWriter(path, table_schema(job.program, job.seed))
        try:
            yield Gatherer(job, chunks, plan, table)
            table.finish()
        except BaseException:
            table.abandon()
            raise
