"""A run without language and engine: a made-up program, and an engine that looks its numbers up."""

from __future__ import annotations

import time
from pathlib import Path

from sim.engines.contract import Batch, EventLog
from sim.runs.spec import RunSpec
from sim.scenario.program import Program
from tests.stats.synthetic import batch, program

HORIZON_SECONDS = 36_000


class Lookup:
    """An engine over `tests.stats.synthetic`. `pause`: seconds that every batch takes."""

    name = "reference"

    def __init__(self, pause: float = 0.0) -> None:
        self.pause = pause
        self.spec: list[range] = []

    def simulate(self, program: Program, seed: int, replications: range) -> Batch:
        self.spec.append(replications)
        time.sleep(self.pause)
        return batch(replications, program)

    def trace(self, program: Program, seed: int, replication: int) -> EventLog:
        raise NotImplementedError


def job(
    replications: int = 1000,
    *,
    seed: int = 1,
    block: int = 16,
    uncertain: bool = True,
    keep_times: bool = True,
    horizon: int = HORIZON_SECONDS,
) -> RunSpec:
    return RunSpec(
        program(block, uncertain=uncertain, horizon=horizon),
        "scenario: 1\n",
        {"one": ("declined",)},
        seed,
        replications,
        "reference",
        keep_times,
        "0.0.test",
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a run's folder, hidden ones too, but for the manifest."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }
