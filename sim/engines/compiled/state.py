"""One replication as it stands: what is due, who is in a call, what is in force; and what is counted over all.

`s` holds whole numbers, `x` reals, `a` the agenda, `c` the counts. `moving` names the places.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.engines.compiled import fixed, moving
from sim.engines.contract import REQUEST_ENDS
from sim.scenario.program import Floats, Ints

BEGUN, CONTACT, GAVE_UP, SUPERSEDED, MERGED, OPEN = range(len(REQUEST_ENDS))

TOLD = ("state", "event", "request", "merged", "attempt", "contact", "call ends", "gave up", "superseded")
"""What a row of a history tells; the row holds the place in this list."""
T_STATE, T_EVENT, T_REQUEST, T_MERGED, T_ATTEMPT, T_CONTACT, T_CALL_ENDS, T_GAVE_UP, T_SUPERSEDED = range(len(TOLD))

LOG_NUMBERS, LOG_REALS = 7, 2


class Crisis(NamedTuple):
    """All that a kernel works on, as pointers (see `pointers`); every function of a kernel takes it.

    k, f: the program (see `layout`); v: its numbers in this block; s, x, a: the replication as it stands; r: the times
    of effects that last a while, RECENT_ROOM for each effect; c: the counts; w, y: the history in numbers and reals.
    """

    k: Ints
    f: Floats
    v: Floats
    s: Ints
    x: Floats
    a: Ints
    r: Ints
    c: Ints
    w: Ints
    y: Floats
    seed: int


def new_state(k: Ints) -> tuple[Ints, Floats]:
    """Room for one replication: (`s`, `x`)."""
    lines = int(k[fixed.LINES])
    s = np.zeros(k[fixed.S_INTERVALS] + lines * moving.DEPTH, dtype=np.int64)
    records = s[k[fixed.S_LIVE] + moving.LINE_RECORDS :][: lines * moving.LINE_WIDTH].reshape(lines, -1)
    records[:, [moving.FIRST_CONTACT, moving.LAST_CONTACT]] = -1
    records[:, moving.LATER] = k[fixed.HORIZON]
    return s, np.zeros(k[fixed.X_DRAWS] + lines * moving.DRAWS_WIDTH)


def new_counts(k: Ints) -> Ints:
    """`c`, at zero."""
    lines, reasons, bins = (int(k[n]) for n in (fixed.LINES, fixed.REASONS, fixed.BINS))
    sizes = (lines, lines * reasons, lines * len(REQUEST_ENDS), lines * bins, lines * bins)
    firsts = moving.COUNT_HEADER + np.concatenate(([0], np.cumsum(sizes)))
    c = np.zeros(firsts[-1], dtype=np.int64)
    c[: moving.COUNT_HEADER] = firsts[:-1]
    return c


def counted(c: Ints, k: Ints, place: int, width: int) -> Ints:
    """A table of `c`, a row for each line."""
    first = int(c[place])
    return c[first : first + int(k[fixed.LINES]) * width].reshape(-1, width)
