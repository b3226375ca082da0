"""First-contact times of one column, as exact integers that add up whatever the order in which runs are cut.

A column is a line, group, channel, level, side or `any`. Every replication has one time in [0, horizon) seconds, or
none: censored at the horizon (type I). Times fall into linear bins, of which the filled ones are kept, and nothing else
of a replication is: memory grows neither with replications past the number of bins, nor with bins that stay empty.

Where numbers of the scenario are uncertain, a block of consecutive replications shares one draw of them, and those
replications are not independent. The unit of every interval is then the block, and what the variance between blocks
needs is kept exactly: at every second t, the sum over blocks of (contacts of the block by t)².
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.rules.bins import time_bin_width
from sim.stats.sparse import count_filled, dense, merge_filled, up_to, weigh_filled

DAY_SECONDS = 86_400
WITHIN_SECONDS = (DAY_SECONDS, 7 * DAY_SECONDS, 30 * DAY_SECONDS)
"""Times t for which P(T <= t) is reported: 1 d, 7 d and 30 d. Counted apart, because a bin may begin at t."""

_LIMB_BITS = 20
_PIECE = 1 << 20
_FEWEST_SQUARES = 1 << 10
"""Below so many in a sum of 64 bits, limbs are faster."""


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
    """Exact summary of n first-contact times. Made by `tally`; added up by `merge`.

    horizon       seconds; times lie in [0, horizon)
    width         seconds in a bin: bin i holds [i·width, (i+1)·width)
    block         replications in a block; 1 where the unit is the replication
    replications  n
    filled        (filled,) int64, increasing: the bins that hold contacts
    held          (filled,) int64: contacts in each of them
    ranks         (filled,) int64: every contact adds 2i − 1, i its rank by time within its block, from 1. The sum up to
                  a bin is therefore the sum over blocks of (contacts of the block so far)²
    within        contacts with T <= t for the t of WITHIN_SECONDS
    seconds       sum of min(T, horizon)
    squares       sum of min(T, horizon)²
    block_squares sum over blocks of (sum of min(T, horizon) in the block)²
    short         the blocks that are not full, sorted; at most one in a run
    """

    horizon: int
    width: int
    block: int
    replications: int
    filled: NDArray[np.int64]
    held: NDArray[np.int64]
    ranks: NDArray[np.int64]
    within: tuple[int, ...]
    seconds: int
    squares: int
    block_squares: int
    short: tuple[ShortBlock, ...] = ()

    @cached_property
    def contacts(self) -> int:
        """Replications with a contact before the horizon."""
        return int(self.held.sum())

    @property
    def bins(self) -> int:
        """Bins from the start to the horizon, filled or not."""
        return -(-self.horizon // self.width)

    @property
    def counts(self) -> NDArray[np.int64]:
        """(bins,) contacts in each bin, the empty ones included; made anew each time."""
        return dense(self.filled, self.held, self.bins)

    @property
    def ranked(self) -> NDArray[np.int64]:
        """(bins,) `ranks` by bin, the empty ones included; made anew each time."""
        return dense(self.filled, self.ranks, self.bins)

    def reached(self, bins: NDArray[np.int64]) -> NDArray[np.int64]:
        """Contacts up to the end of each of `bins`."""
        return up_to(self.filled, self.held, bins)

    @property
    def full_blocks(self) -> int:
        """Blocks with all their replications."""
        return (self.replications - sum(short.size for short in self.short)) // self.block

    @property
    def units(self) -> int:
        """Independent units: blocks (a short one is one too), or replications where `block` is 1."""
        return self.full_blocks + len(self.short)

    @property
    def last_seconds(self) -> NDArray[np.int64]:
        """(bins,) `last_second` of every bin; made anew each time."""
        return self.last_second(np.arange(self.bins, dtype=np.int64))

    def last_second(self, bins: NDArray[np.int64]) -> NDArray[np.int64]:
        """The last second of each of `bins`; that of the last bin is the last one before the horizon."""
        return np.minimum((bins + 1) * self.width, self.horizon) - 1

    def contacts_by(self, second: int) -> int:
        """Contacts with T <= `second`, to the bin: those of the bin that holds `second` are all counted in."""
        return int(self.held[: np.searchsorted(self.filled, second // self.width, side="right")].sum())

    def same_as(self, other: FirstContact) -> bool:
        """Equal in every number."""
        return (
            self._shape() == other._shape()
            and (self.replications, self.within, self.seconds) == (other.replications, other.within, other.seconds)
            and (self.squares, self.block_squares) == (other.squares, other.block_squares)
            and self.short == other.short
            and np.array_equal(self.filled, other.filled)
            and np.array_equal(self.held, other.held)
            and np.array_equal(self.ranks, other.ranks)
        )

    def merge(self, other: FirstContact) -> FirstContact:
        """The summary of both sets of replications: exact, associative and commutative.

        Both must consist of whole blocks (and blocks short in themselves): two parts of one block cannot be put
        together, since their ranks are lost. Raises ValueError where horizon, width or block differ.
        """
        if self._shape() != other._shape():
            raise ValueError(f"(horizon, width, block) {self._shape()} and {other._shape()} do not add up")
        if self.block == 1:
            filled, (held,) = merge_filled(self.filled, (self.held,), other.filled, (other.held,))
            ranks = held
        else:
            mine, its = (self.held, self.ranks), (other.held, other.ranks)
            filled, (held, ranks) = merge_filled(self.filled, mine, other.filled, its)
        return FirstContact(
            *self._shape(),
            replications=self.replications + other.replications,
            filled=filled,
            held=held,
            ranks=ranks,
            within=tuple(mine + its for mine, its in zip(self.within, other.within, strict=True)),
            seconds=self.seconds + other.seconds,
            squares=self.squares + other.squares,
            block_squares=self.block_squares + other.block_squares,
            short=tuple(sorted(self.short + other.short)),
        )

    def _shape(self) -> tuple[int, int, int]:
        return self.horizon, self.width, self.block


def tally(times: NDArray[np.int64], horizon: int, block: int = 1) -> FirstContact:
    """Summarise the times of replications that begin at the first one of a block.

    times    (n,) int64 seconds in [0, horizon), or negative where the replication is censored
    horizon  seconds, at least 1
    block    replications in a block; the last block may be short

    Raises ValueError for a time at or after the horizon, and for a horizon or block below 1.
    """
    if horizon < 1 or block < 1:
        raise ValueError(f"horizon {horizon} and block {block} must be at least 1")
    if len(times) and int(times.max()) >= horizon:
        raise ValueError(f"a first contact at second {int(times.max())} is not before the horizon {horizon}")
    happened = times >= 0
    contacts = times[happened]
    censored = len(times) - len(contacts)
    width = time_bin_width(horizon)
    bins, size = contacts // width, -(-horizon // width)
    filled, held = count_filled(bins, size)
    seconds = _sum(contacts) + censored * horizon
    squares = _sum_of_squares(contacts) + censored * horizon * horizon
    ranks, block_squares = held, squares
    short: tuple[ShortBlock, ...] = ()
    if block > 1:
        every = np.full(len(times), -1, np.int64)
        every[happened] = bins
        limited = np.where(happened, times, horizon)
        ranks = _ranks(every, block, filled, size)
        starts = np.arange(0, len(times), block)
        block_squares = _sum_of_squares(np.add.reduceat(limited, starts) if len(times) else limited)
        short = _short(every, limited, block)
    return FirstContact(
        horizon=horizon,
        width=width,
        block=block,
        replications=len(times),
        filled=filled,
        held=held,
        ranks=ranks,
        within=tuple(int(np.count_nonzero(contacts <= second)) for second in WITHIN_SECONDS),
        seconds=seconds,
        squares=squares,
        block_squares=block_squares,
        short=short,
    )


def _ranks(bins: NDArray[np.int64], block: int, filled: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """What `FirstContact.ranks` says of the `filled` bins, of `size` that there are.

    Ranks within one bin may fall in any order: their sum is the same.
    """
    rows = np.full((-(-len(bins) // block), block), size, np.int64)
    rows.ravel()[: len(bins)] = np.where(bins >= 0, bins, size)
    rows.sort(axis=1)
    weights = np.broadcast_to(2.0 * np.arange(block) + 1.0, rows.shape)
    return weigh_filled(rows.ravel(), weights.ravel(), filled, size + 1)


def _short(bins: NDArray[np.int64], limited: NDArray[np.int64], block: int) -> tuple[ShortBlock, ...]:
    size = len(bins) % block
    if size == 0:
        return ()
    tail = bins[-size:]
    return (ShortBlock(size, int(limited[-size:].sum()), tuple(int(one) for one in np.sort(tail[tail >= 0]))),)


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
