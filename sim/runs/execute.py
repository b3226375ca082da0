"""Execution of a function for every chunk, in this process or in several. Results come in any order."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import types
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, TypeVar

from sim.runs.errors import RunFailed, RunRefused

Result = TypeVar("Result")

FEWEST_CHUNKS = 8
"""Below this, starting processes takes longer than what they would save."""

MOST_COPIES = 4
"""Each takes memory of its own for what it works on."""

MOST_WORKERS = 1024
"""More processes than one machine is of use to; a slip of the finger would fill it."""

_task: Callable[[range], Any] | None = None
_copies = False


def choose_workers(chunks: int) -> int:
    """Processes to use unless told: one for each processor this process may use, one alone for a short run."""
    return 1 if chunks < FEWEST_CHUNKS else min(processors(), chunks)


def check_workers(workers: int | None) -> None:
    """Raise RunRefused unless the workers are left to the program, or from 1 to `MOST_WORKERS`."""
    if workers is None:
        return
    if isinstance(workers, bool) or not isinstance(workers, int) or not 1 <= workers <= MOST_WORKERS:
        raise RunRefused(f"workers: {workers!r} is out of range; expected a whole number from 1 to {MOST_WORKERS}")


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def workers_as_copies() -> Iterator[None]:
    """Let workers begin as copies of this process, where the system can do that, with all that it has loaded.

    Each would else load it for itself, which takes a second or two. Only for a program none of whose threads may hold a
    lock that a copy would wait for.
    """
    global _copies
    before, _copies = _copies, sys.platform == "linux"
    try:
        yield
    finally:
        _copies = before


def copies_to_use() -> int:
    """Processes for work that only copies of this one can do, at most `MOST_COPIES`; 1 where there are to be none."""
    return min(MOST_COPIES, processors()) if _copies else 1


def execute(
    task: Callable[[range], Result], chunks: Sequence[range], workers: int
) -> Generator[tuple[range, Result], None, None]:
    """Yield (chunk, task(chunk)) as they are done; `task` and its results must pickle where there are several workers,
    but for the task of `workers_as_copies`.

    A daemonic process, such as a worker of `multiprocessing.Pool`, may have no children and does all the work itself.

    An exception of the task is raised here and ends the work. Raises RunFailed where a worker process dies. Closing the
    iterator, an interrupt included, ends the workers at once: what they had not handed over is lost.
    """
    if workers <= 1 or len(chunks) <= 1 or multiprocessing.current_process().daemon:
        for chunk in chunks:
            yield chunk, task(chunk)
        return
    way = "fork" if _copies else "spawn"
    executor = ProcessPoolExecutor(
        min(workers, len(chunks)), multiprocessing.get_context(way), initializer=_begin, initargs=(task, way)
    )
    finished = False
    try:
        yield from _as_done(executor, chunks, min(workers, len(chunks)))
        finished = True
    except BrokenProcessPool as broken:
        raise RunFailed("a worker process ended unexpectedly (killed, or out of memory?)") from broken
    finally:
        if finished:
            executor.shutdown()
        else:
            _terminate_workers(executor)


def _terminate_workers(executor: ProcessPoolExecutor) -> None:
    """As `ProcessPoolExecutor.terminate_workers` of Python 3.14, before which there is no public way."""
    if hasattr(executor, "terminate_workers"):
        executor.terminate_workers()
        return
    processes = list((getattr(executor, "_processes", None) or {}).values())
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    for process in processes:
        process.join()


def _as_done(executor: ProcessPoolExecutor, chunks: Sequence[range], workers: int) -> Iterator[tuple[range, Any]]:
    """Keep a few chunks a worker in the queue, so that an early end cancels the rest at no cost."""
    waiting = iter(chunks)
    running: dict[Future[Any], range] = {}

    def submit(count: int) -> None:
        # The executor may start a worker at any submission. The count goes first: zip takes from its first argument
        # before it finds the second one empty.
        with bare_main(), _interrupts_held(), warnings.catch_warnings():
            # That copying a process with threads may end in a wait for ever: see `workers_as_copies`.
            warnings.simplefilter("ignore", DeprecationWarning)
            for _, chunk in zip(range(count), waiting, strict=False):
                running[executor.submit(_perform, chunk)] = chunk

    submit(4 * workers)
    while running:
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            yield running.pop(future), future.result()
        submit(len(done))


@contextlib.contextmanager
def bare_main() -> Iterator[None]:
    """Workers need nothing of the main module: without this, a script that calls `run` would be run again by each."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Workers inherit the mask. Ctrl-C goes to the whole process group, and only this process is to answer it; SIGTERM
    waits until a worker has given up the handlers of this process."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(task: Callable[[range], Any], way: str) -> None:
    global _task
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A handler in Python would wait for compiled code to return.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    if way == "fork":
        signal.set_wakeup_fd(-1)
        # A copy's own ones: at its end it flushes them, and another thread may have been writing when it was made.
        sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # as long as it lives
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _task = task


def _end_with_parent() -> None:
    """Leave no worker behind when the parent is killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _perform(chunk: range) -> Any:
    assert _task is not None
    return _task(chunk)
