"""`openlines report`: a run or a comparison as one file to hand on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.program import REFUSED, file_meant, over
from sim.report.format import plain

if TYPE_CHECKING:
    from sim.api import Run
    from sim.report.html.document import Drawing, Report
    from sim.report.html.run import Example
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
) -> None:
    """Write a report to hand on: one HTML file.

    The answer with its numbers, tables, pictures, one replication told, where every number comes from, and how to make
    it again. Everything is inside; the file loads nothing and runs nothing.
    """
    from sim.report.progress import progress
    from sim.runs.files import REPORT, replacing

    target = folder / REPORT if out is None else out
    if target.is_dir() or not target.parent.is_dir():
        what = "is a folder" if target.is_dir() else f"cannot be written: {target.parent} is no folder"
        raise over(REFUSED, f"openlines: {target} {what}")
    with replacing(target) as path:
        try:
            path.touch()
        except OSError as error:
            raise over(REFUSED, f"openlines: {target} cannot be written: {error.strerror or error}") from error
        with progress() as told:
            told.phase(f"reading {plain(str(folder))}")
            path.write_text(_page(folder, told), encoding="utf-8")
    if target.resolve() == (folder / REPORT).resolve():
        _list(folder)
    sys.stdout.write(f"{plain(str(target))}\n")


def _list(folder: Path) -> None:
    """Take the report into the manifest of its folder, so that `verify` sees to it as to every other file."""
    from sim.runs.files import REPORT, list_file
    from sim.runs.store import MANIFEST, read_manifest
    from sim.studies import kept

    manifest = kept.read_manifest(folder) if _is_comparison(folder) else read_manifest(folder)
    list_file(folder / MANIFEST, manifest, REPORT)


def _page(folder: Path, told: Reporter) -> str:
    from sim.report.html.drawing import PicturesMissingError
    from sim.report.html.page import page
    from sim.runs.errors import RunRefused

    try:
        made = _of_comparison(folder) if _is_comparison(folder) else _of_run(folder, told)
    except PicturesMissingError as error:
        raise RunRefused(f"{folder}: {error}; draw the pictures again: openlines plot {folder}") from error
    told.phase("writing")
    return page(made)


def _is_comparison(folder: Path) -> bool:
    from sim.studies.kept import RESULT

    return (folder / RESULT).is_file()


def _of_comparison(folder: Path) -> Report:
    from sim.report.html.comparison import comparison_report
    from sim.report.html.drawing import read_pictures
    from sim.scenario.reader import loads
    from sim.studies.compare import open_comparison

    found = open_comparison(folder)
    name = found.result.base
    base = loads(found.manifest["scenarios"][name]["resolved"], f"{name}.yaml")
    return comparison_report(found.result, base, read_pictures(folder / "figures"), found.manifest, found.why)


def _of_run(folder: Path, told: Reporter) -> Report:
    from sim import api
    from sim.report.html.drawing import network
    from sim.report.html.run import run_report
    from sim.report.view import view_of

    run = api.open_run(folder)
    view = view_of(run)
    drawn = _drawn(folder, view, told)
    told.phase("telling one replication")
    return run_report(view, run.manifest, drawn, _example(run), network(run.scenario))


def _drawn(folder: Path, view: View, told: Reporter) -> dict[str, Drawing]:
    """The pictures of the folder; drawn for the report alone where the run was made without."""
    import tempfile

    from sim.report.figures import draw_all
    from sim.report.html.drawing import read_pictures

    if found := read_pictures(folder / "figures"):
        return found
    told.phase("drawing")
    with tempfile.TemporaryDirectory() as drawing:
        draw_all(view, Path(drawing), progress=told.update)
        return read_pictures(Path(drawing))


def _example(run: Run) -> Example:
    """The typical replication of the run."""
    from sim import api
    from sim.pick import typical_of
    from sim.report.html.drawing import timeline
    from sim.report.html.run import Example
    from sim.report.story import tell

    scenario, manifest = run.scenario, run.manifest
    column = f"group:{next(iter(scenario.groups))}" if scenario.groups else "any"
    chosen = typical_of(run, column)
    event_log = api.trace(scenario, manifest["seed"], chosen.replication, block=manifest["block"])
    return Example(tell(scenario, event_log, chosen=chosen), timeline(scenario, event_log))
