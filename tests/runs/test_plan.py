"""How a run is cut."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.runs.chunks import (
    BATCH_REPLICATIONS,
    LEAST_REPLICATIONS,
    MOST_CHUNKS,
    MOST_ENTRIES,
    MOST_NUMBERS,
    plan_batches,
    plan_chunks,
)


def assert_covers(parts: tuple[range, ...], whole: range, block: int) -> None:
    assert parts[0].start == whole.start
    assert parts[-1].stop == whole.stop
    assert all(one.stop == two.start for one, two in itertools.pairwise(parts))
    assert all(len(part) > 0 and part.start % block == 0 for part in parts)


@given(st.integers(1, 10**12), st.integers(1, 5000), st.sampled_from(sorted(LEAST_REPLICATIONS)), st.integers(1, 2000))
def test_chunks_cover_the_run_in_whole_blocks(replications: int, block: int, engine: str, lines: int) -> None:
    chunks = plan_chunks(replications, block, engine, lines)
    assert_covers(chunks, range(replications), block)
    assert len(chunks) <= MOST_CHUNKS
    assert all(len(chunk) >= LEAST_REPLICATIONS[engine] for chunk in chunks[:-1])


@given(st.integers(1, 10**6), st.integers(1, 64), st.sampled_from(sorted(MOST_ENTRIES)), st.floats(1, 1e8))
def test_a_chunk_of_long_replications_is_short(replications: int, block: int, engine: str, entries: float) -> None:
    chunks = plan_chunks(replications, block, engine, 1, entries)
    assert_covers(chunks, range(replications), block)
    assert len(chunks) <= MOST_CHUNKS
    floor = max(block, -(-replications // MOST_CHUNKS) + block)
    assert all(len(chunk) <= max(floor, MOST_ENTRIES[engine] / entries + block) for chunk in chunks)


def test_a_redial_every_second_is_cut_into_seconds_of_work() -> None:
    """Five million attempts a replication: a chunk of 4,096 would take half an hour."""
    found = plan_chunks(20_000, 16, "compiled", 1, 5_097_600)
    assert (len(found), len(found[0])) == (1250, 16)
    assert plan_chunks(10_000, 16, "compiled", 7, 325) == plan_chunks(10_000, 16, "compiled", 7)


def test_the_number_of_chunks_grows_slowly() -> None:
    found = [len(plan_chunks(10**power, 16, "compiled")) for power in range(3, 11)]
    assert found == [1, 3, 25, 64, 204, 2035, 4096, 4096]


@given(st.integers(0, 40), st.integers(1, 500_000), st.integers(1, 5000), st.integers(1, 2000))
def test_batches_cover_a_chunk_in_whole_blocks(blocks: int, size: int, block: int, lines: int) -> None:
    chunk = range(blocks * block, blocks * block + size)
    batches = plan_batches(chunk, block, lines)
    assert_covers(batches, chunk, block)
    assert all(len(batch) <= min(BATCH_REPLICATIONS, MOST_NUMBERS // lines) + block for batch in batches)


def test_a_cut_inside_a_block_or_a_gap_is_seen() -> None:
    """Saboteur: what the two tests above assert does fail."""
    with pytest.raises(AssertionError):
        assert_covers((range(5), range(5, 10)), range(10), 4)
    with pytest.raises(AssertionError):
        assert_covers((range(4), range(8, 10)), range(10), 4)
