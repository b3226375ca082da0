"""Compiler of scenarios: the program of arrays of a resolved scenario, and the hash of what it says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from sim.rules.random import stream_of
from sim.scenario import calendars
from sim.scenario.errors import ScenarioError, ScenarioErrors
from sim.scenario.program import (
    BUSY,
    NONE,
    Decay,
    Derived,
    Distributions,
    Effects,
    Events,
    Floats,
    Ints,
    Lines,
    Program,
    Regimes,
    Start,
    Windows,
    columns_of,
    solve,
)
from sim.scenario.resolved import Distribution, Effect, Line, Number, Scenario, Uncertain
from sim.scenario.work import check_work

REPLICATIONS_A_BLOCK = 16
_AFTER = {
    "event": Start.AFTER_EVENT,
    "contact": Start.AFTER_CONTACT,
    "unanswered": Start.AFTER_UNANSWERED,
    "gave_up": Start.AFTER_GAVE_UP,
}


def compile_scenario(scenario: Scenario, block: int = REPLICATIONS_A_BLOCK) -> Program:
    """The program of a resolved scenario.

    `block`: how many replications share one draw of the uncertain numbers, at least 1. Raises ScenarioErrors where two
    names share a random stream (about one scenario of 100 names in a million), and where a replication would have more
    entries than can be simulated (`sim.scenario.work`).
    """
    if block < 1:
        raise ValueError(f"block is {block}; expected at least 1")
    if scenario.posterior is not None and scenario.draws is None:
        message = f"the table '{scenario.posterior}' is not at hand; load the scenario from its file, not from a text"
        raise ScenarioErrors([ScenarioError(scenario.title, 0, 0, "posterior", message)])
    _refuse_collisions(scenario)
    program = _Compiler(scenario, block).program()
    check_work(program)
    return program


def sha256_of(scenario: Scenario) -> str:
    """The hash of the resolved scenario, in hexadecimal. Two files that resolve alike have the same.

    Fields at their defaults are left out, so that one which is added to the language changes no hash.
    """
    parts = _parts(replace(scenario, draws=None, warnings=()))
    if scenario.draws is not None:
        # The numbers in the table make the scenario, whatever the file is called.
        parts |= {"posterior": None, "draws": scenario.draws.sha256}
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _parts(value: Any) -> Any:
    """A value as JSON takes it, without fields at their defaults."""
    if is_dataclass(value):
        held = ((one, getattr(value, one.name)) for one in fields(value))
        return {one.name: _parts(inner) for one, inner in held if inner != _default(one)}
    if isinstance(value, Mapping):
        return {key: _parts(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_parts(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def _default(one: Field[Any]) -> Any:
    return one.default if one.default_factory is MISSING else one.default_factory()


def _refuse_collisions(scenario: Scenario) -> None:
    named = [
        *(("line", line.name) for line in scenario.lines),
        *(("event", event.name) for event in scenario.events),
        *(("regime", regime.name) for regime in scenario.regimes),
        *(("parameter", number.path) for number in scenario.uncertain),
        ("posterior", ""),
    ]
    seen: dict[int, tuple[str, str]] = {}
    for kind, name in named:
        other = seen.setdefault(stream_of(kind, name), (kind, name))
        if other != (kind, name):
            message = (
                f"{kind} '{name}' and {other[0]} '{other[1]}' would share their random numbers, because their names "
                f"have the same hash; rename one of them"
            )
            raise ScenarioErrors([ScenarioError(scenario.title, 0, 0, f"{kind}s.{name}", message)])


def _places(names: Iterable[str]) -> dict[str, int]:
    """The index of each name."""
    return {name: at for at, name in enumerate(names)}


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


class _Compiler:
    """Gathers slots, distributions, calendars and effects while it walks the scenario in order of declaration."""

    def __init__(self, scenario: Scenario, block: int) -> None:
        self.scenario = scenario
        self.block = block
        self.values: list[float] = []
        self.derived: list[Derived] = []
        self.logarithms: list[tuple[int, str]] = []
        self.distributions: list[tuple[int, int, tuple[float, ...], float]] = []
        self.calendars: dict[calendars.Windows, int] = {}
        self.effects: list[tuple[int, int, int]] = []
        self.effect_lines: list[tuple[str, ...]] = []
        self.line_at = {line.name: at for at, line in enumerate(scenario.lines)}
        self.event_at = {event.name: at for at, event in enumerate(scenario.events)}
        self.reasons = [*dict.fromkeys(reason for line in scenario.lines for reason in line.unanswered), BUSY]
        official_side = {official.name: official.side for official in scenario.officials}
        self.duty = {
            one.name: calendars.duty_windows(one, scenario.zone_of(one), scenario.start, scenario.horizon)
            for one in scenario.officials
        }
        self.always: calendars.Windows = ((0, scenario.horizon),)
        self.open = {c.name: calendars.channel_windows(c, scenario.horizon) for c in scenario.channels}
        self.caller_side = {line.name: official_side[line.caller] for line in scenario.lines}

    def program(self) -> Program:
        """The scenario as arrays, names replaced by their places in order of declaration. Called once."""
        s = self.scenario
        # The order of these lines is the order in which the terms of a log-odds are added: regimes, events, lines.
        regimes = self._regimes()
        events = self._events()
        line = self._lines()
        channels = tuple(channel.name for channel in s.channels)
        sides = tuple(side.name for side in s.sides)
        priors = tuple(solve(number.prior, {}) for number in s.uncertain)
        channel_at, side_at = _places(channels), _places(sides)
        levels = tuple(dict.fromkeys(channel.level for channel in s.channels if channel.level))
        return Program(
            title=s.title,
            sha256=sha256_of(s),
            start=s.start,
            horizon=s.horizon,
            block=self.block,
            lines=tuple(line.name for line in s.lines),
            channels=channels,
            sides=sides,
            groups=tuple(s.groups),
            levels=levels,
            officials=tuple(official.name for official in s.officials),
            line_channel=_ints(channel_at[line.channel] for line in s.lines),
            line_side=_ints(side_at[self.caller_side[line.name]] for line in s.lines),
            triggered=np.array([line.trigger is not None for line in s.lines], dtype=np.bool_),
            reasons=tuple(self.reasons),
            uncertain=tuple(number.path for number in s.uncertain),
            priors=priors,
            posterior=self._posterior(),
            columns=columns_of(s),
            values=np.array(self.values, dtype=np.float64),
            derived=tuple(self.derived),
            logarithms=tuple(self.logarithms),
            calendars=tuple(Windows(_ints(a for a, _ in w), _ints(b for _, b in w)) for w in self.calendars),
            distributions=self._distributions(),
            effects=Effects(*(_ints(column) for column in zip(*self.effects, strict=True)))
            if self.effects
            else Effects(_ints(()), _ints(()), _ints(())),
            regimes=regimes,
            events=events,
            line=line,
            posterior_sets=s.draws.sets if s.draws is not None else None,
            posterior_weights=s.draws.weights if s.draws is not None else None,
        )

    def _posterior(self) -> Floats | None:
        draws = self.scenario.draws
        if draws is None or not self.scenario.uncertain:
            return None
        return np.array([draws.columns[number.path] for number in self.scenario.uncertain], dtype=np.float64).T

    # Numbers ---------------------------------------------------------------------------------------------------------

    def _slot(self, number: Number, kind: str = "number") -> int:
        slot = len(self.values)
        if isinstance(number, Uncertain):
            self.values.append(float("nan"))
            self.derived.append(Derived(slot, kind, number=number))
        else:
            self.values.append(number)
            if kind != "number":
                self.logarithms.append((slot, kind))
        return slot

    def _optional_slot(self, number: Number | None) -> int:
        return NONE if number is None else self._slot(number)

    def _distribution(self, distribution: Distribution | None) -> int:
        if distribution is None:
            return NONE
        slot = len(self.values)
        uncertain = any(isinstance(number, Uncertain) for number in distribution.given.values())
        if uncertain:
            solved = self._representative(distribution)
            self.values.extend((float("nan"),) * 3)
            self.derived.append(Derived(slot, "distribution", distribution=distribution))
        else:
            solved = solve(distribution, {})
            self.values.extend((solved.a, solved.b, solved.c))
        self.distributions.append((solved.code, slot, solved.table, solved.error))
        return len(self.distributions) - 1

    def _representative(self, distribution: Distribution) -> Any:
        """The distribution at the medians of its uncertain numbers: its code and table are those of every draw."""
        medians = {number.path: solve(number.prior, {}).quantile(0.5) for number in self.scenario.uncertain}
        return solve(distribution, medians)

    def _distributions(self) -> Distributions:
        return Distributions(
            family=_ints(code for code, _, _, _ in self.distributions),
            slot=_ints(slot for _, slot, _, _ in self.distributions),
            tables=tuple(np.array(table, dtype=np.float64) for _, _, table, _ in self.distributions),
            error=np.array([error for _, _, _, error in self.distributions], dtype=np.float64),
        )

    def _calendar(self, windows: calendars.Windows) -> int:
        return self.calendars.setdefault(windows, len(self.calendars))

    def _effect(self, effect: Effect | None) -> int:
        if effect is None:
            return NONE
        decay, window = Decay.PERMANENT, NONE
        if effect.lasts is not None:
            decay, window = Decay.LASTS, self._slot(effect.lasts)
        elif effect.half_life is not None:
            decay, window = Decay.HALF_LIFE, self._slot(effect.half_life)
        self.effects.append((decay, self._slot(effect.odds_factor, "log"), window))
        self.effect_lines.append(effect.affects)
        return len(self.effects) - 1

    # Regimes, events, lines ------------------------------------------------------------------------------------------

    def _regimes(self) -> Regimes:
        regimes = self.scenario.regimes
        return Regimes(
            names=tuple(regime.name for regime in regimes),
            states=tuple(tuple(state.name for state in regime.states) for regime in regimes),
            sojourn=tuple(tuple(self._distribution(state.lasts) for state in regime.states) for regime in regimes),
            log_factor=tuple(
                tuple(self._slot(state.odds_factor, "log") for state in regime.states) for regime in regimes
            ),
            initially=tuple(
                _cumulative([regime.initially.get(state.name, 0.0) for state in regime.states]) for regime in regimes
            ),
        )

    def _events(self) -> Events:
        events = self.scenario.events
        regime_at = {regime.name: at for at, regime in enumerate(self.scenario.regimes)}
        state_at = {
            (regime.name, state.name): at for regime in self.scenario.regimes for at, state in enumerate(regime.states)
        }
        return Events(
            names=tuple(event.name for event in events),
            at=tuple(tuple((when.second, self._distribution(when.plus)) for when in event.at) for event in events),
            every=_ints(self._distribution(event.every) for event in events),
            starts=_ints(event.starts for event in events),
            effect=_ints(self._effect(event.effect) for event in events),
            switches=tuple(
                tuple((regime_at[regime], state_at[regime, state]) for regime, state in event.switches.items())
                for event in events
            ),
        )

    def _lines(self) -> Lines:
        lines = self.scenario.lines
        official_at = _places(official.name for official in self.scenario.officials)
        reason_at = _places(self.reasons)
        starts = [self._start(line) for line in lines]
        reacts = [(self._effect(line.on_unanswered), self._effect(line.on_contact)) for line in lines]
        under = [frozenset(regime.affects) for regime in self.scenario.regimes]
        moved = [frozenset(affects) for affects in self.effect_lines]
        return Lines(
            caller=_ints(official_at[line.caller] for line in lines),
            callee=_ints(official_at[line.callee] for line in lines),
            may_attempt=_ints(
                self._calendar(calendars.both(self.duty[line.caller], self.open[line.channel])) for line in lines
            ),
            on_duty=_ints(
                self._calendar(self.always if line.delay_counts == "calendar" else self.duty[line.callee])
                for line in lines
            ),
            may_contact=_ints(
                self._calendar(calendars.both(self.duty[line.callee], self.open[line.channel])) for line in lines
            ),
            start=_ints(start for start, *_ in starts),
            start_second=_ints(second for _, second, *_ in starts),
            start_count=_ints(count for _, _, count, *_ in starts),
            start_event=_ints(event for *_, event, _ in starts),
            start_lines=tuple(names for *_, names in starts),
            wait=_ints(self._distribution(line.starts.wait if line.starts else None) for line in lines),
            every=_ints(self._distribution(line.every) for line in lines),
            delay=_ints(self._distribution(line.delay) for line in lines),
            call=_ints(self._distribution(line.call) for line in lines),
            answer=_ints(self._slot(line.answer, "logit") for line in lines),
            give_up=_ints(self._optional_slot(line.give_up) for line in lines),
            attempts=_ints(line.attempts or 0 for line in lines),
            until_horizon=np.array([line.until_horizon for line in lines], dtype=np.bool_),
            until_lines=tuple(self._indices(line.until_contact) for line in lines),
            reasons=tuple(tuple(reason_at[reason] for reason in line.unanswered) for line in lines),
            shares=tuple(_cumulative(list(line.unanswered.values())) for line in lines),
            regimes=tuple(tuple(at for at, affects in enumerate(under) if line.name in affects) for line in lines),
            effects=tuple(tuple(at for at, affects in enumerate(moved) if line.name in affects) for line in lines),
            on_unanswered=_ints(unanswered for unanswered, _ in reacts),
            on_contact=_ints(contact for _, contact in reacts),
        )

    def _start(self, line: Line) -> tuple[int, int, int, int, tuple[int, ...]]:
        """(Start, second, count, event, lines) of a line."""
        if line.trigger is not None:
            if line.trigger.kind == "event":
                return Start.ON_EVENT, 0, 0, self.event_at[line.trigger.name], ()
            return Start.ON_GAVE_UP, 0, 0, NONE, (self.line_at[line.trigger.name],)
        assert line.starts is not None
        after = line.starts.after
        if after is None:
            return Start.AT, line.starts.second, 0, NONE, ()
        event = self.event_at[after.name] if after.kind == "event" else NONE
        return _AFTER[after.kind], 0, after.count, event, self._indices(after.lines)

    def _indices(self, names: Sequence[str]) -> tuple[int, ...]:
        return tuple(self.line_at[name] for name in names)


def _cumulative(shares: Sequence[float]) -> tuple[float, ...]:
    total = 0.0
    out = []
    for share in shares:
        total += share
        out.append(total)
    return tuple(out)
