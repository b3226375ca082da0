"""What a sweep found: outcomes at every point of one or two axes of values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sim.stats.asked import Asked
from sim.stats.intervals import Estimate
from sim.stats.outcomes import Outcome

FORMAT = 1


@dataclass(frozen=True)
class Axis:
    """The values of one path.

    path    dotted, as for ``--set``
    kind    ``number``, ``duration``, ``date`` or ``text``
    values  as they are put at the path, in rising order where they have one
    places  where they stand: numbers, seconds, seconds since 1970, or 0, 1, 2 … for texts
    log     whether they are spread evenly by ratio
    """

    path: str
    kind: str
    values: tuple[str, ...]
    places: tuple[float, ...]
    log: bool

    def __post_init__(self) -> None:
        assert len(self.values) == len(self.places) > 1


@dataclass(frozen=True)
class Result:
    """One outcome at one point.

    estimate    at the point, as in a run of it alone
    difference  from the scenario as its file has it, paired by replication
    """

    estimate: Estimate
    difference: Estimate


@dataclass(frozen=True)
class Point:
    """One point.

    values         by axis
    sha256         of the resolved scenario there
    results        by outcome
    first_contact  by column, as in the ``summary.json`` of a run of it alone
    """

    values: tuple[str, ...]
    sha256: str
    results: Mapping[Outcome, Result]
    first_contact: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class Sweep:
    """All points, the last axis running fastest.

    asked     scenario, seed, replications, engine, unit of the differences
    axes      one or two
    columns   what was asked about
    by        seconds; the horizon stands for "by the end"
    as_is     outcomes of the scenario as its file has it
    own       by axis, the value in the file as it is written, and its place; None where it has none of the axis's kind
    points    in order
    """

    asked: Asked
    axes: tuple[Axis, ...]
    columns: tuple[str, ...]
    by: int
    as_is: Mapping[Outcome, Estimate]
    own: tuple[tuple[str, float] | None, ...]
    points: tuple[Point, ...]

    def outcomes(self, column: str) -> tuple[Outcome, Outcome]:
        """Contact by the time asked for, and the mean wait."""
        return Outcome(column, self.by), Outcome(column)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: plain mappings, lists and numbers."""
        return {
            "format": FORMAT,
            "kind": "sweep",
            **self.asked.as_dict(),
            "columns": list(self.columns),
            "by": self.by,
            "axes": [asdict(axis) for axis in self.axes],
            "as_is": [{**asdict(outcome), **found.as_dict()} for outcome, found in self.as_is.items()],
            "own": [None if own is None else own[0] for own in self.own],
            "points": [
                {
                    "values": dict(zip((axis.path for axis in self.axes), point.values, strict=True)),
                    "sha256": point.sha256,
                    "results": [{**asdict(outcome), **asdict(result)} for outcome, result in point.results.items()],
                    "first_contact": {name: dict(found) for name, found in point.first_contact.items()},
                }
                for point in self.points
            ],
        }
