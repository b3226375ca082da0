"""What is compared, what comes out, and what is kept."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim import api
from sim.report.figures.comparison import curves_figure, differences_figure, draw_comparison
from sim.report.style import context
from sim.runs.errors import ResultsDamaged, RunFailed, RunRefused
from sim.runs.execute import workers_as_copies
from sim.runs.files import making, write_json
from sim.runs.reuse import share_nothing
from sim.runs.store import list_files
from sim.scenario.errors import ScenarioErrors
from sim.studies import contrasts
from sim.studies.compare import Comparison, compare, open_comparison
from sim.studies.variants import load_variants
from tests.crisis import SCENARIO, enter, what_if
from tests.report.drawn import overlaps

VARIANTS = """\
  more answers: {lines.p.answer: 0.6}
  nothing: {lines.p.answer: 0.2}
  no q: {lines.q: null, report: null}"""
N = 200
ROOT = str(Path(__file__).parents[2])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return enter(tmp_path, monkeypatch, VARIANTS)


def compared(what: object = "what.yaml", **keys: object) -> Comparison:
    return compare(what, N, **({"save": False, "why": False} | keys))  # type: ignore[arg-type]


def test_a_what_if_file_is_compared(folder: Path) -> None:
    found = compared()
    assert found.result.scenarios == ("base", "more answers", "nothing", "no q")
    assert len(found.result.warnings) == 1
    assert "variant 'nothing' changes nothing" in found.result.warnings[0]
    assert found.changes == {"more answers": ("lines.p.answer=0.6",), "nothing": ("lines.p.answer=0.2",)} | {
        "no q": ("lines.q=null", "report=null")
    }
    column = found.result.columns["line:p"]
    assert (column.contrasts["restricted_mean_seconds"]["more answers"].high or 0) < 0
    assert column.contrasts["restricted_mean_seconds"]["nothing"].high == 0


def test_a_line_that_a_variant_lacks_is_said_to_be_absent(folder: Path) -> None:
    column = compared().result.columns["line:q"]
    assert column.absent == ("no q",)
    assert list(column.contrasts["probability"]) == ["more answers", "nothing"]
    assert [rank.scenario for rank in column.ranking] == ["base", "more answers", "nothing"]


def test_a_line_that_only_a_variant_has_has_no_differences(folder: Path) -> None:
    what = load_variants("what.yaml").scenarios
    turned = {"few": what["no q"], "both": what["base"]}
    column = compared(turned).result.columns["line:q"]
    assert (column.absent, dict(column.contrasts), column.ranking) == (("few",), {}, ())
    assert list(column.estimates["probability"]) == ["both"]


def test_options_are_variants_too(folder: Path) -> None:
    options = ("more answers: lines.p.answer=0.6", "both: lines.p.answer=0.6; lines.q.answer=0.5")
    found = compared("crisis.yaml", what_ifs=options)
    same = compared().result.columns["line:p"].contrasts["attempts"]["more answers"]
    one = found.result.columns["line:p"].contrasts["attempts"]["more answers"]
    assert (one.estimate, one.low, one.high) == (same.estimate, same.low, same.high)
    assert found.changes["both"] == ("lines.p.answer=0.6", "lines.q.answer=0.5")


def test_several_files_are_compared_by_their_names(folder: Path) -> None:
    (folder / "other.yaml").write_text(SCENARIO.replace("0.2", "0.3"), encoding="utf-8")
    (folder / "sub").mkdir()
    (folder / "sub" / "crisis.yaml").write_text(SCENARIO.replace("0.2", "0.4"), encoding="utf-8")
    assert compared(["crisis.yaml", "other.yaml"]).result.scenarios == ("crisis", "other")
    assert compared(["crisis.yaml", "sub/crisis.yaml"]).result.scenarios == ("crisis.yaml", "sub/crisis.yaml")


def test_estimates_are_those_of_the_run_alone(folder: Path) -> None:
    from sim import api

    run = api.run("crisis.yaml", N, save=False).summary
    found = compared().result
    for name, told in run["first_contact"].items():
        estimates = found.columns[name].estimates
        assert estimates["probability"]["base"].as_dict().items() <= told["probability"].items()
        assert estimates["median_seconds"]["base"].as_dict() == told["median_seconds"]
        assert estimates["within_7d"]["base"].estimate == told["within"]["7 d"]
        assert estimates["restricted_mean_seconds"]["base"].estimate == pytest.approx(
            told["restricted_mean_seconds"]["estimate"]
        )
    assert found.columns["line:p"].estimates["attempts"]["base"].estimate == run["lines"]["p"]["attempts"] / N


def test_workers_and_engine_change_nothing(folder: Path) -> None:
    alone, two = compared(workers=1), compared(workers=2)
    assert replace(two.result, engine="") == replace(alone.result, engine="")


def test_files_are_those_of_scenarios_that_are_run_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def files(out: str) -> dict[str, bytes]:
        made = compared(save=True, why=True, out=out).folder
        assert made is not None
        found = {file.name: file.read_bytes() for file in made.iterdir() if file.name != "manifest.json"}
        assert set(found) == {"comparison.json", "why.json", "curves.parquet"}
        return found

    taken = files("taken")
    monkeypatch.setattr("sim.runs.paired.share", share_nothing)
    assert files("whole") == taken


def test_processes_change_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = compared(why=True)
    monkeypatch.setattr(contrasts, "WORTH_SHARING", 1)
    monkeypatch.setattr("sim.runs.execute.processors", lambda: 2)
    with workers_as_copies():
        shared = compared(why=True)
    assert shared.result == alone.result
    assert shared.why == alone.why


def test_uncertain_numbers_make_the_block_the_unit(folder: Path) -> None:
    (folder / "crisis.yaml").write_text(SCENARIO.replace("0.1", '{"prior": {"beta": [2, 8]}}'), encoding="utf-8")
    found = compared().result
    assert found.unit == 16
    one = found.columns["line:q"].contrasts["probability"]["more answers"]
    assert one.same
    # No block of 13 was seen to change: the interval is as wide as 13 replications would leave it.
    assert (one.high or 0) > 0.1


def test_the_picture_of_differences_has_a_key_for_every_sign(folder: Path) -> None:
    with context():
        figure = differences_figure(compared().view, "line:p")
    key = {text.get_text() for text in figure.legends[0].get_texts()}
    assert {"no clear difference from the base", "share of replications with contact sooner", "later"} <= key
    assert [axes.get_xlabel() for axes in figure.axes] == ["days", "percentage points", "share of replications"]
    assert not overlaps(figure)


def test_base_and_variant_are_told_apart_in_grey_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.report.figures.comparison.TOGETHER", 2)
    with context():
        figure = curves_figure(compared().view, "line:p")
    for axes in figure.axes:
        curves = [line for line in axes.lines if str(line.get_gid()).startswith("curve")]
        solid = [line._unscaled_dash_pattern[1] is None for line in curves]  # type: ignore[attr-defined]
        signs = [line.get_marker() for line in axes.lines if line.get_marker() != "None"]
        assert solid == [False, True]
        # Where the two are the same, the dashes lie on top: solid ones would hide them.
        dashed, whole = curves
        assert dashed.get_zorder() > whole.get_zorder()
        assert len(set(signs)) == 2


def test_a_comparison_is_kept_and_found_again(folder: Path) -> None:
    first = compared(save=True, why=True)
    assert first.folder is not None
    api.add_pictures(first.folder, lambda at: draw_comparison(first.view, at, first.why))
    assert first.folder.parent == Path("results/what")
    names = sorted(path.name for path in first.folder.iterdir())
    assert names == ["comparison.json", "curves.parquet", "figures", "manifest.json", "why.json"]
    again = compared(save=True, why=True)
    assert again.reused
    assert again.result == first.result
    assert again.why == first.why
    assert again.manifest == json.loads((first.folder / "manifest.json").read_text())
    for key, curve in first.curves.items():
        assert np.array_equal(curve.survival, again.curves[key].survival)
        assert np.array_equal(curve.ends, again.curves[key].ends)
    assert not [path for path in first.folder.parent.iterdir() if path.name.startswith(".")]
    pictures = {path.stem for path in (first.folder / "figures").glob("*.png")}
    assert {"survival", "survival-any", "differences", "why-01"} <= pictures
    assert set(json.loads((first.folder / "figures" / "alt.json").read_text())) == pictures


def test_a_damaged_comparison_is_made_again_and_another_is_refused(folder: Path) -> None:
    found = compared(save=True, out="here")
    (folder / "here" / "comparison.json").write_text("{}")
    assert not compared(save=True, out="here").reused
    assert open_comparison("here").result == found.result
    with pytest.raises(RunRefused, match="holds another comparison"):
        compared(save=True, out="here", seed=2)
    (folder / "mine").mkdir()
    (folder / "mine" / "notes.txt").write_text("")
    with pytest.raises(RunRefused, match=r"mine holds no manifest\.json: it is not the folder of a comparison"):
        compared(save=True, out="mine")
    with pytest.raises(RunRefused, match="is a file"):
        compared(save=True, out="crisis.yaml/x")


@pytest.mark.parametrize("name", ["comparison.json", "why.json", "curves.parquet", "manifest.json"])
def test_a_changed_bit_is_told_and_mended(folder: Path, name: str) -> None:
    made = compared(save=True, why=True, out="here")
    path = folder / "here" / name
    before = path.read_bytes()
    flipped = bytearray(before)
    flipped[len(before) // 2] ^= 4
    path.write_bytes(flipped)
    with pytest.raises(ResultsDamaged):
        _ = open_comparison("here").curves
    if name == "manifest.json":
        with pytest.raises(ResultsDamaged, match="with the option fresh"):
            compared(save=True, why=True, out="here")
    assert not compared(save=True, why=True, out="here", fresh=name == "manifest.json").reused
    assert open_comparison("here").curves.keys() == made.curves.keys()
    assert name == "manifest.json" or path.read_bytes() == before


def test_pictures_are_added_whole_or_not_at_all(folder: Path) -> None:
    def draw(at: Path) -> None:
        (at / "survival.svg").write_text("<svg/>")

    def fail(at: Path) -> None:
        raise OSError(28, "No space left on device")

    first = compared(save=True, out="here")
    assert not first.has_pictures
    with pytest.raises(RunFailed, match="cannot write the pictures to here: no space is left on the disk"):
        api.add_pictures("here", fail)
    assert open_comparison("here").manifest == first.manifest
    api.add_pictures("here", draw)
    again = compared(save=True, out="here")
    assert (again.reused, again.has_pictures) == (True, True)
    assert "figures/survival.svg" in again.manifest["files"]
    (folder / "here" / "figures" / "survival.svg").write_text("<svg>")
    assert not compared(save=True, out="here").has_pictures
    names = sorted(path.name for path in (folder / "here").iterdir())
    assert names == ["comparison.json", "curves.parquet", "manifest.json"]


def test_a_folder_that_cannot_be_written_is_found_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("sim.studies.compare.run_paired", stop)
    with pytest.raises(RunRefused, match="/proc/x cannot be written: "):
        compared(save=True, out="/proc/x")
    # What was made to try is gone: the next refusal leaves nothing.
    with pytest.raises(ZeroDivisionError):
        compared(save=True, out="a/b/c")
    assert sorted(path.name for path in folder.iterdir()) == ["crisis.yaml", "what.yaml"]


def test_two_processes_do_not_make_one_comparison(folder: Path) -> None:
    with making(folder / "here"), pytest.raises(RunRefused, match="another process is working in here"):
        compared(save=True, out="here")
    assert not compared(save=True, out="here").reused


def test_what_a_killed_comparison_left_is_removed_by_the_next_one(folder: Path) -> None:
    code = (
        "import os, sys; from sim.studies import compare; compare._write_curves = lambda *_: os._exit(9);"
        "compare.compare('crisis.yaml', 100, what_ifs=['x: lines.p.answer=1'], why=False, out=sys.argv[1])"
    )
    killed = subprocess.run([sys.executable, "-c", code, "there"], check=False, env={**os.environ, "PYTHONPATH": ROOT})
    assert killed.returncode == 9
    assert [path.name[:9] for path in folder.iterdir() if path.name.startswith(".")] == [".partial-"]
    compared(save=True, out="here")
    assert sorted(path.name for path in folder.iterdir()) == ["crisis.yaml", "here", "what.yaml"]


def test_a_full_disk_is_a_failure_and_no_wrong_input(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sim.studies.compare.run_paired", lambda *_, **__: pytest.fail("simulated"))
    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(RunFailed, match="cannot write to new: no space is left on the disk"):
        compared(save=True, out="new")


def test_a_folder_may_be_given_by_a_link_or_a_way_through_itself(folder: Path) -> None:
    (folder / "real").mkdir()
    (folder / "link").symlink_to("real")
    (folder / "gone").symlink_to("nowhere")
    assert compared(save=True, out="link").folder == folder / "real"
    (folder / "empty").mkdir()
    assert compared(save=True, out="empty/../empty").folder == folder / "empty"
    with pytest.raises(RunRefused, match="gone can be no folder: No such file"):
        compared(save=True, out="gone")
    assert sorted(path.name for path in folder.iterdir()) == [
        "crisis.yaml",
        "empty",
        "gone",
        "link",
        "real",
        "what.yaml",
    ]
    assert (folder / "link").is_symlink()


def test_a_replication_out_of_range_is_refused(folder: Path) -> None:
    found = compared()
    for number in (-1, 1 << 56):
        with pytest.raises(RunRefused, match=f"replication: {number} is out of range"):
            found.trace("more answers", number)


def test_the_answer_is_in_whole_sentences(folder: Path) -> None:
    first, moved = compared().sentences()[:2]
    assert "of 200 replications, after" in first
    assert moved.startswith("The mean wait was shorter with “more answers” by ")
    assert moved.endswith("exactly the same with “nothing”.")
    alone = compare("crisis.yaml", 1, what_ifs=["a: lines.p.answer=1"], save=False, why=False).sentences()
    assert " of 1 replication, after" in alone[0]


def test_other_files_are_no_comparison(folder: Path) -> None:
    found = compared(save=True)
    assert found.folder is not None
    write_json(found.folder / "comparison.json", {"format": 1})
    list_files(found.folder, found.manifest)
    with pytest.raises(ResultsDamaged, match="is damaged"):
        open_comparison(found.folder)
    (found.folder / "comparison.json").write_text("no JSON")
    list_files(found.folder, found.manifest)
    with pytest.raises(ResultsDamaged, match="cannot be read"):
        open_comparison(found.folder)
    for change, words in (
        ({"kind": "run"}, "is the folder of a run; expected that of a comparison"),
        ({"kind": None}, "is the folder of a None; expected that of a comparison"),
        ({"run": None}, "is not the manifest of a comparison"),
        ({"format": 9}, "has the format 9; this version reads 2"),
    ):
        write_json(found.folder / "manifest.json", found.manifest | change)
        with pytest.raises(RunRefused, match=words):
            open_comparison(found.folder)


def test_tables_and_pictures_for_notebooks(folder: Path) -> None:
    found = compared()
    table = found.to_arrow()
    rows = table.to_pylist()
    columns = sum(len(q) for one in found.result.columns.values() for q in one.contrasts.values())
    assert table.num_rows == columns
    assert rows[0]["column"] == "line:p"
    assert {"base_estimate", "variant_low", "difference_high_all", "difference_p_holm"} <= set(table.column_names)
    assert found.to_pandas().shape == (columns, len(table.column_names))
    assert "<table>" in found._repr_html_()
    assert len(found.sentences()) == 3
    assert len(found.plot().lines) >= 4
    assert found.plot_differences(column="line:p", quantity="probability").get_xlabel().startswith("difference in")
    with pytest.raises(RunRefused, match="'lin:p' is no column; did you mean 'line:p'"):
        found.plot(column="lin:p")
    with pytest.raises(RunRefused, match="'probabilty' is no quantity of any; did you mean 'probability'"):
        found.plot_differences(quantity="probabilty")


@pytest.mark.parametrize(
    ("what", "options", "words"),
    [
        ("crisis.yaml", (), "nothing to compare; give a what-if file"),
        ("what.yaml", ("a: lines.p.answer=1",), "is a what-if file; put the variant into it"),
        (["crisis.yaml", "what.yaml"], ("a: lines.p.answer=1",), "--what-if goes with one scenario"),
        (["crisis.yaml", "crisis.yaml"], (), "crisis.yaml is given twice"),
        ("crisis.yaml", ("lines.p.answer=1",), "expected 'NAME: PATH=VALUE"),
        ("crisis.yaml", ("a:", "b: lines.p.answer=1"), "expected 'NAME: PATH=VALUE"),
        ("crisis.yaml", ("a: lines.p.answer=1", "a: lines.p.answer=0"), "'a': two variants have that name"),
        ("crisis.yaml", ("a: lines.p.answer=1", "a\u200b: lines.p.answer=0"), "looks like 'a'; choose another name"),
        ("crisis.yaml", (f"{'x' * 200}: lines.p.answer=1",), "a name of 200 characters; expected at most 100"),
        ("crisis.yaml", ("base: lines.p.answer=1",), "'base': the base has that name"),
        ("crisis.yaml", ("longer: clock.end=2022-03-01",), "only scenarios with the same clock can be compared"),
        ({}, (), "expected a base and at least one other scenario"),
    ],
)
def test_what_cannot_be_compared_is_refused(folder: Path, what: object, options: tuple[str, ...], words: str) -> None:
    with pytest.raises(RunRefused) as refused:
        compared(what, what_ifs=options, save=True)
    assert words in str(refused.value)
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("variants", "words"),
    [
        ("  a: {lines.pp.answer: 1}", "what.yaml:4:7 variants.a: 'pp' is not in lines; did you mean 'p'?"),
        ("  a: {lines.p.anwser: 1}", "what.yaml:4:7 variants.a: unknown key 'anwser'; did you mean 'answer'?"),
        ("  a: {lines.p.answer: often}", "what.yaml:4:23 variants.a: "),
        ("  a: {lines.p.answer: 1}\n  a: {lines.p.answer: 0}", "what.yaml:5:3 variants.a: "),
        ("  base: {lines.p.answer: 1}", "what.yaml:4:3 variants.base: this name is taken by the base"),
    ],
)
def test_faults_of_a_what_if_file_are_told_with_their_place(folder: Path, variants: str, words: str) -> None:
    (folder / "what.yaml").write_text(what_if(variants), encoding="utf-8")
    with pytest.raises(ScenarioErrors) as refused:
        compared()
    assert words in str(refused.value)


def test_a_base_that_does_not_exist_is_told(folder: Path) -> None:
    (folder / "what.yaml").write_text(what_if(VARIANTS).replace("crisis", "crises"), encoding="utf-8")
    with pytest.raises(ScenarioErrors, match=r"what\.yaml:2:7 base: 'crises\.yaml' is no file"):
        compared()
    with pytest.raises(ScenarioErrors, match=r"nowhere\.yaml: no such file"):
        compared(["nowhere.yaml", "crisis.yaml"])


def test_faults_of_options_are_told_all_at_once(folder: Path) -> None:
    options = ("a: lines.r.answer=1", "b: lines.p.answer=many")
    with pytest.raises(ScenarioErrors) as refused:
        compared("crisis.yaml", what_ifs=options)
    told = str(refused.value).splitlines()
    assert told[0].startswith("--what-if 'a': lines.r.answer=1: 'r' is not in lines")
    assert told[1].startswith("--what-if 'b': lines.p.answer=many: ")


def test_numbers_out_of_range_are_refused(folder: Path) -> None:
    for keys, words in (({"block": 0}, "block: 0"), ({"workers": 0}, "workers: 0"), ({"seed": -1}, "seed: -1")):
        with pytest.raises(RunRefused, match=words):
            compared(**keys)


def test_calibrated_numbers_beside_priors_are_warned_of() -> None:
    scenarios = Path(__file__).parents[2] / "scenarios"
    baseline, rival = scenarios / "us-russia-2022.yaml", scenarios / "us-russia-2022-independent.yaml"
    (warning,) = load_variants([baseline, rival]).warnings
    assert "'us-russia-2022-independent' takes its uncertain numbers from its priors" in warning
    assert "'us-russia-2022' from us-russia-2022.posterior.parquet" in warning
    assert load_variants([baseline, scenarios / "us-russia-2022-daily.yaml"]).warnings == ()
    assert load_variants([baseline, scenarios / "us-russia-2022-closed-form.yaml"]).warnings == ()
    assert load_variants(scenarios / "us-russia-2022-what-ifs.yaml").warnings == ()
