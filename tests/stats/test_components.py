"""Chance and numbers that are not known, told apart."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.stats.components import Components, of_contact, of_restricted_mean
from sim.stats.first_contact import tally

HORIZON = 1000


def by_hand(values: NDArray[np.float64], block: int) -> Components:
    """The analysis of variance as the textbooks have it, block by block."""
    blocks = [values[start : start + block] for start in range(0, len(values), block)]
    n, k, mean = len(values), len(blocks), values.mean()
    among = sum(len(one) * (one.mean() - mean) ** 2 for one in blocks) / (k - 1)
    within = sum(((one - one.mean()) ** 2).sum() for one in blocks) / (n - k)
    squares = sum(len(one) ** 2 for one in blocks)
    between = max(0.0, (among - within) / ((n - squares / n) / (k - 1)))
    error = math.sqrt(between * squares / n**2 + within / n)
    return Components(float(mean), math.sqrt(between), math.sqrt(within), error)


def times(rng: np.random.Generator, blocks: int, block: int, a: float, b: float) -> NDArray[np.int64]:
    """Contact with a probability drawn for each block from Beta(a, b), at a uniform second."""
    chance = np.repeat(rng.beta(a, b, blocks), block)
    happened = rng.random(blocks * block) < chance
    return np.where(happened, rng.integers(0, HORIZON, blocks * block), -1)


@pytest.mark.parametrize("n", [64, 61, 17])
def test_sums_give_what_the_textbook_gives(n: int) -> None:
    found = times(np.random.default_rng(5), 4, 16, 1.0, 2.0)[:n]
    column = tally(found, HORIZON, 16)
    limited = np.where(found < 0, HORIZON, found).astype(float)
    for parts, values in ((of_contact(column), (found >= 0).astype(float)), (of_restricted_mean(column), limited)):
        assert parts is not None
        wanted = by_hand(values, 16)
        for name in ("mean", "between", "within", "error", "share"):
            assert getattr(parts, name) == pytest.approx(getattr(wanted, name), rel=1e-9, abs=1e-12), name


def test_the_spread_of_a_beta_prior_is_found() -> None:
    """The probability has the variance ab/((a + b)²(a + b + 1)); a bias of 4 % of it would be seen."""
    rng, a, b = np.random.default_rng(11), 2.0, 3.0
    truth = a * b / ((a + b) ** 2 * (a + b + 1))
    found = []
    for _ in range(40):
        parts = of_contact(tally(times(rng, 1000, 16, a, b), HORIZON, 16))
        assert parts is not None
        found.append(parts.between**2)
    error = np.std(found, ddof=1) / math.sqrt(len(found))
    assert abs(np.mean(found) - truth) < 4.5 * error
    assert 4.5 * error < 0.04 * truth
    # Saboteur: blocks that share nothing have no spread to be found.
    rng.shuffle(mixed := times(rng, 1000, 16, a, b))
    parts = of_contact(tally(mixed, HORIZON, 16))
    assert parts is not None
    assert abs(parts.between**2 - truth) > 4.5 * np.std(found, ddof=1)


def test_the_standard_error_is_that_of_repeats() -> None:
    """Within 4.5 standard errors of a standard deviation of 400 repeats: a bias of a sixth would be seen."""
    rng = np.random.default_rng(3)
    means, errors = [], []
    for _ in range(400):
        parts = of_contact(tally(times(rng, 50, 16, 2.0, 3.0), HORIZON, 16))
        assert parts is not None
        means.append(parts.mean)
        errors.append(parts.error)
    assert np.std(means, ddof=1) == pytest.approx(np.mean(errors), rel=4.5 / math.sqrt(2 * 400))


def test_where_nothing_varies_nothing_is_shared() -> None:
    parts = of_contact(tally(np.full(32, -1, np.int64), HORIZON, 16))
    assert parts == Components(0.0, 0.0, 0.0, 0.0)
    assert parts.share == 0.0


@pytest.mark.parametrize(("n", "block"), [(64, 1), (16, 16), (0, 16)])
def test_too_few_blocks_tell_nothing(n: int, block: int) -> None:
    column = tally(np.arange(n, dtype=np.int64), HORIZON, block)
    assert of_contact(column) is None
    assert of_restricted_mean(column) is None
