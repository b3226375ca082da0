"""Array forms of `sim.rules.arithmetic`, and products and triangular factors of small matrices.

numpy chooses its exp, log and powers by the processor's vector instructions, and BLAS and LAPACK their order of
summation; the last bits differ between machines. The functions below do not: elements go through the rules' own
arithmetic, and sums are taken in the order written. numpy's own sum, mean and cumsum keep one order too and may be used
beside them. They are slow (about a microsecond an element), for thousands of elements rather than millions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.rules import arithmetic

Floats = NDArray[np.float64]


def _elementwise(function: Callable[[float], float]) -> Callable[[ArrayLike], Floats]:
    over_objects: Any = np.frompyfunc(function, 1, 1)

    def over_arrays(values: ArrayLike) -> Floats:
        with np.errstate(all="ignore"):
            found: Floats = np.asarray(over_objects(np.asarray(values, dtype=np.float64)), dtype=np.float64)
        return found

    over_arrays.__doc__ = function.__doc__
    return over_arrays


log = _elementwise(arithmetic.log)
log1p = _elementwise(arithmetic.log1p)
exp = _elementwise(arithmetic.exp)
normal_cdf = _elementwise(arithmetic.normal_cdf)
normal_quantile = _elementwise(arithmetic.normal_quantile)


def rounded(values: Floats, bits: int = 40) -> Floats:
    """To so many significant bits, 40 being twelve digits: for numbers whose last digits another library chooses."""
    fraction, power = np.frexp(values)
    found: Floats = np.ldexp(np.rint(np.ldexp(fraction, bits)), power - bits)
    return found


def product(left: Floats, right: Floats) -> Floats:
    """left · right, shapes (n, m) and (m, k); summed over m from first to last."""
    found = np.zeros((left.shape[0], right.shape[1]))
    for column, row in zip(left.T, right, strict=True):
        found += column[:, np.newaxis] * row
    return found


def cholesky(matrix: Floats) -> Floats:
    """The lower triangular L with L·Lᵀ = a symmetric positive definite matrix, (d, d).

    Raises ValueError for a matrix that is not positive definite.
    """
    size = len(matrix)
    factor = np.zeros((size, size))
    for at in range(size):
        column = matrix[at:, at] - (factor[at:, :at] * factor[at, :at]).sum(axis=1)
        if not column[0] > 0.0:
            raise ValueError("the matrix is not positive definite")
        factor[at:, at] = column / math.sqrt(column[0])
    return factor


def solve_lower(factor: Floats, right: Floats) -> Floats:
    """X with factor · X = right, (d, d) lower triangular and (d, n)."""
    found = np.zeros(right.shape)
    for at in range(len(factor)):
        known = (factor[at, :at, np.newaxis] * found[:at]).sum(axis=0)
        found[at] = (right[at] - known) / factor[at, at]
    return found
