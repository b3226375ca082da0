"""Variants of a comparison: a what-if file, a scenario with what-ifs, several scenario files, or kept results."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.runs import store
from sim.runs.errors import RunRefused
from sim.scenario.errors import ScenarioError, ScenarioErrors, quoted
from sim.scenario.examples import file_or_example
from sim.scenario.whatif import as_shown, name_fault, nothing_changed
from sim.version import __version__

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
    of_settings  by name: the base with some of its `changes` only, by their places; variants from files have none
    """

    stem: str
    scenarios: Mapping[str, Scenario]
    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    of_settings: Mapping[str, Callable[[Sequence[int]], Scenario]] = field(default_factory=dict)


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
    scenarios = {BASE: found.base, **found.variants}
    return Variants(path.stem, scenarios, changes, found.warnings, found.of_settings)


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

    def some(overrides: Sequence[str], places: Sequence[int]) -> Scenario:
        """The base with some of the settings of a variant. Raises ScenarioErrors where they need the others."""
        return load(path, [overrides[place] for place in places])

    of_settings = {name: partial(some, overrides) for name, overrides in changes.items()}
    return Variants(path.stem, scenarios, changes, _doubtful(scenarios), of_settings)


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


NUMBERS = {"seed": "seed {}", "replications": "{} replications", "block": "blocks of {} replications"}
"""What runs agree in beside the clock, so that replication r of one belongs to replication r of another; in words."""


@dataclass(frozen=True)
class Recorded:
    """What is compared, and with which numbers.

    variants                   the scenarios by name, the base first
    seed, replications, block  those of every run and comparison
    """

    variants: Variants
    seed: int
    replications: int
    block: int


@dataclass(frozen=True)
class _Folder:
    """A run, or a comparison. `hashes`: of its scenarios; `numbers`: by the names in `NUMBERS`."""

    path: Path
    scenarios: dict[str, Scenario]
    hashes: dict[str, str]
    numbers: dict[str, int]
    version: str


def is_record(path: Path) -> bool:
    """Whether a path is a folder, or the manifest in one, and so no scenario file."""
    return path.is_dir() or path.name == store.MANIFEST


def load_recorded(paths: Sequence[Path], what_ifs: Sequence[str] = ()) -> Recorded:
    """The scenarios of complete runs and of comparisons, from their folders or the manifests in them.

    A run is called by the name of its folder, or by its path where another has that name. A comparison brings its base
    and variants by their own names.

    Raises RunRefused where there are fewer than two scenarios, where seed, replications or block differ, where one name
    stands for two scenarios, and for folders that hold no run or comparison; ScenarioErrors where what they hold is
    damaged.
    """
    others = [path for path in paths if not is_record(path)]
    if others:
        folder = next(path for path in paths if is_record(path))
        raise RunRefused(
            f"{folder} is the folder of a run and {others[0]} is not; compare runs with runs, or scenario files with "
            "scenario files"
        )
    if what_ifs:
        raise RunRefused(f"--what-if goes with a scenario; {paths[0]} is a folder")
    folders = [path.parent if path.name == store.MANIFEST else path for path in paths]
    if len(folders) == 1:
        _opened(folders[0], "run")
        raise RunRefused(f"{folders[0]} alone is nothing to compare; give the folder of another run too")
    twice = next((path for at, path in enumerate(folders) if _real(path) in map(_real, folders[:at])), None)
    if twice is not None:
        raise RunRefused(f"{twice} is given twice; a comparison with itself has no differences")
    names = [_real(path).name for path in folders]
    if len(set(names)) < len(names):
        names = [str(path) for path in folders]
    found = [_opened(path, name) for path, name in zip(folders, names, strict=True)]
    for one in found[1:]:
        _check_numbers(found[0], one)
    told = tuple(
        f"{one.path} was made by openlines {one.version}, and is simulated again by {__version__}"
        for one in found
        if one.version != __version__
    )
    return Recorded(variants_of(_merged(found), told), **found[0].numbers)


def _real(path: Path) -> Path:
    return path.resolve()


def _opened(path: Path, name: str) -> _Folder:
    """What a folder holds; `name` is what its scenario is called where it is that of a run."""
    if not (path / store.MANIFEST).exists():
        raise RunRefused(f"{path} holds no {store.MANIFEST}; expected a scenario file, or the folder of a run")
    manifest = store.read_manifest(path, "run", "comparison")
    if manifest["kind"] == "run":
        manifest = store.complete_manifest(path)
        scenarios, written = {name: store.scenario_of(path, manifest)}, {name: manifest["scenario"]}
    else:
        written = manifest["scenarios"]
        scenarios = {one: store.scenario_of(path, manifest, one) for one in written}
    for one, scenario in scenarios.items():
        if scenario.posterior is not None and scenario.draws is None:
            raise RunRefused(
                f"{path}: {quoted(one)} takes its numbers from a table that a comparison does not keep; compare the "
                "scenario files, or runs of them"
            )
    return _Folder(path, scenarios, {one: kept["sha256"] for one, kept in written.items()}, *_numbers(manifest))


def _numbers(manifest: dict[str, Any]) -> tuple[dict[str, int], str]:
    return {key: manifest[key] for key in NUMBERS}, manifest["openlines"]


def _check_numbers(base: _Folder, other: _Folder) -> None:
    for key, words in NUMBERS.items():
        ours, its = base.numbers[key], other.numbers[key]
        if ours != its:
            raise RunRefused(
                f"{base.path} has {words.format(ours)}, {other.path} has {words.format(its)}; they are paired only "
                "where seed, replications and block are the same: run one of them again like the other"
            )


def _merged(found: Sequence[_Folder]) -> dict[str, Scenario]:
    """All scenarios by name. The same one may be in several comparisons, such as their base."""
    scenarios: dict[str, Scenario] = {}
    first: dict[str, _Folder] = {}
    for folder in found:
        for name, scenario in folder.scenarios.items():
            where = first.setdefault(name, folder)
            if where.hashes[name] != folder.hashes[name]:
                raise RunRefused(f"{quoted(name)} of {where.path} is not {quoted(name)} of {folder.path}")
            scenarios.setdefault(name, scenario)
    return scenarios
