"""Chunks in one process and in several."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sim.runs.errors import RunFailed
from sim.runs.execute import FEWEST_CHUNKS, choose_workers, execute, workers_as_copies

CHUNKS = tuple(range(first, first + 10) for first in range(0, 100, 10))
ROOT = Path(__file__).parents[2]


def add_up(chunk: range) -> int:
    return sum(chunk)


def fail(chunk: range) -> int:
    if chunk.start == 40:
        raise ZeroDivisionError("chunk 40")
    return 0


def die(chunk: range) -> int:
    if chunk.start == 40:
        os.kill(os.getpid(), signal.SIGKILL)
    return 0


@dataclass(frozen=True)
class Sleep:
    """Leaves its process number in a folder, then takes its time."""

    folder: Path

    def __call__(self, chunk: range) -> int:
        (self.folder / str(os.getpid())).touch()
        time.sleep(60)
        return 0


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return not Path(f"/proc/{process}/stat").exists() or ") Z " not in Path(f"/proc/{process}/stat").read_text()


def wait_for(folder: Path, count: int) -> list[int]:
    for _ in range(600):
        if len(found := [int(path.name) for path in folder.iterdir()]) >= count:
            return found
        time.sleep(0.05)
    raise AssertionError("no worker began")


def wait_until_gone(processes: list[int]) -> None:
    for _ in range(200):
        if not any(is_running(process) for process in processes):
            return
        time.sleep(0.05)
    raise AssertionError(f"still running: {processes}")


Way = Callable[[], AbstractContextManager[None]]
WAYS = pytest.mark.parametrize("way", [contextlib.nullcontext, workers_as_copies])
"""Workers that begin from nothing, and as copies of this process."""


@WAYS
@pytest.mark.parametrize("workers", [1, 2])
def test_every_chunk_is_done_once(workers: int, way: Way) -> None:
    with way():
        found = dict(execute(add_up, CHUNKS, workers))
    assert found == {chunk: sum(chunk) for chunk in CHUNKS}


@WAYS
@pytest.mark.parametrize("workers", [1, 2])
def test_an_exception_of_the_task_ends_the_work(workers: int, way: Way) -> None:
    with way(), pytest.raises(ZeroDivisionError, match="chunk 40"):
        list(execute(fail, CHUNKS, workers))


@WAYS
def test_a_worker_that_dies_is_a_failure_of_the_run(way: Way) -> None:
    with way(), pytest.raises(RunFailed, match="a worker process ended unexpectedly"):
        list(execute(die, CHUNKS, 2))


def loaded(chunk: range) -> bool:
    return [os.getppid()] == _HERE


_HERE: list[int] = []


@WAYS
def test_copies_have_what_their_parent_has_loaded(monkeypatch: pytest.MonkeyPatch, way: Way) -> None:
    monkeypatch.setattr(f"{__name__}._HERE", [os.getpid()])
    expected = way is workers_as_copies and sys.platform == "linux"
    with way():
        assert set(dict(execute(loaded, CHUNKS, 2)).values()) == {expected}


@WAYS
def test_an_interrupt_ends_the_workers_at_once(tmp_path: Path, way: Way) -> None:
    results = execute(Sleep(tmp_path), CHUNKS, 2)

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    def interrupt_when_at_work() -> None:
        wait_for(tmp_path, 2)
        os.kill(os.getpid(), signal.SIGALRM)

    before = signal.signal(signal.SIGALRM, interrupt)
    watcher = threading.Thread(target=interrupt_when_at_work)
    watcher.start()
    try:
        with way(), contextlib.closing(results), pytest.raises(KeyboardInterrupt):
            next(results)
    finally:
        watcher.join()
        signal.signal(signal.SIGALRM, before)
    wait_until_gone(wait_for(tmp_path, 2))


@WAYS
def test_workers_do_not_outlive_a_parent_that_is_killed(tmp_path: Path, way: Way) -> None:
    code = (
        "from contextlib import nullcontext\nfrom pathlib import Path\n"
        "from tests.runs.test_execute import CHUNKS, Sleep\nfrom sim.runs.execute import execute, workers_as_copies\n"
        f"with {way.__name__}(): list(execute(Sleep(Path({str(tmp_path)!r})), CHUNKS, 2))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    try:
        workers = wait_for(tmp_path, 2)
    finally:
        parent.kill()
        parent.wait()
    wait_until_gone(workers)


def test_a_script_without_a_main_guard_is_not_run_by_its_workers(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nprint('once')\n"
        "from tests.runs.test_execute import CHUNKS, add_up\nfrom sim.runs.execute import execute\n"
        "print(sum(result for _, result in execute(add_up, CHUNKS, 2)))\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert (done.stdout.split(), done.stderr) == (["once", str(sum(range(100)))], "")


def test_short_runs_use_one_process() -> None:
    assert choose_workers(FEWEST_CHUNKS - 1) == 1
    assert 1 <= choose_workers(10_000) <= (os.cpu_count() or 1)


def in_a_pool(count: int) -> list[int]:
    chunks = [range(first, first + 10) for first in range(0, 10 * count, 10)]
    return sorted(length for _, length in execute(len, chunks, 2))


def test_a_daemonic_process_does_all_of_the_work_itself() -> None:
    """As a worker of `multiprocessing.Pool`, which may have no children."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(in_a_pool, (3,)) == [10, 10, 10]


STUCK = """
import contextlib, hashlib, os, signal, sys
from sim.runs.execute import execute, workers_as_copies

def stuck(chunk):
    if chunk.start:
        os.write(1, b"begun\\n")
        hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)
    return 0

def interrupt(number, frame):
    raise KeyboardInterrupt

signal.signal(signal.SIGTERM, interrupt)
with workers_as_copies(), contextlib.closing(execute(stuck, (range(1), range(1, 2)), 2)) as results:
    next(results)
    sys.stdin.readline()
print("ended")
"""


def test_workers_end_in_compiled_code_whatever_handlers_the_first_process_has() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    output, _ = process.communicate("\n", timeout=60)
    assert (process.returncode, output) == (0, "ended\n")
