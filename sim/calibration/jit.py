"""numba for the kernels of this package, with a cache that no change to what they compile outlives.

numba's own cache sees a change in a kernel's own file only, so the folder is named by a hash of all sources compiled.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

from sim.engines.compiled import jit as engine
from sim.rules import answer, arithmetic, calendar, quantile_tables, random

Function = TypeVar("Function", bound=Callable[..., Any])

_HERE = Path(__file__).parent
_RULES = (answer, arithmetic, calendar, quantile_tables, random)
_COMPILED = ("fixed.py", "places.py", "parts.py", "masses.py", "sojourns.py", "guide.py", "walk.py", "particles.py")


def _sources() -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    for path in (*(Path(str(rule.__file__)) for rule in _RULES), *(_HERE / name for name in _COMPILED)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


CACHE = engine.CACHE.parent / f"calibration-{_sources()}"

part = engine.part
"""Compile a function that only kernels call."""


def kernel(function: Function) -> Function:
    """Compile a function that Python calls; it is kept in this package's cache with all that it calls itself."""
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(CACHE)
    try:
        return engine.kernel(function)
    finally:
        config.CACHE_DIR = before
