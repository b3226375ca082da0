"""The programs that are measured, each as a function of a number of replications and a seed."""

from __future__ import annotations

import ctypes
import math
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import get_context
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import simpy_lines
from benchmarks.model import FACTORS, HORIZON, LINES
from sim import engines, scenario
from sim.engines.contract import NEVER
from sim.runs.chunks import MOST_REPLICATIONS
from sim.scenario.compiler import compile_scenario
from sim.scenario.program import Program

HERE = Path(__file__).parent
FILES = {"apart": "five-lines.yaml", "coupled": "five-lines-coupled.yaml"}
CC = ["cc", "-O3", "-march=native", "-ffast-math"]

Result = tuple[NDArray[np.float64], int]
"""First contacts in seconds, (replications, lines), HORIZON where there is none; and the attempts made."""


@dataclass(frozen=True)
class Contender:
    """A program for one of the two models. `cores`: how many it runs on."""

    name: str
    model: str
    run: Callable[[int, int], Result]
    cores: int = 1


def compiled(model: str) -> Program:
    """The model as the engines take it."""
    return compile_scenario(scenario.load(HERE / FILES[model]))


def prepare(tell: Callable[[str], None]) -> None:
    """Compile what is compiled. Cimba comes first, because its models do not compile once numba has loaded our kernels
    (seen with cimba 0.9.6 and numba 0.68.1)."""
    if find_spec("cimba") is not None:
        _cimba(1.0)(1, 1)
    engines.prepare("compiled", tell)


def contenders(model: str, cores: int) -> tuple[list[Contender], list[str]]:
    """The programs that this machine can run, and why others are missing."""
    factor, missing = FACTORS[model], []
    made = [Contender("SimPy, by hand", model, lambda n, seed: _simpy(factor, n, seed))]
    if find_spec("cimba") is None:
        missing.append("Cimba: not installed (pip install 'openlines[bench]')")
    else:
        made.append(Contender("Cimba for Python", model, _cimba(factor)))
    if shutil.which(CC[0]) is None:
        missing.append("C: no compiler (cc) on the path")
    else:
        made.append(Contender("C", model, _c(factor)))
    program = compiled(model)
    made += [Contender(f"ours, {name}", model, _ours(program, name)) for name in ("reference", "compiled")]
    if cores > 1:
        made.append(Contender(f"ours, compiled, {cores} cores", model, _on_all(model, cores), cores))
    return made, missing


def _simpy(factor: float, n: int, seed: int) -> Result:
    random.seed(seed)
    crises = [simpy_lines.replication(factor) for _ in range(n)]
    first = np.array([crisis.first for crisis in crises])
    return np.minimum(first, HORIZON), sum(crisis.attempts for crisis in crises)


def _cimba(factor: float) -> Callable[[int, int], Result]:
    import cimba

    from benchmarks import cimba_lines

    model = cimba_lines.model(factor)

    def run(n: int, seed: int) -> Result:
        window = cimba.Window(duration=HORIZON)
        results = cimba.Experiment(model, replications=n, window=window, seed=seed).run(workers=1)
        assert not results.failed.any()
        first = np.stack([results[line].first.values.ravel() for line in model.lines], axis=1)
        return first, int(sum(results[line].attempts.values.sum() for line in model.lines))

    return run


def _c(factor: float) -> Callable[[int, int], Result]:
    folder = tempfile.TemporaryDirectory(prefix="openlines-")
    library = Path(folder.name) / "five_lines.so"
    subprocess.run([*CC, "-shared", "-fPIC", "-o", library, HERE / "five_lines.c", "-lm"], check=True)
    replications = ctypes.CDLL(str(library)).replications
    folder.cleanup()
    replications.restype = ctypes.c_int64
    replications.argtypes = [ctypes.c_int64, ctypes.c_uint64, ctypes.c_double, ctypes.c_void_p]

    def run(n: int, seed: int) -> Result:
        first = np.empty((n, LINES))
        return first, replications(n, seed, factor, first.ctypes.data)

    return run


def _ours(program: Program, name: str) -> Callable[[int, int], Result]:
    """Chunk after chunk, each no longer than those of `openlines run`."""
    engine = engines.get(name)

    def run(n: int, seed: int) -> Result:
        first, attempts = np.empty((n, LINES)), 0
        for start in range(0, n, MOST_REPLICATIONS):
            chunk = range(start, min(n, start + MOST_REPLICATIONS))
            batch = engine.simulate(program, seed, chunk)
            first[chunk.start : chunk.stop] = np.where(batch.first_contact == NEVER, HORIZON, batch.first_contact)
            attempts += int(batch.attempts.sum())
        return first, attempts

    return run


_of_this_worker: dict[str, Program] = {}
PARTS = 8
"""For each core: one that is done early takes another."""


def _part(model: str, shared: str, n: int, first: int, last: int, seed: int) -> int:
    """Simulate some replications, and put their first contacts into the table of all `n`; the attempts they made."""
    if model not in _of_this_worker:
        _of_this_worker[model] = compiled(model)
    batch = engines.get("compiled").simulate(_of_this_worker[model], seed, range(first, last))
    memory = SharedMemory(shared)
    try:
        _table(memory, n)[first:last] = np.where(batch.first_contact == NEVER, HORIZON, batch.first_contact)
    finally:
        memory.close()
    return int(batch.attempts.sum())


def _table(memory: SharedMemory, n: int) -> NDArray[np.float64]:
    return np.ndarray((n, LINES), np.float64, memory.buf)


def _on_all(model: str, cores: int) -> Callable[[int, int], Result]:
    """Ours in as many processes as there are cores, which write contacts into one table."""
    pool = ProcessPoolExecutor(cores, mp_context=get_context("spawn"))

    def run(n: int, seed: int) -> Result:
        step = math.ceil(n / (PARTS * cores))
        memory = SharedMemory(create=True, size=n * LINES * 8)
        try:
            parts = [(model, memory.name, n, a, min(n, a + step), seed) for a in range(0, n, step)]
            attempts = sum(pool.map(_part, *zip(*parts, strict=True)))
            return _table(memory, n).copy(), attempts
        finally:
            memory.close()
            memory.unlink()

    return run
