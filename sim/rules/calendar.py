"""Whole seconds, and calendars: windows of time as sorted arrays.

A calendar is two lists of seconds, `starts` and `ends`, of equal length: disjoint windows [start, end) in rising order,
none touching the next, cut to [0, horizon). A `never` is passed in as the answer where there is no such second; engines
use the horizon for it, at or after which nothing happens.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence


def whole_seconds(duration: float, least: int, never: int) -> int:
    """A duration as whole seconds: floor(d + ½), at least `least`, at most `never`."""
    if duration >= never:
        return never
    return max(least, int(duration + 0.5))


def after(second: int, duration: int, never: int) -> int:
    """The second that lies a whole duration after another, or `never`."""
    return min(never, second + duration)


def first_open(starts: Sequence[int], ends: Sequence[int], second: int, never: int) -> int:
    """The first second >= `second` that lies in a window."""
    window = bisect_right(starts, second) - 1
    if window >= 0 and second < ends[window]:
        return second
    return starts[window + 1] if window + 1 < len(starts) else never


def served(starts: Sequence[int], ends: Sequence[int], second: int, duration: int, never: int) -> int:
    """The first u >= `second` such that the windows cover at least `duration` seconds of [second, u)."""
    if duration == 0:
        return second
    window = max(0, bisect_right(starts, second) - 1)
    left = duration
    while window < len(starts):
        begin = max(second, starts[window])
        room = ends[window] - begin
        if room >= left:
            return begin + left
        if room > 0:
            left -= room
        window += 1
    return never
