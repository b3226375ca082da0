"""The folder of a run: complete or not at every moment, continued to the same bytes, refused where it is not ours."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

import sim.runs.chunks
from sim.api import Run, add_pictures, list_runs, open_run, run_in_folder
from sim.engines.contract import Batch
from sim.runs.chunks import write_arrays
from sim.runs.errors import ResultsDamaged, RunFailed, RunInterrupted, RunRefused
from sim.runs.execute import execute, workers_as_copies
from sim.runs.files import fingerprint, folder_meant, replacing
from sim.runs.spec import RunSpec
from sim.runs.store import open_folder
from sim.runs.tables import ROW_GROUP, TableWriter, rows_table, table_schema
from sim.scenario.program import Program
from tests.runs.fake import HORIZON_SECONDS, Lookup, contents, job
from tests.stats.synthetic import batch

ROOT = Path(__file__).parents[2]
INTERRUPTED_AT = 512


class Interrupting(Lookup):
    """Ctrl-C in the third chunk."""

    def simulate(self, program: Program, seed: int, replications: range) -> Batch:
        if replications.start >= INTERRUPTED_AT:
            raise KeyboardInterrupt
        return super().simulate(program, seed, replications)


def manifest_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return found


def interrupted(monkeypatch: pytest.MonkeyPatch, folder: Path, of: RunSpec) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("sim.engines.get", lambda name: Interrupting())
        with pytest.raises(RunInterrupted, match=f"{INTERRUPTED_AT} of 1000 replications are kept"):
            run_in_folder(of, folder, 1)


@pytest.fixture
def whole(tmp_path: Path, lookup: Lookup) -> Path:
    """A run of 1000 that nothing disturbed."""
    run_in_folder(job(), tmp_path / "whole", 1)
    return tmp_path / "whole"


def test_a_complete_run_holds_what_the_manifest_lists_and_nothing_else(whole: Path) -> None:
    manifest = manifest_of(whole)
    assert manifest["status"] == "complete"
    assert set(manifest["files"]) == set(contents(whole)) == {"first_contact.parquet", "sums.npz", "summary.json"}
    assert all(fingerprint(whole / name) == entry for name, entry in manifest["files"].items())
    assert sum(chunk["replications"] for chunk in manifest["run"]["chunks"]) == 1000
    assert (manifest["seed"], manifest["replications"], manifest["block"]) == (1, 1000, 16)
    assert manifest["scenario"] == {"title": "synthetic", "sha256": "ab" * 32, "resolved": "scenario: 1\n"}


@pytest.mark.parametrize("uncertain", [True, False])
def test_the_table_holds_every_replication(tmp_path: Path, lookup: Lookup, uncertain: bool) -> None:
    of = job(uncertain=uncertain)
    table = run_in_folder(of, tmp_path / "run", 1).first_contact()
    expected = batch(range(1000), of.program)
    assert table["replication"].to_pylist() == list(range(1000))
    times = np.where(expected.first_contact < 0, HORIZON_SECONDS, expected.first_contact)
    for name, members in ((column.key, list(column.members)) for column in of.program.columns):
        assert np.array_equal(table[name].fill_null(HORIZON_SECONDS).to_numpy(), times[:, members].min(axis=1))
    names = ["replication", *(column.key for column in of.program.columns)]
    assert table.column_names == names + ["param:parameters.refusal"] * uncertain
    if uncertain:
        drawn = table["param:parameters.refusal"].to_numpy()
        assert np.array_equal(drawn, 0.5 / (1 + np.arange(1000) // 16))
    metadata = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert metadata == {"format": "1", "seed": "1", "scenario_sha256": "ab" * 32}


def test_a_tilde_that_no_shell_has_replaced_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in ``--out=~/runs``, which most shells leave as it is."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    assert folder_meant("~/runs/a") == tmp_path / "home" / "runs" / "a"
    assert folder_meant("runs/~") == Path("runs/~")
    with pytest.raises(RunRefused, match="~no-such-person"):
        folder_meant("~no-such-person/runs")


@pytest.mark.parametrize("name", ["file:x", "test:1", "12:30", "s3:y/z"])
def test_a_folder_whose_name_reads_like_an_address_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lookup: Lookup, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    run_in_folder(job(), Path(name), 1)
    assert open_run(name).first_contact().num_rows == 1000


def test_row_groups_do_not_depend_on_the_cut(tmp_path: Path) -> None:
    of = job(4000)
    block = of.program.block
    group = ROW_GROUP // 64

    def written(size: int) -> bytes:
        path = tmp_path / f"{size}.parquet"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sim.runs.tables.ROW_GROUP", group)
            table = TableWriter(path, table_schema(of.program, 1))
            for first in range(0, 4000, size):
                made = batch(range(first, min(4000, first + size)), of.program)
                table.add(rows_table(of.program, 1, made.replications, made.first_contact, made.parameters))
            table.finish()
        file = pq.ParquetFile(path)
        assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [1024, 1024, 1024, 928]
        return path.read_bytes()

    assert written(block) == written(3 * block) == written(1600) == written(4000)


@pytest.mark.parametrize("keep_times", [True, False])
def test_an_interrupted_run_is_continued_to_the_same_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lookup: Lookup, keep_times: bool
) -> None:
    of = job(keep_times=keep_times)
    run_in_folder(of, tmp_path / "whole", 1)
    interrupted(monkeypatch, tmp_path / "cut", of)
    assert manifest_of(tmp_path / "cut")["status"] == "incomplete"
    with pytest.raises(RunRefused, match="incomplete"):
        open_run(tmp_path / "cut")
    lookup.spec.clear()
    run_in_folder(of, tmp_path / "cut", 1)
    assert lookup.spec == [range(512, 768), range(768, 1000)]
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")
    one, other = manifest_of(tmp_path / "cut"), manifest_of(tmp_path / "whole")
    assert list(one["run"]) == list(other["run"])
    del one["run"], other["run"]
    assert one == other


def test_an_interrupt_before_anything_is_added_says_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lookup: Lookup
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    interrupted(monkeypatch, tmp_path / "cut", job())
    with monkeypatch.context() as patch:
        patch.setattr("sim.engines.prepare", interrupt)
        with pytest.raises(RunInterrupted, match=f"{INTERRUPTED_AT} of 1000 replications are kept"):
            run_in_folder(job(), tmp_path / "cut", 1)
    run_in_folder(job(), tmp_path / "cut", 1)
    with pytest.raises(RunInterrupted, match="1000 of 1000 replications are kept"):
        add_pictures(tmp_path / "cut", interrupt)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def alter(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGE: dict[str, Callable[[Path], None]] = {
    "truncated": truncate,
    "altered": alter,
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b"") and None,
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("suffix", [".sums.npz", ".times.npz", ".json"])
def test_a_damaged_chunk_is_run_again(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lookup: Lookup, damage: str, suffix: str
) -> None:
    cut = tmp_path / "cut"
    interrupted(monkeypatch, cut, job())
    DAMAGE[damage](cut / "chunks" / f"{256:012d}{suffix}")
    lookup.spec.clear()
    run_in_folder(job(), cut, 1)
    assert range(256, 512) in lookup.spec
    assert contents(cut) == contents(whole)


def test_damage_that_nobody_looks_for_is_in_the_result(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lookup: Lookup
) -> None:
    """Saboteur of the test above: without the check of checksums the files differ."""
    cut = tmp_path / "cut"
    interrupted(monkeypatch, cut, job())
    chunks = cut / "chunks"
    for suffix in (".sums.npz", ".times.npz"):
        (chunks / f"{256:012d}{suffix}").write_bytes((chunks / f"{0:012d}{suffix}").read_bytes())
    monkeypatch.setattr(sim.runs.chunks, "fingerprint", lambda path: {"bytes": 0, "sha256": ""})
    for note in chunks.glob("*.json"):
        content = json.loads(note.read_text())
        content["files"] = {name: {"bytes": 0, "sha256": ""} for name in content["files"]}
        note.write_text(json.dumps(content))
    run_in_folder(job(), cut, 1)
    assert contents(cut)["summary.json"] != contents(whole)["summary.json"]


def test_the_same_run_is_found_and_not_run_again(whole: Path, lookup: Lookup) -> None:
    before = {**contents(whole), "manifest": (whole / "manifest.json").read_bytes()}
    lookup.spec.clear()
    found = run_in_folder(job(), whole, 1)
    assert (found.reused, lookup.spec) == (True, [])
    assert {**contents(whole), "manifest": (whole / "manifest.json").read_bytes()} == before
    assert not run_in_folder(job(), whole, 1, fresh=True).reused
    assert lookup.spec
    assert contents(whole) == {name: content for name, content in before.items() if name != "manifest"}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", ["first_contact.parquet", "summary.json", "sums.npz"])
def test_a_complete_run_with_a_damaged_file_is_told_and_run_again(
    whole: Path, lookup: Lookup, name: str, damage: str
) -> None:
    before = contents(whole)
    DAMAGE[damage](whole / name)
    with pytest.raises(ResultsDamaged, match=rf"{name}: .*; to mend it, make it again"):
        READ[name](open_run(whole))
    assert not run_in_folder(job(), whole, 1).reused
    assert contents(whole) == before
    READ[name](open_run(whole))


READ: dict[str, Callable[[Run], object]] = {
    "first_contact.parquet": lambda run: run.first_contact(),
    "summary.json": lambda run: run.summary,
    "sums.npz": lambda run: run.totals,
}


@pytest.mark.parametrize("change", [("seed", 2), ("replications", 1001), ("scenario", {}), ("run", {"command": "x"})])
def test_a_run_whose_manifest_was_changed_is_told_and_made_anew_on_request(
    whole: Path, lookup: Lookup, change: tuple[str, Any]
) -> None:
    before = contents(whole)
    manifest = manifest_of(whole)
    (whole / "manifest.json").write_text(json.dumps({**manifest, change[0]: change[1]}))
    for attempt in (lambda: open_run(whole), lambda: run_in_folder(job(), whole, 1)):
        with pytest.raises(ResultsDamaged, match=r"manifest\.json is damaged: .* with the option fresh"):
            attempt()
    assert not run_in_folder(job(), whole, 1, fresh=True).reused
    assert contents(whole) == before
    open_run(whole)


OTHERS: dict[str, RunSpec] = {
    "seed": job(seed=2),
    "replications": job(999),
    "block": job(block=8),
    "first_contact_times": job(keep_times=False),
    "openlines": replace(job(), version="0.0.other"),
    "engine": replace(job(), engine="compiled"),
}


@pytest.mark.parametrize("key", OTHERS)
@pytest.mark.parametrize("fresh", [True, False])
def test_the_folder_of_another_run_is_refused(whole: Path, key: str, fresh: bool) -> None:
    before = contents(whole)
    with pytest.raises(RunRefused, match=f"holds another run: its {key} is"):
        run_in_folder(OTHERS[key], whole, 1, fresh=fresh)
    assert contents(whole) == before
    assert OTHERS[key].run_id() != job().run_id()


STRANGE: dict[str, tuple[str, str, str]] = {
    "other files": ("notes.txt", "mine", "holds files, but no manifest.json"),
    "no JSON": ("manifest.json", "{", "cannot be read"),
    "a list": ("manifest.json", "[]", "is not the manifest of a run"),
    "another program's": ("manifest.json", '{"name": "web page"}', "is not the manifest of a run"),
    "binary": ("manifest.json", "\x00\ud800", "cannot be read"),
}


@pytest.mark.parametrize("what", STRANGE)
@pytest.mark.parametrize("fresh", [True, False])
def test_a_folder_that_is_not_ours_is_refused_and_left_alone(tmp_path: Path, what: str, fresh: bool) -> None:
    name, content, message = STRANGE[what]
    (tmp_path / name).write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(RunRefused, match=message):
        run_in_folder(job(), tmp_path, 1, fresh=fresh)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(RunRefused, match="is a file"):
            run_in_folder(job(), path, 1)


def test_an_empty_folder_is_taken(tmp_path: Path, whole: Path) -> None:
    (tmp_path / "empty").mkdir()
    run_in_folder(job(), tmp_path / "empty", 1)
    assert contents(tmp_path / "empty") == contents(whole)


def test_a_copy_of_this_process_does_not_keep_the_folder(tmp_path: Path) -> None:
    """Workers may outlive the process that held it by a moment."""
    plan = (range(1000),)
    held = open_folder(tmp_path / "run", job(), plan)
    with workers_as_copies(), contextlib.closing(execute(len, (range(1), range(2), range(3)), 2)) as results:
        next(results)
        held.release()
        taken = None
        for _ in range(600):  # the other worker may have begun a moment ago, and gives the folder up as its first act
            with contextlib.suppress(RunRefused):
                taken = open_folder(tmp_path / "run", job(), plan)
                break
            time.sleep(0.05)
        assert taken is not None
        taken.release()


def test_two_processes_do_not_work_in_one_folder(tmp_path: Path, lookup: Lookup) -> None:
    held = open_folder(tmp_path / "run", job(), (range(1000),))
    with pytest.raises(RunRefused, match="another process is working in"):
        run_in_folder(job(), tmp_path / "run", 1)
    held.release()
    assert not run_in_folder(job(), tmp_path / "run", 1).reused


def test_a_full_disk_keeps_what_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lookup: Lookup) -> None:
    full = False

    def write(path: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        write_arrays(path, arrays)
        if full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr("sim.runs.chunks.write_arrays", write)

    class Filling(Lookup):
        def simulate(self, program: Program, seed: int, replications: range) -> Batch:
            nonlocal full
            full = replications.start >= INTERRUPTED_AT
            return super().simulate(program, seed, replications)

    monkeypatch.setattr("sim.engines.get", lambda name: Filling())
    with pytest.raises(RunFailed, match=r"no space is left on the disk; 512 of 1000 replications are kept"):
        run_in_folder(job(), tmp_path / "run", 1)
    assert manifest_of(tmp_path / "run")["status"] == "incomplete"
    assert not list((tmp_path / "run").rglob(".partial-*"))


def draw(folder: Path) -> None:
    (folder / "survival.svg").write_text("<svg/>")


def full(folder: Path) -> None:
    draw(folder)
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_pictures_are_added_whole_or_not_at_all(whole: Path) -> None:
    assert not open_run(whole).has_pictures
    add_pictures(whole, draw)
    assert "figures/survival.svg" in manifest_of(whole)["files"]
    before = {**contents(whole), "manifest": (whole / "manifest.json").read_bytes()}
    with pytest.raises(RunFailed, match=r"cannot write the pictures to .*whole: no space is left on the disk"):
        add_pictures(whole, full)
    assert {**contents(whole), "manifest": (whole / "manifest.json").read_bytes()} == before
    found = run_in_folder(job(), whole, 1)
    assert (found.reused, found.has_pictures) == (True, True)


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_pictures_are_dropped_and_nothing_is_simulated(whole: Path, lookup: Lookup, damage: str) -> None:
    add_pictures(whole, draw)
    DAMAGE[damage](whole / "figures" / "survival.svg")
    lookup.spec.clear()
    found = run_in_folder(job(), whole, 1)
    assert (found.reused, found.has_pictures, lookup.spec) == (True, False, [])
    assert not (whole / "figures").exists()
    add_pictures(whole, draw)
    assert open_run(whole).has_pictures


def test_runs_are_listed_complete_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lookup: Lookup) -> None:
    run_in_folder(job(), tmp_path / "results" / "a" / "done", 1)
    interrupted(monkeypatch, tmp_path / "results" / "a" / "cut", job())
    broken = tmp_path / "results" / "b" / "broken"
    broken.mkdir(parents=True)
    (broken / "manifest.json").write_text("{}")
    found = {entry.folder.name: (entry.status, entry.title) for entry in list_runs(tmp_path / "results")}
    assert found == {
        "done": ("complete", "synthetic"),
        "cut": ("incomplete", "synthetic"),
        "broken": ("unreadable", ""),
    }
    assert list_runs(tmp_path / "nowhere") == ()


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before")

    def fail() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [(found.name, found.read_text()) for found in tmp_path.iterdir()] == [("file", "before")]


@pytest.mark.parametrize("stride", [4, pytest.param(1, marks=pytest.mark.deep)])
@pytest.mark.parametrize("mode", ["new", "fresh", "redraw"])
def test_a_crash_at_any_step_leaves_a_run_that_can_be_continued(tmp_path: Path, mode: str, stride: int) -> None:
    """The process ends just before a change on the disk. `fresh` and `redraw` begin with a complete run, all of which
    or whose pictures are made again. Nothing hidden is left by the command after."""
    command = [sys.executable, "-m", "tests.runs.crash", str(tmp_path), mode, str(1 if mode == "redraw" else stride)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert len(found) > (8 if mode == "redraw" else 25 / stride)
    assert [code for code, _, _ in found] == [9] * (len(found) - 1) + [0]
    assert {left for _, left, _ in found} == {
        "new": {"complete", "incomplete", "absent"},
        "fresh": {"complete", "incomplete"},
        # For a moment: the pictures are new, and the manifest lists the old ones.
        "redraw": {"complete", "complete, with wrong files"},
    }[mode]
    assert all(same for _, _, same in found)


def test_a_killed_run_is_continued_to_the_same_files(tmp_path: Path, whole: Path) -> None:
    code = (
        "import sys, sim.engines; from pathlib import Path; from tests.runs.fake import Lookup, job;"
        "from sim.api import run_in_folder; sim.engines.get = lambda name: Lookup(0.1);"
        "print('begun', flush=True); run_in_folder(job(), Path(sys.argv[1]), 1)"
    )
    folder = tmp_path / "killed"
    for pause in (0.0, 0.05, 0.15, 0.25):
        process = subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not folder.exists() or manifest_of(folder)["status"] in ("incomplete", "complete")
    run_in_folder(job(), folder, 1)
    assert contents(folder) == contents(whole)


def test_what_cannot_be_written_is_named_as_people_know_it(tmp_path: Path) -> None:
    path = tmp_path / "none" / "file"

    def fail() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half")

    with pytest.raises(FileNotFoundError) as caught:
        fail()
    assert caught.value.filename == str(path)


def test_a_place_where_no_folder_can_be_made_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is another matter: the work fails, the input is right."""
    with pytest.raises(RunRefused, match="/proc/x cannot be written: No such file or directory; choose another folder"):
        run_in_folder(job(100), Path("/proc/x"))

    def full(self: Path, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(RunFailed, match="no space is left on the disk"):
        run_in_folder(job(100), tmp_path / "here")
