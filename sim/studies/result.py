"""Results of studies: tables, sentences and pictures in a notebook, and the folder that keeps them."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report.tabular import Row, Tabular, html_table
from sim.runs import store
from sim.runs.files import folder_meant, making, write_json
from sim.runs.provenance import now
from sim.runs.spec import FORMAT
from sim.stats.outcomes import Outcome

if TYPE_CHECKING:
    import pyarrow as pa

    from sim.scenario.resolved import Scenario
    from sim.stats.intervals import Estimate


class StudyResult(Tabular):
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

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {next(iter(self.sentences()), '')}>"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), self.sentences())


def estimate(name: str, found: Estimate | None) -> Row:
    """An estimate as three entries of a row."""
    ends = (None, None, None) if found is None else (found.estimate, found.low, found.high)
    return dict(zip((name, f"{name}_low", f"{name}_high"), ends, strict=True))


def column_and_time(outcome: Outcome) -> Row:
    """An outcome as entries of a row: ``by_seconds`` is None for a mean wait, in seconds."""
    return {"column": outcome.column, "by_seconds": outcome.by}


IDENTITY = ("format", "kind", "seed", "replications", "asked", "scenario", "openlines")
"""What two studies agree in if they are the same."""

Draw = Callable[[Path], None]
"""Draws pictures into the folder that it is given."""


def study_manifest(
    kind: str, scenario: Scenario, asked: Mapping[str, Any], replications: int, seed: int
) -> dict[str, Any]:
    """How a study that begins now is made: of which scenario, and what is `asked` of it beside."""
    from sim.scenario.compiler import sha256_of
    from sim.scenario.resolve import dump
    from sim.version import __version__

    return {
        "format": FORMAT,
        "kind": kind,
        "seed": seed,
        "replications": replications,
        "asked": dict(asked),
        "scenario": {"title": scenario.title, "sha256": sha256_of(scenario), "resolved": dump(scenario)},
        "openlines": __version__,
        "files": {},
        "run": store.origin(),
    }


@contextlib.contextmanager
def study_folder(out: Path, manifest: dict[str, Any], *, fresh: bool = False) -> Iterator[Path]:
    """Hold the place of a study and give out a hidden folder, which takes its place when the block ends well.

    The place is a new or empty folder, or one that holds this very study, or, with `fresh`, a study of the kind whose
    manifest is damaged. Raises RunRefused for any other place, and where another process is at it; RunFailed where the
    disk is full, before hours of work.
    """
    place = folder_meant(out)
    store.find_same(place, manifest, IDENTITY, fresh=fresh)
    with making(place) as hidden:
        yield hidden


def write_study(
    folder: Path, manifest: dict[str, Any], result: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], draw: Draw
) -> None:
    """Write all files into the hidden folder of a study. Raises RunFailed where that fails."""
    manifest["run"]["finished"] = now()
    with store.written_to(folder):
        write_json(folder / store.RESULT, result)
        _write_table(folder / store.TABLE, rows)
        (folder / store.FIGURES).mkdir()
        draw(folder / store.FIGURES)
        store.list_files(folder, manifest)


def _write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else [], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
