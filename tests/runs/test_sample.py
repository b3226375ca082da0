"""Which replications are told in full."""

from __future__ import annotations

import pytest

from sim.runs.sample import LEAST, LOG_ENTRIES, MOST, TOO_MANY, choose_sample, trace_sample
from sim.scenario.compiler import compile_scenario
from tests.report import synthetic


@pytest.mark.parametrize("replications", [1, 9, 20, 199, 200, 201, 10_000, 10**6])
@pytest.mark.parametrize("each", [0, 1, 300, 5_000])
def test_samples_are_spread_over_the_run_and_bounded(replications: int, each: int) -> None:
    chosen = choose_sample(replications, replications * each)
    assert chosen[0] == 0
    assert chosen[-1] < replications
    assert min(LEAST, replications) <= len(chosen) <= MOST
    assert len(chosen) * each <= max(LOG_ENTRIES, LEAST * each)
    assert replications - chosen[-1] <= 2 * chosen.step + len(chosen)


def test_replications_too_long_to_tell_are_not_told() -> None:
    assert not choose_sample(1_000, 1_000 * (TOO_MANY // LEAST + 1))
    assert choose_sample(1_000, 1_000 * (TOO_MANY // LEAST))


def test_the_sample_is_of_the_run() -> None:
    program = compile_scenario(synthetic.scenario(), 16)
    event_logs = list(trace_sample(program, 5, range(0, 12, 4)))
    assert [(one.seed, one.replication) for one in event_logs] == [(5, 0), (5, 4), (5, 8)]
    assert event_logs[1].log_entries == next(trace_sample(program, 5, range(4, 5))).log_entries
    assert event_logs[1].log_entries != next(trace_sample(program, 6, range(4, 5))).log_entries
