"""What a what-if question asks of a replication: whether there was contact by a time, or how long there was none.

Both are bounded whatever happens, so that means, differences and variances of them always exist; a median that is not
reached does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.stats.intervals import Estimate
from sim.stats.means import difference_of_shares, means, share


@dataclass(frozen=True)
class Outcome:
    """One number for each replication.

    column  ``any``, ``line:NAME``, ``group:NAME`` …: whose first contact T
    by      seconds t: 1 where T <= t, else 0, so that the mean is a probability. At the horizon: whether there was
            contact before it. None: min(T, horizon) in seconds, so that the mean is the restricted mean wait
    """

    column: str
    by: int | None = None

    @property
    def is_wait(self) -> bool:
        """Seconds rather than a probability."""
        return self.by is None

    def of(self, limited: NDArray[np.integer], horizon: int) -> NDArray[np.int64]:
        """Its value by replication, integers of the shape of `limited`: first contacts, the horizon where none."""
        if self.by is None:
            return limited.astype(np.int64)
        return (limited < horizon if self.by >= horizon else limited <= self.by).astype(np.int64)

    def estimate(self, values: NDArray[np.int64], horizon: int, unit: int = 1) -> Estimate:
        """The mean of `values`, (n,) as `of` gives them, with its interval."""
        if self.is_wait:
            return means(values, unit).estimate(least=0.0, most=float(horizon))
        return share(values > 0, unit)

    def difference(self, values: NDArray[np.int64], others: NDArray[np.int64], unit: int = 1) -> Estimate:
        """The mean of `values` − `others`, two scenarios on the same replications, with its interval."""
        if self.is_wait:
            return means(values - others, unit).estimate()
        return difference_of_shares(values - others, unit)
