"""`openlines optimize`: which calling policy is best."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.program import AsJson, Dark, Engine, EngineName, ScenarioFile, Seed, check_picture, file_meant


def optimize(
    scenario: ScenarioFile,
    policies: Annotated[Path, typer.Option("--policies", metavar="FILE", help="A policy file.", callback=file_meant)],
    outcome: Annotated[
        str, typer.Option(metavar="COLUMN", help="Whose first contact: any, a line, group, channel, level or side.")
    ] = "any",
    within: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="The goal is contact within this time, e.g. '30 d'; a short mean wait unless given.",
            show_default=False,
        ),
    ] = None,
    budget: Annotated[
        float | None, typer.Option(metavar="N", help="Attempts on all lines, on average.", show_default=False)
    ] = None,
    hard: Annotated[bool, typer.Option("--hard", help="No replication may exceed the budget.")] = False,
    zone: Annotated[
        float | None,
        typer.Option(
            help="A difference that does not matter: half a day or, with --within, 0.01 unless given.",
            show_default=False,
        ),
    ] = None,
    confidence: Annotated[float, typer.Option(help="Probability of finding the best policy, at least.")] = 0.95,
    effort: Annotated[
        int | None,
        typer.Option(metavar="N", help="A fixed number of replications for all policies together.", show_default=False),
    ] = None,
    replications: Annotated[int, typer.Option("--replications", "-n", help="Most replications of a policy.")] = 40_000,
    seed: Seed = 1,
    engine: Engine = EngineName.auto,
    figure: Annotated[
        Path | None,
        typer.Option(
            "--figure",
            metavar="FILE",
            help="Draw waiting against attempts, into FILE.png or FILE.svg.",
            show_default=False,
            callback=file_meant,
        ),
    ] = None,
    dark: Dark = False,
    as_json: AsJson = False,
) -> None:
    """Find the best calling policy within a budget of attempts.

    All policies meet the same random numbers. Those that are clearly worse are dropped until one remains; that one is
    estimated again on other random numbers.
    """
    from sim.report.optimize import describe, frontier_figure, optimization_report
    from sim.report.progress import progress
    from sim.studies.optimize import optimize as study

    check_picture(figure)
    with progress() as shown:
        found = study(
            scenario,
            policies,
            outcome,
            within,
            budget=budget,
            hard=hard,
            zone=zone,
            confidence=confidence,
            effort=effort,
            replications=replications,
            seed=seed,
            engine=engine.value,
            progress=shown.update,
            stage=shown.phase,
        )
    if figure is not None:
        from sim.report.style import context, save, theme_for

        with context(theme_for(dark=dark)) as theme:
            save(frontier_figure(found, theme), figure, describe(found))
    if as_json:
        sys.stdout.write(json.dumps(found.as_dict(), indent=1) + "\n")
        return
    from sim.report.terminal import console, show

    show(optimization_report(found), console(sys.stdout))
