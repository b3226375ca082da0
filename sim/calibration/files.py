"""Files of a calibration: the draws, a scenario that uses them, and the findings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.calibration.checks import LeftOut, ModelComparison, PredictiveCheck, Sensitivity
from sim.calibration.fit import Calibration
from sim.calibration.posterior import equal_draws
from sim.runs.errors import RunRefused
from sim.runs.files import fingerprint, folder_meant, write_json
from sim.scenario.compiler import sha256_of
from sim.scenario.errors import quoted
from sim.scenario.posterior import write_columns
from sim.scenario.resolve import dump

ROWS = 4096
"""Draws of equal weight in a table."""


@dataclass(frozen=True)
class Written:
    """Where a calibration is kept.

    scenario  the one that uses the draws: it extends `original`, or is `original` where that names the draws itself
    original  the one that was calibrated; written too, resolved, where the folder is not its own
    """

    draws: Path
    scenario: Path
    findings: Path
    picture: Path
    original: Path

    @property
    def files(self) -> tuple[Path, ...]:
        """What there is to look at."""
        return (self.draws, self.scenario, self.findings, self.picture)


def targets(scenario: Path, out: Path | None, as_of: str | None = None, named: str | None = None) -> Written:
    """The files that a calibration of a scenario's file is kept in: beside it, or in the folder `out`.

    as_of  the date as of which it was made, which is then part of all names
    named  the table that the file itself names as its posterior: it is made anew where all of the record is used

    Raises RunRefused where they could not be written there.
    """
    folder = scenario.parent if out is None else folder_meant(out)
    if folder.exists() and not folder.is_dir():
        raise RunRefused(f"{folder} is a file; give --out a folder")
    stem = scenario.stem if as_of is None else f"{scenario.stem}-as-of-{re.sub(r'[^0-9A-Za-z-]+', '-', as_of)}"
    own = named is not None and as_of is None
    draws = named if named is not None and own else f"{stem}.posterior.parquet"
    if Path(draws).name != draws or not draws.endswith(".parquet"):
        raise RunRefused(
            f"posterior: {quoted(draws)} cannot be written; expected the name of a file beside the scenario that ends "
            f"in .parquet, such as {stem}.posterior.parquet"
        )
    original = folder / scenario.name
    return Written(
        folder / draws,
        original if own else folder / f"{stem}-calibrated.yaml",
        folder / f"{stem}.calibration.json",
        folder / f"{stem}.calibration.png",
        original,
    )


def write(
    found: Calibration,
    scenario: Path,
    to: Written,
    folder: Path,
    version: str,
    more: Mapping[str, Any] | None = None,
    draw: Callable[[Path], None] | None = None,
) -> None:
    """Write the draws, the calibrated scenario, the picture and the findings into `folder`, from where they take their
    places.

    version  of the program
    more     is added to the findings
    draw     draws the picture into the file that it is given

    The findings list the other files with their checksums.
    """
    own = to.scenario == to.original
    if to.original.resolve() != scenario.resolve():
        resolved = replace(found.scenario, posterior=to.draws.name) if own else found.scenario
        (folder / to.original.name).write_text(dump(resolved), encoding="utf-8", newline="\n")
    _write_draws(found, folder / to.draws.name, version)
    if not own:
        (folder / to.scenario.name).write_text(_calibrated(found, to), encoding="utf-8", newline="\n")
    if draw is not None:
        draw(folder / to.picture.name)
    files = {file.name: fingerprint(file) for file in sorted(folder.iterdir())}
    write_json(folder / to.findings.name, found.as_data() | dict(more or {}) | {"files": files})


def _write_draws(found: Calibration, file: Path, version: str) -> None:
    """Draws of equal weight, a column for each number, in seconds where it is a duration. The metadata of the schema
    say how they were made."""
    import pyarrow as pa

    rows = equal_draws(found.sample, ROWS, found.seed)
    numbers = np.ascontiguousarray(found.sample.numbers[rows])
    diagnosis = found.sample.diagnosis
    made = {
        "scenario": found.scenario.title,
        "scenario_sha256": sha256_of(found.scenario),
        "as_of_second": found.evidence.as_of,
        "entries": list(found.evidence.entries),
        "seed": found.seed,
        "draws": diagnosis.draws,
        "effective_draws": diagnosis.effective,
        "pareto_k": diagnosis.pareto_k,
        "log_evidence": found.sample.log_evidence,
        "version": version,
    }
    columns = {path: pa.array(column) for path, column in zip(found.sample.paths, numbers.T, strict=True)}
    write_columns(columns, file, {"openlines": json.dumps(made)})


def _calibrated(found: Calibration, to: Written) -> str:
    known = "all of its record" if found.evidence.as_of is None else "its record as known by then"
    title = json.dumps(f"{found.scenario.title}, calibrated", ensure_ascii=False)
    return (
        f"# Made by `openlines calibrate`: the uncertain numbers as {known} leaves them.\n"
        f"scenario: 1\n"
        f"extends: {json.dumps(to.original.name)}\n"
        f"title: {title}\n"
        f"posterior: {json.dumps(to.draws.name)}\n"
    )


def findings(
    placed: Sequence[PredictiveCheck],
    moved: Sequence[Sensitivity],
    left: Sequence[LeftOut],
    compared: Sequence[ModelComparison],
) -> dict[str, Any]:
    """The checks, for JSON."""
    return {
        "predictive": [asdict(one) | {"unusual": one.unusual} for one in placed],
        "sensitivity": [asdict(one) for one in moved],
        "left_out": [asdict(one) for one in left],
        "rivals": [asdict(one) | {"words": one.words} for one in compared],
    }
