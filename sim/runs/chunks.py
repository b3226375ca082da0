"""Chunks of a run: their plan, their simulation, their files, and their merging.

Chunks are what is kept when a run is interrupted; batches are what is in memory at a time. Results do not depend on
either: both begin with the first replication of a block.

A chunk is three files: the first-contact times by line (unless only the summary is kept), the sums, and, written last,
a note with the checksums of both. Without a note that fits the files the chunk does not exist, which is why no chunk
waits for the disk.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.runs.errors import RunFailed
from sim.runs.files import fingerprint, replacing, write_json
from sim.runs.spec import RunSpec
from sim.runs.tables import TableWriter, rows_table, table_schema
from sim.stats.totals import Totals, added, count_batch, from_arrays, narrow, to_arrays

if TYPE_CHECKING:
    import pyarrow as pa


CHUNKS = 64
"""Chunks of a long run: an interruption costs at most this part of the work for each worker. A very long run has more,
because no chunk is longer than `MOST_REPLICATIONS`."""

MOST_CHUNKS = 4096
"""Chunks of the longest runs: a folder of files that every file system bears."""

LEAST_REPLICATIONS = {"reference": 256, "compiled": 4096}
"""Of a chunk, by engine, so that short runs do not spend their time on files: a chunk costs some hundredths of a
second."""

MOST_REPLICATIONS = 3 << 14
"""Of a chunk: a replication takes some 250 bytes while it is counted, in every process, and a chunk some hundredths of
a second to be put to the others, whatever its length."""

BATCH_REPLICATIONS = 1 << 17

MOST_NUMBERS = 1 << 23
"""Replications of a chunk or batch times lines, about: of many lines, fewer replications are in memory at a time."""


MOST_ENTRIES = {"reference": 200_000, "compiled": 20_000_000}
"""Entries of the event log in a chunk, about, by engine: some two seconds, so that progress is seen and kept."""


def plan_chunks(replications: int, block: int, engine: str, lines: int = 1, entries: float = 1.0) -> tuple[range, ...]:
    """Consecutive ranges that cover ``range(replications)``, each but the last a multiple of `block` long."""
    return _cut(range(replications), chunk_size(replications, block, engine, lines, entries))


def chunk_size(replications: int, block: int, engine: str, lines: int = 1, entries: float = 1.0) -> int:
    """Replications in a chunk, a multiple of `block`. `entries`: of a replication, as `sim.scenario.work` estimates."""
    most = min(MOST_REPLICATIONS, MOST_NUMBERS // lines, max(1, int(MOST_ENTRIES[engine] / max(1.0, entries))))
    size = min(most, max(LEAST_REPLICATIONS[engine], -(-replications // CHUNKS)))
    return _whole_blocks(max(size, -(-replications // MOST_CHUNKS)), block)


def plan_batches(chunk: range, block: int, lines: int = 1) -> tuple[range, ...]:
    """Consecutive ranges that cover a chunk, each but the last a multiple of `block` long."""
    return _cut(chunk, _whole_blocks(max(1, min(BATCH_REPLICATIONS, MOST_NUMBERS // lines)), block))


def _whole_blocks(size: int, block: int) -> int:
    return -(-size // block) * block


def _cut(whole: range, size: int) -> tuple[range, ...]:
    return tuple(range(first, min(first + size, whole.stop)) for first in range(whole.start, whole.stop, size))


Note = dict[str, Any]


@dataclass(frozen=True)
class InMemory:
    """The task of a run without a folder: gives a chunk's sums and, if they are kept, its times."""

    job: RunSpec

    def __call__(self, chunk: range) -> tuple[Totals, pa.Table | None]:
        """The chunk's sums and its times, None where they are not kept."""
        import pyarrow as pa

        totals, rows = simulate(self.job, chunk)
        return totals, pa.concat_tables(_tables(self.job, chunk, rows)) if self.job.keep_times else None


@dataclass(frozen=True)
class OnDisk:
    """The task of a run with a folder: writes the chunk's files to `folder` and gives its note."""

    job: RunSpec
    folder: Path

    def __call__(self, chunk: range) -> Note:
        """The chunk's note, once its files are there."""
        totals, rows = simulate(self.job, chunk)
        names = _names(chunk)
        kept = {"sums": to_arrays(totals)}
        if self.job.keep_times:
            kept["times"] = {"first_contact": rows.first_contact, "parameters": rows.parameters}
        for kind, arrays in kept.items():
            with replacing(self.folder / names[kind], lasting=False) as path:
                write_arrays(path, arrays)
        files = {names[kind]: fingerprint(self.folder / names[kind]) for kind in kept}
        note = {"first": chunk.start, "replications": len(chunk), "files": files}
        write_json(self.folder / names["note"], note, lasting=False)
        return note


@dataclass(frozen=True)
class Rows:
    """What is kept of each replication of a chunk; all of it empty where only the summary is kept.

    first_contact  (n, lines) as in `sim.engines.contract.Batch`, in 32 bits where the horizon allows
    parameters     (blocks, uncertain) as there
    """

    first_contact: NDArray[np.int64] | NDArray[np.int32]
    parameters: NDArray[np.float64]


def simulate(job: RunSpec, chunk: range) -> tuple[Totals, Rows]:
    """Run a chunk, batch by batch. Raises ValueError where it is empty."""
    from sim.engines import get

    engine, program = get(job.engine), job.program
    kind = np.int32 if program.horizon < 1 << 31 else np.int64
    sums: Totals | None = None
    seconds: list[Any] = [np.zeros((0, len(program.lines)), kind)]
    parameters = [np.zeros((0, len(program.uncertain)))]
    for replications in plan_batches(chunk, program.block, len(program.lines)):
        batch = engine.simulate(program, job.seed, replications)
        sums = added(sums, count_batch(program, batch, job.exact_at))
        if job.keep_times:
            seconds.append(batch.first_contact.astype(kind))
            parameters.append(batch.parameters)
    if sums is None:
        raise ValueError("an empty chunk")
    return sums, Rows(np.concatenate(seconds), np.concatenate(parameters))


def _tables(job: RunSpec, chunk: range, rows: Rows) -> Iterator[pa.Table]:
    """The rows of a chunk as tables, a batch at a time."""
    block = job.program.block
    for part in plan_batches(chunk, block, len(job.program.lines)):
        first = part.start - chunk.start
        seconds = rows.first_contact[first : first + len(part)].astype(np.int64)
        yield rows_table(job.program, job.seed, part, seconds, rows.parameters[first // block :])


def find_chunk(folder: Path, chunk: range, job: RunSpec) -> Note | None:
    """The note of a chunk that is there and undamaged, else None."""
    names = _names(chunk)
    expected = {names["sums"], names["times"]} if job.keep_times else {names["sums"]}
    try:
        note: Note = json.loads((folder / names["note"]).read_text(encoding="utf-8"))
        whole = (note["first"], note["replications"]) == (chunk.start, len(chunk)) and set(note["files"]) == expected
        if whole and all(fingerprint(folder / name) == note["files"][name] for name in expected):
            return note
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def remove_chunk(folder: Path, chunk: range) -> None:
    """Remove whatever there is of a chunk."""
    names = _names(chunk)
    for kind in ("note", "sums", "times"):
        (folder / names[kind]).unlink(missing_ok=True)


def read_totals(folder: Path, chunk: range) -> Totals:
    """The sums of a chunk that was written."""
    return read_arrays(folder / _names(chunk)["sums"])


def read_tables(folder: Path, chunk: range, job: RunSpec) -> Iterator[pa.Table]:
    """The rows of a chunk that was written, as consecutive tables. Raises RunFailed where it is damaged."""
    path = folder / _names(chunk)["times"]
    arrays = _load(path)
    try:
        rows = Rows(arrays["first_contact"], arrays["parameters"])  # type: ignore[arg-type]
    except KeyError as error:
        raise RunFailed(f"{path} is damaged: {error}") from error
    yield from _tables(job, chunk, rows)


def write_arrays(path: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Write named arrays of numbers and text, integers as narrow as they allow; always the same bytes for the same."""
    smallest = {name: narrow(array) for name, array in arrays.items()}
    with path.open("wb") as file:
        np.savez(file, **smallest)  # type: ignore[arg-type]


def read_arrays(path: Path) -> Totals:
    """The `Totals` in a file of `write_arrays`. Raises RunFailed where it is damaged, OSError where it is not there."""
    arrays = _load(path)
    try:
        return from_arrays(arrays)
    except (ValueError, KeyError, IndexError) as error:
        raise RunFailed(f"{path} is damaged: {error}") from error


def _load(path: Path) -> dict[str, NDArray[np.generic]]:
    import struct
    import zipfile
    import zlib

    # What numpy and zipfile raise for damaged files: NotImplementedError and RuntimeError for a compression or an
    # encryption that they do not know.
    damaged = (ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile, struct.error, zlib.error)
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except damaged as error:
        raise RunFailed(f"{path} is damaged: {error}") from error


def _names(chunk: range) -> dict[str, str]:
    stem = f"{chunk.start:012d}"
    return {"note": f"{stem}.json", "sums": f"{stem}.sums.npz", "times": f"{stem}.times.npz"}


class Gatherer:
    """Takes the chunks of a plan in whatever order they are done: adds up their sums at once, and writes their rows to
    one table in the order of the plan, as soon as all before them are there."""

    def __init__(self, job: RunSpec, chunks: Path, plan: Sequence[range], table: TableWriter | None) -> None:
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
def gathering(job: RunSpec, chunks: Path, plan: Sequence[range], times: Path) -> Iterator[Gatherer]:
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
