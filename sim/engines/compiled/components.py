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
from sim.scenario.program import Program, Start


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
    barred = {line for pair in [*_referring(program), *calls] for line in pair}
    found = []
    for group in _joined(len(program.lines), [*bound, *calls]):
        separable = tied.isdisjoint(group) and all(can_run_alone(program, line) for line in group)
        known = barred.isdisjoint(group) and all(can_run_abreast(program, line) for line in group)
        abreast = not separable and known and 1 < len(group) <= MOST_LINES
        found.append(Component(group, separable, abreast))
    return tuple(found)


def _joined(lines: int, pairs: Iterable[tuple[int, int]]) -> list[tuple[int, ...]]:
    """The classes of lines that pairs join."""
    classes = {line: [line] for line in range(lines)}
    class_of = list(range(lines))
    for a, b in pairs:
        few, many = class_of[a], class_of[b]
        if few == many:
            continue
        if len(classes[few]) > len(classes[many]):
            few, many = many, few
        for line in classes[few]:
            class_of[line] = many
        classes[many] += classes.pop(few)
    return sorted(tuple(sorted(one)) for one in classes.values())


def _bound(program: Program) -> Iterable[tuple[int, int]]:
    """Pairs of lines of which one bears on the other otherwise than through calls."""
    felt_by: dict[int, list[int]] = {}
    for at, effects in enumerate(program.line.effects):
        for effect in effects:
            felt_by.setdefault(effect, []).append(at)
    for cause in range(len(program.lines)):
        for effect in effects_of(program, cause):
            yield from ((cause, at) for at in felt_by.get(effect, ()) if at != cause)
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
    """Of each official whom a call can occupy, a line with calls and every other line."""
    lines_of: dict[int, list[int]] = {}
    for at in range(len(program.lines)):
        for official in {int(program.line.caller[at]), int(program.line.callee[at])}:
            lines_of.setdefault(official, []).append(at)
    calling = {at for at in range(len(program.lines)) if has_calls(program, at)}
    for lines in lines_of.values():
        one = next((at for at in lines if at in calling), None)
        if one is not None:
            yield from ((one, at) for at in lines if at != one)


def has_calls(program: Program, line: int) -> bool:
    """Whether a contact on the line can occupy anybody: unless its call is known to last 0 seconds."""
    laws, law = program.distributions, int(program.line.call[line])
    return not (laws.family[law] == quantiles.FIXED and program.values[laws.slot[law]] < 0.5)
