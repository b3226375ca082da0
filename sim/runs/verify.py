"""Verification of result folders: checksums; of runs also sums against rows, and a sample on the other engine."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.runs.chunks import read_arrays, simulate, write_arrays
from sim.runs.errors import ResultsDamaged, RunFailed
from sim.runs.spec import RunSpec, recorded_seconds
from sim.runs.store import (
    MANIFEST,
    SUMMARY,
    SUMS,
    TIMES,
    Manifest,
    complete_manifest,
    differences,
    is_sealed,
    parse_manifest,
    scenario_of,
)
from sim.runs.tables import count_rows
from sim.scenario.errors import quoted
from sim.stats.first_contact import FirstContact, count_times
from sim.stats.precision import looks, read_precision, until_again
from sim.stats.summary import summarise
from sim.stats.totals import Totals, column_times, interval_unit, to_arrays

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario

OTHER = {"compiled": "reference", "reference": "compiled"}
MOST_TOLD = 20
"""Differences that are listed; there may be more of them."""

Progress = Callable[[int, int], None]
Stage = Callable[[str], None]


@dataclass(frozen=True)
class Verification:
    """What was looked at, and what was wrong.

    files        names of the files whose checksums were compared
    sampled      replications that were run again, in order
    engine       the engine that ran them: the other one than that of the run; empty where none were
    left_out     why nothing was run again, if so
    differences  what is not as it should be, at most `MOST_TOLD`; empty where all is well
    """

    files: tuple[str, ...]
    sampled: tuple[int, ...]
    engine: str
    left_out: str
    differences: tuple[str, ...]


def job_of(scenario: Scenario, manifest: Manifest) -> RunSpec:
    """The job of a run that is kept, whose scenario is that of its manifest."""
    from sim.scenario.compiler import compile_scenario
    from sim.version import __version__

    program = compile_scenario(scenario, manifest["block"])
    resolved = manifest["scenario"]["resolved"]
    until, size = manifest.get("until"), manifest["replications"]
    precision = None
    if until is not None:
        size = until["at_most"]
        precision = read_precision(until["precision"], program.columns, program.horizon)
    reasons = {line.name: tuple(line.unanswered) for line in scenario.lines}
    keep, engine, seed = manifest["first_contact_times"], manifest["engine"], manifest["seed"]
    recorded = recorded_seconds(scenario)
    return RunSpec(
        program, resolved, reasons, seed, size, engine, keep, __version__, until=precision, recorded=recorded
    )


def verify_scenarios(folder: Path, manifest: Manifest) -> tuple[str, ...]:
    """What is wrong with the resolved scenarios in a manifest: one that cannot be read, or that is not the scenario
    which the checksum beside it names. One whose table of draws is not kept is left out."""
    from sim.scenario.compiler import sha256_of
    from sim.scenario.errors import ScenarioErrors

    kept = {"": manifest["scenario"]} if "scenario" in manifest else manifest["scenarios"]
    found = []
    for name, one in kept.items():
        which = f"scenario {quoted(name)}" if name else "scenario"
        try:
            scenario = scenario_of(folder, manifest, name)
            if (scenario.posterior is None or scenario.draws is not None) and sha256_of(scenario) != one["sha256"]:
                found.append(f"{MANIFEST}: its {which} is not the one that the checksum there names")
        except (ScenarioErrors, ResultsDamaged) as error:
            found.append(f"{MANIFEST}: its {which} cannot be read: {error}")
    return tuple(found)


def verify_folder(folder: Path, sample: int, progress: Progress, stage: Stage) -> Verification:
    """Check a complete result folder: see `sim.api.verify`."""
    from sim.version import __version__

    manifest = parse_manifest(folder)
    wrong: list[str] = []
    if not is_sealed(manifest):
        wrong.append(f"{MANIFEST}: not what was written (its own checksum differs)")
    elif manifest["kind"] == "run":
        complete_manifest(folder)
    names, same = tuple(manifest["files"]), manifest.get("openlines") == __version__
    # In a damaged manifest any key may be missing.
    with contextlib.suppress(KeyError, TypeError, AttributeError) if wrong else contextlib.nullcontext():
        wrong += differences(folder, manifest)
        wrong += verify_scenarios(folder, manifest) if same else ()
    if wrong:
        left = "its files are not those that were written"
        return Verification(names, (), "", left, tuple(wrong[:MOST_TOLD]))
    if not same:
        left = f"it was made by openlines {manifest['openlines']}, and this is {__version__}"
        return Verification(names, (), "", left, ())
    if manifest["kind"] != "run":
        return Verification(names, (), "", f"a {manifest['kind']} keeps no row for each replication", ())
    return verify_numbers(folder, job_of(scenario_of(folder, manifest), manifest), manifest, sample, progress, stage)


def verify_numbers(
    folder: Path, job: RunSpec, manifest: Manifest, sample: int, progress: Progress, stage: Stage
) -> Verification:
    """Compare the summary with the sums, the rows with the sums, and a sample with the other engine.

    sample  replications to run again, at least; 0: none
    stage   told of what is waited for, once anything is run again

    A run that kept its summary only has no rows. Whole chunks of it are run again, and their sums compared.
    """
    from sim.engines import prepare

    names = tuple(manifest["files"])
    wrong = list(_check_sums(folder, job))
    engine, again = OTHER[job.engine], replace(job, engine=OTHER[job.engine])
    sampled: tuple[int, ...] = ()
    if sample > 0:
        prepare(engine, stage)
        stage(f"running a sample again on the {engine} engine")
    if sample > 0 and job.keep_times:
        sampled = _choose(manifest, sample)
        wrong += _check_rows(folder, again, sampled, progress)
    elif sample > 0:
        chunks = _choose_chunks(manifest, sample)
        sampled = tuple(number for chunk, _ in chunks for number in chunk)
        wrong += _check_chunks(again, chunks, progress)
    return Verification(names, sampled, engine if sampled else "", "", tuple(wrong[:MOST_TOLD]))


def _check_sums(folder: Path, job: RunSpec) -> Iterator[str]:
    try:
        totals = read_arrays(folder / SUMS)
        kept: dict[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    except (RunFailed, OSError, ValueError) as error:
        yield f"{SUMS} or {SUMMARY} cannot be read: {error}"
        return
    try:
        rows = count_rows(folder / TIMES, totals) if job.keep_times else None
        found = summarise(job.program, totals, job.seed, job.engine, job.reasons, rows)
    except ValueError as error:
        yield f"{TIMES}: its rows do not add up to the sums ({error})"
        return
    if job.until is not None:
        at, column = looks(job.replications, job.program.block), totals.columns[job.until.column]
        found["until"] = until_again(job.until, at, kept.get("until"), column)
    if json.loads(json.dumps(found)) != kept:
        keys = [key for key in found if json.loads(json.dumps(found[key])) != kept.get(key)]
        yield f"{SUMMARY}: not what the sums say, in {', '.join(keys) or 'keys that it should not have'}"
    if job.keep_times:
        columns = _count_rows(folder / TIMES, job, totals)
        for name, column in totals.columns.items():
            if name not in columns or not columns[name].same_as(column):
                yield f"{TIMES}: the rows of {name} do not add up to the sums"


def _count_rows(path: Path, job: RunSpec, totals: Totals) -> dict[str, FirstContact]:
    """The columns of the table, summed up; a row group and more at a time, in whole blocks."""
    import pyarrow.parquet as pq

    unit = interval_unit(job.program)
    names = list(totals.columns)
    found: dict[str, FirstContact] = {}
    waiting = np.zeros((0, len(names)), np.int64)
    with path.open("rb") as opened, pq.ParquetFile(opened) as file:
        for group in range(file.num_row_groups):
            waiting = np.concatenate([waiting, _seconds(file.read_row_group(group, names), names)])
            last = group == file.num_row_groups - 1
            whole = len(waiting) if last else len(waiting) // unit * unit
            for index, name in enumerate(names):
                # A time past the horizon is no time that a run could have.
                times = np.minimum(waiting[:whole, index], job.program.horizon - 1)
                part = count_times(times, job.program.horizon, unit, job.exact_at)
                found[name] = found[name].merge(part) if name in found else part
            waiting = waiting[whole:]
    return found


def _seconds(table: Any, names: list[str]) -> NDArray[np.int64]:
    return np.stack([table[name].fill_null(-1).to_numpy() for name in names], axis=1)


def _check_rows(folder: Path, job: RunSpec, sampled: tuple[int, ...], progress: Progress) -> Iterator[str]:
    import pyarrow.parquet as pq

    from sim.engines import get

    engine, program = get(job.engine), job.program
    with (folder / TIMES).open("rb") as file:
        table = pq.read_table(file).take(list(sampled))
    names = [column.key for column in program.columns]
    kept = _seconds(table, names)
    parameters = [table[f"param:{path}"].to_numpy() for path in program.uncertain]
    progress(0, len(sampled))
    for place, number in enumerate(sampled):
        batch = engine.simulate(program, job.seed, range(number, number + 1))
        times = column_times(program, batch.first_contact)[0]
        for index in np.flatnonzero(times != kept[place]):
            yield (
                f"replication {number}, {names[index]}: {_second(kept[place, index])} in {TIMES}, "
                f"{_second(times[index])} on the {job.engine} engine"
            )
        for path, values, value in zip(program.uncertain, parameters, batch.parameters[0], strict=True):
            if values[place] != value:
                yield f"replication {number}, param:{path}: {values[place]!r} in {TIMES}, {value!r} drawn again"
        progress(place + 1, len(sampled))


def _check_chunks(job: RunSpec, chunks: list[tuple[range, str]], progress: Progress) -> Iterator[str]:
    done, total = 0, sum(len(chunk) for chunk, _ in chunks)
    progress(0, total)
    for chunk, expected in chunks:
        totals, _ = simulate(job, chunk)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sums.npz"
            write_arrays(path, to_arrays(totals))
            found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != expected:
            yield (
                f"replications {chunk.start} to {chunk.stop - 1}: their sums on the {job.engine} engine are not those "
                "of the run"
            )
        done += len(chunk)
        progress(done, total)


def _choose(manifest: Manifest, sample: int) -> tuple[int, ...]:
    """Replications drawn with the checksum of the table: the same for the same run, and not to be foreseen."""
    number = manifest["replications"]
    draw = random.Random(json.dumps(manifest["files"].get(TIMES)))  # noqa: S311
    return tuple(sorted(draw.sample(range(number), min(sample, number))))


def _choose_chunks(manifest: Manifest, sample: int) -> list[tuple[range, str]]:
    """Chunks with the checksums of their sums, the shortest first, until there are replications enough."""
    found: list[tuple[range, str]] = []
    for note in sorted(manifest["run"]["chunks"], key=lambda note: (note["replications"], note["first"])):
        if sum(len(chunk) for chunk, _ in found) >= sample:
            break
        (entry,) = note["files"].values()
        found.append((range(note["first"], note["first"] + note["replications"]), entry["sha256"]))
    return sorted(found, key=lambda pair: pair[0].start)


def _second(second: int) -> str:
    return "no contact" if second < 0 else f"second {second}"
