"""Shipped examples by their names: on the command line and in Python, from any folder; a file of that name wins."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import sim
from sim.cli import app
from sim.scenario.errors import ScenarioErrors
from sim.scenario.examples import file_or_example


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shown(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 0, done.output
    return done.output


def test_commands_take_the_name_of_an_example(elsewhere: Path) -> None:
    assert "One line, tried once a day" in shown("run", "minimal", "-n", "20", "--no-figures", "--engine", "reference")
    assert (elsewhere / "results" / "minimal").is_dir()
    assert "ok (" in shown("validate", "us-russia-2022", "us-russia-2022-what-ifs", "gate")
    assert "Replication 3" in shown("trace", "minimal", "--replication", "3")
    assert "scenario: 1" in shown("resolve", "gate")
    what_if = "twice: lines.envoy-minister.every=12 h"
    assert "twice" in shown(
        "compare", "minimal", "--what-if", what_if, "-n", "50", "--no-figures", "--engine", "reference"
    )
    vary = "lines.envoy-minister.every=1 d,2 d"
    assert "2 d" in shown("sweep", "minimal", "--vary", vary, "-n", "50", "--engine", "reference")
    listed = shown("examples")
    assert "us-russia-2022" in listed
    assert "gate" in listed


def test_python_takes_the_name_of_an_example() -> None:
    assert "us-russia-2022" in sim.examples()
    assert sim.load("us-russia-2022").title == "Washington calls Moscow, spring 2022"
    assert sim.run("minimal", 20, save=False, engine="reference").summary["replications"] == 20
    assert sim.trace("constructs/gate", replication=2).replication == 2


def test_a_file_of_that_name_wins(elsewhere: Path) -> None:
    text = (Path(sim.__file__).parents[1] / "scenarios" / "minimal.yaml").read_text("utf-8")
    (elsewhere / "gate").write_text(text.replace("One line, tried once a day", "A file of my own"), "utf-8")
    assert sim.load("gate").title == "A file of my own"
    assert file_or_example("minimal.yaml") == Path("minimal.yaml")


def test_a_name_that_is_no_example_is_an_error() -> None:
    with pytest.raises(ScenarioErrors, match="us-rusia-2022"):
        sim.load("us-rusia-2022")
