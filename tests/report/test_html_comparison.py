"""The report of a comparison: its numbers, its words, and that it is a page like any other."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sim import cli
from sim.report.comparison import ComparisonView, in_brief
from sim.report.document import Drawing, Folded, Report, Table
from sim.report.format import Cell
from sim.report.html import page
from sim.report.narrative.divergence import Step
from sim.report.pages import comparison_page
from sim.runs.files import fingerprint
from sim.scenario import loads
from sim.stats.intervals import Estimate
from sim.stats.paired import ColumnComparison, Compared, Contrast, Order, Rank
from sim.studies.explain import DivergenceCause, RepresentativeReplication, Why
from tests.report.pages import Page
from tests.support import line, scenario, text

HOSTILE = "<script>alert('x')</script>"
DAY = 86_400.0


def contrast(estimate: float | None, half: float = 0.0, **more: Any) -> Contrast:
    ends = (None, None) if estimate is None else (estimate - half, estimate + half)
    wide = (None, None) if estimate is None else (estimate - 2 * half, estimate + 2 * half)
    return replace(Contrast(estimate, *ends, *wide, 0.01, 0.02, 0.9, 12_345, same=False), **more)


SAME = Contrast(0.0, 0.0, 0.0, 0.0, 0.0, None, None, None, None, same=True)


def column(absent: tuple[str, ...] = ()) -> ColumnComparison:
    """A base, a variant that shortens, one that lengthens, one that cannot be told, and one that is the same."""
    everywhere = ("base", "soon", "late", "unclear", "same")
    chance = {name: Estimate(0.5, 0.4, 0.6) for name in everywhere}
    median = {name: Estimate(None, 9 * DAY, None) for name in everywhere}
    mean = {name: Estimate(4 * DAY, 3 * DAY, 5 * DAY) for name in everywhere}
    attempts = {name: Estimate(3.0, 2.0, 4.0) for name in everywhere}
    shift = {"soon": contrast(-2 * DAY, 3600), "late": contrast(DAY, 3600), "unclear": contrast(3600.0, 7200)}
    shifts = shift | {"same": SAME}
    third = Estimate(1 / 3, 0.3, 0.36)
    answers = {name: Estimate(7200.0, 3600.0, 10_800.0) for name in everywhere}
    soon = {"soon": contrast(0.223, 0.02, p_holm=0.0004), "late": contrast(-0.01, 0.02, p_holm=0.31)}
    order = {name: Order(third, third, third, 40, 20, 1, 2, 3, DAY, DAY) for name in everywhere[1:]}
    ranking = tuple(Rank(name, 4 * DAY, place, place + 1, ("late",)) for place, name in enumerate(everywhere, 1))
    return ColumnComparison(
        {
            "within_1d": third_of(everywhere),
            "within_7d": third_of(everywhere),
            "probability": chance,
            "median_seconds": median,
            "restricted_mean_seconds": mean,
            "attempts": attempts,
            "response_median_seconds": answers,
        },
        {
            "within_7d": soon,
            "restricted_mean_seconds": shifts,
            "probability": {**{name: contrast(0.125, 0.01) for name in shift}, "same": SAME},
            "attempts": {"late": contrast(-1.5, 0.25)},
            "response_median_seconds": {"soon": contrast(-3600.0, 600.0), "same": SAME},
        },
        order,
        ranking,
        absent,
    )


def third_of(names: tuple[str, ...]) -> dict[str, Estimate]:
    return {name: Estimate(1 / 3, 0.3, 0.36) for name in names}


def compared(base: str = "base", **columns: ColumnComparison) -> Compared:
    names = ("soon", "late", "unclear", "same")
    kept = columns or {"group:both": column(), "line:one": column(("same",)), "any": column()}
    return Compared(
        base, names, {}, {}, 1, 1000, 16, "compiled", 1, datetime(2022, 1, 1, tzinfo=UTC), int(10 * DAY), kept
    )


def manifest() -> dict[str, Any]:
    scenarios = {
        name: {"sha256": "ab", "resolved": HOSTILE, "changes": [f"lines.one.every={HOSTILE}"] if name == "soon" else []}
        for name in ("base", "soon", "late", "unclear", "same")
    }
    return {
        "openlines": "1",
        "replications": 1000,
        "seed": 1,
        "engine": "compiled",
        "block": 16,
        "scenarios": scenarios,
        "run": {"command": HOSTILE, "versions": {"python": "3"}},
    }


def why() -> dict[str, Why]:
    """One variant that parts from the base, and one that does not."""
    typical = RepresentativeReplication(
        7, 3600, HOSTILE, None, 7200, (Step(3600, HOSTILE, ""), Step(7200, "", HOSTILE))
    )
    causes = (DivergenceCause("answered", "one", 30, HOSTILE), DivergenceCause("tried", "one", 10, "words"))
    return {"soon": Why("line:one", 400, 40, causes, typical), "same": Why("any", 0, 0, (), None)}


def base() -> Any:
    human = scenario(
        {"one": line(every="1 d", answer=0.2, title=HOSTILE)}, title=HOSTILE, report={"groups": {"both": ["one"]}}
    )
    return loads(text(human))


def view(found: Compared | None = None) -> ComparisonView:
    def nothing(*_: object) -> Any:
        raise AssertionError("no picture is drawn")

    return ComparisonView(found or compared(), {"base": base()}, nothing, nothing)


def made(found: Compared | None = None, *, short: bool = False) -> Report:
    drawn = {name: Drawing(name, "data:image/png;base64,AAAA") for name in ("differences", "survival", "why-01")}
    return comparison_page(view(found), manifest(), drawn, why(), short=short)


def test_the_page_is_whole_and_harmless() -> None:
    whole = page(made())
    read = Page(whole)
    assert read.faults == []
    assert "<script" not in whole
    assert read.count("table") >= 5
    assert read.count("figure") == 3
    assert "no contact in the base, contact after 2 h in the variant. The two diverge on 1 Jan 2022 01:00" in read.text
    assert "soon 40.0 % 4.0 %" in read.text
    assert "same 0 % 4.0 % no first contact changed" in read.text
    assert "at most 40 of each variant were traced" in read.text


def test_a_short_page_has_two_tables_one_picture_and_nothing_folded() -> None:
    read = Page(page(made(short=True), short=True))
    assert read.faults == []
    assert (read.count("table"), read.count("figure"), read.count("details")) == (2, 1, 0)
    assert "The mean wait was shorter with “soon”" in read.text


def test_the_answer_tells_what_is_sooner_later_unclear_and_the_same() -> None:
    first, second, third = made().answer
    assert "group both had contact by 11 Jan 2022 in 50.0 % (95 % interval 40.0–60.0) of 1,000" in first
    assert (
        "The mean wait was shorter with “soon” by 2 d (1.92 to 2.08), contact by the end +12.5 percentage points"
        in second
    )
    assert "longer with “late” by 1 d (0.92 to 1.08)" in second
    assert "not clearly different from the base with “unclear”; exactly the same with “same”" in second
    assert "hold together" in third


def tables_of(report: Report) -> dict[str, Table]:
    """The tables of the differences that are not folded away, by caption."""
    differences = next(section for section in report.sections if section.name == "differences")
    return {block.caption: block for block in differences.blocks if isinstance(block, Table)}


def test_contact_within_a_time_is_told_with_intervals_and_p_values() -> None:
    table = tables_of(made())["Contact within a time: group both"]
    assert table.head == ("", "within 24 h", "difference", "within 7 d", "difference", "median wait", "difference")
    rows = {row[0]: row[1:] for row in table.rows}
    third = Cell("33.3 %", "30.0–36.0")
    assert rows["base"][:4] == (third, Cell(""), third, Cell(""))
    assert rows["soon"][3] == Cell("+22.3 points", "+18.3 to +26.3", "p < 0.001")
    assert rows["late"][3] == Cell("−1 points", "−5 to +3", "p = 0.310")
    assert rows["unclear"][3] == Cell("–")


def test_attempts_and_response_times_are_told_with_their_differences() -> None:
    table = tables_of(made())["Attempts and response times: group both"]
    assert table.head == ("", "attempts", "difference", "median response time", "difference")
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["base"] == (Cell("3", "2–4"), Cell(""), Cell("2 h", "1–3"), Cell(""))
    assert rows["late"][1] == Cell("−1.5", "−2 to −1", "p = 0.020")
    assert rows["soon"][3] == Cell("−60 min", "−80 to −40", "p = 0.020")
    assert rows["same"][3] == Cell("the same")


def test_what_a_column_does_not_have_makes_no_table() -> None:
    bare = column()
    few = {name: bare.estimates[name] for name in ("probability", "median_seconds", "restricted_mean_seconds")}
    told = tables_of(made(compared(any=replace(bare, estimates=few))))
    assert list(told) == [
        "First contact: any line",
        "Contact within a time: any line",
        "In order of mean wait: any line",
    ]


def test_main_differences_have_p_values() -> None:
    rows = {row[0]: row for row in tables_of(made())["First contact: group both"].rows}
    assert rows["soon"][4] == Cell("−2 d", "−2.08 to −1.92", "p = 0.020")
    assert rows["same"][4] == Cell("the same")


@pytest.mark.parametrize(
    ("removed", "words"),
    [
        (
            (0.135, 0.991),
            "removed 13.5 % to 99.1 % of the variance of these differences; unpaired runs would need 12,340 ",
        ),
        ((0.5, 0.5), "removed 50.0 % of the variance"),
        ((-0.2, 0.6), "removed up to 60.0 % of the variance of these differences, and with some variants added to it"),
        ((-0.2, -0.1), "did not make them narrower here"),
        ((None, None), "show chance only."),
    ],
)
def test_what_pairing_saved_is_said_as_it_was_found(removed: tuple[float | None, float | None], words: str) -> None:
    shifts = {
        name: contrast(-DAY, 3600, variance_removed=share)
        for name, share in zip(("soon", "late"), removed, strict=True)
    }
    whole = column()
    told = replace(whole, contrasts={**whole.contrasts, "restricted_mean_seconds": shifts})
    answer = made(compared(any=told)).answer[-1]
    assert words in answer
    assert "so narrow" not in answer


def test_a_column_that_a_scenario_lacks_is_said_to_be_lacking() -> None:
    differences = next(section for section in made().sections if section.name == "differences")
    *_, folded = (block for block in differences.blocks if isinstance(block, Folded))
    assert folded.summary.startswith("The same for")
    table = next(one for one in folded.blocks if isinstance(one, Table) and one.caption.startswith("First contact"))
    assert [row[0] for row in table.rows] == ["base", "soon", "late", "unclear"]
    assert "Without this column: same." in table.note


def test_a_column_that_only_a_variant_has_has_no_differences() -> None:
    bare = replace(column(("base", "late")), contrasts={}, order={})
    found = compared(**{"any": column(), "line:relay": bare})
    read = Page(page(made(found)))
    assert read.faults == []
    assert "The base does not have this column" in read.text


def test_blocks_are_said_to_be_the_unit_where_numbers_are_uncertain() -> None:
    words = "drawn anew for every 16 replications, and intervals take these blocks for their unit"
    assert words in Page(page(made(replace(compared(), unit=16)))).text
    assert words not in Page(page(made())).text


def test_few_changes_are_warned_of() -> None:
    assert (
        "So few replications changed with soon, late, unclear and same that the intervals are rough"
        in Page(page(made())).text
    )


def test_overrides_in_brief() -> None:
    assert in_brief("parameters.cadence=1 d") == "parameters.cadence = 1 d"
    wrapped = '{"open": {"lasts": {"value": {"exponential": {"mean": "14 d"}}, "basis": "assumption"}}, "n": [1, true]}'
    assert in_brief(f"regimes.gate.states={wrapped}") == (
        "regimes.gate.states = {open: {lasts: {exponential: {mean: 14 d}}}, n: [1, true]}"
    )
    assert in_brief("a={no json") == "a = {no json"


def test_the_command_writes_the_report_of_a_comparison(tmp_path: Path) -> None:
    human = scenario({"one": line(every="1 d", answer=0.1), "two": line(every="2 d", answer=0.1)})
    (tmp_path / "small.yaml").write_text(text(human), encoding="utf-8")
    folder = tmp_path / "found"

    def command(*arguments: object) -> Result:
        return CliRunner().invoke(cli.app, [str(one) for one in arguments], prog_name="openlines")

    what_ifs = ("--what-if", "sure: lines.one.answer=0.9", "--what-if", "idle: lines.one.answer=0.1")
    given = ("-n", 64, "--no-figures", "--out", folder)
    compared_ = command("compare", tmp_path / "small.yaml", *what_ifs, *given)
    assert compared_.exit_code == 0, compared_.output
    made_ = command("report", folder)
    assert (made_.exit_code, made_.stdout) == (0, f"{folder / 'report.html'}\n")
    read = Page((folder / "report.html").read_text(encoding="utf-8"))
    assert read.faults == []
    assert "exactly the same with “idle”" in read.text
    assert "lines.one.answer = 0.9" in read.text
    assert "shorter with “sure”" in read.text
    files = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert files["report.html"] == fingerprint(folder / "report.html")
    (folder / "report.html").unlink()
    again = command("compare", tmp_path / "small.yaml", *what_ifs, *given)
    assert "was there already" in again.stderr
