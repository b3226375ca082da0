"""`openlines report`: a run or a comparison as one file to hand on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.program import file_meant
from sim.report.format import plain

if TYPE_CHECKING:
    from sim.api import Run
    from sim.report.document import Drawing, Report
    from sim.report.pages import Example
    from sim.report.progress import Reporter
    from sim.report.view import View


def report(
    folder: Annotated[
        Path, typer.Argument(metavar="RUN|COMPARISON", help="The folder of a run or comparison.", show_default=False)
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Where to write it; FOLDER/report.html unless given.", callback=file_meant
        ),
    ] = None,
    short: Annotated[bool, typer.Option("--short", help="One printed sheet for a run, two for a comparison.")] = False,
) -> None:
    """Write a report to hand on: one HTML file.

    The answer with its numbers, tables, pictures, one replication told, where every number comes from, and how to make
    it again. Everything is inside; the file loads nothing and runs nothing.
    """
    from sim.report.progress import progress
    from sim.runs.files import check_file, replacing
    from sim.runs.store import REPORT

    target = folder / REPORT if out is None else out
    check_file(target)
    with progress() as told:
        told.phase(f"reading {plain(str(folder))}")
        made = _page(folder, told, short)
    with replacing(target) as path:
        path.write_text(made, encoding="utf-8")
    if target.resolve() == (folder / REPORT).resolve():
        _list(folder)
    sys.stdout.write(f"{plain(str(target))}\n")


def _list(folder: Path) -> None:
    """Take the report into the manifest of its folder, so that `verify` sees to it as to every other file."""
    from sim.runs.store import REPORT, holding, list_file, read_manifest

    with holding(folder):
        list_file(folder, read_manifest(folder), REPORT)


def _page(folder: Path, told: Reporter, short: bool) -> str:
    from sim.report.html import PicturesMissingError, page
    from sim.runs.errors import RunRefused

    try:
        made = _of_comparison(folder, short) if _is_comparison(folder) else _of_run(folder, told, short)
    except PicturesMissingError as error:
        raise RunRefused(f"{folder}: {error}; draw the pictures again: openlines plot {folder}") from error
    told.phase("writing")
    return page(made, short=short)


def _is_comparison(folder: Path) -> bool:
    from sim.runs.store import COMPARISON

    return (folder / COMPARISON).is_file()


def _of_comparison(folder: Path, short: bool) -> Report:
    from sim.report.html import read_pictures
    from sim.report.pages import comparison_page
    from sim.runs.store import check_pictures
    from sim.studies.compare import open_comparison

    found = open_comparison(folder)
    check_pictures(folder, found.manifest)
    return comparison_page(found.view, found.manifest, read_pictures(folder / "figures"), found.why, short=short)


def _of_run(folder: Path, told: Reporter, short: bool) -> Report:
    from sim import api
    from sim.report.html import network, read_pictures
    from sim.report.pages import run_page
    from sim.report.view import view_of
    from sim.runs.store import check_pictures

    run = api.open_run(folder)
    view = view_of(run)
    drawn = read_pictures(folder / "figures") if check_pictures(folder, run.manifest) else _drawn(view, told)
    if short:
        return run_page(view, run.manifest, drawn, short=True)
    told.phase("telling one replication")
    return run_page(view, run.manifest, drawn, _example(run), network(run.scenario))


def _drawn(view: View, told: Reporter) -> dict[str, Drawing]:
    """The pictures of a run that was made without, drawn for the report alone."""
    import tempfile

    from sim.report.figures import draw_all
    from sim.report.html import read_pictures

    told.phase("drawing")
    with tempfile.TemporaryDirectory() as drawing:
        draw_all(view, Path(drawing), progress=told.update)
        return read_pictures(Path(drawing))


def _example(run: Run) -> Example:
    """The typical replication of the run."""
    from sim import api
    from sim.pick import typical_of
    from sim.report.html import timeline
    from sim.report.narrative.story import tell
    from sim.report.pages import Example

    scenario, manifest = run.scenario, run.manifest
    column = f"group:{next(iter(scenario.groups))}" if scenario.groups else "any"
    chosen = typical_of(run, column)
    event_log = api.trace(scenario, manifest["seed"], chosen.replication, block=manifest["block"])
    return Example(tell(scenario, event_log, chosen=chosen), timeline(scenario, event_log))
