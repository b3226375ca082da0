"""Values to try: ``PATH=lo:hi:n``, ``PATH=lo:hi:n:log`` or ``PATH=a,b,c``.

A range is of numbers, durations or dates; a list is of anything that ``--set`` takes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sim.runs.errors import RunRefused
from sim.scenario.errors import Faults, quoted
from sim.scenario.units import duration_text, instant_of, instant_text, seconds_of
from sim.stats.outcomes import Axis

MOST_VALUES = 200
FORMS = "PATH=lo:hi:n, PATH=lo:hi:n:log or PATH=a,b,c, such as lines.hotline.every=1 h:2 d:8"
_OPENING, _CLOSING = "[{(", "]})"


@dataclass(frozen=True)
class _Kind:
    """Numbers, durations or dates: how an end is read (as a number; ValueError or Faults) and a value written."""

    name: str
    read: Callable[[str], float]
    write: Callable[[float], str]


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or "_" in text:
        raise ValueError(text)
    return value


def _moment(text: str) -> float:
    return (instant_of(text).moment - _EPOCH).total_seconds()


def _write_number(value: float) -> str:
    return f"{value:.10g}"


def _write_duration(seconds: float) -> str:
    """Whole seconds from a hundred of them on: what is shown is what is run."""
    return duration_text(float(round(seconds)) if seconds >= 100 else round(seconds, 3))


def _write_moment(seconds: float) -> str:
    moment = _EPOCH + timedelta(seconds=round(seconds))
    midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return f"{moment:%Y-%m-%d}" if midnight else instant_text(moment)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS = (
    _Kind("number", _number, _write_number),
    _Kind("duration", seconds_of, _write_duration),
    _Kind("date", _moment, _write_moment),
)


def parse_axis(text: str) -> Axis:
    """The values of one path. Raises RunRefused, which says what is wrong with `text` and what would be right."""
    path, equals, spec = (part.strip() for part in text.partition("="))
    if not (path and equals and spec):
        raise _refused(text, f"expected {FORMS}")
    parts = _split(spec, text)
    if len(parts) > 1:
        return _listed(path, parts, text)
    return _range(path, spec, text)


def place_of(value: str) -> tuple[str, float] | None:
    """Kind and place on an axis of a value as it is written: seconds, for dates those since 1970; None for others."""
    for kind in _KINDS:
        try:
            return kind.name, kind.read(value)
        except (ValueError, Faults):
            continue
    return None


def _listed(path: str, parts: list[str], text: str) -> Axis:
    if not all(parts):
        raise _refused(text, "a value of the list is empty")
    if len(parts) > MOST_VALUES:
        raise _refused(text, f"{len(parts)} values; at most {MOST_VALUES} are tried")
    for at, part in enumerate(parts):
        if part in parts[:at]:
            raise _refused(text, f"{quoted(part)} is there twice")
    placed = [place_of(part) for part in parts]
    kinds = {place[0] if place else "text" for place in placed}
    if len(kinds) > 1 or kinds == {"text"}:
        return Axis(path, "text", tuple(parts), tuple(float(at) for at in range(len(parts))), log=False)
    places = [place[1] for place in placed if place]
    if len(set(places)) < len(places):
        raise _refused(text, "two of the values are the same")
    ordered = sorted(zip(places, parts, strict=True))
    return Axis(path, kinds.pop(), tuple(p for _, p in ordered), tuple(place for place, _ in ordered), log=False)


def _range(path: str, spec: str, text: str) -> Axis:
    fields = spec.split(":")
    log = fields[-1].strip() == "log"
    fields = fields[:-1] if log else fields
    if len(fields) < 2:
        raise _refused(text, f"one value is no range and no list; expected {FORMS}")
    for kind, low, high in _ends(fields):
        return _spread(path, kind, low, high, fields[-1], log, text)
    if len(fields) == 2 and next(_ends([*fields, ""]), None) is not None:
        raise _refused(text, f"how many values is missing: {spec}:5 would try five")
    ends = quoted(":".join(fields[:-1]))
    raise _refused(text, f"{ends} are not two numbers, two durations or two dates; expected {FORMS}")


def _ends(fields: list[str]) -> Iterator[tuple[_Kind, float, float]]:
    """Both ends of a range, whatever colons their times of day have."""
    for kind in _KINDS:
        for middle in range(1, len(fields) - 1):
            try:
                low, high = (":".join(some).strip() for some in (fields[:middle], fields[middle:-1]))
                yield kind, kind.read(low), kind.read(high)
            except (ValueError, Faults):
                continue


def _spread(path: str, kind: _Kind, low: float, high: float, count: str, log: bool, text: str) -> Axis:
    number = count.strip()
    if not number.isascii() or not number.isdigit() or not 2 <= int(number[:9]) <= MOST_VALUES:
        expected = f"expected a whole number from 2 to {MOST_VALUES}"
        raise _refused(text, f"{quoted(number)} is no number of values; {expected}")
    if not low < high:
        raise _refused(text, "the first end is not below the second")
    if log and (kind.name == "date" or low <= 0):
        raise _refused(text, "a logarithmic range is of numbers or durations above 0")
    steps = int(number) - 1
    if log:
        values = [low * (high / low) ** (at / steps) for at in range(steps)] + [high]
    else:
        values = [low + (high - low) * at / steps for at in range(steps)] + [high]
    written = [kind.write(value) for value in values]
    if len(set(written)) < len(written):
        raise _refused(text, f"{number} values lie too close to each other")
    return Axis(path, kind.name, tuple(written), tuple(kind.read(one) for one in written), log=log)


def _split(spec: str, text: str) -> list[str]:
    """At commas outside brackets and quotes."""
    parts, depth, quote = [""], 0, ""
    for sign in spec:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in _OPENING:
            depth += 1
        elif sign in _CLOSING:
            depth -= 1
        if sign == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += sign
    if depth or quote:
        raise _refused(text, "a bracket or quote is not closed")
    return [part.strip() for part in parts]


def _refused(text: str, message: str) -> RunRefused:
    return RunRefused(f"--vary {text}: {message}")
