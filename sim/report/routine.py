"""What of a history is told one by one, and what in one sentence for many, so that routine does not drown the story.

Three things are routine: what is said with its neighbour (the end of a call, an errand that begins with its first
attempt); unanswered attempts in a row between which nothing changed for the line; and what comes more than `FEW` times:
errands of one line that end alike, occurrences of one event, changes of one regime. The first of a run is told in full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sim.engines.contract import Happening
from sim.report.sentences import end_of
from sim.scenario.resolved import Scenario

FEW = 12
"""What comes more often in one replication is routine."""

RUN = 4
"""So many unanswered attempts in a row are told one by one."""


@dataclass(frozen=True)
class Item:
    """Indices of the happenings that one sentence stands for. `kind`: one, attempts, errands or occurrences.

    The sentence of `one` is about the first index; what is said along with it follows.
    """

    kind: str
    indices: tuple[int, ...]


def one_by_one(happenings: Sequence[Happening]) -> tuple[Item, ...]:
    """Every happening by itself."""
    return tuple(Item("one", (index,)) for index in range(len(happenings)))


def condensed(scenario: Scenario, happenings: Sequence[Happening]) -> tuple[Item, ...]:
    """Items in order of their first happening; every happening is in exactly one of them."""
    own: dict[str, list[int]] = {line.name: [] for line in scenario.lines}
    others: dict[str, list[int]] = {}
    for index, happening in enumerate(happenings):
        place = others if happening.what in ("state", "event") else own
        place.setdefault(happening.name, []).append(index)
    changes = _changes(scenario, happenings, others)
    items: list[Item] = []
    for indices in others.values():
        items += _sparing(indices)
    for name, indices in own.items():
        items += _line(happenings, indices, changes.get(name, ()))
    return tuple(sorted(items, key=lambda item: item.indices[0]))


def _sparing(indices: Sequence[int]) -> Iterable[Item]:
    """One by one where there are few, else the first and the rest in one."""
    if len(indices) <= FEW:
        return [Item("one", (index,)) for index in indices]
    return [Item("one", (indices[0],)), Item("occurrences", tuple(indices[1:]))]


def bearings(scenario: Scenario) -> Mapping[str, frozenset[str]]:
    """Regimes and events to the lines on which they bear: whose odds they change, or whose errands they open.

    Keys are ``state:NAME`` and ``event:NAME``.
    """
    found = {f"state:{regime.name}": set(regime.affects) for regime in scenario.regimes}
    for event in scenario.events:
        # An odds factor of exactly 1 is how a scenario says that nothing is known to have changed.
        lines = set(event.effect.affects) if event.effect and event.effect.odds_factor != 1 else set()
        for regime in event.switches:
            lines |= found.get(f"state:{regime}", set())
        for line in scenario.lines:
            after = line.starts.after if line.starts else None
            opens = line.trigger is not None and (line.trigger.kind, line.trigger.name) == ("event", event.name)
            begins = after is not None and (after.kind, after.name) == ("event", event.name)
            if opens or begins:
                lines.add(line.name)
        found[f"event:{event.name}"] = lines
    return {key: frozenset(lines) for key, lines in found.items()}


def _changes(
    scenario: Scenario, happenings: Sequence[Happening], others: Mapping[str, Sequence[int]]
) -> Mapping[str, Sequence[int]]:
    """For each line the places in the history at which something that bears on it, and is no routine, happened."""
    bears = bearings(scenario)
    found: dict[str, list[int]] = {line.name: [] for line in scenario.lines}
    for indices in others.values():
        if len(indices) > FEW:
            continue
        for index in indices:
            for line in bears.get(f"{happenings[index].what}:{happenings[index].name}", ()):
                found[line].append(index)
    for index, happening in enumerate(happenings):
        if happening.what == "contact":
            effect = next(line.on_contact for line in scenario.lines if line.name == happening.name)
            for line in effect.affects if effect else ():
                if line != happening.name:
                    found[line].append(index)
    return {line: sorted(places) for line, places in found.items()}


def _line(happenings: Sequence[Happening], indices: Sequence[int], changes: Sequence[int]) -> Iterable[Item]:
    cycles = _cycles(happenings, indices)
    ends = Counter(_end(happenings, cycle) for cycle in cycles)
    told: list[Item] = []
    run: list[list[int]] = []
    seen: set[str] = set()
    for cycle in cycles:
        end = _end(happenings, cycle)
        routine = end in seen and ends[end] > FEW
        seen.add(end)
        if run and (not routine or _between(changes, run[-1][0], cycle[0])):
            told.append(_errands(run))
            run = []
        if routine:
            run.append(cycle)
        else:
            told += _cycle(happenings, cycle, changes)
    if run:
        told.append(_errands(run))
    return told


def _errands(run: Sequence[Sequence[int]]) -> Item:
    return Item("errands", tuple(index for cycle in run for index in cycle))


def _cycles(happenings: Sequence[Happening], indices: Sequence[int]) -> list[list[int]]:
    """A line's own happenings, cut where an errand begins."""
    cycles: list[list[int]] = []
    for index in indices:
        if happenings[index].what == "errand" or not cycles:
            cycles.append([])
        cycles[-1].append(index)
    return cycles


def split(happenings: Sequence[Happening]) -> list[list[Happening]]:
    """One line's happenings in order, cut where an errand begins."""
    return [[happenings[index] for index in cycle] for cycle in _cycles(happenings, range(len(happenings)))]


def _end(happenings: Sequence[Happening], cycle: Sequence[int]) -> str:
    return end_of([happenings[index] for index in cycle])


def _between(changes: Sequence[int], first: int, last: int) -> bool:
    return any(first < change < last for change in changes)


def _cycle(happenings: Sequence[Happening], cycle: Sequence[int], changes: Sequence[int]) -> Iterable[Item]:
    """One errand in full, but for what is said along and for long runs of unanswered attempts."""
    items: list[Item] = []
    run: list[int] = []
    along: list[int] = []
    merged = [index for index in cycle if happenings[index].what == "merged"]
    spared = set(merged[1:]) if len(merged) > 2 else set()
    for place, index in enumerate(cycle):
        happening = happenings[index]
        unanswered = happening.what == "attempt" and happening.detail["result"] != "answered"
        interrupts = not unanswered and happening.what != "merged"
        if run and (interrupts or _between(changes, run[-1], index)):
            items += _run(run)
            run = []
        if unanswered:
            run += [index]
        elif index not in spared and happening.what != "call ends" and not _begins_with(happenings, cycle, place):
            items.append(Item("one", (index,)))
        elif index not in spared:
            along.append(index)
    items += _run(run)
    if spared:
        items.append(Item("occurrences", tuple(sorted(spared))))
    return _said_along(items, along)


def _run(run: Sequence[int]) -> Iterable[Item]:
    if len(run) <= RUN:
        return [Item("one", (index,)) for index in run]
    return [Item("one", (run[0],)), Item("attempts", tuple(run[1:]))]


def _begins_with(happenings: Sequence[Happening], cycle: Sequence[int], place: int) -> bool:
    """Whether an errand begins with its first attempt, which then says so."""
    if happenings[cycle[place]].what != "errand" or place + 1 >= len(cycle):
        return False
    following = happenings[cycle[place + 1]]
    return following.what == "attempt" and following.second == happenings[cycle[place]].second


def _said_along(items: Sequence[Item], along: Sequence[int]) -> Iterable[Item]:
    """Each index that has no sentence of its own goes to the item before it, or to the first one."""
    found = list(items)
    for index in along:
        place = max((at for at, item in enumerate(found) if item.indices[0] < index), default=0)
        found[place] = Item(found[place].kind, (*found[place].indices, index))
    return found
