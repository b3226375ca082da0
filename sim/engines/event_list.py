"""The event list of the reference engine: SimPy's queue, keyed (second, kind, order of declaration)."""

from __future__ import annotations

from collections.abc import Callable

import simpy
from simpy.events import EventPriority

from sim.rules.order import Kind, rank

_FIRST = 2
"""SimPy's own two priorities (urgent: a process starts or is interrupted; normal: a signal) come before every kind, so
that a log entry is over, with all that it sets off within itself, before the next one of its second begins."""


class Due(simpy.Event):
    """An occurrence that is due at a second, at the place of its key within it: a SimPy timeout with its own priority.

    SimPy's `Timeout` sets the same two attributes; its documentation gives no other way to schedule an event that has
    succeeded already."""

    def __init__(self, event_list: EventList, delay: int, priority: int) -> None:
        super().__init__(event_list)
        self._ok = True
        self._value = None
        event_list.schedule(self, EventPriority(priority), delay)


class EventList(simpy.Environment):
    """The clock of one replication, in whole seconds since clock.start.

    `width`: more than any order of declaration that will be asked for.
    """

    def __init__(self, horizon: int, width: int) -> None:
        super().__init__(initial_time=0)
        self.horizon = horizon
        self._width = width

    @property
    def second(self) -> int:
        """The present second."""
        return self._now  # type: ignore[return-value]  # every delay is a whole number, so the clock is one too

    def due(self, second: int, kind: Kind, order: int) -> simpy.Event:
        """An event at `second` (not before now). One at or after the horizon never happens."""
        if second >= self.horizon:
            return simpy.Event(self)
        return Due(self, second - self.second, _FIRST + self._width + rank(kind, order, self._width))

    def call_at(self, second: int, kind: Kind, order: int, action: Callable[[], None]) -> None:
        """Do something at `second`, at the place of its key."""
        event = self.due(second, kind, order)
        assert event.callbacks is not None
        event.callbacks.append(lambda _: action())

    def at_start_of(self, second: int, order: int, action: Callable[[], None]) -> None:
        """Do something at `second`, before every log entry of it; in order of declaration among its like."""
        if second < self.horizon:
            event = Due(self, second - self.second, _FIRST + order)
            assert event.callbacks is not None
            event.callbacks.append(lambda _: action())
