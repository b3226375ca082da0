"""From nodes to the human model, with every fault at its place.

Pydantic finds the faults. What is faulty is then replaced by BAD and the rest read again, so that the references of a
file can be checked although some of its values are wrong: all faults of a file are told at once.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, get_args, get_origin

from pydantic import BaseModel, PlainValidator, ValidationError
from pydantic.fields import FieldInfo

from sim.scenario import model
from sim.scenario.errors import Path, found, nearest, quoted
from sim.scenario.problems import Problems

MOST_MISSPELT = 50


def read(problems: Problems) -> model.Scenario | None:
    """The human model of `problems.root`, BAD where a value is faulty; None where it is no mapping."""
    root = problems.root
    if not isinstance(root.value, dict):
        problems.add((), f"expected a mapping that begins with 'scenario: 1', found {found(root.plain())}")
        return None
    data = root.plain()
    for round_ in range(8):
        try:
            return model.Scenario.model_validate(data)
        except ValidationError as error:
            found_wrong = error.errors(include_url=False, include_input=True)
            if round_ == 0:
                for one in _without_echoes(found_wrong):
                    _note(problems, one)
            for one in found_wrong:
                _strike(data, one)
    return None


def _note(problems: Problems, error: Any) -> None:
    path: Path = error["loc"]
    kind = error["type"]
    if kind == "refused":
        for fault in error["ctx"]["faults"]:
            problems.add((*path, *fault.tail), fault.message, at_key=fault.at_key)
    elif kind == "extra_forbidden":
        key = str(path[-1])
        problems.unknown_key(path, key, _keys(_model_at(path[:-1])))
    elif kind == "missing":
        key = str(path[-1])
        problems.add(path[:-1], f"missing key {quoted(key)} ({_meaning(path[:-1], key)})", at_key=True)
    else:
        expected = {"dict_type": "a mapping", "list_type": "a list", "model_type": "a mapping"}.get(kind)
        message = f"expected {expected}, found {found(error['input'])}" if expected else error["msg"]
        problems.add(path, message)


def _without_echoes(errors: list[Any]) -> list[Any]:
    """The errors but for missing keys that are there misspelt: that is one fault."""
    unknown: dict[Path, list[str]] = defaultdict(list)
    for error in errors:
        if error["type"] == "extra_forbidden":
            unknown[error["loc"][:-1]].append(str(error["loc"][-1]))

    def misspelt(path: Path, key: str) -> bool:
        # A mapping with very many unknown keys holds something else altogether.
        keys = unknown.get(path, [])[:MOST_MISSPELT]
        return any(nearest(one, _keys(_model_at(path))) == key for one in keys)

    return [
        error for error in errors if error["type"] != "missing" or not misspelt(error["loc"][:-1], error["loc"][-1])
    ]


def _strike(data: Any, error: Any) -> None:
    """Take what is faulty out of the data: an unknown key goes, a wrong or missing value becomes BAD.

    The loc may lead into the long form of what the file has in a short one: there the nearest value that the file has
    is taken instead.
    """
    *head, last = error["loc"]
    holder, key = data, None
    for part in head:
        if _has(data, part):
            holder, key, data = data, part, data[part]
        elif isinstance(part, int) and not isinstance(data, list):
            continue  # one value stands for a list of one
        else:
            break
    else:
        if _has(data, last) and error["type"] == "extra_forbidden":
            del data[last]
            return
        if _has(data, last) or (isinstance(data, dict) and error["type"] == "missing"):
            data[last] = model.BAD
            return
    if key is not None:
        holder[key] = model.BAD


def _has(data: Any, part: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(part, int) and 0 <= part < len(data)
    return isinstance(data, dict) and part in data


def _keys(cls: type[BaseModel]) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in cls.model_fields.items() if not field.exclude)


def _meaning(path: Path, key: str) -> str:
    fields = {field.alias or name: field for name, field in _model_at(path).model_fields.items()}
    return fields[key].description or "" if key in fields else "a key that has to be given"


def keys_at(path: Path) -> tuple[str, ...] | None:
    """The keys that the language knows at a path; None where names or a value's own keys stand."""
    cls = _walk(path)
    return _keys(cls) if isinstance(cls, type) else None


def holds_entries(path: Path) -> bool:
    """Whether the keys at the path are names that the scenario chooses: of lines, parameters, states …"""
    return _walk(path) == "names"


def _model_at(path: Path) -> type[BaseModel]:
    """The class of the mapping at a path; one without keys where the language knows none."""
    cls = _walk(path)
    return cls if isinstance(cls, type) else BaseModel


def _walk(path: Path) -> type[BaseModel] | str:
    """What stands at a path: a model, "names" (entries under names of the scenario's choice), or "value"."""
    cls: type[BaseModel] | str = model.Scenario
    inside: type[BaseModel] | str = "value"
    for part in path:
        if cls == "names":
            cls = inside
        elif isinstance(cls, type):
            fields = {field.alias or name: field for name, field in cls.model_fields.items()}
            if part not in fields:
                return "value" if not isinstance(part, int) else cls
            annotation = fields[str(part)].annotation
            inside = _model_in(annotation) or "value"
            named = get_origin(annotation) in {dict, list} and not _is_leaf(fields[str(part)])
            cls = "names" if named else inside
        else:
            return "value"
    return cls


def _is_leaf(field: FieldInfo) -> bool:
    return any(isinstance(item, PlainValidator) for item in field.metadata)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        inner = _model_in(argument)
        if inner is not None:
            return inner
    return None
