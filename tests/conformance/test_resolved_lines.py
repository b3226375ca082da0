"""What the lines and numbers of the valid corpus resolve to; each was worked out by hand from its file."""

from __future__ import annotations

import pytest

from sim.scenario.resolved import (
    After,
    Distribution,
    Effect,
    Line,
    Scenario,
    Starts,
    Trigger,
    Uncertain,
    UncertainNumber,
)
from tests.conformance import test_resolved as rest
from tests.conformance.corpus import VALID, Check, registry, resolved

CHECKS: dict[str, Check] = {}
shows = registry(CHECKS)
DAY = 86_400
HOUR = 3_600


def fixed(seconds: float) -> Distribution:
    return Distribution("fixed", {"value": seconds})


def line(scenario: Scenario, name: str = "call") -> Line:
    return next(line for line in scenario.lines if line.name == name)


@shows("units")
def units(s: Scenario) -> None:
    assert line(s).every == fixed(14 * DAY)
    assert line(s).delay == Distribution("empirical", sample=(90.0, 1800.0, 6.0 * HOUR, 3.0 * DAY))


@shows("units-decimal")
def units_decimal(s: Scenario) -> None:
    assert (line(s).every, line(s).delay) == (fixed(36 * HOUR), fixed(900))


@shows("units-without-space")
def units_without_space(s: Scenario) -> None:
    assert line(s).every == fixed(36 * HOUR)


DELAYS = {
    "duration-zero": fixed(0),
    "distribution-fixed": fixed(6 * HOUR),
    "exponential-mean": Distribution("exponential", {"mean": 240.0}),
    "exponential-median": Distribution("exponential", {"median": 240.0}),
    "exponential-quantile": Distribution("exponential", {"p90": 3600.0}),
    "uniform-min-max": Distribution("uniform", {"min": 3600.0, "max": 10800.0}),
    "uniform-short": Distribution("uniform", {"min": 3600.0, "max": 10800.0}),
    "uniform-mean-sd": Distribution("uniform", {"mean": 21600.0, "sd": 3600.0}),
    "uniform-quantiles": Distribution("uniform", {"p25": 7200.0, "p75": 14400.0}),
    "triangular": Distribution("triangular", {"min": 3600.0, "mode": 7200.0, "max": 21600.0}),
    "pert": Distribution("pert", {"min": 3600.0, "mode": 7200.0, "max": 21600.0}),
    "lognormal-median-sigma": Distribution("lognormal", {"median": 21600.0, "sigma": 0.8}),
    "lognormal-mean-sd": Distribution("lognormal", {"mean": 21600.0, "sd": 10800.0}),
    "lognormal-quantiles": Distribution("lognormal", {"median": 21600.0, "p90": 172800.0}),
    "lognormal-fine-quantile": Distribution("lognormal", {"p2.5": 3600.0, "p97.5": 172800.0}),
    "weibull-shape-scale": Distribution("weibull", {"shape": 0.7, "scale": 21600.0}),
    "weibull-quantiles": Distribution("weibull", {"p10": 3600.0, "p90": 43200.0}),
    "gamma-shape-scale": Distribution("gamma", {"shape": 2.0, "scale": 10800.0}),
    "gamma-mean-sd": Distribution("gamma", {"mean": 21600.0, "sd": 10800.0}),
    "loglogistic-median-shape": Distribution("loglogistic", {"median": 21600.0, "shape": 2.0}),
    "loglogistic-scale-shape": Distribution("loglogistic", {"scale": 21600.0, "shape": 2.0}),
    "empirical": Distribution("empirical", sample=(720.0, 1080.0, 120.0, 540.0, 300.0)),
    "scipy": Distribution("scipy", {"c": 2.0, "d": 1.5, "scale": 21600.0}, scipy="burr12"),
    "scipy-loc": Distribution("scipy", {"loc": 3600.0, "scale": 7200.0}, scipy="expon"),
}


@pytest.mark.parametrize("name", DELAYS)
def test_delay(name: str) -> None:
    delay = line(resolved(name)).delay
    # Equality of mappings takes 3600 and 3600.0 for the same; their order is part of the model.
    assert delay == DELAYS[name]
    assert list(delay.given) == list(DELAYS[name].given)


@shows("every-a-distribution")
def every_a_distribution(s: Scenario) -> None:
    assert line(s).every == Distribution("uniform", {"min": 2.0 * DAY, "max": 5.0 * DAY})


@shows("answer-zero-and-one")
def answer_zero_and_one(s: Scenario) -> None:
    assert [one.answer for one in s.lines] == [0.0, 1.0]


BETA = Distribution("beta", {"a": 2.0, "b": 30.0})


@shows("prior-in-place", "prior-beta-short")
def prior_in_place(s: Scenario) -> None:
    assert line(s).answer == Uncertain("lines.call.answer")
    assert s.uncertain == (UncertainNumber("lines.call.answer", BETA, ""),)


@shows("prior-beta-mean-sd")
def prior_beta_mean_sd(s: Scenario) -> None:
    assert s.uncertain[0].prior == Distribution("beta", {"mean": 0.2, "sd": 0.1})


@shows("prior-on-duration")
def prior_on_duration(s: Scenario) -> None:
    path = "lines.call.every.exponential.mean"
    assert line(s).every == Distribution("exponential", {"mean": Uncertain(path)})
    assert s.uncertain == (UncertainNumber(path, Distribution("uniform", {"min": DAY, "max": 5 * DAY}), "s"),)


@shows("prior-on-fixed-duration")
def prior_on_fixed_duration(s: Scenario) -> None:
    assert line(s).give_up == Uncertain("lines.call.give_up")
    assert [(one.path, one.unit) for one in s.uncertain] == [("lines.call.give_up", "s")]


@shows("prior-on-odds-factor")
def prior_on_odds_factor(s: Scenario) -> None:
    assert line(s).on_contact == Effect(("call",), Uncertain("lines.call.on_contact.odds_factor"))
    assert s.uncertain[0].unit == ""


@shows("prior-on-half-life")
def prior_on_half_life(s: Scenario) -> None:
    assert line(s).on_contact == Effect(("call",), 2.0, half_life=Uncertain("lines.call.on_contact.half_life"))
    assert s.uncertain[0].unit == "s"


@shows("two-priors-in-place")
def two_priors_in_place(s: Scenario) -> None:
    assert [one.answer for one in s.lines] == [Uncertain("lines.call.answer"), Uncertain("lines.back.answer")]
    assert [one.path for one in s.uncertain] == ["lines.call.answer", "lines.back.answer"]


@shows("parameter-constant")
def parameter_constant(s: Scenario) -> None:
    assert [one.answer for one in s.lines] == [0.25, 0.25]
    assert s.uncertain == ()


@shows("parameter-with-prior")
def parameter_with_prior(s: Scenario) -> None:
    assert [one.answer for one in s.lines] == [Uncertain("parameters.reply")] * 2
    assert [one.path for one in s.uncertain] == ["parameters.reply"]


@shows("parameter-duration")
def parameter_duration(s: Scenario) -> None:
    assert line(s).every == fixed(36 * HOUR)


@shows("parameter-inside-distribution")
def parameter_inside_distribution(s: Scenario) -> None:
    assert line(s).every == Distribution("exponential", {"mean": Uncertain("parameters.pace")})
    assert [(one.path, one.unit) for one in s.uncertain] == [("parameters.pace", "s")]


STARTS = {
    "starts-at-date": Starts(3 * DAY, None, None),
    "starts-at-wait": Starts(3 * DAY, None, Distribution("uniform", {"min": 0.0, "max": 12.0 * HOUR})),
    "starts-after-event": Starts(0, After("event", "crisis", (), 2), fixed(DAY)),
}
STARTS_OF_BACK = {
    "starts-after-contact": Starts(0, After("contact", "call", ("call",), 1), None),
    "starts-after-unanswered": Starts(0, After("unanswered", "call", ("call",), 3), None),
    "starts-after-gave-up": Starts(0, After("gave_up", "call", ("call",), 1), fixed(HOUR)),
    "starts-after-contact-of-group": Starts(0, After("contact", "seniors", ("call",), 1), None),
}


@pytest.mark.parametrize("name", STARTS)
def test_starts(name: str) -> None:
    assert line(resolved(name)).starts == STARTS[name]


@pytest.mark.parametrize("name", STARTS_OF_BACK)
def test_starts_after_another_line(name: str) -> None:
    assert line(resolved(name), "back").starts == STARTS_OF_BACK[name]


UNTIL = {
    "until-contact": (False, (), ""),
    "until-horizon": (True, (), ""),
    "until-contact-of-line": (False, ("back",), "back"),
    "until-contact-of-group": (False, ("call", "back"), "everyone"),
}


@pytest.mark.parametrize("name", UNTIL)
def test_until(name: str) -> None:
    one = line(resolved(name))
    assert (one.until_horizon, one.until_contact, one.until_name) == UNTIL[name]


@shows("give-up-and-attempts")
def give_up_and_attempts(s: Scenario) -> None:
    assert (line(s).give_up, line(s).attempts) == (5.0 * DAY, 4)


@shows("call-fixed")
def call_fixed(s: Scenario) -> None:
    assert line(s).call == fixed(HOUR)


@shows("call-a-distribution")
def call_a_distribution(s: Scenario) -> None:
    assert line(s).call == Distribution("uniform", {"min": 600.0, "max": 7200.0})


@shows("unanswered-reasons")
def unanswered_reasons(s: Scenario) -> None:
    assert list(line(s).unanswered.items()) == [("declined", 0.7), ("no reply", 0.2), ("deferred: 'later'", 0.1)]


@shows("on-unanswered-and-on-contact")
def on_unanswered_and_on_contact(s: Scenario) -> None:
    assert line(s).on_unanswered == Effect(("call",), 0.98)
    assert line(s).on_contact == Effect(("call", "back"), 3.0, half_life=9.0 * DAY)


@shows("odds-factor-zero")
def odds_factor_zero(s: Scenario) -> None:
    assert line(s).on_unanswered == Effect(("call",), 0.0, lasts=float(DAY))


@shows("triggered-by-event")
def triggered_by_event(s: Scenario) -> None:
    assert (line(s).trigger, line(s).starts) == (Trigger("event", "crisis"), None)


@shows("triggered-by-gave-up")
def triggered_by_gave_up(s: Scenario) -> None:
    assert (line(s, "back").trigger, line(s, "back").starts) == (Trigger("gave_up", "call"), None)


@shows("line-title")
def line_title(s: Scenario) -> None:
    assert line(s).title == "Ann calls Bob"


@pytest.mark.parametrize("name", CHECKS)
def test_resolves_to(name: str) -> None:
    CHECKS[name](resolved(name))


@pytest.mark.parametrize(("name", "other"), [("units", "units-decimal"), ("prior-in-place", "prior-beta-mean-sd")])
def test_saboteur_the_wrong_file_fails(name: str, other: str) -> None:
    with pytest.raises(AssertionError):
        CHECKS[name](resolved(other))


def test_most_of_the_corpus_is_checked_by_value() -> None:
    checked = CHECKS.keys() | DELAYS.keys() | STARTS.keys() | STARTS_OF_BACK.keys() | UNTIL.keys()
    checked |= rest.CHECKS.keys() | rest.WINDOWS.keys() | rest.RECORDS.keys()
    assert checked <= {file.stem for file in VALID}
    assert len(checked) >= 110
