"""What lines that share officials' calls keep and mind of each other: when they were active, as intervals.

A line keeps its own, in `own`, and hands them over with its replication, to `kept`, in rising order. Intervals include
both ends.
"""

from __future__ import annotations

from math import inf

from sim.engines.compiled import requests, rows
from sim.engines.compiled.jit import inlined
from sim.engines.compiled.requests import Lanes


@inlined
def keep(m: Lanes, lane: int, first: float, last: float) -> bool:
    """Note an interval of activity, both ends included; False if there is no room."""
    count = m.s[rows.KEPT + lane]
    if count > 0 and first <= m.own[2 * (lane * rows.ROOM + count - 1) + 1] + requests.GAP:
        m.own[2 * (lane * rows.ROOM + count - 1) + 1] = max(m.own[2 * (lane * rows.ROOM + count - 1) + 1], last)
        return True
    if count == rows.ROOM:
        return False
    m.own[2 * (lane * rows.ROOM + count) + 0] = first
    m.own[2 * (lane * rows.ROOM + count) + 1] = last
    m.s[rows.KEPT + lane] = count + 1
    return True


@inlined
def meets(m: Lanes, lane: int, first: float, last: float) -> bool:
    """Whether an interval has a second in common with one that an earlier line kept."""
    row = m.s[rows.ROW + lane]
    at = m.s[rows.MIND + lane]
    while at < m.counts[row] and m.kept[2 * (row * rows.ROOM + at) + 1] < first:
        at += 1
    m.s[rows.MIND + lane] = at
    minded = m.kept[2 * (row * rows.ROOM + at)] if at < m.counts[row] else inf
    m.x[rows.MINDED + lane] = minded
    return minded <= last


@inlined
def hand_over(m: Lanes, lane: int) -> bool:
    """Merge what a lane kept into what its replication has, by second; False if there is no room."""
    row = m.s[rows.ROW + lane]
    have, more = m.counts[row], m.s[rows.KEPT + lane]
    if have + more > rows.ROOM:
        return False
    at = have + more
    while more > 0:
        at -= 1
        if have > 0 and m.kept[2 * (row * rows.ROOM + have - 1) + 0] > m.own[2 * (lane * rows.ROOM + more - 1) + 0]:
            have -= 1
            m.kept[2 * (row * rows.ROOM + at) + 0] = m.kept[2 * (row * rows.ROOM + have) + 0]
            m.kept[2 * (row * rows.ROOM + at) + 1] = m.kept[2 * (row * rows.ROOM + have) + 1]
        else:
            more -= 1
            m.kept[2 * (row * rows.ROOM + at) + 0] = m.own[2 * (lane * rows.ROOM + more) + 0]
            m.kept[2 * (row * rows.ROOM + at) + 1] = m.own[2 * (lane * rows.ROOM + more) + 1]
    m.counts[row] += m.s[rows.KEPT + lane]
    return True
