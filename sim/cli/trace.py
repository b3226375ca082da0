"""`openlines trace` and `network`: one replication as a story, and who calls whom."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.program import REFUSED, Changes, Dark, ScenarioFile, Seed, WhatIfs, check_picture, file_meant, over
from sim.report.format import plain, several

if TYPE_CHECKING:
    from sim.engines.contract import EventLog
    from sim.scenario.resolved import Scenario
    from sim.stats.traces import Representative


class StoryForm(StrEnum):
    """What `trace --format` takes."""

    text = "text"
    markdown = "markdown"
    json = "json"


Number = Annotated[
    int | None,
    typer.Option(help="Which replication, counted from 0; 0 unless chosen otherwise.", show_default=False),
]
Typical = Annotated[bool, typer.Option("--typical", help="The one whose first contact is the median.")]
Earliest = Annotated[bool, typer.Option("--earliest", help="The one with the earliest first contact.")]
Latest = Annotated[bool, typer.Option("--latest", help="The one with the latest first contact.")]
NoContact = Annotated[bool, typer.Option("--no-contact", help="The first one without contact.")]
Outcome = Annotated[
    str | None,
    typer.Option(
        "--outcome",
        metavar="COLUMN",
        help="Whose first contact chooses: any, a line, group, channel, level or side. Any unless given, or the "
        "line where --line names one.",
        show_default=False,
    ),
]
Pool = Annotated[
    int | None,
    typer.Option("--pool", help="Replications to choose from; 1000 unless given.", show_default=False),
]
Lines = Annotated[
    list[str] | None,
    typer.Option("--line", metavar="NAME", help="Tell of this line only. Repeatable.", show_default=False),
]
Everything = Annotated[bool, typer.Option("--all", help="A sentence for every log entry, routine too.")]
Timeline = Annotated[
    Path | None,
    typer.Option(
        "--figure",
        metavar="FILE",
        help="Draw it as a timeline too, into FILE.png or FILE.svg.",
        show_default=False,
        callback=file_meant,
    ),
]
VariantName = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Tell it in base and variant, side by side; SCENARIO is a what-if file, or has --what-if.",
        show_default=False,
    ),
]


def trace(
    scenario: ScenarioFile,
    replication: Number = None,
    typical: Typical = False,
    earliest: Earliest = False,
    latest: Latest = False,
    no_contact: NoContact = False,
    of: Outcome = None,
    pool: Pool = None,
    lines: Lines = None,
    everything: Everything = False,
    form: Annotated[StoryForm, typer.Option("--format", help="JSON has every log entry.")] = StoryForm.text,
    picture: Timeline = None,
    dark: Dark = False,
    seed: Seed = 1,
    changes: Changes = None,
    variant: VariantName = None,
    what_ifs: WhatIfs = None,
) -> None:
    """Tell one replication as a story.

    Who tried whom over what, what came back, and what changed. Choose the replication by number, or by kind out of a
    pool: the typical one, the earliest, the latest, or one without contact.
    """
    from sim import api

    kinds = {"typical": typical, "earliest": earliest, "latest": latest, "no-contact": no_contact}
    if variant is not None or what_ifs:
        others: dict[str, object] = {
            "--set": changes,
            "--line": lines,
            "--all": everything,
            "--pool": pool,
            "--outcome": of,
            **kinds,
        }
        _side(scenario, variant, what_ifs or [], replication or 0, seed, picture, others, form, dark=dark)
        return
    choice = _one_choice([kind for kind, wanted in kinds.items() if wanted], replication, of, pool)
    check_picture(picture)
    loaded = api.load(scenario, tuple(changes or ()))
    told = _known_lines([line.name for line in loaded.lines], lines or [])
    chosen = None
    if choice:
        column = of or (f"line:{told[0]}" if len(told) == 1 else "any")
        chosen = _pick(loaded, choice, column, pool, seed)
    event_log = api.trace(loaded, seed, chosen.replication if chosen else replication or 0)
    if picture is not None:
        _draw(loaded, event_log, picture, dark)
    _tell(loaded, event_log, told, chosen, form, everything)


def _draw(scenario: Scenario, event_log: EventLog, picture: Path, dark: bool) -> None:
    from sim.report.figures.timeline import draw_timeline
    from sim.report.style import theme_for

    draw_timeline(scenario, event_log, picture, theme_for(dark=dark))


def _tell(
    scenario: Scenario,
    event_log: EventLog,
    lines: list[str],
    chosen: Representative | None,
    form: StoryForm,
    everything: bool,
) -> None:
    from sim.report.narrative.story import as_json, as_markdown, show, tell

    story = tell(scenario, event_log, lines=lines, complete=everything or form is StoryForm.json, chosen=chosen)
    if form is StoryForm.text:
        from sim.report.terminal import console

        show(story, console(sys.stdout))
    else:
        sys.stdout.write(as_json(story) if form is StoryForm.json else as_markdown(story))


def _side(
    file: Path,
    variant: str | None,
    what_ifs: list[str],
    replication: int,
    seed: int,
    picture: Path | None,
    others: dict[str, object],
    form: StoryForm,
    *,
    dark: bool,
) -> None:
    """One replication in base and variant."""
    given = [name if name.startswith("-") else f"--{name}" for name, value in others.items() if value]
    if form is not StoryForm.text:
        given.append("--format")
    if given:
        raise over(REFUSED, f"openlines: {given[0]} does not go with --variant")
    check_picture(picture)
    from sim.report.comparison import side_report
    from sim.report.terminal import console, show
    from sim.studies.explain import side, sole_variant

    found = side(file, variant or sole_variant(what_ifs), replication, seed, what_ifs=what_ifs)
    if picture is not None and found.told is not None:
        from sim.report.figures.divergence import draw_side
        from sim.report.style import theme_for

        theme = theme_for(dark=dark)
        draw_side(found.scenarios, found.event_logs, found.told, found.variant, found.column, picture, theme)
    made = side_report(found.scenarios, found.event_logs, found.variant, found.column, found.told)
    show(made, console(sys.stdout))
    if picture is not None and found.told is None:
        sys.stderr.write("nothing differs: no picture was drawn\n")


def network(
    scenario: ScenarioFile,
    picture: Annotated[
        Path,
        typer.Option(
            "--figure", metavar="FILE", help="Draw into FILE.png or FILE.svg.", show_default=False, callback=file_meant
        ),
    ],
    dark: Dark = False,
    changes: Changes = None,
) -> None:
    """Draw a scenario's network: sides, officials, and who calls whom over what."""
    from sim import api
    from sim.report.figures.network import draw_network
    from sim.report.style import theme_for

    check_picture(picture)
    draw_network(api.load(scenario, tuple(changes or ())), picture, theme_for(dark=dark))
    sys.stdout.write(f"{plain(str(picture))}\n")


def _one_choice(kinds: list[str], replication: int | None, of: str | None, pool: int | None) -> str:
    """The kind of replication asked for, or nothing; two ways to choose contradict each other."""
    ways = [*(["--replication"] if replication is not None else []), *(f"--{kind}" for kind in kinds)]
    if len(ways) > 1:
        raise over(REFUSED, f"openlines: {' and '.join(ways)}: choose the replication in one way")
    if not kinds and (of is not None or pool is not None):
        given = "--outcome" if of is not None else "--pool"
        raise over(REFUSED, f"openlines: {given} goes with --typical, --earliest, --latest or --no-contact")
    return kinds[0] if kinds else ""


def _known_lines(known: list[str], wanted: list[str]) -> list[str]:
    from sim.scenario.errors import did_you_mean, one_of, quoted

    for name in wanted:
        if name not in known:
            hint = did_you_mean(name, known) or f"; expected {one_of(known[:20])}"
            raise over(REFUSED, f"openlines: --line {quoted(name)} is no line{hint}")
    return list(dict.fromkeys(wanted))


def _pick(scenario: Scenario, choice: str, column: str, pool: int | None, seed: int) -> Representative:
    from sim.pick import POOL, column_named, pick
    from sim.report.progress import progress

    size, column = POOL if pool is None else pool, column_named(scenario, column)
    with progress() as told:
        told.phase(f"simulating {several(size, 'replication')} to choose from")
        return pick(scenario, choice, column, size, seed, progress=told.update)
