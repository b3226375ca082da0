"""Draws, durations and calendars, as kernels look them up."""

from __future__ import annotations

import numpy as np

from sim.engines.compiled import fixed, moving
from sim.engines.compiled.bits import uniform_of
from sim.engines.compiled.jit import inlined, part
from sim.engines.compiled.pointers import view
from sim.engines.compiled.state import Crisis
from sim.rules import quantile_tables, random
from sim.rules.calendar import served, whole_seconds
from sim.rules.quantile_tables import EMPIRICAL, EXPONENTIAL, FIXED, quantile

INTERVAL, DELAY, WAIT = 0, 1, 2
"""Pairs of purposes: interval and answer, delay and reason, wait and call."""

philox = inlined(random.philox)
quantile_here = inlined(quantile_tables.quantile)
"""The rules themselves, compiled into the loops that call them, so that these become the processor's vectors."""

ALWAYS = 0
"""The place of a calendar that is always open."""

_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_8 = np.uint64(8)


@inlined
def pair(m: Crisis, stream: int, index: int, which: int) -> tuple[float, float]:
    """The two uniforms of an address. See sim.rules.random."""
    replication = np.uint64(m.s[moving.REPLICATION])
    w0, w1, w2, w3 = philox(
        np.uint64(index) & _LOW,
        replication & _LOW,
        np.uint64(stream) & _LOW,
        ((replication >> _32) << _8 | np.uint64(which)) & _LOW,
        m.seed,
    )
    return uniform_of(w0, w1), uniform_of(w2, w3)


@part
def duration(m: Crisis, law: int, u: float) -> float:
    """A law's quantile."""
    family, slot = m.k[law + fixed.FAMILY], m.k[law + fixed.SLOT]
    a, b, c = m.v[slot], m.v[slot + 1], m.v[slot + 2]
    first, length = 0, 0
    if family >= EMPIRICAL:
        first = m.k[law + fixed.TABLE]
        length = m.k[law + fixed.TABLE + 1] - first
    return quantile(family, a, b, c, view(m.f, first, length), u)


@part
def seconds(m: Crisis, law: int, u: float, least: int) -> int:
    """A duration in whole seconds."""
    return whole_seconds(duration(m, law, u), least, m.k[fixed.HORIZON])


@part
def drawn(m: Crisis, law: int, stream: int, index: int, which: int, place: int, least: int) -> int:
    """Seconds drawn at an address; `place` in its pair. Nothing is drawn for a duration that is fixed."""
    u = 0.5
    if m.k[law + fixed.FAMILY] != FIXED:
        u0, u1 = pair(m, stream, index, which)
        u = u1 if place else u0
    return seconds(m, law, u, least)


@part
def draw_ahead(m: Crisis, line: int, index: int) -> None:
    """A line's next DEPTH draws, from `index` on: together they cost little more than one, in the processor's vectors.

    Drawing ahead changes no number: each is addressed by its replication, index and purpose."""
    k, x = m.k, m.x
    record = fixed.LINE_RECORDS + line * fixed.LINE_WIDTH
    at = k[fixed.X_DRAWS] + line * moving.DRAWS_WIDTH
    stream, every = k[record + fixed.STREAM], k[record + fixed.EVERY]
    depth = k[fixed.DEPTH]  # Not a constant, or the loops would be unrolled before they could become vectors.
    for i in range(depth):
        u0, u1 = pair(m, stream, index + i, INTERVAL)
        x[at + moving.INTERVALS + i] = u0
        x[at + moving.ANSWERS + i] = u1
    if k[every + fixed.FAMILY] == EXPONENTIAL:
        mean = m.v[k[every + fixed.SLOT]]
        none = view(m.f, 0, 0)
        for i in range(depth):
            x[at + moving.INTERVALS + i] = quantile_here(
                EXPONENTIAL, mean, 0.0, 0.0, none, x[at + moving.INTERVALS + i]
            )
    else:
        for i in range(depth):
            x[at + moving.INTERVALS + i] = duration(m, every, x[at + moving.INTERVALS + i])
    seconds_at, horizon = k[fixed.S_INTERVALS] + line * moving.DEPTH, k[fixed.HORIZON]
    for i in range(depth):
        m.s[seconds_at + i] = whole_seconds(x[at + moving.INTERVALS + i], 1, horizon)
    if k[record + fixed.REASON_COUNT] > 1:
        for i in range(depth):
            u0, u1 = pair(m, stream, index + i, DELAY)
            x[at + moving.DELAYS + i] = u0
            x[at + moving.REASONS + i] = u1


@inlined
def draw_at(m: Crisis, line: int, kind: int, index: int) -> float:
    """One of the draws of `draw_ahead`, the last ones made."""
    return m.x[m.k[fixed.X_DRAWS] + line * moving.DRAWS_WIDTH + kind + (index & (moving.DEPTH - 1))]


@inlined
def interval(m: Crisis, line: int, index: int) -> int:
    """The seconds from attempt `index` to the next."""
    return m.s[m.k[fixed.S_INTERVALS] + line * moving.DEPTH + (index & (moving.DEPTH - 1))]


@inlined
def open_from(m: Crisis, calendar: int, second: int) -> int:
    """As sim.rules.calendar.first_open, by buckets: a look instead of a search."""
    k = m.k
    horizon = k[fixed.HORIZON]
    if second >= horizon or calendar == ALWAYS:
        return min(second, horizon)
    window = k[calendar + fixed.BUCKETS + (second >> k[calendar + fixed.SHIFT])]
    ends = k[calendar + fixed.WINDOW_ENDS]
    while k[ends + window] <= second:
        window += 1
    return max(second, k[k[calendar + fixed.WINDOW_STARTS] + window])


@part
def served_after(m: Crisis, calendar: int, second: int, duration: int) -> int:
    """The first second by which a calendar has been open for so long."""
    k = m.k
    horizon = k[fixed.HORIZON]
    if calendar == ALWAYS:
        return min(second + duration, horizon)
    windows = k[calendar + fixed.WINDOWS]
    starts = view(k, k[calendar + fixed.WINDOW_STARTS], windows)
    return served(starts, view(k, k[calendar + fixed.WINDOW_ENDS], windows), second, duration, horizon)
