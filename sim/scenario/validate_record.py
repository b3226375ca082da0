"""Validation of the record: its entries by themselves, with each other, and with the scenario."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate

from sim.scenario import calendars, resolved, schema
from sim.scenario import quantities as q
from sim.scenario.errors import KeyPath, Problems, one_of, quoted
from sim.scenario.schema import BAD
from sim.scenario.schema_record import EntryFields, PeriodFields
from sim.scenario.units import duty_text, instant_text
from sim.scenario.validate_names import Names, refer
from sim.scenario.validate_times import check_order, clock_of, moment

KINDS = {
    "contact": (),
    "no_contact_until": (),
    "attempts": ("from", "to", "answered"),
    "state": ("from", "to"),
    "response": ("from", "to", "at"),
}
"""What an entry may say, and the keys that go with it."""
DAY = timedelta(days=1)

Window = tuple[datetime, datetime]


def check(human: schema.ScenarioFields, problems: Problems) -> None:
    """Note entries that are incomplete, outside the clock, or contradict the scenario or each other."""
    if human.record is BAD:
        return
    names = Names(problems)
    silent: dict[str, tuple[int, datetime]] = {}
    contacts: list[tuple[int, str, Window]] = []
    spells: list[tuple[int, str, str, Window]] = []
    for place, entry in enumerate(human.record):
        if entry is BAD:
            continue
        path: KeyPath = ("record", place)
        refer(problems, (*path, "line"), entry.line, "line", names.of("lines"))
        kind = _kind(problems, path, entry)
        if kind is None or not _in_order(problems, path, entry):
            continue
        window = window_of(entry, kind)
        if window is None:
            continue
        _check_clock(human, problems, path, kind, entry, window)
        _check_known(problems, path, kind, entry, window)
        if kind == "contact":
            _check_channel(human, problems, path, entry, window)
            contacts.append((place, entry.line, window))
        elif kind == "no_contact_until" and entry.line is not BAD:
            latest = silent.get(entry.line)
            silent[entry.line] = (
                max(latest, (place, window[1]), key=lambda one: one[1]) if latest else (place, window[1])
            )
        elif kind == "attempts":
            _check_answered(problems, path, entry)
        elif kind == "state" and BAD not in (entry.line, entry.state):
            spells.append((place, entry.line, entry.state or "", window))
    _check_spells(problems, spells)
    _check_single(human, problems, contacts)
    for place, line, (_, end) in contacts:
        if line in silent and end <= silent[line][1]:
            other, until = silent[line]
            message = f"contradicts record.{other}: no contact on {quoted(line)} until {instant_text(until)}"
            problems.add(("record", place, "contact"), message)


def _check_spells(problems: Problems, spells: list[tuple[int, str, str, Window]]) -> None:
    """A line is not open and shut at the same time. Takes n log n steps for n entries."""
    by_line: dict[str, dict[str, list[tuple[int, Window]]]] = {}
    for place, line, state, window in spells:
        by_line.setdefault(line, {}).setdefault(state, []).append((place, window))
    told: set[int] = set()
    for line, states in by_line.items():
        for state, others in (("open", "shut"), ("shut", "open")):
            reach = _Reach(states.get(others, []))
            for place, window in states.get(state, []):
                other = reach.meeting(window)
                if other is None or max(place, other) in told:
                    continue
                late, early, was = (place, other, others) if place > other else (other, place, state)
                told.add(late)
                message = f"contradicts record.{early}: {quoted(line)} was {was} then"
                problems.add(("record", late, "state"), message)


def _later(one: tuple[int, Window], other: tuple[int, Window]) -> tuple[int, Window]:
    return other if other[1][1] > one[1][1] else one


class _Reach:
    """Windows by their start, each with the one that ends last of those so far."""

    def __init__(self, windows: list[tuple[int, Window]]) -> None:
        ordered = sorted(windows, key=lambda one: one[1][0])
        self._starts = [window[0] for _, window in ordered]
        self._last: list[tuple[int, Window]] = list(accumulate(ordered, _later))

    def meeting(self, window: Window) -> int | None:
        """The place of a window that has an instant in common with this one, or None."""
        before = bisect_left(self._starts, window[1])
        if before == 0:
            return None
        place, (_, end) = self._last[before - 1]
        return place if end > window[0] else None


def _check_single(human: schema.ScenarioFields, problems: Problems, contacts: list[tuple[int, str, Window]]) -> None:
    """A line with one request makes one contact, so all that are on record are the same. Linear in them."""
    if human.lines is BAD:
        return
    ends_first: dict[str, tuple[datetime, int]] = {}
    starts_last: dict[str, tuple[datetime, int]] = {}
    for place, name, (start, end) in contacts:
        line = None if name is BAD else human.lines.get(name)
        if line is None or line is BAD or line.triggered_by is not None or line.until is BAD or line.until.horizon:
            continue
        first_end, ended = ends_first.get(name, (end, place))
        last_start, started = starts_last.get(name, (start, place))
        other = ended if start >= first_end else started if last_start >= end else None
        if other is not None and other != place:
            message = f"contradicts record.{other}: {quoted(name)} makes one contact, and it was then"
            problems.add(("record", place, "contact"), message)
        ends_first[name] = (end, place) if end < first_end else (first_end, ended)
        starts_last[name] = (start, place) if start > last_start else (last_start, started)


def window_of(entry: EntryFields, kind: str) -> Window | None:
    """[start, end) of an entry, `start` of one without contact being the earliest date; None where a date is faulty.

    A contact's or response's date is its whole day, and so is the last date of a contact's period. The periods of
    counts, spells and responses end when their last date begins.
    """
    if kind == "contact":
        contact = entry.contact
        if isinstance(contact, PeriodFields):
            first, last = contact.from_, contact.to
            return None if BAD in (first, last) else (first.instant.moment, _end(last))
        return (
            None if contact is BAD or contact is None else (contact.instant.moment, _end(contact, timedelta(seconds=1)))
        )
    if kind == "no_contact_until":
        until = moment(entry.no_contact_until)
        return None if until is None else (datetime.min.replace(tzinfo=until.tzinfo), until)
    if entry.at is not None:
        return None if entry.at is BAD else (entry.at.instant.moment, _end(entry.at, timedelta(seconds=1)))
    start, end = moment(entry.from_), moment(entry.to)
    return None if start is None or end is None else (start, end)


def known_of(entry: EntryFields, window: Window) -> datetime:
    """From when an entry was known: the end of a date's day; unless given, the midnight at or after its end."""
    if entry.known is not None:
        return _end(entry.known)
    midnight = window[1].replace(hour=0, minute=0, second=0)
    return midnight if midnight == window[1] else midnight + DAY


def _end(date: q.Date, length: timedelta = timedelta(0)) -> datetime:
    return date.instant.moment + (DAY if date.instant.whole_day else length)


def _kind(problems: Problems, path: KeyPath, entry: EntryFields) -> str | None:
    """What the entry says, if its keys go together."""
    given = [kind for kind in KINDS if getattr(entry, kind) is not None]
    keys = [field.alias or name for name, field in EntryFields.model_fields.items()]
    if problems.misspelt(path, keys):
        return None
    if not given and entry.answered is not None:
        problems.add(path, "missing key 'attempts' (how many attempts were made in the period)", at_key=True)
        return None
    if not given:
        problems.add(path, f"says nothing; expected one of {one_of([quoted(kind) for kind in KINDS])}", at_key=True)
        return None
    if len(given) > 1:
        message = f"both {quoted(given[0])} and {quoted(given[1])} are given; expected one (write two entries)"
        problems.add((*path, given[1]), message, at_key=True)
        return None
    kind = given[0]
    fits = True
    for key in ("from", "to", "at", "answered"):
        written = getattr(entry, "from_" if key == "from" else key) is not None
        if written and key not in KINDS[kind]:
            problems.add((*path, key), f"{quoted(key)} does not go with {quoted(kind)}", at_key=True)
            fits = False
    if not fits or kind in {"contact", "no_contact_until"}:
        return kind if fits else None
    if entry.at is not None:
        if entry.from_ is not None or entry.to is not None:
            problems.add((*path, "at"), "both 'at' and a period are given; expected one", at_key=True)
            return None
        return kind
    missing = [key for key, date in (("from", entry.from_), ("to", entry.to)) if date is None]
    if missing:
        meaning = "first second of the period" if missing[0] == "from" else "end of the period"
        problems.add(path, f"missing key {quoted(missing[0])} ({meaning})", at_key=True)
        return None
    return kind


def _in_order(problems: Problems, path: KeyPath, entry: EntryFields) -> bool:
    contact = entry.contact
    if isinstance(contact, PeriodFields) and BAD not in (contact.from_, contact.to):
        if contact.from_.instant.moment < _end(contact.to):
            return True
        return check_order(problems, (*path, "contact"), ("from", contact.from_), ("to", contact.to))
    return check_order(problems, path, ("from", entry.from_), ("to", entry.to))


def _check_clock(
    human: schema.ScenarioFields,
    problems: Problems,
    path: KeyPath,
    kind: str,
    entry: EntryFields,
    window: Window,
) -> None:
    clock = clock_of(human)
    if clock is None:
        return
    start, end = window
    span = f"{instant_text(clock[0])} to {instant_text(clock[1])}"
    if kind == "no_contact_until":
        if not clock[0] < end <= clock[1]:
            problems.add((*path, kind), f"{instant_text(end)} is outside the clock ({span})")
        return
    period = isinstance(entry.contact, PeriodFields) or entry.from_ is not None
    inside = (clock[0] <= start and end <= clock[1]) if period else (start < clock[1] and clock[0] < end)
    if not inside:
        place = kind if kind == "contact" else "at" if entry.at is not None else "to" if clock[0] <= start else "from"
        problems.add((*path, place), f"{instant_text(start)} to {instant_text(end)} is outside the clock ({span})")


def _check_known(problems: Problems, path: KeyPath, kind: str, entry: EntryFields, window: Window) -> None:
    if entry.known is None or entry.known is BAD:
        return
    known = known_of(entry, window)
    # A contact may be told while its whole day still runs; a count, a spell or a silence only when it is over.
    happened = window[0] if kind in {"contact", "response"} else window[1]
    if known < happened or (known == happened and kind == "contact"):
        problems.add((*path, "known"), f"known on {instant_text(entry.known.instant.moment)}, before it happened")


def _check_channel(
    human: schema.ScenarioFields, problems: Problems, path: KeyPath, entry: EntryFields, window: Window
) -> None:
    line = None if human.lines is BAD or entry.line is BAD else human.lines.get(entry.line)
    if line is None or line is BAD or line.channel is BAD or human.channels is BAD:
        return
    channel = human.channels.get(line.channel)
    if channel is None or channel is BAD:
        return
    start, end = window
    opens, closes = moment(channel.opens), moment(channel.closes)
    where = (*path, "contact")
    if opens is not None and end <= opens:
        problems.add(where, f"contact before channel {quoted(line.channel)} opens ({instant_text(opens)})")
    elif closes is not None and start >= closes:
        problems.add(where, f"contact after channel {quoted(line.channel)} closes ({instant_text(closes)})")
    for outage in channel.outages if channel.outages is not BAD else ():
        if outage is BAD or BAD in (outage.from_, outage.to):
            continue
        if outage.from_.instant.moment <= start and end <= outage.to.instant.moment:
            problems.add(where, f"contact while channel {quoted(line.channel)} is out")


def _check_answered(problems: Problems, path: KeyPath, entry: EntryFields) -> None:
    if entry.answered is None or BAD in (entry.answered, entry.attempts):
        return
    assert entry.attempts is not None
    answered, most = entry.answered.ends, entry.attempts.ends[1]
    if isinstance(answered, tuple) and answered[1] > int(most):
        message = f"{answered[1]} answered of {most} attempts at most"
        problems.add((*path, "answered"), message)


def impossible_entries(scenario: resolved.Scenario) -> Iterator[tuple[int, str]]:
    """Entries that the scenario cannot bring about whatever is drawn, by their place, each with the cause in words.

    Counts are compared with the caller's duty, contacts with the callee's, both with the channel and with the beginning
    of the line. What depends on other lines, on gates or on events is not looked at.
    """
    officials = {one.name: one for one in scenario.officials}
    channels = {one.name: one for one in scenario.channels}
    lines = {line.name: line for line in scenario.lines}

    @cache
    def duty(name: str) -> calendars.Windows:
        official = officials[name]
        return calendars.duty_windows(official, scenario.zone_of(official), scenario.start, scenario.horizon)

    @cache
    def open_(name: str) -> calendars.Windows:
        return calendars.channel_windows(channels[name], scenario.horizon)

    for place, entry in enumerate(scenario.record):
        line = lines[entry.line]
        tries = entry.kind == "count" and entry.attempts is not None and entry.attempts[0] > 0
        if not tries and entry.kind != "contact":
            continue
        period = ((entry.start, entry.end),)
        who, role = (line.caller, "caller") if tries else (line.callee, "callee")
        what = "no attempt can be made" if tries else "no contact can be made"
        if line.starts is not None and line.starts.after is None and entry.end <= line.starts.second:
            yield place, f"{what} before the line starts"
        elif not calendars.both(open_(line.channel), period):
            yield place, f"{what} then: channel {quoted(line.channel)} is not open"
        elif not calendars.both(duty(who), period):
            yield place, f"{what} then: the {role}, {quoted(who)}, is not on duty ({_duty_in_words(officials[who])})"
        elif not calendars.both(calendars.both(duty(who), open_(line.channel)), period):
            yield place, f"{what} then: channel {quoted(line.channel)} is not open while {quoted(who)} is on duty"
        elif line.answer == 0.0 and (not tries or (entry.answered is not None and entry.answered[0] > 0)):
            yield place, "the line's 'answer' is 0, so that nothing is ever answered"


def _duty_in_words(official: resolved.Official) -> str:
    hours = [duty_text(window) for window in official.duty or ()] or ["always"]
    return ", ".join(hours) + (", except on holidays" if official.holidays else "")
