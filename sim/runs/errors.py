"""Exceptions of runs, by whose fault it is."""

from __future__ import annotations

from pathlib import Path


class RunRefused(ValueError):  # noqa: N818 - named for what happened, as the command line says it
    """The request cannot be met: nothing was run and nothing was written (exit status 2)."""


class ResultsDamaged(RunRefused):
    """A file of a result folder is not what was written."""


class RunFailed(RuntimeError):  # noqa: N818
    """The work failed for a reason outside the input: a full disk, a worker that died (exit status 1)."""


class RunInterrupted(KeyboardInterrupt):
    """An interrupt by the user (exit status 130).

    folder  where the finished chunks are kept, and the same call continues; None for a run in memory
    done    replications that are kept, of `total`
    """

    def __init__(self, folder: Path | None, done: int, total: int) -> None:
        self.folder, self.done, self.total = folder, done, total
        kept = f"{done} of {total} replications are kept in {folder}" if folder else "nothing was kept"
        super().__init__(f"interrupted: {kept}")
