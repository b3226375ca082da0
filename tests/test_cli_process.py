"""The command as a process: signals, standard streams, and arguments that are no text."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.runs import provenance
from tests.test_cli import ROOT, command, everything, folder

__all__ = ["folder"]

FULL = Path("/dev/full")
BYTES = os.fsdecode(b"caf\xe9")
"""A name that is not UTF-8, as Python has it."""

ONCE = ("-n", "20", "--engine", "reference", "--no-figures")
WHAT_IF = ("--engine", "reference", "-n", "20", "--no-figures", "--no-explain", "--what-if")


def finish(*arguments: str, **options: object) -> tuple[int, str]:
    """Exit status and standard error."""
    process = command(*arguments, **options)
    _, errors = process.communicate()
    return process.returncode, errors


# Signals

INTERRUPTING = """
import os, sys

class Interrupting:
    # Sends this process a signal when a module is looked for.
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), {number})

sys.meta_path.insert(0, Interrupting())
from sim.cli import main
main()
"""


def interrupted_at(module: str, number: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = INTERRUPTING.format(module=module, number=int(number))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, env=environment
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("module", ["sim.cli.commands", "typer", "numpy", "pyarrow", "sim.runs.store"])
def test_an_interrupt_while_modules_load_leaves_no_traceback(folder: Path, module: str, number: int) -> None:
    done = interrupted_at(module, number, "run", "one.yaml", *ONCE)
    assert done.returncode == 130, done.stderr
    assert "interrupted" in done.stderr
    assert "Traceback" not in done.stderr


STUCK = """
import hashlib, sys
import sim.api
from sim.cli import main

def stuck(*_):
    # Compiled code that lets other threads run and does not return for hours.
    print("begun", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)

sim.api.load = stuck
main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_ends_while_compiled_code_does_not(folder: Path, number: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK, "resolve", "one.yaml"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    time.sleep(0.2)  # it has not entered the compiled code as yet, and if it does not in that time, it says less
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    watched = "interrupted: what was finished is kept; the same command goes on from there\n"
    assert errors in (watched, "interrupted\n")


# Standard streams


@pytest.mark.skipif(not FULL.exists(), reason="the system has no full device")
@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"], ["schema"], ["explain"]])
def test_a_full_standard_output_is_work_that_failed(arguments: list[str]) -> None:
    with FULL.open("w") as full:
        assert finish(*arguments, stdout=full) == (1, "openlines: No space left on device\n")


@pytest.mark.skipif(not FULL.exists(), reason="the system has no full device")
def test_a_full_standard_error_stops_nothing(folder: Path) -> None:
    with FULL.open("w") as full:
        process = command("run", "one.yaml", *ONCE, "--out", "here", "--json", stderr=full)
        output, _ = process.communicate()
    assert process.returncode == 0
    assert json.loads(output) == json.loads((folder / "here" / "summary.json").read_text())


# Arguments that are no text


def test_the_command_that_is_kept_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a program of its own, whose arguments nobody has refused."""
    monkeypatch.setattr(sys, "argv", ["study.py", BYTES])
    assert provenance.command() == r"study.py 'caf\xe9'"


@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", "one.yaml", *WHAT_IF, f"{BYTES}: lines.envoy-minister.answer=1"),
        ("run", "one.yaml", *ONCE, "--set", f"title={BYTES}"),
        ("run", f"{BYTES}.yaml", *ONCE),
        ("run", "one.yaml", *ONCE, "--out", BYTES),
        ("network", "one.yaml", "--figure", f"{BYTES}.svg"),
        ("run", "one.yaml", *ONCE, "--until", BYTES),
        ("run", "n" * 300),
        ("run", "one.yaml", *ONCE, "--out", "n" * 300),
        ("run", "one.yaml", *ONCE, "--out", f"here/{'n' * 300}"),
        ("compare", "one.yaml", "--out", "n" * 300, *WHAT_IF, "x: lines.envoy-minister.answer=1"),
        ("trace", "one.yaml", "--figure", f"{'n' * 300}.png"),
        ("results", "n" * 300),
        ("verify", "n" * 300),
        ("plot", "n" * 300),
        ("report", "n" * 300),
        ("fit", "n" * 300),
        ("validate", "n" * 300),
    ],
    ids=lambda arguments: f"{arguments[0]} {arguments[-1][:24]!a}",
)
def test_names_that_cannot_be_are_refused_and_nothing_is_written(folder: Path, arguments: tuple[str, ...]) -> None:
    before = everything(folder)
    status, errors = finish(*arguments)
    assert (status, "Traceback" in errors) == (2, False), errors
    assert everything(folder) == before
    assert sorted(path.name for path in folder.iterdir()) == ["one.yaml"]
