"""Columns of numbers over the memory of arrays."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from sim.scenario.columns import column_of


def test_a_column_holds_the_numbers_and_nulls_where_they_are_not_valid() -> None:
    numbers, valid = np.arange(11, dtype=np.int64), np.arange(11) % 3 > 0
    expected = [number if there else None for number, there in zip(range(11), valid.tolist(), strict=True)]
    assert column_of(pa.int64(), numbers, valid).to_pylist() == expected
    assert column_of(pa.int64(), numbers[::-2]).to_pylist() == [10, 8, 6, 4, 2, 0]
    assert column_of(pa.float64(), np.zeros(0)).to_pylist() == []


def test_numbers_of_another_type_are_refused() -> None:
    """Their bits would be read as if they were of the column's."""
    with pytest.raises(TypeError, match="int64 as double"):
        column_of(pa.float64(), np.arange(3))
    with pytest.raises(TypeError, match="float32 as double"):
        column_of(pa.float64(), np.zeros(3, np.float32))
