"""The list of injects: columns, views, game clock, choice of the replication, files."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from sim import api
from sim.cli import app
from sim.engines.contract import NEVER
from sim.report import msel
from sim.scenario.program import columns_of
from sim.stats.conditions import parse_conditions

BASELINE = "scenarios/us-russia-2022.yaml"
COLUMNS = {
    "hseep": "Event Number, Designated Scenario Time, Event Type, Inject Mode, From, To, Message, "
    "Expected Participant Response, Exercise Objective, Notes",
    "mitre": "ID, Local Time, Delivery Method, Target, Title, Description, Assumptions, Notes, Expected Actions, "
    "Measure of Performance",
    "blueprint": "Control Number, Move, Group, Delivery Time, Simulated Time, Assigned To, Status, Title, Description, "
    "From Org, To Org, Details, Expected Actions",
    "conducttr": "Number, Time, From, Faction, To, Team, Method, Subject, Message, Expected Action, Tab",
    "t3sf": "#, Real Time, Date, Subject, From, Player, Script, Photo, Picture Name, Profile, Poll",
}


def run(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(app, ["msel", *arguments])
    return found.exit_code, found.output


def rows_of(*arguments: str) -> list[dict[str, str]]:
    status, text = run(*arguments)
    assert status == 0, text
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("preset", COLUMNS)
def test_each_preset_has_its_columns_in_order(preset: str) -> None:
    assert ", ".join(msel.columns(preset)) == COLUMNS[preset]


def test_a_replication_of_the_baseline_has_a_list_that_can_be_played() -> None:
    for replication in (0, 4, 7):
        rows = rows_of(BASELINE, "--replication", str(replication))
        assert 20 <= len(rows) <= 60
        assert [row["Event Number"] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]
        assert {row["Event Type"] for row in rows} == {"Inject", "Contingency Inject", "Expected Action"}
        times = [row["Designated Scenario Time"] for row in rows]
        assert times == sorted(times)


def test_players_see_neither_odds_nor_outcomes_and_numbers_stay() -> None:
    control = {row["Event Number"]: row for row in rows_of(BASELINE, "--replication", "4")}
    assert any("chance of an answer" in row["Message"] for row in control.values())
    for side in ("US", "RU"):
        player = rows_of(BASELINE, "--replication", "4", "--view", "player", "--side", side)
        assert 0 < len(player) < len(control)
        for row in player:
            assert row["Designated Scenario Time"] == control[row["Event Number"]]["Designated Scenario Time"]
            # A public event may speak of declined calls; every player reads the news.
            text = "" if row["Inject Mode"] == "News" else " ".join(row.values()).lower()
            for word in ("chance", "odds", "declined", "no reply", "answered", "readiness"):
                assert word not in text, row


def test_players_of_one_side_do_not_see_the_other_sides_requests() -> None:
    american = rows_of(BASELINE, "--replication", "4", "--view", "player", "--side", "US")
    russian = rows_of(BASELINE, "--replication", "4", "--view", "player", "--side", "RU")
    assert any("wants to reach" in row["Message"] for row in american)
    assert not {row["Message"] for row in russian if "Austin" in row["Message"] and "wants" in row["Message"]}


def test_the_game_clock() -> None:
    clock = msel.Clock(datetime(2022, 2, 24, tzinfo=UTC), 9 * 3600, 600 / 86_400)
    assert clock.game_time(0) == "09:00"
    assert clock.game_time(3 * 86_400) == "09:30"
    assert clock.game_time(100 * 86_400) == "1+01:40"
    assert msel.Clock(datetime(2022, 2, 24, tzinfo=UTC), dtg=True).scenario_time(20 * 86_400 + 43_200) == "161200ZMAR22"
    rows = rows_of(BASELINE, "--replication", "4", "--preset", "mitre", "--start", "09:00", "--pace", "1 d = 10 min")
    assert rows[0]["Local Time"] == "09:00"


def test_equal_input_gives_equal_bytes_and_a_spreadsheet_reads_what_was_written(tmp_path: Path) -> None:
    for ending in (".csv", ".xlsx", ".json"):
        files = [tmp_path / f"{name}{ending}" for name in ("one", "two")]
        for file in files:
            assert run(BASELINE, "--replication", "4", "--out", str(file)) == (0, "")
        assert files[0].read_bytes() == files[1].read_bytes()
    expected = rows_of(BASELINE, "--replication", "4")
    sheet = load_workbook(tmp_path / "one.xlsx").active
    heading, *cells = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert [dict(zip(heading, row, strict=True)) for row in cells] == expected
    assert json.loads((tmp_path / "one.json").read_text("utf-8")) == expected


def test_a_list_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "list.xlsx"
    file.write_bytes(b"old")
    monkeypatch.setattr(msel, "write_xlsx", fail)
    status, _ = run("scenarios/minimal.yaml", "--out", str(file))
    assert status != 0
    assert [one.name for one in tmp_path.iterdir()] == ["list.xlsx"]
    assert file.read_bytes() == b"old"
    monkeypatch.setattr(msel, "write_xlsx", lambda rows, names, target: (target.write_bytes(b"half"), fail()))
    assert run("scenarios/minimal.yaml", "--out", str(file))[0] != 0
    assert file.read_bytes() == b"old"


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    text = Path("scenarios/minimal.yaml").read_text("utf-8")
    hostile = tmp_path / "hostile.yaml"
    hostile.write_text(text.replace("envoy: {side: North}", 'envoy: {side: North, name: "=HYPERLINK(1)"}'), "utf-8")
    rows = rows_of(str(hostile))
    assert any(row["From"] == "'=HYPERLINK(1)" for row in rows)
    assert not any(cell[:1] in "=+-@\t" for row in rows for cell in row.values() if cell)


def test_a_replication_is_chosen_by_a_condition() -> None:
    rows = rows_of("scenarios/minimal.yaml", "--where", "any > 10 d", "--pool", "100")
    contact = next(row for row in rows if row["Event Type"] == "Inject")
    assert contact["Designated Scenario Time"] >= "2024-01-11"
    times = np.array([5, NEVER, 90_000])
    columns = columns_of(api.load("scenarios/minimal.yaml"))
    (late,) = parse_conditions("envoy-minister >= 1 d", columns)
    (never,) = parse_conditions("any = never", columns)
    assert late.holds(times).tolist() == [False, True, True]
    assert never.holds(times).tolist() == [False, True, False]
    assert len(parse_conditions("any < 3 d and telephone >= 1 min", columns)) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--where", "any ~ 1 d"), "is no condition; write for instance"),
        (("--where", "nobody < 1 d"), "'nobody' is no line, group, channel, level or side"),
        (("--where", "any < 0.5 s", "--pool", "5"), "none of 5 replications; --pool looks at more of them"),
        (("--view", "player"), "--view player needs --side: North or South"),
        (("--view", "player", "--side", "Nort"), "did you mean 'North'?"),
        (("--side", "North"), "--side goes with --view player"),
        (("--start", "25:00"), "expected a time of day such as 09:00"),
        (("--pace", "1 d"), "expected two durations such as '1 d = 10 min'"),
        (("--typical", "--replication", "3"), "choose the replication in one way"),
        (("--out", "list.doc"), "expected a file that ends in .csv, .xlsx or .json"),
    ],
)
def test_wrong_options_are_refused(arguments: tuple[str, ...], message: str) -> None:
    status, text = run("scenarios/minimal.yaml", *arguments)
    assert status == 2
    assert message in text
