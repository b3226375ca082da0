"""Pictures for a page: read from a folder of results, or drawn for the page alone.

A picture goes into the page as the source of an `<img>`, a `data:` address that holds the bytes of the file. A browser
runs no script of such a picture and loads nothing for it, and this program does not parse it.
"""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

from sim.report.figures import ALT_TEXTS
from sim.report.figures.network import describe_network
from sim.report.figures.timeline import describe_timeline, row_names
from sim.report.format import plain
from sim.report.html.document import Drawing
from sim.report.style import context
from sim.stats.traces import trace

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.engines.contract import EventLog
    from sim.scenario.resolved import Scenario

KINDS = {"svg": "image/svg+xml", "png": "image/png"}
"""Kinds of picture files, the one that a page takes first, with their media types."""


class PicturesMissingError(ValueError):
    """A folder lists pictures that it does not have."""


def drawing(words: str, content: bytes, kind: str) -> Drawing:
    """A picture from the bytes of its file, an ``svg`` or a ``png``."""
    return Drawing(words, f"data:{KINDS[kind]};base64,{base64.b64encode(content).decode('ascii')}")


def read_pictures(folder: Path) -> dict[str, Drawing]:
    """Return the pictures of a folder by name, in the order of its alt texts; none where it has none.

    What a file holds is not looked at. Raises PicturesMissingError for a missing file and for damaged alt texts.
    """
    listed = folder / ALT_TEXTS
    if not listed.is_file():
        return {}
    try:
        texts = json.loads(listed.read_text(encoding="utf-8"))
        return {str(name): _read(folder, str(name), str(words)) for name, words in texts.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise PicturesMissingError(f"the pictures in {folder} cannot be read: {error}") from error


def _read(folder: Path, name: str, words: str) -> Drawing:
    if Path(name).name != name:
        raise ValueError(f"{name!r} is no name of a picture")
    files = [(kind, folder / f"{name}.{kind}") for kind in KINDS]
    kind, file = next((found for found in files if found[1].is_file()), files[-1])
    return drawing(words, file.read_bytes(), kind)


def timeline(scenario: Scenario, event_log: EventLog) -> Drawing:
    """One replication as a timeline."""
    from sim.report.figures.timeline import timeline_figure

    title, told = plain(scenario.title), trace(scenario, event_log)
    with context() as theme:
        figure = timeline_figure(title, told, scenario.start, row_names(scenario), theme)
        return _drawn(describe_timeline(f"What happened: {title}", told, scenario), figure)


def network(scenario: Scenario) -> Drawing:
    """Who calls whom over what."""
    from sim.report.figures.network import network_figure

    title = plain(scenario.title)
    with context() as theme:
        return _drawn(describe_network(f"Who calls whom: {title}", scenario), network_figure(title, scenario, theme))


def _drawn(words: str, figure: Figure) -> Drawing:
    """A figure as an SVG file; the same bytes each time."""
    held = io.StringIO()
    figure.savefig(held, format="svg", metadata={"Date": None, "Creator": None})
    return drawing(words, held.getvalue().encode(), "svg")
