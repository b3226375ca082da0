"""The state of every line over time: contacted, or else what came of the last attempt, from histories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engines.contract import EventLog

Integers = NDArray[np.int64]

CONTACTED, PENDING = 0, 1
"""Indices of the first two states; the reasons follow, and the last state is "not tried"."""


@dataclass(frozen=True, eq=False)
class LineStates:
    """In how many replications each line was in each state.

    lines    names
    reasons  of unanswered attempts
    seconds  (times,) int64, increasing, in [0, horizon): when the lines were looked at
    horizon  seconds
    counts   (lines, states, times) int64: replications in the state at that second, what happened at it included.
             States: contacted (from the first contact on), answered and not yet in contact, last attempt unanswered
             for each of the reasons, not tried. They add up to the replications
    """

    lines: tuple[str, ...]
    reasons: tuple[str, ...]
    seconds: Integers
    horizon: int
    replications: int
    counts: Integers

    def fewer(self, most: int) -> LineStates:
        """The same with at most `most` reasons, the rarest ones added up as the last one, named ``""``.

        How rare a reason is is counted over all lines and times; reasons that never occur are left out.
        """
        weight = self.counts[:, PENDING + 1 : -1].sum(axis=(0, 2))
        seen = [at for at in range(len(self.reasons)) if weight[at]]
        commonest = sorted(seen, key=lambda at: (-weight[at], at))
        kept = sorted(commonest[: most - 1]) if len(seen) > most else seen
        rest = [at for at in seen if at not in kept]
        parts = [self.counts[:, : PENDING + 1], self.counts[:, [PENDING + 1 + at for at in kept]]]
        if rest:
            parts.append(self.counts[:, [PENDING + 1 + at for at in rest]].sum(axis=1, keepdims=True))
        counts = np.concatenate([*parts, self.counts[:, -1:]], axis=1)
        reasons = (*(self.reasons[at] for at in kept), *([""] if rest else []))
        return LineStates(self.lines, reasons, self.seconds, self.horizon, self.replications, counts)


def instants(horizon: int, most: int = 400) -> Integers:
    """At most `most` whole seconds, evenly over [0, horizon), the first and the last one included."""
    return np.unique(np.linspace(0, horizon - 1, most).astype(np.int64))


def line_states(
    lines: Sequence[str], reasons: Sequence[str], event_logs: Iterable[EventLog], seconds: Integers, horizon: int
) -> LineStates:
    """Follow the lines through the histories. Raises KeyError for a line or reason that is not in the lists."""
    place = {name: index for index, name in enumerate(lines)}
    state_of = {"answered": PENDING, **{reason: PENDING + 1 + at for at, reason in enumerate(reasons)}}
    untried = PENDING + 1 + len(reasons)
    steps = np.zeros((len(lines), untried + 1, len(seconds) + 1), np.int64)
    total = 0
    for event_log in event_logs:
        total += 1
        now = [untried] * len(lines)
        steps[:, untried, 0] += 1
        for one in event_log.log_entries:
            if one.what not in ("attempt", "contact"):
                continue
            line = place[one.name]
            if now[line] == CONTACTED:
                continue
            new = CONTACTED if one.what == "contact" else state_of[str(one.detail["result"])]
            at = int(np.searchsorted(seconds, one.second))
            steps[line, now[line], at] -= 1
            steps[line, new, at] += 1
            now[line] = new
    counts = steps.cumsum(axis=2)[:, :, :-1]
    return LineStates(tuple(lines), tuple(reasons), seconds, horizon, total, counts)
