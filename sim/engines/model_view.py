"""Read view of the program for the reference engine: plain objects and lists, made once for all replications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.rules import quantile_tables
from sim.rules.calendar import first_open, served
from sim.scenario.program import NONE, Program, Start


@dataclass(frozen=True, slots=True)
class Calendar:
    """Windows of seconds, [start, end) each."""

    starts: list[int]
    ends: list[int]
    horizon: int

    def first_open(self, second: int) -> int:
        """The first second from this one on that lies in a window; the horizon if there is none."""
        return first_open(self.starts, self.ends, second, self.horizon)

    def served(self, second: int, duration: int) -> int:
        """The first second by which the windows have covered `duration` seconds since `second`."""
        return served(self.starts, self.ends, second, duration, self.horizon)


@dataclass(frozen=True, slots=True)
class SlottedDistribution:
    """A distribution whose parameters stand in three slots of the values."""

    family: int
    slot: int
    table: list[float]

    def quantile(self, values: Sequence[float], u: float) -> float:
        """The u-quantile under the numbers of this block."""
        at = self.slot
        return quantile_tables.quantile(self.family, values[at], values[at + 1], values[at + 2], self.table, u)


@dataclass(frozen=True, slots=True)
class LineModel:
    """The model of a line. See sim.scenario.program.Lines."""

    order: int
    name: str
    caller: int
    callee: int
    may_attempt: Calendar
    on_duty: Calendar
    may_contact: Calendar
    start: Start
    start_second: int
    start_count: int
    wait: SlottedDistribution | None
    every: SlottedDistribution
    delay: SlottedDistribution
    call: SlottedDistribution
    answer: int
    give_up: int
    attempts: int
    until_horizon: bool
    reasons: tuple[int, ...]
    shares: tuple[float, ...]
    regimes: tuple[int, ...]
    effects: tuple[int, ...]
    on_unanswered: int
    on_contact: int
    triggered: bool


class ModelView:
    """The model of every line, and for each occurrence the lines that react to it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        d = program.distributions
        self.distributions = [
            SlottedDistribution(int(family), int(slot), table.tolist())
            for family, slot, table in zip(d.family, d.slot, d.tables, strict=True)
        ]
        calendars = [Calendar(w.starts.tolist(), w.ends.tolist(), program.horizon) for w in program.calendars]
        self.lines = [self._line(at, calendars) for at in range(len(program.lines))]
        line, events = program.line, len(program.events.names)
        self.opened_by_event = line.waiting_for_event(Start.ON_EVENT, events)
        self.after_event = line.waiting_for_event(Start.AFTER_EVENT, events)
        self.opened_by_giving_up = line.waiting_for_line(Start.ON_GAVE_UP)
        self.after_line = {
            start: line.waiting_for_line(start)
            for start in (Start.AFTER_CONTACT, Start.AFTER_UNANSWERED, Start.AFTER_GAVE_UP)
        }
        self.superseded_by = line.superseded()

    def distribution(self, at: int) -> SlottedDistribution | None:
        """A distribution by its index; None for NONE."""
        return None if at == NONE else self.distributions[at]

    def _line(self, at: int, calendars: list[Calendar]) -> LineModel:
        p, line = self.program, self.program.line
        return LineModel(
            order=at,
            name=p.lines[at],
            caller=int(line.caller[at]),
            callee=int(line.callee[at]),
            may_attempt=calendars[line.may_attempt[at]],
            on_duty=calendars[line.on_duty[at]],
            may_contact=calendars[line.may_contact[at]],
            start=Start(line.start[at]),
            start_second=int(line.start_second[at]),
            start_count=int(line.start_count[at]),
            wait=self.distribution(int(line.wait[at])),
            every=self.distributions[line.every[at]],
            delay=self.distributions[line.delay[at]],
            call=self.distributions[line.call[at]],
            answer=int(line.answer[at]),
            give_up=int(line.give_up[at]),
            attempts=int(line.attempts[at]),
            until_horizon=bool(line.until_horizon[at]),
            reasons=line.reasons[at],
            shares=line.shares[at],
            regimes=line.regimes[at],
            effects=line.effects[at],
            on_unanswered=int(line.on_unanswered[at]),
            on_contact=int(line.on_contact[at]),
            triggered=bool(p.triggered[at]),
        )
