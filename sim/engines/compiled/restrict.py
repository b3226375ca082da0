"""A program of some of a program's lines: what lines that bear on each other need, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np

from sim.scenario.program import Effects, Events, Lines, Program, Regimes


def restricted(program: Program, lines: Sequence[int]) -> Program:
    """The program of `lines` alone, indices in rising order; line i of it is ``lines[i]`` of `program`.

    Every draw keeps its address, so each line's history is the one it has in `program`, provided that no other line
    bears on it: through calls of an official that they share, effects, `after`, `until` or `gave_up`. References to
    other lines are dropped. Regimes and events that these lines do not feel are left out; officials, calendars,
    distributions, reasons and numbers stay, at their places. For engines: `columns` are those of `program`.
    """
    if list(lines) != sorted(set(lines)):
        raise ValueError(f"lines {list(lines)}; expected indices in rising order, each once")
    taken = np.array(lines, dtype=np.int64)
    new = {old: at for at, old in enumerate(lines)}
    effects = sorted({effect for line in lines for effect in program.line.effects[line]})
    regimes = sorted({regime for line in lines for regime in program.line.regimes[line]})
    events = _events_felt(program, lines, effects, regimes)
    line = _lines(program.line, taken, new)
    return replace(
        program,
        lines=tuple(program.lines[at] for at in lines),
        line_channel=program.line_channel[taken],
        line_side=program.line_side[taken],
        triggered=program.triggered[taken],
        effects=_effects(program.effects, effects),
        regimes=_regimes(program.regimes, regimes),
        events=_events(program.events, events, _places(effects), _places(regimes)),
        line=replace(
            line,
            effects=tuple(tuple(_places(effects)[at] for at in one) for one in line.effects),
            regimes=tuple(tuple(_places(regimes)[at] for at in one) for one in line.regimes),
            on_unanswered=_moved(line.on_unanswered, _places(effects)),
            on_contact=_moved(line.on_contact, _places(effects)),
            start_event=_moved(line.start_event, _places(events)),
        ),
    )


def _places(chosen: Sequence[int]) -> dict[int, int]:
    return {old: at for at, old in enumerate(chosen)}


def _moved(indices: np.ndarray, places: dict[int, int]) -> np.ndarray:
    """Indices after the choice; NONE for those that were not chosen."""
    return np.array([places.get(int(at), -1) for at in indices], dtype=np.int64)


def _events_felt(program: Program, lines: Sequence[int], effects: Sequence[int], regimes: Sequence[int]) -> list[int]:
    events = program.events
    felt = {int(program.line.start_event[line]) for line in lines} - {-1}
    for event in range(len(events.names)):
        if int(events.effect[event]) in effects or any(regime in regimes for regime, _ in events.switches[event]):
            felt.add(event)
    return sorted(felt)


def _lines(line: Lines, taken: np.ndarray, new: dict[int, int]) -> Lines:
    """Every field cut to the lines taken, lists of lines by their new indices."""
    cut: dict[str, object] = {}
    for field in fields(line):
        value = getattr(line, field.name)
        cut[field.name] = value[taken] if isinstance(value, np.ndarray) else tuple(value[at] for at in taken)
    for name in ("start_lines", "until_lines"):
        cut[name] = tuple(tuple(new[at] for at in one if at in new) for one in cut[name])  # type: ignore[attr-defined]
    return Lines(**cut)  # type: ignore[arg-type]


def _effects(effects: Effects, chosen: Sequence[int]) -> Effects:
    at = np.array(chosen, dtype=np.int64)
    return Effects(decay=effects.decay[at], log_factor=effects.log_factor[at], window=effects.window[at])


def _regimes(regimes: Regimes, chosen: Sequence[int]) -> Regimes:
    return Regimes(
        names=tuple(regimes.names[at] for at in chosen),
        states=tuple(regimes.states[at] for at in chosen),
        sojourn=tuple(regimes.sojourn[at] for at in chosen),
        log_factor=tuple(regimes.log_factor[at] for at in chosen),
        initially=tuple(regimes.initially[at] for at in chosen),
    )


def _events(events: Events, chosen: Sequence[int], effects: dict[int, int], regimes: dict[int, int]) -> Events:
    at = np.array(chosen, dtype=np.int64)
    return Events(
        names=tuple(events.names[one] for one in chosen),
        at=tuple(events.at[one] for one in chosen),
        every=events.every[at],
        starts=events.starts[at],
        effect=_moved(events.effect[at], effects),
        switches=tuple(
            tuple((regimes[regime], state) for regime, state in events.switches[one] if regime in regimes)
            for one in chosen
        ),
    )
