"""Printable cards of a scenario: lines with their odds as dice, gates, events, injects, and a facilitator's sheet.

One HTML page, nine cards a sheet with crop marks, A4 or US Letter. A line card has, for every state of the gates that
act on the line, the probability that an attempt is answered and the roll that comes closest to it. Effects that fade or
that add up are left to the facilitator: the card says the factor, not a new roll.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from sim.engines.contract import EventLog
from sim.report.format import duration, listing, plain, share
from sim.report.msel import Inject, injects
from sim.rules.answer import answer_probability
from sim.rules.arithmetic import log
from sim.scenario.resolved import Distribution, Effect, Line, Number, Regime, Scenario

TEMPLATE = Path(__file__).parent / "templates" / "cards.html.j2"
DICE: Mapping[str, tuple[int, ...]] = {"d20": (20,), "d100": (100,), "2d6": (6, 6)}
DECK = "deck"
DECK_SIZE = 20
MOST_STATES = 9
"""Combinations of gate states on one card; of more, the odds factors are given instead."""
A_SHEET = 9


@dataclass(frozen=True)
class Roll:
    """How an attempt is decided at the table.

    chance    probability that the attempt is answered
    at_most   the attempt is answered if the roll (or the number of the drawn card) is at most this; 0: never
    rounded   probability of such a roll
    """

    chance: float
    at_most: int
    rounded: float

    def words(self, dice: str) -> str:
        """``answered on 3 or less (15.0 %; exactly 12.3 %)``."""
        exact = "" if self.rounded == self.chance else f"; exactly {share(self.chance)}"
        if self.at_most == 0:
            return f"never answered ({share(self.rounded)}{exact})"
        if self.rounded == 1.0:
            return f"always answered ({share(self.rounded)}{exact})"
        what = f"a card up to {self.at_most} of {DECK_SIZE}" if dice == DECK else f"{self.at_most} or less"
        return f"answered on {what} ({share(self.rounded)}{exact})"


@dataclass(frozen=True)
class Card:
    """One card: its kind, a heading, and lines of text."""

    kind: str
    title: str
    lines: tuple[str, ...]


def chances_of_rolls(dice: str) -> tuple[float, ...]:
    """Probability that a roll is at most 0, 1, 2 …; the last one is 1. Raises KeyError for unknown dice."""
    if dice == DECK:
        return tuple(number / DECK_SIZE for number in range(DECK_SIZE + 1))
    sides = DICE[dice]
    totals = [sum(one) for one in product(*(range(1, side + 1) for side in sides))]
    return tuple(sum(total <= most for total in totals) / len(totals) for most in range(sum(sides) + 1))


def roll_for(chance: float, dice: str) -> Roll:
    """The roll that comes closest to a probability; the smaller one of two that are equally close."""
    table = chances_of_rolls(dice)
    at_most = min(range(len(table)), key=lambda most: (abs(table[most] - chance), most))
    # Rolls that cannot come up have the chance of the one before: 1 on two dice is the same as 0.
    at_most = table.index(table[at_most])
    return Roll(chance, at_most, table[at_most])


def line_rolls(
    scenario: Scenario, line: Line, parameters: Mapping[str, float], dice: str
) -> tuple[tuple[Mapping[str, str], Roll], ...]:
    """The roll for each combination of states of the gates that act on a line, in order of declaration."""
    gates = [one for one in scenario.regimes if line.name in one.affects]
    answer = _known(line.answer, parameters)
    base = math.inf if answer == 1.0 else -math.inf if answer == 0.0 else log(answer / (1.0 - answer))
    rolls = []
    for states in product(*(gate.states for gate in gates)):
        factors = [_known(state.odds_factor, parameters) for state in states]
        closers = sum(factor == 0.0 for factor in factors)
        odds = base + sum(log(factor) for factor in factors if factor > 0.0)
        named = {gate.name: state.name for gate, state in zip(gates, states, strict=True)}
        rolls.append((named, roll_for(answer_probability(odds, closers), dice)))
    return tuple(rolls)


def cards(scenario: Scenario, event_log: EventLog, dice: str) -> tuple[Card, ...]:
    """All cards of a scenario and of one of its replications, whose drawn numbers they use."""
    known = event_log.parameters
    return (
        *(_line_card(scenario, line, known, dice) for line in scenario.lines),
        *(_gate_card(scenario, gate, known) for gate in scenario.regimes),
        *_event_cards(scenario, known),
        *(_inject_card(one) for one in injects(scenario, event_log)),
    )


def _line_card(scenario: Scenario, line: Line, known: Mapping[str, float], dice: str) -> Card:
    people = {one.name: one for one in scenario.officials}
    titles = {one.name: plain(one.title) or one.name for one in scenario.regimes}
    channel = next(one for one in scenario.channels if one.name == line.channel)
    caller, callee = (plain(people[name].title) or name for name in (line.caller, line.callee))
    text = [f"{caller} calls {callee}", f"over {plain(channel.title) or channel.name}"]
    if line.trigger is not None:
        text.append(f"after {line.trigger.name}")
    text.append(f"between attempts: {_spec(line.every, known)}")
    rolls = line_rolls(scenario, line, known, dice)
    if len(rolls) > MOST_STATES:
        text.append(f"all gates open: {rolls[0][1].words(dice)}; see the gate cards")
    for states, roll in rolls[:MOST_STATES] if len(rolls) <= MOST_STATES else ():
        where = ", ".join(f"{titles[gate]} {plain(state)}" for gate, state in states.items())
        text.append(f"{where}: {roll.words(dice)}" if where else roll.words(dice))
    counted = "" if line.delay_counts == "calendar" else ", in the callee's duty hours"
    text.append(f"from answer to contact{counted}: {_spec(line.delay, known)}")
    text += _effect(line.on_unanswered, known, "after an unanswered attempt")
    text += _effect(line.on_contact, known, "after a contact")
    return Card("Line", plain(line.title) or line.name, tuple(text))


def _gate_card(scenario: Scenario, gate: Regime, known: Mapping[str, float]) -> Card:
    text = [f"acts on {listing(gate.affects)}"]
    begins = [f"{plain(name)} {share(chance)}" for name, chance in gate.initially.items() if chance > 0]
    text.append(f"at the start: {listing(begins)}")
    for state in gate.states:
        lasts = "for good" if state.lasts is None else f"lasts {_spec(state.lasts, known)}"
        factor = _known(state.odds_factor, known)
        odds = (
            "no change of odds" if factor == 1 else "no attempt is answered" if factor == 0 else f"odds × {factor:.3g}"
        )
        text.append(f"{plain(state.name)}: {lasts}; {odds}")
    return Card("Gate", plain(gate.title) or gate.name, tuple(text))


def _event_cards(scenario: Scenario, known: Mapping[str, float]) -> list[Card]:
    titles = {one.name: plain(one.title) or one.name for one in scenario.regimes}
    found = []
    for event in scenario.events:
        days = [f"day {1 + when.second // 86_400}" for when in event.at]
        text = [f"on {listing(days)}"] if days else []
        if event.every is not None:
            text.append(f"from one to the next: {_spec(event.every, known)}")
        text += [f"{titles[gate]} becomes {plain(state)}" for gate, state in event.switches.items()]
        text += _effect(event.effect, known, "effect")
        text += [f"{line.name} begins" for line in scenario.lines if line.trigger and line.trigger.name == event.name]
        found.append(Card("Event", plain(event.title) or event.name, tuple(text)))
    return found


def _inject_card(one: Inject) -> Card:
    day, clock = 1 + one.second // 86_400, f"{one.second % 86_400 // 3600:02d}:{one.second % 3600 // 60:02d}"
    people = f"{one.sender} to {one.receiver}" if one.mode else "for control only"
    return Card("Inject", f"No. {one.number} · day {day}, {clock}", (people, one.control))


def _effect(effect: Effect | None, known: Mapping[str, float], when: str) -> list[str]:
    if effect is None or not effect.affects:
        return []
    factor = _known(effect.odds_factor, known)
    if factor == 1:
        return []
    how = ""
    if effect.lasts is not None:
        how = f" for {_known(effect.lasts, known) / 86_400:.3g} days"
    elif effect.half_life is not None:
        how = f", half of it gone after {_known(effect.half_life, known) / 86_400:.3g} days"
    return [f"{when}: odds × {factor:.3g} on {listing(effect.affects)}{how}"]


def _known(number: Number, parameters: Mapping[str, float]) -> float:
    return float(number) if isinstance(number, int | float) else parameters[number.path]


_TIMES = frozenset({"value", "mean", "sd", "min", "max", "mode", "median", "scale"})
"""Parameters of a distribution that are durations; so are quantiles, p10 …; others are plain numbers."""


def _spec(distribution: Distribution, known: Mapping[str, float]) -> str:
    """``15 min``, or ``a random time (exponential, mean 4.94 d)``."""
    given = {name: _known(number, known) for name, number in distribution.given.items()}
    if distribution.family == "fixed":
        return duration(given["value"])
    times = {name for name in given if name in _TIMES or name[1:].isdigit()}
    parts = [f"{name} {duration(value) if name in times else f'{value:.3g}'}" for name, value in given.items()]
    return f"a random time ({', '.join([plain(distribution.scipy) or distribution.family, *parts])})"


def page(scenario: Scenario, event_log: EventLog, dice: str, paper: str) -> str:
    """The cards as one HTML page, nine a sheet. `paper`: ``a4`` or ``letter``."""
    from jinja2 import Environment, StrictUndefined

    made: Sequence[Card] = cards(scenario, event_log, dice)
    sheets = [made[at : at + A_SHEET] for at in range(0, len(made), A_SHEET)]
    template = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        title=plain(scenario.title),
        sheets=sheets,
        size={"a4": "A4", "letter": "letter"}[paper],
        dice=f"one card of {DECK_SIZE}, numbered from 1" if dice == DECK else dice,
        replication=event_log.replication,
        seed=event_log.seed,
        numbers=[f"{plain(path)} = {value:.3g}" for path, value in event_log.parameters.items()],
    )
