"""Where compiled code is kept: never used after a change to what it was compiled from, never in the way."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sim.engines.compiled import jit, warm


def test_the_folder_is_named_by_every_source_that_is_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENLINES_CACHE", str(tmp_path))
    before = jit.cache_folder()
    assert before.parent == tmp_path / "openlines"
    for source in jit._COMPILED:
        changed = tmp_path / source.name
        changed.write_text(source.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
        others = [other for other in jit._COMPILED if other != source]
        monkeypatch.setattr(jit, "_COMPILED", [changed, *others])
        assert jit.cache_folder() != before
        monkeypatch.undo()
        monkeypatch.setenv("OPENLINES_CACHE", str(tmp_path))
    assert jit.cache_folder() == before


def test_all_rules_that_kernels_call_are_among_the_sources() -> None:
    named = {path.name for path in jit._COMPILED}
    assert {
        "answer.py",
        "arithmetic.py",
        "calendar.py",
        "random.py",
        "quantile_tables.py",
        "kernel.py",
        "state.py",
    } <= named


def test_a_folder_that_cannot_be_written_is_left_for_a_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("OPENLINES_CACHE", str(blocked))
    found = jit.cache_folder()
    assert found.is_dir()
    assert not found.is_relative_to(tmp_path / "file")
    assert jit.cache_folder() == found  # in a process that this one starts, too


def test_the_folder_is_another_where_numba_takes_nothing_from_its_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENLINES_CACHE", str(tmp_path))
    before = jit.cache_folder()
    there = [Path(shutil.copy2(source, tmp_path)) for source in jit._COMPILED]
    monkeypatch.setattr(jit, "_COMPILED", there)
    elsewhere = jit.cache_folder()
    os.utime(there[0], (0, 0))
    later = jit.cache_folder()
    monkeypatch.setattr(jit.llvm, "get_host_cpu_name", lambda: "another")
    assert len({before, elsewhere, later, jit.cache_folder()}) == 4


def test_compiling_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "CACHE", tmp_path)
    compiled: list[bool] = []
    monkeypatch.setattr(warm, "compile_kernels", lambda: compiled.append(True))
    told: list[str] = []
    warm.warm(told.append)
    assert (len(told), len(compiled)) == (1, 2)
    warm.warm(told.append)
    assert (len(told), len(compiled)) == (1, 3)
