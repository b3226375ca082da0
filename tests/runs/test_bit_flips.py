"""Random bits flipped in kept files of every kind: no reader gives another number, and none a traceback."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import sim
from sim import api
from sim.cli import app
from sim.runs.errors import RunFailed, RunRefused
from sim.scenario.errors import ScenarioErrors
from sim.scenario.posterior import draws_from, write_draws
from tests.support import DEEP, line, scenario, text

FLIPS = 500 if DEEP else 60
OPTIONS = ("-n", "40", "--engine", "reference")


def call(*arguments: str) -> None:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a table of draws and pictures, a comparison, a study, and a table of draws beside its scenario."""
    folder = tmp_path_factory.mktemp("kept")
    doubt = line(answer={"prior": {"beta": {"a": 2, "b": 8}}}, every="1 d", delay="2 h")
    (folder / "prior.yaml").write_text(text(scenario({"one": doubt, "two": line(every="2 d", answer=0.1)})))
    draws = draws_from({"lines.one.answer": tuple(0.1 + 0.003 * number for number in range(64))})
    write_draws(draws, folder / "draws.parquet")
    (folder / "one.yaml").write_text(
        text(scenario({"one": doubt, "two": line(every="2 d", answer=0.1)}, posterior="draws.parquet"))
    )
    call("run", str(folder / "one.yaml"), *OPTIONS, "--out", str(folder / "run"))
    what_if = ("--what-if", "more: lines.two.answer=0.9")
    call("compare", str(folder / "prior.yaml"), *OPTIONS, *what_if, "--no-figures", "--out", str(folder / "compared"))
    vary = ("--vary", "lines.two.every=1 d,3 d")
    call("sweep", str(folder / "prior.yaml"), *OPTIONS, *vary, "--out", str(folder / "swept"))
    return folder


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()


def _run(folder: Path) -> str:
    run = api.open_run(folder / "run")
    table, totals = run.first_contact(), run.totals
    sums = {name: column.contacts for name, column in totals.columns.items()}
    return _digest((run.summary, run.manifest, table.to_pydict(), sums, run.scenario))


def _comparison(folder: Path) -> str:
    found = sim.open_comparison(folder / "compared")
    curves = {key: [np.asarray(one).tolist() for one in vars(curve).values()] for key, curve in found.curves.items()}
    return _digest((found.manifest, found.result.as_dict(), found.why, curves))


def _study(folder: Path) -> str:
    found = api.verify(folder / "swept")
    if found.differences:
        raise RunRefused(found.differences[0])
    return _digest(found)


def _draws(folder: Path) -> str:
    return _digest(sim.load(folder / "one.yaml").draws)


def _pictures(folder: Path) -> str:
    from sim.runs.store import check_pictures, read_manifest

    check_pictures(folder / "run", read_manifest(folder / "run"))
    return "pictures"


READERS: dict[str, tuple[Callable[[Path], str], ...]] = {
    "run": (_run, _pictures),
    "compared": (_comparison,),
    "swept": (_study,),
    "draws.parquet": (_draws,),
}


def read(folder: Path, part: str) -> list[str]:
    """What all readers of a part give, or that they refuse it."""
    found = []
    for reader in READERS[part]:
        try:
            found.append(reader(folder))
        except (RunRefused, RunFailed, ScenarioErrors):
            found.append("refused")
    return found


def flip(path: Path, bit: int) -> None:
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def parts(folder: Path) -> list[tuple[str, Path]]:
    return [(part, path) for part in READERS for path in sorted([folder / part, *(folder / part).rglob("*")])]


def test_a_flipped_bit_changes_no_number_in_silence(kept: Path) -> None:
    """Files are chosen alike, whatever their length; and every file of a folder is seen by `verify` too."""
    whole = {part: read(kept, part) for part in READERS}
    assert all("refused" not in found for found in whole.values())
    files = [(part, path) for part, path in parts(kept) if path.is_file()]
    chance, refused = random.Random(20260101), 0  # noqa: S311
    for _ in range(FLIPS):
        part, path = chance.choice(files)
        bit = chance.randrange(8 * path.stat().st_size)
        flip(path, bit)
        try:
            found = read(kept, part)
            wrong = [one for one, right in zip(found, whole[part], strict=True) if one not in ("refused", right)]
            assert not wrong, (path, bit)
            refused += "refused" in found
            if part != "draws.parquet":
                done = CliRunner().invoke(app, ["verify", str(kept / part), "--sample", "0"])
                assert done.exit_code in (1, 2) or found == whole[part], (path, bit)
                assert done.exit_code in (0, 1, 2), (path, bit, done.output)
                assert done.exception is None or isinstance(done.exception, SystemExit), (path, bit)
        finally:
            flip(path, bit)
    assert refused > FLIPS // 2
    assert {part: read(kept, part) for part in READERS} == whole


def test_a_flipped_bit_is_in_the_numbers_where_nobody_looks(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Saboteur: without the checksums another number is given."""
    monkeypatch.setattr("sim.runs.store.differences", lambda *_, **__: ())
    right = api.open_run(kept / "run").summary
    path = kept / "run" / "summary.json"
    content = path.read_bytes()
    digit = content.index(b'"contacts": ') + len(b'"contacts": ')
    flip(path, 8 * digit)
    try:
        assert api.open_run(kept / "run").summary != right
    finally:
        path.write_bytes(content)
