"""Shares of the settings of a variant in what it changes: each alone, and by Shapley values over all subsets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.runs.errors import RunRefused
from sim.runs.paired import Paired, run_paired
from sim.scenario.errors import ScenarioErrors
from sim.stats.attribution import SettingShare, setting_shares

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario

MOST_SETTINGS = 5
"""Settings of a variant whose subsets are all simulated: 30 further scenarios at most."""


def shares_of(
    paired: Paired,
    variant: str,
    settings: Sequence[str],
    some: Callable[[Sequence[int]], Scenario],
    column: str,
    workers: int | None = None,
) -> tuple[SettingShare, ...]:
    """The share of each setting in what the variant changes in a column's first contact.

    some  makes the base with some of the settings, by their places

    Empty for a variant of one setting or more than `MOST_SETTINGS`, and where a subset of the settings is no scenario,
    has another clock, or would take too much memory.
    """
    count = len(settings)
    if not 2 <= count <= MOST_SETTINGS or column not in paired.columns(variant):
        return ()
    from sim.scenario.compiler import compile_scenario

    base = paired.programs[paired.base]
    try:
        programs = {"0": base}
        for coalition in range(1, (1 << count) - 1):
            scenario = some([place for place in range(count) if coalition >> place & 1])
            programs[str(coalition)] = compile_scenario(scenario, base.block)
        found = run_paired(programs, paired.replications, paired.seed, engine=paired.engine, workers=workers)
        times = [found.limited(name, column) for name in programs]
    except (ScenarioErrors, RunRefused, KeyError):
        return ()
    limited = np.stack([*times, paired.limited(variant, column)], axis=1)
    return setting_shares(settings, limited, paired.horizon, paired.unit)
