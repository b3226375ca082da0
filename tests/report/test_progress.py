"""What the program says of its work on standard error."""

from __future__ import annotations

import io

import pytest

from sim.report import progress as module
from sim.report.progress import BarReporter, LineReporter, progress


class Clock:
    """A clock that is set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(module.time, "monotonic", lambda: self.now)


Told = tuple[Clock, io.StringIO, LineReporter]


@pytest.fixture
def told_of(monkeypatch: pytest.MonkeyPatch) -> Told:
    clock, stream = Clock(monkeypatch), io.StringIO()
    return clock, stream, LineReporter(stream)


def test_off_a_terminal_there_is_a_line_a_phase_and_one_now_and_then(told_of: Told) -> None:
    clock, stream, told = told_of
    with told:
        told.phase("loading")
        told.phase("simulating")
        for second in range(31):
            clock.now = float(second)
            told.update(second * 100, 10_000)
        told.update(10_000, 10_000)
        told.note("done")
    assert stream.getvalue().splitlines() == [
        "loading",
        "simulating",
        "simulating: 1,000 of 10,000 (100 a second, 90 s left)",
        "simulating: 2,000 of 10,000 (100 a second, 80 s left)",
        "simulating: 3,000 of 10,000 (100 a second, 70 s left)",
        "done",
    ]


def test_what_was_done_before_an_interruption_does_not_count_as_speed(told_of: Told) -> None:
    clock, stream, told = told_of
    told.phase("simulating")
    told.update(5_000, 10_000)
    clock.now = 10.0
    told.update(6_000, 10_000)
    assert "(100 a second, 40 s left)" in stream.getvalue()


def test_a_phase_that_does_not_move_has_no_rate(told_of: Told) -> None:
    clock, stream, told = told_of
    told.phase("simulating")
    told.update(0, 10)
    clock.now = 10.0
    told.update(0, 10)
    assert stream.getvalue().splitlines()[-1] == "simulating: 0 of 10"


def test_slow_work_has_no_rate_but_a_time_left(told_of: Told) -> None:
    clock, stream, told = told_of
    told.phase("asking why")
    told.update(0, 11)
    clock.now = 20.0
    told.update(5, 11)
    assert stream.getvalue().splitlines()[-1] == "asking why: 5 of 11 (24 s left)"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_that_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    with progress(stream) as told:
        assert isinstance(told, BarReporter)
        told.update(1, 2)
        told.phase("simulating [bold]x")
        told.update(50, 100)
        told.phase("drawing")
        told.note("kept [bold]")
    assert "kept [bold]" in stream.getvalue()


def test_elsewhere_there_are_lines() -> None:
    assert isinstance(progress(io.StringIO()), LineReporter)
