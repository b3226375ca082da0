"""Every command that computes, on a tiny scenario: ``python -m tests.equivalence.commands FOLDER`` leaves all results.

`test_processors` runs it once for each processor that it can imitate, and compares the folders.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from typer.testing import CliRunner

from sim.cli import app
from tests.support import line, officials, scenario, text

GATE = {
    "affects": ["x", "v"],
    "initially": "shut",
    "states": {
        "open": {"lasts": {"exponential": {"mean": "5 d"}}},
        "shut": {"lasts": {"weibull": {"shape": 1.3, "scale": {"parameter": "closure"}}}, "odds_factor": 0.05},
    },
}
LINES = {
    "x": line(
        caller="a1",
        callee="b1",
        every={"exponential": {"mean": {"parameter": "cadence"}}},
        answer={"prior": {"beta": [2, 2]}},
        delay={"gamma": {"shape": 1.7, "scale": "3 h"}},
    ),
    "v": line(caller="a2", callee="b1", every="1 d", answer=0.2, delay={"lognormal": {"median": "6 h", "p90": "2 d"}}),
    "z": line(
        caller="a2",
        callee="b2",
        every={"gamma": {"mean": "2 d", "sd": "1 d"}},
        answer={"prior": {"beta": [1, 3]}},
        on_unanswered={"odds_factor": 0.97},
    ),
}
PARAMETERS = {
    "cadence": {"prior": {"lognormal": {"p10": "1 d", "p90": "4 d"}}},
    "closure": {"prior": {"lognormal": {"median": "6 d", "sigma": 0.4}}},
}
RECORD = [
    {"line": "x", "no_contact_until": "2022-01-08", "known": "2022-01-08"},
    {"line": "x", "contact": "2022-01-12", "known": "2022-01-12"},
    {"line": "z", "from": "2022-01-01", "to": "2022-01-06", "attempts": {"min": 1, "max": 9}, "answered": 0},
]
VARIANTS = """
what_if: 1
base: crisis.yaml
variants:
  often: {lines.v.every: 12 h}
  willing: {lines.v.answer: 0.3}
  slow: {lines.v.delay: 2 d}
  ungated: {regimes.gate.affects: [x]}
"""
TIMES = """series,time,at least,at most
exact,72 min,,
exact,110 min,,
exact,3 h,,
exact,200 min,,
exact,11 h,,
coarse,,2 h,3 h
coarse,,3 h,4 h
coarse,,3 h,4 h
coarse,,8 h,9 h
open,,2 h,3 h
open,,9 h,
open,4 h,,
open,7 h,,
"""
COMMANDS = {
    "run": "run crisis.yaml -n 128 --engine compiled --no-figures --out run",
    "compare": "compare what-ifs.yaml -n 128 --engine compiled --no-figures --out compare",
    "sweep": "sweep crisis.yaml --vary lines.v.answer=0.1:0.4:3 --vary lines.v.every=6h,1d -n 64 --json",
    "sensitivity": "sensitivity crisis.yaml -n 64 --json",
    "attribute": "attribute crisis.yaml -n 64 --json",
    "calibrate": "calibrate crisis.yaml --draws 256 --holdout z --out calibrate",
    "calibrated": "run calibrate/crisis-calibrated.yaml -n 64 --no-figures --out calibrated",
    "forecast": "forecast crisis.yaml --as-of 2022-01-12 --draws 256 --out forecast.json",
    "fit": "fit times.csv --resamples 49 --json",
}


def write_inputs(folder: Path) -> None:
    """Write the scenario, its what-ifs and some observed times."""
    crisis = scenario(
        LINES,
        officials=officials("a1", "a2", "b1", "b2"),
        parameters=PARAMETERS,
        regimes={"gate": GATE},
        record=RECORD,
        report={"groups": {"both": ["x", "v"]}},
    )
    (folder / "crisis.yaml").write_text(text(crisis), encoding="utf-8")
    (folder / "what-ifs.yaml").write_text(VARIANTS, encoding="utf-8")
    (folder / "times.csv").write_text(TIMES, encoding="utf-8")


def run_commands(folder: Path, names: list[str]) -> None:
    """Run the commands in the folder, and write what each prints to a file of its name."""
    write_inputs(folder)
    os.chdir(folder)
    for name in names:
        told = CliRunner().invoke(app, COMMANDS[name].split(), prog_name="openlines")
        if told.exit_code:
            sys.exit(f"{COMMANDS[name]}: {told.stderr}{told.exception!r}")
        (folder / f"{name}.txt").write_text(told.stdout, encoding="utf-8")


if __name__ == "__main__":
    run_commands(Path(sys.argv[1]).resolve(), sys.argv[2:] or list(COMMANDS))
