"""What oracles and properties share: writing a scenario as data, running it, and breaking a rule on purpose.

Scenarios are written as Python mappings of the human model, because a test often needs the same scenario with one value
changed; JSON is YAML, so `text` turns one into a scenario file.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import engines
from sim.engines.contract import NEVER, Batch, EventLog, LogEntry
from sim.scenario import loads
from sim.scenario.compiler import compile_scenario
from sim.scenario.program import Program

MINUTE, HOUR, DAY = 60, 3600, 86_400

DEEP = os.environ.get("OPENLINES_DEEP") == "1"
"""A campaign rather than a test run: four times the replications, fifteen times the random scenarios."""

Human = Mapping[str, Any]
"""A scenario of the human model, as data."""

Row = tuple[int, str, str, Mapping[str, object]]
"""A row of a table worked by hand: second, what, name, and those details that the table states."""


def line(**keys: object) -> dict[str, object]:
    """A line from official `a` to official `b` over channel `c`, contact at once, and what `keys` say instead."""
    return {"caller": "a", "callee": "b", "channel": "c", "delay": "0 s"} | keys


def scenario(
    lines: Mapping[str, Human], *, start: str = "2022-01-01", end: str = "2022-01-31", **sections: object
) -> dict[str, Any]:
    """A scenario of two sides A and B in UTC with officials `a` and `b`, always on duty, and the channel `c`, always
    open."""
    base: dict[str, Any] = {
        "scenario": 1,
        "title": "oracle",
        "clock": {"start": start, "end": end},
        "sides": {"A": {"timezone": "UTC"}, "B": {"timezone": "UTC"}},
        "officials": {"a": {"side": "A"}, "b": {"side": "B"}},
        "channels": {"c": {}},
    }
    return base | sections | {"lines": dict(lines)}


def officials(*pairs: str) -> dict[str, dict[str, str]]:
    """Officials always on duty; the first letter of a name, in capitals, is the side."""
    return {name: {"side": name[0].upper()} for name in pairs}


def text(human: Human | str) -> str:
    """The scenario file of a mapping; a text is returned as it is."""
    return human if isinstance(human, str) else json.dumps(human, indent=1)


def program(human: Human | str, block: int = 16) -> Program:
    """Load and compile a scenario; replication r is in block r // block."""
    return _compiled(text(human), block)


@lru_cache(maxsize=64)
def _compiled(file: str, block: int) -> Program:
    return compile_scenario(loads(file), block=block)


def simulate(human: Human | str, n: int, seed: int = 1, block: int = 16, engine: str = "reference") -> Batch:
    """Replications 0 to n - 1."""
    return engines.get(engine).simulate(program(human, block), seed, range(n))


def trace(human: Human | str, replication: int = 0, seed: int = 1, engine: str = "reference") -> EventLog:
    """One replication in full."""
    return engines.get(engine).trace(program(human), seed, replication)


def seconds_of(event_log: EventLog, what: str, name: str) -> list[int]:
    """The seconds at which `what` happened on the line, event or regime `name`, in order."""
    return [h.second for h in event_log.log_entries if h.what == what and h.name == name]


def times_of(batch: Batch, column: int, horizon: int) -> NDArray[np.int64]:
    """First-contact times of one line, shape (n,); the horizon where there was none."""
    times = batch.first_contact[:, column]
    return np.where(times == NEVER, horizon, times)


def assert_rows(log_entries: Sequence[LogEntry], table: Sequence[Row]) -> None:
    """The log entries are those of the table, in its order, to the second; of the details only those stated are
    compared."""
    shown = [(h.second, h.what, h.name) for h in log_entries]
    assert shown == [row[:3] for row in table]
    for log_entry, (_, _, _, stated) in zip(log_entries, table, strict=True):
        found = {key: log_entry.detail.get(key) for key in stated}
        assert found == dict(stated), log_entry


def replace_rule(monkeypatch: Any, rule: Callable[..., Any], saboteur: Callable[..., Any]) -> None:
    """Put `saboteur` in the place of `rule` wherever a module of `sim` has bound it; fails if none has."""
    bound = [
        (module, name)
        for key, module in list(sys.modules.items())
        if key == "sim" or key.startswith("sim.")
        for name, value in list(vars(module).items())
        if value is rule
    ]
    assert bound, f"no module of sim uses {rule!r}"
    for module, name in bound:
        monkeypatch.setattr(module, name, saboteur)
