"""The price of a common cause: contact by t as it came, against what independent lines would have given.

Lines that fail for one reason (a gate that is shut, an official in another call) are fewer lines than they seem. With
p_i the probability that line i by itself has contact by t, independent lines would have had contact over one of them
with 1 − Π(1 − p_i). What is missing from that is the price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.stats.intervals import Estimate
from sim.stats.means import Means, means, share


@dataclass(frozen=True)
class Redundancy:
    """One row: lines taken together, at one time.

    column       ``any`` or ``group:NAME`` …, of at least two lines
    by           seconds t; the horizon stands for "before the horizon"
    lines        how many there are
    best         the largest p_i: what the best line alone gives
    simulated    P(T <= t) for the earliest of the lines
    independent  1 − Π(1 − p_i)
    price        independent − simulated; below 0 where lines make up for each other
    """

    column: str
    by: int
    lines: int
    best: Estimate
    simulated: Estimate
    independent: Estimate
    price: Estimate


def redundancy(column: str, by: int, contacts: NDArray[np.bool_], unit: int = 1) -> Redundancy:
    """Compare.

    contacts  (n, lines): whether each line had contact by t, in each replication
    unit      replications in an independent unit

    The intervals of `independent` and `price` are Student's on the linear part of their error (the delta method): one
    replication moves 1 − Π(1 − p_i) by Σ_i (1_i − p_i) Π_{j ≠ i}(1 − p_j), on the same replications as the rest. To the
    variance that of two units is added, as many as may have gone unseen where contact over two lines at once is rare.
    """
    shares = contacts.mean(axis=0)
    simulated: NDArray[np.bool_] = np.any(contacts, axis=1)
    independent = 1.0 - float(np.prod(1.0 - shares))
    moved = contacts.astype(np.float64) @ _others(1.0 - shares)
    price = _with_unseen(means(moved - simulated, unit)).estimate()
    product = _with_unseen(means(moved, unit)).estimate()
    shift = independent - (product.estimate or 0.0)
    together = share(simulated, unit)
    price_shift = independent - (together.estimate or 0.0) - (price.estimate or 0.0)
    return Redundancy(
        column,
        by,
        contacts.shape[1],
        share(contacts[:, int(np.argmax(shares))], unit),
        together,
        _shifted(product, shift, 0.0, 1.0),
        _shifted(price, price_shift, -1.0, 1.0),
    )


def _others(silent: NDArray[np.float64]) -> NDArray[np.float64]:
    """Π over all but each one; zeros among them are why nothing is divided."""
    before = np.concatenate([[1.0], np.cumprod(silent[:-1])])
    after = np.concatenate([[1.0], np.cumprod(silent[:0:-1])])[::-1]
    product: NDArray[np.float64] = before * after
    return product


def _with_unseen(found: Means) -> Means:
    return Means(found.mean, np.sqrt(found.error**2 + 2.0 / found.units**2), found.units)


def _shifted(found: Estimate, by: float, least: float, most: float) -> Estimate:
    low = least if found.low is None else max(least, found.low + by)
    high = most if found.high is None else min(most, found.high + by)
    return Estimate(min(most, max(least, (found.estimate or 0.0) + by)), low, high)
