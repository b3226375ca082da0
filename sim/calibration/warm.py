"""Compile the filter once for this machine, one process at a time.

`python -m sim.calibration.warm` does it ahead of the first calibration.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from filelock import FileLock

from sim.calibration.jit import CACHE
from sim.calibration.likelihood import Likelihood
from sim.calibration.record import evidence_of
from sim.scenario.reader import loads

DONE = "compiled"
"""A file in the cache's folder that says that all of it is there."""

# Any scenario compiles all of it: what is compiled takes programs as arrays. The response has a kernel of its own.
_SCENARIO = """
scenario: 1
title: compiling
clock: {start: 2022-01-01, end: 2022-01-03}
sides: {A: {timezone: UTC}, B: {timezone: UTC}}
officials: {a: {side: A}, b: {side: B}}
channels: {c: {level: senior}}
lines:
  x: {caller: a, callee: b, channel: c, every: 1 d, answer: {prior: {beta: [1, 1]}}, delay: 1 h}
record:
  - {line: x, contact: 2022-01-01}
  - {line: x, at: 2022-01-01 00:00, response: 1 h}
"""


def warm(tell: Callable[[], None]) -> None:
    """Compile the filter, unless the cache has it. Others that want to do the same wait for the first. `tell` is called
    where there is something to wait for."""
    done = CACHE / DONE
    if done.exists():
        return
    tell()
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(CACHE / "lock"):
        if not done.exists():
            scenario = loads(_SCENARIO)
            Likelihood(scenario, evidence_of(scenario), particles=2).weigh(np.array([[0.5]]))
            done.write_text(f"numpy {np.__version__}\n", encoding="utf-8")


if __name__ == "__main__":
    warm(lambda: print("compiling the calibration for this machine (once; about a minute)", file=sys.stderr))
