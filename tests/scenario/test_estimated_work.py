"""The estimate of work: near to what is simulated, and what is too much is refused before it begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim import api
from sim.engines import choose, get
from sim.report.validation import check_file
from sim.runs.errors import RunRefused
from sim.scenario import load, loads
from sim.scenario.compiler import compile_scenario
from sim.scenario.errors import ScenarioErrors
from sim.scenario.work import estimate_work

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TEXT = """scenario: 1
clock: {start: 2018-01-01, end: END}
sides: {A: {timezone: UTC}, B: {timezone: UTC}}
officials: {a: {side: A}, b: {side: B}}
channels: {tel: {}}
lines:
  l: {caller: a, callee: b, channel: tel, every: EVERY, answer: 0}
"""


def text(end: str, every: str = "1 d", more: str = "") -> str:
    return TEXT.replace("END", end).replace("EVERY", every) + more


BRIEF = "{lasts: {exponential: {mean: 1 s}}}"
TOO_MUCH = {
    "an attempt a second for ten years": (text("2028-01-01", "1 s"), "lines.l makes about 320,000,000 entries"),
    "an event a second for a century": (
        text("2118-01-01", "1 d", "events: {e: {every: 1 s}}\n"),
        "events.e makes about 3,200,000,000 entries",
    ),
    "states that come and go at once": (
        text(
            "2028-01-01",
            "1 d",
            "regimes: {g: {affects: [l], states: {o: {lasts: 1 s}, c: {lasts: {exponential: {mean: 1 s}}}}}}\n",
        ),
        "regimes.g makes about",
    ),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_too_much_is_refused_before_anything_is_simulated(name: str, tmp_path: Path) -> None:
    written, found = TOO_MUCH[name]
    with pytest.raises(ScenarioErrors, match=f"{found}.*lengthen its intervals or shorten the clock"):
        api.run(loads(written), 1, save=False)
    file = tmp_path / "s.yaml"
    file.write_text(written)
    (error,) = check_file(file).errors
    assert found in error


def test_much_is_said_and_a_log_of_it_refused(tmp_path: Path) -> None:
    written = text("2018-03-01", "1 s")
    file = tmp_path / "s.yaml"
    file.write_text(written)
    (warning,) = check_file(file).warnings
    assert "this takes long: lines.l makes about 5,100,000 entries in each replication" in warning
    with pytest.raises(RunRefused, match=r"too many to list: lines\.l makes about 5,100,000 entries"):
        api.trace(loads(written))


def test_auto_tries_no_long_replication_on_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.engines.get", lambda *_: pytest.fail("tried"))
    monkeypatch.setattr("sim.engines._switched_off", lambda: False)
    assert choose("auto", compile_scenario(loads(text("2018-03-01", "1 s"))), 1, 5) == "compiled"


FAR = {"gave-up-trigger", "on-contact"}
"""The trigger of one happens rarely, and the contact of the other raises the odds."""


SHIPPED = sorted(file for file in SCENARIOS.rglob("*.yaml") if "what-if" not in file.name)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_the_estimate_is_near_to_what_is_simulated(file: Path) -> None:
    program = compile_scenario(load(file))
    batch = get("reference").simulate(program, 1, range(4))
    made = float(batch.attempts.sum()) / 4
    times = 12.0 if file.stem in FAR else 5.0
    assert made / times - 3.0 <= estimate_work(program).attempts <= made * times + 3.0
