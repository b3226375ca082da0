"""The earliest of several lines: competing exponentials, with cumulative incidence by first line, channel and side."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim.engines.contract import NEVER, Batch
from tests.oracles.checks import assert_restricted_mean, assert_share, assert_survival
from tests.support import DAY, HOUR, line, officials, program, scenario, simulate, trace

HORIZON = 8 * DAY
ANSWERS = {"slow": 0.1, "fast": 0.3, "other": 0.2}
EVERY = {"slow": 12 * HOUR, "fast": 18 * HOUR, "other": 24 * HOUR}
CHANNEL = {"slow": "c", "fast": "d", "other": "c"}


def competing(answers: dict[str, float] = ANSWERS) -> dict[str, Any]:
    """Three independent Poisson lines on two channels; `other` is called by side B."""
    lines = {}
    for name, (caller, callee) in {"slow": ("a1", "b1"), "fast": ("a2", "b2"), "other": ("b3", "a3")}.items():
        interval = {"exponential": {"mean": f"{EVERY[name]} s"}}
        start = {"at": "2022-01-01", "wait": interval}
        lines[name] = line(
            caller=caller, callee=callee, channel=CHANNEL[name], starts=start, every=interval, answer=answers[name]
        )
    people = officials("a1", "a2", "a3", "b1", "b2", "b3")
    return scenario(
        lines,
        end="2022-01-09",
        officials=people,
        channels={"c": {}, "d": {}},
        report={"groups": {"g": ["slow", "fast"]}},
    )


def exponential(rate: float) -> Callable[[float], float]:
    """Survival function of an exponential time."""
    return lambda t: math.exp(-rate * t)


def check_competing(batch: Batch, columns: dict[str, tuple[int, ...]]) -> None:
    """The minimum of exponentials is exponential with the sum of the rates, and independent of which line it is:
    P(line i first, T <= t) = (rate_i / sum) (1 - exp(-sum t)).

    At 5,000 replications a share of 0.4 has a standard error of 0.007: a line whose rate is 12 % off is seen.
    """
    rates = np.array([ANSWERS[name] / EVERY[name] for name in ANSWERS])
    first = batch.first_contact
    times = np.where(first == NEVER, HORIZON, first)
    for name, members in columns.items():
        rate = rates[list(members)].sum()
        earliest = times[:, list(members)].min(axis=1)
        assert_survival(earliest, exponential(rate), [k * DAY for k in (0.5, 1, 2, 4, 7.9)], name)
    total = rates.sum()
    earliest = times.min(axis=1)
    assert_restricted_mean(earliest, exponential(total), HORIZON)
    for t in (DAY, 3 * DAY, HORIZON - 1):
        for i, name in enumerate(ANSWERS):
            hits = int(((batch.first_line == i) & (earliest <= t)).sum())
            exact = rates[i] / total * -math.expm1(-total * t)
            assert_share(hits, len(times), exact, f"incidence of {name} by {t} s")
    assert_share(int((batch.first_line == NEVER).sum()), len(times), math.exp(-total * HORIZON), "none first")


def columns_of(human: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    return {column.key: column.members for column in program(human).columns}


def test_columns_are_the_minima_that_the_report_names() -> None:
    assert columns_of(competing()) == {
        "line:slow": (0,), "line:fast": (1,), "line:other": (2,), "group:g": (0, 1),
        "channel:c": (0, 2), "channel:d": (1,), "side:A": (0, 1), "side:B": (2,), "any": (0, 1, 2),
    }  # fmt: skip


def test_earliest_of_independent_lines(engine: str, replications: int) -> None:
    human = competing()
    check_competing(simulate(human, replications, engine=engine), columns_of(human))


@pytest.mark.parametrize(
    "broken", [ANSWERS | {"fast": 0.4}, {"slow": 0.3, "fast": 0.1, "other": 0.2}], ids=["rate", "lines swapped"]
)
def test_competition_saboteur(engine: str, broken: dict[str, float]) -> None:
    batch = simulate(competing(broken), 1_000, engine=engine)
    with pytest.raises(AssertionError):
        check_competing(batch, columns_of(competing()))


@pytest.mark.parametrize("order", [["p", "q"], ["q", "p"]])
def test_a_tie_goes_to_the_line_processed_first(engine: str, order: list[str]) -> None:
    """Both contacts fall on second 3,600; contacts are processed in order of declaration, whatever the order in which
    the attempts were made (q's is the earlier one)."""
    lines = {
        "p": line(caller="a1", callee="b1", starts="2022-01-01 00:40", every="1 d", answer=1, delay="20 min"),
        "q": line(caller="a2", callee="b2", every="1 d", answer=1, delay="1 h"),
    }
    human = scenario(
        {name: lines[name] for name in order}, officials=officials("a1", "a2", "b1", "b2"), end="2022-01-02"
    )
    batch = simulate(human, 3, engine=engine)
    assert batch.first_contact.tolist() == [[HOUR, HOUR]] * 3
    assert batch.first_line.tolist() == [0, 0, 0]
    contacts = [h.name for h in trace(human, engine=engine).log_entries if h.what == "contact"]
    assert contacts == order
