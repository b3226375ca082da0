"""`sim.calibrate` and `sim.forecast`: the same numbers as the command line's, as tables, words and pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.report.style import canvas
from sim.runs.errors import RunRefused
from tests.support import line, officials, scenario, text

PRIOR = {"prior": {"beta": [2, 5]}}
GATE = {
    "affects": ["x"],
    "initially": "shut",
    "states": {"open": {"lasts": "5 d"}, "shut": {"lasts": {"exponential": {"mean": "10 d"}}, "odds_factor": 0.01}},
}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = {name: line(caller=f"a{k}", callee=f"b{k}", every="1 d", answer=PRIOR) for k, name in enumerate("xw")}
    record = [
        {"line": "x", "no_contact_until": "2022-01-08", "known": "2022-01-08"},
        {"line": "w", "contact": "2022-01-03", "known": "2022-01-04"},
    ]
    human = scenario(lines, officials=officials("a0", "a1", "b0", "b1"), regimes={"gate": GATE}, record=record)
    made = tmp_path_factory.mktemp("one") / "one.yaml"
    made.write_text(text({**human, "posterior": "not-made-yet.parquet"}), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def calibrated(file: Path) -> sim.CalibrationResult:
    return sim.calibrate(file, draws=1024)


@pytest.fixture(scope="module")
def expected(file: Path) -> sim.ForecastResult:
    return sim.forecast(file, "2022-01-08", draws=1024)


def test_a_row_for_each_number(calibrated: sim.CalibrationResult) -> None:
    table = calibrated.to_pandas()
    assert list(table["number"]) == ["lines.x.answer", "lines.w.answer"]
    assert (table["posterior_p5"] < table["posterior_p50"]).all()
    # One answer at the third attempt: Beta(3, 7) of mean 0.3.
    assert table["mean"][1] == pytest.approx(0.3, abs=4.5 * table["standard_error"][1] + 1e-4)
    assert "ln P(record)" in calibrated.sentences()[-1]
    assert "lines.w.answer" in calibrated._repr_html_()
    assert calibrated.as_dict()["entries"] == [0, 1]
    assert len(calibrated.predictive()) == 2


def test_a_run_takes_one_draw_a_block(calibrated: sim.CalibrationResult) -> None:
    ran = sim.run(calibrated.scenario, 64, engine="reference", save=False)
    drawn = ran.first_contact().column("param:lines.w.answer").to_pylist()
    draws = calibrated.scenario.draws
    assert draws is not None
    assert set(drawn) <= set(draws.columns["lines.w.answer"])
    assert len(set(drawn)) == 4
    mean = calibrated.to_pandas()["mean"][1]
    assert np.mean(draws.columns["lines.w.answer"]) == pytest.approx(mean, abs=0.005)


def test_as_of_a_date(file: Path) -> None:
    early = sim.calibrate(sim.calibrate(file, draws=256).scenario, "2022-01-04", draws=256)
    assert early.as_dict()["entries"] == [1]
    with pytest.raises(sim.RunRefused, match="outside the clock"):
        sim.calibrate(file, "2023-01-01")


def test_a_row_for_each_line(expected: sim.ForecastResult) -> None:
    rows = {row["line"]: row for row in expected.rows()}
    assert rows["w"]["before_end"] == 0.0
    assert 0.0 < rows["x"]["within_7_days"] <= rows["x"]["before_end"] <= 1.0
    assert list(expected.to_pandas()["line"]) == ["x", "w"]
    assert sum(expected.states["gate"].values()) == pytest.approx(1.0)
    said = expected.sentences()
    assert said[0].startswith("x: a contact before the end with ")
    assert said[-1].startswith("gate then: ")
    assert "<table>" in expected._repr_html_()


def test_pictures_take_and_give_axes(calibrated: sim.CalibrationResult, expected: sim.ForecastResult) -> None:
    axes = canvas(6, 4).subplots()
    assert calibrated.plot(axes) is axes
    assert expected.plot().get_title(loc="left") == "The next contact, as of the end of 2022-01-08"
    assert [one.get_text() for one in expected.plot().get_yticklabels()] == ["x"]
    pair = calibrated.plot_pair(numbers=("lines.w.answer", "lines.x.answer"))
    assert pair.get_xlabel() == "w answer"
    assert calibrated.plot_pair().get_ylabel()
    with pytest.raises(RunRefused, match="'q' is no uncertain number"):
        calibrated.plot_pair(numbers=("q", "lines.x.answer"))
