"""Provenance of a result: versions, platform, times, the command that was given."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shlex
import sys
from datetime import UTC, datetime

_LIBRARIES = ("numpy", "scipy", "simpy", "pyarrow", "tzdata")


def versions() -> dict[str, str]:
    """Of Python and the libraries that have a part in the numbers; what is not installed is left out."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def host() -> dict[str, str | int]:
    """The kind of machine; not its name, because results are shared."""
    return {"platform": platform.platform(), "machine": platform.machine(), "cpus": os.cpu_count() or 1}


def now() -> str:
    """This moment in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def command() -> str:
    """What was typed, as a shell would take it; the program by its name alone. Bytes that are not UTF-8, as they may
    stand in the names of files, are written as ``\\xe9``."""
    words = [os.path.basename(sys.argv[0] or "python"), *sys.argv[1:]]  # noqa: PTH119 - "-c" is no path
    return os.fsencode(shlex.join(words)).decode("utf-8", "backslashreplace")
