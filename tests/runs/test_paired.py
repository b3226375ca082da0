"""Several programs over the same replications."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from sim import engines
from sim.runs import paired
from sim.runs.errors import RunInterrupted, RunRefused
from sim.runs.paired import GROUPS, Paired, Simulate, plan_groups, run_paired
from sim.runs.reuse import share
from sim.scenario.program import Program
from sim.stats.totals import column_times
from tests.support import line, program, scenario

N = 150


def two(answer: float = 0.2, **sections: object) -> Program:
    """Two lines that have nothing to do with each other."""
    lines = {"p": line(answer=answer, every="1 d"), "q": line(answer=0.1, every="2 d")}
    return program(scenario(lines, report={"groups": {"both": ["p", "q"], "second": ["q"]}}, **sections))


PROGRAMS = {"base": two(), "more": two(0.6)}


@pytest.fixture(scope="module")
def ran() -> Paired:
    return run_paired(PROGRAMS, N, 3)


def test_each_program_does_what_it_does_alone(ran: Paired) -> None:
    for name, one in PROGRAMS.items():
        batch = engines.get("reference").simulate(one, 3, range(N))
        assert np.array_equal(ran.first_contact[name], batch.first_contact)
        assert np.array_equal(ran.counts[name].attempts.sum(axis=0), batch.attempts)
        assert np.array_equal(ran.counts[name].unanswered.sum(axis=0), batch.unanswered)
        assert sum(int(rows.counts.sum()) for rows in ran.counts[name].response) == batch.response.sum()
        times = column_times(one, batch.first_contact)
        for at, column in enumerate(ran.columns(name)):
            assert np.array_equal(ran.times(name, column), times[:, at])


def test_a_line_that_was_not_touched_does_the_same(ran: Paired) -> None:
    assert np.array_equal(ran.times("base", "line:q"), ran.times("more", "line:q"))
    assert not np.array_equal(ran.times("base", "line:p"), ran.times("more", "line:p"))


def test_a_line_with_other_draws_would_be_seen() -> None:
    """The saboteur of the test above: another seed for one of the programs."""
    one, other = run_paired({"base": two()}, N, 3), run_paired({"base": two()}, N, 4)
    assert not np.array_equal(one.times("base", "line:q"), other.times("base", "line:q"))


def test_results_do_not_depend_on_workers(ran: Paired) -> None:
    other = run_paired(PROGRAMS, N, 3, workers=2)
    for name in PROGRAMS:
        assert np.array_equal(ran.first_contact[name], other.first_contact[name])
        assert np.array_equal(ran.counts[name].attempts, other.counts[name].attempts)


def test_limited_times_stop_at_the_horizon_and_a_column_may_have_no_line(ran: Paired) -> None:
    times, limited = ran.times("base", "any"), ran.limited("base", "any")
    assert set(limited[times < 0]) <= {ran.horizon}
    assert np.array_equal(limited[times >= 0], times[times >= 0])
    assert set(ran.times("base", "side:B")) == {-1}
    with pytest.raises(KeyError):
        ran.times("base", "line:r")


def test_the_unit_is_the_block_where_one_of_the_programs_is_uncertain() -> None:
    lines = {"p": line(answer={"prior": {"beta": [2, 3]}}, every="1 d"), "q": line(answer=0.1, every="2 d")}
    unsure = program(scenario(lines))
    ran = run_paired({"base": two(), "unsure": unsure}, 40)
    assert (ran.unit, run_paired({"base": two()}, 40).unit) == (16, 1)
    assert ran.parameters["unsure"].shape == (3, 1)


@pytest.mark.parametrize(("n", "block"), [(1, 1), (1, 16), (31, 1), (33, 1), (1000, 16), (513, 16), (100_000, 16)])
def test_groups_cover_the_replications_in_whole_blocks(n: int, block: int) -> None:
    groups = plan_groups(n, block)
    assert [r for group in groups for r in group] == list(range(n))
    assert all(group for group in groups)
    assert len(groups) <= GROUPS
    assert all(group.start % block == 0 for group in groups)
    assert max(map(len, groups)) - min(map(len, groups[:-1]), default=0) <= block or len(groups) == 1


def test_other_clocks_are_refused() -> None:
    lines = {"p": line(answer=0.2, every="1 d"), "q": line(answer=0.1, every="2 d")}
    longer = program(scenario(lines, end="2022-02-10"))
    with pytest.raises(RunRefused, match=r"'longer' runs from 2022-01-01 00:00 for 40 days, 'base' .* for 30 days"):
        run_paired({"base": two(), "longer": longer}, N)
    later = program(scenario(lines, start="2022-01-02", end="2022-02-01"))
    with pytest.raises(RunRefused, match="the same clock"):
        run_paired({"base": two(), "later": later}, N)


def test_other_blocks_nothing_and_numbers_out_of_range_are_refused() -> None:
    for programs, n, words in (
        ({}, N, "nothing to run"),
        ({"base": two(), "blocks": replace(two(), block=8)}, N, "blocks of 8"),
        ({"base": two()}, 0, "replications: 0"),
    ):
        with pytest.raises(RunRefused, match=words):
            run_paired(programs, n)
    with pytest.raises(RunRefused, match="workers: 0"):
        run_paired({"base": two()}, N, workers=0)
    with pytest.raises(RunRefused, match="'quick' is no engine"):
        run_paired({"base": two()}, N, engine="quick")


def test_more_than_memory_holds_is_refused_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RunRefused, match=r"GiB of memory; at most 134217728 fit into 2 GiB"):
        run_paired(PROGRAMS, 1 << 30)
    monkeypatch.setattr(paired, "MOST_BYTES", 4 * 2 * 2 * N)
    assert run_paired(PROGRAMS, N).replications == N
    with pytest.raises(RunRefused, match=f"at most {N} fit"):
        run_paired(PROGRAMS, N + 1)


def test_the_task_travels_to_a_process() -> None:
    programs = tuple(PROGRAMS.values())
    task = Simulate(programs, share(programs), 3, "reference")
    again = pickle.loads(pickle.dumps(task))  # noqa: S301 - what was just pickled
    assert np.array_equal(again(range(8))[1].first_contact, task(range(8))[1].first_contact)


def test_times_beyond_32_bits_are_kept_whole() -> None:
    lines = {"p": line(every="1 d", answer=1, starts="2090-02-01")}
    ran = run_paired({"base": program(scenario(lines, end="2091-01-01"))}, 2)
    assert ran.first_contact["base"].dtype == np.int64
    assert ran.times("base", "any").min() > 1 << 31


def test_an_interrupt_keeps_nothing_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> Iterator[tuple[range, object]]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(paired, "execute", interrupted)
    with pytest.raises(RunInterrupted, match="interrupted: nothing was kept"):
        run_paired(PROGRAMS, N)


def test_progress_counts_the_replications_of_all_programs() -> None:
    told: list[tuple[int, int]] = []
    run_paired(PROGRAMS, 40, progress=lambda done, whole: told.append((done, whole)))
    assert told[0] == (0, 80)
    assert told[-1] == (80, 80)
