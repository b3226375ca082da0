"""The tree of nodes: places, scalars of YAML 1.2, and the bounds that are kept while it grows."""

from __future__ import annotations

import math

import pytest

from sim.scenario import yaml_nodes
from sim.scenario.errors import ScenarioErrors
from sim.scenario.yaml_nodes import compose, scalar


def refusal(text: str) -> str:
    with pytest.raises(ScenarioErrors) as caught:
        compose(text, "f.yaml")
    assert len(caught.value.errors) == 1
    return str(caught.value)


def test_every_key_and_value_knows_its_place() -> None:
    root, duplicates = compose("a:\n  b: [1, {c: é, d: 2}]\n", "f.yaml")
    assert duplicates == []
    inner = root.entries["a"][1].entries["b"][1].value[1]
    key, node = inner.entries["d"]
    assert (key.line, key.column) == (2, 17)
    assert (node.place.line, node.place.column, node.value) == (2, 20, 2)
    assert root.plain() == {"a": {"b": [1, {"c": "é", "d": 2}]}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("nothing", "nothing"),
        ("true", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("off", "off"),
        ("12:30", "12:30"),
        ("2022-02-24", "2022-02-24"),
        ("1_000", "1_000"),
        ("0o17", 15),
        ("0x1F", 31),
        ("017", 17),
        ("-3", -3),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-.inf", -math.inf),
        ("1" * 41, math.inf),
    ],
)
def test_plain_scalars_follow_the_core_schema(text: str, value: object) -> None:
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)


def test_not_a_number_is_read_as_such() -> None:
    assert math.isnan(scalar(".nan"))  # type: ignore[arg-type]


def test_quoted_scalars_are_text() -> None:
    assert compose("[\"1\", '~', 'true']", "f.yaml")[0].plain() == ["1", "~", "true"]


def test_a_duplicate_key_is_told_with_its_whole_path_and_the_first_counts() -> None:
    root, duplicates = compose("a:\n  - b: 1\n    c: 2\n    b: 3\n", "f.yaml")
    assert [str(error) for error in duplicates] == ["f.yaml:4:5 a.0.b: duplicate key 'b' (first at line 2)"]
    assert root.plain() == {"a": [{"b": 1, "c": 2}]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &x 1\n", "f.yaml:1:4: anchors and aliases are refused, found '&x'; use 'parameters'"),
        ("a: *x\n", "f.yaml:1:4: anchors and aliases are refused, found '*x'; use 'parameters'"),
        ("<<: {a: 1}\n", "f.yaml:1:1: merge keys ('<<') are refused; use 'extends' or 'parameters'"),
        ("a: !!str 1\n", "f.yaml:1:4: tags are refused, found 'tag:yaml.org,2002:str'"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document begins here; expected one document"),
        ("a: b: c\n", 'f.yaml:1:5: a second colon in one value; put the value in quotes: a: "b: c"'),
        ("# nothing\n", "f.yaml: is empty; expected a mapping that begins with 'scenario: 1'"),
        ("? [a]\n: 1\n", "f.yaml:1:3: a list or a mapping stands where a key is expected"),
        (
            "a\r\n\x07",
            "f.yaml:2:1: the character U+0007 is not allowed in a text file; write it as an escape in quotes",
        ),
    ],
)
def test_what_yaml_allows_and_a_scenario_does_not(text: str, message: str) -> None:
    assert refusal(text) == message


def test_a_quoted_merge_sign_is_a_key_like_any() -> None:
    assert compose("'<<': 1", "f.yaml")[0].plain() == {"<<": 1}


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_depth_is_bounded_and_the_bound_itself_allowed(opening: str) -> None:
    closing = {"[": "]", "{a: ": "}", "- ": ""}[opening]
    assert compose(opening * yaml_nodes.DEEPEST + "1" + closing * yaml_nodes.DEEPEST, "f.yaml")
    assert f"nested more than {yaml_nodes.DEEPEST} deep" in refusal(opening * 10_000 + "1")


def test_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_nodes, "MOST_NODES", 5)
    assert compose("[1, 2, 3, 4]", "f.yaml")
    assert "more than 5 values" in refusal("[1, 2, 3, 4, 5]")


def test_without_the_c_library_the_same_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    text = "a:\n  b: [1, {c: 'x', d: 2022-01-01 03:00}]\n  e: https://x.y/z\n"
    fast = compose(text, "f.yaml")
    monkeypatch.setattr(yaml_nodes, "_PARSER", yaml.SafeLoader)
    assert compose(text, "f.yaml") == fast
    assert "merge keys" in refusal("<<: {a: 1}\n")
