"""Shapley values: what each player is worth on average over all orders in which the players could join.

    φ_i = Σ_S |S|! (k − |S| − 1)! / k! · (v(S ∪ {i}) − v(S))        over all S without i

of k players. Source: L. S. Shapley, "A value for n-person games", Contributions to the Theory of Games II (1953).

A coalition is a whole number whose bit i says whether player i is in it. Worths are whole numbers (contacts, seconds)
and so are the weights k!·w, which keeps totals exact: the values add up to v(all) − v(none), not nearly but exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import factorial

import numpy as np
from numpy.typing import NDArray

MOST_PLAYERS = 10
"""Every coalition is looked at: 2^10 of them are a thousand scenarios to simulate at worst."""


def weights(players: int) -> NDArray[np.int64]:
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


def shapley_by_replication(worths: NDArray[np.integer]) -> NDArray[np.float64]:
    """(n, players) the values in each replication, from (n, 2^players) worths of the coalitions in it."""
    players = worths.shape[1].bit_length() - 1
    weighed: NDArray[np.float64] = worths.astype(np.float64) @ weights(players).T.astype(np.float64)
    return weighed / factorial(players)


def shapley_of_totals(totals: Sequence[int], replications: int) -> tuple[Fraction, ...]:
    """The mean values, exactly, from the sum over replications of each coalition's worth."""
    players = len(totals).bit_length() - 1
    scale = factorial(players) * replications
    return tuple(
        Fraction(sum(int(weight) * total for weight, total in zip(row, totals, strict=True)), scale)
        for row in weights(players)
    )
