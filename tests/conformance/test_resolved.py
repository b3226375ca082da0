"""What files of the valid corpus resolve to, lines apart; each number was worked out by hand from its file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from sim.scenario.resolved import (
    Distribution,
    DutyWindow,
    Effect,
    Line,
    RecordEntry,
    Scenario,
    Source,
    Starts,
    Trigger,
    Uncertain,
    When,
)
from tests.conformance.corpus import Check, registry, resolved

CHECKS: dict[str, Check] = {}
shows = registry(CHECKS)
DAY = 86_400
HOUR = 3_600


def fixed(seconds: float) -> Distribution:
    return Distribution("fixed", {"value": seconds})


def line(scenario: Scenario, name: str = "call") -> Line:
    return next(line for line in scenario.lines if line.name == name)


def entry(scenario: Scenario) -> RecordEntry:
    (only,) = scenario.record
    return only


@shows("minimal")
def minimal(s: Scenario) -> None:
    assert (s.start, s.end) == (datetime(2022, 1, 1, tzinfo=UTC), datetime(2022, 2, 1, tzinfo=UTC))
    assert s.horizon == 31 * DAY
    only = line(s)
    assert (only.caller, only.callee, only.channel, only.answer) == ("ann", "bob", "phone", 0.1)
    assert (only.every, only.delay, only.call) == (fixed(DAY), fixed(HOUR), fixed(0))
    assert only.starts == Starts(0, None, None)
    assert (only.trigger, only.until_horizon, only.until_contact, only.give_up, only.attempts) == (
        None,
        False,
        (),
        None,
        None,
    )
    assert dict(only.unanswered) == {"no reply": 1.0}
    assert (only.on_unanswered, only.on_contact) == (None, None)
    assert s.officials[0].duty is None
    assert (s.channels[0].opens, s.channels[0].closes, s.channels[0].outages, s.channels[0].level) == (
        None,
        None,
        (),
        "",
    )
    assert (s.regimes, s.events, s.uncertain, dict(s.groups), s.record) == ((), (), (), {}, ())


@shows("clock-to-the-second")
def clock_to_the_second(s: Scenario) -> None:
    assert s.start == datetime(2022, 1, 1, 6, 30, tzinfo=UTC)
    assert s.horizon == DAY + 15


@shows("clock-with-offset")
def clock_with_offset(s: Scenario) -> None:
    assert s.start == datetime(2022, 1, 1, tzinfo=UTC)
    assert s.horizon == 25 * HOUR


@shows("dates-quoted", "json")
def dates_quoted(s: Scenario) -> None:
    assert replace(s, title="Minimal") == replace(resolved("minimal"), title="Minimal")


@shows("clock-of-a-century")
def clock_of_a_century(s: Scenario) -> None:
    assert s.horizon == 43_828 * DAY


@shows("description")
def description(s: Scenario) -> None:
    assert s.description.strip() == "Two capitals, one telephone."


@shows("title-free-text")
def title_free_text(s: Scenario) -> None:
    assert s.title == "Ünïcode, <b>marks</b>, 'quotes' & a ☎"


@shows("side-titles-and-zones")
def side_titles_and_zones(s: Scenario) -> None:
    assert [(side.name, side.title, side.timezone) for side in s.sides] == [
        ("A", "Alpha", "America/Argentina/Buenos_Aires"),
        ("B", "Beta", "Asia/Kathmandu"),
    ]


@shows("official-name-and-office")
def official_name_and_office(s: Scenario) -> None:
    assert (s.officials[0].title, s.officials[0].office) == ("Ann Example", "Minister of Defence")


WINDOWS = {
    "duty-one-window": (DutyWindow((0, 1, 2, 3, 4), 480, 1140),),
    "duty-list": (DutyWindow((0, 1, 2, 3, 4), 540, 1140), DutyWindow((5,), 600, 840)),
    "duty-past-midnight": (DutyWindow((4,), 1320, 1800),),
    "duty-until-midnight": (DutyWindow((0, 1, 2, 3, 4, 5, 6), 0, 1440),),
    "duty-days-listed": (DutyWindow((0, 2, 4), 450, 495),),
    "duty-daily": (DutyWindow((0, 1, 2, 3, 4, 5, 6), 360, 1080),),
    "duty-always": None,
}


@pytest.mark.parametrize("name", WINDOWS)
def test_duty(name: str) -> None:
    assert resolved(name).officials[0].duty == WINDOWS[name]


@shows("duty-days-around-the-week")
def duty_days_around_the_week(s: Scenario) -> None:
    assert s.officials[0].duty is not None
    assert set(s.officials[0].duty[0].days) == {5, 6, 0}


@shows("holidays")
def holidays(s: Scenario) -> None:
    assert s.officials[0].holidays == (date(2022, 1, 6), date(2022, 1, 17))


@shows("channel-title-and-level")
def channel_title_and_level(s: Scenario) -> None:
    assert (s.channels[0].title, s.channels[0].level) == ("Secure telephone", "senior")


@shows("channel-opens-and-closes")
def channel_opens_and_closes(s: Scenario) -> None:
    assert (s.channels[0].opens, s.channels[0].closes) == (2 * DAY + 12 * HOUR, 19 * DAY)


@shows("channel-outages")
def channel_outages(s: Scenario) -> None:
    assert s.channels[0].outages == ((4 * DAY, 5 * DAY), (9 * DAY + 8 * HOUR, 9 * DAY + 9 * HOUR + 1800))


@shows("channel-dates-outside-the-clock")
def channel_dates_outside_the_clock(s: Scenario) -> None:
    assert (s.channels[0].opens, s.channels[0].closes) == (-DAY, 365 * DAY)
    assert s.channels[0].outages == ((-214 * DAY, -213 * DAY),)


@shows("provenance")
def provenance(s: Scenario) -> None:
    assert (s.channels[0].opens, line(s).answer) == (2 * DAY, 0.2)
    assert {one.path: (one.basis, one.source, one.why) for one in s.provenance} == {
        "channels.phone.opens": ("briefing", "briefing", None),
        "lines.call.every": ("assumption", None, "a guess"),
        "lines.call.answer": ("record", "briefing", None),
        "lines.call.delay": ("calibrated", None, None),
    }


@shows("regime")
def regime(s: Scenario) -> None:
    (gate,) = s.regimes
    assert dict(gate.initially) == {"open": 1.0, "shut": 0.0}
    assert gate.affects == ("call",)
    assert [(state.name, state.lasts, state.odds_factor) for state in gate.states] == [
        ("open", Distribution("exponential", {"mean": 10.0 * DAY}), 1.0),
        ("shut", fixed(5 * DAY), 0.1),
    ]


@shows("regime-initially-a-state")
def regime_initially_a_state(s: Scenario) -> None:
    assert s.regimes[0].initially["shut"] == 1.0


@shows("regime-initially-shares")
def regime_initially_shares(s: Scenario) -> None:
    assert dict(s.regimes[0].initially) == {"open": 0.3, "shut": 0.7}


@shows("regime-absorbing-state")
def regime_absorbing_state(s: Scenario) -> None:
    assert [state.lasts for state in s.regimes[0].states] == [fixed(10 * DAY), None]


@shows("regime-of-three-states")
def regime_of_three_states(s: Scenario) -> None:
    assert [state.name for state in s.regimes[0].states] == ["open", "tense", "shut"]


@shows("regime-affects-side")
def regime_affects_side(s: Scenario) -> None:
    assert s.regimes[0].affects == ("call",)


@shows("regime-affects-official")
def regime_affects_official(s: Scenario) -> None:
    assert s.regimes[0].affects == ("back",)


@shows("regime-affects-line-once")
def regime_affects_line_once(s: Scenario) -> None:
    assert s.regimes[0].affects == ("call", "back")


@shows("event-at-date")
def event_at_date(s: Scenario) -> None:
    assert (s.events[0].at, s.events[0].every, s.events[0].effect) == ((When(9 * DAY),), None, None)


@shows("event-at-dates")
def event_at_dates(s: Scenario) -> None:
    assert s.events[0].at == (When(4 * DAY), When(9 * DAY + 12 * HOUR))
    assert s.events[0].title == "A crisis"


@shows("event-date-plus")
def event_date_plus(s: Scenario) -> None:
    assert s.events[0].at == (When(9 * DAY, Distribution("exponential", {"mean": 2.0 * DAY})),)


@shows("event-every")
def event_every(s: Scenario) -> None:
    assert (s.events[0].at, s.events[0].starts) == ((), 0)
    assert s.events[0].every == Distribution("exponential", {"mean": 5.0 * DAY})


@shows("event-every-from")
def event_every_from(s: Scenario) -> None:
    assert (s.events[0].every, s.events[0].starts) == (fixed(5 * DAY), 10 * DAY)


@shows("event-effect-permanent")
def event_effect_permanent(s: Scenario) -> None:
    assert s.events[0].effect == Effect(("call",), 0.5)


@shows("event-effect-lasts")
def event_effect_lasts(s: Scenario) -> None:
    assert s.events[0].effect == Effect(("call",), 0.5, lasts=3.0 * DAY)


@shows("event-effect-half-life")
def event_effect_half_life(s: Scenario) -> None:
    assert s.events[0].effect == Effect(("call",), 3.0, half_life=3.0 * DAY)


@shows("event-switches")
def event_switches(s: Scenario) -> None:
    assert dict(s.events[0].switches) == {"gate": "open"}


@shows("warned-event-after-clock")
def warned_event_after_clock(s: Scenario) -> None:
    assert s.events[0].at == (When(68 * DAY),)
    (warning,) = s.warnings
    assert "warned-event-after-clock.yaml:16:16 events.crisis.at" in warning


RECORDS = {
    "record-contact-on-date": RecordEntry("contact", "call", 12 * DAY, 13 * DAY, 0),
    "record-no-contact": RecordEntry("no_contact", "call", 0, 12 * DAY, 0),
    "record-counts": RecordEntry("count", "call", 2 * DAY, 16 * DAY, 0, (12, 12), (3, 3)),
    "record-count-ranges": RecordEntry("count", "call", 2 * DAY, 16 * DAY, 0, (10, 28), (1, 3)),
    "record-count-none": RecordEntry("count", "call", 2 * DAY, 16 * DAY, 0, (12, 12), (0, 0)),
    "record-spell": RecordEntry("spell", "call", 2 * DAY, 16 * DAY, 0, state="shut"),
    "record-response-between": RecordEntry("response", "call", 2 * DAY, 3 * DAY, 0, response_seconds=720.0),
}


@pytest.mark.parametrize("name", RECORDS)
def test_record(name: str) -> None:
    assert replace(entry(resolved(name)), known=0, source="", why="") == RECORDS[name]


@shows("record-contact-on-date")
def record_source_and_knowledge(s: Scenario) -> None:
    only = entry(s)
    assert (only.source, only.why, only.known) == ("a newspaper", "the first report", 14 * DAY)


@shows("record-contact-at-time")
def record_contact_at_time(s: Scenario) -> None:
    second = 12 * DAY + 9 * HOUR + 1800
    # It was known when its own day had ended.
    assert entry(s) == RecordEntry("contact", "call", second, second + 1, 13 * DAY)


@shows("record-contact-between")
def record_contact_between(s: Scenario) -> None:
    assert entry(s) == RecordEntry("contact", "call", 12 * DAY + 6 * HOUR, 13 * DAY + 18 * HOUR, 14 * DAY)


@shows("record-contact-between-dates")
def record_contact_between_dates(s: Scenario) -> None:
    assert entry(s) == RecordEntry("contact", "call", 12 * DAY, 14 * DAY, 14 * DAY)


@shows("record-response-at")
def record_response_at(s: Scenario) -> None:
    second = 2 * DAY + 8 * HOUR + 47 * 60
    assert entry(s) == RecordEntry("response", "call", second, second + 1, 3 * DAY, response_seconds=720.0)


@shows("record-count-all")
def record_count_all(s: Scenario) -> None:
    only = entry(s)
    assert (only.attempts, only.answered, only.all_answered) == ((10, 28), (10, 28), True)


@shows("report-groups")
def report_groups(s: Scenario) -> None:
    assert dict(s.groups) == {"both": ("back", "call"), "calls": ("call",)}


@shows("group-with-name-of-a-line")
def group_with_name_of_a_line(s: Scenario) -> None:
    assert dict(s.groups) == {"call": ("call", "back")}


@shows("sources")
def sources(s: Scenario) -> None:
    assert s.sources == (
        Source("briefing", "A briefing", "2022-02-01", "https://example.org/briefing", "Second edition"),
    )


@shows("names-at-their-longest")
def names_at_their_longest(s: Scenario) -> None:
    assert [len(channel.name) for channel in s.channels] == [5, 64]


@shows("extends-overrides")
def extends_overrides(s: Scenario) -> None:
    assert (line(s).answer, line(s).every, s.title) == (0.5, fixed(DAY), "The base")


@shows("extends-adds")
def extends_adds(s: Scenario) -> None:
    assert [one.name for one in s.lines] == ["call", "extra", "back"]
    assert (line(s).every, line(s).answer) == (fixed(12 * HOUR), 0.1)


@shows("extends-replaces-whole")
def extends_replaces_whole(s: Scenario) -> None:
    assert dict(line(s).unanswered) == {"declined": 1.0}
    assert s.officials[0].duty == (DutyWindow((6,), 600, 720),)
    assert s.officials[0].office == "Minister"


@shows("extends-deletes")
def extends_deletes(s: Scenario) -> None:
    assert [one.name for one in s.lines] == ["call"]
    assert (line(s).give_up, s.record, s.horizon) == (None, (), 19 * DAY)


@shows("extends-twice")
def extends_twice(s: Scenario) -> None:
    assert (s.title, line(s).answer, line(s).give_up) == ("The top of three", 0.3, 9.0 * DAY)


@shows("posterior")
def posterior(s: Scenario) -> None:
    assert s.posterior == "posterior-draws.parquet"


@shows("design-example")
def design_example(s: Scenario) -> None:
    assert s.horizon == 126 * DAY
    assert [one.name for one in s.lines] == ["austin-shoigu", "hotline"]
    minister, hotline = s.lines
    assert minister.answer == Uncertain("parameters.refusal")
    assert minister.on_contact == Effect(("hotline",), 3.0, half_life=30.0 * DAY)
    assert hotline.trigger == Trigger("event", "near-miss")
    assert s.regimes[0].affects == ("austin-shoigu",)
    assert s.regimes[0].initially["closed"] == 1.0
    assert s.events[1].at == (When(20 * DAY),)
    assert s.channels[1].outages == ((37 * DAY, 38 * DAY),)
    assert [one.kind for one in s.record] == ["contact", "count"]
    assert (s.record[1].start, s.record[1].end, s.record[1].attempts) == (5 * DAY, 36 * DAY, (31, 62))
    assert dict(s.groups) == {"senior": ("austin-shoigu",)}


@pytest.mark.parametrize("name", CHECKS)
def test_resolves_to(name: str) -> None:
    CHECKS[name](resolved(name))


@pytest.mark.parametrize(("name", "other"), [("extends-adds", "extends-deletes"), ("event-at-date", "event-at-dates")])
def test_saboteur_the_wrong_file_fails(name: str, other: str) -> None:
    with pytest.raises(AssertionError):
        CHECKS[name](resolved(other))
