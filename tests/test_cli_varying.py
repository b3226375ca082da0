"""`openlines sweep`, `sensitivity` and `attribute` from the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from sim.cli import app
from sim.runs.files import fingerprint
from tests.support import line, scenario, text

LINES = {
    "p": line(answer={"parameter": "p"}, every="1 d"),
    "q": line(answer=0.1, every="2 d", channel="d"),
}
SCENARIO = scenario(
    LINES,
    end="2022-01-11",
    channels={"c": {}, "d": {}},
    parameters={"p": {"prior": {"beta": [2, 6]}}},
)
QUICK = ("-n", "32", "--engine", "reference")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.yaml").write_text(text(SCENARIO), encoding="utf-8")
    return tmp_path


def openlines(command: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, [command, "s.yaml", *arguments], prog_name="openlines")


VARY = ("--vary", "lines.q.every=12 h:3 d:3")
COMMANDS = {
    "sweep": (*VARY, *QUICK),
    "sensitivity": ("-n", "128", "--engine", "compiled"),
    "attribute": QUICK,
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_answer_comes_first_and_keeps_to_a_hundred_columns(command: str, folder: Path) -> None:
    told = openlines(command, *COMMANDS[command], "--set", "lines.q.answer=0.2", "--within", "5 d")
    assert told.exit_code == 0, told.stderr
    lines = told.stdout.splitlines()
    assert lines[:2] == ["oracle", "changed: lines.q.answer=0.2"]
    assert "In short" in lines[:8]
    assert "by 5 d" in told.stdout
    assert max(map(cell_len, lines)) <= 100
    assert "simulating" in told.stderr
    assert [path.name for path in folder.iterdir()] == ["s.yaml"]
    assert (
        openlines(command, *COMMANDS[command], "--set", "lines.q.answer=0.2", "--within", "5 d").stdout == told.stdout
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_json_and_nothing_else(command: str) -> None:
    told = openlines(command, *COMMANDS[command], "--json", "--outcome", "p", "--seed", "3")
    assert told.exit_code == 0, told.stderr
    found = json.loads(told.stdout)
    assert (found["title"], found["seed"], found["columns"]) == ("oracle", 3, ["line:p"])
    assert found["kind"] == {"attribute": "attribution"}.get(command, command)


@pytest.mark.parametrize("command", COMMANDS)
def test_pictures_light_or_dark(command: str, folder: Path) -> None:
    for name, more in (("light.png", ()), ("dark.png", ("--dark",)), ("light.svg", ())):
        told = openlines(command, *COMMANDS[command], "--figure", name, *more)
        assert told.exit_code == 0, told.stderr
        assert told.stdout.endswith(f"\n{name}\n")
    assert (folder / "light.png").read_bytes() != (folder / "dark.png").read_bytes()
    assert "oracle" in (folder / "light.svg").read_text(encoding="utf-8")
    assert (folder / "light-sobol.svg").exists() is (command == "sensitivity")


def test_workers_change_nothing() -> None:
    one, two = (openlines("sweep", *VARY, *QUICK, "--json", "--workers", count).stdout for count in "12")
    assert one == two


WRONG: dict[str, tuple[tuple[str, ...], str]] = {
    "sweep: no path to vary": (("sweep",), "Missing option '--vary'"),
    "sweep: path": (("sweep", "--vary", "lines.q.evry=1 d,2 d"), "unknown key 'evry'; did you mean 'every'?"),
    "sweep: value": (("sweep", "--vary", "lines.q.answer=0:2:3"), "--vary lines.q.answer=2: 2 is not a probability"),
    "sweep: range": (("sweep", "--vary", "lines.q.answer=0:2"), "how many values is missing"),
    "sweep: clock": (("sweep", "--vary", "clock.end=2022-01-05,2022-01-06"), "the same clock"),
    "sweep: three": (("sweep", *("--vary", "a=1,2") * 3), "3 paths to vary"),
    "sweep: column": (("sweep", *VARY, "--outcome", "linne:p"), "did you mean 'line:p'?"),
    "sensitivity: time": (("sensitivity", "--within", "12 d"), "by: 1036800 s is out of range"),
    "sensitivity: no unit": (("sensitivity", "--within", "12"), "'12' has no unit"),
    "sensitivity: indices": (("sensitivity", "--indices", "-n", "10"), "10 are too few for Sobol indices"),
    "sensitivity: none uncertain": (
        ("sensitivity", "--indices", "--set", "parameters.p=0.2"),
        "no number of the scenario is uncertain",
    ),
    "attribute: change": (("attribute", "--set", "lines.p.answer=2"), "2 is not a probability"),
    "attribute: replications": (("attribute", "-n", "0"), "replications: 0 is out of range"),
    "attribute: picture": (("attribute", "--figure", "p.pdf"), "ends in .png or .svg"),
    "attribute: column of no line": (("attribute", "--outcome", "side:B"), "side:B has no line"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_exits_with_2_and_writes_nothing(name: str, folder: Path) -> None:
    (command, *arguments), words = WRONG[name]
    told = openlines(command, *arguments)
    assert told.exit_code == 2
    assert words in " ".join(told.stderr.split())
    assert not told.stdout
    assert "Traceback" not in told.stderr
    assert [path.name for path in folder.iterdir()] == ["s.yaml"]


def test_the_corpus_of_wrong_input_is_whole() -> None:
    assert len(WRONG) == 15


def test_a_file_that_is_not_there_is_told() -> None:
    told = CliRunner().invoke(app, ["attribute", "none.yaml"], prog_name="openlines")
    assert (told.exit_code, told.stderr.strip()) == (2, "loading\nnone.yaml: no such file")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_keeps_numbers_table_pictures_and_how_they_were_made(command: str, folder: Path) -> None:
    kind = {"attribute": "attribution"}.get(command, command)
    told = openlines(command, *COMMANDS[command], "--out", "kept/here", "--within", "5 d", "--svg")
    assert told.exit_code == 0, told.stderr
    assert told.stdout.endswith("\nkept/here/\n")
    kept = folder / "kept" / "here"
    manifest = json.loads((kept / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["kind"], manifest["seed"], manifest["asked"]["by"]) == (kind, 1, "5 d")
    assert {"command", "started", "finished", "host", "versions", "checksum"} == set(manifest["run"])
    pictures = {f"figures/{kind}.png", f"figures/{kind}.svg"}
    pictures |= {f"figures/{kind}-sobol.png", f"figures/{kind}-sobol.svg"} if command == "sensitivity" else set()
    assert set(manifest["files"]) == {"result.json", "table.csv", *pictures}
    assert all(fingerprint(kept / name) == entry for name, entry in manifest["files"].items())
    found = json.loads((kept / "result.json").read_text(encoding="utf-8"))
    assert found == json.loads(openlines(command, *COMMANDS[command], "--json", "--within", "5 d").stdout)
    with (kept / "table.csv").open(encoding="utf-8", newline="") as file:
        assert {row["column"] for row in csv.DictReader(file)} >= {"any"}
    (folder / "again.yaml").write_text(manifest["scenario"]["resolved"], encoding="utf-8")
    assert CliRunner().invoke(app, ["validate", "again.yaml"]).exit_code == 0


def test_a_folder_is_made_again_by_the_same_command_and_by_no_other(folder: Path) -> None:
    command = ("sweep", *VARY, *QUICK, "--out", "kept")
    assert openlines(*command).exit_code == 0
    before = {path.name: fingerprint(path) for path in (folder / "kept").rglob("*.*") if path.name != "manifest.json"}
    assert openlines(*command).exit_code == 0
    assert before == {
        path.name: fingerprint(path) for path in (folder / "kept").rglob("*.*") if path.name != "manifest.json"
    }
    for more in (("--seed", "2"), ("--set", "lines.q.answer=0.2"), ("--outcome", "p")):
        other = openlines(*command, *more)
        assert (other.exit_code, other.stdout) == (2, "")
        assert other.stderr.endswith("kept holds another sweep; choose another folder, or remove this one\n")
    assert CliRunner().invoke(app, ["results", "."]).stdout.count("unreadable") == 0
    for reader in ("report", "plot"):
        assert CliRunner().invoke(app, [reader, "kept"]).exit_code == 2
    assert CliRunner().invoke(app, ["verify", "kept"]).exit_code == 0


def test_a_damaged_study_is_found_and_made_anew(folder: Path) -> None:
    command = ("sweep", *VARY, *QUICK, "--out", "kept")
    assert openlines(*command).exit_code == 0
    for name in ("result.json", "table.csv", "figures/sweep.png", "manifest.json"):
        path = folder / "kept" / name
        content = path.read_bytes()
        path.write_bytes(content.replace(b"1", b"7", 1))
        found = CliRunner().invoke(app, ["verify", "kept"])
        assert (found.exit_code, found.stdout) == (1, "")
        assert name in found.stderr
        if name == "manifest.json":
            refused = openlines(*command)
            assert refused.exit_code == 2
            assert "with the option fresh" in refused.stderr
        assert openlines(*command, "--fresh").exit_code == 0
        assert name == "manifest.json" or path.read_bytes() == content
        assert CliRunner().invoke(app, ["verify", "kept"]).exit_code == 0


def test_a_place_that_can_be_no_folder_of_results_is_refused_before_anything_is_run(folder: Path) -> None:
    (folder / "notes").mkdir()
    (folder / "notes" / "mine.txt").write_text("mine", encoding="utf-8")
    (folder / "loop").symlink_to("loop")
    for place, words in (
        ("notes", "notes holds no manifest.json: it is not the folder of an attribution"),
        ("s.yaml", "s.yaml is a file"),
        ("s.yaml/x", "s.yaml is a file"),
        ("/proc/x", "cannot be written"),
        ("loop", "loop can be no folder"),
        ("loop/x", "x can be no folder"),
        ("n" * 300, "can be no folder: File name too long"),
    ):
        told = openlines("attribute", *QUICK, "--out", place)
        assert (told.exit_code, told.stdout) == (2, ""), place
        assert words in told.stderr
        assert "simulating" not in told.stderr
    assert (folder / "notes" / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_a_link_to_an_empty_folder_is_followed(folder: Path) -> None:
    (folder / "real").mkdir()
    (folder / "link").symlink_to("real")
    told = openlines("attribute", *QUICK, "--out", "link")
    assert told.exit_code == 0, told.stderr
    assert (folder / "link").is_symlink()
    assert (folder / "real" / "manifest.json").exists()


def test_work_that_cannot_be_kept_has_failed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sim.studies.result._write_table", full)
    told = openlines("attribute", *QUICK, "--out", "kept")
    assert (told.exit_code, told.stdout) == (1, "")
    assert "no space is left on the disk" in told.stderr
    assert [path.name for path in folder.iterdir()] == ["s.yaml"]
