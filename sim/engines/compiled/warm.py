"""Compile once for this machine, one process at a time.

`python -m sim.engines.compiled.warm` does it ahead of the first run.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from filelock import FileLock

from sim.engines.compiled.components import components
from sim.engines.compiled.engine import compile_abreast, compile_lanes, compile_loop
from sim.engines.compiled.jit import CACHE
from sim.scenario.program import Program

KERNELS: dict[str, Callable[[], None]] = {
    "lanes": compile_lanes,
    "loop": compile_loop,
    "abreast": compile_abreast,
}
"""What compiles each kernel, or takes it from the cache, whose folder has a file of that name when it is there."""


def warm(tell: Callable[[str], None], programs: Iterable[Program] | None = None) -> None:
    """Compile the kernels, unless the cache has them: those that some programs run in, or (None) all of them. Others
    that want to do the same wait for the first."""
    wanted = list(KERNELS)
    if programs is not None and not any(part.abreast for program in programs for part in components(program)):
        wanted.remove("abreast")
    if _missing(wanted):
        tell("compiling the engine for this machine (once; about half a minute)")
        with FileLock(CACHE / "lock"):
            missing = _missing(wanted)
            _compile(missing)
            for name in missing:
                (CACHE / name).write_text(f"numpy {np.__version__}\n", encoding="utf-8")
    for name in wanted:
        KERNELS[name]()


def _missing(wanted: Sequence[str]) -> list[str]:
    return [name for name in wanted if not (CACHE / name).exists()]


def _compile(names: Sequence[str]) -> None:
    """The first here, the others in another process, beside this one. What that one leaves undone is done here."""
    with contextlib.ExitStack() as beside:
        if len(names) > 1:
            code = f"from sim.engines.compiled.warm import KERNELS; [KERNELS[name]() for name in {list(names[1:])}]"
            with contextlib.suppress(OSError):
                # -P: what lies in the user's folder is not imported, whatever its name.
                beside.enter_context(
                    subprocess.Popen(  # noqa: S603  # our own code
                        [sys.executable, "-P", "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                    )
                )
        for name in names[:1]:
            KERNELS[name]()
    for name in names[1:]:
        KERNELS[name]()


if __name__ == "__main__":
    warm(print)
