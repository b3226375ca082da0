"""First-contact times of one column, as exact integers that add up whatever the order in which runs are cut.

A column is a line, group, channel, level, side or `any`. Every replication has one time in [0, horizon) seconds, or
none: censored at the horizon (type I). Times fall into the log-linear bins of `sim.rules.bins`, exact below 2048 s and
within 0.1 % above. A bin is cut after every second t whose P(T <= t) is asked for, so that this probability is exact.
Of the filled bins the counts and the smallest and largest second are kept, and nothing else of a replication: memory
grows neither with replications past the number of bins, nor with bins that stay empty.

Where numbers of the scenario are uncertain, a block of consecutive replications shares one draw of them, and those
replications are not independent. The unit of every interval is then the block, and what the variance between blocks
needs is kept exactly: at the end of every bin, the sum over blocks of (contacts of the block so far)².
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.rules.bins import first_numbers

Integers = NDArray[np.int64]

DAY_SECONDS = 86_400
WITHIN_SECONDS = (DAY_SECONDS, 7 * DAY_SECONDS, 30 * DAY_SECONDS)
"""Times t for which P(T <= t) is reported: 1 d, 7 d and 30 d."""

MOST_BARS = 45
"""Bars of a histogram of first-contact times, up to the horizon."""

_ROUND_WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200)
_ROUND_DAYS = (1, 7, 14, 28, 56, 140, 280, 700, 1400, 2800, 7000)
"""Whole weeks, because bars of five days would show the weekends of office hours as waves."""

_LIMB_BITS = 20
_PIECE = 1 << 20
_FEWEST_SQUARES = 1 << 10
"""Below so many in a sum of 64 bits, limbs are faster."""


def bar_starts(horizon: int) -> Integers:
    """(bars,) first seconds of the bars of a histogram: equally wide, of a round width, at most `MOST_BARS`."""
    widths = (*_ROUND_WIDTHS, *(days * DAY_SECONDS for days in _ROUND_DAYS), horizon)
    width = next(one for one in widths if -(-horizon // one) <= MOST_BARS)
    return np.arange(0, horizon, width, dtype=np.int64)


@lru_cache(maxsize=32)
def bin_starts(horizon: int, exact_at: tuple[int, ...] = ()) -> Integers:
    """(bins,) int64, increasing: the first second of every bin of [0, horizon).

    Bins are cut after the seconds of `WITHIN_SECONDS` and `exact_at`, and where bars of the histogram begin.
    """
    after = np.array([*WITHIN_SECONDS, *exact_at], np.int64) + 1
    starts: Integers = np.unique(np.concatenate([first_numbers(horizon - 1), after, bar_starts(horizon)]))
    starts = starts[(starts >= 0) & (starts < horizon)]
    starts.flags.writeable = False
    return starts


@dataclass(frozen=True, order=True)
class ShortBlock:
    """A block with fewer replications than the others: the end of a run whose length is no multiple of the block.

    size     replications in it
    seconds  sum of min(T, horizon) over them
    bins     bins of its contacts, in order of time
    """

    size: int
    seconds: int
    bins: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class FirstContact:
    """Exact summary of n first-contact times. Made by `count_times`; added up by `merge`.

    horizon       seconds; times lie in [0, horizon)
    exact_at         seconds t, increasing, for which P(T <= t) is exact, beside those of `WITHIN_SECONDS`
    block         replications in a block; 1 where the unit is the replication
    replications  n
    filled        (filled,) int64, increasing: the bins that hold contacts, by their place in `starts`
    held          (filled,) int64: contacts in each of them
    ranks         (filled,) int64: every contact adds 2i − 1, i its rank by time within its block, from 1. The sum up to
                  a bin is therefore the sum over blocks of (contacts of the block so far)²
    least, most   (filled,) int64: the earliest and the latest second among the contacts of each
    touched       units with at least one contact
    seconds       sum of min(T, horizon)
    squares       sum of min(T, horizon)²
    block_squares sum over blocks of (sum of min(T, horizon) in the block)²
    short         the blocks that are not full, sorted; at most one in a run
    """

    horizon: int
    exact_at: tuple[int, ...]
    block: int
    replications: int
    filled: Integers
    held: Integers
    ranks: Integers
    least: Integers
    most: Integers
    touched: int
    seconds: int
    squares: int
    block_squares: int
    short: tuple[ShortBlock, ...] = ()

    @property
    def starts(self) -> Integers:
        """(bins,) the first second of every bin, filled or not."""
        return bin_starts(self.horizon, self.exact_at)

    @cached_property
    def contacts(self) -> int:
        """Replications with a contact before the horizon."""
        return int(self.held.sum())

    @property
    def full_blocks(self) -> int:
        """Blocks with all their replications."""
        return (self.replications - sum(short.size for short in self.short)) // self.block

    @property
    def units(self) -> int:
        """Independent units: blocks (a short one is one too), or replications where `block` is 1."""
        return self.full_blocks + len(self.short)

    def reached(self, bins: Integers) -> Integers:
        """Contacts up to the end of each of `bins`."""
        return _up_to(self.filled, self.held, bins)

    def ranked(self, bins: Integers) -> Integers:
        """Sum over blocks of (contacts of the block)² up to the end of each of `bins`."""
        return _up_to(self.filled, self.ranks, bins)

    def corners(self, most: int | None = None) -> Integers:
        """Bins at whose ends a curve of F is drawn: the filled ones and the last.

        Of a curve with more than `most` of them, the last one in each of `most` equal parts of the clock.
        """
        bins = len(self.starts)
        found = self.filled if len(self.filled) and self.filled[-1] == bins - 1 else np.append(self.filled, bins - 1)
        if most is None or len(found) <= most:
            return found
        part = self.starts[found] * most // self.horizon
        kept: Integers = found[np.append(np.flatnonzero(np.diff(part)), len(found) - 1)]
        return kept

    def known_at(self, bins: Integers) -> Integers:
        """Seconds t at which P(T <= t) is that of the end of each of `bins`: the latest contact of a filled bin, the
        last second of an empty one, and the last second before the horizon for the last bin."""
        last = np.append(self.starts[1:], self.horizon)[bins] - 1
        place = np.minimum(np.searchsorted(self.filled, bins), max(len(self.filled) - 1, 0))
        if not len(self.filled):
            return last
        full = (self.filled[place] == bins) & (bins < len(self.starts) - 1)
        return np.where(full, self.most[place], last)

    def bin_by(self, second: int) -> int:
        """The last bin whose contacts all have T <= `second`, with none of a later bin among those; −1 for none.

        Raises ValueError where that is not known: the second lies between two contacts of one bin.
        """
        if second < 0:
            return -1
        at = int(np.searchsorted(self.starts, second, side="right")) - 1
        place = int(np.searchsorted(self.filled, at))
        if place == len(self.filled) or self.filled[place] != at or second >= self.most[place]:
            return at
        if second < self.least[place]:
            return at - 1
        raise ValueError(
            f"P(T <= {second} s) was not asked for before the run, and is known at {self.least[place] - 1} s and "
            f"{self.most[place]} s only"
        )

    def contacts_by(self, second: int) -> int:
        """Contacts with T <= `second`, exactly. ValueError as `bin_by`, never for a second that was asked for."""
        return int(self.held[: np.searchsorted(self.filled, self.bin_by(second), side="right")].sum())

    def histogram(self) -> tuple[Integers, Integers]:
        """Edges in seconds (bars + 1,), the last one the horizon, and contacts (bars,) in [edge, next edge)."""
        lefts = bar_starts(self.horizon)
        bars = np.searchsorted(lefts, self.least, side="right") - 1
        counts = np.zeros(len(lefts), np.int64)
        np.add.at(counts, bars, self.held)
        return np.append(lefts, self.horizon), counts

    def same_as(self, other: FirstContact) -> bool:
        """Equal in every number."""
        numbers = ("replications", "touched", "seconds", "squares", "block_squares", "short")
        arrays = ("filled", "held", "ranks", "least", "most")
        return (
            self._shape() == other._shape()
            and all(getattr(self, name) == getattr(other, name) for name in numbers)
            and all(np.array_equal(getattr(self, name), getattr(other, name)) for name in arrays)
        )

    def merge(self, other: FirstContact) -> FirstContact:
        """The summary of both sets of replications: exact, associative and commutative.

        Both must consist of whole blocks (and blocks short in themselves): two parts of one block cannot be put
        together, since their ranks are lost. Raises ValueError where horizon, exact seconds or block differ.
        """
        if self._shape() != other._shape():
            raise ValueError(f"(horizon, exact_at, block) {self._shape()} and {other._shape()} do not add up")
        held = self._spread(self.held, 0)
        held[other.filled] += other.held
        filled = np.flatnonzero(held)
        ranks = self._spread(self.ranks, 0)
        ranks[other.filled] += other.ranks
        least, most = self._spread(self.least, self.horizon), self._spread(self.most, -1)
        least[other.filled] = np.minimum(least[other.filled], other.least)
        most[other.filled] = np.maximum(most[other.filled], other.most)
        return FirstContact(
            *self._shape(),
            replications=self.replications + other.replications,
            filled=filled,
            held=held[filled],
            ranks=ranks[filled],
            least=least[filled],
            most=most[filled],
            touched=self.touched + other.touched,
            seconds=self.seconds + other.seconds,
            squares=self.squares + other.squares,
            block_squares=self.block_squares + other.block_squares,
            short=tuple(sorted(self.short + other.short)),
        )

    def _spread(self, values: Integers, empty: int) -> Integers:
        """(bins,) the values of the filled bins, `empty` elsewhere."""
        every = np.full(len(self.starts), empty, np.int64)
        every[self.filled] = values
        return every

    def _shape(self) -> tuple[int, tuple[int, ...], int]:
        return self.horizon, self.exact_at, self.block


def count_times(times: Integers, horizon: int, block: int = 1, exact_at: Iterable[int] = ()) -> FirstContact:
    """Summarise the times of replications that begin at the first one of a block.

    times    (n,) int64 seconds in [0, horizon), or negative where the replication is censored
    horizon  seconds, at least 1
    block    replications in a block; the last block may be short
    exact_at    seconds t for which P(T <= t) is to be exact

    Raises ValueError for a time at or after the horizon, and for a horizon or block below 1.
    """
    if horizon < 1 or block < 1:
        raise ValueError(f"horizon {horizon} and block {block} must be at least 1")
    if len(times) and int(times.max()) >= horizon:
        raise ValueError(f"a first contact at second {int(times.max())} is not before the horizon {horizon}")
    kept = tuple(sorted({second for second in exact_at if 0 <= second < horizon}))
    starts = bin_starts(horizon, kept)
    contacts = np.sort(times[times >= 0])
    censored = len(times) - len(contacts)
    bins = np.searchsorted(starts, contacts, side="right") - 1
    first = np.flatnonzero(np.diff(bins, prepend=-1))
    end = np.append(first[1:], len(contacts))[: len(first)]
    filled, held = bins[first], end - first
    squares = _sum_of_squares(contacts) + censored * horizon * horizon
    ranks, touched, block_squares = held, len(contacts), squares
    short: tuple[ShortBlock, ...] = ()
    if block > 1:
        limited = np.where(times < 0, horizon, times)
        ranks, touched = _ranks(limited, horizon, block, starts, filled)
        sums = np.add.reduceat(limited, np.arange(0, len(times), block)) if len(times) else limited
        block_squares = _sum_of_squares(sums)
        short = _short(limited, horizon, block, starts)
    return FirstContact(
        horizon=horizon,
        exact_at=kept,
        block=block,
        replications=len(times),
        filled=filled,
        held=held,
        ranks=ranks,
        least=contacts[first],
        most=contacts[end - 1],
        touched=touched,
        seconds=_sum(contacts) + censored * horizon,
        squares=squares,
        block_squares=block_squares,
        short=short,
    )


class OrderStatistics:
    """Exact order statistics of one column, from the rows of a run.

    The bin of a wanted rank is known from the summary. Of the rows only the seconds in such bins are counted, so memory
    does not grow with the replications.
    """

    def __init__(self, column: FirstContact, ranks: Iterable[int]) -> None:
        self._column = column
        before = np.concatenate([[0], np.cumsum(column.held)])
        self._within: dict[int, tuple[int, int]] = {}
        for rank in ranks:
            if 1 <= rank <= column.contacts:
                place = int(np.searchsorted(before, rank)) - 1
                self._within[rank] = (place, rank - int(before[place]))
        self._counts: dict[int, tuple[Integers, Integers]] = {
            place: (np.zeros(0, np.int64), np.zeros(0, np.int64))
            for place, _ in self._within.values()
            if column.least[place] < column.most[place]
        }

    @property
    def needs_rows(self) -> bool:
        """Whether a wanted rank lies in a bin of several seconds; else the summary says all."""
        return bool(self._counts)

    def add(self, times: Integers) -> None:
        """Count further rows: seconds, or negative where censored."""
        for place, (seconds, counts) in self._counts.items():
            inside = times[(times >= self._column.least[place]) & (times <= self._column.most[place])]
            kinds, more = np.unique(inside, return_counts=True)
            union, at = np.unique(np.concatenate([seconds, kinds]), return_inverse=True)
            total = np.zeros(len(union), np.int64)
            np.add.at(total, at, np.concatenate([counts, more]))
            self._counts[place] = (union, total)

    def second(self, rank: int) -> int:
        """The order statistic of a wanted rank, from 1.

        Raises ValueError where the rows do not hold as many contacts as the summary, KeyError for a rank that was not
        wanted.
        """
        place, within = self._within[rank]
        if place not in self._counts:
            return int(self._column.most[place])
        seconds, counts = self._counts[place]
        if int(counts.sum()) != int(self._column.held[place]):
            raise ValueError(f"{int(counts.sum())} rows in a bin of {int(self._column.held[place])} contacts")
        return int(seconds[np.searchsorted(np.cumsum(counts), within)])


def _ranks(limited: Integers, horizon: int, block: int, starts: Integers, filled: Integers) -> tuple[Integers, int]:
    """`ranks` of `FirstContact` for the `filled` bins, and how many blocks have a contact."""
    rows = np.full((-(-len(limited) // block), block), horizon, np.int64)
    rows.ravel()[: len(limited)] = limited
    rows.sort(axis=1)
    weights = np.broadcast_to(2.0 * np.arange(block) + 1.0, rows.shape)
    happened = rows < horizon
    places = np.searchsorted(filled, np.searchsorted(starts, rows[happened], side="right") - 1)
    # Whole numbers below 2^53, which floating point adds exactly.
    sums = np.bincount(places, weights=weights[happened], minlength=len(filled))
    return sums.astype(np.int64), int(np.count_nonzero(happened[:, 0]))


def _short(limited: Integers, horizon: int, block: int, starts: Integers) -> tuple[ShortBlock, ...]:
    size = len(limited) % block
    if size == 0:
        return ()
    tail = limited[-size:]
    bins = np.searchsorted(starts, np.sort(tail[tail < horizon]), side="right") - 1
    return (ShortBlock(size, int(tail.sum()), tuple(bins.tolist())),)


def _up_to(filled: Integers, counts: Integers, bins: Integers) -> Integers:
    """Sums of the counts up to the end of each of `bins`, in the shape of `bins`."""
    sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    found: Integers = sums[np.searchsorted(filled, bins, side="right")]
    return found


def _sum(numbers: NDArray[np.int64]) -> int:
    return sum(int(numbers[start : start + _PIECE].sum()) for start in range(0, len(numbers), _PIECE))


def _sum_of_squares(numbers: NDArray[np.int64]) -> int:
    """Σ x² as a Python integer, for x in [0, 2^60)."""
    most = int(numbers.max(initial=0))
    # As many squares as surely add up below 2^63.
    length = (1 << 63) // (most * most + 1)
    if length >= _FEWEST_SQUARES:
        pieces = (numbers[start : start + length] for start in range(0, len(numbers), length))
        return sum(int(np.dot(piece, piece)) for piece in pieces)
    return _sum_of_large_squares(numbers)


def _sum_of_large_squares(numbers: NDArray[np.int64]) -> int:
    """The same by limbs of 20 bits, which keep every partial sum below 2^60."""
    total = 0
    for start in range(0, len(numbers), _PIECE):
        piece = numbers[start : start + _PIECE]
        limbs = [(piece >> (_LIMB_BITS * place)) & ((1 << _LIMB_BITS) - 1) for place in range(3)]
        for place, limb in enumerate(limbs):
            for other_place, other in enumerate(limbs):
                total += int(np.dot(limb, other)) << (_LIMB_BITS * (place + other_place))
    return total
