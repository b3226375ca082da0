"""All that a run keeps of its replications: first-contact summaries by column and counts by line, mergeable exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.engines.contract import NEVER, Batch
from sim.stats.first_contact import FirstContact, tally
from sim.stats.sparse import Rows, rows_of

if TYPE_CHECKING:
    from sim.scenario.program import Program

Integers = NDArray[np.int64]

LINE_COUNTS = ("attempts", "answered", "unanswered", "requests")
"""Arrays of `Totals` with a row per line, as in `sim.engines.contract.Batch`."""

BIN_COUNTS = ("attempts_taken", "response")
"""Counts by line and logarithmic bin, most of them 0."""


@dataclass(frozen=True, eq=False)
class Totals:
    """Sums over replications.

    replications                 n
    columns                      `FirstContact` of every column of the program, by its name, in its order
    first_channel, first_side    times of the first contact of all, by the channel, or the caller's side, that made it:
                                 elsewhere that replication counts as censored (cumulative incidence). By name
    attempts … response          as in `Batch`, summed: rows are lines. Of the last two the filled bins are kept
    """

    replications: int
    columns: Mapping[str, FirstContact]
    first_channel: Mapping[str, FirstContact]
    first_side: Mapping[str, FirstContact]
    attempts: Integers
    answered: Integers
    unanswered: Integers
    requests: Integers
    attempts_taken: Rows
    response: Rows

    def merge(self, other: Totals) -> Totals:
        """The sums over both sets of replications: exact, associative, commutative. ValueError if forms differ."""
        lines: dict[str, Any] = {name: add_rows(getattr(self, name), getattr(other, name)) for name in LINE_COUNTS}
        lines |= {name: getattr(self, name).merge(getattr(other, name)) for name in BIN_COUNTS}
        return Totals(
            replications=self.replications + other.replications,
            columns=_merge_columns(self.columns, other.columns),
            first_channel=_merge_columns(self.first_channel, other.first_channel),
            first_side=_merge_columns(self.first_side, other.first_side),
            **lines,
        )

    def same_as(self, other: Totals) -> bool:
        """Equal in every number."""
        mine, its = dict(self.first_contacts()), dict(other.first_contacts())
        return (
            self.replications == other.replications
            and list(mine) == list(its)
            and all(column.same_as(its[name]) for name, column in mine.items())
            and all(np.array_equal(getattr(self, name), getattr(other, name)) for name in LINE_COUNTS)
            and all(getattr(self, name).same_as(getattr(other, name)) for name in BIN_COUNTS)
        )

    def first_contacts(self) -> Iterator[tuple[tuple[str, str], FirstContact]]:
        """Every `FirstContact`, with the family that it belongs to and its name there."""
        for family in ("columns", "first_channel", "first_side"):
            for name, column in getattr(self, family).items():
                yield (family, name), column


def interval_unit(program: Program) -> int:
    """Replications in the unit of every interval: the block where numbers are uncertain, else 1."""
    return program.block if program.uncertain else 1


def column_times(program: Program, first_contact: Integers) -> Integers:
    """First-contact times by column, shape (n, columns): the earliest over each column's lines.

    first_contact  (n, lines) as in `Batch`: seconds, or NEVER
    """
    times = np.full((len(program.columns), len(first_contact)), NEVER, np.int64)
    by_line = np.ascontiguousarray(first_contact.T)
    for out, column in zip(times, program.columns, strict=True):
        _earliest(by_line, column.members, out)
    return times.T


def _earliest(by_line: Integers, members: Iterable[int], out: Integers) -> Integers:
    """The earliest of some lines; `out` is NEVER throughout before, and has it afterwards."""
    # Seen as unsigned, NEVER (-1) is the largest number of all, and the minimum is what is meant.
    unsigned = out.view(np.uint64)
    for member in members:
        np.minimum(unsigned, by_line[member].view(np.uint64), out=unsigned)
    return out


def tally_batch(program: Program, batch: Batch) -> Totals:
    """Sum up a batch. It must begin with the first replication of a block; ValueError if it does not, or is empty."""
    unit = interval_unit(program)
    if not len(batch.replications) or batch.replications.start % unit:
        raise ValueError(f"{batch.replications} does not begin with a block of {unit} replications")
    by_line = np.ascontiguousarray(batch.first_contact.T)
    lines: dict[str, Any] = {name: np.array(getattr(batch, name), np.int64) for name in LINE_COUNTS}
    lines |= {name: rows_of(getattr(batch, name)) for name in BIN_COUNTS}
    # Many columns have the same lines: a channel with one line, say. They share one summary.
    made: dict[frozenset[int], FirstContact] = {}
    columns = {}
    for column in program.columns:
        members = frozenset(column.members)
        if members not in made:
            times = _earliest(by_line, column.members, np.full(len(batch.replications), NEVER, np.int64))
            made[members] = tally(times, program.horizon, unit)
        columns[column.key] = made[members]
    return Totals(
        replications=len(batch.replications),
        columns=columns,
        first_channel=_incidence(program, program.channels, program.line_channel, batch),
        first_side=_incidence(program, program.sides, program.line_side, batch),
        **lines,
    )


def add_rows(one: Integers, other: Integers) -> Integers:
    """The sum of two arrays of counts whose last axis (bins) may be longer in one of them."""
    if one.shape == other.shape:
        return one + other
    if one.ndim != other.ndim or one.shape[:-1] != other.shape[:-1]:
        raise ValueError(f"counts of shapes {one.shape} and {other.shape} do not add up")
    longer, shorter = (one, other) if one.shape[-1] > other.shape[-1] else (other, one)
    total = longer.copy()
    total[..., : shorter.shape[-1]] += shorter
    return total


def _incidence(program: Program, names: tuple[str, ...], of_line: Integers, batch: Batch) -> dict[str, FirstContact]:
    happened = np.flatnonzero(batch.first_line != NEVER)
    line = batch.first_line[happened]
    second = batch.first_contact[happened, line]
    cause = np.asarray(of_line)[line]
    unit = interval_unit(program)
    found = {}
    for code, name in enumerate(names):
        times = np.full(len(batch.replications), NEVER, np.int64)
        own = cause == code
        times[happened[own]] = second[own]
        found[name] = tally(times, program.horizon, unit)
    return found


def _merge_columns(mine: Mapping[str, FirstContact], its: Mapping[str, FirstContact]) -> dict[str, FirstContact]:
    if list(mine) != list(its):
        raise ValueError(f"columns {list(mine)} and {list(its)} do not add up")
    return {name: column.merge(its[name]) for name, column in mine.items()}
