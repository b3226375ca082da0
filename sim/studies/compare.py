"""Comparisons: scenarios over the same replications, every variant against the base."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.api import BLOCK, REPLICATIONS, RESULTS, Progress, Stage
from sim.report.tabular import Row
from sim.runs import store
from sim.runs.errors import ResultsDamaged, RunRefused
from sim.runs.files import folder_meant, making, replacing, write_json
from sim.runs.paired import Paired, check_comparable, check_memory, run_paired
from sim.runs.provenance import now
from sim.runs.spec import FORMAT
from sim.scenario.errors import did_you_mean, quoted
from sim.stats.paired import Compared, compared_from
from sim.stats.survival import PairedCurve
from sim.studies.contrasts import compare_paired, paired_curves
from sim.studies.explain import Why, explain_all, shares_of, why_from
from sim.studies.result import StudyResult
from sim.studies.variants import Variants, is_record, load_recorded, load_variants

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.engines.contract import EventLog
    from sim.report.comparison import ComparisonView
    from sim.scenario.resolved import Scenario

SEED = 1
KIND = "comparison"
Curves = Mapping[tuple[str, str], PairedCurve]
"""Survival curves by scenario and column."""


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(StudyResult):
    """A comparison that is complete.

    manifest  how it came about (`docs/reference/files.md`)
    result    what it found, as in ``comparison.json``
    why       by variant: why it differs from the base, as in ``why.json``; empty where that was not asked for
    folder    where it is kept, or None
    reused    whether it was there already, and nothing was simulated
    """

    manifest: dict[str, Any]
    result: Compared
    why: Mapping[str, Why]
    folder: Path | None
    reused: bool = False
    _curves: Curves | None = field(default=None, repr=False)
    _scenarios: Mapping[str, Scenario] | None = field(default=None, repr=False)

    @cached_property
    def scenarios(self) -> dict[str, Scenario]:
        """By name, from the resolved texts in the manifest; the base first."""
        from sim.scenario.reader import loads

        if self._scenarios is not None:
            return dict(self._scenarios)
        return {name: loads(one["resolved"], f"{name}.yaml") for name, one in self.manifest["scenarios"].items()}

    @cached_property
    def curves(self) -> Curves:
        """Survival curves by scenario and column."""
        if self._curves is not None:
            return self._curves
        assert self.folder is not None
        store.check_files(self.folder, self.manifest, store.CURVES)
        return _read_curves(self.folder / store.CURVES)

    @property
    def has_pictures(self) -> bool:
        """Whether its folder has pictures."""
        return bool(store.pictures(self.manifest))

    @property
    def changes(self) -> dict[str, tuple[str, ...]]:
        """By variant, what it sets, as it was written; nothing for scenarios from files of their own."""
        scenarios = self.manifest["scenarios"]
        return {name: tuple(scenarios[name]["changes"]) for name in self.result.variants}

    @cached_property
    def view(self) -> ComparisonView:
        """What tables and pictures are made of."""
        from sim.report.comparison import ComparisonView

        return ComparisonView(self.result, self.scenarios, lambda: self.curves, self.trace)

    def trace(self, variant: str, replication: int) -> tuple[EventLog, EventLog]:
        """One replication in base and variant, every log entry. Raises RunRefused for a name that is no variant, and a
        number out of range."""
        from sim.engines import get
        from sim.rules.random import MOST_REPLICATIONS
        from sim.scenario.compiler import compile_scenario

        if variant not in self.result.variants:
            raise RunRefused(f"{quoted(variant)} is no variant{did_you_mean(variant, self.result.variants)}")
        if not 0 <= replication < MOST_REPLICATIONS:
            raise RunRefused(f"replication: {replication} is out of range; expected a whole number from 0 to 2^56 - 1")
        engine, block, seed = get(self.result.engine), self.result.block, self.result.seed
        base, other = (compile_scenario(self.scenarios[name], block) for name in (self.result.base, variant))
        return engine.trace(base, seed, replication), engine.trace(other, seed, replication)

    def sentences(self) -> list[str]:
        """The answer in words."""
        from sim.report.comparison import answer

        return list(answer(self.view))

    def plot(self, ax: Axes | None = None, column: str = "any") -> Axes:
        """Survival curves of all scenarios in one column. Raises RunRefused for a name that is no column."""
        from sim.report.figures.comparison import plot_curves

        return plot_curves(self.view, self._known(column), ax)

    def plot_differences(
        self, ax: Axes | None = None, column: str = "any", quantity: str = "restricted_mean_seconds"
    ) -> Axes:
        """Every variant's difference from the base in one quantity, with both intervals. Raises RunRefused for a name
        that is no column, or no quantity of it."""
        from sim.report.figures.comparison import plot_differences

        known = self.result.columns[self._known(column)].contrasts
        if quantity not in known:
            raise RunRefused(f"{quoted(quantity)} is no quantity of {column}{did_you_mean(quantity, known)}")
        return plot_differences(self.view, column, quantity, ax)

    def _known(self, column: str) -> str:
        if column not in self.result.columns:
            raise RunRefused(f"{quoted(column)} is no column{did_you_mean(column, self.result.columns)}")
        return column

    def rows(self) -> list[Row]:
        """A row for each column, quantity and variant: both estimates with intervals, and the contrast."""
        rows = []
        for name, column in self.result.columns.items():
            for quantity, contrasts in column.contrasts.items():
                estimates = column.estimates[quantity]
                base = estimates[self.result.base]
                for variant, contrast in contrasts.items():
                    row: Row = {"column": name, "quantity": quantity, "variant": variant}
                    row |= {f"base_{key}": value for key, value in base.as_dict().items()}
                    row |= {f"variant_{key}": value for key, value in estimates[variant].as_dict().items()}
                    rows.append(row | {f"difference_{key}": value for key, value in vars(contrast).items()})
        return rows


def compare(
    what: str | Path | Sequence[str | Path] | Mapping[str, Scenario],
    replications: int | None = None,
    seed: int | None = None,
    *,
    what_ifs: Sequence[str] = (),
    engine: str = "auto",
    workers: int | None = None,
    out: str | Path | None = None,
    save: bool = True,
    block: int | None = None,
    why: bool = True,
    fresh: bool = False,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> Comparison:
    """Compare scenarios over the same replications, or give back the same comparison where it was made before.

    what          a what-if file; a scenario file, with `what_ifs`; several scenario files; the folders of several runs
                  or comparisons; or scenarios by name. The first is the base
    replications  of each scenario, at least 1; None: 10,000
    seed, block   as in `sim.run`; None: 1 and 16. Runs and comparisons are simulated again with the replications, seed
                  and block that they have, and must agree in them
    what_ifs      ``NAME: PATH=VALUE; PATH=VALUE``, each a variant
    engine, workers  as in `sim.run`; results do not depend on them
    out           the comparison's folder; None: ``results/<name of the file>/<comparison id>``
    save          False: nothing is written
    why           trace a sample of the replications that changed, and say where they part
    fresh         do it again even if it was done before

    Raises `ScenarioErrors` and `RunRefused` before anything is written (different clocks, runs of different seeds, more
    replications than memory holds), `RunFailed` when the work fails, `RunInterrupted` on an interrupt: nothing is kept
    then.
    """
    from sim.scenario.compiler import compile_scenario

    tell = stage or (lambda _: None)
    tell("compiling")
    variants, replications, seed, block = _asked(what, what_ifs, replications, seed, block)
    programs = {name: compile_scenario(scenario, block) for name, scenario in variants.scenarios.items()}
    check_comparable(programs)
    check_memory(programs, replications)
    manifest = _manifest(variants, {n: p.sha256 for n, p in programs.items()}, seed, replications, block, why)
    path = folder_meant(out) if out is not None else RESULTS / variants.stem / _folder_name(manifest)
    if save and store.find_same(path, manifest, IDENTITY, fresh=fresh):
        found = open_comparison(path)
        store.drop_damaged_pictures(path, found.manifest)
        return replace(found, reused=True)
    with making(path) if save else nullcontext() as hidden:
        paired = run_paired(
            programs,
            replications,
            seed,
            engine=engine,
            workers=workers,
            progress=progress,
            stage=tell,
        )
        made = _finished(paired, variants, manifest, path if save else None, why, tell, progress)
        if hidden is not None:
            with store.written_to(path):
                _write(made, hidden, why)
    return made


def _asked(
    what: str | Path | Sequence[str | Path] | Mapping[str, Scenario],
    what_ifs: Sequence[str],
    replications: int | None,
    seed: int | None,
    block: int | None,
) -> tuple[Variants, int, int, int]:
    """What is compared, and the replications, seed and block: those given, else those of the runs, else the usual."""
    if not isinstance(what, Mapping):
        paths = [Path(what)] if isinstance(what, str | Path) else [Path(one) for one in what]
        if any(is_record(path) for path in paths):
            found = load_recorded(paths, what_ifs)
            for name, wish in (("replications", replications), ("seed", seed), ("block", block)):
                if wish is not None and wish != (its := getattr(found, name)):
                    raise RunRefused(f"{name}: {wish} is not that of {paths[0]}, {its}; leave it out")
            return found.variants, found.replications, found.seed, found.block
    if block is not None and (isinstance(block, bool) or not isinstance(block, int) or not 1 <= block <= 1 << 20):
        raise RunRefused(f"block: {block!r} is out of range; expected a whole number from 1 to 2^20")
    return (
        load_variants(what, what_ifs),
        REPLICATIONS if replications is None else replications,
        SEED if seed is None else seed,
        BLOCK if block is None else block,
    )


IDENTITY = ("format", "kind", "base", "hashes", "seed", "replications", "block", "why", "openlines")
"""What two comparisons agree in if they are the same."""


def open_comparison(folder: str | Path) -> Comparison:
    """A comparison from its folder. Raises RunRefused where there is none, or it is damaged."""
    path = Path(folder)
    manifest = store.read_manifest(path, KIND)
    try:
        result = compared_from(store.read_listed_json(path, manifest, store.COMPARISON))
        listed = store.WHY in manifest["files"]
        why = why_from(store.read_listed_json(path, manifest, store.WHY)) if listed else {}
    except (KeyError, TypeError, AttributeError) as error:
        raise ResultsDamaged(f"{path} is damaged: {error}; make the comparison again") from error
    return Comparison(manifest, result, why, path)


def _finished(
    paired: Paired,
    variants: Variants,
    manifest: dict[str, Any],
    path: Path | None,
    why: bool,
    tell: Stage,
    progress: Progress | None,
) -> Comparison:
    tell("comparing")
    titles = {name: scenario.title for name, scenario in variants.scenarios.items()}
    result = compare_paired(paired, titles, variants.warnings)
    curves = paired_curves(paired)
    reasons: dict[str, Why] = {}
    if why:
        tell("tracing")
        reasons = explain_all(paired, variants.scenarios, result, progress)
        for name, one in reasons.items():
            if one.changed and name in variants.of_settings:
                some, changes = variants.of_settings[name], variants.changes[name]
                reasons[name] = replace(one, settings=shares_of(paired, name, changes, some, one.column))
    manifest |= {"engine": paired.engine, "start": result.start.isoformat(), "horizon_seconds": result.horizon}
    manifest["run"]["finished"] = now()
    return Comparison(manifest, result, reasons, path, False, curves, variants.scenarios)


def _write(made: Comparison, folder: Path, why: bool) -> None:
    """Write all files of a comparison into a folder that is there."""
    write_json(folder / store.COMPARISON, made.result.as_dict())
    if why:
        write_json(folder / store.WHY, {name: one.as_dict() for name, one in made.why.items()})
    _write_curves(folder / store.CURVES, made.curves)
    store.list_files(folder, made.manifest)


def _manifest(
    variants: Variants, hashes: Mapping[str, str], seed: int, replications: int, block: int, why: bool
) -> dict[str, Any]:
    from sim.scenario.resolve import dump
    from sim.version import __version__

    scenarios = {
        name: {
            "title": scenario.title,
            "sha256": hashes[name],
            "changes": list(variants.changes.get(name, ())),
            "resolved": dump(scenario),
        }
        for name, scenario in variants.scenarios.items()
    }
    return {
        "format": FORMAT,
        "kind": KIND,
        "base": next(iter(scenarios)),
        "hashes": dict(hashes),
        "seed": seed,
        "replications": replications,
        "block": block,
        "why": why,
        "openlines": __version__,
        "scenarios": scenarios,
        "warnings": list(variants.warnings),
        "files": {},
        "run": store.origin(),
    }


def _folder_name(manifest: Mapping[str, Any]) -> str:
    """The same for the same comparison: ``seed1-n10000-`` and eight hexadecimal digits."""
    text = json.dumps({key: manifest[key] for key in IDENTITY}, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"seed{manifest['seed']}-n{manifest['replications']}-{digest}"


def _write_curves(path: Path, curves: Curves) -> None:
    """A row for each corner of each curve."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts = [
        pa.table(
            {
                "scenario": pa.array([scenario] * len(curve.ends)),
                "column": pa.array([column] * len(curve.ends)),
                "seconds": curve.ends,
                "survival": curve.survival,
                "low": curve.low,
                "high": curve.high,
            }
        )
        for (scenario, column), curve in curves.items()
    ]
    with replacing(path) as temporary, temporary.open("wb") as file:
        pq.write_table(pa.concat_tables(parts), file, compression="zstd", write_page_checksum=True)


def _read_curves(path: Path) -> dict[tuple[str, str], PairedCurve]:
    """What `_write_curves` wrote. Raises ResultsDamaged where it cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            table = pq.read_table(file, page_checksum_verification=True)
    except (OSError, pa.ArrowException) as error:
        raise ResultsDamaged(f"{path} is damaged: {error}; make the comparison again") from error
    keys = list(zip(table["scenario"].to_pylist(), table["column"].to_pylist(), strict=True))
    cuts = [at for at in range(len(keys)) if at == 0 or keys[at] != keys[at - 1]]
    numbers = [table[name].to_numpy() for name in ("seconds", "survival", "low", "high")]
    return {
        keys[first]: PairedCurve(*(np.asarray(one[first:last]) for one in numbers))
        for first, last in zip(cuts, [*cuts[1:], len(keys)], strict=True)
    }
