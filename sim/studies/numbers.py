"""The plain numbers of a scenario file, each a fifth lower and a fifth higher.

Moved are answer probabilities (their odds, so that they stay between 0 and 1), odds factors, durations and
distributions of durations (all their durations together; shapes stay), and the constants under `parameters`. Dates,
counts, duty hours and shares are not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.report.format import duration
from sim.scenario.errors import Faults
from sim.scenario.units import duration_text, seconds_of

FIFTH = (0.8, 1.2)
WORDS = frozenset({"basis", "source", "why"})
EFFECT = ("odds_factor", "lasts", "half_life")


@dataclass(frozen=True)
class Moved:
    """A number at both ends: its path, the settings ``PATH=VALUE``, and how the ends are written for a reader."""

    path: str
    settings: tuple[str, str]
    ends: tuple[str, str]


def plain_numbers(tree: Any) -> tuple[list[Moved], dict[str, str]]:
    """What can be moved in a file, given as mappings, lists and scalars, and why the rest was left as it is."""
    moved, left = [], {}
    for path, value, kind in _places(tree):
        ends = [_scaled(value, kind, factor) for factor in FIFTH]
        if ends[0] == ends[1]:
            reason = _reason(value)
            if reason:
                left[path] = reason
            continue
        written = [json.dumps(end, ensure_ascii=False) for end in ends]
        shown = [_shown(end, factor) for end, factor in zip(ends, FIFTH, strict=True)]
        settings = (f"{path}={written[0]}", f"{path}={written[1]}")
        moved.append(Moved(path, settings, (shown[0], shown[1])))
    return moved, left


def _places(tree: Any) -> Iterator[tuple[str, Any, str]]:
    """(path, value, kind) of all that may be moved, in order of declaration; the kind is ``odds`` or ``ratio``."""
    sections = tree if isinstance(tree, dict) else {}
    answers = _named_in(sections.get("lines"), "answer")
    for name, value in _entries(sections, "parameters"):
        yield f"parameters.{name}", value, "odds" if name in answers else "ratio"
    for name, regime in _entries(sections, "regimes"):
        for state, entry in _entries(regime, "states"):
            yield from _keys(f"regimes.{name}.states.{state}", entry, ("lasts", "odds_factor"))
    for name, event in _entries(sections, "events"):
        yield from _keys(f"events.{name}", event, ("every",))
        yield from _keys(f"events.{name}.effect", event.get("effect"), EFFECT)
    for name, line in _entries(sections, "lines"):
        where = f"lines.{name}"
        yield from _keys(f"{where}.starts", line.get("starts"), ("wait",))
        yield from _keys(where, line, ("every", "answer", "delay", "call", "give_up"))
        for cause in ("on_unanswered", "on_contact"):
            yield from _keys(f"{where}.{cause}", line.get(cause), EFFECT)


def _keys(where: str, entry: Any, keys: tuple[str, ...]) -> Iterator[tuple[str, Any, str]]:
    if isinstance(entry, dict):
        for key in keys:
            if key in entry:
                yield f"{where}.{key}", entry[key], "odds" if key == "answer" else "ratio"


def _entries(holder: Any, key: str) -> Iterator[tuple[str, Any]]:
    entries = holder.get(key) if isinstance(holder, dict) else None
    yield from entries.items() if isinstance(entries, dict) else ()


def _named_in(lines: Any, key: str) -> set[str]:
    """The parameters that stand for this key of any line."""
    values = [line.get(key) for line in lines.values() if isinstance(line, dict)] if isinstance(lines, dict) else []
    return {str(value["parameter"]) for value in values if isinstance(value, dict) and "parameter" in value}


def _scaled(value: Any, kind: str, factor: float) -> Any:
    """The value with all its plain numbers moved; what is uncertain, or a reference, stays."""
    if isinstance(value, dict):
        if "prior" in value or "parameter" in value:
            return value
        if "value" in value:
            return _scaled(value["value"], kind, factor)
        return {key: one if key in WORDS else _scaled_inside(one, factor) for key, one in value.items()}
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return _odds(value, factor) if kind == "odds" else _rounded(value * factor)
    return _scaled_inside(value, factor)


def _scaled_inside(value: Any, factor: float) -> Any:
    """Within a distribution durations move; bare numbers are shapes, and stay."""
    scale: Callable[[Any], Any] = lambda one: _scaled_inside(one, factor)  # noqa: E731
    if isinstance(value, dict):
        if "prior" in value or "parameter" in value:
            return value
        return {key: one if key in WORDS else scale(one) for key, one in value.items()}
    if isinstance(value, list):
        return [scale(one) for one in value]
    if isinstance(value, str):
        try:
            return duration_text(_rounded(seconds_of(value) * factor))
        except Faults:
            return value
    return value


def _odds(probability: float, factor: float) -> float:
    odds = probability * factor
    return _rounded(odds / (odds + 1 - probability)) if 0 < probability < 1 else float(probability)


def _rounded(value: float) -> float:
    return float(f"{value:.9g}")


def _reason(value: Any) -> str:
    inner = value["value"] if isinstance(value, dict) and "value" in value else value
    if isinstance(inner, dict):
        # What is uncertain is studied as such, and a reference where it leads to.
        return "" if _refers(inner) else "nothing in it is a duration"
    return f"a fifth of {inner} more or less is the same" if isinstance(inner, int | float | str) else ""


def _refers(value: Mapping[str, Any]) -> bool:
    return any(key in ("prior", "parameter") or (isinstance(one, dict) and _refers(one)) for key, one in value.items())


def _shown(value: Any, factor: float) -> str:
    """For a reader: a number, a duration in the unit that suits it, or the factor."""
    if isinstance(value, float | int):
        return f"{value:.4g}"
    return duration(seconds_of(value)) if isinstance(value, str) else f"× {factor:g}"
