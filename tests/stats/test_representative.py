"""One replication out of many: which, of ties the first, and what there is none of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.stats.traces import NEVER, Choice, NothingToChoose, Representative, representative

TIMES = np.array([50, NEVER, 10, 30, 30, 10, 90, NEVER, 90])


def chosen(times: object, choice: str) -> int:
    return representative(np.array(times, dtype=np.int64), Choice(choice), "any").replication


@pytest.mark.parametrize(("choice", "number"), [("typical", 0), ("earliest", 2), ("latest", 6), ("no-contact", 1)])
def test_of_ties_the_first(choice: str, number: int) -> None:
    found = representative(TIMES, Choice(choice), "line:a")
    second = int(TIMES[number]) if TIMES[number] != NEVER else None
    assert found == Representative(Choice(choice), "line:a", number, 9, 7, second, 50)


def test_typical_without_a_median_is_one_without_contact() -> None:
    found = representative(np.array([5, NEVER, NEVER]), Choice.typical, "any")
    assert (found.replication, found.second, found.median) == (1, None, None)
    assert representative(np.array([5, NEVER]), Choice.typical, "any").second == 5


@pytest.mark.parametrize("choice", ["earliest", "latest"])
def test_without_any_contact_none_is_earliest_or_latest(choice: str) -> None:
    with pytest.raises(NothingToChoose, match=f"none of 2 replications has a contact .any.: none is {choice}"):
        chosen([NEVER, NEVER], choice)


def test_with_contacts_in_all_there_is_none_without() -> None:
    with pytest.raises(NothingToChoose, match="each of 2 replications has a contact"):
        chosen([1, 2], "no-contact")
    assert chosen([NEVER, NEVER], "no-contact") == 0


@given(st.lists(st.integers(-1, 20), min_size=1, max_size=30))
def test_typical_is_the_order_statistic(times: list[int]) -> None:
    found = representative(np.array(times), Choice.typical, "any")
    in_order = sorted(1000 if time == NEVER else time for time in times)
    middle = in_order[(len(times) + 1) // 2 - 1]
    assert found.second == (None if middle == 1000 else middle) == found.median
    assert times[found.replication] == (NEVER if middle == 1000 else middle)
