"""Tables of results for programs and notebooks: Arrow, pandas, CSV and HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS = 60
"""Rows of a table that a notebook shows."""

Row = dict[str, Any]


class Tabular:
    """A result that is a table. Libraries that read Arrow streams, such as polars and duckdb, take it as it is."""

    def to_arrow(self) -> pa.Table:
        """The result as an Arrow table."""
        raise NotImplementedError

    def to_pandas(self) -> Any:
        """The result as a pandas DataFrame. Raises ImportError where pandas is not installed."""
        try:
            import_module("pandas")
        except ImportError as error:
            raise ImportError("pandas is not installed; pip install 'openlines[notebook]' brings it") from error
        return self.to_arrow().to_pandas()

    def to_csv(self, file: str | Path) -> None:
        """Write the result as comma-separated values, UTF-8; a text that a spreadsheet would take for a formula gets an
        apostrophe before it. Raises OSError where the file cannot be written."""
        from pyarrow import csv

        from sim.runs.files import replacing

        with replacing(Path(file)) as temporary, temporary.open("wb") as opened:
            csv.write_csv(_neutral(self.to_arrow()), opened)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.to_arrow().__arrow_c_stream__(requested_schema)


def _neutral(table: pa.Table) -> pa.Table:
    import pyarrow as pa

    from sim.report.msel import neutral

    columns = [
        pa.array([None if cell is None else neutral(cell) for cell in column.to_pylist()], pa.string())
        if pa.types.is_string(column.type)
        else column
        for column in table.columns
    ]
    return pa.table(columns, names=[neutral(name) for name in table.column_names])


def html_table(rows: Sequence[Row], sentences: Sequence[str] = ()) -> str:
    """Rows with the same names as an HTML table, at most `MOST_ROWS` of them, below some sentences."""
    names = list(rows[0]) if rows else []
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_cell(row[name]))}</td>" for name in names) + "</tr>"
        for row in rows[:MOST_ROWS]
    )
    words = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in sentences)
    more = f"<p>… and {len(rows) - MOST_ROWS} more rows</p>" if len(rows) > MOST_ROWS else ""
    return f"{words}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
