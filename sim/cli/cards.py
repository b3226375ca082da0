"""`openlines cards`: a scenario as printable cards."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.program import REFUSED, Changes, ScenarioFile, Seed, file_meant, over


class DiceName(StrEnum):
    """What decides an attempt at the table."""

    d20 = "d20"
    d100 = "d100"
    two_d6 = "2d6"
    deck = "deck"


class PaperName(StrEnum):
    """Sizes of paper."""

    a4 = "a4"
    letter = "letter"


def cards(
    scenario: ScenarioFile,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE.html", help="The page to write.", callback=file_meant)
    ] = Path("cards.html"),
    replication: Annotated[int, typer.Option(help="Whose injects and drawn numbers are used, counted from 0.")] = 0,
    dice: Annotated[DiceName, typer.Option(help="Dice, or a deck of 20 cards.")] = DiceName.d20,
    paper: Annotated[PaperName, typer.Option(help="Size of the paper.")] = PaperName.a4,
    seed: Seed = 1,
    changes: Changes = None,
) -> None:
    """Write a scenario as cards to print: lines with their odds as dice, gates, events, and injects.

    The injects are those of one replication. Nine cards a sheet with crop marks, and a sheet for the facilitator. The
    page needs no network.
    """
    from sim import api
    from sim.report.cards import page
    from sim.runs.files import replacing

    if out.suffix not in (".html", ".htm"):
        raise over(REFUSED, f"openlines: --out {out}: expected a file that ends in .html")
    if not out.parent.is_dir():
        raise over(REFUSED, f"openlines: --out {out}: there is no folder {out.parent}")
    loaded = api.load(scenario, tuple(changes or ()))
    text = page(loaded, api.trace(loaded, seed, replication), dice.value, paper.value)
    with replacing(out) as target:
        target.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{out}\n")
