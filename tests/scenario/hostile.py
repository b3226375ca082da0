"""What the tests of hostile input share: a good scenario to spoil, and what every refusal must be."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import unicodedata
from pathlib import Path

import pytest

from sim.scenario import load, loads
from sim.scenario.errors import ScenarioErrors

ROOT = Path(__file__).parents[2]

HEAD = """\
scenario: 1
title: Hostile
clock: {start: 2022-01-01, end: 2022-02-01}
sides: {A: {timezone: UTC}, B: {timezone: UTC}}
officials: {ann: {side: A}, bob: {side: B}}
channels: {phone: {}}
"""
LINES = "lines:\n  call: {caller: ann, callee: bob, channel: phone, every: 1 d, answer: 0.1, delay: 1 h}\n"
GOOD = HEAD + LINES


def scenario(**line: str) -> str:
    """The good scenario with some values of its line replaced or added."""
    keys = {
        "caller": "ann",
        "callee": "bob",
        "channel": "phone",
        "every": "1 d",
        "answer": "0.1",
        "delay": "1 h",
        **line,
    }
    return HEAD + "lines:\n  call:\n" + "".join(f"    {key}: {value}\n" for key, value in keys.items())


def write(folder: Path, content: str | bytes, name: str = "hostile.yaml") -> Path:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def refused(file: Path | str) -> str:
    """The text with which the file is refused, after a look at its every line."""
    with pytest.raises(ScenarioErrors) as caught:
        load(file)
    return checked(caught.value)


def refused_text(text: str) -> str:
    with pytest.raises(ScenarioErrors) as caught:
        loads(text)
    return checked(caught.value)


def checked(errors: ScenarioErrors) -> str:
    assert errors.errors
    shown = [str(error) for error in errors.errors]
    for line in shown:
        check_harmless(line)
    assert all(len(error.message) < 1_500 for error in errors.errors)
    return "\n".join(shown)


def check_harmless(shown: str) -> None:
    """An error is one line without control or direction-changing characters."""
    bad = [character for character in shown if unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Cs"}]
    assert bad == [], shown.encode()


OUTCOME = """
    import pathlib, re, resource, sys
    from sim.scenario import load
    from sim.scenario.errors import ScenarioErrors
    try:
        loaded = load(sys.argv[1])
    except ScenarioErrors as refused:
        print("refused", len(refused.errors), refused)
    else:
        print("accepted", len(loaded.lines))
    # Linux's ru_maxrss keeps the parent's peak across exec; VmHWM is this program's own.
    status = pathlib.Path("/proc/self/status")
    own = re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text()) if status.exists() else None
    kib = int(own[1]) if own else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print("MiB", kib // 1024)
"""


def outcome(file: Path, seconds: float = 60) -> tuple[str, int]:
    """What a process of its own says of the file, and its peak memory in MiB: a crash or a hang stays there."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(OUTCOME), str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said, _, memory = done.stdout.rstrip("\n").rpartition("\nMiB ")
    return said, int(memory)
