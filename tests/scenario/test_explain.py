"""What each key means: each has an example that is valid and a default that is true, and no slip is passed over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from sim.scenario import schema
from sim.scenario.errors import ScenarioErrors
from sim.scenario.explain import KINDS, Explanation, all_paths, explain
from sim.scenario.keys import default_of, example_of, fields_of, mappings
from sim.scenario.yaml_nodes import compose

MODELS = mappings()
FIELDS = {f"{name}.{key}": field for name, each in MODELS.items() for key, field in fields_of(each).items()}
WORDS = (
    "its name",
    "none",
    "empty",
    "for ever",
    "never",
    "no limit",
    "no level",
    "clock.start",
    "always",
    "the ",
    "that of",
    "it ",
)
WORDS += ("either this", "one of", "this entry", "not known", "nothing", "an event", "Untitled")


def read(key: str, value: object) -> object:
    field = FIELDS[key]
    annotation: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return TypeAdapter(annotation).validate_python(value)


def written(text: str) -> object:
    node, errors = compose(text, "example", bare=True)
    assert errors == []
    return node.plain()


def test_every_key_of_the_language_has_an_example() -> None:
    assert all(example_of(field) for field in FIELDS.values())
    assert len(FIELDS) > 90


@pytest.mark.parametrize("key", FIELDS)
def test_examples_are_valid(key: str) -> None:
    read(key, written(example_of(FIELDS[key])))


def test_an_example_that_is_wrong_is_noticed() -> None:
    with pytest.raises(ValidationError):
        read("Line.answer", written("often"))
    with pytest.raises(ValidationError):
        read("Clock.start", written("2022-02-30"))


@pytest.mark.parametrize("key", FIELDS)
def test_a_default_is_given_exactly_where_a_key_may_be_left_out(key: str) -> None:
    assert (default_of(FIELDS[key]) is None) == FIELDS[key].is_required()


VALUES = (
    "Line.delay_counts",
    "Line.call",
    "Line.delay",
    "Line.until",
    "Line.unanswered",
    "State.odds_factor",
    "After.count",
)


@pytest.mark.parametrize("key", VALUES)
def test_defaults_that_are_values_are_those_of_the_model(key: str) -> None:
    default = FIELDS[key].get_default(call_default_factory=True)
    assert _bare(read(key, written(default_of(FIELDS[key]) or ""))) == _bare(default)


def _bare(value: object) -> str:
    """Without the place in the file, which a default has not."""
    import re

    return re.sub(r", tail=\([^)]*\)", "", repr(value))


def test_all_other_defaults_are_words() -> None:
    other = {key: words for key, field in FIELDS.items() if (words := default_of(field)) and key not in VALUES}
    assert {key for key, words in other.items() if not words.startswith(WORDS)} == {"When.plus", "Starts.wait"}


@pytest.mark.parametrize("path", all_paths())
def test_every_path_is_explained(path: str) -> None:
    found = explain(path)
    assert [part for part in found.path.split(".") if part != "NAME"] == path.split(".")
    assert found.meaning
    assert found.takes
    assert found.example.startswith(f"{path.rpartition('.')[2]}: ")


def test_every_form_of_value_is_in_words() -> None:
    """A definition without words would show as plain text."""
    from sim.scenario.explain import _definition

    used = {_definition((each, key)) for each in MODELS.values() for key in fields_of(each)}
    assert used - {""} <= set(KINDS)
    assert len(used) > 15


@pytest.mark.parametrize(
    ("path", "full"),
    [
        ("lines.answer", "lines.NAME.answer"),
        ("lines.*.answer", "lines.NAME.answer"),
        ("lines.austin-shoigu.answer", "lines.NAME.answer"),
        ("lines.answer.answer", "lines.NAME.answer"),
        ("lines.austin-shoigu", "lines.NAME"),
        ("regimes.states.lasts", "regimes.NAME.states.NAME.lasts"),
        ("regimes.moscow-gate.states.open.lasts", "regimes.NAME.states.NAME.lasts"),
        ("regimes.*.states.*.odds_factor", "regimes.NAME.states.NAME.odds_factor"),
        ("lines.x.starts.after.event", "lines.NAME.starts.after.event"),
        ("channels.outages.0.from", "channels.NAME.outages.from"),
        ("record.2.contact.from", "record.contact.from"),
        ("report.groups.senior", "report.groups.NAME"),
        ("parameters.cadence", "parameters.NAME"),
        ("lines.x.delay.lognormal", "lines.NAME.delay"),
        ("clock.start", "clock.start"),
        ("clock", "clock"),
    ],
)
def test_names_may_stand_in_a_path_or_not(path: str, full: str) -> None:
    assert explain(path).path == full


def test_the_whole_file_has_its_sections() -> None:
    assert [key.name for key in explain("").keys] == list(fields_of(schema.ScenarioFields))


def test_a_key_has_meaning_unit_default_and_example() -> None:
    found = explain("lines.call")
    assert (found.meaning, found.default, found.example) == (
        "how long a call keeps both busy",
        "0 s",
        "call: 1 h",
    )
    assert "min" in found.unit
    assert ("uniform", "min, max | mean, sd | two quantiles") in found.forms
    assert explain("lines.answer").default is None


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("lines.anwser", "did you mean 'lines.answer'?"),
        ("lines.x.anwser", "did you mean 'lines.answer'?"),
        ("line.answer", "did you mean 'lines.answer'?"),
        ("answer", "did you mean 'lines.answer'?"),
        ("clock.stop", "did you mean 'clock"),
        ("lines.x.answer.often", "is no key of the language"),
        ("lines..answer", "is no key of the language"),
        ("zzz", "openlines explain lists the sections"),
        ("clock.start.now", "is no key"),
        (".", "is no key"),
    ],
)
def test_what_is_no_key_gets_the_nearest(path: str, hint: str) -> None:
    with pytest.raises(ScenarioErrors) as refused:
        explain(path)
    assert hint in str(refused.value)
    assert str(refused.value).startswith("explain: ")


def test_the_paths_of_a_real_scenario_are_explained() -> None:
    """Every place of the baseline, down to where a value begins."""
    node, _ = compose((Path(__file__).parents[2] / "scenarios" / "us-russia-2022.yaml").read_text("utf-8"), "baseline")
    asked: list[Explanation] = []

    def visit(value: object, path: tuple[str, ...]) -> None:
        if path and len(path) <= 3:
            asked.append(explain(".".join(path)))
        for key, inside in value.items() if isinstance(value, dict) and len(path) < 3 else ():
            visit(inside, (*path, str(key)))

    data = node.plain()
    visit({key: data[key] for key in ("clock", "sides", "officials", "channels", "regimes", "lines")}, ())
    assert len(asked) > 100
