"""What the results of all studies can do: become tables of several libraries, and show themselves in a notebook."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from sim.stats.outcomes import Outcome

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.axes import Axes

    from sim.stats.intervals import Estimate

Row = dict[str, Any]
MOST_ROWS = 60


class Shown:
    """A result made of rows, with an answer in sentences."""

    def rows(self) -> list[Row]:
        """Plain numbers and texts under the same names in every row."""
        raise NotImplementedError

    def sentences(self) -> list[str]:
        """The answer in words."""
        raise NotImplementedError

    def to_arrow(self) -> pa.Table:
        """The rows as an Arrow table."""
        import pyarrow as pa

        return pa.Table.from_pylist(self.rows())

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame. Raises ImportError where pandas is not installed."""
        return self.to_arrow().to_pandas()

    def _repr_html_(self) -> str:
        rows = self.rows()
        names = list(rows[0]) if rows else []
        head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in names)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(_cell(row[name]))}</td>" for name in names) + "</tr>"
            for row in rows[:MOST_ROWS]
        )
        words = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in self.sentences())
        more = f"<p>… and {len(rows) - MOST_ROWS} more rows</p>" if len(rows) > MOST_ROWS else ""
        return f"{words}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def estimate(name: str, found: Estimate | None) -> Row:
    """An estimate as three entries of a row."""
    ends = (None, None, None) if found is None else (found.estimate, found.low, found.high)
    return dict(zip((name, f"{name}_low", f"{name}_high"), ends, strict=True))


def column_and_time(outcome: Outcome) -> Row:
    """An outcome as entries of a row: ``by_seconds`` is None for a mean wait, in seconds."""
    return {"column": outcome.column, "by_seconds": outcome.by}


def new_axes() -> Axes:
    """Axes of a figure that no window system knows of."""
    from sim.report.style import canvas

    return canvas(8, 4.5).subplots()
