"""Keys of the language: those that may stand at a path, with their meaning, an example and their default.

A path names keys with dots between. Where a file has names of its own (of lines, officials, states …), any name stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, PlainValidator
from pydantic.fields import FieldInfo

from sim.scenario.errors import KeyPath
from sim.scenario.fields import Model
from sim.scenario.schema import ScenarioFields


def mappings() -> Mapping[str, type[Model]]:
    """The mappings with known keys by their name, such as ``Line``, in order of declaration."""
    return {cls.__name__.removesuffix("Fields"): cls for cls in Model.__subclasses__()}


def fields_of(cls: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """Keys as they are written, to fields; those that only stand for a short form are left out."""
    return {field.alias or name: field for name, field in cls.model_fields.items() if not field.exclude}


def example_of(field: FieldInfo) -> str:
    """A value of the key, as YAML."""
    return str(_extra(field)["example"])


def default_of(field: FieldInfo) -> str | None:
    """What holds where the key is left out, in words or as a value; None for a key that must be given."""
    found = _extra(field)["otherwise"]
    return None if found is None else str(found)


def _extra(field: FieldInfo) -> dict[str, Any]:
    assert isinstance(field.json_schema_extra, dict)
    return field.json_schema_extra


def keys_of(cls: type[BaseModel]) -> tuple[str, ...]:
    """The keys of a mapping."""
    return tuple(fields_of(cls))


def meaning_of(path: KeyPath, key: str) -> str:
    """What a key at a path means."""
    fields = fields_of(model_at(path))
    return fields[key].description or "" if key in fields else "a key that has to be given"


def keys_at(path: KeyPath) -> tuple[str, ...] | None:
    """The keys that the language knows at a path; None where names or a value's own keys stand."""
    cls = _walk(path)
    return keys_of(cls) if isinstance(cls, type) else None


def holds_entries(path: KeyPath) -> bool:
    """Whether the keys at the path are names that the scenario chooses: of lines, parameters, states …"""
    return _walk(path) == "names"


def model_at(path: KeyPath) -> type[BaseModel]:
    """The class of the mapping at a path; one without keys where the language knows none."""
    cls = _walk(path)
    return cls if isinstance(cls, type) else BaseModel


def _walk(path: KeyPath) -> type[BaseModel] | str:
    """What stands at a path: a model, "names" (entries under names of the scenario's choice), or "value"."""
    cls: type[BaseModel] | str = ScenarioFields
    inside: type[BaseModel] | str = "value"
    for part in path:
        if cls == "names":
            cls = inside
        elif isinstance(cls, type):
            fields = {field.alias or name: field for name, field in cls.model_fields.items()}
            if part not in fields:
                return "value" if not isinstance(part, int) else cls
            annotation = fields[str(part)].annotation
            inside = model_in(annotation) or "value"
            named = get_origin(annotation) in {dict, list} and not is_leaf(fields[str(part)])
            cls = "names" if named else inside
        else:
            return "value"
    return cls


def is_leaf(field: FieldInfo) -> bool:
    """Whether the value of a key is read as a whole, not as a mapping with known keys."""
    return any(isinstance(item, PlainValidator) for item in field.metadata)


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The first mapping with known keys in a type, or None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        inner = model_in(argument)
        if inner is not None:
            return inner
    return None
