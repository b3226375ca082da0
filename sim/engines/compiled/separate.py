"""The components that run in lanes: lines that no other line bears on, or would not but for calls that meet, and lines
abreast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.engines.compiled import abreast, lockstep, requests, rows
from sim.engines.compiled.alone import Alone
from sim.engines.compiled.components import Component
from sim.engines.compiled.joint import Joint
from sim.engines.compiled.paths import World, follow
from sim.engines.compiled.piece import Piece
from sim.engines.compiled.together import Together
from sim.engines.contract import NEVER
from sim.rules.bins import bins_for
from sim.scenario.program import Floats, Ints, Program, Start

TOGETHER = 8192
"""Replications whose paths are held at a time."""
_PATH_ROOM = 1 << 16


class Separate:
    """The components of a program that run in lanes, with their counts."""

    def __init__(self, program: Program, parts: Sequence[Component]) -> None:
        lines = [line for part in parts for line in part.lines]
        self._world = World(program, lines)
        laid_out = {line: Alone(program, self._world, line) for part in parts if part.separable for line in part.lines}
        joints = {part: Joint(program, self._world, part.lines) for part in parts if not part.separable}
        room, room_abreast = lockstep.room([one.q for one in laid_out.values()]), abreast.room(list(joints.values()))
        self._parts = [
            Together(program, part, self._world, joints[part], room_abreast)
            if part in joints
            else _Part(program, part, laid_out, room)
            for part in parts
        ]
        self._path: tuple[Ints, Floats, Ints] | None = None
        self._path_room = _PATH_ROOM

    def run(self, seed: int, piece: Piece) -> list[tuple[tuple[int, ...], Ints]]:
        """All replications of a piece. For each component of several lines, the rows in which its lines met: what they
        did there is neither counted nor in the piece."""
        met: list[list[Ints]] = [[] for _ in self._parts]
        done = 0
        while done < len(piece.replications):
            rest = piece.replications[done : done + TOGETHER]
            count, paths = self._follow(seed, rest, piece)
            some = slice(done, done + count)
            part = Piece(rest[:count], piece.values, piece.first_block, piece.first_contact[some], piece.marks[some])
            for at, component in enumerate(self._parts):
                met[at].append(component.run(seed, part, paths) + done)
            done += count
        return [(part.lines, np.concatenate(found)) for part, found in zip(self._parts, met, strict=True) if found]

    def counts(self) -> dict[int, dict[str, Any]]:
        """By line, the fields of a `Batch` that are added up, but `attempts`."""
        return {line: counts for part in self._parts for line, counts in part.counts().items()}

    def _follow(self, seed: int, replications: Ints, piece: Piece) -> tuple[int, tuple[Ints, Floats, Ints]]:
        """The paths of the next replications, and how many of them there was room for."""
        if self._path is not None:
            return len(replications), self._path
        world = self._world
        wanted = replications[:1] if world.fixed else replications
        while True:
            first: Ints = np.zeros(len(wanted) + 1, dtype=np.int64)
            when, what = np.zeros(self._path_room), np.zeros(self._path_room, dtype=np.int64)
            kernel_seed: Any = np.uint64(seed)
            count = follow(
                world.q, world.f, piece.values, kernel_seed, wanted, piece.first_block, world.room(), first, when, what
            )
            if count > 0:
                break
            self._path_room *= 4
        paths = (first, when, what)
        if world.fixed:
            self._path = paths
            return len(replications), paths
        return count, paths


class _Part:
    """A component: its lines, in the order in which they are run, and what was counted of each."""

    def __init__(
        self, program: Program, component: Component, laid_out: Mapping[int, Alone], room: lockstep.Room
    ) -> None:
        self.lines = component.lines
        # Those that are seldom active first: what a line keeps for those after it has to fit into little room.
        self._order = sorted(component.lines, key=lambda line: _liveliness(program, line))
        self._laid_out, self._room = laid_out, room
        self._bins, self._reasons = bins_for(program.horizon), len(program.reasons)
        self._told: dict[int, Ints] = {}
        self._taken: dict[int, Ints] = {}
        self._response: dict[int, Ints] = {}
        for line in component.lines:
            self._told[line] = np.zeros(requests.UNANSWERED + self._reasons, dtype=np.int64)
            self._taken[line] = np.zeros(self._bins, dtype=np.int64)
            self._response[line] = np.zeros(self._bins, dtype=np.int64)

    def run(self, seed: int, piece: Piece, paths: tuple[Ints, Floats, Ints]) -> Ints:
        """Every line in turn; the rows in which lines met, with nothing of them counted."""
        size = len(piece.replications)
        several = len(self._order) > 1
        kept: Floats = np.zeros((size if several else 0) * rows.ROOM * 2)
        counts: Ints = np.zeros(size, dtype=np.int64)
        met: Ints = np.zeros(size, dtype=np.int64)
        at: Ints = np.arange(size)
        for turn, line in enumerate(self._order):
            keeps, minds = turn < len(self._order) - 1, turn > 0
            self._run(line, seed, piece, paths, at, 1, keeps, minds, turn + 1, counts, kept, met)
            if several:
                at = np.flatnonzero(met == 0)
        if not several:
            return at[:0]
        found = np.flatnonzero(met)
        for turn, line in enumerate(self._order):
            # Of where lines met, all is taken back that was counted until it was seen.
            for minds in (False, True):
                back = np.flatnonzero(met == turn + 1 if minds else met > turn + 1)
                self._run(line, seed, piece, paths, back, -1, False, minds and turn > 0, turn + 1, counts, kept, met)
            piece.first_contact[found, line] = NEVER
        return found

    def _run(
        self,
        line: int,
        seed: int,
        piece: Piece,
        paths: tuple[Ints, Floats, Ints],
        at: Ints,
        weight: int,
        keeps: bool,
        minds: bool,
        mark: int,
        counts: Ints,
        kept: Floats,
        met: Ints,
    ) -> None:
        if len(at) == 0:
            return
        one = self._laid_out[line]
        kernel_seed: Any = np.uint64(seed)
        u, x, s, own = self._room
        told = np.zeros_like(self._told[line])
        lockstep.run(
            one.q,
            one.f,
            piece.values,
            kernel_seed,
            piece.replications[at],
            at,
            piece.first_block,
            *paths,
            u,
            x,
            s,
            own,
            told,
            self._taken[line],
            self._response[line],
            weight,
            piece.first_contact,
            piece.marks,
            line,
            keeps,
            minds,
            mark,
            counts,
            kept,
            met,
            one.begins_alike,
        )
        self._told[line] += weight * told

    def counts(self) -> dict[int, dict[str, Any]]:
        """By line, the fields of a `Batch` that are added up, but `attempts`."""
        return {
            line: {
                "answered": told[requests.ANSWERED],
                "unanswered": told[requests.UNANSWERED :],
                "requests": told[requests.BEGUN : requests.UNANSWERED],
                "attempts_taken": self._taken[line],
                "response": self._response[line],
            }
            for line, told in self._told.items()
        }


def _liveliness(program: Program, line: int) -> tuple[bool, bool, int]:
    triggered = Start(program.line.start[line]) == Start.ON_EVENT
    return bool(program.line.until_horizon[line]), not triggered, line
