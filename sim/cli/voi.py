"""`openlines voi`: what is worth learning before a choice."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.program import (
    REFUSED,
    AsJson,
    Dark,
    Engine,
    EngineName,
    Seed,
    WhatIfs,
    Workers,
    check_picture,
    file_meant,
    over,
    scenario_meant,
)


def voi(
    what: Annotated[
        Path,
        typer.Argument(metavar="WHATIF", help="A what-if file, or a scenario with --what-if.", callback=scenario_meant),
    ],
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
    cost_per_attempt: Annotated[
        float, typer.Option(help="Cost of an attempt, in days or, with --within, as a probability.")
    ] = 0.0,
    groups: Annotated[
        list[str] | None,
        typer.Option("--group", metavar="'NAME: PATH, PATH'", help="Numbers that are learned together. Repeatable."),
    ] = None,
    what_ifs: WhatIfs = None,
    replications: Annotated[int, typer.Option("--replications", "-n", help="Of each option; at least 4000.")] = 10_000,
    seed: Seed = 1,
    engine: Engine = EngineName.auto,
    workers: Workers = None,
    figure: Annotated[
        Path | None,
        typer.Option(
            "--figure",
            metavar="FILE",
            help="Draw it too, into FILE.png or FILE.svg.",
            show_default=False,
            callback=file_meant,
        ),
    ] = None,
    dark: Dark = False,
    as_json: AsJson = False,
) -> None:
    """Say what is worth learning before a choice between the options of a what-if file.

    Expected value of perfect information: of all uncertain numbers together (EVPI), of each of them, and of groups of
    them (EVPPI), in days of waiting or in percentage points.
    """
    from sim.report.progress import progress
    from sim.report.voi import describe, voi_figure, voi_report
    from sim.studies.voi import voi as study

    check_picture(figure)
    named = dict(_group(text) for text in groups or ())
    with progress() as shown:
        found = study(
            what,
            outcome,
            within,
            cost_per_attempt,
            groups=named,
            what_ifs=what_ifs or (),
            replications=replications,
            seed=seed,
            engine=engine.value,
            workers=workers,
            progress=shown.update,
            stage=shown.phase,
        )
    if figure is not None:
        from sim.report.style import context, save, theme_for

        with context(theme_for(dark=dark)) as theme:
            save(voi_figure(found, theme), figure, describe(found))
    if as_json:
        sys.stdout.write(json.dumps(found.as_dict(), indent=1) + "\n")
        return
    from sim.report.terminal import console, show

    show(voi_report(found), console(sys.stdout))


def _group(words: str) -> tuple[str, list[str]]:
    name, colon, rest = words.partition(":")
    members = [part.strip() for part in rest.split(",") if part.strip()]
    if not colon or not name.strip() or not members:
        raise over(REFUSED, f"openlines: --group {words}: expected 'NAME: PATH, PATH'")
    return name.strip(), members
