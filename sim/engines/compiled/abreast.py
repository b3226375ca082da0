"""Lines that affect each other, in lockstep over replications: the next log entry of each, a replication a lane.

What is next in a lane is the smallest of the keys of its lines, which are second, kind and line in one whole number, as
in the agenda of the event loop. Lanes that have a contact next, or are over, are brought to an attempt one by one. Then
each lane makes its attempt, on whichever of its lines it is, and what all do (draws, intervals) is done for all of them
at once. Most attempts go unanswered by a bound on the odds, with the next one due before anything else can change; all
others are sorted by what they need.

A line is a row of cells, one for each lane, where it stands as a line alone does in its lane (see `rows`); `berths` is
what comes to that.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.engines.compiled import alone as line
from sim.engines.compiled import berths, joint, lanes, requests, rows
from sim.engines.compiled.changeover import close_ranks, enter, enter_as, leave, look_at_all
from sim.engines.compiled.crew import LINE, SECOND, Crew, line_of, never_of, record_of
from sim.engines.compiled.jit import inlined, kernel
from sim.engines.compiled.joint import Joint
from sim.engines.compiled.pointers import pointer, view
from sim.engines.compiled.requests import Marks
from sim.engines.compiled.sway import (
    is_answered_by,
    is_refused_by,
    log_odds,
    lowest,
    set_bounds,
    set_factors,
    take_force,
)
from sim.engines.compiled.turns import draw, draw_here, durations, find_again, find_next, gather, list_idle, make
from sim.rules import quantiles
from sim.rules.answer import reason_of
from sim.rules.draws import Words
from sim.scenario.program import NONE, Floats, Ints

_ANSWER_PAIR, _DELAY_PAIR, _CALL_PAIR = 0, 1, 2


Room = tuple[Words, Floats, Ints, Floats, Ints, Words]


def room(joints: Sequence[Joint]) -> Room:
    """What `run` works in, for any of some components: `u`, `x`, `s` (see `rows`), `z`, `g` and `y` (see `berths`).
    What one run leaves there is of no consequence to the next."""
    u, x, s = rows.extents([q for one in joints for q in one.qs], line.MOVING, line.TERMS)
    return (
        np.zeros(u, dtype=np.uint64),
        np.zeros(x),
        np.zeros(s, dtype=np.int64),
        np.zeros(berths.Z_END),
        np.zeros(berths.G_END, dtype=np.int64),
        np.zeros(berths.Y_END, dtype=np.uint64),
    )


@inlined
def _padded(n: int) -> int:
    return (n + rows.STRIDE - 1) // rows.STRIDE * rows.STRIDE


@inlined
def _sort_out(m: Crew, special: int) -> tuple[int, int, int]:
    """Lists of the special lanes: with an attempt that is answered, that may be, and that is not, by bounds on the
    odds; how many of each."""
    z, g = m.z, m.g
    answered, likely, late = 0, 0, 0
    for j in range(special):
        i = g[berths.SPECIAL + j]
        is_refused = is_refused_by(z[berths.BOUND_HERE + i], z[berths.U_ANSWER + i])
        g[berths.LIKELY + likely] = i
        g[berths.LATE + late] = i
        likely += 0 if is_refused else 1
        late += 1 if is_refused else 0
    unclear = 0
    for j in range(likely):
        i = g[berths.LIKELY + j]
        is_answered = is_answered_by(lowest(m, i, g[berths.CELL + i]), z[berths.U_ANSWER + i])
        g[berths.ANSWERED + answered] = i
        g[berths.LIKELY + unclear] = i
        answered += 1 if is_answered else 0
        unclear += 0 if is_answered else 1
    return answered, unclear, late


@inlined
def _settle(m: Crew, likely: int, answered: int, late: int) -> tuple[int, int]:
    """Of the attempts that may be answered, which are; how many are then, and how many lanes are late."""
    z, g = m.z, m.g
    for j in range(likely):
        i = g[berths.LIKELY + j]
        cell = g[berths.CELL + i]
        one = line_of(m, g[m.key + i] & LINE)
        odds, most, least = log_odds(m, one, i, cell, z[berths.AT + i])
        is_answered = lanes.is_answered(z[berths.U_ANSWER + i], lanes.answer_probability(odds, 0))
        set_bounds(m, cell, int(m.y[berths.INDEX_HERE + i]), most, least)
        due = z[berths.AT + i] + z[berths.INTERVAL + i]
        g[berths.ANSWERED + answered] = i
        g[berths.LATE + late] = i
        answered += 1 if is_answered else 0
        late += 1 if (not is_answered) & (due >= z[berths.LIMIT_HERE + i]) else 0
    return answered, late


@inlined
def _answer(m: Crew, answered: int, look: int) -> int:
    """Answered attempts go on to their contacts; how many cells need a look."""
    a, z, g, y = m.all, m.z, m.g, m.y
    for j in range(answered):
        i = g[berths.ANSWERED + j]
        y[berths.INDEX_2 + j] = y[berths.INDEX_HERE + i]
        y[berths.REPLICATION_2 + j] = y[berths.REPLICATION + i]
        y[berths.STREAM_2 + j] = y[berths.STREAM_HERE + i]
        cell = g[berths.CELL + i]
        g[berths.CELL_2 + j] = cell
        for parameter in range(0, 3 * rows.STEP, rows.STEP):
            z[berths.LAW_2 + parameter + j] = a.x[rows.DELAY_LAW + parameter + cell]
    family = m.h[joint.DELAY_FAMILY]
    wide = (answered + 3) & ~3
    if family != quantiles.FIXED:
        draw(m, berths.INDEX_2, berths.REPLICATION_2, berths.STREAM_2, _DELAY_PAIR, berths.U_DELAY_2, wide)
    durations(m, family, line.DELAY, berths.CELL_2, berths.LAW_2, berths.U_DELAY_2, berths.DELAY_2, answered, 0.0)
    for j in range(answered):
        i = g[berths.ANSWERED + j]
        at, cell = g[m.key + i] & LINE, g[berths.CELL + i]
        one = line_of(m, at)
        never = float(one.q[line.HORIZON])
        g[cell * berths.WHOLES + berths.ANSWERS] += 1
        now = z[berths.AT + i]
        z[cell * berths.REALS + berths.ATTEMPTED] = now
        z[cell * berths.REALS + berths.INTERVAL_AFTER] = z[berths.INTERVAL + i]
        ready = requests.served(one, now, z[berths.DELAY_2 + j], never)
        second, _ = requests.first_open(one, line.MAY_CONTACT, ready, never)
        if second >= never:
            one.t[requests.OPEN] += 1
            requests.is_over(one, cell, never)
            g[berths.LOOK + look] = cell
            look += 1
        else:
            g[berths.NEXT + cell] = (int(second) << SECOND) | at
    return look


@inlined
def _contact(m: Crew, i: int, at: int, cell: int, now: float) -> tuple[int, bool]:
    """A contact in lane i; the place of its response time in what is counted, and whether the line needs a look."""
    a, z, g = m.all, m.z, m.g
    one = line_of(m, at)
    never = float(one.q[line.HORIZON])
    attempted = z[cell * berths.REALS + berths.ATTEMPTED]
    index = int(m.y[berths.INDEX + cell])
    one.t[requests.CONTACT] += 1
    one.taken[lanes.bin_of(float(index - g[cell * berths.WHOLES + berths.BEFORE_REQUEST]))] += 1
    triggered = one.q[line.STARTS] == line.ON_EVENT
    response = now - (one.x[rows.BEGAN + cell] if triggered else attempted)
    if g[cell * berths.WHOLES + berths.CONTACTS] == 0:
        place = a.s[rows.ROW + i] * a.lines + m.h[record_of(at) + joint.COLUMN]
        a.first_contact[place] = int(now)
        a.marks[place] = requests.NOT_FIRST if a.s[rows.CONTACTED + i] else requests.FIRST
        a.s[rows.CONTACTED + i] = 1
    g[cell * berths.WHOLES + berths.CONTACTS] += 1
    take_force(m, at, i, joint.CONTACT, now)
    law, numbers = line.CALL, a.s[rows.NUMBERS + cell]
    slot, v = one.q[law + 1], one.v
    variate = v[numbers + slot]
    if one.q[law] != quantiles.FIXED:
        replication = int(m.y[berths.REPLICATION + i])
        _, u = lanes.pair_of(index - 1, replication, one.q[line.STREAM], _CALL_PAIR, one.seed)
        table = view(one.f, one.q[law + 2], one.q[law + 3] - one.q[law + 2])
        b, c = v[numbers + slot + 1], v[numbers + slot + 2]
        variate = lanes.any_quantile(one.q[law], variate, b, c, table, u)
    ends = min(never, now + lanes.whole_seconds(variate, 0.0, never))
    if ends > now:
        one.x[rows.FREE + cell] = ends
    due = ends + z[cell * berths.REALS + berths.INTERVAL_AFTER]
    looks = True
    if one.q[line.UNTIL_HORIZON] == 0 or due >= never:
        requests.is_over(one, cell, now + 1.0)
        g[berths.NEXT + cell] = never_of(m)
        looks = triggered
    else:
        requests.begin(one, cell, due)
        g[cell * berths.WHOLES + berths.BEFORE_REQUEST] = index
    return at * m.bins + lanes.bin_of(response), looks


@inlined
def _bring_to_attempts(m: Crew, idle: int, next_one: int, size: int, fixed: bool, model: int) -> tuple[int, int, int]:
    """What comes before the next attempts of the idle lanes: contacts, and the next replication where one is over. How
    many of these lanes go on, how many cells need a look, and the replication after those."""
    g = m.g
    never = never_of(m)
    contacts, look, left = 0, 0, 0
    for j in range(idle):
        i = g[berths.IDLE + j]
        key = g[m.key + i]
        if key < never:
            at = key & LINE
            cell = at * m.lanes + i
            g[berths.PLACES + contacts], looks = _contact(m, i, at, cell, float(key >> SECOND))
            g[berths.LOOK + look] = cell
            look += 1 if looks else 0
            contacts += 1
        else:
            leave(m, i)
            if next_one == size:
                continue
            if model != NONE:
                enter_as(m, i, next_one, model)
            else:
                look = enter(m, i, next_one, fixed, look)
            next_one += 1
        g[berths.IDLE + left] = i
        left += 1
    # Bins lie far apart; one by one among all else, each would wait for its part of the memory.
    for j in range(contacts):
        m.all.response[g[berths.PLACES + j]] += 1
    return left, look, next_one


@inlined
def _go_on_late(m: Crew, late: int, look: int) -> int:
    """Unanswered attempts whose next one is due past the limit need a look; how many cells do."""
    z, g = m.z, m.g
    for j in range(late):
        i = g[berths.LATE + j]
        at, cell = g[m.key + i] & LINE, g[berths.CELL + i]
        one = line_of(m, at)
        if z[berths.LIMIT_HERE + i] < 0.0:
            one.t[requests.GAVE_UP] += 1
            requests.is_over(one, cell, z[berths.AT + i] + 1.0)
        else:
            one.x[rows.DUE + cell] = z[berths.AT + i] + z[berths.INTERVAL + i]
        g[berths.LOOK + look + j] = cell
    return look + late


@inlined
def _mind_limits(m: Crew, n: int) -> None:
    """Whatever comes after the last attempt of a request is past the limit, which is below 0."""
    z, g = m.z, m.g
    for i in range(n):
        one = line_of(m, g[m.key + i] & LINE)
        made = int(m.y[berths.INDEX_HERE + i]) + 1 - g[g[berths.CELL + i] * berths.WHOLES + berths.BEFORE_REQUEST]
        if made == one.q[line.ATTEMPTS]:
            z[berths.LIMIT_HERE + i] = -1.0


@inlined
def _refuse(m: Crew, n: int, answered: int) -> None:
    """What unanswered attempts do: their effects, and reasons where there are several."""
    z, g = m.z, m.g
    wide = _padded(n)
    for i in range(n):
        g[berths.IS_ANSWERED + i] = 0
    for j in range(answered):
        g[berths.IS_ANSWERED + g[berths.ANSWERED + j]] = 1
    if m.h[joint.HAS_REASONS]:
        draw_here(m, _DELAY_PAIR, berths.U_DELAY, wide)
    for i in range(n):
        if g[berths.IS_ANSWERED + i] == 1:
            continue
        at = g[m.key + i] & LINE
        one = line_of(m, at)
        if one.q[line.REASONS] > 1:
            which = reason_of(z[berths.U_REASON + i], view(one.f, one.q[line.SHARES], one.q[line.REASONS]))
            one.t[requests.UNANSWERED + one.q[one.q[line.FIRST_REASON] + which]] += 1
        take_force(m, at, i, joint.UNANSWERED, z[berths.AT + i])


@inlined
def _step(m: Crew, n: int) -> int:
    """An attempt in each of n lanes; how many cells need a look."""
    z, g = m.z, m.g
    wide = _padded(n)
    gather(m.all.x, m.h, z, g, m.y, m.lanes, m.key, n)
    draw_here(m, _ANSWER_PAIR, berths.U_INTERVAL, wide)
    durations(
        m,
        m.h[joint.EVERY_FAMILY],
        line.EVERY,
        berths.CELL,
        berths.LAW,
        berths.U_INTERVAL,
        berths.INTERVAL,
        n,
        1.0,
    )
    if m.h[joint.HAS_LIMIT]:
        _mind_limits(m, n)
    special = make(z, g, m.y, m.key, n)
    answered, likely, late = _sort_out(m, special)
    answered, late = _settle(m, likely, answered, late)
    look = _answer(m, answered, 0)
    if m.h[joint.HAS_REASONS] or m.h[joint.WEARS]:
        _refuse(m, n, answered)
    return _go_on_late(m, late, look)


@kernel
def run(
    h: Ints,
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
    z: Floats,
    g: Ints,
    y: Words,
    shape: Ints,
    t: Ints,
    taken: Ints,
    response: Ints,
    first_contact: Ints,
    marks: Marks,
) -> None:
    """Run the lines in some replications.

    `places`: of each replication, the row of `first_contact` and `marks` that is its own, and its path (the only one
    where `paths` holds one). `values`: a row for each block from `first_block` on, or one row for all. `t`: counts by
    line, 0 before; `taken`, `response`: counts by line, to which what happens is added. `shape`: how many moving terms
    and terms a line has at most; lanes; whether all replications begin alike.
    """
    a = requests.lanes_of(
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
        x,
        shape,
        x,
        s,
        seed,
        first_block,
    )
    size = h[joint.LINES]
    key = berths.KEY + ((size - 1) & 1) * rows.STEP
    bins, told = len(response) // size, len(t) // size
    m = Crew(a, pointer(h), pointer(z), pointer(g), pointer(y), size, shape[2], bins, told, key)
    fixed = len(paths) == 2
    for at in range(m.size):
        for lane in range(m.lanes):
            cell = at * m.lanes + lane
            m.g[berths.NEXT + cell] = never_of(m)
            m.y[berths.INDEX + cell] = np.uint64(0)
            s[rows.PATH_END + cell] = paths[1]
            m.y[berths.STREAM + cell] = np.uint64(line_of(m, at).q[line.STREAM])
            if a.numbers == 0:
                s[rows.NUMBERS + cell] = 0
                requests.take_numbers(line_of(m, at), cell)
                set_factors(m, at, cell, 0)
    model, lanes_in_use = NONE, m.lanes
    if shape[3] and len(replications) > 0:
        # The last lane stands as every replication begins, and what that counts is counted for each.
        model, lanes_in_use = m.lanes - 1, m.lanes - 1
        look_at_all(m, enter(m, model, 0, fixed, 0))
        for count in range(len(t)):
            t[count] *= len(replications)
    n = min(lanes_in_use, len(replications))
    next_one, look = n, 0
    for lane in range(n):
        if model != NONE:
            enter_as(m, lane, lane, model)
        else:
            look = enter(m, lane, lane, fixed, look)
    idle = 0
    while True:
        look_at_all(m, look)
        if idle > 0:
            idle = find_again(m, idle)
        else:
            find_next(m.g, m.size, m.lanes, _padded(n))
            idle = list_idle(m.g, m.key, n)
        if idle > 0:
            idle, look, next_one = _bring_to_attempts(m, idle, next_one, len(replications), fixed, model)
            if idle > 0:
                continue
        if next_one == len(replications):
            n = close_ranks(m, n)
        if n == 0:
            break
        look = _step(m, n)
