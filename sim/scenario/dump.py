"""The resolved model as YAML: a scenario file that resolves to an equal scenario."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from sim.scenario import resolved
from sim.scenario.quantities import has_dimension
from sim.scenario.resolved import Number, Uncertain
from sim.scenario.units import duration_text, duty_text, instant_text
from sim.scenario.validate_names import BOOLEANS
from sim.scenario.yaml_nodes import scalar

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_ ./+-]|:(?=[A-Za-z0-9]))*", re.ASCII)
# Also what YAML allows but a terminal may obey: marks of direction and of no width.
_ESCAPED = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufffe\uffff]")
_ENDS = ("min", "max")


def dump(scenario: resolved.Scenario) -> str:
    """The scenario as YAML, every default, reference and unit written out; `loads` reads it back as equal."""
    return emit(_Dumper(scenario).tree())


def amount_text(number: Number, unit: str, uncertain: Iterable[resolved.UncertainNumber]) -> str:
    """A number in words, for the table of provenance."""
    if isinstance(number, Uncertain):
        prior = next((one for one in uncertain if one.path == number.path), None)
        if number.path.startswith("parameters.") and prior is None:
            return number.path
        return f"prior {spec_text(prior.prior, prior.unit)}" if prior is not None else number.path
    return duration_text(number) if unit else number_text(number)


def spec_text(distribution: resolved.Distribution, unit: str) -> str:
    """A distribution in words: ``lognormal (median 6 h, p90 2 d)``."""
    parts = [] if not distribution.scipy else [distribution.scipy]
    for name, number in distribution.given.items():
        dimension = unit if has_dimension(distribution.family, name) else ""
        parts.append(f"{name} {number.path if isinstance(number, Uncertain) else amount_text(number, dimension, ())}")
    parts += [duration_text(value) if unit else number_text(value) for value in distribution.sample]
    return f"{distribution.family} ({', '.join(parts)})"


def shares_text(shares: Mapping[str, float]) -> str:
    """Shares in words."""
    return ", ".join(f"{name} {number_text(share)}" for name, share in shares.items())


def number_text(value: float) -> str:
    """A float as YAML that reads back as equal, whole numbers without a point."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


class _Dumper:
    def __init__(self, scenario: resolved.Scenario) -> None:
        self.scenario = scenario
        self.notes = {one.path: one for one in scenario.provenance}
        self.priors = {one.path: one for one in scenario.uncertain}

    def tree(self) -> dict[str, Any]:
        """The scenario in the human model's keys, with every default and number written out, ready for YAML."""
        s = self.scenario
        clock = {"start": self.date("clock.start", 0), "end": self.date("clock.end", s.horizon)}
        parameters = {
            one.path.removeprefix("parameters."): self._uncertain(one.path, one.path)
            for one in s.uncertain
            if one.path.startswith("parameters.")
        }
        tree: dict[str, Any] = {
            "scenario": 1,
            "title": s.title,
            "description": s.description,
            "clock": clock,
            "sides": {one.name: {"timezone": one.timezone, "title": one.title} for one in s.sides},
            "officials": {one.name: self._official(one) for one in s.officials},
            "channels": {one.name: self._channel(one) for one in s.channels},
            "parameters": parameters,
            "regimes": {one.name: self._regime(one) for one in s.regimes},
            "events": {one.name: self._event(one) for one in s.events},
            "lines": {one.name: self._line(one) for one in s.lines},
            "record": [self._entry(f"record.{place}", one) for place, one in enumerate(s.record)],
            "report": {"groups": {name: list(lines) for name, lines in s.groups.items()}},
            "sources": {one.name: _source(one) for one in s.sources},
        }
        if s.posterior is not None:
            tree["posterior"] = s.posterior
        return tree

    def date(self, path: str, second: int) -> Any:
        return self._noted(path, _Raw(instant_text(self.scenario.start + timedelta(seconds=second))))

    def number(self, path: str, number: Number, unit: str = "") -> Any:
        if isinstance(number, Uncertain):
            return self._uncertain(path, number.path)
        return self._noted(path, _Raw(duration_text(number) if unit else number_text(number)))

    def distribution(self, path: str, made: resolved.Distribution) -> Any:
        if made.family == "fixed":
            return self.number(path, made.given["value"], "s")
        return self._noted(path, self._family(path, made, "s"))

    def _family(self, path: str, made: resolved.Distribution, unit: str) -> dict[str, Any]:
        if made.family == "empirical":
            where = f"{path}.empirical"
            return {"empirical": [self.number(f"{where}.{n}", x, unit) for n, x in enumerate(made.sample)]}
        body: dict[str, Any] = {"name": made.scipy} if made.scipy else {}
        for name, number in made.given.items():
            dimension = unit if has_dimension(made.family, name) else ""
            body[name] = self.number(f"{path}.{made.family}.{name}", number, dimension)
        return {made.family: body}

    def _uncertain(self, path: str, prior_path: str) -> Any:
        if prior_path != path:
            return {"parameter": prior_path.removeprefix("parameters."), **self._note(path)}
        one = self.priors[path]
        return {"prior": self._family("", one.prior, one.unit), **self._note(path)}

    def _noted(self, path: str, value: Any) -> Any:
        note = self._note(path)
        return {"value": value, **note} if note else value

    def _note(self, path: str) -> dict[str, str]:
        note = self.notes.get(path)
        pairs = () if note is None else (("basis", note.basis), ("source", note.source), ("why", note.why))
        return {key: text for key, text in pairs if text is not None}

    def _official(self, one: resolved.Official) -> dict[str, Any]:
        path = f"officials.{one.name}.holidays"
        duty = "always" if one.duty is None else [duty_text(window) for window in one.duty]
        holidays = [self._noted(f"{path}.{place}", _Raw(day.isoformat())) for place, day in enumerate(one.holidays)]
        entry = {"side": one.side, "name": one.title, "office": one.office, "duty": duty, "holidays": holidays}
        return entry | ({"timezone": one.timezone} if one.timezone else {})

    def _channel(self, one: resolved.Channel) -> dict[str, Any]:
        path = f"channels.{one.name}"
        entry: dict[str, Any] = {"title": one.title}
        if one.level:
            entry["level"] = one.level
        if one.opens is not None:
            entry["opens"] = self.date(f"{path}.opens", one.opens)
        if one.closes is not None:
            entry["closes"] = self.date(f"{path}.closes", one.closes)
        entry["outages"] = [
            {
                "from": self.date(f"{path}.outages.{place}.from", first),
                "to": self.date(f"{path}.outages.{place}.to", last),
            }
            for place, (first, last) in enumerate(one.outages)
        ]
        return entry

    def _regime(self, one: resolved.Regime) -> dict[str, Any]:
        path = f"regimes.{one.name}"
        states = {}
        for state in one.states:
            where = f"{path}.states.{state.name}"
            lasts = {} if state.lasts is None else {"lasts": self.distribution(f"{where}.lasts", state.lasts)}
            states[state.name] = lasts | {"odds_factor": self.number(f"{where}.odds_factor", state.odds_factor)}
        initially = self._shares(f"{path}.initially", one.initially)
        return {"title": one.title, "affects": self._affects(one.affects), "initially": initially, "states": states}

    def _shares(self, path: str, shares: Mapping[str, float]) -> dict[str, Any]:
        return {name: self.number(f"{path}.{name}", share) for name, share in shares.items()}

    def _affects(self, lines: tuple[str, ...]) -> list[str]:
        """The lines; where there are none, a name that stands for none (the one that was written, or its like)."""
        if lines:
            return list(lines)
        s = self.scenario
        callees = {line.callee for line in s.lines}
        sides = {official.side for official in s.officials if official.name in callees}
        reached = callees | sides | {line.channel for line in s.lines}
        names = [one.name for one in s.channels] + [one.name for one in s.officials] + [one.name for one in s.sides]
        return [next(name for name in names if name not in reached)]

    def _effect(self, path: str, effect: resolved.Effect) -> dict[str, Any]:
        entry = {
            "affects": self._affects(effect.affects),
            "odds_factor": self.number(f"{path}.odds_factor", effect.odds_factor),
        }
        if effect.lasts is not None:
            entry["lasts"] = self.number(f"{path}.lasts", effect.lasts, "s")
        if effect.half_life is not None:
            entry["half_life"] = self.number(f"{path}.half_life", effect.half_life, "s")
        return entry

    def _event(self, one: resolved.Event) -> dict[str, Any]:
        path = f"events.{one.name}"
        entry: dict[str, Any] = {"title": one.title}
        if one.at:
            wheres = [f"{path}.at"] if len(one.at) == 1 else [f"{path}.at.{place}" for place in range(len(one.at))]
            entry["at"] = [self._when(where, when) for where, when in zip(wheres, one.at, strict=True)]
        if one.every is not None:
            entry["every"] = self.distribution(f"{path}.every", one.every)
            entry["starts"] = self.date(f"{path}.starts", one.starts)
        if one.effect is not None:
            entry["effect"] = self._effect(f"{path}.effect", one.effect)
        if one.switches:
            entry["switches"] = dict(one.switches)
        return entry

    def _when(self, path: str, when: resolved.When) -> Any:
        date = self.date(path, when.second)
        return {"date": date} | ({} if when.plus is None else {"plus": self.distribution(f"{path}.plus", when.plus)})

    def _line(self, one: resolved.Line) -> dict[str, Any]:
        path = f"lines.{one.name}"
        entry: dict[str, Any] = {
            "title": one.title,
            "caller": one.caller,
            "callee": one.callee,
            "channel": one.channel,
        }
        if one.trigger is not None:
            entry["triggered_by"] = one.trigger.name if one.trigger.kind == "event" else {"gave_up": one.trigger.name}
        if one.starts is not None:
            entry["starts"] = self._starts(f"{path}.starts", one.starts)
        entry["every"] = self.distribution(f"{path}.every", one.every)
        entry["until"] = (
            "horizon" if one.until_horizon else {"contact": one.until_name} if one.until_name else "contact"
        )
        if one.give_up is not None:
            entry["give_up"] = self.number(f"{path}.give_up", one.give_up, "s")
        if one.attempts is not None:
            entry["attempts"] = self.number(f"{path}.attempts", float(one.attempts))
        entry["answer"] = self.number(f"{path}.answer", one.answer)
        entry["delay"] = self.distribution(f"{path}.delay", one.delay)
        entry["delay_counts"] = one.delay_counts
        entry["call"] = self.distribution(f"{path}.call", one.call)
        entry["unanswered"] = self._shares(f"{path}.unanswered", one.unanswered)
        for key, effect in (("on_unanswered", one.on_unanswered), ("on_contact", one.on_contact)):
            if effect is not None:
                entry[key] = self._effect(f"{path}.{key}", effect)
        return entry

    def _starts(self, path: str, starts: resolved.Starts) -> dict[str, Any]:
        entry: dict[str, Any] = {}
        if starts.after is None:
            entry["at"] = self.date(f"{path}.at", starts.second)
        else:
            count = self.number(f"{path}.after.count", float(starts.after.count))
            entry["after"] = {starts.after.kind: starts.after.name, "count": count}
        if starts.wait is not None:
            entry["wait"] = self.distribution(f"{path}.wait", starts.wait)
        return entry

    def _counted(self, path: str, ends: tuple[int, int]) -> Any:
        return self._noted(path, {key: self._noted(f"{path}.{key}", n) for key, n in zip(_ENDS, ends, strict=True)})

    def _entry(self, path: str, one: resolved.RecordEntry) -> dict[str, Any]:
        def moment(second: int) -> Any:
            return _Raw(instant_text(self.scenario.start + timedelta(seconds=second)))

        entry: dict[str, Any] = {"line": one.line}
        period = {"from": moment(one.start), "to": moment(one.end)}
        if one.kind == "contact":
            entry["contact"] = period
        elif one.kind == "no_contact":
            entry["no_contact_until"] = moment(one.end)
        else:
            entry |= period
        if one.attempts is not None:
            entry["attempts"] = self._counted(f"{path}.attempts", one.attempts)
        if one.all_answered:
            entry["answered"] = self._noted(f"{path}.answered", "all")
        elif one.answered is not None:
            entry["answered"] = self._counted(f"{path}.answered", one.answered)
        if one.state:
            entry["state"] = one.state
        if one.response_seconds is not None:
            entry["response"] = _Raw(duration_text(one.response_seconds))
        return entry | {"known": moment(one.known), "source": one.source, "why": one.why}


def _source(one: resolved.Source) -> dict[str, Any]:
    entry: dict[str, Any] = {"title": one.title, "url": one.url, "note": one.note}
    return entry | ({"date": _Raw(one.date)} if one.date else {})


class _Raw(str):
    """A text that is known to read back as itself without quotes."""

    __slots__ = ()


def emit(tree: Mapping[str, Any]) -> str:
    """Sections and the keys of their entries in lines of their own, what stands deeper in braces."""
    lines: list[str] = []
    for section, content in tree.items():
        if isinstance(content, dict) and content:
            lines.append(f"{section}:")
            for name, entry in content.items():
                if isinstance(entry, dict) and entry and section not in {"clock", "report"}:
                    lines.append(f"  {_text(name)}:")
                    lines += [f"    {_text(key)}: {_flow(value)}" for key, value in entry.items()]
                else:
                    lines.append(f"  {_text(name)}: {_flow(entry)}")
        elif isinstance(content, list) and content:
            lines.append(f"{section}:")
            lines += [f"  - {_flow(entry)}" for entry in content]
        else:
            lines.append(f"{section}: {_flow(content)}")
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return str(value) if isinstance(value, int | _Raw) else _text(value)


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and not text.endswith(" ") and isinstance(scalar(text), str) and text not in BOOLEANS:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match.group()):04X}", quoted)
