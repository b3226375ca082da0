"""Condensation of routine in an event log: many entries that one sentence stands for.

Three things are routine: what is said with its neighbour (the end of a call, a request that begins with its first
attempt); unanswered attempts in a row between which nothing changed for the line; and what comes more than `FEW` times:
requests of one line that end alike, occurrences of one event, changes of one gate. The first of a run is told in full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sim.engines.contract import LogEntry
from sim.report.narrative.sentences import end_of
from sim.scenario.resolved import Scenario

FEW = 12
"""What comes more often in one replication is routine."""

RUN = 4
"""So many unanswered attempts in a row are told one by one."""


@dataclass(frozen=True)
class Item:
    """Indices of the log entries that one sentence stands for. `kind`: one, attempts, requests or occurrences.

    The sentence of `one` is about the first index; what is said along with it follows.
    """

    kind: str
    indices: tuple[int, ...]


def one_by_one(log_entries: Sequence[LogEntry]) -> tuple[Item, ...]:
    """Every log entry by itself."""
    return tuple(Item("one", (index,)) for index in range(len(log_entries)))


def condensed(scenario: Scenario, log_entries: Sequence[LogEntry]) -> tuple[Item, ...]:
    """Items in order of their first log entry; every log entry is in exactly one of them."""
    own: dict[str, list[int]] = {line.name: [] for line in scenario.lines}
    others: dict[str, list[int]] = {}
    for index, log_entry in enumerate(log_entries):
        place = others if log_entry.what in ("state", "event") else own
        place.setdefault(log_entry.name, []).append(index)
    changes = _changes(scenario, log_entries, others)
    items: list[Item] = []
    for indices in others.values():
        items += _sparing(indices)
    for name, indices in own.items():
        items += _line(log_entries, indices, changes.get(name, ()))
    return tuple(sorted(items, key=lambda item: item.indices[0]))


def _sparing(indices: Sequence[int]) -> Iterable[Item]:
    """One by one where there are few, else the first and the rest in one."""
    if len(indices) <= FEW:
        return [Item("one", (index,)) for index in indices]
    return [Item("one", (indices[0],)), Item("occurrences", tuple(indices[1:]))]


def affected(scenario: Scenario) -> Mapping[str, frozenset[str]]:
    """Return, for ``state:GATE`` and ``event:NAME``, the lines whose odds they change or whose requests they start."""
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
    scenario: Scenario, log_entries: Sequence[LogEntry], others: Mapping[str, Sequence[int]]
) -> Mapping[str, Sequence[int]]:
    """Return for each line the indices of entries that change its odds or start its requests, and are no routine."""
    lines_of = affected(scenario)
    found: dict[str, list[int]] = {line.name: [] for line in scenario.lines}
    for indices in others.values():
        if len(indices) > FEW:
            continue
        for index in indices:
            for line in lines_of.get(f"{log_entries[index].what}:{log_entries[index].name}", ()):
                found[line].append(index)
    effects = {line.name: line.on_contact for line in scenario.lines}
    for index, log_entry in enumerate(log_entries):
        effect = effects[log_entry.name] if log_entry.what == "contact" else None
        for line in effect.affects if effect else ():
            if line != log_entry.name:
                found[line].append(index)
    return {line: sorted(places) for line, places in found.items()}


def _line(log_entries: Sequence[LogEntry], indices: Sequence[int], changes: Sequence[int]) -> Iterable[Item]:
    cycles = _cycles(log_entries, indices)
    ends = Counter(_end(log_entries, cycle) for cycle in cycles)
    told: list[Item] = []
    run: list[list[int]] = []
    seen: set[str] = set()
    for cycle in cycles:
        end = _end(log_entries, cycle)
        routine = end in seen and ends[end] > FEW
        seen.add(end)
        if run and (not routine or _between(changes, run[-1][0], cycle[0])):
            told.append(_requests(run))
            run = []
        if routine:
            run.append(cycle)
        else:
            told += _cycle(log_entries, cycle, changes)
    if run:
        told.append(_requests(run))
    return told


def _requests(run: Sequence[Sequence[int]]) -> Item:
    return Item("requests", tuple(index for cycle in run for index in cycle))


def _cycles(log_entries: Sequence[LogEntry], indices: Sequence[int]) -> list[list[int]]:
    """A line's own log entries, cut where a request begins."""
    cycles: list[list[int]] = []
    for index in indices:
        if log_entries[index].what == "request" or not cycles:
            cycles.append([])
        cycles[-1].append(index)
    return cycles


def split(log_entries: Sequence[LogEntry]) -> list[list[LogEntry]]:
    """One line's log entries in order, cut where a request begins."""
    return [[log_entries[index] for index in cycle] for cycle in _cycles(log_entries, range(len(log_entries)))]


def _end(log_entries: Sequence[LogEntry], cycle: Sequence[int]) -> str:
    return end_of([log_entries[index] for index in cycle])


def _between(changes: Sequence[int], first: int, last: int) -> bool:
    return any(first < change < last for change in changes)


def _cycle(log_entries: Sequence[LogEntry], cycle: Sequence[int], changes: Sequence[int]) -> Iterable[Item]:
    """One request in full, but for what is said along and for long runs of unanswered attempts."""
    items: list[Item] = []
    run: list[int] = []
    along: list[int] = []
    merged = [index for index in cycle if log_entries[index].what == "merged"]
    spared = set(merged[1:]) if len(merged) > 2 else set()
    for place, index in enumerate(cycle):
        log_entry = log_entries[index]
        unanswered = log_entry.what == "attempt" and log_entry.detail["result"] != "answered"
        interrupts = not unanswered and log_entry.what != "merged"
        if run and (interrupts or _between(changes, run[-1], index)):
            items += _run(run)
            run = []
        if unanswered:
            run += [index]
        elif index not in spared and log_entry.what != "call ends" and not _begins_with(log_entries, cycle, place):
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


def _begins_with(log_entries: Sequence[LogEntry], cycle: Sequence[int], place: int) -> bool:
    """Whether a request begins with its first attempt, which then says so."""
    if log_entries[cycle[place]].what != "request" or place + 1 >= len(cycle):
        return False
    following = log_entries[cycle[place + 1]]
    return following.what == "attempt" and following.second == log_entries[cycle[place]].second


def _said_along(items: Sequence[Item], along: Sequence[int]) -> Iterable[Item]:
    """Each index that has no sentence of its own goes to the item before it, or to the first one."""
    found = list(items)
    for index in along:
        place = max((at for at, item in enumerate(found) if item.indices[0] < index), default=0)
        found[place] = Item(found[place].kind, (*found[place].indices, index))
    return found
