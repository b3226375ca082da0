"""The event loop looks calendars up by buckets; the rules search. Both find the same second."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engines.compiled import fixed
from sim.engines.compiled.layout import Layout
from sim.engines.compiled.state import Crisis
from sim.engines.compiled.times import open_from
from sim.rules.bins import bins_for
from sim.rules.calendar import first_open
from sim.scenario.program import Ints, Program
from tests import strategies
from tests.support import line, program, scenario

look_up = open_from.py_func  # type: ignore[attr-defined]
"""As Python; what it works on may be arrays then."""


def off(one: Program, k: Ints, seconds: list[int]) -> list[tuple[int, int]]:
    """Calendar and second for which the two differ. A line attempts when its `may_attempt` allows."""
    m = Crisis(k, *[None] * 10)  # type: ignore[arg-type]
    found = []
    for at, calendar in enumerate(one.line.may_attempt.tolist()):
        windows = one.calendars[calendar]
        place = int(k[fixed.LINE_RECORDS + at * fixed.LINE_WIDTH + fixed.MAY_ATTEMPT])
        starts, ends = windows.starts.tolist(), windows.ends.tolist()
        edges = [second + by for second in (*starts, *ends) for by in (-1, 0, 1)]
        found += [
            (calendar, second)
            for second in (*(edge for edge in edges if edge >= 0), *seconds)
            if look_up(m, place, second) != first_open(starts, ends, second, one.horizon)
        ]
    return found


@given(strategies.scenarios(), st.lists(st.integers(0, 5 * 86_400), max_size=20))
@settings(strategies.EXAMPLES)
def test_buckets_find_what_a_search_finds(human: dict[str, Any], seconds: list[int]) -> None:
    one = program(human)
    assert off(one, Layout(one, bins_for(one.horizon)).k, seconds) == []


def test_a_bucket_that_is_off_by_one_window_is_seen() -> None:
    human = scenario(
        {"l": line(every="1 h", answer=0.5)},
        officials={"a": {"side": "A", "duty": "Mon-Fri 09:00-17:00"}, "b": {"side": "B"}},
    )
    one = program(human)
    k = Layout(one, bins_for(one.horizon)).k
    assert off(one, k, []) == []
    place = int(k[fixed.LINE_RECORDS + fixed.MAY_ATTEMPT])
    buckets = slice(place + fixed.BUCKETS, place + fixed.BUCKETS + 1 + (one.horizon >> int(k[place + fixed.SHIFT])))
    k[buckets] = np.minimum(k[buckets] + 1, k[place + fixed.WINDOWS])
    assert off(one, k, [])
