"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim.runs.errors import RunRefused

TEMPORARY = ".partial-"
"""How the names of files begin that are being written: what bears it after a crash is rubbish."""

REPORT = "report.html"
"""The report in the folder of a run or comparison: made from the other files, on request."""


@contextlib.contextmanager
def replacing(path: Path, *, lasting: bool = True) -> Iterator[Path]:
    """Write to the path given out; when the block ends well, it takes the place of `path` in one step, and is on disk.

    After an exception, or a crash at any moment, `path` is as it was before. An OSError that names the path given out
    names `path` instead, which is the one that people know. Without `lasting` nobody waits for the disk, and the file
    may be lost, or its content, if the machine itself stops: for files whose absence or damage is noticed.
    """
    # Two machines may write one chunk at a time, and have processes of one number.
    temporary = path.with_name(f"{TEMPORARY}{secrets.token_hex(4)}-{path.name}")
    try:
        yield temporary
        if lasting:
            _flush(temporary)
        temporary.replace(path)
        if lasting:
            _flush(path.parent)
    except BaseException as error:
        # Where the file could not be made, it often cannot be removed either.
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is not None and Path(error.filename) == temporary:
            error.filename = str(path)
        raise


def folder_meant(out: str | Path) -> Path:
    """The folder that a path means, links and ``..`` followed: what takes its place takes that of the folder itself.

    ``~`` is the home folder: most shells leave it as it is in ``--out=~/runs``. Raises RunRefused for a link that leads
    nowhere, and for the home of nobody.
    """
    path = Path(out)
    try:
        path = path.expanduser()
        if ".." not in path.parts and not any(part.is_symlink() for part in (path, *path.parents)):
            return path
        return path.resolve(strict=path.is_symlink())
    except (OSError, RuntimeError) as error:
        raise RunRefused(f"{path} can be no folder: {getattr(error, 'strerror', None) or error}") from error


def write_json(path: Path, content: Any, *, lasting: bool = True) -> None:
    """Write JSON (UTF-8, no NaN) so that it is there whole or not at all; `lasting` as in `replacing`."""
    with replacing(path, lasting=lasting) as temporary:
        temporary.write_text(json_text(content), encoding="utf-8", newline="\n")


def json_text(content: Any) -> str:
    """The text of a JSON file: indented, in the order of the keys, ending with a newline."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def fingerprint(path: Path) -> dict[str, str | int]:
    """Size in bytes and SHA-256 of a file, as the manifest lists them. Raises OSError where it cannot be read."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "sha256": digest}


def list_file(manifest_path: Path, manifest: dict[str, Any], name: str) -> None:
    """Write the manifest with size and checksum of one more file beside it; entries of other files stay as they are."""
    manifest["files"] = dict(sorted({**manifest["files"], name: fingerprint(manifest_path.parent / name)}.items()))
    write_json(manifest_path, manifest)


def remove_temporary(folder: Path) -> None:
    """Remove what a crash left half-written in a folder."""
    for path in folder.glob(f"{TEMPORARY}*"):
        if path.is_file():
            path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    # A folder cannot be opened for this on Windows, and need not be.
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
