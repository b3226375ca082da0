"""Many replications of one line in lockstep: an attempt of each at a time, a replication a lane.

What all lanes do (draws, intervals, probabilities) is done for all of them at once. What few do is done for each:
answers, and attempts past the limit up to which nothing but attempts changes (a window of duty, a regime, an event, the
end of the request). A lane whose replication is over takes the next one.

Lines that share officials' calls also run here, one after the other: a line keeps when it was active, and those after
it mind that. Where two of them would meet, the replication is marked, and both lines are run again in the event loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np

from sim.engines.compiled import alone as line
from sim.engines.compiled import chances, drawing, lanes, meetings, requests, rows
from sim.engines.compiled.jit import inlined, kernel
from sim.engines.compiled.pointers import ahead
from sim.engines.compiled.requests import Lanes
from sim.rules.draws import Words
from sim.scenario.program import NONE, Floats, Ints

_NEVER = -1
_MODEL = rows.WIDTH
"""A lane beyond the others, which stands as every replication begins, where all begin alike."""
_ALL = rows.WIDTH + 1


Room = tuple[Words, Floats, Ints, Floats]


def room(lines: Sequence[Ints]) -> Room:
    """What `run` works in, for any of some lines (their `q`): `u`, `x`, `s` (see `rows`) and the intervals that lanes
    keep. What one run leaves there is of no consequence to the next."""
    u, x, s = rows.extents(lines, line.MOVING, line.TERMS)
    own = np.zeros(rows.WIDTH * rows.ROOM * 2)
    return np.zeros(u, dtype=np.uint64), np.zeros(x), np.zeros(s, dtype=np.int64), own


@inlined
def _sort_out(m: Lanes, n: int, wide: int) -> tuple[int, int]:
    """Lists the lanes that were answered, and those of the others that need a look: how many of each."""
    u, chance, due = ahead(m.x, rows.U_ANSWER), ahead(m.x, rows.CHANCE), ahead(m.x, rows.DUE)
    limit, made = ahead(m.x, rows.LIMIT), ahead(m.x, rows.MADE)
    most = float(m.q[line.ATTEMPTS])
    lanes.flag(u, chance, due, limit, made, ahead(m.s, rows.SPECIAL), most, wide)
    answered, look = 0, 0
    for lane in range(n):
        m.s[rows.ANSWERED + answered] = lane
        m.s[rows.LOOK + look] = lane
        answered += m.s[rows.SPECIAL + lane] >> 1
        look += m.s[rows.SPECIAL + lane] & 1
    if m.q[line.MOVING] == 0:
        return answered, look
    # By a bound, these may have been answered.
    likely, answered = answered, 0
    chances.give(m, likely)
    for j in range(likely):
        lane = m.s[rows.ANSWERED + j]
        is_answered = lanes.is_answered(u[lane], chance[lane])
        looks = lanes.needs_a_look(due[lane], limit[lane], made[lane], most)
        m.s[rows.ANSWERED + answered] = lane
        m.s[rows.LOOK + look] = lane
        answered += 1 if is_answered else 0
        look += 1 if looks and not is_answered else 0
    return answered, look


@inlined
def _count_reasons(m: Lanes, n: int, answered: int) -> None:
    """Unanswered attempts by reason: all, less what the answered ones would have had."""
    reasons, first, shares = m.q[line.REASONS], m.q[line.FIRST_REASON], m.q[line.SHARES]
    if reasons == 1:
        m.t[requests.UNANSWERED + m.q[first]] += n - answered
        return
    before = 0
    for reason in range(reasons):
        below = n - answered
        if reason < reasons - 1:
            below = lanes.below(ahead(m.x, rows.U_REASON), m.f[shares + reason], n)
            for j in range(answered):
                below -= 1 if m.x[rows.U_REASON + m.s[rows.ANSWERED + j]] < m.f[shares + reason] else 0
        m.t[requests.UNANSWERED + m.q[first + reason]] += max(0, below - before)
        before = max(before, below)


@inlined
def _take_force(m: Lanes, lane: int, now: float) -> None:
    """The line's own effect of a contact."""
    term = m.q[line.CONTACT_TERM]
    if term == NONE:
        return
    place = m.q[line.FIRST_TERM] + term * line.TERM_WIDTH
    row = m.q[place + line.ROW] + lane
    if m.q[place + line.KIND] == line.OWN_PERMANENT:
        m.x[row + rows.VALUE] += 1.0
    else:
        left = lanes.faded_one(m.x[row + rows.VALUE], now - m.x[row + rows.LAST], m.x[row + rows.HALF_LIFE])
        m.x[row + rows.VALUE] = left + m.x[row + rows.LOG_FACTOR]
        m.x[row + rows.LAST] = now


@inlined
def _wear(m: Lanes, n: int) -> None:
    """The line's own effect of unanswered attempts."""
    term = m.q[line.UNANSWERED_TERM]
    if term == NONE:
        return
    place = m.q[line.FIRST_TERM] + term * line.TERM_WIDTH
    row = m.q[place + line.ROW]
    u, chance, value = ahead(m.x, rows.U_ANSWER), ahead(m.x, rows.CHANCE), ahead(m.x, row + rows.VALUE)
    if m.q[place + line.KIND] == line.OWN_PERMANENT:
        lanes.count_unanswered(u, chance, value, n)
    else:
        last, half_life, factor = (
            ahead(m.x, row + rows.LAST),
            ahead(m.x, row + rows.HALF_LIFE),
            ahead(m.x, row + rows.LOG_FACTOR),
        )
        lanes.fade_unanswered(u, chance, ahead(m.x, rows.AT), value, last, half_life, factor, n)


@inlined
def _move(m: Lanes, lane: int, to: int) -> None:
    """A lane's replication goes on in another lane."""
    for row in range(0, rows.U_END, rows.STEP):
        m.u[row + to] = m.u[row + lane]
    for row in range(0, rows.MOVING + m.q[line.MOVING] * rows.MOVING_ROWS, rows.STEP):
        m.x[row + to] = m.x[row + lane]
    for row in range(rows.IDLE, rows.TERMS + m.q[line.TERMS] * rows.TERM_ROWS, rows.STEP):
        m.s[row + to] = m.s[row + lane]
    for i in range(2 * m.s[rows.KEPT + to]):
        m.own[2 * rows.ROOM * to + i] = m.own[2 * rows.ROOM * lane + i]


@inlined
def _place(m: Lanes, lane: int, mark: int, minds: bool) -> bool:
    """Stand before the next attempt; False where the request ends before, or meets what another line kept."""
    second, until = requests.place(m, lane)
    if second >= float(m.q[line.HORIZON]):
        return False
    if minds:
        row = m.s[rows.ROW + lane]
        if meetings.meets(m, lane, second, second):
            m.met[row] = mark
            requests.is_over(m, lane, -1.0)
            return False
        until = min(until, m.x[rows.MINDED + lane])
    m.x[rows.AT + lane] = second
    m.x[rows.LIMIT + lane] = until
    return True


@inlined
def _enter(m: Lanes, lane: int, one: int, paths: int) -> None:
    """A lane takes the next replication."""
    replication = m.replications[one]
    row = m.places[one]
    path = row if paths > 1 else 0
    m.s[rows.ROW + lane] = row
    m.s[rows.MIND + lane] = 0
    if m.numbers > 0:
        m.s[rows.NUMBERS + lane] = (replication // m.q[line.BLOCK] - m.first_block) * m.numbers
        requests.take_numbers(m, lane)
    m.s[rows.PATH + lane] = m.paths[path]
    m.s[rows.PATH_END + lane] = m.paths[path + 1]
    m.s[rows.TRIGGER + lane] = m.paths[path]
    m.u[rows.INDEX + lane] = np.uint64(0)
    m.u[rows.REPLICATION + lane] = np.uint64(replication)
    requests.enter(m, lane, replication)


@inlined
def _enter_as(m: Lanes, lane: int, one: int, model: int) -> None:
    """A lane takes the next replication, which begins as every one does: as lane `model` stands."""
    m.s[rows.ROW + lane] = m.places[one]
    m.u[rows.INDEX + lane] = np.uint64(0)
    m.u[rows.REPLICATION + lane] = np.uint64(m.replications[one])
    requests.enter_as(m, lane, model)
    m.x[rows.AT + lane] = m.x[rows.AT + model]
    m.x[rows.CHANCE + lane] = m.x[rows.CHANCE + model]
    m.x[rows.MADE + lane] = 0.0


@inlined
def _finds_attempt(m: Lanes, lane: int, mark: int, minds: bool) -> bool:
    """Bring a lane to its next attempt; False where the replication is over before."""
    never = float(m.q[line.HORIZON])
    while True:
        if m.x[rows.DUE + lane] >= 0.0:
            if _place(m, lane, mark, minds):
                return True
        elif m.q[line.STARTS] == line.ON_EVENT and m.x[rows.OVER + lane] >= 0.0:
            second = requests.reopen(m, lane)
            if second >= never:
                return False
            requests.begin(m, lane, second)
        else:
            return False


@inlined
def _look_at(
    m: Lanes, lane: int, mark: int, keeps: bool, minds: bool, next_one: int, size: int, paths: int, model: int
) -> int:
    """Bring a lane to its next attempt, in another replication if this one is over; the next replication to take.

    The lane is idle afterwards where there is none to take. `model`: see `_enter_as`, or NONE."""
    while not _finds_attempt(m, lane, mark, minds):
        row = m.s[rows.ROW + lane]
        if keeps and row != NONE and m.met[row] == 0 and not meetings.hand_over(m, lane):
            m.met[row] = mark
        if next_one == size:
            m.s[rows.IDLE + lane] = 1
            break
        next_one += 1
        if model == NONE:
            _enter(m, lane, next_one - 1, paths)
            continue
        _enter_as(m, lane, next_one - 1, model)
        if m.x[rows.DUE + lane] >= 0.0:
            break
    return next_one


@inlined
def _answer(m: Lanes, j: int, lane: int, mark: int, keeps: bool, minds: bool, column: int, weight: int) -> bool:
    """An answered attempt goes on to its contact; whether the lane needs a look."""
    never = float(m.q[line.HORIZON])
    triggered = m.q[line.STARTS] == line.ON_EVENT
    attempted = m.x[rows.AT + lane]
    ready = requests.served(m, attempted, m.x[rows.DELAY_2 + j], never)
    second, _ = requests.first_open(m, line.MAY_CONTACT, ready, never)
    if second >= never:
        m.t[requests.OPEN] += 1
        requests.is_over(m, lane, never)
        return True
    ends = min(never, second + m.x[rows.CALL_2 + j])
    last = max(second, ends - 1.0)
    # What other lines kept lies far apart in memory, and is seldom near.
    if minds and last >= m.x[rows.MINDED + lane] and meetings.meets(m, lane, second, last):
        m.met[m.s[rows.ROW + lane]] = mark
        requests.is_over(m, lane, -1.0)
        return True
    if keeps and not meetings.keep(m, lane, second, last):
        m.met[m.s[rows.ROW + lane]] = mark
    m.t[requests.CONTACT] += 1
    m.taken[lanes.bin_of(m.x[rows.MADE + lane])] += weight
    m.s[rows.BIN_2 + j] = lanes.bin_of(second - (m.x[rows.BEGAN + lane] if triggered else attempted))
    if m.s[rows.CONTACTED + lane] == 0:
        m.s[rows.CONTACTED + lane] = 1
        at = m.s[rows.ROW + lane] * m.lines + column
        m.first_contact[at] = int(second)
        m.marks[at] = requests.AT_ONCE if second == attempted else requests.WAITED
    _take_force(m, lane, second)
    if ends > second:
        m.x[rows.FREE + lane] = ends
    due = ends + m.x[rows.INTERVAL + lane]
    if m.q[line.UNTIL_HORIZON] == 0 or due >= never:
        requests.is_over(m, lane, second + 1.0)
        return True
    requests.begin(m, lane, due)
    # Nothing changes before the limit, unless the request has one of its own.
    return bool(due >= m.x[rows.LIMIT + lane] or m.q[line.GIVE_UP] != NONE)


@inlined
def _drop_idle(m: Lanes, n: int, look: int) -> int:
    """Close the ranks of the lanes that were looked at and are idle; how many are left."""
    for j in range(look):
        lane = m.s[rows.LOOK + j]
        while n > 0 and m.s[rows.IDLE + n - 1] == 1:
            n -= 1
        if lane < n and m.s[rows.IDLE + lane] == 1:
            n -= 1
            _move(m, n, lane)
    return n


@inlined
def _step(m: Lanes, n: int, mark: int, keeps: bool, minds: bool, column: int, weight: int) -> int:
    """An attempt in each of n lanes; how many lanes need a look."""
    wide = (n + rows.STRIDE - 1) // rows.STRIDE * rows.STRIDE
    drawing.draw_attempts(m, wide)
    if m.q[line.MOVING] > 0:
        chances.bound(m, wide)
    due = ahead(m.x, rows.DUE)
    lanes.one_more(
        ahead(m.u, rows.INDEX), ahead(m.x, rows.MADE), ahead(m.x, rows.AT), ahead(m.x, rows.INTERVAL), due, wide
    )
    answered, look = _sort_out(m, n, wide)
    if keeps:
        for lane in range(n):
            if not meetings.keep(m, lane, m.x[rows.AT + lane], m.x[rows.AT + lane]):
                m.met[m.s[rows.ROW + lane]] = mark
    _wear(m, wide)
    m.t[requests.ATTEMPTS] += n
    m.t[requests.ANSWERED] += answered
    _count_reasons(m, n, answered)
    if m.q[line.ATTEMPTS] > 0:
        for j in range(look):
            lane = m.s[rows.LOOK + j]
            if m.x[rows.MADE + lane] == m.q[line.ATTEMPTS]:
                m.t[requests.GAVE_UP] += 1
                requests.is_over(m, lane, m.x[rows.AT + lane] + 1.0)
    if answered > 0:
        drawing.draw_answers(m, answered)
    for j in range(answered):
        lane = m.s[rows.ANSWERED + j]
        m.s[rows.LOOK + look] = lane
        m.s[rows.BIN_2 + j] = _NEVER
        look += 1 if _answer(m, j, lane, mark, keeps, minds, column, weight) else 0
    # Bins lie far apart; one by one among all else, each would wait for its part of the memory.
    for j in range(answered):
        if m.s[rows.BIN_2 + j] != _NEVER:
            m.response[m.s[rows.BIN_2 + j]] += weight
    lanes.copy(due, ahead(m.x, rows.AT), wide)
    return look


@inlined
def _all_idle(m: Lanes, size: int) -> int:
    """All lanes are idle, and look for one of so many replications; for how many of them there is one."""
    for lane in range(_ALL):
        m.x[rows.BASE + lane] = nan  # that of another line, and not of CHANCE
        m.s[rows.PATH_END + lane] = m.paths[1]
    if m.numbers == 0:
        for lane in range(_ALL):
            m.s[rows.NUMBERS + lane] = 0
            requests.take_numbers(m, lane)
    for lane in range(_ALL):
        m.s[rows.LOOK + lane] = lane
        m.s[rows.ROW + lane] = NONE
        m.s[rows.IDLE + lane] = 0
        m.x[rows.DUE + lane] = -1.0
        m.x[rows.OVER + lane] = -1.0
    return min(rows.WIDTH, size)


@kernel
def run(
    q: Ints,
    f: Floats,
    values: Floats,
    seed: int,
    replications: Ints,
    places: Ints,
    first_block: int,
    paths: Ints,
    when: Floats,
    what: Ints,
    u: Words,
    x: Floats,
    s: Ints,
    own: Floats,
    t: Ints,
    taken: Ints,
    response: Ints,
    weight: int,
    first_contact: Ints,
    marks: requests.Marks,
    column: int,
    keeps: bool,
    minds: bool,
    mark: int,
    counts: Ints,
    kept: Floats,
    met: Ints,
    alike: bool,
) -> None:
    """Run one line in some replications.

    `places`: of each replication, the row of `first_contact`, `counts`, `kept` and `met` that is its own, and its path
    (the only one where `paths` holds one). `values`: a row for each block from `first_block` on, or one row for all.
    `t`: counts, 0 before; `taken` and `response`: counts, to which what happens is added `weight` times. `marks`:
    AT_ONCE where the first contact came in the second of its attempt. `met`: becomes `mark` where the line meets what
    an earlier one kept. `alike`: whether all replications begin alike, but for what other lines do.
    """
    m = requests.lanes_of(
        q,
        f,
        values,
        u,
        x,
        s,
        when,
        what,
        paths,
        replications,
        places,
        t,
        taken,
        response,
        first_contact,
        marks,
        own,
        counts,
        kept,
        met,
        seed,
        first_block,
    )
    size = len(replications)
    n = _all_idle(m, size)
    next_one, most, look, model = 0, size, n, NONE
    is_first = alike and not minds and n > 0
    if is_first:
        m.s[rows.LOOK], look, most = _MODEL, 1, 1
    while n > 0:
        for j in range(look):
            next_one = _look_at(m, m.s[rows.LOOK + j], mark, keeps, minds, next_one, most, len(paths) - 1, model)
        if is_first:
            # The model stands as every replication begins, and what that counts is counted for each.
            is_first, model = False, _MODEL
            for count in range(len(t)):
                t[count] *= size
            m.s[rows.LOOK], look, most, next_one = 0, n, size, 0
            continue
        if next_one == size:
            n = _drop_idle(m, n, look)
        if n > 0:
            look = _step(m, n, mark, keeps, minds, column, weight)
