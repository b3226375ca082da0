"""Reports as HTML: one file with everything inside, which fetches nothing and runs nothing.

A picture goes into the page as the source of an `<img>`, a `data:` address that holds the bytes of the file. A browser
runs no script of such a picture and loads nothing for it, and this program does not parse it.
"""

from __future__ import annotations

import base64
import functools
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from sim.report.document import Block, Drawing, Report
from sim.report.format import plain
from sim.report.labels import Labels
from sim.report.style import context
from sim.stats.traces import timeline_of

if TYPE_CHECKING:
    from jinja2 import Environment
    from matplotlib.figure import Figure

    from sim.engines.contract import EventLog
    from sim.scenario.resolved import Scenario

TEMPLATES = Path(__file__).parent / "templates"

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What the page forbids the browser, in case something got in: all but the styles and pictures that stand in it."""

KINDS = {"svg": "image/svg+xml", "png": "image/png"}
"""Kinds of picture files, the one that a page takes first, with their media types."""


def page(report: Report, *, short: bool = False) -> str:
    """Return the report as a page; a `short` one is printed in small type. The same report gives the same page."""
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    return (
        _environment()
        .get_template("page.html.j2")
        .render(report=report, short=short, policy=POLICY, style=Markup(style))  # noqa: S704 - our own file
    )


def fragment(blocks: Sequence[Block]) -> str:
    """Return some blocks as a part of a page of somebody else's, such as a notebook."""
    return _environment().get_template("fragment.html.j2").render(blocks_shown=blocks)


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


class PicturesMissingError(ValueError):
    """A folder lists pictures that it does not have."""


def drawing(words: str, content: bytes, kind: str) -> Drawing:
    """A picture from the bytes of its file, an ``svg`` or a ``png``."""
    return Drawing(words, f"data:{KINDS[kind]};base64,{base64.b64encode(content).decode('ascii')}")


def read_pictures(folder: Path) -> dict[str, Drawing]:
    """Return the pictures of a folder by name, in the order of its alt texts; none where it has none.

    What a file holds is not looked at. Raises PicturesMissingError for a missing file and for damaged alt texts.
    """
    from sim.report.figures import ALT_TEXTS

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
    from sim.report.figures.timeline import describe_timeline, timeline_figure

    title, told = plain(scenario.title), timeline_of(scenario, event_log)
    with context() as theme:
        figure = timeline_figure(title, told, scenario.start, Labels(scenario).rows(), theme)
        return _drawn(describe_timeline(f"What happened: {title}", told, scenario), figure)


def network(scenario: Scenario) -> Drawing:
    """Who calls whom over what."""
    from sim.report.figures.network import describe_network, network_figure

    title = plain(scenario.title)
    with context() as theme:
        return _drawn(describe_network(f"Who calls whom: {title}", scenario), network_figure(title, scenario, theme))


def _drawn(words: str, figure: Figure) -> Drawing:
    """A figure as an SVG file; the same bytes each time."""
    held = io.StringIO()
    figure.savefig(held, format="svg", metadata={"Date": None, "Creator": None})
    return drawing(words, held.getvalue().encode(), "svg")
