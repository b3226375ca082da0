"""The record as evidence: which entries were known by a date, and what each says of the lines.

A *silence* says that a line made no contact before a second. A *contact* lies in a window. A *count* and a *spell*
bound the attempts made in a period and how many of them were answered; a spell is open when every attempt made in it
was answered, shut when none was. A *response* says how long one answered attempt took, given that it was made then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sim.runs.errors import RunRefused
from sim.scenario.resolved import RecordEntry, Scenario
from sim.scenario.units import instant_of, instant_text

UNBOUNDED = 1 << 40
"""More attempts than can be made."""
NOT_YET = -1


@dataclass(frozen=True)
class Count:
    """Attempts made in [start, end), and how many were answered, both ranges inclusive. `all_answered`: every one."""

    entry: int
    line: int
    start: int
    end: int
    attempts: tuple[int, int]
    answered: tuple[int, int]
    all_answered: bool


@dataclass(frozen=True)
class Contact:
    """At least one contact on the line in [start, end)."""

    entry: int
    line: int
    start: int
    end: int


@dataclass(frozen=True)
class Silence:
    """No contact on the line in [0, end)."""

    entry: int
    line: int
    end: int


@dataclass(frozen=True)
class Response:
    """An answered attempt made in [start, end) took `seconds` to its contact, give or take `half_width`."""

    entry: int
    line: int
    start: int
    end: int
    seconds: float
    half_width: float


@dataclass(frozen=True)
class Evidence:
    """What was known by `as_of` (seconds from clock.start; None: everything). `entry` counts the scenario's entries."""

    contacts: tuple[Contact, ...]
    silences: tuple[Silence, ...]
    counts: tuple[Count, ...]
    responses: tuple[Response, ...]
    as_of: int | None = None

    @property
    def lines(self) -> frozenset[int]:
        """The lines that the record speaks of, responses apart."""
        contacts, silences, counts = ((c.line for c in items) for items in (self.contacts, self.silences, self.counts))
        return frozenset((*contacts, *silences, *counts))

    @property
    def ends(self) -> tuple[int, ...]:
        """Where each entry ends, responses apart."""
        ends = ([c.end for c in self.contacts], [c.end for c in self.silences], [c.end for c in self.counts])
        return tuple(end for some in ends for end in some)

    @property
    def entries(self) -> tuple[int, ...]:
        """The scenario's entries that it is made of, in rising order."""
        numbers = {c.entry for c in self.contacts} | {c.entry for c in self.silences}
        return tuple(sorted(numbers | {c.entry for c in self.counts} | {c.entry for c in self.responses}))

    def without(self, line: int) -> Evidence:
        """The same, with nothing said of a line."""
        return replace(
            self,
            contacts=tuple(c for c in self.contacts if c.line != line),
            silences=tuple(c for c in self.silences if c.line != line),
            counts=tuple(c for c in self.counts if c.line != line),
            responses=tuple(c for c in self.responses if c.line != line),
        )

    def without_entry(self, entry: int) -> Evidence:
        """The same, without one entry."""
        return replace(
            self,
            contacts=tuple(c for c in self.contacts if c.entry != entry),
            silences=tuple(c for c in self.silences if c.entry != entry),
            counts=tuple(c for c in self.counts if c.entry != entry),
            responses=tuple(c for c in self.responses if c.entry != entry),
        )

    def watching(self, until: int) -> Evidence:
        """Nothing is asked, but what falls into the periods of counts and spells is counted; up to a second."""
        free = (0, UNBOUNDED)
        counts = tuple(replace(c, attempts=free, answered=free, all_answered=False) for c in self.counts)
        return Evidence((), (), counts, (), until)

    def silent_so_far(self, second: int) -> Evidence:
        """The same, where every line whose last word is a silence is taken to be silent up to `second`: had there been
        contact in the meantime, it would have been told."""
        spoke = {c.line for c in self.contacts}
        last: dict[int, Silence] = {}
        for silence in self.silences:
            if silence.line not in spoke and silence.end >= last.get(silence.line, silence).end:
                last[silence.line] = silence
        longer = tuple(replace(s, end=max(s.end, second)) for s in last.values())
        return replace(self, silences=(*self.silences, *(s for s in longer if s.end > last[s.line].end)))


def evidence_of(scenario: Scenario, as_of: int | None = None, entries: Sequence[RecordEntry] | None = None) -> Evidence:
    """The evidence of a scenario's record, or of other `entries`: those with `known` <= `as_of`."""
    place = {line.name: at for at, line in enumerate(scenario.lines)}
    contacts: list[Contact] = []
    silences: list[Silence] = []
    counts: list[Count] = []
    responses: list[Response] = []
    for number, entry in enumerate(scenario.record if entries is None else entries):
        if as_of is not None and entry.known > as_of:
            continue
        line = place[entry.line]
        if entry.kind == "contact":
            contacts.append(Contact(number, line, entry.start, entry.end))
        elif entry.kind == "no_contact":
            silences.append(Silence(number, line, entry.end))
        elif entry.kind == "response":
            assert entry.response_seconds is not None
            width = _half_width(entry.response_seconds)
            responses.append(Response(number, line, entry.start, entry.end, entry.response_seconds, width))
        else:
            counts.append(_count(number, line, entry))
    return Evidence(tuple(contacts), tuple(silences), tuple(counts), tuple(responses), as_of)


def second_of(scenario: Scenario, date: str) -> int:
    """The end of a date's UTC day, or the instant given, in seconds from clock.start.

    Raises RunRefused where the text is no date, or lies outside the clock.
    """
    try:
        instant = instant_of(date)
    except ValueError as error:
        raise RunRefused(f"'{date}' is no date ({error}); write it like 2022-04-10") from None
    moment = instant.moment + (timedelta(days=1) if instant.whole_day else timedelta(0))
    if not scenario.start < moment <= scenario.end:
        span = f"{instant_text(scenario.start)} to {instant_text(scenario.end)}"
        raise RunRefused(f"{date} is outside the clock ({span})")
    return round((moment - scenario.start).total_seconds())


def date_of(scenario: Scenario, second: int) -> str:
    """The UTC date on which a second lies."""
    moment: datetime = scenario.start + timedelta(seconds=second)
    return moment.astimezone(UTC).date().isoformat()


def label(scenario: Scenario, entry: int) -> str:
    """An entry in words, with its place in the record."""
    one = scenario.record[entry]
    return f"record.{entry} ({one.line}: {say(scenario, one)})"


def say(scenario: Scenario, entry: RecordEntry) -> str:
    """What an entry says, in a few words."""
    first, last = date_of(scenario, entry.start), date_of(scenario, max(entry.start, entry.end - 1))
    span = first if first == last else f"{first} to {last}"
    if entry.kind == "contact":
        return f"contact {span}"
    if entry.kind == "no_contact":
        return f"no contact until {date_of(scenario, entry.end)}"
    if entry.kind == "spell":
        return f"{entry.state} {span}"
    if entry.kind == "response":
        return f"response of {entry.response_seconds:.0f} s {span}"
    assert entry.attempts is not None
    low, high = entry.attempts
    attempts = f"{low}" if low == high else f"{low} to {high}"
    if entry.all_answered:
        return f"{attempts} attempts {span}, all answered"
    if entry.answered is None:
        return f"{attempts} attempts {span}"
    low, high = entry.answered
    return f"{attempts} attempts {span}, {low if low == high else f'{low} to {high}'} answered"


def _count(number: int, line: int, entry: RecordEntry) -> Count:
    if entry.kind == "spell":
        is_open = entry.state == "open"
        return Count(number, line, entry.start, entry.end, (0, UNBOUNDED), (0, UNBOUNDED if is_open else 0), is_open)
    assert entry.attempts is not None
    answered = (0, UNBOUNDED) if entry.all_answered or entry.answered is None else entry.answered
    return Count(number, line, entry.start, entry.end, entry.attempts, answered, entry.all_answered)


def _half_width(seconds: float) -> float:
    """Half of the unit in which a response was timed: a minute where it is a whole number of them, else a second."""
    return 30.0 if seconds >= 60.0 and seconds % 60.0 == 0.0 else 0.5
