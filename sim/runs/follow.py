"""How far a run has come, and what is said of it when it does not come to its end."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Iterator
from pathlib import Path

from sim.runs.errors import RunFailed, RunInterrupted

Progress = Callable[[int, int], None]
"""Called with replications done so far and replications in all: at the start, and after every chunk."""


class Follow:
    """Counts replications that are done and tells them."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self.total, self.done = progress, total, 0

    def found(self, count: int) -> None:
        """So many were done before; the first `add` tells it."""
        self.done = count

    def add(self, count: int) -> None:
        """So many more are done."""
        self.done += count
        if self._progress is not None:
            self._progress(self.done, self.total)


@contextlib.contextmanager
def failures_told(path: Path, follow: Follow) -> Iterator[None]:
    """Turn what may befall a run with a folder into exceptions that say what was kept."""
    kept = "; {} of {} replications are kept, the same command continues"
    try:
        yield
    except KeyboardInterrupt:
        raise RunInterrupted(path if path.is_dir() else None, follow.done, follow.total) from None
    except RunFailed as error:
        raise RunFailed(f"{error}{kept.format(follow.done, follow.total) if follow.done else ''}") from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "no space is left on the disk" if full else f"{error.strerror or error} ({error.filename or path})"
        also = kept.format(follow.done, follow.total) if follow.done else ""
        raise RunFailed(f"cannot write the results to {path}: {what}{also}") from error
