"""For each key of the language an example of its value, and what it is when it is left out.

The meanings are in `sim.scenario.schema`. A test sees to it that every key is here, that the examples are valid, and
that a default written as a value is the model's own.
"""

from __future__ import annotations

from typing import NamedTuple


class Note(NamedTuple):
    """`example`: the value as YAML. `default`: in words or as a value; None for a key that must be given."""

    example: str
    default: str | None = None


NOTHING = "none"
EMPTY = "empty"

NOTES: dict[str, Note] = {
    "Scenario.scenario": Note("1"),
    "Scenario.title": Note("Washington calls Moscow, spring 2022", "Untitled scenario"),
    "Scenario.description": Note("US attempts to reach Russian counterparts", EMPTY),
    "Scenario.extends": Note("us-russia-2022.yaml", NOTHING),
    "Scenario.clock": Note("{start: 2022-02-24, end: 2022-06-30}"),
    "Scenario.sides": Note("{US: {timezone: America/New_York}, RU: {timezone: Europe/Moscow}}"),
    "Scenario.officials": Note("{austin: {side: US}, shoigu: {side: RU, duty: Mon-Fri 09:00-19:00}}"),
    "Scenario.channels": Note("{ministerial: {level: senior}, embassy: {}}"),
    "Scenario.parameters": Note("{cadence: {value: 7 d, basis: assumption}}", NOTHING),
    "Scenario.regimes": Note(
        "{gate: {affects: [ministerial], states: {open: {lasts: 30 d}, closed: {lasts: 60 d, odds_factor: 0.02}}}}",
        NOTHING,
    ),
    "Scenario.events": Note("{near-miss: {every: {exponential: {mean: 20 d}}}}", NOTHING),
    "Scenario.lines": Note(
        "{austin-shoigu: {caller: austin, callee: shoigu, channel: ministerial, every: 3 d, answer: 0.06, delay: 6 h}}"
    ),
    "Scenario.record": Note("[{line: austin-shoigu, contact: 2022-05-13}]", NOTHING),
    "Scenario.report": Note("{groups: {senior: [austin-shoigu]}}", NOTHING),
    "Scenario.sources": Note("{briefing: {title: Summary of the call, date: 2022-05-13}}", NOTHING),
    "Scenario.posterior": Note("us-russia-2022.posterior.parquet", NOTHING),
    "Clock.start": Note("2022-02-24"),
    "Clock.end": Note("2022-06-30"),
    "Side.timezone": Note("America/New_York"),
    "Side.title": Note("United States", "its name"),
    "Official.side": Note("US"),
    "Official.name": Note("Lloyd J. Austin III", "the official's name in the file"),
    "Official.office": Note("Secretary of Defense", EMPTY),
    "Official.duty": Note("[Mon-Fri 09:00-19:00, Sat 10:00-14:00]", "always"),
    "Official.holidays": Note("[2022-05-09]", NOTHING),
    "Channel.title": Note("Deconfliction hotline", "its name"),
    "Channel.level": Note("working", "no level"),
    "Channel.opens": Note("2022-03-01", "it exists from the beginning"),
    "Channel.closes": Note("2022-05-01", "it exists to the end"),
    "Channel.outages": Note("[{from: 2022-04-02, to: 2022-04-03}]", NOTHING),
    "Outage.from": Note("2022-04-02"),
    "Outage.to": Note("2022-04-03"),
    "Effect.affects": Note("[ministerial]", "the own line"),
    "Effect.odds_factor": Note("0.5"),
    "Effect.lasts": Note("10 d", "for ever"),
    "Effect.half_life": Note("14 d", "it does not fade"),
    "State.lasts": Note("{exponential: {mean: 30 d}}", "for ever"),
    "State.odds_factor": Note("0.02", "1"),
    "Regime.title": Note("Moscow's readiness to talk", "its name"),
    "Regime.affects": Note("[ministerial, staff]"),
    "Regime.initially": Note("{open: 0.3, closed: 0.7}", "the first state"),
    "Regime.states": Note("{open: {lasts: {exponential: {mean: 30 d}}}, closed: {lasts: 60 d, odds_factor: 0.02}}"),
    "When.date": Note("2022-03-16"),
    "When.plus": Note("{uniform: [0 h, 24 h]}", "0 s"),
    "Event.title": Note("A near miss at sea", "its name"),
    "Event.at": Note("2022-03-16 20:00", "either this or every"),
    "Event.every": Note("{exponential: {mean: 20 d}}", "either this or at"),
    "Event.starts": Note("2022-03-01", "clock.start"),
    "Event.effect": Note("{affects: [ministerial], odds_factor: 0.5, half_life: 14 d}", NOTHING),
    "Event.switches": Note("{moscow-gate: closed}", NOTHING),
    "After.event": Note("remark", "one of event, contact, unanswered and gave_up"),
    "After.contact": Note("hotline", "one of event, contact, unanswered and gave_up"),
    "After.unanswered": Note("austin-shoigu", "one of event, contact, unanswered and gave_up"),
    "After.gave_up": Note("hotline", "one of event, contact, unanswered and gave_up"),
    "After.count": Note("3", "1"),
    "Starts.at": Note("2022-02-24", "clock.start"),
    "Starts.after": Note("{event: remark}", "it waits for nothing"),
    "Starts.wait": Note("{exponential: {mean: 7 d}}", "0 s"),
    "Until.contact": Note("hotline", "the line's own contact only"),
    "Trigger.gave_up": Note("austin-shoigu", "an event is named instead"),
    "Line.title": Note("Ministers of defence", "its name"),
    "Line.caller": Note("austin"),
    "Line.callee": Note("shoigu"),
    "Line.channel": Note("ministerial"),
    "Line.triggered_by": Note("near-miss", "nothing: the first request begins at starts"),
    "Line.starts": Note("{at: 2022-02-24, wait: {uniform: [0 h, 12 h]}}", "clock.start"),
    "Line.every": Note("{uniform: [2 d, 5 d]}"),
    "Line.until": Note("horizon", "contact"),
    "Line.give_up": Note("24 h", "never"),
    "Line.attempts": Note("3", "no limit"),
    "Line.answer": Note("{value: 0.06, basis: assumption}"),
    "Line.delay": Note("{lognormal: {median: 6 h, p90: 2 d}}", "0 s"),
    "Line.call": Note("1 h", "0 s"),
    "Line.unanswered": Note("{declined: 0.7, no reply: 0.3}", "{no reply: 1}"),
    "Line.on_unanswered": Note("{odds_factor: 0.98}", NOTHING),
    "Line.on_contact": Note("{affects: [hotline], odds_factor: 3, half_life: 30 d}", NOTHING),
    "Period.from": Note("2022-05-12"),
    "Period.to": Note("2022-05-14"),
    "Entry.line": Note("austin-shoigu"),
    "Entry.contact": Note("2022-05-13", "this entry is no contact"),
    "Entry.no_contact_until": Note("2022-05-13", "this entry is no silence"),
    "Entry.from": Note("2022-03-01", "the entry has no period"),
    "Entry.to": Note("2022-04-01", "the entry has no period"),
    "Entry.at": Note("2022-03-16 09:00", "the attempt lies in the period"),
    "Entry.attempts": Note("{min: 31, max: 62}", "this entry is no count"),
    "Entry.answered": Note("all", "not known"),
    "Entry.state": Note("shut", "this entry is no spell"),
    "Entry.response": Note("18 h", "this entry is no response"),
    "Entry.known": Note("2022-05-13", "the end of the entry's own day"),
    "Entry.source": Note("briefing", EMPTY),
    "Entry.why": Note("the day is on record, the hour is not", EMPTY),
    "Report.groups": Note("{senior: [austin-shoigu]}", NOTHING),
    "Source.title": Note("Summary of the ministers' call", EMPTY),
    "Source.date": Note("2022-05-13", EMPTY),
    "Source.url": Note("https://example.org/readout", EMPTY),
    "Source.note": Note("a transcript", EMPTY),
}
