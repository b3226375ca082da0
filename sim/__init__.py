"""Open Lines: how long until the other side picks up? A discrete-event simulator of diplomatic channels.

The public API, in reading order; what a name needs is loaded when it is first used:

    scenario = sim.load("scenarios/minimal.yaml")
    run = sim.run(scenario, replications=10_000, seed=1)
    run.summary["first_contact"]["any"]["probability"]
    sim.compare("scenarios/minimal.yaml", what_ifs=["daily: lines.envoy-minister.every=12 h"]).plot()
    sim.calibrate("scenarios/us-russia-2022.yaml").to_pandas()
    sim.trace(scenario, seed=1, replication=17)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from sim.version import __version__

if TYPE_CHECKING:
    from sim.api import Run, RunEntry, list_runs, load, open_run, run, trace
    from sim.engines.contract import EventLog, LogEntry
    from sim.runs.errors import RunFailed, RunInterrupted, RunRefused
    from sim.scenario.errors import ScenarioError, ScenarioErrors
    from sim.scenario.examples import examples
    from sim.scenario.resolved import Scenario
    from sim.stats.first_contact import FirstContact
    from sim.stats.outcomes import Outcome
    from sim.stats.survival import SurvivalCurve, survival_curve
    from sim.studies.attribute import AttributionResult, attribute
    from sim.studies.calibrate import CalibrationResult, ForecastResult, calibrate, forecast
    from sim.studies.compare import Comparison, compare, open_comparison
    from sim.studies.optimize import optimize
    from sim.studies.sensitivity import SensitivityResult, sensitivity
    from sim.studies.sweep import SweepResult, sweep
    from sim.studies.voi import voi

_HOMES = {
    "load": "sim.api",
    "examples": "sim.scenario.examples",
    "run": "sim.api",
    "compare": "sim.studies.compare",
    "sweep": "sim.studies.sweep",
    "sensitivity": "sim.studies.sensitivity",
    "attribute": "sim.studies.attribute",
    "voi": "sim.studies.voi",
    "optimize": "sim.studies.optimize",
    "calibrate": "sim.studies.calibrate",
    "forecast": "sim.studies.calibrate",
    "trace": "sim.api",
    "open_run": "sim.api",
    "open_comparison": "sim.studies.compare",
    "list_runs": "sim.api",
    "Scenario": "sim.scenario.resolved",
    "Run": "sim.api",
    "Comparison": "sim.studies.compare",
    "SweepResult": "sim.studies.sweep",
    "SensitivityResult": "sim.studies.sensitivity",
    "AttributionResult": "sim.studies.attribute",
    "CalibrationResult": "sim.studies.calibrate",
    "ForecastResult": "sim.studies.calibrate",
    "RunEntry": "sim.api",
    "FirstContact": "sim.stats.first_contact",
    "Outcome": "sim.stats.outcomes",
    "SurvivalCurve": "sim.stats.survival",
    "survival_curve": "sim.stats.survival",
    "EventLog": "sim.engines.contract",
    "LogEntry": "sim.engines.contract",
    "ScenarioError": "sim.scenario.errors",
    "ScenarioErrors": "sim.scenario.errors",
    "RunRefused": "sim.runs.errors",
    "RunFailed": "sim.runs.errors",
    "RunInterrupted": "sim.runs.errors",
}

__all__ = [
    "AttributionResult",
    "CalibrationResult",
    "Comparison",
    "EventLog",
    "FirstContact",
    "ForecastResult",
    "LogEntry",
    "Outcome",
    "Run",
    "RunEntry",
    "RunFailed",
    "RunInterrupted",
    "RunRefused",
    "Scenario",
    "ScenarioError",
    "ScenarioErrors",
    "SensitivityResult",
    "SurvivalCurve",
    "SweepResult",
    "__version__",
    "attribute",
    "calibrate",
    "compare",
    "examples",
    "forecast",
    "list_runs",
    "load",
    "open_comparison",
    "open_run",
    "optimize",
    "run",
    "sensitivity",
    "survival_curve",
    "sweep",
    "trace",
    "voi",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    found = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
