"""The human model: a scenario as a person writes it, typed and frozen.

References are still names here, and numbers may be wrapped or uncertain; `sim.scenario.resolve` makes them explicit.
Each key has its meaning, an example, and what holds where it is left out. The JSON Schema, `openlines explain` and the
reference pages are made from these classes.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from sim.scenario import fields
from sim.scenario import quantities as q
from sim.scenario.errors import did_you_mean, fault, found, unknown_key
from sim.scenario.fields import (
    BAD,
    Count,
    DateValue,
    Days,
    Distribution,
    Duty,
    Interval,
    Lasting,
    Model,
    Name,
    Names,
    OddsFactor,
    Parameter,
    Probability,
    Shares,
    Text,
    Timezone,
    Waiting,
    key,
)
from sim.scenario.schema_record import EntryFields, SourceFields

__all__ = ["BAD"]


# Defaults are shared, not copied: they are frozen, and pydantic's deep copies would be half the work of a large file.
NO_CHANGE = q.Amount(q.ODDS_FACTOR, value=1.0)
ONE = q.Amount(q.COUNT, value=1.0)
NO_TIME = q.Spec("fixed", {"value": q.Amount(q.DURATION, value=0.0)})
NO_REPLY = {"no reply": q.Amount(q.SHARE, value=1.0)}


class ClockFields(Model):
    """The period that is simulated."""

    start: DateValue = key("t = 0; a date alone is 00:00 UTC", "2022-02-24")
    end: DateValue = key("the horizon: what has not happened before it is censored", "2022-06-30")


class SideFields(Model):
    """A government or another party."""

    timezone: Timezone = key("IANA name of the zone in which its officials' duty hours are written", "America/New_York")
    title: Text = key("what the side is called in reports", "United States", otherwise="its name", default="")


class OfficialFields(Model):
    """Somebody who calls or is called."""

    side: Name = key("the side that the official belongs to", "US")
    name: Text = key(
        "what the official is called in reports",
        "Lloyd J. Austin III",
        otherwise="the official's name in the file",
        default="",
    )
    office: Text = key("the office held", "Secretary of Defense", otherwise="empty", default="")
    timezone: Timezone | None = key(
        "IANA name of the zone in which the official works, for one who is posted elsewhere than the side's others",
        "Europe/Brussels",
        otherwise="that of the side",
        default=None,
    )
    duty: Duty = key(
        "hours on duty in the official's zone, 'DAYS HH:MM-HH:MM' or a list",
        "[Mon-Fri 09:00-19:00, Sat 10:00-14:00]",
        otherwise="always",
        default=None,
    )
    holidays: Days = key("local dates on which no duty window starts", "[2022-05-09]", otherwise="none", default=())


class OutageFields(Model):
    """A time during which a channel is out."""

    from_: DateValue = key("first second of the outage", "2022-04-02", alias="from")
    to: DateValue = key("end of the outage; this second the channel is back", "2022-04-03")


class ChannelFields(Model):
    """A means by which officials reach each other."""

    title: Text = key(
        "what the channel is called in reports",
        "Deconfliction hotline",
        otherwise="its name",
        default="",
    )
    level: Name = key(
        "a name that groups channels in the results, such as senior or working",
        "working",
        otherwise="no level",
        default="",
    )
    opens: DateValue | None = key(
        "first second at which it exists",
        "2022-03-01",
        otherwise="it exists from the beginning",
        default=None,
    )
    closes: DateValue | None = key(
        "from this second on it exists no more",
        "2022-05-01",
        otherwise="it exists to the end",
        default=None,
    )
    outages: list[OutageFields] = key(
        "times during which it is out", "[{from: 2022-04-02, to: 2022-04-03}]", otherwise="none", default=[]
    )


class EffectFields(Model):
    """A change to the odds that an attempt is answered."""

    affects: Names | None = key(
        "lines, channels, officials or sides (as callee) whose odds change",
        "[ministerial]",
        otherwise="the own line",
        default=None,
    )
    odds_factor: OddsFactor = key("by which the odds of an answer are multiplied, at least 0", "0.5")
    lasts: Lasting | None = key("how long each occurrence counts", "10 d", otherwise="for ever", default=None)
    half_life: Lasting | None = key(
        "time after which half of the effect, in log-odds, is left", "14 d", otherwise="it does not fade", default=None
    )


class StateFields(Model):
    """One state of a regime."""

    lasts: Interval | None = key(
        "how long the state lasts",
        "{exponential: {mean: 30 d}}",
        otherwise="for ever",
        default=None,
    )
    odds_factor: OddsFactor = key(
        "by which the odds of an answer are multiplied meanwhile",
        "0.02",
        otherwise="1",
        default_factory=lambda: NO_CHANGE,
    )


class RegimeFields(Model):
    """A common cause: a state of affairs that changes the odds of many lines together."""

    title: Text = key(
        "what the regime is called in reports",
        "Moscow's readiness to talk",
        otherwise="its name",
        default="",
    )
    affects: Names = key("lines, channels, officials or sides (as callee) under the regime", "[ministerial, staff]")
    initially: fields.Initially | None = key(
        "the state at clock.start, or the probability of each",
        "{open: 0.3, closed: 0.7}",
        otherwise="the first state",
        default=None,
    )
    states: dict[str, StateFields] = key(
        "the states, through which the regime goes in this order, round and round",
        "{open: {lasts: {exponential: {mean: 30 d}}}, closed: {lasts: 60 d, odds_factor: 0.02}}",
    )


def _when(value: Any) -> Any:
    return value if isinstance(value, dict) and ("date" in value or "plus" in value) else {"date": value}


class WhenFields(Model):
    """A date, or a random time after one."""

    date: DateValue = key("the date", "2022-03-16")
    plus: Distribution | None = key("a time after the date", "{uniform: [0 h, 24 h]}", otherwise="0 s", default=None)


Times = Annotated[
    list[Annotated[WhenFields, fields.short(_when)]],
    fields.short(lambda value: value if isinstance(value, list) else [value]),
    fields.schema("Times"),
]


class EventFields(Model):
    """Something that happens whatever the lines do."""

    title: Text = key(
        "what the event is called in reports",
        "A near miss at sea",
        otherwise="its name",
        default="",
    )
    at: Times | None = key(
        "when it happens: a date, a list of dates, or {date: …, plus: …}",
        "2022-03-16 20:00",
        otherwise="either this or every",
        default=None,
    )
    every: Interval | None = key(
        "the time from one occurrence to the next",
        "{exponential: {mean: 20 d}}",
        otherwise="either this or at",
        default=None,
    )
    starts: DateValue | None = key(
        "with every: the first is one interval later",
        "2022-03-01",
        otherwise="clock.start",
        default=None,
    )
    effect: EffectFields | None = key(
        "the change of odds that it makes",
        "{affects: [ministerial], odds_factor: 0.5, half_life: 14 d}",
        otherwise="none",
        default=None,
    )
    switches: fields.Switches | None = key(
        "regimes that it puts into a state", "{moscow-gate: closed}", otherwise="none", default=None
    )


class AfterFields(Model):
    """The n-th log entry of a kind since clock.start."""

    event: Name | None = key(
        "an event", "remark", otherwise="one of event, contact, unanswered and gave_up", default=None
    )
    contact: Name | None = key(
        "a line or group that makes contact",
        "hotline",
        otherwise="one of event, contact, unanswered and gave_up",
        default=None,
    )
    unanswered: Name | None = key(
        "a line or group with an attempt that goes unanswered",
        "austin-shoigu",
        otherwise="one of event, contact, unanswered and gave_up",
        default=None,
    )
    gave_up: Name | None = key(
        "a line or group of which a request gives up",
        "hotline",
        otherwise="one of event, contact, unanswered and gave_up",
        default=None,
    )
    count: Count = key("which of them, from 1", "3", otherwise="1", default_factory=lambda: ONE)


class StartsFields(Model):
    """When the first request of a line begins."""

    at: DateValue | None = key("a date", "2022-02-24", otherwise="clock.start", default=None)
    after: AfterFields | None = key(
        "what it waits for", "{event: remark}", otherwise="it waits for nothing", default=None
    )
    wait: Distribution | None = key(
        "a time after the date or log entry",
        "{exponential: {mean: 7 d}}",
        otherwise="0 s",
        default=None,
    )


def _starts(value: Any) -> Any:
    return value if isinstance(value, dict) and not q.is_wrapper(value) else {"at": value}


class UntilFields(Model):
    """What ends a request besides giving up."""

    contact: Name | None = key(
        "a line or group whose contact ends the request too",
        "hotline",
        otherwise="the line's own contact only",
        default=None,
    )
    horizon: bool | None = Field(default=None, description="true: a new request follows each call", exclude=True)


ON_CONTACT = UntilFields()


def _until(value: Any) -> Any:
    if value == "contact":
        return {}
    if value == "horizon":
        return {"horizon": True}
    if isinstance(value, dict) and "contact" in value and "horizon" not in value:
        return value
    if isinstance(value, dict) and value:
        wrong = next(iter(value))
        raise fault(unknown_key(wrong, ("contact",)), wrong, at_key=True)
    hint = did_you_mean(value, ("contact", "horizon")) if isinstance(value, str) else ""
    raise fault(f"expected contact, horizon or {{contact: LINE or GROUP}}, found {found(value)}{hint}")


class TriggerFields(Model):
    """What opens a request of a line."""

    event: Name | None = Field(default=None, description="an event, at each of its occurrences", exclude=True)
    gave_up: Name | None = key(
        "a line, a second after one of its requests gives up",
        "austin-shoigu",
        otherwise="an event is named instead",
        default=None,
    )


def _trigger(value: Any) -> Any:
    if isinstance(value, str):
        return {"event": value}
    if isinstance(value, dict) and set(value) == {"gave_up"}:
        return value
    if isinstance(value, dict) and value:
        wrong = next(key for key in value if key != "gave_up")
        raise fault(unknown_key(wrong, ("gave_up",)), wrong, at_key=True)
    raise fault(f"expected the name of an event or {{gave_up: LINE}}, found {found(value)}")


class LineFields(Model):
    """One official trying another over a channel."""

    title: Text = key(
        "what the line is called in reports",
        "Ministers of defence",
        otherwise="its name",
        default="",
    )
    caller: Name = key("the official who tries", "austin")
    callee: Name = key("the official who is tried", "shoigu")
    channel: Name = key("the channel over which", "ministerial")
    triggered_by: Annotated[TriggerFields, fields.short(_trigger), fields.schema("Trigger")] | None = key(
        "an event, each occurrence of which opens a request; or {gave_up: LINE}",
        "near-miss",
        otherwise="nothing: the first request begins at starts",
        default=None,
    )
    starts: Annotated[StartsFields, fields.short(_starts), fields.schema("StartsValue")] | None = key(
        "when the first request begins: a date, {at: …, wait: …} or {after: …, wait: …}",
        "{at: 2022-02-24, wait: {uniform: [0 h, 12 h]}}",
        otherwise="clock.start",
        default=None,
    )
    every: Interval = key("the time from one attempt to the next", "{uniform: [2 d, 5 d]}")
    until: Annotated[UntilFields, fields.short(_until), fields.schema("Until")] = key(
        "what ends a request: contact, horizon, or {contact: LINE}",
        "horizon",
        otherwise="contact",
        default_factory=lambda: ON_CONTACT,
    )
    give_up: Waiting | None = key(
        "a request without contact ends after this time", "24 h", otherwise="never", default=None
    )
    attempts: Count | None = key("a request ends after so many attempts", "3", otherwise="no limit", default=None)
    answer: Probability = key(
        "the probability that an attempt is answered, effects aside", "{value: 0.06, basis: assumption}"
    )
    delay: Distribution = key(
        "the time from an attempt that is answered to the contact; only the callee's time on duty counts, "
        "unless delay_counts says otherwise",
        "{lognormal: {median: 6 h, p90: 2 d}}",
        otherwise="0 s",
        default_factory=lambda: NO_TIME,
    )
    delay_counts: fields.DelayCounts = key(
        "what the delay counts: duty, the seconds in which the callee is on duty; or calendar, all seconds, after "
        "which the contact comes when the callee is on duty",
        "calendar",
        otherwise="duty",
        default="duty",
    )
    call: Distribution = key("how long a call keeps both busy", "1 h", otherwise="0 s", default_factory=lambda: NO_TIME)
    unanswered: Shares = key(
        "why attempts go unanswered: reasons and their shares, summing to 1",
        "{declined: 0.7, no reply: 0.3}",
        otherwise="{no reply: 1}",
        default_factory=lambda: NO_REPLY,
    )
    on_unanswered: EffectFields | None = key(
        "the change of odds that an unanswered attempt makes", "{odds_factor: 0.98}", otherwise="none", default=None
    )
    on_contact: EffectFields | None = key(
        "the change of odds that a contact makes",
        "{affects: [hotline], odds_factor: 3, half_life: 30 d}",
        otherwise="none",
        default=None,
    )


class ReportFields(Model):
    """What reports show beside the lines."""

    groups: dict[str, Names] = key(
        "lines that reports put together, by name of the group",
        "{senior: [austin-shoigu]}",
        otherwise="none",
        default={},
    )


class ScenarioFields(Model):
    """A scenario of Open Lines."""

    scenario: fields.Version = key("version of the format: 1", "1")
    title: Text = key(
        "what the scenario is called in reports",
        "Washington calls Moscow, spring 2022",
        otherwise="Untitled scenario",
        default="Untitled scenario",
    )
    description: Text = key(
        "what it is about", "US attempts to reach Russian counterparts", otherwise="empty", default=""
    )
    extends: Text | None = key(
        "another scenario, in the same folder or below, over which this one is merged",
        "us-russia-2022.yaml",
        otherwise="none",
        default=None,
    )
    clock: ClockFields = key("the period that is simulated", "{start: 2022-02-24, end: 2022-06-30}")
    sides: dict[str, SideFields] = key(
        "governments and other parties", "{US: {timezone: America/New_York}, RU: {timezone: Europe/Moscow}}"
    )
    officials: dict[str, OfficialFields] = key(
        "those who call and are called", "{austin: {side: US}, shoigu: {side: RU, duty: Mon-Fri 09:00-19:00}}"
    )
    channels: dict[str, ChannelFields] = key(
        "the means by which officials reach each other", "{ministerial: {level: senior}, embassy: {}}"
    )
    parameters: dict[str, Parameter] = key(
        "numbers that several places share, or that are not known",
        "{cadence: {value: 7 d, basis: assumption}}",
        otherwise="none",
        default={},
    )
    regimes: dict[str, RegimeFields] = key(
        "common causes that change the odds of many lines",
        "{gate: {affects: [ministerial], states: {open: {lasts: 30 d}, closed: {lasts: 60 d, odds_factor: 0.02}}}}",
        otherwise="none",
        default={},
    )
    events: dict[str, EventFields] = key(
        "what happens whatever the lines do",
        "{near-miss: {every: {exponential: {mean: 20 d}}}}",
        otherwise="none",
        default={},
    )
    lines: dict[str, LineFields] = key(
        "who tries whom over what",
        "{austin-shoigu: {caller: austin, callee: shoigu, channel: ministerial, every: 3 d, answer: 0.06, delay: 6 h}}",
    )
    record: list[EntryFields] = key(
        "what is known to have happened", "[{line: austin-shoigu, contact: 2022-05-13}]", otherwise="none", default=[]
    )
    report: ReportFields = key(
        "what reports show beside the lines",
        "{groups: {senior: [austin-shoigu]}}",
        otherwise="none",
        default=ReportFields(),
    )
    sources: dict[str, SourceFields] = key(
        "documents that numbers and record refer to",
        "{briefing: {title: Summary of the call, date: 2022-05-13}}",
        otherwise="none",
        default={},
    )
    posterior: Text | None = key(
        "a Parquet table in the same folder that replaces the priors: a column for each uncertain number, named by "
        "its path; one row for each block of replications, drawn at random; a number that is given a value in the "
        "place of its prior has that value",
        "us-russia-2022.posterior.parquet",
        otherwise="none",
        default=None,
    )
