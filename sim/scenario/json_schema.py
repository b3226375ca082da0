"""The JSON Schema of the human model, for editors.

What pydantic knows (keys, types, descriptions) is generated from `sim.scenario.schema`; the values that have a syntax
of their own are described below. A file that extends another may leave out keys and delete with null.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from sim.rules import distributions
from sim.scenario import quantities as q
from sim.scenario import schema as model
from sim.scenario.examples import TITLE
from sim.scenario.schema_record import PeriodFields
from sim.scenario.validate_names import NAME
from sim.scenario.validate_record import KINDS
from sim.scenario.yaml_nodes import compose

NAMED = ("sides", "officials", "channels", "parameters", "regimes", "events", "lines", "sources", "states", "groups")
"""Keys under which entries stand by names of the scenario's choice."""


MODELS = (model.ScenarioFields, model.StartsFields, model.WhenFields, PeriodFields)
"""The whole, and the mappings that have short forms."""


class _Generator(GenerateJsonSchema):
    # Defaults such as an amount with its kind have no JSON form; the descriptions state them.
    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 - as in pydantic


def schema() -> dict[str, Any]:
    """The schema as a dict, draft 2020-12."""
    models = [(each, "validation") for each in MODELS]
    _, generated = models_json_schema(models, schema_generator=_Generator)  # type: ignore[arg-type]
    defs: dict[str, Any] = {_short(name): _tidy(body) for name, body in generated["$defs"].items()}
    rule(defs)
    defs |= definitions()
    defs |= {f"{name}Overlay": _overlay(defs[name]) for name in _entry_models(defs)}
    defs["ParameterOverlay"] = _parameter_overlay(defs)
    defs["ScenarioOverlay"] = _scenario_overlay(defs["Scenario"])
    made = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": TITLE,
        "if": {"type": "object", "required": ["extends"]},
        "then": {"$ref": "#/$defs/ScenarioOverlay"},
        "else": {"$ref": "#/$defs/Scenario"},
        "$defs": {},
    }
    made["$defs"] = {name: defs[name] for name in sorted(_reached(made, defs))}
    return made


def schema_text() -> str:
    """The schema as it is printed, and kept under docs/reference."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _reached(body: Any, defs: dict[str, Any]) -> set[str]:
    """The definitions that a schema refers to, and those that these refer to."""
    names: set[str] = set()
    pending = [body]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            name = str(item.get("$ref", "")).removeprefix("#/$defs/")
            if name and name not in names:
                names.add(name)
                pending.append(defs[name])
            pending += item.values()
        elif isinstance(item, list):
            pending += item
    return names


def _tidy(body: Any) -> Any:
    """Placeholders become references, titles that repeat a key go, and null is no value."""
    if isinstance(body, list):
        return [_tidy(item) for item in body]
    if not isinstance(body, dict):
        return body
    if "otherwise" in body:
        body = {key: value for key, value in body.items() if key not in {"example", "otherwise"}} | {
            "examples": [compose(body["example"], "example", bare=True)[0].plain()]
        }
    if "$ref" in body:
        body = body | {"$ref": _short(body["$ref"])}
    if "definition" in body:
        rest = {key: value for key, value in body.items() if key not in {"definition", "title", "default"}}
        return {"$ref": f"#/$defs/{body['definition']}", **rest}
    choices = [item for item in body.get("anyOf", ()) if item != {"type": "null"}]
    if len(choices) == 1:
        outside = {key: value for key, value in body.items() if key != "anyOf"}
        body = choices[0] | outside
        return _tidy(body)
    made = {key: _tidy(value) for key, value in body.items() if key not in {"title", "default"} or key == "properties"}
    if "properties" in body:
        made["properties"] = {key: _named(key, _tidy(value)) for key, value in body["properties"].items()}
    return made


def _short(name: str) -> str:
    """The name of a definition: that of its class, without the ending of all of them."""
    return name.removesuffix("Fields")


def _named(key: str, body: dict[str, Any]) -> dict[str, Any]:
    if key in NAMED and body.get("type") == "object":
        return body | {"propertyNames": {"pattern": f"^{NAME.pattern}$"}}
    return body


def _entry_models(defs: dict[str, Any]) -> list[str]:
    """The models that stand under the sections of a scenario, whose keys an overlay may give in part."""
    names = []
    for body in defs["Scenario"]["properties"].values():
        target = body.get("$ref") or body.get("additionalProperties", {}).get("$ref", "")
        name = target.removeprefix("#/$defs/")
        if name in defs and "properties" in defs[name]:
            names.append(name)
    return names


def _overlay(body: dict[str, Any]) -> dict[str, Any]:
    made = unruled(deepcopy(body))
    made["properties"] = {key: _or_null(value) for key, value in made["properties"].items()}
    return made


def _scenario_overlay(body: dict[str, Any]) -> dict[str, Any]:
    made = _overlay(body)
    made["required"] = ["extends"]
    for key, value in body["properties"].items():
        over = unruled(deepcopy(value))
        if "$ref" in over and f"{over['$ref']}Overlay" in {f"#/$defs/{name}Overlay" for name in ("Clock", "Report")}:
            over["$ref"] += "Overlay"
        elif "additionalProperties" in over:
            entry = over["additionalProperties"]
            over["additionalProperties"] = _or_null(_overlaid(entry))
        made["properties"][key] = value if key in {"scenario", "extends"} else _or_null(over)
    return made


def _overlaid(entry: dict[str, Any]) -> dict[str, Any]:
    plain = entry.get("$ref", "").removeprefix("#/$defs/")
    return {"$ref": f"#/$defs/{plain}Overlay"} if hasattr(model, f"{plain}Fields") or plain == "Parameter" else entry


def _parameter_overlay(defs: dict[str, Any]) -> dict[str, Any]:
    """A parameter whose keys change one by one: a prior in the place of a value deletes the value with null."""
    kinds = [defs[kind["$ref"].removeprefix("#/$defs/")]["anyOf"] for kind in defs["Parameter"]["anyOf"]]
    wrapped = [form for forms in kinds for form in forms if "basis" in form.get("properties", {})]
    overlays = []
    for form in wrapped:
        over = {key: value for key, value in deepcopy(form).items() if key not in {"oneOf", "required"}}
        over["properties"] = {key: _or_null(value) for key, value in over["properties"].items()}
        overlays.append(over)
    return {"anyOf": [deepcopy(defs["Parameter"]), *overlays]}


def _or_null(body: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [body, {"type": "null"}]}


Schema = dict[str, Any]

FILLED = {"Scenario": ("sides", "officials", "channels", "lines"), "Regime": ("states",)}
"""Mappings that have at least one entry."""


def _exactly_one(*keys: str) -> Schema:
    return {"oneOf": [{"required": [key]} for key in keys]}


def _both(*keys: str) -> Schema:
    return {"required": list(keys)}


RULES: dict[str, Schema] = {
    "Event": _exactly_one("at", "every") | {"dependentRequired": {"starts": ["every"]}},
    "Effect": {"not": _both("lasts", "half_life")},
    "Starts": {"not": _both("at", "after")},
    "After": _exactly_one("event", "contact", "unanswered", "gave_up"),
    "Line": {
        "not": {
            "anyOf": [
                _both("triggered_by", "starts"),
                _both("triggered_by", "until") | {"properties": {"until": {"const": "horizon"}}},
            ]
        }
    },
    "Entry": _exactly_one(*KINDS)
    | {
        "dependentRequired": {"attempts": ["from", "to"], "state": ["from", "to"], "answered": ["attempts"]},
        "dependentSchemas": {"response": {"anyOf": [_both("from", "to"), _both("at")]}},
    },
}
"""By model; a file that extends another need not keep to them, since it may give a part."""

KEYWORDS = frozenset(keyword for rule in RULES.values() for keyword in rule)


def rule(defs: dict[str, Schema]) -> None:
    """Put the rules into the definitions of the models."""
    for name, more in RULES.items():
        defs[name] |= more
    for name, keys in FILLED.items():
        for key in keys:
            defs[name]["properties"][key]["minProperties"] = 1
    # An event has no line of its own that its effect could affect.
    defs["Event"]["properties"]["effect"]["required"] = ["affects"]


def unruled(body: Schema) -> Schema:
    """A definition without the rules that hold for whole entries only."""
    return {
        key: value for key, value in body.items() if key not in KEYWORDS and key not in {"required", "minProperties"}
    }


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
    names = distributions.parameter_names(name)
    properties = {one: scale if q.has_dimension(name, one) else plain for one in names if one != "p90"}
    body: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if "p90" in names:
        body["patternProperties"] = {QUANTILE: scale}
    if name in {"uniform", "beta"}:
        pair = {"type": "array", "items": scale if name == "uniform" else plain, "minItems": 2, "maxItems": 2}
        return {"anyOf": [pair, body]}
    return body
