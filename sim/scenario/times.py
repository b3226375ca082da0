"""Tables of observed times, for fitting: a CSV file in which every time has its unit, as in a scenario.

A row holds one time, exactly (`time`) or by the ends between which it lies (`at least`, `at most`). Without `at most`
the time was still going on. `series` names the sample to which it belongs; other columns are the reader's own. Cells
are separated by commas and quoted as in RFC 4180. Lines that begin with # outside a quoted cell are comments.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.scenario.errors import Faults, ScenarioError, ScenarioErrors, did_you_mean, quoted
from sim.scenario.units import seconds_of

TIME, LEAST, MOST, SERIES = "time", "at least", "at most", "series"
LARGEST = 50_000_000
"""Bytes; a larger file holds something else."""


@dataclass(frozen=True)
class ObservedTimes:
    """The times of one series in seconds, in the order of the file; `high` is infinite where there is no upper end."""

    low: tuple[float, ...]
    high: tuple[float, ...]


def read_times(path: Path) -> Mapping[str, ObservedTimes]:
    """The series of a file by name, in the order in which they first appear; "" where there is no such column.

    Raises ScenarioErrors with every fault at its line and column.
    """
    table = _Table(str(path), _text(path))
    found: dict[str, list[tuple[float, float]]] = {}
    for series, ends in table.rows():
        found.setdefault(series, []).append(ends)
    if not found and not table.errors:
        table.note(0, "", "holds no times")
    if table.errors:
        raise ScenarioErrors(table.errors)
    return {name: ObservedTimes(*map(tuple, zip(*ends, strict=True))) for name, ends in found.items()}


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise _refused(path, f"is larger than {LARGEST:,} bytes; expected a table of times")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _refused(path, error.strerror or str(error)) from None
    except UnicodeDecodeError:
        raise _refused(path, "is no text in UTF-8") from None


def _refused(path: Path, message: str) -> ScenarioErrors:
    return ScenarioErrors([ScenarioError(str(path), 0, 0, "", message)])


class _Table:
    """A CSV file, read row by row; what is wrong is noted at its place."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.errors = file, list[ScenarioError]()
        # Universal newlines, and no others: U+2028 and the like are characters of a cell.
        self._source = enumerate(io.StringIO(text, newline=None), 1)
        self._line = 0
        self._row: list[str] = []

    def note(self, line: int, path: str, message: str, column: int = 1) -> None:
        self.errors.append(ScenarioError(self.file, line, column, path, message))

    def rows(self) -> Iterator[tuple[str, tuple[float, float]]]:
        """Series and ends of each row without fault."""
        reader = csv.reader(self._lines(), strict=True)
        heads: list[str] | None = None
        try:
            while True:
                self._row = []
                cells = next(reader)
                if not any(cell.strip() for cell in cells):
                    continue
                if heads is None:
                    heads = [cell.strip() for cell in cells]
                    if not self._known(heads):
                        return
                    continue
                ends = self._ends(heads, cells)
                if ends is not None:
                    yield dict(zip(heads, cells, strict=False)).get(SERIES, "").strip(), ends
        except StopIteration:
            return
        except csv.Error as error:
            self.note(self._line, "", f"no CSV: {error}")

    def _lines(self) -> Iterator[str]:
        """The lines of the file; comments are left out where a row may begin, and kept within a quoted cell."""
        for number, line in self._source:
            if not self._row and line.startswith("#"):
                continue
            if not self._row:
                self._line = number
            self._row.append(line)
            yield line

    def _known(self, heads: list[str]) -> bool:
        for head in {head for head in heads if head and heads.count(head) > 1}:
            self.note(self._line, head, "stands twice in the heading")
        if not {TIME, LEAST, MOST} & set(heads):
            near = next((hint for head in heads if (hint := did_you_mean(head, (TIME, LEAST, MOST)))), "")
            expected = f"expected a column {quoted(TIME)}, or {quoted(LEAST)} and {quoted(MOST)}"
            self.note(self._line, "", _other_separator(heads) or f"no column of times; {expected}{near}")
        return not self.errors

    def _ends(self, heads: list[str], cells: list[str]) -> tuple[float, float] | None:
        if len(cells) != len(heads):
            self.note(
                self._line, "", f"{len(cells)} cells under {len(heads)} headings; quote a cell that holds a comma"
            )
            return None
        before = len(self.errors)
        given = {head: self._seconds(head, place, cells) for place, head in enumerate(heads) if cells[place].strip()}
        if len(self.errors) > before:
            return None
        time, low, high = (given.get(name) for name in (TIME, LEAST, MOST))
        if time is not None and (low is not None or high is not None):
            self.note(self._line, TIME, f"both {quoted(TIME)} and {quoted(LEAST)} or {quoted(MOST)} are given")
        elif time is None and low is None and high is None:
            self.note(self._line, "", f"no time; expected {quoted(TIME)}, or {quoted(LEAST)} and {quoted(MOST)}")
        elif time == 0 or high == 0:
            self.note(
                self._line,
                TIME if time == 0 else MOST,
                f"0 s; no family has a time of exactly nothing; give the ends between which it lies, such as "
                f"{quoted(LEAST)} 0 s and {quoted(MOST)} 1 s",
            )
        elif low is not None and high is not None and low > high:
            self.note(self._line, MOST, f"{high:g} s, less than {quoted(LEAST)} ({low:g} s)")
        else:
            return (time, time) if time is not None else (low or 0.0, math.inf if high is None else high)
        return None

    def _seconds(self, head: str, place: int, cells: list[str]) -> float | None:
        if head not in (TIME, LEAST, MOST):
            return None
        try:
            return seconds_of(cells[place].strip())
        except Faults as wrong:
            line, column = self._place(place, cells)
            for fault in wrong.faults:
                self.note(line, head, fault.message, column)
            return None

    def _place(self, place: int, cells: list[str]) -> tuple[int, int]:
        """Line and column of a cell of the present row; where cells are quoted, of the first such text."""
        row = "".join(self._row)
        at = max(row.find(cells[place], sum(len(cell) + 1 for cell in cells[:place])), 0)
        return self._line + row.count("\n", 0, at), at - row.rfind("\n", 0, at)


def _other_separator(heads: list[str]) -> str:
    """What to say where the heading has the known columns, separated by something else than commas."""
    for sign, name in ((";", "semicolons"), ("\t", "tabs")):
        columns = {column.strip().strip('"') for head in heads for column in head.split(sign)}
        if {TIME, LEAST, MOST} & columns:
            return f"columns are separated by {name}; expected commas: save the table as CSV with commas"
    return ""
