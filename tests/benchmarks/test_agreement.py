"""The check that benchmarked programs simulate one model passes for one, and fails for another."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.agreement import DisagreementError, check
from benchmarks.model import HORIZON, LINES


def first(n: int, seed: int, mean: float = 60.0) -> NDArray[np.float64]:
    """Exponential first contacts, `mean` in days."""
    return np.minimum(np.random.default_rng(seed).exponential(mean * 86_400, (n, LINES)), HORIZON)


def test_the_same_distribution_passes() -> None:
    assert check({"a": first(20_000, 1), "b": first(5_000, 2), "c": first(1_000, 3)}) < 4.5


def test_another_mean_dependent_lines_and_a_late_line_do_not() -> None:
    base = first(20_000, 1)
    swapped = first(5_000, 2, 60.0)
    swapped[:, 0] = swapped[:, 1] = swapped[:, 2]
    late = first(5_000, 3)
    late[:, 4] = np.minimum(late[:, 4] + 12 * 86_400, HORIZON)
    for other in (first(5_000, 4, 66.0), swapped, late):
        with pytest.raises(DisagreementError, match="standard errors apart"):
            check({"a": base, "b": other})
