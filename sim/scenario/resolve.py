"""Resolver: from a human model without faults to the resolved one, with defaults, references and units explicit."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from sim.scenario import quantities as q
from sim.scenario import resolved, schema
from sim.scenario.dump import amount_text, dump, shares_text, spec_text
from sim.scenario.fields import Counted
from sim.scenario.resolved import Number, Uncertain
from sim.scenario.schema_record import EntryFields
from sim.scenario.units import instant_text
from sim.scenario.validate_record import KINDS, known_of, window_of

__all__ = ["dump", "resolve"]


def resolve(human: schema.ScenarioFields) -> resolved.Scenario:
    """The resolved model of a human model that was checked."""
    return _Resolver(human).scenario()


class _Resolver:
    """Gathers uncertain numbers and provenance, in order of declaration, as it goes through the sections."""

    def __init__(self, human: schema.ScenarioFields) -> None:
        self.human = human
        self.start = human.clock.start.instant.moment
        self.end = human.clock.end.instant.moment
        self.references = References(human)
        self.uncertain: list[resolved.UncertainNumber] = []
        self.provenance: list[resolved.Provenance] = []

    def scenario(self) -> resolved.Scenario:
        """The scenario with defaults, references and units made explicit. The human model must have been checked."""
        human = self.human
        self._clock()
        for name, parameter in human.parameters.items():
            if parameter.prior is not None:
                self.number(f"parameters.{name}", parameter)
        channels = tuple(self._channel(name, channel) for name, channel in human.channels.items())
        regimes = tuple(self._regime(name, regime) for name, regime in human.regimes.items())
        events = tuple(self._event(name, event) for name, event in human.events.items())
        lines = tuple(self._line(name, line) for name, line in human.lines.items())
        record = tuple(self._entry(place, entry) for place, entry in enumerate(human.record))
        return resolved.Scenario(
            title=human.title,
            description=human.description,
            start=self.start,
            end=self.end,
            sides=tuple(resolved.Side(n, side.title or n, side.timezone) for n, side in human.sides.items()),
            officials=tuple(self._official(name, one) for name, one in human.officials.items()),
            channels=channels,
            regimes=regimes,
            events=events,
            lines=lines,
            uncertain=tuple(self.uncertain),
            groups=dict(human.report.groups),
            record=record,
            sources=tuple(
                resolved.Source(n, one.title, one.date, one.url, one.note) for n, one in human.sources.items()
            ),
            provenance=tuple(self.provenance),
            posterior=human.posterior,
        )

    def number(self, path: str, amount: q.Amount, default: float | None = None) -> Number:
        """A number and its provenance. A default left as it is needs no source."""
        number, note = self._number(path, amount)
        named = amount.parameter is not None and isinstance(number, Uncertain)
        if note is not None or not (named or number == default):
            self._provenance(path, amount_text(number, amount.kind.unit, self.uncertain), note)
        return number

    def distribution(
        self, path: str, spec: q.Spec, default: resolved.Distribution | None = None
    ) -> resolved.Distribution:
        """A distribution and its provenance: of the whole, and of each of its numbers that has one of its own."""
        if spec.family == "fixed":
            usual = default.given["value"] if default is not None else None
            assert not isinstance(usual, Uncertain)
            return resolved.Distribution("fixed", {"value": self.number(path, spec.given["value"], usual)})
        before = len(self.provenance)
        given: dict[str, Number] = {}
        bare = not spec.given and not (spec.sample and len(spec.sample_notes) == len(spec.sample))
        for name, amount in spec.given.items():
            number, note = self._number(where := f"{path}.{spec.family}.{name}", amount)
            given[name] = number
            if note is not None or amount.prior is not None:
                self._provenance(where, amount_text(number, amount.kind.unit, self.uncertain), note)
            elif not isinstance(number, Uncertain):
                bare = True
        for place, note in spec.sample_notes.items():
            value = amount_text(spec.sample[place], spec.unit, ())
            self._provenance(f"{path}.{spec.family}.{place}", value, note)
        made = resolved.Distribution(spec.family, given, spec.sample, spec.scipy)
        if bare or spec.note is not None:
            self.provenance.insert(before, _provenance(path, spec_text(made, spec.unit), spec.note))
        return made

    def date(self, path: str, date: q.Date, *, always: bool = True) -> int:
        """Seconds from clock.start, and the provenance; only if there is some, unless `always`."""
        if always or date.note is not None:
            self._provenance(path, instant_text(date.instant.moment), date.note)
        return self._second(date.instant.moment)

    def _number(self, path: str, amount: q.Amount) -> tuple[Number, q.Note | None]:
        if amount.prior is not None:
            prior = _known(amount.prior)
            self.uncertain.append(resolved.UncertainNumber(path, prior, amount.kind.unit))
            return Uncertain(path), amount.note
        if amount.parameter is not None:
            parameter = self.human.parameters[amount.parameter]
            if parameter.value is None:
                return Uncertain(f"parameters.{amount.parameter}"), amount.note
            return parameter.value, amount.note or parameter.note
        assert amount.value is not None
        return amount.value, amount.note

    def _provenance(self, path: str, value: str, note: q.Note | None) -> None:
        self.provenance.append(_provenance(path, value, note))

    def _second(self, moment: datetime) -> int:
        return round((moment - self.start).total_seconds())

    def _clock(self) -> None:
        self.date("clock.start", self.human.clock.start, always=False)
        self.date("clock.end", self.human.clock.end, always=False)

    def _official(self, name: str, one: schema.OfficialFields) -> resolved.Official:
        holidays = self._holidays(name, one.holidays)
        return resolved.Official(name, one.side, one.name or name, one.office, one.duty, holidays, one.timezone or "")

    def _holidays(self, name: str, days: tuple[tuple[dt.date, q.Note | None], ...]) -> tuple[dt.date, ...]:
        for place, (day, note) in enumerate(days):
            if note is not None:
                self._provenance(f"officials.{name}.holidays.{place}", day.isoformat(), note)
        return tuple(day for day, _ in days)

    def _channel(self, name: str, channel: schema.ChannelFields) -> resolved.Channel:
        path = f"channels.{name}"
        opens = None if channel.opens is None else self.date(f"{path}.opens", channel.opens)
        closes = None if channel.closes is None else self.date(f"{path}.closes", channel.closes)
        outages = tuple(
            (
                self.date(f"{path}.outages.{place}.from", outage.from_),
                self.date(f"{path}.outages.{place}.to", outage.to),
            )
            for place, outage in enumerate(channel.outages)
        )
        return resolved.Channel(name, channel.title or name, channel.level, opens, closes, outages)

    def _regime(self, name: str, regime: schema.RegimeFields) -> resolved.Regime:
        path = f"regimes.{name}"
        states = []
        written = regime.initially if regime.initially is not None else next(iter(regime.states))
        if isinstance(written, str):
            initially = {state: 1.0 if state == written else 0.0 for state in regime.states}
        else:
            ordered = {state: written.get(state, q.Amount(q.SHARE, value=0.0)) for state in regime.states}
            initially = self._shares(f"{path}.initially", ordered)
        for state_name, state in regime.states.items():
            where = f"{path}.states.{state_name}"
            lasts = None if state.lasts is None else self.distribution(f"{where}.lasts", state.lasts)
            states.append(
                resolved.State(state_name, lasts, self.number(f"{where}.odds_factor", state.odds_factor, 1.0))
            )
        affects = self.references.affected(regime.affects)
        return resolved.Regime(name, regime.title or name, affects, initially, tuple(states))

    def _shares(self, path: str, shares: Mapping[str, q.Amount]) -> dict[str, float]:
        before = len(self.provenance)
        values: dict[str, float] = {}
        bare = False
        for name, amount in shares.items():
            number, note = self._number(f"{path}.{name}", amount)
            assert not isinstance(number, Uncertain)
            values[name] = number
            bare = bare or (note is None and number > 0.0)
            if note is not None:
                self._provenance(f"{path}.{name}", amount_text(number, "", ()), note)
        # That one of them is certain, or impossible, is a statement and no number.
        if bare and max(values.values()) < 1.0:
            self.provenance.insert(before, _provenance(path, shares_text(values), None))
        return values

    def _effect(self, path: str, effect: schema.EffectFields | None, own: str = "") -> resolved.Effect | None:
        if effect is None:
            return None
        return resolved.Effect(
            affects=(own,) if effect.affects is None else self.references.affected(effect.affects),
            odds_factor=self.number(f"{path}.odds_factor", effect.odds_factor),
            lasts=None if effect.lasts is None else self.number(f"{path}.lasts", effect.lasts),
            half_life=None if effect.half_life is None else self.number(f"{path}.half_life", effect.half_life),
        )

    def _event(self, name: str, event: schema.EventFields) -> resolved.Event:
        path = f"events.{name}"
        times = []
        for place, when in enumerate(event.at or ()):
            # A list of one is the same as the date alone, and its numbers have the same names.
            where = f"{path}.at" if len(event.at or ()) == 1 else f"{path}.at.{place}"
            plus = None if when.plus is None else self.distribution(f"{where}.plus", when.plus)
            times.append(resolved.When(self.date(where, when.date), plus))
        every = None if event.every is None else self.distribution(f"{path}.every", event.every)
        starts = 0
        if event.starts is not None:
            same = event.starts.instant.moment == self.start
            starts = self.date(f"{path}.starts", event.starts, always=not same)
        effect = self._effect(f"{path}.effect", event.effect)
        return resolved.Event(
            name, event.title or name, tuple(times), every, starts, effect, dict(event.switches or {})
        )

    def _line(self, name: str, line: schema.LineFields) -> resolved.Line:
        path = f"lines.{name}"
        trigger = None
        if line.triggered_by is not None:
            event, gave_up = line.triggered_by.event, line.triggered_by.gave_up
            trigger = (
                resolved.Trigger("event", event) if event is not None else resolved.Trigger("gave_up", gave_up or "")
            )
        until = line.until.contact or ""
        return resolved.Line(
            name=name,
            title=line.title or name,
            caller=line.caller,
            callee=line.callee,
            channel=line.channel,
            trigger=trigger,
            starts=None if trigger is not None else self._starts(f"{path}.starts", line.starts),
            every=self.distribution(f"{path}.every", line.every),
            until_horizon=bool(line.until.horizon),
            until_contact=self.references.lines_of(until) if until else (),
            until_name=until,
            give_up=None if line.give_up is None else self.number(f"{path}.give_up", line.give_up),
            attempts=None if line.attempts is None else self._count(f"{path}.attempts", line.attempts),
            answer=self.number(f"{path}.answer", line.answer),
            delay=self.distribution(f"{path}.delay", line.delay, resolved.NO_TIME),
            delay_counts=line.delay_counts,
            call=self.distribution(f"{path}.call", line.call, resolved.NO_TIME),
            unanswered=self._shares(f"{path}.unanswered", line.unanswered),
            on_unanswered=self._effect(f"{path}.on_unanswered", line.on_unanswered, name),
            on_contact=self._effect(f"{path}.on_contact", line.on_contact, name),
        )

    def _count(self, path: str, amount: q.Amount, default: float | None = None) -> int:
        number = self.number(path, amount, default)
        assert not isinstance(number, Uncertain)
        return int(number)

    def _starts(self, path: str, starts: schema.StartsFields | None) -> resolved.Starts:
        if starts is None:
            return resolved.Starts(0, None, None)
        after, second = None, 0
        if starts.at is not None:
            same = starts.at.instant.moment == self.start
            second = self.date(f"{path}.at", starts.at, always=not same)
        if starts.after is not None:
            kinds = ("event", "contact", "unanswered", "gave_up")
            kind, name = next((k, getattr(starts.after, k)) for k in kinds if getattr(starts.after, k) is not None)
            lines = () if kind == "event" else self.references.lines_of(name)
            after = resolved.After(kind, name, lines, self._count(f"{path}.after.count", starts.after.count, 1.0))
        wait = None if starts.wait is None else self.distribution(f"{path}.wait", starts.wait)
        return resolved.Starts(second, after, wait)

    def _entry(self, place: int, entry: EntryFields) -> resolved.RecordEntry:
        said = next(kind for kind in KINDS if getattr(entry, kind) is not None)
        window = window_of(entry, said)
        assert window is not None
        first, last = (min(max(moment, self.start), self.end) for moment in window)
        attempts = self._counted(f"record.{place}.attempts", entry.attempts)
        answered = self._counted(f"record.{place}.answered", entry.answered)
        every = entry.answered is not None and entry.answered.ends == "all"
        response = None
        if entry.response is not None:
            number, _ = self._number(f"record.{place}.response", entry.response)
            assert not isinstance(number, Uncertain)
            response = number
        return resolved.RecordEntry(
            kind={"no_contact_until": "no_contact", "attempts": "count", "state": "spell"}.get(said, said),
            line=entry.line,
            start=self._second(first),
            end=self._second(last),
            known=self._second(known_of(entry, window)),
            attempts=attempts,
            answered=attempts if every else answered,
            all_answered=every,
            state=entry.state or "",
            response_seconds=response,
            source=entry.source,
            why=entry.why,
        )

    def _counted(self, path: str, counted: Counted | None) -> tuple[int, int] | None:
        """The smallest and the largest number, none being 0; None where no number is given. Notes its provenance."""
        if counted is None:
            return None
        ends = counted.ends if isinstance(counted.ends, tuple) else (0, 0) if counted.ends == "none" else None
        low, high = ends or (0, 0)
        whole = counted.ends if ends is None else f"{low}" if low == high else f"{low} to {high}"
        values = {"": str(whole), "min": f"{low}", "max": f"{high}"}
        for end, note in counted.notes.items():
            self._provenance(f"{path}.{end}".rstrip("."), values[end], note)
        return ends


def _known(prior: q.Spec) -> resolved.Distribution:
    given = {name: amount.value for name, amount in prior.given.items() if amount.value is not None}
    return resolved.Distribution(prior.family, given, prior.sample, prior.scipy)


def _provenance(path: str, value: str, note: q.Note | None) -> resolved.Provenance:
    note = note or q.Note()
    return resolved.Provenance(path, value, note.basis, note.source, note.why)


class References:
    """The lines of every line, group, channel, official and side (as callee) of a scenario that was checked."""

    def __init__(self, human: schema.ScenarioFields) -> None:
        self._order = {name: place for place, name in enumerate(human.lines)}
        self._groups = human.report.groups
        self._lines: dict[str, list[str]] = defaultdict(list)
        for name, line in human.lines.items():
            side = human.officials[line.callee].side
            for known_as in (name, line.channel, line.callee, side):
                self._lines[known_as].append(name)

    def affected(self, names: Iterable[str]) -> tuple[str, ...]:
        """The lines of all the names, each once."""
        lines = {line for name in names for line in self._lines.get(name, ())}
        return tuple(sorted(lines, key=self._order.__getitem__))

    def lines_of(self, name: str) -> tuple[str, ...]:
        """The lines of a line or a group."""
        if name in self._order:
            return (name,)
        return tuple(sorted(self._groups[name], key=self._order.__getitem__))
