"""Style of all pictures, and the way in which they become files.

Nothing global is changed: a picture is drawn and written inside `context()`, which starts from matplotlib's own
defaults, so that a user's matplotlibrc does not change a file. The colours are those of Okabe and Ito ("Color Universal
Design", 2008) without the yellow, which is too light for lines; each comes with a dash pattern and a marker, so that
nothing is told by colour alone.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report.format import plain
from sim.runs.files import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_log = logging.getLogger(__name__)

Dash = tuple[float, tuple[float, ...] | None]


@dataclass(frozen=True)
class Look:
    """How one curve is told from the others: in colour, in grey, and where it is crossed by others."""

    colour: str
    dash: Dash
    marker: str
    hatch: str


@dataclass(frozen=True)
class Theme:
    """The colours of paper and ink, and the looks of the curves in order."""

    name: str
    paper: str
    ink: str
    soft: str
    grid: str
    hatch: str
    record: str
    looks: tuple[Look, ...]


DASHES: tuple[Dash, ...] = (
    (0, None),
    (0, (6, 2)),
    (0, (1.5, 1.5)),
    (0, (6, 1.8, 1.5, 1.8)),
    (0, (3, 1.2)),
    (0, (8, 1.5, 1.5, 1.5, 1.5, 1.5)),
    (0, (10, 3)),
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
HATCHES = ("", "//", "..", "\\\\", "xx", "--", "++")


def _looks(*colours: str) -> tuple[Look, ...]:
    return tuple(Look(*parts) for parts in zip(colours, DASHES, MARKERS, HATCHES, strict=True))


LIGHT = Theme(
    name="light",
    paper="#ffffff",
    ink="#1b1b1b",
    soft="#5a5a5a",
    grid="#dddddd",
    hatch="#b5b5b5",
    record="#1b1b1b",
    looks=_looks("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#1b1b1b"),
)
DARK = Theme(
    name="dark",
    paper="#14171a",
    ink="#f0f0f0",
    soft="#b4b4b4",
    grid="#3a3f44",
    hatch="#5c636a",
    record="#f0f0f0",
    looks=_looks("#56b4e9", "#e69f00", "#2fc79a", "#e3a0c6", "#f0e442", "#8fb8ff", "#f0f0f0"),
)


def _settings(theme: Theme) -> Any:
    return {
        "font.family": [FONT],
        "font.size": 10.5,
        "axes.titlesize": 11,
        # Where it would come to stand, which matplotlib would find out by measuring all that stands above the axes.
        "axes.titley": 1.0,
        "axes.labelsize": 10.5,
        "xtick.labelsize": 9.5,
        "ytick.labelsize": 9.5,
        "figure.facecolor": theme.paper,
        "savefig.facecolor": theme.paper,
        "axes.facecolor": theme.paper,
        "axes.edgecolor": theme.soft,
        "axes.labelcolor": theme.ink,
        "axes.titlecolor": theme.ink,
        "text.color": theme.ink,
        "xtick.color": theme.soft,
        "ytick.color": theme.soft,
        "xtick.labelcolor": theme.ink,
        "ytick.labelcolor": theme.ink,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": theme.grid,
        "grid.linewidth": 0.6,
        "hatch.linewidth": 0.8,
        "lines.linewidth": 1.9,
        "savefig.dpi": 150,
        "svg.hashsalt": "openlines",
        "svg.fonttype": "path",
    }


@contextmanager
def context(theme: Theme = LIGHT) -> Iterator[Theme]:
    """Inside, matplotlib draws in this style; afterwards its settings are what they were."""
    import matplotlib.style

    with matplotlib.style.context(["default", _settings(theme)]):
        _contexts.append(theme)
        try:
            yield theme
        finally:
            _contexts.pop()
            _name_missing()


_contexts: list[Theme] = []
"""The contexts that are open, the innermost last."""


def canvas(width: float, height: float) -> Figure:
    """An empty figure of `width` by `height` inches that no window system knows of."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def new_axes() -> Axes:
    """Axes of a figure for a notebook, with room for all that stands beside them."""
    figure = canvas(8, 4.5)
    figure.set_layout_engine("constrained")
    return figure.subplots()


PICTURES = ("png", "svg")
"""The kinds of files that pictures become: the first always, the second on request."""

COMPRESSION = 3
"""Level of zlib in a PNG. A higher one takes twice the time to save a twentieth of the bytes."""


def picture_files(folder: Path, name: str, *, svg: bool = False) -> list[Path]:
    """The files of one picture of a folder: a PNG, and an SVG beside it on request."""
    return [folder / f"{name}.{kind}" for kind in PICTURES[: 1 + svg]]


def save(figure: Figure, file: Path, words: str = "") -> None:
    """Write one PNG or SVG, by the ending of `file`, with its description in `words` inside.

    The same figure gives the same bytes: no date, no program version, fixed ids. The file is there whole or not at all.
    Raises ValueError for another ending, OSError where the file cannot be written.
    """

    kind = file.suffix.lower().removeprefix(".")
    if kind not in PICTURES:
        raise ValueError(f"{file} ends in neither .png nor .svg")
    facts: dict[str, str | None] = {"Software": None} if kind == "png" else {"Date": None, "Creator": None}
    facts |= {"Description": words} if words else {}
    packing: Any = {"pil_kwargs": {"compress_level": COMPRESSION}} if kind == "png" else {}
    with replacing(file) as temporary:
        figure.savefig(temporary, format=kind, metadata=facts, **packing)


BOX = "\N{WHITE VERTICAL RECTANGLE}"
"""What stands for a character that no installed font has."""

FONT = "DejaVu Sans"
"""The font of all pictures; it comes with matplotlib."""


def label(text: str) -> str:
    """Free text for a picture: on one line, without mathematics in it.

    Inside `context`, a character that `FONT` lacks is drawn in the first installed font that has it. Where none has it,
    a box stands for it, and the log names it when the context ends.
    """
    return "".join(map(_drawable, plain(text))).replace("$", r"\$")


def _drawable(character: str) -> str:
    import matplotlib

    found = _family_with(character)
    if found is None:
        _missing.setdefault(character, False)
        return BOX
    if found != FONT and _contexts and found not in matplotlib.rcParams["font.family"]:
        matplotlib.rcParams["font.family"] = [*matplotlib.rcParams["font.family"], found]
    return character


_missing: dict[str, bool] = {}
"""Characters that no installed font has, in order of appearance, and whether the log has named them."""


def _name_missing() -> None:
    """Name in the log the characters that no installed font has, each once for as long as the program runs."""
    new = [character for character, named in _missing.items() if not named]
    if new:
        _missing.update(dict.fromkeys(new, True))
        _log.warning(
            "no installed font has %s: boxes (%s) stand for them in pictures; install a font for that script, such as "
            "one of the Noto fonts", " ".join(new), BOX
        )  # fmt: skip


@functools.cache
def _family_with(character: str) -> str | None:
    """`FONT` or else the first installed family, by name, that has a character; None where none has it."""
    return next((family for family, file in _installed() if ord(character) in _characters(file)), None)


@functools.cache
def _installed() -> tuple[tuple[str, str], ...]:
    """Family and file of every upright font, `FONT` first, then those without serifs, then by name.

    The fonts of matplotlib's own mathematics and its font of boxes are left out.
    """
    from matplotlib.font_manager import FontProperties, findfont, fontManager

    fonts = {
        (font.name, font.fname)
        for font in fontManager.ttflist
        if font.style == "normal" and not font.name.startswith(("STIXSize", "STIXNon", "cm", "Last Resort"))
    }
    others = sorted(fonts, key=lambda font: ("Sans" not in font[0], *font))
    return ((FONT, findfont(FontProperties(family=FONT))), *others)


@functools.cache
def _characters(file: str) -> frozenset[int]:
    from matplotlib.font_manager import get_font

    return frozenset(get_font(file).get_charmap())


def theme_for(*, dark: bool) -> Theme:
    """The dark theme, or the light one."""
    return DARK if dark else LIGHT
