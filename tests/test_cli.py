"""The command line: exit statuses, what is written and what is not, and nothing but what was asked for on stdout."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sim import api
from sim.cli import app

ROOT = Path(__file__).parents[1]
SCENARIO = """\
scenario: 1
title: One line, tried once a day
clock: {start: 2024-01-01, end: 2024-01-31}
sides: {North: {timezone: Europe/London}, South: {timezone: Asia/Seoul}}
officials: {envoy: {side: North}, minister: {side: South, duty: Mon-Fri 09:00-18:00}}
channels: {telephone: {}}
lines:
  envoy-minister: {caller: envoy, callee: minister, channel: telephone, every: 1 d, answer: 0.1, delay: 2 h}
record:
  - {line: envoy-minister, contact: 2024-01-12, source: made up}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with one scenario in it, for a program that was called by its name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["openlines"])
    (tmp_path / "one.yaml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


def openlines(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def quick(*arguments: str) -> Result:
    """A short run without pictures."""
    return openlines("run", "one.yaml", "-n", "40", "--no-figures", *arguments)


def command(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    return subprocess.Popen(
        [sys.executable, "-m", "sim", *arguments],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": environment, **options},
    )


# Asking for help


def test_help_loads_nothing_heavy() -> None:
    code = """
import sys
from sim.cli import app
app(["--help"], standalone_mode=False)
heavy = {"numpy", "scipy", "matplotlib", "pyarrow", "pydantic", "simpy", "rich", "ruamel", "numba"}
print(sorted(heavy & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stderr.strip() == "[]"
    for name in ("run", "validate", "resolve", "schema", "new", "trace", "results", "plot"):
        assert f"\n  {name} " in done.stdout


def test_every_command_explains_itself() -> None:
    for name in ("run", "validate", "resolve", "schema", "new", "trace", "results", "plot"):
        found = openlines(name, "--help")
        assert found.exit_code == 0
        assert found.stdout.startswith("Usage: ")


def test_ways_of_running_are_offered() -> None:
    text = openlines("run", "--help").stdout
    assert all(option in text for option in ("--summary-only", "--until", "--dask"))


def test_the_version_is_that_of_the_package() -> None:
    assert openlines("--version").stdout == f"openlines {api.__dict__.get('__version__') or _version()}\n"


def _version() -> str:
    from sim import __version__

    return __version__


# Running


def test_a_run_writes_its_folder_and_says_what_it_found(folder: Path) -> None:
    done = openlines("run", "one.yaml", "-n", "40")
    assert done.exit_code == 0, done.stderr
    (kept,) = (folder / "results" / "one").iterdir()
    assert {path.name for path in kept.iterdir()} >= {
        "manifest.json",
        "summary.json",
        "first_contact.parquet",
        "figures",
    }
    assert {path.suffix for path in (kept / "figures").iterdir()} == {".png", ".json"}
    assert json.loads((kept / "manifest.json").read_text())["status"] == "complete"
    for words in ("40 replications, seed 1", "envoy-minister", "12 Jan 2024", "openlines trace one.yaml"):
        assert words in done.stdout
    for words in ("loading one.yaml", "simulating 40 replications", "drawing"):
        assert words in done.stderr


def test_json_is_the_summary_and_nothing_else(folder: Path) -> None:
    done = quick("--json", "--out", "here")
    assert done.exit_code == 0
    assert done.stdout == (folder / "here" / "summary.json").read_text(encoding="utf-8")
    assert json.loads(done.stdout)["replications"] == 40


def test_the_folder_given_is_the_runs_own(folder: Path) -> None:
    assert quick("--out", "deep/here").exit_code == 0
    assert (folder / "deep" / "here" / "summary.json").is_file()
    assert not (folder / "results").exists()


def test_without_rows_and_pictures(folder: Path) -> None:
    assert quick("--summary-only", "--out", "here").exit_code == 0
    assert {path.suffix for path in (folder / "here").iterdir()} <= {".json", ".npz"}


def test_a_run_that_is_there_already_is_shown_again(folder: Path) -> None:
    first = quick()
    again = quick()
    assert again.stdout == first.stdout
    assert "nothing was simulated" in again.stderr
    assert "nothing was simulated" not in first.stderr


def test_set_changes_the_scenario_and_the_run(folder: Path) -> None:
    sure = json.loads(quick("--json", "--out", "a", "--set", "lines.envoy-minister.answer=1").stdout)
    never = json.loads(quick("--json", "--out", "b", "--set", "lines.envoy-minister.answer=0").stdout)
    assert sure["first_contact"]["any"]["contacts"] == 40
    assert never["first_contact"]["any"]["contacts"] == 0


def test_workers_and_seed_are_passed_on(folder: Path) -> None:
    runs = [quick("--json", *more, "--out", name) for name, more in (("a", ["--workers", "1"]), ("b", ["--seed", "2"]))]
    one, other = (json.loads(run.stdout) for run in runs)
    assert (one["seed"], other["seed"]) == (1, 2)
    assert one["first_contact"] != other["first_contact"]


# Wrong input: exit 2, nothing run, nothing written


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "none.yaml"], "none.yaml"),
        (["run", "."], "."),
        (["run", "one.yaml", "--set", "lines.envoy-minister.anwser=1"], "did you mean 'answer'?"),
        (["run", "one.yaml", "--set", "lines.envoy-minister.answer=2"], "is not a probability"),
        (["run", "one.yaml", "--set", "nonsense"], "nonsense"),
        (["run", "one.yaml", "-n", "0"], "replications"),
        (["run", "one.yaml", "-n", "-5"], "replications"),
        (["run", "one.yaml", "-n", "many"], "--replications"),
        (["run", "one.yaml", "--seed", "-1"], "seed"),
        (["run", "one.yaml", "--seed", str(1 << 64)], "seed"),
        (["run", "one.yaml", "--engine", "warp"], "warp"),
        (["run", "one.yaml", "--workers", "0"], "workers"),
        (["run", "one.yaml", "--out", "one.yaml"], "one.yaml"),
        (["run", "one.yaml", "--out", "one.yaml/below"], "one.yaml is a file"),
        (["run", "one.yaml", "--out", "."], "not the folder of a run"),
        (["run"], "Missing argument"),
        (["run", "one.yaml", "--wrong"], "--wrong"),
        (["fly"], "fly"),
        (["trace", "none.yaml"], "none.yaml"),
        (["run", "one.yaml", "-n", "2000000000000"], "expected a whole number from 1 to 2^40"),
        (["trace", "one.yaml", "--replication", "-1"], "replication"),
        (["trace", "one.yaml", "--replication", "99999999999999999999"], "expected a whole number from 0 to 2^56 - 1"),
        (["resolve", "none.yaml"], "none.yaml"),
        (["validate", "none.yaml"], "none.yaml"),
        (["validate"], "Missing argument"),
        (["results", "none"], "none is no folder"),
        (["plot", "none"], "none"),
        (["plot", "."], "manifest.json"),
        (["new", "a/b"], "a/b"),
        (["new", ".."], ".."),
        (["new", "3x"], "3x"),
        (["new", "one"], "one.yaml"),
    ],
    ids=lambda value: " ".join(value)[:48] if isinstance(value, list) else "",
)
def test_wrong_input_is_told_and_writes_nothing(folder: Path, arguments: list[str], said: str) -> None:
    before = everything(folder)
    done = openlines(*arguments)
    assert done.exit_code == 2, done.stderr
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert everything(folder) == before
    assert not (folder / "results").exists()


def test_errors_steer_no_terminal(folder: Path) -> None:
    for arguments in (
        ["run", "\x1b[31mx.yaml"],
        ["run", "one.yaml", "--set", "lines.\x1b[31m=1"],
        ["results", "\x1b[31m"],
    ):
        done = openlines(*arguments)
        assert done.exit_code == 2
        assert "\x1b" not in done.stderr


def test_another_run_in_the_folder_is_refused(folder: Path) -> None:
    assert quick("--out", "here").exit_code == 0
    before = everything(folder)
    done = quick("--out", "here", "--seed", "2")
    assert done.exit_code == 2
    assert "another run" in done.stderr
    assert everything(folder) == before


# The work fails: exit 1


def test_a_full_disk_is_exit_1(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("sim.runs.tables.TableWriter.add", full)
    done = quick()
    assert done.exit_code == 1
    assert "no space is left" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_place_that_cannot_be_written_is_exit_1(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path, _: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr("sim.runs.store.write_json", refused)
    done = quick("--out", "here")
    assert done.exit_code == 1
    assert "here" in done.stderr
    assert "Permission denied" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "here").exists()


def test_a_full_standard_output_is_exit_1(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    # What `dump` gives is written to standard output at once: the error arises at the same place.
    monkeypatch.setattr("sim.scenario.resolve.dump", full)
    done = openlines("resolve", "one.yaml")
    assert done.exit_code == 1
    assert done.stderr == "openlines: No space left on device\n"


def test_a_bug_keeps_its_traceback(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object, **__: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(api, "run", bug)
    done = quick()
    assert isinstance(done.exception, ValueError)
    assert done.exit_code == 1


# Interrupted: exit 130


def wait_for(ready: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not ready():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


LONG = "500000"
"""Replications of the slow engine: minutes, so that no interrupt comes after the end."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_interrupted_run_says_what_is_kept_and_goes_on(folder: Path, number: int) -> None:
    arguments = [
        "run",
        "one.yaml",
        "-n",
        LONG,
        "--engine",
        "reference",
        "--out",
        "here",
        "--no-figures",
        "--workers",
        "1",
    ]
    process = command(*arguments)
    wait_for(lambda: any((folder / "here").glob("chunks/*")), process)
    process.send_signal(number)
    output, errors = process.communicate()
    assert process.returncode == 130, errors
    assert output == ""
    assert "Traceback" not in errors
    assert f"of {LONG} replications are kept in here" in errors
    # As it was called, which here is not by name.
    assert f"give the same command again: python -m sim run one.yaml -n {LONG}" in errors
    assert json.loads((folder / "here" / "manifest.json").read_text())["status"] == "incomplete"
    listed = openlines("results", "here")
    assert "incomplete" in listed.stdout


def test_a_reader_that_has_seen_enough_is_no_error(folder: Path) -> None:
    process = command("trace", "one.yaml", "--set", "lines.envoy-minister.every=1 min")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0
    assert errors == ""


# Other commands


def test_trace_tells_the_replication_that_was_run(folder: Path) -> None:
    import pyarrow.parquet as pq

    assert quick("--out", "here").exit_code == 0
    table = pq.read_table(folder / "here" / "first_contact.parquet")
    seconds = table.column("line:envoy-minister").to_pylist()
    chosen = next(place for place, second in enumerate(seconds) if second is not None)
    found = api.load("one.yaml")
    told = openlines("trace", "one.yaml", "--replication", str(chosen))
    assert told.exit_code == 0
    from datetime import timedelta

    moment = found.start + timedelta(seconds=seconds[chosen])
    assert f"first contact {moment.day} Jan 2024 {moment:%H:%M}" in told.stdout
    assert "CONTACT" in told.stdout
    assert openlines("trace", "one.yaml", "--replication", str(chosen), "--seed", "2").stdout != told.stdout


def test_resolve_prints_a_scenario_that_resolves_to_itself(folder: Path) -> None:
    text = openlines("resolve", "one.yaml").stdout
    (folder / "two.yaml").write_text(text, encoding="utf-8")
    assert openlines("resolve", "two.yaml").stdout == text
    assert "Europe/London" in text


def test_schema_is_a_json_schema() -> None:
    import jsonschema

    schema = json.loads(openlines("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert "lines" in json.dumps(schema)


def test_validate_says_ok_with_counts(folder: Path) -> None:
    done = openlines("validate", "one.yaml")
    assert done.exit_code == 0
    # The callee has duty hours: the note says what they do to the delay.
    assert done.stderr.startswith("one.yaml: note: 'delay' counts only the time in which the callee is on duty")
    assert done.stdout == "one.yaml: ok (1 line, 1 channel, 2 sides, 2 officials and 1 entry of the record)\n"


def test_validate_lists_all_errors_of_all_files(folder: Path) -> None:
    (folder / "bad.yaml").write_text(SCENARIO.replace("answer: 0.1", "anwser: 0.1, callee: x"), encoding="utf-8")
    (folder / "worse.yaml").write_text("scenario: 2\n", encoding="utf-8")
    done = openlines("validate", "bad.yaml", "one.yaml", "worse.yaml")
    assert done.exit_code == 2
    assert "bad.yaml:8:" in done.stderr
    assert "worse.yaml:1:" in done.stderr
    assert done.stdout.startswith("one.yaml: ok")


def test_validate_strict_lists_the_numbers_without_provenance(folder: Path) -> None:
    done = openlines("validate", "--strict", "one.yaml")
    assert done.exit_code == 2
    assert "one.yaml lines.envoy-minister.answer: 0.1 has no basis" in done.stderr
    assert openlines("validate", "--strict", str(ROOT / "scenarios" / "us-russia-2022.yaml")).exit_code == 0


def test_validate_checks_what_if_files_and_their_variants(folder: Path) -> None:
    (folder / "what.yaml").write_text(
        "what_if: 1\nbase: one.yaml\nvariants:\n  hourly: {lines.envoy-minister.every: 1 h}\n", encoding="utf-8"
    )
    done = openlines("validate", "what.yaml")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "what.yaml: ok (1 variant of one.yaml)\n"
    (folder / "what.yaml").write_text(
        "what_if: 1\nbase: one.yaml\nvariants:\n  hourly: {lines.envoy-minister.evry: 1 h}\n", encoding="utf-8"
    )
    done = openlines("validate", "what.yaml")
    assert done.exit_code == 2
    assert "what.yaml:4:" in done.stderr
    assert "did you mean 'every'?" in done.stderr


def test_warnings_go_to_stderr_and_do_not_fail(folder: Path) -> None:
    late = SCENARIO + "events: {late: {at: 2025-01-01}}\n"
    (folder / "late.yaml").write_text(late, encoding="utf-8")
    done = openlines("validate", "late.yaml")
    assert done.exit_code == 0
    assert "late" in done.stderr
    assert "late.yaml: ok" in done.stdout


def test_new_writes_a_scenario_that_runs_and_never_overwrites(folder: Path) -> None:
    done = openlines("new", "mine")
    assert done.exit_code == 0, done.stderr
    assert openlines("validate", "mine.yaml").exit_code == 0
    before = (folder / "mine.yaml").read_bytes()
    again = openlines("new", "mine")
    assert again.exit_code == 2
    assert "mine.yaml" in again.stderr
    assert (folder / "mine.yaml").read_bytes() == before
    assert openlines("run", "mine.yaml", "-n", "20", "--no-figures").exit_code == 0


@pytest.mark.parametrize("name", ["null", "true", "a.yaml", "A-1_b"])
def test_new_scenarios_of_any_name_are_valid(folder: Path, name: str) -> None:
    written = openlines("new", name)
    assert written.exit_code == 0
    assert openlines("validate", written.stdout.strip()).exit_code == 0


def test_results_lists_runs(folder: Path) -> None:
    assert quick().exit_code == 0
    assert quick("--seed", "2").exit_code == 0
    listed = openlines("results").stdout
    assert listed.count("complete") == 2
    assert listed.count("One line, tried once a day") == 2
    assert "seed 2" in listed
    (folder / "empty").mkdir()
    assert openlines("results", "empty").stdout == "no runs in empty\n"


def test_before_the_first_run_there_are_no_results_yet(folder: Path) -> None:
    done = openlines("results")
    assert (done.exit_code, done.stdout) == (0, "no runs in results\n")


def test_plot_draws_the_same_pictures_again(folder: Path) -> None:
    assert openlines("run", "one.yaml", "-n", "40", "--out", "here").exit_code == 0
    before = everything(folder / "here" / "figures")
    damaged = folder / "here" / "figures" / "survival-lines.png"
    damaged.write_bytes(b"")
    assert everything(folder / "here" / "figures") != before
    assert openlines("plot", "here").exit_code == 0
    assert everything(folder / "here" / "figures") == before
    assert openlines("run", "one.yaml", "-n", "40", "--out", "here").exit_code == 0


def test_plot_gives_pictures_to_a_run_that_had_none(folder: Path) -> None:
    assert quick("--out", "here").exit_code == 0
    assert openlines("plot", "here").exit_code == 0
    manifest = json.loads((folder / "here" / "manifest.json").read_text())
    assert "figures/survival-lines.png" in manifest["files"]
    assert manifest["status"] == "complete"
