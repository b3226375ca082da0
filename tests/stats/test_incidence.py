"""Cumulative incidence."""

from __future__ import annotations

import numpy as np
import pytest

from sim.stats.first_contact import count_times
from sim.stats.survival import cumulative_incidence
from tests.report.synthetic import times


def test_the_incidence_is_the_share_in_which_the_cause_was_first() -> None:
    one, other = times(500, reach=0.5, seed=1, days=1), times(500, reach=0.5, seed=2, days=1)
    first = np.where((one >= 0) & ((other < 0) | (one < other)), one, -1)
    found = cumulative_incidence(count_times(first, 86_400))
    for at in range(0, len(found.seconds), 17):
        assert found.incidence[at] == np.mean((first >= 0) & (first <= found.seconds[at]))
    assert (found.low <= found.incidence).all()
    assert (found.incidence <= found.high).all()


def test_all_causes_and_none_add_up_to_one() -> None:
    first = times(500, reach=0.7, days=1)
    cause = np.random.default_rng(3).integers(0, 3, 500)
    whole = count_times(first, 86_400)
    bins = np.arange(0, len(whole.starts), 99)
    parts = [
        cumulative_incidence(count_times(np.where(cause == k, first, -1), 86_400), bins).incidence for k in range(3)
    ]
    nobody = 1 - whole.reached(bins) / 500
    np.testing.assert_allclose(sum(parts) + nobody, 1, atol=1e-12)


def test_one_minus_the_cause_alone_is_no_incidence() -> None:
    # Taking the other cause for censoring (Kaplan-Meier by cause) says too much; the share does not.
    first = times(2_000, reach=1, mean_days=0.2, days=1)
    cause = np.random.default_rng(3).integers(0, 2, 2_000)
    found = cumulative_incidence(count_times(np.where(cause == 0, first, -1), 86_400)).incidence[-1]
    order = np.argsort(first[first >= 0])
    kinds = cause[first >= 0][order]
    left = np.arange(len(kinds), 0, -1) + np.count_nonzero(first < 0)
    naive = 1 - np.prod(1 - (kinds == 0) / left)
    assert found == pytest.approx(np.mean((first >= 0) & (cause == 0)))
    assert naive > found + 0.2
