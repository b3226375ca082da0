"""What a name in `affects`, `until` or `after` stands for: lines, in order of declaration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sim.scenario import model


class References:
    """The lines of every line, group, channel, official and side (as callee) of a scenario that was checked."""

    def __init__(self, human: model.Scenario) -> None:
        self._order = {name: place for place, name in enumerate(human.lines)}
        self._groups = human.report.groups
        self._lines: dict[str, list[str]] = defaultdict(list)
        for name, line in human.lines.items():
            side = human.officials[line.callee].side
            for known_as in (name, line.channel, line.callee, side):
                self._lines[known_as].append(name)

    def affected(self, names: Iterable[str]) -> tuple[str, ...]:
        """The lines of all the names, each once."""
        lines = {line for name in names for line in self._lines.get(name, ())}
        return tuple(sorted(lines, key=self._order.__getitem__))

    def lines_of(self, name: str) -> tuple[str, ...]:
        """The lines of a line or a group."""
        if name in self._order:
            return (name,)
        return tuple(sorted(self._groups[name], key=self._order.__getitem__))
