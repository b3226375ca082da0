"""Contributions of lines and channels: leave-one-out differences, Shapley values, loss of redundancy.

**Shapley value.** The average gain by a player over all orders in which the players could join,

    φ_i = Σ_S |S|! (k − |S| − 1)! / k! · (v(S ∪ {i}) − v(S))        over all S without i

of k players. Source: L. S. Shapley, "A value for n-person games", Contributions to the Theory of Games II (1953). A
coalition is a whole number whose bit i says whether player i is in it. Values v are whole numbers (contacts, seconds)
and so are the weights k!·w, so the Shapley values add up to v(all) − v(none) exactly.

**Loss of redundancy by a common cause.** Lines that fail for one reason (a closed gate, an official in another call)
are fewer lines than they seem. With p_i the probability that line i has contact by t, independent lines would have had
contact over one of them with probability 1 − Π(1 − p_i). The loss is the difference to the simulated probability.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.rules import vectors
from sim.stats.intervals import Estimate, Means, bounded_mean, means, share
from sim.stats.outcomes import Outcome, StudySpec

MOST_PLAYERS = 10
"""Every coalition is looked at: 2^10 of them are a thousand scenarios to simulate at worst."""


def shapley_weights(players: int) -> NDArray[np.int64]:
    """(players, 2^players) k!·w with which coalitions enter each player's value. ValueError above `MOST_PLAYERS`."""
    if not 1 <= players <= MOST_PLAYERS:
        raise ValueError(f"{players} players; expected 1 to {MOST_PLAYERS}")
    coalitions = np.arange(1 << players)
    sizes = np.array([int(coalition).bit_count() for coalition in coalitions])
    # The last entry stands for the coalition of all, which no player joins; sizes − 1 of none takes it too.
    joining = np.array([factorial(size) * factorial(players - size - 1) for size in range(players)] + [0], np.int64)
    inside = (coalitions >> np.arange(players)[:, None]) & 1 == 1
    signed: NDArray[np.int64] = np.where(inside, joining[sizes - 1], -joining[sizes])
    return signed


def shapley_by_replication(values: NDArray[np.integer]) -> NDArray[np.float64]:
    """(n, players) the values in each replication, from (n, 2^players) values of the coalitions in it."""
    players = values.shape[1].bit_length() - 1
    # Products of whole numbers are exact, whatever the order of their sums.
    weighed = values.astype(np.int64) @ shapley_weights(players).T
    found: NDArray[np.float64] = weighed / factorial(players)
    return found


def shapley_of_totals(totals: Sequence[int], replications: int) -> tuple[Fraction, ...]:
    """The mean values, exactly, from the sum over replications of each coalition's value."""
    players = len(totals).bit_length() - 1
    scale = factorial(players) * replications
    return tuple(
        Fraction(sum(int(weight) * total for weight, total in zip(row, totals, strict=True)), scale)
        for row in shapley_weights(players)
    )


@dataclass(frozen=True)
class SettingShare:
    """The part of one setting in what a variant of several settings changes.

    setting  ``PATH=VALUE``
    moved    replications in which the setting alone moves the first contact
    alone    change of the restricted mean by the setting alone, in seconds
    shapley  its Shapley value in the change of the restricted mean: over all settings these add up to the change by all
    """

    setting: str
    moved: int
    alone: Estimate
    shapley: Estimate


def setting_shares(
    settings: Sequence[str], limited: NDArray[np.int64], horizon: int, unit: int = 1
) -> tuple[SettingShare, ...]:
    """The share of each setting of a variant.

    limited  (n, 2^settings) min(T, horizon) in seconds, of the base with the settings that each coalition has
    unit     replications in an independent unit
    """
    values = means(shapley_by_replication(limited), unit)
    found = []
    for place, setting in enumerate(settings):
        change = limited[:, 1 << place] - limited[:, 0]
        alone = bounded_mean(change, (-horizon, horizon), usual=0, unit=unit)
        shapley = values.estimate(place, least=-float(horizon), most=float(horizon))
        found.append(SettingShare(setting, int(np.count_nonzero(change)), alone, shapley))
    return tuple(found)


@dataclass(frozen=True)
class Redundancy:
    """One row: lines taken together, at one time.

    column       ``any`` or ``group:NAME`` …, of at least two lines
    by           seconds t; the horizon stands for "before the horizon"
    lines        how many there are
    best         the largest p_i: what the best line alone gives
    simulated    P(T <= t) for the earliest of the lines
    independent  1 − Π(1 − p_i)
    loss        independent − simulated; below 0 where lines make up for each other
    """

    column: str
    by: int
    lines: int
    best: Estimate
    simulated: Estimate
    independent: Estimate
    loss: Estimate


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
    moved = vectors.product(contacts.astype(np.float64), _others(1.0 - shares)[:, np.newaxis])[:, 0]
    loss = _with_unseen(means(moved - simulated, unit)).estimate()
    product = _with_unseen(means(moved, unit)).estimate()
    shift = independent - (product.estimate or 0.0)
    together = share(simulated, unit)
    loss_shift = independent - (together.estimate or 0.0) - (loss.estimate or 0.0)
    return Redundancy(
        column,
        by,
        contacts.shape[1],
        share(contacts[:, int(np.argmax(shares))], unit),
        together,
        _shifted(product, shift, 0.0, 1.0),
        _shifted(loss, loss_shift, -1.0, 1.0),
    )


def _others(silent: NDArray[np.float64]) -> NDArray[np.float64]:
    """Π over all but each one; zeros among them are why nothing is divided."""
    before = np.concatenate([[1.0], np.cumprod(silent[:-1])])
    after = np.concatenate([[1.0], np.cumprod(silent[:0:-1])])[::-1]
    product: NDArray[np.float64] = before * after
    return product


def _with_unseen(found: Means) -> Means:
    return Means(found.mean, np.sqrt(np.square(found.error) + 2.0 / (found.units * found.units)), found.units)


def _shifted(found: Estimate, by: float, least: float, most: float) -> Estimate:
    low = least if found.low is None else max(least, found.low + by)
    high = most if found.high is None else min(most, found.high + by)
    return Estimate(min(most, max(least, (found.estimate or 0.0) + by)), low, high)


FORMAT = 2

ROWS = 1024
"""Replications whose coalitions are looked at together: what is in memory does not grow with them."""


@dataclass(frozen=True)
class Contribution:
    """Contribution of one line, or channel, to one outcome.

    kind       ``line`` or ``channel``
    name       its name
    outcome    probability of contact, or wait
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

    spec                  scenario, seed, replications, engine, unit of intervals
    columns               columns of first contacts: ``any``, ``group:NAME`` …
    by                    seconds; the horizon stands for "by the end"
    contributions                by line, then by channel, and within by outcome
    redundancy            contact by t against independent lines, for the columns with several lines
    shapley_replications  replications that the Shapley values are from, by kind (``line``, ``channel``); a kind is
                          missing where it has too many members
    components            connected components of the dependency graph, by names of lines
    """

    spec: StudySpec
    columns: tuple[str, ...]
    by: int
    contributions: tuple[Contribution, ...]
    redundancy: tuple[Redundancy, ...]
    shapley_replications: Mapping[str, int]
    components: tuple[tuple[str, ...], ...]

    def of(self, kind: str, outcome: Outcome) -> tuple[Contribution, ...]:
        """The contributions of all of a kind (``line`` or ``channel``) to an outcome, in order of declaration."""
        return tuple(one for one in self.contributions if one.kind == kind and one.outcome == outcome)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: plain mappings, lists and numbers."""
        return {
            "format": FORMAT,
            "kind": "attribution",
            **self.spec.as_dict(),
            "columns": list(self.columns),
            "by": self.by,
            "contributions": [asdict(one) for one in self.contributions],
            "redundancy": [asdict(one) for one in self.redundancy],
            "shapley_replications": dict(self.shapley_replications),
            "components": [list(part) for part in self.components],
        }


def contribution(
    kind: str, name: str, outcome: Outcome, times: tuple[NDArray[np.int64], NDArray[np.int64]], horizon: int, unit: int
) -> Contribution:
    """Compare the first contacts with it and without it, each (n,), the horizon where there is none."""
    with_it, without = (outcome.of(one, horizon) for one in times)
    more, less = (without, with_it) if outcome.is_wait else (with_it, without)
    loss = outcome.difference(more, less, horizon, unit)
    return Contribution(
        kind,
        name,
        outcome,
        outcome.estimate(with_it, horizon, unit),
        outcome.estimate(without, horizon, unit),
        loss,
        float(np.mean(with_it != without)),
    )


@dataclass(frozen=True, eq=False)
class CoalitionTable:
    """First contacts of the coalitions of some of the players: those of one component of the dependency graph.

    players  their places among all players, m of them
    times    (n, 2^m) first contact of the lines in question by coalition, bit j of which is ``players[j]``; the horizon
             where there is none
    """

    players: tuple[int, ...]
    times: NDArray[np.integer]


def shapley_values(
    tables: Sequence[CoalitionTable], players: int, outcomes: Iterable[Outcome], horizon: int, unit: int
) -> Mapping[Outcome, tuple[Estimate, ...]]:
    """The Shapley values of all players, by outcome, the intervals by replication.

    tables    components of the players, each player in at most one: the first contact of a
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
            contributions = outcome.of(earliest, horizon)
            if outcome.is_wait:
                contributions = horizon - contributions
            for coalition, more in enumerate(contributions.sum(axis=0).tolist()):
                totals[outcome][coalition] += more
            values[outcome].append(shapley_by_replication(contributions))
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
