"""Proposals of outcomes and delays under which the record stays possible, and sums over hidden outcomes.

Every proposal can give whatever the model can give and the record allows; a particle's weight takes the probability of
the model over that of the proposal, so guidance affects the variance of the likelihood and not on its mean.
"""

from __future__ import annotations

from sim.calibration import fixed
from sim.calibration import places as at
from sim.calibration.jit import part
from sim.calibration.masses import FAR, below, shortest, tilted
from sim.calibration.parts import DELAY, NONE, OWN, RESOLVE, contact_after, draw, listed, of, opens, seconds
from sim.rules.arithmetic import exp, log
from sim.rules.calendar import after
from sim.scenario.program import Floats, Ints

LEAST_ODD = 0.02
"""The least that is left to either outcome where neither is certain."""
_FORESEEN = 16
UNRULY = 0.1
"""The share of delays drawn as the model has them, where other lines may put the contact off to when the record has it,
or make an end of it."""


@part
def blame(s: Ints, entry: int) -> None:
    """The particle contradicts an entry, and ends."""
    if s[at.BLAMED] == NONE:
        s[at.BLAMED] = entry


@part
def allowed(k: Ints, g: Ints, line: int, now: int) -> tuple[int, int]:
    """The delays of an attempt answered now, [shortest, longest) in whole seconds, with which the record agrees."""
    start, end = of(g, at.G_WINDOW, line), of(g, at.G_WINDOW_END, line)
    if start != NONE:
        if now >= end:
            return 0, 0
        return shortest(k, g, line, now, start), shortest(k, g, line, now, end)
    silent = of(g, at.G_SILENT, line)
    return shortest(k, g, line, now, silent), FAR


@part
def add_masses(
    k: Ints, f: Floats, v: Floats, g: Ints, s: Ints, x: Floats, seed: int, line: int, index: int, p: float, now: int
) -> None:
    """An attempt on a line that is summed: both outcomes at once.

    The particle follows the branch in which no attempt was answered; `mass` is the share of the other one. The weight
    takes what of both the record allows.
    """
    least, most = allowed(k, g, line, now)
    low = high = 0.0
    if p > 0.0 and most > least:
        law = of(k, fixed.DELAY, line)
        low, high = below(k, f, v, law, least, 0), below(k, f, v, law, most, 0)
    mass = x[s[at.X_MASS] + line]
    fresh = (1.0 - mass) * p * (high - low)
    rest = (1.0 - mass) * (1.0 - p)
    total = mass + fresh + rest
    if total <= 0.0:
        blame(s, _entry_of(g, line))
        return
    if fresh > 0.0:
        u, _ = draw(k, s, seed, fixed.LINE_STREAM, line, index, OWN)
        if u * (mass + fresh) < fresh:
            s[s[at.CANDIDATE] + line] = now
            s[s[at.CANDIDATE_INDEX] + line] = index
            x[s[at.X_LOW] + line] = low
            x[s[at.X_HIGH] + line] = high
    x[s[at.X_MASS] + line] = (mass + fresh) / total
    x[at.X_LOG_WEIGHT] += log(total)


@part
def _entry_of(g: Ints, line: int) -> int:
    entry = of(g, at.G_WINDOW_ENTRY, line)
    return entry if entry != NONE else of(g, at.G_SILENT_ENTRY, line)


@part
def resolve(
    k: Ints, f: Floats, v: Floats, g: Ints, s: Ints, x: Floats, seed: int, line: int, now: int, index: int
) -> None:
    """What is summed on a line is resolved where the record's silence or window ends or, if its contact affects other
    things, where the window begins."""
    start, end = of(g, at.G_WINDOW, line), of(g, at.G_WINDOW_END, line)
    alone = of(g, at.G_ALONE, line)
    if start == NONE:
        if now < of(g, at.G_SILENT, line):
            return
    elif now < (end if alone else start):
        return
    mass = x[s[at.X_MASS] + line]
    u, _ = draw(k, s, seed, fixed.LINE_STREAM, line, index, RESOLVE)
    if start == NONE:
        s[s[at.MODE] + line] = at.FREE
        if u < mass:
            _take_candidate(k, f, v, s, x, seed, line)
    elif alone:
        if mass <= 0.0:
            blame(s, of(g, at.G_WINDOW_ENTRY, line))
            return
        x[at.X_LOG_WEIGHT] += log(mass)
        s[s[at.MODE] + line] = at.FREE
        _take_candidate(k, f, v, s, x, seed, line)
        s[s[at.FIRST_CONTACT] + line] = of(s, at.CONTACT, line)
        s[s[at.CONTACT] + line] = k[fixed.HORIZON]
        s[s[at.IS_OPEN] + line] = 0
    else:
        s[s[at.MODE] + line] = at.GUIDED
        gap = max(1, seconds(k, f, v, of(k, fixed.EVERY, line), 0.5, 1))
        later = (1.0 - mass) * max(LEAST_ODD, 1.0 - exp(-0.5 * (end - start) / gap))
        share = mass / (mass + later) if mass > 0.0 else 0.0
        if u < share:
            x[at.X_LOG_WEIGHT] += log(mass) - log(share)
            _take_candidate(k, f, v, s, x, seed, line)
        elif mass < 1.0:
            x[at.X_LOG_WEIGHT] += log(1.0 - mass) - log(1.0 - share)
        else:
            blame(s, of(g, at.G_WINDOW_ENTRY, line))


@part
def _take_candidate(k: Ints, f: Floats, v: Floats, s: Ints, x: Floats, seed: int, line: int) -> None:
    """An earlier attempt was answered after all, and none made after it."""
    index, attempted = of(s, at.CANDIDATE_INDEX, line), of(s, at.CANDIDATE, line)
    later = of(s, at.ATTEMPTS_MADE, line) - 1 - index
    s[s[at.ATTEMPTS_MADE] + line] -= later
    s[s[at.REQUEST_ATTEMPTS] + line] -= later
    s[s[at.PENDING] + line] = 1
    s[s[at.ATTEMPTED] + line] = attempted
    low, high = x[s[at.X_LOW] + line], x[s[at.X_HIGH] + line]
    u, _ = draw(k, s, seed, fixed.LINE_STREAM, line, index, DELAY)
    delay = seconds(k, f, v, of(k, fixed.DELAY, line), low + (high - low) * u, 0)
    s[s[at.CONTACT] + line] = contact_after(k, line, attempted, delay)
    s[s[at.ATTEMPT] + line] = k[fixed.HORIZON]


@part
def guided(
    k: Ints, f: Floats, v: Floats, g: Ints, s: Ints, x: Floats, seed: int, line: int, index: int, p: float, now: int
) -> tuple[bool, int]:
    """An attempt on a line that is guided: (answered, contact due). `p`: that the model has it answered, 0 if busy."""
    law, uniform = of(k, fixed.DELAY, line), 0.0
    interval, uniform = draw(k, s, seed, fixed.LINE_STREAM, line, index, 0)
    least, most = allowed(k, g, line, now)
    low, high, restricted = 0.0, 1.0, least > 0 or most < FAR
    unruly = 0.0
    if restricted:
        low = below(k, f, v, law, least, 0) if most > least else 0.0
        high = below(k, f, v, law, most, 0) if most > least else 0.0
        unruly = UNRULY if of(g, at.G_LATE, line) else 0.0
    hit = (1.0 - unruly) * (high - low) + unruly
    q = _towards_contact(k, f, v, g, s, line, p, hit, interval, now) if restricted else p
    q, ahead = _towards_counts(k, f, v, g, s, line, p, q, now)
    if s[at.BLAMED] != NONE:
        return False, 0
    answered = uniform < q
    if answered and hit <= 0.0:
        blame(s, _entry_of(g, line))
        return False, 0
    owed = 0.0
    if q != p:
        owed = log(p) - log(q) if answered else log(1.0 - p) - log(1.0 - q)
    due = 0
    if answered:
        u, _ = draw(k, s, seed, fixed.LINE_STREAM, line, index, DELAY)
        if restricted:
            # With nothing in the span that the record allows, other lines alone can make it true.
            u, density = tilted(u, unruly if high > low else 1.0, 0.0, low, high)
            owed -= log(density)
        due = contact_after(k, line, now, seconds(k, f, v, law, u, 0))
    if ahead or of(g, at.G_WINDOW, line) != NONE:
        x[s[at.X_DEBT] + line] += owed
    else:
        x[at.X_LOG_WEIGHT] += owed
    return answered, due


@part
def _towards_contact(
    k: Ints,
    f: Floats,
    v: Floats,
    g: Ints,
    s: Ints,
    line: int,
    p: float,
    hit: float,
    interval: float,
    now: int,
) -> float:
    """The probability with which to answer, `hit` being that of a contact that the record allows."""
    if p <= 0.0 or hit <= 0.0:
        return 0.0
    start, end = of(g, at.G_WINDOW, line), of(g, at.G_WINDOW_END, line)
    if start == NONE:
        return p * hit / (p * hit + (1.0 - p)) if p < 1.0 else 1.0
    every = of(k, fixed.EVERY, line)
    due = after(now, seconds(k, f, v, every, interval, 1), k[fixed.HORIZON])
    limit = of(k, fixed.ATTEMPTS, line)
    over = opens(k, of(k, fixed.MAY_ATTEMPT, line), due) >= end
    over = over or (limit > 0 and of(s, at.REQUEST_ATTEMPTS, line) >= limit) or due >= of(s, at.GIVING_UP, line)
    if over or p >= 1.0:
        return 1.0
    gap = max(1, seconds(k, f, v, every, 0.5, 1))
    later = max(LEAST_ODD, 1.0 - exp(-p * (end - now) / gap))
    return p * hit / (p * hit + (1.0 - p) * later)


@part
def _towards_counts(
    k: Ints, f: Floats, v: Floats, g: Ints, s: Ints, line: int, p: float, q: float, now: int
) -> tuple[float, bool]:
    """The probability with which to answer, in view of how many answers are on record; and whether what is still to
    come affects it."""
    ahead = False
    for e in listed(g, at.G_OF_LINE, line):
        kind = of(g, at.E_KIND, e)
        if kind == at.SEEN or now < of(g, at.E_START, e) or now >= of(g, at.E_END, e):
            continue
        number = of(g, at.E_NUMBER, e)
        if kind == at.ALL_ANSWERED:
            if p <= 0.0:
                blame(s, number)
            q = 1.0
            continue
        made = of(s, at.ANSWERED, e)
        most = of(g, at.E_MOST_ANSWERED, e) - made
        least = of(g, at.E_LEAST_ANSWERED, e) - made
        ahead = ahead or of(g, at.E_LEAST_ANSWERED, e) > 0 or most + made > 0
        if most <= 0:
            if q >= 1.0 and p >= 1.0:
                blame(s, number)
            q = 0.0
            continue
        if p <= 0.0 or p >= 1.0:
            continue
        left = _attempts_left(k, f, v, line, now, of(g, at.E_END, e))
        margin = 0.0 if of(g, at.G_STEADY, line) else LEAST_ODD
        if least > q * left:
            q = min(1.0 - margin, least / left)
        elif most < q * left:
            q = max(margin, most / left)
    return q, ahead


@part
def _attempts_left(k: Ints, f: Floats, v: Floats, line: int, now: int, end: int) -> int:
    """About how many attempts will have been made from now on before `end`, this one included: one after each typical
    interval, when the calendar lets it be made. From the first `_FORESEEN` of them the pace of the rest is guessed."""
    gap = max(1, seconds(k, f, v, of(k, fixed.EVERY, line), 0.5, 1))
    second = now
    for made in range(1, _FORESEEN + 1):
        second = opens(k, of(k, fixed.MAY_ATTEMPT, line), second + gap)
        if second >= end:
            return made
    return 1 + (end - 1 - now) * _FORESEEN // (second - now)


@part
def pay(s: Ints, x: Floats, line: int) -> None:
    """What was still to come has come."""
    x[at.X_LOG_WEIGHT] += x[s[at.X_DEBT] + line]
    x[s[at.X_DEBT] + line] = 0.0


@part
def judge(k: Ints, g: Ints, s: Ints, x: Floats, now: int) -> None:
    """Blame the entries that end now and are not as the particle has it."""
    for line in range(k[fixed.LINES]):
        if of(g, at.G_WINDOW_END, line) == now:
            pay(s, x, line)
            if of(s, at.FIRST_CONTACT, line) == NONE and of(s, at.MODE, line) != at.INACTIVE:
                blame(s, of(g, at.G_WINDOW_ENTRY, line))
    for e in range(g[at.G_ENTRIES]):
        if of(g, at.E_END, e) != now:
            continue
        pay(s, x, of(g, at.E_LINE, e))
        number = of(g, at.E_NUMBER, e)
        if of(g, at.E_KIND, e) == at.SEEN:
            if of(s, at.CONTACTS, e) == 0:
                blame(s, number)
            continue
        made, answered = of(s, at.MADE, e), of(s, at.ANSWERED, e)
        if not of(g, at.E_LEAST, e) <= made <= of(g, at.E_MOST, e):
            blame(s, number)
        elif of(g, at.E_KIND, e) == at.ALL_ANSWERED:
            if answered != made:
                blame(s, number)
        elif not of(g, at.E_LEAST_ANSWERED, e) <= answered <= of(g, at.E_MOST_ANSWERED, e):
            blame(s, number)
