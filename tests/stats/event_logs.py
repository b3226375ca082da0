"""Histories written by hand, for statistics of them."""

from __future__ import annotations

from sim.engines.contract import NEVER, EventLog, LogEntry


def attempt(second: int, line: str, result: str = "no reply") -> LogEntry:
    """An attempt; only what the statistics read of it is as an engine would tell it."""
    return LogEntry(second, "attempt", line, {"attempt": 0, "count": 1, "result": result, "delay": NEVER})


def contact(second: int, line: str, attempted: int = 0, call: int = 0) -> LogEntry:
    """A contact after the attempt at `attempted`."""
    detail = {"attempted": attempted, "response": second - attempted, "call": call}
    return LogEntry(second, "contact", line, detail)


def event_log(*log_entries: LogEntry, replication: int = 0, seed: int = 1) -> EventLog:
    """A replication without uncertain numbers."""
    return EventLog(replication, seed, {}, log_entries)
