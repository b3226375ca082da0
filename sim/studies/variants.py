"""What is compared with what: a what-if file, one scenario with what-ifs of its own, or several scenario files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sim.runs.errors import RunRefused
from sim.scenario.errors import ScenarioError, ScenarioErrors, quoted
from sim.scenario.examples import file_or_example
from sim.scenario.whatif import as_shown, name_fault, nothing_changed

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario
    from sim.scenario.yaml_nodes import Node

BASE = "base"


@dataclass(frozen=True)
class Variants:
    """Scenarios by name, the base first.

    stem       what the folder of the results is called after
    scenarios  by name, at least two
    changes    by name: what was set, ``PATH=VALUE``; nothing for the base and for scenarios from files
    warnings   variants that change nothing, or have calibrated numbers where the base has priors
    """

    stem: str
    scenarios: Mapping[str, Scenario]
    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def load_variants(
    what: str | Path | Sequence[str | Path] | Mapping[str, Scenario], what_ifs: Sequence[str] = ()
) -> Variants:
    """Load what is to be compared.

    what      a what-if file; a scenario file, with `what_ifs`; several scenario files, the first of them the base; or
              loaded scenarios by name, the base first
    what_ifs  ``NAME: PATH=VALUE; PATH=VALUE``, each a variant of the one scenario

    Raises ScenarioErrors with all faults of the files, RunRefused where there is nothing to compare.
    """
    if isinstance(what, Mapping):
        return variants_of(what)
    paths = [file_or_example(what)] if isinstance(what, str | Path) else [file_or_example(one) for one in what]
    if len(paths) != 1:
        return _from_files(paths, what_ifs)
    if is_what_if(paths[0]):
        return _from_what_if(paths[0], what_ifs)
    return _from_options(paths[0], what_ifs)


def variants_of(scenarios: Mapping[str, Scenario], warnings: Sequence[str] = ()) -> Variants:
    """Loaded scenarios by name, the base first. Raises RunRefused for fewer than two, and for names that look alike."""
    if len(scenarios) < 2:
        raise RunRefused("nothing to compare; expected a base and at least one other scenario")
    _check_names(list(scenarios))
    return Variants("comparison", dict(scenarios), warnings=(*warnings, *_doubtful(scenarios)))


def is_what_if(path: Path) -> bool:
    """Whether a file says that it is a what-if file. Raises ScenarioErrors where it cannot be read."""
    from sim.scenario.reader import read_text
    from sim.scenario.yaml_nodes import compose

    root, _ = compose(read_text(path), str(path))
    return isinstance(root.value, dict) and "what_if" in root.entries and "scenario" not in root.entries


def _from_what_if(path: Path, what_ifs: Sequence[str]) -> Variants:
    from sim.scenario.reader import read_text
    from sim.scenario.whatif import load_whatif
    from sim.scenario.yaml_nodes import compose

    if what_ifs:
        raise RunRefused(f"{path} is a what-if file; put the variant into it, or give its base with --what-if")
    found = load_whatif(path)
    root, _ = compose(read_text(path), str(path))
    variants = root.child("variants")
    assert variants is not None
    taken = next((name for name in found.variants if as_shown(name) == BASE), None)
    if taken is not None:
        place, _ = variants.entries[taken]
        message = "this name is taken by the base; choose another"
        raise ScenarioErrors([ScenarioError(place.file, place.line, place.column, f"variants.{BASE}", message)])
    changes = {name: tuple(_written(node)) for name, (_, node) in variants.entries.items()}
    return Variants(path.stem, {BASE: found.base, **found.variants}, changes, found.warnings)


def _from_options(path: Path, what_ifs: Sequence[str]) -> Variants:
    from sim.scenario.reader import load

    base = load(path)
    if not what_ifs:
        raise RunRefused(
            f"{path} alone is nothing to compare; give a what-if file, several scenarios, or for instance "
            "--what-if 'daily calls: lines.NAME.every=1 d'"
        )
    scenarios = {BASE: base}
    errors: list[ScenarioError] = []
    changes: dict[str, tuple[str, ...]] = {}
    for text in what_ifs:
        name, overrides = _parsed(text)
        if name in scenarios:
            taken = "the base has that name" if name == BASE else "two variants have that name"
            raise RunRefused(f"--what-if {quoted(name)}: {taken}; choose another")
        if fault := name_fault(name, scenarios):
            raise RunRefused(f"--what-if: {fault}")
        try:
            scenarios[name] = load(path, overrides)
        except ScenarioErrors as refused:
            errors += [_of_option(error, name) for error in refused.errors]
            scenarios[name] = base
        changes[name] = overrides
    if errors:
        raise ScenarioErrors(errors)
    return Variants(path.stem, scenarios, changes, _doubtful(scenarios))


def _from_files(paths: Sequence[Path], what_ifs: Sequence[str]) -> Variants:
    from sim.scenario.reader import load

    if what_ifs:
        raise RunRefused("--what-if goes with one scenario; give its variants a file each, or the other way round")
    names = [path.stem for path in paths]
    if len(set(names)) < len(names):
        names = [str(path) for path in paths]
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise RunRefused(f"{twice} is given twice; a comparison with itself has no differences")
    _check_names(names)
    scenarios: dict[str, Scenario] = {}
    errors: list[ScenarioError] = []
    for name, path in zip(names, paths, strict=True):
        try:
            scenarios[name] = load(path)
        except ScenarioErrors as refused:
            errors += refused.errors
    if errors:
        raise ScenarioErrors(errors)
    return Variants(paths[0].stem, scenarios, warnings=_doubtful(scenarios))


def _parsed(text: str) -> tuple[str, tuple[str, ...]]:
    name, colon, rest = text.partition(":")
    overrides = tuple(part.strip() for part in rest.split(";") if part.strip())
    if not colon or not name.strip() or not overrides:
        raise RunRefused(
            f"--what-if {quoted(text)}: expected 'NAME: PATH=VALUE; PATH=VALUE', such as 'daily calls: "
            "lines.NAME.every=1 d'"
        )
    return name.strip(), overrides


def _of_option(error: ScenarioError, name: str) -> ScenarioError:
    """A fault of an override, seen from the option; one that shows in the file says whose variant it is."""
    if error.line:
        message = f"{error.message} (in variant {quoted(name)})"
        return ScenarioError(error.file, error.line, error.column, error.path, message)
    file = error.file.replace("--set ", f"--what-if {quoted(name)}: ", 1)
    return ScenarioError(file, 0, 0, error.path, error.message)


def _doubtful(scenarios: Mapping[str, Scenario]) -> tuple[str, ...]:
    """Warnings of variants that are the base by another name, and of calibrated numbers set beside priors."""
    base, *others = scenarios
    told = ((name, nothing_changed(scenarios[base], scenarios[name])) for name in others)
    idle = [f"variant {quoted(name)} {idle}" for name, idle in told if idle]
    known = {name: source for name, scenario in scenarios.items() if (source := _source(scenario))}
    mixed = [
        f"{quoted(name)} takes its uncertain numbers from {known[name]}, {quoted(base)} from {known[base]}: a "
        "difference is also one of what was learnt from a record"
        for name in others
        if name in known and base in known and (known[name] == PRIORS) != (known[base] == PRIORS)
    ]
    return (*idle, *mixed)


PRIORS = "its priors"


def _source(scenario: Scenario) -> str | None:
    """Where the uncertain numbers come from; None where there are none."""
    if not scenario.uncertain:
        return None
    return PRIORS if scenario.posterior is None else scenario.posterior


def _check_names(names: Sequence[str]) -> None:
    """Raise RunRefused for names that would look alike in a table, or fill it."""
    fault = next((fault for at, name in enumerate(names) if (fault := name_fault(name, names[:at]))), None)
    if fault is not None:
        raise RunRefused(fault)


def _written(variant: Node) -> list[str]:
    """The overrides of a variant in a what-if file as ``PATH=VALUE``, of a mapping its keys; provenance is left out."""
    return [f"{path}={_short(node.plain())}" for path, (_, node) in variant.entries.items()]


def _short(value: object) -> str:
    if isinstance(value, dict):
        for key in ("value", "prior", "parameter"):
            if key in value:
                return _short(value[key])
        return f"{{{', '.join(map(str, value))}}}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
