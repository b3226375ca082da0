"""Validation of names: their form, that they are unique, and that references exist."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TypeVar

from sim.scenario import schema
from sim.scenario.errors import KeyPath, Problems, blank_hint, quoted
from sim.scenario.schema import BAD

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII)
BOOLEANS = frozenset(
    {
        form
        for word in ("y", "n", "yes", "no", "on", "off", "true", "false")
        for form in (word, word.title(), word.upper())
    }
)
SHARED = {"sides": "side", "officials": "official", "channels": "channel", "lines": "line"}
"""Sections over which names are unique."""
OTHERS = {"regimes": "regime", "events": "event", "parameters": "parameter", "sources": "source"}
RESERVED = frozenset({"none", "any"})

T = TypeVar("T")


def present(section: dict[str, T]) -> Iterator[tuple[str, T]]:
    """The entries of a section that could be read."""
    if section is not BAD:
        yield from ((name, entry) for name, entry in section.items() if entry is not BAD)


class Names:
    """The names of every section as declared, also those of entries that could not be read; None for a section that
    is itself faulty."""

    def __init__(self, problems: Problems) -> None:
        self._known: dict[str, tuple[str, ...] | None] = {}
        for section in (*SHARED, *OTHERS):
            node = problems.root.child(section)
            missing = node is None and section in SHARED
            faulty = missing or (node is not None and not isinstance(node.value, dict))
            self._known[section] = None if faulty else tuple(node.entries) if node is not None else ()
        report = problems.root.child("report")
        groups = report.child("groups") if report is not None else None
        self._known["groups"] = tuple(groups.entries) if groups is not None else ()

        self._joined: dict[tuple[str, ...], dict[str, None] | None] = {}

    def of(self, *sections: str) -> Collection[str] | None:
        """The names in the sections, or None if one of them is faulty: then nothing can be said."""
        if sections not in self._joined:
            known = [self._known[section] for section in sections]
            faulty = any(names is None for names in known)
            self._joined[sections] = None if faulty else dict.fromkeys(name for names in known for name in names or ())
        return self._joined[sections]


def check(human: schema.ScenarioFields, problems: Problems) -> None:
    """Note faulty names and dangling references, those of lines apart (`validate_lines`)."""
    names = Names(problems)
    _check_forms(problems)
    _check_levels(human, problems)
    for name, official in present(human.officials):
        refer(problems, ("officials", name, "side"), official.side, "side", names.of("sides"))
    for name, regime in present(human.regimes):
        check_affects(problems, names, ("regimes", name, "affects"), regime.affects)
        _check_initially(problems, name, regime)
    for name, event in present(human.events):
        _check_event(human, problems, names, name, event)
    if human.report is not BAD:
        for name, lines in present(human.report.groups):
            refer_all(problems, ("report", "groups", name), lines, "line", names.of("lines"))


def refer(problems: Problems, path: KeyPath, name: str, what: str, known: Collection[str] | None) -> bool:
    """Whether the name is known; if it is certainly not, that is noted."""
    if known is None or name is BAD:
        return False
    if name in known:
        return True
    problems.unknown(path, name, what, known)
    return False


def refer_all(
    problems: Problems, path: KeyPath, names: Iterable[str], what: str, known: Collection[str] | None
) -> None:
    """`refer` for a list of names, each of which may stand in it once."""
    seen: set[str] = set()
    for place, name in enumerate(names):
        if refer(problems, (*path, place), name, what, known) and name in seen:
            problems.add((*path, place), f"{quoted(name)} is listed twice")
        seen.add(name)


def check_affects(problems: Problems, names: Names, path: KeyPath, affects: Iterable[str] | None) -> None:
    """References of an effect or regime."""
    if affects is None or affects is BAD:
        return
    known = names.of("lines", "channels", "officials", "sides")
    refer_all(problems, path, affects, "line, channel, official or side", known)


def _check_forms(problems: Problems) -> None:
    first: dict[str, str] = {}
    for section, what in (SHARED | OTHERS).items():
        node = problems.root.child(section)
        for name in node.entries if node is not None else ():
            fine = _check_form(problems, (section, name), name, reserved=section in {"sides", "channels"})
            if fine and section in SHARED:
                if name in first:
                    where = problems.place_of_key((first[name], name))
                    line = f", line {where.line}" if where.line else ""
                    message = f"name {quoted(name)} is used twice ({SHARED[first[name]]}{line}, and {what})"
                    problems.add((section, name), message, at_key=True)
                first.setdefault(name, section)
    regimes = problems.root.child("regimes")
    for regime in regimes.entries if regimes is not None else ():
        node = problems.root.child("regimes").child(regime).child("states")  # type: ignore[union-attr]
        for name in node.entries if node is not None else ():
            _check_form(problems, ("regimes", regime, "states", name), name)
    report = problems.root.child("report")
    groups = report.child("groups") if report is not None else None
    for name in groups.entries if groups is not None else ():
        _check_form(problems, ("report", "groups", name), name, reserved=True)


def _check_form(problems: Problems, path: KeyPath, name: str, *, reserved: bool = False, at_key: bool = True) -> bool:
    if name in BOOLEANS:
        message = f"name {quoted(name)} is a YAML 1.1 boolean; other programs would read it as true or false"
    elif not NAME.fullmatch(name):
        message = f"name {quoted(name)} must match {NAME.pattern}: a letter, then letters, digits, '_' or '-'"
        message += blank_hint(name)
    elif reserved and name in RESERVED:
        message = f"name {quoted(name)} is reserved: results use it"
    else:
        return True
    problems.add(path, message, at_key=at_key)
    return False


def _check_levels(human: schema.ScenarioFields, problems: Problems) -> None:
    for name, channel in present(human.channels):
        if channel.level is not BAD and "level" in channel.model_fields_set:
            _check_form(problems, ("channels", name, "level"), channel.level, reserved=True, at_key=False)


def _check_initially(problems: Problems, name: str, regime: schema.RegimeFields) -> None:
    if regime.states is BAD:
        return
    if not regime.states:
        problems.add(("regimes", name, "states"), "is empty; expected at least one state")
        return
    path: KeyPath = ("regimes", name, "initially")
    known = tuple(regime.states)
    if isinstance(regime.initially, str):
        refer(problems, path, regime.initially, f"state of {quoted(name)}", known)
    elif isinstance(regime.initially, dict):
        for state in regime.initially:
            if state not in known:
                hint = problems.hint(state, known)
                problems.add((*path, state), f"{quoted(state)} is no state of {quoted(name)}{hint}", at_key=True)


def _check_event(
    human: schema.ScenarioFields, problems: Problems, names: Names, name: str, event: schema.EventFields
) -> None:
    if event.effect is not None and event.effect is not BAD:
        if event.effect.affects is None and not problems.misspelt(
            ("events", name, "effect"), schema.EffectFields.model_fields
        ):
            message = "missing key 'affects' (the lines, channels, officials or sides whose odds change)"
            problems.add(("events", name, "effect"), message, at_key=True)
        check_affects(problems, names, ("events", name, "effect", "affects"), event.effect.affects)
    if event.switches is None or event.switches is BAD:
        return
    for gate, state in event.switches.items():
        path: KeyPath = ("events", name, "switches", gate)
        known = names.of("regimes")
        if known is not None and gate not in known:
            problems.add(path, f"{quoted(gate)} is no regime{problems.hint(gate, known)}", at_key=True)
        regime = None if human.regimes is BAD else human.regimes.get(gate)
        if regime is not None and regime is not BAD and regime.states is not BAD:
            refer(problems, path, state, f"state of {quoted(gate)}", tuple(regime.states))
