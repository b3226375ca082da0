"""Replications side by side: when attempts were made and contact came in each of them, from histories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engines.contract import NEVER, EventLog

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FirstContactRows:
    """First contacts of all lines, a row for each replication: the earliest first, those without contact last.

    replications  (n,) int64
    first         (n, lines) int64: seconds, or NEVER
    """

    lines: tuple[str, ...]
    replications: Integers
    first: Integers


@dataclass(frozen=True, eq=False)
class AttemptRow:
    """One replication of one line: the seconds of what it did.

    unanswered, answered  of attempts
    contacts              in order
    """

    replication: int
    unanswered: tuple[int, ...]
    answered: tuple[int, ...]
    contacts: tuple[int, ...]


def first_contact_rows(lines: Sequence[str], event_logs: Iterable[EventLog]) -> FirstContactRows:
    """Rows by the earliest first contact of any line, then by replication."""
    place = {name: index for index, name in enumerate(lines)}
    numbers, rows = [], []
    for event_log in event_logs:
        row = np.full(len(lines), NEVER, np.int64)
        for one in event_log.log_entries:
            if one.what == "contact" and row[place[one.name]] == NEVER:
                row[place[one.name]] = one.second
        numbers.append(event_log.replication)
        rows.append(row)
    first = np.array(rows, np.int64).reshape(-1, len(lines))
    replications = np.array(numbers, np.int64)
    # Seen as unsigned, NEVER (-1) is the largest number of all, and sorts last.
    earliest = first.view(np.uint64).min(axis=1, initial=np.iinfo(np.uint64).max)
    order = np.lexsort((replications, earliest))
    return FirstContactRows(tuple(lines), replications[order], first[order])


def attempt_rows(line: str, event_logs: Iterable[EventLog]) -> tuple[AttemptRow, ...]:
    """Rows by the first contact of `line`, then by replication; those without contact last."""
    rows = []
    for event_log in event_logs:
        unanswered: list[int] = []
        answered: list[int] = []
        contacts: list[int] = []
        for one in event_log.log_entries:
            if one.name != line:
                continue
            if one.what == "contact":
                contacts.append(one.second)
            elif one.what == "attempt":
                (answered if one.detail["result"] == "answered" else unanswered).append(one.second)
        rows.append(AttemptRow(event_log.replication, tuple(unanswered), tuple(answered), tuple(contacts)))
    return tuple(sorted(rows, key=lambda row: (not row.contacts, row.contacts[:1], row.replication)))
