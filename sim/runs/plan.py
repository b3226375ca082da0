"""How a run is cut. Chunks are what is kept when a run is interrupted; batches are what is in memory at a time.

Results do not depend on either: both begin with the first replication of a block.
"""

from __future__ import annotations

CHUNKS = 128
"""Chunks of a long run: an interruption costs at most this part of the work for each worker."""

LEAST_REPLICATIONS = {"reference": 256, "compiled": 4096}
"""Of a chunk, by engine, so that short runs do not spend their time on files: a chunk costs a tenth of a second."""

BATCH_REPLICATIONS = 65_536


def plan_chunks(replications: int, block: int, engine: str) -> tuple[range, ...]:
    """Consecutive ranges that cover ``range(replications)``, each but the last a multiple of `block` long."""
    size = _whole_blocks(max(LEAST_REPLICATIONS[engine], -(-replications // CHUNKS)), block)
    return _cut(range(replications), size)


def plan_batches(chunk: range, block: int) -> tuple[range, ...]:
    """Consecutive ranges that cover a chunk, each but the last a multiple of `block` long."""
    return _cut(chunk, _whole_blocks(BATCH_REPLICATIONS, block))


def _whole_blocks(size: int, block: int) -> int:
    return -(-size // block) * block


def _cut(whole: range, size: int) -> tuple[range, ...]:
    return tuple(range(first, min(first + size, whole.stop)) for first in range(whole.start, whole.stop, size))
