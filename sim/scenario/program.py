"""The scenario as an engine sees it: integer codes, calendars, and one vector of numbers.

Every number that a replication needs has a slot in one vector, as the scenario has it: the probability of an answer, an
odds factor, the parameters of a distribution, a window in seconds. Engines take the vector from `Program.values_for`,
with log-odds and logarithms where they add them; slots that depend on an uncertain number are filled anew for each
block of replications.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from sim.rules.arithmetic import log, logit
from sim.rules.distributions import Canonical, canonical
from sim.rules.random import Purpose, Stream, stream_of, uniforms
from sim.scenario.errors import did_you_mean, quoted
from sim.scenario.resolved import Distribution, Line, Scenario, Uncertain

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NONE = -1
"""No official, line, event, distribution or slot."""

BUSY = "busy"


class Decay(IntEnum):
    """How long an occurrence of an effect counts."""

    PERMANENT = 0
    LASTS = 1
    HALF_LIFE = 2


class Start(IntEnum):
    """What opens the first request of a line."""

    AT = 0
    AFTER_EVENT = 1
    AFTER_CONTACT = 2
    AFTER_UNANSWERED = 3
    AFTER_GAVE_UP = 4
    ON_EVENT = 5
    """A triggered line: a request for every occurrence of an event."""
    ON_GAVE_UP = 6
    """A triggered line: a request a second after each time that another line gives up."""


@dataclass(frozen=True)
class Column:
    """A column of first-contact times: the earliest contact over its members.

    `kind`: line, group, channel, level, side (of the caller) or any. `name`: as declared; "" for any. `members`:
    indices of lines, in order of declaration.
    """

    kind: str
    name: str = ""
    members: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """The column's name in files: ``line:hotline``, or ``any``."""
        return f"{self.kind}:{self.name}" if self.name else self.kind

    @classmethod
    def parse(cls, key: str) -> Column:
        """The column of a key, without its members."""
        kind, _, name = key.partition(":")
        return cls(kind, name)


class ColumnError(ValueError):
    """What was typed names no column, or several; the text says so, with the nearest name."""


def columns_of(scenario: Scenario) -> tuple[Column, ...]:
    """The columns of a scenario: lines, groups, channels, levels, sides, each in order of declaration, and any."""
    lines = scenario.lines
    level = {channel.name: channel.level for channel in scenario.channels}
    side = {official.name: official.side for official in scenario.officials}

    def holding(kind: str, name: str, of_line: Callable[[Line], str]) -> Column:
        return Column(kind, name, tuple(at for at, line in enumerate(lines) if of_line(line) == name))

    place = {line.name: at for at, line in enumerate(lines)}
    return (
        *(Column("line", line.name, (at,)) for at, line in enumerate(lines)),
        *(Column("group", name, tuple(place[one] for one in members)) for name, members in scenario.groups.items()),
        *(holding("channel", one.name, lambda line: line.channel) for one in scenario.channels),
        *(holding("level", name, lambda line: level[line.channel]) for name in dict.fromkeys(level.values()) if name),
        *(holding("side", one.name, lambda line: side[line.caller]) for one in scenario.sides),
        Column("any", "", tuple(range(len(lines)))),
    )


def find_column(typed: str, columns: Sequence[Column]) -> Column:
    """The column with this key, or the only one with this name. Raises ColumnError."""
    alike = [one for one in columns if one.key == typed] or [one for one in columns if one.name and one.name == typed]
    if len(alike) == 1:
        return alike[0]
    if alike:
        keys = " or ".join(one.key for one in alike)
        raise ColumnError(f"{quoted(typed)} may mean {keys}; give it with its kind")
    known = [one.key for one in columns] + [one.name for one in columns if one.name]
    raise ColumnError(f"{quoted(typed)} is no line, group, channel, level or side{did_you_mean(typed, known)}")


@dataclass(frozen=True)
class Windows:
    """A calendar as two sorted arrays: [starts, ends) in seconds, disjoint, cut to [0, horizon)."""

    starts: Ints
    ends: Ints


@dataclass(frozen=True)
class Distributions:
    """`family` (n,): codes of `quantile_tables`. `slot` (n,): the first of three slots. `tables`: one array each,
    empty where the family has none. `error` (n,): of the table, in logit u."""

    family: Ints
    slot: Ints
    tables: tuple[Floats, ...]
    error: Floats


@dataclass(frozen=True)
class Effects:
    """Effects of events and lines, in the order in which their terms are added: by event, then by line, the effect of
    an unanswered attempt before that of a contact. `decay` (n,), `log_factor` and `window` (n,): slots (NONE for a
    permanent one's window)."""

    decay: Ints
    log_factor: Ints
    window: Ints


@dataclass(frozen=True)
class Regimes:
    """`names`; `states`: names by regime; `sojourn`: distribution of each state (NONE: absorbing); `log_factor`:
    slot of
    each state; `initially`: cumulative probabilities of the states."""

    names: tuple[str, ...]
    states: tuple[tuple[str, ...], ...]
    sojourn: tuple[tuple[int, ...], ...]
    log_factor: tuple[tuple[int, ...], ...]
    initially: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Events:
    """`at`: (second, distribution to add or NONE) of each dated occurrence; `every`: distribution or NONE, from
    `starts` on; `effect`: index or NONE; `switches`: (regime, state) pairs."""

    names: tuple[str, ...]
    at: tuple[tuple[tuple[int, int], ...], ...]
    every: Ints
    starts: Ints
    effect: Ints
    switches: tuple[tuple[tuple[int, int], ...], ...]


@dataclass(frozen=True)
class Lines:
    """One entry a line.

    caller, callee          officials
    may_attempt             calendar: the channel is open and the caller on duty
    on_duty                 calendar of the seconds that the delay counts: those of the callee's duty, or all
    may_contact             calendar: the callee is on duty and the channel is open
    start                   what opens the first request; start_second, start_count, start_event and start_lines with it
    wait                    distribution added to the start, or NONE
    every, delay, call      distributions
    answer                  slot of the probability of an answer
    give_up                 slot of seconds, or NONE
    attempts                most attempts in a request, 0 for no limit
    until_lines             lines whose contact ends a request too
    reasons, shares         indices into Program.reasons, and their cumulative shares
    regimes, effects        what affects the answer, in the order in which the terms are added
    on_unanswered           effect or NONE; on_contact likewise
    """

    caller: Ints
    callee: Ints
    may_attempt: Ints
    on_duty: Ints
    may_contact: Ints
    start: Ints
    start_second: Ints
    start_count: Ints
    start_event: Ints
    start_lines: tuple[tuple[int, ...], ...]
    wait: Ints
    every: Ints
    delay: Ints
    call: Ints
    answer: Ints
    give_up: Ints
    attempts: Ints
    until_horizon: NDArray[np.bool_]
    until_lines: tuple[tuple[int, ...], ...]
    reasons: tuple[tuple[int, ...], ...]
    shares: tuple[tuple[float, ...], ...]
    regimes: tuple[tuple[int, ...], ...]
    effects: tuple[tuple[int, ...], ...]
    on_unanswered: Ints
    on_contact: Ints

    def waiting_for_event(self, start: Start, events: int) -> list[list[int]]:
        """By event, the lines whose requests it opens in this way."""
        by_event: list[list[int]] = [[] for _ in range(events)]
        for at, (how, event) in enumerate(zip(self.start.tolist(), self.start_event.tolist(), strict=True)):
            if how == start:
                by_event[event].append(at)
        return by_event

    def waiting_for_line(self, start: Start) -> list[list[int]]:
        """By line, the lines whose requests something on it opens in this way."""
        by_line: list[list[int]] = [[] for _ in self.start_lines]
        for at, how in enumerate(self.start.tolist()):
            if how == start:
                for source in self.start_lines[at]:
                    by_line[source].append(at)
        return by_line

    def superseded(self) -> list[list[int]]:
        """By line, the other lines a request of which its contact ends."""
        by_line: list[list[int]] = [[] for _ in self.until_lines]
        for at, sources in enumerate(self.until_lines):
            for source in sources:
                if source != at:
                    by_line[source].append(at)
        return by_line


@dataclass(frozen=True)
class Derived:
    """Slots that depend on uncertain numbers: `kind` is ``number``, ``logit``, ``log`` or ``distribution``."""

    slot: int
    kind: str
    number: float | Uncertain | None = None
    distribution: Distribution | None = None

    def fill(self, values: list[float], drawn: dict[str, float]) -> None:
        """Write the slots for one draw of the uncertain numbers."""
        if self.distribution is not None:
            solved = solve(self.distribution, drawn)
            values[self.slot : self.slot + 3] = (solved.a, solved.b, solved.c)
            return
        assert self.number is not None
        values[self.slot] = logarithm(self.kind, known(self.number, drawn))


@dataclass(frozen=True, eq=False)
class Program:
    """The compiled scenario. Arrays are read-only by custom; engines and workers share them. Equal to itself only.

    `horizon` in seconds. `block`: replications that share one draw of the uncertain numbers (replication r is in block
    r // block). `posterior`: a table of draws, (rows, uncertain), in the place of the priors; `posterior_sets` and
    `posterior_weights`: of its rows, where the table has them (see PosteriorDraws). `reasons`: of all lines;
    the last one is `busy`. `columns`: of first-contact times, see Column.
    """

    title: str
    sha256: str
    start: datetime
    horizon: int
    block: int
    lines: tuple[str, ...]
    channels: tuple[str, ...]
    sides: tuple[str, ...]
    groups: tuple[str, ...]
    levels: tuple[str, ...]
    officials: tuple[str, ...]
    line_channel: Ints
    line_side: Ints
    triggered: NDArray[np.bool_]
    reasons: tuple[str, ...]
    uncertain: tuple[str, ...]
    priors: tuple[Canonical, ...]
    posterior: Floats | None
    columns: tuple[Column, ...]
    values: Floats
    derived: tuple[Derived, ...]
    logarithms: tuple[tuple[int, str], ...]
    calendars: tuple[Windows, ...]
    distributions: Distributions
    effects: Effects
    regimes: Regimes
    events: Events
    line: Lines
    posterior_sets: tuple[int, ...] | None = None
    posterior_weights: tuple[float, ...] | None = None

    def known_values(self) -> list[float]:
        """The vector of numbers as engines take it: log-odds in the place of probabilities, logarithms in that of odds
        factors; NaN where a number is uncertain."""
        values: list[float] = self.values.tolist()
        for slot, kind in self.logarithms:
            values[slot] = logarithm(kind, values[slot])
        return values

    def values_for(self, drawn: Sequence[float]) -> list[float]:
        """`known_values` with the uncertain numbers, given in the order of `uncertain`."""
        values = self.known_values()
        if self.derived:
            by_path = dict(zip(self.uncertain, drawn, strict=True))
            for item in self.derived:
                item.fill(values, by_path)
        return values

    def draw_parameters(self, seed: int, blocks: range) -> Floats:
        """The uncertain numbers of a range of blocks, shape (blocks, uncertain): each drawn from its prior or, where
        there is a table of posterior draws, all from one row of it, drawn by its weight."""
        if self.posterior is not None:
            interval, _ = uniforms(seed, stream_of("posterior", ""), blocks, range(1), Purpose.INTERVAL // 2)
            rows = self._rows_at(interval[:, 0])
            return np.ascontiguousarray(self.posterior[rows])
        drawn = np.empty((len(blocks), len(self.uncertain)))
        for at, (path, prior) in enumerate(zip(self.uncertain, self.priors, strict=True)):
            stream = Stream(seed, "parameter", path, blocks)
            drawn[:, at] = [prior.quantile(stream.draw(block, Purpose.INTERVAL, 0)) for block in blocks]
        return drawn

    def _rows_at(self, uniforms_: Floats) -> Ints:
        """The rows of the table at these shares of its weight, in (0, 1)."""
        assert self.posterior is not None
        if self.posterior_weights is None:
            return (uniforms_ * len(self.posterior)).astype(np.int64)
        reached = np.cumsum(np.array(self.posterior_weights))
        rows: Ints = np.searchsorted(reached, uniforms_ * reached[-1], side="right").astype(np.int64)
        return rows

    def blocks_of(self, replications: range) -> range:
        """The blocks that a range of replications touches."""
        if not replications:
            return range(0)
        return range(replications.start // self.block, (replications.stop - 1) // self.block + 1)


def logarithm(kind: str, number: float) -> float:
    """The log-odds of a probability (``logit``), the logarithm of an odds factor (``log``), or the number itself."""
    return logit(number) if kind == "logit" else log(number) if kind == "log" else number


def known(number: float | Uncertain, drawn: dict[str, float]) -> float:
    """A number's value, given a draw of the uncertain ones."""
    return drawn[number.path] if isinstance(number, Uncertain) else number


def solve(distribution: Distribution, drawn: dict[str, float]) -> Canonical:
    """The family's own parameters, given a draw of the uncertain numbers."""
    given = {name: known(number, drawn) for name, number in distribution.given.items()}
    return canonical(distribution.family, given, distribution.sample, distribution.scipy)
