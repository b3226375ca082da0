"""What the tests of the language share: one small scenario, and how to see it refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario import load, loads
from sim.scenario.errors import ScenarioErrors

SMALL = """\
scenario: 1
title: Small
clock: {start: 2022-01-01, end: 2022-02-01}
sides: {A: {timezone: UTC}, B: {timezone: UTC}}
officials:
  ann: {side: A}
  bob: {side: B}
channels:
  phone: {level: senior}
lines:
  call: {caller: ann, callee: bob, channel: phone, every: 1 d, answer: 0.1, delay: 1 h}
"""


def small(**line: str) -> str:
    """The small scenario with keys added to its line."""
    keys = "".join(f", {key}: {value}" for key, value in line.items())
    return SMALL.replace("delay: 1 h}", f"delay: 1 h{keys}}}")


def refusals(text: str) -> list[str]:
    """The errors with which a text is refused."""
    with pytest.raises(ScenarioErrors) as caught:
        loads(text, "f.yaml")
    return [str(error) for error in caught.value.errors]


def file_refusals(path: Path, *overrides: str) -> list[str]:
    """The errors with which a file is refused, the folder left out."""
    with pytest.raises(ScenarioErrors) as caught:
        load(path, overrides)
    return [str(error).replace(f"{path.parent}/", "") for error in caught.value.errors]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
