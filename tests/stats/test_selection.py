"""Selection of the best policy: guarantees under correlation, fixed effort, and a greedy budget against enumeration."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.stats.selection import Elimination, allocation, marginal_allocation

OPTIONS, ZONE, CONFIDENCE, FIRST = 5, 0.2, 0.9, 20


def observations(generator: np.random.Generator, count: int, correlation: float) -> NDArray[np.float64]:
    """Slippage configuration: policy 3 is better than all others by the indifference zone; unit variances."""
    common = generator.normal(size=(count, 1))
    own = generator.normal(size=(count, OPTIONS))
    means = np.where(np.arange(OPTIONS) == 3, ZONE, 0.0)
    return np.asarray(means + correlation**0.5 * common + (1 - correlation) ** 0.5 * own)


def select(seed: int, correlation: float) -> tuple[int, int]:
    """The policy that is selected, and the observations of each policy that it took."""
    generator = np.random.default_rng(seed)
    elimination = Elimination(OPTIONS, ZONE, CONFIDENCE, FIRST)
    elimination.begin(observations(generator, FIRST, correlation))
    while not elimination.decided:
        elimination.observe(observations(generator, 50, correlation))
    return elimination.remaining[0], elimination.observations


def check_guarantee(correlation: float, repeats: int) -> None:
    correct = sum(select(seed, correlation)[0] == 3 for seed in range(repeats))
    assert correct / repeats > CONFIDENCE - 4.5 * (CONFIDENCE * (1 - CONFIDENCE) / repeats) ** 0.5


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_the_best_policy_is_selected_as_often_as_stated(correlation: float) -> None:
    check_guarantee(correlation, 60)


@pytest.mark.deep
@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6, 0.9])
def test_the_guarantee_over_many_repeats(correlation: float) -> None:
    check_guarantee(correlation, 500)


def test_independent_seeds_need_at_least_three_times_the_replications() -> None:
    together = np.mean([select(seed, 0.9)[1] for seed in range(30)])
    apart = np.mean([select(seed, 0.0)[1] for seed in range(30)])
    assert apart > 3 * together


def test_equal_policies_without_variance_end() -> None:
    elimination = Elimination(2, 0.1, 0.9, 2)
    elimination.begin(np.ones((2, 2)))
    elimination.observe(np.ones((50, 2)))
    assert elimination.remaining == [0]


def test_senseless_demands_are_refused() -> None:
    with pytest.raises(ValueError, match="indifference zone is nan"):
        Elimination(2, float("nan"), 0.9, 10)
    with pytest.raises(ValueError, match=r"confidence is 0\.2"):
        Elimination(5, 0.1, 0.2, 10)
    with pytest.raises(ValueError, match="1 first observations are too few"):
        Elimination(5, 0.1, 0.9, 1)


def test_a_fixed_effort_goes_to_the_policies_that_are_hard_to_tell_from_the_best() -> None:
    counts = allocation(np.array([1.0, 0.9, 0.2]), np.array([1.0, 1.0, 1.0]), 1000)
    assert counts.sum() == 1000
    assert counts[1] > 20 * counts[2]
    assert abs(counts[0] - counts[1]) < 0.1 * counts[1]


def test_marginal_allocation_equals_enumeration() -> None:
    gains = [[1 - 0.8**n for n in range(1, 8)], [0.5 * (1 - 0.6**n) for n in range(1, 8)], [0.0] * 7]
    best = max(
        (sum(own[n - 1] for own, n in zip(gains, counts, strict=True) if n), counts)
        for counts in product(range(8), repeat=3)
        if sum(counts) <= 7
    )
    found = marginal_allocation(gains, 7)
    assert sum(own[n - 1] for own, n in zip(gains, found, strict=True) if n) == pytest.approx(best[0])
    assert found[2] == 0
