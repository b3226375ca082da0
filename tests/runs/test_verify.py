"""A run is verified; whatever is altered in it, even with its checksum, is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import sim
from sim import api
from sim.cli import app
from sim.runs.errors import RunRefused
from sim.runs.files import fingerprint
from sim.runs.store import write_manifest
from tests.runs.test_store import alter, manifest_of
from tests.support import line, scenario

REPLICATIONS = 300
ALL = REPLICATIONS


def written(folder: Path, **how: Any) -> Path:
    """A run with an uncertain number, on the reference engine, in chunks of 256."""
    doubt = line(
        answer={"parameter": "refusal"}, every={"exponential": {"mean": "2 d"}}, delay={"exponential": {"mean": "6 h"}}
    )
    text = scenario({"phone": doubt}, parameters={"refusal": {"prior": {"beta": {"a": 2, "b": 20}}}})
    (folder / "doubt.yaml").write_text(json.dumps(text), encoding="utf-8")
    sim.run(folder / "doubt.yaml", REPLICATIONS, engine="reference", workers=1, out=folder / "run", **how)
    return folder / "run"


def relist(folder: Path, name: str) -> None:
    """Make the manifest list the file as it is now."""
    manifest = manifest_of(folder)
    manifest["files"][name] = fingerprint(folder / name)
    write_manifest(folder, manifest)


def replace_column(folder: Path, name: str, change: Callable[[list[Any]], None]) -> None:
    path = folder / "first_contact.parquet"
    table = pq.read_table(path)
    values = table[name].to_pylist()
    change(values)
    at = table.column_names.index(name)
    pq.write_table(
        table.set_column(at, table.schema.field(name), pa.array(values, table.schema.field(name).type)), path
    )
    relist(folder, path.name)


def a_second_later(values: list[Any]) -> None:
    at = next(place for place, value in enumerate(values) if value is not None)
    values[at] += 1


def swap_two(values: list[Any]) -> None:
    """The sums stay as they are."""
    one, other = [place for place, value in enumerate(values) if value is not None][:2]
    values[one], values[other] = values[other], values[one]


@pytest.mark.parametrize("how", [{}, {"summary_only": True}, {"until": "P(any) ± 10 %"}])
def test_a_run_that_nobody_touched_is_well(tmp_path: Path, how: dict[str, Any]) -> None:
    found = api.verify(written(tmp_path, **how), ALL)
    assert (found.differences, found.left_out, found.engine) == ((), "", "compiled")
    assert found.sampled == tuple(range(REPLICATIONS))


def test_a_sample_is_as_large_as_asked_for(tmp_path: Path) -> None:
    folder = written(tmp_path)
    found = api.verify(folder, 10)
    assert len(found.sampled) == len(set(found.sampled)) == 10
    assert found == api.verify(folder, 10)
    assert api.verify(folder, 0).sampled == ()
    with pytest.raises(RunRefused, match="sample: -1 is out of range"):
        api.verify(folder, -1)


@pytest.mark.parametrize("summary_only", [False, True])
def test_the_other_engine_is_made_ready_before_it_is_timed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, summary_only: bool
) -> None:
    """Where nothing has been compiled, that takes longer than the sample; and two at once must not both do it."""
    folder, told = written(tmp_path, summary_only=summary_only), list[str]()

    def ready(name: str, tell: Callable[[str], None]) -> None:
        tell(f"compiling {name}")

    monkeypatch.setattr("sim.engines.prepare", ready)
    api.verify(folder, 10, progress=lambda done, total: told.append(f"{done} of {total}"), stage=told.append)
    first, second, third, *_ = told
    assert (first, second) == ("compiling compiled", "running a sample again on the compiled engine")
    assert third.startswith("0 of ")
    told.clear()
    api.verify(folder, 0, stage=told.append)
    assert told == []


def test_of_a_run_without_rows_whole_chunks_are_run_again(tmp_path: Path) -> None:
    found = api.verify(written(tmp_path, summary_only=True), 10)
    assert found.sampled == tuple(range(256, REPLICATIONS))


def test_an_altered_file_is_named(tmp_path: Path) -> None:
    folder = written(tmp_path)
    alter(folder / "summary.json")
    (folder / "sums.npz").unlink()
    found = api.verify(folder).differences
    assert sorted(words.split(":")[0] for words in found) == ["summary.json", "sums.npz"]


def test_an_altered_cell_with_its_checksum_is_found(tmp_path: Path) -> None:
    folder = written(tmp_path)
    replace_column(folder, "line:phone", a_second_later)
    found = "\n".join(api.verify(folder, ALL).differences)
    assert "the rows of line:phone do not add up to the sums" in found
    assert "line:phone: second" in found


def test_two_cells_that_change_places_are_found_when_sampled(tmp_path: Path) -> None:
    folder = written(tmp_path)
    replace_column(folder, "any", swap_two)
    found = api.verify(folder, ALL).differences
    assert len([words for words in found if words.startswith("replication ")]) == 2
    assert api.verify(folder, 0).differences == found[:-2]


def test_an_altered_parameter_is_found_when_sampled(tmp_path: Path) -> None:
    folder = written(tmp_path)

    def nudge(values: list[Any]) -> None:
        values[7] += 1e-12

    replace_column(folder, "param:parameters.refusal", nudge)
    assert api.verify(folder, 0).differences == ()
    (found,) = api.verify(folder, ALL).differences
    assert found.startswith("replication 7, param:parameters.refusal: ")


def test_an_altered_summary_with_its_checksum_is_found(tmp_path: Path) -> None:
    folder = written(tmp_path)
    path = folder / "summary.json"
    summary = json.loads(path.read_text(encoding="utf-8"))
    summary["first_side"]["A"] += 0.001
    path.write_text(json.dumps(summary), encoding="utf-8")
    relist(folder, path.name)
    assert api.verify(folder, 0).differences == ("summary.json: not what the sums say, in first_side",)


def test_a_chunk_that_the_other_engine_sees_differently_is_found(tmp_path: Path) -> None:
    folder = written(tmp_path, summary_only=True)
    manifest = manifest_of(folder)
    (entry,) = manifest["run"]["chunks"][1]["files"].values()
    entry["sha256"] = "0" * 64
    write_manifest(folder, manifest)
    (found,) = api.verify(folder, 1).differences
    assert found.startswith("replications 256 to 299: their sums on the compiled engine")


def test_what_cannot_be_run_again_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(tmp_path)
    monkeypatch.setattr("sim.version.__version__", "0.0.other")
    found = api.verify(folder)
    assert (found.differences, found.sampled) == ((), ())
    assert found.left_out == f"it was made by openlines {manifest_of(folder)['openlines']}, and this is 0.0.other"


def test_the_command_says_what_it_saw_and_what_differs(tmp_path: Path) -> None:
    folder = written(tmp_path)
    well = CliRunner().invoke(app, ["verify", str(folder), "--sample", "5"])
    assert well.exit_code == 0
    assert "5 replications, equal to the bit" in well.stdout
    replace_column(folder, "line:phone", a_second_later)
    ill = CliRunner().invoke(app, ["verify", str(folder)])
    assert ill.exit_code == 1
    assert "line:phone" in ill.stderr
    assert "Traceback" not in ill.stderr
    assert CliRunner().invoke(app, ["verify", str(tmp_path / "nothing")]).exit_code == 2
