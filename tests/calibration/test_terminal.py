"""A calibration on the terminal: whole words, within its width."""

from __future__ import annotations

import io

import pytest

from sim.calibration.checks import predictive, sensitivity
from sim.calibration.fit import Calibration, calibrate
from sim.report.calibration import calibration_report, short
from sim.report.terminal import console, show
from sim.scenario import loads
from tests.support import line, officials, scenario, text

NAMES = ("security-councils-line", "ministers-of-defence-line")


@pytest.fixture(scope="module")
def found() -> Calibration:
    prior = {"prior": {"beta": [2, 5]}}
    lines = {name: line(caller=f"a{k}", callee=f"b{k}", every="1 d", answer=prior) for k, name in enumerate(NAMES)}
    record = [{"line": NAMES[0], "no_contact_until": "2022-01-20"}]
    human = scenario(lines, officials=officials("a0", "a1", "b0", "b1"), record=record)
    return calibrate(loads(text(human)), draws=512, paths=True)


@pytest.mark.parametrize("width", [80, 100])
def test_names_are_broken_between_words_only(found: Calibration, width: int) -> None:
    stream = io.StringIO()
    show(calibration_report(found, predictive(found), sensitivity(found)), console(stream, width=width))
    shown = stream.getvalue()
    assert max(len(one) for one in shown.splitlines()) <= width
    for name in NAMES:
        assert shown.count(name) >= 1
    numbers = [row for row in shown.splitlines() if "%" in row and any(row.startswith(f"  {name}") for name in NAMES)]
    assert len(numbers) >= len(found.numbers)
    assert "5 to 95 %" in shown
    assert "repeats its prior" in shown
    assert short(found.numbers[1].path) == f"{NAMES[1]} answer"
