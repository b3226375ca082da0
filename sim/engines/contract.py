"""Engine contract: arguments and results. Every engine gives the same numbers, to the bit.

An engine is a pure function of (program, seed, range of replications): it reads no file, writes none, and keeps nothing
between calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.scenario.program import Program

NEVER = -1
"""Stands for "not before the horizon" in arrays of seconds."""

REQUEST_ENDS = ("begun", "contact", "gave_up", "superseded", "merged", "open")
"""Columns of `Batch.requests`. begun = contact + gave_up + superseded + open; `merged` counts occurrences that
opened no
request because one was under way. `superseded`: ended by another line's contact (``until: {contact: …}``)."""


@dataclass(frozen=True)
class Batch:
    """What happened in a range of replications (n of them), added up where a sum is enough.

    replications    the range, step 1
    first_contact   (n, lines) int64: second of each line's first contact, in [0, horizon), or NEVER
    first_line      (n,) int32: the line whose contact was processed first of all, or NEVER
    attempts        (lines,) int64: attempts made, busy ones included
    answered        (lines,) int64: those that were answered, pending at the horizon or not
    unanswered      (lines, reasons) int64: those that were not, by `program.reasons` (the last one is `busy`)
    requests         (lines, 6) int64: see REQUEST_ENDS
    attempts_taken  (lines, bins) int64: attempts that a request took to its contact, in `sim.rules.bins` bins
    response        (lines, bins) int64: response times in seconds in the same kind of bins. Of a request (from the
                    occurrence that opened it to the contact) for a triggered line; of an attempt (from the attempt to
                    its contact) for all others
    parameters      (blocks, uncertain) float64: the drawn value of each uncertain number, by block
    """

    replications: range
    first_contact: NDArray[np.int64]
    first_line: NDArray[np.int32]
    attempts: NDArray[np.int64]
    answered: NDArray[np.int64]
    unanswered: NDArray[np.int64]
    requests: NDArray[np.int64]
    attempts_taken: NDArray[np.int64]
    response: NDArray[np.int64]
    parameters: NDArray[np.float64]


@dataclass(frozen=True)
class LogEntry:
    """One entry of a history. `what`, `name` and `detail` by kind:

    ==============  =================  ==========================================================================
    what            name               detail
    ==============  =================  ==========================================================================
    state           regime             state: its name; until: second of the next switch, or NEVER
    event           event              count: occurrences so far
    request          line               count: requests begun so far on the line
    merged          line               (none)
    attempt         line               attempt: its index on the line, from 0; count: of the request, from 1;
                                       result: "answered" or the reason; probability: p (NaN if busy);
                                       uniform: u (NaN if busy); delay: seconds drawn (answered only), or NEVER
    contact         line               attempted: second of the attempt; response: seconds (see Batch.response);
                                       call: seconds
    call ends       line               (none)
    gave up         line               count: attempts made in the request
    superseded      line               by: the line whose contact ended the request
    ==============  =================  ==========================================================================
    """

    second: int
    what: str
    name: str
    detail: Mapping[str, int | float | str]


@dataclass(frozen=True)
class EventLog:
    """One replication, every log entry in the order in which it was processed. `parameters`: path to drawn value."""

    replication: int
    seed: int
    parameters: Mapping[str, float]
    log_entries: tuple[LogEntry, ...]


class Engine(Protocol):
    """The engine contract."""

    @property
    def name(self) -> str:
        """`reference` or `compiled`."""
        ...

    def simulate(self, program: Program, seed: int, replications: range) -> Batch:
        """Run the replications; the result does not depend on how a larger range was cut."""
        ...

    def trace(self, program: Program, seed: int, replication: int) -> EventLog:
        """The same replication as in `simulate`, told in full."""
        ...
