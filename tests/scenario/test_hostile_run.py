"""A scenario whose free texts try to steer a terminal, a figure or a page runs, and steers nothing."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

WICKED = r"""
scenario: 1
title: "T\e[2J\e]0;title\a\n<script>alert(1)</script> $\\frac{ $x_ [bold]b[/bold] [/red]"
description: "\e[5m\x9B31m"
clock: {start: 2022-01-01, end: 2022-02-01}
sides: {A: {timezone: UTC, title: "A\e[31m $x^"}, B: {timezone: UTC}}
officials: {ann: {side: A, name: "Ann\e[31m [/b] $_"}, bob: {side: B, office: "o\r\n$^$ \u202Eenog"}}
channels: {phone: {title: "ph\e[5m $\\a$ [red]"}}
lines:
  call:
    title: "L\e[7m\n$^$ [x](y) [/red]"
    caller: ann
    callee: bob
    channel: phone
    every: 1 d
    answer: 0.2
    delay: 1 h
    unanswered: {"\e[41mno": 0.5, "$^ [/i]": 0.5}
record:
  - {line: call, contact: 2022-01-09, source: "src\e[1m [/z]", why: "\e[4m"}
"""
FILE = "a\x1b[31m ..\n<b>.yaml"


def openlines(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys; from sim.cli import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(folder), "MPLCONFIGDIR": str(folder.parent / "cache")},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def check_harmless(said: str) -> None:
    steering = {c for c in said if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} and c != "\n"}
    assert steering == set()
    assert said.strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / FILE).write_text(WICKED, encoding="utf-8")
    inside = tmp_path / "inside"
    inside.mkdir()
    return inside


def test_a_run_steers_no_terminal_and_writes_nothing_outside(folder: Path) -> None:
    done = openlines("run", f"../{FILE}", "-n", "20", "--svg", folder=folder)
    assert done.returncode == 0, done.stderr[-2000:]
    check_harmless(done.stdout)
    check_harmless(done.stderr)
    assert [entry.name for entry in folder.iterdir()] == ["results"]
    assert {entry.name for entry in folder.parent.iterdir()} <= {FILE, "inside", "cache"}
    written = [path for path in folder.rglob("*") if path.is_file()]
    for path in written:
        check_harmless(path.relative_to(folder).as_posix())
    pictures = [path for path in written if path.suffix == ".svg"]
    assert pictures
    for picture in pictures:
        # The parser refuses control characters and markup that does not nest.
        root = ElementTree.parse(picture).getroot()  # noqa: S314
        assert [tag for tag in root.iter() if tag.tag.rpartition("}")[2] == "script"] == []


@pytest.mark.parametrize("command", ["trace", "validate", "resolve"])
def test_other_commands_steer_no_terminal(command: str, folder: Path) -> None:
    done = openlines(command, f"../{FILE}", *(["--replication", "1"] if command == "trace" else []), folder=folder)
    assert done.returncode == 0, done.stderr[-2000:]
    check_harmless(done.stdout)
    check_harmless(done.stdout + done.stderr)
    assert list(folder.iterdir()) == []


def test_json_escapes_what_steers(folder: Path) -> None:
    done = openlines("run", f"../{FILE}", "-n", "5", "--json", "--no-figures", folder=folder)
    assert done.returncode == 0
    check_harmless(done.stdout)


@pytest.mark.parametrize("said", ["a\x1b[2Jb\n", "a\rb\n", "\n"])
def test_saboteur_an_output_that_steers_or_is_empty_fails(said: str) -> None:
    with pytest.raises(AssertionError):
        check_harmless(said)
