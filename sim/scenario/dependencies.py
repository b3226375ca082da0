"""Dependency graph of lines, its connected components, and the program of some components alone.

A line depends on another one if something on the other line can change its history: an effect on its odds, a request
that the other line begins (`after`, ``triggered_by: {gave_up: …}``) or ends (`until`), or a call that keeps an
official of both busy. Regimes, events and uncertain numbers depend on nothing, so sharing them makes no edge. All draws
are keyed by names, so lines of different components have the same histories together as apart, to the bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum

import numpy as np

from sim.rules.quantile_tables import FIXED
from sim.scenario.program import NONE, Effects, Events, Lines, Program, Regimes, Start


class Cause(Enum):
    """An occurrence on one line by which another line is changed."""

    UNANSWERED = "unanswered"
    GAVE_UP = "gave_up"
    CONTACT = "contact"
    CALL = "call"
    """A call of an official of both lines, if it may last."""


_WAITING_FOR = {
    Cause.UNANSWERED: (Start.AFTER_UNANSWERED,),
    Cause.GAVE_UP: (Start.AFTER_GAVE_UP, Start.ON_GAVE_UP),
    Cause.CONTACT: (Start.AFTER_CONTACT,),
    Cause.CALL: (),
}


@dataclass(frozen=True)
class Edge:
    """`source` and `target`: indices of two different lines; `causes`: all by which the source changes the target."""

    source: int
    target: int
    causes: frozenset[Cause]


class DependencyGraph:
    """Which line depends on which, whatever the values of uncertain numbers are."""

    def __init__(self, program: Program) -> None:
        self._program = program
        line = program.line
        self._felt_by: list[list[int]] = [[] for _ in program.effects.decay]
        for at, effects in enumerate(line.effects):
            for effect in effects:
                self._felt_by[effect].append(at)
        self._lines_of: list[list[int]] = [[] for _ in program.officials]
        for at, pair in enumerate(zip(line.caller.tolist(), line.callee.tolist(), strict=True)):
            for official in set(pair):
                self._lines_of[official].append(at)
        self._superseded = line.superseded()
        self._waiting = {start: line.waiting_for_line(start) for starts in _WAITING_FOR.values() for start in starts}
        self.has_calls = tuple(self._may_last(int(call)) for call in line.call)
        """By line, whether a call can take time: not where it is known to take less than half a second."""

    def affected(self, source: int, *causes: Cause) -> frozenset[int]:
        """The other lines that a line changes by some causes, by any cause if none is given."""
        found: set[int] = set()
        for cause in causes or Cause:
            found |= self._changed(source, cause)
        return frozenset(found - {source})

    def sharing(self, line: int) -> frozenset[int]:
        """The other lines with an official in common."""
        officials = int(self._program.line.caller[line]), int(self._program.line.callee[line])
        return frozenset(other for official in officials for other in self._lines_of[official]) - {line}

    def edges(self) -> Iterator[Edge]:
        """All edges, by source and target."""
        for source in range(len(self._program.lines)):
            by_cause = {cause: self.affected(source, cause) for cause in Cause}
            for target in sorted(set().union(*by_cause.values())):
                causes = frozenset(cause for cause, targets in by_cause.items() if target in targets)
                yield Edge(source, target, causes)

    def components(self) -> tuple[tuple[int, ...], ...]:
        """The lines of each connected component, rising; components in order of their first lines."""
        return connected(len(self._program.lines), self._groups())

    def independent(self) -> tuple[int, ...]:
        """The lines that are alone in their component, rising: edges to itself aside, such a line has none."""
        return tuple(lines[0] for lines in self.components() if len(lines) == 1)

    def _groups(self) -> Iterator[Iterable[int]]:
        """Lines that are joined, group by group: as `edges`, without an edge for each pair of one official's lines."""
        for source in range(len(self._program.lines)):
            yield source, *self.affected(source, Cause.UNANSWERED, Cause.GAVE_UP, Cause.CONTACT)
        for lines in self._lines_of:
            if any(self.has_calls[line] for line in lines):
                yield lines

    def _changed(self, source: int, cause: Cause) -> set[int]:
        if cause is Cause.CALL:
            return set(self.sharing(source)) if self.has_calls[source] else set()
        line = self._program.line
        found = {target for start in _WAITING_FOR[cause] for target in self._waiting[start][source]}
        if cause is Cause.UNANSWERED:
            found |= self._feeling(int(line.on_unanswered[source]))
        elif cause is Cause.CONTACT:
            found |= self._feeling(int(line.on_contact[source])) | set(self._superseded[source])
        return found

    def _feeling(self, effect: int) -> set[int]:
        """The lines whose odds an effect moves: none if its odds factor is known to be 1."""
        if effect == NONE or self._program.values[self._program.effects.log_factor[effect]] == 1.0:
            return set()
        return set(self._felt_by[effect])

    def _may_last(self, call: int) -> bool:
        distributions = self._program.distributions
        return not (distributions.family[call] == FIXED and self._program.values[distributions.slot[call]] < 0.5)


def components(program: Program) -> tuple[tuple[int, ...], ...]:
    """The connected components of a program's lines, see DependencyGraph."""
    return DependencyGraph(program).components()


def connected(size: int, groups: Iterable[Iterable[int]]) -> tuple[tuple[int, ...], ...]:
    """The classes into which groups join the numbers from 0 to `size` − 1: each rising, in order of their first."""
    leader = list(range(size))

    def head(at: int) -> int:
        """The least number of the class of `at` so far."""
        while leader[at] != at:
            leader[at] = leader[leader[at]]
            at = leader[at]
        return at

    for group in groups:
        first = None
        for member in group:
            if first is None:
                first = head(member)
                continue
            first, other = sorted((first, head(member)))
            leader[other] = first
    found: dict[int, list[int]] = {}
    for at in range(size):
        found.setdefault(head(at), []).append(at)
    return tuple(tuple(members) for members in found.values())


def restricted(program: Program, lines: Sequence[int]) -> Program:
    """The program of `lines` alone, indices in rising order; line i of it is ``lines[i]`` of `program`.

    Every draw keeps its address, so each line's history is the one it has in `program`, provided that `lines` are whole
    components. References to other lines are dropped. Regimes and events that these lines do not feel are left out;
    officials, calendars, distributions, reasons and numbers stay, at their places. `columns` are those of `program`.
    Raises ValueError for lines in another order, or twice.
    """
    if list(lines) != sorted(set(lines)):
        raise ValueError(f"lines {list(lines)}; expected indices in rising order, each once")
    taken = np.array(lines, dtype=np.int64)
    new = {old: at for at, old in enumerate(lines)}
    effects = sorted({effect for line in lines for effect in program.line.effects[line]})
    regimes = sorted({regime for line in lines for regime in program.line.regimes[line]})
    events = _events_felt(program, lines, effects, regimes)
    line = _lines(program.line, taken, new)
    return replace(
        program,
        lines=tuple(program.lines[at] for at in lines),
        line_channel=program.line_channel[taken],
        line_side=program.line_side[taken],
        triggered=program.triggered[taken],
        effects=_effects(program.effects, effects),
        regimes=_regimes(program.regimes, regimes),
        events=_events(program.events, events, _places(effects), _places(regimes)),
        line=replace(
            line,
            effects=tuple(tuple(_places(effects)[at] for at in one) for one in line.effects),
            regimes=tuple(tuple(_places(regimes)[at] for at in one) for one in line.regimes),
            on_unanswered=_moved(line.on_unanswered, _places(effects)),
            on_contact=_moved(line.on_contact, _places(effects)),
            start_event=_moved(line.start_event, _places(events)),
        ),
    )


def _places(chosen: Sequence[int]) -> dict[int, int]:
    return {old: at for at, old in enumerate(chosen)}


def _moved(indices: np.ndarray, places: dict[int, int]) -> np.ndarray:
    """Indices after the choice; NONE for those that were not chosen."""
    return np.array([places.get(int(at), -1) for at in indices], dtype=np.int64)


def _events_felt(program: Program, lines: Sequence[int], effects: Sequence[int], regimes: Sequence[int]) -> list[int]:
    events = program.events
    felt = {int(program.line.start_event[line]) for line in lines} - {-1}
    for event in range(len(events.names)):
        if int(events.effect[event]) in effects or any(regime in regimes for regime, _ in events.switches[event]):
            felt.add(event)
    return sorted(felt)


def _lines(line: Lines, taken: np.ndarray, new: dict[int, int]) -> Lines:
    """Every field cut to the lines taken, lists of lines by their new indices."""
    cut: dict[str, object] = {}
    for field in fields(line):
        value = getattr(line, field.name)
        cut[field.name] = value[taken] if isinstance(value, np.ndarray) else tuple(value[at] for at in taken)
    for name in ("start_lines", "until_lines"):
        cut[name] = tuple(tuple(new[at] for at in one if at in new) for one in cut[name])  # type: ignore[attr-defined]
    return Lines(**cut)  # type: ignore[arg-type]


def _effects(effects: Effects, chosen: Sequence[int]) -> Effects:
    at = np.array(chosen, dtype=np.int64)
    return Effects(decay=effects.decay[at], log_factor=effects.log_factor[at], window=effects.window[at])


def _regimes(regimes: Regimes, chosen: Sequence[int]) -> Regimes:
    return Regimes(
        names=tuple(regimes.names[at] for at in chosen),
        states=tuple(regimes.states[at] for at in chosen),
        sojourn=tuple(regimes.sojourn[at] for at in chosen),
        log_factor=tuple(regimes.log_factor[at] for at in chosen),
        initially=tuple(regimes.initially[at] for at in chosen),
    )


def _events(events: Events, chosen: Sequence[int], effects: dict[int, int], regimes: dict[int, int]) -> Events:
    at = np.array(chosen, dtype=np.int64)
    return Events(
        names=tuple(events.names[one] for one in chosen),
        at=tuple(events.at[one] for one in chosen),
        every=events.every[at],
        starts=events.starts[at],
        effect=_moved(events.effect[at], effects),
        switches=tuple(
            tuple((regimes[regime], state) for regime, state in events.switches[one] if regime in regimes)
            for one in chosen
        ),
    )
