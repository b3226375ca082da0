"""Outcomes that studies ask for, the specification of a study, and the results of a sweep.

Outcomes are bounded, so that means, differences and variances of them always exist; a median that is not reached does
not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.stats.intervals import Estimate, bounded_mean, difference_of_shares, share


@dataclass(frozen=True)
class Outcome:
    """One number for each replication.

    column  ``any``, ``line:NAME``, ``group:NAME`` …: whose first contact T
    by      seconds t: 1 where T <= t, else 0, so that the mean is a probability. At the horizon: whether there was
            contact before it. None: min(T, horizon) in seconds, so that the mean is the restricted mean wait
    """

    column: str
    by: int | None = None

    @property
    def is_wait(self) -> bool:
        """Seconds rather than a probability."""
        return self.by is None

    def of(self, limited: NDArray[np.integer], horizon: int) -> NDArray[np.int64]:
        """Its value by replication, integers of the shape of `limited`: first contacts, the horizon where none."""
        if self.by is None:
            return limited.astype(np.int64)
        return (limited < horizon if self.by >= horizon else limited <= self.by).astype(np.int64)

    def estimate(self, values: NDArray[np.int64], horizon: int, unit: int = 1) -> Estimate:
        """The mean of `values`, (n,) as `of` gives them, with its interval."""
        if self.is_wait:
            return bounded_mean(values, (0, horizon), usual=horizon, unit=unit)
        return share(values > 0, unit)

    def difference(self, values: NDArray[np.int64], others: NDArray[np.int64], horizon: int, unit: int = 1) -> Estimate:
        """The mean of `values` − `others`, two scenarios on the same replications, with its interval."""
        if self.is_wait:
            return bounded_mean(values - others, (-horizon, horizon), usual=0, unit=unit)
        return difference_of_shares(values - others, unit)


@dataclass(frozen=True)
class StudySpec:
    """What a study was made of.

    title, sha256  of the resolved scenario
    start          clock.start, UTC
    horizon        seconds
    seed           of all draws
    replications   of each scenario that was run
    engine         the one that was used; nothing depends on it
    unit           replications in the independent unit of every interval
    changes        what was set in the scenario's file
    titles         what a person calls the things that paths and columns name: ``lines.NAME``, ``channels.NAME`` …
    """

    title: str
    sha256: str
    start: datetime
    horizon: int
    seed: int
    replications: int
    engine: str
    unit: int
    changes: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)

    def ran_by(self, engine: str, unit: int) -> StudySpec:
        """With the engine and the unit that were used."""
        return replace(self, engine=engine, unit=unit)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        found = {**asdict(self), "start": self.start.isoformat(), "changes": list(self.changes)}
        del found["titles"]  # they are the scenario's own
        return found


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

    spec      scenario, seed, replications, engine, unit of the differences
    axes      one or two
    columns   columns of first contacts
    by        seconds; the horizon stands for "by the end"
    as_is     outcomes of the scenario as its file has it
    own       by axis, the value in the file as it is written, and its place; None where it has none of the axis's kind
    points    in order
    """

    spec: StudySpec
    axes: tuple[Axis, ...]
    columns: tuple[str, ...]
    by: int
    as_is: Mapping[Outcome, Estimate]
    own: tuple[tuple[str, float] | None, ...]
    points: tuple[Point, ...]

    def outcomes(self, column: str) -> tuple[Outcome, Outcome]:
        """Contact by the time `by`, and the mean wait."""
        return Outcome(column, self.by), Outcome(column)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: plain mappings, lists and numbers."""
        return {
            "format": FORMAT,
            "kind": "sweep",
            **self.spec.as_dict(),
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
