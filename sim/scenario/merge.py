"""Merging: one scenario over another (`extends`), and dotted overrides (`--set`, variants of what-if files)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from sim.scenario.errors import ScenarioError, ScenarioErrors, did_you_mean, dotted, found, nearest, quoted, unknown_key
from sim.scenario.keys import holds_entries, keys_at
from sim.scenario.yaml_nodes import FilePlace, Node, compose

LONGEST_CHAIN = 16
ENTRY_DEPTH = 3
"""Sections, entries, keys of an entry: what stands under the third key is replaced whole."""

Composed = tuple[Node, list[ScenarioError]]


def merged(path: Path, compose: Callable[[Path], Composed]) -> Composed:
    """The nodes of a file over those of all that it extends, and the faults met on the way.

    `compose` reads one file. Raises ScenarioErrors where one cannot be read.
    """
    return _merged(path, compose, [], [])


def _merged(path: Path, compose: Callable[[Path], Composed], chain: list[Path], shown: list[str]) -> Composed:
    root, errors = compose(path)
    chain, shown = [*chain, path.resolve()], [*shown, path.name]
    if "extends" not in root.entries:
        return root, errors
    _, node = root.entries["extends"]
    base = _base_file(path, node)
    if base.resolve() in chain:
        raise _refused(node.place, f"a cycle: {' extends '.join([*shown, base.name])}", "extends")
    if len(chain) >= LONGEST_CHAIN:
        raise _refused(node.place, f"more than {LONGEST_CHAIN} scenarios extend one another", "extends")
    if not is_file(base):
        what = "no regular file" if exists(base) else f"no file{_near_file(base)}"
        raise _refused(node.place, f"{quoted(node.value)} is {what}", "extends")
    below, errors_below = _merged(base, compose, chain, shown)
    if not isinstance(below.value, dict):
        raise _refused(
            below.place, f"expected a mapping that begins with 'scenario: 1', found {found(below.plain())}", "extends"
        )
    over = Node(root.place, {key: entry for key, entry in root.entries.items() if key != "extends"})
    errors = [*errors_below, *errors]
    return _overlay(below, over, (), errors), errors


def _base_file(path: Path, node: Node) -> Path:
    return file_below(path.parent, node.value, node.place, "extends")


def file_below(folder: Path, written: object, place: FilePlace, key: str) -> Path:
    """The file that a scenario names: in its own folder or below, also when symbolic links are followed.

    Raises ScenarioErrors.
    """
    if not isinstance(written, str) or not written.strip():
        raise _refused(place, f"expected the name of a scenario file, found {found(written)}", key)
    parts = PurePosixPath(written).parts
    windows = PureWindowsPath(written)
    outside = ".." in parts or ".." in windows.parts or PurePosixPath(written).is_absolute() or bool(windows.anchor)
    base = folder / written
    try:
        outside = outside or not base.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        raise _refused(place, f"{quoted(written)} is no file", key) from None
    if outside:
        raise _refused(
            place, f"{quoted(written)} lies outside the scenario's folder; expected a file in it or below", key
        )
    return base


def is_file(path: Path) -> bool:
    """Whether there is such a file; a name that no file system takes is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def exists(path: Path) -> bool:
    """Whether anything has this name; a name that no file system takes is none."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _overlay(below: Node, over: Node, path: tuple[str, ...], errors: list[ScenarioError]) -> Node:
    """`over` merged over `below`: the order of `below`, then what is new; null deletes."""
    entries = dict(below.entries)
    for key, (place, node) in over.entries.items():
        here = (*path, key)
        if node.value is None:
            if key not in entries:
                hint = did_you_mean(key, entries)
                message = f"nothing to delete: {quoted(key)} is not in the scenario that is extended{hint}"
                errors.append(ScenarioError(place.file, place.line, place.column, dotted(here), message))
            entries.pop(key, None)
            continue
        old = entries[key][1] if key in entries else None
        both = old is not None and isinstance(old.value, dict) and isinstance(node.value, dict)
        if both and len(here) < ENTRY_DEPTH:
            assert old is not None
            node = _overlay(old, node, here, errors)
        entries[key] = (place, node)
    return Node(over.place, entries)


def _near_file(base: Path) -> str:
    try:
        files = sorted(file for file in base.parent.iterdir() if file.suffix in {".yaml", ".yml"})[:1000]
    except OSError:
        return ""
    # Without the ending, which makes all files look alike.
    near = nearest(base.stem, tuple(file.stem for file in files))
    found_file = next((file.name for file in files if file.stem == near), None)
    return f"; did you mean {quoted(found_file)}?" if found_file else ""


def _refused(place: FilePlace, message: str, key: str = "") -> ScenarioErrors:
    return ScenarioErrors([ScenarioError(place.file, place.line, place.column, key, message)])


@dataclass(frozen=True)
class Override:
    """A value to be put at a dotted path; null deletes what is there. `place` is that of the path as written.

    `faults`: why it cannot be read; it is then told with what else is wrong, and changes nothing.
    """

    path: tuple[str, ...]
    place: FilePlace
    node: Node
    faults: tuple[ScenarioError, ...] = ()


def parse_override(text: str) -> Override:
    """``PATH=VALUE``, the value in YAML."""
    place = FilePlace(f"--set {text}", 0, 0)
    try:
        return _parsed(text, place)
    except ScenarioErrors as error:
        return Override((), place, Node(place, None), error.errors)


def override_at(path: str, place: FilePlace, node: Node) -> Override:
    """What a what-if file puts at a dotted path."""
    try:
        return Override(split_path(path, place), place, node)
    except ScenarioErrors as error:
        return Override((), place, node, error.errors)


def _parsed(text: str, place: FilePlace) -> Override:
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise _refused(place, "expected PATH=VALUE, such as lines.hotline.every=30 min")
    if not value.strip():
        raise _refused(place, "no value after '='; null deletes")
    node, duplicates = compose(value, place.file, bare=True)
    if duplicates:
        raise ScenarioErrors(duplicates)
    return Override(split_path(path.strip(), place), place, node)


def split_path(text: str, place: FilePlace) -> tuple[str, ...]:
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
