"""Adding up many `Totals`: those of the chunks of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.stats.first_contact import FirstContact, ShortBlock
from sim.stats.totals import BIN_COUNTS, LINE_COUNTS, Totals, add_rows

MOST_BYTES = 1 << 28
"""Room for the bins of all columns, filled or not. A run that would need more is merged part by part, which takes
longer, and room for the filled bins only."""

_FAMILIES = ("columns", "first_channel", "first_side")


class Adder:
    """Adds up parts in any order: the same sum, to the last integer, as merging them one after another.

    Its memory does not grow with the number of parts.
    """

    def __init__(self) -> None:
        self._rest: Totals | None = None
        self._columns: dict[str, dict[str, _Column]] = {}

    def add(self, part: Totals) -> None:
        """Add a part. Raises ValueError where it is of another form than those before."""
        if self._rest is None:
            self._rest = part
            return
        if not self._columns and _bytes(part) > MOST_BYTES:
            self._rest = self._rest.merge(part)
            return
        if not self._columns:
            self._columns = _columns_of(self._rest)
        for family, columns in self._columns.items():
            its: Mapping[str, FirstContact] = getattr(part, family)
            if list(columns) != list(its):
                raise ValueError(f"columns {list(columns)} and {list(its)} do not add up")
            for name, column in columns.items():
                column.add(its[name])
        self._rest = _without_columns(self._rest, part)

    def total(self) -> Totals:
        """The sum so far. Raises ValueError where nothing was added."""
        if self._rest is None:
            raise ValueError("nothing was added")
        found: dict[str, Any] = {
            family: {name: column.total() for name, column in columns.items()}
            for family, columns in self._columns.items()
        }
        return replace(self._rest, **found)


def _columns_of(part: Totals) -> dict[str, dict[str, _Column]]:
    return {family: {name: _Column(column) for name, column in getattr(part, family).items()} for family in _FAMILIES}


@dataclass
class _Sums:
    """The numbers of a `FirstContact` that simply add up."""

    replications: int
    within: NDArray[np.int64]
    seconds: int
    squares: int
    block_squares: int
    short: tuple[ShortBlock, ...]


class _Column:
    """One column, with room for every bin."""

    def __init__(self, first: FirstContact) -> None:
        self._first = first
        self._held = np.zeros(first.bins, np.int64)
        self._ranks = np.zeros(first.bins, np.int64) if first.block > 1 else None
        self._sums = _Sums(0, np.zeros(len(first.within), np.int64), 0, 0, 0, ())
        self.add(first)

    def add(self, part: FirstContact) -> None:
        """Add a part. Raises ValueError where horizon, width of bins or block are others."""
        shape = (part.horizon, part.width, part.block)
        if shape != (self._first.horizon, self._first.width, self._first.block):
            raise ValueError(f"(horizon, width, block) {shape} does not add up with those of another part")
        self._held[part.filled] += part.held
        if self._ranks is not None:
            self._ranks[part.filled] += part.ranks
        sums = self._sums
        self._sums = _Sums(
            sums.replications + part.replications,
            sums.within + np.array(part.within, np.int64),
            sums.seconds + part.seconds,
            sums.squares + part.squares,
            sums.block_squares + part.block_squares,
            tuple(sorted(sums.short + part.short)),
        )

    def total(self) -> FirstContact:
        """The sum so far, with the filled bins only."""
        filled = np.flatnonzero(self._held != 0)
        held = self._held[filled]
        sums = self._sums
        return replace(
            self._first,
            replications=sums.replications,
            filled=filled,
            held=held,
            ranks=held if self._ranks is None else self._ranks[filled],
            within=tuple(sums.within.tolist()),
            seconds=sums.seconds,
            squares=sums.squares,
            block_squares=sums.block_squares,
            short=sums.short,
        )


def _bytes(part: Totals) -> int:
    return sum(column.bins * 8 * (2 if column.block > 1 else 1) for _, column in part.first_contacts())


def _without_columns(one: Totals, other: Totals) -> Totals:
    lines: dict[str, Any] = {name: add_rows(getattr(one, name), getattr(other, name)) for name in LINE_COUNTS}
    lines |= {name: getattr(one, name).merge(getattr(other, name)) for name in BIN_COUNTS}
    return replace(one, replications=one.replications + other.replications, **lines)
