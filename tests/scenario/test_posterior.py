"""A table of posterior draws in the place of the priors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim import engines
from sim.scenario import load, loads
from sim.scenario.compiler import compile_scenario
from sim.scenario.errors import ScenarioErrors
from sim.scenario.posterior import draws_of, write_draws

TEXT = """\
scenario: 1
clock: {start: 2022-01-01, end: 2022-02-01}
sides: {A: {timezone: UTC}, B: {timezone: UTC}}
officials: {ann: {side: A}, bob: {side: B}}
channels: {phone: {}}
parameters: {cadence: {prior: {lognormal: {median: 1 d, sigma: 0.5}}}}
lines: {call: {caller: ann, callee: bob, channel: phone, every: {parameter: cadence}, answer: {prior: {beta: [1, 9]}}}}
posterior: draws.parquet
"""
ANSWERS, CADENCES = [0.05, 0.1, 0.15, 0.4], [3600.0, 7200.0, 86_400.0, 90_000.0]
GOOD = {"lines.call.answer": ANSWERS, "param:parameters.cadence": CADENCES, "note": ["a", "b", "c", "d"]}


def scenario(folder: Path, **columns: object) -> Path:
    table = {name: value for name, value in (GOOD | columns).items() if value is not None}
    pq.write_table(pa.table(table), folder / "draws.parquet")
    path = folder / "s.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_each_block_has_one_row_of_the_table(tmp_path: Path, engine: str) -> None:
    program = compile_scenario(load(scenario(tmp_path)), block=2)
    drawn = engines.get(engine).simulate(program, 1, range(800)).parameters
    rows = [program.uncertain.index(path) for path in ("lines.call.answer", "parameters.cadence")]
    pairs = {tuple(row) for row in drawn[:, rows].tolist()}
    assert pairs == set(zip(ANSWERS, CADENCES, strict=True))
    counts = np.bincount([ANSWERS.index(row[rows[0]]) for row in drawn.tolist()])
    # 400 blocks, four rows: a share that is off by 0.1 would be seen.
    assert np.abs(counts / 400 - 0.25).max() < 4.5 * np.sqrt(0.25 * 0.75 / 400)


def test_priors_are_seen_not_to_be_such_rows(tmp_path: Path) -> None:
    """Saboteur: without the table the numbers are others."""
    path = scenario(tmp_path)
    path.write_text(TEXT.replace("posterior: draws.parquet\n", ""), encoding="utf-8")
    drawn = compile_scenario(load(path)).draw_parameters(1, range(50))
    assert not set(drawn[:, 0].tolist()) & set(ANSWERS + CADENCES)


def test_another_table_is_another_scenario(tmp_path: Path) -> None:
    before = compile_scenario(load(scenario(tmp_path))).sha256
    assert compile_scenario(load(scenario(tmp_path))).sha256 == before
    other = scenario(tmp_path, **{"lines.call.answer": [0.05, 0.1, 0.15, 0.41]})
    assert compile_scenario(load(other)).sha256 != before


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"lines.call.answer": None, "lines.call.answers": ANSWERS}, "no column 'lines.call.answer'; did you mean"),
        ({"lines.call.answer": [0.1, 0.2, 1.5, 0.3]}, "row 3 of column 'lines.call.answer' .* is 1.5, which the prior"),
        ({"lines.call.answer": [0.1, None, 0.5, 0.3]}, "row 2 .* is nan"),
        ({"lines.call.answer": [0.0, 0.1, 0.5, 0.3]}, "row 1 .* is 0"),
        ({"lines.call.answer": ["a", "b", "c", "d"]}, "holds string; expected numbers"),
        ({name: [] for name in GOOD}, "has 0 rows"),
        ({"parameters.cadence": CADENCES}, "two columns of one number, 'parameters.cadence' and 'param:parameters.cad"),
    ],
)
def test_a_table_that_cannot_replace_the_priors_is_refused(
    tmp_path: Path, columns: dict[str, object], message: str
) -> None:
    with pytest.raises(ScenarioErrors, match=message) as refused:
        load(scenario(tmp_path, **columns))
    (error,) = refused.value.errors
    assert (error.line, error.column, error.path) == (8, 12, "posterior")


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    path = scenario(tmp_path)
    (tmp_path / "draws.parquet").write_text("garbage", encoding="utf-8")
    with pytest.raises(ScenarioErrors, match="is no Parquet table"):
        load(path)


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = scenario(tmp_path)
    columns = [*GOOD.items(), ("lines.call.answer", ANSWERS)]
    table = pa.Table.from_arrays([pa.array(values) for _, values in columns], names=[name for name, _ in columns])
    pq.write_table(table, tmp_path / "draws.parquet")
    with pytest.raises(ScenarioErrors, match=r"has several columns 'lines\.call\.answer'; expected one"):
        load(path)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    path = scenario(tmp_path / "inside")
    table = path.with_name("draws.parquet")
    table.rename(tmp_path / "outside.parquet")
    table.symlink_to("../outside.parquet")
    with pytest.raises(
        ScenarioErrors, match=r"s\.yaml:8:12 posterior: 'draws\.parquet' lies outside the scenario's folder"
    ):
        load(path)
    # One to a file beside it is.
    (tmp_path / "outside.parquet").rename(table.with_name("other.parquet"))
    table.unlink()
    table.symlink_to("other.parquet")
    assert load(path).draws is not None


def test_a_text_has_no_table_to_run_with() -> None:
    found = loads(TEXT)
    assert found.posterior == "draws.parquet"
    with pytest.raises(ScenarioErrors, match="is not at hand; load the scenario from its file"):
        compile_scenario(found)


LATER = "this prior is not used, since 'draws.parquet' has draws of the number"


@pytest.mark.parametrize(
    ("change", "warned"),
    [
        ("parameters.cadence.prior.lognormal.sigma=0.6", "parameters.cadence"),
        ("parameters.cadence={prior: {lognormal: {median: 2 d, sigma: 1}}}", "parameters.cadence"),
        ("lines.call.answer={prior: {beta: [1, 3]}}", "lines.call.answer"),
        ("parameters.cadence={value: 2 d}", None),
        ("parameters.cadence.why=no reason", None),
        ("lines.call.call=1 h", None),
        ("posterior=null", None),
    ],
)
def test_a_prior_that_the_table_makes_idle_is_warned_of(tmp_path: Path, change: str, warned: str | None) -> None:
    found = load(scenario(tmp_path), [change]).warnings
    assert len(found) == (warned is not None)
    if warned is not None:
        assert LATER in found[0]
        assert warned in found[0]


def test_so_is_one_in_a_file_that_extends_the_one_with_the_table(tmp_path: Path) -> None:
    base = scenario(tmp_path)
    assert load(base).warnings == ()
    path = tmp_path / "t.yaml"
    path.write_text(
        "scenario: 1\nextends: s.yaml\nlines: {call: {answer: {prior: {beta: [1, 3]}}}}\n", encoding="utf-8"
    )
    (warning,) = load(path).warnings
    assert warning.startswith(f"{path}:3:")
    assert LATER in warning
    # With a table of its own, or none, its priors are those that the table is of.
    for posterior in ("null", "draws.parquet"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / "u.yaml").write_text(f"{text}posterior: {posterior}\n", encoding="utf-8")
        assert load(tmp_path / "u.yaml").warnings == ()


def test_set_and_weight_are_kept_and_written_again(tmp_path: Path) -> None:
    loaded = load(scenario(tmp_path, set=[0, 0, 1, 1], weight=[0.5, 0.25, 0.25, 0.0]))
    assert loaded.draws is not None
    assert (loaded.draws.sets, loaded.draws.weights) == ((0, 0, 1, 1), (0.5, 0.25, 0.25, 0.0))
    again = draws_of(compile_scenario(loaded))
    assert again == loaded.draws
    assert again is not None
    write_draws(again, tmp_path / "draws.parquet")
    assert load(tmp_path / "s.yaml").draws == loaded.draws


def test_a_row_is_drawn_by_its_weight(tmp_path: Path) -> None:
    drawn = compile_scenario(load(scenario(tmp_path, weight=[3.0, 0.0, 1.0, 0.0]))).draw_parameters(1, range(4000))
    answers = drawn[:, -1] if drawn[0, -1] < 1.0 else drawn[:, 0]
    assert set(answers.tolist()) == {ANSWERS[0], ANSWERS[2]}
    # A share that is off by 0.035 would be seen.
    assert abs(float((answers == ANSWERS[0]).mean()) - 0.75) < 4.5 * np.sqrt(0.75 * 0.25 / 4000)


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"weight": [1.0, -1.0, 1.0, 1.0]}, "row 2 of column 'weight' .* is -1; expected a number of at least 0"),
        ({"weight": [1.0, float("nan"), 1.0, 1.0]}, "row 2 of column 'weight' .* is nan"),
        ({"weight": [0.0, 0.0, 0.0, 0.0]}, "no weight above 0"),
        ({"set": [0, 1, -1, 0]}, "row 3 of column 'set' .* is -1; expected a whole number"),
        ({"set": ["a", "b", "c", "d"]}, "column 'set' .* holds string; expected numbers"),
    ],
)
def test_a_set_or_weight_that_is_none_is_refused(tmp_path: Path, extra: dict[str, object], message: str) -> None:
    with pytest.raises(ScenarioErrors, match=message):
        load(scenario(tmp_path, **extra))


def test_only_columns_that_are_wanted_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    right = pq.ParquetFile.read

    def read(self: pq.ParquetFile, columns: list[str], use_threads: bool) -> pa.Table:
        asked.append(columns)
        return right(self, columns=columns, use_threads=use_threads)

    monkeypatch.setattr(pq.ParquetFile, "read", read)
    load(scenario(tmp_path))
    assert [sorted(columns) for columns in asked] == [["lines.call.answer", "param:parameters.cadence"]]


def test_a_table_that_unpacks_to_too_much_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pq.ParquetFile, "read", lambda *_, **__: pytest.fail("read"))
    monkeypatch.setattr("sim.scenario.posterior.MOST_MEMORY", 100)
    with pytest.raises(ScenarioErrors, match=r"unpacks to .* MiB; at most"):
        load(scenario(tmp_path))
    monkeypatch.setattr("sim.scenario.posterior.MOST_ROWS", 3)
    with pytest.raises(ScenarioErrors, match="has 4 rows; expected 1 to 3"):
        load(scenario(tmp_path))
