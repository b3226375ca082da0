"""Bars that stand on the x axis, drawn as one path: hundreds of them cost no more than one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import PathPatch

CORNERS = 5
"""Of a bar in the path: its four, and the first once more, to close it."""


def upright(
    axes: Axes,
    lefts: NDArray[Any],
    heights: NDArray[np.float64],
    widths: NDArray[Any] | float,
    colour: str,
    *,
    between: str | None = None,
) -> PathPatch:
    """Bars from 0 up to `heights`, in the units of the axes, whose limits are the caller's to set.

    between  the colour of a thin line around each bar; none unless given
    """
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    left, high = np.asarray(lefts, float), np.asarray(heights, float)
    right, low = left + widths, np.zeros(len(left))
    x = np.column_stack([left, right, right, left, left])
    y = np.column_stack([low, low, high, high, low])
    codes = np.tile(np.array([Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY], Path.code_type), len(left))
    path = Path(np.column_stack([x.ravel(), y.ravel()]), codes)
    edge = {"linewidth": 0.4, "edgecolor": between} if between else {"linewidth": 0}
    made = PathPatch(path, facecolor=colour, gid="bars", snap=True, **edge)
    axes.add_artist(made)
    return made
