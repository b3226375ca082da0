"""Effects on the odds: steps, fading, fatigue, sums of occurrences, and what an odds factor of 0 does."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from scipy import integrate

from sim.engines.contract import Batch, EventLog
from tests.oracles.checks import assert_masses, assert_survival
from tests.support import DAY, HOUR, line, officials, scenario, seconds_of, simulate, times_of, trace

FEW = 800


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def expit(x: float) -> float:
    return 1 / (1 + math.exp(-x))


# ---- piecewise hazards --------------------------------------------------------------------------------------------

HORIZON, SHOCK = 8 * DAY, 2 * DAY
RATE, ANSWER, FACTOR, LASTS, HALF_LIFE = 1 / (6 * HOUR), 0.05, 12.0, 3 * DAY, DAY


def shocked(effect: Mapping[str, object], at: str = "2022-01-03") -> dict[str, Any]:
    """Poisson attempts, six-hourly on average, and one event that multiplies the odds by twelve on day 2."""
    interval = {"exponential": {"mean": "6 h"}}
    lines = {"x": line(starts={"at": "2022-01-01", "wait": interval}, every=interval, answer=ANSWER)}
    events = {"shock": {"at": at, "effect": {"affects": ["x"], "odds_factor": FACTOR, **effect}}}
    return scenario(lines, end="2022-01-09", events=events)


def probability(t: float, kind: str) -> float:
    """The answer probability of an attempt at t."""
    if t < SHOCK or (kind == "lasts" and t >= SHOCK + LASTS):
        return ANSWER
    share = 2.0 ** (-(t - SHOCK) / HALF_LIFE) if kind == "half_life" else 1.0
    return expit(logit(ANSWER) + share * math.log(FACTOR))


def check_hazard(batch: Batch, kind: str) -> None:
    """Attempts are Poisson, so S(t) = exp(-lambda integral of p).

    At 5,000 replications the standard error of S is at most 0.0071. Detected are an odds factor of 9.7 instead of 12, a
    window 13 h short of its three days, a half-life of 19 h instead of a day; first and last seconds are tested below.
    """
    breaks = [SHOCK, SHOCK + LASTS]

    def survival(t: float) -> float:
        edges = [0.0, *(float(edge) for edge in breaks if edge < t), t]
        pieces = pairwise(edges)
        total = sum(integrate.quad(probability, low, high - 1e-6, args=(kind,))[0] for low, high in pieces)
        return math.exp(-RATE * total)

    times = times_of(batch, 0, HORIZON)
    assert_survival(times, survival, [k * DAY for k in (0.5, 1, 1.99, 2.25, 2.5, 3, 4, 4.99, 5.5, 6.5, 7.99)])


EFFECTS: dict[str, Mapping[str, object]] = {
    "lasts": {"lasts": "3 d"},
    "half_life": {"half_life": "1 d"},
    "permanent": {},
}


@pytest.mark.parametrize("kind", EFFECTS)
def test_effect_shapes_the_hazard(engine: str, replications: int, kind: str) -> None:
    check_hazard(simulate(shocked(EFFECTS[kind]), replications, engine=engine), kind)


@pytest.mark.parametrize(
    ("kind", "broken"),
    [
        ("lasts", shocked({"half_life": "3 d"})),
        ("lasts", shocked({"lasts": "2 d"})),
        ("half_life", shocked({"half_life": "12 h"})),
        ("half_life", shocked({"lasts": "1 d"})),
        ("permanent", shocked({"lasts": "3 d"})),
        ("permanent", shocked({}, at="2022-01-02")),
    ],
)
def test_hazard_saboteur(engine: str, kind: str, broken: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        check_hazard(simulate(broken, FEW, engine=engine), kind)


# ---- fatigue ------------------------------------------------------------------------------------------------------

FATIGUE, FRESH, TRIES = 0.7, 0.3, 8


def tired(factor: float = FATIGUE, **effect: object) -> dict[str, Any]:
    """Every refusal multiplies the odds of the next attempt by 0.7, for good."""
    effect = {"odds_factor": factor} | effect
    return scenario({"x": line(every="6 h", answer=FRESH, on_unanswered=effect)}, end="2022-01-03")


def check_fatigue(batch: Batch) -> None:
    """P(T = 6 h k) = p_k times the product of 1 - p_j for j < k, with logit p_k = logit 0.3 + k ln 0.7.

    At 5,000 replications P(none) = 0.302 has a standard error of 0.0065: a fatigue of 0.74 instead of 0.7 is seen, as
    is one that starts an attempt late (P(T = 6 h) would be 0.21 instead of 0.16)."""
    masses, left = {}, 1.0
    for k in range(TRIES):
        p = expit(logit(FRESH) + k * math.log(FATIGUE))
        masses[6 * HOUR * k] = left * p
        left *= 1 - p
    assert_masses(times_of(batch, 0, 2 * DAY), masses | {2 * DAY: left}, "T")


def test_fatigue_multiplies_the_odds_after_each_refusal(engine: str, replications: int) -> None:
    check_fatigue(simulate(tired(), replications, engine=engine))


@pytest.mark.parametrize(
    "broken", [tired(0.6), tired(lasts="6 h"), tired(half_life="1 d")], ids=["0.6", "lasts", "fades"]
)
def test_fatigue_saboteur(engine: str, broken: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        check_fatigue(simulate(broken, 1_200, engine=engine))


# ---- sums and windows, to twelve digits ---------------------------------------------------------------------------

NEVER_ANSWERED = 1e-9
"""An answer probability at which no attempt of these histories is answered, and odds still show."""


def probabilities(event_log: EventLog, name: str) -> list[float]:
    found = [h.detail["probability"] for h in event_log.log_entries if h.what == "attempt" and h.name == name]
    return [float(p) for p in found]


def shift(p: float) -> float:
    """ln of the odds factor in force on an attempt of answer probability `NEVER_ANSWERED`."""
    return logit(p) - logit(NEVER_ANSWERED)


def assert_shifts(event_log: EventLog, name: str, expected: list[float]) -> None:
    """The log-odds at each attempt moved by the expected sums, to 1e-9 (twelve digits of p, over ln of it)."""
    assert [shift(p) for p in probabilities(event_log, name)] == pytest.approx(expected, abs=1e-9)


def repeated(
    effect: Mapping[str, object], at: list[str], attempts: Mapping[str, object] | None = None
) -> dict[str, Any]:
    events = {"e": {"at": at, "effect": {"affects": ["x"], "odds_factor": 3, **effect}}}
    return scenario(
        {"x": line(answer=NEVER_ANSWERED, **(attempts or {"every": "6 h"}))}, end="2022-01-02", events=events
    )


AT = ["2022-01-01 06:00", "2022-01-01 09:00", "2022-01-01 12:00"]
LN3 = math.log(3)


def test_permanent_occurrences_are_counted(engine: str) -> None:
    """Attempts at 0, 6, 12, 18 h; occurrences at 6, 9 and 12 h; an event precedes an attempt of its second."""
    assert_shifts(trace(repeated({}, AT), engine=engine), "x", [0, LN3, 3 * LN3, 3 * LN3])


def test_occurrences_within_lasts_are_counted(engine: str) -> None:
    """lasts 6 h: at 12 h those of (6 h, 12 h], so the one at 6 h no longer counts; at 18 h none."""
    assert_shifts(trace(repeated({"lasts": "6 h"}, AT), engine=engine), "x", [0, LN3, 2 * LN3, 0])


def test_fading_occurrences_add_up(engine: str) -> None:
    """half_life 3 h: S(12 h) = ln 3 (1/4 + 1/2 + 1), S(18 h) a quarter of it."""
    assert_shifts(trace(repeated({"half_life": "3 h"}, AT), engine=engine), "x", [0, LN3, 1.75 * LN3, 1.75 / 4 * LN3])


def test_own_refusals_fade(engine: str) -> None:
    """The k-th attempt feels k refusals at distances of 1, …, k half-lives: ln f (1/2 + … + 2^-k)."""
    effect = {"odds_factor": 0.25, "half_life": "6 h"}
    human = scenario({"x": line(every="6 h", answer=NEVER_ANSWERED, on_unanswered=effect)}, end="2022-01-02 06:00")
    assert_shifts(trace(human, engine=engine), "x", [math.log(0.25) * (1 - 0.5**k) for k in range(5)])


@pytest.mark.parametrize(
    ("starts", "expected"),
    [("05:59:59", 0.0), ("06:00:00", LN3), ("07:59:59", LN3), ("08:00:00", 0.0)],
    ids=["before", "first second", "last second", "after"],
)
def test_a_window_has_its_first_second_and_not_its_last(engine: str, starts: str, expected: float) -> None:
    """An effect that lasts 2 h from 06:00, seen by an attempt at one second."""
    attempt = {"starts": f"2022-01-01 {starts}", "every": "1 d"}
    assert_shifts(trace(repeated({"lasts": "2 h"}, AT[:1], attempt), engine=engine), "x", [expected])


def test_window_saboteur(engine: str) -> None:
    human = repeated({"lasts": "7201 s"}, AT[:1], {"starts": "2022-01-01 08:00:00", "every": "1 d"})
    with pytest.raises(AssertionError):
        assert_shifts(trace(human, engine=engine), "x", [0.0])


def test_an_effect_counts_once_a_line_however_often_it_is_named(engine: str) -> None:
    """`x` is named by itself, its channel, its callee and its callee's side; `v` by the side alone; `z`, whose callee
    is of the other side, by nothing."""
    lines = {
        "x": line(caller="a1", callee="b1", every="12 h", answer=NEVER_ANSWERED),
        "v": line(caller="a2", callee="b2", channel="d", every="12 h", answer=NEVER_ANSWERED),
        "z": line(caller="b3", callee="a3", channel="d", every="12 h", answer=NEVER_ANSWERED),
    }
    events = {"e": {"at": "2022-01-01 01:00", "effect": {"affects": ["x", "c", "b1", "B"], "odds_factor": 5}}}
    people = officials("a1", "a2", "a3", "b1", "b2", "b3")
    human = scenario(lines, end="2022-01-02", officials=people, channels={"c": {}, "d": {}}, events=events)
    event_log = trace(human, engine=engine)
    assert_shifts(event_log, "x", [0, math.log(5)])
    assert_shifts(event_log, "v", [0, math.log(5)])
    assert_shifts(event_log, "z", [0, 0])


def test_a_contact_moves_other_lines_from_its_own_second_on(engine: str) -> None:
    """v's contact at 02:00 precedes x's attempt of that second; default `affects` is the own line."""
    lines = {
        "x": line(caller="a1", callee="b1", every="1 h", answer=NEVER_ANSWERED),
        "v": line(
            caller="a2",
            callee="b2",
            every="1 d",
            answer=1,
            delay="2 h",
            on_contact={"affects": ["x"], "odds_factor": 3, "lasts": "2 h"},
        ),
        "z": line(
            caller="a3",
            callee="b3",
            every="1 h",
            answer=NEVER_ANSWERED,
            on_unanswered={"odds_factor": 2, "lasts": "5400 s"},
        ),
    }
    people = officials("a1", "a2", "a3", "b1", "b2", "b3")
    event_log = trace(scenario(lines, end="2022-01-01 06:00", officials=people), engine=engine)
    assert_shifts(event_log, "x", [0, 0, LN3, LN3, 0, 0])
    assert_shifts(event_log, "z", [0] + [math.log(2)] * 5)


# ---- odds factor 0, answers 0 and 1 -------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [0.5, 1])
def test_odds_factor_zero_silences_and_then_leaves_no_trace(engine: str, answer: float) -> None:
    """From 06:00 for 6 h, twice overlapping (09:00): p = 0 in force, and the odds of before afterwards, not NaN."""
    events = {"e": {"at": AT[:2], "effect": {"affects": ["x"], "odds_factor": 0, "lasts": "6 h"}}}
    lines = {"x": line(starts="2022-01-01 06:00", every="3 h", answer=answer, until="horizon")}
    event_log = trace(scenario(lines, end="2022-01-02", events=events), engine=engine)
    assert seconds_of(event_log, "attempt", "x") == [k * HOUR for k in (6, 9, 12, 15, 18, 21)]
    assert probabilities(event_log, "x") == pytest.approx([0, 0, 0, answer, answer, answer], abs=1e-12)


def test_odds_factor_zero_beats_a_sure_answer(engine: str) -> None:
    """Attempts are still made, with reasons, unlike on a closed channel; and an attempt after the window succeeds."""
    events = {"e": {"at": "2022-01-01", "effect": {"affects": ["x"], "odds_factor": 0, "lasts": "3 h"}}}
    batch = simulate(scenario({"x": line(every="1 h", answer=1)}, end="2022-01-02", events=events), 5, engine=engine)
    assert batch.first_contact[:, 0].tolist() == [3 * HOUR] * 5
    assert (batch.attempts[0], batch.answered[0], batch.unanswered[0].tolist()) == (20, 5, [15, 0])


@pytest.mark.parametrize(("answer", "factor"), [(0, 1e12), (1, 1e-12)])
def test_certain_answers_are_not_moved_by_finite_odds(engine: str, answer: int, factor: float) -> None:
    events = {"e": {"at": "2022-01-01", "effect": {"affects": ["x"], "odds_factor": factor}}}
    event_log = trace(scenario({"x": line(every="6 h", answer=answer)}, end="2022-01-02", events=events), engine=engine)
    assert probabilities(event_log, "x") == ([1.0] if answer else [0.0] * 4)


def test_silence_saboteur(engine: str) -> None:
    """An odds factor of 1e-3 is not silence: one of some hundred attempts at answer 1/2 gets through."""
    events = {"e": {"at": "2022-01-01", "effect": {"affects": ["x"], "odds_factor": 0.05}}}
    batch = simulate(scenario({"x": line(every="1 h", answer=0.5)}, end="2022-01-02", events=events), 5, engine=engine)
    with pytest.raises(AssertionError):
        assert batch.answered[0] == 0
