"""What one log entry owes to those before it: which contact is a first, who keeps a callee busy, what has changed.

A sentence may be told or left out; what it says must not depend on that. So the whole history is gone through once, and
every log entry gets its `Thread`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.engines.contract import EventLog, LogEntry
from sim.scenario.resolved import Line, Scenario


@dataclass(frozen=True)
class Thread:
    """How a log entry hangs together with the history.

    firsts        of a contact: the columns that it is the first contact of, `any` before all, its own line last
    engaged       of a busy attempt: the line on which the callee is in a call, or ""
    chance        of an attempt: the probability of an answer at the attempt before on its line; None at the first
    state         of a regime: the state before; "" at the start
    """

    firsts: tuple[str, ...] = ()
    engaged: str = ""
    chance: float | None = None
    state: str = ""


NOTHING = Thread()


def threads(scenario: Scenario, event_log: EventLog) -> tuple[Thread, ...]:
    """A thread for each log entry of the history, in order."""
    weaver = _Weaver(scenario)
    return tuple(weaver.thread(log_entry) for log_entry in event_log.log_entries)


def members(scenario: Scenario) -> Mapping[str, frozenset[str]]:
    """Columns of first contacts to the names of their lines, from the widest kind to the line itself."""
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


class _Weaver:
    """The state of the world as the history goes by."""

    def __init__(self, scenario: Scenario) -> None:
        self.lines: Mapping[str, Line] = {line.name: line for line in scenario.lines}
        self.waiting = dict(members(scenario))
        self.calls: dict[str, str] = {}
        self.chances: dict[str, float] = {}
        self.states: dict[str, str] = {}

    def thread(self, log_entry: LogEntry) -> Thread:
        """What earlier log entries lend this one, which is then remembered: give each once, in their order."""
        name, detail = log_entry.name, log_entry.detail
        if log_entry.what == "state":
            before = self.states.get(name, "")
            self.states[name] = str(detail["state"])
            return Thread(state=before)
        if log_entry.what == "attempt":
            if detail["result"] == "busy":
                return Thread(engaged=self.calls.get(self.lines[name].callee, ""))
            chance, self.chances[name] = self.chances.get(name), float(detail["probability"])
            return Thread(chance=chance)
        if log_entry.what == "contact":
            return self._contact(log_entry)
        if log_entry.what == "call ends":
            line = self.lines[name]
            for official in (line.caller, line.callee):
                self.calls.pop(official, None)
        return NOTHING

    def _contact(self, log_entry: LogEntry) -> Thread:
        line = self.lines[log_entry.name]
        firsts = tuple(column for column, names in self.waiting.items() if line.name in names)
        for column in firsts:
            del self.waiting[column]
        if int(log_entry.detail["call"]) > 0:
            self.calls |= {line.caller: line.name, line.callee: line.name}
        return Thread(firsts=firsts)
