"""Critical values, p-values and places of several comparisons."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.stats import simultaneous
from sim.stats.simultaneous import clearly_different, critical_value, holm, rank_ranges


def correlated(size: int, rho: float) -> np.ndarray:
    return np.full((size, size), rho) + (1 - rho) * np.eye(size)


def test_one_comparison_has_students_quantile() -> None:
    assert critical_value(np.eye(1), 31) == pytest.approx(stats.t.ppf(0.975, 31), abs=1e-12)


def test_independent_comparisons_have_sidaks_value() -> None:
    expected = stats.norm.ppf(0.5 + 0.95 ** (1 / 4) / 2)
    assert critical_value(np.eye(4), 10**6) == pytest.approx(expected, abs=1e-4)


def test_comparisons_that_are_one_need_no_widening() -> None:
    assert critical_value(np.ones((5, 5)), 10**6) == pytest.approx(stats.norm.ppf(0.975), abs=0.03)


def test_dunnetts_value_is_found() -> None:
    """3 comparisons that correlate by 1/2, 20 degrees of freedom: 2.54 (C. W. Dunnett, Biometrics 20 (1964) 482)."""
    assert critical_value(correlated(3, 0.5), 20) == pytest.approx(2.54, abs=0.03)


def test_the_value_agrees_with_the_multivariate_normal_distribution() -> None:
    correlation = np.array([[1, 0.8, -0.3], [0.8, 1, 0.1], [-0.3, 0.1, 1]])
    c = critical_value(correlation, 10**6)
    inside = stats.multivariate_normal(np.zeros(3), correlation).cdf(np.full(3, c), lower_limit=np.full(3, -c))
    # The level of a value from 16,384 draws has the standard error 0.0017.
    assert inside == pytest.approx(0.95, abs=4.5 * 0.0017)


def test_a_singular_correlation_and_many_comparisons_are_allowed() -> None:
    twins = np.kron(np.eye(2), np.ones((2, 2)))
    assert critical_value(twins, 10**6) == pytest.approx(stats.norm.ppf(0.5 + 0.95**0.5 / 2), abs=0.03)
    assert critical_value(correlated(100, 0.9), 10**6) == pytest.approx(stats.norm.ppf(0.5 + 0.95**0.01 / 2), abs=1e-3)


def test_the_value_lies_between_students_and_sidaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the simulation says: here it says nonsense."""
    for nonsense, expected in ((0.0, 0.95), (99.0, 0.95**0.5)):
        monkeypatch.setattr(simultaneous, "_quantile", lambda *_, value=nonsense: value)
        assert critical_value(correlated(2, 0.5), 10**6) == pytest.approx(stats.norm.ppf(0.5 + expected / 2), abs=1e-4)


def test_holms_p_values_are_those_of_the_textbook() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, None, 0.8]) == [1.0, None, 1.0]
    assert holm([]) == []


def test_a_variance_that_rounding_takes_below_zero_is_none() -> None:
    """As of a line that is censored in every replication, in blocks."""
    apart = clearly_different(np.array([1.0, 2.0, 1.0]), np.diag([-4e-12, -4e-12, -4e-12]), 249)
    assert apart.tolist() == [[False, True, False], [True, False, True], [False, True, False]]


def test_places_of_scenarios_that_can_and_cannot_be_told_apart() -> None:
    estimates = np.array([10.0, 10.1, 20.0])
    apart = clearly_different(estimates, np.diag([1.0, 1.0, 1.0]), 10**6)
    assert apart.tolist() == [[False, False, True], [False, False, True], [True, True, False]]
    assert rank_ranges(estimates, apart) == [(1, 2), (1, 2), (3, 3)]


def test_a_difference_without_variance_is_known() -> None:
    """All share one number; their differences are constants."""
    estimates = np.array([1.0, 1.0, 2.0])
    apart = clearly_different(estimates, np.full((3, 3), 5.0), 10)
    assert apart.tolist() == [[False, False, True], [False, False, True], [True, True, False]]


@pytest.mark.parametrize("size", [4, 70])
def test_places_hold_together(size: int) -> None:
    """True means in two clusters: in 95 % of samples every scenario's true place is in its range."""
    true = np.repeat([0.0, 3.0], size // 2)
    rng, hits, repeats = np.random.default_rng(1), 0, 400
    covariance = 0.5 * np.eye(size) + 0.5
    root = np.linalg.cholesky(covariance)
    least = 1 + (true[:, None] > true[None, :]).sum(axis=1)
    most = size - (true[:, None] < true[None, :]).sum(axis=1)
    for _ in range(repeats):
        estimates = true + root @ rng.standard_normal(size)
        ranges = rank_ranges(estimates, clearly_different(estimates, covariance, 10**6))
        hits += all(low <= b and high >= a for (low, high), a, b in zip(ranges, least, most, strict=True))
    assert hits / repeats > 0.95 - 3 * np.sqrt(0.95 * 0.05 / repeats)


@pytest.mark.parametrize("degrees", [1, 2, 5, simultaneous.CUBE_FROM - 1, simultaneous.CUBE_FROM, 500])
def test_the_divisors_have_the_chi_distribution(degrees: int) -> None:
    found = stats.kstest(simultaneous._chi(degrees) ** 2 * degrees, stats.chi2(degrees).cdf)
    assert found.statistic < 1.95 / np.sqrt(simultaneous.DRAWS)  # the 99.9 % point of Kolmogorov's distribution


def test_the_root_of_a_singular_matrix_gives_it_back() -> None:
    rng = np.random.default_rng(5)
    rows = rng.standard_normal((3, 8))
    matrix = np.einsum("ki,kj->ij", rows, rows) + 1e-17
    root = simultaneous._root(matrix)
    assert root.shape == (8, 3)
    np.testing.assert_allclose(root @ root.T, matrix, atol=1e-12)
    assert not np.allclose(root[:, :2] @ root[:, :2].T, matrix, atol=1e-3)
