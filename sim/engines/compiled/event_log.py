"""Rows of a history, where one is kept."""

from __future__ import annotations

from sim.engines.compiled import moving
from sim.engines.compiled.jit import part
from sim.engines.compiled.state import LOG_NUMBERS, LOG_REALS, Crisis


@part
def tell(m: Crisis, now: int, what: int, who: int, a: int, b: int, d: int, e: int) -> None:
    """Add a row, while there is room; count it in any case."""
    if not m.s[moving.TELLS]:
        return
    row = m.s[moving.TOLD]
    m.s[moving.TOLD] = row + 1
    if row < m.s[moving.ROOM]:
        at = row * LOG_NUMBERS
        m.w[at] = now
        m.w[at + 1] = what
        m.w[at + 2] = who
        m.w[at + 3] = a
        m.w[at + 4] = b
        m.w[at + 5] = d
        m.w[at + 6] = e


@part
def tell_draw(m: Crisis, probability: float, uniform: float) -> None:
    """The reals of the row that is told next."""
    row = m.s[moving.TOLD]
    if row < m.s[moving.ROOM]:
        m.y[row * LOG_REALS] = probability
        m.y[row * LOG_REALS + 1] = uniform
