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
    of them for each, as steps from one to the next, which are small; those of a column that equals an earlier one, its
    place in `twins`, stand there. The logarithmic bins of a line are (line, bin,
    count) rows.
    """
    keys, all_columns, twins = [], list[FirstContact](), list[int]()
    first: dict[tuple[int, int], int] = {}
    for key, column in totals.first_contacts():
        place = first.setdefault((column.seconds, column.squares), len(twins))
        twins.append(place if place == len(twins) or column.same_as(all_columns[place]) else len(twins))
        keys.append(key)
        all_columns.append(column)
    once = [column for place, column in enumerate(all_columns) if twins[place] == place]
    shorts = [(place, short) for place, column in enumerate(all_columns) for short in column.short]
    arrays: dict[str, NDArray[np.generic]] = {
        "names": np.array(keys, dtype=np.str_).reshape(-1, 2),
        "shapes": np.array([(c.horizon, c.width, c.block, c.replications) for c in all_columns], np.int64).reshape(
            -1, 4
        ),
        "sums": np.array([[str(c.seconds), str(c.squares), str(c.block_squares)] for c in all_columns], dtype=np.str_),
        "within": np.array([column.within for column in all_columns], np.int64),
        "twins": np.array(twins, np.int64),
        "lengths": np.array([len(column.filled) for column in once], np.int64),
        "steps": _joined([narrow(np.diff(column.filled, prepend=0)) for column in once]),
        "counts": _joined([narrow(column.held) for column in once]),
        # Where the unit is the replication, ranks are counts.
        "ranked": _joined([narrow(column.ranks) for column in once if column.block > 1]),
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
    names = np.asarray(arrays["names"]).tolist()
    twins = np.asarray(arrays.get("twins", np.arange(len(names))), np.int64).tolist()
    lengths = np.asarray(arrays["lengths"], np.int64).tolist()
    made: list[FirstContact] = []
    flat = {name: np.asarray(arrays[name]) for name in ("steps", "counts", "ranked", "shapes", "within")}
    shorts = _shorts(np.asarray(arrays["short"], np.int64), np.asarray(arrays["short_bins"], np.int64))
    begins = 0
    for place, (family, name) in enumerate(names):
        if twins[place] != place:
            made.append(made[twins[place]])
            families[family][name] = made[place]
            continue
        horizon, width, block, replications = flat["shapes"][place].tolist()
        here = slice(begins, begins := begins + lengths.pop(0))
        filled, held = flat["steps"][here].cumsum(dtype=np.int64), flat["counts"][here].astype(np.int64)
        ranks = held if block == 1 else flat["ranked"][here].astype(np.int64)
        _check(filled, (held, ranks), -(-horizon // width))
        sums = [int(text) for text in np.asarray(arrays["sums"])[place].tolist()]
        within = tuple(flat["within"][place].tolist())
        short = tuple(sorted(shorts.get(place, ())))
        made.append(
            FirstContact(
                horizon, width, block, replications, filled, held, ranks, within, sums[0], sums[1], sums[2], short
            )
        )
        families[family][name] = made[place]
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


def narrow(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """The same numbers in the smallest type of integers that holds them; what are no integers as they are."""
    if array.dtype.kind not in "iu" or not array.size:
        return array
    return array.astype(np.result_type(np.min_scalar_type(int(array.min())), np.min_scalar_type(int(array.max()))))


def _joined(parts: list[NDArray[np.generic]]) -> NDArray[np.generic]:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _shorts(rows: NDArray[np.int64], bins: NDArray[np.int64]) -> dict[int, list[ShortBlock]]:
    found: dict[int, list[ShortBlock]] = {}
    start = 0
    for place, size, seconds, length in rows.tolist():
        found.setdefault(place, []).append(ShortBlock(size, seconds, tuple(bins[start : start + length].tolist())))
        start += length
    return found
