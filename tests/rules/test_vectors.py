"""Array forms of the rules' arithmetic, and small matrices, against numpy's."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.rules import arithmetic, vectors

RNG = np.random.default_rng(7)


def test_elements_go_through_the_rules_arithmetic() -> None:
    values = RNG.uniform(0.01, 0.99, (5, 3))
    for name in ("log", "exp", "normal_cdf", "normal_quantile"):
        scalar = getattr(arithmetic, name)
        found = getattr(vectors, name)(values)
        assert found.shape == values.shape
        assert found.ravel().tolist() == [scalar(x) for x in values.ravel().tolist()], name
    assert vectors.exp(np.array([])).shape == (0,)
    assert float(vectors.log(0.5)) == arithmetic.log(0.5)


def test_log1p_keeps_the_digits_of_a_small_number() -> None:
    values = RNG.uniform(-0.999, 3.0, 2000) * 10.0 ** RNG.uniform(-14, 0, 2000)
    assert np.allclose(vectors.log1p(values), np.log1p(values), rtol=1e-15, atol=0)
    assert vectors.log1p([-1.0, 0.0]).tolist() == [-math.inf, 0.0]
    assert np.isnan(vectors.log1p([math.nan, -2.0])).all()


def test_rounding_leaves_twelve_digits() -> None:
    values = RNG.normal(size=1000) * 10.0 ** RNG.uniform(-300, 300, 1000)
    assert np.array_equal(vectors.rounded(values), vectors.rounded(values * (1 + 2e-16)))
    assert np.allclose(vectors.rounded(values), values, rtol=2.0**-40, atol=0)
    assert not np.array_equal(vectors.rounded(values), values)
    assert vectors.rounded(np.array([0.0, 1.0, -0.5, math.inf])).tolist() == [0.0, 1.0, -0.5, math.inf]


def test_products_and_factors_are_those_of_linear_algebra() -> None:
    tall = RNG.normal(size=(30, 6))
    matrix = vectors.product(tall.T, tall)
    assert np.allclose(matrix, tall.T @ tall, rtol=1e-13)
    factor = vectors.cholesky(matrix)
    assert np.allclose(factor, np.linalg.cholesky(matrix), rtol=1e-11, atol=1e-12)
    assert np.allclose(factor @ vectors.solve_lower(factor, tall.T), tall.T, rtol=1e-11, atol=1e-12)
    with pytest.raises(ValueError, match="not positive definite"):
        vectors.cholesky(np.ones((2, 2)) - 2 * np.eye(2))
