"""`openlines fit` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sim.cli import app

TABLE = "series,time\nreply,72 min\nreply,280 min\nreply,141 min\nreply,66 min\nwire,12 min\nwire,2 min\nwire,9 min\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "times.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


def fit(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["fit", *arguments], prog_name="openlines")


def test_every_series_is_told() -> None:
    told = fit("times.csv", "--resamples", "9")
    assert told.exit_code == 0, told.stderr
    assert told.stdout.count("delay: {") == 2
    assert told.stdout.index("reply: 4 times") < told.stdout.index("wire: 3 times")
    assert fit("times.csv", "--resamples", "9").stdout == told.stdout
    assert fit("times.csv", "--resamples", "9", "--seed", "2").stdout != told.stdout


def test_json_and_nothing_else() -> None:
    told = fit("times.csv", "--series", "wire", "--resamples", "0", "--json")
    found = json.loads(told.stdout)
    assert (told.exit_code, list(found["series"]), found["seed"]) == (0, ["wire"], 1)
    assert len(found["series"]["wire"]["families"]) == 5


def test_a_picture_light_or_dark(folder: Path) -> None:
    quick = ("times.csv", "--series", "reply", "--resamples", "9")
    assert fit(*quick, "--figure", "light.png").exit_code == 0
    assert fit(*quick, "--figure", "dark.png", "--dark").exit_code == 0
    assert (folder / "light.png").read_bytes() != (folder / "dark.png").read_bytes()
    assert b"times: reply. 4 times" in (folder / "light.png").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("none.csv",), "none.csv: No such file"),
        (("times.csv", "--series", "repli"), "'repli' is no series of times.csv; did you mean 'reply'?"),
        (("times.csv", "--series", "zzz"), "expected 'reply' or 'wire'"),
        (("times.csv", "--figure", "p.png"), "choose --series 'reply' or 'wire'"),
        (("times.csv", "--series", "wire", "--figure", "p.pdf"), "ends in .png or .svg"),
        (("times.csv", "--resamples", "-1"), "--resamples is -1"),
        (("times.csv", "--seed", "-1"), "--seed is -1"),
        (("few.csv",), "few.csv: 2 times with an upper end; a fit needs 3"),
        (("open.csv", "--figure", "p.png"), "a time without 'at most', which has no place in a picture"),
        (("few.csv", "--series", "x"), "is no series of few.csv; it has none"),
        (("bad.csv",), "bad.csv:2:1 time: '5' has no unit"),
    ],
)
def test_a_mistake_is_told_and_writes_nothing(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    (folder / "few.csv").write_text("time\n1 min\n2 min\n", encoding="utf-8")
    (folder / "open.csv").write_text(
        "at least,at most\n1 min,2 min\n3 min,4 min\n5 min,6 min\n7 min,\n", encoding="utf-8"
    )
    (folder / "bad.csv").write_text("time\n5\n", encoding="utf-8")
    before = sorted(folder.iterdir())
    refused = fit(*arguments)
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert not refused.stdout
    assert sorted(folder.iterdir()) == before
