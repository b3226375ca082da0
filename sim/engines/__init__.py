"""Engines: from a program and a seed to what happened."""

from __future__ import annotations

from sim.engines.contract import Engine

NAMES = ("auto", "reference")


def get(name: str) -> Engine:
    """The engine of that name; `auto` chooses. Raises ValueError for a name that is none."""
    if name not in NAMES:
        raise ValueError(f"'{name}' is no engine; expected {' or '.join(NAMES)}")
    from sim.engines.reference import Reference

    return Reference()
