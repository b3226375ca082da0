"""Pictures from the command line: a timeline beside a story, and the network of a scenario."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sim.cli import app

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.yaml").write_bytes((ROOT / "scenarios" / "minimal.yaml").read_bytes())
    return tmp_path


def openlines(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), prog_name="openlines")


@pytest.mark.parametrize(("kind", "begin"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_a_story_comes_with_its_timeline(folder: Path, kind: str, begin: bytes) -> None:
    told = openlines("trace", "one.yaml", "--replication", "3", "--figure", f"here.{kind}")
    assert told.exit_code == 0, told.stderr
    assert told.stdout == openlines("trace", "one.yaml", "--replication", "3").stdout
    written = (folder / f"here.{kind}").read_bytes()
    assert written.startswith(begin)
    assert b"Replication 3 of seed 1" in written


def test_a_network_is_drawn_light_or_dark(folder: Path) -> None:
    light = openlines("network", "one.yaml", "--figure", "light.png")
    assert (light.exit_code, light.stdout) == (0, "light.png\n")
    assert openlines("network", "one.yaml", "--figure", "dark.png", "--dark").exit_code == 0
    assert (folder / "light.png").read_bytes() != (folder / "dark.png").read_bytes()
    assert openlines("network", "one.yaml", "--figure", "again.png").exit_code == 0
    assert (folder / "light.png").read_bytes() == (folder / "again.png").read_bytes()


def test_the_pictures_of_a_run_are_drawn_light_or_dark(folder: Path) -> None:
    quick = ("run", "one.yaml", "-n", "20", "--engine", "reference", "--workers", "1")
    assert openlines(*quick, "--out", "light").exit_code == 0
    assert openlines(*quick, "--out", "dark", "--dark").exit_code == 0

    def drawn(run: str) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (folder / run / "figures").iterdir()}

    light, dark = drawn("light"), drawn("dark")
    assert set(light) == set(dark)
    assert [name for name in light if light[name] == dark[name]] == ["alt.json"]
    assert openlines("plot", "light", "--dark").exit_code == 0
    assert drawn("light") == dark
    assert openlines("plot", "light").exit_code == 0
    assert drawn("light") == light


@pytest.mark.parametrize("option", ["--dark", "--svg"])
def test_pictures_of_a_kind_but_none_are_refused(folder: Path, option: str) -> None:
    refused = openlines("run", "one.yaml", "-n", "20", "--no-figures", option)
    assert refused.exit_code == 2
    assert "no picture to draw" in refused.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["one.yaml"]


@pytest.mark.parametrize("command", ["trace", "network"])
@pytest.mark.parametrize(
    ("file", "said"), [("here.pdf", ".png or .svg"), ("here", ".png or .svg"), ("none/here.png", "none is no folder")]
)
def test_a_picture_that_cannot_be_is_refused_first(folder: Path, command: str, file: str, said: str) -> None:
    before = sorted(folder.iterdir())
    refused = openlines(command, "one.yaml", "--figure", file)
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert not refused.stdout
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("name", ["here.png", f"{'x' * 300}.png", "/proc/x.png"])
def test_a_picture_that_cannot_be_written_is_refused(folder: Path, name: str) -> None:
    (folder / "here.png").mkdir()
    refused = openlines("network", "one.yaml", "--figure", name)
    assert refused.exit_code == 2
    assert f"{name} cannot be written: " in refused.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["here.png", "one.yaml"]


def test_home_is_home_in_the_name_of_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in ``--figure=~/one.png``, which most shells leave as it is."""
    home = folder / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    (folder / "one.csv").write_text("time\n1 h\n2 h\n5 h\n9 h\n", encoding="utf-8")
    assert (
        openlines("run", "one.yaml", "-n", "20", "--engine", "reference", "--no-figures", "--out", "a").exit_code == 0
    )
    for name, words in {
        "trace.png": ("trace", "one.yaml", "--figure"),
        "network.svg": ("network", "one.yaml", "--figure"),
        "fit.png": ("fit", "one.csv", "--resamples", "0", "--figure"),
        "a.html": ("report", "a", "--out"),
    }.items():
        told = openlines(*words, f"~/{name}")
        assert told.exit_code == 0, told.stderr
        assert (home / name).stat().st_size > 0
    assert not (folder / "~").exists()
    told = openlines("network", "one.yaml", "--figure", "~no-such-person/a.png")
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.startswith("openlines: ~no-such-person/a.png: ")
