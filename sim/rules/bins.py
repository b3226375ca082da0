"""Log-linear bins of whole numbers, so that summaries of different runs add up exactly.

Numbers below 2048 have a bin each. Larger ones share it with those that have the same 11 leading bits, so a bin is
never wider than 2^-10 (0.1 %) of its numbers. The scheme is that of HdrHistogram (http://hdrhistogram.org).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LEADING_BITS = 11
_HALF = 1 << (_LEADING_BITS - 1)


def bin_of(number: int) -> int:
    """The bin of a whole number >= 0; a larger number never has a smaller bin."""
    if number < 2 * _HALF:
        return number
    shift = bit_length(number) - _LEADING_BITS
    return shift * _HALF + (number >> shift)


def bit_length(number: int) -> int:
    """Binary digits of a whole number > 0."""
    return int(number).bit_length()


def first_of(index: int) -> int:
    """The smallest number in a bin."""
    shift = max(0, index // _HALF - 1)
    return (index - shift * _HALF) << shift


def last_of(index: int) -> int:
    """The largest number in a bin: the value of a quantile that falls into the bin."""
    return first_of(index + 1) - 1


def bins_for(largest: int) -> int:
    """How many bins hold the numbers from 0 to `largest`, both included."""
    return bin_of(largest) + 1


def first_numbers(largest: int) -> NDArray[np.int64]:
    """(bins,) int64: the smallest number of every bin up to that of `largest`."""
    index = np.arange(bins_for(largest), dtype=np.int64)
    shift = np.maximum(index // _HALF - 1, 0)
    first: NDArray[np.int64] = (index - shift * _HALF) << shift
    return first
