"""The style changes nothing outside, and free text becomes text in a picture."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import pytest
from matplotlib.cbook import is_math_text  # type: ignore[attr-defined]
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont

from sim.report import style


def test_settings_are_what_they_were_after_a_picture() -> None:
    before = dict(matplotlib.rcParams)
    with style.context():
        assert matplotlib.rcParams["svg.hashsalt"] == "openlines"
    assert dict(matplotlib.rcParams) == before


def test_a_users_own_settings_do_not_reach_the_picture(tmp_path: Path) -> None:
    def drawn(name: str) -> bytes:
        with style.context():
            figure = style.canvas(2, 1)
            figure.subplots().plot([0, 1], [0, 1])
            style.save(figure, tmp_path / f"{name}.png")
            return (tmp_path / f"{name}.png").read_bytes()

    plain = drawn("plain")
    with matplotlib.rc_context({"lines.linewidth": 9.0, "font.size": 30.0, "savefig.dpi": 30}):
        assert drawn("changed") == plain
        assert matplotlib.rcParams["font.size"] == 30.0


@pytest.mark.parametrize("text", ["$x^2$", r"\$x$", "cost $5 and $6", r"a\\$b$", "plain"])
def test_dollars_are_dollars(text: str) -> None:
    # Where is_math_text says False, what is drawn is the text with escaped dollars put back.
    drawn = style.label(text)
    assert not is_math_text(drawn)
    assert drawn.replace(r"\$", "$") == text


def test_an_unescaped_text_would_be_mathematics() -> None:
    assert "$x^2$".count("$") == 2
    with style.context():
        axes = style.canvas(1, 1).subplots()
        assert axes.text(0, 0, "$x^2$")._preprocess_math("$x^2$")[1]  # type: ignore[attr-defined]
        assert axes.text(0, 0, "")._preprocess_math(style.label("$x^2$")) == ("$x^2$", False)  # type: ignore[attr-defined]


@pytest.fixture
def few_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a machine with no fonts but two that come with matplotlib, on which nothing was missing yet."""
    fonts = tuple((name, findfont(FontProperties(family=name))) for name in (style.FONT, OTHER))
    monkeypatch.setattr(style, "_installed", lambda: fonts)
    monkeypatch.setattr(style, "_missing", {})
    style._family_with.cache_clear()
    yield
    style._family_with.cache_clear()


OTHER, HOOK = "STIXGeneral", "\N{LATIN SMALL LETTER D WITH PALATAL HOOK}"
"""A font that has a character which the font of the pictures lacks, and that character."""


@pytest.mark.usefixtures("few_fonts")
def test_a_character_comes_from_another_font_where_that_has_it(tmp_path: Path) -> None:
    def drawn(text: str, name: str) -> bytes:
        with style.context():
            figure = style.canvas(2, 1)
            figure.text(0.1, 0.5, style.label(text))
            style.save(figure, tmp_path / name)
            assert (OTHER in matplotlib.rcParams["font.family"]) == (HOOK in text)
            return (tmp_path / name).read_bytes()

    # A glyph that no font has would be drawn with a warning, which is an error here.
    assert drawn(f"a {HOOK}", "one.png") != drawn("a d", "two.png")
    assert style.label(HOOK) == HOOK
    assert OTHER not in matplotlib.rcParams["font.family"]


@pytest.mark.usefixtures("few_fonts")
def test_characters_that_no_font_has_are_boxes_and_named_once(caplog: pytest.LogCaptureFixture) -> None:
    for text in ("서울 – Seoul\x00", "서 울"):
        with style.context():
            assert style.label(text).replace(" ", "").startswith("▯▯")
    with style.context():
        assert style.label("서운") == "▯▯"
    said = [record.getMessage().partition(":")[0] for record in caplog.records]
    assert said == [
        "no installed font has 서 울",
        "no installed font has 운",
    ]


def test_fonts_of_mathematics_and_boxes_are_no_fallback() -> None:
    first, *others = style._installed()
    assert first[0] == style.FONT
    assert not [name for name, _ in others if name.startswith(("cm", "Last Resort", "STIXSize"))]


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "one.png"
    file.write_bytes(b"before")

    def full(self: Figure, path: Path, **_: object) -> None:
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Figure, "savefig", full)
        with style.context(), pytest.raises(OSError, match="No space left"):
            style.save(style.canvas(1, 1), file)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"one.png": b"before"}
    with style.context():
        style.save(style.canvas(1, 1), file)
    assert file.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("theme", [style.LIGHT, style.DARK], ids=lambda theme: theme.name)
def test_curves_differ_in_more_than_colour(theme: style.Theme) -> None:
    for part in ("colour", "dash", "marker", "hatch"):
        assert len({getattr(look, part) for look in theme.looks}) == len(theme.looks)


@pytest.mark.parametrize("theme", [style.LIGHT, style.DARK], ids=lambda theme: theme.name)
def test_text_has_the_contrast_that_accessibility_asks_for(theme: style.Theme) -> None:
    """WCAG 2.1: 4.5 for text, 1.9 at least for the lines, which dashes and markers tell apart as well."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(one: str, other: str) -> float:
        light, dark = sorted((luminance(one), luminance(other)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    assert contrast(theme.ink, theme.paper) > 4.5
    assert contrast(theme.soft, theme.paper) > 4.5
    assert min(contrast(look.colour, theme.paper) for look in theme.looks) > 1.9
