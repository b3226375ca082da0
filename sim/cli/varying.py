"""`openlines sweep`, `sensitivity` and `attribute`: what an outcome hangs on."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.program import Changes, Dark, EngineName, ScenarioFile, Seed, check_picture
from sim.report.words import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console

    from sim.report.style import Theme

Of = Annotated[
    list[str] | None,
    typer.Option(
        "--of",
        metavar="COLUMN",
        help="Whose first contact: any, a line, group, channel, level or side; any and all groups unless given. "
        "Repeatable.",
        show_default=False,
    ),
]
By = Annotated[
    str | None,
    typer.Option(
        "--by", metavar="TIME", help="Contact by when, e.g. '30 d'; the end unless given.", show_default=False
    ),
]
Engine = Annotated[EngineName, typer.Option(help="All engines give the same numbers; auto takes the fastest there is.")]
Workers = Annotated[int | None, typer.Option(help="Processes to use; all cores unless given.", show_default=False)]
Picture = Annotated[
    Path | None,
    typer.Option("--picture", metavar="FILE", help="Draw it too, into FILE.png or FILE.svg.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print all results as JSON, and nothing else.")]


def sweep(
    scenario: ScenarioFile,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            metavar="PATH=VALUES",
            help="lo:hi:n, lo:hi:n:log, or a list a,b,c; once or twice. E.g. 'lines.hotline.every=1 h:2 d:8'.",
            show_default=False,
        ),
    ],
    of: Of = None,
    by: By = None,
    replications: Annotated[int, typer.Option("--replications", "-n", help="At each point.")] = 2_000,
    seed: Seed = 1,
    engine: Engine = EngineName.auto,
    workers: Workers = None,
    changes: Changes = None,
    picture: Picture = None,
    dark: Dark = False,
    as_json: AsJson = False,
) -> None:
    """Run a scenario at each of several values of one number, or of two.

    Durations, dates, probabilities: whatever --set takes. All points run the same replications, so that differences are
    no chance of the draw. Prints a table; --picture draws curves with bands, or heat maps with contours.
    """
    from sim.report.figures.sweep import describe, sweep_figure
    from sim.report.sweep import show
    from sim.studies.sweep import sweep as study

    check_picture(picture)
    found = _told(
        lambda **settings: study(
            scenario, vary, replications, seed, of=of or (), by=by, overrides=tuple(changes or ()), **settings
        ),
        engine,
        workers,
    )
    if picture is not None:
        _draw(lambda theme: sweep_figure(found, theme), describe(found), picture, dark)
    _print(found, show, picture, as_json)


def sensitivity(
    scenario: ScenarioFile,
    of: Of = None,
    by: By = None,
    replications: Annotated[
        int,
        typer.Option("--replications", "-n", help="At each end of each number; four times as many for the indices."),
    ] = 4_096,
    indices: Annotated[
        bool | None,
        typer.Option(
            "--indices/--no-indices", help="Sobol indices; where the uncertain numbers allow it unless given."
        ),
    ] = None,
    seed: Seed = 1,
    engine: Engine = EngineName.auto,
    workers: Workers = None,
    changes: Changes = None,
    picture: Picture = None,
    dark: Dark = False,
    as_json: AsJson = False,
) -> None:
    """Say which numbers the answer hangs on.

    Moves each uncertain number through its prior, or, where none is uncertain, each plain number by a fifth (a
    tornado); and takes the spread over independent priors apart (Sobol indices). --picture draws the tornado, and the
    indices into a second file whose name ends in -sobol.
    """
    from sim.report.figures.sobol import describe as describe_indices
    from sim.report.figures.sobol import sobol_figure
    from sim.report.figures.tornado import describe, tornado_figure
    from sim.report.sensitivity import show
    from sim.studies.sensitivity import sensitivity as study

    check_picture(picture)
    found = _told(
        lambda **settings: study(
            scenario,
            replications,
            seed,
            of=of or (),
            by=by,
            indices=indices,
            overrides=tuple(changes or ()),
            **settings,
        ),
        engine,
        workers,
    )
    if picture is not None:
        _draw(lambda theme: tornado_figure(found, theme), describe(found), picture, dark)
        if found.indices:
            second = picture.with_name(f"{picture.stem}-sobol{picture.suffix}")
            _draw(lambda theme: sobol_figure(found, theme), describe_indices(found), second, dark)
    _print(found, show, picture, as_json)


def attribute(
    scenario: ScenarioFile,
    of: Of = None,
    by: By = None,
    replications: Annotated[int, typer.Option("--replications", "-n", help="With and without each.")] = 10_000,
    seed: Seed = 1,
    engine: Engine = EngineName.auto,
    workers: Workers = None,
    changes: Changes = None,
    picture: Picture = None,
    dark: Dark = False,
    as_json: AsJson = False,
) -> None:
    """Say what each channel and line is worth.

    Takes each away in turn, on the same replications; shares the credit for contact among up to ten of them (Shapley
    values); and says what it costs that lines fail for a common cause.
    """
    from sim.report.attribution import show
    from sim.report.figures.attribution import attribution_figure, describe
    from sim.studies.attribute import attribute as study

    check_picture(picture)
    found = _told(
        lambda **settings: study(
            scenario, replications, seed, of=of or (), by=by, overrides=tuple(changes or ()), **settings
        ),
        engine,
        workers,
    )
    if picture is not None:
        _draw(lambda theme: attribution_figure(found, theme), describe(found), picture, dark)
    _print(found, show, picture, as_json)


def _told(study: Callable[..., Any], engine: EngineName, workers: int | None) -> Any:
    """What the study found, its progress told on standard error."""
    from sim.report.progress import progress

    with progress() as told:
        told.phase("loading")
        return study(engine=engine.value, workers=workers, progress=told.update, stage=told.phase)


def _draw(make: Callable[[Theme], Figure], words: str, file: Path, dark: bool) -> None:
    from sim.report.style import context, save_as, theme_for

    theme = theme_for(dark=dark)
    with context(theme):
        save_as(make(theme), file, words)


def _print(found: Any, show: Callable[[Any, Console], None], picture: Path | None, as_json: bool) -> None:
    from sim.report.terminal import console

    if as_json:
        sys.stdout.write(json.dumps(found.as_dict(), ensure_ascii=False, indent=1, allow_nan=False) + "\n")
        return
    show(found, console(sys.stdout))
    if picture is not None:
        sys.stdout.write(f"\n{plain(str(picture))}\n")
