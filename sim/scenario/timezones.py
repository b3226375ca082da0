"""Names of time zones, checked against the zones of the tzdata package, not the machine's."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from sim.scenario.errors import did_you_mean, fault, found, quoted


@cache
def zone_names() -> frozenset[str]:
    """Every IANA name that tzdata knows."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def timezone_of(value: object) -> str:
    """The name of a zone. Raises Faults."""
    if not isinstance(value, str):
        raise fault(f"expected a time zone such as Europe/Moscow, found {found(value)}")
    if value not in zone_names():
        hint = did_you_mean(value, sorted(zone_names()))
        raise fault(f"{quoted(value)} is no time zone{hint or '; expected an IANA name such as Europe/Moscow'}")
    return value
