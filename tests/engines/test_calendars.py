"""Calendars by buckets, as in the event loop, against the search of the rules: the same second."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engines.compiled.draws import open_from
from sim.engines.compiled.state import Simulation, simulation_of
from sim.rules.calendar import first_open
from sim.scenario.program import Program
from tests import strategies
from tests.support import line, program, scenario

look_up = open_from.py_func  # type: ignore[attr-defined]
"""As Python, over the arrays themselves."""


def simulation(one: Program) -> Simulation:
    return simulation_of(one, one.values[np.newaxis], 1, range(1))


def off(one: Program, m: Simulation, seconds: list[int]) -> list[tuple[int, int]]:
    """Calendar and second for which the two differ. A line attempts when its `may_attempt` allows."""
    found = []
    for at, calendar in enumerate(one.line.may_attempt.tolist()):
        windows = one.calendars[calendar]
        starts, ends = windows.starts.tolist(), windows.ends.tolist()
        edges = [second + by for second in (*starts, *ends) for by in (-1, 0, 1)]
        found += [
            (calendar, second)
            for second in (*(edge for edge in edges if edge >= 0), *seconds)
            if look_up(m, m.lines[at].may_attempt, second) != first_open(starts, ends, second, one.horizon)
        ]
    return found


@given(strategies.scenarios(), st.lists(st.integers(0, 5 * 86_400), max_size=20))
@settings(strategies.EXAMPLES)
def test_buckets_find_what_a_search_finds(human: dict[str, Any], seconds: list[int]) -> None:
    one = program(human)
    assert off(one, simulation(one), seconds) == []


def test_a_bucket_that_is_off_by_one_window_is_seen() -> None:
    human = scenario(
        {"l": line(every="1 h", answer=0.5)},
        officials={"a": {"side": "A", "duty": "Mon-Fri 09:00-17:00"}, "b": {"side": "B"}},
    )
    one = program(human)
    m = simulation(one)
    assert off(one, m, []) == []
    calendar = m.calendars[one.line.may_attempt[0]]
    buckets = slice(calendar.buckets, calendar.buckets + 1 + (one.horizon >> int(calendar.shift)))
    m = m._replace(indices=m.indices.copy())
    m.indices[buckets] = np.minimum(m.indices[buckets] + 1, calendar.windows["end"] - calendar.windows["first"])
    assert off(one, m, [])
