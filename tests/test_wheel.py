"""A wheel holds every module and every scenario, and the command finds its examples without a clone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NEEDED = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE")


def build(folder: Path) -> Path:
    """A wheel of the tree, built in a copy so that nothing is left in the tree itself. Needs no network."""
    source = folder / "source"
    for name in ("sim", "scenarios"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in NEEDED:
        shutil.copyfile(ROOT / name, source / name)
    command = [sys.executable, "-c", "import setuptools.build_meta as b, sys; print(b.build_wheel(sys.argv[1]))"]
    done = subprocess.run([*command, str(folder)], cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


def test_the_wheel_holds_every_module_and_every_scenario(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    modules = {str(file.relative_to(ROOT)) for file in (ROOT / "sim").rglob("*.py")}
    assert modules <= set(held)
    templates = {str(file.relative_to(ROOT)) for file in (ROOT / "sim" / "report" / "templates").iterdir()}
    assert templates <= set(held)
    assert len(templates) == 5
    for file in (ROOT / "scenarios").rglob("*.yaml"):
        assert held[f"sim/scenarios/{file.relative_to(ROOT / 'scenarios')}"] == file.read_bytes()
    assert not [name for name in held if name.startswith("scenarios/")]


def test_the_installed_command_begins_with_an_example(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    # -P: the tests' own folder must not stand in for the wheel.
    code = "import sim, sys; from sim.cli import main; print(sim.__file__, file=sys.stderr); main()"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-c", code, *arguments],
            cwd=tmp_path,
            env={**environment, "PYTHONPATH": str(tmp_path / "site")},
            capture_output=True,
            text=True,
            check=False,
        )

    done = command("new", "mine", "--from", "extends")
    assert str(tmp_path / "site") in done.stderr
    assert done.stdout == "mine.yaml\ngate.yaml\n", done.stderr
    shutil.rmtree(tmp_path / "site" / "sim" / "scenarios")
    without = command("new", "other", "--from", "minimal")
    assert without.returncode == 2
    assert "no examples came with this installation" in without.stderr
