"""What several programs did in a chunk of replications, each line simulated once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engines import get
from sim.engines.contract import Batch
from sim.runs.reuse import Places, Share
from sim.scenario.program import Program
from sim.stats.totals import BinCounts, bin_counts

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Part:
    """What one program did in a chunk, as in `sim.engines.contract.Batch`; first contacts in 32 bits where the horizon
    allows, counts by bin as their filled bins."""

    first_contact: NDArray[np.signedinteger]
    attempts: Integers
    answered: Integers
    unanswered: Integers
    requests: Integers
    attempts_taken: BinCounts
    response: BinCounts
    parameters: NDArray[np.float64]


@dataclass(frozen=True)
class Simulate:
    """The task of a chunk: all programs over the same replications. `shares`: as in `sim.runs.reuse`."""

    programs: tuple[Program, ...]
    shares: tuple[Share, ...]
    seed: int
    engine: str

    def __call__(self, chunk: range) -> tuple[Part, ...]:
        """A part for each program."""
        engine, done = get(self.engine), list[Part]()
        for program, share in zip(self.programs, self.shares, strict=True):
            own = None
            if share.alone is not None:
                own = _part(share.alone, engine.simulate(share.alone, self.seed, chunk))
            if own is None or share.taken:
                parameters = program.draw_parameters(self.seed, program.blocks_of(chunk)) if own is None else None
                own = _put_together(self.programs, share, program, own, done, parameters)
            done.append(own)
        return tuple(done)


def seconds_type(program: Program) -> np.dtype[np.signedinteger]:
    """Of first contacts that are held in memory."""
    return np.dtype(np.int32 if program.horizon < 1 << 31 else np.int64)


def _part(program: Program, batch: Batch) -> Part:
    return Part(
        first_contact=batch.first_contact.astype(seconds_type(program)),
        attempts=batch.attempts,
        answered=batch.answered,
        unanswered=batch.unanswered,
        requests=batch.requests,
        attempts_taken=bin_counts(batch.attempts_taken),
        response=bin_counts(batch.response),
        parameters=batch.parameters,
    )


def _put_together(
    programs: Sequence[Program],
    share: Share,
    program: Program,
    own: Part | None,
    done: Sequence[Part],
    parameters: NDArray[np.float64] | None,
) -> Part:
    """The part of a program from its own lines and those taken from programs before it.

    own         what its own lines did, None where there are none
    done        the parts of the programs before it
    parameters  its uncertain numbers, where there is no `own` that has them
    """
    pieces = [(done[source], programs[source], there, here) for source, there, here in share.taken]
    if own is not None and share.alone is not None:
        pieces.append((own, share.alone, tuple(range(len(share.lines))), share.lines))
        parameters = own.parameters
    assert parameters is not None
    some, lines = pieces[0][0], len(program.lines)
    first_contact = np.empty((len(some.first_contact), lines), some.first_contact.dtype)
    counts = {name: np.zeros((lines, *getattr(some, name).shape[1:]), np.int64) for name in _COUNTS}
    unanswered = np.zeros((lines, len(program.reasons)), np.int64)
    for part, source, there, here in pieces:
        first_contact[:, here] = part.first_contact[:, there]
        for name, table in counts.items():
            table[list(here)] = getattr(part, name)[list(there)]
        for at, reason in enumerate(source.reasons):
            # A reason that this program lacks is none of the lines that both have.
            if reason in program.reasons:
                unanswered[list(here), program.reasons.index(reason)] = part.unanswered[list(there), at]
    return Part(
        first_contact=first_contact,
        **counts,
        unanswered=unanswered,
        attempts_taken=_rows(lines, [(part.attempts_taken, there, here) for part, _, there, here in pieces]),
        response=_rows(lines, [(part.response, there, here) for part, _, there, here in pieces]),
        parameters=parameters,
    )


_COUNTS = ("attempts", "answered", "requests")
"""Of a part, by line, with nothing in them that has another place in another program."""


def _rows(lines: int, pieces: Sequence[tuple[BinCounts, Places, Places]]) -> BinCounts:
    """A table of counts, each row of which stands in one of the pieces, at another place."""
    bins = pieces[0][0].shape[1]
    found = {at: (rows, row) for rows, there, here in pieces for row, at in zip(there, here, strict=True)}
    keys, counts = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for at, (rows, row) in sorted(found.items()):
        own, some = rows.of(row)
        keys.append(own + at * bins)
        counts.append(some)
    return BinCounts((lines, bins), np.concatenate(keys), np.concatenate(counts))
