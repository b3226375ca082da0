"""Outcomes of a replication by line, and the whole of it in a few sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sim.engines.contract import LogEntry
from sim.report.format import day, day_and_clock, duration, listing, plain, several
from sim.report.labels import kind_of, name_of
from sim.report.narrative.context import members
from sim.scenario.resolved import Scenario


@dataclass(frozen=True)
class Ending:
    """What became of one line.

    first_contact  second since clock.start, or None
    results        attempts by result: ``answered``, ``busy`` or a reason
    gave_up, superseded, merged  as in `sim.engines.contract.LogEntry`
    pending        whether an answered attempt was waiting for its contact when the clock ended
    """

    line: str
    first_contact: int | None
    contacts: int
    results: Mapping[str, int]
    gave_up: int
    superseded: int
    merged: int
    pending: bool

    @property
    def attempts(self) -> int:
        """Attempts made, answered or not."""
        return sum(self.results.values())


def endings(scenario: Scenario, log_entries: Sequence[LogEntry]) -> tuple[Ending, ...]:
    """One for each line, in order of declaration."""
    by_line: dict[str, list[LogEntry]] = {line.name: [] for line in scenario.lines}
    for log_entry in log_entries:
        if log_entry.what not in ("state", "event"):
            by_line[log_entry.name].append(log_entry)
    return tuple(_ending(name, own) for name, own in by_line.items())


def _ending(name: str, own: Sequence[LogEntry]) -> Ending:
    kinds = Counter(one.what for one in own)
    results = Counter(str(one.detail["result"]) for one in own if one.what == "attempt")
    contacts = [one for one in own if one.what == "contact"]
    return Ending(
        name,
        contacts[0].second if contacts else None,
        len(contacts),
        dict(results.most_common()),
        kinds["gave up"],
        kinds["superseded"],
        kinds["merged"],
        _pending(own),
    )


def _pending(own: Sequence[LogEntry]) -> bool:
    deciding = [one for one in own if one.what in ("attempt", "contact", "superseded")]
    last = deciding[-1] if deciding else None
    return last is not None and last.what == "attempt" and last.detail["result"] == "answered"


def ending_in_words(ending: Ending, start: datetime) -> str:
    """``first contact 1 Mar 2022 00:00 UTC, after 5 d; 2 attempts (declined 1, answered 1)``."""
    made = ending.attempts
    tries = several(made, "attempt") if made else "never tried"
    if made:
        tries += f" ({', '.join(f'{plain(result)} {some}' for result, some in ending.results.items())})"
    if ending.first_contact is None:
        words = "no contact"
    else:
        more = f", {several(ending.contacts, 'contact')} in all" if ending.contacts > 1 else ""
        moment = day_and_clock(start + timedelta(seconds=ending.first_contact))
        words = f"first contact {moment} UTC, after {duration(ending.first_contact)}{more}"
    extras = [
        f"{what} {several(some, 'time')}"
        for what, some in (
            ("gave up", ending.gave_up),
            ("no longer needed", ending.superseded),
            ("merged", ending.merged),
        )
        if some
    ]
    pending = ["an answered attempt was pending at the end"] if ending.pending else []
    return "; ".join([words, tries, *extras, *pending])


def in_short(scenario: Scenario, found: Sequence[Ending]) -> tuple[str, ...]:
    """The first contact of all, the first of each other level, and the lines that had none."""
    sentences: list[str] = []
    earliest = None
    for column, names in members(scenario).items():
        kind, name = kind_of(column), name_of(column)
        reached = [ending for ending in found if ending.line in names and ending.first_contact is not None]
        if kind not in ("any", "level") or not reached:
            continue
        first = min(reached, key=lambda ending: ending.first_contact or 0)
        if first is earliest:
            continue
        earliest = earliest or first
        what = "The first contact" if kind == "any" else f"The first at {plain(name)} level"
        assert first.first_contact is not None
        moment = scenario.start + timedelta(seconds=first.first_contact)
        when = f"{day(moment)} {moment:%H:%M}, after {duration(first.first_contact)}"
        sentences.append(f"{what} came on {when}, on {first.line}.")
    silent = [ending.line for ending in found if ending.first_contact is None and ending.attempts]
    untried = [ending.line for ending in found if not ending.attempts]
    if not sentences:
        sentences.append("There was no contact.")
    elif silent:
        sentences.append(f"No contact on {listing(silent[:6])}{_more(silent[6:])}.")
    if untried:
        sentences.append(f"Never tried: {listing(untried[:6])}{_more(untried[6:])}.")
    return tuple(sentences)


def _more(rest: Sequence[str]) -> str:
    return f" and {several(len(rest), 'further line')}" if rest else ""
