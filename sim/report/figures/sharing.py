"""Work shared out among processes that begin as copies of this one, with all that it has loaded."""

from __future__ import annotations

import contextlib
import functools
import gc
import json
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

Work = Callable[[int], Any]
"""Does one piece, by its number; what it returns is plain data, as JSON has it."""

MOST_PROCESSES = 4
MOST_PIECES = 256


def processes_to_share() -> int:
    """One for each processor this process may use, at most `MOST_PROCESSES`; 1 where a process cannot be copied."""
    return min(MOST_PROCESSES, len(os.sched_getaffinity(0))) if sys.platform == "linux" else 1


def share_out(pieces: int, work: Work, processes: int, done: Callable[[int], None]) -> dict[int, Any]:
    """``work(i)`` for every i below `pieces` (at most `MOST_PIECES`), begun in that order; what each returned.

    done  is called with the number of a piece that this process did, or learned of

    A piece whose process ended badly is done again here, so its exception is raised here too. Only for a process none
    of whose threads may hold what a copy would wait for.
    """
    with _set_aside():
        return _share_out(pieces, functools.partial(_tidily, work), processes, done)


@contextlib.contextmanager
def _set_aside() -> Iterator[None]:
    """Spare what is there from being gone through for garbage: it is large, stays, and copies would get their own."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _tidily(work: Work, piece: int) -> Any:
    """Do a piece, and look for garbage when it is done: pictures make much of it, and none while they are drawn."""
    before = gc.isenabled()
    gc.disable()
    try:
        return work(piece)
    finally:
        gc.collect()
        if before:
            gc.enable()


def _share_out(pieces: int, work: Work, processes: int, done: Callable[[int], None]) -> dict[int, Any]:
    if processes <= 1 or sys.platform != "linux":
        found = {}
        for piece in range(pieces):
            found[piece] = work(piece)
            done(piece)
        return found
    queue, filling = os.pipe()
    os.write(filling, bytes(range(pieces)))
    os.close(filling)
    copies: list[tuple[int, int]] = []
    try:
        copies.extend(_copy(queue, work) for _ in range(processes - 1))
        found = {}
        for piece in _pieces(queue):
            found[piece] = work(piece)
            done(piece)
        for piece, result in _told(copies):
            found[piece] = result
            done(piece)
        for piece in sorted(set(range(pieces)) - set(found)):
            found[piece] = work(piece)
            done(piece)
        return found
    finally:
        os.close(queue)
        for process, results in copies:
            os.close(results)
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def _copy(queue: int, work: Work) -> tuple[int, int]:
    """A process that takes pieces from the queue, and where it tells of them."""
    results, telling = os.pipe()
    parent = os.getpid()
    with warnings.catch_warnings():
        # The warning is about threads that hold a lock; those of a progress bar hold none that drawing asks for.
        warnings.simplefilter("ignore", DeprecationWarning)
        process = os.fork()
    if process:
        os.close(telling)
        return process, results
    status = 1
    try:
        # Ctrl-C goes to all processes of the terminal; the first one answers it, and ends the others.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _end_with(parent)
        with os.fdopen(telling, "w", encoding="utf-8") as out:
            for piece in _pieces(queue):
                out.write(json.dumps([piece, work(piece)]) + "\n")
                out.flush()
        status = 0
    finally:
        os._exit(status)


def _pieces(queue: int) -> Iterator[int]:
    while taken := os.read(queue, 1):
        yield taken[0]


def _told(copies: list[tuple[int, int]]) -> Iterator[tuple[int, Any]]:
    for _, results in copies:
        with os.fdopen(os.dup(results), encoding="utf-8") as file:
            for line in file:
                # The last line of a process that was killed may be half a line.
                if line.endswith("\n"):
                    piece, result = json.loads(line)
                    yield piece, result


def _end_with(parent: int) -> None:
    """End this process when its parent ends, however that happens."""
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1 is PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)
