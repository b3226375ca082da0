"""Histories written by hand, for statistics of them."""

from __future__ import annotations

from sim.engines.contract import NEVER, Happening, History


def attempt(second: int, line: str, result: str = "no reply") -> Happening:
    """An attempt; only what the statistics read of it is as an engine would tell it."""
    return Happening(second, "attempt", line, {"attempt": 0, "count": 1, "result": result, "delay": NEVER})


def contact(second: int, line: str, attempted: int = 0, call: int = 0) -> Happening:
    """A contact after the attempt at `attempted`."""
    detail = {"attempted": attempted, "response": second - attempted, "call": call}
    return Happening(second, "contact", line, detail)


def history(*happenings: Happening, replication: int = 0, seed: int = 1) -> History:
    """A replication without uncertain numbers."""
    return History(replication, seed, {}, happenings)
