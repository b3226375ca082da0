"""Runs and comparisons that are kept in folders, as what is to be compared: their scenarios, and the numbers that they
were made with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.runs import store
from sim.runs.errors import RunRefused
from sim.scenario.errors import quoted
from sim.studies.variants import Variants, variants_of
from sim.version import __version__

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario

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
