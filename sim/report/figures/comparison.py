"""Pictures of a comparison: survival curves of base and variants, and every variant's differences from the base."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report.comparison import ComparisonView
from sim.report.comparison_tables import MEAN, change, is_clear
from sim.report.figures import Picture, draw_pictures
from sim.report.figures.axes import share_axis, since
from sim.report.figures.panels import area_sign, band_sign, grid, line_sign, row_names, sheet
from sim.report.figures.survival import dated_events, survival_axes, survival_curve, survival_figure
from sim.report.format import Measure, listing, plain, several, share, share_changes, unit_for, wait_changes
from sim.report.style import LIGHT, Look, Theme, canvas, context, label, new_axes
from sim.stats.paired import SECONDS, SHARES, ColumnComparison, Contrast

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.report.reasons import Reason

TOGETHER = 5
"""So many curves with bands are drawn in one axes; more get a panel each, with the base in all of them."""

QUANTITY = {
    "within_1d": "contact within 24 h",
    "within_7d": "contact within 7 d",
    "within_30d": "contact within 30 d",
    "probability": "contact by the end",
    "median_seconds": "median wait",
    MEAN: "mean wait, to the end of the clock",
    "attempts": "attempts per replication",
    "response_median_seconds": "median response time",
    "response_p90_seconds": "90th percentile of response times",
}

ROW = 0.42
"""Inches that a variant takes in a picture of differences."""

NAME = 34
"""Characters to a line in the names of variants."""


def comparison_figures(view: ComparisonView, theme: Theme = LIGHT) -> Iterator[Picture]:
    """Name, alt text and maker of every picture but those of single replications."""
    main = view.main
    for column in dict.fromkeys((main, "any")):
        if view.found.base not in view.found.columns[column].absent:
            name = "survival" if column == main else "survival-any"
            yield name, _words_of_curves(view, column), functools.partial(curves_figure, view, column, theme)
    if view.found.columns[main].contrasts:
        yield "differences", _words_of_differences(view, main), functools.partial(differences_figure, view, main, theme)


def draw_comparison(
    view: ComparisonView,
    folder: Path,
    why: Mapping[str, Reason] | None = None,
    theme: Theme = LIGHT,
    progress: Callable[[int, int], None] | None = None,
    *,
    svg: bool = False,
) -> list[Path]:
    """Write every picture of a comparison, and the alt texts, into `folder`, which is there; the files written.

    Arguments and errors as of `draw_pictures`.
    """
    from sim.report.figures.divergence import why_figures

    with context(theme):
        pictures = [*comparison_figures(view, theme), *why_figures(view, why or {}, theme)]
        return draw_pictures(pictures, folder, progress, svg=svg)


def plot_curves(view: ComparisonView, column: str, axes: Axes | None = None, theme: Theme = LIGHT) -> Axes:
    """All scenarios' survival curves in one axes, with a legend."""
    axes = axes or new_axes()
    names = [name for name in view.found.scenarios if name not in view.found.columns[column].absent]
    for at, name in enumerate(names):
        look = theme.looks[at % len(theme.looks)]
        survival_curve(axes, view.curve(name, column), look, band=len(names) <= TOGETHER)
        axes.plot([], [], color=look.colour, linestyle=look.dash, marker=look.marker, label=label(plain(name)))
    survival_axes(axes, view.curve(names[0], column))
    axes.legend(frameon=False, fontsize=9)
    return axes


def curves_figure(view: ComparisonView, column: str, theme: Theme = LIGHT) -> Figure:
    """Curves in one axes where they are few, else a panel for each variant with the base in all of them."""

    title = f"No contact so far, {view.label(column)}: {view.title}"
    absent = view.found.columns[column].absent
    curves = [view.curve(name, column) for name in view.found.scenarios if name not in absent]
    if len(curves) <= TOGETHER:
        events = dated_events(view.scenarios[view.found.base])
        return survival_figure(title, curves, {}, theme, events=events)
    base, *others = curves
    # As dark as the blue in a grey print: the dashes tell them apart.
    grey, blue = Look(theme.soft, (0, (2.5, 1.2)), "s", ""), theme.looks[0]

    def draw(axes: Axes, place: int) -> None:
        """One variant's curve, with the base's dashes on top: where the two are the same, both are seen."""
        survival_curve(axes, base, grey, band=False, over=True)
        survival_curve(axes, others[place], blue)
        survival_axes(axes, base, most=4, named=False)

    return grid(
        title,
        f"n = {several(base.n, 'replication')}",
        [one.label for one in others],
        draw,
        below=since(base.start, base.horizon),
        beside="share without contact so far",
        entries=[
            line_sign("base", color=grey.colour, linestyle=(0, (2.5, 1.2))),
            line_sign("variant", color=blue.colour),
            band_sign(theme, "its pointwise 95 % band"),
        ],
    )


def plot_differences(
    view: ComparisonView, column: str, quantity: str, axes: Axes | None = None, theme: Theme = LIGHT
) -> Axes:
    """A row for each variant: the difference from the base, thick its interval by itself, thin that among all."""
    contrasts = view.found.columns[column].contrasts[quantity]
    axes = axes or canvas(8, 1.0 + ROW * len(contrasts)).subplots()
    scale, words = _scale(quantity, contrasts.values())
    for row, one in enumerate(contrasts.values()):
        _difference(axes, row, one, scale, theme, gain=quantity in SHARES)
    axes.axvline(0, color=theme.ink, linewidth=1.0, zorder=1)
    row_names(axes, list(contrasts), NAME)
    axes.set_xlabel(words)
    left, right = axes.get_xlim()
    if left == 0 or right == 0 or (left, right) == (0.0, 1.0):
        axes.set_xlim(min(left, -0.05 * abs(right)), max(right, 0.05 * abs(left)))
    return axes


def _scale(quantity: str, contrasts: Iterable[Contrast]) -> tuple[float, str]:
    """What the numbers of a quantity are divided by, and the title of the axis."""
    if quantity in SHARES:
        return 0.01, f"difference in {QUANTITY[quantity]}, percentage points"
    if quantity in SECONDS:
        known = [abs(end) for one in contrasts for end in (one.low_all, one.high_all, one.estimate) if end is not None]
        unit = unit_for(max(known, default=0))
        return unit.seconds, f"difference in {QUANTITY[quantity]}, {unit.plural}"
    return 1.0, f"difference in {QUANTITY[quantity]}"


def _difference(axes: Axes, row: int, one: Contrast, scale: float, theme: Theme, *, gain: bool) -> None:
    """`gain`: whether more of the quantity means sooner contact, which has the first colour."""
    clear = is_clear(one)
    way = 0 if ((one.estimate or 0) > 0) == gain else 1
    look = theme.looks[way] if clear else Look(theme.soft, (0, None), "o", "")
    if one.same:
        axes.plot([0], [row], "|", color=theme.soft, markersize=11, markeredgewidth=2, zorder=3, gid="same")
        return
    ends = [(one.low_all, one.high_all, 1.1), (one.low, one.high, 3.2)]
    for low, high, width in ends:
        if low is not None and high is not None:
            axes.plot([low / scale, high / scale], [row, row], color=look.colour, linewidth=width, zorder=2)
    for end, marker in ((one.low_all, "<"), (one.high_all, ">")):
        if end is None and one.estimate is not None:
            axes.plot([one.estimate / scale], [row], marker, color=look.colour, markersize=9, zorder=2)
    if one.estimate is not None:
        face = look.colour if clear else theme.paper
        axes.plot(
            [one.estimate / scale],
            [row],
            look.marker if clear else "o",
            color=look.colour,
            markerfacecolor=face,
            markersize=6.5,
            zorder=4,
            gid="difference",
        )


def differences_figure(view: ComparisonView, column: str, theme: Theme = LIGHT) -> Figure:
    """Mean wait, contact by the end, and how often first contact came sooner or later: a row for each variant."""

    found = view.found.columns[column]
    names = [name for name in view.found.variants if name not in found.absent]
    sooner, later = theme.looks[:2]
    hollow: Any = {"color": theme.soft, "marker": "o", "markerfacecolor": theme.paper, "linewidth": 3.2}
    entries = [
        line_sign("sooner, or more often: clearly", color=sooner.colour, marker=sooner.marker, linewidth=3.2),
        line_sign("later, or less often: clearly", color=later.colour, marker=later.marker, linewidth=3.2),
        line_sign("no clear difference from the base", **hollow),
        area_sign("share of replications with contact sooner", color=sooner.colour),
        area_sign("at the same second, or in neither", color=theme.grid),
        area_sign("later", facecolor=later.colour, hatch="//", edgecolor=theme.paper),
    ]
    note = (
        f"{view.label(column)}; n = {several(view.found.replications, 'replication')}; variant − base; "
        + "thick: 95 % interval"
        + ("; thin: for all variants together" if len(names) > 1 else "")
    )
    tall = ROW * max(len(names), 2) + 0.95
    figure, body = sheet(f"What the variants change: {view.title}", note, 12.4, tall, entries)
    panels = body.subplots(1, 3)
    for axes, quantity, measure in ((panels[0], MEAN, wait_changes), (panels[1], "probability", share_changes)):
        plot_differences(view, column, quantity, axes, theme)
        axes.set_title(QUANTITY[quantity], loc="left", fontsize=10.5, pad=6)
        axes.set_xlabel(axes.get_xlabel().rpartition(", ")[2])
        scale, _ = _scale(quantity, found.contrasts[quantity].values())
        _values(axes, found.contrasts[quantity], measure, scale, theme.paper)
    _order(panels[2], found, names, theme)
    for axes in panels[1:]:
        axes.tick_params(axis="y", labelleft=False)
    return figure


def _values(axes: Axes, contrasts: Mapping[str, Contrast], measure: Measure, scale: float, paper: str) -> None:
    """Write each difference above its mark."""
    left, right = axes.get_xlim()
    for row, one in enumerate(contrasts.values()):
        shown = "the same in every replication" if one.same else change(one, measure).text
        at = min(max((one.estimate or 0.0) / scale, left), right)
        share_of = (at - left) / (right - left)
        side = "left" if share_of < 0.25 else "right" if share_of > 0.75 else "center"
        axes.annotate(
            label(shown),
            (at, row),
            xytext=(0, 6),
            textcoords="offset points",
            ha=side,
            va="bottom",
            fontsize=8,
            bbox={"facecolor": paper, "edgecolor": "none", "pad": 0.6},
        )


def _order(axes: Axes, column: ColumnComparison, names: Sequence[str], theme: Theme) -> None:
    """Bars of the shares of replications in which first contact came sooner, later, or at the same second."""
    sooner, later = theme.looks[0], theme.looks[1]
    for row, name in enumerate(names):
        order = column.order[name]
        parts = (order.sooner.estimate or 0.0, order.same.estimate or 0.0, order.later.estimate or 0.0)
        at = 0.0
        for part, colour, hatch in zip(parts, (sooner.colour, theme.grid, later.colour), ("", "", "//"), strict=True):
            axes.barh(row, part, 0.5, left=at, color=colour, hatch=hatch, edgecolor=theme.paper, linewidth=0)
            at += part
    row_names(axes, names, NAME)
    axes.set_xlim(0, 1)
    share_axis(axes.xaxis)
    axes.set_title("first contact sooner, same, later", loc="left", fontsize=10.5, pad=6)
    axes.set_xlabel("share of replications")


def _words_of_curves(view: ComparisonView, column: str) -> str:
    found = view.found.columns[column]
    sentences = [
        f"{plain(name)} {share(1 - (one.estimate or 0.0))}" for name, one in found.estimates["probability"].items()
    ]
    return (
        f"No contact so far, {view.label(column)}: {view.title}. Survival curves of base and variants. Without contact "
        f"by the end: {listing(sentences)}."
    )


def _words_of_differences(view: ComparisonView, column: str) -> str:
    found = view.found.columns[column]
    sentences = []
    for name, one in found.contrasts[MEAN].items():
        words = "the same" if one.same else str(change(one, wait_changes))
        sentences.append(f"{plain(name)} {words}")
    return (
        f"What the variants change: {view.title}. Differences from the base with intervals, {view.label(column)}. "
        f"In mean wait: {'; '.join(sentences)}."
    )
