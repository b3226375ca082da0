"""scenarios/minimal.yaml: the smallest file, with the answer worked out by hand in the tutorial."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from sim import engines
from sim.engines.contract import NEVER
from sim.scenario import load
from sim.scenario.compiler import compile_scenario
from tests.scenarios.documents import ROOT

FILE = ROOT / "scenarios" / "minimal.yaml"
DAY, HOUR = 86_400, 3_600


def contact_of_attempt(day: int) -> int:
    """Second of the contact if the attempt of day 0, 1, … is answered; day 0 is a Monday, and it is 09:00 in Seoul."""
    days_to_work = {5: 2, 6: 1}.get(day % 7, 0)
    return (day + days_to_work) * DAY + 2 * HOUR


def assert_as_worked_out(changes: tuple[str, ...] = (), n: int = 4_000) -> None:
    """Every contact is on a day of the list, and each day has its geometric share, within 4.5 standard errors.

    A shift of the answer probability from 0.1 to 0.13 would show: 0.03 against 4.5 sqrt(0.09 / 4000) = 0.021.
    """
    batch = engines.get("reference").simulate(compile_scenario(load(FILE, changes)), 1, range(n))
    first = batch.first_contact[:, 0]
    shares: dict[int, float] = {NEVER: 0.9**30}
    for day in range(30):
        second = contact_of_attempt(day)
        shares[second] = shares.get(second, 0.0) + 0.1 * 0.9**day
    assert set(np.unique(first).tolist()) <= set(shares)
    for second, share in shares.items():
        assert (first == second).mean() == pytest.approx(share, abs=4.5 * sqrt(share * (1 - share) / n))


def test_it_is_short_and_loads_without_warning() -> None:
    scenario = load(FILE)
    assert scenario.warnings == ()
    assert [number.path for number in scenario.provenance if number.basis is None] == []
    assert len(FILE.read_text(encoding="utf-8").splitlines()) <= 15


def test_it_does_what_the_tutorial_works_out() -> None:
    assert_as_worked_out()


@pytest.mark.parametrize("change", ["lines.envoy-minister.answer.value=0.13", "lines.envoy-minister.delay.value=3 h"])
def test_a_change_is_noticed(change: str) -> None:
    with pytest.raises(AssertionError):
        assert_as_worked_out((change,))
