"""Lines that affect each other, and nothing more, in lockstep."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engines.compiled import abreast, requests
from sim.engines.compiled.components import Component
from sim.engines.compiled.joint import Joint
from sim.engines.compiled.paths import World
from sim.engines.compiled.piece import Piece
from sim.rules.bins import bins_for
from sim.scenario.program import Floats, Ints, Program


class Together:
    """A component, and what was counted of each of its lines."""

    def __init__(self, program: Program, component: Component, world: World, joint: Joint, room: abreast.Room) -> None:
        self.lines = component.lines
        self._joint, self._room = joint, room
        self._bins, self._reasons = bins_for(program.horizon), len(program.reasons)
        size = len(component.lines)
        self._told: Ints = np.zeros((size, requests.UNANSWERED + self._reasons), dtype=np.int64)
        self._taken: Ints = np.zeros((size, self._bins), dtype=np.int64)
        self._response: Ints = np.zeros((size, self._bins), dtype=np.int64)
        self._shape: Ints = np.array([joint.moving, joint.terms, joint.lanes, joint.begins_alike], dtype=np.int64)

    def run(self, seed: int, piece: Piece, paths: tuple[Ints, Floats, Ints]) -> Ints:
        """All lines; no rows are left undone."""
        joint = self._joint
        kernel_seed: Any = np.uint64(seed)
        u, x, s, z, g, y = self._room
        told = np.zeros_like(self._told)
        rows_of: Ints = np.arange(len(piece.replications))
        abreast.run(
            joint.h,
            joint.q,
            joint.f,
            piece.values,
            kernel_seed,
            piece.replications,
            rows_of,
            piece.first_block,
            *paths,
            u,
            x,
            s,
            z,
            g,
            y,
            self._shape,
            told.reshape(-1),
            self._taken.reshape(-1),
            self._response.reshape(-1),
            piece.first_contact,
            piece.marks,
        )
        self._told += told
        return rows_of[:0]

    def counts(self) -> dict[int, dict[str, Any]]:
        """By line, the fields of a `Batch` that are added up, but `attempts`."""
        return {
            line: {
                "answered": self._told[at, requests.ANSWERED],
                "unanswered": self._told[at, requests.UNANSWERED :],
                "requests": self._told[at, requests.BEGUN : requests.UNANSWERED],
                "attempts_taken": self._taken[at],
                "response": self._response[at],
            }
            for at, line in enumerate(self.lines)
        }
