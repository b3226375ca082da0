"""Selection of the best of several policies by simulation.

`Elimination` is the fully sequential procedure of Kim and Nelson (*ACM Transactions on Modeling and Computer
Simulation* 11, 2001) under common random numbers. `allocation` is optimal computing budget allocation for a fixed
effort (Chen, Lin, Yücesan and Chick, *Discrete Event Dynamic Systems* 10, 2000). `marginal_allocation` divides a budget
of attempts between lines, one by one (Fox, *Management Science* 13, 1966).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.stats.intervals import Estimate
from sim.stats.outcomes import Outcome

Floats = NDArray[np.float64]

FORMAT = 1
"""Of the JSON document."""


@dataclass
class Elimination:
    """Fully sequential elimination: policies that are clearly worse than another one leave.

    options     number of policies
    zone        indifference zone, in units of utility: a difference smaller than this does not matter
    confidence  probability, at least, of selecting the best policy if it is better than every other one by the zone.
                Exact for normal observations; means of blocks of replications come close to them
    first       observations of each policy before the first look, at least 2
    """

    options: int
    zone: float
    confidence: float
    first: int
    remaining: list[int] = field(init=False)
    observations: int = field(default=0, init=False)
    _sums: Floats = field(init=False)
    _bounds: Floats = field(init=False)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.zone) and self.zone > 0.0):
            raise ValueError(f"the indifference zone is {self.zone}; it must be above 0")
        if not 1.0 / self.options < self.confidence < 1.0:
            raise ValueError(f"the confidence is {self.confidence}; it must lie between 1/{self.options} and 1")
        if self.first < 2:
            raise ValueError(f"{self.first} first observations are too few; at least 2 are needed")
        self.remaining = list(range(self.options))
        self._sums = np.zeros(self.options)

    @property
    def decided(self) -> bool:
        """Whether one policy is left."""
        return len(self.remaining) == 1

    def begin(self, utilities: Floats) -> None:
        """Take the first stage, shape (first, options), the policies of a row on the same random numbers."""
        if utilities.shape != (self.first, self.options):
            raise ValueError(f"the first stage has shape {utilities.shape}; expected {(self.first, self.options)}")
        # Bonferroni over the other policies, since common random numbers make the comparisons dependent.
        error = (1.0 - self.confidence) / max(1, self.options - 1)
        degrees = self.first - 1
        squared = 2.0 * 0.5 * ((2.0 * error) ** (-2.0 / degrees) - 1.0) * degrees
        differences = utilities[:, :, None] - utilities[:, None, :]
        self._bounds = squared * differences.var(axis=0, ddof=1) / self.zone
        self._sums = utilities.sum(axis=0)
        self.observations = self.first
        self._look()

    def observe(self, utilities: Floats) -> None:
        """Take further observations, shape (observations, options); columns of policies that have left are ignored."""
        for row in utilities:
            if self.decided:
                return
            self._sums += np.where(np.isin(np.arange(self.options), self.remaining), row, 0.0)
            self.observations += 1
            self._look()

    def _look(self) -> None:
        sums, kept = self._sums, self.remaining
        margin = np.maximum(0.0, 0.5 * (self._bounds - self.zone * self.observations))
        stay = [
            one for one in kept if all(sums[one] >= sums[other] - margin[one, other] for other in kept if other != one)
        ]
        # Equal sums of policies without variance would keep both for ever: the first one declared stays.
        if len(stay) > 1 and not margin[np.ix_(stay, stay)].any():
            stay = [max(stay, key=lambda one: (sums[one], -one))]
        self.remaining = stay


def allocation(means: Floats, deviations: Floats, effort: int) -> NDArray[np.int64]:
    """Divide `effort` observations between policies so that the best one is most probably found; shape (policies,).

    The share of a policy other than the best is proportional to (deviation / distance from the best)²; that of the best
    is its deviation times the root of the sum of (share / deviation)² of the others. A tie counts as a small distance.
    """
    best = int(np.argmax(means))
    scale = float(np.ptp(means)) or 1.0
    distance = np.maximum(means[best] - means, 1e-3 * scale)
    spread = np.maximum(deviations, 1e-12)
    shares = (spread / distance) ** 2
    others = np.arange(len(means)) != best
    shares[best] = spread[best] * math.sqrt(float(np.sum((shares[others] / spread[others]) ** 2)))
    exact = effort * shares / shares.sum()
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    for one in np.argsort(whole - exact, kind="stable")[: effort - int(whole.sum())]:
        whole[one] += 1
    return whole


def marginal_allocation(gains: Sequence[Sequence[float]], budget: int) -> tuple[int, ...]:
    """Return the number of units for each line: one unit after the other goes where it adds most.

    `gains[line][n]` is the total gain of n + 1 units on the line. The result is optimal if the gains are concave, as
    for independent lines. A unit that adds nothing is not spent.
    """
    counts = [0] * len(gains)
    heap = [(-line_gains[0], line) for line, line_gains in enumerate(gains) if line_gains]
    heapq.heapify(heap)
    for _ in range(budget):
        if not heap or heap[0][0] >= 0.0:
            break
        _, line = heapq.heappop(heap)
        counts[line] += 1
        own = gains[line]
        if counts[line] < len(own):
            heapq.heappush(heap, (own[counts[line] - 1] - own[counts[line]], line))
    return tuple(counts)


@dataclass(frozen=True)
class PolicyResult:
    """One policy.

    utility      probability of contact, or minus the mean wait in days; over all its replications
    attempts     mean attempts of a replication, all lines
    replications that were simulated of it
    admissible   whether it keeps to the budget
    remaining    whether it may be the best one
    best_share   share of the draws of the uncertain numbers in which it is the best; None without uncertain numbers
    """

    name: str
    utility: Estimate
    attempts: float
    replications: int
    admissible: bool
    remaining: bool
    best_share: float | None


@dataclass(frozen=True, eq=False)
class Optimization:
    """The selected policy, and all others.

    outcome     whose first contact, and by when; without a time the utility is minus the restricted mean
    zone        a difference of utility that does not matter
    confidence  probability, at least, that the selected policy is the best if it is better than the others by the zone
    budget      attempts; hard: no replication may make more, else: on average
    selected    name of the only policy that remains, or of the best of those that remain
    decided     whether only one remains
    fresh       utility of the selected policy on other random numbers
    policies    in order of declaration
    """

    title: str
    outcome: Outcome
    zone: float
    confidence: float
    budget: float | None
    hard: bool
    seed: int
    selected: str
    decided: bool
    fresh: Estimate
    policies: tuple[PolicyResult, ...]

    @property
    def unit(self) -> str:
        """``days`` or ``probability``."""
        return "days" if self.outcome.is_wait else "probability"

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"format": FORMAT, "kind": "optimize", "unit": self.unit, **asdict(self)}
