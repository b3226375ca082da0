"""The report of a comparison: its numbers, its words, and that it is a page like any other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sim.report.html.comparison import comparison_report
from sim.report.html.contrasts import change, points, signed_duration
from sim.report.html.document import Folded, Section, Table, Words
from sim.report.html.page import page
from sim.scenario import loads
from sim.stats.intervals import Estimate
from sim.stats.paired import ColumnComparison, Compared, Contrast, Order, Rank
from tests.report.pages import Page
from tests.support import line, scenario, text

HOSTILE = "<script>alert('x')</script>"
DAY = 86_400.0
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M 0 0 L 1 1"/></svg>'


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
    order = {name: Order(third, third, third, 40, 20, 1, 2, 3, DAY, DAY) for name in everywhere[1:]}
    ranking = tuple(Rank(name, 4 * DAY, place, place + 1, ("late",)) for place, name in enumerate(everywhere, 1))
    return ColumnComparison(
        {"probability": chance, "median_seconds": median, "restricted_mean_seconds": mean, "attempts": attempts},
        {"restricted_mean_seconds": shifts, "probability": {name: contrast(0.125, 0.01) for name in shift}},
        order,
        ranking,
        absent,
    )


def compared(base: str = "base", **columns: ColumnComparison) -> Compared:
    names = ("soon", "late", "unclear", "same")
    kept = columns or {"group:both": column(), "line:one": column(("same",)), "any": column()}
    return Compared(
        base, names, {}, {}, 1, 1000, 16, "compiled", 1, datetime(2022, 1, 1, tzinfo=UTC), int(10 * DAY), kept
    )


def manifest() -> dict[str, Any]:
    return {
        "openlines": "1",
        "replications": 1000,
        "seed": 1,
        "engine": "compiled",
        "block": 16,
        "scenario": {"sha256": "ab", "resolved": HOSTILE},
        "run": {"command": HOSTILE, "versions": {"python": "3"}},
    }


def base() -> Any:
    human = scenario(
        {"one": line(every="1 d", answer=0.2, title=HOSTILE)}, title=HOSTILE, report={"groups": {"both": ["one"]}}
    )
    return loads(text(human))


def made(found: Compared | None = None) -> Any:
    changes = {"soon": [f"lines.one.every = {HOSTILE}"]}
    why = (Section("why", "Why they differ", (Words(HOSTILE),)),)
    return comparison_report(found or compared(), base(), {"forest": ("A forest. More.", SVG)}, changes, manifest(), why)


def test_the_page_is_whole_and_harmless() -> None:
    whole = page(made())
    read = Page(whole)
    assert read.faults == []
    assert "<script" not in whole
    assert read.count("table") >= 5
    assert "Why they differ" in read.text


def test_the_answer_tells_what_is_sooner_later_unclear_and_the_same() -> None:
    first, second, third = made().answer
    assert "group both had contact by 11 Jan 2022 in 50.0 % (95 % interval 40.0–60.0) of 1,000" in first
    assert "shorter with soon by 2 d (46 h to 2.08 d)" in second
    assert "longer with late by 24 h (22 h to 26 h)" in second or "longer with late by 1 d" in second
    assert "not to be told from that of the base with unclear; exactly the same with same" in second
    assert "hold together" in third


def test_a_column_that_a_scenario_lacks_is_said_to_be_lacking() -> None:
    differences = next(section for section in made().sections if section.name == "differences")
    (folded,) = (block for block in differences.blocks if isinstance(block, Folded))
    (table,) = folded.blocks
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["base", "soon", "late", "unclear"]
    assert "Without this column: same." in table.note


def test_a_column_that_only_a_variant_has_has_no_differences() -> None:
    bare = replace(column(("base", "late")), contrasts={}, order={})
    found = compared(**{"any": column(), "line:relay": bare})
    read = Page(page(made(found)))
    assert read.faults == []
    assert "The base does not have this column" in read.text


def test_few_changes_are_warned_of() -> None:
    assert "So few replications changed with soon, late, unclear and same" in Page(page(made())).text


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (contrast(-2 * DAY, 3600), "−2 d\n−2.08 d to −46 h"),
        (contrast(None), "not known"),
        (contrast(None, low_all=3 * DAY), "not known\nat least +3 d"),
        (contrast(DAY * 3, high_all=None, low_all=DAY * 2.5), "+3 d\n+2.5 d to …"),
        (SAME, "none"),
    ],
)
def test_differences_in_words(found: Contrast, words: str) -> None:
    assert change(found, signed_duration) == words


def test_signs() -> None:
    assert (points(0.125), points(-0.03), points(0.0)) == ("+12.5 points", "−3 points", "0 points")
    assert (signed_duration(90.0), signed_duration(0.0)) == ("+90 s", "0 s")
