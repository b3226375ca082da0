"""The folder of a sweep, a sensitivity analysis or an attribution: numbers, table, pictures, and how it was made."""

from __future__ import annotations

import csv
import json
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.runs.errors import RunFailed, RunRefused
from sim.runs.files import folder_meant, write_json
from sim.runs.provenance import command, host, now, versions
from sim.studies.kept import FIGURES, MANIFEST, check_writable, list_files

FORMAT = 1
RESULT, TABLE = "result.json", "table.csv"

IDENTITY = ("format", "kind", "seed", "replications", "asked", "resolved", "openlines")
"""What two studies agree in if they are the same."""

Draw = Callable[[Path], None]
"""Draws pictures into the folder that it is given."""


def study_manifest(kind: str, resolved: str, asked: Mapping[str, Any], replications: int, seed: int) -> dict[str, Any]:
    """How a study that begins now is made: of which resolved scenario, and what is `asked` of it beside."""
    from sim.version import __version__

    return {
        "format": FORMAT,
        "kind": kind,
        "seed": seed,
        "replications": replications,
        "asked": dict(asked),
        "resolved": resolved,
        "openlines": __version__,
        "files": {},
        "run": {"command": command(), "started": now(), "host": host(), "versions": versions()},
    }


def study_folder(path: Path, manifest: Mapping[str, Any]) -> Path:
    """Where the study may be written, links followed: a new or empty folder, or one that holds this very study.

    Raises RunRefused for any other place, and RunFailed where the disk is full, before hours of work.
    """
    place = folder_meant(path)
    for part in (place, *place.parents):
        if part.exists() and not part.is_dir():
            raise RunRefused(f"{part} is a file; expected a folder")
    if place.is_dir() and any(place.iterdir()) and not _holds(place, manifest):
        raise RunRefused(f"{path} holds something else; choose another folder, or remove this one")
    check_writable(place)
    return place


def _holds(place: Path, manifest: Mapping[str, Any]) -> bool:
    try:
        found = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and all(found.get(key) == manifest[key] for key in IDENTITY)


def write_study(
    place: Path, manifest: dict[str, Any], result: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], draw: Draw
) -> None:
    """Write all files beside their place, and put them there in one step. Raises RunFailed where that fails."""
    hidden = place.with_name(f".{place.name}-{secrets.token_hex(4)}.new")
    manifest["run"]["finished"] = now()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        (hidden / FIGURES).mkdir(parents=True)
        write_json(hidden / RESULT, result)
        _write_table(hidden / TABLE, rows)
        draw(hidden / FIGURES)
        list_files(hidden, manifest)
        if place.exists():
            shutil.rmtree(place)
        hidden.rename(place)
    except OSError as error:
        raise RunFailed(f"cannot write the results to {place}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else [], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
