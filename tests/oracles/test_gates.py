"""A regime that multiplies the odds of the lines behind it: the time to contact is phase-type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

from sim.engines.contract import Batch
from tests.oracles.checks import assert_share, assert_survival
from tests.support import DAY, HOUR, line, officials, scenario, seconds_of, simulate, times_of, trace

HORIZON, EVERY = 5 * DAY, 12 * HOUR
FEW = 800

State = tuple[str, float | None, float]
"""Name, mean sojourn in seconds (None: absorbing), odds factor."""


def lines(answers: Mapping[str, float]) -> dict[str, Any]:
    interval = {"exponential": {"mean": "12 h"}}
    return {
        name: line(
            caller=f"a{k}", callee=f"b{k}", starts={"at": "2022-01-01", "wait": interval}, every=interval, answer=answer
        )
        for k, (name, answer) in enumerate(answers.items())
    }


def gated(states: Sequence[State], initially: object, answers: Mapping[str, float]) -> dict[str, Any]:
    """Poisson lines over one channel, and a gate of exponential sojourns that affects the channel."""
    gate: dict[str, Any] = {"affects": ["c"], "states": {}}
    for name, mean, factor in states:
        gate["states"][name] = {"odds_factor": factor}
        if mean is not None:
            gate["states"][name]["lasts"] = {"exponential": {"mean": f"{mean} s"}}
    if initially is not None:
        gate["initially"] = initially
    people = officials(*(f"{side}{k}" for k in range(len(answers)) for side in "ab"))
    return scenario(lines(answers), end="2022-01-06", officials=people, regimes={"gate": gate})


def tilted(answer: float, factor: float) -> float:
    """The answer probability under an odds factor."""
    odds = answer / (1 - answer) * factor
    return odds / (1 + odds)


class PhaseType:
    """P(T > t) = start · expm(t (Q - diag(hazard))) · 1 for states that cycle in order of declaration."""

    def __init__(self, states: Sequence[State], start: Sequence[float], answers: Sequence[float]) -> None:
        size = len(states)
        generator: NDArray[np.float64] = np.zeros((size, size))
        for i, (_, mean, factor) in enumerate(states):
            if mean is not None:
                generator[i, i] -= 1 / mean
                generator[i, (i + 1) % size] += 1 / mean
            generator[i, i] -= sum(tilted(answer, factor) for answer in answers) / EVERY
        self.generator, self.start = generator, np.array(start)

    def survival(self, t: float) -> float:
        return float((self.start @ expm(t * self.generator)).sum())


TWO: list[State] = [("open", 1.5 * DAY, 1.0), ("closed", 1.0 * DAY, 0.05)]
SHUT_FOR_GOOD: list[State] = [("open", 1.0 * DAY, 1.0), ("closed", None, 0.0)]
THREE: list[State] = [("a", 0.5 * DAY, 0.02), ("b", 1.0 * DAY, 4.0), ("c2", 0.75 * DAY, 0.3)]
CASES: dict[str, tuple[list[State], object, list[float]]] = {
    "first state by default": (TWO, None, [1, 0]),
    "initially closed": (TWO, "closed", [0, 1]),
    "mixed": (TWO, {"open": 0.3, "closed": 0.7}, [0.3, 0.7]),
    "absorbing": (SHUT_FOR_GOOD, None, [1, 0]),
    "three states": (THREE, None, [1, 0, 0]),
}
ANSWER = 0.4


def check_gate(batch: Batch, states: Sequence[State], start: Sequence[float]) -> None:
    """At 5,000 replications the standard error of S is at most 0.0071. For the two-state gate a mean sojourn in
    `closed` of 32 h instead of a day, or an odds factor of 0.15 instead of 0.05, is seen."""
    law = PhaseType(states, start, [ANSWER])
    times = times_of(batch, 0, HORIZON)
    assert_survival(times, law.survival, [k * DAY for k in (0.12, 0.4, 0.8, 1.3, 2, 3, 4, 4.99)])


@pytest.mark.parametrize("case", CASES)
def test_contact_behind_a_gate_is_phase_type(engine: str, replications: int, case: str) -> None:
    states, initially, start = CASES[case]
    check_gate(simulate(gated(states, initially, {"x": ANSWER}), replications, engine=engine), states, start)


@pytest.mark.parametrize(
    "broken",
    [
        gated([TWO[0], ("closed", 1.0 * DAY, 0.4)], None, {"x": ANSWER}),
        gated(TWO, "closed", {"x": ANSWER}),
        gated([("open", None, 1.0), TWO[1]], None, {"x": ANSWER}),
    ],
    ids=["factor", "start", "absorbing"],
)
def test_gate_saboteur(engine: str, broken: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        check_gate(simulate(broken, FEW, engine=engine), TWO, [1, 0])


def test_cycling_backwards_is_seen(engine: str) -> None:
    """Declared in another order, the same three states are another law."""
    batch = simulate(gated([THREE[0], THREE[2], THREE[1]], None, {"x": ANSWER}), 3_000, engine=engine)
    with pytest.raises(AssertionError):
        check_gate(batch, THREE, [1, 0, 0])


SHARED = {"x": 0.4, "v": 0.25}


def check_shared(batch: Batch) -> None:
    """One gate before two lines is a common cause: the first contact of either has the sum of the hazards in each
    state. Two independent gates would lower S(3.5 d) from 0.152 to 0.118: 6.7 standard errors at 5,000 replications."""
    law = PhaseType(TWO, [0, 1], list(SHARED.values()))
    earliest = np.minimum(times_of(batch, 0, HORIZON), times_of(batch, 1, HORIZON))
    assert_survival(earliest, law.survival, [k * DAY for k in (0.25, 0.5, 1, 2, 3.5)], "S of either")


def test_one_gate_couples_the_lines_behind_it(engine: str, replications: int) -> None:
    check_shared(simulate(gated(TWO, "closed", SHARED), replications, engine=engine))


def test_shared_gate_saboteur(engine: str) -> None:
    human = gated(TWO, "closed", SHARED)
    gate = human["regimes"]["gate"]
    human["regimes"] = {"one": gate | {"affects": ["x"]}, "two": gate | {"affects": ["v"]}}
    with pytest.raises(AssertionError):
        check_shared(simulate(human, 3_000, engine=engine))


# ---- sojourns, to the second ----------------------------------------------------------------------------------------


def clockwork(events: Mapping[str, object], **gate: object) -> dict[str, Any]:
    """A gate of fixed sojourns: shut for 10 h, open for 5 h."""
    states = {"shut": {"lasts": "10 h", "odds_factor": 0}, "open": {"lasts": "5 h"}}
    regimes = {"gate": {"affects": ["x"], "states": states} | gate}
    return scenario({"x": line(every="1 h", answer=0.1)}, end="2022-01-02 12:00", regimes=regimes, events=dict(events))


def states_of(human: dict[str, Any], engine: str) -> list[tuple[float, str, float]]:
    """(hour, state, hour of the next switch or -1) of each entry into a state."""
    found = [h for h in trace(human, engine=engine).log_entries if h.what == "state" and h.name == "gate"]
    hours = [(h.second / HOUR, str(h.detail["state"]), float(h.detail["until"])) for h in found]
    return [(second, state, until if until < 0 else until / HOUR) for second, state, until in hours]


def test_sojourns_follow_each_other_in_full(engine: str) -> None:
    """Until 36 h; a switch beyond the horizon is never."""
    expected = [(0, "shut", 10), (10, "open", 15), (15, "shut", 25), (25, "open", 30), (30, "shut", -1)]
    assert states_of(clockwork({}), engine) == expected


def test_an_event_cancels_the_pending_switch(engine: str) -> None:
    """At 6 h into the same state: a fresh sojourn of 10 h, so the switch comes at 16 h and not at 10 h; at 18 h into
    the other state; at 28 h, the very second of a switch, the switch comes first and the event's own follows."""
    switch = {
        "again": {"at": "2022-01-01 06:00", "switches": {"gate": "shut"}},
        "close": {"at": "2022-01-01 18:00", "switches": {"gate": "shut"}},
        "both": {"at": "2022-01-02 04:00", "switches": {"gate": "open"}},
    }
    expected = [
        (0, "shut", 10),
        (6, "shut", 16),
        (16, "open", 21),
        (18, "shut", 28),
        (28, "open", 33),
        (28, "open", 33),
        (33, "shut", -1),
    ]
    assert states_of(clockwork(switch), engine) == expected


def test_each_switch_draws_a_fresh_sojourn(engine: str) -> None:
    """Twenty-four hourly switches into the same state: twenty-five sojourns, all different."""
    hours = [f"2022-01-01 {k:02d}:30" for k in range(24)]
    states = {"shut": {"lasts": {"exponential": {"mean": "100 d"}}}}
    states["open"] = {"lasts": {"exponential": {"mean": "100 d"}}}
    human = clockwork({"again": {"at": hours, "switches": {"gate": "shut"}}}, states=states)
    human["clock"]["end"] = "2199-01-01"
    human["lines"]["x"]["every"] = "36500 d"
    found = states_of(human, engine)[:25]
    assert [state for _, state, _ in found] == ["shut"] * 25
    assert len({round((until - begun) * HOUR) for begun, _, until in found}) == 25


def test_leaving_an_absorbing_state_by_an_event(engine: str) -> None:
    states = {"shut": {"odds_factor": 0}, "open": {"lasts": "5 h"}}
    relief = {"relief": {"at": "2022-01-01 20:00", "switches": {"gate": "open"}}}
    assert states_of(clockwork(relief, states=states), engine) == [(0, "shut", -1), (20, "open", 25), (25, "shut", -1)]


def test_initial_shares_are_drawn_for_each_replication(engine: str, replications: int) -> None:
    """shut with 0.3: the contact of an hourly sure answer comes at 0 with 0.7, else when the gate opens after 10 h.
    An initial share of 0.34 would be seen."""
    human = clockwork({}, initially={"open": 0.7, "shut": 0.3})
    human["lines"]["x"]["answer"] = 1
    times = times_of(simulate(human, replications, engine=engine), 0, 36 * HOUR)
    assert set(times.tolist()) == {0, 10 * HOUR}
    assert_share(int((times == 0).sum()), replications, 0.7, "open at first")


def test_gate_lets_attempts_through_from_its_first_second(engine: str) -> None:
    """Shut until 10 h: the attempt at 10 h is made with the odds of the open gate, for the switch comes before it."""
    human = clockwork({})
    human["lines"]["x"] |= {"answer": 1, "until": "contact"}
    event_log = trace(human, engine=engine)
    assert seconds_of(event_log, "attempt", "x") == [k * HOUR for k in range(11)]
    assert seconds_of(event_log, "contact", "x") == [10 * HOUR]
