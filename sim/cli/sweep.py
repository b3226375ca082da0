"""`openlines sweep`, `sensitivity` and `attribute`: what an outcome depends on."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.program import (
    AsJson,
    Changes,
    Dark,
    Engine,
    EngineName,
    Fresh,
    PictureFile,
    ScenarioFile,
    Seed,
    Svg,
    Workers,
    check_picture,
)
from sim.report.format import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.report.document import Report

Outcomes = Annotated[
    list[str] | None,
    typer.Option(
        "--outcome",
        metavar="COLUMN",
        help="Whose first contact: any, a line, group, channel, level or side; any and all groups unless given. "
        "Repeatable.",
        show_default=False,
    ),
]
Within = Annotated[
    str | None,
    typer.Option(
        "--within", metavar="TIME", help="Contact by when, e.g. '30 d'; the end unless given.", show_default=False
    ),
]
OutFolder = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Keep numbers, table, pictures and how they were made in this folder.",
        show_default=False,
    ),
]


@dataclass(frozen=True)
class Wish:
    """What all three commands are asked with."""

    scenario: Path
    of: Sequence[str]
    by: str | None
    replications: int
    seed: int
    engine: EngineName
    workers: int | None
    changes: Sequence[str]
    picture: Path | None
    out: Path | None
    dark: bool
    svg: bool
    as_json: bool
    fresh: bool


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
    outcome: Outcomes = None,
    within: Within = None,
    replications: Annotated[int, typer.Option("--replications", "-n", help="At each point.")] = 2_000,
    seed: Seed = 1,
    engine: Engine = EngineName.auto,
    workers: Workers = None,
    changes: Changes = None,
    picture: PictureFile = None,
    out: OutFolder = None,
    dark: Dark = False,
    svg: Svg = False,
    as_json: AsJson = False,
    fresh: Fresh = False,
) -> None:
    """Run a scenario at each of several values of one number, or of two.

    Durations, dates, probabilities: whatever --set takes. All points run the same replications, so that differences are
    not due to luck. Prints a table; --figure draws curves with bands, or heat maps with contours.
    """
    from sim.report.figures.sweep import describe_sweep, sweep_figure
    from sim.report.sweep import sweep_report
    from sim.studies.sweep import sweep as study

    wish = Wish(
        scenario,
        outcome or (),
        within,
        replications,
        seed,
        engine,
        workers,
        changes or (),
        picture,
        out,
        dark,
        svg,
        as_json,
        fresh,
    )
    _answer(
        "sweep", wish, partial(study, vary=vary), {"vary": vary}, sweep_report, [("", sweep_figure, describe_sweep)]
    )


def sensitivity(
    scenario: ScenarioFile,
    outcome: Outcomes = None,
    within: Within = None,
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
    picture: PictureFile = None,
    out: OutFolder = None,
    dark: Dark = False,
    svg: Svg = False,
    as_json: AsJson = False,
    fresh: Fresh = False,
) -> None:
    """Sensitivity analysis: what the answer depends on.

    A tornado moves one number at a time: each uncertain number through its prior or, where none is uncertain, each
    plain number by a fifth. Sobol indices decompose the variance over independent priors. --figure draws the tornado,
    and the indices into a second file whose name ends in -sobol.
    """
    from sim.report.figures.sensitivity import describe_indices, describe_tornado, sobol_figure, tornado_figure
    from sim.report.sensitivity import sensitivity_report
    from sim.studies.sensitivity import sensitivity as study

    wish = Wish(
        scenario,
        outcome or (),
        within,
        replications,
        seed,
        engine,
        workers,
        changes or (),
        picture,
        out,
        dark,
        svg,
        as_json,
        fresh,
    )
    drawings = [("", tornado_figure, describe_tornado), ("-sobol", sobol_figure, describe_indices)]
    _answer("sensitivity", wish, partial(study, indices=indices), {"indices": indices}, sensitivity_report, drawings)


def attribute(
    scenario: ScenarioFile,
    outcome: Outcomes = None,
    within: Within = None,
    replications: Annotated[int, typer.Option("--replications", "-n", help="With and without each.")] = 10_000,
    seed: Seed = 1,
    engine: Engine = EngineName.auto,
    workers: Workers = None,
    changes: Changes = None,
    picture: PictureFile = None,
    out: OutFolder = None,
    dark: Dark = False,
    svg: Svg = False,
    as_json: AsJson = False,
    fresh: Fresh = False,
) -> None:
    """Say what each channel and line is worth.

    Takes each away in turn, on the same replications; shares the credit for contact among up to ten of them (Shapley
    values); and says what it costs that lines fail for a common cause.
    """
    from sim.report.attribution import attribution_report
    from sim.report.figures.attribution import attribution_figure, describe_attribution
    from sim.studies.attribute import attribute as study

    wish = Wish(
        scenario,
        outcome or (),
        within,
        replications,
        seed,
        engine,
        workers,
        changes or (),
        picture,
        out,
        dark,
        svg,
        as_json,
        fresh,
    )
    _answer("attribution", wish, study, {}, attribution_report, [("", attribution_figure, describe_attribution)])


Drawing = tuple[str, Callable[..., "Figure"], Callable[[Any], str]]
"""What the name of a picture ends in; the figure of what was found; and the same in words."""


def _answer(
    kind: str,
    wish: Wish,
    study: Callable[..., Any],
    more: dict[str, Any],
    report: Callable[[Any], Report],
    drawings: Sequence[Drawing],
) -> None:
    """Make the study, its progress told on standard error; draw, keep and print what it found."""
    from sim.report.progress import progress

    check_picture(wish.picture)
    with progress() as told, contextlib.ExitStack() as held:
        told.phase("loading")
        keep = None if wish.out is None else held.enter_context(_keeping(kind, wish, more, wish.out))
        found = study(
            scenario=wish.scenario,
            replications=wish.replications,
            seed=wish.seed,
            of=wish.of,
            by=wish.by,
            overrides=tuple(wish.changes),
            engine=wish.engine.value,
            workers=wish.workers,
            progress=told.update,
            stage=told.phase,
        )
        drawn = [one for one in drawings if one[0] != "-sobol" or found.indices]
        if wish.picture is not None:
            for ending, make, words in drawn:
                file = wish.picture.with_name(f"{wish.picture.stem}{ending}{wish.picture.suffix}")
                _draw(make, words, found, file, wish.dark)
        if keep is not None:
            told.phase("drawing")
            keep(found, drawn)
    _print(found, report, wish)


@contextlib.contextmanager
def _keeping(
    kind: str, wish: Wish, more: dict[str, Any], out: Path
) -> Iterator[Callable[[Any, Sequence[Drawing]], None]]:
    """Hold the folder of a study, and give out what writes it once the study is made. A folder that cannot be is
    refused at once."""
    from sim import api
    from sim.report.style import picture_files
    from sim.studies.result import study_folder, study_manifest, write_study

    asked = {"of": list(wish.of), "by": wish.by, "changes": list(wish.changes), **more}
    scenario = api.load(wish.scenario, tuple(wish.changes))
    manifest = study_manifest(kind, scenario, asked, wish.replications, wish.seed)
    with study_folder(out, manifest, fresh=wish.fresh) as hidden:

        def keep(found: Any, drawn: Sequence[Drawing]) -> None:
            def draw(folder: Path) -> None:
                for ending, make, words in drawn:
                    for file in picture_files(folder, f"{kind}{ending}", svg=wish.svg):
                        _draw(make, words, found, file, wish.dark)

            write_study(hidden, manifest, found.as_dict(), found.rows(), draw)

        yield keep


def _draw(make: Callable[..., Figure], words: Callable[[Any], str], found: Any, file: Path, dark: bool) -> None:
    from sim.report.style import context, save, theme_for

    theme = theme_for(dark=dark)
    with context(theme):
        save(make(found, theme), file, words(found))


def _print(found: Any, report: Callable[[Any], Report], wish: Wish) -> None:
    from sim.report.terminal import console, show

    if wish.as_json:
        sys.stdout.write(json.dumps(found.as_dict(), ensure_ascii=False, indent=1, allow_nan=False) + "\n")
        return
    show(report(found), console(sys.stdout))
    for written in (wish.picture, wish.out):
        if written is not None:
            sys.stdout.write(f"\n{plain(str(written))}{'/' if written == wish.out else ''}\n")
