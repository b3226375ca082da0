"""The posterior: the same numbers on every run, and a refusal where they cannot be relied on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sim.calibration.checks import against, leave_out, predictive, sensitivity
from sim.calibration.fit import Calibration, calibrate
from sim.calibration.pareto import fit, pareto_k
from sim.calibration.posterior import Diagnosis, equal_draws, insist, weighted_quantiles
from sim.runs.errors import RunFailed, RunRefused
from sim.scenario import loads
from tests.support import line, scenario, text

PRIOR = {"prior": {"beta": [2, 5]}}


def human(record: list[dict[str, Any]], **lines: dict[str, Any]) -> dict[str, Any]:
    return scenario(lines or {"x": line(every="1 d", answer=PRIOR)}, record=record)


def fitted(record: list[dict[str, Any]], draws: int = 512, **kwargs: Any) -> Calibration:
    return calibrate(loads(text(human(record))), draws=draws, **kwargs)


CONTACT = [{"line": "x", "contact": "2022-01-08"}]


def test_the_same_numbers_on_every_run() -> None:
    one, two, other = fitted(CONTACT), fitted(CONTACT), fitted(CONTACT, seed=2)
    assert np.array_equal(one.sample.numbers, two.sample.numbers)
    assert np.array_equal(one.sample.weights, two.sample.weights)
    assert not np.array_equal(one.sample.weights, other.sample.weights)


def test_a_number_that_the_record_says_nothing_of_repeats_its_prior() -> None:
    lines = {"x": line(every="1 d", answer=PRIOR), "w": line(caller="a", every="1 d", answer=PRIOR)}
    found = calibrate(loads(text(human(CONTACT, **lines))), draws=1024)
    told, untold = found.numbers
    assert untold.verdict == "repeats its prior"
    assert abs(untold.removed) < 0.05
    assert told.verdict != "repeats its prior"
    assert told.removed > 0.2


def test_nothing_to_calibrate() -> None:
    with pytest.raises(RunRefused, match="no number of the scenario has a prior"):
        calibrate(loads(text(human(CONTACT, x=line(every="1 d", answer=0.5)))))
    with pytest.raises(RunRefused, match="no entry that was known by then"):
        fitted(CONTACT, as_of=86_400)
    with pytest.raises(RunRefused, match="too few; expected at least 256"):
        fitted(CONTACT, draws=100)


def test_as_of_leaves_out_what_was_not_known() -> None:
    record = [{"line": "x", "no_contact_until": "2022-01-03"}, *CONTACT]
    early = fitted(record, as_of=4 * 86_400)
    assert early.evidence.entries == (0,)
    mean, error = early.sample.mean(early.sample.numbers[:, 0])
    assert abs(mean - 2 / 9) < 4.5 * error


def test_a_record_that_cannot_come_about_is_named() -> None:
    # Attempts are made at midnight and answered at once, so there is no contact at noon.
    record = [{"line": "x", "contact": "2022-01-08 12:00"}]
    with pytest.raises(RunFailed, match=r"record\.0 \(x: contact 2022-01-08\)"):
        fitted(record)


def test_a_bad_sample_is_refused() -> None:
    found = fitted(CONTACT).sample
    insist(found)
    few = replace(found, diagnosis=replace(found.diagnosis, effective=12.0))
    with pytest.raises(RunFailed, match=r"effective sample size is 12 of 512.*take more draws \(2048\)"):
        insist(few)
    heavy = replace(found, diagnosis=replace(found.diagnosis, pareto_k=0.9))
    with pytest.raises(RunFailed, match=r"Pareto k 0\.90"):
        insist(heavy)
    assert "effective" in Diagnosis(10, float("nan"), 0.1, 0.0, 0.0).trouble


@pytest.mark.parametrize("shape", [0.1, 0.4, 0.8])
def test_pareto_shape(shape: float) -> None:
    # The standard error of k is about (1 + k)/sqrt(n): a bias of 0.06 would be seen.
    excess = np.sort(stats.genpareto(shape).rvs(20_000, random_state=np.random.default_rng(3)))
    k, sigma = fit(excess)
    assert abs(k - shape) < 4.5 * (1 + shape) / np.sqrt(20_000)
    assert abs(sigma - 1) < 0.1


def test_pareto_shape_of_weights() -> None:
    generator = np.random.default_rng(4)
    even, heavy = generator.random(4000), stats.pareto(1.0).rvs(4000, random_state=generator)
    assert pareto_k(even) < 0.3
    assert pareto_k(heavy) > 0.7
    assert np.isnan(pareto_k(np.ones(10)))


def test_equal_draws_stand_for_the_posterior() -> None:
    found = fitted(CONTACT, draws=1024).sample
    rows = equal_draws(found, 4096, seed=1)
    mean, error = found.mean(found.numbers[:, 0])
    assert abs(found.numbers[rows, 0].mean() - mean) < 5e-3 + 4.5 * error


def test_weighted_quantiles() -> None:
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([0.5, 0.25, 0.25])
    assert weighted_quantiles(values, weights, (0.1, 0.25, 0.5, 0.51, 1.0)) == [1.0, 1.0, 2.0, 3.0, 3.0]


def test_predictive_places() -> None:
    """At the posterior, the first contact is Beta-geometric; the entry's share below is known."""
    found = fitted([{"line": "x", "contact": "2022-01-01"}], draws=2048)
    (placed,) = predictive(found)
    # The posterior is Beta(3, 5): a new first attempt is answered with probability 3/8.
    assert placed.probability == pytest.approx(3 / 8, abs=0.03)
    assert placed.percentile == pytest.approx(3 / 16, abs=0.015)
    assert not placed.unusual


def in_conflict(answered: object) -> dict[str, Any]:
    """Forty daily attempts on a line whose answer is believed to be about 0.91."""
    record = [{"line": "x", "from": "2022-01-01", "to": "2022-02-10", "attempts": 40, "answered": answered}]
    lines = {"x": line(every="1 d", until="horizon", answer={"prior": {"beta": [20, 2]}})}
    return scenario(lines, end="2022-03-01", record=record)


def test_answers_that_the_fitted_model_hardly_gives_are_unusual() -> None:
    """Two answers of forty: all replicated records have forty attempts, and 1.8e-4 of them so few answers."""
    found = calibrate(loads(text(in_conflict(2))), draws=1024)
    (entry,) = predictive(found)
    assert entry.percentile == 0.5
    assert entry.answers is not None
    assert entry.answers < 0.01
    assert entry.tail < 0.005
    assert entry.unusual
    (number,) = found.numbers
    assert number.verdict == "at odds with its prior"


@pytest.mark.parametrize(
    ("answered", "low", "high"), [(36, 0.2, 0.8), ("all", 0.5, 0.97), ({"min": 30, "max": 40}, 0.2, 0.8)]
)
def test_answers_that_the_fitted_model_gives_are_not(answered: object, low: float, high: float) -> None:
    found = calibrate(loads(text(in_conflict(answered))), draws=1024)
    (entry,) = predictive(found)
    assert entry.answers is not None
    assert low < entry.answers < high
    assert not entry.unusual
    assert found.numbers[0].verdict != "at odds with its prior"


def test_leaving_out_the_only_line_scores_its_prior() -> None:
    found = fitted(CONTACT, draws=1024)
    left = leave_out(found, "x", 1024)
    exact = np.log(stats.betabinom.pmf(1, 8, 2, 5) / 8)
    assert left.log_score == pytest.approx(exact, abs=0.02)
    assert left.log_alone == pytest.approx(left.log_score, abs=0.02)
    with pytest.raises(ValueError, match="is not in list"):
        leave_out(found, "nobody", 1024)


def test_rivals() -> None:
    """Against a rival whose answer is known the Bayes factor is a ratio of closed forms."""
    found = fitted(CONTACT, draws=1024)
    sharper = scenario({"x": line(every="1 d", answer={"prior": {"beta": [20, 140]}})}, record=CONTACT)
    compared = against(found, calibrate(loads(text(sharper)), draws=1024))
    exact = np.log(stats.betabinom.pmf(1, 8, 2, 5) / stats.betabinom.pmf(1, 8, 20, 140))
    assert compared.log_factor == pytest.approx(exact, abs=0.03)
    assert compared.words == "hardly a difference"
    other = scenario({"x": line(every="1 d", answer=PRIOR)}, record=[{"line": "x", "contact": "2022-01-09"}])
    with pytest.raises(RunRefused, match="another record"):
        against(found, calibrate(loads(text(other)), draws=1024))


def test_sensitivity_to_the_prior() -> None:
    """A silent line's chance of a contact to come rises with the prior of its answer."""
    found = fitted([{"line": "x", "no_contact_until": "2022-01-20"}], draws=1024, paths=True)
    (moved,) = sensitivity(found)
    assert moved.lower < moved.as_written < moved.higher
    assert moved.telling
