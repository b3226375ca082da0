"""Two lines and some what-ifs of them, for the tests of comparisons."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import line, scenario, text

LINES = {
    "p": line(answer=0.2, every="1 d", delay="2 h"),
    "q": line(answer=0.1, every="2 d", delay="3 h"),
}
SCENARIO = text(scenario(LINES, report={"groups": {"both": ["p", "q"]}}))


def what_if(variants: str) -> str:
    """A what-if file of ``crisis.yaml``; `variants`: the lines below that key."""
    return f"what_if: 1\nbase: crisis.yaml\nvariants:\n{variants}\n"


def enter(folder: Path, monkeypatch: pytest.MonkeyPatch, variants: str = "") -> Path:
    """Write ``crisis.yaml`` into a folder, and ``what.yaml`` where there are variants, and work there."""
    (folder / "crisis.yaml").write_text(SCENARIO, encoding="utf-8")
    if variants:
        (folder / "what.yaml").write_text(what_if(variants), encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder
