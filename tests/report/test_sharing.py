"""Pieces of work shared out among copies of this process."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.report.figures.sharing import processes_to_share, share_out

ROOT = Path(__file__).parents[2]
PIECES = 12


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_every_piece_is_done_and_told_once(processes: int) -> None:
    told: list[int] = []
    found = share_out(PIECES, lambda piece: [piece, "ü" * 70_000], processes, told.append)
    assert found == {piece: [piece, "ü" * 70_000] for piece in range(PIECES)}
    assert sorted(told) == list(range(PIECES))


def test_several_processes_take_part() -> None:
    def slow(_: int) -> int:
        time.sleep(0.05)
        return os.getpid()

    assert len(set(share_out(PIECES, slow, 3, lambda _: None).values())) == 3


def test_what_a_killed_process_did_not_tell_is_done_here() -> None:
    here = os.getpid()

    def deadly(piece: int) -> int:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.01)
        return os.getpid()

    assert share_out(PIECES, deadly, 3, lambda _: None) == dict.fromkeys(range(PIECES), here)


def test_an_exception_in_a_copy_is_raised_here() -> None:
    here = os.getpid()

    def failing(piece: int) -> int:
        if os.getpid() == here:
            time.sleep(0.05)
        if piece == 1:
            raise OSError("no room")
        return piece

    with pytest.raises(OSError, match="no room"):
        share_out(2, failing, 2, lambda _: None)


def test_copies_do_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from pathlib import Path; from sim.report.figures.sharing import share_out\n"
        "def work(piece):\n    Path(sys.argv[1], str(os.getpid())).touch()\n    time.sleep(60)\n"
        "share_out(2, work, 2, print)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT)
    for _ in range(600):
        if len(found := [int(path.name) for path in tmp_path.iterdir()]) == 2:
            break
        time.sleep(0.05)
    parent.kill()
    parent.wait()
    (copy,) = set(found) - {parent.pid}
    for _ in range(200):
        stat = Path(f"/proc/{copy}/stat")
        if not stat.exists() or ") Z " in stat.read_text():
            return
        time.sleep(0.05)
    raise AssertionError("still running")


def test_no_more_processes_than_processors() -> None:
    assert 1 <= processes_to_share() <= 4


def test_garbage_is_looked_for_after_each_piece_and_not_within(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr("gc.collect", lambda: seen.append("collected"))
    kept = gc.get_freeze_count()
    share_out(2, lambda piece: seen.append(gc.isenabled()), 1, lambda _: None)
    assert seen == [False, "collected", False, "collected"]
    with pytest.raises(ZeroDivisionError):
        share_out(1, lambda piece: 1 // 0, 1, lambda _: None)
    assert (gc.isenabled(), gc.get_freeze_count()) == (True, kept)
