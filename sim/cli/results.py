"""`openlines results`, `plot` and `verify`: what has been run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.program import REFUSED, Svg, over
from sim.cli.run import draw_pictures
from sim.report.format import count, plain, several

RESULTS = Path("results")


def results(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to look.", show_default=False)] = Path(
        "results"
    ),
) -> None:
    """List the runs in a folder."""
    from sim import api
    from sim.report.catalogue import show_runs
    from sim.report.terminal import console

    if not folder.is_dir() and folder != RESULTS:
        raise over(REFUSED, f"openlines: {folder} is no folder")
    show_runs(api.list_runs(folder), folder, console(sys.stdout))


def plot(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.", show_default=False)],
    dark: Annotated[bool, typer.Option("--dark", help="Draw them as light signs on dark paper.")] = False,
    svg: Svg = False,
) -> None:
    """Draw the pictures of a run again."""
    from sim import api
    from sim.report.progress import progress

    with progress() as told:
        told.phase(f"drawing {plain(str(folder))}")
        draw_pictures(api.open_run(folder), told, dark=dark, svg=svg)
    sys.stdout.write(f"{folder / 'figures'}\n")


def verify(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The folder of a run, comparison or study.", show_default=False)
    ],
    sample: Annotated[int, typer.Option(help="Replications to run again on the other engine; 0: none.")] = 100,
) -> None:
    """Check that the files of a run, comparison or study are what was written.

    Compares every checksum. Of a run also the summary and the rows with the sums, and a sample of replications, run
    again on the other engine, to the bit. A run with --summary-only has no rows: whole chunks of it are run again. Exit
    status 1 where anything differs.
    """
    from sim import api
    from sim.report.progress import progress
    from sim.runs.errors import RunFailed

    with progress() as told:
        told.phase(f"verifying {plain(str(folder))}")
        found = api.verify(folder, sample, progress=told.update, stage=told.phase)
    if found.differences:
        raise RunFailed("\n".join((f"{folder} is not what was written:", *found.differences)))
    sys.stdout.write(f"files: {count(len(found.files))}, all as the manifest lists them\n")
    if found.left_out:
        sys.stdout.write(f"not run again: {plain(found.left_out)}\n")
        return
    sys.stdout.write("summary and rows: as the sums say\n")
    if found.sampled:
        amount = several(len(found.sampled), "replication")
        sys.stdout.write(f"run again on the {found.engine} engine: {amount}, equal to the bit\n")
