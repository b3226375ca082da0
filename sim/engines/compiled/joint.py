"""Lines that affect each other, laid out for the kernel `abreast`.

Each line is laid out as one alone is (see `alone`), one after the other; `h` says where, and whom its contacts and its
unanswered attempts affect.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.engines.compiled import alone, rows
from sim.engines.compiled.alone import Alone, effects_of, lanes_know, matters
from sim.engines.compiled.paths import World
from sim.rules.quantiles import EMPIRICAL
from sim.scenario.program import NONE, Decay, Floats, Ints, Program

MOST_LINES = 8
"""With more, an attempt costs less in the event loop, whose tree is not searched line by line."""

# The header of `h`. Common families of the intervals and of the delays: NONE where lines differ, or have tables.
# Whether any line has a limit of attempts, several reasons, or an effect of unanswered attempts other than one that
# lowers its own odds for ever.
LINES, EVERY_FAMILY, DELAY_FAMILY, HAS_LIMIT, HAS_REASONS, WEARS = range(6)
LINE_RECORDS = 8
# A line: where its `q` and `f` begin, its column in what comes out; then for each of both causes the kind
# of effect, slots of factor and window, where in `h` the lines that it affects begin and end.
Q, F, COLUMN, EFFECTS = 0, 1, 2, 3
KIND, FACTOR, WINDOW, AFFECTS, AFFECTS_END = range(5)
EFFECT_WIDTH = 5
LINE_WIDTH = EFFECTS + 2 * EFFECT_WIDTH
CONTACT, UNANSWERED = 0, 1
PERMANENT, FADES = 0, 1


def can_run_abreast(program: Program, line: int) -> bool:
    """Whether the kernel knows all that the line does to others of its component, if effects alone join them."""
    return lanes_know(program, effects_of(program, line))


class Joint:
    """The layout of several lines: `q`, `f` and `h`."""

    def __init__(self, program: Program, world: World, lines: Sequence[int]) -> None:
        self._program, self._lines = program, lines
        causes = {
            int(effect): (at, cause)
            for at, line in enumerate(lines)
            for cause, effect in enumerate((program.line.on_contact[line], program.line.on_unanswered[line]))
            if effect != NONE
        }
        parts = [Alone(program, world, line, causes) for line in lines]
        self.lanes = lanes_for(len(lines))
        self.qs = [part.q for part in parts]
        self.moving = max(int(q[alone.MOVING]) for q in self.qs)
        self.terms = max(int(q[alone.TERMS]) for q in self.qs)
        self.begins_alike = all(part.begins_alike for part in parts)
        self._header: list[int] = [0] * (LINE_RECORDS + LINE_WIDTH * len(lines))
        self._header[LINES] = len(lines)
        self._header[EVERY_FAMILY] = _common(parts, alone.EVERY)
        self._header[DELAY_FAMILY] = _common(parts, alone.DELAY)
        self._header[HAS_LIMIT] = int(any(part.q[alone.ATTEMPTS] > 0 for part in parts))
        self._header[HAS_REASONS] = int(any(part.q[alone.REASONS] > 1 for part in parts))
        q, f = 0, 0
        for at, part in enumerate(parts):
            record = LINE_RECORDS + LINE_WIDTH * at
            self._header[record : record + EFFECTS] = [q, f, lines[at]]
            self._effect(at, CONTACT, int(program.line.on_contact[lines[at]]))
            self._effect(at, UNANSWERED, int(program.line.on_unanswered[lines[at]]))
            q, f = q + len(part.q), f + len(part.f)
        self.q: Ints = np.concatenate(self.qs)
        self.f: Floats = np.concatenate([part.f for part in parts])
        self.h: Ints = np.array(self._header, dtype=np.int64)

    def _effect(self, at: int, cause: int, effect: int) -> None:
        record = LINE_RECORDS + LINE_WIDTH * at + EFFECTS + EFFECT_WIDTH * cause
        self._header[record] = NONE
        if effect == NONE or not matters(self._program, effect):
            return
        effects = self._program.effects
        fades = effects.decay[effect] == Decay.HALF_LIFE
        factor = int(effects.log_factor[effect])
        affected = [i for i, line in enumerate(self._lines) if effect in self._program.line.effects[line]]
        first = len(self._header)
        self._header[record : record + EFFECT_WIDTH] = [
            FADES if fades else PERMANENT,
            factor,
            int(effects.window[effect]),
            first,
            first + len(affected),
        ]
        self._header.extend(affected)
        if cause == UNANSWERED and (fades or affected != [at] or not self._program.values[factor] < 0.0):
            self._header[WEARS] = 1


def lanes_for(lines: int) -> int:
    """How many lanes there are: as many as have room in a row of cells."""
    return rows.CELLS // lines // rows.STRIDE * rows.STRIDE


def _common(parts: Sequence[Alone], law: int) -> int:
    families = {int(part.q[law]) for part in parts}
    family = families.pop()
    return NONE if families or family >= EMPIRICAL else family
