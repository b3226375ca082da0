"""Files and folders that are there whole or not at all, and the checksums of files.

Everything is made under a hidden name beside its place and takes its place in one step. Whoever makes something holds a
lock on it, which ends with the process: a hidden name without a lock was left by a command that was killed, and the
next command that writes into the same folder removes it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim.runs.errors import RunFailed, RunRefused

TEMPORARY = ".partial-"
"""Beginning of the names of files and folders that are being made."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""Errors that are no fault of the input: a full or broken disk."""

_OURS = re.compile(r"\.partial-[0-9a-f]{8,16}(-new|-old)?(\.\w{1,8})?")
_STALE_SECONDS = 3600
"""Age at which something left is removed on a file system that has no locks."""


@contextlib.contextmanager
def replacing(path: Path, *, lasting: bool = True) -> Iterator[Path]:
    """Write to the path given out; when the block ends well, it takes the place of `path` in one step, and is on disk.

    After an exception, or a crash at any moment, `path` is as it was before. An OSError that names the path given out
    names `path` instead, which is the one that people know. Without `lasting` nobody waits for the disk, and the file
    may be lost, or its content, if the machine itself stops: for files whose absence or damage is noticed.
    """
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        path.lstat()  # a name that is too long is refused before any work
    # Two machines may write one chunk at a time, and have processes of one number.
    temporary = path.with_name(f"{TEMPORARY}{secrets.token_hex(4)}{_ending(path)}")
    handle = None
    try:
        if lasting:
            remove_leftovers(path.parent)
            handle = _claim(temporary)
        yield temporary
        if lasting:
            flush(temporary)
        temporary.replace(path)
        if lasting:
            flush(path.parent)
    except BaseException as error:
        # Where the file could not be made, it often cannot be removed either.
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is not None and Path(error.filename) == temporary:
            error.filename = str(path)
        raise
    finally:
        if handle is not None:
            unlock(handle)


@contextlib.contextmanager
def making(path: Path, *, replace: bool = True) -> Iterator[Path]:
    """Hold the place of a folder and give out a hidden folder, which takes its place when the block ends well.

    Nobody else makes the same folder meanwhile. Without `replace`, a folder that another process has made stays.
    After an exception, or a crash, `path` is as it was before, and folders above it that were made for it are gone.
    Raises RunRefused where no folder can be made there, or where another process is at it, RunFailed where the disk is
    full.
    """
    with _hidden(path) as hidden:
        yield hidden
        if replace:
            _put(hidden, path)
        else:
            _put_if_absent(hidden, path)


@contextlib.contextmanager
def making_files(folder: Path, name: str) -> Iterator[Path]:
    """Give out a hidden folder; when the block ends well, the files in it take their places in `folder` together.

    name  of what they are: nobody else makes the same in that folder meanwhile. Errors are those of `making`
    """
    with _hidden(folder / name) as hidden:
        yield hidden
        files = sorted(hidden.iterdir())
        for file in files:
            flush(file)
        for file in files:
            file.replace(folder / file.name)
        flush(folder)


@contextlib.contextmanager
def _hidden(path: Path) -> Iterator[Path]:
    """A hidden empty folder beside `path` that this process holds; it goes at the end, if it is still there."""
    hidden = path.with_name(f"{TEMPORARY}{_digest(path.name)}-new")
    missing = [place for place in path.parents if not place.exists()]
    handle = None
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                path.lstat()  # a name that is too long is refused before any work
            handle = _claim(hidden, folder=True)
        except BlockingIOError:
            raise RunRefused(f"another process is working in {path}; wait until it is done") from None
        except OSError as error:
            raise unwritable(path, error) from error
        try:
            remove_leftovers(path.parent)
            _empty(hidden)
            yield hidden
        finally:
            shutil.rmtree(hidden, ignore_errors=True)
    finally:
        if handle is not None:
            unlock(handle)
        for place in missing:
            with contextlib.suppress(OSError):
                place.rmdir()


def unwritable(path: Path, error: OSError) -> Exception:
    """The exception for a place where nothing can be written: a full disk is no fault of the input."""
    if error.errno in FULL:
        return RunFailed(f"cannot write to {path}: {reason_of(error)}")
    return RunRefused(f"{path} cannot be written: {reason_of(error)}; choose another folder")


def reason_of(error: OSError) -> str:
    """What went wrong, in words."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return "no space is left on the disk" if full else error.strerror or str(error)


def remove_leftovers(folder: Path) -> None:
    """Remove what killed commands left half-made in a folder; what a living process is making stays."""
    for path in folder.glob(f"{TEMPORARY}*"):
        if _OURS.fullmatch(path.name):
            with contextlib.suppress(OSError):
                _remove_abandoned(path)


def remove_all_temporary(folder: Path) -> None:
    """Remove all that is half-made in a folder, for a caller that holds the folder."""
    for path in folder.glob(f"{TEMPORARY}*"):
        if _OURS.fullmatch(path.name) and path.is_file():
            path.unlink(missing_ok=True)


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


def check_file(path: Path) -> None:
    """Raise RunRefused where no file can be written at a path, RunFailed where the disk is full: before any work."""
    try:
        if path.is_dir():
            raise RunRefused(f"{path} cannot be written: it is a folder")
        if not path.parent.is_dir():
            raise RunRefused(f"{path} cannot be written: {path.parent} is no folder")
        _try_out(path)
    except OSError as error:
        if error.errno in FULL:
            raise RunFailed(f"cannot write to {path}: {reason_of(error)}") from error
        raise RunRefused(f"{path} cannot be written: {reason_of(error)}") from error


def _try_out(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.lstat()
    trial = path.with_name(f"{TEMPORARY}{secrets.token_hex(4)}")
    trial.touch()
    trial.unlink()


def check_folders(path: Path) -> None:
    """Raise RunRefused where the path, or a part of it, is a file, or a name in it is too long."""
    for place in (path, *path.parents):
        try:
            if place.exists() and not place.is_dir():
                raise RunRefused(f"{place} is a file; expected a folder")
        except OSError as error:
            raise unwritable(path, error) from error


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
        return {"bytes": file.tell(), "sha256": digest}


def flush(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    # A folder cannot be opened for this on Windows, and need not be.
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _put(hidden: Path, path: Path) -> None:
    """Let a finished folder take the place of `path`, whatever is there."""
    old = path.with_name(f"{TEMPORARY}{_digest(path.name)}-old")
    shutil.rmtree(old, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        path.rename(old)
    hidden.rename(path)
    flush(path.parent)
    shutil.rmtree(old, ignore_errors=True)


def _put_if_absent(hidden: Path, path: Path) -> None:
    try:
        hidden.rename(path)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
    else:
        flush(path.parent)


# Locks. They belong to the open file, whatever becomes of its name, and end with the process.


def lock(path: Path) -> int | None:
    """Lock a file or folder that is there for this process; None where the file system has no locks.

    Raises BlockingIOError where another process holds it.
    """
    try:
        import fcntl
    except ImportError:  # Windows: two processes in one folder are not kept apart
        return None
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:  # a file system without locks
        os.close(handle)
        return None
    _locks.add(handle)
    return handle


def unlock(handle: int) -> None:
    """Give a lock up."""
    _locks.discard(handle)
    os.close(handle)


_locks: set[int] = set()


def _leave_locks() -> None:
    """In a copy of this process: else its locks would last until the last copy has ended."""
    for handle in _locks:
        os.close(handle)
    _locks.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_locks)


def _claim(path: Path, *, folder: bool = False) -> int | None:
    """Make a file or folder, if it is not there, and lock it. Raises BlockingIOError where another process holds it."""
    while True:
        path.mkdir(exist_ok=True) if folder else path.touch()
        try:
            handle = lock(path)
        except FileNotFoundError:  # removed as a leftover before it was locked
            continue
        if handle is None or _is_at(handle, path):
            return handle
        unlock(handle)


def _is_at(handle: int, path: Path) -> bool:
    """Whether an open file is the one that has the name now."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _remove_abandoned(path: Path) -> None:
    try:
        handle = lock(path)
    except BlockingIOError:
        return
    try:
        if handle is None and time.time() - path.stat().st_mtime < _STALE_SECONDS:
            return
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    finally:
        if handle is not None:
            unlock(handle)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _digest(name: str) -> str:
    """Sixteen hexadecimal digits for a name that may be as long as names can be."""
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:16]


def _ending(path: Path) -> str:
    """The ending of a name, which says of which kind a picture is, where it is short."""
    return path.suffix if re.fullmatch(r"\.\w{1,8}", path.suffix) else ""
