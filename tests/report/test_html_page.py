"""The page of a report: whole in itself, harmless, accessible; and every check of that is seen to fail."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from sim.report.document import Day, Drawing, Facts, Folded, Listing, Picture, Report, Section, Table, Trace, Words
from sim.report.format import Cell
from sim.report.html import TEMPLATES, page
from tests.report.pages import Page, contrast

HOSTILE = "<script>alert('x')</script>\"&"
SOURCE = "data:image/png;base64,AAAA"
STYLE = (TEMPLATES / "page.css").read_text(encoding="utf-8")


def report(words: str = "words") -> Report:
    """Every kind of block, with the same words wherever there are any."""
    days = (Day(words, (("09:00", words, True), ("10:00", words, False))),)
    blocks = (
        Words(words),
        Facts(((words, words),)),
        Table(words, (words, "b", "c"), ((words, Cell("1", words, words), words),), note=words),
        Table(f"wide {words}", ("a", "b"), ((words, words),), wide=True),
        Picture(words, Drawing(words, SOURCE)),
        Picture(words, Drawing(words, SOURCE)),
        Trace(words, days),
        Listing(words, words),
        Folded(words, (Listing(words),)),
        Words(words, quiet=True),
        Words(words, warning=True),
    )
    sections = (Section("one", words, blocks), Section("two", "more", (Words(words),)))
    return Report(
        what="report",
        title=words,
        question=words,
        setting=words,
        answer=(words, words),
        sections=sections,
        changes=(words,),
        about=words,
        caution=words,
        made_by=f"openlines {words}",
    )


def test_a_page_is_whole_harmless_and_accessible() -> None:
    read = Page(page(report()))
    assert read.faults == []
    assert (read.count("section"), read.count("table"), read.count("figure"), read.count("details")) == (3, 2, 2, 1)


@pytest.mark.parametrize(
    ("columns", "wide", "form"), [(4, False, "numbers slim"), (5, False, "numbers broad"), (5, True, "stack")]
)
def test_rows_of_a_table_become_blocks_where_its_columns_have_no_room(columns: int, wide: bool, form: str) -> None:
    table = Table("caption", tuple("abcde"[:columns]), (tuple("12345"[:columns]),), wide=wide)
    text = page(Report("x", "x", "x", "x", ("x",), (Section("a", "A", (table,)),)))
    assert f'<div class="{form}"' in text
    assert text.count('data-label="') == columns - 1
    narrow = STYLE.split("@media")[1 if "broad" in form else 2]
    assert f".{form.split()[-1]} " in narrow


def test_whatever_stands_in_a_report_is_escaped() -> None:
    text = page(report(HOSTILE))
    assert "<script" not in text
    read = Page(text)
    assert read.faults == []
    assert read.text.count("alert('x')") > 20


def test_the_same_report_gives_the_same_page() -> None:
    assert page(report()) == page(report())


def test_a_report_without_pictures_and_sections_is_a_page() -> None:
    bare = Report("report", "title", "question", "n", ("answer",), (Section("a", "", (Words("w"),)),), made_by="x")
    assert Page(page(bare)).faults == []


SABOTEURS: dict[str, tuple[Callable[[str], str], str]] = {
    "script": (lambda text: text.replace("<main", "<script></script><main"), "a forbidden element: script"),
    "picture": (lambda text: text.replace("<main", '<img src="x.png"><main'), "a reference to elsewhere: x.png"),
    "link": (lambda text: text.replace('href="#one"', 'href="https://example.org"'), "a reference to elsewhere"),
    "handler": (lambda text: text.replace("<main", "<main onfocus='x'"), "a handler: onfocus"),
    "style": (lambda text: text.replace("<style>", "<style>@import 'x';"), "styles that load something"),
    "colour": (
        lambda text: text.replace("<p>", '<p style="background: url(https://x)">', 1),
        "a reference to elsewhere",
    ),
    "drawing": (lambda text: text.replace("<p>", '<svg xmlns="x"></svg><p>', 1), "a forbidden element: svg"),
    "policy": (
        lambda text: text.replace("default-src &#39;none&#39;", "default-src *"),
        "no policy that forbids to load",
    ),
    "escaped policy": (lambda text: text.replace("Content-Security-Policy", "x"), "no policy that forbids to load"),
    "language": (lambda text: text.replace('lang="en"', ""), "no language"),
    "landmark": (lambda text: text.replace("<main", "<div").replace("</main", "</div"), "0 times main"),
    "heading": (lambda text: text.replace("<h2", "<h5").replace("</h2", "</h5"), "headings that leave out a level"),
    "scope": (lambda text: text.replace('scope="col"', "", 1), "a table's head without scope"),
    "head": (lambda text: re.sub(r'(<th scope="col"[^>]*>)[^<]+', r"\1", text, count=1), "an empty head"),
    "caption": (lambda text: re.sub("<caption>.*?</caption>", "", text, count=1), "a table without a caption"),
    "alt": (lambda text: re.sub(' alt="[^"]*"', "", text, count=1), "a picture without a description"),
    "id": (lambda text: text.replace('id="two"', 'id="one"'), "ids that stand for two things"),
    "target": (lambda text: text.replace('href="#one"', 'href="#gone"'), "references to nothing"),
    "end": (lambda text: text.replace("</table>", "", 1), "an end of"),
    "doctype": (lambda text: text.replace("<!DOCTYPE html>", ""), "no doctype"),
}


@pytest.mark.parametrize("name", SABOTEURS)
def test_what_is_broken_is_noticed(name: str) -> None:
    spoil, words = SABOTEURS[name]
    text = page(report())
    spoilt = spoil(text)
    assert spoilt != text
    assert any(words in fault for fault in Page(spoilt).faults)


def colours() -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", STYLE))


PAPERS = {"ink": ("paper", "tint"), "soft": ("paper", "tint"), "accent": ("paper", "tint"), "warn": ("paper", "tint")}


def test_every_colour_of_words_stands_out_from_every_paper() -> None:
    known = colours()
    assert set(known) == {*PAPERS, "paper", "tint", "rule"}
    for ink, papers in PAPERS.items():
        assert all(contrast(known[ink], known[paper]) >= 4.5 for paper in papers), ink


def test_the_colours_are_used_as_their_names_say() -> None:
    used = {kind: set(re.findall(rf"(?<![\w-]){kind}: var\(--([\w-]+)\)", STYLE)) for kind in ("color", "background")}
    assert used["color"] <= set(PAPERS)
    assert used["background"] <= {"paper", "tint"}
    assert not re.search(r"(?<![\w-])(?:color|background): (?!var\(|none|inherit)", STYLE)


@pytest.mark.parametrize(
    "where", ["h1", "p", "caption", "summary", ".facts dt", ".facts dd", "figcaption", ".contents li"]
)
def test_names_without_a_space_do_not_widen_the_page(where: str) -> None:
    """Wherever a scenario's own words stand outside a table; `make browser-check` measures what comes of it."""
    rules = re.findall(r"([^{}]+)\{([^}]*)\}", STYLE)
    breaks = [heads.split(",") for heads, rule in rules if "overflow-wrap: anywhere" in rule]
    assert any(where == head.strip() for heads in breaks for head in heads)


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#777777", "#ffffff") < 4.5  # the first grey that is too light
