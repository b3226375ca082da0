"""Numbers, times and free text as a person reads them. English whatever the locale; no markup of any kind."""

from __future__ import annotations

import math
import re
import textwrap
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY = 86_400


class Unit(NamedTuple):
    """A unit of time: its sign after a number, its name in the plural, and its length in seconds."""

    sign: str
    plural: str
    seconds: int


UNITS = (Unit("s", "seconds", 1), Unit("min", "minutes", 60), Unit("h", "hours", 3600), Unit("d", "days", DAY))


def unit_for(seconds: float) -> Unit:
    """The largest unit of which `seconds` holds at least two, else seconds."""
    chosen = UNITS[0]
    for unit in UNITS:
        if seconds >= 2 * unit.seconds:
            chosen = unit
    return chosen


def decimal(value: float) -> str:
    """At most three significant digits below 100, and whole from there on: ``4``, ``4.25``, ``26.4``, ``1,250``."""
    if abs(value) >= 99.95:
        return f"{value:,.0f}"
    digits = 1 if abs(value) >= 9.995 else 2
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".")


def duration(seconds: float | None) -> str:
    """``45 s``, ``4.2 min``, ``26.4 d``; None is ``not reached``.

    Raises ValueError for NaN, infinity and negative numbers.
    """
    if seconds is None:
        return "not reached"
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ValueError(f"{seconds} is no duration")
    unit = next((unit for unit in UNITS if unit.seconds == seconds), unit_for(seconds))
    return f"{decimal(seconds / unit.seconds)} {unit.sign}"


def count(value: int) -> str:
    """``10,000``."""
    return f"{value:,}"


def several(value: int, noun: str, plural: str = "") -> str:
    """``1 attempt``, ``2 attempts``; `plural` where it is not the noun with an s."""
    return f"{count(value)} {noun if value == 1 else plural or noun + 's'}"


def share(probability: float, digits: int = 1) -> str:
    """A proportion in per cent; ``0 %`` and ``100 %`` only where it is exactly none or all.

    Raises ValueError outside [0, 1].
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"{probability} is no proportion")
    if probability in (0, 1):
        return f"{probability * 100:.0f} %"
    least = 10.0**-digits
    percent = probability * 100
    if percent < least / 2:
        return f"<{least / 2:g} %"
    if percent > 100 - least / 2:
        return f">{100 - least / 2:g} %"
    return f"{percent:.{digits}f} %"


def points(fraction: float) -> str:
    """A spread of proportions, in percentage points: ``21.4 points``."""
    return f"{decimal(fraction * 100)} points"


def spread(between: float, least: float, words: Callable[[float], str] = points) -> str:
    """A spread as far as it shows: ``±21.4 points``, ``under ±0.3 points`` where one of `least` would, or ``none``."""
    if between > least:
        return f"±{words(between)}"
    return f"under ±{words(least)}" if least else "none"


def share_interval(low: float, high: float, digits: int = 1) -> str:
    """The two ends of an interval of proportions, in per cent, without the sign: ``80.4–82.0``."""
    ends = (f"{end * 100:.0f}" if end in (0, 1) else f"{end * 100:.{digits}f}" for end in (low, high))
    return "–".join(ends)


def day(moment: datetime) -> str:
    """``22 Mar 2022``."""
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def clock(moment: datetime) -> str:
    """``14:05``, or ``14:05:07`` where the seconds are not zero."""
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def weekday(moment: datetime) -> str:
    """``Sat``."""
    return WEEKDAYS[moment.weekday()]


def date_after(start: datetime, seconds: int, horizon: int) -> str:
    """The date `seconds` after `start`, with the time of day (UTC) where the whole clock is under three days."""
    moment = start + timedelta(seconds=seconds)
    return f"{day(moment)} {clock(moment)}" if horizon < 3 * DAY else day(moment)


def plain(text: str) -> str:
    """One line without control, format, surrogate or private characters; white space becomes single blanks."""
    kept = ("".join(" " if c.isspace() else c for c in text)).split(" ")
    words = ("".join(c for c in word if not unicodedata.category(c).startswith("C")) for word in kept)
    return " ".join(word for word in words if word)


def in_quotes(text: str) -> str:
    """``“daily calls”``: a name that somebody gave, plain, for sentences that it might be read as a part of."""
    return f"“{plain(text)}”"


def listing(items: Sequence[str], joint: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {joint} {items[-1]}"


def in_lines(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` characters, broken at spaces; a word too long for a line is broken after
    hyphens, and one that has none where the line ends. No line where there is no text."""
    parts = [part for word in text.split() for part in _hyphened(word, width)]
    return textwrap.wrap(" ".join(parts), width, break_on_hyphens=False)


def _hyphened(word: str, width: int) -> list[str]:
    """A word, or parts of it of which no two neighbours have room in a line."""
    if len(word) <= width:
        return [word]
    parts = [""]
    for syllable in re.findall("[^-]*-|[^-]+", word):
        if parts[-1] and len(parts[-1]) + len(syllable) > width:
            parts.append("")
        parts[-1] += syllable
    return parts
