"""`Totals` as plain arrays and back, for a file without pickled objects. Only filled bins are kept."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sim.stats.first_contact import FirstContact, ShortBlock
from sim.stats.totals import LINE_COUNTS, Totals

_FAMILIES = ("columns", "first_channel", "first_side")
_SPARSE = ("attempts_taken", "response")


def to_arrays(totals: Totals) -> dict[str, NDArray[np.generic]]:
    """Arrays of whole numbers and text that `from_arrays` turns back into equal `Totals`.

    Sums past 64 bits are decimal text. The filled bins of all first-contact columns stand one after another, `lengths`
    of them for each, as steps from one to the next, which are small. The logarithmic bins of a line are (line, bin,
    count) rows.
    """
    keys, all_columns = [], []
    for key, column in totals.first_contacts():
        keys.append(key)
        all_columns.append(column)
    filled = [np.flatnonzero(column.counts) for column in all_columns]
    shorts = [(place, short) for place, column in enumerate(all_columns) for short in column.short]
    arrays: dict[str, NDArray[np.generic]] = {
        "names": np.array(keys, dtype=np.str_).reshape(-1, 2),
        "shapes": np.array([(c.horizon, c.width, c.block, c.replications) for c in all_columns], np.int64).reshape(
            -1, 4
        ),
        "sums": np.array([[str(c.seconds), str(c.squares), str(c.block_squares)] for c in all_columns], dtype=np.str_),
        "within": np.array([column.within for column in all_columns], np.int64),
        "lengths": np.array([len(bins) for bins in filled], np.int64),
        "steps": _joined([np.diff(bins, prepend=0) for bins in filled]),
        "counts": _joined([column.counts[bins] for column, bins in zip(all_columns, filled, strict=True)]),
        "ranked": _joined([column.ranked[bins] for column, bins in zip(all_columns, filled, strict=True)]),
        "short": np.array([(p, s.size, s.seconds, len(s.bins)) for p, s in shorts], np.int64).reshape(-1, 4),
        "short_bins": _joined([np.array(short.bins, np.int64) for _, short in shorts]),
        "replications": np.array(totals.replications, np.int64),
    }
    for name in LINE_COUNTS:
        counts = getattr(totals, name)
        if name in _SPARSE:
            rows, bins = np.nonzero(counts)
            arrays[name] = np.stack([rows, bins, counts[rows, bins]]).astype(np.int64)
            arrays[f"{name}_shape"] = np.array(counts.shape, np.int64)
        else:
            arrays[name] = counts
    return arrays


def from_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> Totals:
    """The `Totals` that `to_arrays` made the arrays of. Raises KeyError, ValueError or IndexError for anything else."""
    families: dict[str, dict[str, FirstContact]] = {family: {} for family in _FAMILIES}
    ends = np.cumsum(np.asarray(arrays["lengths"], np.int64))
    flat = {name: np.asarray(arrays[name], np.int64) for name in ("steps", "counts", "ranked", "shapes", "within")}
    shorts = _shorts(np.asarray(arrays["short"], np.int64), np.asarray(arrays["short_bins"], np.int64))
    for place, (family, name) in enumerate(np.asarray(arrays["names"]).tolist()):
        horizon, width, block, replications = flat["shapes"][place].tolist()
        here = slice(int(ends[place - 1]) if place else 0, int(ends[place]))
        counts = np.zeros(-(-horizon // width), np.int64)
        bins = flat["steps"][here].cumsum()
        counts[bins] = flat["counts"][here]
        ranked = counts
        if block > 1:
            ranked = np.zeros_like(counts)
            ranked[bins] = flat["ranked"][here]
        sums = [int(text) for text in np.asarray(arrays["sums"])[place].tolist()]
        within = tuple(flat["within"][place].tolist())
        short = tuple(sorted(shorts.get(place, ())))
        families[family][name] = FirstContact(
            horizon, width, block, replications, counts, ranked, within, sums[0], sums[1], sums[2], short
        )
    line_counts = {name: _line_counts(arrays, name) for name in LINE_COUNTS}
    return Totals(int(np.asarray(arrays["replications"], np.int64)), **families, **line_counts)  # type: ignore[arg-type]


def _line_counts(arrays: Mapping[str, NDArray[np.generic]], name: str) -> NDArray[np.int64]:
    stored = np.asarray(arrays[name], np.int64)
    if name not in _SPARSE:
        return stored
    counts = np.zeros(tuple(np.asarray(arrays[f"{name}_shape"], np.int64).tolist()), np.int64)
    counts[stored[0], stored[1]] = stored[2]
    return counts


def _joined(parts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _shorts(rows: NDArray[np.int64], bins: NDArray[np.int64]) -> dict[int, list[ShortBlock]]:
    found: dict[int, list[ShortBlock]] = {}
    start = 0
    for place, size, seconds, length in rows.tolist():
        found.setdefault(place, []).append(ShortBlock(size, seconds, tuple(bins[start : start + length].tolist())))
        start += length
    return found
