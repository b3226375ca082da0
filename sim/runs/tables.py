"""`first_contact.parquet`: one row a replication, the same bytes however the run was cut."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.engines.contract import NEVER
from sim.stats.summary import wanted_order_statistics
from sim.stats.totals import column_times

if TYPE_CHECKING:
    import pyarrow as pa

    from sim.scenario.program import Program
    from sim.stats.first_contact import OrderStatistics
    from sim.stats.totals import Totals

FORMAT = 1
ROW_GROUP = 65_536


def table_schema(program: Program, seed: int) -> pa.Schema:
    """`replication`, the columns of the program (seconds from clock.start, null where censored), and ``param:PATH``,
    the value of every uncertain number. Metadata: format, seed and the scenario's sha256."""
    import pyarrow as pa

    fields = [pa.field("replication", pa.int64(), nullable=False)]
    fields += [pa.field(column.key, pa.int64()) for column in program.columns]
    fields += [pa.field(f"param:{path}", pa.float64(), nullable=False) for path in program.uncertain]
    return pa.schema(fields, {"format": str(FORMAT), "seed": str(seed), "scenario_sha256": program.sha256})


def rows_table(
    program: Program, seed: int, replications: range, first_contact: NDArray[np.int64], parameters: NDArray[np.float64]
) -> pa.Table:
    """The rows of some replications, which begin with the first one of a block.

    first_contact  (n, lines) int64 as in `sim.engines.contract.Batch`
    parameters     (blocks or more, uncertain) float64, from the block of the first replication on
    """
    import pyarrow as pa

    numbers = np.arange(replications.start, replications.stop, dtype=np.int64)
    times = column_times(program, first_contact)
    arrays = [pa.array(numbers)]
    arrays += [pa.array(column, mask=column < 0) for column in times.T]
    of_block = (numbers - replications.start) // program.block
    arrays += [pa.array(parameters[of_block, index]) for index in range(len(program.uncertain))]
    return pa.Table.from_arrays(arrays, schema=table_schema(program, seed))


def count_rows(path: Path, totals: Totals) -> dict[str, OrderStatistics]:
    """The order statistics of a run's summary, from the rows at `path`, a row group at a time.

    Only columns whose summary does not say the second are read.
    """
    import pyarrow.parquet as pq

    found = wanted_order_statistics(totals)
    if not (names := _columns_to_read(found)):
        return found
    with path.open("rb") as opened, pq.ParquetFile(opened) as file:
        for group in range(file.num_row_groups):
            _count(found, names, file.read_row_group(group, names))
    return found


def count_rows_of(table: pa.Table, totals: Totals) -> dict[str, OrderStatistics]:
    """The same from a table in memory."""
    found = wanted_order_statistics(totals)
    _count(found, _columns_to_read(found), table)
    return found


def _columns_to_read(found: Mapping[str, OrderStatistics]) -> list[str]:
    """One of the columns that share their order statistics, for each that rows are needed for."""
    return list({id(one): name for name, one in found.items() if one.needs_rows}.values())


def _count(found: Mapping[str, OrderStatistics], names: Sequence[str], table: pa.Table) -> None:
    for name in names:
        found[name].add(table[name].fill_null(NEVER).to_numpy())


class TableWriter:
    """Writes consecutive tables to one file, in row groups of `ROW_GROUP` whatever the lengths of the tables."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        import pyarrow.parquet as pq

        whole_numbers = [field.name for field in schema if str(field.type) == "int64"]
        self._waiting: list[pa.Table] = []
        self._rows = 0
        # Not its name, which Arrow takes for an address if it can: `12:30` is none, but `s3:runs` is.
        self._file = path.open("wb")
        self._writer = pq.ParquetWriter(
            self._file,
            schema,
            compression="zstd",
            use_dictionary=[field.name for field in schema if field.name not in whole_numbers],
            column_encoding=dict.fromkeys(whole_numbers, "DELTA_BINARY_PACKED"),
            store_schema=True,
            write_page_checksum=True,
        )

    def add(self, table: pa.Table) -> None:
        """What follows."""
        import pyarrow as pa

        self._waiting.append(table)
        self._rows += table.num_rows
        if self._rows < ROW_GROUP:
            return
        joined = pa.concat_tables(self._waiting)
        rest = self._rows % ROW_GROUP
        for start in range(0, self._rows - rest, ROW_GROUP):
            self._write(joined.slice(start, ROW_GROUP))
        self._waiting, self._rows = [joined.slice(joined.num_rows - rest)] if rest else [], rest

    def finish(self) -> None:
        """There is no more."""
        import pyarrow as pa

        if self._rows:
            self._write(pa.concat_tables(self._waiting))
        self._writer.close()
        self._file.close()

    def abandon(self) -> None:
        """Let go of the file, which is of no use."""
        with contextlib.suppress(OSError):
            self._writer.close()
        with contextlib.suppress(OSError):
            self._file.close()

    def _write(self, table: pa.Table) -> None:
        self._writer.write_table(table.combine_chunks(), row_group_size=ROW_GROUP)
