"""Explanations of the keys of the language, as in `explain("lines.answer")`, from the human model.

A path names keys with dots between. Where a file has names of its own (of lines, officials, states …) a path may have
one, a `*`, or nothing: ``lines.austin-shoigu.answer``, ``lines.*.answer`` and ``lines.answer`` are the same key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.json_schema import WithJsonSchema

from sim.rules import distributions
from sim.scenario import quantities as q
from sim.scenario import schema
from sim.scenario.errors import ScenarioError, ScenarioErrors, nearest, one_of, quoted
from sim.scenario.keys import default_of, example_of, fields_of, is_leaf, model_in

DURATION = "s, min, h, d or w, written with the number"
WRAPPED = "; may be wrapped as {value|prior|parameter: …, basis: …, source: …, why: …}"
KNOWN = "; may be wrapped as {value: …, basis: …, source: …, why: …}"

KINDS: Mapping[str, tuple[str, str]] = {
    "Names": ("a list of names", ""),
    "Duration": (f"a duration, such as 30 min{WRAPPED}", DURATION),
    "Distribution": (f"a duration, which is then fixed, or a distribution of durations{WRAPPED}", DURATION),
    "Probability": (f"a number from 0 to 1{WRAPPED}", "none: a probability"),
    "OddsFactor": (f"a number of at least 0{WRAPPED}", "none: a ratio of odds"),
    "Count": ("a whole number of at least 1; may be wrapped with its provenance", "none: a count"),
    "CountRange": ("a whole number, or {min: …, max: …}", "none: a count"),
    "Answered": ("all, none, a whole number, or {min: …, max: …}", "none: a count"),
    "Date": (f"a date, or a date and time{KNOWN}", "UTC, unless an offset is written"),
    "DayOrPeriod": ("a date (its whole UTC day), a date and time, or {from: …, to: …}", "UTC"),
    "Days": ("a list of dates", "local dates of the side"),
    "Duty": ("'DAYS HH:MM-HH:MM', a list of such, or always", "local time of the side"),
    "Shares": ("a mapping from reason to share, the shares summing to 1", "none: shares"),
    "Initially": ("the name of a state, or a mapping from state to probability", "none: probabilities"),
    "Switches": ("a mapping from regime to state", ""),
    "Times": ("a date, {date: …, plus: DISTRIBUTION}, or a list of these", "UTC, unless an offset is written"),
    "Trigger": ("the name of an event, or {gave_up: LINE}", ""),
    "StartsValue": ("a date, {at: …, wait: …} or {after: …, wait: …}", "UTC, unless an offset is written"),
    "Until": ("contact, horizon, or {contact: LINE or GROUP}", ""),
    "SourceDate": ("a day, a month or a year", ""),
    "Parameter": (f"a number or a duration{WRAPPED}", f"none, or of a duration {DURATION}"),
}
"""For each form of value: what may be written, and its unit."""


@dataclass(frozen=True)
class Key:
    """A key that may stand below a path."""

    name: str
    meaning: str
    default: str | None


@dataclass(frozen=True)
class Explanation:
    """What stands at a path.

    path     with NAME where a file has names of its own; "" for the whole file
    meaning  of the key
    takes    what may be written; "" for a mapping with known keys
    unit     "" where there can be none
    default  None for a key that must be given
    example  the key and a value, as YAML
    keys     those that may stand below it
    forms    of a distribution: family to its parameters
    """

    path: str
    meaning: str
    takes: str
    unit: str
    default: str | None
    example: str
    keys: tuple[Key, ...]
    forms: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _KeyPlace:
    """Where a path has led: to a model's mapping, to entries with names of their own, or to a value."""

    path: tuple[str, ...]
    model: type[BaseModel] | None
    named: bool = False
    field: tuple[type[BaseModel], str] | None = None


ROOT = _KeyPlace((), schema.ScenarioFields)


def explain(path: str) -> Explanation:
    """Explain a path; the whole file for "". Raises ScenarioErrors with the nearest path where there is none."""
    parts = tuple(path.split(".")) if path else ()
    found = next(_walk(ROOT, parts), None)
    if found is None:
        raise ScenarioErrors([ScenarioError("explain", 0, 0, "", _unknown(path, parts))])
    return _explanation(found)


def all_paths() -> tuple[str, ...]:
    """Every path, without names: ``clock``, ``clock.start`` … in order of the models."""
    return tuple(".".join(part for part in place.path if part != "NAME") for place in _below(ROOT))


def _below(place: _KeyPlace) -> Iterator[_KeyPlace]:
    inside = _entries(place) if place.named else place
    for key in fields_of(inside.model) if inside.model else ():
        child = _child(inside, key)
        yield child
        yield from _below(child)


def _walk(place: _KeyPlace, parts: tuple[str, ...]) -> Iterator[_KeyPlace]:
    """The places to which the rest of a path may lead, the likeliest first."""
    if not parts:
        yield place
        return
    part, rest = parts[0], parts[1:]
    if place.named:
        entry = _entries(place)
        if entry.model is not None and part in fields_of(entry.model):
            yield from _walk(_child(entry, part), rest)
        if part and not (not rest and _misspelt(part, entry)):
            yield from _walk(entry, rest)
    elif place.model is not None:
        if part in fields_of(place.model):
            yield from _walk(_child(place, part), rest)
        elif _in_list(place) and (part == "*" or part.isdigit()):
            yield from _walk(place, rest)
    elif place.field and not rest and part in {*q.WRAPPER, *q.PRIOR_FAMILIES} and _definition(place.field) in KINDS:
        # What stands inside a value has the value's own explanation, which lists its forms.
        yield place


def _misspelt(part: str, entry: _KeyPlace) -> bool:
    """Whether a last part that could be a name is rather a key with a slip in it."""
    if entry.model is None or part == "*":
        return False
    near = nearest(part, tuple(fields_of(entry.model)))
    return near is not None and "-" not in part and abs(len(near) - len(part)) <= 2


def _entries(place: _KeyPlace) -> _KeyPlace:
    return _KeyPlace((*place.path, "NAME"), place.model, False, place.field)


def _in_list(place: _KeyPlace) -> bool:
    if place.field is None:
        return False
    cls, key = place.field
    return get_origin(fields_of(cls)[key].annotation) is list


def _child(place: _KeyPlace, key: str) -> _KeyPlace:
    assert place.model is not None
    field = fields_of(place.model)[key]
    inside = None if is_leaf(field) else model_in(field.annotation)
    named = inside is not None and get_origin(field.annotation) is dict
    if get_origin(field.annotation) is dict and inside is None and not is_leaf(field):
        named = True
    return _KeyPlace((*place.path, key), inside, named, (place.model, key))


def _metadata(annotation: Any) -> Iterator[Any]:
    yield from getattr(annotation, "__metadata__", ())
    for part in get_args(annotation):
        yield from _metadata(part)


def _definition(field: tuple[type[BaseModel], str]) -> str:
    """The name of the form of a field's value, or ""."""
    info = fields_of(field[0])[field[1]]
    for item in (*info.metadata, *_metadata(info.annotation)):
        if isinstance(item, WithJsonSchema) and item.json_schema:
            return str(item.json_schema.get("definition", "") or "")
    return ""


def _plain(field: tuple[type[BaseModel], str]) -> str:
    """What may be written where the form has no name."""
    info = fields_of(field[0])[field[1]]
    for item in (*info.metadata, *_metadata(info.annotation)):
        if isinstance(item, WithJsonSchema) and item.json_schema:
            schema = item.json_schema
            words = schema.get("enum") or ([schema["const"]] if "const" in schema else None)
            return one_of([str(word) for word in words]) if isinstance(words, list) else "text"
    return ""


def _explanation(place: _KeyPlace) -> Explanation:
    if place.field is None:
        return Explanation("", "a scenario of Open Lines", "", "", None, "", _keys(schema.ScenarioFields))
    cls, key = place.field
    info = fields_of(cls)[key]
    takes, unit = KINDS.get(_definition(place.field), ("", ""))
    entry = place.path[-1] == "NAME"
    many = get_origin(info.annotation)
    if not takes:
        shapes: dict[Any, str] = {
            dict: "names of your choice, each with the keys below",
            list: "a list of entries with the keys below",
        }
        takes = (None if entry else shapes.get(many)) or _plain(place.field)
    if place.model is not None and not takes:
        takes = "the keys below"
    meaning = (place.model.__doc__ or "").strip().split("\n")[0].rstrip(".") if entry and place.model else ""
    forms = _forms() if _definition(place.field) == "Distribution" else ()
    return Explanation(
        ".".join(place.path),
        meaning or info.description or "",
        takes,
        unit,
        None if entry else default_of(info),
        f"{key}: {example_of(info)}",
        _keys(place.model) if place.model else (),
        forms,
    )


def _keys(cls: type[BaseModel]) -> tuple[Key, ...]:
    return tuple(Key(name, field.description or "", default_of(field)) for name, field in fields_of(cls).items())


ORDER = ("min", "mode", "median", "mean", "max", "sd", "sigma", "shape", "scale", "a", "b")


def _forms() -> tuple[tuple[str, str], ...]:
    """The families that a distribution may be of, each with the sets of parameters that it takes."""
    special = {"empirical": "a list of durations", "scipy": "name, and the parameters that SciPy gives it"}
    return tuple(
        (name, special.get(name) or " | ".join(map(_set, distributions.FAMILIES[name]))) for name in q.DURATION_FAMILIES
    )


def _set(parameters: frozenset[str]) -> str:
    if "quantile" in parameters:
        return "two quantiles" if "quantile 2" in parameters else "a quantile"
    return ", ".join(sorted(parameters, key=ORDER.index))


def _unknown(path: str, parts: tuple[str, ...]) -> str:
    """What is wrong with a path, with the nearest one: of the same depth first, else one that ends alike."""
    known = all_paths()
    bare = ".".join(part for part in parts if part != "*")
    ending = [one for one in known if one.rpartition(".")[2] == bare]
    near = ending[0] if ending else nearest(bare, known)
    if near is None and len(parts) == 1:
        last = nearest(bare, tuple(dict.fromkeys(one.rpartition(".")[2] for one in known)))
        near = next((one for one in known if one.rpartition(".")[2] == last), None)
    if near is None and len(parts) > 2:
        near = nearest(f"{parts[0]}.{parts[-1]}", known)
    hint = f"did you mean {quoted(near)}?" if near else "openlines explain lists the sections"
    return f"{quoted(path)} is no key of the language; {hint}"
