"""`first_contact.parquet`: one row a replication, the same bytes however the run was cut."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.engines.contract import Batch

if TYPE_CHECKING:
    import pyarrow as pa

    from sim.scenario.program import Program

FORMAT = 1
ROW_GROUP = 65_536


def table_schema(program: Program, seed: int) -> pa.Schema:
    """`replication`, the columns of the program (seconds from clock.start, null where censored), and ``param:PATH``,
    the value of every uncertain number. Metadata: format, seed and the scenario's sha256."""
    import pyarrow as pa

    fields = [pa.field("replication", pa.int64(), nullable=False)]
    fields += [pa.field(column.name, pa.int64()) for column in program.columns]
    fields += [pa.field(f"param:{path}", pa.float64(), nullable=False) for path in program.uncertain]
    return pa.schema(fields, {"format": str(FORMAT), "seed": str(seed), "scenario_sha256": program.sha256})


def batch_table(program: Program, seed: int, batch: Batch, times: NDArray[np.int64]) -> pa.Table:
    """The rows of a batch. `times`, shape (n, columns), from `sim.stats.totals.column_times`."""
    import pyarrow as pa

    first = batch.replications.start
    numbers = np.arange(first, batch.replications.stop, dtype=np.int64)
    arrays = [pa.array(numbers)]
    for index in range(times.shape[1]):
        column = np.ascontiguousarray(times[:, index])
        arrays.append(pa.array(column, mask=column < 0))
    of_block = numbers // program.block - first // program.block
    parameters = batch.parameters[of_block]
    arrays += [pa.array(np.ascontiguousarray(parameters[:, index])) for index in range(len(program.uncertain))]
    return pa.Table.from_arrays(arrays, schema=table_schema(program, seed))


def write_table(path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    """Write consecutive tables to one file, in row groups of `ROW_GROUP` whatever the lengths of the tables."""
    import pyarrow.parquet as pq

    whole_numbers = [field.name for field in schema if str(field.type) == "int64"]
    others = [field.name for field in schema if field.name not in whole_numbers]
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        use_dictionary=others,
        column_encoding=dict.fromkeys(whole_numbers, "DELTA_BINARY_PACKED"),
        store_schema=True,
    ) as writer:
        for group in _row_groups(tables):
            writer.write_table(group, row_group_size=ROW_GROUP)


def _row_groups(tables: Iterable[pa.Table]) -> Iterable[pa.Table]:
    import pyarrow as pa

    waiting: list[pa.Table] = []
    rows = 0
    for table in tables:
        waiting.append(table)
        rows += table.num_rows
        if rows < ROW_GROUP:
            continue
        joined = pa.concat_tables(waiting)
        for start in range(0, rows - rows % ROW_GROUP, ROW_GROUP):
            yield joined.slice(start, ROW_GROUP).combine_chunks()
        rows %= ROW_GROUP
        waiting = [joined.slice(joined.num_rows - rows)] if rows else []
    if rows:
        yield pa.concat_tables(waiting).combine_chunks()
