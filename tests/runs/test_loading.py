"""A run loads what it needs, and not what happens to be installed beside it: each of these takes a part of a second."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.scenario.test_posterior import scenario

ROOT = Path(__file__).parents[2]


NEEDLESS = {"dask", "distributed", "jinja2", "matplotlib", "scipy.optimize", "scipy.stats"}
CODE = f"""
import sys
from sim.cli import app
app(sys.argv[1:], standalone_mode=False)
print(*sorted({NEEDLESS!r} & set(sys.modules)), file=sys.stderr)
"""


def needless(program: str, folder: Path) -> list[str]:
    """What a run with a table of draws loads without need."""
    command = [sys.executable, "-c", program, "run", str(scenario(folder)), "-n", "40", "--no-figures"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "--out", str(folder / "run")], capture_output=True, text=True, check=True, env=environment
    )
    assert (folder / "run" / "posterior.parquet").exists()
    return done.stderr.splitlines()[-1].split()


def test_a_run_without_pictures_loads_nothing_for_them(tmp_path: Path) -> None:
    assert needless(CODE, tmp_path) == []


def test_what_is_loaded_is_seen(tmp_path: Path) -> None:
    """Saboteur: a module that the program does not need here."""
    assert needless(CODE.replace("import sys", "import sys, jinja2", 1), tmp_path) == ["jinja2"]
