"""Labels of what a scenario names: columns of first contacts, officials, gates and events.

A column is written ``line:NAME``, ``group:NAME``, ``channel:NAME``, ``level:NAME``, ``side:NAME`` or ``any``.
"""

from __future__ import annotations

from sim.report.format import plain
from sim.scenario.resolved import Official, Scenario

ANY = "any line"
LONGEST = 90
"""Characters of a title and a name that are shown together: a picture would cut off the name that tells them apart."""

IN_KEY = 60
"""Characters of a label in a key, beside the other words of its entry."""

IN_ROW = 64
"""Characters of a label in two lines beside a row of a timeline."""


def kind_of(column: str) -> str:
    """``line``, ``group`` … or ``any``."""
    return column.partition(":")[0]


def name_of(column: str) -> str:
    """The name alone; empty of ``any``."""
    return column.partition(":")[2]


def short_label(column: str) -> str:
    """``any line``, ``group senior``, ``channel embassy``; a line by its name."""
    kind, name = kind_of(column), name_of(column)
    return {"any": ANY, "line": name}.get(kind, f"{kind} {name}")


class Labels:
    """The titles of one scenario, as plain text."""

    def __init__(self, scenario: Scenario) -> None:
        self._titles: dict[str, str] = {}
        for kind, found in (
            ("line", scenario.lines),
            ("channel", scenario.channels),
            ("side", scenario.sides),
            ("regime", scenario.regimes),
            ("event", scenario.events),
        ):
            self._titles |= {f"{kind}:{one.name}": plain(one.title) for one in found}
        self._officials = {one.name: one for one in scenario.officials}

    def of(self, column: str) -> str:
        """Title and name, or the name alone where both are too long together; ``any line``, ``group senior``."""
        return short_label(column) if kind_of(column) in ("any", "group") else self._both(column, LONGEST)

    def with_kind(self, column: str) -> str:
        """The same, with the kind where that would be missed: ``channel Embassy (embassy)``."""
        kind = kind_of(column)
        return f"{kind} {self.of(column)}" if kind in ("channel", "level", "side") else self.of(column)

    def in_key(self, column: str) -> str:
        """A label that a key does not cut off: the name alone where it is too long with the title."""
        label = self.of(column)
        return label if len(label) <= IN_KEY else name_of(column)

    def rows(self) -> dict[str, str]:
        """What stands beside each row of a timeline: of ``line:NAME``, ``regime:NAME`` and ``event:NAME``."""
        return {key: self._in_row(key) for key in self._titles if kind_of(key) in ("line", "regime", "event")}

    def _in_row(self, key: str) -> str:
        if kind_of(key) == "line":
            return self._both(key, IN_ROW - len(" ()"))
        title = self._titles[key]
        return title if title and len(title) <= IN_ROW else name_of(key)

    def official(self, name: str) -> str:
        """``Lloyd J. Austin III, Secretary of Defense``."""
        one: Official = self._officials[name]
        title, office = plain(one.title) or one.name, plain(one.office)
        return f"{title}, {office}" if office else title

    def _both(self, key: str, most: int) -> str:
        name, title = name_of(key), self._titles.get(key, "")
        return f"{title} ({name})" if title and title != name and len(title) + len(name) <= most else name
