"""`extends`: one scenario merged over another, key by key, down to the keys of an entry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath

from sim.scenario.errors import ScenarioError, ScenarioErrors, did_you_mean, dotted, found, nearest, quoted
from sim.scenario.nodes import Node, Place

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
        raise _refused(node.place, f"a cycle: {' extends '.join([*shown, base.name])}")
    if len(chain) >= LONGEST_CHAIN:
        raise _refused(node.place, f"more than {LONGEST_CHAIN} scenarios extend one another")
    if not is_file(base):
        raise _refused(node.place, f"{quoted(node.value)} is no file{_near_file(base)}")
    below, errors_below = _merged(base, compose, chain, shown)
    if not isinstance(below.value, dict):
        raise _refused(below.place, f"expected a mapping that begins with 'scenario: 1', found {found(below.plain())}")
    over = Node(root.place, {key: entry for key, entry in root.entries.items() if key != "extends"})
    errors = [*errors_below, *errors]
    return _overlay(below, over, (), errors), errors


def _base_file(path: Path, node: Node) -> Path:
    return file_below(path.parent, node.value, node.place, "extends")


def file_below(folder: Path, written: object, place: Place, key: str) -> Path:
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


def _refused(place: Place, message: str, key: str = "extends") -> ScenarioErrors:
    return ScenarioErrors([ScenarioError(place.file, place.line, place.column, key, message)])
