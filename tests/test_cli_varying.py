"""`openlines sweep`, `sensitivity` and `attribute` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from sim.cli import app
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
    told = openlines(command, *COMMANDS[command], "--set", "lines.q.answer=0.2", "--by", "5 d")
    assert told.exit_code == 0, told.stderr
    lines = told.stdout.splitlines()
    assert lines[:2] == ["oracle", "changed: lines.q.answer=0.2"]
    assert "In short" in lines[:8]
    assert "by 5 d" in told.stdout
    assert max(map(cell_len, lines)) <= 100
    assert "simulating" in told.stderr
    assert [path.name for path in folder.iterdir()] == ["s.yaml"]
    assert openlines(command, *COMMANDS[command], "--set", "lines.q.answer=0.2", "--by", "5 d").stdout == told.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_json_and_nothing_else(command: str) -> None:
    told = openlines(command, *COMMANDS[command], "--json", "--of", "p", "--seed", "3")
    assert told.exit_code == 0, told.stderr
    found = json.loads(told.stdout)
    assert (found["title"], found["seed"], found["columns"]) == ("oracle", 3, ["line:p"])
    assert found["kind"] == {"attribute": "attribution"}.get(command, command)


@pytest.mark.parametrize("command", COMMANDS)
def test_pictures_light_or_dark(command: str, folder: Path) -> None:
    for name, more in (("light.png", ()), ("dark.png", ("--dark",)), ("light.svg", ())):
        told = openlines(command, *COMMANDS[command], "--picture", name, *more)
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
    "sweep: column": (("sweep", *VARY, "--of", "linne:p"), "did you mean 'line:p'?"),
    "sensitivity: time": (("sensitivity", "--by", "12 d"), "by: 1036800 s is out of range"),
    "sensitivity: no unit": (("sensitivity", "--by", "12"), "'12' has no unit"),
    "sensitivity: indices": (("sensitivity", "--indices", "-n", "10"), "10 are too few for Sobol indices"),
    "sensitivity: none uncertain": (
        ("sensitivity", "--indices", "--set", "parameters.p=0.2"),
        "no number of the scenario is uncertain",
    ),
    "attribute: change": (("attribute", "--set", "lines.p.answer=2"), "2 is not a probability"),
    "attribute: replications": (("attribute", "-n", "0"), "replications: 0 is out of range"),
    "attribute: picture": (("attribute", "--picture", "p.pdf"), "ends in .png or .svg"),
    "attribute: column of no line": (("attribute", "--of", "side:B"), "side:B has no line"),
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
