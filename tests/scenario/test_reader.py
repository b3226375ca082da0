"""All of a file's faults at once, each of them once, and in order."""

from __future__ import annotations

import pytest

from sim.scenario import loads
from sim.scenario.errors import ScenarioErrors
from sim.scenario.reader import read_tree
from tests.scenario.language import SMALL, refusals, small

MANY = """\
scenario: 1
title: 2022
clock: {start: 2022-02-30, end: 2022-02-01}
sides: {A: {timezone: Europe/Moskow}, B: {timezone: UTC}}
officials:
  ann: {side: A, dutty: always}
  bob: {side: C}
channels:
  phone: {opens: 2022-03-01, closes: 2022-02-01}
lines:
  call: {caller: ann, callee: bob, channel: fone, answer: 1.2, delay: 5, unanswered: {declined: 0.5}}
"""


def test_all_faults_of_a_file_are_told_at_once_in_order() -> None:
    assert refusals(MANY) == [
        "f.yaml:2:8 title: expected text, found 2022; put it in quotes",
        "f.yaml:3:16 clock.start: '2022-02-30' is no date (day is out of range for month)",
        "f.yaml:4:23 sides.A.timezone: 'Europe/Moskow' is no time zone; did you mean 'Europe/Moscow'?",
        "f.yaml:6:18 officials.ann.dutty: unknown key 'dutty'; did you mean 'duty'?",
        "f.yaml:7:15 officials.bob.side: 'C' is no side",
        "f.yaml:9:38 channels.phone.closes: 2022-02-01T00:00:00Z is not after 'opens' (2022-03-01T00:00:00Z)",
        "f.yaml:11:3 lines.call: missing key 'every' (the time from one attempt to the next)",
        "f.yaml:11:45 lines.call.channel: 'fone' is no channel; did you mean 'phone'?",
        "f.yaml:11:59 lines.call.answer: 1.2 is not a probability; expected a number from 0 to 1",
        "f.yaml:11:71 lines.call.delay: 5 has no unit; write a duration such as '30 min', '6 h' or '3 d'",
        "f.yaml:11:86 lines.call.unanswered: the shares sum to 0.5; expected 1",
    ]


@pytest.mark.parametrize("section", ["sides", "officials", "channels", "lines", "clock"])
def test_a_section_that_is_wrong_whole_gives_one_error(section: str) -> None:
    lines = SMALL.splitlines(keepends=True)
    kept, skipping = [], False
    for line in lines:
        if line.startswith(f"{section}:"):
            kept.append(f"{section}: 3\n")
            skipping = True
        elif not line.startswith(" "):
            skipping = False
        if not skipping:
            kept.append(line)
    (error,) = refusals("".join(kept))
    assert f"{section}: expected a mapping, found 3" in error


def test_a_misspelt_key_is_one_fault_though_the_right_one_is_missing() -> None:
    (error,) = refusals(SMALL.replace("answer:", "anwser:"))
    assert error == "f.yaml:11:64 lines.call.anwser: unknown key 'anwser'; did you mean 'answer'?"


def test_a_key_unlike_any_does_not_excuse_a_missing_one() -> None:
    errors = refusals(SMALL.replace("answer: 0.1", "colour: red"))
    assert ["missing key 'answer'" in error or "unknown key 'colour'" in error for error in errors] == [True, True]


def test_an_entry_that_could_not_be_read_still_exists() -> None:
    (error,) = refusals(SMALL.replace("phone: {level: senior}", "phone: 3"))
    assert error == "f.yaml:9:10 channels.phone: expected a mapping, found 3"


def test_a_name_near_by_case_alone_is_found() -> None:
    (error,) = refusals(SMALL.replace("caller: ann", "caller: ANN"))
    assert error.endswith("'ANN' is no official; did you mean 'ann'?")


def test_the_text_of_very_many_errors_is_bounded_and_none_is_lost() -> None:
    text = SMALL + "".join(f"  x{i}: 3\n" for i in range(500))
    with pytest.raises(ScenarioErrors) as caught:
        loads(text)
    assert len(caught.value.errors) == 500
    assert str(caught.value).endswith("… and 300 more errors")


def test_ten_thousand_lines_are_read() -> None:
    entry = SMALL.splitlines(keepends=True)[-1]
    text = SMALL + "".join(entry.replace("call:", f"call-{i}:", 1) for i in range(10_000))
    assert len(loads(text).lines) == 10_001


def test_saboteur_a_reader_that_stops_at_the_first_fault_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.scenario import reader

    monkeypatch.setattr(reader, "check", lambda *_: None)
    assert len(refusals(MANY)) < 11


def test_the_loader_is_a_function_whatever_was_imported() -> None:
    import sim.scenario

    assert callable(read_tree)
    assert callable(sim.scenario.load)
    assert loads(small(call="1 h")).lines[0].call.given == {"value": 3600.0}
