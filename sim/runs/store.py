"""Result folders: runs, comparisons and studies.

Each has a manifest, which says how the results were made and lists every file with its checksum; the manifest holds a
checksum of itself. Every file is compared with its checksum when it is opened.

A comparison or a study is made under a hidden name and takes its place in one step. The folder of a run is there from
its beginning: it is absent, or says ``incomplete``, or is complete and stays as it is. Its files are written in the
order manifest (incomplete), chunks, table of first contacts (which grows beside the chunks under another name), sums,
summary, manifest (complete); then the chunks go.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.runs.chunks import Gatherer, find_chunk, gathering, remove_chunk, write_arrays
from sim.runs.errors import ResultsDamaged, RunFailed, RunRefused
from sim.runs.files import (
    TEMPORARY,
    check_folders,
    fingerprint,
    lock,
    making,
    reason_of,
    remove_all_temporary,
    remove_leftovers,
    replacing,
    unlock,
    write_json,
)
from sim.runs.provenance import command, host, now, versions
from sim.runs.spec import FORMAT, RunSpec
from sim.scenario.posterior import PosteriorError, draws_of, read_draws, write_draws
from sim.stats.totals import Totals, to_arrays

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario

MANIFEST = "manifest.json"
SUMMARY, TIMES, SUMS, POSTERIOR = "summary.json", "first_contact.parquet", "sums.npz", "posterior.parquet"
COMPARISON, WHY, CURVES = "comparison.json", "why.json", "curves.parquet"
RESULT, TABLE = "result.json", "table.csv"
FIGURES, REPORT = "figures", "report.html"
CHUNKS = "chunks"
INCOMPLETE, COMPLETE = "incomplete", "complete"

STUDIES = ("sweep", "sensitivity", "attribution")
"""Kinds of folders of studies."""

FILES = {
    "run": (SUMMARY, TIMES, SUMS, POSTERIOR),
    "comparison": (COMPARISON, WHY, CURVES),
    **dict.fromkeys(STUDIES, (RESULT, TABLE)),
}
"""Files of numbers by kind of folder. Pictures and report are made from them."""

Manifest = dict[str, Any]
Draw = Callable[[Path], object]
"""Draws pictures into a folder that is there."""

_RUN_KEYS = frozenset({"status", "scenario", "seed", "replications", "engine", "run", "files"})


# Manifests


def origin() -> dict[str, Any]:
    """The block ``run`` of a manifest: all that may differ between two makings of the same results."""
    return {"command": command(), "started": now(), "host": host(), "versions": versions()}


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write the manifest of the folder `path`, with a checksum of itself."""
    manifest["run"]["checksum"] = _checksum(manifest)
    write_json(path / MANIFEST, manifest)


def list_files(path: Path, manifest: Manifest) -> None:
    """Write the manifest with size and checksum of every file that is there, pictures and report included."""
    found = sorted(file for file in _files(path, manifest["kind"]) if file.is_file())
    manifest["files"] = {file.relative_to(path).as_posix(): fingerprint(file) for file in found}
    write_manifest(path, manifest)


def list_file(path: Path, manifest: Manifest, name: str) -> None:
    """Write the manifest with size and checksum of one more file; entries of other files stay as they are."""
    manifest["files"] = dict(sorted({**manifest["files"], name: fingerprint(path / name)}.items()))
    write_manifest(path, manifest)


def read_manifest(path: Path, *kinds: str) -> Manifest:
    """The manifest of a folder of one of these kinds; of any kind where none is given.

    Raises RunRefused where there is none, or it is that of something else; ResultsDamaged where it is not what was
    written.
    """
    manifest = parse_manifest(path, *kinds)
    if not is_sealed(manifest):
        raise ResultsDamaged(f"{path / MANIFEST} is damaged: it is not what was written{_ANEW}")
    return manifest


def parse_manifest(path: Path, *kinds: str) -> Manifest:
    """As `read_manifest`, but the checksum of the manifest is not compared."""
    wanted = _a(" or ".join(kinds) or "run, comparison or study")
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunRefused(f"{path} holds no {MANIFEST}: it is not the folder of {wanted}") from None
    except NotADirectoryError:
        raise RunRefused(f"{path} is no folder of {wanted}") from None
    except (OSError, ValueError) as error:
        raise ResultsDamaged(f"{path / MANIFEST} cannot be read: {error}{_ANEW}") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("run"), dict) or "files" not in manifest:
        raise RunRefused(f"{path / MANIFEST} is not the manifest of {wanted}")
    if manifest.get("format") != FORMAT:
        raise RunRefused(f"{path} has the format {manifest.get('format')!r}; this version reads {FORMAT}")
    kind = manifest.get("kind")
    if kind not in (kinds or FILES):
        raise RunRefused(f"{path} is the folder of {_a(str(kind))}; expected that of {wanted}")
    if kind == "run" and not (set(manifest) >= _RUN_KEYS and isinstance(manifest["scenario"], dict)):
        raise RunRefused(f"{path / MANIFEST} is not the manifest of a run")
    return manifest


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def complete_manifest(path: Path) -> Manifest:
    """The manifest of a complete run. Raises RunRefused as `read_manifest` does, and where the run is incomplete."""
    manifest = read_manifest(path, "run")
    if manifest["status"] != COMPLETE:
        again = manifest["run"].get("command")
        raise RunRefused(f"{path} is incomplete; give the command that began it again: {again}")
    return manifest


def is_sealed(manifest: Manifest) -> bool:
    """Whether a manifest has the checksum of its content."""
    return bool(manifest["run"].get("checksum") == _checksum(manifest))


def _checksum(manifest: Manifest) -> str:
    run = {key: value for key, value in manifest["run"].items() if key != "checksum"}
    text = json.dumps({**manifest, "run": run}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


_ANEW = "; to mend it, give the command that made it again, with the option fresh"


def _again(manifest: Manifest) -> str:
    made = str(manifest["run"].get("command"))
    return f"; to mend it, {f'give its command again: {made}' if made.startswith('openlines ') else 'make it again'}"


# Files


def differences(path: Path, manifest: Manifest, names: Iterable[str] | None = None) -> tuple[str, ...]:
    """What differs from the sizes and checksums in the manifest, of these files or of all."""
    found = []
    for name in manifest["files"] if names is None else names:
        try:
            if fingerprint(path / name) != manifest["files"].get(name):
                found.append(f"{name}: not the file that the manifest lists (its checksum differs)")
        except OSError as error:
            found.append(f"{name}: cannot be read ({reason_of(error)})")
    return tuple(found)


def check_files(path: Path, manifest: Manifest, *names: str) -> None:
    """Raise ResultsDamaged unless these files are those that the manifest lists."""
    for found in differences(path, manifest, names):
        raise ResultsDamaged(f"{path}/{found}{_again(manifest)}")


def check_pictures(path: Path, manifest: Manifest) -> bool:
    """Whether there are pictures. Raises ResultsDamaged where one is not the file that the manifest lists."""
    names = pictures(manifest)
    for found in differences(path, manifest, names):
        raise ResultsDamaged(f"{path}/{found}; draw the pictures again: openlines plot {path}")
    return bool(names)


def pictures(manifest: Manifest) -> tuple[str, ...]:
    """The files of pictures in a manifest."""
    return tuple(name for name in manifest["files"] if name.startswith(f"{FIGURES}/"))


def read_listed_json(path: Path, manifest: Manifest, name: str) -> Any:
    """A JSON file of a folder. Raises ResultsDamaged where it is not the one that the manifest lists."""
    check_files(path, manifest, name)
    try:
        return json.loads((path / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ResultsDamaged(f"{path / name} cannot be read: {error}{_again(manifest)}") from error


def scenario_of(path: Path, manifest: Manifest, name: str = "") -> Scenario:
    """The scenario in the manifest of a run or study, with the posterior draws that a run used; that of this name in
    the manifest of a comparison.

    Raises ScenarioErrors; ResultsDamaged where the table of draws is not what was written.
    """
    from sim.scenario.reader import loads

    if name:
        return loads(manifest["scenarios"][name]["resolved"], f"{name}.yaml")
    scenario = loads(manifest["scenario"]["resolved"], "resolved.yaml")
    if scenario.posterior is None or manifest["kind"] != "run":
        return scenario
    check_files(path, manifest, POSTERIOR)
    try:
        return replace(scenario, draws=read_draws(path / POSTERIOR, scenario.uncertain))
    except (PosteriorError, OSError) as error:
        raise ResultsDamaged(f"{path / POSTERIOR} cannot be read: {error}{_again(manifest)}") from error


def _files(path: Path, kind: str) -> Iterator[Path]:
    """All files of a folder of this kind but its manifest and chunks, whether they are there or not."""
    yield from (path / name for name in (*FILES[kind], REPORT))
    yield from (file for file in (path / FIGURES).glob("*") if not file.name.startswith("."))


# Comparisons and studies


def find_same(path: Path, manifest: Manifest, identity: Iterable[str], *, fresh: bool = False) -> Manifest | None:
    """The manifest of these very results where they are there and undamaged; None where they are to be made.

    manifest  of the results that are wanted; `identity` are the keys in which the same results agree
    fresh     make them anew if they are there; and also where the manifest there is damaged

    Raises RunRefused where anything else is there.
    """
    check_folders(path)
    if _is_empty(path):
        return None
    kind = manifest["kind"]
    try:
        found = read_manifest(path, kind)
    except ResultsDamaged:
        if fresh and _is_recognised(path, kind):
            return None
        raise
    if any(found.get(key) != manifest[key] for key in identity):
        raise RunRefused(f"{path} holds another {kind}; choose another folder, or remove this one")
    numbers = [name for name in found["files"] if name in FILES[kind]]
    return None if fresh or differences(path, found, numbers) else found


def drop_damaged_pictures(path: Path, manifest: Manifest, *, held: bool = False) -> None:
    """Remove all pictures of a complete folder where one is damaged: they can be made anew.

    held  the caller holds the folder
    """
    if differences(path, manifest, pictures(manifest)):
        with contextlib.nullcontext() if held else holding(path):
            shutil.rmtree(path / FIGURES, ignore_errors=True)
            list_files(path, manifest)


def add_pictures(path: Path, manifest: Manifest, draw: Draw) -> None:
    """Draw the pictures of a complete folder beside those that are there, let them take their place, and list them.

    Raises RunRefused where another process is at work in the folder, OSError where they cannot be written.
    """
    with holding(path):
        remove_leftovers(path)
        with making(path / FIGURES) as hidden:
            draw(hidden)
        list_files(path, manifest)


@contextlib.contextmanager
def holding(path: Path) -> Iterator[None]:
    """Keep other processes from working in a folder that is there. Raises RunRefused where one does."""
    handle = _take(path)
    try:
        yield
    finally:
        if handle is not None:
            unlock(handle)


@contextlib.contextmanager
def written_to(path: Path) -> Iterator[None]:
    """Turn an OSError of what is written to `path` into RunFailed."""
    try:
        yield
    except OSError as error:
        raise RunFailed(f"cannot write the results to {path}: {reason_of(error)}") from error


def _is_empty(path: Path) -> bool:
    """Whether a folder is absent, or holds nothing but what killed commands left."""
    return not path.is_dir() or all(entry.name.startswith(TEMPORARY) for entry in path.iterdir())


def _is_recognised(path: Path, kind: str) -> bool:
    """Whether a folder whose manifest is damaged holds files of this kind and nothing else."""
    names = {entry.name for entry in path.iterdir() if not entry.name.startswith(TEMPORARY)}
    own = {CHUNKS, *FILES[kind]} if kind == "run" else set(FILES[kind])
    return bool(names & own) and names <= own | {MANIFEST, FIGURES, REPORT}


def _take(path: Path) -> int | None:
    try:
        return lock(path)
    except BlockingIOError:
        raise RunRefused(f"another process is working in {path}") from None


# Runs


@dataclass
class RunFolder:
    """A folder that this process holds: nobody else works in it until `release`.

    path      the folder
    job       what is run
    plan      its chunks
    manifest  as it stands on disk
    """

    path: Path
    job: RunSpec
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

    def complete(self, totals: Totals, summary: dict[str, Any], workers: int) -> None:
        """Write sums, summary and the table of draws that was used, declare the run complete, and drop the chunks.

        `plan` is what was taken. Pictures and report of an earlier making of the run go.
        """
        shutil.rmtree(self.path / FIGURES, ignore_errors=True)
        (self.path / REPORT).unlink(missing_ok=True)
        with replacing(self.path / SUMS) as path:
            write_arrays(path, to_arrays(totals))
        if (draws := draws_of(self.job.program)) is not None:
            with replacing(self.path / POSTERIOR) as path:
                write_draws(draws, path)
        write_json(self.path / SUMMARY, summary)
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
            unlock(self._lock)
            self._lock = None


def open_folder(path: Path, job: RunSpec, plan: tuple[range, ...], *, fresh: bool = False) -> RunFolder:
    """Take the folder of a run: make it, continue it, or, where it is complete and undamaged, just hold it.

    fresh  begin again whatever is there of this same run, or of one whose manifest is damaged

    Raises RunRefused where the path is no folder, holds anything that is not this run, or is being worked on by another
    process, or a folder cannot be made there; OSError where the disk is full or it cannot be written.
    """
    check_folders(path)
    if _existing(path, job, fresh=fresh) is None:
        _create(path, new_manifest(job, INCOMPLETE))
    handle = _take(path)
    try:
        # Read again: before the lock, another process may have gone on with it.
        manifest = _existing(path, job, fresh=fresh)
        folder = RunFolder(path, job, plan, manifest or new_manifest(job, INCOMPLETE), handle)
        remove_leftovers(path)
        if fresh or _has_damaged_numbers(folder):
            _begin_again(folder)
        if folder.manifest["status"] == COMPLETE:
            folder.drop_chunks()
            drop_damaged_pictures(path, folder.manifest, held=True)
        else:
            folder.chunks.mkdir(exist_ok=True)
            remove_all_temporary(folder.chunks)
    except BaseException:
        if handle is not None:
            unlock(handle)
        raise
    return folder


def new_manifest(job: RunSpec, status: str) -> Manifest:
    """What is known of a run before it begins. All but `run` depends on the run alone."""
    return {
        "kind": "run",
        "replications": 0,  # unknown as yet, unless the job has it
        **job.identity(),
        "status": status,
        "scenario": {"title": job.program.title, "sha256": job.program.sha256, "resolved": job.resolved},
        "start": job.program.start.isoformat(),
        "horizon_seconds": job.program.horizon,
        "uncertain": list(job.program.uncertain),
        "files": {},
        "run": {"changes": list(job.changes), **origin()},
    }


def find_runs(root: Path) -> Iterator[Path]:
    """Folders of runs at or below `root`, at most two levels down, in order of name; those with a manifest that cannot
    be read among them."""
    for pattern in (MANIFEST, f"*/{MANIFEST}", f"*/*/{MANIFEST}"):
        for found in sorted(root.glob(pattern)):
            # Comparisons and studies keep their manifests in their folders too, beside what no run has.
            others = (found.with_name(name) for name in (COMPARISON, RESULT))
            if not found.parent.name.startswith(".") and not any(other.exists() for other in others):
                yield found.parent


def _existing(path: Path, job: RunSpec, *, fresh: bool) -> Manifest | None:
    """The manifest of this very run; a new one, where the one that is there is damaged and the run is to be made anew;
    None where the folder is empty or absent."""
    if _is_empty(path):
        return None
    if not (path / MANIFEST).exists():
        raise RunRefused(f"{path} holds files, but no {MANIFEST}: it is not the folder of a run; choose another")
    try:
        manifest = read_manifest(path, "run")
    except ResultsDamaged:
        if fresh and _is_recognised(path, "run"):
            return new_manifest(job, INCOMPLETE)
        raise
    found = {**manifest, "scenario": manifest["scenario"]["sha256"]}
    for key, value in {"until": None, **job.identity()}.items():
        if found.get(key) != value:
            what = f"its {key} is {found.get(key)!r}, not {value!r}"
            raise RunRefused(f"{path} holds another run: {what}; choose another folder, or remove this one")
    return manifest


def _create(path: Path, manifest: Manifest) -> None:
    """Make the folder with its manifest in one step, or put the manifest into an empty one."""
    if path.is_dir():
        write_manifest(path, manifest)
        return
    with making(path, replace=False) as hidden:
        write_manifest(hidden, manifest)


def _has_damaged_numbers(folder: RunFolder) -> bool:
    """Whether files of numbers are missing from a complete run, or are not those that it wrote."""
    manifest = folder.manifest
    names = [name for name in manifest["files"] if name in FILES["run"]]
    return manifest["status"] == COMPLETE and bool(differences(folder.path, manifest, names))


def _begin_again(folder: RunFolder) -> None:
    """Begin a run anew. The manifest goes first, so that a crash while files go leaves a folder that says so."""
    folder.manifest = new_manifest(folder.job, INCOMPLETE)
    write_manifest(folder.path, folder.manifest)
    folder.drop_chunks()
    shutil.rmtree(folder.path / FIGURES, ignore_errors=True)
    for file in _files(folder.path, "run"):
        file.unlink(missing_ok=True)
