"""Duty hours and channel openings as windows of whole seconds since clock.start.

Local windows become UTC with the time zones of the tzdata package. A boundary that falls into a daylight-saving gap
is the end of the gap; an ambiguous one is the earlier instant for a start and the later one for an end.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import TypeAlias
from zoneinfo import ZoneInfo

from sim.scenario.resolved import Channel, DutyWindow, Official

Windows: TypeAlias = tuple[tuple[int, int], ...]
"""Disjoint windows [start, end) in rising order, none touching the next."""

_DAY = 1440


@cache
def zone(name: str) -> ZoneInfo:
    """The rules of an IANA zone as the tzdata package has them, whatever the machine has."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def merged(windows: Iterable[tuple[int, int]], horizon: int) -> Windows:
    """The union of windows, cut to [0, horizon)."""
    out: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start), min(horizon, end)) for start, end in windows):
        if start >= end:
            continue
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return tuple(out)


def both(first: Windows, second: Windows) -> Windows:
    """The seconds that lie in a window of each."""
    out: list[tuple[int, int]] = []
    i = j = 0
    while i < len(first) and j < len(second):
        start, end = max(first[i][0], second[j][0]), min(first[i][1], second[j][1])
        if start < end:
            out.append((start, end))
        if first[i][1] <= second[j][1]:
            i += 1
        else:
            j += 1
    return tuple(out)


def without(windows: Windows, gaps: Windows) -> Windows:
    """The seconds of `windows` that lie in no gap."""
    if not windows:
        return ()
    edges = [windows[0][0], *(edge for gap in gaps for edge in gap), windows[-1][1]]
    return both(windows, tuple((a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b))


def channel_windows(channel: Channel, horizon: int) -> Windows:
    """When the channel is open and not out."""
    opens = 0 if channel.opens is None else channel.opens
    closes = horizon if channel.closes is None else channel.closes
    return without(merged([(opens, closes)], horizon), merged(channel.outages, horizon))


def duty_windows(official: Official, timezone: str, start: datetime, horizon: int) -> Windows:
    """When the official is on duty; [0, horizon) for one who always is. `timezone`: in which the official works.

    A window belongs to the local date on which it starts, so a holiday takes it away whole, past midnight too.
    """
    if official.duty is None:
        whole = ((0, horizon),)
        return whole if not official.holidays else without(whole, _holidays(official, timezone, start, horizon))
    local = zone(timezone)
    first = start.astimezone(local).date() - timedelta(days=2)
    last = (start + timedelta(seconds=horizon)).astimezone(local).date() + timedelta(days=1)
    windows = (
        _window(day, window, local, start)
        for day in _dates(first, last)
        if day not in official.holidays
        for window in official.duty
        if day.weekday() in window.days
    )
    return merged(windows, horizon)


def _holidays(official: Official, timezone: str, start: datetime, horizon: int) -> Windows:
    whole_day = DutyWindow(days=(), start=0, end=_DAY)
    return merged((_window(day, whole_day, zone(timezone), start) for day in official.holidays), horizon)


def _dates(first: date, last: date) -> Iterable[date]:
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)


def _window(day: date, window: DutyWindow, local: ZoneInfo, start: datetime) -> tuple[int, int]:
    return (
        _second(day, window.start, local, start, earlier=True),
        _second(day, window.end, local, start, earlier=False),
    )


def _second(day: date, minute: int, local: ZoneInfo, start: datetime, *, earlier: bool) -> int:
    """A local boundary as seconds since `start`; `minute` counts from midnight and may lie on the next day."""
    naive = datetime.combine(day, time()) + timedelta(minutes=minute)
    first = naive.replace(tzinfo=local, fold=0).astimezone(UTC)
    second = naive.replace(tzinfo=local, fold=1).astimezone(UTC)
    instant = first if earlier else second
    if first > second:
        # A gap: fold 0 reads the clock as before the change, fold 1 as after it; the change lies between the two.
        instant = _change(second, first, local)
    return round((instant - start).total_seconds())


def _change(low: datetime, high: datetime, local: ZoneInfo) -> datetime:
    """The instant in (low, high] at which the offset from UTC changes."""
    before = low.astimezone(local).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if middle.astimezone(local).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high
