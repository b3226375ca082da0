"""Numbers that are not known: beta-geometric contacts, one draw for a block of replications."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import integrate, special, stats

from sim.engines.contract import Batch
from tests.oracles.checks import LIMIT, assert_masses, assert_near, assert_share, assert_survival
from tests.support import DAY, HOUR, line, officials, program, scenario, simulate, times_of

A, B, BLOCK, TRIES = 2.0, 6.0, 16, 8
HORIZON = TRIES * 6 * HOUR


def beta(a: float, b: float) -> dict[str, Any]:
    return {"prior": {"beta": {"a": a, "b": b}}}


def uncertain(a: float = A, b: float = B) -> dict[str, Any]:
    """Eight attempts, six-hourly, whose answer probability is drawn from a beta distribution."""
    return scenario({"x": line(every="6 h", answer=beta(a, b))}, end="2022-01-03")


def all_missed(k: int, a: float = A, b: float = B) -> float:
    """P(k attempts of one probability all go unanswered) = B(a, b + k) / B(a, b)."""
    return math.exp(special.betaln(a, b + k) - special.betaln(a, b))


def check_single(batch: Batch) -> None:
    """Block 1: replications are independent and T / 6 h is beta-geometric. At 5,000 replications P(T = 0) = 0.25 has
    a standard error of 0.0061; a point value in place of the prior moves P(none) from 0.20 to 0.10: seventeen standard
    errors."""
    masses = {6 * HOUR * k: all_missed(k) - all_missed(k + 1) for k in range(TRIES)} | {HORIZON: all_missed(TRIES)}
    assert_masses(times_of(batch, 0, HORIZON), masses, "T")
    assert_prior_draws(batch, stats.beta(A, B), 0)


def assert_prior_draws(batch: Batch, prior: Any, column: int) -> None:
    """The drawn values are a sample of the prior (Kolmogorov, at the probability of 4.5 standard errors)."""
    assert stats.kstest(batch.parameters[:, column], prior.cdf).pvalue > 2 * stats.norm.sf(LIMIT)


def test_beta_geometric_contact(engine: str, replications: int) -> None:
    batch = simulate(uncertain(), replications, block=1, engine=engine)
    assert batch.parameters.shape == (replications, 1)
    check_single(batch)


@pytest.mark.parametrize("broken", [uncertain(3, 9), uncertain(2, 5)], ids=["narrower", "larger"])
def test_beta_geometric_saboteur(engine: str, broken: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        check_single(simulate(broken, 1_500, block=1, engine=engine))


@cache
def in_block_masses(tries: int) -> dict[int, float]:
    """The number of the block's 16 replications with a contact within `tries` attempts: binomial in F = 1 - (1 -
    theta)^tries, mixed over the prior."""

    def mass(count: int) -> float:
        def integrand(theta: float) -> float:
            share = 1 - (1 - theta) ** tries
            return float(stats.binom.pmf(count, BLOCK, share) * stats.beta.pdf(theta, A, B))

        return float(integrate.quad(integrand, 0, 1, epsabs=1e-10, limit=200)[0])

    return {count: mass(count) for count in range(BLOCK + 1)}


def check_block(batch: Batch) -> None:
    """Block 16: the unit is the block. The share of contacts has the variance of block means, Var F(theta) / blocks +
    E[F (1 - F)] / n, about four times the binomial one, and the counts of blocks are mixed binomial.

    With 312 blocks a count's share of 0.06 has a standard error of 0.013; were every replication given its own draw,
    counts near the mean would have twice their share and the ends none: more than eight standard errors."""
    times = times_of(batch, 0, HORIZON)
    blocks = len(times) // BLOCK
    for tries in (1, 3, TRIES):
        exact = 1 - all_missed(tries)
        between = all_missed(2 * tries) - all_missed(tries) ** 2
        within = all_missed(tries) - all_missed(2 * tries)
        error = math.sqrt((between + within / BLOCK) / blocks)
        assert_near(float((times < 6 * HOUR * tries).mean()), exact, error, f"contact within {tries} attempts")
    counts = (times < 3 * 6 * HOUR).reshape(blocks, BLOCK).sum(axis=1)
    assert_masses(counts, in_block_masses(3), "contacts in a block")
    assert_prior_draws(batch, stats.beta(A, B), 0)
    # Given the drawn values, counts are binomial in them: the values reported are those used.
    shares = 1 - (1 - batch.parameters[:, 0]) ** 3
    weights = shares - shares.mean()
    score = float((weights * (counts - BLOCK * shares)).sum())
    assert_near(score, 0.0, math.sqrt(float((weights**2 * BLOCK * shares * (1 - shares)).sum())), "covariance")


def test_a_block_shares_one_draw(engine: str, replications: int) -> None:
    n = replications // BLOCK * BLOCK
    batch = simulate(uncertain(), n, block=BLOCK, engine=engine)
    assert batch.parameters.shape == (n // BLOCK, 1)
    check_block(batch)


def test_block_saboteur(engine: str) -> None:
    """Block 1 dressed up as block 16: every 16th draw is reported."""
    batch = simulate(uncertain(), 2_000, block=1, engine=engine)
    dressed = Batch(**(vars(batch) | {"parameters": batch.parameters[::BLOCK]}))
    with pytest.raises(AssertionError):
        check_block(dressed)


def test_reported_draws_saboteur(engine: str) -> None:
    """The draws of another block reported: the distributions stand, the covariance does not."""
    batch = simulate(uncertain(), 2_400, block=BLOCK, engine=engine)
    shifted = Batch(**(vars(batch) | {"parameters": np.roll(batch.parameters, 1, axis=0)}))
    check_block(batch)
    with pytest.raises(AssertionError, match="covariance"):
        check_block(shifted)


# ---- one number in two places, and two numbers --------------------------------------------------------------------


def pair(shared: bool) -> dict[str, Any]:
    answers = [{"parameter": "p"}] * 2 if shared else [beta(A, B)] * 2
    lines = {
        name: line(caller=f"a{k}", callee=f"b{k}", every="6 h", answer=answers[k]) for k, name in enumerate(["x", "v"])
    }
    sections: dict[str, Any] = {"parameters": {"p": beta(A, B)}} if shared else {}
    return scenario(lines, end="2022-01-03", officials=officials("a0", "a1", "b0", "b1"), **sections)


def check_pair(batch: Batch, shared: bool) -> None:
    """Neither line in k attempts: B(a, b + 2k) / B(a, b) where both use one number, the product where each has its
    own. At k = 8 that is 0.083 against 0.040, eleven standard errors apart at 5,000 replications."""
    earliest = np.minimum(times_of(batch, 0, HORIZON), times_of(batch, 1, HORIZON))
    for k in (1, 3, TRIES):
        exact = all_missed(2 * k) if shared else all_missed(k) ** 2
        missed = int((earliest >= 6 * HOUR * k).sum())
        assert_share(missed, len(earliest), exact, f"neither in {k} attempts")


@pytest.mark.parametrize("shared", [True, False], ids=["one parameter", "two priors in place"])
def test_numbers_are_shared_by_name_only(engine: str, replications: int, shared: bool) -> None:
    human = pair(shared)
    expected = ("parameters.p",) if shared else ("lines.x.answer", "lines.v.answer")
    assert program(human).uncertain == expected
    batch = simulate(human, replications, block=1, engine=engine)
    check_pair(batch, shared)
    with pytest.raises(AssertionError):  # the saboteur: each case fails the other's check
        check_pair(batch, not shared)


# ---- a duration that is not known ---------------------------------------------------------------------------------


def test_a_prior_on_a_mean_interval(engine: str, replications: int) -> None:
    """Poisson attempts of mean M, uniform on 4 h to 36 h: S(t) = E exp(-p t / M). At 5,000 replications the standard
    error is at most 0.0071; the point value 20 h would raise S(1 d) from 0.736 to 0.787, eight of them."""
    interval = {"exponential": {"mean": {"parameter": "mean"}}}
    human = scenario(
        {"x": line(starts={"at": "2022-01-01", "wait": interval}, every=interval, answer=0.2)},
        end="2022-01-08",
        parameters={"mean": {"prior": {"uniform": {"min": "4 h", "max": "36 h"}}}},
    )
    batch = simulate(human, replications, block=1, engine=engine)
    assert program(human).uncertain == ("parameters.mean",)
    assert_prior_draws(batch, stats.uniform(4 * HOUR, 32 * HOUR), 0)

    def survival(t: float) -> float:
        return float(integrate.quad(lambda m: math.exp(-0.2 * t / m), 4 * HOUR, 36 * HOUR)[0] / (32 * HOUR))

    times = times_of(batch, 0, 7 * DAY)
    assert_survival(times, survival, [k * DAY for k in (0.25, 0.5, 1, 2, 4, 6)])
    # Contacts within half a day against the draw: fast draws come sooner, by exactly this much.
    half = 12 * HOUR
    shares = 1 - np.exp(-0.2 * half / batch.parameters[:, 0])
    weights = shares - shares.mean()
    score = float((weights * ((times <= half) - shares)).sum())
    assert_near(score, 0.0, math.sqrt(float((weights**2 * shares * (1 - shares)).sum())), "covariance")
