"""Sensitivity analysis: tornadoes (one number at a time) and Sobol indices (variance decomposition)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sim.report.figures.axes import duration_axis, share_axis, unsigned
from sim.report.figures.panels import Entry, area_sign, line_sign, row_names, sheet
from sim.report.format import plain, several, share
from sim.report.outcomes import column_name, outcome_words, path_name
from sim.report.style import LIGHT, Theme, label
from sim.stats.outcomes import Outcome
from sim.stats.sensitivity import SensitivityAnalysis, Swing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 12
"""Numbers in a panel: those that matter most."""

ROW = 0.46
"""Inches that a number takes."""

NAME = 46
"""Characters to a line in the name of a number."""


def tornado(axes: Axes, found: SensitivityAnalysis, outcome: Outcome, theme: Theme = LIGHT) -> Axes:
    """Bars from the outcome in the middle to that at both ends of each number; thin lines are paired 95 % intervals."""
    shown = found.tornado(outcome)
    middle = shown.middle.estimate or 0.0
    swings = leading(shown.swings)
    reached = [middle]
    for place, swing in enumerate(swings):
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
            reached += [low, high]
    row_names(axes, [_row(found, swing) for swing in swings], NAME, 3)
    axes.axvline(middle, color=theme.ink, linewidth=1.1)
    if outcome.is_wait:
        duration_axis(axes.xaxis, min(reached), max(reached), write=unsigned)
    else:
        share_axis(axes.xaxis, None)
    axes.locator_params(axis="x", nbins=6) if not outcome.is_wait else None
    return axes


def leading(swings: tuple[Swing, ...]) -> list[Swing]:
    """Those that move the outcome at all, at most `MOST`; the first one where none does."""
    return [one for one in swings if one.width > 0][:MOST] or list(swings[:1])


def _row(found: SensitivityAnalysis, swing: Swing) -> str:
    return f"{path_name(swing.path, found.spec)}, {plain(swing.low)} to {plain(swing.high)}"


def tornado_figure(found: SensitivityAnalysis, theme: Theme = LIGHT, *, most: int = 2) -> Figure:
    """Contact by the time asked for and the mean wait, one below the other, of the first columns asked about."""
    outcomes = [outcome for column in found.columns[:most] for outcome in (Outcome(column, found.by), Outcome(column))]
    kind = {"numbers": "plain numbers times 0.8 and 1.2", "prior": "priors from 10 % to 90 %"}
    source = kind.get(found.source, "posterior draws from 10 % to 90 %")
    size = several(found.spec.replications, "replication")
    hatched: Any = {"facecolor": theme.looks[1].colour, "hatch": "///", "edgecolor": theme.paper}
    entries = [area_sign("number low", facecolor=theme.looks[0].colour), area_sign("number high", **hatched)]
    return _stacked(
        f"Sensitivity, one number at a time: {found.spec.title}",
        f"{source}; n = {size} at each end; thin lines: paired 95 % intervals",
        entries,
        [_heading(found, outcome) for outcome in outcomes],
        [len(leading(found.tornado(outcome).swings)) for outcome in outcomes],
        lambda axes, place: tornado(axes, found, outcomes[place], theme),
    )


def _heading(found: SensitivityAnalysis, outcome: Outcome) -> str:
    words = f"{outcome_words(outcome, found.spec)}, {column_name(outcome.column, found.spec)}"
    return f"{words[0].upper()}{words[1:]}"


def _stacked(
    title: str,
    note: str,
    entries: Sequence[Entry],
    names: Sequence[str],
    rows: Sequence[int],
    draw: Callable[[Axes, int], object],
) -> Figure:
    """Panels one below the other, each as high as its rows."""
    tall = [ROW * max(2, size) + 1.0 for size in rows]
    figure, body = sheet(title, note, 10.8, sum(tall), entries)
    for place, axes in enumerate(body.subplots(len(tall), 1, squeeze=False, height_ratios=tall).ravel()):
        draw(axes, place)
        axes.set_title(label(names[place]), loc="left", fontsize=10.5)
    return figure


def sobol_indices(axes: Axes, found: SensitivityAnalysis, outcome: Outcome, theme: Theme = LIGHT) -> Axes:
    """A filled square for the first order and an open circle for the total of each number, with 95 % intervals.

    Raises KeyError where the outcome has no indices; where its spread is not clearly above 0, the axes say so.
    """
    one = found.indices[outcome]
    axes.set_xlim(-0.05, 1.05)
    axes.set_xlabel("share of the variance")
    axes.axvline(0, color=theme.soft, linewidth=0.9, zorder=1)
    if one.first is None or one.total is None:
        axes.set_yticks([])
        axes.text(0.5, 0.5, NO_SPREAD, ha="center", transform=axes.transAxes)
        return axes
    order = largest(found, outcome)
    blue, orange = theme.looks[0].colour, theme.looks[1].colour
    marks = (("first", one.first, -0.16, "s", blue), ("total", one.total, 0.16, "o", orange))
    for place, number in enumerate(order):
        for name, values, shift, marker, colour in marks:
            value = values[number]
            low, high = (min(1.05, max(-0.05, end or 0.0)) for end in (value.low, value.high))
            axes.plot([low, high], [place + shift] * 2, color=colour, linewidth=2.2, solid_capstyle="butt")
            middle = [value.estimate or 0.0]
            (sign,) = axes.plot(middle, [place + shift], marker, color=colour, markersize=6)
            sign.set_markerfacecolor(colour if marker == "s" else theme.paper)
            sign.set_gid(f"{name} {found.numbers[number]}")
    row_names(axes, [path_name(found.numbers[number], found.spec) for number in order], NAME)
    return axes


NO_SPREAD = "spread not clearly above 0"


def largest(found: SensitivityAnalysis, outcome: Outcome) -> list[int]:
    """Places of the numbers with the largest totals, at most `MOST`."""
    totals = found.indices[outcome].total or ()
    return sorted(range(len(totals)), key=lambda at: -(totals[at].estimate or 0.0))[:MOST]


def sobol_figure(found: SensitivityAnalysis, theme: Theme = LIGHT, *, most: int = 2) -> Figure:
    """Contact by the time asked for and the mean wait, of the first columns asked about. ValueError without indices."""

    wanted = [outcome for column in found.columns[:most] for outcome in (Outcome(column, found.by), Outcome(column))]
    outcomes = [outcome for outcome in wanted if outcome in found.indices]
    if not outcomes:
        raise ValueError(f"no Sobol indices: {found.no_indices}")
    one = found.indices[outcomes[0]]
    size = f"{several(one.rows, 'point')} in each design, {several(one.replications, 'replication')} at each"
    blue, orange = theme.looks[0].colour, theme.looks[1].colour
    entries: list[Entry] = [
        line_sign("first order: the number alone", color=blue, marker="s", linewidth=2.2),
        line_sign("total: with all interactions", color=orange, marker="o", markerfacecolor=theme.paper, linewidth=2.2),
    ]
    noise = [f"{share(found.indices[outcome].noise.estimate or 0.0, 0)}" for outcome in outcomes]
    return _stacked(
        f"Sobol indices: {found.spec.title}",
        f"{size}; lines are 95 % intervals",
        entries,
        [f"{_heading(found, outcome)}; Monte Carlo noise, taken out: {part}"
         for outcome, part in zip(outcomes, noise, strict=True)],
        [len(largest(found, outcome)) for outcome in outcomes],
        lambda axes, place: sobol_indices(axes, found, outcomes[place], theme),
    )  # fmt: skip


def describe_tornado(found: SensitivityAnalysis) -> str:
    """Say the tornado in words."""
    from sim.report.sensitivity import sentences

    return " ".join([f"{found.spec.title}.", *sentences(found)])


def describe_indices(found: SensitivityAnalysis) -> str:
    """Say the indices in words."""
    parts = [f"Sobol indices: {found.spec.title}."]
    for outcome, one in found.indices.items():
        words = _heading(found, outcome)
        if one.first is None or one.total is None:
            parts.append(f"{words}: {NO_SPREAD}.")
            continue
        sentences = ", ".join(
            f"{path_name(found.numbers[at], found.spec)} {one.first[at].estimate:.2f} alone and "
            f"{one.total[at].estimate:.2f} in all"
            for at in largest(found, outcome)
        )
        parts.append(f"{words}: {sentences}.")
    return plain(" ".join(parts))
