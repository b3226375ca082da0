"""A program run in parts, and the parts put together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.engines.compiled.components import components
from sim.engines.compiled.jit import kernel
from sim.engines.compiled.loop import Loop
from sim.engines.compiled.numbers import numbers_of
from sim.engines.compiled.piece import Piece
from sim.engines.compiled.requests import FIRST, NOT_FIRST, Marks
from sim.engines.compiled.restrict import restricted
from sim.engines.compiled.separate import Separate
from sim.engines.contract import NEVER, REQUEST_ENDS, Batch
from sim.rules.bins import bins_for
from sim.scenario.program import Ints, Program

_AMBIGUOUS = -2


class Whole:
    """One call of the engine: each component of the program by itself."""

    def __init__(self, program: Program) -> None:
        self._program = program
        parts = components(program)
        self._separate = Separate(program, [part for part in parts if part.separable or part.abreast])
        self._loops: dict[tuple[int, ...], Loop] = {}
        self.met = 0
        """In how many replications calls of separable lines met, by component, added up."""
        self._bound = [part.lines for part in parts if not (part.separable or part.abreast)]

    def simulate(self, seed: int, replications: range) -> Batch:
        """See sim.engines.contract.Engine."""
        program = self._program
        parameters, values = numbers_of(program, seed, replications)
        shape = (len(replications), len(program.lines))
        first_contact: Ints = np.full(shape, NEVER, dtype=np.int64)
        marks: Marks = np.zeros(shape, dtype=np.uint8)
        first_block = replications.start // program.block
        piece = Piece(np.arange(replications.start, replications.stop), values, first_block, first_contact, marks)
        if len(replications) > 0:
            for lines in self._bound:
                self._in_loop(lines, seed, np.arange(len(replications)), piece)
            for lines, rows in self._separate.run(seed, piece):
                if len(rows) > 0:
                    self.met += len(rows)
                    self._in_loop(lines, seed, rows, piece)
        first_line = self._first_lines(seed, piece)
        return Batch(
            replications=replications,
            first_contact=first_contact,
            first_line=first_line.astype(np.int32),
            parameters=parameters,
            **self._counts(),
        )

    def _in_loop(self, lines: tuple[int, ...], seed: int, rows: Ints, piece: Piece) -> None:
        """Some lines in the event loop, in the replications of some rows."""
        if lines not in self._loops:
            everything = len(lines) == len(self._program.lines)
            self._loops[lines] = Loop(self._program if everything else restricted(self._program, lines))
        contacts, first_line = self._run(self._loops[lines], len(lines), seed, rows, piece)
        columns = np.array(lines)
        piece.first_contact[rows[:, np.newaxis], columns] = contacts
        piece.marks[rows[:, np.newaxis], columns] = NOT_FIRST
        had = np.flatnonzero(first_line != NEVER)
        piece.marks[rows[had], columns[first_line[had]]] = FIRST

    def _run(self, loop: Loop, lines: int, seed: int, rows: Ints, piece: Piece) -> tuple[Ints, Ints]:
        """First contacts and first lines of the replications of some rows, run after run of consecutive ones."""
        first_contact: Ints = np.empty((len(rows), lines), dtype=np.int64)
        first_line: Ints = np.empty(len(rows), dtype=np.int64)
        done = 0
        for run in _runs(rows):
            some = slice(done, done + len(run))
            first = int(piece.replications[run.start])
            values = piece.values
            if len(values) > 1:
                blocks = self._program.blocks_of(range(first, first + len(run)))
                values = values[blocks.start - piece.first_block : blocks.stop - piece.first_block]
            loop.run(seed, first, values, first_contact[some], first_line[some])
            done = some.stop
        return first_contact, first_line

    def _first_lines(self, seed: int, piece: Piece) -> Ints:
        """The line whose contact was processed first of all, by row."""
        first_line: Ints = np.empty(len(piece.replications), dtype=np.int64)
        find_first(piece.first_contact, piece.marks, first_line)
        unclear = np.flatnonzero(first_line == _AMBIGUOUS)
        if len(unclear) > 0:
            # A component in the event loop, or abreast, had its first contact in the same second as another one. What
            # came first depends on what became due within the second, so the whole program tells.
            _, first_line[unclear] = self._run(Loop(self._program), len(self._program.lines), seed, unclear, piece)
        return first_line

    def _counts(self) -> dict[str, Any]:
        """The fields of a `Batch` that are added up."""
        program = self._program
        size, bins = len(program.lines), bins_for(program.horizon)
        total: dict[str, Any] = {
            "answered": np.zeros(size, dtype=np.int64),
            "unanswered": np.zeros((size, len(program.reasons)), dtype=np.int64),
            "requests": np.zeros((size, len(REQUEST_ENDS)), dtype=np.int64),
            "attempts_taken": np.zeros((size, bins), dtype=np.int64),
            "response": np.zeros((size, bins), dtype=np.int64),
        }
        for line, counts in self._separate.counts().items():
            _add(total, line, counts)
        for lines, loop in self._loops.items():
            _add(total, np.array(lines), loop.counts())
        return {"attempts": total["answered"] + total["unanswered"].sum(axis=1), **total}


def _add(total: dict[str, Any], lines: Any, counts: Mapping[str, Any]) -> None:
    for name, count in counts.items():
        total[name][lines] += count


def _runs(rows: Ints) -> list[range]:
    """Rising numbers as ranges of consecutive ones."""
    if len(rows) == 0:
        return []
    breaks = np.flatnonzero(np.diff(rows) > 1) + 1
    return [range(int(run[0]), int(run[-1]) + 1) for run in np.split(rows, breaks)]


@kernel
def find_first(first_contact: Ints, marks: Marks, first_line: Ints) -> None:
    """By row, the column whose first contact was processed first; NEVER if there is none, _AMBIGUOUS if it depends on
    the order in which things became due.

    Within a second, contacts that were due before come in order of declaration; after them attempts, each with the
    contact that it has at once, in order of declaration too.
    """
    for row in range(first_contact.shape[0]):
        best = -1
        unclear = False
        for column in range(first_contact.shape[1]):
            second, mark = first_contact[row, column], marks[row, column]
            if second < 0 or mark == NOT_FIRST:
                continue
            if best < 0 or second < first_contact[row, best]:
                best = column
                unclear = False
            elif second == first_contact[row, best]:
                if mark == FIRST or marks[row, best] == FIRST:
                    unclear = True
                elif mark < marks[row, best]:
                    best = column
        first_line[row] = _AMBIGUOUS if unclear else best
