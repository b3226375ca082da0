"""Paired differences of scenarios whose answer is known in closed form.

Attempts are a Poisson process of rate λ, each answered with probability p by the same uniform in both scenarios. So the
attempts that the second scenario (p₂ > p₁) has answered contain those that the first has, and with T₁ >= T₂ in every
replication

    Var(T₁ − T₂) = 1/(λp₁)² − 1/(λp₂)²          (uncensored; T₁ − T₂ is 0 or an exponential wait for a T₁ from T₂ on)
    Var(1{T₂ <= t} − 1{T₁ <= t}) = d(1 − d), d = F₂(t) − F₁(t).
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.rules import answer
from sim.runs.paired import Paired, run_paired
from sim.stats.paired import Compared
from sim.studies.contrasts import compare_paired
from tests.support import DAY, DEEP, HOUR, line, officials, program, replace_rule, scenario

N = 40_000 if DEEP else 3_000
RATE = 1 / (4 * HOUR)
P1, P2 = 0.15, 0.4
DAYS = 30


def poisson(p: float, **keys: object) -> dict[str, object]:
    """Attempts from a Poisson process: the wait for the first one has the law of those between."""
    often = {"exponential": {"mean": "4 h"}}
    return line(answer=p, every=often, starts={"wait": often}) | keys


def two(p: float) -> object:
    lines = {"p": poisson(p), "other": poisson(0.5, caller="a2", callee="b2")}
    return program(scenario(lines, officials=officials("a", "b", "a2", "b2")))  # type: ignore[arg-type]


def run(**programs: object) -> tuple[Paired, Compared]:
    ran = run_paired(programs, N, 5, engine="reference")  # type: ignore[arg-type]
    return ran, compare_paired(ran)


@pytest.fixture(scope="module")
def thinned() -> tuple[Paired, Compared]:
    return run(base=two(P1), more=two(P2), same=two(P1))


def share_by(p: float, seconds: float) -> float:
    return 1 - math.exp(-RATE * p * seconds)


def test_more_answers_never_come_later(thinned: tuple[Paired, Compared]) -> None:
    ran, compared = thinned
    assert np.all(ran.limited("more", "line:p") <= ran.limited("base", "line:p"))
    order = compared.columns["line:p"].order["more"]
    assert order.later.estimate == 0
    # T₁ = T₂ where the first answer of the second is one of the first too: with probability p₁/p₂.
    both = order.same.estimate or 0.0
    assert abs(both - P1 / P2) < 4.5 * math.sqrt(P1 / P2 * (1 - P1 / P2) / N)


def test_the_variance_of_a_difference_of_times_is_that_of_thinning(thinned: tuple[Paired, Compared]) -> None:
    """So few are censored (one in 2 · 10^11) that T is what is limited. Sees a variance that is wrong by 10 %."""
    ran, compared = thinned
    difference = (ran.limited("base", "line:p") - ran.limited("more", "line:p")).astype(float)
    exact = (1 / (RATE * P1)) ** 2 - (1 / (RATE * P2)) ** 2
    assert math.exp(-RATE * P1 * DAYS * DAY) < 1e-11
    spread = np.sqrt(np.mean((difference - difference.mean()) ** 4) / N)
    assert abs(difference.var() - exact) < 4.5 * spread
    one = compared.columns["line:p"].contrasts["restricted_mean_seconds"]["more"]
    independent = (1 / (RATE * P1)) ** 2 + (1 / (RATE * P2)) ** 2
    assert one.variance_removed == pytest.approx(1 - exact / independent, abs=4.5 * spread / independent)
    assert one.estimate is not None
    assert abs(one.estimate - (1 / (RATE * P2) - 1 / (RATE * P1))) < 4.5 * math.sqrt(exact / N)


@pytest.mark.parametrize(("quantity", "seconds"), [("within_1d", DAY), ("within_7d", 7 * DAY)])
def test_the_difference_of_contact_by_a_time(thinned: tuple[Paired, Compared], quantity: str, seconds: int) -> None:
    one = thinned[1].columns["line:p"].contrasts[quantity]["more"]
    d = share_by(P2, seconds) - share_by(P1, seconds)
    assert one.estimate is not None
    assert abs(one.estimate - d) < 4.5 * math.sqrt(d * (1 - d) / N)
    f1, f2 = share_by(P1, seconds), share_by(P2, seconds)
    apart = f1 * (1 - f1) + f2 * (1 - f2)
    assert one.variance_removed == pytest.approx(1 - d * (1 - d) / apart, abs=0.05)
    assert one.low is not None
    assert one.high is not None
    seen = one.estimate + 2 / N  # the interval adds one replication to those gained and one to those lost
    assert one.high - one.low == pytest.approx(2 * 1.96 * math.sqrt(seen * (1 - seen) / N), rel=0.02)


def test_the_difference_of_medians(thinned: tuple[Paired, Compared]) -> None:
    one = thinned[1].columns["line:p"].contrasts["median_seconds"]["more"]
    exact = math.log(2) / RATE * (1 / P2 - 1 / P1)
    assert one.estimate is not None
    assert one.low is not None
    assert one.high is not None
    error = (one.high - one.low) / 2 / 1.96
    assert abs(one.estimate - exact) < 4.5 * error
    # A sample median of n exponential times of mean μ has the standard error μ/√n; that of the difference of two whose
    # indicators correlate by ρ is known from it: P(T₁ > m₁, T₂ > m₂) = ½ exp(−λ(p₂ − p₁)·m₂), as m₂ < m₁.
    rho = 4 * (0.5 * math.exp(-(P2 - P1) / P2 * math.log(2)) - 0.25)
    m1, m2 = 1 / (RATE * P1), 1 / (RATE * P2)
    expected = math.sqrt((m1 * m1 + m2 * m2 - 2 * rho * m1 * m2) / N)
    assert error == pytest.approx(expected, rel=0.25)


def test_restricted_means_before_the_horizon() -> None:
    """Three days, so that 7 % are censored in the base: E[min(T, H)] = (1 − exp(−λpH))/(λp)."""
    end = {"end": "2022-01-04"}
    base, more = (program(scenario({"p": poisson(p)}, **end)) for p in (P1, P2))  # type: ignore[arg-type]
    _, compared = run(base=base, more=more)
    means = [share_by(p, 3 * DAY) / (RATE * p) for p in (P1, P2)]
    one = compared.columns["any"].contrasts["restricted_mean_seconds"]["more"]
    assert one.estimate is not None
    assert one.low is not None
    assert one.high is not None
    assert abs(one.estimate - (means[1] - means[0])) < 4.5 * (one.high - one.low) / 2 / 1.96
    order = compared.columns["any"].order["more"]
    assert order.lost == 0
    censored = 1 - share_by(P1, 3 * DAY) - (1 - share_by(P2, 3 * DAY))
    assert abs(order.gained - censored * N) < 4.5 * math.sqrt(censored * N)


def test_a_scenario_and_itself_do_not_differ_in_any_number(thinned: tuple[Paired, Compared]) -> None:
    for column in thinned[1].columns.values():
        for quantity, contrasts in column.contrasts.items():
            one = contrasts["same"]
            numbers = (one.estimate, one.low, one.high, one.low_all, one.high_all)
            assert set(numbers) <= {0.0, None}, quantity
            assert one.same or one.estimate is None
        assert column.order["same"].changed == 0
        assert column.order["same"].same.estimate == 1


def test_a_line_that_was_not_touched_is_the_same_to_the_bit(thinned: tuple[Paired, Compared]) -> None:
    ran, compared = thinned
    assert np.array_equal(ran.first_contact["base"][:, 1], ran.first_contact["more"][:, 1])
    assert np.array_equal(ran.counts["base"].attempts[:, 1], ran.counts["more"].attempts[:, 1])
    for contrasts in compared.columns["line:other"].contrasts.values():
        assert contrasts["more"].same
        assert contrasts["more"].estimate == 0


def test_answers_that_are_drawn_apart_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The saboteur: where p is large, the uniform is turned round, as though the two did not share it."""
    honest = answer.is_answered
    replace_rule(monkeypatch, honest, lambda u, p: honest(1 - u if p > 0.3 else u, p))
    ran, compared = run(base=two(P1), more=two(P2))
    assert np.any(ran.limited("more", "line:p") > ran.limited("base", "line:p"))
    same = compared.columns["line:p"].order["more"].same.estimate or 0.0
    assert abs(same - P1 / P2) > 4.5 * math.sqrt(P1 / P2 * (1 - P1 / P2) / N)
