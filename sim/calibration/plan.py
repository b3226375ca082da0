"""Plan of the particle filter: components of lines, and lines whose outcomes are summed instead of drawn.

Lines that share no regime, no random event, no official in calls, and that do not affect each other are independent
given the numbers; each such component has a filter of its own, and their likelihoods multiply.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.calibration import fixed
from sim.calibration import places as at
from sim.calibration.layout import Layout
from sim.calibration.record import Evidence
from sim.calibration.spans import Span, Spans
from sim.rules import quantile_tables as q
from sim.runs.errors import RunFailed
from sim.scenario.dependencies import Cause, DependencyGraph, connected
from sim.scenario.program import NONE, Ints, Program

_SLICES = 12
"""Checkpoints at which particles may be resampled besides those of the record."""
_HINT_SLICES = 6


class Influence:
    """Dependencies of lines that matter to a filter, whatever the numbers are."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.lines = range(len(program.lines))
        self.graph = DependencyGraph(program)

    def late(self, one: int) -> bool:
        """Whether calls of other lines may hold up its attempts and contacts."""
        return any(self.graph.has_calls[other] for other in self.graph.sharing(one))

    def by_outcome(self, one: int) -> frozenset[int]:
        """The other lines that an unanswered attempt, or giving up, changes."""
        return self.graph.affected(one, Cause.UNANSWERED, Cause.GAVE_UP)

    def by_contact(self, one: int) -> frozenset[int]:
        """The other lines that its contact changes."""
        return self.graph.affected(one, Cause.CONTACT, Cause.CALL)

    def single(self, one: int) -> bool:
        """Whether the line has one request at most, and so one contact."""
        line = self.program.line
        return not bool(self.program.triggered[one]) and not bool(line.until_horizon[one])

    def summable(self, one: int) -> bool:
        """Whether hidden outcomes on the line affect nothing before its contact."""
        line = self.program.line
        plain = line.give_up[one] == NONE and line.attempts[one] == 0 and not line.until_lines[one]
        return bool(self.single(one) and plain and not self.late(one) and not self.by_outcome(one))

    def components(self) -> tuple[tuple[int, ...], ...]:
        """The lines, in groups that are independent given the numbers; in order of declaration."""
        return connected(len(self.lines), self._groups())

    def _groups(self) -> Iterator[Iterable[int]]:
        """Lines that depend on each other, or on the same regime or random event."""
        yield from self.graph.components()
        for regime in range(len(self.program.regimes.names)):
            yield self._of_regime(regime)
        for event in range(len(self.program.events.names)):
            if self._random(event):
                yield self._of_event(event)

    def _random(self, event: int) -> bool:
        events = self.program.events
        return bool(events.every[event] != NONE) or any(plus != NONE for _, plus in events.at[event])

    def _of_regime(self, regime: int) -> list[int]:
        return [one for one in self.lines if regime in self.program.line.regimes[one]]

    def _of_event(self, event: int) -> list[int]:
        events, line = self.program.events, self.program.line
        found = [
            one for one in self.lines if line.start_event[one] == event or events.effect[event] in line.effects[one]
        ]
        for regime, _ in events.switches[event]:
            found += self._of_regime(regime)
        return found


@dataclass(frozen=True)
class Plan:
    """One component, ready for the filter. `recorded`: whether the record speaks of it; `watched`: the entries of the
    filter, by number in the record; `reals`: length of `x`."""

    lines: tuple[int, ...]
    recorded: bool
    end: int
    watched: tuple[int, ...]
    g: Ints
    blank: Ints
    reals: int


class Planner:
    """Makes plans of a program for a piece of evidence."""

    def __init__(self, program: Program, evidence: Evidence, typical: Sequence[float]) -> None:
        """`typical`: the program's numbers at one value of the uncertain ones; only how well the record is followed
        depends on it, not what it says."""
        self.program = program
        self.evidence = evidence
        self.influence = Influence(program)
        self.layout = Layout(program)
        self.end = min(program.horizon, max([*evidence.ends, evidence.as_of or 0, 1]))
        self.spans = Spans(program, evidence, typical, self.end)

    def plans(self) -> list[Plan]:
        """A plan for each component."""
        return [self._plan(lines) for lines in self.influence.components()]

    def _plan(self, lines: tuple[int, ...]) -> Plan:
        size = len(self.program.lines)
        table: dict[int, list[int]] = {
            at.G_MODE: [at.FREE if one in lines else at.INACTIVE for one in range(size)],
            at.G_SILENT: [0] * size,
            at.G_WINDOW: [NONE] * size,
            at.G_WINDOW_END: [NONE] * size,
            at.G_SILENT_ENTRY: [NONE] * size,
            at.G_WINDOW_ENTRY: [NONE] * size,
            at.G_LATE: [int(self._unruly(one)) for one in range(size)],
            at.G_ALONE: [int(not self.influence.by_contact(one)) for one in range(size)],
            at.G_STEADY: [int(self._steady(one)) for one in range(size)],
        }
        entries: list[tuple[int, ...]] = []
        for one in lines:
            self._line(one, table, entries)
        checkpoints = self._checkpoints(table, entries, hints := self.spans.by_regime(lines))
        g = self._lay_out(table, entries, hints, checkpoints)
        blank, reals = _particle(self.layout.k, len(entries))
        recorded = any(one in self.evidence.lines for one in lines)
        numbers = tuple(entry[8] for entry in entries)
        return Plan(lines, recorded, self.end, numbers, g, blank, reals)

    def _line(self, one: int, table: dict[int, list[int]], entries: list[tuple[int, ...]]) -> None:
        """What the record says of a line."""
        contacts = [c for c in self.evidence.contacts if c.line == one]
        silences = [c for c in self.evidence.silences if c.line == one]
        counts = [c for c in self.evidence.counts if c.line == one]
        if silences:
            last = max(silences, key=lambda silence: silence.end)
            table[at.G_SILENT][one], table[at.G_SILENT_ENTRY][one] = last.end, last.entry
        if self.influence.single(one) and contacts:
            start = max(table[at.G_SILENT][one], *(c.start for c in contacts), 0)
            end = min(self.program.horizon, *(c.end for c in contacts))
            if start >= end:
                raise RunFailed(self._contradiction([*contacts, *silences]))
            narrow = min(contacts, key=lambda c: c.end - c.start)
            table[at.G_WINDOW][one], table[at.G_WINDOW_END][one] = start, end
            table[at.G_WINDOW_ENTRY][one] = narrow.entry
        else:
            entries += [_seen(c.entry, one, c.start, c.end) for c in contacts]
        for c in counts:
            kind = at.ALL_ANSWERED if c.all_answered else at.COUNT
            entries.append((kind, one, c.start, c.end, *c.attempts, *c.answered, c.entry))
        if contacts or silences or counts:
            summed = self.influence.summable(one) and not counts
            table[at.G_MODE][one] = at.SUMMED if summed else at.GUIDED

    def _contradiction(self, items: Sequence[object]) -> str:
        numbers = ", ".join(f"record.{getattr(item, 'entry')}" for item in items)  # noqa: B009
        return f"{numbers}: a line that makes one contact cannot have made it at all of these times"

    def _unruly(self, one: int) -> bool:
        """Whether an answered attempt may come to its contact later than its delay says, or never."""
        return self.influence.late(one) or bool(self.program.line.until_lines[one])

    def _steady(self, one: int) -> bool:
        """Whether attempts come at fixed intervals whatever their outcome, so that they can be counted ahead."""
        program, line = self.program, self.program.line
        laws = program.distributions.family
        windows = program.calendars[line.may_attempt[one]]
        always = len(windows.starts) == 1 and windows.starts[0] == 0 and windows.ends[0] == program.horizon
        fixed_interval = laws[line.every[one]] == q.FIXED
        no_gap = self._nothing(int(line.delay[one])) and not self.influence.graph.has_calls[one]
        return bool(always and fixed_interval and no_gap and not self.influence.late(one))

    def _nothing(self, law: int) -> bool:
        laws = self.program.distributions
        return bool(laws.family[law] == q.FIXED and self.program.values[laws.slot[law]] == 0.0)

    def _checkpoints(
        self,
        table: dict[int, list[int]],
        entries: Sequence[tuple[int, ...]],
        hints: Sequence[Sequence[Span]],
    ) -> list[int]:
        seconds = {self.end, *(entry[3] for entry in entries)}
        for place in (at.G_SILENT, at.G_WINDOW, at.G_WINDOW_END):
            seconds |= set(table[place])
        seconds |= {self.end * i // _SLICES for i in range(1, _SLICES)}
        for spans in hints:
            for span in spans:
                length = span.end - span.start
                seconds |= {span.shown, *(span.start + length * i // _HINT_SLICES for i in range(_HINT_SLICES + 1))}
        return sorted(second for second in seconds if 0 < second <= self.end)

    def _lay_out(
        self,
        table: dict[int, list[int]],
        entries: Sequence[tuple[int, ...]],
        hints: Sequence[Sequence[Span]],
        checkpoints: Sequence[int],
    ) -> Ints:
        numbers = [0] * at.G_HEADER
        numbers[at.G_AS_OF] = numbers[at.G_END] = self.end
        numbers[at.G_ENTRIES] = len(entries)
        for place in range(at.G_MODE, at.G_OF_LINE):
            _table(numbers, place, table[place])
        of_line = [[at_ for at_, e in enumerate(entries) if e[1] == one] for one in range(len(self.program.lines))]
        _lists(numbers, at.G_OF_LINE, of_line)
        for column in range(at.E_NUMBER - at.E_KIND + 1):
            _table(numbers, at.E_KIND + column, [entry[column] for entry in entries])
        _lists(numbers, at.G_HINTS, [[span.start for span in spans] for spans in hints])
        _lists(numbers, at.G_HINT_ENDS, [[span.end for span in spans] for spans in hints])
        _lists(numbers, at.G_SHOWN, [[span.shown for span in spans] for spans in hints])
        place = numbers[at.G_CHECKPOINTS] = len(numbers)
        numbers += [place + 1 + len(checkpoints), *checkpoints]
        _table(numbers, at.G_COVER, _cover(self.program))
        return np.array(numbers, dtype=np.int64)


def _seen(number: int, line: int, start: int, end: int) -> tuple[int, ...]:
    many = 1 << 40
    return (at.SEEN, line, start, end, 0, many, 0, many, number)


def _cover(program: Program) -> list[int]:
    """By window, all calendars one after the other: the seconds of the calendar's earlier windows."""
    cover: list[int] = []
    for windows in program.calendars:
        lengths = windows.ends - windows.starts
        cover += (np.cumsum(lengths) - lengths).tolist()
    return cover


def _table(numbers: list[int], place: int, items: Sequence[int]) -> None:
    numbers[place] = len(numbers)
    numbers += items


def _lists(numbers: list[int], place: int, lists: Sequence[Sequence[int]]) -> None:
    bounds = [len(numbers) + len(lists) + 1]
    for one in lists:
        bounds.append(bounds[-1] + len(one))
    _table(numbers, place, bounds)
    for one in lists:
        numbers += one


def _particle(k: Ints, entries: int) -> tuple[Ints, int]:
    """A particle's whole numbers, with their header, and how many reals it has."""
    lines, regimes, events, effects = (int(k[n]) for n in (fixed.LINES, fixed.REGIMES, fixed.EVENTS, fixed.EFFECTS))
    sizes = dict(zip(range(at.SWITCH, at.DUE_END), (regimes, lines, events, lines, lines, lines), strict=True))
    sizes[at.DUE_END] = 0
    sizes |= dict.fromkeys(range(at.LATER, at.IN_CALL_UNTIL), lines)
    sizes[at.IN_CALL_UNTIL] = int(k[fixed.OFFICIALS])
    sizes |= dict.fromkeys(range(at.STATE, at.OCCURRENCES), regimes)
    sizes[at.OCCURRENCES] = events
    sizes[at.DATE_NOW] = int(k[k[fixed.DATES] + events])
    sizes |= dict.fromkeys(range(at.TIMES, at.MADE), effects)
    sizes |= dict.fromkeys(range(at.MADE, at.X_INTERVAL), entries)
    header = np.zeros(at.S_HEADER, dtype=np.int64)
    end = at.S_HEADER
    for place, size in sizes.items():
        header[place] = end
        end += size
    reals = at.X_FIRST
    x_sizes = [lines] * 5 + [effects] * 2 + [regimes] * 5
    for place, size in zip(range(at.X_INTERVAL, at.S_HEADER), x_sizes, strict=True):
        header[place] = reals
        reals += size
    return np.concatenate((header, np.zeros(end - len(header), dtype=np.int64))), reals
