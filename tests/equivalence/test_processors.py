"""Results on other processors: equal to the bit, whatever code the numerical libraries choose for the machine.

A child process imitates an older processor by the switches that the libraries have: OpenBLAS takes another set of
kernels, numpy leaves out the vector instructions found, the C library does without fused multiply-add, and numba
compiles for any x86-64 processor. All children run the same commands; their files are compared.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.equivalence.commands import COMMANDS
from tests.scenarios.documents import ROOT

pytestmark = [
    pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="imitates x86-64 processors"),
    pytest.mark.timeout(1800),  # a child may have to compile first
]

KERNELS = {
    "Haswell": {"avx2", "fma"},
    "Zen": {"avx2", "fma"},
    "SkylakeX": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
    "Sandybridge": {"avx"},
    "Prescott": {"pni"},
}
"""Processors for which OpenBLAS has kernels of their own, and the instructions that those use, as Linux names them."""

NO_FMA = "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F"


def flags() -> set[str]:
    """Instructions of this processor; empty where the system does not say."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return set()
    return {flag for row in text.splitlines() if row.startswith("flags") for flag in row.split(":", 1)[1].split()}


def dispatched() -> str:
    """The vector instructions beyond the least that numpy has found on this processor."""
    return " ".join(np.show_config(mode="dicts")["SIMD Extensions"].get("found", []))  # type: ignore[index,call-overload]


def variants() -> dict[str, Mapping[str, str]]:
    """Processors that this machine can imitate, by environment."""
    known = flags()
    found = {name: {"OPENBLAS_CORETYPE": name} for name, needed in KERNELS.items() if needed <= known}
    if dispatched():
        found["numpy"] = {"NPY_DISABLE_CPU_FEATURES": dispatched()}
    found["libm"] = {"GLIBC_TUNABLES": NO_FMA}
    found["numba"] = {"NUMBA_CPU_NAME": "generic"}
    return found


VARIANTS = variants()
SHORT = [name for name in ("Prescott", "numpy") if name in VARIANTS]
"""Those that differ most from a processor of today, for each test run; the others are a campaign."""
LONG = [pytest.param(name, marks=pytest.mark.deep) for name in VARIANTS if name not in SHORT]


def run_as(folder: Path, environment: Mapping[str, str]) -> Path:
    """All commands in a child process with this environment; the folder of their files."""
    folder.mkdir()
    child = [sys.executable, "-m", "tests.equivalence.commands", str(folder)]
    clean = {key: value for key, value in os.environ.items() if key not in {k for v in VARIANTS.values() for k in v}}
    done = subprocess.run(
        child, cwd=ROOT, env=clean | dict(environment), capture_output=True, text=True, timeout=1200, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The files of this processor, and then of the short variants, which run at the same time."""
    parent = tmp_path_factory.mktemp("processors")
    native = run_as(parent / "native", {})
    with ThreadPoolExecutor(2) as pool:
        made = pool.map(lambda name: run_as(parent / name, VARIANTS[name]), SHORT)
        return {"native": native} | dict(zip(SHORT, made, strict=True))


@cache
def contents(file: Path) -> Any:
    """What must be equal of a file: of a manifest all but the machine's part; pictures are no numbers."""
    if file.suffix == ".json":
        found = json.loads(file.read_text(encoding="utf-8"))
        return {key: value for key, value in found.items() if key != "run"} if file.name == "manifest.json" else found
    return file.read_bytes()


def unequal(one: Path, other: Path) -> list[str]:
    """Files in which two folders differ, by their place in them."""
    places = {file.relative_to(folder) for folder in (one, other) for file in files(folder)}
    return sorted(
        str(place)
        for place in places
        if not ((one / place).exists() and (other / place).exists()) or contents(one / place) != contents(other / place)
    )


def files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file() and file.suffix not in {".png", ".svg"})


def of_command(places: Sequence[str], command: str) -> list[str]:
    """Those of the files that a command has written: in its folder, or named as it."""
    return [place for place in places if Path(place).parts[0].partition(".")[0] == command]


@pytest.mark.parametrize("command", COMMANDS)
def test_another_processor_has_the_same_results(command: str, folders: Mapping[str, Path]) -> None:
    differ = {name: of_command(unequal(folders["native"], folders[name]), command) for name in SHORT}
    assert not any(differ.values()), differ


@pytest.mark.parametrize("name", LONG)
def test_each_processor_has_the_same_results(name: str, folders: Mapping[str, Path], tmp_path: Path) -> None:
    differ = unequal(folders["native"], run_as(tmp_path / name, VARIANTS[name]))
    assert differ == []


def test_every_command_leaves_something_to_compare(folders: Mapping[str, Path]) -> None:
    texts = {file.stem for file in files(folders["native"]) if file.suffix == ".txt"}
    assert texts == set(COMMANDS)
    assert all((folders["native"] / f"{name}.txt").stat().st_size > 20 for name in COMMANDS)


def test_a_last_digit_is_seen(folders: Mapping[str, Path], tmp_path: Path) -> None:
    """Saboteur: one number that is larger by the least that a float can be."""
    other = tmp_path / "other"
    shutil.copytree(folders["native"], other)
    file = other / "compare" / "comparison.json"
    found = json.loads(file.read_text(encoding="utf-8"))
    low = found["columns"]["any"]["contrasts"]["probability"]["often"]["low"]
    found["columns"]["any"]["contrasts"]["probability"]["often"]["low"] = float(np.nextafter(low, 1.0))
    file.write_text(json.dumps(found), encoding="utf-8")
    assert unequal(folders["native"], other) == ["compare/comparison.json"]


def test_the_switches_take_hold() -> None:
    """Vector instructions that are switched off are not found in a child; of the others nothing public tells."""
    child = "import numpy; print(numpy.show_config(mode='dicts')['SIMD Extensions'].get('found'))"
    done = subprocess.run(
        [sys.executable, "-c", child],
        env=os.environ | dict(VARIANTS.get("numpy", {})),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "None"
