"""Crash a run at every n-th step at which it changes the disk, look at what is left, and continue it.

A step is a call of one of `STEPS`; the process ends without any clean-up just before it. Prints a JSON list with what
was found after each crash. Every run is a child of its own, forked from a process that has started no thread.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.compute
import pyarrow.parquet  # noqa: F401
import scipy.special  # noqa: F401

import sim.engines
from sim.api import add_pictures, run_in_folder
from sim.runs.store import differences
from tests.runs.fake import Lookup, contents, job

STEPS = ("replace", "rename", "mkdir", "unlink", "fsync", "rmdir")
CRASHED = 9


def draw(folder: Path, text: str = "light") -> None:
    for name in ("one.svg", "two.png"):
        (folder / name).write_text(text)


def work(path: Path, mode: str) -> None:
    if mode == "redraw":
        add_pictures(path, lambda folder: draw(folder, "dark"))
    elif not run_in_folder(job(300), path, 1, fresh=mode == "fresh").has_pictures:
        add_pictures(path, draw)


def go_on(path: Path, mode: str) -> None:
    work(path, "new")
    if mode == "redraw":
        add_pictures(path, draw)


def in_child(action: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        action()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def crash_before(step: int) -> None:
    """End this process before the `step`-th step from now, counted from 0."""
    left = step

    def crashing(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            nonlocal left
            if left == 0:
                os._exit(CRASHED)
            left -= 1
            return original(*arguments, **keywords)

        return call

    for name in STEPS:
        setattr(os, name, crashing(getattr(os, name)))


def state(folder: Path) -> str:
    """absent, incomplete, complete (all files as the manifest says), or what is wrong."""
    if not folder.exists():
        return "absent"
    if not (folder / "manifest.json").exists():
        return "no manifest"
    manifest = json.loads((folder / "manifest.json").read_text())
    if manifest["status"] == "incomplete":
        return "incomplete"
    right = not differences(folder, manifest)
    return "complete" if right and len(manifest["files"]) in (3, 5) else "complete, with wrong files"


def main(root: Path, mode: str, stride: int) -> None:
    sim.engines.get = lambda name: Lookup()  # type: ignore[assignment]
    whole, folder = root / "whole", root / "runs" / "crashed"
    assert in_child(lambda: work(whole, "new")) == 0
    expected = contents(whole)
    found = []
    step, code = 0, CRASHED
    while code == CRASHED:
        shutil.rmtree(root / "runs", ignore_errors=True)
        (root / "runs").mkdir()
        if mode != "new":
            shutil.copytree(whole, folder)

        def crash(step: int = step) -> None:
            crash_before(step)
            work(folder, mode)

        code = in_child(crash)
        left = state(folder)
        continued = in_child(lambda: go_on(folder, mode)) == 0
        clean = not [path for path in root.rglob(".*") if path.name.startswith(".partial-")]
        same = contents(folder) == expected and state(folder) == "complete"
        found.append([code, left, continued and clean and same])
        step += stride
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
