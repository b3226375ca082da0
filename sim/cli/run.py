"""`openlines run`."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.program import (
    REFUSED,
    Changes,
    Engine,
    EngineName,
    Fresh,
    NoFigures,
    ScenarioFile,
    Seed,
    Svg,
    Workers,
    over,
    program_name,
)
from sim.report.format import plain, several

if TYPE_CHECKING:
    from sim.api import Progress, Run
    from sim.report.progress import Reporter

AFTERWARDS = ("scipy.special", "rich.console", "sim.report.terminal", "sim.report.run")
"""What is needed when the simulation is done."""

FOR_PICTURES = ("matplotlib.figure", "sim.report.figures")
"""Likewise where pictures are drawn: half a second."""

Replications = Annotated[
    int | None,
    typer.Option(
        "--replications",
        "-n",
        help="How many times to simulate; 10000 unless given. With --until, at most: 10000000 unless given.",
        show_default=False,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(help="The run's own folder; results/SCENARIO/RUN-ID unless given.", show_default=False),
]
SummaryOnly = Annotated[
    bool, typer.Option("--summary-only", help="Keep no row for each replication: for very large runs.")
]
Until = Annotated[
    str | None,
    typer.Option(
        metavar="PRECISION",
        help="Stop when an interval is narrow enough: 'median ± 12 h', 'median of line:NAME +- 12 h', "
        "'P(any within 30 d) ± 0.005'.",
        show_default=False,
    ),
]
Dask = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Simulate on the workers of a Dask scheduler, tcp://HOST:PORT, which share the folder; "
        "or on some that are started here: local.",
        show_default=False,
    ),
]


def run(
    scenario: ScenarioFile,
    replications: Replications = None,
    seed: Seed = 1,
    engine: Engine = EngineName.auto,
    workers: Workers = None,
    out: Out = None,
    changes: Changes = None,
    summary_only: SummaryOnly = False,
    until: Until = None,
    dask: Dask = None,
    no_figures: NoFigures = False,
    dark: Annotated[bool, typer.Option("--dark", help="Draw them as light signs on dark paper.")] = False,
    svg: Svg = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print summary.json, and nothing else.")] = False,
    fresh: Fresh = False,
) -> None:
    """Simulate a scenario many times.

    When does the other side pick up, over what, and after how many attempts? Prints a summary and keeps the results in
    a folder. A run that was interrupted goes on when the same command is given again.
    """
    from sim.report.progress import progress

    if no_figures and (dark or svg):
        raise over(REFUSED, f"openlines: {'--dark' if dark else '--svg'} and --no-figures: there is no picture to draw")
    with progress() as told:
        told.phase(f"loading {plain(str(scenario))}")
        from sim import api

        phases = {"simulating": _simulating(replications, until)}
        done = api.run(
            scenario,
            replications=replications,
            seed=seed,
            engine=engine.value,
            workers=workers,
            out=out,
            overrides=tuple(changes or ()),
            summary_only=summary_only,
            until=until,
            dask=dask,
            fresh=fresh,
            progress=_loading(told.update, AFTERWARDS if no_figures else (*AFTERWARDS, *FOR_PICTURES)),
            stage=lambda what: told.phase(phases.get(what, what)),
        )
        if done.reused:
            told.note("this run was there already: nothing was simulated")
        if not (no_figures or done.has_pictures):
            told.phase("drawing")
            done = draw_pictures(done, told, dark=dark, svg=svg)
    if as_json:
        assert done.folder is not None
        sys.stdout.write((done.folder / "summary.json").read_text(encoding="utf-8"))
        return
    _show(done, scenario, tuple(changes or ()))


def _loading(update: Progress, modules: Sequence[str]) -> Progress:
    """Progress that loads modules when the first chunk is done, while other processes are at work on the next ones."""
    left = list(modules)

    def follow(done: int, total: int) -> None:
        update(done, total)
        while left and 0 < done < total:
            import_module(left.pop())

    return follow


def _simulating(replications: int | None, until: str | None) -> str:
    from sim.api import MOST_UNTIL, REPLICATIONS

    if until is None:
        return f"simulating {several(replications or REPLICATIONS, 'replication')}"
    return f"simulating until {plain(until)}, at most {several(replications or MOST_UNTIL, 'replication')}"


def _show(done: Run, scenario: Path, changes: Sequence[str]) -> None:
    from sim.report.run import summary_report
    from sim.report.terminal import console, show
    from sim.report.view import view_of

    report = summary_report(
        view_of(done),
        folder=done.folder,
        command=shlex.quote(str(scenario)),
        changes=changes,
        program=program_name(),
    )
    show(report, console(sys.stdout))


def draw_pictures(run: Run, told: Reporter, *, dark: bool = False, svg: bool = False) -> Run:
    """Draw all pictures of a run into its folder, which it must have, and tell how far that is."""
    from sim import api
    from sim.report.figures import draw_all
    from sim.report.style import theme_for
    from sim.report.view import view_of

    assert run.folder is not None
    theme = theme_for(dark=dark)
    api.add_pictures(run.folder, lambda folder: draw_all(view_of(run), folder, theme, progress=told.update, svg=svg))
    return api.open_run(run.folder)
