"""Compiled code of the particle filter."""

from __future__ import annotations

from pathlib import Path

from sim.engines.compiled.numba_setup import Cache, part

__all__ = ["CACHE", "part"]

_COMPILED = ("fixed.py", "places.py", "parts.py", "masses.py", "sojourns.py", "guide.py", "walk.py", "particles.py")

CACHE = Cache("calibration", [Path(__file__).with_name(name) for name in (*_COMPILED, "jit.py")])
