"""Progress on standard error: a bar on a terminal, a few plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import IO, TYPE_CHECKING

from sim.report.format import count, duration

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

QUIET_SECONDS = 10.0
"""Off a terminal, at least so long passes between two lines of one phase."""

LEAST_RATE = 1.0
"""Pieces a second: of slower work the time left is told, but no rate, which would be rounded to 0 or 1."""


def progress(stream: IO[str] | None = None) -> Reporter:
    """The way of reporting that suits `stream` (standard error unless given)."""
    import os

    out = stream or sys.stderr
    if out.isatty() and os.environ.get("TERM") != "dumb":
        return BarReporter(out)
    return LineReporter(out)


class Reporter(AbstractContextManager["Reporter"]):
    """Told of phases, and within a phase how much of it is done."""

    def phase(self, words: str) -> None:
        """A phase begins, such as ``loading``."""
        raise NotImplementedError

    def update(self, done: int, total: int) -> None:
        """`done` of `total` pieces of the phase are done."""
        raise NotImplementedError

    def note(self, words: str) -> None:
        """One line that stays."""
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


class LineReporter(Reporter):
    """One line a phase, and one now and then while it lasts."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._words = ""
        self._began = self._told = time.monotonic()
        self._first: int | None = None

    def phase(self, words: str) -> None:
        """A line with the words."""
        self._words, self._first = words, None
        self._began = self._told = time.monotonic()
        self.note(words)

    def update(self, done: int, total: int) -> None:
        """A line where the last one is `QUIET_SECONDS` old; what the first call has as done does not count as speed."""
        now = time.monotonic()
        if self._first is None:
            self._first = done
        if now - self._told < QUIET_SECONDS or done >= total:
            return
        self._told = now
        rate = (done - self._first) / (now - self._began)
        pace = [f"{rate:,.0f} a second"] if rate >= LEAST_RATE else []
        pace += [f"{duration(round((total - done) / rate))} left"] if rate > 0 else []
        beside = f" ({', '.join(pace)})" if pace else ""
        self.note(f"{self._words}: {count(done)} of {count(total)}{beside}")

    def note(self, words: str) -> None:
        """Print a line at once."""
        self._stream.write(f"{words}\n")
        self._stream.flush()


class BarReporter(Reporter):
    """A bar that goes when the work is done."""

    def __init__(self, stream: IO[str]) -> None:
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

        from sim.report.terminal import console

        self._progress: Progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[amount]}", markup=False),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=console(stream),
            transient=True,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> BarReporter:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def phase(self, words: str) -> None:
        """A bar of its own, in place of the last phase's."""
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(words, total=None, amount="")

    def update(self, done: int, total: int) -> None:
        """Move the bar; nothing before the first phase."""
        if self._task is None:
            return
        speed = next((task.speed for task in self._progress.tasks if task.id == self._task), None)
        rate = f", {speed:,.0f}/s" if speed and speed >= LEAST_RATE and total > 100 else ""
        self._progress.update(self._task, completed=done, total=total, amount=f"{count(done)}/{count(total)}{rate}")

    def note(self, words: str) -> None:
        """Print a line above the bar."""
        self._progress.console.print(words, markup=False, highlight=False)
