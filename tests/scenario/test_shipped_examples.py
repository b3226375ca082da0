"""The examples that come with the program are the files of the repository, and each of them can be begun with."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario import examples as shipped
from sim.scenario import load
from sim.scenario.errors import ScenarioErrors
from sim.scenario.examples import example, examples, modeline, write_new
from sim.scenario.json_schema import schema_text
from sim.scenario.whatif import load_whatif

ROOT = Path(__file__).parents[2] / "scenarios"
NAMES = [name.removeprefix("constructs/") for name in examples()]


def test_every_scenario_of_the_repository_is_an_example() -> None:
    files = {str(file.relative_to(ROOT)) for file in ROOT.rglob("*.yaml")}
    assert {example(name).path for name in examples()} == files
    assert len(set(NAMES)) == len(NAMES), "a construct has the name of a large scenario"


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_is_the_same_scenario(name: str, tmp_path: Path) -> None:
    path, *beside = write_new("mine", tmp_path, name)
    found = example(name)
    assert path.read_text(encoding="utf-8") == found.text
    assert {str(other.relative_to(tmp_path)) for other in beside} == set(found.needs)
    assert found.about.endswith((".", "!", "?"))
    if "what_if:" in found.text:
        assert load_whatif(path).variants
    else:
        assert load(path) == load(ROOT / found.path)


def test_what_an_example_builds_on_is_written_beside_it_once(tmp_path: Path) -> None:
    assert [path.name for path in write_new("mine", tmp_path, "extends")] == ["mine.yaml", "gate.yaml"]
    assert [path.name for path in write_new("other", tmp_path, "what-if.yaml")] == ["other.yaml"]
    (tmp_path / "gate.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(ScenarioErrors, match="is not the one on which 'extends' builds"):
        write_new("third", tmp_path, "extends")
    assert (tmp_path / "gate.yaml").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "third.yaml").exists()
    with pytest.raises(ScenarioErrors, match="builds; choose another name"):
        write_new("gate", tmp_path, "extends")


def test_examples_that_need_more_than_they_say_would_be_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "_needs", lambda path, content: {})
    path, *beside = write_new("mine", tmp_path, "extends")
    assert beside == []
    with pytest.raises(ScenarioErrors, match=r"gate\.yaml"):
        load(path)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mininal", "did you mean 'minimal'?"),
        ("constructs/gat", "did you mean 'constructs/gate'?"),
        ("zzzz", "there are inter-korean-2018-2021, minimal, us-russia-2022, "),
        ("../pyproject", "is no example"),
        ("README.md", "is no example"),
    ],
)
def test_an_unknown_example_writes_nothing(name: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioErrors) as refused:
        write_new("mine", tmp_path, name)
    assert said in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_an_installation_without_examples_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shipped, "files", lambda package: tmp_path)
    monkeypatch.setattr(shipped, "__file__", str(tmp_path / "sim" / "scenario" / "examples.py"))
    with pytest.raises(ScenarioErrors, match="no examples came with this installation"):
        shipped.folder()


def test_the_installed_ones_go_before_those_of_a_clone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    monkeypatch.setattr(shipped, "files", lambda package: tmp_path)
    assert shipped.folder() == tmp_path / "scenarios"


def test_the_modeline_leads_to_a_schema_that_is_there(tmp_path: Path) -> None:
    inner = tmp_path / "a b" / "inner"
    inner.mkdir(parents=True)
    assert "schema" not in modeline(inner)
    (tmp_path / "scenario.schema.json").write_text(schema_text(), encoding="utf-8")
    assert modeline(inner) == "# yaml-language-server: $schema=../../scenario.schema.json\n"
    assert modeline(tmp_path) == "# yaml-language-server: $schema=scenario.schema.json\n"
    (path,) = write_new("mine", inner)
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert (inner / first.partition("$schema=")[2]).resolve() == tmp_path / "scenario.schema.json"
    assert load(path).warnings == ()
    assert modeline(ROOT).endswith("$schema=../docs/reference/scenario.schema.json\n")


def test_another_schema_of_that_name_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "scenario.schema.json").write_text('{"title": "Something else"}', encoding="utf-8")
    assert modeline(tmp_path) == ""
    (tmp_path / "scenario.schema.json").write_bytes(b"\xff\xfe")
    assert modeline(tmp_path) == ""
