"""Every key of the language reaches the engines, or is one of those that only reports, the record or the reader use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from sim.scenario import loads, schema
from sim.scenario.compiler import compile_scenario
from sim.scenario.explain import all_paths
from sim.scenario.merge import apply, parse_override
from sim.scenario.program import Program
from sim.scenario.reader import scenario_of
from sim.scenario.yaml_nodes import compose

TEXT = """\
scenario: 1
title: every key
clock: {start: 2024-01-01, end: 2024-02-01}
sides: {A: {timezone: UTC}, B: {timezone: UTC}}
officials:
  a: {side: A}
  b: {side: B, duty: Mon-Fri 09:00-17:00, holidays: [2024-01-02]}
  c: {side: B}
channels: {phone: {level: senior, outages: [{from: 2024-01-03, to: 2024-01-04}]}, radio: {}}
parameters: {cadence: 1 d}
regimes: {gate: {affects: [plain], states: {open: {lasts: 9 d}, shut: {lasts: 5 d, odds_factor: 0.5}}}}
events:
  remark: {at: [{date: 2024-01-05, plus: 1 h}], effect: {affects: [plain], odds_factor: 0.5, lasts: 2 d}}
  drill: {every: 7 d, starts: 2024-01-06, effect: {affects: [plain], odds_factor: 2, half_life: 3 d}}
  news: {at: 2024-01-09, switches: {gate: shut}}
lines:
  plain:
    {caller: a, callee: b, channel: phone, every: {parameter: cadence}, answer: 0.2,
     starts: {at: 2024-01-02, wait: 1 h},
     on_unanswered: {affects: [plain], odds_factor: 0.9, lasts: 2 d}, on_contact: {odds_factor: 3, half_life: 2 d}}
  asked: {caller: a, callee: b, channel: phone, every: 1 d, answer: 0.2, triggered_by: drill, give_up: 1 d}
  again: {caller: a, callee: c, channel: radio, every: 1 d, answer: 0.2, triggered_by: {gave_up: asked}}
  after: {caller: a, callee: b, channel: phone, every: 1 d, answer: 0.2, starts: {after: {event: remark}}}
  met: {caller: a, callee: b, channel: phone, every: 1 d, answer: 0.2, starts: {after: {contact: plain}}}
  missed: {caller: a, callee: b, channel: phone, every: 1 d, answer: 0.2,
     starts: {after: {unanswered: plain, count: 2}}}
  left: {caller: a, callee: b, channel: phone, every: 1 d, answer: 0.2, starts: {after: {gave_up: asked}},
     until: {contact: plain}}
report: {groups: {both: [plain, asked]}}
"""

CHANGES = {
    "clock.start": "clock.start=2024-01-01T01:00:00Z",
    "clock.end": "clock.end=2024-02-02",
    "sides.timezone": "sides.B.timezone=Asia/Seoul",
    "officials.side": "officials.a.side=B",
    "officials.timezone": "officials.b.timezone=Asia/Seoul",
    "officials.duty": "officials.b.duty=Mon-Fri 09:00-18:00",
    "officials.holidays": "officials.b.holidays=[2024-01-03]",
    "channels.level": "channels.phone.level=working",
    "channels.opens": "channels.phone.opens=2024-01-02",
    "channels.closes": "channels.phone.closes=2024-01-20",
    "channels.outages": "channels.phone.outages=[]",
    "channels.outages.from": "channels.phone.outages.0.from=2024-01-02",
    "channels.outages.to": "channels.phone.outages.0.to=2024-01-05",
    "parameters": "parameters.cadence=2 d",
    "regimes.affects": "regimes.gate.affects=[asked]",
    "regimes.initially": "regimes.gate.initially=shut",
    "regimes.states": "regimes.gate.states={open: {lasts: 9 d}, shut: {odds_factor: 0.5}}",
    "regimes.states.lasts": "regimes.gate.states.open.lasts=8 d",
    "regimes.states.odds_factor": "regimes.gate.states.shut.odds_factor=0.4",
    "events.at": "events.news.at=2024-01-10",
    "events.at.date": "events.remark.at.0.date=2024-01-06",
    "events.at.plus": "events.remark.at.0.plus=2 h",
    "events.every": "events.drill.every=8 d",
    "events.starts": "events.drill.starts=2024-01-07",
    "events.effect": "events.remark.effect=null",
    "events.effect.affects": "events.remark.effect.affects=[asked]",
    "events.effect.odds_factor": "events.remark.effect.odds_factor=0.4",
    "events.effect.lasts": "events.remark.effect.lasts=3 d",
    "events.effect.half_life": "events.drill.effect.half_life=4 d",
    "events.switches": "events.news.switches={gate: open}",
    "lines.caller": "lines.plain.caller=c",
    "lines.callee": "lines.again.callee=b",
    "lines.channel": "lines.plain.channel=radio",
    "lines.triggered_by": "lines.asked.triggered_by=remark",
    "lines.triggered_by.gave_up": "lines.again.triggered_by={gave_up: plain}",
    "lines.starts": "lines.plain.starts=2024-01-03",
    "lines.starts.at": "lines.plain.starts.at=2024-01-03",
    "lines.starts.after": "lines.after.starts={after: {event: news}}",
    "lines.starts.after.event": "lines.after.starts.after.event=news",
    "lines.starts.after.contact": "lines.met.starts.after.contact=asked",
    "lines.starts.after.unanswered": "lines.missed.starts.after.unanswered=asked",
    "lines.starts.after.gave_up": "lines.left.starts.after.gave_up=plain",
    "lines.starts.after.count": "lines.missed.starts.after.count=3",
    "lines.starts.wait": "lines.plain.starts.wait=2 h",
    "lines.every": "lines.met.every=2 d",
    "lines.until": "lines.plain.until=horizon",
    "lines.until.contact": "lines.left.until.contact=asked",
    "lines.give_up": "lines.asked.give_up=2 d",
    "lines.attempts": "lines.asked.attempts=2",
    "lines.answer": "lines.plain.answer=0.3",
    "lines.delay": "lines.plain.delay=1 h",
    "lines.delay_counts": "lines.plain.delay_counts=calendar",
    "lines.call": "lines.plain.call=1 h",
    "lines.unanswered": "lines.plain.unanswered={declined: 1}",
    "lines.on_unanswered": "lines.plain.on_unanswered=null",
    "lines.on_unanswered.affects": "lines.plain.on_unanswered.affects=[asked]",
    "lines.on_unanswered.odds_factor": "lines.plain.on_unanswered.odds_factor=0.8",
    "lines.on_unanswered.lasts": "lines.plain.on_unanswered.lasts=3 d",
    "lines.on_unanswered.half_life": "lines.plain.on_unanswered={odds_factor: 0.9, half_life: 2 d}",
    "lines.on_contact": "lines.plain.on_contact=null",
    "lines.on_contact.affects": "lines.plain.on_contact.affects=[asked]",
    "lines.on_contact.odds_factor": "lines.plain.on_contact.odds_factor=4",
    "lines.on_contact.lasts": "lines.plain.on_contact={odds_factor: 3, lasts: 2 d}",
    "lines.on_contact.half_life": "lines.plain.on_contact.half_life=3 d",
    "report.groups": "report.groups.both=[plain]",
}
"""A change of each key that the engines have to see."""

NOT_SIMULATED = {
    *("title", "description", "sides.title", "officials.name", "officials.office", "channels.title"),
    *("regimes.title", "events.title", "lines.title"),
}
"""Keys that only reports show; the record and the sources are such as a whole."""
READ_FIRST = {"scenario", "extends", "posterior"}
"""Version and files: what they hold is tested where they are read."""
SECTIONS = {"clock", "sides", "officials", "channels", "regimes", "events", "lines", "report"}
"""Keys that hold nothing but other keys."""


def changed(*overrides: str) -> Program:
    root, errors = compose(TEXT, "s.yaml")
    return compile_scenario(scenario_of(root, errors, [parse_override(text) for text in overrides], None))


def contents(value: Any) -> Iterator[object]:
    """All numbers and names of a program, in order."""
    if is_dataclass(value):
        for one in fields(value):
            if one.name not in {"title", "sha256"}:
                yield from contents(getattr(value, one.name))
    elif isinstance(value, np.ndarray):
        yield repr(value.tolist())
    elif isinstance(value, tuple):
        yield "("
        for one in value:
            yield from contents(one)
        yield ")"
    else:
        yield repr(value)


def test_every_key_is_in_one_of_the_lists() -> None:
    listed = [CHANGES.keys(), NOT_SIMULATED, READ_FIRST, SECTIONS]
    of_record = {path for path in all_paths() if path.split(".")[0] in {"record", "sources"}}
    assert set().union(*listed, of_record) == set(all_paths())
    assert sum(len(some) for some in listed) + len(of_record) == len(all_paths())


@pytest.mark.parametrize("path", CHANGES)
def test_a_key_reaches_the_engines(path: str) -> None:
    assert list(contents(changed(CHANGES[path]))) != list(contents(changed()))


@pytest.mark.parametrize("change", ["title=x", "sides.A.title=x", "lines.plain.title=x"])
def test_what_only_reports_show_does_not(change: str) -> None:
    assert list(contents(changed(change))) == list(contents(changed()))


def test_saboteur_a_key_that_is_read_and_dropped_is_in_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.scenario import explain

    right = explain.fields_of
    extra = schema.key("a key that nobody uses", "1")
    extra.annotation = int
    monkeypatch.setattr(
        explain, "fields_of", lambda cls: {**right(cls), "idle": extra} if cls is schema.LineFields else right(cls)
    )
    assert set(all_paths()) - set(CHANGES) - NOT_SIMULATED - READ_FIRST - SECTIONS >= {"lines.idle"}


def test_the_text_is_a_scenario() -> None:
    assert apply(compose(TEXT, "s.yaml")[0], [])[1] == []
    assert len(loads(TEXT).lines) == 7


def test_a_probability_is_stored_as_itself_and_taken_as_log_odds() -> None:
    program = changed("lines.plain.answer=0.05", "events.drill.effect.odds_factor=2")
    slot = int(program.line.answer[0])
    assert program.values[slot] == 0.05
    assert program.values_for(())[slot] == pytest.approx(np.log(0.05 / 0.95))
    factor = int(program.effects.log_factor[1])
    assert program.values[factor] == 2.0
    assert program.values_for(())[factor] == pytest.approx(np.log(2.0))
