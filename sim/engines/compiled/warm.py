"""Compile once for this machine, one process at a time.

`python -m sim.engines.compiled.warm` does it ahead of the first run.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import numpy as np
from filelock import FileLock

from sim.engines.compiled.engine import compile_lanes, compile_loop
from sim.engines.compiled.jit import CACHE

DONE = "compiled"
"""A file in the cache's folder that says that all of it is there."""


def warm(tell: Callable[[str], None]) -> None:
    """Compile the kernels, unless the cache has them. Others that want to do the same wait for the first."""
    done = CACHE / DONE
    if not done.exists():
        tell("compiling the engine for this machine (once; about half a minute)")
        with FileLock(CACHE / "lock"):
            if not done.exists():
                _compile_both()
                done.write_text(f"numpy {np.__version__}\n", encoding="utf-8")
    compile_lanes()
    compile_loop()


def _compile_both() -> None:
    """Half of it in another process, beside this one. What that one leaves undone is done here."""
    command = [sys.executable, "-c", "from sim.engines.compiled.engine import compile_loop; compile_loop()"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):  # noqa: S603  # our own
        compile_lanes()
    compile_loop()


if __name__ == "__main__":
    warm(print)
