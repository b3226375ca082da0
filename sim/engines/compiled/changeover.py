"""What lies between the log entries of the kernel `abreast`: a line's next attempt is found, a lane's replication ends
and another takes its place.
"""

from __future__ import annotations

import numpy as np

from sim.engines.compiled import alone as line
from sim.engines.compiled import berths, joint, requests, rows
from sim.engines.compiled.crew import Crew, attempt_at, line_of, never_of, record_of
from sim.engines.compiled.jit import inlined
from sim.engines.compiled.requests import Lanes
from sim.engines.compiled.sway import range_of, set_bounds, set_factors


@inlined
def _place(m: Crew, one: Lanes, at: int, lane: int, cell: int) -> bool:
    """Have the next attempt in the agenda; False where the request ends before."""
    second, until = requests.place(one, cell)
    if second >= float(one.q[line.HORIZON]):
        return False
    if one.q[line.TERMS] > 0:
        most, least = range_of(m, one, lane, cell)
        set_bounds(m, cell, int(m.y[berths.INDEX + cell]), most, least)
    one.x[rows.LIMIT + cell] = until
    m.g[berths.NEXT + cell] = attempt_at(second, at)
    return True


@inlined
def _look_at(m: Crew, one: Lanes, at: int, lane: int, cell: int) -> None:
    """Bring a line to its next attempt, if there is one."""
    never = float(one.q[line.HORIZON])
    while True:
        if one.x[rows.DUE + cell] >= 0.0:
            if _place(m, one, at, lane, cell):
                return
            continue
        if one.q[line.STARTS] == line.ON_EVENT:
            second = requests.reopen(one, cell)
            if second < never:
                requests.begin(one, cell, second)
                m.g[cell * berths.WHOLES + berths.BEFORE_REQUEST] = int(m.y[berths.INDEX + cell])
                continue
        m.g[berths.NEXT + cell] = never_of(m)
        return


@inlined
def look_at_all(m: Crew, look: int) -> None:
    """Look at all cells that need it."""
    for j in range(look):
        cell = m.g[berths.LOOK + j]
        at = cell // m.lanes
        _look_at(m, line_of(m, at), at, cell - at * m.lanes, cell)


@inlined
def _forget_causes(m: Crew, at: int, cell: int) -> None:
    """Nothing has happened on a line."""
    for i in range(berths.WHOLES):
        m.g[cell * berths.WHOLES + i] = 0
    for cause in range(2):
        if m.h[record_of(at) + joint.EFFECTS + joint.EFFECT_WIDTH * cause + joint.KIND] == joint.FADES:
            m.z[cell * berths.REALS + berths.VALUE + cause] = 0.0
            m.z[cell * berths.REALS + berths.LAST + cause] = 0.0


@inlined
def enter(m: Crew, lane: int, one_of: int, fixed: bool, look: int) -> int:
    """A lane takes a replication, and its cells need a look: how many do."""
    a = m.all
    replication, row = a.replications[one_of], a.places[one_of]
    path = 0 if fixed else row
    m.y[berths.REPLICATION + lane] = np.uint64(replication)
    a.s[rows.ROW + lane] = row
    a.s[rows.CONTACTED + lane] = 0
    for at in range(m.size):
        one = line_of(m, at)
        cell = at * m.lanes + lane
        if a.numbers > 0:
            a.s[rows.NUMBERS + cell] = (replication // one.q[line.BLOCK] - a.first_block) * a.numbers
            requests.take_numbers(one, cell)
            set_factors(m, at, cell, a.s[rows.NUMBERS + cell])
        a.s[rows.PATH + cell] = a.paths[path]
        a.s[rows.PATH_END + cell] = a.paths[path + 1]
        a.s[rows.TRIGGER + cell] = a.paths[path]
        m.y[berths.INDEX + cell] = np.uint64(0)
        _forget_causes(m, at, cell)
        requests.enter(one, cell, replication)
        if one.q[line.TERMS] == 0:
            set_bounds(m, cell, 0, a.x[rows.BASE + cell], a.x[rows.BASE + cell])
        m.g[berths.LOOK + look + at] = cell
    return look + m.size


@inlined
def enter_as(m: Crew, lane: int, one_of: int, model: int) -> None:
    """A lane takes a replication, which begins as every one does: as lane `model` stands."""
    a = m.all
    m.y[berths.REPLICATION + lane] = np.uint64(a.replications[one_of])
    a.s[rows.ROW + lane] = a.places[one_of]
    a.s[rows.CONTACTED + lane] = 0
    for at in range(m.size):
        one = line_of(m, at)
        cell, other = at * m.lanes + lane, at * m.lanes + model
        m.y[berths.INDEX + cell] = np.uint64(0)
        m.g[berths.NEXT + cell] = m.g[berths.NEXT + other]
        m.z[berths.BOUND + cell] = m.z[berths.BOUND + other]
        m.z[berths.LOWEST + cell] = m.z[berths.LOWEST + other]
        requests.enter_as(one, cell, other)
        _forget_causes(m, at, cell)


@inlined
def leave(m: Crew, lane: int) -> None:
    """The replication is over: attempts are counted."""
    for at in range(m.size):
        one = line_of(m, at)
        cell = at * m.lanes + lane
        made, answered = int(m.y[berths.INDEX + cell]), m.g[cell * berths.WHOLES + berths.ANSWERS]
        one.t[requests.ATTEMPTS] += made
        one.t[requests.ANSWERED] += answered
        if one.q[line.REASONS] == 1:
            one.t[requests.UNANSWERED + one.q[one.q[line.FIRST_REASON]]] += made - answered


@inlined
def _move(m: Crew, lane: int, to: int) -> None:
    """A lane's replication goes on in another lane."""
    a = m.all
    for at in range(m.size):
        cell, free = at * m.lanes + lane, at * m.lanes + to
        for row in range(0, rows.MOVING + a.counts[0] * rows.MOVING_ROWS, rows.STEP):
            a.x[row + free] = a.x[row + cell]
        for row in range(rows.IDLE, rows.TERMS + a.counts[1] * rows.TERM_ROWS, rows.STEP):
            a.s[row + free] = a.s[row + cell]
        for i in range(berths.REALS):
            m.z[free * berths.REALS + i] = m.z[cell * berths.REALS + i]
        for i in range(berths.WHOLES):
            m.g[free * berths.WHOLES + i] = m.g[cell * berths.WHOLES + i]
        m.z[berths.BOUND + free] = m.z[berths.BOUND + cell]
        m.z[berths.LOWEST + free] = m.z[berths.LOWEST + cell]
        m.g[berths.NEXT + free] = m.g[berths.NEXT + cell]
        m.y[berths.INDEX + free] = m.y[berths.INDEX + cell]
    m.y[berths.REPLICATION + to] = m.y[berths.REPLICATION + lane]
    m.g[m.key + to] = m.g[m.key + lane]


@inlined
def close_ranks(m: Crew, n: int) -> int:
    """Without the lanes that are over; how many are left."""
    never = never_of(m)
    lane = 0
    while lane < n:
        if m.g[m.key + lane] < never:
            lane += 1
            continue
        n -= 1
        if lane < n:
            _move(m, n, lane)
    return n
