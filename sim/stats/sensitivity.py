"""What outcomes hang on: by how much each number moves them, and what share of their spread each one makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sim.stats.asked import Asked
from sim.stats.intervals import Estimate
from sim.stats.outcomes import Outcome
from sim.stats.sobol import Indices

FORMAT = 1


@dataclass(frozen=True)
class Swing:
    """What one number does to one outcome, all others held.

    path       of the number
    low, high  it, at both ends, as a reader writes it
    at_low     the outcome with it at the low end
    at_high    and at the high end
    from_low   at_low − the outcome in the middle, paired by replication
    from_high  at_high − the outcome in the middle, likewise
    swing      at_high − at_low, likewise
    """

    path: str
    low: str
    high: str
    at_low: Estimate
    at_high: Estimate
    from_low: Estimate
    from_high: Estimate
    swing: Estimate

    @property
    def width(self) -> float:
        """How far the outcome moves, in either direction."""
        return abs(self.swing.estimate or 0.0)


@dataclass(frozen=True)
class Tornado:
    """All numbers for one outcome, the one that moves it most first.

    middle  the outcome with every number in its middle: the median of its prior, or as the file has it
    """

    outcome: Outcome
    middle: Estimate
    swings: tuple[Swing, ...]


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What a study of sensitivity found.

    asked     scenario, seed, replications at each end, engine
    columns   what was asked about
    by        seconds; the horizon stands for "by the end"
    source    what the ends are: ``prior`` and ``posterior``: the 10 % and 90 % quantiles of uncertain numbers, the
              others at their medians; ``numbers``: plain numbers times 0.8 and 1.2 (of an answer, its odds)
    numbers   paths of the uncertain numbers, in the order of the indices
    tornadoes by column, contact by the time asked for first, then the mean wait
    indices   Sobol indices by outcome; empty where there are none
    no_indices  why there are none; empty where there are
    left_out  numbers that were not moved, and why
    """

    asked: Asked
    columns: tuple[str, ...]
    by: int
    source: str
    numbers: tuple[str, ...]
    tornadoes: tuple[Tornado, ...]
    indices: Mapping[Outcome, Indices]
    no_indices: str = ""
    left_out: Mapping[str, str] | None = None

    def tornado(self, outcome: Outcome) -> Tornado:
        """That of one outcome. Raises KeyError."""
        for one in self.tornadoes:
            if one.outcome == outcome:
                return one
        raise KeyError(outcome)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: plain mappings, lists and numbers."""
        return {
            "format": FORMAT,
            "kind": "sensitivity",
            **self.asked.as_dict(),
            "columns": list(self.columns),
            "by": self.by,
            "source": self.source,
            "numbers": list(self.numbers),
            "tornadoes": [asdict(one) for one in self.tornadoes],
            "indices": [{**asdict(outcome), **asdict(found)} for outcome, found in self.indices.items()],
            "no_indices": self.no_indices,
            "left_out": dict(self.left_out or {}),
        }
