"""The statistical quality of the keyed numbers, and generators with known defects that the same tests reject."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from sim.rules import random
from sim.rules.random import stream_of, uniform_of, uniforms
from tests.rules.battery import Generator, Uniforms, p_values

LEAST = 1e-6
"""Forty-odd tests, two-sided: chance alone falls outside in one of ten thousand campaigns."""
WIDE, TALL = (range(2_000), range(100)), (range(50_000), range(4))
"""Many indices of some replications, and some of many: 1.6 million numbers each."""


def keyed(seed: int) -> Generator:
    return lambda stream, replications, indices, pair: uniforms(
        seed, stream_of("line", stream), replications, indices, pair
    )


def squares(key: int, stream: str, replications: range, indices: range, pair: int) -> tuple[Uniforms, Uniforms]:
    """Squares (Widynski, B. (2020), arXiv:2004.06278), whose author warns of keys that are not irregular."""
    at = np.arange(indices.start, indices.stop, dtype=np.uint64)[np.newaxis, :]
    row = np.arange(replications.start, replications.stop, dtype=np.uint64)[:, np.newaxis]
    counter = (((row << np.uint64(20)) | at) << np.uint64(3)) | np.uint64(2 * pair + (stream == "b"))
    halves = []
    for half in (0, 1, 2, 3):
        y = (counter * np.uint64(4) + np.uint64(half)) * np.uint64(key)
        z = y + np.uint64(key)
        x = y
        for add in (y, z, y):
            x = x * x + add
            x = (x >> np.uint64(32)) | (x << np.uint64(32))
        halves.append((x * x + z) >> np.uint64(32))
    return uniform_of(halves[0], halves[1]), uniform_of(halves[2], halves[3])


def rejected(generator: Generator, replications: range, indices: range) -> list[str]:
    return [name for name, p in p_values(generator, replications, indices).items() if not LEAST < p < 1.0 - LEAST]


@pytest.mark.parametrize(("replications", "indices"), [WIDE, TALL], ids=["wide", "tall"])
def test_numbers_are_uniform_and_independent(replications: range, indices: range) -> None:
    assert rejected(keyed(1), replications, indices) == []


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_philox_of_few_rounds_is_rejected(rounds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "ROUNDS", rounds)
    assert rejected(keyed(1), *TALL)


def test_squares_with_a_small_key_is_rejected() -> None:
    assert rejected(partial(squares, 7), *WIDE)


@pytest.mark.deep
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("seed", "replications", "indices"),
    [
        (1, range(12_500), range(1_000)),
        (0, range(1_562_500), range(8)),
        ((1 << 64) - 1, range(1 << 40, (1 << 40) + 3_125_000), range((1 << 32) - 4, 1 << 32)),
    ],
    ids=["wide", "tall", "far"],
)
def test_a_hundred_million_numbers_are_uniform_and_independent(seed: int, replications: range, indices: range) -> None:
    """10^8 numbers each. In 65,536 cells of 1,526, a relative unevenness of 0.2 % (root mean square) would be seen."""
    assert rejected(keyed(seed), replications, indices) == []
