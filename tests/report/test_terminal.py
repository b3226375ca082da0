"""The summary on the terminal: its numbers are those of the summary, it fits, and nothing in a scenario steers it."""

from __future__ import annotations

import io
import re
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.report.document import MOST_ROWS
from sim.report.run import summary_report
from sim.report.terminal import PIPE_WIDTH, console, show
from sim.report.view import View
from tests.report import synthetic
from tests.report.synthetic import DAY, LONG, contact, line, scenario, silence, times


def shown(view: View, width: int = 140, folder: Path | None = None, command: str = "s.yaml") -> str:
    stream = io.StringIO()
    show(summary_report(view, folder=folder, command=command), console(stream, width=width))
    return stream.getvalue()


def test_the_numbers_are_those_of_the_summary() -> None:
    view = synthetic.view(scenario(record=(contact("ministers", 78), silence("hotline", 40))))
    found = view.summary["first_contact"]["line:ministers"]
    text = shown(view)
    row = next(one for one in text.splitlines() if one.startswith("  ministers "))
    chance, median = found["probability"], found["median_seconds"]
    assert f"{100 * chance['estimate']:.1f} % [{100 * chance['low']:.1f}–{100 * chance['high']:.1f}]" in row
    assert f"{median['estimate'] / DAY:.1f} d [{median['low'] / DAY:.3g}–{median['high'] / DAY:.3g}]" in row
    assert "5 Apr 2022" in row
    assert "5.12 d to after the end" in row
    assert "2,000 replications, seed 1, engine reference" in text
    assert "group both" in text
    assert "any line" in text
    assert "declined 50.0 %, no reply 30.0 %" in text
    assert "median 4, p90 9" in text
    assert "Requests started by events" in text
    assert "openlines trace s.yaml --typical" in text


def test_the_record_is_placed_among_the_replications() -> None:
    view = synthetic.view(scenario(record=(contact("ministers", 78), silence("hotline", 40))))
    ministers, hotline = view.placed()
    drawn = times(2_000, seed=1)
    happened = drawn >= 0
    assert ministers.before == np.mean(happened & (drawn < 78 * DAY))
    assert ministers.within == np.mean(happened & (drawn >= 78 * DAY) & (drawn < 79 * DAY))
    assert ministers.before + ministers.within + ministers.after == pytest.approx(1)
    other = times(2_000, seed=2)
    assert hotline.within is None
    assert hotline.after == pytest.approx(np.mean((other < 0) | (other >= 40 * DAY)))
    text = shown(view)
    assert "13 May 2022" in text
    assert "none until 5 Apr 2022" in text


def test_a_contact_one_second_later_moves_the_place() -> None:
    made = scenario(record=(contact("ministers", 78),))

    def on_the_day(second: int) -> float | None:
        drawn = np.full(10, -1)
        drawn[0] = second
        return synthetic.view(made, {"ministers": drawn, "hotline": np.full(10, -1)}).placed()[0].within

    # The bins of this clock are 60 s wide, and days begin with a bin.
    assert [on_the_day(second) for second in (78 * DAY - 1, 78 * DAY, 79 * DAY - 1, 79 * DAY)] == [0, 0.1, 0.1, 0]


def test_only_the_first_contact_on_record_is_placed() -> None:
    made = scenario(record=(contact("ministers", 90), contact("ministers", 78), silence("ministers", 78)))
    assert [placed.entry.start for placed in synthetic.view(made).placed()] == [78 * DAY]


def test_a_column_is_marked_with_the_first_contact_among_its_lines() -> None:
    view = synthetic.view(scenario(record=(contact("ministers", 78), contact("hotline", 5, 4))))
    assert [mark.text for mark in view.marks("line:ministers")] == ["ministers 13 May 2022"]
    assert [mark.text for mark in view.marks("channel:ministerial")] == ["ministers 13 May 2022"]
    assert [mark.start for mark in view.marks("group:both")] == [5 * DAY]
    assert [mark.text for mark in view.marks("any")] == ["hotline 1–4 Mar 2022"]
    assert synthetic.view().marks("any") == []


def test_dates_on_record_are_written_as_people_write_them() -> None:
    view = synthetic.view()
    entries = [contact("ministers", 78), contact("ministers", 18, 5), contact("ministers", 34, 5)]
    assert [view.on_record(entry) for entry in entries] == ["13 May 2022", "14–18 Mar 2022", "30 Mar 2022–3 Apr 2022"]


@pytest.mark.parametrize("width", [60, 72, 80, 100, 140])
@pytest.mark.parametrize("name", ["ministers", "A" * 60])
def test_it_fits_the_terminal(width: int, name: str) -> None:
    made = scenario(line(name, "ministerial"), line("hotline", "deconfliction", triggered=True), title=LONG)
    made = synthetic.changed(made, record=(contact(name, 78),), warnings=("event 'x' lies after the end",))
    lines = shown(synthetic.view(made), width, Path(__file__).parent, "scenarios/a.yaml").splitlines()
    # A command is one line, whatever its length, so that it can be copied.
    assert max(len(one) for one in lines if not one.startswith("  openlines ")) <= width
    assert all(one == one.rstrip() for one in lines)


def test_a_wide_terminal_has_a_table_and_a_narrow_one_blocks() -> None:
    view = synthetic.view()
    assert "    median date: " not in shown(view, 100)
    assert "    median date: " in shown(view, 60)


def test_nothing_in_a_scenario_steers_the_terminal() -> None:
    made = scenario(title="Spring [bold red]2022[/] \x1b[31m\x07\r\nhotline ‮ :smiley:")
    text = shown(synthetic.view(made))
    assert text.splitlines()[0] == "Spring [bold red]2022[/] [31m hotline :smiley:"
    assert "\x1b" not in text
    assert "\x07" not in text


def test_intervals_of_few_blocks_carry_a_notice() -> None:
    view = synthetic.view(n=100)
    assert "independent draws" not in shown(view)
    few = replace(view, summary={**view.summary, "interval_unit": "block", "interval_units": 7})
    assert "The intervals rest on 7 independent draws of the uncertain numbers" in " ".join(shown(few).split())


def test_nobody_reached() -> None:
    nobody = {"ministers": np.full(20, -1), "hotline": np.full(20, -1)}
    text = shown(synthetic.view(drawn=nobody))
    row = next(one for one in text.splitlines() if one.startswith("  ministers "))
    assert row.split(maxsplit=1)[1].startswith("0 % [")
    assert row.count("not reached") == 3
    assert "Not reached: fewer than half of the replications had contact" in text


def test_lines_too_many_are_cut_and_the_cut_is_told() -> None:
    made = scenario(*(line(f"line-{place}", "ministerial") for place in range(MOST_ROWS + 5)))
    text = shown(synthetic.view(made, n=20))
    assert "line-59 " in text
    assert "line-60 " not in text
    assert "6 more rows are in summary.json" in text
    assert "any line" in text


def test_a_pipe_gets_a_fixed_width_and_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    made = console(io.StringIO())
    assert made.width == PIPE_WIDTH
    made.print("x", style="bold red")
    assert made.file.getvalue() == "x\n"  # type: ignore[attr-defined]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("refused", [True, False])
def test_no_colour_is_obeyed(monkeypatch: pytest.MonkeyPatch, refused: bool) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if refused:
        monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    warned = synthetic.changed(scenario(), warnings=("late.yaml:9:3 events.late.at: after the end of the clock",))
    show(summary_report(synthetic.view(warned)), console(stream, width=100))
    assert ("\x1b[33m" in stream.getvalue()) is not refused
    assert "  events.late.at: after the end of the clock" in re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())


def test_suggested_commands_stay_on_one_line_and_can_be_copied() -> None:
    made = io.StringIO()
    command = "a/very/long/way/to/my-crisis.yaml"
    show(summary_report(synthetic.view(), command=command), console(made, width=60))
    lines = made.getvalue().splitlines()
    commands = [line.strip() for line in lines if line.strip().startswith("openlines ")]
    assert [shlex.split(line)[1] for line in commands] == ["trace", "run"]
    assert all(len(line) > 60 for line in commands[1:])


def test_a_change_is_in_the_heading_and_the_run_without_it_is_suggested() -> None:
    made = io.StringIO()
    change = "lines.austin-shoigu.every=1 d"
    report = summary_report(synthetic.view(), command="s.yaml", changes=(change,), program=".venv/bin/openlines")
    show(report, console(made, width=100))
    said = made.getvalue()
    assert f"changed: {change}" in said
    assert f"  .venv/bin/openlines trace s.yaml --set '{change}' --typical" in said
    assert "  .venv/bin/openlines run s.yaml\n" in said
    assert "changed" not in shown(synthetic.view())
