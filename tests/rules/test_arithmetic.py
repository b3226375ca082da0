"""The package's own log, exp, exp2 and normal quantile against exact values."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy.special import ndtri

from sim.rules import arithmetic
from sim.rules.arithmetic import exp, exp2, log, logit, normal_cdf, normal_quantile

RNG = np.random.default_rng(20220224)
UNIFORMS = [*((k + 0.5) * 2.0**-52 for k in (0, 1, 2, 2**51 - 1, 2**51, 2**52 - 1)), *RNG.random(4000).tolist()]


def ulps(found: float, exact: Decimal) -> float:
    """The distance from an exact value in units of the last place of the double nearest to it."""
    with localcontext() as context:
        context.prec = 60
        return float(abs(Decimal(found) - exact) / Decimal(math.ulp(float(exact))))


def worst_log(function: object = log) -> float:
    xs = [
        *RNG.random(1500).tolist(),
        *(10.0 ** RNG.uniform(-16, 8, 1500)).tolist(),
        *(1 + RNG.uniform(-1e-3, 1e-3, 500)),
    ]
    with localcontext() as context:
        context.prec = 50
        return max(ulps(function(float(x)), Decimal(float(x)).ln()) for x in xs)  # type: ignore[operator]


def test_log_is_within_two_units_of_the_last_place() -> None:
    assert worst_log() < 2.0


def test_a_log_with_a_shorter_series_is_seen() -> None:
    assert worst_log(lambda x: log(x) * (1 + 1e-15)) > 2.0


def test_exp_and_exp2_are_within_two_units_of_the_last_place() -> None:
    with localcontext() as context:
        context.prec = 50
        ln2 = Decimal(2).ln()
        for x in [*RNG.uniform(-700, 700, 1500).tolist(), *RNG.uniform(-1, 1, 1500).tolist()]:
            assert ulps(exp(x), Decimal(x).exp()) < 2.0
            assert ulps(exp2(x), (Decimal(x) * ln2).exp()) < 2.0


def test_normal_quantile_agrees_with_scipy() -> None:
    for u in UNIFORMS:
        assert normal_quantile(u) == pytest.approx(float(ndtri(u)), rel=4e-15, abs=1e-300)


def exact_normal_cdf(x: float) -> Decimal:
    """½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …), with as many digits as the cancellation of the lower tail takes."""
    with localcontext() as context:
        context.prec = 40 + int(0.5 * x * x)
        whole = Decimal(x)
        term = total = whole
        k = 1
        while abs(term) > Decimal(10) ** (5 - context.prec):
            term = term * whole * whole / (2 * k + 1)
            total += term
            k += 1
        two_pi = Decimal("6.28318530717958647692528676655900576839433879875021164194988918461563281257241799725607")
        return Decimal("0.5") + total * (-whole * whole / 2).exp() / two_pi.sqrt()


def test_normal_cdf_keeps_its_digits_in_the_lower_tail() -> None:
    xs = [*RNG.uniform(-12, 0, 300).tolist(), *RNG.uniform(-0.7, 6, 200).tolist(), -0.67448975, -5.656854249492381]
    worst = max(abs(Decimal(normal_cdf(x)) / exact_normal_cdf(x) - 1) for x in xs)
    assert worst < Decimal("1e-15")
    # Saboteur: another last digit of the constant is seen.
    assert abs(Decimal(normal_cdf(-3.0) * (1 + 2e-15)) / exact_normal_cdf(-3.0) - 1) > Decimal("1e-15")
    assert [normal_cdf(x) for x in (-math.inf, -39.0, 0.0, 39.0, math.inf)] == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert normal_cdf(-38.0) == pytest.approx(2.885428e-316, rel=1e-6)


def test_exact_values_and_edges() -> None:
    assert log(1.0) == 0.0
    assert log(0.0) == -math.inf
    assert log(math.inf) == math.inf
    assert exp(0.0) == 1.0
    assert exp(-math.inf) == 0.0
    assert exp(math.inf) == math.inf
    assert exp(709.78) < math.inf
    assert exp(709.785) == exp(709.79) == math.inf
    assert [exp2(float(k)) for k in range(-5, 6)] == [2.0**k for k in range(-5, 6)]
    assert exp2(-1100.0) == 0.0
    assert exp2(1024.0) == math.inf
    assert logit(0.0) == -math.inf
    assert logit(1.0) == math.inf
    assert logit(0.5) == 0.0
    assert normal_quantile(0.5) == 0.0


def test_neighbouring_uniforms_never_change_order() -> None:
    """On the grid of the uniforms (k + ½)·2^-52, from the far tails to the middle."""
    for first in (0, 1000, 2**20, 2**40, 2**50, 2**51 - 1000, 2**51 + 2**49, 2**52 - 3000):
        before = (-math.inf, -math.inf, -math.inf)
        for k in range(first, first + 2000):
            u = (k + 0.5) * 2.0**-52
            now = (log(u), -log(1.0 - u), normal_quantile(u))
            assert all(a <= b for a, b in zip(before, now, strict=True))
            before = now


def test_no_forbidden_operation_is_used() -> None:
    """`**`, math.log, math.exp and math.pow are not equal on all machines."""
    from pathlib import Path

    source = Path(arithmetic.__file__).read_text(encoding="utf-8")
    code = "\n".join(line for line in source.splitlines() if not line.lstrip().startswith(("#", '"')))
    assert "**" not in code
    assert "from math import floor, frexp, inf, isinf, ldexp, nan, sqrt" in code
