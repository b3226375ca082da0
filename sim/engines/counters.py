"""Counters and event log of the reference engine."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sim.engines.contract import NEVER, REQUEST_ENDS, Batch, LogEntry
from sim.rules.bins import bin_of, bins_for
from sim.scenario.program import NONE, Program

_BEGUN = REQUEST_ENDS.index("begun")
_CONTACT = REQUEST_ENDS.index("contact")
_MERGED = REQUEST_ENDS.index("merged")


class LogWriter:
    """The log entries of one replication, in the order in which they were processed."""

    def __init__(self) -> None:
        self.log_entries: list[LogEntry] = []

    def add(self, second: int, what: str, name: str, detail: Mapping[str, int | float | str]) -> None:
        """Append one."""
        self.log_entries.append(LogEntry(second, what, name, detail))


class Counters:
    """Counts over a range of replications; the parts of a `Batch` as they grow."""

    def __init__(self, program: Program, replications: range) -> None:
        lines = len(program.lines)
        self._replications = replications
        self._horizon = program.horizon
        self._first_contact: list[list[int]] = []
        self._first_line: list[int] = []
        self._answered = [0] * lines
        self._unanswered = [[0] * len(program.reasons) for _ in range(lines)]
        self._requests = [[0] * len(REQUEST_ENDS) for _ in range(lines)]
        self._taken: list[dict[int, int]] = [{} for _ in range(lines)]
        self._response: list[dict[int, int]] = [{} for _ in range(lines)]

    def next_replication(self) -> None:
        """What follows belongs to the next replication of the range."""
        self._first_contact.append([NEVER] * len(self._answered))
        self._first_line.append(NEVER)

    def attempt(self, line: int, reason: int) -> None:
        """An attempt was made; `reason` is NONE if it was answered."""
        if reason == NONE:
            self._answered[line] += 1
        else:
            self._unanswered[line][reason] += 1

    def contact(self, line: int, second: int, attempts: int, response: int) -> None:
        """A contact, after so many attempts of its request and so many seconds."""
        first = self._first_contact[-1]
        if first[line] == NEVER:
            first[line] = second
        if self._first_line[-1] == NEVER:
            self._first_line[-1] = line
        self._requests[line][_CONTACT] += 1
        _add(self._taken[line], attempts)
        _add(self._response[line], response)

    def request_begins(self, line: int) -> None:
        """A request begins before the horizon."""
        self._requests[line][_BEGUN] += 1

    def requests_begun(self, line: int) -> int:
        """How many have begun on the line so far, over all replications."""
        return self._requests[line][_BEGUN]

    def request_ends(self, line: int, how: str) -> None:
        """A request ends without a contact of its own; `how` is one of REQUEST_ENDS."""
        self._requests[line][REQUEST_ENDS.index(how)] += 1

    def merged(self, line: int) -> None:
        """An occurrence opened no request."""
        self._requests[line][_MERGED] += 1

    def batch(self, parameters: NDArray[np.float64]) -> Batch:
        """Everything counted, as arrays."""
        lines = len(self._answered)
        answered = np.array(self._answered, dtype=np.int64)
        unanswered = np.array(self._unanswered, dtype=np.int64)
        most = bins_for(self._horizon)
        return Batch(
            replications=self._replications,
            first_contact=np.array(self._first_contact, dtype=np.int64).reshape(-1, lines),
            first_line=np.array(self._first_line, dtype=np.int32),
            attempts=answered + unanswered.sum(axis=1),
            answered=answered,
            unanswered=unanswered,
            requests=np.array(self._requests, dtype=np.int64),
            attempts_taken=_dense(self._taken, most),
            response=_dense(self._response, most),
            parameters=parameters,
        )


def _add(counts: dict[int, int], number: int) -> None:
    at = bin_of(number)
    counts[at] = counts.get(at, 0) + 1


def _dense(counts: list[dict[int, int]], bins: int) -> NDArray[np.int64]:
    out = np.zeros((len(counts), bins), dtype=np.int64)
    for row, by_bin in zip(out, counts, strict=True):
        for at, count in by_bin.items():
            row[at] = count
    return out
