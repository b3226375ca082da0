"""Records of many hundred attempts behind a gate that has to switch when they say so, against exact sums.

Attempts at fixed times behind a gate with exponential sojourns are a hidden Markov chain, whose likelihood is a product
of matrices.
"""

from __future__ import annotations

from math import exp
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import sim
from sim.calibration.likelihood import Likelihood, log_mean
from sim.calibration.named import load_with_priors
from sim.calibration.record import evidence_of
from sim.calibration.spans import Span, Spans
from sim.scenario import loads
from sim.scenario.resolved import Scenario
from tests.support import DAY, line, scenario, text

ROWS = 96
PARTICLES = 64
MOST_SPREAD = 0.6
"""Of ln L. Where particles that switched in time were resampled away, it was above ten."""

GATE = {
    "affects": ["x"],
    "initially": "open",
    "states": {
        "open": {"lasts": {"exponential": {"mean": {"prior": {"lognormal": {"median": "60 d", "sigma": 1}}}}}},
        "shut": {"lasts": {"exponential": {"mean": "20 d"}}, "odds_factor": 0},
    },
}
RECORD = [
    {"line": "x", "from": "2022-01-01", "to": "2022-03-02", "state": "open"},
    {"line": "x", "from": "2022-03-02", "to": "2022-04-11", "state": "shut"},
    {"line": "x", "from": "2022-04-11", "to": "2022-04-16", "state": "open"},
    {"line": "x", "from": "2022-04-16", "to": "2022-05-06", "state": "shut"},
]


def daily() -> Scenario:
    """A check each midnight; of four spells of 60, 40, 5 and 20 days."""
    checks = line(every="1 d", until="horizon", answer=0.98)
    return loads(text(scenario({"x": checks}, end="2022-05-06", regimes={"pyongyang": GATE}, record=RECORD)))


def switching(gap: float, open_mean: float, shut_mean: float) -> NDArray[np.float64]:
    """From open or shut to open or shut after `gap` seconds."""
    total = 1 / open_mean + 1 / shut_mean
    at_last = np.array([1 / shut_mean, 1 / open_mean]) / total
    fades = exp(-gap * total)
    moved: NDArray[np.float64] = at_last + fades * (np.eye(2) - at_last)
    return moved


def spread(scenario: Scenario, numbers: list[float], rows: int = ROWS) -> tuple[float, float, float, float]:
    """(ln of the mean of L, its standard error, the sd of ln L, the mean relative variance reported)."""
    likelihood = Likelihood(scenario, evidence_of(scenario), PARTICLES, seed=3)
    weighed = likelihood.weigh(np.array([numbers] * rows))
    logs = weighed.log_likelihood
    middle = log_mean(logs)
    error = float(np.exp(logs - middle).std(ddof=1) / np.sqrt(rows))
    return middle, error, float(logs.std(ddof=1)), float(weighed.variance.mean())


def exact_daily(open_mean: float) -> float:
    state = np.array([1.0, 0.0])
    for day in range(125):
        if day:
            state = state @ switching(DAY, open_mean, 20 * DAY)
        is_open = day < 60 or 100 <= day < 105
        state = state * (np.array([0.98, 0.0]) if is_open else np.array([0.02, 1.0]))
    return float(np.log(state.sum()))


@pytest.mark.parametrize("days", [15, 60, 240])
def test_four_spells(days: int) -> None:
    middle, error, deviation, reported = spread(daily(), [days * DAY])
    assert abs(middle - exact_daily(days * DAY)) < 4.5 * error
    assert deviation < MOST_SPREAD
    # The variance reported is of L; that of ln L is about the same where it is small.
    assert 0.3 < reported / deviation**2 < 3.0


def test_without_the_spans_the_switches_are_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(self: Spans, lines: Any) -> list[list[Span]]:
        return [[]]

    monkeypatch.setattr(Spans, "by_regime", none)
    likelihood = Likelihood(daily(), evidence_of(daily()), PARTICLES, seed=3)
    logs = likelihood.weigh(np.array([[240.0 * DAY]] * 16)).log_likelihood
    assert not np.all(np.isfinite(logs)) or logs.std() > 4 * MOST_SPREAD


def exact_between_the_koreas(scenario: Scenario, open_mean: float, shut_mean: float, answer: float) -> float:
    """Over (state of the gate, answers so far on the day on which one of two checks was answered)."""
    checks = [(h.second, h.name) for h in sim.trace(scenario, 1, 0).log_entries if h.what == "attempt"]
    counts = [entry for entry in scenario.record if entry.attempts is not None]
    (mixed,) = [entry for entry in counts if entry.answered == (1, 1)]
    for entry in counts:
        assert entry.attempts is not None
        made = sum(name == entry.line and entry.start <= second < entry.end for second, name in checks)
        assert entry.attempts[0] <= made <= entry.attempts[1]
    chances = np.zeros((2, 3))
    chances[0, 0] = 1.0
    last = 0
    for second, name in checks:
        chances = switching(second - last, open_mean, shut_mean).T @ chances
        last = second
        says = [e for e in scenario.record if e.line == name and e.start <= second < e.end]
        answered = chances * np.array([[answer], [0.0]])
        unanswered = chances * np.array([[1 - answer], [1.0]])
        if mixed in says:
            chances = unanswered + np.roll(answered, 1, axis=1)
        elif any(e.state == "open" or e.all_answered for e in says):
            chances = answered
        elif says:
            chances = unanswered
    return float(np.log(chances[:, 1].sum()))


@pytest.mark.parametrize(("open_days", "shut_days", "answer"), [(343, 259, 0.9985), (100, 100, 0.995)])
def test_the_record_between_the_koreas(open_days: int, shut_days: int, answer: float) -> None:
    loaded = load_with_priors("scenarios/inter-korean-2018-2021.yaml").scenario
    middle, error, deviation, _ = spread(loaded, [open_days * DAY, shut_days * DAY, answer], 48)
    exact = exact_between_the_koreas(loaded, open_days * DAY, shut_days * DAY, answer)
    assert abs(middle - exact) < 4.5 * error
    assert deviation < 2 * MOST_SPREAD
