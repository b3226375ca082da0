"""The resolved model as YAML: it reads back as equal, whatever a scenario holds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.scenario import dump as module
from sim.scenario import loads
from sim.scenario.resolve import dump
from sim.scenario.yaml_nodes import compose
from tests.scenario.language import SMALL, small
from tests.strategies import scenarios

EXAMPLE = Path(__file__).parent.parent / "conformance" / "valid" / "design-example.yaml"


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios())
def test_every_scenario_reads_back_as_equal(human: dict[str, Any]) -> None:
    scenario = loads(json.dumps(human))
    text = dump(scenario)
    assert loads(text) == scenario
    assert dump(loads(text)) == text


def test_saboteur_a_dump_that_loses_a_second_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = loads(small(give_up="1 d"))
    monkeypatch.setattr(module, "duration_text", lambda seconds: f"{seconds + 1} s")
    assert loads(dump(scenario)) != scenario


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_reads_back_as_equal(title: str, reason: str) -> None:
    scenario = replace(loads(SMALL), title=title)
    line = replace(scenario.lines[0], unanswered={f"x{reason}": 0.25, "no reply": 0.75}, title=f"{reason}!")
    text = dump(replace(scenario, lines=(line,)))
    back = loads(text)
    assert (back.title, back.lines[0].title) == (title, f"{reason}!")
    assert dict(back.lines[0].unanswered) == {f"x{reason}": 0.25, "no reply": 0.75}


MISLEADING = ["no", "null", "", "1", "1.5", "a: b", "a #b", " a", "a ", "{", "*x", "- a", "2022-01-01", "'", '"']


@pytest.mark.parametrize("text", [*MISLEADING, "\u2028", "\x85"])
def test_texts_that_yaml_would_read_as_something_else(text: str) -> None:
    emitted = module.emit({"title": text, "list": [text], "names": {"n": {text or "x": text}}})
    tree = compose(emitted, "f.yaml")[0].plain()
    assert tree == {"title": text, "list": [text], "names": {"n": {text or "x": text}}}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_reads_back_as_equal(number: float) -> None:
    assert float(compose(f"a: {module.number_text(number)}", "f.yaml")[0].plain()["a"]) == number


def test_defaults_references_and_units_are_written_out() -> None:
    text = dump(loads(EXAMPLE.read_text(encoding="utf-8")))
    assert "  gave_up" not in text
    assert "    until: contact\n" in text
    assert "    call: 0 s\n" in text
    assert "    unanswered: {no reply: 1}\n" in text
    assert "    duty: always\n" in text
    assert "    initially: {open: 0, closed: 1}\n" in text
    assert "    affects: [austin-shoigu]\n" in text
    assert "    answer: {parameter: refusal}\n" in text
    assert "    prior: {beta: {a: 2, b: 30}}\n" in text


def test_an_effect_on_a_channel_without_lines_reads_back_as_equal() -> None:
    text = small(on_contact="{affects: [radio], odds_factor: 2}").replace("{level: senior}", "{}\n  radio: {}")
    scenario = loads(text)
    assert scenario.lines[0].on_contact is not None
    assert scenario.lines[0].on_contact.affects == ()
    assert loads(dump(scenario)) == scenario
