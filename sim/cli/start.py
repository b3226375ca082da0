"""Start and end of the command `openlines`: signals, standard streams, exit status.

SIGINT and SIGTERM raise KeyboardInterrupt in the command, which says what is kept. Where it has not ended after
`GRACE_SECONDS`, as in compiled code or in a library that drops the exception, the process ends without it.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from types import FrameType

FAILED, REFUSED, INTERRUPTED = 1, 2, 130
GRACE_SECONDS = 1.5

_interrupted = threading.Event()
_told = threading.Event()


def main() -> NoReturn:
    """Run the command line and exit with its status."""
    try:
        _mind_signals()
        _mend_streams()
        status = _run()
    except KeyboardInterrupt:
        status = say(INTERRUPTED, "interrupted")
    except OSError as error:
        status = say(FAILED, f"openlines: {error.strerror or error}")
    except BaseException:
        # A library may have made another exception of the interrupt, as an import does.
        if not _interrupted.is_set():
            raise
        status = say(INTERRUPTED, "interrupted")
    _flush(status)


def _run() -> int:
    """Parse and call; the exit status."""
    from sim.cli.commands import app

    try:
        app(prog_name="openlines")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        # The parser says nothing of an interrupt outside the commands.
        silent = status in (FAILED, INTERRUPTED) and _interrupted.is_set() and not _told.is_set()
        return say(INTERRUPTED, "interrupted") if silent else status
    return 0


def _mind_signals() -> None:
    """Answer SIGINT and SIGTERM from now on, and watch that they are obeyed."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    threading.Thread(target=_watch, args=(reading,), daemon=True).start()


def _interrupt(number: int, frame: FrameType | None) -> None:
    # A second signal must not break off what the first one has begun to put in order; the watch ends it in time.
    if not _interrupted.is_set():
        _interrupted.set()
        sys.unraisablehook = lambda _: None
        raise KeyboardInterrupt


def _watch(reading: int) -> None:
    """Wait for a signal, and end the process where it has not ended by itself. Python writes the number of a signal
    into the pipe at once, whatever the main thread is doing."""
    while os.read(reading, 1)[0] not in (signal.SIGINT, signal.SIGTERM):
        pass
    time.sleep(GRACE_SECONDS)
    _end_workers()
    if os.isatty(2):
        os.write(2, b"\x1b[?25h")  # a bar hides the cursor
    os.write(2, b"interrupted: what was finished is kept; the same command goes on from there\n")
    os._exit(INTERRUPTED)


def _end_workers() -> None:
    if (processes := sys.modules.get("multiprocessing.process")) is not None:
        for child in processes.active_children():
            child.kill()


def _mend_streams() -> None:
    """Let the program run with streams that are closed or full, and on terminals that cannot show every sign."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever called: there is nobody to tell
            setattr(sys, name, open(os.devnull, "w"))  # noqa: PTH123, SIM115 - for the life of the process
    stdout: Any = sys.stdout
    buffering = stdout.line_buffering
    sys.stdout = _StandardOutput(stdout.detach(), stdout.encoding, "replace", line_buffering=buffering)
    stderr: Any = sys.stderr
    sys.stderr = _StandardError(stderr.detach(), stderr.encoding, "replace", line_buffering=True)


class _StandardOutput(io.TextIOWrapper):
    """Standard output whose reader may have seen enough: the rest goes nowhere. One that is full raises OSError."""

    def write(self, text: str) -> int:
        """Write a text; its length."""
        try:
            return super().write(text)
        except BrokenPipeError:
            _to_nowhere(1)
            return len(text)

    def flush(self) -> None:
        """Write what is held back."""
        try:
            super().flush()
        except BrokenPipeError:
            _to_nowhere(1)
            super().flush()


class _StandardError(io.TextIOWrapper):
    """Standard error that may be full: then nobody can be told, and the work goes on."""

    def write(self, text: str) -> int:
        """Write a text; its length."""
        try:
            return super().write(text)
        except OSError:
            return self._give_up(len(text))

    def flush(self) -> None:
        """Write what is held back."""
        try:
            super().flush()
        except OSError:
            self._give_up(0)

    def _give_up(self, length: int) -> int:
        _to_nowhere(2)
        super().flush()
        return length


def say(status: int, words: str) -> int:
    """Tell on standard error why the command ends; the status that is given."""
    _told.set()
    sys.stderr.write(f"{words}\n")
    return status


def _flush(status: int) -> NoReturn:
    """Write what is left and exit; a standard output that is full makes the work one that failed."""
    try:
        sys.stdout.flush()
    except OSError as error:
        # The command may have failed on the same full output, and said so.
        status = status or FAILED
        if not _told.is_set():
            say(status, f"openlines: {error.strerror or error}")
        _to_nowhere(1)
    if status == INTERRUPTED:
        # Python before 3.12 may remember an interrupt that was caught, and end itself with SIGINT in place of a status.
        _end_workers()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def _to_nowhere(descriptor: int) -> None:
    """Send what is in the buffer of a stream, and all that follows, to nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
