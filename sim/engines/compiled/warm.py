"""Compilation for this machine, by one process at a time.

`python -m sim.engines.compiled.warm` does it ahead of the first run.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from filelock import FileLock

from sim.engines.compiled.engine import compile_kernels
from sim.engines.compiled.jit import CACHE

DONE = "compiled"
"""A file in the cache's folder that says that all of it is there."""


def warm(tell: Callable[[str], None]) -> None:
    """Compile the kernels, unless the cache has them. Others that want to do the same wait for the first."""
    done = CACHE / DONE
    if not done.exists():
        tell("compiling the engine for this machine (once; about a quarter of a minute)")
        with FileLock(CACHE / "lock"):
            if not done.exists():
                compile_kernels()
                done.write_text(f"numpy {np.__version__}\n", encoding="utf-8")
    compile_kernels()


if __name__ == "__main__":
    warm(print)
