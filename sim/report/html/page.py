"""A report as one HTML file: everything is inside, nothing is fetched, nothing runs."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from sim.report.html.document import Block, Folded, Picture, Report
from sim.report.html.pictures import Pictures

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What the page forbids the browser, in case something got in: all but the styles that stand in it."""


def page(report: Report) -> str:
    """The report as a page. The same report gives the same page.

    Raises `sim.report.html.pictures.BadPicture` where a picture is no SVG that can stand in a page.
    """
    pictures = Pictures()
    found = [one for section in report.sections for one in _pictures(section.blocks)]
    drawn = {id(one): pictures.inline(one.svg, one.caption, one.words, place) for place, one in enumerate(found)}
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            report=report,
            policy=POLICY,
            style=Markup((TEMPLATES / "page.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
            definitions=pictures.definitions,
            drawn=lambda block: drawn[id(block)],
        )
    )


def _pictures(blocks: Iterable[Block]) -> Iterator[Picture]:
    for block in blocks:
        if isinstance(block, Picture):
            yield block
        elif isinstance(block, Folded):
            yield from _pictures(block.blocks)


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
