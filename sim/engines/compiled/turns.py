"""What all lanes do in every step of the kernel `abreast`: whose turn it is, draws, intervals, the next attempt."""

from __future__ import annotations

import numpy as np

from sim.engines.compiled import alone as line
from sim.engines.compiled import berths, joint, lanes, rows
from sim.engines.compiled.crew import ATTEMPT, KIND, LINE, SECOND, Crew, line_of, record_of
from sim.engines.compiled.jit import inlined, stage
from sim.engines.compiled.pointers import ahead, view
from sim.engines.compiled.sway import is_refused_by
from sim.rules import quantiles
from sim.rules.draws import Words
from sim.scenario.arrays import NONE, Floats, Ints


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
def gather(x: Floats, h: Ints, z: Floats, g: Ints, y: Words, width: int, keys: int, n: int) -> None:
    """What the happening needs to know of its line, side by side."""
    for i in range(n):
        key = g[keys + i]
        at = key & LINE
        cell = at * width + i
        g[berths.CELL + i] = cell
        z[berths.AT + i] = float(key >> SECOND)
        y[berths.INDEX_HERE + i] = y[berths.INDEX + cell]
        y[berths.STREAM_HERE + i] = np.uint64(h[record_of(at) + joint.STREAM])
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
    """Likewise, for the happening of each lane."""
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
    the happenings are. `family`: their common one, with its parameters in three rows; NONE: each line's own."""
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
    count = 0
    for i in range(n):
        key, cell = g[keys + i], g[berths.CELL + i]
        due = z[berths.AT + i] + z[berths.INTERVAL + i]
        attempts = (key >> KIND) & 1
        y[berths.INDEX + cell] = y[berths.INDEX_HERE + i] + np.uint64(attempts)
        g[berths.NEXT + cell] = (int(due) << SECOND) | (key & (LINE | ATTEMPT))
        is_refused = is_refused_by(z[berths.BOUND_HERE + i], z[berths.U_ANSWER + i])
        g[berths.SPECIAL + count] = i
        count += 0 if is_refused & (due < z[berths.LIMIT_HERE + i]) & (attempts == 1) else 1
    return count
