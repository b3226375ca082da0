"""Attempts thinned by a constant answer probability: exponential, geometric, and their convolution with a delay."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sim.engines.contract import Batch
from sim.rules.bins import bin_of, last_of
from tests.oracles.checks import assert_masses, assert_restricted_mean, assert_share, assert_survival, assert_thinned
from tests.support import DAY, HOUR, line, program, scenario, seconds_of, simulate, times_of, trace

FEW = 800
"""Replications of a saboteur, whose bias is several times what an oracle can detect."""


# ---- Poisson attempts ---------------------------------------------------------------------------------------------

POISSON_HORIZON = 10 * DAY
POISSON_RATE, POISSON_ANSWER = 1 / (12 * HOUR), 0.2


def poisson(mean: str = "12 h", answer: float = POISSON_ANSWER) -> dict[str, Any]:
    """The wait before the first attempt has the interval's own distribution, so that attempts are Poisson from t = 0
    on."""
    interval = {"exponential": {"mean": mean}}
    lines = {"x": line(starts={"at": "2022-01-01", "wait": interval}, every=interval, answer=answer)}
    return scenario(lines, end="2022-01-11")


def check_poisson(batch: Batch) -> None:
    """Contacts are Poisson attempts kept with probability p: T is exponential with rate lambda p.

    Rounding to whole seconds shifts a mean of 12 h by under 1e-5 s (see the next oracle for where it shows). At 5,000
    replications the restricted mean has a standard error of 1.3 % of itself: a bias of 9 % of the rate is seen.
    """
    times = times_of(batch, 0, POISSON_HORIZON)
    rate = POISSON_RATE * POISSON_ANSWER

    def survival(t: float) -> float:
        return math.exp(-rate * t)

    assert_survival(times, survival, [k * DAY for k in (0.25, 1, 2, 3, 5, 7, 9.9)])
    assert_restricted_mean(times, survival, POISSON_HORIZON)
    assert_thinned(batch, 0, POISSON_ANSWER)
    assert batch.answered[0] == (batch.first_contact[:, 0] >= 0).sum()


def test_poisson_attempts_give_an_exponential_contact(engine: str, replications: int) -> None:
    check_poisson(simulate(poisson(), replications, engine=engine))


@pytest.mark.parametrize("broken", [poisson(mean="14 h"), poisson(answer=0.26), scenario({"x": line(
    every={"exponential": {"mean": "12 h"}}, answer=POISSON_ANSWER)}, end="2022-01-11")],
    ids=["slower", "likelier", "first attempt at once"])  # fmt: skip
def test_poisson_saboteur(engine: str, broken: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        check_poisson(simulate(broken, FEW, engine=engine))


# ---- rounding to whole seconds ------------------------------------------------------------------------------------

SECONDS = 25
ROUNDED_MEAN, ROUNDED_ANSWER = 2.0, 0.5


def rounded(mean: str = "2 s") -> dict[str, Any]:
    """Intervals so short that rounding, and the floor of one second, shape the distribution."""
    lines = {"x": line(every={"exponential": {"mean": mean}}, answer=ROUNDED_ANSWER)}
    return scenario(lines, start="2022-01-01 00:00:00", end="2022-01-01 00:00:25")


def rounded_masses() -> dict[int, float]:
    """P(T = t): the interval is N = max(1, floor(D + 1/2)), the chance that an attempt falls on t a renewal sum."""
    step = np.zeros(SECONDS)
    for k in range(1, SECONDS):
        low = 0.0 if k == 1 else k - 0.5
        step[k] = math.exp(-low / ROUNDED_MEAN) - math.exp(-(k + 0.5) / ROUNDED_MEAN)
    reached = np.zeros(SECONDS)
    reached[0] = 1.0
    for t in range(1, SECONDS):
        reached[t] = sum((1 - ROUNDED_ANSWER) * reached[s] * step[t - s] for s in range(t))
    masses = {t: ROUNDED_ANSWER * float(reached[t]) for t in range(SECONDS)}
    return masses | {SECONDS: 1 - sum(masses.values())}


def check_rounded(batch: Batch) -> None:
    """At 5,000 replications P(T = 1) = 0.132 has a standard error of 0.0048; truncation instead of rounding would
    make it 0.158, a renewal without the floor of one second 0.5 P(1/2 <= D < 3/2) / (1 - 0.5 P(D < 1/2)) and so
    0.086."""
    assert_masses(times_of(batch, 0, SECONDS), rounded_masses(), "T")
    assert_thinned(batch, 0, ROUNDED_ANSWER)


def test_durations_are_rounded_to_the_nearest_second(engine: str, replications: int) -> None:
    check_rounded(simulate(rounded(), replications, engine=engine))


def test_rounding_saboteur(engine: str) -> None:
    with pytest.raises(AssertionError):
        check_rounded(simulate(rounded(mean="3 s"), FEW, engine=engine))


def in_seconds(delay: str = "0 s", every: Any = "1 h", answer: float = 1) -> dict[str, Any]:
    lines = {"x": line(every=every, answer=answer, delay=delay)}
    return scenario(lines, start="2022-01-01 00:00:00", end="2022-01-01 00:00:05")


def check_whole_seconds(engine: str) -> None:
    """floor(d + 1/2) at least 0 for a delay, at least 1 for an interval: worked by hand, halves go up."""
    for delay, second in {"0.4 s": 0, "0.5 s": 1, "1.4 s": 1, "1.5 s": 2, "2.5 s": 3, "3.49 s": 3}.items():
        assert seconds_of(trace(in_seconds(delay), engine=engine), "contact", "x") == [second], delay
    # Only a draw can be shorter than a second; a duration that is written so is refused.
    short = {"uniform": {"min": "0.1 s", "max": "1 s"}}
    assert seconds_of(trace(in_seconds(every=short, answer=0), engine=engine), "attempt", "x") == [0, 1, 2, 3, 4]
    for every, seconds in {"1.4 s": [0, 1, 2, 3, 4], "1.5 s": [0, 2, 4], "5 s": [0]}.items():
        assert seconds_of(trace(in_seconds(every=every, answer=0), engine=engine), "attempt", "x") == seconds, every
    assert seconds_of(trace(in_seconds("4.4 s"), engine=engine), "contact", "x") == [4]
    assert seconds_of(trace(in_seconds("4.5 s"), engine=engine), "contact", "x") == []  # the horizon is the fifth


def test_halves_of_a_second_by_hand(engine: str) -> None:
    check_whole_seconds(engine)


# ---- reasons ------------------------------------------------------------------------------------------------------

SHARES = {"declined": 0.7, "no reply": 0.2, "line dead": 0.1}


def reasoned(shares: Mapping[str, float] = SHARES) -> dict[str, Any]:
    return scenario({"x": line(every="6 h", answer=0.2, unanswered=dict(shares))}, end="2022-01-03 12:00")


def check_reasons(batch: Batch, reasons: tuple[str, ...]) -> None:
    """The unanswered attempts split by their shares, whatever becomes of the request; 18,000 of them at 5,000
    replications, so a share of 0.1 has a standard error of 0.0022, and 0.113 would be seen. Nobody is busy."""
    unanswered = int(batch.attempts[0] - batch.answered[0])
    found = dict(zip(reasons, batch.unanswered[0].tolist(), strict=True))
    assert found.pop("busy") == 0
    for reason, share in SHARES.items():
        assert_share(found[reason], unanswered, share, reason)
    assert_thinned(batch, 0, 0.2)


def test_reasons_are_drawn_by_their_shares(engine: str, replications: int) -> None:
    human = reasoned()
    assert program(human).reasons == (*SHARES, "busy")
    check_reasons(simulate(human, replications, engine=engine), program(human).reasons)


def test_reasons_saboteur(engine: str) -> None:
    human = reasoned({"declined": 0.2, "no reply": 0.7, "line dead": 0.1})
    with pytest.raises(AssertionError):
        check_reasons(simulate(human, 500, engine=engine), program(human).reasons)


# ---- fixed cadence ------------------------------------------------------------------------------------------------

CADENCE, CADENCE_ANSWER, CADENCE_TRIES = 6 * HOUR, 0.2, 10


def cadence(end: str = "2022-01-03 12:00", answer: float = CADENCE_ANSWER) -> dict[str, Any]:
    """Attempts at 0, 6 h, …; the eleventh would fall on the horizon, at which nothing happens."""
    return scenario({"x": line(every="6 h", answer=answer)}, end=end)


def check_cadence(batch: Batch) -> None:
    """T / 6 h is geometric on 0, 1, …, 9. At 5,000 replications P(T = 0) = 0.2 has a standard error of 0.0057, so an
    answer probability of 0.233 would be seen; a contact one second off is seen at once."""
    p, q = CADENCE_ANSWER, 1 - CADENCE_ANSWER
    horizon = CADENCE * CADENCE_TRIES
    times = times_of(batch, 0, horizon)
    masses = {k * CADENCE: p * q**k for k in range(CADENCE_TRIES)} | {horizon: q**CADENCE_TRIES}
    assert_masses(times, masses, "T")
    tries = np.where(times < horizon, times // CADENCE + 1, CADENCE_TRIES)
    assert batch.attempts[0] == tries.sum()
    for k in range(CADENCE_TRIES):  # the request's number of attempts is a function of its contact time
        assert batch.attempts_taken[0, bin_of(k + 1)] == (times == k * CADENCE).sum()
    assert batch.response[0, 0] == (times < horizon).sum()


def test_fixed_cadence_gives_a_geometric_contact(engine: str, replications: int) -> None:
    check_cadence(simulate(cadence(), replications, engine=engine))


@pytest.mark.parametrize("broken", [cadence(end="2022-01-03 12:00:01"), cadence(answer=0.3)], ids=["horizon", "answer"])
def test_cadence_saboteur(engine: str, broken: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        check_cadence(simulate(broken, FEW, engine=engine))


# ---- fixed cadence with a delay -----------------------------------------------------------------------------------

DELAY_HORIZON, DELAY_ANSWER = 4 * DAY, 0.3
_SIGMA = math.log(4.0) / stats.norm.ppf(0.9)
DELAYS: dict[str, tuple[dict[str, Any], Callable[[float], float]]] = {
    "uniform": ({"uniform": {"min": "0 h", "max": "10 h"}}, stats.uniform(0, 10 * HOUR).cdf),
    "lognormal": ({"lognormal": {"median": "3 h", "p90": "12 h"}}, stats.lognorm(_SIGMA, scale=3 * HOUR).cdf),
    "gamma": ({"gamma": {"mean": "8 h", "sd": "6 h"}}, stats.gamma(16 / 9, scale=4.5 * HOUR).cdf),
}


def delayed(delay: object, every: str = "6 h") -> dict[str, Any]:
    """While an answered attempt pends the line makes no other, so delays beyond the cadence do not race each other."""
    return scenario({"x": line(every=every, answer=DELAY_ANSWER, delay=delay)}, end="2022-01-05")


def check_delayed(batch: Batch, cdf: Callable[[float], float]) -> None:
    """T = 6 h x geometric + delay: F_T(t) = sum over k of p q^k F_D(t - 6 k h), with F_D at the half second because
    delays are rounded. At 5,000 replications the standard error of F is at most 0.0071: a shift of the delay's median
    by 15 %, or of all contacts by one hour, is seen."""
    times = times_of(batch, 0, DELAY_HORIZON)

    def survival(t: float) -> float:
        tries = range(int(t // CADENCE) + 1)
        return 1 - sum(DELAY_ANSWER * (1 - DELAY_ANSWER) ** k * cdf(t - CADENCE * k + 0.5) for k in tries)

    assert_survival(times, survival, [k * HOUR for k in (0.5, 1, 3, 5.9, 6.1, 9, 12, 18, 24, 40, 60)])
    assert_thinned(batch, 0, DELAY_ANSWER)
    assert batch.response[0].sum() == (times < DELAY_HORIZON).sum()
    for last in (HOUR, 3 * HOUR, 8 * HOUR):  # responses of contacts before the horizon, up to the end of a bin
        slot = bin_of(last)
        exact = sum(
            DELAY_ANSWER * (1 - DELAY_ANSWER) ** k * cdf(min(last_of(slot), DELAY_HORIZON - 1 - CADENCE * k) + 0.5)
            for k in range(DELAY_HORIZON // CADENCE)
        )
        assert_share(int(batch.response[0, : slot + 1].sum()), len(times), exact, f"response within {last} s")


@pytest.mark.parametrize("family", DELAYS)
def test_delay_is_convolved_with_the_cadence(engine: str, replications: int, family: str) -> None:
    delay, cdf = DELAYS[family]
    check_delayed(simulate(delayed(delay), replications, engine=engine), cdf)


@pytest.mark.parametrize(
    "broken", [{"uniform": {"min": "0 h", "max": "12 h"}}, {"uniform": {"min": "1 h", "max": "11 h"}}]
)
def test_delay_saboteur(engine: str, broken: object) -> None:
    with pytest.raises(AssertionError):
        check_delayed(simulate(delayed(broken), FEW, engine=engine), DELAYS["uniform"][1])
