"""The scenario that one begins with."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario import load
from sim.scenario.errors import ScenarioErrors
from sim.scenario.examples import template, write_new


def test_it_is_a_scenario_without_warnings(tmp_path: Path) -> None:
    (path,) = write_new("crisis", tmp_path)
    assert path == tmp_path / "crisis.yaml"
    scenario = load(path)
    assert scenario.warnings == ()
    assert (scenario.title, len(scenario.lines)) == ("crisis", 2)


def test_every_line_is_short_enough_to_read() -> None:
    assert max(len(line) for line in template("crisis").splitlines()) <= 120


def test_the_ending_may_be_given(tmp_path: Path) -> None:
    assert write_new("crisis.yaml", tmp_path) == (tmp_path / "crisis.yaml",)


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    (path,) = write_new("crisis", tmp_path)
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ScenarioErrors, match="exists already"):
        write_new("crisis", tmp_path)
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["../crisis", "a/b", "", "a b", "<script>", "x" * 65, ".hidden", "a\nb"])
def test_what_is_no_name_is_refused_and_nothing_written(name: str, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    with pytest.raises(ScenarioErrors, match="expected a name"):
        write_new(name, tmp_path / "inner")
    assert list(tmp_path.rglob("*.yaml")) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ScenarioErrors, match="cannot be written"):
        write_new("crisis", tmp_path / "nowhere")
