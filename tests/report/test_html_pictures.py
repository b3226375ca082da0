"""Pictures in a page: harmless, the same to the eye, and without a name in common."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.report.html.drawing import as_text, read_pictures
from sim.report.html.pictures import TOKEN, BadPicture, Pictures, number, path
from sim.report.style import canvas, context

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">'


def inline(inner: str, head: str = HEAD) -> str:
    pictures = Pictures()
    made = str(pictures.inline(f"{head}{inner}</svg>", "a title", "some words", 0))
    return f"{pictures.definitions}{made}"


def corners(data: str) -> list[tuple[float, float]]:
    """The points at which the pieces of a path end; those of length zero are left out."""
    found: list[tuple[float, float]] = []
    command, numbers = "", list[float]()
    for token in TOKEN.findall(data):
        if token.isalpha():
            command, numbers = token, []
            continue
        numbers.append(float(token))
        x, y = found[-1] if found else (0.0, 0.0)
        if command in "HV":
            point = (numbers[0], y) if command == "H" else (x, numbers[0])
        elif len(numbers) == {"M": 2, "L": 2, "Q": 4, "C": 6}[command]:
            point = (numbers[-2], numbers[-1])
        else:
            continue
        numbers = []
        if command == "M" or not found or point != found[-1]:
            found.append(point)
    return found


def drawing() -> str:
    """A picture with text, markers, dashes, a clip path and hatches."""
    with context():
        figure = canvas(4, 3)
        axes = figure.subplots()
        axes.plot([0, 1, 2], [1, 4, 2], "--o", drawstyle="steps-post")
        axes.bar([0, 1], [2, 3], hatch="//")
        axes.set_title("a <title> & more")
        return as_text(figure)


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>',
        '<path d="M0 0" onclick="alert(1)"/>',
        '<path d="M0 0&quot; onload=&quot;alert(1)"/>',
        '<g style="fill: url(https://example.org/x)"><path d="M0 0"/></g>',
        '<use xlink:href="https://example.org/x.svg#a"/>',
        '<use xlink:href="javascript:alert(1)"/>',
        '<image href="https://example.org/x.png"/>',
        "<style>@import url(https://example.org/x.css)</style>",
        '<a href="https://example.org"><path d="M0 0"/></a>',
        '<path d="M0 0" fill="expression(alert(1))&lt;b&gt;"/>',
        "<set attributeName='href' to='javascript:alert(1)'/>",
    ],
)
def test_what_could_do_harm_is_left_out(hostile: str) -> None:
    made = inline(hostile)
    assert not re.search(r"example\.org|alert|import|javascript|<script|<foreign|<image|<style|<a\b|<set", made)


def test_a_handler_that_is_let_through_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.report.html import pictures

    monkeypatch.setitem(pictures.DRAWN, "path", {"d", "onclick"})
    monkeypatch.setattr(pictures, "VALUE", re.compile(".*"))
    assert "alert" in inline('<path d="M0 0" onclick="alert(1)"/>')


def test_titles_and_words_are_escaped() -> None:
    made = str(Pictures().inline(f"{HEAD}</svg>", "<script>", '"&', 3))
    assert "&lt;script&gt;" in made
    assert "<script>" not in made
    assert "&#34;&amp;" in made


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no picture", "no SVG"),
        ("<html/>", "no SVG, but 'html'"),
        ('<svg viewBox="a"/>', "without a viewBox"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]><svg viewBox="0 0 1 1"/>', "declares entities"),
        (f'{HEAD}<g id="a" clip-path="url(#a)"><path d="M0 0"/></g></svg>', "refers to itself"),
    ],
)
def test_what_is_no_picture_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadPicture, match=words):
        Pictures().inline(text, "", "", 0)


def test_pictures_have_no_name_in_common() -> None:
    pictures = Pictures()
    text = drawing()
    one, two = pictures.inline(text, "one", "1", 0), pictures.inline(text, "two", "2", 1)
    whole = f"{pictures.definitions}{one}{two}"
    ids = re.findall(r' id="([^"]+)"', whole)
    assert len(ids) == len(set(ids)) > 4
    assert set(re.findall(r'(?:href="#|url\(#)(\w+)', whole)) <= set(ids)
    # Saboteur: as the files are, their names collide.
    bare = re.findall(r' id="([^"]+)"', text + text)
    assert len(bare) > len(set(bare))


def test_a_picture_keeps_its_shapes() -> None:
    text = drawing()
    pictures = Pictures()
    made = f"{pictures.inline(text, 'a', 'b', 0)}{pictures.definitions}"
    drawn = re.findall(r'\bd="([^"]+)"', text)
    assert len(drawn) > 20
    assert set(re.findall(r'\bd="([^"]+)"', made)) == {path(data) for data in drawn}
    for data in drawn:
        before, after = set(corners(data)), corners(path(data))
        assert all(min(abs(x - a) + abs(y - b) for a, b in before) < 0.11 for x, y in after)
    assert made.count("<use") == text.count("<use")
    assert made.count("stroke-dasharray") == text.count("stroke-dasharray")


@pytest.mark.parametrize(
    ("data", "short"),
    [
        ("M 1 2 \nL 3 2 \nL 3 4 \nL 3 4 \nz\n", "M1 2H3V4z"),
        ("M 0.125 0.5 \nQ 1 2 3 4.004 \nL 3 9", "M.12 .5Q1 2 3 4V9"),
        ("M -0.001 1e2 L 5 6", "M0 100L5 6"),
        ("M 1 1 L 2 1 z M 2 1 L 2 2", "M1 1H2zM2 1V2"),
        ("m 1 2 l 3 4", "m 1 2 l 3 4"),
        ("M 0 0 <script>", ""),
    ],
)
def test_a_path_in_short(data: str, short: str) -> None:
    assert path(data) == short


def test_a_short_path_leads_where_the_long_one_does() -> None:
    steps = "M 0 100 " + " ".join(f"L {x * 0.5} {100 - x // 3} L {x * 0.5} {99 - x // 3}" for x in range(60))
    long, short = corners(steps), corners(path(steps))
    assert len(path(steps)) < len(steps) / 2
    assert len(long) == len(short)
    assert all(a == pytest.approx(b, abs=0.051) for a, b in zip(long, short, strict=True))
    # Saboteur: a level piece taken for a plumb one is seen.
    wrong = corners(path(steps).replace("H", "V", 1))
    assert any(a != pytest.approx(b, abs=0.051) for a, b in zip(long, wrong, strict=False))


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0.0, 2, "0"), (-0.001, 2, "0"), (0.5, 1, ".5"), (-0.25, 2, "-.25"), (10.0, 1, "10"), (20.04, 1, "20")],
)
def test_numbers_in_short(value: float, digits: int, text: str) -> None:
    assert number(value, digits) == text


def test_pictures_of_a_folder_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    assert read_pictures(tmp_path) == {}
    (tmp_path / "alt.json").write_text('{"gone": "words"}', encoding="utf-8")
    with pytest.raises(BadPicture, match="cannot be read"):
        read_pictures(tmp_path)
    (tmp_path / "alt.json").write_text('{"../secret": "words"}', encoding="utf-8")
    with pytest.raises(BadPicture, match="no name of a picture"):
        read_pictures(tmp_path)
    (tmp_path / "alt.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(BadPicture, match="cannot be read"):
        read_pictures(tmp_path)
