"""Runs: planned in chunks, executed in one process or several, kept in a folder. Computes no statistics."""

from sim.runs.errors import RunFailed, RunInterrupted, RunRefused

__all__ = ["RunFailed", "RunInterrupted", "RunRefused"]
