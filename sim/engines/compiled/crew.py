"""What the kernel `abreast` works on, and the keys by which it tells what happens next.

A key is second, kind and line in one whole number, so that the smallest is what happens next, as in `agenda`.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.engines.compiled import alone as line
from sim.engines.compiled import joint
from sim.engines.compiled.jit import inlined
from sim.engines.compiled.pointers import ahead
from sim.engines.compiled.requests import Lanes
from sim.rules.draws import Words
from sim.scenario.program import Floats, Ints

KIND = 3
LINE = (1 << KIND) - 1
ATTEMPT = 1 << KIND
"""Contacts, which have no such bit, come before attempts."""
SECOND = KIND + 1


class Crew(NamedTuple):
    """All that the kernel works on, as pointers: `all` as `requests.Lanes` has it, of the first line; h: see `joint`;
    z, g, y: see `berths`. `size`, `lanes`: how many lines and lanes; `bins`, `told`: from line to line in what is
    counted."""

    all: Lanes
    h: Ints
    z: Floats
    g: Ints
    y: Words
    size: int
    lanes: int
    bins: int
    told: int
    key: int


@inlined
def record_of(at: int) -> int:
    """The place of a line's record in `h`."""
    return joint.LINE_RECORDS + joint.LINE_WIDTH * at


@inlined
def line_of(m: Crew, at: int) -> Lanes:
    """One of the lines, as the functions of `requests` know it."""
    a = m.all
    record = record_of(at)
    return Lanes(
        ahead(a.q, m.h[record + joint.Q]),
        ahead(a.f, m.h[record + joint.F]),
        a.v,
        a.u,
        a.x,
        a.s,
        a.when,
        a.what,
        a.paths,
        a.replications,
        a.places,
        ahead(a.t, at * m.told),
        ahead(a.taken, at * m.bins),
        ahead(a.response, at * m.bins),
        a.first_contact,
        a.marks,
        a.own,
        a.counts,
        a.kept,
        a.met,
        a.seed,
        a.first_block,
        a.numbers,
        a.lines,
    )


@inlined
def never_of(m: Crew) -> int:
    """The key of what does not happen."""
    return int(m.all.q[line.HORIZON]) << SECOND


@inlined
def attempt_at(second: float, at: int) -> int:
    """The key of a line's attempt."""
    return (int(second) << SECOND) | ATTEMPT | at
