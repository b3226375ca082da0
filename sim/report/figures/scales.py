"""Axes of what studies show: durations of either sign, and probabilities."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from sim.report.format import decimal, unit_for
from sim.report.outcomes import signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Side = Literal["x", "y"]
STEPS = (1, 2, 2.5, 5, 10)


def duration_ticks(axes: Axes, side: Side, low: float, high: float, *, most: int = 6, plus: bool = False) -> None:
    """Ticks at round multiples of a unit on an axis in seconds from `low` to `high`, and room around them.

    plus  write the sign of what is above 0: the axis shows differences
    """
    unit = unit_for(max(abs(low), abs(high), 1.0))
    span = max(high - low, 1e-9)
    step = _step(span / unit.seconds / most) * unit.seconds
    places = [step * at for at in range(math.floor(low / step), math.ceil(high / step) + 1)]
    write = signed if plus else _negative
    texts = [write(place / unit.seconds) for place in places]
    if side == "x":
        axes.set_xticks(places, texts)
        axes.set_xlim(low - 0.04 * span, high + 0.04 * span)
        axes.set_xlabel(unit.plural)
    else:
        axes.set_yticks(places, texts)
        axes.set_ylim(low - 0.04 * span, high + 0.04 * span)
        axes.set_ylabel(unit.plural)


def share_ticks(axes: Axes, side: Side, low: float, high: float, *, most: int = 6) -> None:
    """Ticks in per cent on an axis of probabilities, from a round one below `low` to one above `high`; none is beyond 0
    or 100 %."""
    step = _step(max(high - low, 1e-4) * 100 / most) / 100
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    places = [step * at for at in range(first, max(last, first + 1) + 1)]
    places = [place for place in places if -1e-9 <= place <= 1 + 1e-9] or [0.0, 1.0]
    if len(places) == 1:
        places = [max(0.0, places[0] - step), min(1.0, places[0] + step)]
    texts = [f"{decimal(100 * place)} %" for place in places]
    room = 0.02 * (places[-1] - places[0])
    if side == "x":
        axes.set_xticks(places, texts)
        axes.set_xlim(min(low, places[0]) - room, max(high, places[-1]) + room)
    else:
        axes.set_yticks(places, texts)
        axes.set_ylim(min(low, places[0]) - room, max(high, places[-1]) + room)


def _negative(value: float) -> str:
    return signed(value) if value < 0 else decimal(value)


def _step(least: float) -> float:
    """The smallest round step that is not below `least`."""
    ten = 10.0 ** math.floor(math.log10(least))
    return next(step * ten for step in STEPS if step * ten >= least * (1 - 1e-9))
