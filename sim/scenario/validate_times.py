"""Validation of dates: their order, and their place in the clock."""

from __future__ import annotations

from datetime import datetime

from sim.scenario import quantities as q
from sim.scenario import schema
from sim.scenario.errors import KeyPath, Problems, found
from sim.scenario.schema import BAD
from sim.scenario.units import instant_text
from sim.scenario.validate_names import present


def moment(date: q.Date | None) -> datetime | None:
    """The instant of a date that could be read."""
    return None if date is None or date is BAD else date.instant.moment


def clock_of(human: schema.ScenarioFields) -> tuple[datetime, datetime] | None:
    """Start and end, if both could be read and are in order."""
    if human.clock is BAD:
        return None
    start, end = moment(human.clock.start), moment(human.clock.end)
    return (start, end) if start is not None and end is not None and start < end else None


def check(human: schema.ScenarioFields, problems: Problems) -> None:
    """Note dates out of order."""
    if human.clock is not BAD:
        check_order(problems, ("clock",), ("start", human.clock.start), ("end", human.clock.end))
    for name, channel in present(human.channels):
        path: KeyPath = ("channels", name)
        check_order(problems, path, ("opens", channel.opens), ("closes", channel.closes))
        for place, outage in enumerate(channel.outages if channel.outages is not BAD else ()):
            if outage is not BAD:
                check_order(problems, (*path, "outages", place), ("from", outage.from_), ("to", outage.to))
    clock = clock_of(human)
    for name, event in present(human.events):
        _check_event(problems, ("events", name), event, clock)
    for name, line in present(human.lines):
        if line.starts is not None and line.starts is not BAD:
            check_in_clock(problems, ("lines", name, "starts", "at"), line.starts.at, clock)


def check_order(
    problems: Problems, path: KeyPath, first: tuple[str, q.Date | None], last: tuple[str, q.Date | None]
) -> bool:
    """Whether one date is before another; if it is not, that is noted at the later key."""
    start, end = moment(first[1]), moment(last[1])
    if start is None or end is None or start < end:
        return True
    message = f"{instant_text(end)} is not after {first[0]!r} ({instant_text(start)})"
    problems.add((*path, last[0]), message)
    return False


def check_in_clock(
    problems: Problems, path: KeyPath, date: q.Date | None, clock: tuple[datetime, datetime] | None
) -> None:
    """Refuse a date before the clock, warn about one after it."""
    instant = moment(date)
    if instant is None or clock is None:
        return
    if instant < clock[0]:
        problems.add(path, f"{instant_text(instant)} is before clock.start ({instant_text(clock[0])})")
    elif instant >= clock[1]:
        problems.warn(
            path, f"{instant_text(instant)} is not before clock.end ({instant_text(clock[1])}): it never comes"
        )


def _check_event(
    problems: Problems, path: KeyPath, event: schema.EventFields, clock: tuple[datetime, datetime] | None
) -> None:
    if event.at is None and event.every is None and not problems.misspelt(path, schema.EventFields.model_fields):
        problems.add(path, "missing key 'at' or 'every' (when the event happens)", at_key=True)
    if event.at is not None and event.every is not None:
        problems.add((*path, "every"), "both 'at' and 'every' are given; expected one", at_key=True)
    elif event.every is None and event.at is not None and event.starts is not None:
        problems.add((*path, "starts"), "'starts' goes with 'every', not with 'at'", at_key=True)
    if event.at is not None and event.at is not BAD:
        if not event.at:
            problems.add((*path, "at"), f"expected at least one date, found {found(())} of none")
        for place, when in enumerate(event.at):
            if when is not BAD:
                check_in_clock(problems, (*path, "at", place, "date"), when.date, clock)
    check_in_clock(problems, (*path, "starts"), event.starts, clock)
