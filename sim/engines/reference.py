"""The reference engine: SimPy processes for officials, regimes, events and calls.

Read `OfficialProcess.pursue` first: it is one request, from its first attempt to its end. Rules that depend on the
semantics alone (calendars, random numbers, quantiles, probabilities, order) are in `sim.rules`; this file holds the
processes that wait for each other. docs/explanation/semantics.md gives the same in words.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from enum import Enum
from functools import partial

import simpy

from sim.engines.contract import NEVER, Batch, EventLog
from sim.engines.counters import Counters, LogWriter
from sim.engines.effects import EffectInForce, total
from sim.engines.event_list import EventList
from sim.engines.model_view import LineModel, ModelView, SlottedDistribution
from sim.rules.answer import answer_probability, is_answered, reason_of
from sim.rules.calendar import after, whole_seconds
from sim.rules.order import Kind
from sim.rules.random import Purpose, Stream
from sim.scenario.program import NONE, Program, Start

DRAWN_TOGETHER = 256
"""Replications whose random numbers are drawn in one batch, at most; it affects speed and memory alone."""
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


class LineState:
    """A line in one replication: its draws, its request, and what persists across requests."""

    def __init__(self, model: LineModel, draws: Stream, replication: int) -> None:
        self.model = model
        self.order = model.order
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


class OfficialProcess:
    """Someone who calls and is called. Being in a call is all that can hold an official up, apart from duty hours."""

    def __init__(self, replication: Replication) -> None:
        self.replication = replication
        self.in_call_until = 0

    def in_call(self, now: int) -> bool:
        """A call includes its first second and excludes its last."""
        return now < self.in_call_until

    def pursue(self, line: LineState, request: Request) -> Process:
        """One request: attempt after attempt until one is answered, then the wait for the contact."""
        replication = self.replication
        try:
            due = request.begins
            while True:
                yield from self.reach_for_the_telephone(line, due)
                if replication.attempt(line, request):
                    break
                if request.attempts == line.model.attempts:
                    replication.give_up(line, request)
                    return
                due = replication.one_interval_after(replication.event_list.second, line)
            attempted = replication.event_list.second
            yield from self.wait_for_the_contact(line, replication.delay_of_the_answer(line))
            replication.contact(line, request, attempted)
        except simpy.Interrupt as interrupt:
            if interrupt.cause is End.GAVE_UP:
                replication.give_up(line, request)

    def reach_for_the_telephone(self, line: LineState, due: int) -> Process:
        """Until the channel is open, and this official on duty and in no call."""
        event_list, model = self.replication.event_list, line.model
        yield event_list.due(model.may_attempt.first_open(due), Kind.ATTEMPT, line.order)
        while self.in_call(event_list.second):
            yield event_list.due(model.may_attempt.first_open(self.in_call_until), Kind.ATTEMPT, line.order)

    def wait_for_the_contact(self, line: LineState, delay: int) -> Process:
        """Until the callee has been on duty for the delay, is on duty, the channel is open and both are in no call."""
        event_list, model = self.replication.event_list, line.model
        callee = self.replication.officials[model.callee]
        served = model.on_duty.served(event_list.second, delay)
        yield event_list.due(model.may_contact.first_open(served), Kind.CONTACT, line.order)
        while self.in_call(event_list.second) or callee.in_call(event_list.second):
            free = max(self.in_call_until, callee.in_call_until)
            yield event_list.due(model.may_contact.first_open(free), Kind.CONTACT, line.order)


class RegimeProcess:
    """A gate: a process that sojourns in one state after the other, until an event sends it elsewhere."""

    def __init__(self, replication: Replication, order: int) -> None:
        regimes = replication.model.program.regimes
        self.replication = replication
        self.order = order
        self.name = regimes.names[order]
        self._states = regimes.states[order]
        self._sojourn = [replication.model.distribution(distribution) for distribution in regimes.sojourn[order]]
        self._log_factor = [replication.values[slot] for slot in regimes.log_factor[order]]
        self._draws = replication.streams.regimes[order]
        self._sojourns_begun = 0
        self.state = reason_of(self._draws.draw(replication.number, Purpose.WAIT, 0), regimes.initially[order])
        self.process = replication.event_list.process(self.run())

    @property
    def term(self) -> float:
        """What the present state adds to the log-odds of the lines that the regime affects."""
        return self._log_factor[self.state]

    def run(self) -> Process:
        """Sojourn, switch, sojourn; an interruption is an event's switch, with the state as its cause."""
        event_list = self.replication.event_list
        while True:
            until = self._sojourns_until()
            self.replication.tell(
                "state", self.name, state=self._states[self.state], until=_or_never(until, event_list.horizon)
            )
            try:
                yield event_list.due(until, Kind.SWITCH, self.order)
                self.state = (self.state + 1) % len(self._states)
            except simpy.Interrupt as interrupt:
                self.state = int(str(interrupt.cause))

    def _sojourns_until(self) -> int:
        index = self._sojourns_begun
        self._sojourns_begun += 1
        distribution = self._sojourn[self.state]
        if distribution is None:
            return self.replication.event_list.horizon
        u = self._draws.draw(self.replication.number, Purpose.INTERVAL, index)
        return after(
            self.replication.event_list.second,
            self.replication.seconds(distribution, u, least=1),
            self.replication.event_list.horizon,
        )


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


class Replication:
    """One replication: the officials, the lines, what is in force, and what has been counted."""

    def __init__(
        self,
        model: ModelView,
        streams: Streams,
        values: list[float],
        number: int,
        counters: Counters,
        log: LogWriter | None = None,
    ) -> None:
        program = model.program
        self.model = model
        self.streams = streams
        self.values = values
        self.number = number
        self.counters = counters
        self.log = log
        self.event_list = EventList(program.horizon, width=len(program.events.names) + len(program.lines) + 1)
        self.officials = [OfficialProcess(self) for _ in program.officials]
        self.lines = [LineState(line, draws, number) for line, draws in zip(model.lines, streams.lines, strict=True)]
        effects = program.effects
        self.effects = [
            EffectInForce(decay, values[factor], 0.0 if window == NONE else values[window], program.horizon)
            for decay, factor, window in zip(
                effects.decay.tolist(), effects.log_factor.tolist(), effects.window.tolist(), strict=True
            )
        ]
        self.occurrences = [0] * len(program.events.names)

    def run(self) -> None:
        """From clock.start to the horizon; what is due at the horizon does not happen."""
        self.regimes = [RegimeProcess(self, order) for order in range(len(self.model.program.regimes.names))]
        for order in range(len(self.occurrences)):
            self.event_list.process(self.event(order))
        for line in self.lines:
            if line.model.start == Start.AT:
                self.event_list.at_start_of(0, line.order, partial(self.start, line, line.model.start_second))
        self.event_list.run(until=self.event_list.horizon)
        for line in self.lines:
            if line.request is not None and line.request.begins < self.event_list.horizon:
                self.counters.request_ends(line.order, "open")

    # Numbers ---------------------------------------------------------------------------------------------------------

    def seconds(self, distribution: SlottedDistribution, u: float, least: int = 0) -> int:
        """A duration in whole seconds."""
        return whole_seconds(distribution.quantile(self.values, u), least, self.event_list.horizon)

    def one_interval_after(self, second: int, line: LineState) -> int:
        """A second plus the line's interval, drawn with the index of the attempt just made."""
        u = line.draw(Purpose.INTERVAL, line.attempts_made - 1)
        return after(second, self.seconds(line.model.every, u, least=1), self.event_list.horizon)

    def delay_of_the_answer(self, line: LineState) -> int:
        """The delay of the attempt just made."""
        return self.seconds(line.model.delay, line.draw(Purpose.DELAY, line.attempts_made - 1))

    def probability(self, line: LineState) -> float:
        """The probability that an attempt on the line is answered now."""
        now = self.event_list.second
        terms = [self.regimes[at].term for at in line.model.regimes]
        terms += [self.effects[at].term(now) for at in line.model.effects]
        return answer_probability(*total(self.values[line.model.answer], terms))

    def tell(self, what: str, name: str, **detail: int | float | str) -> None:
        """Add to the history, where one is kept."""
        if self.log is not None:
            self.log.add(self.event_list.second, what, name, detail)

    # Events ----------------------------------------------------------------------------------------------------------

    def event(self, order: int) -> Process:
        """An event's occurrences: on its dates, or one interval after the other."""
        for second in self._seconds_of(order):
            yield self.event_list.due(second, Kind.EVENT, order)
            self.occur(order)

    def _seconds_of(self, order: int) -> Iterable[int]:
        events = self.model.program.events
        draws, horizon = self.streams.events[order], self.event_list.horizon
        dates = []
        for index, (second, plus) in enumerate(events.at[order]):
            distribution = self.model.distribution(plus)
            u = 0.0 if distribution is None else draws.draw(self.number, Purpose.WAIT, index)
            dates.append(second if distribution is None else after(second, self.seconds(distribution, u), horizon))
        yield from sorted(dates)
        distribution = self.model.distribution(int(events.every[order]))
        second, index = int(events.starts[order]), 0
        while distribution is not None and second < horizon:
            u = draws.draw(self.number, Purpose.INTERVAL, index)
            second, index = after(second, self.seconds(distribution, u, least=1), horizon), index + 1
            yield second

    def occur(self, order: int) -> None:
        """An event's own switches, effect and triggers happen within it."""
        events = self.model.program.events
        self.occurrences[order] += 1
        self.tell("event", events.names[order], count=self.occurrences[order])
        for regime, state in events.switches[order]:
            self.regimes[regime].process.interrupt(state)
        self._take_force(int(events.effect[order]))
        for at in self.model.opened_by_event[order]:
            self.trigger(self.lines[at])
        self._count_towards_start(self.model.after_event[order])

    def _take_force(self, effect: int) -> None:
        if effect != NONE:
            self.effects[effect].happens(self.event_list.second)

    # Requests ---------------------------------------------------------------------------------------------------------

    def start(self, line: LineState, second: int) -> None:
        """The first request of a line that is not triggered: after its wait."""
        wait = line.model.wait
        pause = 0 if wait is None else self.seconds(wait, line.draw(Purpose.WAIT, 0))
        self.begin(line, after(second, pause, self.event_list.horizon))

    def begin(self, line: LineState, second: int) -> None:
        """A fresh request; its first attempt is due when it begins."""
        request = line.request = Request(second)
        if second >= self.event_list.horizon:
            return
        self.counters.request_begins(line.order)
        if self.log is not None:
            self._tell_beginning(line, second)
        if line.model.give_up != NONE:
            lasts = whole_seconds(self.values[line.model.give_up], 0, self.event_list.horizon)
            end = after(second, lasts, self.event_list.horizon)
            self.event_list.call_at(end, Kind.GIVING_UP, line.order, lambda: self._time_is_up(line, request))
        request.process = self.event_list.process(self.officials[line.model.caller].pursue(line, request))

    def _tell_beginning(self, line: LineState, second: int) -> None:
        count = self.counters.requests_begun(line.order)
        if second == self.event_list.second:
            self.tell("request", line.model.name, count=count)
        else:
            self.event_list.at_start_of(second, line.order, lambda: self.tell("request", line.model.name, count=count))

    def trigger(self, line: LineState) -> None:
        """An occurrence opens a request, or merges with the one under way (its contact's own second included)."""
        if line.request is not None or line.last_contact == self.event_list.second:
            self.counters.merged(line.order)
            self.tell("merged", line.model.name)
        else:
            self.begin(line, self.event_list.second)

    def _count_towards_start(self, lines: Iterable[int]) -> None:
        for at in lines:
            line = self.lines[at]
            line.happened_before_start += 1
            if line.happened_before_start == line.model.start_count:
                self.start(line, self.event_list.second)

    def _time_is_up(self, line: LineState, request: Request) -> None:
        if line.request is request and not request.pending:
            assert request.process is not None
            request.process.interrupt(End.GAVE_UP)

    def give_up(self, line: LineState, request: Request) -> None:
        """The request ends without a contact; lines that wait for that are told, triggered ones a second later."""
        line.request = None
        self.counters.request_ends(line.order, End.GAVE_UP.value)
        self.tell("gave up", line.model.name, count=request.attempts)
        order = len(self.occurrences)
        for at in self.model.opened_by_giving_up[line.order]:
            trigger = partial(self.trigger, self.lines[at])
            self.event_list.call_at(self.event_list.second + 1, Kind.EVENT, order + at, trigger)
        self._count_towards_start(self.model.after_line[Start.AFTER_GAVE_UP][line.order])

    # Attempts and contacts -------------------------------------------------------------------------------------------

    def attempt(self, line: LineState, request: Request) -> bool:
        """Make an attempt now; whether it is answered."""
        model = line.model
        index = line.attempts_made
        line.attempts_made += 1
        request.attempts += 1
        busy = self.officials[model.callee].in_call(self.event_list.second)
        probability = uniform = float("nan")
        if not busy:
            probability = self.probability(line)
            uniform = line.draw(Purpose.ANSWER, index)
        answered = request.pending = not busy and is_answered(uniform, probability)
        reason = NONE if answered else self._reason(line, index, busy)
        self.counters.attempt(line.order, reason)
        if self.log is not None:
            self.tell(
                "attempt",
                model.name,
                attempt=index,
                count=request.attempts,
                result="answered" if answered else self.model.program.reasons[reason],
                probability=probability,
                uniform=uniform,
                delay=self.delay_of_the_answer(line) if answered else NEVER,
            )
        if not answered:
            self._take_force(model.on_unanswered)
            self._count_towards_start(self.model.after_line[Start.AFTER_UNANSWERED][line.order])
        return answered

    def _reason(self, line: LineState, index: int, busy: bool) -> int:
        if busy:
            return len(self.model.program.reasons) - 1
        model = line.model
        if len(model.reasons) == 1:
            return model.reasons[0]
        return model.reasons[reason_of(line.draw(Purpose.REASON, index), model.shares)]

    def contact(self, line: LineState, request: Request, attempted: int) -> None:
        """The other side picks up: the request ends, the effect takes force, and both are in a call."""
        model, now = line.model, self.event_list.second
        line.request = None
        line.last_contact = now
        response = now - (request.begins if model.triggered else attempted)
        self.counters.contact(line.order, now, request.attempts, response)
        call = self.seconds(model.call, line.draw(Purpose.CALL, line.attempts_made - 1))
        self.tell("contact", model.name, attempted=attempted, response=response, call=call)
        self._take_force(model.on_contact)
        ends = self._hold_call(line, call)
        for at in self.model.superseded_by[line.order]:
            self._supersede(self.lines[at], by=model.name)
        self._count_towards_start(self.model.after_line[Start.AFTER_CONTACT][line.order])
        if model.until_horizon:
            self.begin(line, self.one_interval_after(ends, line))

    def _hold_call(self, line: LineState, call: int) -> int:
        """Both officials are in a call; the second at which it ends."""
        ends = after(self.event_list.second, call, self.event_list.horizon)
        if call > 0:
            for official in (line.model.caller, line.model.callee):
                self.officials[official].in_call_until = ends
            if self.log is not None:
                self.event_list.call_at(
                    ends, Kind.CALL_END, line.order, lambda: self.tell("call ends", line.model.name)
                )
        return ends

    def _supersede(self, line: LineState, by: str) -> None:
        request = line.request
        if request is not None and request.begins <= self.event_list.second:
            assert request.process is not None
            line.request = None
            request.process.interrupt(End.SUPERSEDED)
            self.counters.request_ends(line.order, End.SUPERSEDED.value)
            self.tell("superseded", line.model.name, by=by)


def _or_never(second: int, horizon: int) -> int:
    return second if second < horizon else NEVER


class Reference:
    """The engine contract, over SimPy."""

    name = "reference"

    def simulate(self, program: Program, seed: int, replications: range) -> Batch:
        """See sim.engines.contract.Engine."""
        model = ModelView(program)
        counters = Counters(program, replications)
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
                counters.next_replication()
                Replication(model, streams, values, replication, counters).run()
            first, size = together.stop, max(1, min(DRAWN_TOGETHER, HELD_TOGETHER // max(1, streams.ahead)))
        return counters.batch(parameters)

    def trace(self, program: Program, seed: int, replication: int) -> EventLog:
        """See sim.engines.contract.Engine."""
        alone = range(replication, replication + 1)
        parameters = program.draw_parameters(seed, program.blocks_of(alone))
        drawn: list[float] = parameters[0].tolist()
        trace, counters = LogWriter(), Counters(program, alone)
        counters.next_replication()
        streams = Streams(program, seed, alone)
        Replication(ModelView(program), streams, program.values_for(drawn), replication, counters, trace).run()
        return EventLog(
            replication=replication,
            seed=seed,
            parameters=dict(zip(program.uncertain, drawn, strict=True)),
            log_entries=tuple(trace.log_entries),
        )
