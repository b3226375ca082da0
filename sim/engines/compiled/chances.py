"""Probabilities of attempts in lanes whose log-odds move from attempt to attempt.

Most attempts are unanswered, and a bound on the probability shows it of nearly all of those. The rest are taken
together, and their probabilities worked out by the rules.
"""

from __future__ import annotations

from sim.engines.compiled import alone as line
from sim.engines.compiled import lanes, rows
from sim.engines.compiled.jit import inlined
from sim.engines.compiled.pointers import ahead
from sim.engines.compiled.requests import Lanes
from sim.scenario.program import NONE


@inlined
def _fades(kind: int) -> bool:
    return bool(kind == line.FADES or kind == line.OWN_FADES)


@inlined
def bound(m: Lanes, n: int) -> None:
    """In the place of probabilities: 0 where the attempt is unanswered by a bound on its log-odds, else 1.

    Every addend is no less than the attempt's and they are added in the same order, so neither is the sum."""
    odds = ahead(m.x, rows.CHANCE)
    lanes.copy(ahead(m.x, rows.BASE), odds, n)
    for term in range(m.q[line.TERMS]):
        at = m.q[line.FIRST_TERM] + term * line.TERM_WIDTH
        kind, row = m.q[at + line.KIND], m.q[at + line.ROW]
        if row == NONE:
            continue
        value = ahead(m.x, row + rows.VALUE)
        if kind == line.OWN_PERMANENT:
            lanes.add_count(odds, value, ahead(m.x, row + rows.LOG_FACTOR), n)
        elif _fades(kind):
            lanes.add_at_most(odds, value, n)
        else:
            lanes.add_constant(odds, value, n)
    lanes.may_be_answered(odds, ahead(m.x, rows.U_ANSWER), n)


@inlined
def _gather(m: Lanes, row: int, to: int, n: int) -> None:
    """Row `to`: of a row, the first n lanes that ANSWERED lists."""
    for j in range(n):
        m.x[to + j] = m.x[row + m.s[rows.ANSWERED + j]]


@inlined
def give(m: Lanes, likely: int) -> None:
    """Probabilities of the attempts that may be answered, in the lanes that ANSWERED lists; 0 stays in the place of
    the others."""
    wide = (likely + 3) & ~3
    odds, now, value = ahead(m.x, rows.ODDS_2), ahead(m.x, rows.AT_2), ahead(m.x, rows.TERM_2)
    second, third = ahead(m.x, rows.TERM_2 + rows.STEP), ahead(m.x, rows.TERM_2 + 2 * rows.STEP)
    _gather(m, rows.BASE, rows.ODDS_2, likely)
    _gather(m, rows.AT, rows.AT_2, likely)
    for term in range(m.q[line.TERMS]):
        at = m.q[line.FIRST_TERM] + term * line.TERM_WIDTH
        kind, row = m.q[at + line.KIND], m.q[at + line.ROW]
        if row == NONE:
            continue
        _gather(m, row + rows.VALUE, rows.TERM_2, likely)
        if kind == line.OWN_PERMANENT:
            _gather(m, row + rows.LOG_FACTOR, rows.TERM_2 + rows.STEP, likely)
            lanes.add_count(odds, value, second, wide)
        elif _fades(kind):
            _gather(m, row + rows.LAST, rows.TERM_2 + rows.STEP, likely)
            _gather(m, row + rows.HALF_LIFE, rows.TERM_2 + 2 * rows.STEP, likely)
            lanes.add_fading(odds, now, value, second, third, wide)
        else:
            lanes.add_constant(odds, value, wide)
    lanes.to_probabilities(odds, wide)
    for j in range(likely):
        m.x[rows.CHANCE + m.s[rows.ANSWERED + j]] = m.x[rows.ODDS_2 + j]
