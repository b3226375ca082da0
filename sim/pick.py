"""Choice of a replication by its kind, from a pool that is simulated, by the first contacts of one column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim import api
from sim.engines.contract import NEVER
from sim.runs.errors import RunRefused
from sim.scenario.program import ColumnError, columns_of, find_column
from sim.stats.traces import Choice, NothingToChoose, Representative, representative

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario

POOL = 1000


def pick(
    scenario: Scenario | str | Path,
    choice: Choice | str,
    of: str = "any",
    pool: int = POOL,
    seed: int = 1,
    *,
    engine: str = "auto",
    overrides: Sequence[str] = (),
    block: int = api.BLOCK,
    progress: api.Progress | None = None,
) -> Representative:
    """Choose among replications 0 to `pool` - 1, the same ones as in a run of that seed and block.

    choice  ``typical``, ``earliest``, ``latest`` or ``no-contact``
    of      the column whose first contact decides: ``any``, ``line:NAME`` …, or a NAME that only one column has

    Raises ScenarioErrors, and RunRefused for an unknown column or where the pool has no replication of the kind.
    """
    loaded = api.load(scenario, overrides) if isinstance(scenario, str | Path) else scenario
    wanted, column = Choice(choice), column_named(loaded, of)
    run = api.run(loaded, pool, seed, engine=engine, save=False, block=block, progress=progress)
    return _chosen(run, wanted, column)


def typical_of(run: api.Run, column: str) -> Representative:
    """The replication of a run whose first contact in `column` is the median.

    Of a run that kept its summary only, the typical one of its first `POOL` replications, which are simulated again.
    """
    manifest = run.manifest
    if manifest["first_contact_times"]:
        return _chosen(run, Choice.typical, column)
    pool = min(POOL, manifest["replications"])
    return pick(run.scenario, Choice.typical, column, pool, manifest["seed"], block=manifest["block"])


def _chosen(run: api.Run, wanted: Choice, column: str) -> Representative:
    times = np.asarray(run.first_contact().column(column).fill_null(NEVER), dtype=np.int64)
    try:
        return representative(times, wanted, column)
    except NothingToChoose as error:
        hint = "--outcome chooses another column, --pool a larger pool"
        raise RunRefused(f"{error}; {hint}") from None


def column_named(scenario: Scenario, name: str) -> str:
    """The key of the column of that name, or of the only one with that name after its colon. Raises RunRefused."""
    try:
        return find_column(name, columns_of(scenario)).key
    except ColumnError as error:
        raise RunRefused(f"--outcome {error}") from None
