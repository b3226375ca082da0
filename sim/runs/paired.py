"""Several programs over the same replications, for comparisons, sweeps and attributions.

All draws are keyed by names, so replication r of one program and replication r of another share every random number
that both of them ask for; nothing has to be arranged for that. Lines on which the same happens in several programs are
simulated once (`sim.runs.reuse`). Kept are the first contacts of every line in every replication, and counts by group
of replications, so memory grows with replications, programs and lines; see `MOST_BYTES`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.engines import choose, get, prepare
from sim.engines.contract import NEVER, Batch
from sim.runs.errors import RunInterrupted, RunRefused
from sim.runs.execute import check_workers, choose_workers, execute
from sim.runs.reuse import Places, Share, share
from sim.runs.spec import check_numbers
from sim.scenario.program import Program
from sim.stats.totals import BinCounts, bin_counts, interval_unit

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
        for program, one in zip(self.programs, self.shares, strict=True):
            own = None
            if one.alone is not None:
                own = _part(one.alone, engine.simulate(one.alone, self.seed, chunk))
            if own is None or one.taken:
                parameters = program.draw_parameters(self.seed, program.blocks_of(chunk)) if own is None else None
                own = _put_together(self.programs, one, program, own, done, parameters)
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


MOST_BYTES = 2 << 30
"""Of first contacts that are held in memory; more are refused before anything is run."""

GROUPS = 32
"""Groups of replications that counts are kept for: the units of intervals for attempts and response times."""

FEW = 100_000
"""Replications, all programs together, below which starting processes takes longer than what they would save."""

Progress = Callable[[int, int], None]
Stage = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts of one program by group of replications and line, as in `sim.engines.contract.Batch`.

    attempts, answered  (groups, lines)
    unanswered          (groups, lines, reasons)
    requests             (groups, lines, 6)
    attempts_taken      by group: (lines, bins), the filled bins
    response            likewise
    """

    attempts: Integers
    answered: Integers
    unanswered: Integers
    requests: Integers
    attempts_taken: tuple[BinCounts, ...]
    response: tuple[BinCounts, ...]


@dataclass(frozen=True, eq=False)
class Paired:
    """What several programs did in replications 0 to n − 1. Made by `run_paired`.

    programs       by name, in the order given; the first one is the base of comparisons
    seed           of all draws
    replications   n
    engine         the name of the one that was used; nothing depends on it
    unit           replications in the independent unit of every interval: the block where any program has uncertain
                   numbers, else 1
    groups         the consecutive ranges of replications that `counts` are kept for, whole blocks but for the last
    first_contact  by program: (n, lines) seconds or NEVER, in 32 bits where the horizon allows
    counts         by program
    parameters     by program: (blocks, uncertain) the drawn values of its uncertain numbers
    """

    programs: Mapping[str, Program]
    seed: int
    replications: int
    engine: str
    unit: int
    groups: tuple[range, ...]
    first_contact: Mapping[str, NDArray[np.signedinteger]]
    counts: Mapping[str, Counts]
    parameters: Mapping[str, NDArray[np.float64]]

    @property
    def base(self) -> str:
        """The name of the first program."""
        return next(iter(self.programs))

    @property
    def horizon(self) -> int:
        """Seconds; the same in all programs."""
        return self.programs[self.base].horizon

    def columns(self, name: str) -> tuple[str, ...]:
        """The columns of a program: ``line:NAME`` … ``any``."""
        return tuple(column.key for column in self.programs[name].columns)

    def times(self, name: str, column: str) -> Integers:
        """(n,) first-contact times of a program's column: seconds in [0, horizon), or NEVER. KeyError for a column that
        the program lacks; a column without lines is NEVER throughout."""
        members = next((one.members for one in self.programs[name].columns if one.key == column), None)
        if members is None:
            raise KeyError(column)
        return self.times_of(name, members)

    def times_of(self, name: str, lines: Sequence[int]) -> Integers:
        """(n,) the earliest contact over some of a program's lines, by their indices."""
        found = self.first_contact[name][:, list(lines)].astype(np.int64)
        # Seen as unsigned, NEVER (-1) is the largest number of all, and the minimum is what is meant.
        earliest: Integers = found.view(np.uint64).min(axis=1, initial=np.iinfo(np.uint64).max).view(np.int64)
        return earliest

    def limited(self, name: str, column: str) -> Integers:
        """(n,) min(T, horizon) of a program's column, in seconds: the restricted time without contact."""
        times = self.times(name, column)
        times[times == NEVER] = self.horizon
        return times


def run_paired(
    programs: Mapping[str, Program],
    replications: int,
    seed: int = 1,
    *,
    engine: str = "auto",
    workers: int | None = None,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> Paired:
    """Run replications 0 to n − 1 of every program.

    programs      by name, at least one; all with the same start, horizon and block
    replications  n, at least 1
    engine        ``auto`` or the name of one; results do not depend on it
    workers       processes; None: as many as there are processors, one for a short run. Results do not depend on it
    progress      called with replications done, those of all programs counted, and their number
    stage         called with what begins

    Raises RunRefused where the programs cannot be compared, a number is out of range, or the first contacts would take
    more than `MOST_BYTES`; RunInterrupted on an interrupt: nothing is kept then.
    """
    check_numbers(seed, replications)
    check_workers(workers)
    check_comparable(programs)
    check_memory(programs, replications)
    tell = stage or (lambda _: None)
    first = next(iter(programs.values()))
    try:
        used = choose(engine, first, seed, replications * len(programs))
    except ValueError as error:
        raise RunRefused(str(error)) from error
    prepare(used, tell)
    tell("simulating")
    groups = plan_groups(replications, first.block)
    ordered = tuple(programs.values())
    task = Simulate(ordered, share(ordered), seed, used)
    short = replications * len(programs) < FEW
    parts: dict[int, tuple[Part, ...]] = {}
    done, whole = 0, replications * len(programs)
    follow = progress or (lambda done, whole: None)
    follow(0, whole)
    try:
        hands = workers or (1 if short else choose_workers(len(groups)))
        with contextlib.closing(execute(task, groups, hands)) as results:
            for chunk, found in results:
                parts[chunk.start] = found
                done += len(chunk) * len(programs)
                follow(done, whole)
    except KeyboardInterrupt:
        raise RunInterrupted(None, 0, whole) from None
    by_program = {name: [parts[chunk.start][at] for chunk in groups] for at, name in enumerate(programs)}
    return Paired(
        programs=dict(programs),
        seed=seed,
        replications=replications,
        engine=used,
        unit=max(interval_unit(program) for program in programs.values()),
        groups=groups,
        first_contact={name: np.concatenate([p.first_contact for p in found]) for name, found in by_program.items()},
        counts={name: _counts(found) for name, found in by_program.items()},
        parameters={name: np.concatenate([p.parameters for p in found]) for name, found in by_program.items()},
    )


def check_comparable(programs: Mapping[str, Program]) -> None:
    """Raise RunRefused unless there is a program and all have the same start, horizon and block."""
    if not programs:
        raise RunRefused("nothing to run; expected at least one scenario")
    (base, first), *others = programs.items()
    for name, program in others:
        if (program.start, program.horizon) != (first.start, first.horizon):
            raise RunRefused(
                f"'{name}' runs from {program.start:%Y-%m-%d %H:%M} for {_days(program.horizon)}, '{base}' from "
                f"{first.start:%Y-%m-%d %H:%M} for {_days(first.horizon)}; only scenarios with the same clock can be "
                "compared: leave clock.start and clock.end as they are"
            )
        if program.block != first.block:
            raise RunRefused(f"'{name}' has blocks of {program.block} replications, '{base}' of {first.block}")


def check_memory(programs: Mapping[str, Program], replications: int) -> None:
    """Raise RunRefused where the first contacts of all lines would take more than `MOST_BYTES`."""
    each = sum(len(program.lines) * seconds_type(program).itemsize for program in programs.values())
    if each * replications > MOST_BYTES:
        raise RunRefused(
            f"replications: {replications} of {len(programs)} scenarios would take "
            f"{each * replications / (1 << 30):.1f} GiB of memory; at most {MOST_BYTES // each} fit into "
            f"{MOST_BYTES >> 30} GiB"
        )


def plan_groups(replications: int, block: int) -> tuple[range, ...]:
    """At most `GROUPS` consecutive ranges of nearly equal length that cover ``range(replications)``, each but the last
    a multiple of `block` long; none of them is empty."""
    blocks = -(-replications // block)
    count = min(GROUPS, blocks)
    ends = [min(replications, block * (blocks * at // count)) for at in range(count + 1)]
    return tuple(range(first, last) for first, last in pairwise(ends))


def _counts(parts: Sequence[Part]) -> Counts:
    return Counts(
        attempts=np.stack([part.attempts for part in parts]),
        answered=np.stack([part.answered for part in parts]),
        unanswered=np.stack([part.unanswered for part in parts]),
        requests=np.stack([part.requests for part in parts]),
        attempts_taken=tuple(part.attempts_taken for part in parts),
        response=tuple(part.response for part in parts),
    )


def _days(seconds: int) -> str:
    return f"{seconds / 86_400:g} days"
