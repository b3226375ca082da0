"""The command `openlines`: parse, call, show. What it shows is made in `sim.report`, what it calls is in `sim.api`.

Exit status: 0 done; 1 the work failed; 2 the input is wrong; 130 interrupted. Everything heavy is imported inside the
command that needs it, so that `--help` answers at once.
"""

from __future__ import annotations

import functools
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, ParamSpec

import typer

from sim.report.words import plain, several

if TYPE_CHECKING:
    from types import FrameType

    from sim.api import Run
    from sim.report.progress import Reporter
    from sim.scenario.resolved import Scenario
    from sim.stats.exemplar import Exemplar

FAILED, REFUSED, INTERRUPTED = 1, 2, 130
RESULTS = Path("results")
P = ParamSpec("P")


class EngineName(StrEnum):
    """What `--engine` takes."""

    auto = "auto"
    reference = "reference"
    compiled = "compiled"


class StoryForm(StrEnum):
    """What `trace --format` takes."""

    text = "text"
    markdown = "markdown"
    json = "json"


app = typer.Typer(
    name="openlines",
    help="How long until the other side picks up? Simulate the channels between governments in a crisis.",
    epilog="Begin with: openlines run scenarios/minimal.yaml",
    no_args_is_help=True,
    # The plain help takes a fraction of the time of the one in boxes, and reads the same in a pipe.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file.", show_default=False)]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value, e.g. 'lines.hotline.every=1 d'. Repeatable."),
]
Dark = Annotated[bool, typer.Option("--dark", help="Light signs on dark paper, for the picture.")]
Seed = Annotated[int, typer.Option(help="Seed of all draws: a whole number from 0 to 2^64 - 1.")]


def main() -> NoReturn:
    """The entry point: runs the command line and exits with its status."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever called: there is nobody to tell
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - for the life of the process
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a sign gets a substitute, not a traceback.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    signal.signal(signal.SIGTERM, _terminated)
    app(prog_name="openlines")
    sys.exit(0)


def _terminated(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def command(function: Callable[P, None]) -> Callable[P, None]:
    """Make a command of a function: its exceptions become messages and exit statuses. A bug keeps its traceback."""

    @functools.wraps(function)
    def answered(*args: P.args, **kwargs: P.kwargs) -> None:
        with _answering():
            function(*args, **kwargs)
            sys.stdout.flush()

    return app.command()(answered)


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        # The reader has seen enough (`| head`). What is still in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise typer.Exit(0) from None
    except KeyboardInterrupt as interrupt:
        raise _over(INTERRUPTED, _interruption(interrupt)) from None
    except OSError as error:
        raise _over(
            FAILED, f"openlines: {error.strerror or error}{f': {error.filename}' if error.filename else ''}"
        ) from None
    except MemoryError:
        raise _over(FAILED, "openlines: out of memory") from None
    except (ValueError, RuntimeError) as error:
        status = _status_of(error)
        if status is None:
            raise
        raise _over(status, str(error)) from None


def _over(status: int, words: str) -> typer.Exit:
    from sim.scenario.errors import visible

    # File names come from outside too: no line of an error may steer the terminal.
    sys.stderr.write("".join(f"{visible(line)}\n" for line in words.splitlines()))
    return typer.Exit(status)


def _status_of(error: Exception) -> int | None:
    """2 for wrong input, 1 for work that failed, None for a bug."""
    from sim.runs.errors import RunFailed, RunRefused
    from sim.scenario.errors import ScenarioErrors

    if isinstance(error, ScenarioErrors | RunRefused):
        return REFUSED
    return FAILED if isinstance(error, RunFailed) else None


def _interruption(interrupt: KeyboardInterrupt) -> str:
    from sim.runs.errors import RunInterrupted

    if isinstance(interrupt, RunInterrupted) and interrupt.folder is not None:
        again = shlex.join(["openlines", *sys.argv[1:]])
        return f"{interrupt}\nTo go on from there, give the same command again: {again}"
    return str(interrupt) or "interrupted"


def _version(wanted: bool) -> None:
    if wanted:
        from sim import __version__

        sys.stdout.write(f"openlines {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    pass


@command
def run(
    scenario: ScenarioFile,
    replications: Annotated[int, typer.Option("--replications", "-n", help="How many times to simulate.")] = 10_000,
    seed: Seed = 1,
    engine: Annotated[
        EngineName, typer.Option(help="All engines give the same numbers; auto takes the fastest there is.")
    ] = EngineName.auto,
    workers: Annotated[
        int | None, typer.Option(help="Processes to use; all cores unless given.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The run's own folder; results/SCENARIO/RUN-ID unless given.", show_default=False),
    ] = None,
    changes: Changes = None,
    summary_only: Annotated[
        bool, typer.Option("--summary-only", help="Keep no row for each replication: for very large runs.")
    ] = False,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Draw no pictures.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print summary.json, and nothing else.")] = False,
) -> None:
    """Simulate a scenario many times.

    When does the other side pick up, over what, and after how many attempts? Prints a summary and keeps the results in
    a folder. A run that was interrupted goes on when the same command is given again.
    """
    from sim.report.progress import progress

    with progress() as told:
        told.phase(f"loading {plain(str(scenario))}")
        from sim import api

        phases = {"simulating": f"simulating {several(replications, 'replication')}"}
        done = api.run(
            scenario,
            replications=replications,
            seed=seed,
            engine=engine.value,
            workers=workers,
            out=out,
            overrides=tuple(changes or ()),
            summary_only=summary_only,
            progress=told.update,
            stage=lambda what: told.phase(phases.get(what, what)),
            draw=None if no_figures else lambda run: _draw(run, told),
        )
        if done.reused:
            told.note("this run was there already: nothing was simulated")
    if as_json:
        assert done.folder is not None
        sys.stdout.write((done.folder / "summary.json").read_text(encoding="utf-8"))
        return
    from sim.report.terminal import console, show
    from sim.report.view import view_of

    show(
        view_of(done),
        console(sys.stdout),
        folder=done.folder,
        command=shlex.quote(str(scenario)),
        changes=tuple(changes or ()),
        program=_program(),
    )


def _draw(run: Run, told: Reporter) -> None:
    from sim.report.figures import draw_all
    from sim.report.view import view_of

    assert run.folder is not None
    draw_all(view_of(run), run.folder / "figures", progress=told.update)


def _program() -> str:
    """How a shell calls this program: by name where that is found, else by the path by which it was called."""
    import shutil

    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return "python -m sim"
    if called.name != "openlines" or shutil.which("openlines") is not None:
        return "openlines"
    return shlex.quote(str(called))


@command
def trace(
    scenario: ScenarioFile,
    replication: Annotated[
        int | None,
        typer.Option(help="Which replication, counted from 0; 0 unless chosen otherwise.", show_default=False),
    ] = None,
    typical: Annotated[bool, typer.Option("--typical", help="The one whose first contact is the median.")] = False,
    earliest: Annotated[bool, typer.Option("--earliest", help="The one with the earliest first contact.")] = False,
    latest: Annotated[bool, typer.Option("--latest", help="The one with the latest first contact.")] = False,
    no_contact: Annotated[bool, typer.Option("--no-contact", help="The first one without contact.")] = False,
    of: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Whose first contact chooses: any, a line, group, channel, level or side. Any unless given, or the "
            "line where --line names one.",
            show_default=False,
        ),
    ] = None,
    pool: Annotated[
        int | None,
        typer.Option("-n", help="Replications to choose from; 1000 unless given.", show_default=False),
    ] = None,
    lines: Annotated[
        list[str] | None,
        typer.Option("--line", metavar="NAME", help="Tell of this line only. Repeatable.", show_default=False),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="A sentence for every happening, routine too.")] = False,
    form: Annotated[StoryForm, typer.Option("--format", help="JSON has every happening.")] = StoryForm.text,
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture",
            metavar="FILE",
            help="Draw it as a timeline too, into FILE.png or FILE.svg.",
            show_default=False,
        ),
    ] = None,
    dark: Dark = False,
    seed: Seed = 1,
    changes: Changes = None,
) -> None:
    """Tell one replication as a story.

    Who tried whom over what, what came back, and what changed. Choose the replication by number, or by kind out of a
    pool: the typical one, the earliest, the latest, or one without contact.
    """
    from sim import api
    from sim.report.story import tell
    from sim.report.story_forms import as_json, as_markdown, show

    kinds = {"typical": typical, "earliest": earliest, "latest": latest, "no-contact": no_contact}
    choice = _one_choice([kind for kind, wanted in kinds.items() if wanted], replication, of, pool)
    _check_picture(picture)
    loaded = api.load(scenario, tuple(changes or ()))
    told = _known_lines([line.name for line in loaded.lines], lines or [])
    chosen = None
    if choice:
        column = of or (f"line:{told[0]}" if len(told) == 1 else "any")
        chosen = _pick(loaded, choice, column, pool, seed)
    number = chosen.replication if chosen else replication or 0
    history = api.trace(loaded, seed, number)
    if picture is not None:
        from sim.report.figures.single import draw_timeline
        from sim.report.style import theme_for

        draw_timeline(loaded, history, picture, theme_for(dark=dark))
    complete = everything or form is StoryForm.json
    story = tell(loaded, history, lines=told, complete=complete, chosen=chosen)
    if form is StoryForm.text:
        from sim.report.terminal import console

        show(story, console(sys.stdout))
    else:
        sys.stdout.write(as_json(story) if form is StoryForm.json else as_markdown(story))


def _check_picture(file: Path | None) -> None:
    """Refuse, before anything is done, a picture that could not be written."""
    if file is None:
        return
    if file.suffix.lower() not in (".png", ".svg"):
        raise _over(REFUSED, f"openlines: {file} is no picture; expected a name that ends in .png or .svg")
    if not file.parent.is_dir():
        raise _over(REFUSED, f"openlines: {file.parent} is no folder")


@command
def network(
    scenario: ScenarioFile,
    picture: Annotated[
        Path,
        typer.Option("--picture", metavar="FILE", help="Draw into FILE.png or FILE.svg.", show_default=False),
    ],
    dark: Dark = False,
    changes: Changes = None,
) -> None:
    """Draw a scenario's network: sides, officials, and who calls whom over what."""
    from sim import api
    from sim.report.figures.single import draw_network
    from sim.report.style import theme_for

    _check_picture(picture)
    draw_network(api.load(scenario, tuple(changes or ())), picture, theme_for(dark=dark))
    sys.stdout.write(f"{plain(str(picture))}\n")


def _one_choice(kinds: list[str], replication: int | None, of: str | None, pool: int | None) -> str:
    """The kind of replication asked for, or nothing; two ways to choose contradict each other."""
    ways = [*(["--replication"] if replication is not None else []), *(f"--{kind}" for kind in kinds)]
    if len(ways) > 1:
        raise _over(REFUSED, f"openlines: {' and '.join(ways)}: choose the replication in one way")
    if not kinds and (of is not None or pool is not None):
        given = "--of" if of is not None else "-n"
        raise _over(REFUSED, f"openlines: {given} goes with --typical, --earliest, --latest or --no-contact")
    return kinds[0] if kinds else ""


def _known_lines(known: list[str], wanted: list[str]) -> list[str]:
    from sim.scenario.errors import did_you_mean, one_of, quoted

    for name in wanted:
        if name not in known:
            hint = did_you_mean(name, known) or f"; expected {one_of(known[:20])}"
            raise _over(REFUSED, f"openlines: --line {quoted(name)} is no line{hint}")
    return list(dict.fromkeys(wanted))


def _pick(scenario: Scenario, choice: str, column: str, pool: int | None, seed: int) -> Exemplar:
    from sim.pick import POOL, column_named, pick
    from sim.report.progress import progress

    size, column = POOL if pool is None else pool, column_named(scenario, column)
    with progress() as told:
        told.phase(f"simulating {several(size, 'replication')} to choose from")
        return pick(scenario, choice, column, size, seed, progress=told.update)


@command
def resolve(scenario: ScenarioFile, changes: Changes = None) -> None:
    """Print a scenario with every default written out."""
    from sim import api
    from sim.scenario.resolve import dump

    sys.stdout.write(dump(api.load(scenario, tuple(changes or ()))))


@command
def validate(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Scenarios and what-if files.", show_default=False)
    ],
    strict: Annotated[
        bool, typer.Option("--strict", help="List the numbers that say not where they are from.")
    ] = False,
) -> None:
    """Check scenarios and what-if files.

    Every error of every file is listed with its line and column.
    """
    from sim.report.checked import check_file
    from sim.scenario.errors import visible

    wrong = False
    for file in files:
        found = check_file(file, strict=strict)
        wrong = wrong or bool(found.errors)
        sys.stderr.write("".join(f"{visible(line)}\n" for line in (*found.errors, *found.warnings)))
        sys.stdout.write(f"{plain(str(file))}: ok ({found.counts})\n" if not found.errors else "")
        sys.stdout.flush()
    if wrong:
        raise typer.Exit(REFUSED)


@command
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from sim.scenario.schema import schema_text

    sys.stdout.write(schema_text())


def _examples(wanted: bool) -> None:
    if wanted:
        from sim.report.explained import show_examples
        from sim.report.terminal import console

        show_examples(console(sys.stdout))
        raise typer.Exit


def _example_names() -> list[str]:
    from sim.scenario.examples import examples

    return [name.removeprefix("constructs/") for name in examples()]


@command
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="NAME.yaml is written here.", show_default=False)],
    begin_with: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="EXAMPLE",
            help="Copy this example: minimal, us-russia-2022, or that of a construct.",
            show_default=False,
            autocompletion=_example_names,
        ),
    ] = "",
    examples: Annotated[
        bool, typer.Option("--examples", help="List the examples and exit.", is_eager=True, callback=_examples)
    ] = False,
) -> None:
    """Write a small scenario to begin with, or a copy of an example.

    What the copy builds on is written beside it. The paths of what was written are printed.
    """
    from sim.scenario.new import write_new

    for path in write_new(name, begin_with=begin_with):
        sys.stdout.write(f"{path}\n")


def _key_paths() -> list[str]:
    from sim.scenario.explain import all_paths

    return list(all_paths())


@command
def explain(
    path: Annotated[
        str,
        typer.Argument(
            metavar="[PATH]",
            help="A key such as lines.answer or regimes.states.lasts; names of a file's own may stand in it.",
            show_default=False,
            autocompletion=_key_paths,
        ),
    ] = "",
) -> None:
    """Say what a key of a scenario file means.

    Its meaning, what it takes, its unit, its default and an example. Without PATH the sections are listed.
    """
    from sim.report.explained import show_explanation
    from sim.report.terminal import console
    from sim.scenario.explain import explain as explained

    show_explanation(explained(path), console(sys.stdout))


@command
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
        raise _over(REFUSED, f"openlines: {folder} is no folder")
    show_runs(api.list_runs(folder), folder, console(sys.stdout))


@command
def plot(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.", show_default=False)],
) -> None:
    """Draw the pictures of a run again."""
    from sim import api
    from sim.report.progress import progress

    with progress() as told:
        told.phase(f"drawing {plain(str(folder))}")
        api.redraw(folder, lambda run: _draw(run, told))
    sys.stdout.write(f"{folder / 'figures'}\n")
