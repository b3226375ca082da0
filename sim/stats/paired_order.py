"""Sooner, later or the same: two scenarios' first contacts in the same replications."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.stats.intervals import Estimate, wilson
from sim.stats.paired import Order
from sim.stats.paired_rows import unit_sums
from sim.stats.ratios import ratio

Integers = NDArray[np.int64]


def order_of(base: Integers, variant: Integers, horizon: int, sizes: Integers) -> Order:
    """Compare first contacts replication by replication.

    base, variant  (n,) seconds in [0, horizon), negative where there was none
    sizes          (k,) replications in each independent unit, consecutive, the last of them perhaps short
    """
    unit = int(sizes[0])
    one, other = (np.where(times < 0, horizon, times) for times in (base, variant))
    sooner, later = other < one, other > one
    changed = sooner | later
    return Order(
        sooner=_share(sooner, unit, sizes),
        later=_share(later, unit, sizes),
        same=_share(~changed, unit, sizes),
        changed=int(np.count_nonzero(changed)),
        changed_units=int(np.count_nonzero(unit_sums(changed, unit))),
        gained=int(np.count_nonzero(sooner & (base < 0))),
        lost=int(np.count_nonzero(later & (variant < 0))),
        neither=int(np.count_nonzero((base < 0) & (variant < 0))),
        sooner_seconds=_mean((one - other)[sooner]),
        later_seconds=_mean((other - one)[later]),
    )


def _share(which: NDArray[np.bool_], unit: int, sizes: Integers) -> Estimate:
    if unit > 1:
        return ratio(unit_sums(which, unit), sizes)
    share = np.array([np.count_nonzero(which) / len(which)])
    low, high = wilson(share, np.array([float(len(which))]))
    return Estimate(float(share[0]), float(low[0]), float(high[0]))


def _mean(seconds: Integers) -> float | None:
    return float(seconds.mean()) if len(seconds) else None
