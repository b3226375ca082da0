"""What is drawn, read back as data."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch


def words(figure: Figure) -> str:
    """Every text that a figure shows."""
    found = [text.get_text() for part in (figure, *figure.subfigs) for text in part.texts]
    found += [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    for one in figure.axes:
        found += [text.get_text() for text in one.texts]
        found += [one.get_title(loc="left"), one.get_xlabel(), one.get_ylabel()]
        found += [text.get_text() for text in (*one.get_xticklabels(), *one.get_yticklabels())]
    return "\n".join(found)


def points(axes: Axes, gid: str) -> list[tuple[float, float]]:
    """The points of all lines with this id, in order."""
    found = []
    for line in axes.lines:
        if line.get_gid() == gid:
            found += list(
                zip(np.asarray(line.get_xdata()).tolist(), np.asarray(line.get_ydata()).tolist(), strict=True)
            )
    return found


def spans(axes: Axes, gid: str) -> list[tuple[float, float, float, float]]:
    """Left, right, lower and upper edge of every box in the collections with this id."""
    found = []
    for collection in axes.collections:
        if collection.get_gid() == gid:
            for path in collection.get_paths():
                (left, low), (right, high) = path.vertices.min(axis=0), path.vertices.max(axis=0)
                found.append((float(left), float(right), float(low), float(high)))
    return found


def upright(axes: Axes) -> list[tuple[float, float, float]]:
    """Left edge, width and height of every bar that stands on the x axis, in order."""
    found = []
    for patch in axes.patches:
        if isinstance(patch, StepPatch):
            heights, edges, baseline = patch.get_data()
            assert baseline == 0
            found += zip(edges[:-1].tolist(), np.diff(edges).tolist(), heights.tolist(), strict=True)
    return found


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that cover each other, and texts that leave the picture (paired with nothing)."""
    figure.draw_without_rendering()
    texts = [text for part in (figure, *figure.subfigs) for text in part.texts]
    for legend in figure.legends:
        texts += legend.get_texts()
    for one in figure.axes:
        texts += [text for text in one.texts if text.get_visible()]
        texts += [text for text in (one.title, one._left_title, one.xaxis.label, one.yaxis.label) if text.get_text()]
        texts += [axis.get_offset_text() for axis in (one.xaxis, one.yaxis) if axis.get_offset_text().get_text()]
        for axis in (one.xaxis, one.yaxis):
            for tick in axis.get_major_ticks():
                if tick.label1.get_visible() and tick.label1.get_text():
                    low, high = sorted(axis.get_view_interval())
                    if low <= tick.get_loc() <= high:
                        texts.append(tick.label1)
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts if text.get_text().strip()]
    width, height = figure.bbox.width, figure.bbox.height
    found = [(word, "") for word, box in boxes if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height]
    for at, (word, box) in enumerate(boxes):
        for other_word, other in boxes[at + 1 :]:
            wide = min(box.x1, other.x1) - max(box.x0, other.x0)
            high = min(box.y1, other.y1) - max(box.y0, other.y0)
            # A pixel or two is the room around letters.
            if wide > 2 and high > 2:
                found.append((word, other_word))
    return found
