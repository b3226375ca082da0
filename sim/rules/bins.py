"""Bins of whole numbers, so that summaries of different runs add up exactly.

Response times and counts of attempts go into logarithmic bins: numbers below 2048 are kept apart, larger ones keep
their 11 leading bits, so a bin is never wider than 2^-10 (0.1 %) of its numbers. The scheme is that of HdrHistogram
(http://hdrhistogram.org). First-contact times go into linear bins, whose width depends on the horizon alone.
"""

from __future__ import annotations

_LEADING_BITS = 11
_HALF = 1 << (_LEADING_BITS - 1)
MOST_TIME_BINS = 1 << 18
_WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)


def bin_of(number: int) -> int:
    """The bin of a whole number >= 0; a larger number never has a smaller bin."""
    shift = number.bit_length() - _LEADING_BITS
    return number if shift <= 0 else shift * _HALF + (number >> shift)


def first_of(index: int) -> int:
    """The smallest number in a bin."""
    shift = max(0, index // _HALF - 1)
    return (index - shift * _HALF) << shift


def last_of(index: int) -> int:
    """The largest number in a bin: what a quantile that falls into the bin is given as."""
    return first_of(index + 1) - 1


def bins_for(largest: int) -> int:
    """How many bins hold the numbers from 0 to `largest`, both included."""
    return bin_of(largest) + 1


def time_bin_width(horizon: int) -> int:
    """Seconds in a linear bin of first-contact times: the smallest of 1, 2, 5, 10, 15, 30, 60, … that needs at most
    2^18 bins for [0, horizon). From a day on, the width doubles."""
    for width in _WIDTHS:
        if -(-horizon // width) <= MOST_TIME_BINS:
            return width
    width = _WIDTHS[-1]
    while -(-horizon // width) > MOST_TIME_BINS:
        width *= 2
    return width
