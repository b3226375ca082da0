"""Many replications of one line in lockstep: an attempt of each at a time, a replication a lane.

What all lanes do (draws, intervals, probabilities) is done for all of them at once. What few do is done for each:
answers, and attempts past the limit up to which nothing but attempts changes (a window of duty, a regime, an event, the
end of the errand). A lane whose replication is over takes the next one.

Lines that share officials' calls also run here, one after the other: a line keeps when it was active, and those after
it mind that. Where two of them would meet, the replication is marked, and both lines are run again in the event loop.
"""

from __future__ import annotations

import numpy as np

from sim.engines.compiled import alone as line
from sim.engines.compiled import errands, lanes, rows
from sim.engines.compiled.bits import bits_of
from sim.engines.compiled.jit import inlined, kernel
from sim.rules import quantiles
from sim.rules.draws import Words
from sim.scenario.arrays import NONE, Floats, Ints

_ANSWER_PAIR, _DELAY_PAIR, _CALL_PAIR = 0, 1, 2
_NEVER = -1


def room(q: Ints) -> tuple[Words, Floats, Ints, Floats]:
    """What `run` works in: `u`, `x`, `s` (see `rows`) and the intervals that lanes keep."""
    return (
        np.zeros(rows.U_END, dtype=np.uint64),
        np.zeros(rows.MOVING + int(q[line.MOVING]) * rows.MOVING_ROWS),
        np.zeros(rows.TERMS + int(q[line.TERMS]) * rows.TERM_ROWS, dtype=np.int64),
        np.zeros((rows.WIDTH, rows.ROOM, 2)),
    )


@inlined
def _bin_of(number: float) -> int:
    """As sim.rules.bins.bin_of: the shift is the exponent of the double beyond 10."""
    whole = int(number)
    if whole < 2048:
        return whole
    shift = int(bits_of(number) >> np.uint64(52)) - 1033
    return shift * 1024 + (whole >> shift)


@inlined
def _row(array: Floats, first: int) -> Floats:
    return array[first : first + rows.WIDTH]


@inlined
def _durations(q: Ints, f: Floats, x: Floats, law: int, first: int, u: int, to: int, n: int, least: float) -> None:
    """Row `to`: durations of a law, its parameters in three rows from `first` on, at the uniforms of row `u`."""
    a, b, c = _row(x, first), _row(x, first + rows.WIDTH), _row(x, first + 2 * rows.WIDTH)
    table = f[q[law + 2] : q[law + 3]]
    lanes.durations(q[law], a, b, c, table, _row(x, u), _row(x, to), n, least, float(q[line.HORIZON]))


@inlined
def _draw(q: Ints, u: Words, x: Floats, address: int, pair: int, to: int, n: int, seed: int) -> None:
    """Rows `to` and the one after it: the uniforms of a pair of purposes."""
    index, replication = u[address : address + rows.WIDTH], u[address + rows.WIDTH : address + 2 * rows.WIDTH]
    lanes.draw(index, replication, _row(x, to), _row(x, to + rows.WIDTH), n, q[line.STREAM], pair, seed)


@inlined
def _draw_attempts(q: Ints, f: Floats, u: Words, x: Floats, n: int, seed: int) -> None:
    """Uniforms, intervals and probabilities of the attempts of this step."""
    _draw(q, u, x, rows.INDEX, _ANSWER_PAIR, rows.U_INTERVAL, n, seed)
    _durations(q, f, x, line.EVERY, rows.EVERY_LAW, rows.U_INTERVAL, rows.INTERVAL, n, 1.0)
    if q[line.MOVING] > 0:
        odds, now = _row(x, rows.CHANCE), _row(x, rows.AT)
        lanes.copy(_row(x, rows.BASE), odds, n)
        for term in range(q[line.TERMS]):
            at = q[line.FIRST_TERM] + term * line.TERM_WIDTH
            kind, row = q[at + line.KIND], q[at + line.ROW]
            if row == NONE:
                continue
            value = _row(x, row + rows.VALUE)
            if kind == line.OWN_PERMANENT:
                lanes.add_count(odds, value, _row(x, row + rows.LOG_FACTOR), n)
            elif kind == line.FADES or kind == line.OWN_FADES:
                lanes.add_fading(odds, now, value, _row(x, row + rows.LAST), _row(x, row + rows.HALF_LIFE), n)
            else:
                lanes.add_constant(odds, value, n)
        lanes.to_probabilities(odds, n)


@inlined
def _sort_out(q: Ints, x: Floats, s: Ints, n: int) -> tuple[int, int]:
    """Lists the lanes that were answered, and those of the others that need a look: how many of each."""
    answered = 0
    for lane in range(n):
        s[rows.ANSWERED + answered] = lane
        answered += 1 if lanes.is_answered(x[rows.U_ANSWER + lane], x[rows.CHANCE + lane]) else 0
    look = 0
    most = float(q[line.ATTEMPTS])
    for lane in range(n):
        s[rows.LOOK + look] = lane
        due = x[rows.DUE + lane] >= x[rows.LIMIT + lane] or x[rows.MADE + lane] == most
        look += 1 if due and not lanes.is_answered(x[rows.U_ANSWER + lane], x[rows.CHANCE + lane]) else 0
    return answered, look


@inlined
def _count_reasons(q: Ints, f: Floats, x: Floats, s: Ints, t: Ints, n: int, answered: int) -> None:
    """Unanswered attempts by reason: all, less what the answered ones would have had."""
    reasons, first, shares = q[line.REASONS], q[line.FIRST_REASON], q[line.SHARES]
    if reasons == 1:
        t[errands.UNANSWERED + q[first]] += n - answered
        return
    before = 0
    for reason in range(reasons):
        below = n - answered
        if reason < reasons - 1:
            below = lanes.below(_row(x, rows.U_REASON), f[shares + reason], n)
            for j in range(answered):
                below -= 1 if x[rows.U_REASON + s[rows.ANSWERED + j]] < f[shares + reason] else 0
        t[errands.UNANSWERED + q[first + reason]] += max(0, below - before)
        before = max(before, below)


@inlined
def _draw_answers(q: Ints, f: Floats, u: Words, x: Floats, s: Ints, answered: int, seed: int) -> None:
    """Delays and calls of the answered attempts, side by side."""
    for j in range(answered):
        lane = s[rows.ANSWERED + j]
        u[rows.INDEX_2 + j] = u[rows.INDEX + lane] - np.uint64(1)
        u[rows.REPLICATION_2 + j] = u[rows.REPLICATION + lane]
    n = (answered + rows.STRIDE - 1) // rows.STRIDE * rows.STRIDE
    # The six parameters of both laws lie in rows side by side.
    for row in range(0, 6 * rows.WIDTH, rows.WIDTH):
        for j in range(answered):
            x[rows.DELAY_LAW_2 + row + j] = x[rows.DELAY_LAW + row + s[rows.ANSWERED + j]]
    if q[line.DELAY] != quantiles.FIXED:
        if q[line.REASONS] == 1:
            _draw(q, u, x, rows.INDEX_2, _DELAY_PAIR, rows.U_DELAY_2, n, seed)
        else:
            for j in range(answered):
                x[rows.U_DELAY_2 + j] = x[rows.U_DELAY + s[rows.ANSWERED + j]]
    _durations(q, f, x, line.DELAY, rows.DELAY_LAW_2, rows.U_DELAY_2, rows.DELAY_2, n, 0.0)
    if q[line.CALL] != quantiles.FIXED:
        _draw(q, u, x, rows.INDEX_2, _CALL_PAIR, rows.U_WAIT_2, n, seed)
    _durations(q, f, x, line.CALL, rows.CALL_LAW_2, rows.U_CALL_2, rows.CALL_2, n, 0.0)


@inlined
def _take_force(q: Ints, x: Floats, lane: int, now: float) -> None:
    """The line's own effect of a contact."""
    term = q[line.CONTACT_TERM]
    if term == NONE:
        return
    place = q[line.FIRST_TERM] + term * line.TERM_WIDTH
    row = q[place + line.ROW] + lane
    if q[place + line.KIND] == line.OWN_PERMANENT:
        x[row + rows.VALUE] += 1.0
    else:
        left = lanes.faded_one(x[row + rows.VALUE], now - x[row + rows.LAST], x[row + rows.HALF_LIFE])
        x[row + rows.VALUE] = left + x[row + rows.LOG_FACTOR]
        x[row + rows.LAST] = now


@inlined
def _wear(q: Ints, x: Floats, n: int) -> None:
    """The line's own effect of unanswered attempts."""
    term = q[line.UNANSWERED_TERM]
    if term == NONE:
        return
    place = q[line.FIRST_TERM] + term * line.TERM_WIDTH
    row = q[place + line.ROW]
    u, chance, value = _row(x, rows.U_ANSWER), _row(x, rows.CHANCE), _row(x, row + rows.VALUE)
    if q[place + line.KIND] == line.OWN_PERMANENT:
        lanes.count_unanswered(u, chance, value, n)
    else:
        last, half_life, factor = (
            _row(x, row + rows.LAST),
            _row(x, row + rows.HALF_LIFE),
            _row(x, row + rows.LOG_FACTOR),
        )
        lanes.fade_unanswered(u, chance, _row(x, rows.AT), value, last, half_life, factor, n)


@inlined
def _keep(s: Ints, own: Floats, lane: int, first: float, last: float) -> bool:
    """Note an interval of activity, both ends included; False if there is no room."""
    count = s[rows.KEPT + lane]
    if count > 0 and first <= own[lane, count - 1, 1] + errands.GAP:
        own[lane, count - 1, 1] = max(own[lane, count - 1, 1], last)
        return True
    if count == rows.ROOM:
        return False
    own[lane, count, 0] = first
    own[lane, count, 1] = last
    s[rows.KEPT + lane] = count + 1
    return True


@inlined
def _meets(s: Ints, counts: Ints, kept: Floats, lane: int, first: float, last: float) -> bool:
    """Whether an interval has a second in common with one that an earlier line kept."""
    row = s[rows.ROW + lane]
    at = s[rows.MIND + lane]
    while at < counts[row] and kept[row, at, 1] < first:
        at += 1
    s[rows.MIND + lane] = at
    return at < counts[row] and kept[row, at, 0] <= last


@inlined
def _hand_over(s: Ints, own: Floats, counts: Ints, kept: Floats, lane: int) -> bool:
    """Merge what a lane kept into what its replication has, by second; False if there is no room."""
    row = s[rows.ROW + lane]
    have, more = counts[row], s[rows.KEPT + lane]
    if have + more > rows.ROOM:
        return False
    at = have + more
    while more > 0:
        at -= 1
        if have > 0 and kept[row, have - 1, 0] > own[lane, more - 1, 0]:
            have -= 1
            kept[row, at, 0] = kept[row, have, 0]
            kept[row, at, 1] = kept[row, have, 1]
        else:
            more -= 1
            kept[row, at, 0] = own[lane, more, 0]
            kept[row, at, 1] = own[lane, more, 1]
    counts[row] += s[rows.KEPT + lane]
    return True


@inlined
def _move(q: Ints, u: Words, x: Floats, s: Ints, own: Floats, lane: int, to: int) -> None:
    """A lane's replication goes on in another lane."""
    for row in range(0, rows.U_END, rows.WIDTH):
        u[row + to] = u[row + lane]
    for row in range(0, len(x), rows.WIDTH):
        x[row + to] = x[row + lane]
    for row in range(rows.IDLE, len(s), rows.WIDTH):
        s[row + to] = s[row + lane]
    for i in range(s[rows.KEPT + to]):
        own[to, i, 0] = own[lane, i, 0]
        own[to, i, 1] = own[lane, i, 1]


@kernel
def run(
    q: Ints,
    f: Floats,
    v: Floats,
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
    marks: errands.Marks,
    column: int,
    keeps: bool,
    minds: bool,
    mark: int,
    counts: Ints,
    kept: Floats,
    met: Ints,
) -> None:
    """Run one line in some replications.

    `places`: of each replication, the row of `first_contact`, `counts`, `kept` and `met` that is its own, and its path
    (the only one where `paths` holds one). `v`: a row for each block from `first_block` on, or one row for all. `t`,
    `taken` and `response`: counts, to which `weight` times what happens is added. `marks`: AT_ONCE where the first
    contact came in the second of its attempt. `met`: becomes `mark` where the line meets what an earlier one kept.
    """
    never = float(q[line.HORIZON])
    triggered = q[line.STARTS] == line.ON_EVENT
    again = q[line.UNTIL_HORIZON] != 0
    one_path = len(paths) == 2
    instant = q[line.GIVE_UP] == NONE and not keeps and not minds
    total = np.zeros(len(t), dtype=np.int64)
    next_one = 0
    # All lanes start idle, and look for a replication.
    n = min(rows.WIDTH, len(replications))
    for lane in range(n):
        s[rows.LOOK + lane] = lane
        s[rows.ROW + lane] = NONE
        s[rows.IDLE + lane] = 0
        x[rows.DUE + lane] = -1.0
        x[rows.OVER + lane] = -1.0
    look = n
    while n > 0:
        idle = 0
        for j in range(look):
            lane = s[rows.LOOK + j]
            while True:
                if x[rows.DUE + lane] >= 0.0:
                    wanted = max(x[rows.DUE + lane], x[rows.FREE + lane])
                    second, until = errands.first_open(q, f, line.MAY_ATTEMPT, wanted, never)
                    gives_up = x[rows.GIVES_UP + lane]
                    if gives_up < never and gives_up <= second:
                        total[errands.GAVE_UP] += 1
                        x[rows.OVER + lane] = gives_up
                        x[rows.DUE + lane] = -1.0
                    elif second >= never:
                        total[errands.OPEN] += 1
                        x[rows.OVER + lane] = never
                        x[rows.DUE + lane] = -1.0
                    else:
                        until = min(until, gives_up)
                        if q[line.TERMS] > 0:
                            until = min(until, errands.advance(q, v, x, s, when, what, lane, second))
                        if minds:
                            if _meets(s, counts, kept, lane, second, second):
                                met[s[rows.ROW + lane]] = mark
                                x[rows.OVER + lane] = -1.0
                                x[rows.DUE + lane] = -1.0
                                continue
                            if s[rows.MIND + lane] < counts[s[rows.ROW + lane]]:
                                until = min(until, kept[s[rows.ROW + lane], s[rows.MIND + lane], 0])
                        x[rows.AT + lane] = second
                        x[rows.LIMIT + lane] = until
                        break
                else:
                    if triggered and x[rows.OVER + lane] >= 0.0:
                        second = errands.reopen(q, x, s, total, when, what, lane)
                        if second < never:
                            errands.begin(q, x, total, lane, second)
                            continue
                    row = s[rows.ROW + lane]
                    if keeps and row != NONE and met[row] == 0 and not _hand_over(s, own, counts, kept, lane):
                        met[row] = mark
                    if next_one == len(replications):
                        s[rows.IDLE + lane] = 1
                        idle += 1
                        break
                    replication = replications[next_one]
                    row = places[next_one]
                    next_one += 1
                    s[rows.ROW + lane] = row
                    s[rows.MIND + lane] = 0
                    s[rows.NUMBERS + lane] = replication // q[line.BLOCK] - first_block if len(v) > 1 else 0
                    path = 0 if one_path else row
                    s[rows.PATH + lane] = paths[path]
                    s[rows.PATH_END + lane] = paths[path + 1]
                    s[rows.TRIGGER + lane] = paths[path]
                    u[rows.INDEX + lane] = 0
                    u[rows.REPLICATION + lane] = replication
                    errands.enter(q, f, v, x, s, total, when, what, lane, replication, seed)
        if idle > 0:
            for j in range(look):
                lane = s[rows.LOOK + j]
                while n > 0 and s[rows.IDLE + n - 1] == 1:
                    n -= 1
                if lane < n and s[rows.IDLE + lane] == 1:
                    n -= 1
                    _move(q, u, x, s, own, n, lane)
            if n == 0:
                break

        wide = (n + rows.STRIDE - 1) // rows.STRIDE * rows.STRIDE
        _draw_attempts(q, f, u, x, wide, seed)
        if q[line.REASONS] > 1:
            _draw(q, u, x, rows.INDEX, _DELAY_PAIR, rows.U_DELAY, wide, seed)
        if keeps:
            for lane in range(n):
                if not _keep(s, own, lane, x[rows.AT + lane], x[rows.AT + lane]):
                    met[s[rows.ROW + lane]] = mark
        _wear(q, x, wide)
        index, due = u[rows.INDEX : rows.INDEX + rows.WIDTH], _row(x, rows.DUE)
        lanes.one_more(index, _row(x, rows.MADE), _row(x, rows.AT), _row(x, rows.INTERVAL), due, wide)
        answered, look = _sort_out(q, x, s, n)
        total[errands.ATTEMPTS] += n
        total[errands.ANSWERED] += answered
        _count_reasons(q, f, x, s, total, n, answered)
        for j in range(look):
            lane = s[rows.LOOK + j]
            if x[rows.MADE + lane] == q[line.ATTEMPTS]:
                total[errands.GAVE_UP] += 1
                x[rows.OVER + lane] = x[rows.AT + lane] + 1.0
                x[rows.DUE + lane] = -1.0
        if answered > 0:
            _draw_answers(q, f, u, x, s, answered, seed)
        for j in range(answered):
            lane = s[rows.ANSWERED + j]
            attempted = x[rows.AT + lane]
            ready = errands.served(q, f, attempted, x[rows.DELAY_2 + j], never)
            second, _ = errands.first_open(q, f, line.MAY_CONTACT, ready, never)
            s[rows.LOOK + look] = lane
            if second >= never:
                total[errands.OPEN] += 1
                x[rows.OVER + lane] = never
                x[rows.DUE + lane] = -1.0
                look += 1
                continue
            ends = min(never, second + x[rows.CALL_2 + j])
            if minds and _meets(s, counts, kept, lane, second, max(second, ends - 1.0)):
                met[s[rows.ROW + lane]] = mark
                x[rows.OVER + lane] = -1.0
                x[rows.DUE + lane] = -1.0
                look += 1
                continue
            if keeps and not _keep(s, own, lane, second, max(second, ends - 1.0)):
                met[s[rows.ROW + lane]] = mark
            total[errands.CONTACT] += 1
            taken[_bin_of(x[rows.MADE + lane])] += weight
            response[_bin_of(second - (x[rows.BEGAN + lane] if triggered else attempted))] += weight
            if s[rows.CONTACTED + lane] == 0:
                s[rows.CONTACTED + lane] = 1
                first_contact[s[rows.ROW + lane], column] = int(second)
                marks[s[rows.ROW + lane], column] = errands.AT_ONCE if second == attempted else errands.WAITED
            _take_force(q, x, lane, second)
            if ends > second:
                x[rows.FREE + lane] = ends
            next_due = ends + x[rows.INTERVAL + lane]
            if again and next_due < never:
                errands.begin(q, x, total, lane, next_due)
                look += 0 if instant and next_due < x[rows.LIMIT + lane] else 1
            else:
                x[rows.OVER + lane] = second + 1.0
                x[rows.DUE + lane] = -1.0
                look += 1
        lanes.copy(due, _row(x, rows.AT), wide)
    for i in range(len(t)):
        t[i] += weight * total[i]
