"""The record: to which seconds an entry refers, and which entries cannot be."""

from __future__ import annotations

import pytest

from sim.scenario import loads
from sim.scenario.resolved import RecordEntry
from tests.scenario.language import SMALL, refusals

DAY = 86_400


def entry(text: str) -> RecordEntry:
    (one,) = loads(SMALL + f"record:\n  - {{line: call, {text}}}\n").record
    return one


@pytest.mark.parametrize(
    ("text", "kind", "start", "end", "known"),
    [
        ("contact: 2022-01-03", "contact", 2 * DAY, 3 * DAY, 3 * DAY),
        ("contact: 2022-01-03 06:00", "contact", 2 * DAY + 21_600, 2 * DAY + 21_601, 3 * DAY),
        ("contact: {from: 2022-01-03, to: 2022-01-05}", "contact", 2 * DAY, 5 * DAY, 5 * DAY),
        ("contact: {from: 2022-01-03 06:00, to: 2022-01-03 07:00}", "contact", 194_400, 198_000, 3 * DAY),
        ("no_contact_until: 2022-01-03", "no_contact", 0, 2 * DAY, 2 * DAY),
        ("from: 2022-01-03, to: 2022-01-05, attempts: 3", "count", 2 * DAY, 4 * DAY, 4 * DAY),
        ("from: 2022-01-03, to: 2022-01-05, state: shut", "spell", 2 * DAY, 4 * DAY, 4 * DAY),
        ("at: 2022-01-03, response: 7 min", "response", 2 * DAY, 3 * DAY, 3 * DAY),
        ("contact: 2022-01-03, known: 2022-01-09", "contact", 2 * DAY, 3 * DAY, 9 * DAY),
        ("contact: 2022-01-03, known: 2022-01-03 18:00", "contact", 2 * DAY, 3 * DAY, 2 * DAY + 64_800),
    ],
)
def test_when(text: str, kind: str, start: int, end: int, known: int) -> None:
    one = entry(text)
    assert (one.kind, one.start, one.end, one.known) == (kind, start, end, known)


@pytest.mark.parametrize(
    ("text", "attempts", "answered", "all_answered"),
    [
        ("attempts: 3", (3, 3), None, False),
        ("attempts: {min: 31, max: 62}, answered: all", (31, 62), (31, 62), True),
        ("attempts: 3, answered: none", (3, 3), (0, 0), False),
        ("attempts: 3, answered: {min: 1, max: 2}", (3, 3), (1, 2), False),
    ],
)
def test_counts(text: str, attempts: object, answered: object, all_answered: bool) -> None:
    one = entry(f"from: 2022-01-03, to: 2022-01-05, {text}")
    assert (one.attempts, one.answered, one.all_answered) == (attempts, answered, all_answered)


def test_a_day_that_the_clock_cuts_is_cut() -> None:
    text = (
        SMALL.replace("start: 2022-01-01", "start: 2022-01-01 12:00") + "record: [{line: call, contact: 2022-01-01}]\n"
    )
    (one,) = loads(text).record
    assert (one.start, one.end) == (0, DAY // 2)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("contact: 2022-01-03, known: 2022-01-02", "before it happened"),
        ("from: 2022-01-03, to: 2022-01-05, attempts: 3, known: 2022-01-03", "before it happened"),
        ("contact: 2022-02-01", "is outside the clock"),
        ("contact: 2021-12-31", "is outside the clock"),
        ("from: 2021-12-31, to: 2022-01-05, state: open", "is outside the clock"),
        ("no_contact_until: 2022-01-01", "is outside the clock"),
        ("from: 2022-01-03, to: 2022-01-05, attempts: 3, answered: 4", "4 answered of 3 attempts at most"),
        ("from: 2022-01-03, to: 2022-01-05, answered: 4", "missing key 'attempts'"),
        ("contact: 2022-01-03, from: 2022-01-02", "'from' does not go with 'contact'"),
        ("from: 2022-01-03, at: 2022-01-03, response: 1 min", "both 'at' and a period are given"),
        ("from: 2022-01-05, to: 2022-01-03, state: open", "is not after 'from'"),
        ("at: 2022-01-03, response: {exponential: {mean: 1 h}}", "expected a duration, found a mapping"),
    ],
)
def test_what_cannot_be(text: str, phrase: str) -> None:
    (error,) = refusals(SMALL + f"record:\n  - {{line: call, {text}}}\n")
    assert phrase in error
    assert error.startswith("f.yaml:13:")


def test_a_contact_while_the_channel_is_out() -> None:
    text = SMALL.replace("{level: senior}", "{outages: [{from: 2022-01-02, to: 2022-01-06}]}")
    (error,) = refusals(text + "record: [{line: call, contact: 2022-01-03}]\n")
    assert error == "f.yaml:12:32 record.0.contact: contact while channel 'phone' is out"
    assert loads(text + "record: [{line: call, contact: 2022-01-06}]\n").record[0].start == 5 * DAY


def test_silence_and_contact_contradict_each_other_on_one_line_only() -> None:
    silence = "{line: call, no_contact_until: 2022-01-10}"
    (error,) = refusals(SMALL + f"record: [{{line: call, contact: 2022-01-09}}, {silence}]\n")
    assert "contradicts record.1: no contact on 'call' until 2022-01-10T00:00:00Z" in error
    other = "  back: {caller: bob, callee: ann, channel: phone, every: 2 d, answer: 0.2, delay: 1 h}\n"
    fine = SMALL + other + f"record: [{{line: back, contact: 2022-01-09}}, {silence}]\n"
    assert len(loads(fine).record) == 2
    assert len(loads(SMALL + f"record: [{{line: call, contact: 2022-01-10}}, {silence}]\n").record) == 2
