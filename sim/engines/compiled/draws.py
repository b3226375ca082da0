"""Random numbers, durations and calendars, as the event loop looks them up."""

from __future__ import annotations

import numpy as np

from sim.engines.compiled.numba_setup import inlined, part, slice_of
from sim.engines.compiled.state import DRAWS_AHEAD, Simulation
from sim.rules import quantile_tables, random
from sim.rules.calendar import after, served, whole_seconds
from sim.rules.quantile_tables import EXPONENTIAL, FIXED, quantile
from sim.rules.random import Purpose
from sim.scenario.program import NONE

INTERVAL, DELAY, WAIT = Purpose.INTERVAL // 2, Purpose.DELAY // 2, Purpose.WAIT // 2
"""Pairs of purposes: interval and answer, delay and reason, wait and call."""

_DELAY = int(Purpose.DELAY)

_pair = inlined(random.uniform_pair)
_quantile = inlined(quantile_tables.quantile)


@inlined
def uniforms_at(m: Simulation, stream: int, index: int, pair: int) -> tuple[float, float]:
    """The two uniforms at an address. See sim.rules.random."""
    clock = m.clock[0]
    return _pair(clock.seed, np.uint64(stream), np.uint64(clock.replication), np.uint64(index), np.uint64(pair))


@part
def duration(m: Simulation, distribution: int, u: float) -> float:
    """A quantile of a distribution, in seconds."""
    one = m.distributions[distribution]
    a, b, c = m.values[one.slot], m.values[one.slot + 1], m.values[one.slot + 2]
    return quantile(one.family, a, b, c, slice_of(m.reals, one.table.first, one.table.end - one.table.first), u)


@part
def seconds(m: Simulation, distribution: int, u: float, least: int) -> int:
    """A quantile in whole seconds."""
    return whole_seconds(duration(m, distribution, u), least, m.clock[0].horizon)


@part
def drawn(m: Simulation, distribution: int, stream: int, index: int, purpose: int, least: int) -> int:
    """Seconds drawn for a purpose. Nothing is drawn for a duration that is fixed."""
    u = 0.5
    if m.distributions[distribution].family != FIXED:
        first, second = uniforms_at(m, stream, index, purpose // 2)
        u = second if purpose % 2 else first
    return seconds(m, distribution, u, least)


@part
def draw_ahead(m: Simulation, line: int, index: int) -> None:
    """A line's draws for its next DRAWS_AHEAD attempts, from `index` on: together they cost little more than one, in
    the processor's vectors. Drawing ahead changes no number, because each is addressed."""
    one, clock, first = m.lines[line], m.clock[0], line * DRAWS_AHEAD
    # Read before the loops: else each turn would read them again, because what it writes might be these.
    every, ahead, horizon = m.distributions[one.every], clock.draws_ahead, clock.horizon
    seed, stream, replication = clock.seed, np.uint64(one.stream), np.uint64(clock.replication)
    intervals, answers, delays, reasons = m.intervals, m.answers, m.delays, m.reasons
    for at in range(ahead):
        u, v = _pair(seed, stream, replication, np.uint64(index + at), np.uint64(INTERVAL))
        delays[first + at], answers[first + at] = u, v
    if every.family == EXPONENTIAL:
        mean = m.values[every.slot]
        for at in range(ahead):
            u = delays[first + at]
            delays[first + at] = _quantile(EXPONENTIAL, mean, 0.0, 0.0, slice_of(m.reals, 0, 0), u)
    else:
        for at in range(ahead):
            delays[first + at] = duration(m, one.every, delays[first + at])
    for at in range(ahead):
        intervals[first + at] = whole_seconds(delays[first + at], 1, horizon)
    # All delays of a line that is mostly answered, again and again; else each by itself when there is an answer.
    often = one.until_horizon and one.answer_p > 0.5
    one.delays_drawn = often and m.distributions[one.delay].family != FIXED
    if one.delays_drawn or one.reasons.end - one.reasons.first > 1:
        for at in range(ahead):
            u, v = _pair(seed, stream, replication, np.uint64(index + at), np.uint64(DELAY))
            delays[first + at], reasons[first + at] = u, v
    if one.delays_drawn:
        for at in range(ahead):
            delays[first + at] = duration(m, one.delay, delays[first + at])


@inlined
def delay_of(m: Simulation, line: int, index: int) -> int:
    """The delay of an answer to an attempt, in seconds."""
    one = m.lines[line]
    if one.delays_drawn:
        return whole_seconds(m.delays[draw_of(line, index)], 0, m.clock[0].horizon)
    if one.reasons.end - one.reasons.first > 1:
        return seconds(m, one.delay, m.delays[draw_of(line, index)], 0)
    return drawn(m, one.delay, one.stream, index, _DELAY, 0)


@inlined
def draw_of(line: int, index: int) -> int:
    """The place of the draws for one of the attempts that `draw_ahead` drew for last."""
    return line * DRAWS_AHEAD + (index & (DRAWS_AHEAD - 1))


@inlined
def open_from(m: Simulation, calendar: int, second: int) -> int:
    """As sim.rules.calendar.first_open, by buckets: a look instead of a search."""
    horizon = m.clock[0].horizon
    if second >= horizon or calendar == NONE:
        return min(second, horizon)
    one = m.calendars[calendar]
    window = one.windows.first + m.indices[one.buckets + (second >> one.shift)]
    while m.ends[window] <= second:
        window += 1
    return max(second, m.starts[window])


@part
def served_after(m: Simulation, calendar: int, second: int, duration: int) -> int:
    """The first second by which a calendar has been open for so long."""
    horizon = m.clock[0].horizon
    if calendar == NONE:
        return after(second, duration, horizon)
    one = m.calendars[calendar]
    first, size = one.windows.first, one.windows.end - one.windows.first
    return served(slice_of(m.starts, first, size), slice_of(m.ends, first, size), second, duration, horizon)
