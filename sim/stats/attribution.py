"""What lines and channels are worth: an outcome with them and without them, in the same replications."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.stats.asked import Asked
from sim.stats.intervals import Estimate
from sim.stats.means import means
from sim.stats.outcomes import Outcome
from sim.stats.redundancy import Redundancy
from sim.stats.shapley import shapley_by_replication, shapley_of_totals

FORMAT = 1

ROWS = 1024
"""Replications whose coalitions are looked at together: what is in memory does not grow with them."""


@dataclass(frozen=True)
class Worth:
    """What one line, or channel, is worth to one outcome.

    kind       ``line`` or ``channel``
    name       its name
    outcome    what is asked
    with_it    the outcome as it is, all lines there
    without    the outcome without it
    loss       what is lost without it, paired by replication: the probability with it minus the one without it, or the
               mean wait without it minus the one with it. Negative where its absence helps
    changed    share of replications in which the outcome is another one without it
    shapley    its Shapley value among all of its kind; None where there are too many. Over the replications that they
               are from, the values of a kind add up to the probability of contact, or to the wait that contact saves
               against silence until the horizon
    """

    kind: str
    name: str
    outcome: Outcome
    with_it: Estimate
    without: Estimate
    loss: Estimate
    changed: float
    shapley: Estimate | None = None


@dataclass(frozen=True, eq=False)
class Attribution:
    """What an attribution found.

    asked                 scenario, seed, replications, engine, unit of intervals
    columns               what was asked about: ``any``, ``group:NAME`` …
    by                    seconds; the horizon stands for "by the end"
    worths                by line, then by channel, and within by outcome
    redundancy            contact by t against independent lines, for the columns with several lines
    shapley_replications  replications that the Shapley values are from, by kind (``line``, ``channel``); a kind is
                          missing where it has too many members
    components            the lines that bear on each other, by name
    """

    asked: Asked
    columns: tuple[str, ...]
    by: int
    worths: tuple[Worth, ...]
    redundancy: tuple[Redundancy, ...]
    shapley_replications: Mapping[str, int]
    components: tuple[tuple[str, ...], ...]

    def of(self, kind: str, outcome: Outcome) -> tuple[Worth, ...]:
        """The worths of all of a kind (``line`` or ``channel``) to an outcome, in order of declaration."""
        return tuple(one for one in self.worths if one.kind == kind and one.outcome == outcome)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: plain mappings, lists and numbers."""
        return {
            "format": FORMAT,
            "kind": "attribution",
            **self.asked.as_dict(),
            "columns": list(self.columns),
            "by": self.by,
            "worths": [asdict(one) for one in self.worths],
            "redundancy": [asdict(one) for one in self.redundancy],
            "shapley_replications": dict(self.shapley_replications),
            "components": [list(part) for part in self.components],
        }


def worth(
    kind: str, name: str, outcome: Outcome, times: tuple[NDArray[np.int64], NDArray[np.int64]], horizon: int, unit: int
) -> Worth:
    """Compare the first contacts with it and without it, each (n,), the horizon where there is none."""
    with_it, without = (outcome.of(one, horizon) for one in times)
    loss = outcome.difference(without, with_it, unit) if outcome.is_wait else outcome.difference(with_it, without, unit)
    return Worth(
        kind,
        name,
        outcome,
        outcome.estimate(with_it, horizon, unit),
        outcome.estimate(without, horizon, unit),
        loss,
        float(np.mean(with_it != without)),
    )


@dataclass(frozen=True, eq=False)
class Table:
    """First contacts of the coalitions of some of the players: those that bear on each other, and on no one else.

    players  their places among all players, m of them
    times    (n, 2^m) first contact of the lines in question by coalition, bit j of which is ``players[j]``; the horizon
             where there is none
    """

    players: tuple[int, ...]
    times: NDArray[np.integer]


def shapley_values(
    tables: Sequence[Table], players: int, outcomes: Iterable[Outcome], horizon: int, unit: int
) -> Mapping[Outcome, tuple[Estimate, ...]]:
    """The Shapley values of all players, by outcome, the intervals by replication.

    tables    parts of the players that do not bear on each other, each player in at most one: the first contact of a
              coalition is then the earliest over the parts
    outcomes  of one column, whose lines `tables` holds; a wait counts as the time saved against the horizon

    The estimates are exact rationals of the totals, rounded once.
    """
    chosen = tuple(outcomes)
    coalitions = np.arange(1 << players)
    places = [_within(coalitions, table.players) for table in tables]
    n = len(tables[0].times)
    totals = {outcome: [0] * len(coalitions) for outcome in chosen}
    values: dict[Outcome, list[NDArray[np.float64]]] = {outcome: [] for outcome in chosen}
    for first in range(0, n, ROWS):
        rows = slice(first, first + ROWS)
        earliest = np.full((min(ROWS, n - first), len(coalitions)), horizon, np.int64)
        for table, place in zip(tables, places, strict=True):
            np.minimum(earliest, table.times[rows][:, place], out=earliest)
        for outcome in chosen:
            worths = outcome.of(earliest, horizon)
            if outcome.is_wait:
                worths = horizon - worths
            for coalition, more in enumerate(worths.sum(axis=0).tolist()):
                totals[outcome][coalition] += more
            values[outcome].append(shapley_by_replication(worths))
    return {outcome: _estimates(totals[outcome], np.concatenate(values[outcome]), unit, n) for outcome in chosen}


def _estimates(totals: Sequence[int], values: NDArray[np.float64], unit: int, n: int) -> tuple[Estimate, ...]:
    found = means(values, unit)
    estimates = []
    for player, exact in enumerate(shapley_of_totals(totals, n)):
        spread = found.estimate(player)
        estimates.append(Estimate(float(exact), spread.low, spread.high))
    return tuple(estimates)


def _within(coalitions: NDArray[np.int64], players: Sequence[int]) -> NDArray[np.int64]:
    """Each coalition as one of these players only: bit j is ``players[j]``."""
    place = np.zeros(len(coalitions), np.int64)
    for bit, player in enumerate(players):
        place |= ((coalitions >> player) & 1) << bit
    return place
