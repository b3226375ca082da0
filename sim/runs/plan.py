"""How a run is cut. Chunks are what is kept when a run is interrupted; batches are what is in memory at a time.

Results do not depend on either: both begin with the first replication of a block.
"""

from __future__ import annotations

CHUNKS = 64
"""Chunks of a long run: an interruption costs at most this part of the work for each worker. A very long run has more,
because no chunk is longer than `MOST_REPLICATIONS`."""

MOST_CHUNKS = 4096
"""Chunks of the longest runs: a folder of files that every file system bears."""

LEAST_REPLICATIONS = {"reference": 256, "compiled": 4096}
"""Of a chunk, by engine, so that short runs do not spend their time on files: a chunk costs some hundredths of a
second."""

MOST_REPLICATIONS = 3 << 14
"""Of a chunk: a replication takes some 250 bytes while it is counted, in every process, and a chunk some hundredths of
a second to be put to the others, whatever its length."""

BATCH_REPLICATIONS = 1 << 17

MOST_NUMBERS = 1 << 23
"""Replications of a chunk or batch times lines, about: of many lines, fewer replications are in memory at a time."""


MOST_ENTRIES = {"reference": 200_000, "compiled": 20_000_000}
"""Entries of the event log in a chunk, about, by engine: some two seconds, so that progress is seen and kept."""


def plan_chunks(replications: int, block: int, engine: str, lines: int = 1, entries: float = 1.0) -> tuple[range, ...]:
    """Consecutive ranges that cover ``range(replications)``, each but the last a multiple of `block` long."""
    return _cut(range(replications), chunk_size(replications, block, engine, lines, entries))


def chunk_size(replications: int, block: int, engine: str, lines: int = 1, entries: float = 1.0) -> int:
    """Replications in a chunk, a multiple of `block`. `entries`: of a replication, as `sim.scenario.work` estimates."""
    most = min(MOST_REPLICATIONS, MOST_NUMBERS // lines, max(1, int(MOST_ENTRIES[engine] / max(1.0, entries))))
    size = min(most, max(LEAST_REPLICATIONS[engine], -(-replications // CHUNKS)))
    return _whole_blocks(max(size, -(-replications // MOST_CHUNKS)), block)


def plan_batches(chunk: range, block: int, lines: int = 1) -> tuple[range, ...]:
    """Consecutive ranges that cover a chunk, each but the last a multiple of `block` long."""
    return _cut(chunk, _whole_blocks(max(1, min(BATCH_REPLICATIONS, MOST_NUMBERS // lines)), block))


def _whole_blocks(size: int, block: int) -> int:
    return -(-size // block) * block


def _cut(whole: range, size: int) -> tuple[range, ...]:
    return tuple(range(first, min(first + size, whole.stop)) for first in range(whole.start, whole.stop, size))
