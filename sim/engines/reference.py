"""The reference engine: SimPy processes that stand in for officials, regimes, events and calls.

It is written to be read. Read `Official.pursue` first: it is one request, from its first attempt to its end. What
depends on the semantics alone (clock, draws, quantiles, probabilities, order) is in `sim.rules`; this file says who
waits for whom. docs/explanation/semantics.md tells the same in words.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from enum import Enum
from functools import partial

import simpy

from sim.engines.agenda import Agenda
from sim.engines.contract import NEVER, Batch, EventLog
from sim.engines.influence import Influence, total
from sim.engines.script import Law, LineScript, Script
from sim.engines.tally import Tally, Trace
from sim.rules.answer import answer_probability, is_answered, reason_of
from sim.rules.calendar import after, whole_seconds
from sim.rules.order import Kind
from sim.rules.random import Purpose, Stream
from sim.scenario.program import NONE, Program, Start

DRAWN_TOGETHER = 256
"""Replications whose random numbers are drawn in one batch, at most; it bears on speed and memory alone."""
HELD_TOGETHER = 1 << 18
"""Numbers of one stream and purpose to hold at a time: with many attempts, fewer replications are drawn together."""

Process = Generator[simpy.Event, object, None]


class End(Enum):
    """How a request can end before its contact."""

    GAVE_UP = "gave_up"
    SUPERSEDED = "superseded"


class Request:
    """One wish to reach the other side: from its beginning to a contact, to giving up, or to the horizon."""

    __slots__ = ("attempts", "begins", "pending", "process")

    def __init__(self, begins: int) -> None:
        self.begins = begins
        self.attempts = 0
        self.pending = False
        self.process: simpy.Process | None = None


class Line:
    """A line in one replication: its draws, its request, and what persists across requests."""

    def __init__(self, script: LineScript, draws: Stream, replication: int) -> None:
        self.script = script
        self.order = script.order
        self._draws = draws
        self._replication = replication
        self._drawn = draws.rows(replication)
        self.request: Request | None = None
        self.attempts_made = 0
        self.happened_before_start = 0
        self.last_contact = NEVER

    def draw(self, purpose: Purpose, index: int) -> float:
        """The uniform for a purpose; the index counts the line's attempts over all requests."""
        drawn = self._drawn[purpose]
        return drawn[index] if index < len(drawn) else self._draws.draw(self._replication, purpose, index)


class Official:
    """Someone who calls and is called. Being in a call is all that can hold an official up, apart from duty hours."""

    def __init__(self, crisis: Crisis) -> None:
        self.crisis = crisis
        self.in_call_until = 0

    def in_call(self, now: int) -> bool:
        """A call includes its first second and excludes its last."""
        return now < self.in_call_until

    def pursue(self, line: Line, request: Request) -> Process:
        """One request: attempt after attempt until one is answered, then the wait for the contact."""
        crisis = self.crisis
        try:
            due = request.begins
            while True:
                yield from self.reach_for_the_telephone(line, due)
                if crisis.attempt(line, request):
                    break
                if request.attempts == line.script.attempts:
                    crisis.give_up(line, request)
                    return
                due = crisis.one_interval_after(crisis.agenda.second, line)
            attempted = crisis.agenda.second
            yield from self.wait_for_the_contact(line, crisis.delay_of_the_answer(line))
            crisis.contact(line, request, attempted)
        except simpy.Interrupt as interrupt:
            if interrupt.cause is End.GAVE_UP:
                crisis.give_up(line, request)

    def reach_for_the_telephone(self, line: Line, due: int) -> Process:
        """Until the channel is open, and this official on duty and in no call."""
        agenda, script = self.crisis.agenda, line.script
        yield agenda.due(script.may_attempt.first_open(due), Kind.ATTEMPT, line.order)
        while self.in_call(agenda.second):
            yield agenda.due(script.may_attempt.first_open(self.in_call_until), Kind.ATTEMPT, line.order)

    def wait_for_the_contact(self, line: Line, delay: int) -> Process:
        """Until the callee has been on duty for the delay, is on duty, the channel is open and both are in no call."""
        agenda, script = self.crisis.agenda, line.script
        callee = self.crisis.officials[script.callee]
        served = script.on_duty.served(agenda.second, delay)
        yield agenda.due(script.may_contact.first_open(served), Kind.CONTACT, line.order)
        while self.in_call(agenda.second) or callee.in_call(agenda.second):
            free = max(self.in_call_until, callee.in_call_until)
            yield agenda.due(script.may_contact.first_open(free), Kind.CONTACT, line.order)


class Regime:
    """A gate: a process that sojourns in one state after the other, until an event sends it elsewhere."""

    def __init__(self, crisis: Crisis, order: int) -> None:
        regimes = crisis.script.program.regimes
        self.crisis = crisis
        self.order = order
        self.name = regimes.names[order]
        self._states = regimes.states[order]
        self._sojourn = [crisis.script.law(law) for law in regimes.sojourn[order]]
        self._log_factor = [crisis.values[slot] for slot in regimes.log_factor[order]]
        self._draws = crisis.streams.regimes[order]
        self._sojourns_begun = 0
        self.state = reason_of(self._draws.draw(crisis.replication, Purpose.WAIT, 0), regimes.initially[order])
        self.process = crisis.agenda.process(self.run())

    @property
    def term(self) -> float:
        """What the present state adds to the log-odds of the lines that the regime affects."""
        return self._log_factor[self.state]

    def run(self) -> Process:
        """Dwell, switch, sojourn; an interruption is an event's switch, with the state as its cause."""
        agenda = self.crisis.agenda
        while True:
            until = self._sojourns_until()
            self.crisis.tell("state", self.name, state=self._states[self.state], until=_or_never(until, agenda.horizon))
            try:
                yield agenda.due(until, Kind.SWITCH, self.order)
                self.state = (self.state + 1) % len(self._states)
            except simpy.Interrupt as interrupt:
                self.state = int(str(interrupt.cause))

    def _sojourns_until(self) -> int:
        index = self._sojourns_begun
        self._sojourns_begun += 1
        law = self._sojourn[self.state]
        if law is None:
            return self.crisis.agenda.horizon
        u = self._draws.draw(self.crisis.replication, Purpose.INTERVAL, index)
        return after(self.crisis.agenda.second, self.crisis.seconds(law, u, least=1), self.crisis.agenda.horizon)


class Streams:
    """The keyed draws of a range of replications, by line, event and regime."""

    def __init__(self, program: Program, seed: int, replications: range) -> None:
        self.lines = [Stream(seed, "line", name, replications) for name in program.lines]
        self.events = [Stream(seed, "event", name, replications) for name in program.events.names]
        self.regimes = [Stream(seed, "regime", name, replications) for name in program.regimes.names]

    @property
    def ahead(self) -> int:
        """The most numbers drawn for one purpose of a replication, over all streams."""
        return max((stream.ahead for stream in (*self.lines, *self.events, *self.regimes)), default=0)


class Crisis:
    """One replication: the officials, the lines, what is in force, and what has been counted."""

    def __init__(
        self,
        script: Script,
        streams: Streams,
        values: list[float],
        replication: int,
        tally: Tally,
        trace: Trace | None = None,
    ) -> None:
        program = script.program
        self.script = script
        self.streams = streams
        self.values = values
        self.replication = replication
        self.tally = tally
        self.trace = trace
        self.agenda = Agenda(program.horizon, width=len(program.events.names) + len(program.lines) + 1)
        self.officials = [Official(self) for _ in program.officials]
        self.lines = [Line(line, draws, replication) for line, draws in zip(script.lines, streams.lines, strict=True)]
        effects = program.effects
        self.influences = [
            Influence(decay, values[factor], 0.0 if window == NONE else values[window], program.horizon)
            for decay, factor, window in zip(
                effects.decay.tolist(), effects.log_factor.tolist(), effects.window.tolist(), strict=True
            )
        ]
        self.occurrences = [0] * len(program.events.names)

    def run(self) -> None:
        """From clock.start to the horizon; what is due at the horizon does not happen."""
        self.regimes = [Regime(self, order) for order in range(len(self.script.program.regimes.names))]
        for order in range(len(self.occurrences)):
            self.agenda.process(self.event(order))
        for line in self.lines:
            if line.script.start == Start.AT:
                self.agenda.at_start_of(0, line.order, partial(self.start, line, line.script.start_second))
        self.agenda.run(until=self.agenda.horizon)
        for line in self.lines:
            if line.request is not None and line.request.begins < self.agenda.horizon:
                self.tally.request_ends(line.order, "open")

    # Numbers ---------------------------------------------------------------------------------------------------------

    def seconds(self, law: Law, u: float, least: int = 0) -> int:
        """A duration in whole seconds."""
        return whole_seconds(law.quantile(self.values, u), least, self.agenda.horizon)

    def one_interval_after(self, second: int, line: Line) -> int:
        """A second plus the line's interval, drawn with the index of the attempt just made."""
        u = line.draw(Purpose.INTERVAL, line.attempts_made - 1)
        return after(second, self.seconds(line.script.every, u, least=1), self.agenda.horizon)

    def delay_of_the_answer(self, line: Line) -> int:
        """The delay of the attempt just made."""
        return self.seconds(line.script.delay, line.draw(Purpose.DELAY, line.attempts_made - 1))

    def probability(self, line: Line) -> float:
        """The probability that an attempt on the line is answered now."""
        now = self.agenda.second
        terms = [self.regimes[at].term for at in line.script.regimes]
        terms += [self.influences[at].term(now) for at in line.script.effects]
        return answer_probability(*total(self.values[line.script.answer], terms))

    def tell(self, what: str, name: str, **detail: int | float | str) -> None:
        """Add to the history, where one is kept."""
        if self.trace is not None:
            self.trace.add(self.agenda.second, what, name, detail)

    # Events ----------------------------------------------------------------------------------------------------------

    def event(self, order: int) -> Process:
        """An event's occurrences: on its dates, or one interval after the other."""
        for second in self._seconds_of(order):
            yield self.agenda.due(second, Kind.EVENT, order)
            self.occur(order)

    def _seconds_of(self, order: int) -> Iterable[int]:
        events = self.script.program.events
        draws, horizon = self.streams.events[order], self.agenda.horizon
        dates = []
        for index, (second, plus) in enumerate(events.at[order]):
            law = self.script.law(plus)
            u = 0.0 if law is None else draws.draw(self.replication, Purpose.WAIT, index)
            dates.append(second if law is None else after(second, self.seconds(law, u), horizon))
        yield from sorted(dates)
        law = self.script.law(int(events.every[order]))
        second, index = int(events.starts[order]), 0
        while law is not None and second < horizon:
            u = draws.draw(self.replication, Purpose.INTERVAL, index)
            second, index = after(second, self.seconds(law, u, least=1), horizon), index + 1
            yield second

    def occur(self, order: int) -> None:
        """An event's own switches, effect and triggers happen within it."""
        events = self.script.program.events
        self.occurrences[order] += 1
        self.tell("event", events.names[order], count=self.occurrences[order])
        for regime, state in events.switches[order]:
            self.regimes[regime].process.interrupt(state)
        self._take_force(int(events.effect[order]))
        for at in self.script.opened_by_event[order]:
            self.trigger(self.lines[at])
        self._count_towards_start(self.script.after_event[order])

    def _take_force(self, effect: int) -> None:
        if effect != NONE:
            self.influences[effect].happens(self.agenda.second)

    # Requests ---------------------------------------------------------------------------------------------------------

    def start(self, line: Line, second: int) -> None:
        """The first request of a line that is not triggered: after its wait."""
        wait = line.script.wait
        pause = 0 if wait is None else self.seconds(wait, line.draw(Purpose.WAIT, 0))
        self.begin(line, after(second, pause, self.agenda.horizon))

    def begin(self, line: Line, second: int) -> None:
        """A fresh request; its first attempt is due when it begins."""
        request = line.request = Request(second)
        if second >= self.agenda.horizon:
            return
        self.tally.request_begins(line.order)
        if self.trace is not None:
            self._tell_beginning(line, second)
        if line.script.give_up != NONE:
            lasts = whole_seconds(self.values[line.script.give_up], 0, self.agenda.horizon)
            end = after(second, lasts, self.agenda.horizon)
            self.agenda.call_at(end, Kind.GIVING_UP, line.order, lambda: self._time_is_up(line, request))
        request.process = self.agenda.process(self.officials[line.script.caller].pursue(line, request))

    def _tell_beginning(self, line: Line, second: int) -> None:
        count = self.tally.requests_begun(line.order)
        if second == self.agenda.second:
            self.tell("request", line.script.name, count=count)
        else:
            self.agenda.at_start_of(second, line.order, lambda: self.tell("request", line.script.name, count=count))

    def trigger(self, line: Line) -> None:
        """An occurrence opens a request, or merges with the one under way (its contact's own second included)."""
        if line.request is not None or line.last_contact == self.agenda.second:
            self.tally.merged(line.order)
            self.tell("merged", line.script.name)
        else:
            self.begin(line, self.agenda.second)

    def _count_towards_start(self, lines: Iterable[int]) -> None:
        for at in lines:
            line = self.lines[at]
            line.happened_before_start += 1
            if line.happened_before_start == line.script.start_count:
                self.start(line, self.agenda.second)

    def _time_is_up(self, line: Line, request: Request) -> None:
        if line.request is request and not request.pending:
            assert request.process is not None
            request.process.interrupt(End.GAVE_UP)

    def give_up(self, line: Line, request: Request) -> None:
        """The request ends without a contact; lines that wait for that are told, triggered ones a second later."""
        line.request = None
        self.tally.request_ends(line.order, End.GAVE_UP.value)
        self.tell("gave up", line.script.name, count=request.attempts)
        order = len(self.occurrences)
        for at in self.script.opened_by_giving_up[line.order]:
            trigger = partial(self.trigger, self.lines[at])
            self.agenda.call_at(self.agenda.second + 1, Kind.EVENT, order + at, trigger)
        self._count_towards_start(self.script.after_line[Start.AFTER_GAVE_UP][line.order])

    # Attempts and contacts -------------------------------------------------------------------------------------------

    def attempt(self, line: Line, request: Request) -> bool:
        """Make an attempt now; whether it is answered."""
        script = line.script
        index = line.attempts_made
        line.attempts_made += 1
        request.attempts += 1
        busy = self.officials[script.callee].in_call(self.agenda.second)
        probability = uniform = float("nan")
        if not busy:
            probability = self.probability(line)
            uniform = line.draw(Purpose.ANSWER, index)
        answered = request.pending = not busy and is_answered(uniform, probability)
        reason = NONE if answered else self._reason(line, index, busy)
        self.tally.attempt(line.order, reason)
        if self.trace is not None:
            self.tell(
                "attempt",
                script.name,
                attempt=index,
                count=request.attempts,
                result="answered" if answered else self.script.program.reasons[reason],
                probability=probability,
                uniform=uniform,
                delay=self.delay_of_the_answer(line) if answered else NEVER,
            )
        if not answered:
            self._take_force(script.on_unanswered)
            self._count_towards_start(self.script.after_line[Start.AFTER_UNANSWERED][line.order])
        return answered

    def _reason(self, line: Line, index: int, busy: bool) -> int:
        if busy:
            return len(self.script.program.reasons) - 1
        script = line.script
        if len(script.reasons) == 1:
            return script.reasons[0]
        return script.reasons[reason_of(line.draw(Purpose.REASON, index), script.shares)]

    def contact(self, line: Line, request: Request, attempted: int) -> None:
        """The other side picks up: the request ends, the effect takes force, and both are in a call."""
        script, now = line.script, self.agenda.second
        line.request = None
        line.last_contact = now
        response = now - (request.begins if script.triggered else attempted)
        self.tally.contact(line.order, now, request.attempts, response)
        call = self.seconds(script.call, line.draw(Purpose.CALL, line.attempts_made - 1))
        self.tell("contact", script.name, attempted=attempted, response=response, call=call)
        self._take_force(script.on_contact)
        ends = self._hold_call(line, call)
        for at in self.script.superseded_by[line.order]:
            self._supersede(self.lines[at], by=script.name)
        self._count_towards_start(self.script.after_line[Start.AFTER_CONTACT][line.order])
        if script.until_horizon:
            self.begin(line, self.one_interval_after(ends, line))

    def _hold_call(self, line: Line, call: int) -> int:
        """Both officials are in a call; the second at which it ends."""
        ends = after(self.agenda.second, call, self.agenda.horizon)
        if call > 0:
            for official in (line.script.caller, line.script.callee):
                self.officials[official].in_call_until = ends
            if self.trace is not None:
                self.agenda.call_at(ends, Kind.CALL_END, line.order, lambda: self.tell("call ends", line.script.name))
        return ends

    def _supersede(self, line: Line, by: str) -> None:
        request = line.request
        if request is not None and request.begins <= self.agenda.second:
            assert request.process is not None
            line.request = None
            request.process.interrupt(End.SUPERSEDED)
            self.tally.request_ends(line.order, End.SUPERSEDED.value)
            self.tell("superseded", line.script.name, by=by)


def _or_never(second: int, horizon: int) -> int:
    return second if second < horizon else NEVER


class Reference:
    """The engine contract, over SimPy."""

    name = "reference"

    def simulate(self, program: Program, seed: int, replications: range) -> Batch:
        """See sim.engines.contract.Engine."""
        script = Script(program)
        tally = Tally(program, replications)
        blocks = program.blocks_of(replications)
        parameters = program.draw_parameters(seed, blocks)
        first, size = replications.start, DRAWN_TOGETHER // 16
        while first < replications.stop:
            together = range(first, min(replications.stop, first + size))
            streams = Streams(program, seed, together)
            block = NEVER
            for replication in together:
                if replication // program.block != block:
                    block = replication // program.block
                    values = program.values_for(parameters[block - blocks.start].tolist())
                tally.next_replication()
                Crisis(script, streams, values, replication, tally).run()
            first, size = together.stop, max(1, min(DRAWN_TOGETHER, HELD_TOGETHER // max(1, streams.ahead)))
        return tally.batch(parameters)

    def trace(self, program: Program, seed: int, replication: int) -> EventLog:
        """See sim.engines.contract.Engine."""
        alone = range(replication, replication + 1)
        parameters = program.draw_parameters(seed, program.blocks_of(alone))
        drawn: list[float] = parameters[0].tolist()
        trace, tally = Trace(), Tally(program, alone)
        tally.next_replication()
        streams = Streams(program, seed, alone)
        Crisis(Script(program), streams, program.values_for(drawn), replication, tally, trace).run()
        return EventLog(
            replication=replication,
            seed=seed,
            parameters=dict(zip(program.uncertain, drawn, strict=True)),
            log_entries=tuple(trace.log_entries),
        )
