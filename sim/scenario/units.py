"""Durations, dates and duty hours as they are written, and back."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files

from sim.scenario.errors import blank_hint, did_you_mean, fault, found, nearest, one_of, quoted
from sim.scenario.resolved import DutyWindow

SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
LONGEST_SECONDS = 1e12
"""Some thirty thousand years: longer than any clock, and far inside 64 bits."""
FIRST_YEAR, LAST_YEAR = 1900, 2200
EARLIEST, LATEST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
"""The end of the last year is itself an instant that a resolved scenario may have."""
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_DURATION = re.compile(r"([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?) ?([A-Za-zµ]+)", re.ASCII)
_BARE = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?(?: ?(Z|[+-]\d{2}:?\d{2}))?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})", re.ASCII)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])0?(\d{1,2})(?::?00)?", re.ASCII)
LONGEST_ABBREVIATION = 4
"""Letters; what is as short is no misspelt name but an abbreviation."""
_EXAMPLE = "write a duration such as '30 min', '6 h' or '3 d'"
_EXAMPLE_DATE = "expected a date such as 2022-02-24 or 2022-02-24T03:00:00Z"


@dataclass(frozen=True)
class Instant:
    """A date as written. `moment` is in UTC; `whole_day` where no time of day was given."""

    moment: datetime
    whole_day: bool


def seconds_of(value: object) -> float:
    """A written duration in seconds, not negative and finite. Raises Faults."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise fault(f"expected a duration such as '30 min', '6 h' or '3 d', found {found(value)}")
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise fault(f"{found(value)} is not finite; {_EXAMPLE}")
        raise fault(f"{found(value)} has no unit; {_EXAMPLE}")
    text = value.strip()
    if _BARE.fullmatch(text):
        raise fault(f"{quoted(text)} has no unit; {_EXAMPLE}")
    match = _DURATION.fullmatch(text)
    if match is None or len(text) > 60:
        raise fault(f"{quoted(value)} is no duration{blank_hint(text) or '; ' + _EXAMPLE}")
    number, unit = match.groups()
    if unit not in SECONDS:
        raise fault(f"{quoted(unit)} is no unit of time in {quoted(value)}; the units are s, min, h, d and w")
    seconds = float(Decimal(number) * SECONDS[unit]) + 0.0  # no negative zero
    if seconds < 0:
        raise fault(f"{quoted(value)} is negative; a duration is at least 0 s")
    if not seconds <= LONGEST_SECONDS:
        raise fault(f"{quoted(value)} is too long; at most {LONGEST_SECONDS:g} s are read")
    return seconds


def duration_text(seconds: float) -> str:
    """The shortest exact way to write it: the largest unit of which it is a whole multiple; read back as equal."""
    if seconds == 0 or not float(seconds).is_integer():
        return "0 s" if seconds == 0 else f"{seconds!r} s"
    whole = int(seconds)
    unit, size = max(((u, s) for u, s in SECONDS.items() if u != "w" and whole % s == 0), key=lambda pair: pair[1])
    return f"{whole // size} {unit}"


def instant_of(value: object) -> Instant:
    """A written date, or date and time; without a zone it is UTC. Raises Faults."""
    if not isinstance(value, str):
        raise fault(f"{found(value)} is no date; {_EXAMPLE_DATE}")
    text = value.strip()
    if _DATE.fullmatch(text):
        first = _moment(text, 0, 0, 0, "Z", value)
        if first == LATEST:
            raise fault(f"{quoted(value)} is out of range; dates lie in the years {FIRST_YEAR} to {LAST_YEAR}")
        return Instant(first, whole_day=True)
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise fault(f"{quoted(value)} is no date{blank_hint(text) or '; ' + _EXAMPLE_DATE}")
    day, hour, minute, second, zone = match.groups()
    return Instant(_moment(day, int(hour), int(minute), int(second or 0), zone or "Z", value), whole_day=False)


def _moment(day: str, hour: int, minute: int, second: int, zone: str, written: str) -> datetime:
    offset = timedelta(0)
    if zone != "Z":
        hours, minutes = int(zone[1:3]), int(zone[-2:])
        if hours > 14 or minutes > 59:
            raise fault(f"{quoted(written)} is no date: the offset {zone} does not exist")
        offset = (-1 if zone[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes)
    try:
        local = datetime(int(day[:4]), int(day[5:7]), int(day[8:10]), hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise fault(f"{quoted(written)} is no date ({error})") from None
    if not FIRST_YEAR <= local.year <= LAST_YEAR + 1 or not EARLIEST <= local - offset <= LATEST:
        in_utc = f", {instant_text(local - offset)} in UTC," if offset else ""
        message = f"{quoted(written)}{in_utc} is out of range; dates lie in the years {FIRST_YEAR} to {LAST_YEAR}"
        raise fault(message)
    return local - offset


def instant_text(moment: datetime) -> str:
    """A moment of UTC as it is written in the resolved file."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def day_of(value: object) -> date:
    """A calendar day, no time of day. Raises Faults."""
    instant = instant_of(value)
    if not instant.whole_day:
        raise fault(f"{found(value)} has a time of day; expected a date such as 2022-05-09")
    return instant.moment.date()


def duty_of(value: object) -> tuple[DutyWindow, ...] | None:
    """Duty hours: one text or a list of them; None for ``always``. Raises Faults."""
    if value == "always":
        return None
    if isinstance(value, str):
        return (_window(value),)
    if not isinstance(value, list):
        raise fault(f"expected duty hours such as 'Mon-Fri 08:00-19:00', or 'always', found {found(value)}")
    if not value:
        raise fault("an empty list of duty hours; an official who is never on duty cannot be reached")
    windows = []
    for place, text in enumerate(value):
        if not isinstance(text, str) or text == "always":
            raise fault(f"expected duty hours such as 'Mon-Fri 08:00-19:00', found {found(text)}", place)
        try:
            windows.append(_window(text))
        except ValueError as error:
            raise fault(str(error), place) from None
    return tuple(windows)


def _window(text: str) -> DutyWindow:
    days, _, hours = " ".join(text.split()).partition(" ")
    match = _CLOCK.fullmatch(hours.replace(" ", "").replace("–", "-"))
    if match is None:
        raise fault(f"{quoted(text)} is no duty window; expected DAYS HH:MM-HH:MM, such as 'Mon-Fri 08:00-19:00'")
    first_hour, first_minute, last_hour, last_minute = (int(part) for part in match.groups())
    start, end = 60 * first_hour + first_minute, 60 * last_hour + last_minute
    if first_minute > 59 or last_minute > 59 or start >= 1440 or end > 1440:
        raise fault(f"{quoted(text)} is no duty window: times of day go from 00:00 to 24:00 (24:00 only as the end)")
    if start == end:
        raise fault(f"{quoted(text)} is a duty window of no length; for the whole day write 00:00-24:00")
    return DutyWindow(_days(days, text), start, end if end > start else end + 1440)


def _days(text: str, whole: str) -> tuple[int, ...]:
    if text == "daily":
        return tuple(range(7))
    days: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        ends = [first, last] if dash else [first, first]
        for day in ends:
            if day not in DAYS:
                raise fault(f"{quoted(day)} is no day in {quoted(whole)}; the days are {', '.join(DAYS)}, or 'daily'")
        low, high = DAYS.index(ends[0]), DAYS.index(ends[1])
        # Fri-Mon runs over the week's end.
        days.update(day % 7 for day in range(low, (high if high >= low else high + 7) + 1))
    return tuple(sorted(days))


def duty_text(window: DutyWindow) -> str:
    """A duty window as it is written in the resolved file; `duty_of` reads it back."""
    end = window.end if window.end <= 1440 else window.end - 1440
    days = ",".join(DAYS[day] for day in window.days)
    return f"{days} {window.start // 60:02d}:{window.start % 60:02d}-{end // 60:02d}:{end % 60:02d}"


@cache
def zone_names() -> frozenset[str]:
    """Every IANA name that tzdata knows."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


ZONES_MEANT = {
    "Asia/Seoul": ("KST",),
    "Asia/Tokyo": ("JST",),
    "Asia/Shanghai": ("CST", "Beijing", "Peking"),
    "America/Chicago": ("CST", "CDT"),
    "America/New_York": ("EDT", "ET", "Washington", "Washington, D.C.", "Washington DC"),
    "America/Denver": ("MDT",),
    "America/Los_Angeles": ("PST", "PDT"),
    "Europe/Moscow": ("MSK", "St Petersburg", "Saint Petersburg"),
    "Europe/London": ("BST",),
    "Europe/Berlin": ("CEST", "Bonn"),
    "Europe/Kyiv": ("EEST",),
    "Europe/Istanbul": ("TRT", "Ankara"),
    "Europe/Zurich": ("Bern", "Geneva"),
    "Asia/Jerusalem": ("IST", "IDT", "Tel Aviv"),
    "Asia/Kolkata": ("IST", "Delhi", "New Delhi", "Mumbai"),
    "Asia/Karachi": ("PKT", "Islamabad"),
    "Asia/Tehran": ("IRST",),
    "Asia/Hong_Kong": ("HKT",),
    "Asia/Singapore": ("SGT",),
    "Asia/Ho_Chi_Minh": ("Hanoi",),
    "Australia/Sydney": ("AEST", "AEDT", "Canberra"),
    "America/Toronto": ("Ottawa",),
    "America/Sao_Paulo": ("Brasilia",),
    "Africa/Johannesburg": ("SAST", "Pretoria"),
}
"""Abbreviations, of which several zones may have the same, and capitals that name no zone."""


def timezone_of(value: object) -> str:
    """The name of a zone. Raises Faults."""
    if not isinstance(value, str):
        raise fault(f"expected a time zone such as Europe/Moscow, found {found(value)}")
    if value not in zone_names():
        raise fault(
            f"{quoted(value)} is no time zone{_zone_hint(value) or '; expected an IANA name such as Europe/Moscow'}"
        )
    return value


def _zone_hint(value: str) -> str:
    """``; did you mean 'Asia/Seoul'?`` for an abbreviation, a city, an offset or a slip."""
    folded = value.strip().casefold()
    meant = [zone for zone, names in ZONES_MEANT.items() if folded in map(str.casefold, names)]
    if meant:
        return f"; did you mean {one_of([quoted(zone) for zone in meant])}?"
    if offset := _OFFSET.fullmatch(value.strip()):
        turned = f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}"
        if turned in zone_names():
            return f"; did you mean {quoted(turned)}? (in these names the sign is turned round)"
    cities = {zone.rpartition("/")[2].casefold(): zone for zone in sorted(zone_names(), key=_links_first)}
    city = folded.replace(" ", "_")
    if city not in cities and len(city) <= LONGEST_ABBREVIATION:
        return ""
    near = nearest(city, tuple(cities))
    return f"; did you mean {quoted(cities[near])}?" if near else did_you_mean(value, sorted(zone_names()))


def _links_first(zone: str) -> tuple[int, str]:
    """Zones of a region last, so that of two with one name the one of a region counts."""
    return zone.count("/"), zone
