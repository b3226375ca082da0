"""Which lines bear on each other at all."""

from __future__ import annotations

from collections.abc import Iterator

from sim.rules.quantiles import FIXED
from sim.scenario.program import NONE, Lines, Program


def components(program: Program) -> tuple[tuple[int, ...], ...]:
    """The lines that bear on each other, each line in one component, by their first lines.

    Two lines do where one can hold up the other by a call, moves its answers by an effect, begins it or ends its
    requests. What happens to one component does not depend on another: regimes, events and uncertain numbers bear on
    several, but nothing that a line does bears on them.
    """
    leader = list(range(len(program.lines)))

    def head(at: int) -> int:
        """The first of those that it is joined to so far."""
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
