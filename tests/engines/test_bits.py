"""The rules as they run in lanes: the same bits as in CPython, at a million arguments and at the ends."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engines.compiled import bits, jit, lanes
from sim.rules import answer, arithmetic, clock, draws, quantiles

Floats = NDArray[np.float64]
N = 1_000_000
TINY, LEAST, LARGEST = 5e-324, 2.0**-1022, 1.7976931348623157e308


def over(function: Callable[..., Any]) -> Callable[[Floats], Floats]:
    """A function of lanes over an array."""

    @numba.njit(**jit.AS_PYTHON)
    def loop(numbers: Floats) -> Floats:
        out = np.empty(len(numbers))
        for i in range(len(numbers)):
            out[i] = function(numbers[i])
        return out

    return loop  # type: ignore[no-any-return]


def assert_same(rule: Callable[[float], float], compiled: Callable[..., Any], numbers: Floats) -> None:
    expected = np.array([rule(x) for x in numbers.tolist()])
    assert np.array_equal(expected.view(np.uint64), over(compiled)(numbers).view(np.uint64))


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
    assert_same(arithmetic.log, lanes.log, POSITIVE)


def test_logarithm_of_what_comes_from_uniforms() -> None:
    u = uniforms(N // 4)
    normal = np.concatenate((u, -np.log(u), [LEAST, LARGEST]))
    assert_same(arithmetic.log, lanes.log_of_normal, normal)
    with pytest.raises(AssertionError):
        assert_same(arithmetic.log, lanes.log_of_normal, np.array([TINY]))


def test_exponential() -> None:
    assert_same(arithmetic.exp, lanes.exp, SIGNED)


def test_power_of_two() -> None:
    ends = np.array([1023.9999, 1024.0, -1022.0, -1022.5, -1074.0, -1075.0, -1074.6, -1076.0])
    assert_same(arithmetic.exp2, lanes.exp2, np.concatenate((SIGNED * 1.3, ends)))


def uniforms(n: int) -> Floats:
    """Of all sizes, and the two outermost."""
    found = np.random.default_rng(5).uniform(size=n)
    small = 2.0 ** -np.random.default_rng(6).uniform(0.0, 53.0, n)
    return np.concatenate((found, small, 1.0 - small[small >= 2.0**-53], [2.0**-53, 1.0 - 2.0**-53]))


def test_normal_quantile() -> None:
    assert_same(arithmetic.normal_quantile, lanes.normal_quantile, uniforms(N // 3))


TABLE = (0.0, 1.0, 4.0, 9.0, 16.0, 1.0, 1.0, 2.0, 3.0, 3.0)


@pytest.mark.parametrize("family", range(9))
def test_durations_of_every_family(family: int) -> None:
    u = uniforms(20_000)
    a, b, c, never = 3600.5, 1.7 if family >= quantiles.LOGNORMAL else 9000.25, 86_400.0, 500_000
    table = np.array(TABLE)
    expected = [clock.whole_seconds(quantiles.quantile(family, a, b, c, TABLE, x), 1, never) for x in u.tolist()]
    made = np.empty(len(u))
    filled = [np.full(len(u), x) for x in (a, b, c)]

    room, places = np.empty((2, len(u) + 4)), np.empty(len(u) + 4, dtype=np.int64)

    @numba.njit(**jit.AS_PYTHON)
    def loop(a: Floats, b: Floats, c: Floats, made: Floats, room: Floats, places: Any) -> None:
        if family == quantiles.LOGNORMAL:
            lanes.lognormal_durations(a, b, table, u, made, room[0], room[1], places, len(u), 1.0, float(never))
        else:
            lanes.durations(family, a, b, c, table, u, made, len(u), 1.0, float(never))

    loop(*filled, made, room, places)
    assert made.tolist() == expected


@pytest.mark.parametrize("replication", [0, 1, 2**32 - 1, 2**32, 2**56 - 1])
def test_draws(replication: int) -> None:
    expected = draws.uniforms(2**64 - 1, 77, range(replication, replication + 1), range(5), 2)

    @numba.njit(**jit.AS_PYTHON)
    def pair(index: int, seed: Any) -> tuple[float, float]:
        return lanes.pair_of(index, replication, 77, 2, seed)

    found = [pair(index, np.uint64(2**64 - 1)) for index in range(5)]
    assert found == list(zip(*(row[0].tolist() for row in expected), strict=True))


def test_what_is_left_of_a_fading_term() -> None:
    @numba.njit(**jit.AS_PYTHON)
    def left(value: float, age: float) -> float:
        return lanes.faded_one(value, age, 3600.0)

    for value in (0.0, -0.3, 1.7):
        for age in (0, 1, 86_400, 10**9):
            assert left(value, float(age)) == answer.faded(value, age, 3600.0)


def may_be_answered(log_odds: Floats, u: Floats) -> NDArray[np.bool_]:
    """Which attempts the bound on probabilities leaves."""

    @numba.njit(**jit.AS_PYTHON)
    def bounded(odds: Floats, u: Floats) -> None:
        lanes.may_be_answered(odds, u, len(odds))

    odds = log_odds.copy()
    bounded(odds, u)
    return odds == 1.0


def attempts() -> tuple[Floats, Floats, Floats]:
    """Log-odds of all sizes; uniforms, most of them the one just below the probability; the probability."""
    ends = [0.0, -0.0, 692.0, 694.0, 709.78, 745.2, 1e308, math.inf]
    log_odds = np.concatenate((SIGNED, -SIGNED, math.log(2.0) * np.arange(-60.0, 60.0), ends))
    with np.errstate(over="ignore"):
        probability = 1.0 / (1.0 + over(lanes.exp)(-log_odds))
    u = np.nextafter(probability, 0.0)
    u[::3] *= np.random.default_rng(7).uniform(0.9, 1.2, len(u[::3]))
    return log_odds, np.clip(u, 2.0**-53, 1.0 - 2.0**-53), probability


def test_no_answer_is_lost_to_the_bound_on_probabilities() -> None:
    log_odds, u, probability = attempts()
    answered = u < probability
    assert answered.sum() > len(u) / 2
    assert not (answered & ~may_be_answered(log_odds, u)).any()


def test_the_bound_on_probabilities_is_at_most_seven_percent_above() -> None:
    log_odds, u, probability = attempts()
    far = u >= 1.07 * probability
    assert far.sum() > 10_000
    assert not may_be_answered(log_odds, u)[far].any()
    assert may_be_answered(np.array([math.nan]), np.array([0.5])).all()


def test_a_bound_one_percent_lower_would_lose_answers() -> None:
    log_odds, u, probability = attempts()
    assert ((u < probability) & ~may_be_answered(log_odds - 0.01, u)).any()


def test_a_rule_rebuilt_is_its_own_code_with_other_primitives() -> None:
    def rule(x: float) -> float:
        return math.floor(x) + 0.5

    assert bits.rebuilt(rule)(2.7) == 2.5
    assert bits.rebuilt(rule, math=type("other", (), {"floor": staticmethod(math.ceil)}))(2.7) == 3.5
