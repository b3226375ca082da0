"""The speeds in the README are those of the table that is shipped."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TOLD = re.compile(
    r"makes some ([\d,]+) replications a second of five lines over 88 days, ([\d.]+) times as many as a loop written "
    r"in C for that model alone; where a contact on one line changes the others, ([\d,]+), ([\d.]+) times as many"
)


def told(readme: str) -> list[float]:
    """Replications a second and times C: of five lines apart, then of coupled ones."""
    found = TOLD.search(" ".join(readme.split()))
    assert found, "the README says nothing of the speed, or in other words"
    return [float(number.replace(",", "")) for number in found.groups()]


def measured(table: dict[str, Any]) -> list[float]:
    """The same, medians, as in the table."""
    numbers = []
    for race in ("apart", "coupled"):
        rows = {(row["program"], row["cores"]): row for row in table["races"][race]["rows"]}
        speed = rows["ours, compiled", 1]["replications/s"]["median"]
        numbers += [speed, rows["C", 1]["ours over it"]["median"]]
    return numbers


@pytest.fixture
def table() -> dict[str, Any]:
    (file,) = (ROOT / "results" / "benchmarks").glob("*.json")
    return dict(json.loads(file.read_text("utf-8")))


def test_the_readme_gives_the_speeds_of_the_table(table: dict[str, Any]) -> None:
    """In two digits, as it rounds them."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert told(readme) == [float(f"{number:.2g}") for number in measured(table)]


def test_another_table_is_seen(table: dict[str, Any]) -> None:
    """Saboteur: a table from a machine a tenth faster is not what the README tells."""
    for row in table["races"]["coupled"]["rows"]:
        row["replications/s"]["median"] *= 1.1
    assert told((ROOT / "README.md").read_text("utf-8")) != [float(f"{number:.2g}") for number in measured(table)]
