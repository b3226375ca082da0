"""The loss of a common cause."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.stats.attribution import redundancy


def test_independent_lines_pay_nothing_within_the_error() -> None:
    """Three lines with 0.2, 0.5 and 0.3 by t, 20,000 replications: a loss of a hundredth would be seen."""
    contacts = np.random.default_rng(1).random((20_000, 3)) < [0.2, 0.5, 0.3]
    found = redundancy("any", 10, contacts)
    exact = 1 - 0.8 * 0.5 * 0.7
    error = math.sqrt(exact * (1 - exact) / 20_000)
    assert found.simulated.estimate == pytest.approx(exact, abs=4.5 * error)
    assert found.independent.estimate == pytest.approx(exact, abs=4.5 * error)
    assert found.loss.low is not None
    assert found.loss.high is not None
    assert found.loss.low < 0 < found.loss.high
    assert found.loss.high - found.loss.low < 0.02
    assert found.best.estimate == pytest.approx(0.5, abs=4.5 * math.sqrt(0.25 / 20_000))


def test_one_gate_for_all_costs_what_the_closed_form_says() -> None:
    """Four lines that all have contact or none, with probability 0.3: 1 − 0.7⁴ − 0.3."""
    contacts = np.repeat(np.random.default_rng(2).random((20_000, 1)) < 0.3, 4, axis=1)
    found = redundancy("any", 10, contacts)
    slope = 4 * 0.7**3 - 1
    error = slope * math.sqrt(0.21 / 20_000)
    assert found.loss.estimate == pytest.approx(0.7 - 0.7**4, abs=4.5 * error)
    assert found.loss.high is not None
    assert found.loss.low is not None
    assert found.loss.high - found.loss.low == pytest.approx(2 * 1.96 * error, rel=0.05)


@pytest.mark.parametrize("unit", [1, 16])
def test_prices_are_covered(unit: int) -> None:
    """1,000 repeats of 100 units of a gate that opens with 0.4 for a block, behind it lines with 0.5 and 0.6."""
    rng, hits, repeats = np.random.default_rng(3), 0, 1000
    loss = 1 - (1 - 0.4 * 0.5) * (1 - 0.4 * 0.6) - 0.4 * (1 - 0.5 * 0.4)
    for _ in range(repeats):
        gate = np.repeat(rng.random((100, 1)) < 0.4, unit, axis=0)
        found = redundancy("any", 1, gate & (rng.random((100 * unit, 2)) < [0.5, 0.6]), unit).loss
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= loss <= found.high
    assert hits / repeats >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / repeats)


def test_what_was_not_seen_is_not_ruled_out() -> None:
    """Two lines of 200 contacts each in 10,000 replications, never in the same one though four are expected."""
    contacts = np.zeros((10_000, 2), np.bool_)
    contacts[:200, 0] = contacts[200:400, 1] = True
    found = redundancy("any", 10, contacts).loss
    assert found.low is not None
    assert found.high is not None
    assert found.estimate == pytest.approx(-4e-4)
    assert 4e-4 < found.high - found.low < 8e-4


def test_certain_and_impossible_lines_have_a_price_of_zero() -> None:
    contacts = np.zeros((50, 3), np.bool_)
    contacts[:, 1] = True
    found = redundancy("any", 1, contacts)
    assert (found.simulated.estimate, found.independent.estimate, found.loss.estimate) == (1, 1, 0)
