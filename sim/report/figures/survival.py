"""Survival functions: the share of replications without contact so far, with the band of chance.

Beside it the band of the uncertain numbers of a scenario: where the curve lies in 95 % of their draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.report.figures.axes import clock_axis, share_axis, since
from sim.report.figures.data import Curve, Mark, UncertainCurve
from sim.report.figures.panels import (
    MOST_SENTENCES,
    NAME_WIDTH,
    Entry,
    area_sign,
    band_sign,
    block_inches,
    described,
    grid,
    inches,
    inches_of,
    lay_out,
    line_sign,
    name_ends,
    sheet,
    shortened,
    wrapped,
)
from sim.report.format import count, day, decimal, duration, listing, plain, several, share, spread
from sim.report.style import LIGHT, Look, Theme, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.scenario.resolved import Scenario

MOST_TOGETHER = 7
"""Curves that one axes holds; more are drawn in panels of their own."""

MOST_EVENTS = 12
"""Of dated events that are marked."""

MARK_ROWS = 6
"""Rows of labels above the axes."""

RECORD, EVENT = (0, (2, 2)), (0, (1, 2.5))
"""Dashes of the lines at contacts on record and at events."""

Marks = Mapping[str, Sequence[Mark]]
"""Contacts on record by the label of the curve to which they belong."""


def survival_curve(
    axes: Axes, curve: Curve, look: Look = LIGHT.looks[0], *, band: bool = True, over: bool = False
) -> Axes:
    """Draw one curve with its pointwise 95 % band; x in seconds since the start, y the share without contact so far.

    Between two corners the curve is flat: a step down stands at the end of the bin in which the contacts fell. One that
    is `over` the others lies on top of those drawn later too, but for its mark at the end.
    """
    x = np.concatenate([[0], curve.ends])
    if band:
        lower, upper = (_from_all(values) for values in band_of(curve))
        axes.fill_between(x, lower, upper, step="post", color=look.colour, alpha=0.2, linewidth=0)
    (line,) = axes.plot(
        x, _from_all(curve.survival), drawstyle="steps-post", color=look.colour, linestyle=look.dash, clip_on=False
    )
    line.set_gid(f"curve {curve.label}")
    if over:
        line.set_zorder(line.get_zorder() + 0.5)
    axes.plot([curve.horizon], [curve.censored], look.marker, color=look.colour, markersize=6, clip_on=False, zorder=4)
    axes.set_xlim(0, curve.horizon)
    axes.set_ylim(0, 1)
    share_axis(axes.yaxis)
    return axes


def _from_all(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values from second 0 on, where all are without contact."""
    return np.concatenate([[1.0], values])


def band_of(curve: Curve) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both ends of the pointwise band as drawn.

    Where all replications agree, a variance between blocks cannot be seen, and the interval is the wide one of as many
    replications as there are blocks. As S never rises, the limits of the corner beside it hold there too: the upper one
    after the last contact, the lower one before the first.
    """
    low, high = curve.low.copy(), curve.high.copy()
    inside = np.flatnonzero((curve.survival > 0) & (curve.survival < 1))
    if len(inside):
        high[inside[-1] + 1 :] = np.minimum(high[inside[-1] + 1 :], high[inside[-1]])
        low[: inside[0]] = np.maximum(low[: inside[0]], low[inside[0]])
    return low, high


def survival_axes(axes: Axes, curve: Curve, *, most: int = 7, named: bool = True) -> Axes:
    """The axes' own text: elapsed time and calendar below, the share without contact at the left, n in its title."""
    clock_axis(axes, curve.start, curve.horizon, most=most, named=named)
    if named:
        axes.set_ylabel(f"no contact so far\n(share of {count(curve.n)} replications)")
    else:
        share_axis(axes.yaxis, 0.5)
    return axes


# Marks of contacts on record and of events


def dated_events(scenario: Scenario) -> list[Mark]:
    """The events of a scenario that have dates, in their order; those that come at random are left out."""
    found = []
    for event in scenario.events:
        name = plain(event.title) or event.name
        for when in event.at:
            if when.plus is None and 0 < when.second < scenario.horizon:
                date = day(scenario.start + timedelta(seconds=when.second))
                found.append(Mark(when.second, when.second, f"{shortened(name, 58)} {date}"))
    return sorted(found, key=lambda mark: mark.start)


def thinned(events: Sequence[Mark]) -> list[Mark]:
    """At most `MOST_EVENTS` of them, evenly from the first to the last."""
    if len(events) <= MOST_EVENTS:
        return list(events)
    return [events[at] for at in np.linspace(0, len(events) - 1, MOST_EVENTS).round().astype(int).tolist()]


def mark_times(axes: Axes, records: Sequence[Mark], events: Sequence[Mark] = (), theme: Theme = LIGHT) -> Axes:
    """Draw a vertical band at each contact on record, and a dotted line at each event, thinned where there are many."""
    for mark in thinned(events):
        axes.axvline(mark.start, color=theme.soft, linestyle=EVENT, linewidth=1.1, zorder=1, gid="event")
        axes.plot(
            [mark.start], [1.0], "v", transform=axes.get_xaxis_transform(), color=theme.soft, markersize=5,
            clip_on=False, zorder=4,
        )  # fmt: skip
    for start, end in sorted({(mark.start, mark.end) for mark in records}):
        axes.axvspan(start, end, color=theme.record, alpha=0.15, linewidth=0, zorder=1)
        axes.axvline(start, color=theme.record, linestyle=RECORD, linewidth=1.1, zorder=3, gid="record")
    return axes


def label_marks(axes: Axes, marks: Iterable[Mark], theme: Theme = LIGHT) -> None:
    """Write the texts of marks above the axes: at the right of their time or, where there is no room, at its left.

    Marks of one time share a text. One that has no room in `MARK_ROWS` rows is left out; the first ones come first. The
    axes must have their width: call it after `lay_out`.
    """
    (wide, _), width = inches_of(axes), axes.get_xlim()[1]
    texts: dict[int, list[str]] = {}
    for mark in marks:
        texts.setdefault(mark.start, []).append(mark.text)
    taken: list[list[tuple[float, float]]] = [[] for _ in range(MARK_ROWS)]
    for start, some in texts.items():
        words = shortened(", ".join(dict.fromkeys(some)), 72)
        long = (inches(words, fontsize=9) + 0.08) / wide
        place = start / width
        right = place + long < ROOM
        left = place if right else max(place - long, 0.0)
        row = next((r for r, spans in enumerate(taken) if all(left > b or left + long < a for a, b in spans)), None)
        if row is None:
            continue
        taken[row].append((left, left + long))
        axes.annotate(
            label(words),
            (start if right or left else 0.0, 1.0),
            xytext=(0, 6 + 13 * row),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="left" if right or not left else "right",
            va="bottom",
            fontsize=9,
            color=theme.ink,
        )


ROOM = 1.2
"""Labels of marks may run on to the right of the axes as far as this, in axes."""


def mark_key(*, records: bool, events: Sequence[Mark], theme: Theme = LIGHT) -> list[Entry]:
    """The signs of contacts on record and of events, where there are any."""
    entries: list[Entry] = []
    if records:
        entries.append(line_sign("contact on record", color=theme.record, linestyle=RECORD, linewidth=1.1))
    if events:
        left = "" if len(events) <= MOST_EVENTS else f", {MOST_EVENTS} of {count(len(events))}"
        dotted: Any = {"color": theme.soft, "linestyle": EVENT, "linewidth": 1.1, "marker": "v", "markersize": 5}
        entries.append(line_sign(f"event of the scenario{left}", **dotted))
    return entries


# Whole pictures


def survival_figure(
    title: str,
    curves: Sequence[Curve],
    marks: Marks,
    theme: Theme = LIGHT,
    *,
    more: int = 0,
    events: Sequence[Mark] = (),
) -> Figure:
    """Survival curves in one axes where they are few, else a panel for each.

    marks   contacts on record by the label of their curve
    events  dates of events, thinned where there are many
    more    how many curves are left out
    """
    records = [mark for curve in curves for mark in marks.get(curve.label, ())]
    entries = [band_sign(theme), *mark_key(records=bool(records), events=events, theme=theme)]
    if len(curves) > MOST_TOGETHER:
        return _survival_panels(title, curves, marks, events, entries, theme, more)
    blocks = [[*wrapped(curve.label, NAME_WIDTH, 3), f"none by the end: {share(curve.censored)}"] for curve in curves]
    marked = len({mark.start for mark in (*records, *thinned(events))})
    tall = max(3.9, sum(map(block_inches, blocks))) + 0.95 + 0.18 * min(marked, MARK_ROWS)
    figure, body = sheet(title, _n(curves[0]), 10.8, tall, entries)
    axes = body.subplots()
    for curve, look in zip(curves, theme.looks, strict=False):
        survival_curve(axes, curve, look)
    survival_axes(axes, curves[0])
    mark_times(axes, records, events, theme)
    lay_out(figure)
    name_ends(axes, [curve.censored for curve in curves], blocks, theme.looks)
    lay_out(figure)
    label_marks(axes, [*records, *thinned(events)], theme)
    return figure


def _survival_panels(
    title: str,
    curves: Sequence[Curve],
    marks: Marks,
    events: Sequence[Mark],
    entries: Sequence[Entry],
    theme: Theme,
    more: int,
) -> Figure:
    def draw(axes: Axes, place: int) -> None:
        curve = curves[place]
        survival_curve(axes, curve, theme.looks[0])
        survival_axes(axes, curve, most=4, named=False)
        mark_times(axes, marks.get(curve.label, ()), events, theme)

    return grid(
        title,
        _n(curves[0]),
        [curve.label for curve in curves],
        draw,
        below=since(curves[0].start, curves[0].horizon),
        beside="share without contact so far",
        entries=entries,
        more=more,
    )


def uncertainty_figure(
    title: str, found: Sequence[UncertainCurve], marks: Marks, theme: Theme = LIGHT, *, more: int = 0
) -> Figure:
    """For each curve, in a panel of its own, the band of chance within the band of the uncertain numbers."""

    look, other = theme.looks[:2]

    def draw(axes: Axes, place: int) -> None:
        """Fill a panel: the wider band first, its edges dashed, the curve with its own band over it."""
        one = found[place]
        ends = np.concatenate([[0], one.curve.ends])
        lower, upper = _from_all(one.low), _from_all(one.high)
        axes.fill_between(ends, lower, upper, step="post", color=other.colour, alpha=0.28, linewidth=0)
        for edge in (lower, upper):  # a reader of grey print sees it too
            axes.plot(ends, edge, drawstyle="steps-post", color=other.colour, linewidth=0.9, linestyle=(0, (4, 2)))
        survival_curve(axes, one.curve, look)
        survival_axes(axes, one.curve, most=4, named=False)
        mark_times(axes, marks.get(one.curve.label, ()), (), theme)

    first = found[0].curve
    recorded = any(marks.get(one.curve.label) for one in found)
    entries: list[Entry] = [
        band_sign(theme, "chance: pointwise 95 % band"),
        area_sign("uncertain numbers: the curve in 95 % of their draws", color=other.colour, alpha=0.28),
        *mark_key(records=recorded, events=(), theme=theme),
    ]
    return grid(
        title,
        f"{_n(first)}; ± standard deviations of the share at the end, in percentage points",
        [f"{one.curve.label}\n{_at_the_end(one)}" for one in found],
        draw,
        below=since(first.start, first.horizon),
        beside="share without contact so far",
        entries=entries,
        more=more,
    )


def _at_the_end(one: UncertainCurve) -> str:
    """``23.0 % at the end: ±0.91 by chance, ±20.7 by the numbers``"""
    numbers = spread(one.spread, one.least, lambda some: decimal(100 * some))
    return f"{share(one.curve.censored)} at the end: ±{decimal(100 * one.error)} by chance, {numbers} by the numbers"


def _n(curve: Curve) -> str:
    return f"n = {several(curve.n, 'replication')}"


# The same in words


def describe_curves(heading: str, curves: Sequence[Curve], marks: Marks, total: int) -> str:
    """Say in words in what share of the replications each curve has contact, and the contacts on record.

    `total` counts the curves, drawn or not.
    """
    if not curves:
        return heading
    first = curves[0]
    span = f"{several(first.n, 'replication')}, {duration(first.horizon)} from {day(first.start)}."
    sentences = [_described(curve, marks.get(curve.label, ())) for curve in curves[:MOST_SENTENCES]]
    more = [f"And {total - MOST_SENTENCES} more."] if total > MOST_SENTENCES else []
    return plain(" ".join([f"{heading}.", span, *sentences, *more]))


def _described(curve: Curve, marks: Sequence[Mark]) -> str:
    recorded = f" On record: {listing([mark.text for mark in marks])}." if marks else ""
    return f"{curve.label}: contact in {share(curve.contacts / curve.n)} of the replications.{recorded}"


def describe_uncertainty(heading: str, found: Sequence[UncertainCurve]) -> str:
    """Say in words where each curve ends in 95 % of the draws of the uncertain numbers."""
    sentences = [
        f"{one.curve.label}: no contact by the end in {share(one.curve.censored)} of the replications, and in "
        f"{share(float(one.low[-1]))} to {share(float(one.high[-1]))} of them for 95 % of the draws of the numbers."
        for one in found
    ]
    return described(heading, [f"{several(found[0].curve.n, 'replication')}.", *sentences])
