"""The report of a run: its numbers are those of the summary, and the file makes the run again."""

from __future__ import annotations

import base64
import html
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sim import api, cli
from sim.report.document import Table
from sim.report.format import Cell, duration, share
from sim.report.html import network, page
from sim.report.pages import run_page
from sim.report.run import answer, bases, certainty_table, contact_table, headline, record_table, request_table
from sim.report.view import view_of
from sim.runs.files import fingerprint
from sim.runs.store import list_files, read_manifest
from sim.scenario import loads
from tests.report.pages import Page
from tests.support import line, scenario, text

HOSTILE = "<script>alert('x')</script>"


def command(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(one) for one in arguments], prog_name="openlines")


def small(**more: object) -> str:
    """Two lines and a triggered one, hostile words wherever words are free, a group, a record and a source."""
    lines = {
        "first": line(title=HOSTILE, every="1 d", answer=0.2, delay="2 h"),
        "second": line(every="2 d", answer={"value": 0.02, "basis": "assumption", "why": HOSTILE}, delay="2 h"),
        "alarm": line(triggered_by="incident", every="1 h", answer=0.5, give_up="2 h", unanswered={HOSTILE: 1}),
    }
    sections: dict[str, object] = {
        "title": HOSTILE,
        "description": HOSTILE,
        "channels": {"c": {"title": HOSTILE}},
        "events": {"incident": {"every": {"exponential": {"mean": "9 d"}}}},
        "report": {"groups": {"both": ["first", "second"]}},
        "record": [{"line": "first", "contact": "2022-01-08", "known": "2022-01-08", "source": HOSTILE}],
        "sources": {"one": {"title": HOSTILE, "url": "https://example.org/<a>", "note": HOSTILE}},
    }
    return text(scenario(lines, **(sections | more)))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def run() -> api.Run:
    return api.run(loads(small()), 200, save=False)


def report_text(found: api.Run) -> str:
    return page(run_page(view_of(found), found.manifest, {}, None, network(found.scenario)))


def test_the_page_of_a_hostile_scenario_is_harmless(run: api.Run) -> None:
    made = report_text(run)
    read = Page(made)
    assert read.faults == []
    assert "<script" not in made
    assert read.text.count("alert('x')") > 10


def test_its_numbers_are_those_of_the_summary(run: api.Run) -> None:
    view, first = view_of(run), run.summary["first_contact"]
    rows = {row[0]: row for row in contact_table(view, full=True).rows}
    assert len(rows) == 6 - 1 + 1  # three lines, a group, a channel, any
    for label, name in (("second", "line:second"), ("group both", "group:both"), ("any line", "any")):
        chance, median = first[name]["probability"]["estimate"], first[name]["median_seconds"]["estimate"]
        shown = rows[label]
        assert isinstance(shown[1], Cell)
        assert isinstance(shown[-3], Cell)
        assert shown[1].text == share(chance)
        assert shown[2] == share(first[name]["within"]["1 d"])
        assert shown[-3].text == duration(median)
    told = " ".join(answer(view))
    assert share(first["any"]["probability"]["estimate"]) in told
    assert share(first["group:both"]["probability"]["estimate"]) in told
    requests = request_table(view, full=True)
    assert requests is not None
    begun = run.summary["lines"]["alarm"]["requests"]["begun"]
    assert float(str(requests.rows[0][1])) == pytest.approx(begun / 200, abs=0.005)
    record = record_table(view, full=True)
    assert record is not None
    assert sum(float(str(cell).rstrip(" %")) for cell in record.rows[0][2:]) == pytest.approx(100, abs=0.2)


def test_the_groups_come_first(run: api.Run) -> None:
    view = view_of(run)
    for full in (True, False):
        names = [row[0] for row in contact_table(view, full=full).rows]
        assert (names[0], names[-1]) == ("group both", "any line")
    first, second, *_ = answer(view)
    assert "group both has contact in" in first
    assert second.startswith("Any line has contact in")


def test_without_groups_the_answer_names_the_surest_and_the_least_sure_line() -> None:
    bare = api.run(loads(small(report={"groups": {}})), 200, save=False)
    told = answer(view_of(bare))
    assert len(told) == 3
    assert "Of the 2 lines that wait for no event, first has contact most often" in told[0].replace(
        f"{HOSTILE} (first)", "first"
    )
    assert "second has contact least often" in told[0]


def test_a_run_without_priors_says_that_it_cannot_know(run: api.Run) -> None:
    view = view_of(run)
    told = "the numbers are right: of 10 numbers, 9 have no stated basis and 1 is an assumption."
    assert told in headline(view)
    assert certainty_table(view, full=True) is None


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ([None] * 17, "all 17 numbers have no stated basis"),
        (["record"], "its one number is from the public record"),
        (
            ["assumption"] * 3 + ["calibrated", "briefing"] * 2,
            "of 7 numbers, 3 are assumptions, 2 are calibrated and 2 are from a briefing",
        ),
        ([], "the scenario states the basis of none"),
    ],
)
def test_the_bases_of_the_numbers_are_told_in_words(run: api.Run, known: list[str | None], told: str) -> None:
    view = view_of(run)
    numbers = tuple(replace(view.scenario.provenance[0], basis=basis) for basis in known)
    assert bases(replace(view, scenario=replace(view.scenario, provenance=numbers))) == told


def test_no_number_is_parted_from_its_unit_at_the_head_of_a_table(run: api.Run) -> None:
    head = contact_table(view_of(run), full=True).head
    assert [cell for cell in head if cell.startswith("within")] == ["within 1\xa0d", "within 7\xa0d", "within 30\xa0d"]


def test_a_run_with_priors_tells_chance_from_what_is_not_known() -> None:
    human = scenario({"one": line(every="1 d", answer={"prior": {"beta": [1, 9]}})}, end="2022-01-11")
    found = api.run(loads(text(human)), 1600, save=False)
    view = view_of(found)
    assert "but not the spread that 1 uncertain number causes: from one draw" in headline(view)
    table = certainty_table(view, full=True)
    assert isinstance(table, Table)
    named, chance, error, spread = map(str, table.rows[0][:4])
    assert (named, chance) == ("one", share(found.summary["first_contact"]["line:one"]["probability"]["estimate"]))
    # 1 − (1 − p)^10 with p from Beta(1, 9): the mean is 10/19, the standard deviation √(9/29 − (9/19)²) = 0.293.
    assert float(spread.strip("±")) == pytest.approx(29.3, abs=6)
    assert float(error.strip("±")) < 5
    assert Page(report_text(found)).faults == []


def test_a_clock_of_an_hour_has_no_days() -> None:
    human = scenario({"one": line(every="10 min", answer=0.3)}, start="2022-01-01", end="2022-01-01 01:00")
    found = api.run(loads(text(human)), 50, save=False)
    assert not [head for head in contact_table(view_of(found), full=True).head if head.startswith("within")]
    assert Page(report_text(found)).faults == []


def test_the_command_writes_a_file_that_makes_the_run_again(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(small(), encoding="utf-8")
    folder = tmp_path / "run"
    assert command("run", tmp_path / "small.yaml", "-n", 60, "--seed", 5, "--out", folder).exit_code == 0
    made = command("report", folder)
    assert (made.exit_code, made.stdout) == (0, f"{folder / 'report.html'}\n")
    page_text = (folder / "report.html").read_text(encoding="utf-8")
    read = Page(page_text)
    assert read.faults == []
    assert read.count("figure") == 12  # all pictures of a run on which one side calls, a timeline and the network
    assert "A typical replication" in read.text
    assert command("report", folder, "--out", tmp_path / "again.html").exit_code == 0
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page_text

    resolved = re.search(r"<summary>resolved.yaml</summary>\s*<pre[^>]*><code>(.*?)</code>", page_text, re.DOTALL)
    assert resolved is not None
    (tmp_path / "resolved.yaml").write_text(html.unescape(resolved[1]), encoding="utf-8")
    again = api.run(tmp_path / "resolved.yaml", 60, 5, save=False)
    assert again.summary == api.open_run(folder).summary


def test_a_short_report_has_the_answer_one_table_and_one_picture(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(small(), encoding="utf-8")
    folder = tmp_path / "run"
    assert command("run", tmp_path / "small.yaml", "-n", 60, "--out", folder).exit_code == 0
    assert command("report", folder, "--short", "--out", tmp_path / "short.html").exit_code == 0
    read = Page((tmp_path / "short.html").read_text(encoding="utf-8"))
    assert read.faults == []
    assert (read.count("table"), read.count("figure"), read.count("details")) == (1, 1, 0)
    assert "group both has contact in" in read.text
    assert "It does not show that they hold" in read.text


def test_a_run_that_kept_its_summary_only_has_a_report_too(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(text(scenario({"one": line(every="1 d", answer=0.2)})), encoding="utf-8")
    folder = tmp_path / "run"
    arguments = ("--summary-only", "--no-figures", "--out", folder)
    assert command("run", tmp_path / "one.yaml", "-n", 20, *arguments).exit_code == 0
    made = command("report", folder)
    assert made.exit_code == 0, made.output
    read = Page((folder / "report.html").read_text(encoding="utf-8"))
    assert read.faults == []
    assert read.count("figure") > 8
    assert not (folder / "figures").exists()


def test_the_report_of_a_run_is_one_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(text(scenario({"one": line(every="1 d", answer=0.2)})), encoding="utf-8")
    folder, arguments = tmp_path / "run", ("run", tmp_path / "one.yaml", "-n", 20, "--no-figures")
    assert command(*arguments, "--out", folder).exit_code == 0
    before = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert command("report", folder, "--out", tmp_path / "elsewhere.html").exit_code == 0
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8")) == before
    assert command("report", folder).exit_code == 0
    after = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert before["run"].pop("checksum") != after["run"].pop("checksum")
    assert after == {**before, "files": {**before["files"], "report.html": fingerprint(folder / "report.html")}}
    assert api.verify(folder, 0).differences == ()
    with (folder / "report.html").open("a", encoding="utf-8") as file:
        file.write("<p>more</p>")
    (told,) = api.verify(folder, 0).differences
    assert told.startswith("report.html: not the file that the manifest lists")
    (folder / "report.html").unlink()
    assert "was there already" in command(*arguments, "--out", folder).stderr


def test_no_report_is_made_of_altered_files(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(text(scenario({"one": line(every="1 d", answer=0.2)})), encoding="utf-8")
    folder = tmp_path / "run"
    assert command("run", tmp_path / "one.yaml", "-n", 20, "--no-figures", "--out", folder).exit_code == 0
    with (folder / "summary.json").open("a", encoding="utf-8") as file:
        file.write(" ")
    refused = command("report", folder)
    assert (refused.exit_code, (folder / "report.html").exists()) == (2, False)
    assert "summary.json: not the file that the manifest lists" in refused.output
    assert [words.split(":")[0] for words in api.verify(folder, 0).differences] == ["summary.json"]


def test_a_place_that_cannot_be_written_is_refused_by_its_own_name(tmp_path: Path) -> None:
    target = tmp_path / f"{'x' * 300}.html"
    refused = command("report", tmp_path, "--out", target)
    assert refused.exit_code == 2
    assert f"{target} cannot be written: File name too long" in refused.output.replace("\n", "")
    assert ".partial-" not in refused.output
    assert list(tmp_path.iterdir()) == []


def test_wrong_folders_and_files_are_refused(tmp_path: Path) -> None:
    for arguments, words in (
        ((tmp_path / "none",), "is no folder"),
        ((tmp_path,), "it is not the folder of a run"),
        ((tmp_path, "--out", tmp_path), "is a folder"),
        ((tmp_path, "--out", tmp_path / "none" / "x.html"), "is no folder"),
    ):
        refused = command("report", *arguments)
        assert refused.exit_code == 2, refused.output
        assert words in refused.output
        assert refused.stderr.splitlines()[-1].count(words) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a run without pictures."""
    (tmp_path / "one.yaml").write_text(text(scenario({"one": line(every="1 d", answer=0.2)})), encoding="utf-8")
    arguments = ("-n", 5, "--no-figures", "--out", tmp_path / "run")
    assert command("run", tmp_path / "one.yaml", *arguments).exit_code == 0
    (tmp_path / "run" / "figures").mkdir()
    (tmp_path / "run" / "figures" / "alt.json").write_text('{"states": "words"}', encoding="utf-8")
    return tmp_path / "run"


@pytest.mark.parametrize(
    "damaged",
    [
        b"<html/>",
        b"\xff\xfe",
        b"",
        # 18 to 22 digits in a row took a sanitizer of paths seconds to minutes: it is no longer looked at.
        b'<svg viewBox="0 0 1 1"><path d="M 1234567890123456789012!"/></svg>',
        b'<svg onload="alert(1)"><script>alert(1)</script></svg>',
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>',
    ],
)
def test_a_damaged_picture_goes_into_the_page_as_it_is(folder: Path, damaged: bytes) -> None:
    (folder / "figures" / "states.svg").write_bytes(damaged)
    list_files(folder, read_manifest(folder))
    made = command("report", folder)
    assert made.exit_code == 0, made.output
    written = (folder / "report.html").read_text(encoding="utf-8")
    assert Page(written).faults == []
    assert f'data:image/svg+xml;base64,{base64.b64encode(damaged).decode()}" alt="words"' in written
    assert "alert(" not in written


def test_a_png_stands_in_the_page_where_there_is_no_svg(folder: Path) -> None:
    (folder / "figures" / "states.png").write_bytes(b"png")
    list_files(folder, read_manifest(folder))
    assert command("report", folder).exit_code == 0
    assert 'src="data:image/png;base64,cG5n"' in (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ('{"states": "words"}', "states.png"),
        ('{"../secret": "words"}', "no name of a picture"),
        ("[1]", "cannot be read"),
        ("{", "cannot be read"),
    ],
)
def test_pictures_that_are_missing_are_refused(folder: Path, texts: str, words: str) -> None:
    (folder / "figures" / "alt.json").write_text(texts, encoding="utf-8")
    list_files(folder, read_manifest(folder))
    refused = command("report", folder)
    assert refused.exit_code == 2
    assert words in refused.output.replace("\n", "")
    assert "draw the pictures again: openlines plot" in refused.output.replace("\n", " ")
    assert not (folder / "report.html").exists()


def test_a_picture_that_was_changed_is_refused(folder: Path) -> None:
    (folder / "figures" / "states.svg").write_text("<svg/>", encoding="utf-8")
    list_files(folder, read_manifest(folder))
    (folder / "figures" / "states.svg").write_text("<svg />", encoding="utf-8")
    refused = command("report", folder)
    assert refused.exit_code == 2
    assert "figures/states.svg: not the file that the manifest lists" in refused.output.replace("\n", "")
    assert "openlines plot" in refused.output
