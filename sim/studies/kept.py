"""The folder of a comparison: written beside its place and put there in one step, so that it is whole or absent."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.runs.errors import RunFailed, RunRefused
from sim.runs.files import REPORT, fingerprint, replacing, write_json
from sim.stats.survival import PairedCurve

MANIFEST = "manifest.json"
RESULT = "comparison.json"
WHY = "why.json"
CURVES = "curves.parquet"
FIGURES = "figures"
KIND = "comparison"
FORMAT = 1

Curves = Mapping[tuple[str, str], PairedCurve]
"""Survival curves by scenario and column."""


def comparison_id(identity: Mapping[str, Any]) -> str:
    """Name of the folder: the same for the same comparison, ``seed1-n10000-`` and eight hexadecimal digits."""
    text = json.dumps(identity, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"seed{identity['seed']}-n{identity['replications']}-{digest}"


def find_comparison(path: Path, identity: Mapping[str, Any]) -> bool:
    """Whether this very comparison is there, with all its files but the report, which is made from them.

    Raises RunRefused where anything else is.
    """
    for place in (path, *path.parents):
        if place.exists() and not place.is_dir():
            raise RunRefused(f"{place} is a file; expected a folder")
    if not path.is_dir() or not any(path.iterdir()):
        return False
    manifest = read_manifest(path)
    if any(manifest.get(key) != value for key, value in identity.items()):
        raise RunRefused(f"{path} holds another comparison; choose another folder, or remove this one")
    files = {name: entry for name, entry in manifest["files"].items() if name != REPORT}
    try:
        return all((path / name).stat().st_size == entry["bytes"] for name, entry in files.items())
    except OSError:
        return False


def check_writable(path: Path) -> None:
    """Raise RunRefused where a folder cannot be made at `path`, better told before hours of work than after; RunFailed
    where that is because the disk is full or broken, which is no fault of the input.

    Folders that are made for the attempt are removed again.
    """
    missing = [place for place in (path.parent, *path.parent.parents) if not place.exists()]
    trial = path.with_name(f".{path.name}-{secrets.token_hex(4)}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        trial.mkdir()
        trial.rmdir()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            raise RunFailed(f"cannot write to {path}: {error.strerror}") from error
        raise RunRefused(f"{path} cannot be written: {error.strerror or error}; choose another folder") from error
    finally:
        for place in missing:
            with contextlib.suppress(OSError):
                place.rmdir()


def add_figures(path: Path, manifest: dict[str, Any], draw: Callable[[Path], None]) -> None:
    """Draw the pictures into a folder that is complete, and take them into its manifest, given without them.

    Raises RunFailed where they cannot be written; the folder is then as it was.
    """
    hidden = path / f".{FIGURES}-{secrets.token_hex(4)}.new"
    try:
        hidden.mkdir()
        draw(hidden)
        shutil.rmtree(path / FIGURES, ignore_errors=True)
        hidden.rename(path / FIGURES)
        list_files(path, manifest)
    except OSError as error:
        raise RunFailed(f"cannot write the pictures to {path}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def write_comparison(
    path: Path,
    manifest: dict[str, Any],
    result: Mapping[str, Any],
    why: Mapping[str, Any] | None,
    curves: Curves,
    draw: Callable[[Path], None] | None,
) -> None:
    """Write all files, the pictures by `draw` into the folder given to it, and take the place of what is there.

    Raises RunFailed where they cannot be written.
    """
    hidden = path.with_name(f".{path.name}-{secrets.token_hex(4)}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        hidden.mkdir()
        write_json(hidden / RESULT, result)
        if why is not None:
            write_json(hidden / WHY, why)
        write_curves(hidden / CURVES, curves)
        if draw is not None:
            (hidden / FIGURES).mkdir()
            draw(hidden / FIGURES)
        list_files(hidden, manifest)
        if path.exists():
            shutil.rmtree(path)
        hidden.rename(path)
    except OSError as error:
        raise RunFailed(f"cannot write the results to {path}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def list_files(path: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest with size and checksum of every file that is there."""
    found = sorted(file for file in path.rglob("*") if file.is_file() and file.name != MANIFEST)
    manifest["files"] = {file.relative_to(path).as_posix(): fingerprint(file) for file in found}
    write_json(path / MANIFEST, manifest)


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a comparison. Raises RunRefused where there is none, or it is not one of ours."""
    try:
        manifest: dict[str, Any] = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunRefused(f"{path} holds no {MANIFEST}: it is not the folder of a comparison") from None
    except (OSError, ValueError) as error:
        raise RunRefused(f"{path / MANIFEST} cannot be read: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND or "files" not in manifest:
        raise RunRefused(f"{path / MANIFEST} is not the manifest of a comparison")
    if manifest["format"] != FORMAT:
        raise RunRefused(f"{path} has the format {manifest['format']!r}; this version reads {FORMAT}")
    return manifest


def read_json(path: Path) -> Any:
    """A JSON file of the folder. Raises RunRefused where it cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunRefused(f"{path} cannot be read: {error}; make the comparison again to mend it") from error


def write_curves(path: Path, curves: Curves) -> None:
    """A row for each corner of each curve."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts = [
        pa.table(
            {
                "scenario": pa.array([scenario] * len(curve.ends)),
                "column": pa.array([column] * len(curve.ends)),
                "seconds": curve.ends,
                "survival": curve.survival,
                "low": curve.low,
                "high": curve.high,
            }
        )
        for (scenario, column), curve in curves.items()
    ]
    with replacing(path) as temporary, temporary.open("wb") as file:
        pq.write_table(pa.concat_tables(parts), file, compression="zstd")


def read_curves(path: Path) -> dict[tuple[str, str], PairedCurve]:
    """What `write_curves` wrote. Raises RunRefused where it cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            table = pq.read_table(file)
    except (OSError, pa.ArrowException) as error:
        raise RunRefused(f"{path} cannot be read: {error}; make the comparison again to mend it") from error
    keys = list(zip(table["scenario"].to_pylist(), table["column"].to_pylist(), strict=True))
    cuts = [at for at in range(len(keys)) if at == 0 or keys[at] != keys[at - 1]]
    numbers = [table[name].to_numpy() for name in ("seconds", "survival", "low", "high")]
    return {
        keys[first]: PairedCurve(*(np.asarray(one[first:last]) for one in numbers))
        for first, last in zip(cuts, [*cuts[1:], len(keys)], strict=True)
    }
