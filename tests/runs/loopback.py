"""A cluster on this machine, of processes of their own: what becomes of them does not touch the tests' process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from distributed import Client

ROOT = Path(__file__).parents[2]
SECONDS = 120.0
"""Enough for any process to start on a busy machine."""


def wait_until(ready: Callable[[], object], what: str) -> None:
    until = time.monotonic() + SECONDS
    while not ready():
        if time.monotonic() > until:
            raise AssertionError(f"waited {SECONDS:.0f} s for {what}")
        time.sleep(0.05)


class Loopback:
    """A scheduler, and as many workers as are asked for. A task may be there at the end of `deaths` of them."""

    def __init__(self, folder: Path, deaths: int) -> None:
        self.folder = folder
        self.told = folder / "scheduler.json"
        deadly = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(deaths)}
        self.environment = os.environ | deadly | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        self.workers: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._start("dask_scheduler", "--port", "0", "--scheduler-file", str(self.told))
        wait_until(self.told.exists, "the scheduler")

    def _start(self, program: str, *more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{program}", "--host", "127.0.0.1", "--no-dashboard", *more]
        with (self.folder / f"{program}.log").open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def add_worker(self) -> None:
        options = ["--no-nanny", "--nthreads", "1", "--memory-limit", "0", "--death-timeout", str(SECONDS)]
        folder = ["--local-directory", str(self.folder), "--scheduler-file", str(self.told)]
        self.workers.append(self._start("dask_worker", *options, *folder))

    def kill_worker(self) -> None:
        worker = self.workers.pop(0)
        worker.kill()
        worker.wait()

    def bring_to(self, count: int, client: Client) -> None:
        """Have exactly so many workers, and know of them."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) > count:
            self.kill_worker()
        while len(self.workers) < count:
            self.add_worker()
        wait_until(lambda: len(client.scheduler_info(n_workers=-1)["workers"]) == count, f"{count} workers")

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
