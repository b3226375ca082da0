"""Errors that show the fault and its mend, for mistakes that everyone makes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.scenario import load, loads
from sim.scenario.errors import ScenarioErrors, odd_blank
from sim.scenario.explain import explain
from sim.scenario.units import instant_of, timezone_of, zone_names

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("JST", "Asia/Tokyo"),
        ("PST", "America/Los_Angeles"),
        ("MSK", "Europe/Moscow"),
        ("IST", "Asia/Jerusalem' or 'Asia/Kolkata"),
        ("Washington", "America/New_York"),
        ("Tel Aviv", "Asia/Jerusalem"),
        ("Kiev", "Europe/Kiev"),
        ("London", "Europe/London"),
        ("UTC-05:00", "Etc/GMT+5"),
        ("+3", "Etc/GMT-3"),
        ("Europe/Mosow", "Europe/Moscow"),
    ],
)
def test_a_zone_by_another_name_is_found(written: str, meant: str) -> None:
    with pytest.raises(ValueError, match="is no time zone") as refused:
        timezone_of(written)
    assert f"did you mean '{meant}'?" in str(refused.value)


def test_an_abbreviation_that_nobody_knows_gets_no_guess() -> None:
    with pytest.raises(ValueError, match="expected an IANA name such as Europe/Moscow"):
        timezone_of("QXZ")


def test_every_zone_that_is_suggested_exists() -> None:
    from sim.scenario.units import ZONES_MEANT

    assert zone_names().issuperset(ZONES_MEANT)


def test_a_blank_that_looks_like_an_ordinary_one_is_named() -> None:
    assert odd_blank("1\u00a0d") == "a no-break space (U+00A0)"
    assert odd_blank("1\u3000d") == "an ideographic space (U+3000)"
    assert odd_blank("1\td") == "a tab (U+0009)"
    assert odd_blank("1 d") == ""


def test_a_key_with_a_slip_is_found_without_its_section() -> None:
    with pytest.raises(ScenarioErrors, match=r"did you mean 'lines\.answer'\?"):
        explain("answr")


def test_what_is_there_but_no_file_is_not_suggested(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "base.yaml")
    (tmp_path / "over.yaml").write_text("extends: base.yaml\n")
    with pytest.raises(ScenarioErrors, match=r"'base\.yaml' is no regular file$"):
        load(tmp_path / "over.yaml")


def test_the_last_instant_of_the_last_year_is_read_back() -> None:
    text = (ROOT / "scenarios" / "minimal.yaml").read_text(encoding="utf-8")
    assert instant_of("2201-01-01T00:00:00Z").moment.year == 2201
    with pytest.raises(ValueError, match="out of range"):
        instant_of("2201-01-01")
    with pytest.raises(ValueError, match="out of range"):
        instant_of("2201-01-01T00:00:01Z")
    assert loads(text)


@pytest.mark.parametrize("words", [["validate", b"caf\xe9.yaml"], ["run", "minimal", "--out", b"\xff"]])
def test_a_name_that_is_not_utf8_is_refused_before_anything_is_done(tmp_path: Path, words: list[str | bytes]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from sim.cli import main; main()", *words],
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 2
    assert b"a name that is not UTF-8" in done.stderr
    assert b"Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_python_refuses_such_a_name_too(tmp_path: Path) -> None:
    with pytest.raises(ScenarioErrors, match="a name that is not UTF-8"):
        load(tmp_path / "caf\udce9.yaml")


def test_a_file_in_a_folder_that_may_not_be_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", forbidden)
    monkeypatch.setattr("os.stat", forbidden)
    with pytest.raises(ScenarioErrors, match="no permission to read it"):
        load(tmp_path / "a.yaml")
