"""What a study of a scenario was made of, whatever it asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Asked:
    """What a study was made of.

    title, sha256  of the resolved scenario
    start          clock.start, UTC
    horizon        seconds
    seed           of all draws
    replications   of each scenario that was run
    engine         the one that was used; nothing depends on it
    unit           replications in the independent unit of every interval
    changes        what was set in the scenario's file
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

    def ran_by(self, engine: str, unit: int) -> Asked:
        """With the engine and the unit that were used."""
        return replace(self, engine=engine, unit=unit)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "start": self.start.isoformat(), "changes": list(self.changes)}


def asked_from(plain: Mapping[str, Any]) -> Asked:
    """What `Asked.as_dict` made, back from JSON. Raises KeyError, TypeError or ValueError for other data."""
    known = {name: plain[name] for name in Asked.__dataclass_fields__}
    return Asked(**{**known, "start": datetime.fromisoformat(known["start"]), "changes": tuple(known["changes"])})
