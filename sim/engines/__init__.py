"""Engines: from a program and a seed to what happened."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.engines.contract import Engine
    from sim.scenario.program import Program

NAMES = ("auto", "reference", "compiled")

_PROBE = 4
"""Replications that are run to count the attempts in one."""
_REFERENCE_SECONDS = (0.4e-3, 30e-6)
"""About what the reference takes for a replication and for each of its attempts, on one core. Seen: 13 µs an attempt in
the model of benchmarks/, some 40 µs in the baseline, whose attempts mostly lead to a call, on a machine under load."""
_COMPILED_SECONDS = (20e-6, 0.2e-6)
"""Likewise the compiled engine, at most: seen 12 µs a replication of the baseline, 30 to 200 ns an attempt."""
_START_SECONDS = 5.0
"""What the compiled engine takes before its first replication: 1 to 2 s a process where the cache has the code. Where
it has not, half a minute, of which a run is made to bear a tenth: the next ones will find it there."""


def get(name: str) -> Engine:
    """The engine of that name. Raises ValueError for a name that is none, `auto` included: see `choose`."""
    if name == "reference":
        from sim.engines.reference import Reference

        return Reference()
    if name == "compiled":
        if _switched_off():
            raise ValueError("the compiled engine is switched off by NUMBA_DISABLE_JIT; unset it, or use reference")
        from sim.engines.compiled.engine import Compiled

        return Compiled()
    raise ValueError(f"'{name}' is no engine; expected {', '.join(NAMES[:-1])} or {NAMES[-1]}")


MOST_PROBED = 20_000
"""Entries of a replication above which no replication is tried on the reference engine: a fifth of a second each."""


def choose(name: str, program: Program, seed: int, replications: int) -> str:
    """The engine to use: the one named or, for `auto`, the one that costs less, start-up and compilation counted.

    The cost is estimated from the number of attempts in the first replications of the seed, not from what the cache
    holds or what the machine is doing, so the same run always has the same engine. Raises ValueError for a name that is
    none.
    """
    if name != "auto":
        get(name)
        return name
    if replications <= _PROBE or _switched_off():
        return "reference"
    # So many replications that the reference takes longer even if none had an attempt.
    if replications * (_REFERENCE_SECONDS[0] - _COMPILED_SECONDS[0]) > _START_SECONDS:
        return "compiled"
    from sim.scenario.work import estimate_work

    if estimate_work(program).total > MOST_PROBED:
        return "compiled"
    probe = get("reference").simulate(program, seed, range(_PROBE))
    attempts = float(probe.attempts.sum()) / len(probe.replications)
    reference, compiled = (base + attempts * each for base, each in (_REFERENCE_SECONDS, _COMPILED_SECONDS))
    return "compiled" if replications * reference > _START_SECONDS + replications * compiled else "reference"


def _switched_off() -> bool:
    return os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")


def prepare(name: str, tell: Callable[[str], None]) -> None:
    """Make an engine ready to start in any process of this machine; `tell` hears what is being waited for."""
    if name == "compiled":
        from sim.engines.compiled.engine import prepare

        prepare(lambda: tell("compiling the engine for this machine (once; about a quarter of a minute)"))
