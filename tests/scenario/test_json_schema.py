"""The JSON Schema: kept fresh, true of every valid file, and able to refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from sim.scenario.json_schema import schema, schema_text
from sim.scenario.keys import mappings
from sim.scenario.yaml_nodes import compose

ROOT = Path(__file__).parent.parent.parent
KEPT = ROOT / "docs" / "reference" / "scenario.schema.json"
FILES = sorted(
    file
    for folder in ("tests/conformance/valid", "scenarios")
    for file in (ROOT / folder).glob("*.yaml")
    if "\nwhat_if: " not in f"\n{file.read_text(encoding='utf-8')}"
)
# Faults of form, which a schema can see; what refers to something else is beyond it.
OF_FORM = [
    "answer-above-one",
    "channel-key-misspelt",
    "clock-end-missing",
    "distribution-two-families",
    "distribution-unknown",
    "duration-without-unit",
    "effect-factor-missing",
    "effect-lasts-and-half-life",
    "event-at-and-every",
    "event-at-with-starts",
    "event-effect-without-affects",
    "event-without-time",
    "lines-section-empty",
    "record-count-without-period",
    "record-response-without-time",
    "record-says-nothing",
    "record-two-kinds",
    "regime-states-empty",
    "starts-after-nothing",
    "starts-after-two-things",
    "starts-at-and-after",
    "triggered-line-until-horizon",
    "triggered-line-with-starts",
    "line-answer-missing",
    "name-with-space",
    "null-without-extends",
    "provenance-basis-unknown",
    "prior-and-value",
    "record-spell-state-unknown",
    "title-a-list",
    "top-level-key-unknown",
]


@pytest.fixture(scope="module")
def validator() -> Any:
    made = schema()
    Draft202012Validator.check_schema(made)
    return Draft202012Validator(made)


def data(file: Path) -> Any:
    return compose(file.read_text(encoding="utf-8"), file.name)[0].plain()


def test_the_kept_schema_is_fresh() -> None:
    assert KEPT.read_text(encoding="utf-8") == schema_text()


def test_every_valid_file_fits(validator: Any) -> None:
    assert len(FILES) > 100
    assert [file.name for file in FILES if not validator.is_valid(data(file))] == []


@pytest.mark.parametrize("name", OF_FORM)
def test_saboteur_faults_of_form_do_not_fit(validator: Any, name: str) -> None:
    assert not validator.is_valid(data(ROOT / "tests" / "conformance" / "invalid" / f"{name}.yaml"))


def test_a_file_that_extends_another_may_leave_out_and_delete(validator: Any) -> None:
    over = {"scenario": 1, "extends": "base.yaml", "lines": {"call": {"every": "1 d", "give_up": None}, "back": None}}
    assert validator.is_valid(over)
    assert validator.is_valid(over | {"events": {"alarm": {"at": None, "every": "3 d"}}, "sides": {}})
    assert validator.is_valid(over | {"lines": {"call": {"starts": None, "triggered_by": "alarm"}}})
    assert not validator.is_valid(over | {"lines": {"call": {"evry": "1 d"}}})
    assert not validator.is_valid({key: value for key, value in over.items() if key != "extends"})


def models() -> list[type[BaseModel]]:
    return list(mappings().values())


def test_every_model_and_every_field_says_what_it_means() -> None:
    assert len(models()) > 15
    for each in models():
        assert each.__doc__
        assert [name for name, field in each.model_fields.items() if not field.description] == []
