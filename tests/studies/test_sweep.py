"""Sweeps: the same numbers as runs of the points alone, and refusals that name the point."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim import api
from sim.runs.errors import RunRefused
from sim.scenario.errors import ScenarioErrors
from sim.stats.outcomes import Outcome
from sim.studies import sweep as module
from sim.studies.sweep import SweepResult, sweep
from tests.studies.poisson import DAY, HORIZON, contact, human, write

N = 160


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sweep")


@pytest.fixture(scope="module")
def file(folder: Path) -> Path:
    written = human(report={"groups": {"two": ["p", "q"]}})
    written["lines"]["r"]["answer"] = {"prior": {"beta": [2, 5]}}
    return write(folder, written)


@pytest.fixture(scope="module")
def found(file: Path) -> SweepResult:
    vary = ["lines.p.answer=0.1:0.3:3", "lines.q.every=1 d,{exponential: {mean: 3 d}}"]
    return sweep(file, vary, N, 5, by="10 d", engine="reference")


@pytest.mark.parametrize("at", range(6))
def test_every_point_is_a_run_of_its_own_to_the_bit(found: SweepResult, file: Path, at: int) -> None:
    point = found.points[at]
    settings = [f"{axis.path}={value}" for axis, value in zip(found.axes, point.values, strict=True)]
    run = api.run(file, N, 5, overrides=settings, engine="reference", save=False)
    assert point.sha256 == run.manifest["scenario"]["sha256"]
    assert dict(point.first_contact) == {name: run.summary["first_contact"][name] for name in ("any", "group:two")}
    for column, summary in point.first_contact.items():
        wait = point.results[Outcome(column)].estimate
        assert wait.as_dict() == pytest.approx(summary["restricted_mean_seconds"], rel=1e-12)


def test_points_run_in_order_the_last_axis_fastest(found: SweepResult) -> None:
    p, q = (axis.values for axis in found.axes)
    assert p == ("0.1", "0.2", "0.3")
    assert [point.values for point in found.points] == [(one, other) for one in p for other in q]


def test_the_value_of_the_file_differs_from_it_by_nothing(file: Path) -> None:
    found = sweep(file, "lines.p.answer=0.1,0.2", N, engine="reference")
    assert found.own == (("0.2", 0.2),)
    for outcome, result in found.points[1].results.items():
        assert result.difference.estimate == 0
        assert result.estimate == found.as_is[outcome]
    assert all(result.difference.estimate for result in found.points[0].results.values())


def test_a_group_outside_what_is_varied_stays_as_it_is(file: Path) -> None:
    found = sweep(file, "lines.r.answer=0.1,0.9", N, of=["two"], engine="reference")
    for point in found.points:
        assert [result.difference.estimate for result in point.results.values()] == [0, 0]


def test_probabilities_are_those_of_the_closed_form(folder: Path) -> None:
    """At 2,000 replications a fifth of the step between points would be seen."""
    path = write(folder, human(), "plain.yaml")
    found = sweep(path, "lines.p.answer=0.1:0.5:3", 2000, by="10 d", of=["p"], engine="compiled")
    for place, point in zip(found.axes[0].places, found.points, strict=True):
        one = point.results[Outcome("line:p", 10 * DAY)].estimate
        exact = 1 - (1 - contact(["p"], 10 * DAY)) ** (place / 0.2)
        assert one.low is not None
        assert one.high is not None
        assert abs((one.estimate or 0) - exact) <= 4.5 * (one.high - one.low) / 2 / 1.96


def test_dates_can_be_varied_and_a_record_that_they_contradict_is_left_out(folder: Path) -> None:
    written = human(record=[{"line": "r", "contact": "2022-01-03"}])
    written["channels"]["d"] = {"opens": "2022-01-02"}
    path = write(folder, written, "dated.yaml")
    found = sweep(path, "channels.d.opens=2022-01-01:2022-01-11:2", N, of=["r"], engine="reference")
    assert found.axes[0].kind == "date"
    assert found.own == (("2022-01-02", pytest.approx(1641081600.0)),)
    waits = [point.results[Outcome("line:r")].estimate.estimate or 0 for point in found.points]
    assert waits[1] > waits[0] + 4 * DAY


def test_blocks_are_the_unit_where_any_point_has_uncertain_numbers(found: SweepResult, folder: Path) -> None:
    assert found.spec.unit == 16
    path = write(folder, human(), "known.yaml")
    vary = "lines.r.answer={prior: {beta: [2, 5]}},0.5"
    assert sweep(path, vary, 32, engine="reference").spec.unit == 16


def test_engines_give_the_same(file: Path) -> None:
    one, other = (sweep(file, "lines.p.answer=0.1,0.3", 64, engine=name) for name in ("reference", "compiled"))
    assert one.points == other.points


WRONG: dict[str, tuple[Any, str]] = {
    "a key misspelt": ("lines.p.evry=1 d:2 d:2", "--vary lines.p.evry=1 d: unknown key 'evry'; did you mean 'every'?"),
    "a line misspelt": ("lines.pp.every=1 d:2 d:2", "--vary lines.pp.every=1 d: 'pp' is not in lines"),
    "out of range": (
        "lines.p.answer=0.5:1.5:3",
        "--vary lines.p.answer=1.5: 1.5 is not a probability; expected a number from 0 to 1",
    ),
    "the wrong kind": ("lines.p.answer=1 d:2 d:2", "--vary lines.p.answer=1 d: '1 d' is not a probability"),
    "a channel that is none": ("lines.p.channel=d,e", "--vary lines.p.channel=e: 'e' is no channel"),
    "another clock": (
        "clock.end=2022-01-20,2022-01-31",
        "'clock.end=2022-01-20' runs from 2022-01-01 00:00 for 19 days, 'the scenario as it is' from",
    ),
    "the same path twice": (["lines.p.answer=0,1", "lines.p.answer=0:1:3"], "--vary lines.p.answer: the same path"),
    "three paths": (["lines.p.answer=0,1", "lines.q.answer=0,1", "lines.r.answer=0,1"], "3 paths to vary; expected"),
    "no path": ([], "0 paths to vary; expected one or two"),
    "too many points": (["lines.p.answer=0:1:40", "lines.q.answer=0:1:40"], "1600 points; at most 1000 are tried"),
    "no values": ("lines.p.answer", "--vary lines.p.answer: expected PATH=lo:hi:n"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_refused_before_anything_runs(file: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    vary, words = WRONG[name]
    if name != "another clock":
        monkeypatch.setattr(module, "run_paired", lambda *_, **__: pytest.fail("something was run"))
    with pytest.raises((RunRefused, ScenarioErrors)) as refused:
        sweep(file, vary, 16)
    assert str(refused.value).startswith(words)


def test_the_corpus_of_wrong_input_is_whole() -> None:
    assert len(WRONG) == 11


def test_every_fault_is_told_once(file: Path) -> None:
    with pytest.raises(ScenarioErrors) as refused:
        sweep(file, ["lines.p.answr=0:1:5", "lines.q.answer=0:2:3"], 16)
    assert [error.file for error in refused.value.errors] == ["--vary lines.p.answr=0", "--vary lines.q.answer=2"]


def test_a_point_without_the_column_is_refused(file: Path) -> None:
    with pytest.raises(RunRefused, match=r"channel:d has no line at the point .lines\.r\.channel=c."):
        sweep(file, "lines.r.channel=c,d", 16, of=["channel:d"])


def test_a_scenario_that_is_loaded_cannot_be_swept(file: Path) -> None:
    with pytest.raises(RunRefused, match="needs the path of a scenario file"):
        sweep(api.load(file), "lines.p.answer=0,1", 16)  # type: ignore[arg-type]


def test_results_are_tables_json_and_html(found: SweepResult) -> None:
    table = found.to_arrow()
    assert table.num_rows == 6 * 4
    assert table.column_names[:3] == ["lines.p.answer", "lines.q.every", "column"]
    plain = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert plain["points"][0]["values"] == {"lines.p.answer": "0.1", "lines.q.every": "1 d"}
    assert plain["horizon"] == HORIZON
    assert "<td>0.1</td>" in found._repr_html_()
    assert found.plot().get_xlabel() == "lines.p.answer"
    assert found.plot(wait=True, column="group:two").get_ylabel() == "lines.q.every"
