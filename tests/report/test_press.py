"""Figures become the files that matplotlib would make of them, with texts that are set once."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath
from PIL import Image

from sim.report import style
from sim.report.figures.bars import upright
from sim.report.press import Lettering, Press, Setting

TEXTS = ("100 %", "office, waffle", "Größe gjpqy", " spaces ", "—", "l", "none by the end: 41.9 %", "▯")


def drawn_by(canvas: type, draw: Callable[[Axes], object] = lambda axes: None) -> Figure:
    """A figure with texts of every kind: titles, ticks, turned, in several lines, in a key, mathematics."""
    figure = Figure(figsize=(5, 3))
    canvas(figure)
    axes = figure.add_axes((0.2, 0.2, 0.7, 0.6))
    axes.plot([0, 1], [0, 1], label="office")
    axes.set_title(" spaces ", fontweight="bold")
    axes.set_ylabel("gjpqy\nÄ —")
    axes.set_xlabel("$x^2$")
    axes.legend(loc="lower right")
    draw(axes)
    return figure


def as_svg(figure: Figure, **wishes: object) -> str:
    held = io.StringIO()
    figure.savefig(held, format="svg", metadata={"Date": None}, **wishes)  # type: ignore[arg-type]
    return held.getvalue()


def as_pixels(figure: Figure) -> np.ndarray:
    held = io.BytesIO()
    figure.savefig(held, format="png", metadata={"Software": None})
    with Image.open(held) as image:
        return np.asarray(image.convert("RGB"), np.int64)


@pytest.mark.parametrize("size", [7.0, 13.0])
@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_texts_measure_what_matplotlib_says(styled: None, weight: str, size: float) -> None:
    face = FontProperties(weight=weight, size=size)
    ours, theirs = Lettering(), TextToPath()
    for text in TEXTS:
        expected = theirs.get_text_width_height_descent(text, face, False)
        np.testing.assert_allclose(ours.get_text_width_height_descent(text, face, False), expected, atol=0.02)


def test_a_font_whose_size_another_changed_sets_as_before(styled: None) -> None:
    face, letters = FontProperties(), Lettering()
    letters.set(face, "first")
    letters._get_font(face).set_size(5, 30)
    assert letters.set(face, "then").size == Lettering().set(face, "then").size


def test_the_svg_is_the_one_of_matplotlib(styled: None) -> None:
    assert as_svg(drawn_by(Press)) == as_svg(drawn_by(FigureCanvasSVG))


def test_a_glyph_out_of_place_would_show(styled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    right = Lettering._set

    def wrong(self: Lettering, font: object, text: str) -> Setting:
        made = right(self, font, text)  # type: ignore[arg-type]
        first, *others = made.places
        return Setting([(first[0], first[1] + 1, *first[2:]), *others], made.shapes)

    monkeypatch.setattr(Lettering, "_set", wrong)
    assert as_svg(drawn_by(Press)) != as_svg(drawn_by(FigureCanvasSVG))


def test_the_png_has_as_much_ink_in_the_same_places(styled: None) -> None:
    """Nearly, for matplotlib bends letters to the raster, which makes them a little heavier."""

    def ink(pixels: np.ndarray) -> tuple[float, np.ndarray]:
        dark = (255 - pixels).sum(axis=2)
        rows, columns = np.nonzero(dark)
        return float(dark.sum()), np.array([rows.min(), rows.max(), columns.min(), columns.max()])

    (ours, here), (theirs, there), (without, _) = (
        ink(as_pixels(figure))
        for figure in (drawn_by(Press), drawn_by(FigureCanvasAgg), drawn_by(Press, lambda axes: axes.set_title("")))
    )
    assert ours == pytest.approx(theirs, rel=0.05)
    np.testing.assert_allclose(here, there, atol=2)
    assert without < 0.93 * ours


def test_an_svg_cut_to_what_is_in_it_is_the_one_of_matplotlib(styled: None) -> None:
    """A part of which is painted, and has to stay where it was."""

    def paint(axes: Axes) -> None:
        axes.imshow(np.eye(4), extent=(0, 1, 0, 1), aspect="auto")
        axes.lines[0].set_rasterized(True)

    ours, theirs = (as_svg(drawn_by(one, paint), bbox_inches="tight") for one in (Press, FigureCanvasSVG))
    assert ours == theirs


def test_a_transparent_png_stays_so(styled: None) -> None:
    held, opaque = io.BytesIO(), as_pixels(drawn_by(Press))
    drawn_by(Press).savefig(held, format="png", transparent=True)
    with Image.open(held) as image:
        assert image.getpixel((0, 0))[3] == 0  # type: ignore[index]
        paper = Image.new("RGBA", image.size, "white")
        on_paper = np.asarray(Image.alpha_composite(paper, image.convert("RGBA")).convert("RGB"), np.int64)
    np.testing.assert_allclose(on_paper, opaque, atol=3)


def test_a_png_is_opaque_and_knows_its_resolution(styled: None, tmp_path: Path) -> None:
    png, _ = style.save(drawn_by(Press), tmp_path, "picture")
    with Image.open(png) as image:
        assert image.mode == "RGB"
        assert image.size == (750, 450)
        assert image.info["dpi"] == pytest.approx((150, 150), abs=0.1)
        assert "Software" not in image.info


@pytest.mark.parametrize("higher", [0.0, 0.02])
def test_bars_in_one_path_are_the_bars_of_matplotlib(styled: None, higher: float) -> None:
    """To the pixel."""
    lefts, widths, heights = np.array([0.0, 0.5, 0.8]), np.array([0.5, 0.3, 0.11]), np.array([0.2, 0.7, 0.4])

    def ours(axes: Axes) -> None:
        upright(axes, lefts, heights + np.array([0.0, 0.0, higher]), widths, "#0072b2")

    def theirs(axes: Axes) -> None:
        axes.bar(lefts, heights, widths, align="edge", color="#0072b2", linewidth=0)

    def limited(draw: Callable[[Axes], object]) -> np.ndarray:
        def both(axes: Axes) -> None:
            draw(axes)
            axes.set(xlim=(0, 1), ylim=(0, 1))

        return as_pixels(drawn_by(Press, both))

    assert np.array_equal(limited(ours), limited(theirs)) == (higher == 0)
