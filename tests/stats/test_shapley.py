"""Shapley values against their definition, their axioms, and a game solved by hand."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest

from sim.stats.attribution import setting_shares, shapley_by_replication, shapley_of_totals, shapley_weights


def by_definition(values: list[int]) -> list[Fraction]:
    """The mean over all orders of what each player adds when it joins."""
    players = len(values).bit_length() - 1
    added = [Fraction(0)] * players
    orders = list(permutations(range(players)))
    for order in orders:
        coalition = 0
        for player in order:
            added[player] += values[coalition | 1 << player] - values[coalition]
            coalition |= 1 << player
    return [one / len(orders) for one in added]


@pytest.mark.parametrize("players", [1, 2, 3, 4, 6])
def test_values_are_those_of_the_definition(players: int) -> None:
    values = np.random.default_rng(players).integers(0, 10**9, 1 << players).tolist()
    assert list(shapley_of_totals(values, 1)) == by_definition(values)


@pytest.mark.parametrize("players", range(1, 11))
def test_values_add_up_exactly(players: int) -> None:
    values = np.random.default_rng(players).integers(0, 10**15, 1 << players).tolist()
    assert sum(shapley_of_totals(values, 7)) == Fraction(values[-1] - values[0], 7)


def test_a_weight_that_is_off_by_one_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The saboteur of the tests above."""
    from sim.stats import attribution

    broken = shapley_weights(3)
    broken[1, 6] += 1
    monkeypatch.setattr(attribution, "shapley_weights", lambda players: broken)
    values = [0, 1, 2, 4, 8, 16, 32, 64]
    assert sum(shapley_of_totals(values, 1)) != 64
    assert list(shapley_of_totals(values, 1)) != by_definition(values)


def test_gloves() -> None:
    """A left glove and two right ones; a pair is worth 6. The left one gets two thirds."""
    values = [6 if coalition & 1 and coalition & 6 else 0 for coalition in range(8)]
    assert shapley_of_totals(values, 1) == (4, 1, 1)


def test_replications_average_to_the_totals_and_a_null_player_gets_nothing() -> None:
    values = np.random.default_rng(5).integers(0, 10**7, (50, 16))
    values[:, 8:] = values[:, :8]  # the fourth player adds nothing
    each = shapley_by_replication(values)
    exact = shapley_of_totals(values.sum(axis=0).tolist(), 50)
    assert each.mean(axis=0) == pytest.approx([float(one) for one in exact], rel=1e-12, abs=1e-6)
    assert exact[3] == 0
    assert not each[:, 3].any()


@pytest.mark.parametrize("players", [0, 11])
def test_too_many_players_are_refused(players: int) -> None:
    with pytest.raises(ValueError, match=f"{players} players; expected 1 to 10"):
        shapley_weights(players)


def test_shares_of_settings_add_up_to_the_whole_change() -> None:
    """Columns: base, the first setting, the second one, both."""
    limited = np.array([[100, 90, 60, 40], [100, 100, 80, 80], [100, 100, 100, 100]])
    one, other = setting_shares(("a=1", "b=2"), limited, 100)
    assert (one.moved, other.moved) == (1, 2)
    assert one.shapley.estimate == pytest.approx(-(10 + 20) / 2 / 3)
    assert (one.shapley.estimate or 0) + (other.shapley.estimate or 0) == pytest.approx(
        float(np.mean(limited[:, 3] - 100))
    )
