"""The rules as they are compiled: the same bits as in CPython, at a million arguments and at the ends."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engines.compiled import numba_setup
from sim.rules import answer, arithmetic, bins, calendar, quantile_tables, random

Floats = NDArray[np.float64]
N = 1_000_000
TINY, LEAST, LARGEST = 5e-324, 2.0**-1022, 1.7976931348623157e308


def over(function: Callable[..., Any]) -> Callable[[Floats], Floats]:
    """A rule, compiled, over an array."""

    @numba.njit(**numba_setup.AS_PYTHON)
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

    @numba.njit(**numba_setup.AS_PYTHON)
    def loop(made: Floats) -> None:
        for i in range(len(u)):
            made[i] = calendar.whole_seconds(quantile_tables.quantile(family, a, b, c, table, u[i]), 1, never)

    loop(made)
    assert made.tolist() == expected


def test_what_is_left_of_a_fading_term() -> None:
    @numba.njit(**numba_setup.AS_PYTHON)
    def left(value: float, age: int) -> float:
        return answer.faded(value, age, 3600)

    for value in (0.0, -0.3, 1.7):
        for age in (0, 1, 86_400, 10**9):
            assert left(value, age) == answer.faded(value, age, 3600)


def test_bins_of_numbers() -> None:
    numbers = [0, 1, 2047, 2048, 2049, 4095, 4096, 2**31, 2**40 + 12345, 2**62]

    @numba.njit(**numba_setup.AS_PYTHON)
    def bin_of(number: int) -> int:
        return bins.bin_of(number)

    assert [bin_of(number) for number in numbers] == [bins.bin_of(number) for number in numbers]


@pytest.mark.parametrize("replication", [0, 1, 2**32 - 1, 2**32, 2**56 - 1])
def test_uniforms(replication: int) -> None:
    expected = random.uniforms(2**64 - 1, 77, range(replication, replication + 1), range(5), 2)

    @numba.njit(**numba_setup.AS_PYTHON)
    def pair(*words: Any) -> tuple[float, float]:
        return random.uniform_pair(*words)  # type: ignore[return-value]

    found = [pair(*map(np.uint64, (2**64 - 1, 77, replication, index, 2))) for index in range(5)]
    assert found == list(zip(*(row[0].tolist() for row in expected), strict=True))


def test_a_code_of_no_family_is_an_error() -> None:
    @numba.njit(**numba_setup.AS_PYTHON)
    def quantile(family: int) -> float:
        return quantile_tables.quantile(family, 1.0, 1.0, 1.0, np.zeros(2), 0.5)

    assert quantile(quantile_tables.FIXED) == 1.0
    for code in (-1, 9):
        with pytest.raises(ValueError, match="no family of distributions has this code"):
            quantile(code)
