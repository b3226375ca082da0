"""Dotted overrides: ``lines.hotline.every=30 min`` of ``--set``, and those of a what-if file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.scenario.errors import ScenarioError, ScenarioErrors, did_you_mean, found, quoted, unknown_key
from sim.scenario.nodes import Node, Place, compose
from sim.scenario.read import holds_entries, keys_at


@dataclass(frozen=True)
class Override:
    """A value to be put at a dotted path; null deletes what is there. `place` is that of the path as written.

    `faults`: why it cannot be read; it is then told with what else is wrong, and changes nothing.
    """

    path: tuple[str, ...]
    place: Place
    node: Node
    faults: tuple[ScenarioError, ...] = ()


def parse_override(text: str) -> Override:
    """``PATH=VALUE``, the value in YAML."""
    place = Place(f"--set {text}", 0, 0)
    try:
        return _parsed(text, place)
    except ScenarioErrors as error:
        return Override((), place, Node(place, None), error.errors)


def override_at(path: str, place: Place, node: Node) -> Override:
    """What a what-if file puts at a dotted path."""
    try:
        return Override(split_path(path, place), place, node)
    except ScenarioErrors as error:
        return Override((), place, node, error.errors)


def _parsed(text: str, place: Place) -> Override:
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise _refused(place, "expected PATH=VALUE, such as lines.hotline.every=30 min")
    if not value.strip():
        raise _refused(place, "no value after '='; null deletes")
    node, duplicates = compose(value, place.file, bare=True)
    if duplicates:
        raise ScenarioErrors(duplicates)
    return Override(split_path(path.strip(), place), place, node)


def split_path(text: str, place: Place) -> tuple[str, ...]:
    """A dotted path as its keys. Raises ScenarioErrors."""
    parts = tuple(text.split("."))
    if not all(part.strip() for part in parts):
        raise _refused(
            place, f"{quoted(text)} is no path; expected keys with dots between, such as lines.hotline.every"
        )
    if parts[0] == "extends":
        raise _refused(place, "'extends' cannot be overridden; extend another file instead")
    return parts


def apply(root: Node, overrides: Sequence[Override]) -> tuple[Node, list[ScenarioError]]:
    """The nodes with the overrides in place (the given ones stay as they are), and what is wrong with their paths."""
    errors: list[ScenarioError] = []
    for override in overrides:
        if override.faults:
            errors += override.faults
            continue
        try:
            root = _put(root, override, 0)
        except ScenarioErrors as error:
            errors += error.errors
    return root, errors


def _put(node: Node, override: Override, depth: int) -> Node:
    key = override.path[depth]
    last = depth == len(override.path) - 1
    if isinstance(node.value, list):
        return _put_in_list(node, override, depth)
    if not isinstance(node.value, dict):
        where = ".".join(override.path[:depth]) or "the scenario"
        raise _refused(override.place, f"{where} is {found(node.value)}, which has no key {quoted(key)}")
    entries = dict(node.entries)
    if last and override.node.value is None:
        if key not in entries:
            raise _refused(override.place, f"nothing to delete: {_unknown(override, depth, node)}")
        del entries[key]
        return Node(node.place, entries)
    if key not in entries:
        _refuse_new(override, depth, node)
    place, child = entries.get(key, (override.place, Node(override.place, {})))
    entries[key] = (override.place, override.node) if last else (place, _put(child, override, depth + 1))
    return Node(node.place, entries)


def _put_in_list(node: Node, override: Override, depth: int) -> Node:
    key = override.path[depth]
    if not key.isascii() or not key.isdigit() or len(key) > 9 or int(key) >= len(node.value):
        where = ".".join(override.path[:depth])
        raise _refused(
            override.place, f"{where} is a list of {len(node.value)}; {quoted(key)} is none of its places, from 0"
        )
    items = list(node.value)
    place = int(key)
    if depth < len(override.path) - 1:
        items[place] = _put(items[place], override, depth + 1)
    elif override.node.value is None:
        del items[place]
    else:
        items[place] = override.node
    return Node(node.place, items)


def _refuse_new(override: Override, depth: int, node: Node) -> None:
    """A key that is not there may be new if the language knows it, or if a whole entry is given."""
    known = keys_at(override.path[:depth])
    key = override.path[depth]
    if known is not None and key not in known:
        raise _refused(override.place, unknown_key(key, known))
    last = depth == len(override.path) - 1
    if holds_entries(override.path[:depth]) and not (last and isinstance(override.node.value, dict | list)):
        raise _refused(override.place, _unknown(override, depth, node))


def _unknown(override: Override, depth: int, node: Node) -> str:
    key = override.path[depth]
    known = keys_at(override.path[:depth])
    if known is not None and key not in known:
        return unknown_key(key, known)
    where = ".".join(override.path[:depth])
    return f"{quoted(key)} is not in {where or 'the scenario'}{did_you_mean(key, node.entries)}"


def _refused(place: Place, message: str) -> ScenarioErrors:
    return ScenarioErrors([ScenarioError(place.file, place.line, place.column, "", message)])
