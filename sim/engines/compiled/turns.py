"""What lanes of the kernel `abreast` do at once in every step: whose turn it is, draws, intervals, the next attempt.

Whole numbers become reals, and reals whole numbers, by their bits, so that loops are vectorised.
"""

from __future__ import annotations

import numpy as np

from sim.engines.compiled import alone as line
from sim.engines.compiled import berths, joint, lanes, rows
from sim.engines.compiled.bits import real_of, whole_of
from sim.engines.compiled.crew import ATTEMPT, LINE, SECOND, Crew, line_of
from sim.engines.compiled.jit import inlined, stage
from sim.engines.compiled.pointers import ahead, view
from sim.engines.compiled.sway import is_refused_by
from sim.rules import quantiles
from sim.rules.draws import Words
from sim.scenario.program import NONE, Floats, Ints

_LINE, _REST, _SECOND = np.uint64(LINE), np.uint64(LINE | ATTEMPT), np.uint64(SECOND)
_LOW = np.uint64(0xFFFFFFFF)


@stage
def find_next(g: Ints, size: int, width: int, wide: int) -> None:
    """Which key is the smallest, in every lane."""
    due = ahead(g, berths.NEXT)
    for at in range(1, size):
        key, other = ahead(g, berths.KEY + (at & 1) * rows.STEP), ahead(g, berths.NEXT + at * width)
        for i in range(wide):
            key[i] = due[i] if due[i] < other[i] else other[i]
        due = key


@stage
def list_idle(g: Ints, keys: int, n: int) -> int:
    """Lists the lanes that are idle: that have no attempt next, but a contact, or nothing any more."""
    count = 0
    for i in range(n):
        g[berths.IDLE + count] = i
        count += 1 if g[keys + i] & ATTEMPT == 0 else 0
    return count


@inlined
def find_again(m: Crew, idle: int) -> int:
    """Which key is the smallest, in lanes that were idle; those that still are stay in the list."""
    g = m.g
    count = 0
    for j in range(idle):
        i = g[berths.IDLE + j]
        key = g[berths.NEXT + i]
        for at in range(1, m.size):
            key = min(key, g[berths.NEXT + at * m.lanes + i])
        g[m.key + i] = key
        g[berths.IDLE + count] = i
        count += 1 if key & ATTEMPT == 0 else 0
    return count


@stage
def gather(x: Floats, h: Ints, z: Floats, g: Ints, y: Words, width: int, keys: int, n: int) -> None:
    """What the attempt of each lane needs to know of its line, side by side."""
    for i in range(n):
        key = np.uint64(g[keys + i])
        g[berths.CELL + i] = np.int64((key & _LINE) * (np.uint64(width) & _LOW) + np.uint64(i))
        z[berths.AT + i] = real_of(key >> _SECOND)
    for i in range(n):
        cell = g[berths.CELL + i]
        y[berths.INDEX_HERE + i] = y[berths.INDEX + cell]
        y[berths.STREAM_HERE + i] = y[berths.STREAM + cell]
        z[berths.BOUND_HERE + i] = z[berths.BOUND + cell]
        z[berths.LIMIT_HERE + i] = x[rows.LIMIT + cell]
        z[berths.LAW + i] = x[rows.EVERY_LAW + cell]
    if h[joint.EVERY_FAMILY] != quantiles.EXPONENTIAL:
        for i in range(n):
            cell = g[berths.CELL + i]
            z[berths.LAW + rows.STEP + i] = x[rows.EVERY_LAW + rows.STEP + cell]
            z[berths.LAW + 2 * rows.STEP + i] = x[rows.EVERY_LAW + 2 * rows.STEP + cell]


@inlined
def draw(m: Crew, index: int, replication: int, stream: int, pair: int, to: int, n: int) -> None:
    """Rows `to` of `z` and the one after it: the uniforms of a pair of purposes, at addresses in rows of `y`."""
    y, first, second = m.y, ahead(m.z, to), ahead(m.z, to + rows.STEP)
    seed = m.all.seed
    lanes.draw_each(ahead(y, index), ahead(y, replication), ahead(y, stream), first, second, n, pair, seed)


@inlined
def draw_here(m: Crew, pair: int, to: int, n: int) -> None:
    """Likewise, for the attempt of each lane."""
    draw(m, berths.INDEX_HERE, berths.REPLICATION, berths.STREAM_HERE, pair, to, n)


@stage
def _vary(
    family: int, a: Floats, u: Floats, to: Floats, work: Floats, places: Ints, n: int, least: float, never: float
) -> None:
    """Whole seconds of a law without a table at uniforms; its parameters are in three rows from `a` on. `work`: two
    rows."""
    b, c = ahead(a, rows.STEP), ahead(a, 2 * rows.STEP)
    none = view(a, 0, 0)
    if family == quantiles.LOGNORMAL:
        lanes.lognormal_durations(a, b, none, u, to, work, ahead(work, rows.STEP), places, n, least, never)
    else:
        lanes.durations(family, a, b, c, none, u, to, n, least, never)


@inlined
def durations(
    m: Crew, family: int, law: int, cells: int, parameters: int, u: int, to: int, n: int, least: float
) -> None:
    """Row `to` of `z`: durations at the uniforms of row `u`, of a law of the lines in whose cells (row `cells` of `g`)
    the attempts are. `family`: their common one, with its parameters in three rows; NONE: each line's own."""
    never = float(m.all.q[line.HORIZON])
    a = ahead(m.z, parameters)
    if family != NONE:
        wide, work, places = (n + 3) & ~3, ahead(m.z, berths.NORMAL), ahead(m.g, berths.PLACES)
        _vary(family, a, ahead(m.z, u), ahead(m.z, to), work, places, wide, least, never)
        return
    for i in range(n):
        one = line_of(m, m.g[cells + i] // m.lanes)
        table = view(one.f, one.q[law + 2], one.q[law + 3] - one.q[law + 2])
        variate = lanes.any_quantile(one.q[law], a[i], a[rows.STEP + i], a[2 * rows.STEP + i], table, m.z[u + i])
        m.z[to + i] = lanes.whole_seconds(variate, least, never)


@stage
def make(z: Floats, g: Ints, y: Words, keys: int, n: int) -> int:
    """Attempts are made, and the next ones due; lists the lanes that need more than that."""
    for i in range(n):
        due = z[berths.AT + i] + z[berths.INTERVAL + i]
        g[keys + i] = np.int64((whole_of(due) << _SECOND) | (np.uint64(g[keys + i]) & _REST))
        is_refused = is_refused_by(z[berths.BOUND_HERE + i], z[berths.U_ANSWER + i])
        g[berths.MORE + i] = 0 if is_refused & (due < z[berths.LIMIT_HERE + i]) else 1
    count = 0
    for i in range(n):
        cell = g[berths.CELL + i]
        y[berths.INDEX + cell] = y[berths.INDEX_HERE + i] + np.uint64(1)
        g[berths.NEXT + cell] = g[keys + i]
        g[berths.SPECIAL + count] = i
        count += g[berths.MORE + i]
    return count
