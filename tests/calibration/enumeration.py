"""The exact likelihood of a record by enumeration: the reference engine, once for every way a small scenario can go.

Every random choice of the engine becomes a branch with its probability: whether an attempt is answered, and which of
the values of an `empirical` delay, interval, wait or sojourn is drawn. The record is then read off each history by
rules of its own, which know nothing of `sim.calibration`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from sim.engines import reference
from sim.engines.contract import EventLog
from sim.rules.random import Purpose, Stream, stream_of
from sim.scenario import loads
from sim.scenario.compiler import compile_scenario
from sim.scenario.resolved import RecordEntry, Scenario
from tests.support import Human, text

Atoms = Mapping[tuple[str, str, Purpose], int]
"""How many equally likely values are drawn from, by kind, name and purpose."""


class Tree:
    """Walks all branches, one a run: `chosen` says which way to go at each choice, new choices go the first way."""

    def __init__(self) -> None:
        self.chosen: list[int] = []
        self.ways: list[list[float]] = []
        self.drawn: dict[tuple[int, int, int], float] = {}

    def begin(self) -> None:
        self.ways, self.drawn = [], {}

    def choose(self, probabilities: Sequence[float]) -> int:
        at = len(self.ways)
        self.ways.append(list(probabilities))
        if at == len(self.chosen):
            self.chosen.append(0)
        return self.chosen[at]

    @property
    def probability(self) -> float:
        product = 1.0
        for way, at in zip(self.ways, self.chosen, strict=True):
            product *= way[at]
        return product

    def advance(self) -> bool:
        """To the next branch; False after the last one."""
        while self.chosen:
            self.chosen[-1] += 1
            if self.chosen[-1] < len(self.ways[len(self.chosen) - 1]):
                return True
            self.chosen.pop()
        return False


def likelihood(monkeypatch: pytest.MonkeyPatch, human: Human, atoms: Atoms) -> float:
    """The probability that a scenario without uncertain numbers brings its record about."""
    scenario = loads(text(human))
    program = compile_scenario(scenario)
    tree = Tree()
    sizes = {(stream_of(kind, name), purpose): n for (kind, name, purpose), n in atoms.items()}

    def draw(self: Any, replication: int, purpose: Purpose, index: int) -> float:
        key = (self._stream, int(purpose), index)
        if key not in tree.drawn:
            n = sizes.get((self._stream, purpose), 1)
            tree.drawn[key] = (tree.choose([1.0 / n] * n) + 0.5) / n if n > 1 else 0.5
        return tree.drawn[key]

    def is_answered(uniform: float, probability: float) -> bool:
        if probability <= 0.0 or probability >= 1.0:
            return probability >= 1.0
        return tree.choose([probability, 1.0 - probability]) == 0

    total = 0.0
    with monkeypatch.context() as patched:
        patched.setattr(Stream, "draw", draw)
        patched.setattr(Stream, "rows", lambda self, replication: ([],) * len(Purpose))
        patched.setattr(reference, "is_answered", is_answered)
        while True:
            tree.begin()
            event_log = reference.Reference().trace(program, 1, 0)
            if all(agrees(scenario, event_log, entry) for entry in scenario.record):
                total += tree.probability
            if not tree.advance():
                return total


def agrees(scenario: Scenario, event_log: EventLog, entry: RecordEntry) -> bool:
    """Whether an entry is true of a history."""
    on_line = [h for h in event_log.log_entries if h.name == entry.line]
    contacts = [h.second for h in on_line if h.what == "contact"]
    attempts = [h for h in on_line if h.what == "attempt" and entry.start <= h.second < entry.end]
    answers = sum(h.detail["result"] == "answered" for h in attempts)
    if entry.kind == "contact":
        return any(entry.start <= second < entry.end for second in contacts)
    if entry.kind == "no_contact":
        return all(second >= entry.end for second in contacts)
    if entry.kind == "spell":
        return answers == (len(attempts) if entry.state == "open" else 0)
    assert entry.kind == "count"
    assert entry.attempts is not None
    made = entry.attempts[0] <= len(attempts) <= entry.attempts[1]
    if entry.all_answered:
        return made and answers == len(attempts)
    return made and (entry.answered is None or entry.answered[0] <= answers <= entry.answered[1])
