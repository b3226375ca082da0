"""Whether programs simulate the same model: a benchmark of different models would compare nothing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from benchmarks.model import HORIZON

MOST = 4.5
"""Standard errors by which two programs may differ in any one proportion."""
_DECILES = np.arange(1, 10) / 10


class DisagreementError(RuntimeError):
    """Two programs differ by more than chance explains; nothing they took is worth comparing."""


def columns(first: NDArray[np.float64]) -> NDArray[np.float64]:
    """First contacts by line, and the earliest and the latest of them: (replications, lines + 2)."""
    return np.column_stack((first, first.min(axis=1), first.max(axis=1)))


def check(results: Mapping[str, NDArray[np.float64]]) -> float:
    """Compare every program with the one that made the most replications: how often there was a contact by each decile
    of that one's times, and at all, for each line, the earliest and the latest.

    `results`: first contacts (replications, lines), HORIZON where there is none. Returns the largest difference in
    standard errors; raises DisagreementError above MOST. With n replications a difference of 4.5·√(p(1−p)/n) in a
    proportion p is seen: 0.022 at 10,000.
    """
    most = max(results, key=lambda name: len(results[name]))
    base = columns(results[most])
    worst = 0.0
    for name, first in results.items():
        if name == most:
            continue
        other = columns(first)
        for at in range(base.shape[1]):
            reached = base[:, at] < HORIZON
            times = [*np.quantile(base[reached, at], _DECILES), np.nextafter(HORIZON, 0.0)]
            for time in times:
                off = _apart(base[:, at] <= time, other[:, at] <= time)
                worst = max(worst, off)
                if off > MOST:
                    shown = np.mean(base[:, at] <= time), np.mean(other[:, at] <= time)
                    raise DisagreementError(
                        f"contact on column {at} by {time / 86_400:.2f} d: {most} {shown[0]:.5f}, {name} "
                        f"{shown[1]:.5f}, {off:.1f} standard errors apart; at most {MOST} expected"
                    )
    return worst


def _apart(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """The difference of two proportions in standard errors of it."""
    p = (a.sum() + b.sum()) / (len(a) + len(b))
    error = float(np.sqrt(p * (1.0 - p) * (1.0 / len(a) + 1.0 / len(b))))
    return float(abs(a.mean() - b.mean()) / error) if error > 0.0 else 0.0
