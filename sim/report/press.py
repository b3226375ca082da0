"""How a figure becomes a PNG or an SVG: with texts that are set once, and a PNG without the transparency it never has.

Matplotlib sets each text four times over, to measure it and to draw it for either kind, and in a PNG it hints and
paints one glyph after another: that was most of the time a picture took. Here a text is set once, as an outline at one
size; both kinds measure and draw that, so that letters stand in the same places in both.
"""

# Matplotlib's renderers have no types.
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import functools
import io
from dataclasses import dataclass
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.ft2font import LoadFlags
from matplotlib.path import Path
from matplotlib.textpath import TextToPath

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.font_manager import FontProperties
    from matplotlib.ft2font import FT2Font

POINTS = 72
"""To the inch: what `TextToPath` and SVG files measure in."""

SUBPIXELS = 64
"""To the pixel: what FreeType measures in."""

OPAQUE = 255
"""The alpha of paint that nothing shines through."""

COMPRESSION = 3
"""Of zlib: in these pictures a higher one takes twice the time to save a twentieth of the bytes."""


@dataclass(frozen=True)
class Shape:
    """A glyph: the corners and codes of its outline, its lowest and highest place, and how far on the next one is."""

    corners: Any
    codes: Any
    low: float
    high: float
    advance: float


@dataclass(frozen=True)
class Setting:
    """A text as set at `TextToPath.FONT_SCALE` points.

    places  for each glyph its id, where it stands, and its scale
    shapes  by id
    """

    places: list[tuple[str, float, float, float]]
    shapes: dict[str, Shape]

    @functools.cached_property
    def size(self) -> tuple[float, float, float]:
        """Width, spaces at both ends included, height and descent, in points."""
        if not self.places:
            return 0.0, 0.0, 0.0
        last, x, _, _ = self.places[-1]
        low = min(y + self.shapes[glyph].low for glyph, _, y, _ in self.places)
        high = max(y + self.shapes[glyph].high for glyph, _, y, _ in self.places)
        return x + self.shapes[last].advance, high - low, -low

    @functools.cached_property
    def outline(self) -> tuple[Any, Any]:
        """Corners and codes of the whole text as one path; empty where it leaves no mark."""
        inked = [(self.shapes[glyph], (x, y)) for glyph, x, y, _ in self.places if len(self.shapes[glyph].codes)]
        if not inked:
            return np.empty((0, 2)), np.empty(0, Path.code_type)
        corners = np.concatenate([shape.corners + np.array(place) for shape, place in inked])
        return corners, np.concatenate([shape.codes for shape, _ in inked])


class Lettering(TextToPath):
    """Sets texts, and keeps them: every text of a figure is set once, and every glyph read once."""

    def __init__(self) -> None:
        super().__init__()
        self._fonts: dict[tuple[Any, ...], FT2Font] = {}
        self._shapes: dict[str, Shape] = {}
        self._settings: dict[tuple[FT2Font, str], Setting] = {}

    def _get_font(self, prop: FontProperties) -> FT2Font:
        face = (*prop.get_family(), prop.get_style(), prop.get_variant(), prop.get_weight(), prop.get_stretch())
        if face not in self._fonts:
            self._fonts[face] = super()._get_font(prop)  # type: ignore[misc]
        return self._fonts[face]

    def set(self, prop: FontProperties, text: str) -> Setting:
        """One line of text without mathematics, in the font of `prop` but for the size."""
        return self._set(self._get_font(prop), text)

    def _set(self, font: FT2Font, text: str) -> Setting:
        found = self._settings.get((font, text))
        if found is None:
            # Others that draw with this font may have changed its size.
            font.set_size(self.FONT_SCALE, self.DPI)
            items = font._layout(text, LoadFlags.NO_HINTING)
            places = [(self._shape(item.ft_object, item.glyph_index), item.x, item.y, 1.0) for item in items]
            shapes = {glyph: self._shapes[glyph] for glyph, *_ in places}
            found = self._settings[font, text] = Setting(places, shapes)
        return found

    def _shape(self, font: FT2Font, index: Any) -> str:
        """The id of a glyph, whose shape is then known."""
        glyph: str = self._get_glyph_repr(font, index)  # type: ignore[attr-defined]
        if glyph not in self._shapes:
            read = font.load_glyph(index, flags=LoadFlags.NO_HINTING)
            _, low, _, high = (edge / SUBPIXELS for edge in read.bbox)
            self._shapes[glyph] = Shape(*font.get_path(), low, high, read.horiAdvance / SUBPIXELS)
        return glyph

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        """Of a text as set, in points. Mathematics is left to matplotlib."""
        if ismath:
            return super().get_text_width_height_descent(s, prop, ismath)
        scale = prop.get_size_in_points() / self.FONT_SCALE
        width, height, descent = self.set(prop, s).size
        return width * scale, height * scale, descent * scale

    def get_glyphs_with_font(
        self, font: FT2Font, s: str, glyph_map: Any = None, return_new_glyphs_only: bool = False, **features: Any
    ) -> tuple[Any, Any, Any]:
        """A text as set: the places of its glyphs; the shapes of those that `glyph_map` lacks, after its own
        unless only new ones are asked for; and no rectangles."""
        made = self._set(font, s)
        known = {} if glyph_map is None else glyph_map
        new = {glyph: (shape.corners, shape.codes) for glyph, shape in made.shapes.items() if glyph not in known}
        return made.places, new if return_new_glyphs_only else {**known, **new}, []

    def get_text_path(self, prop: FontProperties, s: str, ismath: Any = False, **features: Any) -> Any:
        """Corners and codes of a text as set. Mathematics is left to matplotlib."""
        if ismath:
            return super().get_text_path(prop, s, ismath, **features)
        return self.set(prop, s).outline


class Pixels(RendererAgg):
    """Paints a PNG, its texts as outlines."""

    draw_text = RendererBase.draw_text

    def __init__(self, width: float, height: float, dpi: float, letters: Lettering) -> None:
        super().__init__(width, height, dpi)
        self._text2path = letters

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        """Of a text as set, in pixels."""
        width, height, descent = self._text2path.get_text_width_height_descent(s, prop, ismath)
        scale = self.dpi / POINTS
        return width * scale, height * scale, descent * scale


class Press(FigureCanvasAgg):
    """What a figure is drawn on to become a file."""

    def __init__(self, figure: Any = None) -> None:
        super().__init__(figure)
        self._letters = Lettering()

    def get_renderer(self) -> Any:
        """What paints the pixels, made anew where size or resolution have changed."""
        width, height = self.get_width_height(physical=True)
        wanted = (width, height, self.figure.dpi)
        if self._lastKey != wanted:
            self._lastKey, self.renderer = wanted, Pixels(*wanted, self._letters)
        return self.renderer

    def print_png(self, filename_or_obj: Any, *, metadata: Mapping[str, str | None] | None = None, **_: Any) -> None:
        """Write the figure as a PNG at the figure's own dots per inch, to a path or an open file. It is transparent
        where the paper is.

        metadata  text by name, kept in the file; None leaves a name out
        """
        from PIL import Image
        from PIL.PngImagePlugin import PngInfo

        self.draw()
        told = PngInfo()
        for name, words in (metadata or {}).items():
            if words is not None:
                told.add_text(name, words)
        dots = (self.figure.dpi, self.figure.dpi)
        size = self.get_width_height(physical=True)
        painted = Image.frombuffer("RGBA", size, self.buffer_rgba(), "raw", "RGBA", 0, 1)
        if np.asarray(self.buffer_rgba())[..., 3].min() == OPAQUE:
            painted = painted.convert("RGB")
        painted.save(filename_or_obj, "png", pnginfo=told, dpi=dots, compress_level=COMPRESSION)

    def print_svg(
        self,
        filename_or_obj: Any,
        *,
        metadata: Mapping[str, Any] | None = None,
        bbox_inches_restore: Any = None,
        **_: Any,
    ) -> None:
        """Write the figure as an SVG to a path or an open file; the figure then has `POINTS` dots per inch.

        metadata             as matplotlib's SVG files take it
        bbox_inches_restore  what `savefig` gives of a figure that it has cut to size
        """
        figure, dots, held = self.figure, self.figure.dpi, io.StringIO()
        figure.dpi = POINTS
        width, height = figure.get_size_inches()
        lines = RendererSVG(width * POINTS, height * POINTS, held, image_dpi=dots, metadata=metadata)
        lines._text2path = self._letters
        both: Any = MixedModeRenderer(figure, width, height, dots, lines, bbox_inches_restore=bbox_inches_restore)
        figure.draw(both)
        lines.finalize()
        if hasattr(filename_or_obj, "write"):
            filename_or_obj.write(held.getvalue())
        else:
            File(filename_or_obj).write_text(held.getvalue(), encoding="utf-8")
