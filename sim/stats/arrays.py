"""`Totals` as plain arrays and back, for a file without pickled objects. Only filled bins are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.stats.first_contact import FirstContact, ShortBlock
from sim.stats.sparse import Rows
from sim.stats.totals import BIN_COUNTS, LINE_COUNTS, Totals

_FAMILIES = ("columns", "first_channel", "first_side")


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
    shorts = [(place, short) for place, column in enumerate(all_columns) for short in column.short]
    arrays: dict[str, NDArray[np.generic]] = {
        "names": np.array(keys, dtype=np.str_).reshape(-1, 2),
        "shapes": np.array([(c.horizon, c.width, c.block, c.replications) for c in all_columns], np.int64).reshape(
            -1, 4
        ),
        "sums": np.array([[str(c.seconds), str(c.squares), str(c.block_squares)] for c in all_columns], dtype=np.str_),
        "within": np.array([column.within for column in all_columns], np.int64),
        "lengths": np.array([len(column.filled) for column in all_columns], np.int64),
        "steps": _joined([np.diff(column.filled, prepend=0) for column in all_columns]),
        "counts": _joined([column.held for column in all_columns]),
        "ranked": _joined([column.ranks for column in all_columns]),
        "short": np.array([(p, s.size, s.seconds, len(s.bins)) for p, s in shorts], np.int64).reshape(-1, 4),
        "short_bins": _joined([np.array(short.bins, np.int64) for _, short in shorts]),
        "replications": np.array(totals.replications, np.int64),
    }
    for name in LINE_COUNTS:
        arrays[name] = getattr(totals, name)
    for name in BIN_COUNTS:
        table: Rows = getattr(totals, name)
        arrays[name] = np.stack([*np.divmod(table.keys, table.shape[1]), table.counts])
        arrays[f"{name}_shape"] = np.array(table.shape, np.int64)
    return arrays


def from_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> Totals:
    """The `Totals` that `to_arrays` made the arrays of. Raises KeyError, ValueError or IndexError for anything else."""
    families: dict[str, Any] = {family: {} for family in _FAMILIES}
    ends = np.cumsum(np.asarray(arrays["lengths"], np.int64))
    flat = {name: np.asarray(arrays[name], np.int64) for name in ("steps", "counts", "ranked", "shapes", "within")}
    shorts = _shorts(np.asarray(arrays["short"], np.int64), np.asarray(arrays["short_bins"], np.int64))
    for place, (family, name) in enumerate(np.asarray(arrays["names"]).tolist()):
        horizon, width, block, replications = flat["shapes"][place].tolist()
        here = slice(int(ends[place - 1]) if place else 0, int(ends[place]))
        filled, held = flat["steps"][here].cumsum(), flat["counts"][here]
        ranks = held if block == 1 else flat["ranked"][here]
        _check(filled, (held, ranks), -(-horizon // width))
        sums = [int(text) for text in np.asarray(arrays["sums"])[place].tolist()]
        within = tuple(flat["within"][place].tolist())
        short = tuple(sorted(shorts.get(place, ())))
        families[family][name] = FirstContact(
            horizon, width, block, replications, filled, held, ranks, within, sums[0], sums[1], sums[2], short
        )
    lines: dict[str, Any] = {name: np.asarray(arrays[name], np.int64) for name in LINE_COUNTS}
    lines |= {name: _table(arrays, name) for name in BIN_COUNTS}
    return Totals(replications=int(np.asarray(arrays["replications"], np.int64)), **families, **lines)


def _table(arrays: Mapping[str, NDArray[np.generic]], name: str) -> Rows:
    row, bin_, counts = np.asarray(arrays[name], np.int64)
    rows, bins = np.asarray(arrays[f"{name}_shape"], np.int64).tolist()
    keys = row * bins + bin_
    _check(keys, (counts,), rows * bins)
    return Rows((rows, bins), keys, counts)


def _check(filled: NDArray[np.int64], counts: tuple[NDArray[np.int64], ...], bins: int) -> None:
    if len(filled) and (filled[0] < 0 or filled[-1] >= bins or np.any(np.diff(filled) <= 0)):
        raise ValueError(f"filled bins do not increase within {bins}")
    if any(len(one) != len(filled) for one in counts):
        raise ValueError(f"{len(filled)} filled bins, but not as many counts")


def _joined(parts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _shorts(rows: NDArray[np.int64], bins: NDArray[np.int64]) -> dict[int, list[ShortBlock]]:
    found: dict[int, list[ShortBlock]] = {}
    start = 0
    for place, size, seconds, length in rows.tolist():
        found.setdefault(place, []).append(ShortBlock(size, seconds, tuple(bins[start : start + length].tolist())))
        start += length
    return found
