"""One replication in base and variant: two timelines over one clock, with the first difference marked."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report.comparison import ComparisonView
from sim.report.figures.panels import line_sign, sheet, shortened
from sim.report.figures.timeline import (
    ABOVE_ALL,
    ROW,
    describe_timeline,
    gaps,
    timeline,
    timeline_height,
    timeline_key,
)
from sim.report.format import clock, day, plain, several
from sim.report.labels import Labels
from sim.report.style import LIGHT, Theme, context, label, save
from sim.scenario.resolved import Scenario
from sim.stats.traces import Timeline, timeline_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.engines.contract import EventLog
    from sim.report.reasons import Reason, TypicalReplication

MOST_PICTURES = 12
MOST_LINES = 16
"""Lines of a scenario up to which timelines are drawn: two of them stand in one picture."""


def why_figures(
    view: ComparisonView, why: Mapping[str, Reason], theme: Theme = LIGHT
) -> Iterator[tuple[str, str, Callable[[], Figure]]]:
    """A picture for each variant that changed anything: its typical replication, in base and variant."""
    typical = [(at, name, why[name].typical) for at, name in enumerate(view.found.variants, start=1) if name in why]
    for at, name, one in typical[:MOST_PICTURES]:
        scenarios = (view.scenarios[view.found.base], view.scenarios[name])
        if one is None or max(len(scenario.lines) for scenario in scenarios) > MOST_LINES:
            continue
        event_logs = view.told(name, one.replication)
        title = f"Where the two diverge: base and {plain(name)}"
        yield (
            f"why-{at:02d}",
            _words(title, scenarios, event_logs, one),
            functools.partial(
                divergence_figure, title, scenarios, event_logs, one, plain(name), view.label(why[name].column), theme
            ),
        )


def divergence_figure(
    title: str,
    scenarios: tuple[Scenario, Scenario],
    event_logs: tuple[EventLog, EventLog],
    typical: TypicalReplication,
    variant: str,
    column: str,
    theme: Theme = LIGHT,
) -> Figure:
    """Base above, variant below, over the same stretch of the clock; a line at the second of the first difference.

    column  what a person calls the column whose first contact the picture shows
    """

    whole = (timeline_of(scenarios[0], event_logs[0]), timeline_of(scenarios[1], event_logs[1]))
    traces = _cut(_changed(whole, typical), typical)
    entries = list({words: (sign, words) for one in traces for sign, words in timeline_key(one, theme)}.values())
    dashes: Any = {"color": theme.looks[1].colour, "linewidth": 1.6, "linestyle": (0, (4, 2))}
    entries.append(line_sign("first difference between the two", **dashes))
    start = scenarios[0].start
    moment = start + timedelta(seconds=typical.second)
    same = len(whole[0].lines) - len(traces[0].lines)
    notes = [
        f"replication {typical.replication:,}",
        f"first difference on {day(moment)} {clock(moment)} UTC: {plain(typical.cause)}",
        f"{several(same, 'line')} left out, the same in both" if same else "",
        _contacts(start, typical, column),
        gaps(traces[0]),
    ]
    tall = [max(ROW * timeline_height(one), 0.9) + 1.0 for one in traces]
    figure, body = sheet(title, "; ".join(filter(None, notes)), 12.4, sum(tall), entries)
    panels = body.subplots(2, 1, height_ratios=tall)
    for axes, one, scenario, name in zip(panels, traces, scenarios, ("base", variant), strict=True):
        timeline(axes, one, start, Labels(scenario).rows(), theme)
        axes.set_title(label(shortened(name, 90)), loc="left", fontsize=11, fontweight="bold", pad=5)
        axes.axvline(typical.second, zorder=ABOVE_ALL - 1, **dashes)
    panels[0].set_xlabel("")
    return figure


def draw_side(
    scenarios: tuple[Scenario, Scenario],
    event_logs: tuple[EventLog, EventLog],
    typical: TypicalReplication,
    variant: str,
    column: str,
    file: Path,
    theme: Theme = LIGHT,
) -> None:
    """Draw one replication in base and variant into a PNG or SVG, with its description inside. `column`: ``any``,
    ``line:NAME`` …, whose first contact the picture shows.

    Raises ValueError for another ending of the name, OSError where the file cannot be written.
    """
    title, name = f"Where the two diverge: base and {plain(variant)}", Labels(scenarios[0]).with_kind(column)
    words = _words(title, scenarios, event_logs, typical)
    with context(theme):
        save(divergence_figure(title, scenarios, event_logs, typical, plain(variant), name, theme), file, words)


def _contacts(start: datetime, typical: TypicalReplication, column: str) -> str:
    """The first contact that the picture tells of, in base and variant."""

    def when(second: int | None) -> str:
        if second is None:
            return "none by the end"
        moment = start + timedelta(seconds=second)
        return f"{day(moment)} {clock(moment)}"

    base, variant = when(typical.base_second), when(typical.variant_second)
    both = f"{base} in both" if base == variant else f"{base} in the base, {variant} in the variant"
    return f"first contact ({column}): {both}"


def _changed(both: tuple[Timeline, Timeline], typical: TypicalReplication) -> tuple[Timeline, Timeline]:
    """Without the lines on which the same happens in both; a line that makes the first contact shown is kept."""
    rows = [{line.name: (line.attempts, line.pending, line.calls, line.gave_up) for line in one.lines} for one in both]
    kept = {name for name in (*rows[0], *rows[1]) if rows[0].get(name) != rows[1].get(name)}
    for one, first in zip(both, (typical.base_second, typical.variant_second), strict=True):
        kept |= {line.name for line in one.lines if any(begin == first for begin, _ in line.calls)}
    base, variant = (_with_lines(one, kept) for one in both)
    return base, variant


def _with_lines(one: Timeline, kept: set[str]) -> Timeline:
    """Of these lines alone; of all where nothing would be left to draw."""
    lines = tuple(line for line in one.lines if line.name in kept)
    return replace(one, lines=lines) if lines or one.regimes or one.events else one


def _cut(traces: tuple[Timeline, Timeline], typical: TypicalReplication) -> tuple[Timeline, Timeline]:
    """Both as though the clock ended soon after the last thing that matters, where that is in its first half; without
    the rows of events that do not happen until then."""
    contacts = [one for one in (typical.base_second, typical.variant_second) if one is not None]
    last = max(one.last for one in traces)
    if len(contacts) == 2:
        last = min(last, 2 * max(*contacts, typical.second) + 3600)
    end, horizon = max(60, int(1.06 * last)), traces[0].horizon
    if 2 * end >= horizon:
        end = horizon
    happen = {event.name for one in traces for event in one.events if any(s <= end for s in event.seconds)}
    return _up_to(traces[0], end, happen), _up_to(traces[1], end, happen)


def _up_to(one: Timeline, end: int, events: set[str]) -> Timeline:
    """What happens up to `end`, that second included: marks beyond the axis would stand in the margin. Of the events,
    only those named."""

    def seconds(some: Iterable[int]) -> list[int]:
        return [second for second in some if second <= end]

    def spans(some: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        return [(first, min(last, end)) for first, last in some if first <= end]

    lines = (
        replace(
            line,
            attempts=[(second, result) for second, result in line.attempts if second <= end],
            pending=spans(line.pending),
            calls=spans(line.calls),
            gave_up=seconds(line.gave_up),
            superseded=seconds(line.superseded),
            merged=seconds(line.merged),
        )
        for line in one.lines
    )
    kept = (replace(event, seconds=tuple(seconds(event.seconds))) for event in one.events if event.name in events)
    return replace(one, horizon=end, lines=tuple(lines), events=tuple(kept))


def _words(
    title: str, scenarios: tuple[Scenario, Scenario], event_logs: tuple[EventLog, EventLog], typical: TypicalReplication
) -> str:
    parts = [
        describe_timeline(name, timeline_of(scenario, event_log), scenario)
        for name, scenario, event_log in zip(("Base", "Variant"), scenarios, event_logs, strict=True)
    ]
    return f"{title}. Replication {typical.replication}. They part because {plain(typical.cause)}. {' '.join(parts)}"
