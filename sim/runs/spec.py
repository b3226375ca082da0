"""Specification of a run: everything that its numbers depend on, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.runs.errors import RunRefused

if TYPE_CHECKING:
    from sim.scenario.program import Program
    from sim.scenario.resolved import Scenario
    from sim.stats.precision import Precision

FORMAT = 2
"""Format of result folders; a folder of another format is neither continued nor read."""

MOST_REPLICATIONS = 1 << 40


@dataclass(frozen=True)
class RunSpec:
    """One run.

    program       the scenario, compiled; it knows the size of the block
    resolved      the resolved scenario, as YAML
    reasons       by line, the reasons that the scenario gives for its unanswered attempts
    seed          of all draws, in [0, 2^64)
    replications  at least 1; with `until`, at most so many
    engine        name of the engine
    keep_times    whether first_contact.parquet is written
    version       of this package: another one may draw or count otherwise
    changes       what was set in the scenario's file, as it was written; the resolved scenario has it already
    until         the precision at which the run stops, if any
    recorded      seconds t at which the record is compared with P(T <= t): see `recorded_seconds`
    entries       of the event log of a replication, estimated: by it the run is cut into chunks

    Raises RunRefused for numbers out of range, as `check_numbers` does.
    """

    program: Program
    resolved: str
    reasons: Mapping[str, tuple[str, ...]]
    seed: int
    replications: int
    engine: str
    keep_times: bool
    version: str
    changes: tuple[str, ...] = ()
    until: Precision | None = None
    recorded: tuple[int, ...] = ()
    entries: float = 1.0

    def __post_init__(self) -> None:
        check_numbers(self.seed, self.replications)

    @property
    def exact_at(self) -> tuple[int, ...]:
        """Seconds t for which P(T <= t) is counted exactly, beside those of every run."""
        within = None if self.until is None else self.until.within
        return self.recorded if within is None else tuple(sorted({*self.recorded, within}))

    def identity(self) -> dict[str, Any]:
        """The part of the manifest by which two runs are the same run; `scenario` is its sha256."""
        if self.until is None:
            size: dict[str, Any] = {"replications": self.replications}
        else:
            size = {"until": {"precision": self.until.text, "at_most": self.replications}}
        return {
            "format": FORMAT,
            "scenario": self.program.sha256,
            "seed": self.seed,
            **size,
            "block": self.program.block,
            "engine": self.engine,
            "first_contact_times": self.keep_times,
            "openlines": self.version,
        }

    def run_id(self) -> str:
        """Name of the run's folder: the same for the same run, ``seed1-n10000-`` or ``seed1-until-`` and eight
        hexadecimal digits."""
        text = json.dumps(self.identity(), sort_keys=True)
        size = f"n{self.replications}" if self.until is None else "until"
        return f"seed{self.seed}-{size}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def recorded_seconds(scenario: Scenario) -> tuple[int, ...]:
    """Of each contact or silence on record, the last second and the one before the first, within the clock."""
    entries = [entry for entry in scenario.record if entry.kind in ("contact", "no_contact")]
    found = {second - 1 for entry in entries for second in (entry.start, entry.end)}
    return tuple(sorted(second for second in found if 0 <= second < scenario.horizon))


def check_numbers(seed: int, replications: int) -> None:
    """Raise RunRefused unless the seed is in [0, 2^64) and the replications are in [1, 2^40]."""
    for name, value in (("seed", seed), ("replications", replications)):
        if isinstance(value, bool) or not isinstance(value, int):
            raise RunRefused(f"{name}: {value!r} is not a whole number")
    if not 0 <= seed < 1 << 64:
        raise RunRefused(f"seed: {seed} is out of range; expected a whole number from 0 to 2^64 - 1")
    if not 1 <= replications <= MOST_REPLICATIONS:
        raise RunRefused(f"replications: {replications} is out of range; expected a whole number from 1 to 2^40")
