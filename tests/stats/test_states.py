"""The state of every line over time."""

from __future__ import annotations

import numpy as np
import pytest

from sim.scenario.compiler import compile_scenario
from sim.stats.samples import CONTACTED, PENDING, LineStates, instants, line_states
from tests.stats.event_logs import attempt, contact, event_log

SECONDS = np.array([0, 4, 5, 9, 99], np.int64)
REASONS = ("declined", "no reply", "busy")


def followed(*event_logs: object) -> LineStates:
    return line_states("ab", REASONS, event_logs, SECONDS, 100)  # type: ignore[arg-type]


def states_of(found: LineStates, line: int) -> list[int]:
    """The index of the only state that is taken, at each instant."""
    return np.argmax(found.counts[line], axis=0).tolist()


def test_a_line_goes_through_its_states() -> None:
    found = followed(
        event_log(attempt(5, "a", "declined"), attempt(9, "a", "answered"), attempt(9, "b", "busy"), contact(50, "a"))
    )
    untried = 5
    assert states_of(found, 0) == [untried, untried, 2, PENDING, CONTACTED]
    assert states_of(found, 1) == [untried, untried, untried, 4, 4]


def test_what_happens_at_an_instant_is_in_it() -> None:
    found = followed(event_log(attempt(0, "a", "no reply"), attempt(5, "a", "answered"), contact(5, "a")))
    assert states_of(found, 0) == [3, 3, CONTACTED, CONTACTED, CONTACTED]


def test_after_the_first_contact_nothing_changes_the_state() -> None:
    found = followed(event_log(contact(4, "a"), attempt(5, "a", "declined"), contact(9, "a")))
    assert states_of(found, 0) == [5, CONTACTED, CONTACTED, CONTACTED, CONTACTED]


def test_states_add_up_to_the_replications() -> None:
    found = followed(event_log(attempt(4, "a")), event_log(), event_log(contact(9, "b")))
    assert (found.counts.sum(axis=1) == 3).all()
    assert (found.counts >= 0).all()


def test_a_reason_that_nobody_knows_is_refused() -> None:
    with pytest.raises(KeyError, match="asleep"):
        followed(event_log(attempt(4, "a", "asleep")))


def test_the_rarest_reasons_are_added_up() -> None:
    found = followed(
        event_log(attempt(0, "a", "declined")),
        event_log(attempt(0, "a", "busy")),
        event_log(attempt(9, "a", "no reply")),
    )
    few = found.fewer(2)
    assert few.reasons == ("declined", "")
    assert (few.counts.sum(axis=1) == 3).all()
    np.testing.assert_array_equal(few.counts[:, 3], found.counts[:, 3] + found.counts[:, 4])
    assert found.fewer(3).reasons == REASONS
    assert followed(event_log()).fewer(2).reasons == ()


def test_instants_are_few_and_hold_both_ends() -> None:
    for horizon in (1, 2, 399, 10_886_400):
        found = instants(horizon)
        assert found[0] == 0
        assert found[-1] == horizon - 1
        assert len(found) == min(horizon, 400)


def test_contacted_is_what_the_batch_says(baseline_scenario: object) -> None:
    from sim.engines import get

    program = compile_scenario(baseline_scenario, 16)  # type: ignore[arg-type]
    engine = get("reference")
    event_logs = [engine.trace(program, 3, replication) for replication in range(6)]
    seconds = instants(program.horizon, 50)
    found = line_states(program.lines, program.reasons, event_logs, seconds, program.horizon)
    first = engine.simulate(program, 3, range(6)).first_contact
    by = ((first[:, :, None] >= 0) & (first[:, :, None] <= seconds)).sum(axis=0)
    np.testing.assert_array_equal(found.counts[:, CONTACTED], by)
    late = ((first[:, :, None] >= 0) & (first[:, :, None] < seconds - 86_400)).sum(axis=0)
    assert (found.counts[:, CONTACTED] != late).any()
