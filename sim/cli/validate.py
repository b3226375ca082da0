"""`openlines resolve`, `validate`, `schema`, `new` and `explain`: scenario files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.program import REFUSED, Changes, ScenarioFile, scenario_meant
from sim.report.format import plain


def resolve(scenario: ScenarioFile, changes: Changes = None) -> None:
    """Print a scenario with every default written out."""
    from sim import api
    from sim.scenario.resolve import dump

    sys.stdout.write(dump(api.load(scenario, tuple(changes or ()))))


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
    from sim.report.validation import check_file
    from sim.scenario.errors import visible

    wrong = False
    for file in map(scenario_meant, files):
        found = check_file(file, strict=strict)
        wrong = wrong or bool(found.errors)
        sys.stderr.write("".join(f"{visible(line)}\n" for line in (*found.errors, *found.warnings)))
        sys.stderr.write("".join(f"{visible(f'{file}: note: {line}')}\n" for line in found.notes if not found.errors))
        sys.stdout.write(f"{plain(str(file))}: ok ({found.counts})\n" if not found.errors else "")
        sys.stdout.flush()
    if wrong:
        raise typer.Exit(REFUSED)


def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from sim.scenario.json_schema import schema_text

    sys.stdout.write(schema_text())


def examples() -> None:
    """List the shipped scenarios, a line each.

    Every command that takes a scenario takes one of these names, where there is no file of that name.
    """
    from sim.report.explain import show_examples
    from sim.report.terminal import console

    show_examples(console(sys.stdout))


def _list_examples(wanted: bool) -> None:
    if wanted:
        examples()
        raise typer.Exit


def _example_names() -> list[str]:
    from sim.scenario.examples import examples as names

    return [name.removeprefix("constructs/") for name in names()]


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
    listing: Annotated[
        bool, typer.Option("--examples", help="List the examples and exit.", is_eager=True, callback=_list_examples)
    ] = False,
) -> None:
    """Write a small scenario to begin with, or a copy of an example.

    What the copy builds on is written beside it. The paths of what was written are printed.
    """
    from sim.scenario.examples import write_new

    for path in write_new(name, begin_with=begin_with):
        sys.stdout.write(f"{path}\n")


def _key_paths() -> list[str]:
    from sim.scenario.explain import all_paths

    return list(all_paths())


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
    from sim.report.explain import show_explanation
    from sim.report.terminal import console
    from sim.scenario.explain import explain as explained

    show_explanation(explained(path), console(sys.stdout))
