"""The record as evidence: what was known when, and what contradicts itself."""

from __future__ import annotations

from typing import Any

import pytest

from sim.calibration.record import Silence, evidence_of, say, second_of
from sim.runs.errors import RunRefused
from sim.scenario import loads
from sim.scenario.errors import ScenarioErrors
from tests.support import DAY, line, scenario, text


def recorded(*record: dict[str, Any], **keys: Any) -> Any:
    return loads(text(scenario({"x": line(every="1 d", answer=0.5, **keys)}, record=list(record))))


def test_contacts_of_one_request_that_exclude_each_other() -> None:
    two = [{"line": "x", "contact": "2022-01-03"}, {"line": "x", "contact": "2022-01-05"}]
    with pytest.raises(ScenarioErrors, match=r"scenario\.yaml:\d+:\d+ record\.1\.contact: contradicts record\.0"):
        recorded(*two)
    assert len(recorded(*two, until="horizon").record) == 2
    wide = {"line": "x", "contact": {"from": "2022-01-02", "to": "2022-01-04"}}
    assert len(recorded(two[0], wide).record) == 2


def test_a_line_is_not_open_and_shut_at_once() -> None:
    first = {"line": "x", "from": "2022-01-02", "to": "2022-01-05", "state": "open"}
    second = {"line": "x", "from": "2022-01-04", "to": "2022-01-06", "state": "shut"}
    with pytest.raises(ScenarioErrors, match=r"record\.1\.state: contradicts record\.0: 'x' was open then"):
        recorded(first, second, until="horizon")
    assert len(recorded(first, second | {"from": "2022-01-05"}, until="horizon").record) == 2


def test_what_was_known_by_a_date() -> None:
    found = recorded(
        {"line": "x", "no_contact_until": "2022-01-03", "known": "2022-01-03"},
        {"line": "x", "contact": "2022-01-05", "known": "2022-01-09"},
    )
    early = evidence_of(found, second_of(found, "2022-01-08"))
    assert early.entries == (0,)
    assert early.silent_so_far(8 * DAY).silences[-1] == Silence(0, 0, 8 * DAY)
    late = evidence_of(found, second_of(found, "2022-01-09"))
    assert late.entries == (0, 1)
    assert late.silent_so_far(9 * DAY) == late
    assert late.without(0).entries == ()
    assert late.without_entry(1).entries == (0,)


def test_dates() -> None:
    found = recorded({"line": "x", "contact": "2022-01-05"})
    assert second_of(found, "2022-01-02") == 2 * DAY
    assert second_of(found, "2022-01-02 06:00") == DAY + 6 * 3600
    for date, words in (("2021-12-01", "outside the clock"), ("never", "is no date")):
        with pytest.raises(RunRefused, match=words):
            second_of(found, date)


def test_entries_in_words() -> None:
    found = recorded(
        {"line": "x", "contact": {"from": "2022-01-03", "to": "2022-01-04"}},
        {"line": "x", "from": "2022-01-02", "to": "2022-01-05", "attempts": {"min": 1, "max": 3}, "answered": "all"},
        {"line": "x", "from": "2022-01-02", "to": "2022-01-05", "attempts": 3, "answered": 2},
        {"line": "x", "response": "6 h", "at": "2022-01-02"},
        {"line": "x", "from": "2022-01-06", "to": "2022-01-07", "state": "shut"},
        until="horizon",
    )
    assert [say(found, entry) for entry in found.record] == [
        "contact 2022-01-03 to 2022-01-04",
        "1 to 3 attempts 2022-01-02 to 2022-01-04, all answered",
        "3 attempts 2022-01-02 to 2022-01-04, 2 answered",
        "response of 21600 s 2022-01-02",
        "shut 2022-01-06",
    ]
