"""`openlines compare`: what if."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.program import Engine, EngineName, Fresh, NoFigures, Svg, WhatIfs, Workers, program_name
from sim.report.format import listing, plain, several

if TYPE_CHECKING:
    from sim.report.progress import Reporter
    from sim.studies.compare import Comparison


Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...",
        help="A what-if file; or a scenario, with --what-if; or several scenarios, or the folders of several runs, the "
        "first of them the base.",
        show_default=False,
    ),
]
Replications = Annotated[
    int | None,
    typer.Option(
        "--replications",
        "-n",
        help="How many times to simulate each scenario; 10000 unless given. Runs: as often as they did.",
        show_default=False,
    ),
]
SeedOfAll = Annotated[
    int | None,
    typer.Option(
        help="Seed of all draws: a whole number from 0 to 2^64 - 1; 1 unless given. Runs: the one that they have.",
        show_default=False,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(help="The comparison's own folder; results/FILE/COMPARISON-ID unless given.", show_default=False),
]
NoExplain = Annotated[
    bool, typer.Option("--no-explain", help="Do not trace replications to say why the variants differ.")
]


def compare(
    files: Files,
    what_ifs: WhatIfs = None,
    replications: Replications = None,
    seed: SeedOfAll = None,
    engine: Engine = EngineName.auto,
    workers: Workers = None,
    out: Out = None,
    no_explain: NoExplain = False,
    no_figures: NoFigures = False,
    svg: Svg = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print comparison.json, and nothing else.")] = False,
    fresh: Fresh = False,
) -> None:
    """Compare what-ifs: what changes, by how much, how sure, and why.

    Base and variants are simulated with the same random numbers, so that what differs is due to the change. Prints the
    answer and keeps the results in a folder.
    """
    from sim.report.progress import progress

    options = tuple(what_ifs or ())
    with progress() as told:
        told.phase(f"loading {plain(listing([str(file) for file in files]))}")
        from sim.studies.compare import compare as compare_scenarios

        done = compare_scenarios(
            files,
            replications,
            seed,
            what_ifs=options,
            engine=engine.value,
            workers=workers,
            out=out,
            why=not no_explain,
            fresh=fresh,
            progress=told.update,
            stage=_stages(told, files, replications),
        )
        if done.reused:
            told.note("this comparison was there already: nothing was simulated")
        if not (no_figures or done.has_pictures):
            told.phase("drawing")
            _draw(done, told, svg=svg)
        for warning in done.result.warnings if as_json else ():
            told.note(f"warning: {plain(warning)}")
    if as_json:
        assert done.folder is not None
        sys.stdout.write((done.folder / "comparison.json").read_text(encoding="utf-8"))
        return
    _show(done, files, options)


def _stages(told: Reporter, files: Sequence[Path], replications: int | None) -> Callable[[str], None]:
    """What tells the stages of a comparison in words."""
    from sim.api import REPLICATIONS
    from sim.studies.variants import is_record

    runs = replications is None and any(is_record(file) for file in files)
    often = "as often as the runs did" if runs else f"{several(replications or REPLICATIONS, 'replication')} of each"
    words = {"simulating": f"simulating {often}", "tracing": "asking why"}
    return lambda stage: told.phase(words.get(stage, stage))


def _draw(done: Comparison, told: Reporter, *, svg: bool) -> None:
    from sim import api
    from sim.report.figures.comparison import draw_comparison

    def draw(folder: Path) -> None:
        draw_comparison(done.view, folder, done.why, progress=told.update, svg=svg)

    assert done.folder is not None
    api.add_pictures(done.folder, draw)


def _show(done: Comparison, files: Sequence[Path], options: Sequence[str]) -> None:
    from sim.report.comparison import comparison_summary
    from sim.report.terminal import console, show

    words = [*(str(file) for file in files), *(part for text in options for part in ("--what-if", text))]
    report = comparison_summary(
        done.view,
        done.changes,
        done.why,
        folder=done.folder,
        # `trace` takes one file: of several, there is no command to suggest.
        source=plain(shlex.join(words)) if len(files) == 1 else "",
        program=program_name(),
    )
    show(report, console(sys.stdout))
