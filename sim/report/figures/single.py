"""Pictures of one thing, each in a file of its own: the timeline of a replication, the network of a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.report.figures.describe import describe_network, describe_timeline
from sim.report.figures.network import network_figure
from sim.report.figures.timeline import timeline_figure
from sim.report.format import plain
from sim.report.style import LIGHT, Theme, context, save
from sim.stats.traces import trace

if TYPE_CHECKING:
    from sim.engines.contract import EventLog
    from sim.scenario.resolved import Scenario

IN_ROW = 64
"""Characters of a label in two lines beside a row."""


def draw_timeline(scenario: Scenario, event_log: EventLog, file: Path, theme: Theme = LIGHT) -> None:
    """Draw one replication of `scenario` into a PNG or SVG, with its description inside.

    Raises ValueError for another ending of the name, OSError where the file cannot be written.
    """
    title, told = plain(scenario.title), trace(scenario, event_log)
    words = describe_timeline(f"What happened: {title}", told, scenario)
    with context(theme):
        save(timeline_figure(title, told, scenario.start, row_names(scenario), theme), file, words)


def draw_network(scenario: Scenario, file: Path, theme: Theme = LIGHT) -> None:
    """Draw who calls whom over what into a PNG or SVG, with its description inside. Raises as `draw_timeline` does."""
    title = plain(scenario.title)
    words = describe_network(f"Who calls whom: {title}", scenario)
    with context(theme):
        save(network_figure(title, scenario, theme), file, words)


def row_names(scenario: Scenario) -> dict[str, str]:
    """What a person calls each ``regime:NAME``, ``event:NAME`` and ``line:NAME``: short enough for a timeline."""
    found = {}
    for line in scenario.lines:
        title = plain(line.title)
        both = f"{title} ({line.name})" if title and title != line.name else line.name
        found[f"line:{line.name}"] = both if len(both) <= IN_ROW else line.name
    for kind, rows in (("regime", scenario.regimes), ("event", scenario.events)):
        for one in rows:
            title = plain(one.title)
            found[f"{kind}:{one.name}"] = title if title and len(title) <= IN_ROW else one.name
    return found
