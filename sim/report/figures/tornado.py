"""Tornadoes: what each number does to one outcome, the one that moves it most on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.report.figures.panels import heading, key
from sim.report.figures.scales import duration_ticks, share_ticks
from sim.report.figures.survival import shortened
from sim.report.format import plain, several
from sim.report.outcomes import column_words, outcome_words, path_lines
from sim.report.style import LIGHT, Theme, canvas, label
from sim.stats.outcomes import Outcome
from sim.stats.sensitivity import Sensitivity, Swing

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 12
"""Numbers in a picture."""

ROW, WIDE = 0.36, 46
"""Inches between rows, and characters that have room beside them."""


def tornado(axes: Axes, found: Sensitivity, outcome: Outcome, theme: Theme = LIGHT) -> Axes:
    """Bars from the outcome in the middle to that at both ends of each number; thin lines are paired 95 % intervals."""
    shown = found.tornado(outcome)
    middle = shown.middle.estimate or 0.0
    swings = leading(shown.swings)
    lows, highs = [middle], [middle]
    for place, swing in enumerate(reversed(swings)):
        ends = (("low", swing.from_low, theme.looks[0], ""), ("high", swing.from_high, theme.looks[1], "///"))
        for name, end, look, hatch in ends:
            far = end.estimate or 0.0
            bars = axes.barh(place, far, 0.62, middle, color=look.colour, edgecolor=theme.paper, linewidth=0)
            bars[0].set_hatch(hatch)
            bars[0].set_gid(f"{name} {swing.path}")
            low, high = (middle + (far if one is None else one) for one in (end.low, end.high))
            if not outcome.is_wait:
                low, high = max(0.0, low), min(1.0, high)
            axes.plot([low, high], [place, place], color=theme.ink, linewidth=1.2)
            lows.append(low)
            highs.append(high)
    axes.set_yticks(range(len(swings)), [_name(swing) for swing in reversed(swings)])
    axes.set_ylim(-0.6, max(len(swings), 1) - 0.4)
    axes.grid(visible=False, axis="y")
    axes.axvline(middle, color=theme.ink, linewidth=1.1)
    if outcome.is_wait:
        duration_ticks(axes, "x", min(lows), max(*highs, min(lows) + 1.0))
    else:
        share_ticks(axes, "x", min(lows), max(highs))
    return axes


def leading(swings: tuple[Swing, ...]) -> list[Swing]:
    """Those that move the outcome at all, at most `MOST`; the first one where none does."""
    return [one for one in swings if one.width > 0][:MOST] or list(swings[:1])


def _name(swing: Swing) -> str:
    *first, last = path_lines(swing.path, WIDE)
    ends = f"{plain(swing.low)} to {plain(swing.high)}"
    # The ends take a line of their own where the path is short.
    lines = [*first, f"{last}, {ends}"] if first else [last, ends]
    return "\n".join(label(shortened(line, WIDE)) for line in lines)


def tornado_figure(found: Sensitivity, theme: Theme = LIGHT, *, most: int = 2) -> Figure:
    """Contact by the time asked for and the mean wait, one below the other, of the first columns asked about."""
    outcomes = [outcome for column in found.columns[:most] for outcome in (Outcome(column, found.by), Outcome(column))]
    rows = [len(leading(found.tornado(outcome).swings)) for outcome in outcomes]
    top, over, under = 1.0, 0.42, 0.6
    height = top + sum(ROW * 1.25 * max(row, 1) + over + under for row in rows)
    figure = canvas(10.8, height)
    above = height - top
    for outcome, row in zip(outcomes, rows, strict=True):
        tall = ROW * 1.25 * max(row, 1)
        above -= over + tall
        axes = figure.add_axes((0.34, above / height, 0.62, tall / height))
        tornado(axes, found, outcome, theme)
        words = f"{outcome_words(outcome, found.asked)}, {column_words(outcome.column)}"
        axes.set_title(label(f"{words[0].upper()}{words[1:]}"), loc="left", fontsize=10.5)
        above -= under
    kind = {"numbers": "plain numbers times 0.8 and 1.2", "prior": "priors from 10 % to 90 %"}
    source = kind.get(found.source, "posterior draws from 10 % to 90 %")
    size = several(found.asked.replications, "replication")
    note = f"{source}, one at a time; n = {size} at each end; thin lines: paired 95 % intervals"
    heading(figure, f"What the answer hangs on: {found.asked.title}", note)
    key(figure, list(zip(_signs(theme), ("at the first value", "at the second value"), strict=True)), top=0.68)
    return figure


def _signs(theme: Theme) -> list[Artist]:
    from matplotlib.patches import Patch

    return [
        Patch(facecolor=theme.looks[0].colour),
        Patch(facecolor=theme.looks[1].colour, hatch="///", edgecolor=theme.paper, linewidth=0),
    ]


def describe(found: Sensitivity) -> str:
    """The figure in words."""
    from sim.report.sensitivity import sentences

    return " ".join([f"{found.asked.title}.", *sentences(found)])
