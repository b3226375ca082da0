"""Options that several commands share, and the messages and exit statuses of exceptions."""

from __future__ import annotations

import errno
import functools
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ParamSpec

import typer

from sim.cli.start import FAILED, INTERRUPTED, REFUSED, say

__all__ = ["FAILED", "INTERRUPTED", "REFUSED"]

P = ParamSpec("P")

FAULTS_OF_INPUT = frozenset(
    {
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENAMETOOLONG,
        errno.ELOOP,
    }
)
"""Errors of the system that come from a path which was given: a file that is not there, a name that is too long."""


class EngineName(StrEnum):
    """What `--engine` takes."""

    auto = "auto"
    reference = "reference"
    compiled = "compiled"


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


def file_meant(file: Path | None) -> Path | None:
    """The file that an option names. ``~`` is the home folder: most shells leave it in ``--figure=~/a.png``."""
    try:
        return None if file is None else file.expanduser()
    except RuntimeError as error:
        raise over(REFUSED, f"openlines: {file}: {error}") from error


def scenario_meant(file: Path) -> Path:
    """The file of a shipped example where its name is given and there is no such file."""
    from sim.scenario.examples import file_or_example

    return file_or_example(file)


ScenarioFile = Annotated[
    Path,
    typer.Argument(
        metavar="SCENARIO",
        help="A scenario file, or the name of a shipped example: openlines examples.",
        show_default=False,
        callback=scenario_meant,
    ),
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value, e.g. 'lines.hotline.every=1 d'. Repeatable."),
]
WhatIfs = Annotated[
    list[str] | None,
    typer.Option(
        "--what-if",
        metavar="'NAME: PATH=VALUE; …'",
        help="A variant of the scenario, e.g. 'daily calls: lines.hotline.every=1 d'. Repeatable.",
    ),
]
Engine = Annotated[EngineName, typer.Option(help="All engines give the same numbers; auto takes the fastest there is.")]
Workers = Annotated[
    int | None, typer.Option(help="Processes to use, at most 1024; all cores unless given.", show_default=False)
]
PictureFile = Annotated[
    Path | None,
    typer.Option(
        "--figure",
        metavar="FILE",
        help="Draw it too, into FILE.png or FILE.svg.",
        show_default=False,
        callback=file_meant,
    ),
]
NoFigures = Annotated[bool, typer.Option("--no-figures", help="Draw no pictures.")]
Svg = Annotated[bool, typer.Option("--svg", help="Write each picture of the folder as SVG too, beside the PNG.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print all results as JSON, and nothing else.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Make the results anew, even if they are there or damaged.")]
Dark = Annotated[bool, typer.Option("--dark", help="Light signs on dark paper, for the picture.")]
Seed = Annotated[int, typer.Option(help="Seed of all draws: a whole number from 0 to 2^64 - 1.")]


def command(function: Callable[P, None]) -> Callable[P, None]:
    """Make a command of a function: its exceptions become messages and exit statuses. A bug keeps its traceback."""

    @functools.wraps(function)
    def answered(*args: P.args, **kwargs: P.kwargs) -> None:
        """The command, answering for what goes wrong."""
        with _answering():
            from sim.runs.execute import workers_as_copies

            _refuse_bytes(kwargs.values())
            with workers_as_copies():
                function(*args, **kwargs)
            sys.stdout.flush()

    return app.command()(answered)


def _refuse_bytes(given: Iterable[object]) -> None:
    """Refuse a name that is not UTF-8 before anything is done: results keep what was typed as text."""
    from sim.scenario.errors import ScenarioError, ScenarioErrors, is_utf8

    words = [str(word) for one in given for word in (one if isinstance(one, list | tuple) else [one])]
    wrong = [word for word in words if not is_utf8(word)]
    if wrong:
        message = "a name that is not UTF-8; results keep the names of files as text: rename it"
        raise ScenarioErrors([ScenarioError(word, 0, 0, "", message) for word in wrong])


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        # The reader has seen enough (`| head`). What is still in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise typer.Exit(0) from None
    except KeyboardInterrupt as interrupt:
        raise over(INTERRUPTED, _interruption(interrupt)) from None
    except OSError as error:
        by_input = error.errno in FAULTS_OF_INPUT and error.filename
        raise over(
            REFUSED if by_input else FAILED,
            f"openlines: {error.strerror or error}{f': {error.filename}' if error.filename else ''}",
        ) from None
    except MemoryError:
        raise over(FAILED, "openlines: out of memory") from None
    except (ValueError, RuntimeError) as error:
        status = _status_of(error)
        if status is None:
            raise
        raise over(status, str(error)) from None


def over(status: int, words: str) -> typer.Exit:
    """Tell on stderr why the command ends, and give what ends it with a status, to be raised."""
    from sim.scenario.errors import visible

    # File names come from outside too: no line of an error may steer the terminal.
    return typer.Exit(say(status, "\n".join(visible(line) for line in words.splitlines())))


def program_name() -> str:
    """How a shell calls this program: by name where that is found, else by the path by which it was called."""
    import shutil

    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return "python -m sim"
    if called.name != "openlines" or shutil.which("openlines") is not None:
        return "openlines"
    return shlex.quote(str(called))


def check_picture(file: Path | None) -> None:
    """Refuse, before anything is done, a picture that could not be written."""
    from sim.runs.files import check_file

    if file is None:
        return
    if file.suffix.lower() not in (".png", ".svg"):
        raise over(REFUSED, f"openlines: {file} is no picture; expected a name that ends in .png or .svg")
    check_file(file)


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
        again = f"{program_name()} {shlex.join(sys.argv[1:])}"
        return f"{interrupt}\nTo go on from there, give the same command again: {again}"
    return str(interrupt) or "interrupted"


def _version(wanted: bool) -> None:
    if wanted:
        from sim.version import __version__

        sys.stdout.write(f"openlines {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    pass
