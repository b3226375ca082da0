"""One replication as it stands, as flat arrays too: what is due, who is in a call, what is in force, what is counted.

Like the program (see `layout`), the arrays have a header that says where their tables begin. `s` holds whole
numbers, `x` reals, `c` what is added up over replications.
"""

from __future__ import annotations

import numpy as np

from sim.engines.compiled import fixed, moving
from sim.engines.contract import ERRAND_ENDS
from sim.scenario.arrays import Floats, Ints

BEGUN, CONTACT, GAVE_UP, SUPERSEDED, MERGED, OPEN = range(len(ERRAND_ENDS))

TOLD = ("state", "event", "errand", "merged", "attempt", "contact", "call ends", "gave up", "superseded")
"""What a row of a history tells; the row holds the place in this list."""
T_STATE, T_EVENT, T_ERRAND, T_MERGED, T_ATTEMPT, T_CONTACT, T_CALL_ENDS, T_GAVE_UP, T_SUPERSEDED = range(len(TOLD))

LOG_NUMBERS, LOG_REALS = 7, 2


def new_state(k: Ints) -> tuple[Ints, Floats]:
    """Room for one replication: (`s`, `x`)."""
    lines, regimes, events, effects = (int(k[n]) for n in (fixed.LINES, fixed.REGIMES, fixed.EVENTS, fixed.EFFECTS))
    kinds = (lines, regimes, lines, events, lines, lines, lines, lines)
    sizes = {
        moving.DUE: sum(kinds),
        **dict.fromkeys(range(moving.LATER, moving.IN_CALL_UNTIL), lines),
        moving.IN_CALL_UNTIL: int(k[fixed.OFFICIALS]),
        **dict.fromkeys((moving.STATE, moving.DWELLS), regimes),
        moving.OCCURRENCES: events,
        moving.DATE_NOW: int(k[k[fixed.DATES] + events]),
        **dict.fromkeys(range(moving.TIMES, moving.RECENT + 1), effects),
    }
    header = np.zeros(moving.HEADER, dtype=np.int64)
    end = moving.HEADER
    for place, size in sizes.items():
        header[place] = end
        end += size
    header[moving.BEGIN : moving.END + 1] = header[moving.DUE] + np.concatenate(([0], np.cumsum(kinds)))
    header[moving.INTERVAL], header[moving.VALUE], header[moving.FACTOR] = 0, lines, lines + effects
    return np.concatenate((header, np.zeros(end - len(header), dtype=np.int64))), np.zeros(lines + 2 * effects)


def new_counts(k: Ints) -> Ints:
    """`c`, at zero."""
    lines, reasons, bins = (int(k[n]) for n in (fixed.LINES, fixed.REASONS, fixed.BINS))
    sizes = (lines, lines * reasons, lines * len(ERRAND_ENDS), lines * bins, lines * bins)
    firsts = moving.COUNT_HEADER + np.concatenate(([0], np.cumsum(sizes)))
    c = np.zeros(firsts[-1], dtype=np.int64)
    c[: moving.COUNT_HEADER] = firsts[:-1]
    return c


def counted(c: Ints, k: Ints, place: int, width: int) -> Ints:
    """A table of `c`, a row for each line."""
    first = int(c[place])
    return c[first : first + int(k[fixed.LINES]) * width].reshape(-1, width)
