"""`openlines results` and `plot`: what has been run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.program import REFUSED, over
from sim.cli.running import draw_pictures
from sim.report.words import plain

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
) -> None:
    """Draw the pictures of a run again."""
    from sim import api
    from sim.report.progress import progress

    with progress() as told:
        told.phase(f"drawing {plain(str(folder))}")
        api.redraw(folder, lambda run: draw_pictures(run, told))
    sys.stdout.write(f"{folder / 'figures'}\n")
