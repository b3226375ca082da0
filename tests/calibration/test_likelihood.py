"""The likelihood against enumeration: unbiased, with a standard error that is right, on small coupled scenarios."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.calibration.likelihood import Likelihood
from sim.calibration.record import evidence_of
from sim.rules.random import Purpose
from sim.scenario import loads
from tests.calibration import enumeration
from tests.support import DEEP, line, officials, scenario, text

ROWS = 4000 if DEEP else 600
PARTICLES = 16

Case = tuple[dict[str, Any], dict[tuple[str, str, Purpose], int]]

SHORT = {"empirical": ["0 s", "5 h"]}
DELAYS = {"empirical": ["0 s", "6 h", "30 h"]}


def mutual() -> Case:
    """Two lines to one callee: calls make it busy and put contacts off, a contact helps the other line, a refusal harms
    it."""
    lines = {
        "x": line(
            caller="a1",
            every="1 d",
            answer=0.3,
            delay=DELAYS,
            call="9 h",
            on_contact={"affects": ["w"], "odds_factor": 4, "lasts": "40 h"},
        ),
        "w": line(
            caller="a2",
            starts={"at": "2022-01-01 04:00"},
            every="20 h",
            answer=0.4,
            delay=DELAYS,
            call="14 h",
            on_unanswered={"affects": ["x"], "odds_factor": 0.5},
        ),
    }
    record = [
        {"line": "x", "contact": {"from": "2022-01-02 00:00", "to": "2022-01-03"}},
        {"line": "w", "no_contact_until": "2022-01-02 12:00"},
    ]
    atoms = {("line", name, Purpose.DELAY): 3 for name in "xw"}
    return scenario(lines, end="2022-01-04 06:00", officials=officials("a1", "a2", "b"), record=record), atoms


def busy() -> Case:
    """A line that goes on after each call, its callee kept busy by another one; counts as ranges and exactly."""
    lines = {
        "x": line(
            caller="a1", every="12 h", until="horizon", answer=0.5, delay={"empirical": ["0 s", "5 h"]}, call="1 h"
        ),
        "w": line(caller="a2", starts={"at": "2022-01-01 06:00"}, every="17 h", answer=0.5, call="15 h"),
    }
    record = [
        {"line": "x", "from": "2022-01-01", "to": "2022-01-02 12:00", "attempts": {"min": 2, "max": 3}, "answered": 1},
        {"line": "w", "contact": "2022-01-02"},
        {"line": "x", "contact": "2022-01-02"},
    ]
    atoms = {("line", "x", Purpose.DELAY): 2}
    return scenario(lines, end="2022-01-03 03:00", officials=officials("a1", "a2", "b"), record=record), atoms


def gated() -> Case:
    """A gate that opens and shuts at random behind two lines; spells on one, a silence and a contact on the other."""
    sojourn = {"empirical": ["20 h", "34 h"]}
    lines = {
        "x": line(caller="a1", callee="b1", every="12 h", until="horizon", answer=0.9),
        "w": line(caller="a2", callee="b2", every="20 h", answer=0.6, delay={"empirical": ["1 h", "12 h"]}),
    }
    gate = {
        "affects": ["c"],
        "initially": {"open": 0.5, "shut": 0.5},
        "states": {"open": {"lasts": sojourn}, "shut": {"lasts": sojourn, "odds_factor": 0.05}},
    }
    record = [
        {"line": "x", "from": "2022-01-01 00:00", "to": "2022-01-02 04:00", "state": "open"},
        {"line": "x", "from": "2022-01-02 06:00", "to": "2022-01-03 01:00", "state": "shut"},
        {"line": "w", "no_contact_until": "2022-01-01 20:00"},
        {"line": "w", "contact": "2022-01-02"},
    ]
    atoms = {("regime", "gate", Purpose.INTERVAL): 2, ("line", "w", Purpose.DELAY): 2}
    people = officials("a1", "a2", "b1", "b2")
    half = {("regime", "gate", Purpose.WAIT): 2}
    return scenario(
        lines, end="2022-01-03 02:00", officials=people, regimes={"gate": gate}, record=record
    ), atoms | half


def chained() -> Case:
    """A line that gives up hands over to another one; waits and intervals are random too."""
    lines = {
        "x": line(
            caller="a1",
            callee="b1",
            starts={"at": "2022-01-01", "wait": {"empirical": ["0 h", "7 h"]}},
            every={"empirical": ["6 h", "11 h"]},
            answer=0.3,
            attempts=3,
            delay={"empirical": ["2 h", "20 h"]},
        ),
        "z": line(caller="a2", callee="b2", triggered_by={"gave_up": "x"}, every="8 h", answer=0.5, give_up="30 h"),
    }
    record = [
        {"line": "x", "no_contact_until": "2022-01-01 18:00"},
        {"line": "z", "contact": "2022-01-02"},
        {"line": "z", "from": "2022-01-01", "to": "2022-01-02 22:00", "attempts": {"min": 1, "max": 2}},
    ]
    atoms = {
        ("line", "x", Purpose.WAIT): 2,
        ("line", "x", Purpose.INTERVAL): 2,
        ("line", "x", Purpose.DELAY): 2,
    }
    return scenario(lines, end="2022-01-03 12:00", officials=officials("a1", "a2", "b1", "b2"), record=record), atoms


def tired() -> Case:
    """A line that its own refusals tire, so that its outcomes can be summed; its contact ends the other's request."""
    lines = {
        "x": line(
            caller="a1",
            callee="b1",
            every="9 h",
            answer=0.5,
            delay=DELAYS,
            on_unanswered={"odds_factor": 0.7},
        ),
        "w": line(caller="a2", callee="b2", every="11 h", answer=0.3, until={"contact": "x"}, delay=DELAYS),
    }
    record = [
        {"line": "x", "contact": {"from": "2022-01-02 00:00", "to": "2022-01-02"}},
        {"line": "w", "no_contact_until": "2022-01-03"},
    ]
    atoms = {("line", name, Purpose.DELAY): 3 for name in "xw"}
    return scenario(lines, end="2022-01-03 06:00", officials=officials("a1", "a2", "b1", "b2"), record=record), atoms


CASES = {case.__name__: case for case in (mutual, busy, gated, chained, tired)}


def estimates(human: dict[str, Any], rows: int = ROWS, seed: int = 1) -> tuple[Any, Any]:
    """(L, relative variance) of many independent estimates."""
    loaded = loads(text(human))
    weighed = Likelihood(loaded, evidence_of(loaded), particles=PARTICLES, seed=seed).weigh(np.zeros((rows, 0)))
    return np.exp(weighed.log_likelihood), weighed.variance


@pytest.mark.parametrize("name", CASES)
def test_unbiased(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    human, atoms = CASES[name]()
    exact = enumeration.likelihood(monkeypatch, human, atoms)
    assert 1e-4 < exact < 0.9
    found, variance = estimates(human)
    error = found.std(ddof=1) / np.sqrt(len(found))
    assert abs(found.mean() - exact) <= 4.5 * error + 1e-12
    # The bias that would be seen: a few per cent of L.
    assert error < 0.04 * exact
    # The reported variance is that of the estimates. Squares of deviations have heavy tails, hence their own error.
    squares = (found - found.mean()) ** 2
    reported = np.where(np.isfinite(variance), variance, 0.0) * found**2
    spread = np.sqrt(squares.var() / len(found) + reported.var() / len(found))
    assert abs(squares.mean() - reported.mean()) <= 4.5 * spread + 1e-12 * exact**2
