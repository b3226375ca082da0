"""From what a person writes to what an engine sees: defaults, references, uncertain numbers, provenance."""

from __future__ import annotations

import pytest

from sim.scenario import loads
from sim.scenario.resolved import Distribution, Provenance, Scenario, Uncertain
from tests.scenario.language import SMALL, small

TWO = SMALL + "  back: {caller: bob, callee: ann, channel: phone, every: 2 d, answer: 0.2, delay: 1 h}\n"


def bases(scenario: Scenario) -> dict[str, str | None]:
    return {one.path: one.basis for one in scenario.provenance}


def test_defaults() -> None:
    (line,) = loads(SMALL.replace(", delay: 1 h", "")).lines
    assert (line.title, line.trigger, line.give_up, line.attempts) == ("call", None, None, None)
    assert line.starts is not None
    assert (line.starts.second, line.starts.after, line.starts.wait) == (0, None, None)
    assert (line.until_horizon, line.until_contact, line.until_name) == (False, (), "")
    assert line.delay == Distribution("fixed", {"value": 0.0})
    assert line.call == Distribution("fixed", {"value": 0.0})
    assert dict(line.unanswered) == {"no reply": 1.0}


@pytest.mark.parametrize(
    ("named", "lines"),
    [
        ("call", ("call",)),
        ("phone", ("call", "back")),
        ("ann", ("back",)),
        ("B", ("call",)),
        ("back, call", ("call", "back")),
        ("A, back", ("back",)),
    ],
)
def test_affects_becomes_lines_in_order_of_declaration(named: str, lines: tuple[str, ...]) -> None:
    effect = f"{{affects: [{named}], odds_factor: 2}}"
    scenario = loads(TWO.replace("delay: 1 h}", f"delay: 1 h, on_contact: {effect}}}", 1))
    assert scenario.lines[0].on_contact is not None
    assert scenario.lines[0].on_contact.affects == lines


def test_an_effect_is_on_the_own_line_unless_it_says_otherwise() -> None:
    (line,) = loads(small(on_unanswered="{odds_factor: 0.9}")).lines
    assert line.on_unanswered is not None
    assert line.on_unanswered.affects == ("call",)


def test_a_constant_parameter_is_substituted_with_its_provenance() -> None:
    scenario = loads(
        small().replace("answer: 0.1", "answer: {parameter: p}") + "parameters: {p: {value: 0.5, basis: record}}\n"
    )
    assert scenario.lines[0].answer == 0.5
    assert scenario.uncertain == ()
    assert Provenance("lines.call.answer", "0.5", "record", None, None) in scenario.provenance


def test_one_parameter_is_one_uncertain_number_wherever_it_is_used() -> None:
    text = TWO.replace("answer: 0.1", "answer: {parameter: p}").replace("answer: 0.2", "answer: {parameter: p}")
    scenario = loads(text + "parameters: {p: {prior: {beta: [2, 30]}}}\n")
    assert [line.answer for line in scenario.lines] == [Uncertain("parameters.p")] * 2
    assert [one.path for one in scenario.uncertain] == ["parameters.p"]


def test_priors_in_place_are_apart_and_named_by_their_place() -> None:
    prior = "{prior: {uniform: [0.1, 0.2]}}"
    text = TWO.replace("answer: 0.1", f"answer: {prior}").replace("answer: 0.2", f"answer: {prior}")
    text = text.replace(
        "every: 1 d", "every: {value: {exponential: {mean: {prior: {uniform: [1 d, 2 d]}}}}, basis: record}"
    )
    text = text.replace("delay: 1 h}", "delay: {prior: {uniform: [1 h, 2 h]}}}", 1)
    scenario = loads(text)
    assert [(one.path, one.unit) for one in scenario.uncertain] == [
        ("lines.call.every.exponential.mean", "s"),
        ("lines.call.answer", ""),
        ("lines.call.delay", "s"),
        ("lines.back.answer", ""),
    ]
    assert scenario.lines[0].delay == Distribution("fixed", {"value": Uncertain("lines.call.delay")})


def test_numbers_without_a_basis_are_told_and_defaults_are_not() -> None:
    assert bases(loads(SMALL)) == {"lines.call.every": None, "lines.call.answer": None, "lines.call.delay": None}


def test_a_distribution_has_a_source_as_a_whole_or_number_by_number() -> None:
    whole = loads(small().replace("delay: 1 h", "delay: {value: {exponential: {mean: 1 h}}, basis: record}"))
    assert bases(whole)["lines.call.delay"] == "record"
    parts = "{lognormal: {median: {value: 1 h, basis: record}, sigma: {value: 0.5, basis: assumption}}}"
    both = bases(loads(small().replace("delay: 1 h", f"delay: {parts}")))
    assert "lines.call.delay" not in both
    assert both["lines.call.delay.lognormal.sigma"] == "assumption"
    half = "{lognormal: {median: {value: 1 h, basis: record}, sigma: 0.5}}"
    assert bases(loads(small().replace("delay: 1 h", f"delay: {half}")))["lines.call.delay"] is None


def test_times_are_seconds_from_the_clocks_start() -> None:
    text = small(starts="{at: 2022-01-02 01:00, wait: 1 h}").replace(
        "{level: senior}", "{opens: 2021-12-31T22:00:00-01:00}"
    )
    scenario = loads(text)
    assert scenario.channels[0].opens == -3600
    assert scenario.lines[0].starts is not None
    assert scenario.lines[0].starts.second == 90_000
    assert scenario.horizon == 31 * 86_400


def test_a_warning_names_its_place() -> None:
    scenario = loads(SMALL + "events: {late: {at: 2022-03-01}}\n", "f.yaml")
    (warning,) = scenario.warnings
    assert warning.startswith("f.yaml:12:21 events.late.at: 2022-03-01T00:00:00Z is not before clock.end ")


def test_a_parameter_that_nothing_uses_is_warned_about() -> None:
    assert "parameter 'p' is used nowhere" in loads(SMALL + "parameters: {p: 0.5}\n").warnings[0]
