"""What every scenario obeys: totals that must agree, and histories that must be lawful."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from sim.engines.contract import NEVER, REQUEST_ENDS, Batch, EventLog
from sim.rules.bins import bin_of
from sim.scenario.program import Program
from tests.strategies import EXAMPLES, scenarios
from tests.support import program, simulate, trace

N = 4


def check_totals(program: Program, batch: Batch) -> None:
    """Identities of one batch: attempts, requests, contacts and first contacts."""
    assert (batch.attempts == batch.answered + batch.unanswered.sum(axis=1)).all()
    requests = dict(zip(REQUEST_ENDS, batch.requests.T, strict=True))
    assert (requests["begun"] == sum(requests[end] for end in ("contact", "gave_up", "superseded", "open"))).all()
    assert (requests["merged"][~program.triggered] == 0).all()
    assert (batch.attempts_taken.sum(axis=1) == requests["contact"]).all()
    assert (batch.response.sum(axis=1) == requests["contact"]).all()
    assert (requests["contact"] <= batch.answered).all()
    first = batch.first_contact
    assert ((first == NEVER) | ((first >= 0) & (first < program.horizon))).all()
    assert ((first != NEVER).sum(axis=0) <= requests["contact"]).all()
    earliest = np.where(first == NEVER, program.horizon, first)
    for row, line in zip(earliest, batch.first_line, strict=True):
        assert (line == NEVER) == (row.min() == program.horizon)
        assert line == NEVER or row[line] == row.min()


def totals_of(program: Program, event_logs: list[EventLog], batch: Batch) -> dict[str, Any]:
    """The batch's numbers, counted anew from full histories."""
    lines = len(program.lines)
    made = {
        "first_contact": np.full((len(event_logs), lines), NEVER),
        "first_line": np.full(len(event_logs), NEVER),
        "attempts": np.zeros(lines, dtype=np.int64),
        "answered": np.zeros(lines, dtype=np.int64),
        "unanswered": np.zeros_like(batch.unanswered),
        "response": np.zeros_like(batch.response),
        "attempts_taken": np.zeros_like(batch.attempts_taken),
    }
    ends = np.zeros((lines, len(REQUEST_ENDS)), dtype=np.int64)
    column = {"request": 0, "contact": 1, "gave up": 2, "superseded": 3, "merged": 4}
    for r, event_log in enumerate(event_logs):
        count = dict.fromkeys(program.lines, 0)
        for h in event_log.log_entries:
            if h.what not in column and h.what != "attempt":
                continue
            line = program.lines.index(h.name)
            if h.what == "attempt":
                count[h.name] = int(h.detail["count"])
                made["attempts"][line] += 1
                result = str(h.detail["result"])
                if result == "answered":
                    made["answered"][line] += 1
                else:
                    made["unanswered"][line, program.reasons.index(result)] += 1
                continue
            ends[line, column[h.what]] += 1
            if h.what == "contact":
                made["response"][line, bin_of(int(h.detail["response"]))] += 1
                made["attempts_taken"][line, bin_of(count[h.name])] += 1
                if made["first_contact"][r, line] == NEVER:
                    made["first_contact"][r, line] = h.second
                if made["first_line"][r] == NEVER:
                    made["first_line"][r] = line
    ends[:, 5] = ends[:, 0] - ends[:, 1:4].sum(axis=1)
    return made | {"requests": ends}


def check_against_event_logs(program: Program, batch: Batch, event_logs: list[EventLog]) -> None:
    for name, counted in totals_of(program, event_logs, batch).items():
        assert (getattr(batch, name) == counted).all(), name


@EXAMPLES
@given(scenarios())
def test_totals_agree_with_each_other_and_with_the_event_logs(human: dict[str, Any]) -> None:
    compiled = program(human)
    batch = simulate(human, N)
    check_totals(compiled, batch)
    check_against_event_logs(compiled, batch, [trace(human, r) for r in range(N)])


# ---- lawful histories ---------------------------------------------------------------------------------------------


def check_lawful(program: Program, human: dict[str, Any], event_log: EventLog) -> None:
    """Facts of any history that need no second engine: time runs forward, nothing beyond the horizon, nobody in two
    calls or attempting in one, busy if and only if the callee talks, answered if and only if u < p, one pending
    answer a line."""
    free_at: dict[str, int] = defaultdict(int)
    pending: dict[str, int] = {}
    under_way: Counter[str] = Counter()
    now = 0
    for h in event_log.log_entries:
        assert now <= h.second < program.horizon
        now = h.second
        if h.name not in human["lines"] or h.what == "merged":
            continue
        caller, callee = human["lines"][h.name]["caller"], human["lines"][h.name]["callee"]
        if h.what == "request":
            under_way[h.name] += 1
            assert under_way[h.name] == 1
        elif h.what == "attempt":
            assert under_way[h.name] == 1
            assert h.name not in pending
            assert free_at[caller] <= now
            result, uniform = h.detail["result"], float(h.detail["uniform"])
            assert (result == "busy") == (free_at[callee] > now) == math.isnan(uniform)
            assert result == "busy" or (result == "answered") == (uniform < float(h.detail["probability"]))
            if result == "answered":
                assert int(h.detail["delay"]) == NEVER or int(h.detail["delay"]) >= 0
                pending[h.name] = now
        elif h.what == "contact":
            assert pending.pop(h.name) == int(h.detail["attempted"]) <= now
            assert max(free_at[caller], free_at[callee]) <= now
            if int(h.detail["call"]) > 0:
                free_at[caller] = free_at[callee] = now + int(h.detail["call"])
            under_way[h.name] -= 1
        elif h.what in ("gave up", "superseded"):
            assert h.what == "superseded" or h.name not in pending
            pending.pop(h.name, None)
            under_way[h.name] -= 1


@EXAMPLES
@given(scenarios())
def test_event_logs_are_lawful(human: dict[str, Any]) -> None:
    compiled = program(human)
    for replication in range(3):
        check_lawful(compiled, human, trace(human, replication))


# ---- saboteurs ----------------------------------------------------------------------------------------------------

BUSY_DAY: dict[str, Any] = {
    "scenario": 1,
    "title": "a busy day",
    "clock": {"start": "2022-01-01", "end": "2022-01-02"},
    "sides": {"A": {"timezone": "UTC"}, "B": {"timezone": "UTC"}},
    "officials": {"a": {"side": "A"}, "a2": {"side": "A"}, "b": {"side": "B"}},
    "channels": {"c": {}},
    "events": {"e": {"every": "5 h"}},
    "lines": {
        "x": {
            "caller": "a",
            "callee": "b",
            "channel": "c",
            "triggered_by": "e",
            "every": "1 h",
            "answer": 0.5,
            "delay": "2 h",
            "call": "1 h",
            "give_up": "3 h",
        },
        "v": {
            "caller": "a2",
            "callee": "b",
            "channel": "c",
            "every": "30 min",
            "answer": 0.5,
            "delay": "10 min",
            "call": "20 min",
            "until": "horizon",
        },
    },
}


@pytest.mark.parametrize("field", ["first_contact", "attempts", "answered", "requests", "attempts_taken", "response"])
def test_one_number_off_is_seen(field: str) -> None:
    """One contact a second later, or one count one too high, breaks an identity or the comparison with the
    histories."""
    batch = simulate(BUSY_DAY, N)
    event_logs = [trace(BUSY_DAY, r) for r in range(N)]
    check_against_event_logs(program(BUSY_DAY), batch, event_logs)
    wrong = getattr(batch, field).copy()
    wrong[tuple(0 for _ in wrong.shape)] += 1
    broken = Batch(**(vars(batch) | {field: wrong}))
    with pytest.raises(AssertionError):
        check_against_event_logs(program(BUSY_DAY), broken, event_logs)


@pytest.mark.parametrize("what", ["attempt", "contact", "request"])
def test_an_unlawful_event_log_is_seen(what: str) -> None:
    """A history in which one log entry is told twice."""
    event_log = trace(BUSY_DAY, 1)
    check_lawful(program(BUSY_DAY), BUSY_DAY, event_log)
    at = next(k for k, h in enumerate(event_log.log_entries) if h.what == what)
    twice = (*event_log.log_entries[: at + 1], *event_log.log_entries[at:])
    with pytest.raises((AssertionError, KeyError)):
        check_lawful(
            program(BUSY_DAY), BUSY_DAY, EventLog(event_log.replication, event_log.seed, event_log.parameters, twice)
        )
