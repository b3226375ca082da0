"""Whether two scenarios simulate alike, and whether two names look alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from sim.scenario.errors import quoted
from sim.scenario.resolved import Channel, Event, Line, Regime, Scenario, Side

LONGEST_NAME = 100
"""Characters of a variant's name: it stands in every table."""

Titled = TypeVar("Titled", Side, Channel, Regime, Event, Line)


def nothing_changed(base: Scenario, variant: Scenario) -> str | None:
    """What to say of a variant that simulates as the base does; None of one that does not.

    Titles, where numbers come from, and what is on record bear on no simulated number.
    """
    if variant == base:
        return "changes nothing"
    if _simulated(variant) == _simulated(base):
        return "changes nothing that is simulated: only titles, where a number comes from, or the record"
    return None


def _simulated(scenario: Scenario) -> Scenario:
    """The scenario without what no engine sees."""
    return replace(
        scenario,
        title="",
        description="",
        sides=_untitled(scenario.sides),
        officials=tuple(replace(one, title="", office="") for one in scenario.officials),
        channels=_untitled(scenario.channels),
        regimes=_untitled(scenario.regimes),
        events=_untitled(scenario.events),
        lines=_untitled(scenario.lines),
        record=(),
        sources=(),
        provenance=(),
    )


def _untitled(some: Iterable[Titled]) -> tuple[Titled, ...]:
    return tuple(replace(one, title="") for one in some)


def name_fault(name: str, others: Iterable[str]) -> str | None:
    """Why a variant cannot have this name beside `others`; None where it can. The base is one of the others."""
    shown = as_shown(name)
    if not shown:
        return "a variant without a name"
    if len(shown) > LONGEST_NAME:
        return f"a name of {len(shown)} characters; expected at most {LONGEST_NAME}"
    twin = next((other for other in others if as_shown(other) == shown), None)
    if twin is not None and twin != name:
        return f"{quoted(name)} looks like {quoted(twin)}; choose another name"
    return None


def as_shown(name: str) -> str:
    """The name as tables print it: without characters that are not seen, white space as single blanks."""
    words = ("".join(c for c in word if not unicodedata.category(c).startswith("C")) for word in name.split())
    return " ".join(word for word in words if word)
