"""Comparisons with exact values, all at 4.5 standard errors.

At that limit a correct engine fails one comparison in 147,000, with fixed seeds none at all; the smallest bias that a
comparison can detect (nine times in ten) is 4.5 + 1.3 = 5.8 standard errors. Each oracle states it in its own terms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from sim.engines.contract import Batch

LIMIT = 4.5


def assert_near(found: float, exact: float, standard_error: float, what: str) -> None:
    """|found - exact| is at most 4.5 standard errors; where the standard error is 0 both agree to rounding."""
    assert math.isfinite(found), what
    assert math.isfinite(exact), what
    distance = abs(found - exact)
    assert distance <= LIMIT * standard_error + 1e-12, (
        f"{what}: {found:.6g}, exactly {exact:.6g}, {distance / max(standard_error, 1e-300):.1f} standard errors away"
    )


def assert_share(hits: int, n: int, probability: float, what: str) -> None:
    """`hits` of `n` independent trials, each with the given probability."""
    assert -1e-12 <= probability <= 1 + 1e-12, what
    variance = max(probability * (1 - probability), 0.0)
    assert_near(hits / n, probability, math.sqrt(variance / n), what)


def assert_survival(
    times: NDArray[np.int64], survival: Callable[[float], float], seconds: Iterable[float], what: str = "S"
) -> None:
    """The share of `times` (shape (n,), censored ones at the horizon) beyond t equals P(T > t) at each t."""
    for t in seconds:
        assert_share(int((times > t).sum()), len(times), survival(t), f"{what}({t:.0f} s)")


def assert_masses(values: NDArray[np.int64], masses: Mapping[int, float], what: str) -> None:
    """Every value is one of the atoms, and each atom has its probability."""
    strange = set(np.unique(values).tolist()) - set(masses)
    assert not strange, f"{what}: {sorted(strange)[:5]} cannot occur"
    for value, probability in masses.items():
        assert_share(int((values == value).sum()), len(values), probability, f"{what} = {value}")


def assert_thinned(batch: Batch, column: int, answer: float) -> None:
    """Answered attempts minus answer x attempts is a martingale whose variance is answer (1 - answer) an attempt,
    however the request ends; so the answered share is compared without knowing how many attempts a replication
    makes."""
    attempts, answered = int(batch.attempts[column]), int(batch.answered[column])
    assert attempts > 0
    assert_near(answered / attempts, answer, math.sqrt(answer * (1 - answer) / attempts), "answered share")


def restricted_mean(survival: Callable[[float], float], horizon: float, pieces: int = 20_000) -> tuple[float, float]:
    """Mean and standard deviation of min(T, horizon), from E[T] = integral of S and E[T^2] = 2 integral of t S(t)."""
    grid = np.linspace(0.0, horizon, pieces + 1)
    curve = np.array([survival(t) for t in grid])
    mean = float(np.trapezoid(curve, grid))
    second = float(np.trapezoid(2 * grid * curve, grid))
    return mean, math.sqrt(second - mean * mean)


def assert_restricted_mean(times: NDArray[np.int64], survival: Callable[[float], float], horizon: int) -> None:
    """The mean of min(T, horizon); the most sensitive single number on a rate."""
    mean, deviation = restricted_mean(survival, horizon)
    assert_near(float(times.mean()), mean, deviation / math.sqrt(len(times)), "restricted mean")
