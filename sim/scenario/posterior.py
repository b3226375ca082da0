"""A table of posterior draws, which replaces the priors of a scenario: one row for each block of replications."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.rules.distributions import canonical
from sim.scenario.errors import did_you_mean, quoted
from sim.scenario.program import Program
from sim.scenario.resolved import PosteriorDraws, UncertainNumber

if TYPE_CHECKING:
    import pyarrow as pa

MOST_BYTES = 256 << 20
MOST_ROWS = 10_000_000
SHA256 = "sha256"
"""Key in the metadata of a column: checksum of its numbers, as little-endian doubles."""


class PosteriorError(ValueError):
    """The table cannot replace the priors; the text says why."""


def read_draws(file: Path, uncertain: Sequence[UncertainNumber]) -> PosteriorDraws:
    """The draws of every uncertain number from a Parquet file.

    A number's column is named by its path, with or without ``param:`` before it, as in `first_contact.parquet`. Other
    columns are left aside. Durations are in seconds. Raises PosteriorError where the file is no table, a column is
    missing, or a draw is no number that the prior could have given.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = quoted(file.name)
    if file.stat().st_size > MOST_BYTES:
        raise PosteriorError(f"{name} is too large; at most {MOST_BYTES >> 20} MiB are read")
    try:
        content = file.read_bytes()
        with pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True) as parquet:
            # Threads of its own may still be starting when a refused file ends the process, which then aborts.
            table = parquet.read(use_threads=False)
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise PosteriorError(f"{name} is no Parquet table ({reason[:120]})") from None
    if not 0 < table.num_rows <= MOST_ROWS:
        raise PosteriorError(f"{name} has {table.num_rows} rows; expected 1 to {MOST_ROWS}")
    columns = {number.path: _column(table, name, number) for number in uncertain}
    return draws_from(columns)


def draws_of(program: Program) -> PosteriorDraws | None:
    """The table that a program was compiled with, without the columns that it leaves aside; None where it has none."""
    if program.posterior is None:
        return None
    return draws_from(
        {path: tuple(column) for path, column in zip(program.uncertain, program.posterior.T.tolist(), strict=True)}
    )


def write_draws(draws: PosteriorDraws, file: Path) -> None:
    """Write what `read_draws` reads. Raises OSError."""
    import pyarrow as pa

    columns = {path: pa.array(np.array(column, np.float64)) for path, column in draws.columns.items()}
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


def draws_from(columns: Mapping[str, tuple[float, ...]]) -> PosteriorDraws:
    """The table with these columns, by path."""
    found = hashlib.sha256()
    for path, column in columns.items():
        found.update(f"{path}\n{len(column)}\n".encode())
        found.update(np.array(column, dtype="<f8").tobytes())
    return PosteriorDraws(found.hexdigest(), columns)


def _sha256(numbers: Sequence[float]) -> str:
    return hashlib.sha256(np.array(numbers, dtype="<f8").tobytes()).hexdigest()


def _column(table: object, name: str, number: UncertainNumber) -> tuple[float, ...]:
    import pyarrow as pa

    assert isinstance(table, pa.Table)
    found = [column for column in (number.path, f"param:{number.path}") if column in table.column_names]
    if not found:
        hint = did_you_mean(number.path, table.column_names)
        raise PosteriorError(f"{name} has no column {quoted(number.path)}{hint}")
    if len(found) > 1:
        raise PosteriorError(
            f"{name} has two columns of one number, {quoted(found[0])} and {quoted(found[1])}; expected one"
        )
    if table.column_names.count(found[0]) > 1:
        raise PosteriorError(f"{name} has several columns {quoted(found[0])}; expected one")
    column = table.column(found[0])
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        raise PosteriorError(f"column {quoted(found[0])} of {name} holds {column.type}; expected numbers")
    values = [float("nan") if value is None else float(value) for value in column.to_pylist()]
    kept = (table.schema.field(found[0]).metadata or {}).get(SHA256.encode())
    if kept is not None and kept.decode("ascii", "replace") != _sha256(values):
        raise PosteriorError(
            f"column {quoted(found[0])} of {name} is damaged: its numbers are not those that were written"
        )
    prior = canonical(number.prior.family, _known(number), number.prior.sample, number.prior.scipy)
    for row, value in enumerate(values):
        inside = prior.low < value < prior.high or (number.prior.family == "empirical" and value in prior.table)
        if not inside:
            raise PosteriorError(
                f"row {row + 1} of column {quoted(found[0])} of {name} is {value:g}, which the prior cannot give; "
                f"expected a number between {prior.low:g} and {prior.high:g}"
            )
    return tuple(values)


def _known(number: UncertainNumber) -> dict[str, float]:
    given = {}
    for key, value in number.prior.given.items():
        assert isinstance(value, float | int)  # a prior's own parameters are known
        given[key] = float(value)
    return given
