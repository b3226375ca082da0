"""The items of lists and the counts of the record may be wrapped, and where they come from is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sim.scenario import dump as dumping
from sim.scenario import load, loads
from sim.scenario.resolve import dump
from sim.scenario.resolved import Scenario
from tests.scenario.language import SMALL, refusals

FILE = Path(__file__).parent.parent / "conformance" / "valid" / "provenance-of-list-items.yaml"


def of_items(scenario: Scenario) -> dict[str, tuple[str, str | None, str | None, str | None]]:
    return {
        one.path: (one.value, one.basis, one.source, one.why)
        for one in scenario.provenance
        if "holidays" in one.path or "empirical" in one.path or one.path.startswith("record")
    }


def test_items_are_read_with_their_provenance() -> None:
    scenario = load(FILE)
    assert [day.isoformat() for day in scenario.officials[0].holidays] == ["2022-01-06", "2022-01-17"]
    assert scenario.lines[0].delay.sample == (720.0, 1080.0)
    assert [(one.attempts, one.answered, one.all_answered) for one in scenario.record] == [
        ((11, 11), (0, 0), False),
        ((2, 5), (1, 2), False),
        ((2, 2), (2, 2), True),
    ]
    assert of_items(scenario) == {
        "officials.ann.holidays.0": ("2022-01-06", "record", None, "a feast"),
        "lines.call.delay.empirical.0": ("12 min", "record", "log", None),
        "record.0.attempts": ("11", "record", None, None),
        "record.0.answered": ("0", None, None, "said so"),
        "record.1.attempts": ("2 to 5", "briefing", None, None),
        "record.1.attempts.max": ("5", "assumption", None, None),
        "record.1.answered.min": ("1", None, "log", None),
        "record.2.answered": ("all", "briefing", None, None),
    }


def test_a_dump_keeps_the_provenance_of_items() -> None:
    scenario = load(FILE)
    again = loads(dump(scenario))
    assert again == replace(scenario, warnings=())
    assert of_items(again) == of_items(scenario)


def test_saboteur_a_dump_that_loses_notes_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dumping._Dumper, "_note", lambda *_: {})
    assert of_items(loads(dump(load(FILE)))) == {}


def test_a_sample_whose_every_observation_has_a_basis_needs_none_of_its_own() -> None:
    item = "{{value: {}, basis: record}}".format
    sample = ", ".join(item(one) for one in ("2 min", "3 min"))
    scenario = loads(SMALL.replace("delay: 1 h", f"delay: {{empirical: [{sample}]}}"))
    assert [one.path for one in scenario.provenance if "delay" in one.path and one.basis is None] == []
    partly = loads(SMALL.replace("delay: 1 h", f"delay: {{empirical: [{sample}, 4 min]}}"))
    assert [one.path for one in partly.provenance if "delay" in one.path and one.basis is None] == ["lines.call.delay"]


def test_every_wrong_end_of_a_count_is_told() -> None:
    entry = "attempts: {min: {value: x}, max: -1}, answered: {value: {min: 3, max: 2}}"
    errors = refusals(f"{SMALL}record:\n  - {{line: call, from: 2022-01-03, to: 2022-01-04, {entry}}}\n")
    assert ["record.0.attempts.min.value: 'x' is not a count" in errors[0], len(errors)] == [True, 3]
    assert "record.0.attempts.max: -1 is not a count; expected a whole number of at least 0" in errors[1]
    assert "record.0.answered.value.min: min (3) is larger than max (2)" in errors[2]


def test_more_answered_than_attempted_is_refused_in_a_wrapper_too() -> None:
    entry = "attempts: {value: 2, basis: record}, answered: {value: 3, basis: record}"
    (error,) = refusals(f"{SMALL}record:\n  - {{line: call, from: 2022-01-03, to: 2022-01-04, {entry}}}\n")
    assert "record.0.answered" in error
    assert error.endswith(": 3 answered of 2 attempts at most")


def test_a_word_among_the_notes_of_a_prior_makes_no_duration_of_a_parameter() -> None:
    notes = "{value: 2, basis: record}"
    text = SMALL.replace("answer: 0.1", "answer: {parameter: p}")
    scenario = loads(f"{text}parameters:\n  p: {{prior: {{beta: {{a: {notes}, b: 3}}}}}}\n")
    assert [one.path for one in scenario.uncertain] == ["parameters.p"]
