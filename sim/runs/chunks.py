"""One chunk: simulate it, and keep it where it can be found again and trusted.

A chunk is three files: the first-contact times (Parquet, unless only the summary is kept), the sums (npz) and, written
last, a note with the checksums of both. Without a note that fits the files the chunk does not exist.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.runs.errors import RunFailed
from sim.runs.files import fingerprint, replacing, write_json
from sim.runs.job import Job
from sim.runs.plan import plan_batches
from sim.runs.tables import batch_table, table_schema, write_table
from sim.stats.arrays import from_arrays, to_arrays
from sim.stats.totals import Totals, column_times, tally_batch

if TYPE_CHECKING:
    import pyarrow as pa

Note = dict[str, Any]


@dataclass(frozen=True)
class InMemory:
    """The task of a run without a folder: gives a chunk's sums and, if they are kept, its times."""

    job: Job

    def __call__(self, chunk: range) -> tuple[Totals, pa.Table | None]:
        import pyarrow as pa

        totals, tables = simulate(self.job, chunk)
        return totals, pa.concat_tables(tables) if tables else None


@dataclass(frozen=True)
class OnDisk:
    """The task of a run with a folder: writes the chunk's files to `folder` and gives its note."""

    job: Job
    folder: Path

    def __call__(self, chunk: range) -> Note:
        totals, tables = simulate(self.job, chunk)
        names = _names(chunk)
        kept = ["sums"]
        with replacing(self.folder / names["sums"], flush_folder=False) as path:
            write_arrays(path, to_arrays(totals))
        if tables:
            kept.append("times")
            with replacing(self.folder / names["times"], flush_folder=False) as path:
                write_table(path, table_schema(self.job.program, self.job.seed), tables)
        files = {names[kind]: fingerprint(self.folder / names[kind]) for kind in kept}
        note = {"first": chunk.start, "replications": len(chunk), "files": files}
        write_json(self.folder / names["note"], note)
        return note


def simulate(job: Job, chunk: range) -> tuple[Totals, list[pa.Table]]:
    """Run a chunk, batch by batch; the tables are empty where times are not kept."""
    from sim.engines import get

    engine = get(job.engine)
    totals: Totals | None = None
    tables = []
    for replications in plan_batches(chunk, job.program.block):
        batch = engine.simulate(job.program, job.seed, replications)
        if job.keep_times:
            tables.append(batch_table(job.program, job.seed, batch, column_times(job.program, batch.first_contact)))
        part = tally_batch(job.program, batch)
        totals = part if totals is None else totals.merge(part)
    if totals is None:
        raise ValueError("an empty chunk")
    return totals, tables


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


def read_times(folder: Path, chunk: range) -> pa.Table:
    """The times of a chunk that was written."""
    import pyarrow.parquet as pq

    return pq.read_table(folder / _names(chunk)["times"])


def write_arrays(path: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Write named arrays of numbers and text, integers as narrow as they allow; always the same bytes for the same."""
    smallest = {name: _narrow(array) for name, array in arrays.items()}
    with path.open("wb") as file:
        np.savez(file, **smallest)  # type: ignore[arg-type]


def read_arrays(path: Path) -> Totals:
    """The `Totals` in a file of `write_arrays`. Raises RunFailed where it is damaged, OSError where it is not there."""
    import zipfile

    try:
        with np.load(path, allow_pickle=False) as arrays:
            return from_arrays({name: arrays[name] for name in arrays.files})
    except (ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise RunFailed(f"{path} is damaged: {error}") from error


def _narrow(array: NDArray[np.generic]) -> NDArray[np.generic]:
    if array.dtype != np.int64 or not array.size:
        return array
    return array.astype(np.result_type(np.min_scalar_type(int(array.min())), np.min_scalar_type(int(array.max()))))


def _names(chunk: range) -> dict[str, str]:
    stem = f"{chunk.start:012d}"
    return {"note": f"{stem}.json", "sums": f"{stem}.npz", "times": f"{stem}.parquet"}
