"""Sentences for log entries, one by one and for runs of similar ones: who tried whom over what, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from sim.engines.contract import NEVER, LogEntry
from sim.report.format import capital, clock, day, decimal, duration, listing, plain, several, share, weekday
from sim.report.labels import kind_of, name_of
from sim.report.narrative.context import Context, members
from sim.scenario.resolved import Effect, Line, Number, Official, Scenario

MOST_LINES = 4
"""More lines than this are not all named in one sentence."""


class Sentences:
    """Knows the names of the scenario, and whom it has introduced."""

    def __init__(self, scenario: Scenario, parameters: Mapping[str, float]) -> None:
        self.scenario = scenario
        self.parameters = parameters
        self.lines: Mapping[str, Line] = {line.name: line for line in scenario.lines}
        self.officials: Mapping[str, Official] = {official.name: official for official in scenario.officials}
        self.channels = {channel.name: plain(channel.title) or channel.name for channel in scenario.channels}
        self.sides = {side.name: plain(side.title) or side.name for side in scenario.sides}
        self.zones = {one.name: scenario.zone_of(one) for one in scenario.officials}
        self.events = {event.name: event for event in scenario.events}
        self.regimes = {regime.name: regime for regime in scenario.regimes}
        self.members = members(scenario)
        self.titles = Counter(official.title for official in scenario.officials)
        self.introduced: set[str] = set()
        self.told_fatigue: set[str] = set()
        self.tellers: Mapping[str, Callable[[LogEntry, Context], str]] = {
            "state": self._state,
            "event": self._event,
            "request": self._request,
            "merged": self._merged,
            "attempt": self._attempt,
            "contact": self._contact,
            "call ends": self._call_ends,
            "gave up": self._gave_up,
            "superseded": self._superseded,
        }

    def sentence(self, log_entry: LogEntry, context: Context) -> str:
        """Return the sentence of an entry. Raises KeyError for a kind of log entry that is not known."""
        return self.tellers[log_entry.what](log_entry, context)

    def local(self, log_entry: LogEntry) -> tuple[tuple[str, str], ...]:
        """Place and time of day for the caller, and for the callee where that differs; none where no line is concerned.

        The place is the last part of the zone's name; the day of the week is given where it is not the UTC one.
        """
        if log_entry.what not in ("attempt", "contact"):
            return ()
        moment = self.scenario.start + timedelta(seconds=log_entry.second)
        line = self.lines[log_entry.name]
        zones = dict.fromkeys(self.zones[name] for name in (line.caller, line.callee))
        found: dict[str, str] = {}
        for zone in zones:
            there = moment.astimezone(ZoneInfo(zone))
            other_day = "" if there.date() == moment.date() else f"{weekday(there)} "
            if there.utcoffset():
                found[zone.rpartition("/")[2].replace("_", " ")] = f"{other_day}{there:%H:%M}"
        return tuple(found.items())

    def _person(self, name: str) -> str:
        """Name and office at the first mention, and whenever the name (such as `duty officer`) does not say who."""
        official = self.officials[name]
        title, office = plain(official.title) or name, plain(official.office)
        known = name in self.introduced and self.titles[official.title] == 1
        self.introduced.add(name)
        return title if known or not office else f"{title} ({office})"

    def _known(self, number: Number) -> float:
        return float(number) if isinstance(number, float | int) else self.parameters.get(number.path, float("nan"))

    def effect(self, effect: Effect | None, own: str = "") -> str:
        """What an effect does to the odds of an answer, as a sentence; empty where it does nothing."""
        if effect is None or not effect.affects:
            return ""
        factor = self._known(effect.odds_factor)
        if factor == 1:
            return ""
        where = "on this line" if effect.affects == (own,) else f"on {self.some_lines(effect.affects)}"
        how = ""
        if effect.lasts is not None:
            how = f" for {_time(self._known(effect.lasts))}"
        elif effect.half_life is not None:
            how = f", an effect that halves every {_time(self._known(effect.half_life))}"
        if factor == 0:
            return f" No attempt {where} can be answered{how}."
        change = "fall" if factor < 1 else "rise"
        return f" The odds of an answer {where} {change} (× {decimal_of(factor)}){how}."

    def some_lines(self, names: Sequence[str]) -> str:
        """Lines by name, the first few where they are many."""
        if len(names) <= MOST_LINES:
            return listing(names)
        return f"{', '.join(names[:MOST_LINES])} and {several(len(names) - MOST_LINES, 'further line')}"

    def _state(self, log_entry: LogEntry, context: Context) -> str:
        regime = self.regimes[log_entry.name]
        name = str(log_entry.detail["state"])
        title = plain(regime.title) or regime.name
        verb = "is" if not context.state else "stays" if context.state == name else "turns"
        factors = {state.name: self._known(state.odds_factor) for state in regime.states}
        factor, before = factors.get(name, 1.0), factors.get(context.state, 1.0)
        words = f"{capital(title)} {verb} {plain(name)}{'; its duration starts again' if verb == 'stays' else ''}."
        if factor == 1:
            restored = before != 1 and bool(regime.affects)
            return words + (f" On {self.some_lines(regime.affects)} the odds of an answer are restored." * restored)
        if verb == "stays" or not regime.affects:
            return words
        lines = self.some_lines(regime.affects)
        if factor == 0:
            return f"{words} Meanwhile no attempt on {lines} is answered."
        return f"{words} Meanwhile the odds of an answer on {lines} are × {decimal_of(factor)}."

    def _event(self, log_entry: LogEntry, context: Context) -> str:
        event = self.events[log_entry.name]
        nth = int(log_entry.detail.get("count", 1))
        words = capital(plain(event.title) or event.name)
        words += f" (occurrence {nth})." if nth > 1 else "."
        switched = [
            f"{plain(self.regimes[regime].title) or regime} to {plain(state)}"
            for regime, state in event.switches.items()
        ]
        if switched:
            words += f" It switches {listing(switched)}."
        return words + self.effect(event.effect)

    def _request(self, log_entry: LogEntry, context: Context) -> str:
        line = self.lines[log_entry.name]
        nth = int(log_entry.detail.get("count", 1))
        caller, callee = self._person(line.caller), self._person(line.callee)
        cause = f", {self._cause(line)}" if line.trigger else ""
        again = "must contact" if nth == 1 else "must again contact"
        return f"{line.name}: {caller} {again} {callee}{cause}."

    def _cause(self, line: Line) -> str:
        assert line.trigger is not None
        name = line.trigger.name
        if line.trigger.kind == "event":
            return f"because of {name}"
        return f"because {name} gave up"

    def _merged(self, log_entry: LogEntry, context: Context) -> str:
        line = self.lines[log_entry.name]
        what = f"another {line.trigger.name}" if line.trigger and line.trigger.kind == "event" else "another cause"
        return f"{line.name}: {what} while a request is still running; it is added to that request."

    def _attempt(self, log_entry: LogEntry, context: Context) -> str:
        line, detail = self.lines[log_entry.name], log_entry.detail
        result, nth = str(detail["result"]), int(detail["count"])
        words = f"{line.name}: {self._person(line.caller)} tries {self._person(line.callee)}"
        words += f" over {self.channels[line.channel]}"
        if nth > 1:
            words += f", attempt {nth}"
        elif line.trigger is not None:
            words += f", {self._cause(line)}"
        if result == "busy":
            other = f", in a call on {context.engaged}" if context.engaged else ""
            return f"{words}: busy{other}." + self._fatigue(line)
        words += f": {plain(result)}."
        if result == "answered":
            return f"{words} {self._promise(line, int(detail['delay']), context)}{self._chance(log_entry, context)}"
        return words + self._chance(log_entry, context) + self._fatigue(line)

    def _promise(self, line: Line, delay: int, context: Context) -> str:
        """When the two will speak. Where the delay counts the callee's duty time, the date is later than the delay."""
        if delay == NEVER:
            return "They will not speak before the end."
        if delay <= 0:
            after = "at once"
        elif line.delay_counts == "calendar" or self.officials[line.callee].duty is None:
            after = f"after {duration(delay)}"
        else:
            after = f"after {working(delay)} of the person called"
        if context.contact is None:
            return f"They will speak {after}, if nothing comes before that."
        moment = self.scenario.start + timedelta(seconds=context.contact)
        return f"They will speak {after}, on {weekday(moment)} {day(moment)} {clock(moment)}."

    def _chance(self, log_entry: LogEntry, context: Context) -> str:
        """The chance that an attempt had, where it differs from that of the attempt before."""
        chance = float(log_entry.detail["probability"])
        if context.chance is None:
            return f" The chance of an answer was {probability(chance)}."
        now, before = probability(chance), probability(context.chance)
        if now == before:
            return ""
        return f" The chance of an answer was {now}, {before} at the attempt before."

    def _fatigue(self, line: Line) -> str:
        """What an unanswered attempt does to the next, said once a line."""
        if line.name in self.told_fatigue:
            return ""
        self.told_fatigue.add(line.name)
        said = self.effect(line.on_unanswered, line.name)
        return f"{said} So it is after every unanswered attempt." if said else ""

    def _contact(self, log_entry: LogEntry, context: Context) -> str:
        line, detail = self.lines[log_entry.name], log_entry.detail
        call, attempted = int(detail["call"]), int(detail["attempted"])
        held = f" for {duration(call)}" if call > 0 else ""
        since = log_entry.second - attempted
        caller, callee = self._person(line.caller), self._person(line.callee)
        words = f"{line.name}: CONTACT. {capital(caller)} speaks with {callee}{held}"
        words += f", {duration(since)} after the attempt" if since else ", at once"
        response = int(detail["response"])
        if line.trigger is not None and response != since:
            words += f" and {duration(response)} after the cause"
        return f"{words}.{self.firsts(log_entry, context)}{self.effect(line.on_contact, line.name)}"

    def firsts(self, log_entry: LogEntry, context: Context) -> str:
        """Of what this contact is the first, as a sentence."""
        after = f", {duration(log_entry.second)} after the start"
        if "any" in context.firsts and len(self.lines) > 1:
            return f" The first contact of all{after}."
        named = {
            "level": lambda name: f"at {name} level",
            "channel": lambda name: f"over {self.channels[name]}",
            "side": lambda name: f"begun by {self.sides[name]}",
            "group": lambda name: f"of the group {plain(name)}",
        }
        parts: dict[frozenset[str], str] = {}
        for column in context.firsts:
            kind, name = kind_of(column), name_of(column)
            if kind in named and len(self.members[column]) > 1:
                parts.setdefault(self.members[column], named[kind](name))
        if parts:
            return f" The first {listing(tuple(parts.values()))}{after}."
        line = self.lines[log_entry.name]
        if f"line:{line.name}" not in context.firsts:
            return ""
        again = line.until_horizon or line.trigger is not None
        return (
            f" The first on this line{after}." if again else f" That is {duration(log_entry.second)} after the start."
        )

    def _call_ends(self, log_entry: LogEntry, context: Context) -> str:
        return f"{log_entry.name}: the call ends."

    def _gave_up(self, log_entry: LogEntry, context: Context) -> str:
        line = self.lines[log_entry.name]
        made = several(int(log_entry.detail["count"]), "attempt")
        return f"{line.name}: {self._person(line.caller)} gives up on {self._person(line.callee)} after {made}."

    def _superseded(self, log_entry: LogEntry, context: Context) -> str:
        return f"{log_entry.name}: no longer needed, since there was contact on {log_entry.detail['by']}."

    # Runs of alike log entries

    def attempts(self, log_entries: Sequence[LogEntry]) -> str:
        """Unanswered attempts in a row on one line."""
        line = self.lines[log_entries[0].name]
        results = Counter(str(one.detail["result"]) for one in log_entries)
        words = f"{line.name}: {several(len(log_entries), 'further attempt')}{self.up_to(log_entries)}: "
        words += listing(
            [
                plain(result) if len(results) == 1 else f"{plain(result)} {some}"
                for result, some in results.most_common()
            ]
        )
        chances = [float(one.detail["probability"]) for one in log_entries if one.detail["result"] != "busy"]
        if not chances:
            return f"{words}."
        low, high = probability(min(chances)), probability(max(chances))
        span = f"{low} each" if low == high else f"from {low} to {high}"
        return f"{words}. The chance of an answer was {span}."

    def requests(self, cycles: Sequence[Sequence[LogEntry]]) -> str:
        """Requests in a row on one line, each from its beginning to its end."""
        everything = [one for cycle in cycles for one in cycle]
        line = self.lines[everything[0].name]
        ends = Counter(end_of(cycle) for cycle in cycles)
        words = f"{line.name}: {several(len(cycles), 'more request')}{self.up_to(everything)}"
        if set(ends) == {"contact"}:
            late = sum(1 for cycle in cycles if sum(one.what == "attempt" for one in cycle) > 1)
            words += ", all with contact" if len(cycles) > 1 else ", with contact"
            words += f" ({late} only after more than one attempt)" if late else " at the first attempt"
        else:
            words += f": {listing([f'{end} {some}' for end, some in ends.most_common()])}"
        waits = [one.second - int(one.detail["attempted"]) for one in everything if one.what == "contact"]
        if waits and max(waits) == 0:
            words += ", each at once" if len(waits) > 1 else ", at once"
        elif waits:
            slowest = duration(max(waits))
            words += f", the slowest {slowest} after its attempt" if len(waits) > 1 else f", {slowest} after it"
        merged = sum(one.what == "merged" for one in everything)
        joined = f"; {several(merged, 'further cause')} added to a running request" if merged else ""
        return f"{words}{joined}."

    def occurrences(self, log_entries: Sequence[LogEntry]) -> str:
        """Occurrences of one event, switches of one regime, or what else came again and again."""
        first = log_entries[0]
        if first.what == "state":
            regime = self.regimes[first.name]
            states = Counter(str(one.detail["state"]) for one in log_entries)
            turns = listing([f"{plain(state)} {some}" for state, some in states.most_common()])
            title = capital(plain(regime.title) or regime.name)
            return f"{title}: {several(len(log_entries), 'further change')}{self.up_to(log_entries)} ({turns})."
        if first.what == "event":
            title = capital(plain(self.events[first.name].title) or first.name)
            return f"{title}: {several(len(log_entries), 'further occurrence')}{self.up_to(log_entries)}."
        joined = several(len(log_entries), "further occurrence")
        return f"{first.name}: {joined} added to the request{self.up_to(log_entries)}."

    def up_to(self, log_entries: Sequence[LogEntry]) -> str:
        """`` until 4 Mar 2022 12:00``, where that is later than the beginning."""
        last = log_entries[-1].second
        if last == log_entries[0].second:
            return ""
        moment = self.scenario.start + timedelta(seconds=last)
        return f" until {day(moment)} {moment:%H:%M}"


def end_of(cycle: Sequence[LogEntry]) -> str:
    """How a request ended: contact, gave up, superseded or open."""
    for one in reversed(cycle):
        if one.what in ("contact", "gave up", "superseded"):
            return one.what
    return "open"


def working(seconds: int) -> str:
    """``2 working hours``, ``30 working minutes``: duty time, which is never counted in days."""
    size, unit = (3600, "hour") if seconds >= 3600 else (60, "minute") if seconds >= 60 else (1, "second")
    amount = decimal(seconds / size)
    return f"{amount} working {unit}{'' if amount == '1' else 's'}"


def _time(seconds: float) -> str:
    return duration(seconds) if seconds >= 0 else "a time not known"


def decimal_of(value: float) -> str:
    """A factor with three digits that matter."""
    return f"{value:.3g}"


def probability(value: float) -> str:
    """A probability in per cent: ``5 %``, ``0.9 %``; ``0 %`` and ``100 %`` only where exact."""
    words = share(value)
    return words.replace(".0 %", " %")
