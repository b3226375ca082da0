"""One replication in base and variant: two timelines over one clock, with the moment marked at which they part."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sim.report.comparison import ComparisonView
from sim.report.figures.describe import describe_timeline
from sim.report.figures.panels import heading, key, key_layout
from sim.report.figures.single import row_names
from sim.report.figures.survival import shortened
from sim.report.figures.timeline import ROW, timeline, timeline_height, timeline_key
from sim.report.style import LIGHT, Theme, canvas, context, label, save_as
from sim.report.words import clock, day, plain, several
from sim.scenario.resolved import Scenario
from sim.stats.chronicle import Chronicle, chronicle

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.engines.contract import History
    from sim.report.comparison_terminal import Explained, Told

MOST_PICTURES = 12
MOST_LINES = 16
"""Lines of a scenario up to which timelines are drawn: two of them stand in one picture."""


def why_figures(
    view: ComparisonView, why: Mapping[str, Explained], theme: Theme = LIGHT
) -> Iterator[tuple[str, str, Callable[[], Figure]]]:
    """A picture for each variant that changed anything: its typical replication, in base and variant."""
    told = [(at, name, why[name].typical) for at, name in enumerate(view.found.variants, start=1) if name in why]
    for at, name, one in told[:MOST_PICTURES]:
        scenarios = (view.scenarios[view.found.base], view.scenarios[name])
        if one is None or max(len(scenario.lines) for scenario in scenarios) > MOST_LINES:
            continue
        histories = view.told(name, one.replication)
        title = f"Where they part: base and {plain(name)}"
        yield (
            f"why-{at:02d}",
            _words(title, scenarios, histories, one),
            functools.partial(parting_figure, title, scenarios, histories, one, plain(name), theme),
        )


def parting_figure(
    title: str,
    scenarios: tuple[Scenario, Scenario],
    histories: tuple[History, History],
    told: Told,
    variant: str,
    theme: Theme = LIGHT,
) -> Figure:
    """Base above, variant below, over the same stretch of the clock; a line at the second of the first difference."""
    whole = (chronicle(scenarios[0], histories[0]), chronicle(scenarios[1], histories[1]))
    chronicles = _cut(_changed(whole), told)
    entries = list({words: (sign, words) for one in chronicles for sign, words in timeline_key(one, theme)}.values())
    width = 12.4
    tall = [max(ROW * timeline_height(one), 0.9) for one in chronicles]
    over, between, under = 0.98 + key_layout(width, entries)[1], 1.1, 0.87
    height = over + sum(tall) + between + under
    figure = canvas(width, height)
    tops = [under + tall[1] + between, under]
    start = scenarios[0].start
    for one, scenario, bottom, high, name in zip(chronicles, scenarios, tops, tall, ("base", variant), strict=True):
        axes = figure.add_axes((2.85 / width, bottom / height, (width - 3.15) / width, high / height))
        timeline(axes, one, start, row_names(scenario), theme)
        axes.set_title(label(shortened(name, 90)), loc="left", fontsize=11, fontweight="bold", pad=5)
        axes.axvline(told.second, color=theme.looks[1].colour, linewidth=1.6, linestyle=(0, (4, 2)), zorder=5)
        if name == "base":
            axes.set_xlabel("")
    moment = start + timedelta(seconds=told.second)
    same = len(whole[0].lines) - len(chronicles[0].lines)
    left = f"; {several(same, 'line')} left out, the same in both" if same else ""
    part = f"dashed, {day(moment)} {clock(moment)} UTC: {plain(told.cause)}"
    heading(figure, title, f"replication {told.replication:,}; {part}{left}")
    key(figure, entries)
    return figure


def draw_side(
    scenarios: tuple[Scenario, Scenario],
    histories: tuple[History, History],
    told: Told,
    variant: str,
    file: Path,
    theme: Theme = LIGHT,
) -> None:
    """Draw one replication in base and variant into a PNG or SVG, with its description inside.

    Raises ValueError for another ending of the name, OSError where the file cannot be written.
    """
    title = f"Where they part: base and {plain(variant)}"
    words = _words(title, scenarios, histories, told)
    with context(theme):
        save_as(parting_figure(title, scenarios, histories, told, plain(variant), theme), file, words)


def _changed(both: tuple[Chronicle, Chronicle]) -> tuple[Chronicle, Chronicle]:
    """Without the lines on which the same happens in both."""
    rows = [{line.name: (line.attempts, line.pending, line.calls, line.gave_up) for line in one.lines} for one in both]
    kept = {name for name in (*rows[0], *rows[1]) if rows[0].get(name) != rows[1].get(name)}
    base, variant = (_with_lines(one, kept) for one in both)
    return base, variant


def _with_lines(one: Chronicle, kept: set[str]) -> Chronicle:
    """Of these lines alone; of all where nothing would be left to draw."""
    lines = tuple(line for line in one.lines if line.name in kept)
    return replace(one, lines=lines) if lines or one.regimes or one.events else one


def _cut(chronicles: tuple[Chronicle, Chronicle], told: Told) -> tuple[Chronicle, Chronicle]:
    """Both as though the clock ended soon after the last thing that matters, where that is in its first half."""
    contacts = [one for one in (told.base_second, told.variant_second) if one is not None]
    last = max(one.last for one in chronicles)
    if len(contacts) == 2:
        last = min(last, 2 * max(*contacts, told.second) + 3600)
    end, horizon = max(60, int(1.06 * last)), chronicles[0].horizon
    if 2 * end >= horizon:
        return chronicles
    return replace(chronicles[0], horizon=end), replace(chronicles[1], horizon=end)


def _words(title: str, scenarios: tuple[Scenario, Scenario], histories: tuple[History, History], told: Told) -> str:
    parts = [
        describe_timeline(name, chronicle(scenario, history), scenario)
        for name, scenario, history in zip(("Base", "Variant"), scenarios, histories, strict=True)
    ]
    return f"{title}. Replication {told.replication}. They part because {plain(told.cause)}. {' '.join(parts)}"
