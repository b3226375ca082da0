"""What the JSON Schema says of keys together: which exclude each other, which need each other, which must be filled."""

from __future__ import annotations

from typing import Any

from sim.scenario.check_record import KINDS

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
    # An event has no line of its own that its effect could bear on.
    defs["Event"]["properties"]["effect"]["required"] = ["affects"]


def unruled(body: Schema) -> Schema:
    """A definition without the rules that hold for whole entries only."""
    return {
        key: value for key, value in body.items() if key not in KEYWORDS and key not in {"required", "minProperties"}
    }
