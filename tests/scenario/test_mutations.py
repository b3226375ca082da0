"""Whatever stands in whatever place: a scenario is read, or refused with errors that point into the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario import errors, loads, reader
from sim.scenario.errors import ScenarioError, ScenarioErrors
from sim.scenario.yaml_nodes import compose
from tests.scenario.language import SMALL, refusals
from tests.strategies import EXAMPLES

CORPUS = Path(__file__).parent.parent / "conformance" / "valid"
TREES = [
    compose(file.read_text(encoding="utf-8"), file.name)[0].plain()
    for file in sorted(CORPUS.glob("*.yaml"))
    if file.name not in {"what-if.yaml", "posterior.yaml"} and not file.name.startswith("extends-")
]
STRAY_VALUES: list[Any] = [
    *(None, True, 0, 3, -1.5, "", "x", "3 d", "2022-01-10", "always"),
    *([], [[]], [3], ["x"], ["2022-01-10", ["2022-01-11"]], [None], [{}]),
    *({}, {"value": 3}, {"value": [3]}, {"value": {"value": 3}}, {"prior": {"beta": [2, 3]}}, {"basis": "record"}),
    *(
        {"x": 1},
        {"date": "2022-01-10", "x": 1},
        {"from": 3},
        {"min": [], "max": 1},
        {"parameter": "x"},
        {"plus": "3 d"},
    ),
]
STRAY = st.sampled_from([json.dumps(value) for value in STRAY_VALUES]).map(json.loads)
KEYS = ("x", "value", "prior", "date", "at", "from", "min", "contact", "lasts", "affects")


def spots(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every mapping or list in the tree, with each of its keys."""
    for key, item in list(tree.items() if isinstance(tree, dict) else enumerate(tree)):
        yield tree, key
        if isinstance(item, dict | list):
            yield from spots(item)


@st.composite
def mutated(draw: Any) -> str:
    """A file of the corpus with one to three places changed, as JSON."""
    tree = json.loads(json.dumps(draw(st.sampled_from(TREES))))
    for _ in range(draw(st.integers(1, 3))):
        found = list(spots(tree))
        if not found:
            break
        holder, key = draw(st.sampled_from(found))
        change = draw(st.sampled_from(["swap", "copy", "wrap", "list", "add", "delete"]))
        if change == "swap":
            holder[key] = draw(STRAY)
        elif change == "copy":
            other, place = draw(st.sampled_from(found))
            holder[key] = json.loads(json.dumps(other[place]))
        elif change == "wrap":
            holder[key] = {draw(st.sampled_from(KEYS)): holder[key]}
        elif change == "list":
            holder[key] = [holder[key], draw(STRAY)]
        elif change == "add" and isinstance(holder, dict):
            holder[draw(st.sampled_from(KEYS))] = draw(STRAY)
        else:
            del holder[key]
    return json.dumps(tree, indent=1)


def errors_of(text: str) -> tuple[ScenarioError, ...]:
    try:
        loads(text)
    except ScenarioErrors as refused:
        return refused.errors or (ScenarioError("", 0, 0, "", "refused without a reason"),)
    return ()


def check(text: str) -> None:
    """The text is read, or refused at places that it has."""
    lines = text.splitlines()
    for error in errors_of(text):
        assert 1 <= error.line <= len(lines), str(error)
        assert 1 <= error.column <= len(lines[error.line - 1]) + 1, str(error)


@given(text=mutated())
@EXAMPLES
def test_a_mutated_scenario_is_read_or_refused(text: str) -> None:
    check(text)


AT = {
    "{date: 2022-01-10, x: 1}": "30 events.e.at.x: unknown key 'x'; expected date or plus",
    "{plus: 3 d}": "7 events.e.at: missing key 'date' (the date)",
    "[2022-01-10, [2022-01-11]]": "24 events.e.at.1: a list is no date",
    "[[]]": "12 events.e.at.0: a list is no date",
    "{value: 3}": "19 events.e.at.value: 3 is no date",
    "{value: [2022-01-10, 2022-01-11], source: x}": "19 events.e.at.value: a list is no date",
    "[{value: 2022-01-10, basiss: record}]": "32 events.e.at.0.basiss: unknown key 'basiss'; did you mean 'basis'?",
    "{date: 2022-01-10, plus: {}}": "36 events.e.at.plus: expected one distribution",
}


@pytest.mark.parametrize("at", AT)
def test_a_fault_in_a_short_form_is_told_where_it_stands(at: str) -> None:
    (error,) = refusals(f"{SMALL}events:\n  e: {{at: {at}}}\n")
    assert error.startswith(f"f.yaml:13:{AT[at]}")


@pytest.mark.parametrize("at", [at for at in AT if "date:" in at or "[2022" in at])
def test_a_fault_in_a_short_form_hides_no_other(at: str) -> None:
    errors = refusals(f"{SMALL}events:\n  e: {{at: {at}, switches: {{gate: open}}}}\n")
    assert len(errors) == 2
    assert "'gate' is no regime" in errors[1]


def test_saboteur_a_reader_that_trusts_the_places_of_long_forms_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def strike(data: Any, error: Any) -> None:
        *head, last = error["loc"]
        for part in head:
            data = data[part]
        del data[last]

    monkeypatch.setattr(reader, "_strike", strike)
    with pytest.raises((KeyError, TypeError, IndexError)):
        check(f"{SMALL}events:\n  e: {{at: {{date: 2022-01-10, x: 1}}}}\n")


def test_saboteur_places_outside_the_text_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    right = errors.Problems._find

    def shifted(self: Any, path: Any) -> Any:
        known, place, node = right(self, path)
        outside = type(place)(place.file, place.line + 100, place.column)
        return known, outside, type(node)(outside, node.value)

    monkeypatch.setattr(errors.Problems, "_find", shifted)
    with pytest.raises(AssertionError):
        check(SMALL.replace("every: 1 d", "every: 1"))
