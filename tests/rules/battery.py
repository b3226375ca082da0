"""Statistical tests of keyed numbers: are they uniform, and independent of those whose address differs in one part?

A generator under test is a function (stream, replications, indices, pair) -> two arrays of uniforms, each of shape
(replications, indices), as `sim.rules.random.uniforms` is for one seed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Uniforms = NDArray[np.float64]
Whole = NDArray[np.int64]
Generator = Callable[[str, range, range, int], tuple[Uniforms, Uniforms]]

_BITS = 52
_CELLS = 1 << 16
_CHUNK = 1 << 18


def p_values(generator: Generator, replications: range, indices: range) -> dict[str, float]:
    """By test, the probability of as much deviation as was found; near 0 where cells are too uneven, near 1 where they
    are more even than chance allows. Eight numbers are drawn for every replication and index.

    The numbers themselves: the upper and the lower 16 bits, in 65,536 cells. Pairs of numbers that differ in one part
    of their address: the upper and the lower 8 bits of both, in 65,536 cells, and in how many of 52 bits they agree.
    """
    cells: dict[str, Whole] = {}

    def count(name: str, numbers: Whole, size: int) -> None:
        cells[name] = cells.get(name, np.zeros(size, dtype=np.int64)) + np.bincount(numbers.ravel(), minlength=size)

    def compare(name: str, a: Whole, b: Whole) -> None:
        count(f"{name}, upper bits", (a >> (_BITS - 8) << 8) | (b >> (_BITS - 8)), _CELLS)
        count(f"{name}, lower bits", ((a & 255) << 8) | (b & 255), _CELLS)
        count(f"{name}, agreement", np.bitwise_count(a ^ b).astype(np.int64), _BITS + 1)

    step = max(2, _CHUNK // len(indices))
    for first in range(replications.start, replications.stop, step):
        part = range(first, min(replications.stop, first + step))
        one, two, three, four = (_whole(u) for pair in (0, 1) for u in generator("a", part, indices, pair))
        others = [_whole(u) for pair in (0, 1) for u in generator("b", part, indices, pair)]
        for numbers in (one, two, three, four, *others):
            count("upper bits", numbers >> (_BITS - 16), _CELLS)
            count("lower bits", numbers & (_CELLS - 1), _CELLS)
            compare("index", numbers[:, :-1], numbers[:, 1:])
            compare("replication", numbers[:-1], numbers[1:])
        compare("place in the pair", one, two)
        compare("pair", one, three)
        compare("purpose", two, four)
        for a, b in zip((one, two, three, four), others, strict=True):
            compare("stream", a, b)
    return {name: _p_value(found) for name, found in cells.items()}


def _whole(uniforms: Uniforms) -> Whole:
    """The 52 bits of which a uniform was made."""
    return (uniforms * 2.0**_BITS).astype(np.int64)


def _p_value(found: Whole) -> float:
    """Pearson's chi-squared, against equal chances or, for bits that differ, a binomial; its rare ends are one cell."""
    if len(found) == _CELLS:
        return float(stats.chi2.sf(_chi_squared(found, np.full(_CELLS, found.sum() / _CELLS)), _CELLS - 1))
    expected = stats.binom.pmf(np.arange(_BITS + 1), _BITS, 0.5) * found.sum()
    common = np.flatnonzero(expected >= 20.0)
    first, last = int(common[0]), int(common[-1])
    ends = [slice(0, first + 1), *(slice(i, i + 1) for i in range(first + 1, last)), slice(last, None)]
    seen, due = (np.array([of[end].sum() for end in ends]) for of in (found, expected))
    return float(stats.chi2.sf(_chi_squared(seen, due), len(ends) - 1))


def _chi_squared(found: NDArray[np.float64] | Whole, expected: Uniforms) -> float:
    return float(((found - expected) ** 2 / expected).sum())
