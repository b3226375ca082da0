"""Numbers, durations and distributions as they are written: plain, wrapped with their provenance, uncertain, or named.

Everything here reads one value of the file and knows nothing of the rest: what a parameter stands for, and whether a
family can take its numbers, is checked in `sim.scenario.validate_numbers`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, TypeGuard, TypeVar

from sim.rules import distributions
from sim.scenario.errors import Fault, Faults, KeyPath, did_you_mean, fault, found, one_of, quoted, unknown_key
from sim.scenario.units import FIRST_YEAR, LAST_YEAR, Instant, day_of, instant_of, seconds_of

T = TypeVar("T")

BASES = ("briefing", "record", "calibrated", "assumption")
SOURCES_OF_VALUE = ("value", "prior", "parameter")
NOTES = ("basis", "source", "why")
WRAPPER = frozenset(SOURCES_OF_VALUE + NOTES)
FAMILIES = ("exponential", "uniform", "triangular", "pert", "lognormal", "weibull", "gamma", "loglogistic")
DURATION_FAMILIES = (*FAMILIES, "empirical", "scipy")
PRIOR_FAMILIES = (*FAMILIES, "empirical", "scipy", "beta")


@dataclass(frozen=True)
class NumberKind:
    """What a number means, and between which ends (both possible) it lies. `unit` is "s" for a duration, else "".

    `uncertain`: whether a prior may stand here.
    """

    noun: str
    expected: str
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    whole: bool = False
    uncertain: bool = True

    def refuse(self, value: float, shown: str) -> Faults | None:
        """Why the number cannot stand here, or None."""
        if not math.isfinite(value):
            return fault(f"{shown} is not finite; expected {self.expected}")
        if not self.low <= value <= self.high or (self.whole and value != int(value)):
            return fault(f"{shown} is {self.noun}; expected {self.expected}")
        return None


PROBABILITY = NumberKind("not a probability", "a number from 0 to 1", low=0.0, high=1.0)
SHARE = NumberKind("not a share", "a number from 0 to 1", low=0.0, high=1.0, uncertain=False)
ODDS_FACTOR = NumberKind("not an odds factor", "a number of at least 0", low=0.0)
PLAIN = NumberKind("not a number", "a finite number")
COUNT = NumberKind("not a count", "a whole number of at least 1", low=1.0, high=1e9, whole=True, uncertain=False)
DURATION = NumberKind("not a duration", "at least 0 s", unit="s", low=0.0)
OBSERVED = NumberKind("not a duration", "at least 0 s", unit="s", low=0.0, uncertain=False)
LASTING = NumberKind("too short", "at least 1 s", unit="s", low=1.0)


@dataclass(frozen=True)
class Note:
    """Where a number comes from."""

    basis: str | None = None
    source: str | None = None
    why: str | None = None


@dataclass(frozen=True)
class Amount:
    """A number as written; exactly one of `value` (seconds for a duration), `prior` and `parameter` is set.

    `tail` leads from the field of the model to this number in the file, for errors.
    """

    kind: NumberKind
    value: float | None = None
    prior: Spec | None = None
    parameter: str | None = None
    note: Note | None = None
    tail: KeyPath = ()


@dataclass(frozen=True)
class Spec:
    """A distribution as written; `fixed` has the one parameter `value`. `tail`: see Amount.

    `sample_notes`: where single observations of `sample` come from. `least`: whole seconds to which a draw is raised;
    a duration that can only be shorter is refused.
    """

    family: str
    given: Mapping[str, Amount] = field(default_factory=dict)
    sample: tuple[float, ...] = ()
    scipy: str = ""
    unit: str = "s"
    note: Note | None = None
    tail: KeyPath = ()
    sample_notes: Mapping[int, Note] = field(default_factory=dict)
    least: int = 0


@dataclass(frozen=True)
class Date:
    """A date with its provenance."""

    instant: Instant
    note: Note | None = None


def date_of(value: object) -> Date:
    """A date, plain or wrapped. Raises Faults."""
    return Date(*noted(value, instant_of, "a date"))


def noted(value: object, read: Callable[[Any], T], what: str) -> tuple[T, Note | None]:
    """A value that has to be known, plain or wrapped, and its provenance. `what`: the value in words. Raises Faults."""
    if not is_wrapper(value):
        return read(value), None
    for key in ("prior", "parameter"):
        if key in value:
            raise fault(f"{what} cannot be uncertain or shared; expected 'value'", key, at_key=True)
    note = _note(value, ("value",))
    return _inside(read, value["value"], "value"), note


def source_date(value: object) -> str:
    """The date of a document: a day, a month or a year, as text. Raises Faults."""
    if isinstance(value, int) and not isinstance(value, bool) and FIRST_YEAR <= value <= LAST_YEAR:
        return str(value)
    if isinstance(value, str) and re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", value, re.ASCII):
        return value
    day_of(value)
    return str(value)


def amount_of(value: object, kind: NumberKind, tail: KeyPath = ()) -> Amount:
    """A number or duration of the given kind, plain or wrapped. Raises Faults."""
    if not is_wrapper(value):
        if isinstance(value, dict | list):
            raise fault(f"expected {kind.expected if not kind.unit else 'a duration'}, found {found(value)}")
        return Amount(kind, value=_number(value, kind), tail=tail)
    note = _note(value, SOURCES_OF_VALUE)
    if "parameter" in value:
        name = _text(value["parameter"], "the name of a parameter", "parameter")
        return Amount(kind, parameter=name, note=note, tail=(*tail, "parameter"))
    if "prior" in value:
        if not kind.uncertain:
            raise fault("a prior cannot stand here; this number has to be known", "prior", at_key=True)
        prior = _inside(lambda v: prior_of(v, kind.unit, (*tail, "prior")), value["prior"], "prior")
        return Amount(kind, prior=prior, note=note, tail=(*tail, "prior"))
    inner = _inside(lambda v: _number(v, kind), value["value"], "value")
    return Amount(kind, value=inner, note=note, tail=(*tail, "value"))


def parameter_of(value: object) -> Amount:
    """An entry of `parameters`: a duration or a plain number, as its writing tells. Raises Faults."""
    inner: Any = value
    if is_wrapper(value):
        if "parameter" in value:
            raise fault("a parameter cannot stand for another parameter", "parameter", at_key=True)
        inner = value.get("value", value.get("prior"))
    unit = _unit_of(inner)
    return amount_of(value, DURATION if unit else PLAIN)


def distribution_of(value: object, tail: KeyPath = ()) -> Spec:
    """A duration that may be random: a bare duration, a family with its parameters, or either of them wrapped."""
    if not isinstance(value, dict):
        if isinstance(value, list):
            raise fault("expected a duration or a distribution, found a list")
        return Spec("fixed", {"value": Amount(DURATION, value=seconds_of(value), tail=tail)}, tail=tail)
    if not is_wrapper(value):
        return _family(value, DURATION_FAMILIES, "s", tail, known=False)
    if "value" not in value or not isinstance(value["value"], dict):
        # The provenance of one fixed number is that of the whole.
        amount = amount_of(value, DURATION, tail)
        return Spec("fixed", {"value": amount}, note=amount.note, tail=tail)
    note = _note(value, SOURCES_OF_VALUE)
    inner = _inside(
        lambda v: _family(v, DURATION_FAMILIES, "s", (*tail, "value"), known=False), value["value"], "value"
    )
    return replace(inner, note=note)


def interval_of(value: object) -> Spec:
    """A distribution of durations that are at least 1 s. Raises Faults."""
    return replace(distribution_of(value), least=1)


def prior_of(value: object, unit: str, tail: KeyPath = ()) -> Spec:
    """A distribution of known numbers, in seconds if `unit` is "s". Raises Faults."""
    if not isinstance(value, dict):
        raise fault(f"expected a distribution such as 'beta: [2, 30]', found {found(value)}")
    return _family(value, PRIOR_FAMILIES, unit, tail, known=True)


def _family(value: dict[str, Any], allowed: tuple[str, ...], unit: str, tail: KeyPath, *, known: bool) -> Spec:
    if not value:
        raise fault(f"expected one distribution, found an empty mapping; the distributions are {one_of(allowed)}")
    wrong = [name for name in value if name not in allowed]
    if wrong:
        raise Faults(*(Fault(_no_family(name, allowed), (name,), at_key=True) for name in wrong))
    if len(value) > 1:
        first, second = list(value)[:2]
        raise fault(f"two distributions, {quoted(first)} and {quoted(second)}; expected one", second, at_key=True)
    family, body = next(iter(value.items()))
    if family == "beta" and unit:
        raise fault("'beta' is a prior of plain numbers; here a duration is meant", family, at_key=True)
    read = _sample if family == "empirical" else _parameters
    return _inside(lambda v: read(v, family, unit, (*tail, family), known), body, family)


def _no_family(name: str, allowed: tuple[str, ...]) -> str:
    if name == "beta":
        return "'beta' is a prior, no distribution of a duration"
    hint = did_you_mean(name, allowed)
    return f"{quoted(name)} is no distribution" + (hint or f"; expected {one_of(allowed)}")


def _sample(body: object, family: str, unit: str, tail: KeyPath, known: bool) -> Spec:
    if not isinstance(body, list):
        raise fault(f"expected a list, found {found(body)}")
    if not body:
        raise fault("an empty list; expected at least one observation")
    kind = DURATION if unit else PLAIN
    read = each(dict(enumerate(body)), lambda item, _: noted(item, lambda v: _number(v, kind), "an observation"))
    notes = {place: note for place, (_, note) in read.items() if note is not None}
    return Spec(family, sample=tuple(number for number, _ in read.values()), unit=unit, tail=tail, sample_notes=notes)


def _parameters(body: object, family: str, unit: str, tail: KeyPath, known: bool) -> Spec:
    pairs = {"uniform": ("min", "max"), "beta": ("a", "b")}
    if isinstance(body, list) and family in pairs:
        if len(body) != 2:
            raise fault(f"expected two numbers, {one_of(pairs[family]).replace(' or ', ' and ')}, found {len(body)}")
        given = each(
            dict(enumerate(body)),
            lambda v, place: _parameter(v, pairs[family][place], family, unit, tail, known, place),
        )
        return Spec(family, {pairs[family][place]: amount for place, amount in given.items()}, unit=unit, tail=tail)
    if not isinstance(body, dict):
        raise fault(f"expected a mapping, found {found(body)}")
    scipy = ""
    if family == "scipy":
        if "name" not in body:
            raise fault("missing key 'name' (the distribution's name in scipy.stats)")
        scipy = _text(body["name"], "the name of a distribution of scipy.stats", "name")
        body = {name: value for name, value in body.items() if name != "name"}
    _refuse_unknown_parameters(body, family, scipy)
    given_by_name = each(body, lambda v, name: _parameter(v, name, family, unit, tail, known, name))
    return Spec(family, given_by_name, scipy=scipy, unit=unit, tail=tail)


@lru_cache(maxsize=1000)
def _names(family: str, scipy: str) -> tuple[str, ...]:
    return distributions.parameter_names(family, scipy)


def _refuse_unknown_parameters(body: dict[str, Any], family: str, scipy: str) -> None:
    try:
        names = _names(family, scipy)
    except ValueError as error:
        raise fault(str(error), "name") from None
    # Quantiles are open-ended (p2.5, p97): what looks like one is judged by the family itself.
    unknown = [name for name in body if name not in names and distributions.percentile_of(name) is None]
    if unknown:
        raise Faults(*(Fault(unknown_key(name, names), (name,), at_key=True) for name in unknown))


def _parameter(value: object, name: str, family: str, unit: str, tail: KeyPath, known: bool, key: str | int) -> Amount:
    """One parameter of a family. Those with the variable's own dimension are durations where a duration is meant."""
    kind = DURATION if unit and has_dimension(family, name) else PLAIN
    amount = amount_of(value, kind, (*tail, key))
    if known and amount.value is None:
        raise fault("the numbers of a prior have to be known", amount.tail[-1], at_key=True)
    return amount


def has_dimension(family: str, name: str) -> bool:
    """Whether a parameter of a family has the dimension of the variable itself; shapes have none."""
    return name in {"loc", "scale"} if family == "scipy" else name not in distributions.DIMENSIONLESS


def each(items: Mapping[Any, Any], read: Any) -> dict[Any, Any]:
    """Read every item, gathering the faults of all."""
    faults: list[Fault] = []
    values = {}
    for key, item in items.items():
        try:
            values[key] = read(item, key)
        except Faults as error:
            faults += [one.under(key) for one in error.faults]
    if faults:
        raise Faults(*faults)
    return values


def _inside(read: Callable[[Any], T], value: object, key: str | int) -> T:
    try:
        return read(value)
    except Faults as error:
        raise Faults(*(one.under(key) for one in error.faults)) from None


def is_wrapper(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether the value is a mapping with a key of provenance."""
    return isinstance(value, dict) and any(key in WRAPPER for key in value)


def _note(value: dict[str, Any], allowed: tuple[str, ...]) -> Note | None:
    """The provenance in a wrapper, after checking its keys: exactly one of `allowed`, and known notes.
    None where it says nothing."""
    faults = [
        Fault(unknown_key(key, (*allowed, *NOTES)), (key,), at_key=True)
        for key in value
        if key not in (*allowed, *NOTES)
    ]
    given = [key for key in allowed if key in value]
    if not given and not faults:
        faults.append(
            Fault(f"missing key {one_of([quoted(key) for key in allowed])} beside {quoted(next(iter(value)))}")
        )
    if len(given) > 1:
        faults.append(
            Fault(f"both {quoted(given[0])} and {quoted(given[1])} are given; expected one", (given[1],), True)
        )
    notes: dict[str, str] = {}
    for key in NOTES:
        if key not in value:
            continue
        try:
            notes[key] = _basis(value[key]) if key == "basis" else _text(value[key], "text")
        except Faults as error:
            faults += [one.under(key) for one in error.faults]
    if faults:
        raise Faults(*faults)
    return Note(**notes) if notes else None


def _basis(value: object) -> str:
    if isinstance(value, str) and value in BASES:
        return value
    hint = did_you_mean(value, BASES) if isinstance(value, str) else ""
    raise fault(f"{found(value)} is no basis{hint or '; expected ' + one_of(BASES)}")


def _text(value: object, expected: str, *tail: str | int) -> str:
    if isinstance(value, str) and value.strip():
        return value
    hint = "; put it in quotes" if isinstance(value, int | float) else ""
    raise fault(f"expected {expected}, found {found(value)}{hint}", *tail)


def _number(value: object, kind: NumberKind) -> float:
    if kind.unit:
        number, shown = seconds_of(value), quoted(str(value))
    else:
        if isinstance(value, bool) or not isinstance(value, int | float):
            hint = "; write the number without quotes" if isinstance(value, str) and _numeric(value) else ""
            raise fault(f"{found(value)} is {kind.noun}; expected {kind.expected}{hint}")
        try:
            number, shown = float(value), found(value)
        except OverflowError:
            raise fault(f"{found(value)} is not finite; expected {kind.expected}") from None
    refused = kind.refuse(number, shown)
    if refused is not None:
        raise refused
    return number + 0.0  # no negative zero


def _numeric(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _unit_of(inner: object) -> str:
    """ "s" if the value, or any number of the prior, is written as a duration."""
    if isinstance(inner, str):
        return "s"
    if isinstance(inner, dict):
        return "s" if any(_unit_of(item) for key, item in inner.items() if key not in {"name", *NOTES}) else ""
    if isinstance(inner, list):
        return "s" if any(_unit_of(item) for item in inner) else ""
    return ""
