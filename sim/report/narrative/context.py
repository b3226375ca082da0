"""Context of a log entry: what the entries before and after it say of it.

A sentence may be told or left out; what it says must not depend on that. So the whole event log is read once, and every
entry gets its `Context`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.engines.contract import EventLog, LogEntry
from sim.scenario.resolved import Line, Scenario


@dataclass(frozen=True)
class Context:
    """Context of a log entry.

    firsts    of a contact: the columns that it is the first contact of, `any` before all, its own line last
    engaged   of a busy attempt: the line on which the callee is in a call, or ""
    chance    of an attempt: the probability of an answer at the attempt before on its line; None at the first
    state     of a gate: the state before; "" at the start
    contact   of an answered attempt: the second of its contact; None where it has none in the log
    """

    firsts: tuple[str, ...] = ()
    engaged: str = ""
    chance: float | None = None
    state: str = ""
    contact: int | None = None


def contexts(scenario: Scenario, event_log: EventLog) -> tuple[Context, ...]:
    """Return the context of each log entry, in order."""
    reader = _Reader(scenario, event_log)
    return tuple(map(reader.read, event_log.log_entries))


def members(scenario: Scenario) -> Mapping[str, frozenset[str]]:
    """Return the names of the lines of each column of first contacts, from the widest kind to the line itself."""
    level = {channel.name: channel.level for channel in scenario.channels}
    side = {official.name: official.side for official in scenario.officials}
    found: dict[str, set[str]] = {"any": {line.name for line in scenario.lines}}
    for kind, of in (
        ("side", lambda line: side[line.caller]),
        ("level", lambda line: level[line.channel]),
        ("channel", lambda line: line.channel),
    ):
        for line in scenario.lines:
            if of(line):
                found.setdefault(f"{kind}:{of(line)}", set()).add(line.name)
    for group, names in scenario.groups.items():
        found[f"group:{group}"] = set(names)
    for line in scenario.lines:
        found[f"line:{line.name}"] = {line.name}
    return {column: frozenset(names) for column, names in found.items()}


class _Reader:
    """State of the world while the event log is read. Call `read` once per entry, in order."""

    def __init__(self, scenario: Scenario, event_log: EventLog) -> None:
        self.lines: Mapping[str, Line] = {line.name: line for line in scenario.lines}
        self.waiting = dict(members(scenario))
        self.calls: dict[str, str] = {}
        self.chances: dict[str, float] = {}
        self.states: dict[str, str] = {}
        self.contacts = {
            (one.name, int(one.detail["attempted"])): one.second
            for one in event_log.log_entries
            if one.what == "contact"
        }

    def read(self, entry: LogEntry) -> Context:
        """Return the context of the next entry."""
        name, detail = entry.name, entry.detail
        if entry.what == "state":
            before = self.states.get(name, "")
            self.states[name] = str(detail["state"])
            return Context(state=before)
        if entry.what == "attempt":
            if detail["result"] == "busy":
                return Context(engaged=self.calls.get(self.lines[name].callee, ""))
            chance, self.chances[name] = self.chances.get(name), float(detail["probability"])
            answered = detail["result"] == "answered"
            return Context(chance=chance, contact=self.contacts.get((name, entry.second)) if answered else None)
        if entry.what == "contact":
            return self._contact(entry)
        if entry.what == "call ends":
            line = self.lines[name]
            for official in (line.caller, line.callee):
                self.calls.pop(official, None)
        return Context()

    def _contact(self, entry: LogEntry) -> Context:
        line = self.lines[entry.name]
        firsts = tuple(column for column, names in self.waiting.items() if line.name in names)
        for column in firsts:
            del self.waiting[column]
        if int(entry.detail["call"]) > 0:
            self.calls |= {line.caller: line.name, line.callee: line.name}
        return Context(firsts=firsts)
