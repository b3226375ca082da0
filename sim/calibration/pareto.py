"""The shape of the tail of importance weights: whether their mean can be trusted.

Vehtari, A., Simpson, D., Gelman, A., Yao, Y. and Gabry, J. (2024), Pareto smoothed importance sampling, JMLR 25(72).
The fit is that of Zhang, J. and Stephens, M. A. (2009), A new and efficient estimation method for the generalized
Pareto distribution, Technometrics 51, 316-325.
"""

from __future__ import annotations

import numpy as np

from sim.rules.vectors import exp, log, log1p
from sim.scenario.program import Floats

FEWEST = 5


def pareto_k(weights: Floats) -> float:
    """The estimated shape k of the largest weights, shape (n,), not negative: below 0.5 their variance is finite, above
    0.7 estimates from them are not reliable. NaN where there are too few weights to tell."""
    n = len(weights)
    tail = min(n // 5, int(3.0 * np.sqrt(n)))
    if tail < FEWEST:
        return float("nan")
    ordered = np.sort(weights)
    cut = ordered[-tail - 1]
    above = ordered[-tail:] - cut
    above = above[above > 0.0]
    if len(above) < FEWEST:
        # So few differ that there is no tail; or all weight is in a few, which the effective size shows.
        return 0.0 if ordered[-1] <= 10.0 * max(cut, 1e-300) else float("inf")
    k, _ = fit(above)
    size = len(above)
    # The weak prior of the paper (appendix C), which draws k towards 0.5 in small tails.
    return float((k * size + 0.5 * 10.0) / (size + 10.0))


def fit(excess: Floats) -> tuple[float, float]:
    """(k, sigma) of a generalised Pareto distribution from its excesses, rising, all positive."""
    n = len(excess)
    grid = 30 + int(np.sqrt(n))
    quarter = excess[int(n / 4 + 0.5) - 1]
    place = np.arange(1, grid + 1)
    theta = 1.0 / excess[-1] + (1.0 - np.sqrt(grid / (place - 0.5))) / (3.0 * quarter)
    shape = log1p(-theta[:, np.newaxis] * excess).mean(axis=1)
    profile = n * (log(-theta / shape) - shape - 1.0)
    weight = exp(profile - profile.max())
    mean = float((theta * weight).sum() / weight.sum())
    k = float(log1p(-mean * excess).mean())
    return k, -k / mean
