"""Validation of numbers with others: parameters, priors, families, shares, effects."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from sim.rules import distributions
from sim.scenario import quantities as q
from sim.scenario import schema
from sim.scenario.errors import KeyPath, Problems, quoted
from sim.scenario.schema import BAD
from sim.scenario.units import duration_text
from sim.scenario.validate_names import present

SUM_TOLERANCE = 1e-9
MOST_REASONS = 10_000

Support = tuple[float, float]


def check(human: schema.ScenarioFields, problems: Problems) -> None:
    """Note numbers out of range, unusable parameters and priors, families that cannot take their numbers."""
    parameters = human.parameters
    used: set[str] = set()
    if parameters is not BAD:
        checker = _NumberChecker(parameters, problems, used)
        for path, value in numbers_in(human):
            if isinstance(value, q.Spec):
                checker.check_spec(path, value)
            else:
                checker.support(path, value)
        for name, _ in present(parameters):
            if name not in used:
                problems.warn(("parameters", name), f"parameter {quoted(name)} is used nowhere")
    for path, effect in _effects(human):
        _check_effect(problems, path, effect, parameters)
    _check_shares(human, problems)


def numbers_in(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, q.Amount | q.Spec]]:
    """Every amount and distribution that was written in a model (defaults are not), with the path of its field."""
    if isinstance(value, q.Amount | q.Spec):
        yield path, value
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            if name in value.model_fields_set:
                yield from numbers_in(getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from numbers_in(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from numbers_in(item, (*path, place))


class _NumberChecker:
    def __init__(self, parameters: Mapping[str, q.Amount], problems: Problems, used: set[str]) -> None:
        self.parameters = parameters
        self.problems = problems
        self.used = used

    def support(self, path: KeyPath, amount: q.Amount) -> Support | None:
        """The smallest and largest value that the number may take; None where something is wrong with it."""
        if amount.parameter is not None:
            return self._parameter(path, amount)
        if amount.prior is not None:
            support = self._prior(path, amount.prior)
            return support if support and self._within(path, amount, support, "the prior") else None
        assert amount.value is not None
        return (amount.value, amount.value)

    def check_spec(self, path: KeyPath, spec: q.Spec) -> None:
        supports = {name: self.support(path, amount) for name, amount in spec.given.items()}
        known = {name: support for name, support in supports.items() if support is not None}
        if spec.family != "fixed" and len(known) == len(supports):
            message = _family_fault(spec.family, tuple(known.items()), spec.sample, spec.scipy, _durations(spec))
            if message:
                self.problems.add((*path, *spec.tail), message)
        if spec.least and len(known) == len(supports):
            self._check_least(path, spec, known)

    def _check_least(self, path: KeyPath, spec: q.Spec, supports: Mapping[str, Support]) -> None:
        """Refuse a duration that always comes to less than its least, in whole seconds."""
        place = (*path, *spec.tail)
        if spec.family == "fixed":
            longest, place = supports["value"][1], (*path, *spec.given["value"].tail)
        elif all(low == high for low, high in supports.values()):
            own = {name: low for name, (low, _) in supports.items()}
            try:
                longest = distributions.canonical(spec.family, own, spec.sample, spec.scipy).high
            except distributions.FamilyError:
                return
        else:
            return
        if longest < spec.least - 0.5:
            known = "is too short" if spec.family == "fixed" else "is the longest that this can be"
            shown = quoted(duration_text(longest))
            self.problems.add(place, f"{shown} {known}; expected at least {duration_text(spec.least)}")

    def _parameter(self, path: KeyPath, amount: q.Amount) -> Support | None:
        name = amount.parameter
        assert name is not None
        place = (*path, *amount.tail)
        self.used.add(name)
        if name not in self.parameters:
            self.problems.unknown(place, name, "parameter", self.parameters)
            return None
        parameter = self.parameters[name]
        if parameter is BAD:
            return None
        if parameter.kind.unit != amount.kind.unit:
            have, want = ("a duration", "a plain number") if parameter.kind.unit else ("a plain number", "a duration")
            self.problems.add(place, f"parameter {quoted(name)} is {have}; expected {want}")
            return None
        if parameter.prior is not None:
            if not amount.kind.uncertain:
                self.problems.add(place, f"parameter {quoted(name)} has a prior; this number has to be known")
                return None
            support = _support_of(parameter.prior)
            fits = support and self._within(path, amount, support, f"the prior of parameter {quoted(name)}")
            return support if fits else None
        assert parameter.value is not None
        shown = duration_text(parameter.value) if amount.kind.unit else f"{parameter.value:g}"
        refused = amount.kind.refuse(parameter.value, f"parameter {quoted(name)}, {shown},")
        if refused is not None:
            self.problems.add(place, str(refused))
            return None
        return (parameter.value, parameter.value)

    def _prior(self, path: KeyPath, prior: q.Spec) -> Support | None:
        known = tuple((name, (amount.value, amount.value)) for name, amount in prior.given.items())
        message = _family_fault(prior.family, known, prior.sample, prior.scipy, _durations(prior))
        if message:
            self.problems.add((*path, *prior.tail), message)
            return None
        return _support_of(prior)

    def _within(self, path: KeyPath, amount: q.Amount, support: Support, what: str) -> bool:
        low, high = support
        kind = amount.kind
        if kind.low <= low and high <= kind.high:
            return True
        reach = f"{_shown(low, kind)} to {_shown(high, kind)}"
        self.problems.add((*path, *amount.tail), f"{what} reaches from {reach}; expected {kind.expected}")
        return False


def _shown(value: float, kind: q.NumberKind) -> str:
    if not math.isfinite(value):
        return "infinity"
    return duration_text(value) if kind.unit else f"{value:g}"


class _Seconds(float):
    """A number that the texts of FamilyError show as the duration that it is."""

    def __format__(self, spec: str) -> str:
        return duration_text(float(self))


def _durations(spec: q.Spec) -> frozenset[str]:
    return frozenset(name for name in spec.given if spec.unit and q.has_dimension(spec.family, name))


@lru_cache(maxsize=10_000)
def _family_fault(
    family: str,
    supports: tuple[tuple[str, Support], ...],
    sample: tuple[float, ...],
    scipy: str,
    durations: frozenset[str],
) -> str | None:
    shown = {
        name: (_Seconds(low), _Seconds(high)) if name in durations else (low, high) for name, (low, high) in supports
    }
    try:
        distributions.check(family, shown, sample, scipy)
    except distributions.FamilyError as error:
        return str(error)
    return None


def _support_of(prior: q.Spec) -> Support | None:
    given = {name: amount.value for name, amount in prior.given.items() if amount.value is not None}
    try:
        return distributions.support(distributions.canonical(prior.family, given, prior.sample, prior.scipy))
    except distributions.FamilyError:
        return None


def _effects(human: schema.ScenarioFields) -> Iterator[tuple[KeyPath, schema.EffectFields]]:
    for name, event in present(human.events):
        if event.effect is not None and event.effect is not BAD:
            yield ("events", name, "effect"), event.effect
    for name, line in present(human.lines):
        for key in ("on_unanswered", "on_contact"):
            effect = getattr(line, key)
            if effect is not None and effect is not BAD:
                yield ("lines", name, key), effect


def _check_effect(
    problems: Problems, path: KeyPath, effect: schema.EffectFields, parameters: Mapping[str, q.Amount]
) -> None:
    if effect.lasts is not None and effect.half_life is not None:
        problems.add((*path, "half_life"), "both 'lasts' and 'half_life' are given; expected one", at_key=True)
    odds = effect.odds_factor
    if effect.half_life is None or odds is BAD:
        return
    value = odds.value
    if odds.parameter is not None and parameters is not BAD:
        named = parameters.get(odds.parameter)
        value = named.value if named is not None and named is not BAD else None
    if value == 0:
        message = "an odds factor of 0 cannot fade by 'half_life'; use 'lasts', or a factor above 0"
        problems.add((*path, "odds_factor"), message)


def _check_shares(human: schema.ScenarioFields, problems: Problems) -> None:
    parameters = human.parameters
    for name, regime in present(human.regimes):
        if isinstance(regime.initially, dict):
            _check_sum(problems, ("regimes", name, "initially"), regime.initially, parameters)
    for name, line in present(human.lines):
        path: KeyPath = ("lines", name, "unanswered")
        if line.unanswered is BAD:
            continue
        if len(line.unanswered) > MOST_REASONS:
            problems.add(path, f"{len(line.unanswered)} reasons; at most {MOST_REASONS} are read")
            continue
        _check_sum(problems, path, line.unanswered, parameters)
        for reason in line.unanswered:
            if reason == "busy":
                problems.add((*path, reason), "reason 'busy' is reserved: the callee is in a call", at_key=True)
            elif not reason.strip():
                problems.add((*path, reason), "a reason without a name", at_key=True)


def _check_sum(
    problems: Problems, path: KeyPath, shares: Mapping[str, q.Amount], parameters: Mapping[str, q.Amount]
) -> None:
    values = []
    for share in shares.values():
        named = parameters.get(share.parameter) if share.parameter is not None and parameters is not BAD else None
        values.append(named.value if named is not None and named is not BAD else share.value)
    known = [value for value in values if value is not None]
    if len(known) < len(values) or problems.repeats(path):
        return
    total = math.fsum(known)
    if abs(total - 1.0) > SUM_TOLERANCE:
        problems.add(path, f"the shares sum to {total:.10g}; expected 1")
