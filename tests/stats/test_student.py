"""Student's and Fisher's distributions against SciPy's."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from sim.stats.student import LARGE, fisher_quantile, student_tail, student_tail_quantile

DEGREES = (1, 2, 3, 7, 30, 100, LARGE - 1, LARGE, LARGE + 1, 3999, 10**6)


@pytest.mark.parametrize("degrees", DEGREES)
@pytest.mark.parametrize("t", [0.0, 1e-3, 0.5, 1.7, 1.96, 2.5, 4.0, 9.0])
def test_tails_are_those_of_scipy(degrees: int, t: float) -> None:
    assert student_tail(t, degrees) == pytest.approx(stats.t.sf(t, degrees), rel=1e-10)


@pytest.mark.parametrize("degrees", DEGREES)
@pytest.mark.parametrize("tail", [0.5, 0.2, 0.025, 0.025 / 12, 1e-6])
def test_quantiles_are_those_of_scipy(degrees: int, tail: float) -> None:
    assert student_tail_quantile(tail, degrees) == pytest.approx(stats.t.isf(tail, degrees), rel=1e-11, abs=1e-12)


def test_an_expansion_for_few_degrees_would_be_seen() -> None:
    """Saboteur: what is right from 200 degrees of freedom on is not from 5 on."""
    a = 5 - 0.5
    y, b = a * math.log1p(4.0 / 5), 48.0 * a * a
    above = (((-0.4 * y - 3.3) * y - 24.0) * y - 85.5) / (0.8 * y * y + 100.0 + b) + y + 3.0
    assert stats.norm.sf((above / b + 1.0) * math.sqrt(y)) != pytest.approx(stats.t.sf(2.0, 5), rel=1e-10)


@pytest.mark.parametrize(("above", "below"), [(1, 1), (4, 60), (62, 938), (5000, 5000), (62_500, 937_500)])
def test_quantiles_of_f_are_those_of_scipy(above: int, below: int) -> None:
    assert fisher_quantile(0.95, above, below) == pytest.approx(stats.f.ppf(0.95, above, below), rel=1e-10)
