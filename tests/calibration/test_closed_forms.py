"""Posteriors against closed forms: to three digits where L is exact, else within three reported standard errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.linalg import expm

from sim.calibration.likelihood import Likelihood
from sim.calibration.posterior import Sample, sample
from sim.calibration.record import evidence_of
from sim.scenario import loads
from tests.support import DAY, line, officials, scenario, text

PRIOR = {"prior": {"beta": [2, 5]}}
MEAN = {"lognormal": {"p10": "1 d", "p90": "9 d"}}


def fit(human: dict[str, Any], draws: int = 4096, particles: int = 32) -> Sample:
    loaded = loads(text(human))
    return sample(Likelihood(loaded, evidence_of(loaded), particles), draws)


def near_digits(found: Sample, exact: Any, log_evidence: float) -> None:
    """Mean and standard deviation of the first number, and the evidence, to three digits."""
    numbers = found.numbers[:, 0]
    mean = found.weights @ numbers
    deviation = np.sqrt(found.weights @ numbers**2 - mean**2)
    assert mean == pytest.approx(exact.mean(), rel=1e-3)
    assert deviation == pytest.approx(exact.std(), rel=2e-3)
    assert found.log_evidence == pytest.approx(log_evidence, abs=2e-3)
    assert float(np.mean(found.weighed.variance)) < 1e-12


def test_beta_binomial() -> None:
    record = [{"line": "x", "from": "2022-01-01", "to": "2022-01-21", "attempts": 20, "answered": 7}]
    human = scenario({"x": line(every="1 d", until="horizon", answer=PRIOR)}, record=record)
    near_digits(fit(human, 8192), stats.beta(2 + 7, 5 + 13), stats.betabinom.logpmf(7, 20, 2, 5))


def test_beta_binomial_of_line_checks() -> None:
    record = [{"line": "x", "from": "2022-01-01", "to": "2022-01-21", "attempts": 20, "answered": "all"}]
    human = scenario({"x": line(every="1 d", until="horizon", answer=PRIOR)}, record=record)
    near_digits(fit(human, 8192), stats.beta(2 + 20, 5), stats.betabinom.logpmf(20, 20, 2, 5))


def test_beta_geometric() -> None:
    human = scenario({"x": line(every="1 d", answer=PRIOR)}, record=[{"line": "x", "contact": "2022-01-08"}])
    near_digits(fit(human, 8192), stats.beta(2 + 1, 5 + 7), np.log(stats.betabinom.pmf(1, 8, 2, 5) / 8))


def test_beta_geometric_censored() -> None:
    human = scenario({"x": line(every="1 d", answer=PRIOR)}, record=[{"line": "x", "no_contact_until": "2022-01-09"}])
    near_digits(fit(human, 8192), stats.beta(2, 5 + 8), stats.betabinom.logpmf(0, 8, 2, 5))


def posterior_of_mean(likelihood: Callable[[float], float]) -> tuple[float, float, float]:
    """(mean, prior sd, ln evidence) of a mean interval in days with the prior MEAN: quadrature over its quantiles."""
    sigma = np.log(9.0) / (2 * stats.norm.ppf(0.9))
    prior = stats.lognorm(sigma, scale=3.0)
    grid, weights = np.polynomial.legendre.leggauss(400)
    u, w = 0.5 * (grid + 1), 0.5 * weights
    x = prior.ppf(u)
    values = np.array([likelihood(one) for one in x])
    evidence = float(w @ values)
    return float(w @ (values * x)) / evidence, float(prior.std()), float(np.log(evidence))


def within_errors(found: Sample, exact: tuple[float, float, float]) -> None:
    """Within 3 reported standard errors, which are below 2 % of the prior's standard deviation."""
    mean, error = found.mean(found.numbers[:, 0] / DAY)
    assert abs(mean - exact[0]) <= 3 * error
    assert error < 0.02 * exact[1]
    assert abs(found.log_evidence - exact[2]) <= 3 * found.evidence_error
    assert found.evidence_error < 0.05


def poisson_lines(answer: float, names: str = "xw") -> dict[str, Any]:
    interval = {"exponential": {"mean": {"parameter": "mean"}}}
    return {
        name: line(
            caller=f"a{k}", callee=f"b{k}", starts={"at": "2022-01-01", "wait": interval}, every=interval, answer=answer
        )
        for k, name in enumerate(names)
    }


def test_exponential_with_censoring() -> None:
    record = [{"line": "x", "contact": "2022-01-10"}, {"line": "w", "no_contact_until": "2022-01-15"}]
    people = officials("a0", "a1", "b0", "b1")
    human = scenario(poisson_lines(0.4), officials=people, parameters={"mean": {"prior": MEAN}}, record=record)

    def likelihood(mean: float) -> float:
        rate = 0.4 / mean
        return float((np.exp(-9 * rate) - np.exp(-10 * rate)) * np.exp(-14 * rate))

    within_errors(fit(human), posterior_of_mean(likelihood))


def test_two_state_gate() -> None:
    """Two Poisson lines behind a gate: L is a product of matrix exponentials."""
    gate = {
        "affects": ["c"],
        "initially": "shut",
        "states": {
            "open": {"lasts": {"exponential": {"mean": "4 d"}}},
            "shut": {"lasts": {"exponential": {"mean": {"parameter": "mean"}}}, "odds_factor": 0.02},
        },
    }
    interval = {"exponential": {"mean": "1 d"}}
    lines = poisson_lines(0.5)
    for one in lines.values():
        one["starts"]["wait"] = one["every"] = interval
    record = [{"line": "x", "contact": "2022-01-10"}, {"line": "w", "no_contact_until": "2022-01-12"}]
    human = scenario(
        lines,
        officials=officials("a0", "a1", "b0", "b1"),
        parameters={"mean": {"prior": MEAN}},
        regimes={"gate": gate},
        record=record,
    )
    hazard = np.diag([0.5, 0.02 / 1.02])

    def likelihood(mean: float) -> float:
        rates = np.array([[-1 / 4, 1 / 4], [1 / mean, -1 / mean]])
        both, other = expm(9 * (rates - 2 * hazard)), expm(rates - hazard)
        middle = other - expm(rates - 2 * hazard)
        return float((np.array([0.0, 1.0]) @ both @ middle @ other).sum())

    within_errors(fit(human), posterior_of_mean(likelihood))


def test_quadrature() -> None:
    """The oracle itself: with nothing on record the posterior is the prior."""
    mean, deviation, evidence = posterior_of_mean(lambda _: 1.0)
    sigma = np.log(9.0) / (2 * stats.norm.ppf(0.9))
    exact, _ = integrate.quad(lambda z: 3 * np.exp(sigma * z) * stats.norm.pdf(z), -12, 12)
    assert mean == pytest.approx(exact, rel=2e-3)
    assert deviation > 1
    assert evidence == pytest.approx(0.0, abs=1e-9)
