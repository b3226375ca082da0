"""Where compiled code is kept: never used after a change to what it was compiled from, never in the way."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sim.engines.compiled import jit, warm
from tests.support import line, officials, program, scenario

OFFICIALS = officials("a", "a2", "b", "b2")


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
    assert {"answer.py", "arithmetic.py", "clock.py", "draws.py", "quantiles.py", "kernel.py", "state.py"} <= named


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


def test_nothing_in_the_users_folder_is_imported_while_compiling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(warm.subprocess, "Popen", lambda command, **_: contextlib.nullcontext(commands.append(command)))
    for name in warm.KERNELS:
        monkeypatch.setitem(warm.KERNELS, name, lambda: None)
    warm._compile(list(warm.KERNELS))
    monkeypatch.undo()
    (tmp_path / "numba.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    python = commands[0][: commands[0].index("-c")]
    assert subprocess.run([*python, "-c", "import numba"], cwd=tmp_path).returncode == 0


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is compiled, or taken from the cache, in this process and in the other."""
    found: list[str] = []
    for name in warm.KERNELS:
        monkeypatch.setitem(warm.KERNELS, name, functools.partial(found.append, name))

    def other(command: list[str], **_: object) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext(found.append("other: " + command[-1].partition(" in ")[2]))

    monkeypatch.setattr(warm.subprocess, "Popen", other)
    return found


def test_compiling_is_told_once_and_shared_with_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: list[str]
) -> None:
    monkeypatch.setattr(warm, "CACHE", tmp_path)
    told: list[str] = []
    warm.warm(told.append)
    assert done[0] == "other: ['loop', 'abreast']]"
    assert done[1:] == ["lanes", "loop", "abreast"] * 2
    warm.warm(told.append)
    assert done[7:] == ["lanes", "loop", "abreast"]
    assert len(told) == 1


def test_what_no_program_runs_in_is_not_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: list[str]
) -> None:
    monkeypatch.setattr(warm, "CACHE", tmp_path)
    helps = {"on_contact": {"affects": ["two"], "odds_factor": 2}}
    others = line(caller="a2", callee="b2", every="1 d", answer=0.5)
    apart, abreast = (
        program(scenario({"one": line(every="1 d", answer=0.5, **more), "two": others}, officials=OFFICIALS))
        for more in ({}, helps)
    )
    told: list[str] = []
    warm.warm(told.append, [apart])
    assert done == ["other: ['loop']]", "lanes", "loop", "lanes", "loop"]
    warm.warm(told.append, [apart, abreast])
    assert done[5:] == ["abreast", "lanes", "loop", "abreast"]
    assert len(told) == 2


def test_without_another_process_everything_is_compiled_in_this_one(
    monkeypatch: pytest.MonkeyPatch, done: list[str]
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(warm.subprocess, "Popen", fails)
    warm._compile(list(warm.KERNELS))
    assert done == ["lanes", "loop", "abreast"]
