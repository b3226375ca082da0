"""Every rule of `sim.rules` that an engine obeys, broken on purpose, and the oracle that sees it.

The rules are replaced where the reference engine has bound them. Saboteurs by way of the scenario stand beside each
oracle; the order within a second is broken in `test_order`, the keys of the draws in `tests/properties/test_keys.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.rules import answer, calendar, random
from tests.oracles import (
    test_calls,
    test_competition,
    test_duty,
    test_effects,
    test_openings,
    test_order,
    test_requests,
    test_thinning,
)
from tests.support import program, replace_rule, simulate

ENGINE = "reference"


def clock_closed_on_both_ends(starts: Sequence[int], ends: Sequence[int], second: int, never: int) -> int:
    """Windows that include their last second."""
    return TRUE_FIRST_OPEN(starts, [end + 1 for end in ends], second, never)


TRUE_UNIFORMS = random.uniforms
TRUE_FIRST_OPEN = calendar.first_open
TRUE_REASON_OF = answer.reason_of
TRUE_PROBABILITY = answer.answer_probability

Check = Callable[[], None]
Pair = tuple[NDArray[np.float64], NDArray[np.float64]]


def poisson() -> None:
    test_thinning.check_poisson(simulate(test_thinning.poisson(), 1_000))


def cadence() -> None:
    test_thinning.check_cadence(simulate(test_thinning.cadence(), 200))


def reasons() -> None:
    human = test_thinning.reasoned()
    test_thinning.check_reasons(simulate(human, 1_000), program(human).reasons)


def outages() -> None:
    for starts, delay, contact in (("08:00", "2 h", "13:00"), ("19:00", "1 h", None)):
        test_openings.test_outage_over_a_pending_contact(ENGINE, starts, delay, contact)


def callee_on_duty() -> None:
    test_duty.test_only_the_callees_duty_seconds_count_towards_the_delay(ENGINE, "10:00", "10 h", "03-27 11:00")


def fading() -> None:
    test_effects.test_own_refusals_fade(ENGINE)


def window_of_an_effect() -> None:
    test_effects.test_a_window_has_its_first_second_and_not_its_last(ENGINE, "08:00:00", 0.0)


def silence() -> None:
    test_effects.test_odds_factor_zero_beats_a_sure_answer(ENGINE)


def merging() -> None:
    test_requests.test_an_occurrence_during_an_request_is_merged(ENGINE)


def waiting() -> None:
    test_calls.test_both_officials_are_taken_together_or_not_at_all(ENGINE)


def order() -> None:
    test_order.check_event_log(ENGINE)


def seconds() -> None:
    test_thinning.check_whole_seconds(ENGINE)


SABOTAGE: dict[str, tuple[Callable[..., Any], Callable[..., Any], Sequence[Check]]] = {
    "durations truncated": (
        calendar.whole_seconds,
        lambda duration, least, never: never if duration >= never else max(least, int(duration)),
        [seconds],
    ),
    "durations rounded up": (
        calendar.whole_seconds,
        lambda duration, least, never: never if duration >= never else max(least, int(duration + 0.999999)),
        [seconds],
    ),
    "no never": (
        calendar.whole_seconds,
        lambda duration, least, never: min(never - 1, max(least, int(duration + 0.5))),
        [seconds],
    ),
    "a second late": (
        calendar.after,
        lambda second, duration, never: min(never, second + duration + 1),
        [cadence, merging, order],
    ),
    "closed windows": (calendar.first_open, clock_closed_on_both_ends, [outages]),
    "always open": (calendar.first_open, lambda starts, ends, second, never: second, [outages]),
    "delay by the clock on the wall": (
        calendar.served,
        lambda starts, ends, second, duration, never: second + duration,
        [callee_on_duty],
    ),
    "better answers": (answer.is_answered, lambda uniform, probability: uniform < 1.3 * probability, [poisson]),
    "closed comparison": (answer.is_answered, lambda uniform, probability: True, [silence, order]),
    "odds factor 0 ignored": (
        answer.answer_probability,
        lambda log_odds, closers: TRUE_PROBABILITY(log_odds, 0),
        [silence, order],
    ),
    "reasons out of proportion": (
        answer.reason_of,
        lambda uniform, cumulative: TRUE_REASON_OF(uniform * uniform, cumulative),
        [reasons],
    ),
    "fading by a third": (answer.faded, lambda value, age, half_life: value * 3 ** (-age / half_life), [fading]),
    "no fading": (answer.faded, lambda value, age, half_life: value, [fading]),
    "windows one second longer": (answer.in_force, lambda age, lasts: age <= lasts, [window_of_an_effect]),
    "effects for good": (answer.in_force, lambda age, lasts: True, [window_of_an_effect, silence]),
}


@pytest.mark.parametrize("name", SABOTAGE)
def test_a_broken_rule_is_seen(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Each check passes on the rule as it is and fails on the broken one."""
    rule, saboteur, checks = SABOTAGE[name]
    for check in checks:
        check()
        with monkeypatch.context() as broken:
            replace_rule(broken, rule, saboteur)
            with pytest.raises(AssertionError):
                check()


def competition() -> None:
    human = test_competition.competing()
    test_competition.check_competing(simulate(human, 600), test_competition.columns_of(human))


def same_row(seed: int, stream: int, replications: range, indices: range, pair: int) -> Pair:
    """Every replication has the numbers of the first."""
    first, second = TRUE_UNIFORMS(seed, stream, range(1), indices, pair)
    return np.tile(first, (len(replications), 1)), np.tile(second, (len(replications), 1))


def same_column(seed: int, stream: int, replications: range, indices: range, pair: int) -> Pair:
    """Every attempt has the numbers of the first."""
    first, second = TRUE_UNIFORMS(seed, stream, replications, range(1), pair)
    return np.tile(first, (1, len(indices))), np.tile(second, (1, len(indices)))


@pytest.mark.parametrize(
    ("saboteur", "check"),
    [
        (lambda seed, stream, rows, columns, pair: TRUE_UNIFORMS(seed, stream, rows, columns, 0), reasons),
        (lambda seed, stream, rows, columns, pair: TRUE_UNIFORMS(seed, 7, rows, columns, pair), competition),
        (same_row, cadence),
        (same_column, cadence),
    ],
    ids=["purpose", "stream", "replication", "index"],
)
def test_draws_that_ignore_a_part_of_their_key_are_seen(
    monkeypatch: pytest.MonkeyPatch, saboteur: Callable[..., Pair], check: Check
) -> None:
    check()
    replace_rule(monkeypatch, TRUE_UNIFORMS, saboteur)
    with pytest.raises(AssertionError):
        check()


@pytest.mark.parametrize("check", [waiting], ids=["calls"])
def test_officials_who_are_never_in_a_call_are_seen(monkeypatch: pytest.MonkeyPatch, check: Check) -> None:
    from sim.engines.reference import OfficialProcess

    check()
    monkeypatch.setattr(OfficialProcess, "in_call", lambda self, now: False)
    with pytest.raises(AssertionError):
        check()
