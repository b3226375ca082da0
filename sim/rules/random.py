"""Keyed random numbers: each is a pure function of (seed, replication, stream, index, purpose).

A number is addressed, not produced in turn, so nothing that happens in a replication, and no other line, event or
replication, can move it. The generator is Philox4x32-10: Salmon, J. K., Moraes, M. A., Dror, R. O. and Shaw, D. E.
(2011), Parallel random numbers: as easy as 1, 2, 3, SC '11. The seed is its key; its 128-bit counter is

    word 0   index (attempt, occurrence or sojourn)
    word 1   replication, low 32 bits
    word 2   stream: a hash of the kind and name of the line, event, regime or parameter
    word 3   replication, high 24 bits, and 8 bits for the pair of purposes

Each block of four words gives two uniforms, so purposes come in pairs.
"""

from __future__ import annotations

from enum import IntEnum
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

_MULTIPLY_0 = np.uint64(0xD2511F53)
_MULTIPLY_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_12 = np.uint64(12)
_8 = np.uint64(8)
_GRID = 2.0**-52
ROUNDS = 10

MOST_REPLICATIONS = 1 << 56
MOST_INDEX = 1 << 32


class Purpose(IntEnum):
    """What a number is for. The value is 2·(pair) + (place in the pair); numbers of one pair cost one block."""

    INTERVAL = 0
    """The time to the next attempt or occurrence, the sojourn of a regime, the value of a parameter."""
    ANSWER = 1
    DELAY = 2
    REASON = 3
    WAIT = 4
    """The wait before the first request, what a dated event adds, the first state of a regime."""
    CALL = 5


def stream_of(kind: str, name: str) -> int:
    """The 32-bit stream of a line, event, regime or parameter. A scenario in which two names share one is refused."""
    return int.from_bytes(blake2b(f"{kind}:{name}".encode(), digest_size=4).digest(), "little")


def philox(c0: Words, c1: Words, c2: Words, c3: Words, key: int) -> tuple[Words, Words, Words, Words]:
    """Philox4x32-10 of counters (arrays that broadcast, 32-bit words in uint64) under a 64-bit key."""
    k0 = np.uint64(key) & _LOW
    k1 = np.uint64(key) >> _32
    for _ in range(ROUNDS):
        p0 = _MULTIPLY_0 * c0
        p1 = _MULTIPLY_1 * c2
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ k0, p1 & _LOW, (p0 >> _32) ^ c3 ^ k1, p0 & _LOW
        k0 = (k0 + _WEYL_0) & _LOW
        k1 = (k1 + _WEYL_1) & _LOW
    return c0, c1, c2, c3


def uniform_of(low: Words, high: Words) -> NDArray[np.float64]:
    """((x >> 12) + ½)·2^-52 of the 64-bit x = high·2^32 + low: on a grid inside the open interval (0, 1)."""
    x = (high << _32) | low
    return ((x >> _12) + 0.5) * _GRID  # type: ignore[return-value]  # uint64 and float make float64


def uniform_pair(
    seed: int, stream: Words, replication: Words, index: Words, pair: Words
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The two numbers at an address. `pair`: purpose // 2. All but the seed are uint64, numbers or arrays that
    broadcast."""
    w0, w1, w2, w3 = philox(
        index & _LOW, replication & _LOW, stream & _LOW, ((replication >> _32) << _8 | pair) & _LOW, seed
    )
    return uniform_of(w0, w1), uniform_of(w2, w3)


def uniforms(
    seed: int, stream: int, replications: range, indices: range, pair: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The two numbers of a pair of purposes, each of shape (replications, indices)."""
    index = np.arange(indices.start, indices.stop, dtype=np.uint64)[np.newaxis, :]
    replication = np.arange(replications.start, replications.stop, dtype=np.uint64)[:, np.newaxis]
    return uniform_pair(
        seed, np.full((1, 1), stream, dtype=np.uint64), replication, index, np.array(pair, dtype=np.uint64)
    )


class Stream:
    """The numbers of one stream over a range of replications, drawn ahead in batches as they are asked for.

    Drawing ahead changes no number: each is addressed by its replication, index and purpose.
    """

    def __init__(self, seed: int, kind: str, name: str, replications: range) -> None:
        self._seed = seed
        self._stream = stream_of(kind, name)
        self._replications = replications
        self._rows: list[list[list[float]]] = [[[] for _ in replications] for _ in Purpose]

    def rows(self, replication: int) -> tuple[list[float], ...]:
        """The numbers drawn so far for a replication: for each purpose a list by index, which grows with `draw`."""
        at = replication - self._replications.start
        return tuple(rows[at] for rows in self._rows)

    def draw(self, replication: int, purpose: Purpose, index: int) -> float:
        """The number with this address, in (0, 1)."""
        row = self._rows[purpose][replication - self._replications.start]
        while index >= len(row):
            self._draw_ahead(purpose // 2, len(row))
        return row[index]

    @property
    def ahead(self) -> int:
        """The most numbers drawn so far for one purpose of a replication."""
        return max(len(rows[0]) for rows in self._rows) if self._replications else 0

    def _draw_ahead(self, pair: int, have: int) -> None:
        batch = range(have, max(4, 2 * have))
        for purpose, numbers in enumerate(
            uniforms(self._seed, self._stream, self._replications, batch, pair), start=2 * pair
        ):
            for row, more in zip(self._rows[purpose], numbers.tolist(), strict=True):
                row.extend(more)
