"""Replications side by side."""

from __future__ import annotations

from sim.stats.samples import first_contact_rows
from tests.stats.event_logs import attempt, contact, event_log

HISTORIES = (
    event_log(attempt(1, "a"), attempt(4, "a", "answered"), contact(50, "a", 4), contact(70, "a")),
    event_log(attempt(1, "a"), attempt(2, "b"), replication=1),
    event_log(contact(9, "b"), contact(10, "a"), replication=2),
    event_log(contact(9, "b"), replication=3),
)


def test_rows_go_from_the_earliest_first_contact_to_none() -> None:
    found = first_contact_rows("ab", reversed(HISTORIES))
    assert found.replications.tolist() == [2, 3, 0, 1]
    assert found.first.tolist() == [[10, 9], [-1, 9], [50, -1], [-1, -1]]


def test_no_event_logs_give_no_rows() -> None:
    assert len(first_contact_rows("ab", []).replications) == 0
