"""The public functions, with the real language and engine."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pytest
from pyarrow import csv

import sim
from sim.runs.errors import RunInterrupted, RunRefused
from sim.studies.result import StudyResult
from tests.runs.fake import contents

ROOT = Path(__file__).parents[1]

SCENARIO = """\
scenario: 1
title: A line with an uncertain answer, and a hotline that events ring
clock: {start: 2022-03-01, end: 2022-03-21}
sides: {North: {timezone: UTC}, South: {timezone: UTC}}
officials: {envoy: {side: North}, minister: {side: South}, watch: {side: South}}
channels: {telephone: {level: senior}, hotline-line: {}}
parameters: {refusal: {prior: {beta: {a: 2, b: 8}}}}
events: {incident: {every: {exponential: {mean: 6 d}}}}
lines:
  calls:
    caller: envoy
    callee: minister
    channel: telephone
    every: 1 d
    answer: {parameter: refusal}
    delay: {exponential: {mean: 3 h}}
    unanswered: {declined: 0.5, no reply: 0.5}
  hotline:
    caller: watch
    callee: envoy
    channel: hotline-line
    triggered_by: incident
    every: 30 min
    give_up: 2 h
    answer: 0.6
    delay: 5 min
report: {groups: {both: [calls, hotline]}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "two-lines.yaml"
    path.write_text(SCENARIO)
    return path


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, in which nothing may be written unasked."""
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    return tmp_path / "empty"


def test_results_do_not_depend_on_workers_or_place(file: Path, tmp_path: Path, empty: Path) -> None:
    one = sim.run(file, 600, out=tmp_path / "one", workers=1)
    two = sim.run(file, 600, out=tmp_path / "two", workers=2)
    kept = sim.run(sim.load(file), 600, save=False)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert one.summary == two.summary == kept.summary
    assert kept.totals.same_as(sim.open_run(tmp_path / "two").totals)
    assert kept.first_contact().equals(one.first_contact())
    assert (kept.folder, list(empty.iterdir())) == (None, [])
    assert sim.run(file, 600, seed=2, save=False).summary["first_contact"] != one.summary["first_contact"]


def test_the_summary_fits_its_schema_and_its_parts_each_other(file: Path) -> None:
    run = sim.run(file, 300, save=False)
    schema = json.loads((ROOT / "docs" / "reference" / "summary.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(run.summary)
    table = run.first_contact()
    names = ["line:calls", "line:hotline", "group:both", "channel:telephone", "channel:hotline-line", "level:senior"]
    names += ["side:North", "side:South", "any"]
    assert table.column_names == ["replication", *names, "param:parameters.refusal"]
    for name in names:
        entry = run.summary["first_contact"][name]
        assert entry["contacts"] == 300 - table[name].null_count == run.column(name).contacts
    assert run.summary["first_channel"]["none"] == table["any"].null_count / 300
    assert run.summary["interval_unit"] == "block"


def test_a_replication_told_is_one_of_the_run(file: Path) -> None:
    run = sim.run(file, 40, seed=5, save=False)
    table = run.first_contact()
    for replication in (0, 17, 39):
        event_log = sim.trace(file, seed=5, replication=replication)
        first: dict[str, int] = {}
        for log_entry in event_log.log_entries:
            if log_entry.what == "contact":
                first.setdefault(log_entry.name, log_entry.second)
        row = table.slice(replication, 1).to_pylist()[0]
        assert {name: row[f"line:{name}"] for name in ("calls", "hotline")} == {
            name: first.get(name) for name in ("calls", "hotline")
        }
        assert row["param:parameters.refusal"] == event_log.parameters["parameters.refusal"]


def test_a_run_knows_the_scenario_that_it_ran(file: Path, tmp_path: Path) -> None:
    overrides = ("lines.calls.every=12 h",)
    sim.run(file, 20, out=tmp_path / "run", overrides=overrides, summary_only=True)
    found = sim.open_run(tmp_path / "run")
    assert found.scenario == sim.load(file, overrides) != sim.load(file)
    assert found.manifest["scenario"]["sha256"] == found.summary["scenario"]["sha256"]


def test_runs_go_to_results_unless_told(file: Path, empty: Path) -> None:
    run = sim.run(file, 20)
    assert run.folder is not None
    assert re.fullmatch(r"results/two-lines/seed1-n20-[0-9a-f]{8}", run.folder.as_posix())
    assert sim.run(file, 20).reused
    other = sim.run(file, 20, overrides=("lines.calls.every=12 h",))
    assert not other.reused
    assert {entry.folder for entry in sim.list_runs()} == {run.folder, other.folder}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": -1}, "seed: -1 is out of range"),
        ({"seed": 2**64}, "seed: 18446744073709551616 is out of range"),
        ({"seed": 1.0}, "seed: 1.0 is not a whole number"),
        ({"seed": True}, "seed: True is not a whole number"),
        ({"replications": 0}, "replications: 0 is out of range"),
        ({"replications": 2**60}, "is out of range; expected a whole number from 1 to 2^40"),
        ({"block": 0}, "block: 0 is out of range"),
        ({"workers": 0}, "workers: 0 is out of range"),
        ({"workers": 1025}, "workers: 1025 is out of range; expected a whole number from 1 to 1024"),
        ({"engine": "magic"}, "'magic' is no engine"),
    ],
)
def test_wrong_arguments_write_nothing(file: Path, empty: Path, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(RunRefused, match=re.escape(message)):
        sim.run(file, **arguments)
    assert list(empty.iterdir()) == []


def test_a_wrong_scenario_writes_nothing(file: Path, empty: Path) -> None:
    with pytest.raises(sim.ScenarioErrors):
        sim.run(file, overrides=("lines.calls.evry=1 d",))
    with pytest.raises(RunRefused, match="overrides need the path"):
        sim.run(sim.load(file), overrides=("lines.calls.every=1 d",))
    for replication in (-1, 2**56, 10**20):
        with pytest.raises(RunRefused, match=rf"replication: {replication} is out of range; .* from 0 to 2\^56 - 1$"):
            sim.trace(file, replication=replication)
    assert list(empty.iterdir()) == []


def test_what_a_run_has_not_is_refused(file: Path, tmp_path: Path) -> None:
    run = sim.run(file, 20, out=tmp_path / "run", summary_only=True)
    with pytest.raises(RunRefused, match=r"'line:call' is no .*; did you mean 'line:calls'"):
        run.column("line:call")
    with pytest.raises(RunRefused, match="kept its summary only"):
        run.first_contact()
    assert not (tmp_path / "run" / "first_contact.parquet").exists()
    with pytest.raises(RunRefused, match=r"holds no manifest\.json"):
        sim.open_run(tmp_path)
    (tmp_path / "run" / "sums.npz").write_bytes(b"PK no more")
    with pytest.raises(RunRefused, match=r"sums\.npz: not the file that the manifest lists"):
        sim.open_run(tmp_path / "run").column("any")
    (tmp_path / "run" / "sums.npz").unlink()
    with pytest.raises(RunRefused, match="cannot be read"):
        sim.open_run(tmp_path / "run").column("any")


def test_progress_is_told_from_nothing_to_all(file: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    stages: list[str] = []
    sim.run(
        file,
        600,
        out=tmp_path / "run",
        workers=1,
        progress=lambda done, total: told.append((done, total)),
        stage=stages.append,
    )
    assert told == [(0, 600), (256, 600), (512, 600), (600, 600)]
    assert stages == ["compiling", "simulating", "summarising"]


def test_an_interrupt_in_memory_keeps_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(RunInterrupted, match="nothing was kept"):
        sim.run(file, 600, save=False, workers=1, progress=stop)


def test_a_run_with_workers_that_is_killed_goes_on(file: Path, tmp_path: Path) -> None:
    code = f"import sim; sim.run({str(file)!r}, 2600, out={str(tmp_path / 'cut')!r}, workers=2)"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    chunks = tmp_path / "cut" / "chunks"
    for _ in range(1200):
        if len(list(chunks.glob("*.json"))) >= 2 or process.poll() is not None:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert json.loads((tmp_path / "cut" / "manifest.json").read_text())["status"] == "incomplete"
    kept: list[int] = []
    sim.run(file, 2600, out=tmp_path / "cut", workers=2, progress=lambda done, total: kept.append(done))
    assert kept[0] >= 2 * 256
    sim.run(file, 2600, out=tmp_path / "whole", workers=2)
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")


def test_importing_is_cheap() -> None:
    code = (
        "import sys, sim, sim.api; heavy = {'scipy', 'matplotlib', 'pyarrow', 'pydantic', 'typer', 'simpy', 'numba', "
        "'ruamel'} & set(sys.modules); print(sorted(heavy)); sim.run; print(len(set(sim.__all__) - set(dir(sim))))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "0"]
    code = "import sys, sim; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_run_is_a_table_and_a_picture(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = sim.run(file, 64, save=False, workers=1)
    table = found.first_contact()
    assert found.to_arrow().equals(table)
    assert pa.table(found).equals(table)
    assert list(found.to_pandas().columns) == table.column_names
    found.to_csv(tmp_path / "run.csv")
    assert csv.read_csv(tmp_path / "run.csv")["replication"].to_pylist() == list(range(64))
    assert repr(found).startswith("<Run: 'A line with an uncertain answer")
    assert "64 replications, seed 1; contact in " in repr(found)
    assert len(repr(found)) < 200
    page = found._repr_html_()
    assert "<td>line:calls</td>" in page
    assert 'src="data:image/png;base64,' in page
    assert len(found.plot(column="line:calls").lines) == 2
    for axes in (found.plot(), found.plot_delays()):
        axes.figure.canvas.draw()
        # Nothing is cut off where a notebook or a file shows the figure as it is.
        assert axes.xaxis.get_tightbbox().y0 >= 0
    drawn = found.plot_delays(channel="telephone")
    assert found.plot_delays(drawn, channel="telephone") is drawn
    with pytest.raises(RunRefused, match="'telefone' is no channel; did you mean 'telephone'"):
        found.plot_delays(channel="telefone")
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install 'openlines\[notebook\]' brings it"):
        found.to_pandas()


def test_a_table_of_a_study_has_no_formula_in_it(tmp_path: Path) -> None:
    class Formulas(StudyResult):
        def rows(self) -> list[dict[str, Any]]:
            return [{"what": "=1+1", "number": -1.5}, {"what": None, "number": None}]

        def sentences(self) -> list[str]:
            return ["It is so."]

    Formulas().to_csv(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == '"what","number"\n"\'=1+1",-1.5\n,\n'
    assert repr(Formulas()) == "<Formulas: It is so.>"


def test_every_public_name_is_there() -> None:
    assert all(getattr(sim, name) is not None for name in sim.__all__)
    with pytest.raises(AttributeError, match="no attribute 'simulate'"):
        _ = sim.simulate  # type: ignore[attr-defined]


def test_the_version_is_the_distributions() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == sim.__version__
