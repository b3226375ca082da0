"""Routine does not drown the story, and nothing is lost by it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.engines.contract import EventLog, LogEntry
from sim.report.narrative import condense
from sim.report.narrative.condense import FEW, RUN, Item, condensed
from sim.report.narrative.story import tell
from sim.scenario.resolved import Effect, Scenario
from tests.report.synthetic import DAY, line, scenario
from tests.report.test_story import LOG_ENTRIES, attempt

HOUR = 3600


def request(start: int, nth: int, tries: int = 1, end: str = "contact", name: str = "ministers") -> list[LogEntry]:
    """A request of hourly attempts; the last is answered, or the request gives up."""
    last = start + tries * HOUR
    made = [LogEntry(start, "request", name, {"count": nth})]
    made += [attempt(start + n * HOUR, "no reply", n + 1, name=name) for n in range(tries - (end == "contact"))]
    if end == "gave up":
        return [*made, LogEntry(last, "gave up", name, {"count": tries})]
    made.append(attempt(last - HOUR, "answered", tries, name=name, delay=60))
    made.append(LogEntry(last - HOUR + 60, "contact", name, {"attempted": last - HOUR, "response": 60, "call": 300}))
    return [*made, LogEntry(last - HOUR + 360, "call ends", name, {})]


def checks(count: int, *odd: int, end: str = "gave up") -> list[LogEntry]:
    """Daily line checks, of which those numbered in `odd` end otherwise."""
    return [
        one
        for day in range(count)
        for one in request(day * DAY, day + 1, 3 if day in odd else 1, end if day in odd else "contact")
    ]


def words(*log_entries: LogEntry, made: Scenario | None = None) -> list[str]:
    return [one.words for one in tell(made or scenario(), EventLog(0, 1, {}, log_entries)).entries]


def test_many_requests_that_end_alike_are_one_sentence() -> None:
    told = words(*checks(40))
    assert len(told) == 3
    assert told[2] == (
        "ministers: 39 more requests until 4 Apr 2022 00:06, all with contact at the first attempt, the "
        "slowest 1 min after its attempt."
    )


def test_the_first_request_of_each_ending_is_told_in_full() -> None:
    told = words(*checks(40, 0))
    assert "gives up on" in told[3]
    assert "CONTACT" in told[5]
    assert "38 more requests" in told[6]
    assert len(told) == 7


def test_few_requests_are_told_each() -> None:
    assert len(words(*checks(FEW))) == 2 * FEW
    assert len(words(*checks(FEW + 1))) == 3


def test_an_request_that_ends_otherwise_interrupts_the_routine() -> None:
    told = words(*checks(40, 20))
    assert [one for one in told if "more requests" in one] == [told[2], told[-1]]
    assert "19 more requests" in told[2]
    assert "gives up on" in told[-2]
    assert "19 more requests" in told[-1]


def test_routine_says_how_often_one_attempt_was_not_enough() -> None:
    told = words(*checks(40, 5, 6, end="contact"))
    assert "(2 only after more than one attempt)" in told[-1]


def test_a_change_that_bears_on_the_line_interrupts_the_routine() -> None:
    shut = LogEntry(10 * DAY + HOUR, "state", "gate", {"state": "shut", "until": 99 * DAY})
    log_entries = sorted([*checks(40), shut], key=lambda one: one.second)
    told = words(*log_entries)
    assert ["more requests" in one for one in told] == [False, False, True, False, True]
    made = scenario()
    elsewhere = replace(made, regimes=(replace(made.regimes[0], affects=("hotline",)),))
    assert sum("more requests" in one for one in words(*log_entries, made=elsewhere)) == 1


def test_unanswered_attempts_in_a_row_are_two_sentences() -> None:
    series = [attempt(n * HOUR, "declined" if n % 2 else "no reply", n + 1) for n in range(RUN + 1)]
    assert len(words(*series[:RUN])) == RUN
    told = words(*series)
    assert len(told) == 2
    assert told[1] == (
        "ministers: 4 further attempts until 24 Feb 2022 04:00: declined 2 and no reply 2. The chance of an answer was "
        "5 % each."
    )


def test_chances_that_differ_are_a_range_and_busy_ones_have_none() -> None:
    busy = [attempt(n * HOUR, "busy", n + 1) for n in range(RUN + 1)]
    assert words(*busy)[1] == "ministers: 4 further attempts until 24 Feb 2022 04:00: busy."
    series = [attempt(n * HOUR, "declined", n + 1, chance=0.1 / (n + 1)) for n in range(RUN + 1)]
    assert words(*series)[1].endswith("The chance of an answer was from 2 % to 5 %.")


def test_an_event_between_attempts_is_not_passed_over() -> None:
    series = [attempt(n * HOUR, "no reply", n + 1) for n in range(8)]
    event = LogEntry(3 * HOUR + 1, "event", "near-miss", {"count": 1})
    log_entries = sorted([*series, event], key=lambda one: one.second)
    assert len(words(*log_entries)) == 9
    # An effect of factor 1 and no switch: the event affects nothing.
    made = scenario()
    harmless = replace(made.events[0], effect=Effect(("ministers",), 1.0), switches={})
    assert len(words(*log_entries, made=replace(made, events=(harmless,)))) == 3


def test_frequent_events_and_changes_are_two_sentences() -> None:
    events = [LogEntry(n * HOUR, "event", "near-miss", {"count": n + 1}) for n in range(FEW + 1)]
    assert words(*events)[1] == "A near miss: 12 further occurrences until 24 Feb 2022 12:00."
    states = [LogEntry(n * HOUR, "state", "gate", {"state": ("open", "shut")[n % 2], "until": 1}) for n in range(20)]
    assert words(*states)[1] == "Gate: 19 further changes until 24 Feb 2022 19:00 (shut 10 and open 9)."
    assert len(words(*events[:FEW])) == FEW


def test_what_goes_without_saying_is_not_said() -> None:
    told = words(*request(0, 1))
    assert len(told) == 2
    assert not any("the call ends" in one or "must contact" in one for one in told)
    waiting = [LogEntry(0, "request", "ministers", {"count": 1}), attempt(60, "declined", 1)]
    assert "must contact" in words(*waiting)[0]


def test_events_that_join_a_request_do_not_interrupt_its_attempts() -> None:
    series = [attempt(n * HOUR, "no reply", n + 1) for n in range(8)]
    joined = [LogEntry(n * HOUR + 60, "merged", "ministers", {}) for n in range(6)]
    told = words(*sorted([*series, *joined], key=lambda one: one.second))
    assert ["7 further attempts" in one for one in told].count(True) == 1
    assert "ministers: 5 further occurrences added to the request until 24 Feb 2022 05:01." in told
    assert len(told) == 4


def test_contacts_at_once_are_said_to_be() -> None:
    log_entries = [
        one
        for n in range(FEW + 2)
        for one in (
            LogEntry(n * DAY, "request", "ministers", {"count": n + 1}),
            attempt(n * DAY, "answered", 1, delay=0),
            LogEntry(n * DAY, "contact", "ministers", {"attempted": n * DAY, "response": 0, "call": 0}),
        )
    ]
    assert words(*log_entries)[-1].endswith("all with contact at the first attempt, each at once.")


def test_a_complete_story_has_a_sentence_for_every_log_entry() -> None:
    log_entries = tuple(checks(40))
    story = tell(scenario(), EventLog(0, 1, {}, log_entries), complete=True)
    assert tuple(entry.log_entries for entry in story.entries) == tuple((one,) for one in log_entries)


def covered(items: tuple[Item, ...]) -> list[int]:
    return sorted(index for item in items for index in item.indices)


HISTORIES = [
    LOG_ENTRIES,
    tuple(checks(40, 20)),
    tuple(checks(60, *range(20, 40))),
    tuple(attempt(n * HOUR, "busy", n + 1) for n in range(30)),
    tuple(request(0, 1, 30, "gave up")),
    (*request(0, 1), *(LogEntry(9 * HOUR, "merged", "ministers", {}) for _ in range(20))),
]


@pytest.mark.parametrize("log_entries", HISTORIES, ids=range(len(HISTORIES)))
def test_nothing_is_lost_and_nothing_is_told_twice(log_entries: tuple[LogEntry, ...]) -> None:
    assert covered(condensed(scenario(), log_entries)) == list(range(len(log_entries)))


def test_the_check_notices_what_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(condense, "_said_along", lambda items, along: items)
    assert covered(condensed(scenario(), HISTORIES[1])) != list(range(len(HISTORIES[1])))


def test_a_line_alone_keeps_what_bears_on_it() -> None:
    event_log = EventLog(0, 1, {}, LOG_ENTRIES)
    made = scenario(line("ministers", "ministerial"), line("hotline", "deconfliction", triggered=True))
    alone = tell(made, event_log, lines=["hotline"])
    kinds = [one.what for entry in alone.entries for one in entry.log_entries]
    assert {one.name for entry in alone.entries for one in entry.log_entries} == {"hotline", "gate", "near-miss"}
    assert kinds.count("contact") == 0
    assert [name for name, _ in alone.outcome] == ["hotline"]
    assert "Only hotline, and what affects it." in alone.opening
    # The call that keeps the callee busy is on the other line, and is still known.
    assert any("in a call on ministers" in entry.words for entry in alone.entries)
    other = replace(made, regimes=(replace(made.regimes[0], affects=("ministers",)),))
    assert all(
        one.name != "gate" for entry in tell(other, event_log, lines=["hotline"]).entries for one in entry.log_entries
    )
