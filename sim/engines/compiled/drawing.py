"""What the attempts of a step draw, a loop over lanes at a time: intervals for all; delays and calls for the answered.

The loops themselves are in `lanes`, the rows that they take and fill in `rows`.
"""

from __future__ import annotations

import numpy as np

from sim.engines.compiled import alone as line
from sim.engines.compiled import lanes, rows
from sim.engines.compiled.jit import inlined
from sim.engines.compiled.pointers import ahead, view
from sim.engines.compiled.requests import Lanes
from sim.rules import quantiles

_ANSWER_PAIR, _DELAY_PAIR, _CALL_PAIR = 0, 1, 2


@inlined
def _durations(m: Lanes, law: int, first: int, u: int, to: int, n: int, least: float) -> None:
    """Row `to`: durations of a law, its parameters in three rows from `first` on, at the uniforms of row `u`."""
    a, b, c = ahead(m.x, first), ahead(m.x, first + rows.STEP), ahead(m.x, first + 2 * rows.STEP)
    never = float(m.q[line.HORIZON])
    table = view(m.f, m.q[law + 2], m.q[law + 3] - m.q[law + 2])
    if m.q[law] == quantiles.LOGNORMAL:
        normal, tail, places = ahead(m.x, rows.NORMAL), ahead(m.x, rows.TAIL), ahead(m.s, rows.PLACES)
        lanes.lognormal_durations(a, b, table, ahead(m.x, u), ahead(m.x, to), normal, tail, places, n, least, never)
    else:
        lanes.durations(m.q[law], a, b, c, table, ahead(m.x, u), ahead(m.x, to), n, least, never)


@inlined
def _draw(m: Lanes, address: int, pair: int, to: int, n: int) -> None:
    """Rows `to` and the one after it: the uniforms of a pair of purposes."""
    index, replication = ahead(m.u, address), ahead(m.u, address + rows.STEP)
    lanes.draw(index, replication, ahead(m.x, to), ahead(m.x, to + rows.STEP), n, m.q[line.STREAM], pair, m.seed)


@inlined
def draw_attempts(m: Lanes, n: int) -> None:
    """Uniforms and intervals of the attempts of a step; where a reason is drawn, also those of delays and reasons."""
    _draw(m, rows.INDEX, _ANSWER_PAIR, rows.U_INTERVAL, n)
    _durations(m, line.EVERY, rows.EVERY_LAW, rows.U_INTERVAL, rows.INTERVAL, n, 1.0)
    if m.q[line.REASONS] > 1:
        _draw(m, rows.INDEX, _DELAY_PAIR, rows.U_DELAY, n)


@inlined
def draw_answers(m: Lanes, answered: int) -> None:
    """Delays and calls of the answered attempts, side by side."""
    for j in range(answered):
        lane = m.s[rows.ANSWERED + j]
        m.u[rows.INDEX_2 + j] = m.u[rows.INDEX + lane] - np.uint64(1)
        m.u[rows.REPLICATION_2 + j] = m.u[rows.REPLICATION + lane]
    n = (answered + 3) & ~3
    delay_law, call_law = rows.DELAY_LAW, rows.CALL_LAW
    if m.q[line.DERIVED]:
        # Lanes differ. The six parameters of both laws lie in rows side by side.
        delay_law, call_law = rows.DELAY_LAW_2, rows.CALL_LAW_2
        for row in range(0, 6 * rows.STEP, rows.STEP):
            for j in range(answered):
                m.x[rows.DELAY_LAW_2 + row + j] = m.x[rows.DELAY_LAW + row + m.s[rows.ANSWERED + j]]
    if m.q[line.DELAY] != quantiles.FIXED:
        if m.q[line.REASONS] == 1:
            _draw(m, rows.INDEX_2, _DELAY_PAIR, rows.U_DELAY_2, n)
        else:
            for j in range(answered):
                m.x[rows.U_DELAY_2 + j] = m.x[rows.U_DELAY + m.s[rows.ANSWERED + j]]
    _durations(m, line.DELAY, delay_law, rows.U_DELAY_2, rows.DELAY_2, n, 0.0)
    if m.q[line.CALL] != quantiles.FIXED:
        _draw(m, rows.INDEX_2, _CALL_PAIR, rows.U_WAIT_2, n)
    _durations(m, line.CALL, call_law, rows.U_CALL_2, rows.CALL_2, n, 0.0)
