"""The JSON Schema of the human model, for editors.

What pydantic knows (keys, types, descriptions) is generated from `sim.scenario.model`; the values that have a syntax of
their own are described in `schema_values`. A file that extends another may leave out keys and delete with null.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from sim.scenario import model
from sim.scenario.check_names import NAME
from sim.scenario.new import TITLE
from sim.scenario.schema_rules import rule, unruled
from sim.scenario.schema_values import definitions

NAMED = ("sides", "officials", "channels", "parameters", "regimes", "events", "lines", "sources", "states", "groups")
"""Keys under which entries stand by names of the scenario's choice."""


class _Generator(GenerateJsonSchema):
    # Defaults such as an amount with its kind have no JSON form; the descriptions state them.
    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 - as in pydantic


def schema() -> dict[str, Any]:
    """The schema as a dict, draft 2020-12."""
    models = [(each, "validation") for each in (model.Scenario, model.Starts, model.When, model.Period)]
    _, generated = models_json_schema(models, schema_generator=_Generator)  # type: ignore[arg-type]
    defs: dict[str, Any] = {name: _tidy(body) for name, body in generated["$defs"].items()}
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
    return {"$ref": f"#/$defs/{plain}Overlay"} if hasattr(model, plain) or plain == "Parameter" else entry


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
