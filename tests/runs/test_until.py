"""Runs until a precision: where they stop, what they leave, and that they can be continued."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import sim
from sim.api import run_in_folder
from sim.engines.contract import Batch
from sim.runs.errors import RunInterrupted, RunRefused
from sim.runs.spec import RunSpec
from sim.scenario.program import Program
from sim.stats.intervals import LEVEL
from sim.stats.precision import read_precision
from tests.runs.fake import HORIZON_SECONDS, Lookup, contents, job
from tests.runs.test_store import manifest_of

ROOT = Path(__file__).parents[2]
MINIMAL = ROOT / "scenarios" / "minimal.yaml"
WIDE = "P(line:one within 2 h) ± 0.03"


def until(text: str = WIDE, most: int = 4096, *, uncertain: bool = False, keep_times: bool = True) -> RunSpec:
    of = job(most, uncertain=uncertain, keep_times=keep_times)
    return replace(of, until=read_precision(text, of.program.columns, HORIZON_SECONDS))


def summary_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("keep_times", [True, False])
@pytest.mark.parametrize("uncertain", [True, False])
def test_a_run_stops_at_the_look_that_is_precise_enough(
    tmp_path: Path, lookup: Lookup, uncertain: bool, keep_times: bool
) -> None:
    of = until(uncertain=uncertain, keep_times=keep_times)
    done = run_in_folder(of, tmp_path / "run", 1)
    found = done.summary["until"]
    assert found["reached"]
    sizes = [look["replications"] for look in found["looks"]]
    assert sizes == [1008, 2000][: len(sizes)]
    widths = [look["high"] - look["low"] for look in found["looks"]]
    assert [width <= 0.06 for width in widths] == [False] * (len(widths) - 1) + [True]
    assert {key: found["looks"][-1][key] for key in ("low", "high")} == {key: found[key] for key in ("low", "high")}
    assert (found["level"], found["looks_planned"], found["at_most"]) == (LEVEL, 4, 4096)
    assert done.summary["replications"] == sizes[-1] == manifest_of(tmp_path / "run")["replications"]
    manifest = manifest_of(tmp_path / "run")
    assert manifest["until"] == {"precision": of.until.text if of.until else "", "at_most": 4096}
    assert sum(chunk["replications"] for chunk in manifest["run"]["chunks"]) == sizes[-1]
    if keep_times:
        assert done.first_contact().num_rows == sizes[-1]
    schema = json.loads((ROOT / "docs" / "reference" / "summary.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(done.summary, schema)


def test_what_it_found_is_what_a_run_of_that_length_finds(tmp_path: Path, lookup: Lookup) -> None:
    stopped = run_in_folder(until(), tmp_path / "until", 1)
    fixed = run_in_folder(job(stopped.summary["replications"], uncertain=False), tmp_path / "fixed", 1)
    assert {key: value for key, value in stopped.summary.items() if key != "until"} == fixed.summary
    one, other = contents(tmp_path / "until"), contents(tmp_path / "fixed")
    # The sums of the run that stopped have P(T <= 2 h) apart.
    assert {name for name in one if one[name] != other[name]} == {"summary.json", "sums.npz"}


@pytest.mark.parametrize("text", ["P(line:one within 2 h) ± 0.0001", "p90 of line:three ± 1 h"])
def test_a_precision_out_of_reach_goes_to_the_most_there_may_be(tmp_path: Path, lookup: Lookup, text: str) -> None:
    done = run_in_folder(until(text), tmp_path / "run", 1)
    assert not done.summary["until"]["reached"]
    assert done.summary["replications"] == 4096
    assert len(done.summary["until"]["looks"]) == done.summary["until"]["looks_planned"] == 4


def test_it_is_found_and_not_run_again(tmp_path: Path, lookup: Lookup) -> None:
    run_in_folder(until(), tmp_path / "run", 1)
    lookup.spec.clear()
    assert run_in_folder(until(), tmp_path / "run", 1).reused
    assert lookup.spec == []


def test_an_interrupted_one_is_continued_to_the_same_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lookup: Lookup
) -> None:
    run_in_folder(until(), tmp_path / "whole", 1)

    class Interrupting(Lookup):
        def simulate(self, program: Program, seed: int, replications: range) -> Batch:
            if replications.start >= 700:
                raise KeyboardInterrupt
            return super().simulate(program, seed, replications)

    with monkeypatch.context() as patch:
        patch.setattr("sim.engines.get", lambda name: Interrupting())
        with pytest.raises(RunInterrupted, match="768 of 4096 replications are kept"):
            run_in_folder(until(), tmp_path / "cut", 1)
    lookup.spec.clear()
    run_in_folder(until(), tmp_path / "cut", 1)
    assert min(asked.start for asked in lookup.spec) == 768
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")


def test_its_folder_is_that_of_no_other_run(tmp_path: Path, lookup: Lookup) -> None:
    stopped = run_in_folder(until(), tmp_path / "run", 1)
    others = [job(stopped.summary["replications"], uncertain=False), until(most=4000), until("P(any) ± 0.03")]
    for other in others:
        with pytest.raises(RunRefused, match="holds another run"):
            run_in_folder(other, tmp_path / "run", 1)
    assert len({one.run_id() for one in (until(), *others)}) == 4


def test_workers_do_not_change_it(tmp_path: Path) -> None:
    """Chunks of later looks are under way when it stops, and leave nothing."""
    wanted = {"until": "P(any within 3 d) ± 0.01", "replications": 20_000, "engine": "reference"}
    for workers in (1, 2):
        sim.run(MINIMAL, out=tmp_path / str(workers), workers=workers, **wanted)  # type: ignore[arg-type]
    assert 8000 < summary_of(tmp_path / "1")["replications"] < 20_000
    assert contents(tmp_path / "1") == contents(tmp_path / "2")


def test_in_memory_it_is_the_same(tmp_path: Path) -> None:
    wanted = {"until": "median ± 2 d", "replications": 4000, "engine": "reference"}
    kept = sim.run(MINIMAL, out=tmp_path / "run", **wanted)  # type: ignore[arg-type]
    held = sim.run(MINIMAL, save=False, **wanted)  # type: ignore[arg-type]
    assert held.summary == kept.summary
    assert held.totals.same_as(kept.totals)
    assert held.first_contact().equals(kept.first_contact())


def test_nonsense_is_refused_and_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(
        RunRefused,
        match=r"until: 'line:envoy' .*; did you mean 'line:envoy-minister'\?",
    ):
        sim.run(MINIMAL, until="median of line:envoy ± 1 h", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
