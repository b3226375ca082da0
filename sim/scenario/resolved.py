"""The resolved scenario: every default, reference and unit is explicit.

Times are whole seconds since ``clock.start``; durations are seconds (float, not yet rounded). Names that a person may
write in `affects` (channels, officials, sides) have become the lines they stand for, in order of declaration.
Everything is frozen: a what-if makes a new scenario. A field with a default holds it where the file has not the key;
the hash of a scenario leaves it out then, so that a field that is added later changes no hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True)
class Uncertain:
    """A number that is not known: its value is drawn from the prior of that path, once per block of replications."""

    path: str


Number = float | Uncertain


@dataclass(frozen=True)
class Distribution:
    """A duration (or, in a prior, a plain number) as it was written, in seconds.

    `given` holds the parameters in the order written, e.g. ``{"median": 21600.0, "p90": 172800.0}``; a bare duration is
    ``Distribution("fixed", {"value": seconds})``. `sample` is the list of an `empirical`; `scipy` the name of a scipy
    family, whose shape parameters, `loc` and `scale` are in `given`.
    `sim.rules.distributions.canonical` solves for the family's own parameters.
    """

    family: str
    given: Mapping[str, Number] = field(default_factory=dict)
    sample: tuple[float, ...] = ()
    scipy: str = ""


NO_TIME = Distribution("fixed", {"value": 0.0})


@dataclass(frozen=True)
class UncertainNumber:
    """A number with a prior. `path` is ``parameters.NAME`` or the dotted place in the file; it names the random stream
    and the column ``param:PATH``. `unit` is ``"s"`` for a duration and ``""`` for a plain number."""

    path: str
    prior: Distribution
    unit: str


@dataclass(frozen=True)
class Side:
    """A party. `timezone`: the IANA name, in which its officials' duty is told."""

    name: str
    title: str
    timezone: str


@dataclass(frozen=True)
class DutyWindow:
    """`days`: weekdays on which the window starts, Monday 0. Minutes after local midnight; `end` may exceed 1440 (the
    window runs past midnight). The first minute is included, the last excluded."""

    days: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Official:
    """`duty` is None for one who is always on duty. `timezone` is "" for one who works in the side's zone."""

    name: str
    side: str
    title: str
    office: str = ""
    duty: tuple[DutyWindow, ...] | None = None
    holidays: tuple[date, ...] = ()
    timezone: str = ""


@dataclass(frozen=True)
class Channel:
    """Open on [opens, closes) except in the outages, each [from, to). Seconds since clock.start, possibly outside the
    clock; None: from ever, for ever. `level` is "" where none is given."""

    name: str
    title: str
    level: str = ""
    opens: int | None = None
    closes: int | None = None
    outages: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Effect:
    """Adds ln(odds_factor) to the log-odds of the lines in `affects`. At most one of `lasts` and `half_life` is set."""

    affects: tuple[str, ...]
    odds_factor: Number
    lasts: Number | None = None
    half_life: Number | None = None


@dataclass(frozen=True)
class State:
    """A state of a regime; absorbing where `lasts` is None."""

    name: str
    lasts: Distribution | None = None
    odds_factor: Number = 1.0


@dataclass(frozen=True)
class Regime:
    """`initially`: the probability of each state at clock.start, by state name, summing to 1."""

    name: str
    title: str
    affects: tuple[str, ...]
    initially: Mapping[str, float]
    states: tuple[State, ...]


@dataclass(frozen=True)
class When:
    """A date (seconds since clock.start), and a random time after it."""

    second: int
    plus: Distribution | None = None


@dataclass(frozen=True)
class Event:
    """Happens `at` the listed times, or `every` interval, the first one after `starts`. `switches`: gate, state."""

    name: str
    title: str
    at: tuple[When, ...] = ()
    every: Distribution | None = None
    starts: int = 0
    effect: Effect | None = None
    switches: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class After:
    """The count-th log entry of a kind since clock.start. `kind`: event, contact, unanswered or gave_up; `name` as
    written; `lines`: the lines that count (empty for an event)."""

    kind: str
    name: str
    lines: tuple[str, ...]
    count: int = 1


@dataclass(frozen=True)
class Starts:
    """When the first request begins: at `second`, or after `after`; plus `wait`."""

    second: int = 0
    after: After | None = None
    wait: Distribution | None = None


@dataclass(frozen=True)
class Trigger:
    """What opens a request of a triggered line: `kind` is ``event`` or ``gave_up``; `name` the event or the line."""

    kind: str
    name: str


@dataclass(frozen=True)
class Line:
    """One caller trying one callee over one channel.

    `starts` is None for a triggered line, `trigger` for all others. `until_horizon`: a new request follows each call.
    `until_contact`: the lines whose contact also ends a request of this one; `until_name` as written, "" if none.
    `unanswered`: reason to share, summing to 1. `delay_counts`: duty, the callee's seconds on duty, or calendar, all.
    """

    name: str
    title: str
    caller: str
    callee: str
    channel: str
    every: Distribution
    answer: Number
    trigger: Trigger | None = None
    starts: Starts | None = field(default_factory=Starts)
    until_horizon: bool = False
    until_contact: tuple[str, ...] = ()
    until_name: str = ""
    give_up: Number | None = None
    attempts: int | None = None
    delay: Distribution = NO_TIME
    delay_counts: str = "duty"
    call: Distribution = NO_TIME
    unanswered: Mapping[str, float] = field(default_factory=lambda: {"no reply": 1.0})
    on_unanswered: Effect | None = None
    on_contact: Effect | None = None


@dataclass(frozen=True)
class Provenance:
    """Where a number comes from. `path` dotted; `value` as text, in the units of the resolved file; `basis` None where
    none is given. Defaults that were left as they are have no entry."""

    path: str
    value: str
    basis: str | None = None
    source: str | None = None
    why: str | None = None


@dataclass(frozen=True)
class RecordEntry:
    """What is known to have happened. `kind`: contact, no_contact, count, spell or response.

    contact: somewhere in [start, end). no_contact: none in [0, end). count: `attempts` and `answered` (inclusive
    ranges; `answered` None where not known; `all_answered`: every one of them was) in [start, end). spell: the line was
    `state` (open or shut) over [start, end). response: `response_seconds` observed for an attempt made in [start, end).
    `known`: second from which this was known (the end of the entry's own day unless given).
    """

    kind: str
    line: str
    start: int
    end: int
    known: int
    attempts: tuple[int, int] | None = None
    answered: tuple[int, int] | None = None
    all_answered: bool = False
    state: str = ""
    response_seconds: float | None = None
    source: str = ""
    why: str = ""


@dataclass(frozen=True)
class Source:
    """What a number or an entry of the record rests on; what is not known is empty."""

    name: str
    title: str = ""
    date: str = ""
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class PosteriorDraws:
    """The table that replaces the priors: the draws of each uncertain number by its path, in seconds where it is a
    duration, all equally long; draw i of one belongs to draw i of the others. `sets` and `weights`, where the table has
    them: the independent set in which each draw was made, and how much it counts. `sha256`: of these numbers."""

    sha256: str
    columns: Mapping[str, tuple[float, ...]]
    sets: tuple[int, ...] | None = None
    weights: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Scenario:
    """The whole resolved scenario. Tuples are in order of declaration, which breaks ties (docs: semantics, order)."""

    title: str
    description: str
    start: datetime
    end: datetime
    sides: tuple[Side, ...]
    officials: tuple[Official, ...]
    channels: tuple[Channel, ...]
    lines: tuple[Line, ...]
    regimes: tuple[Regime, ...] = ()
    events: tuple[Event, ...] = ()
    uncertain: tuple[UncertainNumber, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    record: tuple[RecordEntry, ...] = ()
    sources: tuple[Source, ...] = ()
    provenance: tuple[Provenance, ...] = ()
    posterior: str | None = None
    draws: PosteriorDraws | None = field(default=None, compare=False)
    warnings: tuple[str, ...] = field(default=(), compare=False)

    def zone_of(self, official: Official) -> str:
        """The IANA name of the zone in which an official works."""
        return official.timezone or next(side.timezone for side in self.sides if side.name == official.side)

    @property
    def horizon(self) -> int:
        """Seconds from clock.start to clock.end; nothing at or after it happens."""
        return round((self.end - self.start).total_seconds())
