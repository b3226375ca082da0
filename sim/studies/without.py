"""A scenario without some of its lines, and which lines bear on each other at all.

A line that is taken away makes no attempt, so nothing that waits for its contact, for its giving up or for an
unanswered attempt ever happens because of it. All other lines keep their draws: they are addressed by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np

from sim.rules.quantiles import FIXED
from sim.scenario.arrays import NONE, Lines, Program, Start


def without(program: Program, lines: Collection[int]) -> Program:
    """The program in which the lines at these places never begin; the same one where there are none.

    Lines and columns stay as they are, so that results can be laid side by side: the first contact of a line that is
    taken away is NEVER. The hash tells the programs apart.
    """
    if not lines:
        return program
    gone = np.zeros(len(program.lines), np.bool_)
    gone[sorted(lines)] = True
    line = program.line
    names = ",".join(name for name, away in zip(program.lines, gone.tolist(), strict=True) if away)
    return replace(
        program,
        sha256=hashlib.sha256(f"{program.sha256} without {names}".encode()).hexdigest(),
        line=replace(
            line,
            # A line that would begin at the horizon never does, in every engine.
            start=np.where(gone, int(Start.AT), line.start),
            start_second=np.where(gone, program.horizon, line.start_second),
            start_event=np.where(gone, NONE, line.start_event),
            start_lines=tuple(() if away else some for away, some in zip(gone.tolist(), line.start_lines, strict=True)),
            wait=np.where(gone, NONE, line.wait),
        ),
    )


def components(program: Program) -> tuple[tuple[int, ...], ...]:
    """The lines that bear on each other, each line in one component, by their first lines.

    Two lines do where one can hold up the other by a call, moves its answers by an effect, begins it or ends its
    errands. What happens to one component does not depend on another: regimes, events and uncertain numbers bear on
    several, but nothing that a line does bears on them.
    """
    leader = list(range(len(program.lines)))

    def head(at: int) -> int:
        while leader[at] != at:
            leader[at] = leader[leader[at]]
            at = leader[at]
        return at

    for one, other in _bonds(program):
        first, second = sorted((head(one), head(other)))
        leader[second] = first
    found: dict[int, list[int]] = {}
    for at in range(len(program.lines)):
        found.setdefault(head(at), []).append(at)
    return tuple(tuple(members) for members in found.values())


def _bonds(program: Program) -> Iterator[tuple[int, int]]:
    line = program.line
    yield from _shared_calls(program)
    causes: dict[int, list[int]] = {}
    for at, reactions in enumerate(zip(line.on_unanswered.tolist(), line.on_contact.tolist(), strict=True)):
        for effect in reactions:
            if effect != NONE:
                causes.setdefault(effect, []).append(at)
    for at in range(len(program.lines)):
        yield from ((at, cause) for effect in line.effects[at] for cause in causes.get(effect, ()))
        yield from ((at, source) for source in (*line.start_lines[at], *line.until_lines[at]))


def _shared_calls(program: Program) -> Iterator[tuple[int, int]]:
    """Lines of one official, if any of them has calls that take time."""
    line = program.line
    by_official: dict[int, list[int]] = {}
    for at, pair in enumerate(zip(line.caller.tolist(), line.callee.tolist(), strict=True)):
        for official in pair:
            by_official.setdefault(official, []).append(at)
    for members in by_official.values():
        if any(_takes_time(program, line, at) for at in members):
            yield from ((members[0], other) for other in members[1:])


def _takes_time(program: Program, line: Lines, at: int) -> bool:
    """Whether a call can last: not where it is fixed at less than half a second."""
    laws = program.distributions
    law = int(line.call[at])
    length = float(program.values[int(laws.slot[law])])
    return int(laws.family[law]) != FIXED or not length < 0.5
