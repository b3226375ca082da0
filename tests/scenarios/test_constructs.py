"""scenarios/constructs: one small scenario for each construct, which shows what its comment says to look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.rules.distributions import FAMILIES
from sim.scenario import load
from sim.scenario.json_schema import NAMED
from sim.scenario.keys import mappings
from sim.scenario.whatif import load_whatif
from tests.scenarios.constructs import CHECKS, FOLDER, see
from tests.scenarios.documents import table

FILES = sorted(FOLDER.glob("*.yaml"))
WHAT_IF = "what-if"


def sentence(file: Path) -> str:
    """The comment that a file begins with, as one line."""
    lines = file.read_text(encoding="utf-8").splitlines()
    count = next(number for number, line in enumerate(lines) if not line.startswith("# "))
    return " ".join(line.removeprefix("# ") for line in lines[:count])


def test_every_scenario_has_an_assertion() -> None:
    assert sorted([*CHECKS, WHAT_IF]) == [file.stem for file in FILES]


@pytest.mark.parametrize("name", CHECKS)
def test_it_shows_what_its_comment_says(name: str) -> None:
    assert load(FOLDER / f"{name}.yaml").warnings == ()
    check, _ = CHECKS[name]
    check(see(name))


@pytest.mark.parametrize("name", CHECKS)
def test_another_number_would_be_noticed(name: str) -> None:
    check, sabotage = CHECKS[name]
    changed = see(name, (sabotage,))
    with pytest.raises((AssertionError, KeyError)):
        check(changed)


def test_each_variant_changes_one_number() -> None:
    found = load_whatif(FOLDER / "what-if.yaml")
    assert found.base_path == FOLDER / "gate.yaml"
    assert len(found.variants) == 2
    assert all(
        len(overrides) == 1
        for overrides in yaml.safe_load((FOLDER / "what-if.yaml").read_text(encoding="utf-8"))["variants"].values()
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_is_read_at_a_glance(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 26
    assert max(map(len, lines)) <= 120
    assert re.fullmatch(r"Look at .*\.", sentence(file))


def test_the_list_says_what_the_files_say() -> None:
    rows = table(FOLDER / "README.md", "file", "construct", "what to look at")
    listed = {re.findall(r"\[(.*?)\]\((.*?)\)", row["file"])[0]: row["what to look at"] for row in rows}
    assert listed == {(file.name, file.name): sentence(file) for file in FILES}
    assert all(row["construct"] for row in rows)


def keys_in(value: Any) -> Iterator[str]:
    """Every key of a mapping and of all mappings in it, but for the names that a scenario gives to its entries."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from keys_in(list(item.values()) if key in NAMED and isinstance(item, dict) else item)
    if isinstance(value, list):
        for item in value:
            yield from keys_in(item)


def language() -> set[str]:
    """Every key that the models know, and every family of distributions."""
    fields = list(mappings().values())
    names = {field.alias or name for each in fields for name, field in each.model_fields.items() if not field.exclude}
    return names | set(FAMILIES)


def test_together_they_use_every_key_of_the_language() -> None:
    used = {key for file in FILES for key in keys_in(yaml.safe_load(file.read_text(encoding="utf-8")))}
    # A posterior is a table that calibration makes; a bare duration is the family `fixed`.
    assert language() - used == {"posterior", "fixed"}


def test_a_key_that_no_scenario_uses_would_be_noticed() -> None:
    used = {key for file in FILES for key in keys_in(yaml.safe_load(file.read_text(encoding="utf-8")))}
    assert language() - (used - {"half_life"}) == {"posterior", "fixed", "half_life"}
