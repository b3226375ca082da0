"""Printable cards: dice against the stated chances and against the engine, the page, wrong options."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sim import api
from sim.cli import app
from sim.report.cards import A_SHEET, DECK_SIZE, DICE, cards, chances_of_rolls, line_rolls, page, roll_for
from sim.scenario.reader import loads

GATED = """
scenario: 1
title: One attempt behind a gate
clock: {start: 2024-01-01, end: 2024-01-03}
sides: {North: {timezone: UTC}, South: {timezone: UTC}}
officials: {envoy: {side: North}, minister: {side: South}}
channels: {telephone: {}}
regimes:
  gate:
    affects: [telephone]
    initially: {open: 0.3, ajar: 0.3, closed: 0.4}
    states: {open: {}, ajar: {odds_factor: 0.25}, closed: {odds_factor: 0}}
lines:
  call: {caller: envoy, callee: minister, channel: telephone, every: 1 d, attempts: 1, answer: 0.6, delay: 0 s}
"""


def throws(dice: str, count: int) -> np.ndarray:
    generator = np.random.default_rng(5)
    sides = DICE.get(dice, (DECK_SIZE,))
    return sum(generator.integers(1, side, count, endpoint=True) for side in sides)


@pytest.mark.parametrize("dice", ["d20", "d100", "2d6", "deck"])
def test_dice_reproduce_the_stated_chances(dice: str) -> None:
    """10^5 throws of each: 4.5 standard errors are 0.7 percentage points."""
    rolled = throws(dice, 100_000)
    for chance in (0.0, 0.01, 0.123, 0.5, 0.72, 0.99, 1.0):
        roll = roll_for(chance, dice)
        assert abs(np.mean(rolled <= roll.at_most) - roll.rounded) <= 4.5 * (0.25 / 100_000) ** 0.5
        assert abs(roll.rounded - chance) == min(abs(one - chance) for one in chances_of_rolls(dice))
    assert roll_for(0.0, dice).words(dice).startswith("never answered")
    assert roll_for(1.0, dice).words(dice).startswith("always answered")


def test_cards_played_at_the_table_agree_with_the_engine() -> None:
    """10^5 plays with d100 against 20,000 replications; the dice round by at most half a percentage point."""
    scenario = loads(GATED, "gated.yaml")
    rolls = line_rolls(scenario, scenario.lines[0], {}, "d100")
    assert [states["gate"] for states, _ in rolls] == ["open", "ajar", "closed"]
    assert [round(roll.chance, 4) for _, roll in rolls] == [0.6, 0.2727, 0.0]
    generator = np.random.default_rng(1)
    states = generator.choice(3, 100_000, p=[0.3, 0.3, 0.4])
    limits = np.array([roll.at_most for _, roll in rolls])
    played = np.mean(generator.integers(1, 100, 100_000, endpoint=True) <= limits[states])
    run = api.run(scenario, 20_000, save=False, engine="reference")
    simulated = run.summary["first_contact"]["any"]["probability"]["estimate"]
    assert abs(played - simulated) < 0.005 * 0.6 + 4.5 * (0.25 / 100_000 + 0.25 / 20_000) ** 0.5


def test_the_page_of_the_baseline() -> None:
    scenario = api.load("scenarios/us-russia-2022.yaml")
    event_log = api.trace(scenario, 1, 4)
    made = cards(scenario, event_log, "d20")
    assert {card.kind for card in made} == {"Line", "Gate", "Event", "Inject"}
    text = page(scenario, event_log, "d20", "letter")
    assert "size: letter" in text
    assert text.count('<article class="card') == len(made)
    assert text.count('<section class="sheet">') == -(-len(made) // A_SHEET)
    assert not re.search(r"https?://|<script|<img", text)
    ministers = next(card for card in made if card.kind == "Line" and "Austin" in " ".join(card.lines))
    assert sum("answered" in line and "%" in line for line in ministers.lines) >= 2


def test_free_text_is_escaped() -> None:
    scenario = loads(GATED.replace("One attempt behind a gate", "'<script>alert(1)</script>'"), "gated.yaml")
    text = page(scenario, api.trace(scenario), "d20", "a4")
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_the_command(tmp_path: Path) -> None:
    file = tmp_path / "cards.html"
    done = CliRunner().invoke(app, ["cards", "scenarios/minimal.yaml", "--out", str(file), "--dice", "2d6"])
    assert done.exit_code == 0, done.output
    first = file.read_bytes()
    CliRunner().invoke(app, ["cards", "scenarios/minimal.yaml", "--out", str(file), "--dice", "2d6"])
    assert file.read_bytes() == first
    for out, message in (("cards.pdf", "ends in .html"), ("nowhere/cards.html", "there is no folder")):
        refused = CliRunner().invoke(app, ["cards", "scenarios/minimal.yaml", "--out", str(tmp_path / out)])
        assert refused.exit_code == 2
        assert message in refused.output
