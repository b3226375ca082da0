"""Which lines bear on each other.

Regimes, events and uncertain numbers depend on nothing, so two lines that share them alone have nothing to do with each
other. What joins lines is an effect of one on the other, a reference (`after`, `triggered_by: {gave_up: …}`, `until:
{contact: …}`), or an official of both whom a call can hold up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sim.engines.compiled.alone import can_run_alone, effects_of
from sim.engines.compiled.joint import MOST_LINES, can_run_abreast
from sim.rules import quantiles
from sim.scenario.arrays import Program, Start


@dataclass(frozen=True)
class Component:
    """Lines that no other line bears on, in order of declaration.

    `separable`: what joins them, if anything does, is officials in calls alone, so where no call meets another line's
    attempt or contact, each line does what it would do alone.
    """

    lines: tuple[int, ...]
    separable: bool
    abreast: bool
    """Whether what joins them is permanent or fading effects alone, so that the kernel `abreast` knows all they do."""


def components(program: Program) -> tuple[Component, ...]:
    """The lines of a program, parted; in order of their first lines."""
    bound, calls = list(_bound(program)), list(_sharing_calls(program))
    tied = {line for pair in bound for line in pair}
    found = []
    for group in _joined(len(program.lines), [*bound, *calls]):
        alike = all(can_run_alone(program, line) for line in group)
        separable = alike and not tied & set(group)
        barred = {line for pair in [*_referring(program), *calls] for line in pair} & set(group)
        known = all(can_run_abreast(program, line) for line in group)
        abreast = not separable and known and not barred and 1 < len(group) <= MOST_LINES
        found.append(Component(group, separable, abreast))
    return tuple(found)


def _joined(lines: int, pairs: Iterable[tuple[int, int]]) -> list[tuple[int, ...]]:
    """The classes of lines that pairs join."""
    first = list(range(lines))
    for a, b in pairs:
        low, high = sorted((first[a], first[b]))
        first = [low if one == high else one for one in first]
    return [tuple(line for line in range(lines) if first[line] == one) for one in sorted(set(first))]


def _bound(program: Program) -> Iterable[tuple[int, int]]:
    """Pairs of lines of which one bears on the other otherwise than through calls."""
    line = program.line
    for cause in range(len(program.lines)):
        for effect in effects_of(program, cause):
            yield from ((cause, at) for at, felt in enumerate(line.effects) if effect in felt and at != cause)
    yield from _referring(program)


def _referring(program: Program) -> Iterable[tuple[int, int]]:
    """Pairs of lines of which one refers to the other."""
    line = program.line
    for at in range(len(program.lines)):
        sources = set(line.until_lines[at])
        if Start(line.start[at]) in (
            Start.AFTER_CONTACT,
            Start.AFTER_UNANSWERED,
            Start.AFTER_GAVE_UP,
            Start.ON_GAVE_UP,
        ):
            sources |= set(line.start_lines[at])
        yield from ((at, source) for source in sources if source != at)


def _sharing_calls(program: Program) -> Iterable[tuple[int, int]]:
    """Pairs of lines of which one can keep an official of the other in a call."""
    line = program.line
    parties = [{int(line.caller[at]), int(line.callee[at])} for at in range(len(program.lines))]
    for a in range(len(parties)):
        if has_calls(program, a):
            yield from ((a, b) for b in range(len(parties)) if b != a and parties[a] & parties[b])


def has_calls(program: Program, line: int) -> bool:
    """Whether a contact on the line can occupy anybody: unless its call is known to last 0 seconds."""
    laws, law = program.distributions, int(program.line.call[line])
    return not (laws.family[law] == quantiles.FIXED and program.values[laws.slot[law]] < 0.5)
