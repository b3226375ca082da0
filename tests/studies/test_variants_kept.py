"""Runs and comparisons as what is compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim import api
from sim.runs.errors import RunRefused
from sim.runs.store import write_manifest
from sim.studies.compare import compare
from tests.crisis import LINES, enter
from tests.support import scenario, text

MORE, LESS = "lines.p.answer=0.6", "lines.p.answer=0.1"
N = 100


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    enter(tmp_path, monkeypatch)
    ran("a")
    return tmp_path


def ran(out: str, *overrides: str, **keys: object) -> str:
    settings = {"replications": N, "seed": 7, "engine": "reference"} | keys
    api.run("crisis.yaml", out=out, overrides=overrides, **settings)  # type: ignore[arg-type]
    return out


def test_runs_are_compared_as_their_scenarios_are(folder: Path) -> None:
    found = compare(["a", ran("b", MORE)], save=False, why=False)
    same = compare("crisis.yaml", N, 7, what_ifs=[f"b: {MORE}"], save=False, why=False)
    assert (found.result.seed, found.result.replications) == (7, N)
    assert found.result.scenarios == ("a", "b")
    ours, its = found.result.columns["any"].contrasts, same.result.columns["any"].contrasts
    assert {name: one["b"] for name, one in ours.items()} == {name: one["b"] for name, one in its.items()}
    named = compare([Path("a/manifest.json"), "b"], save=False, why=False)
    assert named.result == found.result


def test_runs_keep_the_draws_that_they_used(folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    uncertain = LINES | {"q": LINES["q"] | {"answer": {"prior": {"beta": [2, 8]}}}}
    (folder / "crisis.yaml").write_text(text(scenario(uncertain, posterior="draws.parquet")), encoding="utf-8")
    pq.write_table(pa.table({"lines.q.answer": [0.1, 0.2, 0.9]}), folder / "draws.parquet")
    for out, change in (("c", LESS), ("d", MORE)):
        ran(out, change)
    same = compare("crisis.yaml", N, 7, what_ifs=[f"c: {LESS}", f"d: {MORE}"], save=False, why=False)
    kept = compare("crisis.yaml", N, 7, what_ifs=[f"d: {MORE}"], why=False, out="kept")
    (folder / "draws.parquet").unlink()
    found = compare(["c", "d"], save=False, why=False).result.columns["line:q"].estimates["probability"]
    assert found == {name: same.result.columns["line:q"].estimates["probability"][name] for name in ("c", "d")}
    assert kept.folder is not None
    with pytest.raises(RunRefused, match="kept: 'base' takes its numbers from a table that a comparison does not keep"):
        compare(["kept", "c"])


def test_comparisons_bring_all_their_variants(folder: Path) -> None:
    for out, change in (("one", MORE), ("two", LESS)):
        compare("crisis.yaml", N, 7, what_ifs=[f"{out}: {change}"], out=out, why=False)
    found = compare(["one", "two"], save=False, why=False)
    same = compare("crisis.yaml", N, 7, what_ifs=[f"one: {MORE}", f"two: {LESS}"], save=False, why=False)
    assert found.result.columns == same.result.columns
    assert compare(["one", "a"], save=False, why=False).result.scenarios == ("base", "one", "a")


def test_runs_of_one_name_are_called_by_their_paths(folder: Path) -> None:
    ran("sub/a", MORE)
    assert compare(["a", "sub/a"], save=False, why=False).result.scenarios == ("a", "sub/a")


def test_what_another_version_made_is_told(folder: Path) -> None:
    manifest = json.loads(Path(ran("old", MORE), "manifest.json").read_text())
    write_manifest(Path("old"), manifest | {"openlines": "0.0.1"})
    assert (
        "old was made by openlines 0.0.1, and is simulated again"
        in compare(["a", "old"], save=False).result.warnings[0]
    )


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"seed": 8}, "a has seed 7, b has seed 8; they are paired only where"),
        ({"replications": 50}, "a has 100 replications, b has 50 replications; they are"),
        ({"block": 8}, "a has blocks of 16 replications, b has blocks of 8 replications; they are"),
        ({"overrides": ("clock.end=2022-01-20",)}, "only scenarios with the same clock can be compared"),
    ],
)
def test_runs_that_share_no_replications_are_refused(folder: Path, keys: dict[str, object], words: str) -> None:
    ran("b", *keys.pop("overrides", ()), **keys)  # type: ignore[misc]
    with pytest.raises(RunRefused) as refused:
        compare(["a", "b"])
    assert words in str(refused.value)
    assert not Path("results").exists()


def test_folders_that_hold_nothing_to_compare_are_refused(folder: Path) -> None:
    (folder / "empty").mkdir()
    ran("half")
    manifest = json.loads(Path("half/manifest.json").read_text())
    write_manifest(Path("half"), manifest | {"status": "incomplete"})
    for name, content in (("bad", "{"), ("odd", '{"kind": "sweep"}'), ("torn", '{"kind": "comparison", "files": {}}')):
        (folder / name).mkdir()
        (folder / name / "manifest.json").write_text(content)
    (folder / "swept").mkdir()
    write_manifest(folder / "swept", manifest | {"kind": "sweep"})
    compare("crisis.yaml", N, 7, what_ifs=[f"a: {MORE}"], out="other", why=False)
    cases = (
        (["a", "crisis.yaml"], (), "a is the folder of a run and crisis.yaml is not; compare runs with runs"),
        (["a"], (), "a alone is nothing to compare; give the folder of another run too"),
        (["a", "a"], (), "a is given twice"),
        (["a", "half"], (), "half is incomplete; give the command that began it again"),
        (["a", "empty"], (), "empty holds no manifest.json; expected a scenario file, or the folder of a run"),
        (["a", "bad"], (), "bad/manifest.json cannot be read"),
        (["a", "odd"], (), "odd/manifest.json is not the manifest of a run or comparison"),
        (["a", "torn"], (), "torn/manifest.json is not the manifest of a run or comparison"),
        (["a", "swept"], (), "swept is the folder of a sweep; expected that of a run or comparison"),
        (["a", "other"], (), "'a' of a is not 'a' of other"),
        (["a", "half"], ("x: lines.p.answer=1",), "--what-if goes with a scenario; a is a folder"),
    )
    for what, what_ifs, words in cases:
        with pytest.raises(RunRefused) as refused:
            compare(what, what_ifs=what_ifs)
        assert words in str(refused.value)
    ran("b", MORE)
    for name, wish in (("seed", 8), ("replications", 99), ("block", 4)):
        with pytest.raises(RunRefused, match=f"{name}: {wish} is not that of a, "):
            compare(["a", "b"], **{name: wish})  # type: ignore[arg-type]
    assert not Path("results").exists()
