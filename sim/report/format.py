"""Numbers, times and free text as a person reads them. English whatever the locale; no markup of any kind.

Numbers that belong together, such as an estimate and the ends of its interval, are printed by a `Measure`: all in one
unit, which is named once. No measured number has more than four significant digits.
"""

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
MINUS = "\N{MINUS SIGN}"
NOTHING = "–"
"""Stands in a table for a number that there is not."""

NOT_REACHED = "not reached"
"""Stands for a quantile that lies past the horizon."""


class Unit(NamedTuple):
    """A unit of time: its sign after a number, its name in the plural, and its length in seconds."""

    sign: str
    plural: str
    seconds: int


UNITS = (Unit("s", "seconds", 1), Unit("min", "minutes", 60), Unit("h", "hours", 3600), Unit("d", "days", DAY))


def unit_for(seconds: float) -> Unit:
    """Return the unit in which a duration is printed: one of exactly its length, else the largest of which it holds at
    least two, else seconds."""
    exact = next((unit for unit in UNITS if unit.seconds == seconds), None)
    return exact or next((unit for unit in reversed(UNITS) if seconds >= 2 * unit.seconds), UNITS[0])


def decimal(value: float) -> str:
    """At most three significant digits below 100, whole below 10,000, four digits from there on: ``4``, ``4.25``,
    ``26.4``, ``1,250``, ``12,340``."""
    size = abs(value)
    if size >= 9999.5:
        return f"{float(f'{value:.4g}'):,.0f}"
    if size >= 99.95:
        return f"{value:,.0f}"
    return f"{value:.{1 if size >= 9.995 else 2}f}".rstrip("0").rstrip(".")


def duration(seconds: float | None) -> str:
    """``45 s``, ``4.2 min``, ``26.4 d``; None is ``not reached``.

    Raises ValueError for NaN, infinity and negative numbers.
    """
    if seconds is None:
        return NOT_REACHED
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ValueError(f"{seconds} is no duration")
    unit = unit_for(seconds)
    return f"{decimal(seconds / unit.seconds)} {unit.sign}"


def count(value: int) -> str:
    """``10,000``."""
    return f"{value:,}"


def several(value: int, noun: str, plural: str = "") -> str:
    """``1 attempt``, ``2 attempts``; `plural` where it is not the noun with an s."""
    return f"{count(value)} {noun if value == 1 else plural or noun + 's'}"


def share(probability: float, digits: int = 1) -> str:
    """A proportion in per cent; ``0 %`` and ``100 %`` only where it is exactly none or all; a small one with two
    significant digits: ``0.00010 %``.

    Raises ValueError outside [0, 1].
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"{probability} is no proportion")
    least = 10.0**-digits / 2
    if 1 > probability > 1 - least / 100:
        return f">{100 - least:g} %"
    return f"{_percent(probability, digits)} %"


def _percent(probability: float, digits: int = 1) -> str:
    percent = probability * 100
    if probability in (0, 1):
        return f"{percent:.0f}"
    if percent < 10.0**-digits:
        digits = 1 - math.floor(math.log10(percent))
        return f"{percent:.{digits}f}" if digits <= 9 else f"{percent:.1e}"
    return f"{percent:.{digits}f}"


def share_interval(low: float, high: float, digits: int = 1) -> str:
    """The two ends of an interval of proportions, in per cent, without the sign: ``80.4–82.0``."""
    return f"{_percent(low, digits)}–{_percent(high, digits)}"


def points(fraction: float) -> str:
    """A spread of proportions: ``21.4 percentage points``."""
    return f"{decimal(fraction * 100)} percentage points"


def spread(between: float, least: float, words: Callable[[float], str] = points) -> str:
    """A spread as far as it shows: ``±21.4 …``, ``under ±0.3 …`` where one of `least` would show, or ``none``."""
    if between > least:
        return f"±{words(between)}"
    return f"under ±{words(least)}" if least else "none"


Measure = Callable[[Sequence[float]], tuple[list[str], str]]
"""Texts of numbers that belong together, without their unit, and the unit. The first number is the estimate."""


def waits(seconds: Sequence[float]) -> tuple[list[str], str]:
    """Durations in the unit of the first, or of the longest where the first is none."""
    unit = unit_for(seconds[0] if seconds[0] > 0 else max(seconds))
    return [decimal(one / unit.seconds) for one in seconds], unit.sign


def shares(proportions: Sequence[float]) -> tuple[list[str], str]:
    """Proportions in per cent."""
    first, *ends = (min(1.0, max(0.0, one)) for one in proportions)
    return [share(first).removesuffix(" %"), *map(_percent, ends)], "%"


def numbers(values: Sequence[float]) -> tuple[list[str], str]:
    """Numbers without a unit."""
    return [decimal(one) for one in values], ""


def wait_changes(seconds: Sequence[float]) -> tuple[list[str], str]:
    """Differences of durations with their signs, in the unit of the largest."""
    unit = unit_for(max(map(abs, seconds)))
    return [signed(one / unit.seconds) for one in seconds], unit.sign


def share_changes(proportions: Sequence[float]) -> tuple[list[str], str]:
    """Differences of proportions with their signs, in percentage points."""
    return [signed(one * 100) for one in proportions], "points"


def point_sizes(proportions: Sequence[float]) -> tuple[list[str], str]:
    """Differences of proportions without their signs, for a sentence that says the direction."""
    return [decimal(one * 100) for one in proportions], "percentage points"


def number_changes(values: Sequence[float]) -> tuple[list[str], str]:
    """Differences of numbers with their signs."""
    return [signed(one) for one in values], ""


def signed(number: float) -> str:
    """``+4.2``, ``−0.31``; ``0`` for what rounds to it."""
    shown = decimal(abs(number))
    return shown if shown == "0" else f"{'+' if number > 0 else MINUS}{shown}"


def signed_duration(seconds: float) -> str:
    """``−2.5 h``."""
    return f"{'+' if seconds > 0 else MINUS if seconds < 0 else ''}{duration(abs(seconds))}"


class Cell(NamedTuple):
    """A cell of a table: a number or words; its interval; and what is noted of it, such as a p-value."""

    text: str
    interval: str = ""
    note: str = ""

    def __str__(self) -> str:
        return f"{self.text} [{self.interval}]" if self.interval else self.text


def measured(
    measure: Measure, estimate: float | None, low: float | None, high: float | None, joint: str = "–", note: str = ""
) -> Cell:
    """An estimate with its interval, in one unit: ``26.4 d [25.9–27]``. An end that is not known is ``…``."""
    if estimate is None:
        if low is None:
            return Cell(NOT_REACHED, "", note)
        texts, unit = measure([low])
        return Cell(NOT_REACHED, f"{texts[0]} {unit}".rstrip() + "–…", note)
    known = [end for end in (low, high) if end is not None]
    (first, *rest), unit = measure([estimate, *known])
    told = iter(rest)
    ends = joint.join("…" if end is None else next(told) for end in (low, high)) if known else ""
    return Cell(f"{first} {unit}".rstrip(), ends, note)


def day(moment: datetime) -> str:
    """``22 Mar 2022``."""
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def clock(moment: datetime) -> str:
    """``14:05``, or ``14:05:07`` where the seconds are not zero."""
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def day_and_clock(moment: datetime) -> str:
    """``22 Mar 2022 14:05``."""
    return f"{day(moment)} {clock(moment)}"


def weekday(moment: datetime) -> str:
    """``Sat``."""
    return WEEKDAYS[moment.weekday()]


def date_after(start: datetime, seconds: int, horizon: int) -> str:
    """The date `seconds` after `start`, with the time of day (UTC) where the whole clock is under three days."""
    moment = start + timedelta(seconds=seconds)
    return day_and_clock(moment) if horizon < 3 * DAY else day(moment)


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


def capital(words: str) -> str:
    """The words as a sentence begins with them."""
    return words[:1].upper() + words[1:]


def in_lines(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` characters, broken at spaces; a word too long for a line is broken after
    hyphens and dots, and one that has none where the line ends. No line where there is no text."""
    parts = [part for word in text.split() for part in _hyphened(word, width)]
    return textwrap.wrap(" ".join(parts), width, break_on_hyphens=False)


def _hyphened(word: str, width: int) -> list[str]:
    """A word, or parts of it of which no two neighbours have room in a line."""
    if len(word) <= width:
        return [word]
    parts = [""]
    for syllable in re.findall("[^-.]*[-.]|[^-.]+", word):
        if parts[-1] and len(parts[-1]) + len(syllable) > width:
            parts.append("")
        parts[-1] += syllable
    return parts
