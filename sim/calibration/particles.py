"""The particle filter: many particles side by side, weighed by the record and resampled where few of them count.

Estimates of L are unbiased (Del Moral, P. (2004), Feynman–Kac Formulae, section 7.4.2). Their relative variance is
estimated from the first ancestors of the particles (Lee, A. and Whiteley, N. (2018), Variance estimation in the
particle filter, Biometrika 105, 609-625).
"""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from sim.calibration import fixed
from sim.calibration import places as at
from sim.calibration.guide import judge, resolve
from sim.calibration.jit import CACHE, part
from sim.calibration.masses import below, shortest
from sim.calibration.parts import NONE, address, of, opens
from sim.calibration.sojourns import pay_held, redraw_sojourns, settle_sojourns
from sim.calibration.walk import advance, open_all, reset
from sim.rules.arithmetic import exp, log
from sim.scenario.program import Floats, Ints

ENOUGH = 0.5
"""Resample where the effective number of particles falls below this share of them."""
_RESAMPLING = 0xFFFFFFFF
_PAIR = 5


@part
def _to_checkpoint(
    k: Ints, f: Floats, v: Floats, g: Ints, s: Ints, x: Floats, r: Ints, seed: int, second: int, place: int
) -> None:
    """One particle up to a checkpoint, and what the record says there."""
    advance(k, f, v, g, s, x, r, seed, second)
    if s[at.BLAMED] != NONE:
        return
    for line in range(k[fixed.LINES]):
        if of(s, at.MODE, line) == at.SUMMED:
            resolve(k, f, v, g, s, x, seed, line, second, place)
    judge(k, g, s, x, second)
    pay_held(k, g, s, x, second)


@part
def _log_weights(states: Ints, numbers: Floats, w: Floats) -> float:
    """Fill `w` with weights over the largest of them, whose logarithm is returned; −inf where no particle is left."""
    most = -inf
    for i in range(len(w)):
        w[i] = numbers[i, at.X_LOG_WEIGHT] if states[i, at.BLAMED] == NONE else -inf
        most = max(most, w[i])
    if most == -inf:
        return most
    for i in range(len(w)):
        w[i] = exp(w[i] - most)
    return most


@part
def _ancestors(w: Floats, seed: int, base: int, check: int, chosen: Ints) -> None:
    """Multinomial resampling, for which the variance estimate holds: particle i descends from chosen[i]. Uniforms come
    in rising order, as sums of exponential spacings."""
    n = len(w)
    total = 0.0
    for i in range(n + 1):
        total -= log(_uniform(seed, base, check, i))
    place, reached, wanted = 0, w[0], 0.0
    step = w.sum() / total
    for i in range(n):
        wanted -= log(_uniform(seed, base, check, i)) * step
        while wanted > reached and place < n - 1:
            place += 1
            reached += w[place]
        chosen[i] = place


@part
def _uniform(seed: int, base: int, check: int, i: int) -> float:
    u, _ = address(seed, _RESAMPLING, base, (check << 16) + i, _PAIR)
    return u


@part
def _relative_variance(w: Floats, eves: Ints, resamplings: int) -> float:
    """Of the estimate, from the weights by first ancestor; 1 where a single ancestor is left."""
    n = len(w)
    total = w.sum()
    by_eve = np.zeros(n)
    for i in range(n):
        by_eve[eves[i]] += w[i] / total
    same = 0.0
    for i in range(n):
        same += by_eve[i] * by_eve[i]
    if n < 2:
        return inf
    return max(0.0, 1.0 - (n / (n - 1.0)) ** (resamplings + 1) * (1.0 - same))


@part
def _begin_row(
    k: Ints, f: Floats, v: Floats, g: Ints, blank: Ints, s: Ints, x: Floats, eves: Ints, seed: int, base: int
) -> None:
    """All particles of a row at second 0; each is its own first ancestor."""
    for i in range(len(eves)):
        s[i] = blank
        reset(k, v, g, s[i], x[i], base + i)
        open_all(k, f, v, g, s[i], x[i], seed)
        eves[i] = i


@part
def _descend(
    s: Ints, x: Floats, r: Ints, s_next: Ints, x_next: Floats, r_next: Ints, chosen: Ints, eves: Ints, number: int
) -> None:
    """Put the chosen particles in the place of all; particle i is number + i from now on, and has its full weight."""
    old = eves.copy()
    for i in range(len(chosen)):
        s_next[i] = s[chosen[i]]
        x_next[i] = x[chosen[i]]
        r_next[i] = r[chosen[i]]
        eves[i] = old[chosen[i]]
        s_next[i, at.REPLICATION] = number + i
        x_next[i, at.X_LOG_WEIGHT] = 0.0


@part
def _walk_row(
    k: Ints,
    f: Floats,
    v: Floats,
    g: Ints,
    s: Ints,
    x: Floats,
    r: Ints,
    w: Floats,
    eves: Ints,
    seed: int,
    base: int,
    checks: Ints,
) -> tuple[int, int, float]:
    """All particles of a row from checkpoint to checkpoint: (which half of s, x and r they end in, times resampled, the
    logarithm of what L was multiplied by); the half is negative where the times of an effect did not fit."""
    n = len(w)
    chosen = np.zeros(n, dtype=np.int64)
    half, resamplings, log_mean = 0, 0, 0.0
    for place in range(len(checks)):
        for i in range(n):
            _to_checkpoint(k, f, v, g, s[half, i], x[half, i], r[half, i], seed, checks[place], place)
            if s[half, i, at.FULL] == 1:
                return -1, resamplings, log_mean
        if place == len(checks) - 1:
            break
        most = _log_weights(s[half], x[half], w)
        if most == -inf:
            break
        total = w.sum()
        if total * total >= ENOUGH * n * (w * w).sum():
            continue
        _ancestors(w, seed, base, place, chosen)
        log_mean += most + log(total / n)
        resamplings += 1
        number, other = base + resamplings * n, 1 - half
        _descend(s[half], x[half], r[half], s[other], x[other], r[other], chosen, eves, number)
        half = other
        for i in range(n):
            redraw_sojourns(k, f, v, g, s[half, i], x[half, i], seed, checks[place], place)
    return half, resamplings, log_mean


@part
def _settle_row(
    k: Ints, f: Floats, v: Floats, g: Ints, s: Ints, x: Floats, seed: int, epochs: int, blamed: Ints
) -> None:
    """Where the evidence ends: pay what is owed, and count what ended the particles that are left behind."""
    for i in range(len(s)):
        if s[i, at.BLAMED] == NONE:
            settle_sojourns(k, f, v, s[i], x[i], seed, g[at.G_END], epochs)
        else:
            blamed[s[i, at.BLAMED]] += 1


@part
def _note_path(
    k: Ints,
    f: Floats,
    v: Floats,
    g: Ints,
    s: Ints,
    x: Floats,
    r: Ints,
    seed: int,
    onwards: bool,
    contacts: Ints,
    states: Ints,
    tallies: Ints,
) -> None:
    """One particle's states where the evidence ends, and its contacts and tallies, then or at the horizon."""
    for regime in range(k[fixed.REGIMES]):
        states[regime] = of(s, at.STATE, regime)
    if onwards and s[at.BLAMED] == NONE:
        advance(k, f, v, g, s, x, r, seed, k[fixed.HORIZON])
    for line in range(k[fixed.LINES]):
        contacts[0, line] = of(s, at.FIRST_CONTACT, line)
        contacts[1, line] = of(s, at.NEXT_CONTACT, line)
    for e in range(g[at.G_ENTRIES]):
        tallies[e, 0] = of(s, at.MADE, e)
        tallies[e, 1] = of(s, at.ANSWERED, e)
        tallies[e, 2] = of(s, at.CONTACTS, e)


def _arguments() -> tuple[Any, ...]:
    whole, real, reals = np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros((0, 0))
    found: list[Any] = [np.zeros((0,) * dimensions, dtype=np.int64) for dimensions in (4, 3, 2, 4)]
    given = (whole, real, reals, whole, whole, 0, 0, np.uint64(0), 0, False)
    return *given, real, real, reals, *found


@CACHE.kernel(_arguments)
def filter_all(
    k: Ints,
    f: Floats,
    values: Floats,
    g: Ints,
    blank: Ints,
    reals: int,
    room: int,
    seed: int,
    first: int,
    onwards: bool,
    log_likelihood: Floats,
    variance: Floats,
    weights: Floats,
    contacts: Ints,
    states_then: Ints,
    blamed: Ints,
    tallies: Ints,
) -> int:
    """One filter for each row of `values`; particles are numbered from `first` on. Returns 1 where the times of an
    effect did not fit into `room` of them, else 0.

    blank           the header of a particle (`s`), and its length
    onwards         go on to the horizon after the evidence ends
    log_likelihood  (rows,) and `variance`: the relative variance of the estimate of L
    weights         (rows, particles): normalised; all 0 where none is left
    contacts        (rows, particles, 2, lines): first contact, and first one from the end of the evidence on
    states_then     (rows, particles, regimes): states where the evidence ends
    blamed          (rows, entries + 1): particles ended by each entry of the record; the last one where it is not known
    tallies         (rows, particles, entries of the filter, 3): attempts, answers, contacts
    """
    rows, n = weights.shape
    s = np.zeros((2, n, len(blank)), dtype=np.int64)
    x = np.zeros((2, n, reals))
    r = np.zeros((2, n, k[fixed.EFFECTS], room), dtype=np.int64)
    w = np.zeros(n)
    eves = np.zeros(n, dtype=np.int64)
    checks = g[g[at.G_CHECKPOINTS] + 1 : g[g[at.G_CHECKPOINTS]]]
    for row in range(rows):
        v = values[row]
        base = first + row * n * (len(checks) + 1)
        _begin_row(k, f, v, g, blank, s[0], x[0], eves, seed, base)
        half, resamplings, log_mean = _walk_row(k, f, v, g, s, x, r, w, eves, seed, base, checks)
        if half < 0:
            return 1
        _settle_row(k, f, v, g, s[half], x[half], seed, len(checks), blamed[row])
        most = _log_weights(s[half], x[half], w)
        alive = most > -inf
        total = w.sum() if alive else 1.0
        log_likelihood[row] = log_mean + most + log(total / n) if alive else -inf
        variance[row] = _relative_variance(w, eves, resamplings) if alive else inf
        for i in range(n):
            weights[row, i] = w[i] / total if alive else 0.0
            if len(contacts) == rows:
                part_of = s[half, i], x[half, i], r[half, i]
                _note_path(k, f, v, g, *part_of, seed, onwards, contacts[row, i], states_then[row, i], tallies[row, i])
                if s[half, i, at.FULL] == 1:
                    return 1
    return 0


@CACHE.kernel(lambda: (*_arguments()[:4], 0, 0, 0, 0, 0, np.zeros(0)))
def response_all(
    k: Ints, f: Floats, values: Floats, g: Ints, line: int, start: int, end: int, low: int, high: int, out: Floats
) -> None:
    """By row of `values`, the probability that an attempt answered at a second of [start, end), every one of them as
    likely, takes [low, high) whole seconds to its contact, calls apart. At most 24 seconds stand for the span."""
    law = of(k, fixed.DELAY, line)
    points = min(24, end - start)
    for row in range(len(values)):
        v = values[row]
        total = 0.0
        tried = 0
        for i in range(points):
            now = start + (2 * i + 1) * (end - start) // (2 * points)
            if opens(k, of(k, fixed.MAY_ATTEMPT, line), now) != now:
                continue
            tried += 1
            least = shortest(k, g, line, now, now + low)
            most = shortest(k, g, line, now, now + high)
            total += below(k, f, v, law, most, 0) - below(k, f, v, law, least, 0)
        out[row] = total / tried if tried > 0 else 0.0
