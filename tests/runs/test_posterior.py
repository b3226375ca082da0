"""A run whose numbers come from a table of posterior draws keeps the table: its folder is enough to go on from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim import api
from sim.report.figures import draw_all
from sim.report.pages import again
from sim.report.view import view_of
from sim.rules.random import Purpose, Stream
from sim.runs.errors import RunRefused
from sim.runs.store import list_files
from sim.scenario.compiler import compile_scenario
from sim.scenario.posterior import draws_of, read_draws, write_draws
from tests.scenario.test_posterior import scenario

N = 64


@pytest.fixture
def kept(tmp_path: Path) -> api.Run:
    """A run of which nothing is left but its folder."""
    file = scenario(tmp_path)
    run = api.run(file, N, engine="reference", out=tmp_path / "run", workers=1)
    file.unlink()
    (tmp_path / "draws.parquet").unlink()
    assert run.folder is not None
    return api.open_run(run.folder)


def test_its_folder_holds_the_draws(kept: api.Run) -> None:
    assert "posterior.parquet" in kept.manifest["files"]
    assert kept.scenario.posterior == "posterior.parquet"
    program = compile_scenario(kept.scenario, kept.manifest["block"])
    assert program.sha256 == kept.manifest["scenario"]["sha256"]
    drawn = program.draw_parameters(1, range(N // 16))
    rows = kept.first_contact().column(f"param:{program.uncertain[0]}").to_numpy()[::16]
    assert np.array_equal(drawn[:, 0], rows)


def test_it_is_told_drawn_and_verified_from_its_folder(kept: api.Run, tmp_path: Path) -> None:
    assert kept.folder is not None
    event_log = api.trace(kept.scenario, 1, 17)
    seconds = kept.first_contact().column("any").to_pylist()
    assert min((h.second for h in event_log.log_entries if h.what == "contact"), default=None) == seconds[17]
    assert view_of(kept).sample is not None
    draw_all(view_of(kept), tmp_path / "figures")
    assert (tmp_path / "figures" / "officials.png").exists()
    found = api.verify(kept.folder, 8)
    assert (found.differences, found.left_out, found.engine) == ((), "", "compiled")


def test_it_is_verified_in_a_folder_whose_name_reads_like_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = scenario(tmp_path)
    monkeypatch.chdir(tmp_path)
    api.run(file, N, engine="reference", out="file:run", workers=1)
    assert api.verify("file:run", 8).differences == ()


def test_a_table_of_another_is_noticed(kept: api.Run, tmp_path: Path) -> None:
    """Saboteur: one draw moved by a millionth."""
    assert kept.folder is not None
    file = kept.folder / "posterior.parquet"
    table = pq.read_table(file)
    moved = pa.array(table.column(0).to_numpy() * (1 + 1e-6))
    pq.write_table(table.set_column(0, table.column_names[0], moved), file)
    with pytest.raises(RunRefused, match=r"posterior\.parquet: not the file that the manifest lists"):
        _ = api.open_run(kept.folder).scenario
    assert any("posterior.parquet" in line for line in api.verify(kept.folder, 0).differences)
    list_files(kept.folder, kept.manifest)
    assert compile_scenario(api.open_run(kept.folder).scenario).sha256 != kept.manifest["scenario"]["sha256"]
    (found,) = api.verify(kept.folder, 0).differences
    assert found == "manifest.json: its scenario is not the one that the checksum there names"
    file.unlink()
    with pytest.raises(RunRefused, match=r"posterior\.parquet: cannot be read"):
        _ = api.open_run(kept.folder).scenario


def test_a_run_in_memory_has_them_too(tmp_path: Path) -> None:
    run = api.run(scenario(tmp_path), N, engine="reference", save=False, workers=1)
    assert compile_scenario(run.scenario).sha256 == run.manifest["scenario"]["sha256"]
    assert view_of(run).sample is not None


def test_the_same_command_finds_the_run_again(tmp_path: Path) -> None:
    file = scenario(tmp_path)
    first = api.run(file, N, engine="reference", out=tmp_path / "run", workers=1)
    assert not first.reused
    assert api.run(file, N, engine="reference", out=tmp_path / "run", workers=1).reused


def test_a_fixed_number_wins_over_the_table(tmp_path: Path) -> None:
    file = scenario(tmp_path)
    cadence, answer = "parameters.cadence={value: 5 h}", "lines.call.answer=0.3"
    program = compile_scenario(api.load(file, [cadence]))
    assert program.uncertain == ("lines.call.answer",)
    free = compile_scenario(api.load(file))
    at = free.uncertain.index("lines.call.answer")
    # What stays uncertain is drawn as before: the same rows of the table.
    assert np.array_equal(program.draw_parameters(1, range(50))[:, 0], free.draw_parameters(1, range(50))[:, at])
    # With both fixed the table has nothing left to say.
    run = api.run(file, N, engine="reference", out=tmp_path / "run", workers=1, overrides=[cadence, answer])
    assert run.scenario.posterior is None
    assert "posterior.parquet" not in run.manifest["files"]
    assert run.folder is not None
    assert api.verify(run.folder, 8).differences == ()


def test_rows_are_those_of_the_keyed_draws(tmp_path: Path) -> None:
    """Many blocks at once, against one address at a time."""
    program = compile_scenario(api.load(scenario(tmp_path)))
    assert program.posterior is not None
    blocks = range(7, 300)
    stream = Stream(3, "posterior", "", blocks)
    rows = [int(stream.draw(block, Purpose.INTERVAL, 0) * len(program.posterior)) for block in blocks]
    assert np.array_equal(program.draw_parameters(3, blocks), program.posterior[rows])
    assert program.draw_parameters(3, range(0)).shape == (0, 2)


def test_what_is_written_is_what_was_read(tmp_path: Path) -> None:
    loaded = api.load(scenario(tmp_path))
    draws = draws_of(compile_scenario(loaded))
    assert draws == loaded.draws
    assert draws is not None
    write_draws(draws, tmp_path / "again.parquet")
    assert read_draws(tmp_path / "again.parquet", loaded.uncertain) == draws


def test_its_report_says_what_belongs_beside_the_scenario(kept: api.Run, tmp_path: Path) -> None:
    """And with the two files of that name the run is made again, to the bit."""
    assert kept.folder is not None
    assert "with posterior.parquet of the run's folder beside it:" in str(again(kept.manifest))
    assert "beside it" not in str(again({**kept.manifest, "files": {}}))
    (tmp_path / "resolved.yaml").write_text(kept.manifest["scenario"]["resolved"], encoding="utf-8")
    (tmp_path / "posterior.parquet").write_bytes((kept.folder / "posterior.parquet").read_bytes())
    assert api.run(tmp_path / "resolved.yaml", N, engine="reference", save=False).summary == kept.summary
