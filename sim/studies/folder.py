"""The folder of a sweep, a sensitivity analysis or an attribution: numbers, table, pictures, and how it was made."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.runs import store
from sim.runs.files import folder_meant, making, write_json
from sim.runs.job import FORMAT
from sim.runs.provenance import now

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario

IDENTITY = ("format", "kind", "seed", "replications", "asked", "scenario", "openlines")
"""What two studies agree in if they are the same."""

Draw = Callable[[Path], None]
"""Draws pictures into the folder that it is given."""


def study_manifest(
    kind: str, scenario: Scenario, asked: Mapping[str, Any], replications: int, seed: int
) -> dict[str, Any]:
    """How a study that begins now is made: of which scenario, and what is `asked` of it beside."""
    from sim.scenario.compiler import sha256_of
    from sim.scenario.resolve import dump
    from sim.version import __version__

    return {
        "format": FORMAT,
        "kind": kind,
        "seed": seed,
        "replications": replications,
        "asked": dict(asked),
        "scenario": {"title": scenario.title, "sha256": sha256_of(scenario), "resolved": dump(scenario)},
        "openlines": __version__,
        "files": {},
        "run": store.origin(),
    }


@contextlib.contextmanager
def study_folder(out: Path, manifest: dict[str, Any], *, fresh: bool = False) -> Iterator[Path]:
    """Hold the place of a study and give out a hidden folder, which takes its place when the block ends well.

    The place is a new or empty folder, or one that holds this very study, or, with `fresh`, a study of the kind whose
    manifest is damaged. Raises RunRefused for any other place, and where another process is at it; RunFailed where the
    disk is full, before hours of work.
    """
    place = folder_meant(out)
    store.find_same(place, manifest, IDENTITY, fresh=fresh)
    with making(place) as hidden:
        yield hidden


def write_study(
    folder: Path, manifest: dict[str, Any], result: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], draw: Draw
) -> None:
    """Write all files into the hidden folder of a study. Raises RunFailed where that fails."""
    manifest["run"]["finished"] = now()
    with store.written_to(folder):
        write_json(folder / store.RESULT, result)
        _write_table(folder / store.TABLE, rows)
        (folder / store.FIGURES).mkdir()
        draw(folder / store.FIGURES)
        store.list_files(folder, manifest)


def _write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else [], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
