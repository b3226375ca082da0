"""Replications side by side."""

from __future__ import annotations

from tests.stats.event_logs import attempt, contact, event_log

from sim.stats.rows import attempt_rows, first_contact_rows

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


def test_rows_of_one_line_go_by_its_own_first_contact() -> None:
    found = attempt_rows("a", HISTORIES)
    assert [row.replication for row in found] == [2, 0, 1, 3]
    assert (found[1].unanswered, found[1].answered, found[1].contacts) == ((1,), (4,), (50, 70))


def test_no_event_logs_give_no_rows() -> None:
    assert len(first_contact_rows("ab", []).replications) == 0
    assert attempt_rows("a", []) == ()
