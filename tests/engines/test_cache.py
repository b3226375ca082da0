"""The cache of compiled code: never used after a change to what it was compiled from, mended where it is damaged."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.engines.compiled import kernel, numba_setup
from sim.engines.compiled.numba_setup import Cache, unchecked
from sim.engines.compiled.state import blank


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENLINES_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def sources(tmp_path: Path) -> list[Path]:
    found = [tmp_path / "one.py", tmp_path / "two.py"]
    for path in found:
        path.write_text("1\n", encoding="utf-8")
    return found


def folder_of(sources: list[Path]) -> Path:
    found = Cache("test", sources).folder
    assert found is not None
    return found


def test_the_folder_is_named_by_every_source_and_where_and_when_it_was_written(
    sources: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = folder_of(sources)
    assert before.parent == tmp_path / "cache" / "openlines"
    assert folder_of(sources) == before
    os.utime(sources[0], (0, 0))
    later = folder_of(sources)
    sources[1].write_text("2\n", encoding="utf-8")
    changed = folder_of(sources)
    (tmp_path / "there").mkdir()
    elsewhere = folder_of([Path(shutil.copy2(source, tmp_path / "there")) for source in sources])
    monkeypatch.setattr(numba_setup.llvm, "get_host_cpu_name", lambda: "another")
    assert len({before, later, changed, elsewhere, folder_of(sources)}) == 5


def test_all_rules_that_kernels_call_are_among_the_sources() -> None:
    named = {path.name for path in kernel.CACHE.sources}
    rules = {"answer.py", "arithmetic.py", "bins.py", "calendar.py", "order.py", "quantile_tables.py", "random.py"}
    assert rules | {"kernel.py", "state.py", "model.py", "handlers.py", "numba_setup.py"} <= named


def test_without_a_folder_that_can_be_written_nothing_is_kept_and_nothing_left(
    sources: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("OPENLINES_CACHE", str(blocked))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    cache = Cache("test", sources)
    assert cache.folder is None
    add = cache.kernel(lambda: (1, 2))(lambda a, b: a + b)
    told: list[str] = []
    cache.prepare(lambda: told.append("compiling"))
    assert add(3, 4) == 7
    assert told == ["compiling"]
    assert not (tmp_path / "temporary").exists()


PROGRAM = """
import sys
from pathlib import Path
from sim.engines.compiled.numba_setup import Cache
import kernels
kernels.CACHE.prepare(lambda: print("compiling"))
print(kernels.add(3, 4), len(list(kernels.CACHE.folder.rglob("*.nbc"))), kernels.CACHE.folder)
"""
KERNELS = """
from pathlib import Path
from sim.engines.compiled.numba_setup import Cache
CACHE = Cache("test", [Path(__file__)])

@CACHE.kernel(lambda: (1, 2))
def add(a, b):
    return a + b
"""


def run(folder: Path) -> list[str]:
    """The words of a process that uses a kernel of its own."""
    (folder / "kernels.py").write_text(KERNELS, encoding="utf-8")
    os.utime(folder / "kernels.py", (1, 1))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=os.environ | {"PYTHONPATH": f"{folder}:{Path.cwd()}"}, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().split()


def test_what_is_compiled_once_is_there_for_others(tmp_path: Path) -> None:
    assert run(tmp_path)[:3] == ["compiling", "7", "1"]
    assert run(tmp_path)[:2] == ["7", "1"]


@pytest.mark.parametrize("damage", ["emptied", "cut", "one bit", "gone", "index gone", "manifest"])
def test_a_damaged_cache_is_thrown_away_and_compiled_anew(damage: str, tmp_path: Path) -> None:
    folder = Path(run(tmp_path)[-1])
    (code,), (index,) = folder.rglob("*.nbc"), folder.rglob("*.nbi")
    whole = code.read_bytes()
    if damage == "emptied":
        code.write_bytes(b"")
        index.write_bytes(b"")
    elif damage == "cut":
        code.write_bytes(whole[: len(whole) // 2])
    elif damage == "one bit":
        code.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    elif damage == "gone":
        code.unlink()
    elif damage == "index gone":
        index.unlink()
    else:
        (folder / "compiled.json").write_text("{", encoding="utf-8")
    assert run(tmp_path)[:3] == ["compiling", "7", "1"]
    assert run(tmp_path)[:2] == ["7", "1"]


def test_numbas_own_setting_is_as_before(sources: list[Path]) -> None:
    config: Any = numba_setup.numba.config
    before = config.CACHE_DIR
    Cache("test", sources).kernel(lambda: (1,))(lambda a: a)
    assert before == config.CACHE_DIR


def test_the_types_of_blank_arrays_are_those_of_a_run() -> None:
    """Else a run would compile anew what is in the cache."""
    from sim.engines.compiled.state import simulation_of
    from tests.support import line, program, scenario

    one = program(scenario({"l": line(every="1 d", answer=0.5)}))
    for values in (np.zeros((1, 9)), np.zeros((3, 9))):
        made = simulation_of(one, values, 2**64 - 1, range(3, 5))
        types = [numba_setup.numba.typeof(arrays) for arrays in (blank(), made)]
        assert types[0] == types[1]
    assert unchecked(made) is made
