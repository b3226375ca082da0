"""The human model of the record and its sources: what is known to have happened, an entry for each statement."""

from __future__ import annotations

from typing import Annotated, Any

from sim.scenario import fields
from sim.scenario import quantities as q
from sim.scenario.fields import DateValue, Model, Name, Observed, Text, key


class PeriodFields(Model):
    """A time from one date to another."""

    from_: DateValue = key("first second of the period", "2022-05-12", alias="from")
    to: DateValue = key("end of the period; a date is its whole day", "2022-05-14")


def _day_or_period(value: object) -> Any:
    if isinstance(value, dict) and ("from" in value or "to" in value):
        return PeriodFields.model_validate(value)
    return q.date_of(value)


class EntryFields(Model):
    """What is known to have happened on a line."""

    line: Name = key("the line", "austin-shoigu")
    contact: Annotated[q.Date | PeriodFields, fields.leaf(_day_or_period), fields.schema("DayOrPeriod")] | None = key(
        "when contact was made: a date (its whole UTC day), a date and time, or {from: …, to: …}",
        "2022-05-13",
        otherwise="this entry is no contact",
        default=None,
    )
    no_contact_until: DateValue | None = key(
        "no contact was made before this instant", "2022-05-13", otherwise="this entry is no silence", default=None
    )
    from_: DateValue | None = key(
        "first second of the period of a count, spell or response",
        "2022-03-01",
        otherwise="the entry has no period",
        default=None,
        alias="from",
    )
    to: DateValue | None = key(
        "end of the period, itself not part of it", "2022-04-01", otherwise="the entry has no period", default=None
    )
    at: DateValue | None = key(
        "when the attempt of a response was made",
        "2022-03-16 09:00",
        otherwise="the attempt lies in the period",
        default=None,
    )
    attempts: fields.Attempts | None = key(
        "how many attempts were made in the period: n or {min: …, max: …}",
        "{min: 31, max: 62}",
        otherwise="this entry is no count",
        default=None,
    )
    answered: fields.Answered | None = key(
        "how many of them were answered: all, none, n or {min: …, max: …}", "all", otherwise="not known", default=None
    )
    state: fields.SpellState | None = key(
        "whether the line was open or shut over the period", "shut", otherwise="this entry is no spell", default=None
    )
    response: Observed | None = key(
        "how long an attempt of the period took to its contact",
        "18 h",
        otherwise="this entry is no response",
        default=None,
    )
    known: DateValue | None = key(
        "from when this was known",
        "2022-05-13",
        otherwise="the end of the entry's own day",
        default=None,
    )
    source: Text = key("where this is stated", "briefing", otherwise="empty", default="")
    why: Text = key("a remark", "the day is on record, the hour is not", otherwise="empty", default="")


class SourceFields(Model):
    """A document that numbers and record refer to."""

    title: Text = key("its title", "Summary of the ministers' call", otherwise="empty", default="")
    date: fields.SourceDate = key("its date: a day, a month or a year", "2022-05-13", otherwise="empty", default="")
    url: Text = key("where it is found", "https://example.org/readout", otherwise="empty", default="")
    note: Text = key("a remark", "a transcript", otherwise="empty", default="")
