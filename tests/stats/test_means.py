"""Means, shares and differences of shares, with blocks as units where they hang together."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.stats.first_contact import count_times
from sim.stats.intervals import Estimate, difference_of_shares, means, share, student_quantile
from sim.stats.outcomes import Outcome
from sim.stats.survival import probability, restricted_mean

HORIZON = 1000


def blocked(n: int, block: int, seed: int = 1) -> np.ndarray:
    """Times of which those of a block resemble each other; a third of them censored."""
    rng = np.random.default_rng(seed)
    level = np.repeat(rng.gamma(2, 150, -(-n // block)), block)[:n]
    times = (rng.exponential(level) + 1).astype(np.int64)
    return np.where(times < HORIZON, times, -1)


@pytest.mark.parametrize(("n", "block"), [(1600, 16), (1605, 16), (500, 1), (33, 16), (7, 16)])
def test_shares_and_mean_waits_are_those_of_a_run(n: int, block: int) -> None:
    times = blocked(n, block)
    column = count_times(times, HORIZON, block)
    limited = np.where(times < 0, HORIZON, times)
    assert_alike(share(times >= 0, block), probability(column))
    wait = Outcome("any")
    assert_alike(wait.estimate(wait.of(limited, HORIZON), HORIZON, block), restricted_mean(column))


def assert_alike(one: Estimate, other: Estimate) -> None:
    assert (one.estimate, one.low, one.high) == pytest.approx((other.estimate, other.low, other.high), rel=1e-9)


def test_a_mean_of_replications_has_students_interval() -> None:
    values = np.array([1.0, 2.0, 4.0, 9.0])
    found = means(values).estimate()
    half = student_quantile(3) * values.std(ddof=1) / 2
    assert (found.estimate, found.low, found.high) == pytest.approx((4.0, 4 - half, 4 + half))
    assert means(values).estimate(least=0, most=5).high == 5


def test_blocks_that_hang_together_make_intervals_wider() -> None:
    values = np.repeat(np.random.default_rng(2).normal(size=50), 16)
    alone, blocks = means(values, 1), means(values, 16)
    assert float(blocks.error) == pytest.approx(4 * float(alone.error), rel=0.02)
    assert blocks.units == 50


def test_a_single_unit_knows_nothing_of_its_error() -> None:
    found = means(np.array([1.0, 2.0]), 16).estimate()
    assert found == Estimate(1.5, None, None)
    assert difference_of_shares(np.array([1, 0]), 16) == Estimate(0.5, -1.0, 1.0)
    with pytest.raises(ValueError, match="no replications"):
        means(np.array([]))


def test_a_difference_of_shares_is_that_of_bonett_and_price() -> None:
    changes = np.array([1] * 9 + [-1] * 3 + [0] * 88)
    found = difference_of_shares(changes)
    more, less = 10 / 102, 4 / 102
    half = 1.959964 * math.sqrt((more + less - (more - less) ** 2) / 102)
    assert (found.estimate, found.low, found.high) == pytest.approx((0.06, more - less - half, more - less + half))


def test_no_change_seen_is_not_no_change() -> None:
    found = difference_of_shares(np.zeros(1000, np.int64))
    assert found.estimate == 0
    assert found.low is not None
    assert -0.005 < found.low < -0.001
    blocks = difference_of_shares(np.zeros(1600, np.int64), 16)
    assert blocks.low is not None
    assert blocks.low < -0.01, "a hundred blocks say less than 1,600 replications"


@pytest.mark.parametrize("unit", [1, 16])
def test_differences_are_covered(unit: int) -> None:
    """2,000 repeats of 60 units: coverage of 95 % at least, less 3 of its standard errors."""
    rng, hits, repeats = np.random.default_rng(3), 0, 2000
    for _ in range(repeats):
        chance = np.repeat(rng.beta(4, 6, 60), unit)
        u = rng.random(60 * unit)
        found = difference_of_shares((u < chance).astype(int) - (u < chance / 2).astype(int), unit)
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 0.2 <= found.high
    assert hits / repeats >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / repeats)


def test_intervals_that_forget_the_blocks_do_not_cover() -> None:
    """The saboteur of the test above."""
    rng, hits = np.random.default_rng(3), 0
    for _ in range(300):
        chance = np.repeat(rng.beta(0.4, 0.6, 60), 16)
        u = rng.random(60 * 16)
        found = difference_of_shares((u < chance).astype(int) - (u < chance / 2).astype(int), 1)
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 0.2 <= found.high
    assert hits / 300 < 0.8


def test_contact_by_a_time_includes_it_and_the_horizon_does_not() -> None:
    limited = np.array([0, 9, 10, 11, 20])
    assert Outcome("any", 10).of(limited, 20).tolist() == [1, 1, 1, 0, 0]
    assert Outcome("any", 20).of(limited, 20).tolist() == [1, 1, 1, 1, 0]
    assert Outcome("any").of(limited, 20).tolist() == limited.tolist()


def test_outcomes_differ_by_replication() -> None:
    one, other = np.array([5, 5, 20]), np.array([8, 5, 20])
    wait, soon = Outcome("any"), Outcome("any", 6)
    assert wait.difference(other, one, 20).estimate == 1.0
    assert soon.difference(soon.of(one, 20), soon.of(other, 20), 20).estimate == pytest.approx(1 / 3)
