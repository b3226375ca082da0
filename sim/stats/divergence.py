"""Divergence of a variant from the base in one replication: the first log entry that differs, and its cause.

Numbers that are drawn are the same in both, so what differs differs for a reason. A log entry is the same if it comes
at the same second, on the same line, regime or event, with the same outcome; the probability of an answer may differ
as long as the answer does not.

A first contact that moved is explained by its own component of the dependency graph: by the line that has the earlier
one of the two contacts, and the lines, regimes and events that can change what happens on it. What differs elsewhere
did not move it.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.engines.contract import EventLog, LogEntry
from sim.scenario.dependencies import components
from sim.scenario.program import Program

Key = tuple[object, ...]

KINDS = ("state", "gave up", "event", "call ends", "superseded", "contact")
"""Of one second, these come first, in this order, as in the event list."""

CAUSES = (
    "added",
    "removed",
    "opened",
    "closed",
    "answered",
    "unanswered",
    "reason",
    "tried sooner",
    "tried later",
    "tried",
    "not tried",
    "contact sooner",
    "contact later",
    "contact",
    "no contact",
    "begun sooner",
    "begun later",
    "request",
    "regime",
    "event",
    "counted",
    "other",
)
"""
added, removed                 something on a line that only the variant, only the base has
opened, closed                 an attempt where only the variant, only the base lets the caller make one: its channel is
                               open and the caller on duty
answered, unanswered           the same attempt, whose draw falls under the answer probability in one of them only
reason                         the same attempt, unanswered for another reason
tried sooner, tried later      the same attempt of the line, made at another time in the variant
tried, not tried               an attempt that the other never makes
contact sooner, contact later  the same answered attempt, whose contact comes at another time in the variant
contact, no contact            a contact that the other never has
begun sooner, begun later      the same request of the line, begun at another time in the variant
request                         a request that only one of them has, or that ends or is joined otherwise
regime, event                  a regime switches, an event happens: otherwise, or at another time
counted                        nothing happens otherwise, but a group, channel, level or side has other lines
"""


@dataclass(frozen=True)
class Divergence:
    """The first difference of two event logs.

    second  of it, since clock.start
    cause   one of CAUSES
    name    the line, regime or event
    base    what happens then in the base, if anything different does; likewise `variant`
    """

    second: int
    cause: str
    name: str
    base: LogEntry | None
    variant: LogEntry | None


def deciding_line(
    firsts: tuple[Mapping[str, int], Mapping[str, int]], members: tuple[Collection[str], Collection[str]]
) -> str | None:
    """The line that has the earlier one of the first contacts of base and variant; None where they are at one second.

    firsts   by line: the seconds of first contacts in base and variant; lines without contact are left out
    members  lines of the column whose first contact is explained, in base and variant

    Of several lines at one second the first by name decides.
    """
    never = (sys.maxsize, "")
    ours, its = (
        min(((first[name], name) for name in of if name in first), default=never)
        for first, of in zip(firsts, members, strict=True)
    )
    return None if ours[0] == its[0] else min(ours, its)[1]


def related_lines(programs: tuple[Program, Program], line: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The lines of base and variant, rising, that can change what happens on a line in either of them, it included.

    Whole components of both dependency graphs. Empty for a program that has none of these lines.
    """
    graphs = [[[program.lines[at] for at in part] for part in components(program)] for program in programs]
    names, before = {line}, set[str]()
    while names != before:
        before = set(names)
        names |= {name for graph in graphs for part in graph if names.intersection(part) for name in part}
    ours, its = (tuple(at for at, name in enumerate(program.lines) if name in names) for program in programs)
    return ours, its


def key_of(log_entry: LogEntry) -> Key:
    """What makes a log entry the same in two event logs."""
    detail = log_entry.detail
    if log_entry.what == "attempt":
        entry: Key = (detail["attempt"], detail["result"])
    else:
        entry = tuple(detail.get(name) for name in ("state", "until", "count", "attempted", "call", "by"))
    return (log_entry.second, log_entry.what, log_entry.name, *entry)


def first_divergence(base: EventLog, variant: EventLog, programs: tuple[Program, Program]) -> Divergence | None:
    """The first difference of the same replication of two scenarios; None where there is none.

    programs  of base and variant

    Regimes and events that only one of the two has are the change itself, and not its first consequence: they count
    where nothing else differs.
    """
    shared = _shared(base.log_entries, programs), _shared(variant.log_entries, programs)
    return _divergence(shared, programs) or _divergence((base.log_entries, variant.log_entries), programs)


def _shared(log_entries: Sequence[LogEntry], programs: tuple[Program, Program]) -> Sequence[LogEntry]:
    regimes = set(programs[0].regimes.names) ^ set(programs[1].regimes.names)
    events = set(programs[0].events.names) ^ set(programs[1].events.names)
    if not regimes and not events:
        return log_entries
    alone = {("state", name) for name in regimes} | {("event", name) for name in events}
    return [one for one in log_entries if (one.what, one.name) not in alone]


def _divergence(
    event_logs: tuple[Sequence[LogEntry], Sequence[LogEntry]], programs: tuple[Program, Program]
) -> Divergence | None:
    ours, its = event_logs
    at = next((i for i, (a, b) in enumerate(zip(ours, its, strict=False)) if key_of(a) != key_of(b)), None)
    if at is None:
        if len(ours) == len(its):
            return None
        at = min(len(ours), len(its))
    first = ours[at] if at < len(ours) else None
    second = its[at] if at < len(its) else None
    if (
        first is not None
        and second is not None
        and (first.second, first.what, first.name)
        != (
            second.second,
            second.what,
            second.name,
        )
    ):
        # What comes first is the difference: the other event log has nothing then, or has it later.
        first, second = (first, None) if _base_first(first, second, its, at) else (None, second)
    entry = first if second is None else second
    assert entry is not None
    return Divergence(entry.second, _cause(first, second, (ours, its), programs), entry.name, first, second)


def _base_first(base: LogEntry, variant: LogEntry, its: Sequence[LogEntry], at: int) -> bool:
    """Whether what the base has is the difference, and not what the variant has instead."""
    if base.second != variant.second:
        return base.second < variant.second
    if _has(its, at, base):
        return False
    places = [KINDS.index(one.what) if one.what in KINDS else len(KINDS) for one in (base, variant)]
    return places[0] <= places[1]


def _has(log_entries: Sequence[LogEntry], start: int, wanted: LogEntry) -> bool:
    """Whether the same comes at the same second, a little further on."""
    for one in log_entries[start:]:
        if one.second > wanted.second:
            return False
        if key_of(one) == key_of(wanted):
            return True
    return False


def _cause(
    base: LogEntry | None,
    variant: LogEntry | None,
    event_logs: tuple[Sequence[LogEntry], Sequence[LogEntry]],
    programs: tuple[Program, Program],
) -> str:
    entry = base if variant is None else variant
    assert entry is not None
    if entry.what in ("state", "event"):
        return "regime" if entry.what == "state" else "event"
    lacking = [entry.name not in program.lines for program in programs]
    if any(lacking):
        return "added" if lacking[0] else "removed"
    if entry.what == "attempt":
        return _of_attempt(base, variant, entry, event_logs, programs)
    if entry.what == "contact":
        return _of_contact(base, variant, entry, event_logs)
    return _of_request(base, entry, event_logs)


def _of_attempt(
    base: LogEntry | None,
    variant: LogEntry | None,
    entry: LogEntry,
    event_logs: tuple[Sequence[LogEntry], Sequence[LogEntry]],
    programs: tuple[Program, Program],
) -> str:
    if base is not None and variant is not None:
        results = (base.detail["result"], variant.detail["result"])
        if "answered" in results:
            return "answered" if results[1] == "answered" else "unanswered"
        return "reason" if results[0] != results[1] else "tried sooner"
    other = 0 if base is None else 1
    if not _may_attempt(programs[other], entry.name, entry.second):
        return "closed" if other else "opened"
    twin = next((h for h in event_logs[other] if _is_attempt(h, entry.name, entry.detail["attempt"])), None)
    if twin is None:
        return "not tried" if other else "tried"
    return "tried later" if other else "tried sooner"


def _of_contact(
    base: LogEntry | None,
    variant: LogEntry | None,
    entry: LogEntry,
    event_logs: tuple[Sequence[LogEntry], Sequence[LogEntry]],
) -> str:
    if base is not None and variant is not None:
        return "other"
    other = 0 if base is None else 1
    attempted = entry.detail["attempted"]
    later = any(
        h.what == "contact" and h.name == entry.name and h.detail["attempted"] == attempted for h in event_logs[other]
    )
    if not later:
        return "no contact" if other else "contact"
    return "contact later" if other else "contact sooner"


def _of_request(
    base: LogEntry | None, entry: LogEntry, event_logs: tuple[Sequence[LogEntry], Sequence[LogEntry]]
) -> str:
    if entry.what not in ("request", "merged", "gave up", "superseded"):
        return "other"
    other = 0 if base is None else 1
    same = (entry.what, entry.name, entry.detail.get("count"))
    if entry.what == "request" and any((h.what, h.name, h.detail.get("count")) == same for h in event_logs[other]):
        return "begun later" if other else "begun sooner"
    return "request"


def _is_attempt(log_entry: LogEntry, line: str, index: object) -> bool:
    return log_entry.what == "attempt" and log_entry.name == line and log_entry.detail["attempt"] == index


def _may_attempt(program: Program, line: str, second: int) -> bool:
    windows = program.calendars[int(program.line.may_attempt[program.lines.index(line)])]
    at = int(np.searchsorted(windows.starts, second, side="right")) - 1
    return at >= 0 and second < int(windows.ends[at])


def count_causes(divergences: Sequence[Divergence]) -> Mapping[tuple[str, str], int]:
    """How often each (cause, name) comes first, the most frequent first; ties in order of CAUSES, then of name."""
    counts: dict[tuple[str, str], int] = {}
    for one in divergences:
        counts[one.cause, one.name] = counts.get((one.cause, one.name), 0) + 1
    order = sorted(counts, key=lambda key: (-counts[key], CAUSES.index(key[0]), key[1]))
    return {key: counts[key] for key in order}
