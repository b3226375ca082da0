"""Lines that are the same in several programs, which are simulated once.

All draws are keyed by names, so lines that nothing affects but what is the same in two programs have the same history
in both, to the bit. What affects them is put into a key, numbers and calendars spelt out, places in tables left out;
where two keys are equal, the later program takes what the earlier one has.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sim.scenario.dependencies import components, restricted
from sim.scenario.program import NONE, Derived, Effects, Events, Lines, Program, Regimes
from sim.scenario.resolved import Uncertain

Places = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Share:
    """How one of several programs is run.

    lines  of the program, rising: those that no program before it has run
    alone  the program of these lines; the program itself where they are all; None where there are none
    taken  for each program before it that others are taken from: its place among the programs, the lines there, and
           the same lines here
    """

    lines: Places
    alone: Program | None
    taken: tuple[tuple[int, Places, Places], ...]


def share(programs: Sequence[Program]) -> tuple[Share, ...]:
    """By program, what is to be simulated of it and what is taken from programs before it."""
    first: dict[Hashable, tuple[int, Places]] = {}
    shares = []
    for place, program in enumerate(programs):
        own: list[int] = []
        taken: dict[int, list[tuple[int, int]]] = {}
        for lines in components(program):
            source, there = first.setdefault(key_of(program, lines), (place, lines))
            if source == place:
                own += lines
            else:
                taken.setdefault(source, []).extend(zip(there, lines, strict=True))
        pairs = tuple((source, *_unzipped(some)) for source, some in taken.items())
        shares.append(Share(tuple(sorted(own)), _alone(program, sorted(own)), pairs))
    return tuple(shares)


def share_nothing(programs: Sequence[Program]) -> tuple[Share, ...]:
    """Every program is simulated whole."""
    return tuple(Share(tuple(range(len(program.lines))), program, ()) for program in programs)


def touched(base: Program, variant: Program) -> tuple[Places, Places]:
    """The lines of each, rising, on which something else may happen than in the other."""
    found = [{key_of(program, lines): lines for lines in components(program)} for program in (base, variant)]
    ours, its = (
        tuple(sorted(line for key, lines in own.items() if key not in others for line in lines))
        for own, others in (found, found[::-1])
    )
    return ours, its


def _unzipped(pairs: Sequence[tuple[int, int]]) -> tuple[Places, Places]:
    return tuple(there for there, _ in pairs), tuple(here for _, here in pairs)


def _alone(program: Program, lines: Sequence[int]) -> Program | None:
    return part_of(program, lines) if lines else None


def part_of(program: Program, lines: Sequence[int]) -> Program:
    """The program of some lines, rising, that no others affect; the program itself where they are all."""
    return program if len(lines) == len(program.lines) else restricted(program, lines)


def key_of(program: Program, lines: Sequence[int]) -> Hashable:
    """All that the histories of some lines depend on but the seed. `lines`: rising; nothing else affects them."""
    return _Key(restricted(program, lines)).whole()


class _Key:
    """The parts of a program's key. Every field of its tables has an entry here, so that none is forgotten."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._derived: dict[int, Derived] = {one.slot: one for one in program.derived}
        number, law, calendar, name = self._number, self._law, self._calendar, self._official
        plain = _plain
        self._of_lines: dict[str, Callable[[Any], Hashable]] = {
            **dict.fromkeys(("caller", "callee"), name),
            **dict.fromkeys(("may_attempt", "on_duty", "may_contact"), calendar),
            **dict.fromkeys(("start", "start_second", "start_count", "start_event", "start_lines"), plain),
            **dict.fromkeys(("wait", "every", "delay", "call"), law),
            **dict.fromkeys(("answer", "give_up"), number),
            **dict.fromkeys(("attempts", "until_horizon", "until_lines", "shares", "regimes", "effects"), plain),
            "reasons": lambda reasons: tuple(program.reasons[at] for at in reasons),
            **dict.fromkeys(("on_unanswered", "on_contact"), plain),
        }
        self._of_effects: dict[str, Callable[[Any], Hashable]] = {
            "decay": plain,
            "log_factor": number,
            "window": number,
        }
        self._of_regimes: dict[str, Callable[[Any], Hashable]] = {
            **dict.fromkeys(("names", "states", "initially"), plain),
            "sojourn": lambda laws: tuple(law(one) for one in laws),
            "log_factor": lambda slots: tuple(number(one) for one in slots),
        }
        self._of_events: dict[str, Callable[[Any], Hashable]] = {
            **dict.fromkeys(("names", "starts", "effect", "switches"), plain),
            "at": lambda dates: tuple((second, law(plus)) for second, plus in dates),
            "every": law,
        }

    def whole(self) -> Hashable:
        """The key."""
        program = self._program
        return (
            *(program.horizon, program.block, program.lines, tuple(program.triggered.tolist())),
            *(self._table(program.line, self._of_lines), self._table(program.effects, self._of_effects)),
            *(self._table(program.regimes, self._of_regimes), self._table(program.events, self._of_events)),
        )

    def _table(self, table: Lines | Effects | Regimes | Events, told: dict[str, Callable[[Any], Hashable]]) -> Hashable:
        return tuple(tuple(told[one.name](entry) for entry in getattr(table, one.name)) for one in fields(table))

    def _number(self, slot: int, width: int = 1) -> Hashable:
        """What stands in a slot, or in several from it on: the numbers, or what they are made of."""
        if slot == NONE:
            return None
        made = self._derived.get(int(slot))
        if made is None:
            return self._program.values[slot : slot + width].tobytes()
        known = made.distribution.given.values() if made.distribution is not None else (made.number,)
        drawn = tuple(self._uncertain(one.path) for one in known if isinstance(one, Uncertain))
        return made.kind, repr(made.number), repr(made.distribution), drawn

    def _law(self, law: int) -> Hashable:
        if law == NONE:
            return None
        laws = self._program.distributions
        return int(laws.family[law]), laws.tables[law].tobytes(), self._number(int(laws.slot[law]), 3)

    def _uncertain(self, path: str) -> Hashable:
        """How an uncertain number is drawn: from its prior, or from a table of which a row is taken by its weight."""
        at, table = self._program.uncertain.index(path), self._program.posterior
        if table is None:
            return path, self._program.priors[at]
        return path, table[:, at].tobytes(), self._program.posterior_weights

    def _calendar(self, calendar: int) -> Hashable:
        windows = self._program.calendars[calendar]
        return windows.starts.tobytes(), windows.ends.tobytes()

    def _official(self, official: int) -> Hashable:
        return self._program.officials[official]


def _plain(value: Any) -> Hashable:
    """A number, text or tuple as it is."""
    found: Hashable = value.item() if hasattr(value, "item") else value
    return found
