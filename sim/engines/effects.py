"""Effects in force on a line: the states of regimes, and the effects of events, refusals and contacts."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import inf

from sim.rules.answer import faded, in_force
from sim.rules.calendar import whole_seconds
from sim.scenario.program import Decay

CLOSED = -inf
"""The logarithm of an odds factor of 0."""


class EffectInForce:
    """One effect of one cause. Its term is added to the log-odds of every line that it affects."""

    __slots__ = ("_count", "_decay", "_last", "_log_factor", "_recent", "_value", "_window")

    def __init__(self, decay: int, log_factor: float, window: float, never: int) -> None:
        self._decay = decay
        self._log_factor = log_factor
        # A half-life past the horizon is still a half-life, so it is not cut there as a window may be.
        self._window = whole_seconds(window, 1, never) if decay == Decay.LASTS else max(1, int(window + 0.5))
        self._count = 0
        self._recent: deque[int] = deque()
        self._value = 0.0
        self._last = 0

    def happens(self, now: int) -> None:
        """The cause occurs: the effect takes force, within the present second."""
        self._count += 1
        if self._decay == Decay.LASTS:
            self._recent.append(now)
        elif self._decay == Decay.HALF_LIFE:
            self._value = faded(self._value, now - self._last, self._window) + self._log_factor
            self._last = now

    def term(self, now: int) -> float:
        """What it adds to the log-odds now; CLOSED while it holds the line shut."""
        if self._count == 0:
            return 0.0
        if self._decay == Decay.HALF_LIFE:
            return faded(self._value, now - self._last, self._window)
        times = self._count
        if self._decay == Decay.LASTS:
            while self._recent and not in_force(now - self._recent[0], self._window):
                self._recent.popleft()
            times = len(self._recent)
        return times * self._log_factor if times else 0.0


def total(answer: float, terms: Sequence[float]) -> tuple[float, int]:
    """The log-odds of an answer and the number of closers, terms added in the order given."""
    closers = 0
    for term in terms:
        if term == CLOSED:
            closers += 1
        else:
            answer += term
    return answer, closers
