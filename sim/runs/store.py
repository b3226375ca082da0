"""The folder of a run. At every moment it is absent, or says `incomplete`, or is complete and stays as it is.

Order of things: the manifest (incomplete), chunks, first_contact.parquet, which grows beside them under another name,
sums, summary, pictures, the manifest (complete), and only then the chunks go. Every file appears whole.
"""

from __future__ import annotations

import errno
import glob
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.runs.chunks import find_chunk, remove_chunk, write_arrays
from sim.runs.errors import RunFailed, RunRefused
from sim.runs.files import REPORT, TEMPORARY, fingerprint, remove_temporary, replacing, write_json
from sim.runs.gather import Gatherer, gathering
from sim.runs.job import FORMAT, Job
from sim.runs.provenance import command, host, now, versions
from sim.scenario.posterior import PosteriorError, draws_of, read_draws, write_draws
from sim.stats.totals import Totals, to_arrays

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario

MANIFEST = "manifest.json"
SUMMARY = "summary.json"
TIMES = "first_contact.parquet"
SUMS = "sums.npz"
POSTERIOR = "posterior.parquet"
CHUNKS = "chunks"
FIGURES = "figures"
INCOMPLETE, COMPLETE = "incomplete", "complete"

Manifest = dict[str, Any]
_UNBORN = ".new"
_STALE_SECONDS = 3600
_KEYS = frozenset({"format", "status", "scenario", "seed", "replications", "engine", "run", "files"})


@dataclass
class RunFolder:
    """A folder that this process holds: nobody else works in it until `release`.

    path      the folder
    job       what is run
    plan      its chunks
    manifest  as it stands on disk
    """

    path: Path
    job: Job
    plan: tuple[range, ...]
    manifest: Manifest
    _lock: int | None = field(default=None, repr=False)

    @property
    def chunks(self) -> Path:
        """Where the chunks are until the run is complete."""
        return self.path / CHUNKS

    def missing(self) -> tuple[range, ...]:
        """Chunks that are not there, or damaged (what is left of those is removed)."""
        absent = []
        for chunk in self.plan:
            if find_chunk(self.chunks, chunk, self.job) is None:
                remove_chunk(self.chunks, chunk)
                absent.append(chunk)
        return tuple(absent)

    def gathering(self) -> AbstractContextManager[Gatherer]:
        """What takes the chunks as they are done; at its end the table of first contacts is there, if one is kept."""
        return gathering(self.job, self.chunks, self.plan, self.path / TIMES)

    def write_results(self, totals: Totals, summary: dict[str, Any]) -> None:
        """Write sums, the table of draws that was used, and summary, and remove pictures and report: old ones may be of
        a part of a drawing."""
        shutil.rmtree(self.path / FIGURES, ignore_errors=True)
        (self.path / REPORT).unlink(missing_ok=True)
        with replacing(self.path / SUMS) as path:
            write_arrays(path, to_arrays(totals))
        if (draws := draws_of(self.job.program)) is not None:
            with replacing(self.path / POSTERIOR) as path:
                write_draws(draws, path)
        write_json(self.path / SUMMARY, summary)

    def complete(self, workers: int) -> None:
        """Declare the run complete, with the checksums of every file, and drop the chunks. `plan` is what was taken."""
        notes = [find_chunk(self.chunks, chunk, self.job) for chunk in self.plan]
        if any(note is None for note in notes):
            raise RunFailed(f"a chunk in {self.chunks} changed during the run; give the same command again")
        self.manifest["status"] = COMPLETE
        self.manifest["replications"] = self.plan[-1].stop
        self.manifest["run"] |= {"finished": now(), "workers": workers, "chunks": notes}
        list_files(self.path, self.manifest)
        self.drop_chunks()

    def drop_chunks(self) -> None:
        """Remove the chunks of a complete run."""
        shutil.rmtree(self.chunks, ignore_errors=True)

    def release(self) -> None:
        """Let others work in the folder."""
        if self._lock is not None:
            _unlock(self._lock)
            self._lock = None


def open_folder(path: Path, job: Job, plan: tuple[range, ...], *, fresh: bool = False) -> RunFolder:
    """Take the folder of a run: make it, continue it, or, where it is complete and undamaged, just hold it.

    fresh  begin again whatever is there of this same run

    Raises RunRefused where the path is no folder, holds anything that is not this run, or is being worked on by another
    process, or a folder cannot be made there; OSError where the disk is full or it cannot be written.
    """
    for place in (path, *path.parents):
        if place.exists() and not place.is_dir():
            raise RunRefused(f"{place} is a file; expected a folder")
    if _existing(path, job) is None:
        _create(path, new_manifest(job, INCOMPLETE))
    lock = _take(path)
    try:
        # Read again: before the lock, another process may have gone on with it.
        folder = RunFolder(path, job, plan, _existing(path, job) or new_manifest(job, INCOMPLETE), lock)
        remove_temporary(path)
        if fresh or (folder.manifest["status"] == COMPLETE and not files_fit(path, folder.manifest)):
            _begin_again(folder)
        if folder.manifest["status"] == COMPLETE:
            folder.drop_chunks()
        else:
            folder.chunks.mkdir(exist_ok=True)
            remove_temporary(folder.chunks)
    except BaseException:
        if lock is not None:
            _unlock(lock)
        raise
    return folder


def read_manifest(path: Path) -> Manifest:
    """The manifest of a run's folder. Raises RunRefused where there is none, or it is not one of ours."""
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunRefused(f"{path} holds no {MANIFEST}: it is not the folder of a run") from None
    except (OSError, ValueError) as error:
        raise RunRefused(f"{path / MANIFEST} cannot be read: {error}") from error
    if not isinstance(manifest, dict) or not set(manifest) >= _KEYS:
        raise RunRefused(f"{path / MANIFEST} is not the manifest of a run")
    if not isinstance(manifest["scenario"], dict) or not {"title", "sha256", "resolved"} <= set(manifest["scenario"]):
        raise RunRefused(f"{path / MANIFEST} does not name its scenario")
    if manifest["format"] != FORMAT:
        raise RunRefused(f"{path} has the format {manifest['format']!r}; this version reads {FORMAT}")
    return manifest


def scenario_of(path: Path, manifest: Manifest) -> Scenario:
    """The scenario of a complete run, with the posterior draws that it used. Raises ScenarioErrors, and RunRefused
    where the table is not there or no table of its numbers."""
    from sim.scenario.reader import loads

    scenario = loads(manifest["scenario"]["resolved"], "resolved.yaml")
    if scenario.posterior is None:
        return scenario
    try:
        return replace(scenario, draws=read_draws(path / POSTERIOR, scenario.uncertain))
    except (PosteriorError, OSError) as error:
        raise RunRefused(f"{path / POSTERIOR} cannot be read: {error}; run it again to mend it") from error


def list_files(path: Path, manifest: Manifest) -> None:
    """Write the manifest with size and checksum of every file that is there, pictures and report of later included."""
    manifest["files"] = {found.relative_to(path).as_posix(): fingerprint(found) for found in sorted(_results(path))}
    write_json(path / MANIFEST, manifest)


def files_fit(path: Path, manifest: Manifest) -> bool:
    """Whether all files of a complete run are there, with the size that the manifest gives. The report does not count:
    it is made from the others, and to simulate again would not bring it back."""
    files = {name: entry for name, entry in manifest["files"].items() if name != REPORT}
    try:
        return all((path / name).stat().st_size == entry["bytes"] for name, entry in files.items())
    except (OSError, KeyError, TypeError):
        return False


def new_manifest(job: Job, status: str) -> Manifest:
    """What is known of a run before it begins. All but `run` depends on the run alone."""
    return {
        "replications": 0,  # unknown as yet, unless the job has it
        **job.identity(),
        "status": status,
        "scenario": {"title": job.program.title, "sha256": job.program.sha256, "resolved": job.resolved},
        "start": job.program.start.isoformat(),
        "horizon_seconds": job.program.horizon,
        "uncertain": list(job.program.uncertain),
        "files": {},
        "run": {
            "command": command(),
            "changes": list(job.changes),
            "started": now(),
            "host": host(),
            "versions": versions(),
        },
    }


def find_runs(root: Path) -> Iterator[Path]:
    """Folders of runs at or below `root`, at most two levels down, in order of name."""
    for pattern in (MANIFEST, f"*/{MANIFEST}", f"*/*/{MANIFEST}"):
        for found in sorted(root.glob(pattern)):
            # Comparisons and studies keep their manifests in their folders too, beside what no run has.
            others = (found.with_name(name) for name in ("comparison.json", "result.json"))
            if not found.parent.name.startswith(".") and not any(other.exists() for other in others):
                yield found.parent


def _existing(path: Path, job: Job) -> Manifest | None:
    """The manifest of this very run, or None where the folder is empty or absent."""
    if not path.is_dir() or all(entry.name.startswith(TEMPORARY) for entry in path.iterdir()):
        return None
    if not (path / MANIFEST).exists():
        raise RunRefused(f"{path} holds files, but no {MANIFEST}: it is not the folder of a run; choose another")
    manifest = read_manifest(path)
    found = {**manifest, "scenario": manifest["scenario"]["sha256"]}
    for key, value in {"until": None, **job.identity()}.items():
        if found.get(key) != value:
            what = f"its {key} is {found.get(key)!r}, not {value!r}"
            raise RunRefused(f"{path} holds another run: {what}; choose another folder, or remove this one")
    return manifest


def _create(path: Path, manifest: Manifest) -> None:
    """Make the folder with its manifest in one step, or put the manifest into an empty one."""
    if path.is_dir():
        write_json(path / MANIFEST, manifest)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error
    for left in path.parent.glob(f".{glob.escape(path.name)}-*{_UNBORN}"):
        if time.time() - left.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    hidden = path.with_name(f".{path.name}-{secrets.token_hex(4)}{_UNBORN}")
    try:
        hidden.mkdir()
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        write_json(hidden / MANIFEST, manifest)
        hidden.rename(path)
    except BaseException:
        shutil.rmtree(hidden, ignore_errors=True)
        raise


def _unwritable(path: Path, error: OSError) -> Exception:
    """A full disk is no fault of the input; a place where no folder can be made is."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
        return error
    return RunRefused(f"{path} cannot be written: {error.strerror or error}; choose another folder")


def _begin_again(folder: RunFolder) -> None:
    """The manifest first, so that a crash while files go leaves a folder that says so."""
    folder.manifest = new_manifest(folder.job, INCOMPLETE)
    write_json(folder.path / MANIFEST, folder.manifest)
    folder.drop_chunks()
    for result in _results(folder.path):
        result.unlink(missing_ok=True)


def _results(path: Path) -> Iterator[Path]:
    """Files of a run but its manifest and chunks."""
    for name in (TIMES, SUMS, POSTERIOR, SUMMARY, REPORT):
        if (path / name).exists():
            yield path / name
    yield from (picture for picture in (path / FIGURES).glob("*") if picture.is_file())


def _take(path: Path) -> int | None:
    """Lock the folder for this process; the lock goes with the process, however it ends."""
    try:
        import fcntl
    except ImportError:  # Windows: two processes in one folder are not kept apart
        return None
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise RunRefused(f"another process is working in {path}") from None
    except OSError:  # a file system without locks
        os.close(handle)
        return None
    _locks.add(handle)
    return handle


def _unlock(handle: int) -> None:
    _locks.discard(handle)
    os.close(handle)


_locks: set[int] = set()


def _leave_locks() -> None:
    """In a copy of this process: else its locks would last until the last copy has ended."""
    for handle in _locks:
        os.close(handle)
    _locks.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_locks)
