"""The probability of an answer, effects, reasons."""

from __future__ import annotations

import math

import pytest

from sim.rules.answer import answer_probability, faded, in_force, is_answered, reason_of
from sim.rules.arithmetic import log, logit
from sim.rules.order import Kind, rank


def test_odds_factors_multiply_the_odds() -> None:
    p = answer_probability(logit(0.2) + log(3.0), 0)
    assert p / (1 - p) == pytest.approx(3 * 0.25, rel=1e-14)
    assert answer_probability(logit(0.2), 0) == pytest.approx(0.2, rel=1e-15)


def test_certainties_and_closers() -> None:
    assert answer_probability(logit(1.0), 0) == 1.0
    assert answer_probability(logit(1.0) + log(1e-300), 0) == 1.0
    assert answer_probability(logit(0.0) + log(1e300), 0) == 0.0
    assert answer_probability(logit(1.0), 1) == 0.0
    assert answer_probability(800.0, 0) == 1.0
    assert answer_probability(-800.0, 0) == 0.0


def test_an_attempt_is_answered_below_p_only() -> None:
    assert is_answered(0.3, math.nextafter(0.3, 1))
    assert not is_answered(0.3, 0.3)
    assert is_answered(1 - 2.0**-53, 1.0)
    assert not is_answered(2.0**-53, 0.0)


def test_reasons_take_their_shares() -> None:
    cumulative = (0.7, 0.9, 0.9999999999999999)
    assert [reason_of(u, cumulative) for u in (0.1, 0.6999, 0.7, 0.8999, 0.9, 1 - 2.0**-53)] == [0, 0, 1, 1, 2, 2]


def test_fading_and_lasting() -> None:
    assert faded(2.0, 0, 10) == 2.0
    assert faded(2.0, 10, 10) == 1.0
    assert faded(2.0, 5, 10) == pytest.approx(math.sqrt(2.0), rel=1e-15)
    assert [in_force(age, 3) for age in range(5)] == [True, True, True, False, False]


def test_the_order_of_kinds_is_the_published_one() -> None:
    assert [kind.name for kind in sorted(Kind)] == ["SWITCH", "GIVING_UP", "EVENT", "CALL_END", "CONTACT", "ATTEMPT"]
    ranks = [rank(kind, order, 3) for kind in Kind for order in range(3)]
    assert ranks == sorted(set(ranks))
