"""A table of posterior draws, which replaces the priors of a scenario: one row for each block of replications."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.rules.distributions import canonical
from sim.scenario.errors import did_you_mean, quoted
from sim.scenario.program import Program
from sim.scenario.resolved import PosteriorDraws, UncertainNumber

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

MOST_BYTES = 256 << 20
MOST_MEMORY = 1 << 30
"""Bytes of the columns that are read, unpacked."""
SET, WEIGHT = "set", "weight"
"""Columns beside those of the numbers: the independent set in which a row was drawn, and how much it counts."""
MOST_ROWS = 10_000_000
SHA256 = "sha256"
"""Key in the metadata of a column: checksum of its numbers, as little-endian doubles."""


class PosteriorError(ValueError):
    """The table cannot replace the priors; the text says why."""


def read_draws(file: Path, uncertain: Sequence[UncertainNumber]) -> PosteriorDraws:
    """The draws of every uncertain number from a Parquet file.

    A number's column is named by its path, with or without ``param:`` before it, as in `first_contact.parquet`; `set`
    and `weight` are the independent set of a row and how much it counts. Other columns are not read. Durations are in
    seconds. Raises PosteriorError where the file is no table, a column is missing, or a draw is no number that
    the prior could have given.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = quoted(file.name)
    if file.stat().st_size > MOST_BYTES:
        raise PosteriorError(f"{name} is too large; at most {MOST_BYTES >> 20} MiB are read")
    try:
        content = file.read_bytes()
        with pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True) as parquet:
            wanted = _wanted(parquet, name, uncertain)
            # Threads of its own may still be starting when a refused file ends the process, which then aborts.
            table = parquet.read(columns=list(wanted.values()), use_threads=False)
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise PosteriorError(f"{name} is no Parquet table ({reason[:120]})") from None
    columns = {number.path: _draws(table, name, wanted[number.path], number) for number in uncertain}
    sets = weights = None
    if SET in wanted:
        sets = tuple(int(one) for one in _numbers(table, name, SET, "; expected a whole number of at least 0", _is_set))
    if WEIGHT in wanted:
        weights = _numbers(table, name, WEIGHT, "; expected a number of at least 0", _is_weight)
        if not sum(weights) > 0.0:
            raise PosteriorError(f"column {quoted(WEIGHT)} of {name} has no weight above 0")
    return draws_from(columns, sets, weights)


def _wanted(parquet: pq.ParquetFile, name: str, uncertain: Sequence[UncertainNumber]) -> dict[str, str]:
    """The column of each uncertain number by its path, and `set` and `weight` where there are such, after a look at
    the file's description only: a small file may claim to hold more than fits into memory."""
    import pyarrow as pa

    rows = parquet.metadata.num_rows
    if not 0 < rows <= MOST_ROWS:
        raise PosteriorError(f"{name} has {rows} rows; expected 1 to {MOST_ROWS}")
    schema = parquet.schema_arrow
    names = schema.names
    wanted = {number.path: _column_of(names, name, number.path) for number in uncertain}
    wanted |= {extra: extra for extra in (SET, WEIGHT) if extra in names}
    for column in wanted.values():
        if names.count(column) > 1:
            raise PosteriorError(f"{name} has several columns {quoted(column)}; expected one")
        kind = schema.field(column).type
        if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
            raise PosteriorError(f"column {quoted(column)} of {name} holds {kind}; expected numbers")
    groups = [parquet.metadata.row_group(at) for at in range(parquet.metadata.num_row_groups)]
    chunks = [group.column(at) for group in groups for at in range(group.num_columns)]
    size = sum(one.total_uncompressed_size for one in chunks if one.path_in_schema in set(wanted.values()))
    if size > MOST_MEMORY:
        raise PosteriorError(f"{name} unpacks to {size >> 20} MiB; at most {MOST_MEMORY >> 20} MiB are read")
    return wanted


def _column_of(names: Sequence[str], name: str, path: str) -> str:
    found = [column for column in (path, f"param:{path}") if column in names]
    if not found:
        raise PosteriorError(f"{name} has no column {quoted(path)}{did_you_mean(path, names)}")
    if len(found) > 1:
        raise PosteriorError(
            f"{name} has two columns of one number, {quoted(found[0])} and {quoted(found[1])}; expected one"
        )
    return found[0]


def draws_of(program: Program) -> PosteriorDraws | None:
    """The table that a program was compiled with, without the columns that it leaves aside; None where it has none."""
    if program.posterior is None:
        return None
    columns = {
        path: tuple(column) for path, column in zip(program.uncertain, program.posterior.T.tolist(), strict=True)
    }
    return draws_from(columns, program.posterior_sets, program.posterior_weights)


def write_draws(draws: PosteriorDraws, file: Path) -> None:
    """Write what `read_draws` reads. Raises OSError."""
    import pyarrow as pa

    columns = {path: pa.array(np.array(column, np.float64)) for path, column in draws.columns.items()}
    if draws.sets is not None:
        columns[SET] = pa.array(np.array(draws.sets, np.int64))
    if draws.weights is not None:
        columns[WEIGHT] = pa.array(np.array(draws.weights, np.float64))
    write_columns(columns, file)


def write_columns(columns: Mapping[str, pa.Array], file: Path, metadata: Mapping[str, str] | None = None) -> None:
    """Write columns of numbers by path as a table, each with the checksum of its numbers. Raises OSError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [pa.field(path, one.type, metadata={SHA256: _sha256(one.to_pylist())}) for path, one in columns.items()]
    table = pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields, metadata))
    # Numbers that hardly repeat: a dictionary of them would be the longer file.
    with file.open("wb") as opened:
        pq.write_table(table, opened, use_dictionary=False, write_page_checksum=True)


def draws_from(
    columns: Mapping[str, tuple[float, ...]],
    sets: tuple[int, ...] | None = None,
    weights: tuple[float, ...] | None = None,
) -> PosteriorDraws:
    """The table with these columns, by path, and the set and weight of each row where there are such."""
    found = hashlib.sha256()
    extra = {key: column for key, column in ((SET, sets), (WEIGHT, weights)) if column is not None}
    for path, column in (dict(columns) | extra).items():
        found.update(f"{path}\n{len(column)}\n".encode())
        found.update(np.array(column, dtype="<f8").tobytes())
    return PosteriorDraws(found.hexdigest(), columns, sets, weights)


def _sha256(numbers: Sequence[float]) -> str:
    return hashlib.sha256(np.array(numbers, dtype="<f8").tobytes()).hexdigest()


def _numbers(
    table: pa.Table, name: str, column: str, expected: str, fits: Callable[[float], bool]
) -> tuple[float, ...]:
    """The numbers of a column. Raises PosteriorError where one does not fit, or is not what was written."""
    values = tuple(float("nan") if value is None else float(value) for value in table.column(column).to_pylist())
    kept = (table.schema.field(column).metadata or {}).get(SHA256.encode())
    if kept is not None and kept.decode("ascii", "replace") != _sha256(values):
        raise PosteriorError(
            f"column {quoted(column)} of {name} is damaged: its numbers are not those that were written"
        )
    for row, value in enumerate(values, 1):
        if not fits(value):
            raise PosteriorError(f"row {row} of column {quoted(column)} of {name} is {value:g}{expected}")
    return values


def _draws(table: pa.Table, name: str, column: str, number: UncertainNumber) -> tuple[float, ...]:
    prior = canonical(number.prior.family, _known(number), number.prior.sample, number.prior.scipy)
    sample = frozenset(prior.table) if number.prior.family == "empirical" else frozenset()
    expected = f", which the prior cannot give; expected a number between {prior.low:g} and {prior.high:g}"
    return _numbers(table, name, column, expected, lambda value: prior.low < value < prior.high or value in sample)


def _is_set(value: float) -> bool:
    return 0.0 <= value <= MOST_ROWS and value == int(value)


def _is_weight(value: float) -> bool:
    return 0.0 <= value < float("inf")


def _known(number: UncertainNumber) -> dict[str, float]:
    given = {}
    for key, value in number.prior.given.items():
        assert isinstance(value, float | int)  # a prior's own parameters are known
        given[key] = float(value)
    return given
