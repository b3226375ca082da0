"""Compile once for this machine, one process at a time.

`python -m sim.engines.compiled.warm` does it ahead of the first run.
"""

from __future__ import annotations

import contextlib
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
    code = "from sim.engines.compiled.engine import compile_loop; compile_loop()"
    with contextlib.ExitStack() as beside:
        with contextlib.suppress(OSError):
            beside.enter_context(
                subprocess.Popen(  # noqa: S603  # our own code
                    [sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
            )
        compile_lanes()
    compile_loop()


if __name__ == "__main__":
    warm(print)
