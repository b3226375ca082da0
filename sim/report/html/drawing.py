"""Pictures as texts, for a page: read from a run's folder, or drawn for the page alone."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

from sim.report.figures import ALT_TEXTS
from sim.report.figures.describe import describe_network, describe_timeline
from sim.report.figures.single import row_names
from sim.report.format import plain
from sim.report.html.pictures import BadPicture
from sim.report.style import context
from sim.stats.trace import trace

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.engines.contract import EventLog
    from sim.scenario.resolved import Scenario

Drawing = tuple[str, str]
"""What is to be seen, in words, and the SVG file."""


def read_pictures(folder: Path) -> dict[str, Drawing]:
    """The pictures of a folder by name, in the order of its alt texts; empty where there are none.

    Raises BadPicture where a file is missing or no text.
    """
    listed = folder / ALT_TEXTS
    if not listed.is_file():
        return {}
    try:
        texts = json.loads(listed.read_text(encoding="utf-8"))
        return {str(name): (str(words), _svg(folder, name)) for name, words in texts.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise BadPicture(f"the pictures in {folder} cannot be read: {error}") from error


def _svg(folder: Path, name: str) -> str:
    if Path(name).name != name:
        raise ValueError(f"{name!r} is no name of a picture")
    return (folder / f"{name}.svg").read_text(encoding="utf-8")


def timeline(scenario: Scenario, event_log: EventLog) -> Drawing:
    """One replication as a timeline."""
    from sim.report.figures.timeline import timeline_figure

    title, told = plain(scenario.title), trace(scenario, event_log)
    with context() as theme:
        figure = timeline_figure(title, told, scenario.start, row_names(scenario), theme)
        return describe_timeline(f"What happened: {title}", told, scenario), as_text(figure)


def network(scenario: Scenario) -> Drawing:
    """Who calls whom over what."""
    from sim.report.figures.network import network_figure

    title = plain(scenario.title)
    with context() as theme:
        return describe_network(f"Who calls whom: {title}", scenario), as_text(network_figure(title, scenario, theme))


def as_text(figure: Figure) -> str:
    """A figure as an SVG file; the same text each time."""
    held = io.StringIO()
    figure.savefig(held, format="svg", metadata={"Date": None, "Creator": None})
    return held.getvalue()
