"""The one style of all pictures, and the one way in which they become files.

Nothing global is changed: a picture is drawn and written inside `context()`, which starts from matplotlib's own
defaults, so that a user's matplotlibrc does not change a file. The colours are those of Okabe and Ito ("Color Universal
Design", 2008) without the yellow, which is too light for lines; each comes with a dash pattern and a marker, so that
nothing is told by colour alone.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report.format import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
    record="#1b1b1b",
    looks=_looks("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#1b1b1b"),
)
DARK = Theme(
    name="dark",
    paper="#14171a",
    ink="#f0f0f0",
    soft="#b4b4b4",
    grid="#3a3f44",
    record="#f0f0f0",
    looks=_looks("#56b4e9", "#e69f00", "#2fc79a", "#e3a0c6", "#f0e442", "#8fb8ff", "#f0f0f0"),
)


def _settings(theme: Theme) -> Any:
    return {
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
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
        yield theme


def canvas(width: float, height: float) -> Figure:
    """An empty figure of `width` by `height` inches that no window system knows of."""
    from matplotlib.figure import Figure

    from sim.report.press import Press

    figure = Figure(figsize=(width, height))
    Press(figure)
    return figure


def load() -> None:
    """Load all that drawing needs, before a process is copied that would else be followed in that by every copy."""
    label("")
    canvas(1, 1).add_subplot()


def save(figure: Figure, folder: Path, name: str) -> tuple[Path, Path]:
    """Write NAME.png and NAME.svg, the same bytes for the same figure: no date, no program version, fixed ids."""
    _leave_out_empty_labels(figure)
    png, svg = folder / f"{name}.png", folder / f"{name}.svg"
    figure.savefig(png, format="png", metadata={"Software": None})
    figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    return png, svg


def _leave_out_empty_labels(figure: Figure) -> None:
    """Give the labels of axes without one a place: else all that stands beside the axes is measured to find one."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if not axis.label.get_text():
                axis.set_label_coords(0.0, 0.0)


PICTURES = ("png", "svg")
"""The kinds of files that pictures become."""


def save_as(figure: Figure, file: Path, words: str) -> None:
    """Write one PNG or SVG, by the ending of `file`, with its description in `words` inside; the same bytes each time.

    Raises ValueError for another ending, OSError where the file cannot be written.
    """
    kind = file.suffix.lower().removeprefix(".")
    if kind not in PICTURES:
        raise ValueError(f"{file} ends in neither .png nor .svg")
    always: dict[str, str | None] = {"Software": None} if kind == "png" else {"Date": None, "Creator": None}
    figure.savefig(file, format=kind, metadata={**always, "Description": words})


@functools.cache
def _glyphs() -> frozenset[int]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return frozenset(get_font(findfont(FontProperties(family="DejaVu Sans"))).get_charmap())


def label(text: str) -> str:
    """Free text for a picture: on one line, no mathematics in it, and a box for what the font has no sign for."""
    known = _glyphs()
    shown = "".join(c if ord(c) in known else "\N{WHITE VERTICAL RECTANGLE}" for c in plain(text))
    return shown.replace("$", r"\$")


def theme_for(*, dark: bool) -> Theme:
    """The dark theme, or the light one."""
    return DARK if dark else LIGHT
