"""Runs that are killed, and runs whose disk is full: the same command again ends as though nothing had been."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.runs.fake import contents
from tests.runs.test_store import manifest_of

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "sim", "run", str(ROOT / "scenarios" / "minimal.yaml"), "--engine", "reference"]
SMALL, LARGE = 160_000, 40_000_000


def start(folder: Path, *more: str, prepare: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    command = [*COMMAND, "--out", str(folder), *more]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=prepare
    )


def finish(folder: Path, *more: str) -> None:
    process = start(folder, *more)
    _, errors = process.communicate()
    assert process.returncode == 0, errors


DEEP = [pytest.mark.deep, pytest.mark.timeout(3600)]


@pytest.mark.parametrize(
    ("kills", "more"),
    [
        (5, ("-n", "3000", "--workers", "2", "--no-figures")),
        pytest.param(50, ("-n", "6000", "--workers", "2"), marks=DEEP),
        pytest.param(20, ("--until", "P(any within 3 d) ± 0.02", "--workers", "2", "--no-figures"), marks=DEEP),
    ],
)
def test_a_run_killed_at_random_moments_ends_as_one_that_was_not(
    tmp_path: Path, kills: int, more: tuple[str, ...]
) -> None:
    """Each kill is of the run that goes on from the one before; one that was complete by then is begun anew."""
    began = time.monotonic()
    finish(tmp_path / "whole", *more)
    lasts = time.monotonic() - began
    draw = random.Random(1)  # noqa: S311
    killed, folder = 0, tmp_path / "killed"
    states = set()
    while killed < kills:
        process = start(folder, *more)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(draw.uniform(0.1, 0.9) * lasts)
        if process.poll() is None:
            process.kill()
            killed += 1
        process.communicate()
        state = manifest_of(folder)["status"] if folder.exists() else "absent"
        states.add(state)
        if state == "complete":
            shutil.rmtree(folder)
    finish(folder, *more)
    assert "incomplete" in states
    assert contents(folder) == contents(tmp_path / "whole")
    assert not list(folder.rglob(".partial-*"))


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[tuple[Callable[[], None], Callable[[], None]]]:
    """Make `folder` a small disk where that is allowed, else let no file grow long.

    Gives what a process does before it begins to be held to it, and what makes room again.
    """
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        limit = SMALL // 20
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)), lambda: None
        return
    try:
        room = ["mount", "-o", f"remount,size={LARGE}", str(folder)]
        yield lambda: None, lambda: subprocess.run(room, check=True) and None
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_run_whose_disk_was_full_is_continued_to_the_same_files(tmp_path: Path) -> None:
    more = ("-n", "4000", "--workers", "1", "--no-figures")
    finish(tmp_path / "whole", *more)
    with small_disk(tmp_path / "disk") as (held, make_room):
        folder = tmp_path / "disk" / "run"
        process = start(folder, *more, prepare=held)
        _, errors = process.communicate()
        assert process.returncode == 1
        assert "cannot write the results" in errors
        assert "Traceback" not in errors
        assert manifest_of(folder)["status"] == "incomplete"
        assert not list(folder.rglob(".partial-*"))
        make_room()
        finish(folder, *more)
        assert contents(folder) == contents(tmp_path / "whole")


def test_long_files_are_held_back_where_no_disk_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other way of `small_disk`, which depends on who runs the tests."""
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "mount").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "mount").chmod(0o755)
    with small_disk(tmp_path / "disk") as (held, _):
        process = start(tmp_path / "disk" / "run", "-n", "4000", "--workers", "1", "--no-figures", prepare=held)
        _, errors = process.communicate()
    assert process.returncode == 1, errors
    assert "cannot write the results" in errors
    assert os.environ["PATH"] == str(tmp_path)
