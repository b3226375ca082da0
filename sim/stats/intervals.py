"""Interval estimates from counts: Wilson, binomial order statistics, Dvoretzky–Kiefer–Wolfowitz, Student's t.

Only `scipy.special` is used, and only when a function is called: importing this module is cheap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
"""Two-sided level of every interval and band."""


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval. None: not reached before the horizon, or not known."""

    estimate: float | None
    low: float | None
    high: float | None

    def as_dict(self) -> dict[str, float | None]:
        """For `summary.json`."""
        return {"estimate": self.estimate, "low": self.low, "high": self.high}


def normal_quantile(level: float = LEVEL) -> float:
    """z with P(|Z| <= z) = `level` for a standard normal Z."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2))


def student_quantile(degrees: int, level: float = LEVEL) -> float:
    """t with P(|T| <= t) = `level` for Student's T with `degrees` >= 1 degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + level / 2))


def wilson(
    share: NDArray[np.float64], size: NDArray[np.float64], level: float = LEVEL
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ends of Wilson's score interval for a probability; both arrays of the shape of `share`.

    share  observed shares in [0, 1]
    size   effective numbers of replications, above 0, whole or not

    The ends lie in [0, 1], enclose the share, and are exactly 0 and 1 where the share is. Source: E. B. Wilson, JASA 22
    (1927) 209–212; L. D. Brown, T. T. Cai and A. DasGupta, Statistical Science 16 (2001) 101–133.
    """
    z = normal_quantile(level)
    shrink = 1.0 + z * z / size
    middle = (share + z * z / (2.0 * size)) / shrink
    half = z * np.sqrt(share * (1.0 - share) / size + z * z / (4.0 * size * size)) / shrink
    low = np.where(share <= 0.0, 0.0, np.clip(middle - half, 0.0, share))
    high = np.where(share >= 1.0, 1.0, np.clip(middle + half, share, 1.0))
    return low, high


def binomial_quantile(probability: float, size: int, share: float) -> int:
    """The smallest k with P(X <= k) >= `probability`, X binomial(`size`, `share`)."""
    from scipy.special import bdtr

    low, high = -1, size
    while high - low > 1:
        middle = (low + high) // 2
        if bdtr(middle, size, share) >= probability:
            high = middle
        else:
            low = middle
    return high


def order_statistic_ranks(size: int, share: Fraction, level: float = LEVEL) -> tuple[int, int]:
    """Ranks (l, u), from 1, such that [X(l), X(u)] covers the `share`-quantile with probability `level` at least.

    Whatever the distribution of the `size` independent times X: P(X(l) <= ξ) = P(B >= l) and P(X(u) >= ξ) >= P(B < u)
    with B binomial(size, share); each tail has at most (1 − level)/2. l is 0 and u is size + 1 where there are too few
    times for a limit. Source: H. A. David and H. N. Nagaraja, Order Statistics (2003), section 7.1.
    """
    tail = (1.0 - level) / 2
    return binomial_quantile(tail, size, float(share)), binomial_quantile(1.0 - tail, size, float(share)) + 1


def dkw_half_width(size: float) -> float:
    """ε with P(sup |F_n − F| > ε) <= 1 − LEVEL for `size` independent times, at most 1.

    Source: P. Massart, Annals of Probability 18 (1990) 1269–1283.
    """
    return min(1.0, math.sqrt(math.log(2.0 / (1.0 - LEVEL)) / (2.0 * size)))
