"""`openlines calibrate` and `forecast`: what they write, what they say, and how they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from sim.calibration.files import targets
from sim.calibration.named import with_priors
from sim.cli import app
from sim.scenario import load
from sim.scenario.compiler import sha256_of
from tests.support import line, officials, scenario, text

MEAN = {"exponential": {"mean": {"parameter": "cadence"}}}
GATE = {
    "affects": ["x"],
    "initially": "shut",
    "states": {
        "open": {"lasts": {"exponential": {"mean": "5 d"}}},
        "shut": {"lasts": {"exponential": {"mean": "10 d"}}, "odds_factor": 0.01},
    },
}


def human(**changes: object) -> dict[str, object]:
    lines = {
        "x": line(caller="a1", callee="b1", every=MEAN, answer={"prior": {"beta": [2, 2]}}),
        "w": line(caller="a2", callee="b2", every="1 d", answer={"prior": {"beta": [1, 1]}}),
    }
    record = [
        {"line": "x", "no_contact_until": "2022-01-08", "known": "2022-01-08"},
        {"line": "x", "contact": "2022-01-12", "known": "2022-01-12"},
        {"line": "w", "contact": "2022-01-03", "known": "2022-01-04"},
    ]
    made = scenario(
        lines,
        officials=officials("a1", "a2", "b1", "b2"),
        parameters={"cadence": {"prior": {"lognormal": {"p10": "1 d", "p90": "4 d"}}}},
        regimes={"gate": GATE},
        record=record,
    )
    return made | changes


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.yaml").write_text(text(human()), encoding="utf-8")
    return tmp_path


def openlines(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), prog_name="openlines")


def test_a_calibrated_scenario_runs(folder: Path) -> None:
    told = openlines("calibrate", "one.yaml", "--draws", "512", "--holdout", "x", "--alternative", "one.yaml")
    assert told.exit_code == 0, told.stderr
    assert "x: contact 2022-01-12" in told.stdout
    assert "x, predicted from the rest of the record" in told.stdout
    assert "ln Bayes factor 0.00" in told.stdout
    findings = json.loads((folder / "one.calibration.json").read_text(encoding="utf-8"))
    assert findings["numbers"][0]["path"] == "parameters.cadence"
    assert len(findings["predictive"]) == 3
    table = pq.read_table(folder / "one.posterior.parquet")
    assert table.num_rows == 4096
    made = json.loads(table.schema.metadata[b"openlines"])
    assert made["seed"] == 1
    assert made["entries"] == [0, 1, 2]
    assert (folder / "one.calibration.png").read_bytes().startswith(b"\x89PNG")
    run = openlines("run", "one-calibrated.yaml", "-n", "64", "--engine", "reference", "--out", "run", "--no-figures")
    assert run.exit_code == 0, run.stderr
    drawn = pq.read_table(folder / "run" / "first_contact.parquet").column("param:parameters.cadence").to_pylist()
    assert set(drawn) <= set(table.column("parameters.cadence").to_pylist())
    assert len(set(drawn)) == 4


def test_another_folder_gets_all_that_is_needed(folder: Path) -> None:
    """Even one whose name reads like an address."""
    told = openlines("calibrate", "one.yaml", "--draws", "512", "--as-of", "2022-01-08", "--out", "file:kept/here")
    assert told.exit_code == 0, told.stderr
    kept = folder / "file:kept" / "here"
    assert openlines("validate", str(kept / "one-as-of-2022-01-08-calibrated.yaml")).exit_code == 0
    findings = json.loads((kept / "one-as-of-2022-01-08.calibration.json").read_text(encoding="utf-8"))
    assert findings["entries"] == [0, 2]


def test_a_tilde_is_the_home_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder / "home"))
    assert targets(Path("one.yaml"), Path("~/kept")).draws == folder / "home" / "kept" / "one.posterior.parquet"


def test_a_scenario_that_names_its_posterior_starts_from_its_priors(folder: Path) -> None:
    """The table is made anew from the priors, whether it is there, fits them or not; the same one each time."""
    (folder / "one.yaml").unlink()
    (folder / "two.yaml").write_text(text(human(posterior="draws.parquet")), encoding="utf-8")
    assert openlines("validate", "two.yaml").exit_code == 2  # not made yet
    told = openlines("calibrate", "two.yaml", "--draws", "512")
    assert told.exit_code == 0, told.stderr
    assert "two.yaml: starting from its priors, not from draws.parquet" in told.stderr
    first = (folder / "draws.parquet").read_bytes()
    names = ["draws.parquet", "two.calibration.json", "two.calibration.png", "two.yaml"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert openlines("calibrate", "two.yaml", "--draws", "512").exit_code == 0
    assert (folder / "draws.parquet").read_bytes() == first
    made = json.loads(pq.read_schema(folder / "draws.parquet").metadata[b"openlines"])
    assert made["scenario_sha256"] == sha256_of(with_priors(load(folder / "two.yaml")))
    run = openlines("run", "two.yaml", "-n", "64", "--engine", "reference", "--out", "run", "--no-figures")
    assert run.exit_code == 0, run.stderr
    drawn = pq.read_table(folder / "run" / "first_contact.parquet").column("param:parameters.cadence").to_pylist()
    assert set(drawn) <= set(pq.read_table(folder / "draws.parquet").column("parameters.cadence").to_pylist())


def test_part_of_the_record_does_not_replace_the_posterior_of_all_of_it(folder: Path) -> None:
    (folder / "two.yaml").write_text(text(human(posterior="draws.parquet")), encoding="utf-8")
    (folder / "draws.parquet").write_bytes(b"kept")
    told = openlines("calibrate", "two.yaml", "--draws", "512", "--as-of", "2022-01-08")
    assert told.exit_code == 0, told.stderr
    assert (folder / "draws.parquet").read_bytes() == b"kept"
    assert load(folder / "two-as-of-2022-01-08-calibrated.yaml").posterior == "two-as-of-2022-01-08.posterior.parquet"
    told = openlines("calibrate", "two.yaml", "--draws", "512", "--out", "elsewhere")
    assert told.exit_code == 0, told.stderr
    assert load(folder / "elsewhere" / "two.yaml").posterior == "draws.parquet"


def test_a_table_that_another_file_names_is_left_to_it(folder: Path) -> None:
    """A scenario that extends one with a posterior has draws of its own."""
    (folder / "two.yaml").write_text(text(human(posterior="draws.parquet")), encoding="utf-8")
    (folder / "draws.parquet").write_bytes(b"kept")
    (folder / "three.yaml").write_text("scenario: 1\nextends: two.yaml\ntitle: Another\n", encoding="utf-8")
    told = openlines("calibrate", "three.yaml", "--draws", "512")
    assert told.exit_code == 0, told.stderr
    assert (folder / "draws.parquet").read_bytes() == b"kept"
    assert load(folder / "three-calibrated.yaml").posterior == "three.posterior.parquet"


def test_a_forecast_fits_the_priors_whatever_table_is_named(folder: Path) -> None:
    """A table holds numbers and no paths, and was weighed without the silence that a forecast presumes."""
    (folder / "two.yaml").write_text(text(human(posterior="draws.parquet")), encoding="utf-8")
    for name in ("one", "two"):
        told = openlines("forecast", f"{name}.yaml", "--as-of", "2022-01-08", "--draws", "512", "--out", f"{name}.json")
        assert told.exit_code == 0, told.stderr
        assert ("starting from its priors" in told.stderr) == (name == "two")
    assert (folder / "one.json").read_bytes() == (folder / "two.json").read_bytes()


def test_a_forecast_knows_what_the_silence_says(folder: Path) -> None:
    told = openlines(
        "forecast", "one.yaml", "--as-of", "2022-01-08", "--draws", "1024", "--out", "f.json", "--figure", "f.png"
    )
    assert told.exit_code == 0, told.stderr
    found = json.loads((folder / "f.json").read_text(encoding="utf-8"))
    # The other line has had its contact; the gate was shut at first, and the silence makes that likelier still.
    assert found["lines"]["w"]["before_end"] == 0.0
    assert 0.5 < found["lines"]["x"]["before_end"] < 1.0
    assert found["states"]["gate"]["shut"] > 0.55
    assert sum(found["states"]["gate"].values()) == pytest.approx(1.0)
    assert (folder / "f.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("calibrate", "one.yaml", "--as-of", "soon"), "'soon' is no date"),
        (("calibrate", "one.yaml", "--as-of", "2023-01-01"), "outside the clock"),
        (("calibrate", "one.yaml", "--draws", "10"), "10 draws are too few"),
        (("calibrate", "one.yaml", "--holdout", "q"), "--holdout q is no line"),
        (("calibrate", "one.yaml", "--out", "one.yaml/x"), "cannot be written"),
        (("calibrate", "one.yaml", "--out", "/proc/x"), "cannot be written"),
        (("forecast", "one.yaml", "--as-of", "2022-01-02"), "no entry that was known by then"),
        (("forecast", "one.yaml", "--as-of", "2022-01-08", "--line", "q"), "--line q is no line"),
        (("forecast", "one.yaml", "--as-of", "2022-01-08", "--figure", "f.gif"), "is no picture"),
        (("forecast", "one.yaml", "--as-of", "2022-01-08", "--out", "no/f.json"), "cannot be written"),
        (("forecast", "one.yaml", "--as-of", "2022-01-08", "--out", "/proc/f.json"), "cannot be written"),
    ],
)
def test_refusals_leave_nothing_behind(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    told = openlines(*arguments)
    assert told.exit_code == 2
    assert words in told.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["one.yaml"]


@pytest.mark.parametrize("name", ["two.yaml", "below/draws.parquet"])
def test_draws_are_written_to_a_table_beside_the_scenario_only(folder: Path, name: str) -> None:
    (folder / "two.yaml").write_text(text(human(posterior=name)), encoding="utf-8")
    told = openlines("calibrate", "two.yaml", "--draws", "512")
    assert told.exit_code == 2
    assert f"posterior: '{name}' cannot be written" in told.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["one.yaml", "two.yaml"]


def test_an_impossible_record_fails_and_names_the_entry(folder: Path) -> None:
    record = [{"line": "w", "contact": "2022-01-03 12:00"}]
    (folder / "two.yaml").write_text(text(human(record=record)), encoding="utf-8")
    told = openlines("calibrate", "two.yaml", "--draws", "256")
    assert told.exit_code == 1
    assert "record.0 (w: contact 2022-01-03)" in told.stderr
    assert not (folder / "two.posterior.parquet").exists()
