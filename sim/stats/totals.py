"""Sums over the replications of a run: first contacts by column, counts by line. They merge exactly, in any order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.engines.contract import NEVER, Batch
from sim.stats.first_contact import FirstContact, ShortBlock, count_times

if TYPE_CHECKING:
    from sim.scenario.program import Program

Integers = NDArray[np.int64]

FORMAT = 2
"""Of the arrays that `to_arrays` makes. Format 1 had first contacts in linear bins."""

LINE_COUNTS = ("attempts", "answered", "unanswered", "requests")
"""Arrays of `Totals` with a row per line, as in `sim.engines.contract.Batch`."""

BIN_COUNTS = ("attempts_taken", "response")
"""Counts by line and logarithmic bin, most of them 0."""

_FAMILIES = ("columns", "first_channel", "first_side")
_BIN_ARRAYS = ("held", "ranks", "least", "most")


@dataclass(frozen=True, eq=False)
class BinCounts:
    """Counts in a table of (rows, bins), of which only those above 0 are kept. ``table[i]`` is row i with all its bins,
    made anew each time.

    shape   (rows, bins)
    keys    (filled,) int64, increasing: row · bins + bin of everything that is not 0
    counts  (filled,) int64
    """

    shape: tuple[int, int]
    keys: Integers
    counts: Integers

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, row: int) -> Integers:
        bins, counts = self.of(row)
        every = np.zeros(self.shape[1], np.int64)
        every[bins] = counts
        return every

    def __iter__(self) -> Iterator[Integers]:
        return (self[row] for row in range(len(self)))

    def of(self, row: int) -> tuple[Integers, Integers]:
        """The filled bins of a row, and their counts. Raises IndexError."""
        rows, bins = self.shape
        if not 0 <= row < rows:
            raise IndexError(f"row {row} of {rows}")
        first, last = np.searchsorted(self.keys, (row * bins, (row + 1) * bins))
        return self.keys[first:last] - row * bins, self.counts[first:last]

    def same_as(self, other: BinCounts) -> bool:
        """Equal in shape and in every count."""
        return (
            self.shape == other.shape
            and np.array_equal(self.keys, other.keys)
            and np.array_equal(self.counts, other.counts)
        )

    def merge(self, other: BinCounts) -> BinCounts:
        """The sum: exact, associative, commutative. One may have more bins; ValueError where the numbers of rows
        differ."""
        if len(self) != len(other):
            raise ValueError(f"counts of shapes {self.shape} and {other.shape} do not add up")
        bins = max(self.shape[1], other.shape[1])
        keys, at = np.unique(np.concatenate([self._keys(bins), other._keys(bins)]), return_inverse=True)
        counts = np.zeros(len(keys), np.int64)
        np.add.at(counts, at, np.concatenate([self.counts, other.counts]))
        return BinCounts((len(self), bins), keys, counts)

    def _keys(self, bins: int) -> Integers:
        own = self.shape[1]
        return self.keys if own == bins else self.keys // own * bins + self.keys % own


def bin_counts(table: NDArray[np.integer]) -> BinCounts:
    """The counts of a table, shape (rows, bins)."""
    rows, bins = table.shape
    flat = np.ravel(table)
    keys = np.flatnonzero(flat != 0)
    return BinCounts((rows, bins), keys.astype(np.int64, copy=False), flat[keys].astype(np.int64, copy=False))


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
    attempts_taken: BinCounts
    response: BinCounts

    def merge(self, other: Totals) -> Totals:
        """The sums over both sets of replications: exact, associative, commutative. ValueError if forms differ."""
        # Columns with the same lines share one summary, which is merged once.
        merged: dict[tuple[int, int], FirstContact] = {}
        parts: dict[str, Any] = {
            name: _merge_columns(getattr(self, name), getattr(other, name), merged) for name in _FAMILIES
        }
        parts |= {name: _add(getattr(self, name), getattr(other, name)) for name in LINE_COUNTS}
        parts |= {name: getattr(self, name).merge(getattr(other, name)) for name in BIN_COUNTS}
        return Totals(replications=self.replications + other.replications, **parts)

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
        for family in _FAMILIES:
            for name, column in getattr(self, family).items():
                yield (family, name), column


def added(sums: Totals | None, part: Totals) -> Totals:
    """The sums with a further part; None for none as yet."""
    return part if sums is None else sums.merge(part)


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


def count_batch(program: Program, batch: Batch, exact_at: Iterable[int] = ()) -> Totals:
    """Sum up a batch. It must begin with the first replication of a block; ValueError if it does not, or is empty.

    exact_at  seconds t for which P(T <= t) is to be exact, beside those that always are
    """
    unit, kept = interval_unit(program), tuple(exact_at)
    if not len(batch.replications) or batch.replications.start % unit:
        raise ValueError(f"{batch.replications} does not begin with a block of {unit} replications")
    by_line = np.ascontiguousarray(batch.first_contact.T)
    lines: dict[str, Any] = {name: np.array(getattr(batch, name), np.int64) for name in LINE_COUNTS}
    lines |= {name: bin_counts(getattr(batch, name)) for name in BIN_COUNTS}
    # Many columns have the same lines: a channel with one line, say. They share one summary.
    made: dict[frozenset[int], FirstContact] = {}
    columns = {}
    for column in program.columns:
        members = frozenset(column.members)
        if members not in made:
            times = _earliest(by_line, column.members, np.full(len(batch.replications), NEVER, np.int64))
            made[members] = count_times(times, program.horizon, unit, kept)
        columns[column.key] = made[members]
    return Totals(
        replications=len(batch.replications),
        columns=columns,
        first_channel=_incidence(program, program.channels, program.line_channel, batch, kept),
        first_side=_incidence(program, program.sides, program.line_side, batch, kept),
        **lines,
    )


def to_arrays(totals: Totals) -> dict[str, NDArray[np.generic]]:
    """Arrays of whole numbers and text, for a file without pickled objects; `from_arrays` makes equal `Totals` of them.

    Sums past 64 bits are decimal text. Columns that are equal stand once, at the place that `twins` names. The filled
    bins of all others stand one after another, `lengths` of them for each, as steps from one to the next, which are
    small, as are the earliest seconds. Counts by line and logarithmic bin are (line, bin, count) rows.
    """
    keys, all_columns, twins = [], list[FirstContact](), list[int]()
    first: dict[tuple[int, int], int] = {}
    for key, column in totals.first_contacts():
        place = first.setdefault((column.seconds, column.squares), len(twins))
        twins.append(place if place == len(twins) or column.same_as(all_columns[place]) else len(twins))
        keys.append(key)
        all_columns.append(column)
    once = [column for place, column in enumerate(all_columns) if twins[place] == place]
    shorts = [(place, short) for place, column in enumerate(all_columns) for short in column.short]
    some = all_columns[0] if all_columns else None
    arrays: dict[str, NDArray[np.generic]] = {
        "format": np.array(FORMAT, np.int64),
        "names": np.array(keys, dtype=np.str_).reshape(-1, 2),
        "shape": np.array([some.horizon, some.block] if some else [1, 1], np.int64),
        "exact_at": np.array(some.exact_at if some else (), np.int64),
        "units": np.array([(c.replications, c.touched) for c in all_columns], np.int64).reshape(-1, 2),
        "sums": np.array([[str(c.seconds), str(c.squares), str(c.block_squares)] for c in all_columns], dtype=np.str_),
        "twins": np.array(twins, np.int64),
        "lengths": np.array([len(column.filled) for column in once], np.int64),
        "steps": _joined([np.diff(column.filled, prepend=0) for column in once]),
        "held": _joined([column.held for column in once]),
        # Where the unit is the replication, ranks are counts.
        "ranks": _joined([column.ranks for column in once if column.block > 1]),
        "least": _joined([column.least - column.starts[column.filled] for column in once]),
        "most": _joined([column.most - column.least for column in once]),
        "short": np.array([(p, s.size, s.seconds, len(s.bins)) for p, s in shorts], np.int64).reshape(-1, 4),
        "short_bins": _joined([np.array(short.bins, np.int64) for _, short in shorts]),
        "replications": np.array(totals.replications, np.int64),
    }
    for name in LINE_COUNTS:
        arrays[name] = getattr(totals, name)
    for name in BIN_COUNTS:
        table: BinCounts = getattr(totals, name)
        arrays[name] = np.stack([*np.divmod(table.keys, table.shape[1]), table.counts])
        arrays[f"{name}_shape"] = np.array(table.shape, np.int64)
    return arrays


def from_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> Totals:
    """The `Totals` that `to_arrays` made the arrays of. Raises KeyError, ValueError or IndexError for anything else."""
    found = int(np.asarray(arrays["format"], np.int64)) if "format" in arrays else 1
    if found != FORMAT:
        raise ValueError(f"its format is {found}, and this version reads {FORMAT}: run the scenario again")
    flat = {name: np.asarray(arrays[name], np.int64) for name in ("steps", *_BIN_ARRAYS, "units", "exact_at")}
    horizon, block = np.asarray(arrays["shape"], np.int64).tolist()
    shorts = _shorts(np.asarray(arrays["short"], np.int64), np.asarray(arrays["short_bins"], np.int64))
    lengths = iter(np.asarray(arrays["lengths"], np.int64).tolist())
    names, texts = np.asarray(arrays["names"]).tolist(), np.asarray(arrays["sums"]).tolist()
    families: dict[str, Any] = {family: {} for family in _FAMILIES}
    made: list[FirstContact] = []
    begins = 0
    for place, twin in enumerate(np.asarray(arrays["twins"], np.int64).tolist()):
        if twin != place:
            made.append(made[twin])
        else:
            here = slice(begins, begins := begins + next(lengths))
            bins = {name: flat[name][here] for name in _BIN_ARRAYS}
            bins["ranks"] = bins["held"] if block == 1 else bins["ranks"]
            n, touched = flat["units"][place].tolist()
            sums = [int(text) for text in texts[place]]
            column = FirstContact(
                horizon,
                tuple(flat["exact_at"].tolist()),
                block,
                n,
                flat["steps"][here].cumsum(),
                **bins,
                touched=touched,
                seconds=sums[0],
                squares=sums[1],
                block_squares=sums[2],
                short=tuple(sorted(shorts.get(place, ()))),
            )
            made.append(_absolute(column))
        family, name = names[place]
        families[family][name] = made[place]
    lines: dict[str, Any] = {name: np.asarray(arrays[name], np.int64) for name in LINE_COUNTS}
    lines |= {name: _table(arrays, name) for name in BIN_COUNTS}
    return Totals(replications=int(np.asarray(arrays["replications"], np.int64)), **families, **lines)


def narrow(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """The same numbers in the smallest type of integers that holds them; what are no integers as they are."""
    if array.dtype.kind not in "iu" or not array.size:
        return array
    return array.astype(np.result_type(np.min_scalar_type(int(array.min())), np.min_scalar_type(int(array.max()))))


def _absolute(column: FirstContact) -> FirstContact:
    """The column with its seconds counted from clock.start, not from their bins. ValueError where it is none."""
    _check(column.filled, [getattr(column, name) for name in _BIN_ARRAYS], len(column.starts))
    least = column.least + column.starts[column.filled]
    return replace(column, least=least, most=least + column.most)


def _table(arrays: Mapping[str, NDArray[np.generic]], name: str) -> BinCounts:
    row, bin_, counts = np.asarray(arrays[name], np.int64)
    rows, bins = np.asarray(arrays[f"{name}_shape"], np.int64).tolist()
    keys = row * bins + bin_
    _check(keys, [counts], rows * bins)
    return BinCounts((rows, bins), keys, counts)


def _check(filled: Integers, counts: list[Integers], bins: int) -> None:
    if len(filled) and (filled[0] < 0 or filled[-1] >= bins or np.any(np.diff(filled) <= 0)):
        raise ValueError(f"filled bins do not increase within {bins}")
    if any(len(one) != len(filled) for one in counts):
        raise ValueError(f"{len(filled)} filled bins, but not as many counts")


def _joined(parts: list[Integers]) -> Integers:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _shorts(rows: Integers, bins: Integers) -> dict[int, list[ShortBlock]]:
    found: dict[int, list[ShortBlock]] = {}
    start = 0
    for place, size, seconds, length in rows.tolist():
        found.setdefault(place, []).append(ShortBlock(size, seconds, tuple(bins[start : start + length].tolist())))
        start += length
    return found


def _add(one: Integers, other: Integers) -> Integers:
    if one.shape != other.shape:
        raise ValueError(f"counts of shapes {one.shape} and {other.shape} do not add up")
    return one + other


def _incidence(
    program: Program, names: tuple[str, ...], of_line: Integers, batch: Batch, exact_at: tuple[int, ...]
) -> dict[str, FirstContact]:
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
        found[name] = count_times(times, program.horizon, unit, exact_at)
    return found


def _merge_columns(
    mine: Mapping[str, FirstContact], its: Mapping[str, FirstContact], merged: dict[tuple[int, int], FirstContact]
) -> dict[str, FirstContact]:
    if list(mine) != list(its):
        raise ValueError(f"columns {list(mine)} and {list(its)} do not add up")
    for name, column in mine.items():
        key = (id(column), id(its[name]))
        if key not in merged:
            merged[key] = column.merge(its[name])
    return {name: merged[id(column), id(its[name])] for name, column in mine.items()}
