"""The rules as they are compiled: the same bits as in CPython, at a million arguments and at the ends."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engines.compiled import bits, jit
from sim.rules import answer, arithmetic, calendar, quantile_tables

Floats = NDArray[np.float64]
N = 1_000_000
TINY, LEAST, LARGEST = 5e-324, 2.0**-1022, 1.7976931348623157e308


def over(function: Callable[..., Any]) -> Callable[[Floats], Floats]:
    """A rule, compiled, over an array."""

    @numba.njit(**jit.AS_PYTHON)
    def loop(numbers: Floats) -> Floats:
        out = np.empty(len(numbers))
        for i in range(len(numbers)):
            out[i] = function(numbers[i])
        return out

    return loop  # type: ignore[no-any-return]


def assert_same(rule: Callable[[float], float], numbers: Floats) -> None:
    expected = np.array([rule(x) for x in numbers.tolist()])
    assert np.array_equal(expected.view(np.uint64), over(rule)(numbers).view(np.uint64))


POSITIVE = np.concatenate(
    [
        np.exp(np.random.default_rng(1).uniform(-744.0, 709.0, N // 2)),
        np.random.default_rng(2).uniform(0.0, 2.0, N // 2),
        [0.0, TINY, 3 * TINY, LEAST, LEAST - TINY, 1.0, 1.0 - 2.0**-53, math.sqrt(0.5), 2.0**-53, LARGEST, math.inf],
    ]
)
SIGNED = np.concatenate(
    [
        np.random.default_rng(3).uniform(-800.0, 709.78, N // 2),
        np.random.default_rng(4).normal(0.0, 5.0, N // 2),
        [0.0, -0.0, 709.78, 709.8, 760.0, -745.2, -745.13, -745.3, -708.4, -1e308, 1e308, math.inf, -math.inf],
    ]
)


def test_logarithm() -> None:
    assert_same(arithmetic.log, POSITIVE)


def test_exponential() -> None:
    assert_same(arithmetic.exp, SIGNED)


def test_power_of_two() -> None:
    ends = np.array([1023.9999, 1024.0, -1022.0, -1022.5, -1074.0, -1075.0, -1074.6, -1076.0])
    assert_same(arithmetic.exp2, np.concatenate((SIGNED * 1.3, ends)))


def uniforms(n: int) -> Floats:
    """Of all sizes, and the two outermost."""
    found = np.random.default_rng(5).uniform(size=n)
    small = 2.0 ** -np.random.default_rng(6).uniform(0.0, 53.0, n)
    return np.concatenate((found, small, 1.0 - small[small >= 2.0**-53], [2.0**-53, 1.0 - 2.0**-53]))


def test_normal_quantile() -> None:
    assert_same(arithmetic.normal_quantile, uniforms(N // 3))


TABLE = (0.0, 1.0, 4.0, 9.0, 16.0, 1.0, 1.0, 2.0, 3.0, 3.0)


@pytest.mark.parametrize("family", range(9))
def test_durations_of_every_family(family: int) -> None:
    u = uniforms(20_000)
    a, b, c, never = 3600.5, 1.7 if family >= quantile_tables.LOGNORMAL else 9000.25, 86_400.0, 500_000
    table = np.array(TABLE)
    expected = [
        calendar.whole_seconds(quantile_tables.quantile(family, a, b, c, TABLE, x), 1, never) for x in u.tolist()
    ]
    made = np.empty(len(u))

    @numba.njit(**jit.AS_PYTHON)
    def loop(made: Floats) -> None:
        for i in range(len(u)):
            made[i] = calendar.whole_seconds(quantile_tables.quantile(family, a, b, c, table, u[i]), 1, never)

    loop(made)
    assert made.tolist() == expected


def test_what_is_left_of_a_fading_term() -> None:
    @numba.njit(**jit.AS_PYTHON)
    def left(value: float, age: int) -> float:
        return answer.faded(value, age, 3600)

    for value in (0.0, -0.3, 1.7):
        for age in (0, 1, 86_400, 10**9):
            assert left(value, age) == answer.faded(value, age, 3600)


def test_a_rule_rebuilt_is_its_own_code_with_other_primitives() -> None:
    def rule(x: float) -> float:
        return math.floor(x) + 0.5

    assert bits.rebuilt(rule)(2.7) == 2.5
    assert bits.rebuilt(rule, math=type("other", (), {"floor": staticmethod(math.ceil)}))(2.7) == 3.5
