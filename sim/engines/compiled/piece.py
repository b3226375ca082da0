"""What the kernels are given of a call of the engine, and give back."""

from __future__ import annotations

from dataclasses import dataclass

from sim.engines.compiled.requests import Marks
from sim.scenario.program import Floats, Ints


@dataclass(frozen=True)
class Piece:
    """Replications and what comes out of them: rows of `first_contact` (NEVER until there is one) and `marks`."""

    replications: Ints
    values: Floats
    first_block: int
    first_contact: Ints
    marks: Marks
