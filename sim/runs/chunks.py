"""One chunk: simulate it, and keep it where it can be found again and trusted.

A chunk is three files: the first-contact times by line (unless only the summary is kept), the sums, and, written last,
a note with the checksums of both. Without a note that fits the files the chunk does not exist, which is why no chunk
waits for the disk.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.runs.errors import RunFailed
from sim.runs.files import fingerprint, replacing, write_json
from sim.runs.job import Job
from sim.runs.plan import plan_batches
from sim.runs.tables import rows_table
from sim.stats.totals import Totals, added, from_arrays, narrow, tally_batch, to_arrays

if TYPE_CHECKING:
    import pyarrow as pa

Note = dict[str, Any]


@dataclass(frozen=True)
class InMemory:
    """The task of a run without a folder: gives a chunk's sums and, if they are kept, its times."""

    job: Job

    def __call__(self, chunk: range) -> tuple[Totals, pa.Table | None]:
        """The chunk's sums and its times, None where they are not kept."""
        import pyarrow as pa

        totals, rows = simulate(self.job, chunk)
        return totals, pa.concat_tables(_tables(self.job, chunk, rows)) if self.job.keep_times else None


@dataclass(frozen=True)
class OnDisk:
    """The task of a run with a folder: writes the chunk's files to `folder` and gives its note."""

    job: Job
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


def simulate(job: Job, chunk: range) -> tuple[Totals, Rows]:
    """Run a chunk, batch by batch. Raises ValueError where it is empty."""
    from sim.engines import get

    engine, program = get(job.engine), job.program
    kind = np.int32 if program.horizon < 1 << 31 else np.int64
    sums: Totals | None = None
    seconds: list[Any] = [np.zeros((0, len(program.lines)), kind)]
    parameters = [np.zeros((0, len(program.uncertain)))]
    for replications in plan_batches(chunk, program.block, len(program.lines)):
        batch = engine.simulate(program, job.seed, replications)
        sums = added(sums, tally_batch(program, batch, job.asked))
        if job.keep_times:
            seconds.append(batch.first_contact.astype(kind))
            parameters.append(batch.parameters)
    if sums is None:
        raise ValueError("an empty chunk")
    return sums, Rows(np.concatenate(seconds), np.concatenate(parameters))


def _tables(job: Job, chunk: range, rows: Rows) -> Iterator[pa.Table]:
    """The rows of a chunk as tables, a batch at a time."""
    block = job.program.block
    for part in plan_batches(chunk, block, len(job.program.lines)):
        first = part.start - chunk.start
        seconds = rows.first_contact[first : first + len(part)].astype(np.int64)
        yield rows_table(job.program, job.seed, part, seconds, rows.parameters[first // block :])


def find_chunk(folder: Path, chunk: range, job: Job) -> Note | None:
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


def read_tables(folder: Path, chunk: range, job: Job) -> Iterator[pa.Table]:
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
