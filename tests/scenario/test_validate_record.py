"""Entries of the record: contradictions found in linear time, and entries that the scenario cannot bring about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sim.calibration.fit import calibrate
from sim.runs.errors import RunRefused
from sim.scenario import load, loads
from sim.scenario.errors import ScenarioErrors
from sim.scenario.reader import load as load_file
from sim.scenario.resolved import Scenario
from sim.scenario.validate_record import _Reach, impossible_entries

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TEXT = """scenario: 1
clock: {start: 2024-01-01, end: 2024-01-31}
sides: {A: {timezone: UTC}, B: {timezone: UTC}}
officials: {a: {side: A, duty: Mon-Fri 09:00-18:00}, b: {side: B, duty: Mon-Sat 09:00-18:00}}
channels: {tel: {opens: 2024-01-03, outages: [{from: 2024-01-10, to: 2024-01-11}]}}
lines:
  l: {caller: a, callee: b, channel: tel, every: 1 d, answer: {prior: {beta: [1, 1]}}, starts: 2024-01-04}
  never: {caller: a, callee: b, channel: tel, every: 1 d, answer: 0, until: horizon}
record:
"""


def recorded(*entries: str) -> Scenario:
    return loads(TEXT + "".join(f"  - {{{entry}}}\n" for entry in entries))


CAUSES = {
    "line: l, from: 2024-01-06, to: 2024-01-07, attempts: 1, answered: none": "the caller, 'a', is not on duty",
    "line: l, contact: 2024-01-07": "the callee, 'b', is not on duty",
    "line: l, from: 2024-01-10, to: 2024-01-11, attempts: 2": "channel 'tel' is not open",
    "line: never, from: 2024-01-02, to: 2024-01-03, attempts: 2": "channel 'tel' is not open",
    "line: l, from: 2024-01-03, to: 2024-01-04, attempts: 1": "no attempt can be made before the line starts",
    "line: never, contact: 2024-01-05": "'answer' is 0",
    "line: never, from: 2024-01-08, to: 2024-01-09, attempts: 1, answered: 1": "'answer' is 0",
}


@pytest.mark.parametrize("entry", CAUSES)
def test_an_entry_that_cannot_come_about_is_named_with_its_cause(entry: str) -> None:
    ((place, cause),) = impossible_entries(recorded(entry))
    assert place == 0
    assert CAUSES[entry] in cause
    (warning,) = recorded(entry).warnings
    assert CAUSES[entry] in warning


@pytest.mark.parametrize(
    "entry",
    [
        "line: l, from: 2024-01-06, to: 2024-01-07, attempts: 0",
        "line: l, from: 2024-01-06, to: 2024-01-07, attempts: {min: 0, max: 2}",
        "line: l, from: 2024-01-05, to: 2024-01-06, attempts: 1",
        "line: l, contact: 2024-01-06",
        "line: never, from: 2024-01-05, to: 2024-01-06, attempts: 1, answered: none",
    ],
)
def test_what_may_come_about_is_left_alone(entry: str) -> None:
    assert list(impossible_entries(recorded(entry))) == []


def test_no_shipped_scenario_has_such_an_entry() -> None:
    for file in SCENARIOS.rglob("*.yaml"):
        if "what-if" not in file.name:
            assert list(impossible_entries(load_file(file))) == [], file.name


def test_calibrate_names_the_cause_before_it_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.calibration.fit.prepare", lambda *_: pytest.fail("computed"))
    scenario = recorded("line: l, from: 2024-01-06, to: 2024-01-07, attempts: 1, answered: none")
    with pytest.raises(RunRefused, match=r"record\.0 .* the caller, 'a', is not on duty"):
        calibrate(scenario)


def test_a_hundred_thousand_entries_are_checked_in_steps_that_grow_with_their_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each window is compared with one other; the pairs would be ten million for the four thousand here."""
    looked = 0
    right = _Reach.meeting

    def counted(self: _Reach, window: tuple[datetime, datetime]) -> int | None:
        nonlocal looked
        looked += 1
        return right(self, window)

    monkeypatch.setattr(_Reach, "meeting", counted)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    spans = [(start + timedelta(hours=n / 10), start + timedelta(hours=(n + 1) / 10)) for n in range(4000)]
    entries = [
        f"line: l, from: {first:%Y-%m-%dT%H:%M:%S}, to: {last:%Y-%m-%dT%H:%M:%S}, state: {'open' if n % 2 else 'shut'}"
        for n, (first, last) in enumerate(spans)
    ]
    assert len(recorded(*entries).record) == 4000
    assert looked == 4000


@pytest.mark.parametrize("turned", [False, True])
def test_a_line_is_not_open_and_shut_at_once_however_the_entries_are_ordered(turned: bool) -> None:
    entries = [
        "line: l, from: 2024-01-04, to: 2024-01-20, state: open",
        "line: l, from: 2024-01-05, to: 2024-01-06, state: open",
        "line: l, from: 2024-01-12, to: 2024-01-13, state: shut",
        "line: l, from: 2024-01-20, to: 2024-01-21, state: shut",
    ]
    with pytest.raises(ScenarioErrors) as refused:
        recorded(*(reversed(entries) if turned else entries))
    (error,) = refused.value.errors
    assert error.message == f"contradicts record.{1 if turned else 0}: 'l' was {'shut' if turned else 'open'} then"


def test_contacts_of_one_request_are_the_same_contact() -> None:
    with pytest.raises(ScenarioErrors) as refused:
        recorded("line: l, contact: 2024-01-12", "line: l, contact: 2024-01-12", "line: l, contact: 2024-01-09")
    (error,) = refused.value.errors
    assert error.message == "contradicts record.0: 'l' makes one contact, and it was then"


def test_more_reasons_than_are_read_are_refused() -> None:
    reasons = ", ".join(f"r{n}: {1 / 20_000}" for n in range(20_000))
    with pytest.raises(ScenarioErrors, match="20000 reasons; at most 10000 are read"):
        loads(TEXT.replace("answer: 0,", f"answer: 0, unanswered: {{{reasons}}},").removesuffix("record:\n"))


def test_a_note_says_what_a_delay_on_duty_comes_to(tmp_path: Path) -> None:
    from sim.report.validation import check_file

    text = (
        TEXT.replace("answer: 0,", "answer: 0, delay: 2 d,")
        .replace("opens: 2024-01-03, ", "")
        .removesuffix("record:\n")
    )
    (tmp_path / "s.yaml").write_text(text.replace("duty: Mon-Sat 09:00-18:00", "duty: Mon-Fri 09:00-17:00"))
    (note,) = check_file(tmp_path / "s.yaml").notes
    assert note.endswith("on duty: never (2 d on duty take about 8.18 d)")
    assert load(tmp_path / "s.yaml").warnings == ()
    (tmp_path / "s.yaml").write_text(text.replace(", duty: Mon-Sat 09:00-18:00", ""))
    assert check_file(tmp_path / "s.yaml").notes == ()
