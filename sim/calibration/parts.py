"""The rules over one particle's arrays: draws, durations, calendars, what is in force. See `walk` for the arrays."""

from __future__ import annotations

from math import inf

import numpy as np

from sim.calibration import fixed
from sim.calibration import places as at
from sim.calibration.jit import part
from sim.rules.answer import answer_probability, faded, in_force
from sim.rules.calendar import first_open, served, whole_seconds
from sim.rules.quantile_tables import quantile
from sim.rules.random import philox, uniform_of
from sim.scenario.program import Floats, Ints

LASTS, HALF_LIFE = 1, 2
NONE = -1
INTERVAL, DELAY, WAIT, OWN, RESOLVE = 0, 1, 2, 3, 4
"""Pairs of purposes: interval and answer, delay and reason, wait and call; and two that engines do not use."""


@part
def of(array: Ints, table: int, i: int) -> int:
    """Entry i of a table."""
    return array[array[table] + i]


@part
def listed(array: Ints, table: int, i: int) -> Ints:
    """List i of a table of lists."""
    return array[array[array[table] + i] : array[array[table] + i + 1]]


@part
def address(seed: int, stream: int, replication: int, index: int, pair: int) -> tuple[float, float]:
    """The two uniforms of an address. See sim.rules.random."""
    number = np.uint64(replication)
    w0, w1, w2, w3 = philox(
        np.uint64(index),
        number & np.uint64(0xFFFFFFFF),
        np.uint64(stream),
        ((number >> np.uint64(32)) << np.uint64(8)) | np.uint64(pair),
        seed,
    )
    return uniform_of(w0, w1), uniform_of(w2, w3)


@part
def draw(k: Ints, s: Ints, seed: int, table: int, i: int, index: int, pair: int) -> tuple[float, float]:
    """The two uniforms of an address; the stream is entry i of a table."""
    return address(seed, of(k, table, i), s[at.REPLICATION], index, pair)


@part
def seconds(k: Ints, f: Floats, v: Floats, law: int, u: float, least: int) -> int:
    """A duration in whole seconds."""
    slot = of(k, fixed.SLOT, law)
    table = f[of(k, fixed.TABLES, law) : of(k, fixed.TABLES, law + 1)]
    drawn = quantile(of(k, fixed.FAMILY, law), v[slot], v[slot + 1], v[slot + 2], table, u)
    return whole_seconds(drawn, least, k[fixed.HORIZON])


@part
def opens(k: Ints, calendar: int, second: int) -> int:
    """The first second from this one on that lies in the calendar."""
    a, b = of(k, fixed.CALENDARS, calendar), of(k, fixed.CALENDARS, calendar + 1)
    starts, ends = k[fixed.WINDOWS], k[fixed.WINDOW_ENDS]
    return first_open(k[starts + a : starts + b], k[ends + a : ends + b], second, k[fixed.HORIZON])


@part
def contact_after(k: Ints, line: int, attempted: int, delay: int) -> int:
    """When the contact of an answered attempt is due, calls apart."""
    calendar = of(k, fixed.ON_DUTY, line)
    a, b = of(k, fixed.CALENDARS, calendar), of(k, fixed.CALENDARS, calendar + 1)
    starts, ends = k[fixed.WINDOWS], k[fixed.WINDOW_ENDS]
    ready = served(k[starts + a : starts + b], k[ends + a : ends + b], attempted, delay, k[fixed.HORIZON])
    return opens(k, of(k, fixed.MAY_CONTACT, line), ready)


@part
def takes_force(k: Ints, s: Ints, x: Floats, r: Ints, effect: int, now: int) -> None:
    """An effect's cause happens. Sets FULL where the times of recent causes do not fit."""
    if effect == NONE:
        return
    s[s[at.TIMES] + effect] += 1
    decay = of(k, fixed.DECAY, effect)
    if decay == HALF_LIFE:
        place = s[at.X_VALUE] + effect
        age = now - of(s, at.LAST, effect)
        x[place] = faded(x[place], age, of(s, at.WINDOW, effect)) + x[s[at.X_FACTOR] + effect]
        s[s[at.LAST] + effect] = now
    elif decay == LASTS:
        _forget(s, r, effect, now)
        if of(s, at.RECENT, effect) == r.shape[1]:
            s[at.FULL] = 1
            return
        place = (of(s, at.RECENT_FIRST, effect) + of(s, at.RECENT, effect)) % r.shape[1]
        r[effect, place] = now
        s[s[at.RECENT] + effect] += 1


@part
def _forget(s: Ints, r: Ints, effect: int, now: int) -> None:
    first, recent = s[at.RECENT_FIRST] + effect, s[at.RECENT] + effect
    while s[recent] > 0 and not in_force(now - r[effect, s[first]], of(s, at.WINDOW, effect)):
        s[first] = (s[first] + 1) % r.shape[1]
        s[recent] -= 1


@part
def _term(k: Ints, s: Ints, x: Floats, r: Ints, effect: int, now: int) -> float:
    times = of(s, at.TIMES, effect)
    if times == 0:
        return 0.0
    decay = of(k, fixed.DECAY, effect)
    if decay == HALF_LIFE:
        age = now - of(s, at.LAST, effect)
        return faded(x[s[at.X_VALUE] + effect], age, of(s, at.WINDOW, effect))
    if decay == LASTS:
        _forget(s, r, effect, now)
        times = of(s, at.RECENT, effect)
    return times * x[s[at.X_FACTOR] + effect] if times > 0 else 0.0


@part
def probability(k: Ints, v: Floats, s: Ints, x: Floats, r: Ints, line: int, now: int) -> float:
    """That an attempt on the line is answered now, the callee being free."""
    odds = v[of(k, fixed.ANSWER, line)]
    closers = 0
    for regime in listed(k, fixed.LINE_REGIMES, line):
        term = v[of(k, fixed.LOG_FACTOR, of(k, fixed.STATES, regime) + of(s, at.STATE, regime))]
        if term == -inf:
            closers += 1
        else:
            odds += term
    for effect in listed(k, fixed.LINE_EFFECTS, line):
        term = _term(k, s, x, r, effect, now)
        if term == -inf:
            closers += 1
        else:
            odds += term
    return answer_probability(odds, closers)
