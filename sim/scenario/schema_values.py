"""JSON Schemas of the values with a syntax of their own: durations, dates, numbers with provenance, distributions."""

from __future__ import annotations

from typing import Any

from sim.rules import families
from sim.scenario import quantities as q
from sim.scenario.check_names import NAME

Schema = dict[str, Any]

DURATION: Schema = {
    "type": "string",
    "pattern": r"^\s*(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})? ?(s|min|h|d|w)\s*$",
    "description": "a number and a unit: s, min, h, d or w, such as '30 min'",
}
DATE: Schema = {
    "type": "string",
    "pattern": r"^\s*\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?( ?(Z|[+-]\d{2}:?\d{2}))?)?\s*$",
    "description": "a date, or date and time; UTC unless it has an offset",
}
DAY: Schema = {"type": "string", "pattern": r"^\s*\d{4}-\d{2}-\d{2}\s*$"}
WINDOW: Schema = {
    "type": "string",
    "pattern": r"^\s*(daily|[MTWFS][a-z]{2}([-,][MTWFS][a-z]{2})*)\s+\d{1,2}:\d{2}\s*[-–]\s*\d{1,2}:\d{2}\s*$",
}
NUMBER: Schema = {"type": "number"}
PROBABILITY: Schema = {"type": "number", "minimum": 0, "maximum": 1}
COUNT: Schema = {"type": "integer", "minimum": 1}
QUANTILE = r"^p\d{1,2}(\.\d+)?$"


def definitions() -> dict[str, Schema]:
    """The definitions to which fields of the model refer."""
    whole = {"type": "integer", "minimum": 0}
    count = [whole, _object(dict.fromkeys(("min", "max"), _noted(whole)), ["min", "max"])]
    answered = [{"enum": ["all", "none"]}, *count]
    return {
        "Name": {"type": "string", "pattern": f"^{NAME.pattern}$"},
        "Names": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "Duration": _number(DURATION, "DurationPrior"),
        "Number": _number(NUMBER, "PlainPrior"),
        "KnownDuration": _noted(DURATION),
        "KnownNumber": _noted(NUMBER),
        "Probability": _number(PROBABILITY, "PlainPrior"),
        "OddsFactor": _number({"type": "number", "minimum": 0}, "PlainPrior"),
        "Count": _number(COUNT, None),
        "Date": _noted(DATE),
        "Days": {"type": "array", "items": _noted(DAY)},
        "Duty": {"anyOf": [{"const": "always"}, WINDOW, {"type": "array", "items": WINDOW, "minItems": 1}]},
        "Shares": {"type": "object", "additionalProperties": _number(PROBABILITY, None), "minProperties": 1},
        "Initially": {"anyOf": [{"type": "string"}, _ref("Shares")]},
        "Switches": {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1},
        "Times": {"anyOf": [*_when(), {"type": "array", "items": {"anyOf": _when()}, "minItems": 1}]},
        "Trigger": {"anyOf": [{"type": "string"}, _object({"gave_up": {"type": "string"}}, ["gave_up"])]},
        "StartsValue": {"anyOf": [_ref("Date"), _ref("Starts")]},
        "Until": {"anyOf": [{"enum": ["contact", "horizon"]}, _object({"contact": {"type": "string"}}, ["contact"])]},
        "DayOrPeriod": {"anyOf": [_ref("Date"), _ref("Period")]},
        "CountRange": {"anyOf": [*count, _wrapper({"value": {"anyOf": count}})]},
        "Answered": {"anyOf": [*answered, _wrapper({"value": {"anyOf": answered}})]},
        "SourceDate": {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"}]},
        "Parameter": {"anyOf": [_ref("Number"), _ref("Duration")]},
        "Distribution": {"anyOf": [_ref("Duration"), _ref("Family"), _wrapper({"value": _ref("Family")})]},
        "Family": _families(q.DURATION_FAMILIES, "s", known=False),
        "DurationPrior": _families(tuple(name for name in q.PRIOR_FAMILIES if name != "beta"), "s", known=True),
        "PlainPrior": _families(q.PRIOR_FAMILIES, "", known=True),
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _object(properties: Schema, required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _when() -> list[Schema]:
    return [_ref("Date"), _ref("When")]


def _wrapper(forms: Schema) -> Schema:
    """Provenance around exactly one of the forms."""
    notes = {
        "basis": {"enum": list(q.BASES), "description": "what the number rests on"},
        "source": {"type": "string", "description": "where it is stated"},
        "why": {"type": "string", "description": "a remark"},
    }
    return {
        "type": "object",
        "properties": forms | notes,
        "additionalProperties": False,
        "oneOf": [{"required": [name]} for name in forms],
    }


def _noted(value: Schema) -> Schema:
    """A value that has to be known, plain or wrapped."""
    return {"anyOf": [value, _wrapper({"value": value})]}


def _number(value: Schema, prior: str | None) -> Schema:
    forms: Schema = {"value": value, "parameter": {"type": "string", "description": "a name under `parameters`"}}
    if prior is not None:
        forms["prior"] = _ref(prior)
    return {"anyOf": [value, _wrapper(forms)]}


def _families(names: tuple[str, ...], unit: str, *, known: bool) -> Schema:
    """One family with its parameters; `known`: no parameter is uncertain."""
    bodies = {name: _family(name, unit, known) for name in names}
    return {
        "type": "object",
        "properties": bodies,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _family(name: str, unit: str, known: bool) -> Schema:
    kind = "Known" if known else ""
    scale = _ref(f"{kind}Duration" if unit else f"{kind}Number")
    plain = _ref(f"{kind}Number")
    if name == "empirical":
        return {"type": "array", "items": _ref("KnownDuration" if unit else "KnownNumber"), "minItems": 1}
    if name == "scipy":
        fixed = {"name": {"type": "string"}, "loc": scale, "scale": scale}
        return {"type": "object", "properties": fixed, "required": ["name"], "additionalProperties": plain}
    names = families.parameter_names(name)
    properties = {one: scale if q.has_dimension(name, one) else plain for one in names if one != "p90"}
    body: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if "p90" in names:
        body["patternProperties"] = {QUANTILE: scale}
    if name in {"uniform", "beta"}:
        pair = {"type": "array", "items": scale if name == "uniform" else plain, "minItems": 2, "maxItems": 2}
        return {"anyOf": [pair, body]}
    return body
