"""Files of what-ifs: a base scenario and named variants of it, each a set of dotted overrides."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from sim.scenario.errors import ScenarioError, ScenarioErrors, dotted, found, quoted, unknown_key
from sim.scenario.examples import file_or_example
from sim.scenario.merge import Override, file_below, is_file, override_at
from sim.scenario.reader import read_text, read_tree, scenario_of
from sim.scenario.resolved import Channel, Event, Line, Regime, Scenario, Side
from sim.scenario.yaml_nodes import FilePlace, Node, compose

KEYS = {
    "what_if": "version of the format: 1",
    "base": "the scenario that the variants change, in the same folder or below",
    "variants": "a name for each variant, and its overrides, PATH: VALUE",
}
MOST_VARIANTS = 1000


@dataclass(frozen=True)
class WhatIf:
    """A base scenario and its variants by name, in order of declaration.

    warnings    variants that change nothing
    of_settings by variant: the base with some of its settings only, by their places, from 0
    """

    base_path: Path
    base: Scenario
    variants: Mapping[str, Scenario]
    warnings: tuple[str, ...] = ()
    of_settings: Mapping[str, Callable[[Sequence[int]], Scenario]] = field(default_factory=dict)


def load_whatif(path: str | Path) -> WhatIf:
    """Read a what-if file, its base, and every variant.

    Raises ScenarioErrors with every fault: those of the file itself, and those of the base if it has any, otherwise
    those of all the variants, at the place of the override.
    """
    path = file_or_example(path)
    root, errors = compose(read_text(path), str(path))
    errors += _check(root)
    try:
        base_path, tree, base = _base(path, root)
    except ScenarioErrors as refused:
        raise _sorted([*errors, *refused.errors]) from None
    variants: dict[str, Scenario] = {}
    of_settings: dict[str, Callable[[Sequence[int]], Scenario]] = {}
    warnings: list[str] = []

    def some(overrides: Sequence[Override], places: Sequence[int]) -> Scenario:
        """The base with some of the settings of a variant. Raises ScenarioErrors where they need the others."""
        return scenario_of(tree, [], [overrides[place] for place in places], base_path.parent)

    for name, (place, variant) in _readable_variants(root):
        overrides = [override_at(key, at, node) for key, (at, node) in variant.entries.items()]
        of_settings[name] = partial(some, overrides)
        try:
            variants[name] = scenario_of(tree, [], overrides, base_path.parent)
        except ScenarioErrors as refused:
            errors += [_in_variant(error, str(path), name) for error in refused.errors]
            continue
        if idle := nothing_changed(base, variants[name]):
            warnings.append(str(_error(place, f"variants.{name}", f"variant {quoted(name)} {idle}")))
    if errors:
        raise _sorted(errors)
    return WhatIf(base_path, base, variants, tuple(warnings), of_settings)


def _base(path: Path, root: Node) -> tuple[Path, Node, Scenario]:
    """The base of a what-if file: where it is, its nodes, and what they say. Raises ScenarioErrors, of none where the
    file names no base, which is told already."""
    node = root.child("base")
    if node is None:
        raise ScenarioErrors([])
    base_path = file_below(path.parent, node.value, node.place, "base")
    if not is_file(base_path):
        raise ScenarioErrors([_error(node.place, "base", f"{quoted(node.value)} is no file")])
    tree, duplicates = read_tree(base_path)
    return base_path, tree, scenario_of(tree, list(duplicates), [], base_path.parent)


def _readable_variants(root: Node) -> list[tuple[str, tuple[FilePlace, Node]]]:
    """The variants that can be looked at one by one, whatever is wrong with the file."""
    variants = root.child("variants")
    entries = {} if variants is None or len(variants.entries) > MOST_VARIANTS else variants.entries
    return [(name, (place, variant)) for name, (place, variant) in entries.items() if isinstance(variant.value, dict)]


def _check(root: Node) -> list[ScenarioError]:
    """What is wrong with the file itself, whatever the base."""
    if not isinstance(root.value, dict):
        return [
            _error(root.place, "", f"expected a mapping that begins with 'what_if: 1', found {found(root.plain())}")
        ]
    errors = [_error(place, key, unknown_key(key, KEYS)) for key, (place, _) in root.entries.items() if key not in KEYS]
    for key, meaning in KEYS.items():
        if key not in root.entries and not errors:
            errors.append(_error(root.place, "", f"missing key {quoted(key)} ({meaning})"))
    version = root.child("what_if")
    if version is not None and (version.value != 1 or isinstance(version.value, bool | float)):
        message = f"{found(version.plain())} is no version of the what-if format; expected 1"
        errors.append(_error(version.place, "what_if", message))
    variants = root.child("variants")
    return errors + (_check_variants(variants) if variants is not None else [])


def _check_variants(variants: Node) -> list[ScenarioError]:
    if not isinstance(variants.value, dict):
        return [_error(variants.place, "variants", f"expected a mapping, found {found(variants.plain())}")]
    if not variants.value:
        return [_error(variants.place, "variants", "an empty mapping; expected at least one variant")]
    if len(variants.value) > MOST_VARIANTS:
        return [_error(variants.place, "variants", f"more than {MOST_VARIANTS} variants")]
    errors = []
    names = list(variants.entries)
    for at, (name, (place, variant)) in enumerate(variants.entries.items()):
        if fault := name_fault(name, names[:at]):
            errors.append(_error(place, "variants", fault))
        elif not isinstance(variant.value, dict):
            message = f"expected a mapping from paths to values, found {found(variant.plain())}"
            errors.append(_error(variant.place, dotted(("variants", name)), message))
    return errors


def _in_variant(error: ScenarioError, file: str, name: str) -> ScenarioError:
    """A fault of a variant, seen from the what-if file; one that shows in the base (a dangling name) says so."""
    path = dotted(("variants", name))
    if error.file == file:
        return ScenarioError(file, error.line, error.column, path, error.message)
    return ScenarioError(
        error.file, error.line, error.column, error.path, f"{error.message} (in variant {quoted(name)})"
    )


def _error(place: FilePlace, path: str, message: str) -> ScenarioError:
    return ScenarioError(place.file, place.line, place.column, path, message)


def _sorted(errors: list[ScenarioError]) -> ScenarioErrors:
    return ScenarioErrors(sorted(errors, key=lambda error: (error.file, error.line, error.column)))


LONGEST_NAME = 100
"""Characters of a variant's name: it stands in every table."""

Titled = TypeVar("Titled", Side, Channel, Regime, Event, Line)


def nothing_changed(base: Scenario, variant: Scenario) -> str | None:
    """What to say of a variant that simulates as the base does; None of one that does not.

    Titles, where numbers come from, and what is on record affect no simulated number.
    """
    if variant == base:
        return "changes nothing"
    if _simulated(variant) == _simulated(base):
        return "changes nothing that is simulated: only titles, where a number comes from, or the record"
    return None


def _simulated(scenario: Scenario) -> Scenario:
    """The scenario without what no engine sees."""
    return replace(
        scenario,
        title="",
        description="",
        sides=_untitled(scenario.sides),
        officials=tuple(replace(one, title="", office="") for one in scenario.officials),
        channels=_untitled(scenario.channels),
        regimes=_untitled(scenario.regimes),
        events=_untitled(scenario.events),
        lines=_untitled(scenario.lines),
        record=(),
        sources=(),
        provenance=(),
    )


def _untitled(some: Iterable[Titled]) -> tuple[Titled, ...]:
    return tuple(replace(one, title="") for one in some)


def name_fault(name: str, others: Iterable[str]) -> str | None:
    """Why a variant cannot have this name beside `others`; None where it can. The base is one of the others."""
    shown = as_shown(name)
    if not shown:
        return "a variant without a name"
    if any(unicodedata.category(c) == "Cs" for c in name):
        # What Python makes of bytes on the command line, or in the name of a file, that are not UTF-8.
        return f"{quoted(name)} is not UTF-8; choose another name"
    if len(shown) > LONGEST_NAME:
        return f"a name of {len(shown)} characters; expected at most {LONGEST_NAME}"
    twin = next((other for other in others if as_shown(other) == shown), None)
    if twin is not None and twin != name:
        return f"{quoted(name)} looks like {quoted(twin)}; choose another name"
    return None


def as_shown(name: str) -> str:
    """The name as tables print it: without characters that are not seen, white space as single blanks."""
    words = ("".join(c for c in word if not unicodedata.category(c).startswith("C")) for word in name.split())
    return " ".join(word for word in words if word)
