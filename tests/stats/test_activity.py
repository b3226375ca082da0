"""Attempts, answers and contacts by official and side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.scenario.resolved import Scenario
from sim.stats.samples import Activity, by_official, count_activity, reciprocity
from tests.report import synthetic
from tests.stats.event_logs import attempt, contact, event_log

HISTORIES = (
    event_log(attempt(1, "a"), attempt(5, "a", "answered"), contact(9, "a", 5), attempt(9, "b", "answered")),
    event_log(contact(3, "b"), contact(4, "b"), contact(5, "a"), attempt(7, "a", "busy"), replication=17),
)


def two_ways() -> Scenario:
    """Line a from austin to shoigu, line b back, over one channel, and line c over another."""
    lines = [synthetic.line(name, "phone") for name in "ab"] + [synthetic.line("c", "fax")]
    lines[1] = replace(lines[1], caller="shoigu", callee="austin")
    return synthetic.scenario(*lines)


def counted(block: int = 1) -> Activity:
    return count_activity("abc", HISTORIES, block)


def test_everything_is_counted_by_replication_and_line() -> None:
    found = counted()
    assert found.attempts.tolist() == [[2, 1, 0], [1, 0, 0]]
    assert found.answered.tolist() == [[1, 1, 0], [0, 0, 0]]
    assert found.contacts.tolist() == [[1, 0, 0], [1, 2, 0]]
    assert found.units.tolist() == [0, 17]
    assert counted(16).units.tolist() == [0, 1]


def test_officials_as_callers_and_as_the_ones_called() -> None:
    rows = by_official(two_ways(), counted())
    assert [(row.name, row.calls) for row in rows] == [
        ("austin", True),
        ("shoigu", True),
        ("austin", False),
        ("shoigu", False),
    ]
    assert [(row.attempts, row.answered) for row in rows] == [(1.5, 0.5), (0.5, 0.5), (0.5, 0.5), (1.5, 0.5)]
    assert rows[0].share.estimate == pytest.approx(1 / 3)


def test_who_began_the_contacts() -> None:
    every, phone, fax = reciprocity(two_ways(), counted())
    assert (every.channel, phone.channel, fax.channel) == (None, "phone", "fax")
    assert (every.contacts, phone.contacts, fax.contacts) == (4, 4, 0)
    assert {side: share.estimate for side, share in every.shares.items()} == {"US": 0.5, "RU": 0.5}
    assert {side: share.estimate for side, share in fax.shares.items()} == {"US": None}


def test_where_one_side_calls_its_share_is_known() -> None:
    one_way = synthetic.scenario(*(synthetic.line(name, "phone") for name in "abc"))
    every, _ = reciprocity(one_way, counted())
    assert {side: (share.low, share.high) for side, share in every.shares.items()} == {"US": (1.0, 1.0)}


def test_a_contact_moved_to_the_other_side_is_seen() -> None:
    moved = (event_log(contact(9, "b")), *HISTORIES[1:])
    every = reciprocity(two_ways(), count_activity("abc", moved))[0]
    assert every.shares["RU"].estimate == 0.75
