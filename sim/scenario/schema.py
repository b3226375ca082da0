"""The human model: a scenario as a person writes it, typed and frozen, each field with its meaning.

References are still names here, and numbers may be wrapped or uncertain; `sim.scenario.resolve` makes them explicit.
The JSON Schema and the reference pages are made from these classes.
"""

from __future__ import annotations

from typing import Annotated, Any, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo

from sim.scenario import fields
from sim.scenario import quantities as q
from sim.scenario.errors import KeyPath, did_you_mean, fault, found, unknown_key
from sim.scenario.fields import (
    BAD,
    Count,
    DateValue,
    Days,
    Distribution,
    Duty,
    Interval,
    Lasting,
    Name,
    Names,
    Observed,
    OddsFactor,
    Parameter,
    Probability,
    Shares,
    Text,
    Timezone,
    Waiting,
    refused,
)

__all__ = ["BAD"]


# Defaults are shared, not copied: they are frozen, and pydantic's deep copies would be half the work of a large file.
NO_CHANGE = q.Amount(q.ODDS_FACTOR, value=1.0)
ONE = q.Amount(q.COUNT, value=1.0)
NO_TIME = q.Spec("fixed", {"value": q.Amount(q.DURATION, value=0.0)})
NO_REPLY = {"no reply": q.Amount(q.SHARE, value=1.0)}


class Model(BaseModel):
    """A mapping with known keys."""

    # Built when a scenario is first read, all together: one by one as they are defined, they take twice as long.
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", populate_by_name=True, defer_build=True)

    @field_validator("*", mode="wrap")
    @classmethod
    def _spare(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        if value is None:
            raise refused(fault("expected a value, found nothing"))
        return value if value is BAD else handler(value)

    @model_validator(mode="wrap")
    @classmethod
    def _read(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        if value is BAD:
            return BAD
        if not isinstance(value, dict | cls):
            raise refused(fault(f"expected a mapping, found {found(value)}"))
        return handler(value)


class Clock(Model):
    """The period that is simulated."""

    start: DateValue = Field(description="t = 0; a date alone is 00:00 UTC")
    end: DateValue = Field(description="the horizon: what has not happened before it is censored")


class Side(Model):
    """A government or another party."""

    timezone: Timezone = Field(description="IANA name of the zone in which its officials' duty hours are written")
    title: Text = Field(default="", description="what the side is called in reports; its name unless given")


class Official(Model):
    """Somebody who calls or is called."""

    side: Name = Field(description="the side that the official belongs to")
    name: Text = Field(default="", description="what the official is called in reports")
    office: Text = Field(default="", description="the office held")
    duty: Duty = Field(
        default=None, description="hours on duty in the side's zone, 'DAYS HH:MM-HH:MM' or a list; else always"
    )
    holidays: Days = Field(default=(), description="local dates on which no duty window starts")


class Outage(Model):
    """A time during which a channel is out."""

    from_: DateValue = Field(alias="from", description="first second of the outage")
    to: DateValue = Field(description="end of the outage; this second the channel is back")


class Channel(Model):
    """A means by which officials reach each other."""

    title: Text = Field(default="", description="what the channel is called in reports; its name unless given")
    level: Name = Field(default="", description="a name that groups channels in the results, such as senior or working")
    opens: DateValue | None = Field(default=None, description="first second at which it exists; from ever unless given")
    closes: DateValue | None = Field(
        default=None, description="from this second on it exists no more; never unless given"
    )
    outages: list[Outage] = Field(default=[], description="times during which it is out")


class Effect(Model):
    """A change to the odds that an attempt is answered."""

    affects: Names | None = Field(
        default=None,
        description="lines, channels, officials or sides (as callee) whose odds change; the own line unless given",
    )
    odds_factor: OddsFactor = Field(description="by which the odds of an answer are multiplied, at least 0")
    lasts: Lasting | None = Field(default=None, description="how long each occurrence counts; for ever unless given")
    half_life: Lasting | None = Field(
        default=None, description="time after which half of the effect, in log-odds, is left"
    )


class State(Model):
    """One state of a regime."""

    lasts: Interval | None = Field(default=None, description="how long the state lasts; for ever unless given")
    odds_factor: OddsFactor = Field(
        default_factory=lambda: NO_CHANGE,
        description="by which the odds of an answer are multiplied meanwhile; 1 unless given",
    )


class Regime(Model):
    """A common cause: a state of affairs that changes the odds of many lines together."""

    title: Text = Field(default="", description="what the regime is called in reports; its name unless given")
    affects: Names = Field(description="lines, channels, officials or sides (as callee) under the regime")
    initially: fields.Initially | None = Field(
        default=None, description="the state at clock.start, or the probability of each; the first state unless given"
    )
    states: dict[str, State] = Field(
        description="the states, through which the regime goes in this order, round and round"
    )


def _when(value: Any) -> Any:
    return value if isinstance(value, dict) and ("date" in value or "plus" in value) else {"date": value}


class When(Model):
    """A date, or a random time after one."""

    date: DateValue = Field(description="the date")
    plus: Distribution | None = Field(default=None, description="a time after the date; none unless given")


Times = Annotated[
    list[Annotated[When, fields.short(_when)]],
    fields.short(lambda value: value if isinstance(value, list) else [value]),
    fields.schema("Times"),
]


class Event(Model):
    """Something that happens whatever the lines do."""

    title: Text = Field(default="", description="what the event is called in reports; its name unless given")
    at: Times | None = Field(
        default=None, description="when it happens: a date, a list of dates, or {date: …, plus: …}"
    )
    every: Interval | None = Field(default=None, description="the time from one occurrence to the next")
    starts: DateValue | None = Field(
        default=None, description="with every: the first is one interval later; clock.start unless given"
    )
    effect: Effect | None = Field(default=None, description="the change of odds that it makes")
    switches: fields.Switches | None = Field(default=None, description="regimes that it puts into a state")


class After(Model):
    """The n-th log entry of a kind since clock.start."""

    event: Name | None = Field(default=None, description="an event")
    contact: Name | None = Field(default=None, description="a line or group that makes contact")
    unanswered: Name | None = Field(default=None, description="a line or group with an attempt that goes unanswered")
    gave_up: Name | None = Field(default=None, description="a line or group of which a request gives up")
    count: Count = Field(default_factory=lambda: ONE, description="which of them, from 1; the first unless given")


class Starts(Model):
    """When the first request of a line begins."""

    at: DateValue | None = Field(default=None, description="a date; clock.start unless given")
    after: After | None = Field(default=None, description="what it waits for")
    wait: Distribution | None = Field(default=None, description="a time after the date or log entry; none unless given")


def _starts(value: Any) -> Any:
    return value if isinstance(value, dict) and not q.is_wrapper(value) else {"at": value}


class Until(Model):
    """What ends a request besides giving up."""

    contact: Name | None = Field(default=None, description="a line or group whose contact ends the request too")
    horizon: bool | None = Field(default=None, description="true: a new request follows each call", exclude=True)


ON_CONTACT = Until()


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


class Trigger(Model):
    """What opens a request of a line."""

    event: Name | None = Field(default=None, description="an event, at each of its occurrences", exclude=True)
    gave_up: Name | None = Field(default=None, description="a line, a second after one of its requests gives up")


def _trigger(value: Any) -> Any:
    if isinstance(value, str):
        return {"event": value}
    if isinstance(value, dict) and set(value) == {"gave_up"}:
        return value
    if isinstance(value, dict) and value:
        wrong = next(key for key in value if key != "gave_up")
        raise fault(unknown_key(wrong, ("gave_up",)), wrong, at_key=True)
    raise fault(f"expected the name of an event or {{gave_up: LINE}}, found {found(value)}")


class Line(Model):
    """One official trying another over a channel."""

    title: Text = Field(default="", description="what the line is called in reports; its name unless given")
    caller: Name = Field(description="the official who tries")
    callee: Name = Field(description="the official who is tried")
    channel: Name = Field(description="the channel over which")
    triggered_by: Annotated[Trigger, fields.short(_trigger), fields.schema("Trigger")] | None = Field(
        default=None, description="an event, each occurrence of which opens a request; or {gave_up: LINE}"
    )
    starts: Annotated[Starts, fields.short(_starts), fields.schema("StartsValue")] | None = Field(
        default=None,
        description="when the first request begins: a date, {at: …, wait: …} or {after: …, wait: …}; else clock.start",
    )
    every: Interval = Field(description="the time from one attempt to the next")
    until: Annotated[Until, fields.short(_until), fields.schema("Until")] = Field(
        default_factory=lambda: ON_CONTACT,
        description="what ends a request: contact (the default), horizon, or {contact: LINE}",
    )
    give_up: Waiting | None = Field(
        default=None, description="a request without contact ends after this time; never unless given"
    )
    attempts: Count | None = Field(
        default=None, description="a request ends after so many attempts; unlimited unless given"
    )
    answer: Probability = Field(description="the probability that an attempt is answered, effects aside")
    delay: Distribution = Field(
        default_factory=lambda: NO_TIME,
        description="the time from an attempt that is answered to the contact; only the callee's time on duty counts; "
        "0 s unless given",
    )
    call: Distribution = Field(
        default_factory=lambda: NO_TIME,
        description="how long a call keeps both busy; 0 s unless given",
    )
    unanswered: Shares = Field(
        default_factory=lambda: NO_REPLY,
        description="why attempts go unanswered: reasons and their shares, summing to 1",
    )
    on_unanswered: Effect | None = Field(
        default=None, description="the change of odds that an unanswered attempt makes"
    )
    on_contact: Effect | None = Field(default=None, description="the change of odds that a contact makes")


class Period(Model):
    """A time from one date to another."""

    from_: DateValue = Field(alias="from", description="first second of the period")
    to: DateValue = Field(description="end of the period; a date is its whole day")


def _day_or_period(value: object) -> Any:
    if isinstance(value, dict) and ("from" in value or "to" in value):
        return Period.model_validate(value)
    return q.date_of(value)


class Entry(Model):
    """What is known to have happened on a line."""

    line: Name = Field(description="the line")
    contact: Annotated[q.Date | Period, fields.leaf(_day_or_period), fields.schema("DayOrPeriod")] | None = Field(
        default=None,
        description="when contact was made: a date (its whole UTC day), a date and time, or {from: …, to: …}",
    )
    no_contact_until: DateValue | None = Field(default=None, description="no contact was made before this instant")
    from_: DateValue | None = Field(
        default=None, alias="from", description="first second of the period of a count, spell or response"
    )
    to: DateValue | None = Field(default=None, description="end of the period, itself not part of it")
    at: DateValue | None = Field(default=None, description="when the attempt of a response was made")
    attempts: fields.Attempts | None = Field(
        default=None, description="how many attempts were made in the period: n or {min: …, max: …}"
    )
    answered: fields.Answered | None = Field(
        default=None, description="how many of them were answered: all, none, n or {min: …, max: …}"
    )
    state: fields.SpellState | None = Field(
        default=None, description="whether the line was open or shut over the period"
    )
    response: Observed | None = Field(default=None, description="how long an attempt of the period took to its contact")
    known: DateValue | None = Field(
        default=None, description="from when this was known; the end of the entry's own day unless given"
    )
    source: Text = Field(default="", description="where this is stated")
    why: Text = Field(default="", description="a remark")


class Report(Model):
    """What reports show beside the lines."""

    groups: dict[str, Names] = Field(default={}, description="lines that reports put together, by name of the group")


class Source(Model):
    """A document that numbers and record refer to."""

    title: Text = Field(default="", description="its title")
    date: fields.SourceDate = Field(default="", description="its date: a day, a month or a year")
    url: Text = Field(default="", description="where it is found")
    note: Text = Field(default="", description="a remark")


class Scenario(Model):
    """A scenario of Open Lines."""

    scenario: fields.Version = Field(description="version of the format: 1")
    title: Text = Field(default="Untitled scenario", description="what the scenario is called in reports")
    description: Text = Field(default="", description="what it is about")
    extends: Text | None = Field(
        default=None, description="another scenario, in the same folder or below, over which this one is merged"
    )
    clock: Clock = Field(description="the period that is simulated")
    sides: dict[str, Side] = Field(description="governments and other parties")
    officials: dict[str, Official] = Field(description="those who call and are called")
    channels: dict[str, Channel] = Field(description="the means by which officials reach each other")
    parameters: dict[str, Parameter] = Field(
        default={}, description="numbers that several places share, or that are not known"
    )
    regimes: dict[str, Regime] = Field(default={}, description="common causes that change the odds of many lines")
    events: dict[str, Event] = Field(default={}, description="what happens whatever the lines do")
    lines: dict[str, Line] = Field(description="who tries whom over what")
    record: list[Entry] = Field(default=[], description="what is known to have happened")
    report: Report = Field(default=Report(), description="what reports show beside the lines")
    sources: dict[str, Source] = Field(default={}, description="documents that numbers and record refer to")
    posterior: Text | None = Field(
        default=None,
        description="a Parquet table in the same folder that replaces the priors: a column for each uncertain number, "
        "named by its path; one row for each block of replications, drawn at random; a number that is given a value in "
        "the place of its prior has that value",
    )


def keys_of(cls: type[BaseModel]) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in cls.model_fields.items() if not field.exclude)


def meaning_of(path: KeyPath, key: str) -> str:
    fields = {field.alias or name: field for name, field in model_at(path).model_fields.items()}
    return fields[key].description or "" if key in fields else "a key that has to be given"


def keys_at(path: KeyPath) -> tuple[str, ...] | None:
    """The keys that the language knows at a path; None where names or a value's own keys stand."""
    cls = _walk(path)
    return keys_of(cls) if isinstance(cls, type) else None


def holds_entries(path: KeyPath) -> bool:
    """Whether the keys at the path are names that the scenario chooses: of lines, parameters, states …"""
    return _walk(path) == "names"


def model_at(path: KeyPath) -> type[BaseModel]:
    """The class of the mapping at a path; one without keys where the language knows none."""
    cls = _walk(path)
    return cls if isinstance(cls, type) else BaseModel


def _walk(path: KeyPath) -> type[BaseModel] | str:
    """What stands at a path: a model, "names" (entries under names of the scenario's choice), or "value"."""
    cls: type[BaseModel] | str = Scenario
    inside: type[BaseModel] | str = "value"
    for part in path:
        if cls == "names":
            cls = inside
        elif isinstance(cls, type):
            fields = {field.alias or name: field for name, field in cls.model_fields.items()}
            if part not in fields:
                return "value" if not isinstance(part, int) else cls
            annotation = fields[str(part)].annotation
            inside = _model_in(annotation) or "value"
            named = get_origin(annotation) in {dict, list} and not _is_leaf(fields[str(part)])
            cls = "names" if named else inside
        else:
            return "value"
    return cls


def _is_leaf(field: FieldInfo) -> bool:
    return any(isinstance(item, PlainValidator) for item in field.metadata)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        inner = _model_in(argument)
        if inner is not None:
            return inner
    return None
