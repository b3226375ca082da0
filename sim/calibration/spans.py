"""Spans of time in which a regime most likely switched: between spells of the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np

from sim.calibration.record import Count, Evidence
from sim.rules import quantile_tables as q
from sim.rules.calendar import whole_seconds
from sim.scenario.program import Program

_TELLING = 3
"""Attempts after which one knows in which state a regime is."""


@dataclass(frozen=True)
class Span:
    """A span, [start, end), in which the record suggests a switch, and by when it has shown what follows."""

    start: int
    end: int
    shown: int


class Spans:
    """Spans of a piece of evidence, up to `end`. `typical`: the program's numbers at one value of the uncertain ones.
    How well the record is followed depends on them, not what it says."""

    def __init__(self, program: Program, evidence: Evidence, typical: Sequence[float], end: int) -> None:
        self.program = program
        self.evidence = evidence
        self.typical = typical
        self.end = end

    def by_regime(self, lines: Sequence[int]) -> list[list[Span]]:
        """By regime, where the record of those of `lines` that it affects changes from open to shut or back, in order
        of time."""
        line = self.program.line
        return [
            self._changes([one for one in lines if regime in line.regimes[one]])
            for regime in range(len(self.program.regimes.names))
        ]

    def _changes(self, affected: Sequence[int]) -> list[Span]:
        told = sorted(
            (c for c in self.evidence.counts if c.line in affected and (c.all_answered or c.answered[1] == 0)),
            key=lambda c: (c.start, c.end),
        )
        runs = [list(run) for _, run in groupby(told, key=lambda c: c.all_answered)]
        spans = [self._between(before, after, affected) for before, after in pairwise(runs)]
        # What is held in one span is paid before the next one begins.
        settled = [replace(one, shown=min(one.shown, later.start)) for one, later in pairwise(spans)]
        return settled + spans[-1:]

    def _between(self, before: Sequence[Count], after: Sequence[Count], affected: Sequence[int]) -> Span:
        """From the last attempt that can have found it in one state to the first that can have found it in the next."""
        begins = max(self._last_attempt(c.line, c.end) for c in before)
        ends = min(self._first_attempt(c.line, c.start) for c in after)
        first, last = min(begins, ends), max(begins, ends)
        for c in self.evidence.counts:
            if c.line in affected and first <= c.start and c.end <= last and c.answered[0] > 0:
                # Some were answered and some were not: it most likely switched between them.
                first, last = c.start, self._last_attempt(c.line, c.end) + self._gap(c.line)
        shown = min(self._after_attempts(c.line, max(c.start, last)) for c in after)
        return Span(max(1, first), min(self.end, last), min(self.end, shown))

    def _gap(self, one: int) -> int:
        """A typical interval between attempts."""
        laws = self.program.distributions
        law = int(self.program.line.every[one])
        slot = int(laws.slot[law])
        a, b, c = self.typical[slot : slot + 3]
        drawn = q.quantile(int(laws.family[law]), a, b, c, laws.tables[law].tolist(), 0.5)
        return whole_seconds(drawn, 1, self.program.horizon)

    def _last_attempt(self, one: int, second: int) -> int:
        """Before which second the last attempt on a line before `second` is made, as far as that can be told: a typical
        interval before it, or before the end of the last window in which one can be made."""
        windows = self.program.calendars[self.program.line.may_attempt[one]]
        place = int(np.searchsorted(windows.starts, second)) - 1
        return (min(second, int(windows.ends[place])) if place >= 0 else second) - self._gap(one)

    def _first_attempt(self, one: int, second: int) -> int:
        """By when the first attempt from `second` on is made, likewise."""
        windows = self.program.calendars[self.program.line.may_attempt[one]]
        place = int(np.searchsorted(windows.ends, second, side="right"))
        return (max(second, int(windows.starts[place])) if place < len(windows.starts) else second) + self._gap(
            one
        ) // 2

    def _after_attempts(self, one: int, second: int) -> int:
        """When `_TELLING` attempts have been made on a line from `second` on."""
        for _ in range(_TELLING):
            second = self._first_attempt(one, second)
        return second
