"""The hash of a scenario: fields at their defaults are left out of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from sim.scenario import load, loads, resolved
from sim.scenario.compiler import sha256_of
from sim.scenario.dump import dump

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@dataclass(frozen=True)
class LongerLine(resolved.Line):
    """A line with one more key than the language has."""

    more: float = 0.0


def longer(line: resolved.Line, more: float) -> LongerLine:
    return LongerLine(**{one.name: getattr(line, one.name) for one in fields(line)}, more=more)


def test_a_field_that_is_added_changes_no_hash_until_it_is_used() -> None:
    scenario = load(SCENARIOS / "us-russia-2022.yaml")
    same = replace(scenario, lines=tuple(longer(line, 0.0) for line in scenario.lines))
    assert sha256_of(same) == sha256_of(scenario)
    used = replace(scenario, lines=(longer(scenario.lines[0], 1.0), *scenario.lines[1:]))
    assert sha256_of(used) != sha256_of(scenario)


def test_saboteur_a_hash_of_all_fields_would_change() -> None:
    line = load(SCENARIOS / "minimal.yaml").lines[0]
    assert asdict(longer(line, 0.0)) != asdict(line)


def test_a_default_that_is_written_is_no_other_scenario() -> None:
    text = (SCENARIOS / "minimal.yaml").read_text(encoding="utf-8")
    scenario = loads(text)
    assert sha256_of(loads(dump(scenario))) == sha256_of(scenario)


def test_every_value_that_is_no_default_counts() -> None:
    scenario = load(SCENARIOS / "minimal.yaml")
    line = scenario.lines[0]
    changed = [
        replace(line, attempts=3),
        replace(line, until_horizon=True),
        replace(line, give_up=60.0),
        replace(line, unanswered={"declined": 1.0}),
        replace(line, starts=None),
        replace(line, starts=resolved.Starts(60)),
    ]
    hashes = {sha256_of(replace(scenario, lines=(one,))) for one in [line, *changed]}
    assert len(hashes) == 7
