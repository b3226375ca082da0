"""`openlines compare`: what if."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.program import Engine, EngineName, NoFigures, Seed, WhatIfs, Workers, place_of
from sim.cli.running import program_name
from sim.report.words import listing, plain, several

if TYPE_CHECKING:
    from sim.report.progress import Reporter
    from sim.studies.compare import Comparison


def compare(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="A what-if file; or a scenario, with --what-if; or several scenarios, the first of them the base.",
            show_default=False,
        ),
    ],
    what_ifs: WhatIfs = None,
    replications: Annotated[
        int, typer.Option("--replications", "-n", help="How many times to simulate each scenario.")
    ] = 10_000,
    seed: Seed = 1,
    engine: Engine = EngineName.auto,
    workers: Workers = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The comparison's own folder; results/FILE/COMPARISON-ID unless given.", show_default=False),
    ] = None,
    no_why: Annotated[
        bool, typer.Option("--no-why", help="Do not trace replications to say why the variants differ.")
    ] = False,
    no_figures: NoFigures = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print comparison.json, and nothing else.")] = False,
) -> None:
    """Compare what-ifs: what changes, by how much, how sure, and why.

    Base and variants are simulated with the same random numbers, so that what differs is due to the change. Prints the
    answer and keeps the results in a folder.
    """
    from sim.report.progress import progress

    out = place_of(out)
    with progress() as told:
        told.phase(f"loading {plain(listing([str(file) for file in files]))}")
        from sim.report.figures.sharing import processes_to_share
        from sim.studies.compare import compare as compare_scenarios

        phases = {"simulating": f"simulating {several(replications, 'replication')} of each", "tracing": "asking why"}
        done = compare_scenarios(
            files,
            replications,
            seed,
            what_ifs=tuple(what_ifs or ()),
            engine=engine.value,
            workers=workers,
            out=out,
            why=not no_why,
            processes=processes_to_share(),
            progress=told.update,
            stage=lambda what: told.phase(phases.get(what, what)),
            draw=None if no_figures else lambda made, folder: _draw(made, folder, told),
        )
        if done.reused:
            told.note("this comparison was there already: nothing was simulated")
        for warning in done.result.warnings if as_json else ():
            told.note(f"warning: {plain(warning)}")
    if as_json:
        assert done.folder is not None
        sys.stdout.write((done.folder / "comparison.json").read_text(encoding="utf-8"))
        return
    from sim.report.comparison_terminal import show_comparison
    from sim.report.terminal import console

    options = [*(str(file) for file in files), *(part for text in what_ifs or () for part in ("--what-if", text))]
    show_comparison(
        done.view,
        console(sys.stdout),
        changes=done.changes,
        why=done.why,
        folder=done.folder,
        source=plain(shlex.join(options)),
        program=program_name(),
    )


def _draw(made: Comparison, folder: Path, told: Reporter) -> None:
    from sim.report.figures.compare import draw_comparison
    from sim.report.figures.sharing import processes_to_share

    draw_comparison(made.view, folder, made.why, progress=told.update, processes=processes_to_share())
