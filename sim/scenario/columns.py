"""Columns of numbers, as Arrow keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa


def column_of(kind: pa.DataType, values: NDArray[Any], valid: NDArray[np.bool_] | None = None) -> pa.Array:
    """An Arrow array over the memory of `values`, null where not `valid`.

    `pa.array` would do, but loads pandas wherever it is installed, which takes a third of a second. Raises TypeError
    where the values are of another type than `kind`.
    """
    import pyarrow as pa

    if values.dtype != np.dtype(kind.to_pandas_dtype()):
        raise TypeError(f"{values.dtype} as {kind}")
    bits = None if valid is None or valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little"))
    return pa.Array.from_buffers(kind, len(values), [bits, pa.py_buffer(np.ascontiguousarray(values))])
