"""Timeline of one replication: a row for each regime, event and line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.report.figures.axes import clock_axis
from sim.report.figures.panels import (
    Entry,
    area_sign,
    described,
    inches_of,
    label_lines,
    lay_out,
    left_out,
    line_sign,
    sheet,
    shortened,
    wrapped,
)
from sim.report.format import clock, count, day, duration, plain, several
from sim.report.labels import Labels
from sim.report.style import LIGHT, Look, Theme, context, label, save
from sim.stats.traces import LineRow, RegimeRow, Timeline, timeline_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.engines.contract import EventLog
    from sim.scenario.resolved import Scenario

MOST_LINES, MOST_OTHERS = 48, 16
COLUMNS = 1400
"""Marks that would stand in the same one of so many columns are drawn once: a picture has no more pixels."""

SEEN = 3
"""Gaps between windows are seen from so many of these columns on; shorter ones are closed."""

MOST_UPRIGHT = 12
"""An event that happens more often has marks in its row, and no lines down through the others."""

HOLLOW = "vs^p<>"
"""Markers of reasons that are drawn as outlines; filled ones are answers."""

LINE, OTHER = 1.0, 0.62
"""Heights of rows, in units of `ROW` inches."""

ROW = 0.56
NAME = 34

ABOVE_ALL = 6
"""Where words stand that no line may run through: in front of everything."""


def timeline(
    axes: Axes, traced: Timeline, start: datetime, names: Mapping[str, str], theme: Theme = LIGHT, *, most: int = 7
) -> Axes:
    """Draw regimes and events above, and a row for each line below; x in seconds since the start.

    names  by ``regime:NAME``, ``event:NAME`` and ``line:NAME`` what a person calls them

    In the row of a line, unanswered attempts stand in the upper half, on a level for each reason; answered ones in the
    middle, with a bar from the attempt to the contact, and another one for the call; the callee's duty hours are a
    stripe at the bottom. `timeline_key` names the signs.
    """
    signs = reason_looks(traced, theme)
    rows = _layout(traced)
    _frame(axes, traced, start, names, rows, theme, most)
    for regime, (top, high) in zip(traced.regimes, rows["regime"], strict=False):
        _regime(axes, regime, top, high, traced.horizon, theme)
    for event, (top, high) in zip(traced.events, rows["event"], strict=False):
        seconds = _thinned(event.seconds, traced.horizon)
        if len(seconds) <= MOST_UPRIGHT:
            axes.vlines(
                seconds, 0, _bottom(rows), color=theme.soft, linewidth=0.9, linestyle=(0, (1, 2)), zorder=0.3,
                gid="upright",
            )  # fmt: skip
        _mark(axes, seconds, top + high / 2, Look(theme.ink, (0, None), "v", ""), 7, "event")
    for line, (top, high) in zip(traced.lines, rows["line"], strict=False):
        _Row(axes, line, top, high, traced.horizon, theme).draw(signs)
    return axes


def _frame(
    axes: Axes,
    traced: Timeline,
    start: datetime,
    names: Mapping[str, str],
    rows: Mapping[str, Sequence[tuple[float, float]]],
    theme: Theme,
    most: int,
) -> None:
    """Names of the rows, lines between them, and the clock; afterwards the axes have their width."""
    every = [*rows["regime"], *rows["event"], *rows["line"]]
    labels = [label_lines(wrapped(names[key], NAME, 2)) for key in _keys(traced, rows)]
    axes.set_yticks([top + high / 2 for top, high in every], labels, fontsize=9)
    axes.hlines([top for top, _ in every], 0, traced.horizon, color=theme.grid, linewidth=0.8)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, traced.horizon)
    axes.set_ylim(_bottom(rows), 0)
    clock_axis(axes, start, traced.horizon, most=most)
    lay_out(axes.figure)


def _layout(traced: Timeline) -> dict[str, list[tuple[float, float]]]:
    """For each kind its rows from the top: where each begins, and how high it is."""
    found: dict[str, list[tuple[float, float]]] = {}
    top = 0.0
    for kind, some, most, high in (
        ("regime", len(traced.regimes), MOST_OTHERS, OTHER),
        ("event", len(traced.events), MOST_OTHERS, OTHER),
        ("line", len(traced.lines), MOST_LINES, LINE),
    ):
        found[kind] = [(top + high * place, high) for place in range(min(some, most))]
        top += high * len(found[kind])
    return found


def _bottom(rows: Mapping[str, Sequence[tuple[float, float]]]) -> float:
    return sum(high for some in rows.values() for _, high in some)


def timeline_height(traced: Timeline) -> float:
    """How high a timeline is, in units of `ROW` inches."""
    return _bottom(_layout(traced))


def _keys(traced: Timeline, rows: Mapping[str, Sequence[tuple[float, float]]]) -> list[str]:
    of_kind: Sequence[tuple[str, Sequence[str]]] = (
        ("regime", [one.name for one in traced.regimes]),
        ("event", [one.name for one in traced.events]),
        ("line", [one.name for one in traced.lines]),
    )
    return [f"{kind}:{name}" for kind, some in of_kind for name in some[: len(rows[kind])]]


def reason_looks(traced: Timeline, theme: Theme = LIGHT) -> dict[str, Look]:
    """A look for each reason that occurs, in order of first occurrence, `busy` last."""
    reasons = dict.fromkeys(
        result for line in traced.lines[:MOST_LINES] for _, result in line.attempts if result != "answered"
    )
    ordered = [reason for reason in reasons if reason != "busy"] + (["busy"] if "busy" in reasons else [])
    markers = ("x", "v", "s", "^", "p", "<", ">")
    colours = [theme.looks[at].colour for at in (1, 4, 3, 5, 6)]
    return {
        reason: Look(colours[at % len(colours)], (0, None), markers[at % len(markers)], "")
        for at, reason in enumerate(ordered)
    }


def _thinned(seconds: Iterable[int], horizon: int) -> list[int]:
    kept = {second * COLUMNS // horizon: second for second in seconds}
    return sorted(kept.values())


def joined(windows: Iterable[tuple[int, int]], horizon: int) -> list[tuple[int, int]]:
    """Windows with those joined between which a gap would not be seen; each is wide enough to be seen itself."""
    column = horizon / COLUMNS
    found: list[tuple[int, int]] = []
    for first, last in windows:
        end = max(last, math.ceil(first + 2 * column))
        if found and first - found[-1][1] < SEEN * column:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((first, end))
    return found


def _mark(
    axes: Axes, seconds: Sequence[int], height: float, look: Look, size: float, gid: str, edge: str | None = None
) -> None:
    if seconds:
        axes.plot(
            seconds,
            [height] * len(seconds),
            linestyle="",
            marker=look.marker,
            color=look.colour,
            markerfacecolor="none" if look.marker in HOLLOW and gid != "event" else look.colour,
            markersize=size,
            markeredgewidth=1.2 if edge is None else 0.7,
            markeredgecolor=edge or look.colour,
            clip_on=False,
            zorder=4,
            gid=gid,
        )


def _regime(axes: Axes, row: RegimeRow, top: float, high: float, horizon: int, theme: Theme) -> None:
    """Spells as boxes with the name of the state, where there is room for it; those that lower the odds are shaded."""
    wide, _ = inches_of(axes)
    for first, last, state in (
        (start, min(end, horizon), state) for start, end, state in row.spells if start < horizon
    ):
        fill = theme.grid if state in row.lowering else theme.paper
        axes.broken_barh(
            [(first, last - first)],
            (top + 0.1, high - 0.2),
            facecolor=fill,
            edgecolor=theme.soft,
            linewidth=0.7 if (last - first) * COLUMNS > SEEN * horizon else 0.0,
            zorder=2,
            gid=f"spell {state}",
        )
        room = int((last - first) / horizon * wide / 0.068)
        if room >= min(len(state), 4):
            words = label(shortened(state, room))
            under = {"facecolor": fill, "edgecolor": "none", "pad": 0.8}
            axes.text(
                (first + last) / 2,
                top + high / 2,
                words,
                ha="center",
                va="center",
                fontsize=8.5,
                clip_on=True,
                zorder=ABOVE_ALL,
                bbox=under,
            )


class _Row:
    """Draws one line between `top` and `top + high`."""

    def __init__(self, axes: Axes, line: LineRow, top: float, high: float, horizon: int, theme: Theme) -> None:
        self.axes, self.line, self.top, self.high = axes, line, top, high
        self.horizon, self.theme = horizon, theme
        self.middle = top + 0.6 * high

    def draw(self, signs: Mapping[str, Look]) -> None:
        """Draw the row: what shuts it, duty, what pends, calls, attempts by the sign of their result, ends."""
        line, theme = self.line, self.theme
        self._shade(line.lowered, theme.grid, 0.45, "", "lowered")
        self._shade(line.closed, theme.paper, 0.8, "///", "closed")
        self._duty()
        self._bars(line.pending, 0.14, theme.looks[5].colour, "pending")
        self._bars(line.calls, 0.34, theme.looks[2].colour, "call")
        self._attempts(signs)
        end = self.top + 0.3 * self.high
        for seconds, marker, gid in (
            (line.gave_up, "X", "gave up"),
            (line.superseded, "*", "superseded"),
            (line.merged, "+", "merged"),
        ):
            _mark(self.axes, self._few(seconds), end, Look(theme.ink, (0, None), marker, ""), 7, gid)

    def _few(self, seconds: Iterable[int]) -> list[int]:
        return _thinned(seconds, self.horizon)

    def _shade(self, windows: Iterable[tuple[int, int]], colour: str, alpha: float, hatch: str, gid: str) -> None:
        spans = [(first, last - first) for first, last in joined(windows, self.horizon)]
        if spans:
            self.axes.broken_barh(
                spans,
                (self.top, self.high),
                facecolor=colour,
                alpha=alpha,
                hatch=hatch,
                edgecolor=self.theme.hatch,
                linewidth=0,
                zorder=0.5,
                gid=gid,
            )

    def _duty(self) -> None:
        if self.line.on_duty:
            spans = [(first, last - first) for first, last in joined(self.line.on_duty, self.horizon)]
            stripe = (self.top + 0.87 * self.high, 0.09 * self.high)
            self.axes.broken_barh(spans, stripe, facecolor=self.theme.soft, linewidth=0, zorder=1.5, gid="duty")

    def _bars(self, spans: Iterable[tuple[int, int]], tall: float, colour: str, gid: str) -> None:
        # A bar shorter than a column of the picture would only hide the mark at its end.
        long = [(first, last - first) for first, last in spans if (last - first) * COLUMNS > 2 * self.horizon]
        if long:
            where = (self.middle - tall * self.high / 2, tall * self.high)
            self.axes.broken_barh(long, where, facecolor=colour, linewidth=0, zorder=2, gid=gid)

    def _attempts(self, signs: Mapping[str, Look]) -> None:
        of_result: dict[str, list[int]] = {}
        for second, result in self.line.attempts:
            of_result.setdefault(result, []).append(second)
        for place, (reason, look) in enumerate(signs.items()):
            height = self.top + (0.18 + 0.24 * (place % 3) / 2) * self.high
            seconds = self._few(of_result.get(reason, ()))
            _mark(self.axes, seconds, height, look, self._size(seconds), f"attempt {reason}")
        blue, green = self.theme.looks[0], self.theme.looks[2]
        answered = self._few(of_result.get("answered", ()))
        contacts = self._few(first for first, _ in self.line.calls)
        _mark(self.axes, answered, self.middle, blue, self._size(answered), "attempt answered")
        look = Look(green.colour, (0, None), "D", "")
        _mark(self.axes, contacts, self.middle, look, 1.3 * self._size(contacts), "contact", self.theme.paper)

    def _size(self, marks: Sequence[int]) -> float:
        """Points: smaller where marks crowd."""
        apart = float(np.median(np.diff(marks))) if len(marks) > 1 else self.horizon
        return float(np.clip(1.2 * 72 * inches_of(self.axes)[0] * apart / self.horizon, 2.6, 5.5))


def timeline_figure(
    title: str, traced: Timeline, start: datetime, names: Mapping[str, str], theme: Theme = LIGHT
) -> Figure:
    """The whole picture, with its key. Where all is over in the first half of the clock, the rest is cut off."""
    whole, traced = traced, cut(traced)
    rows = _layout(traced)
    hidden = len(traced.regimes) + len(traced.events) + len(traced.lines) - sum(len(some) for some in rows.values())
    notes = [
        f"replication {traced.replication:,} of seed {traced.seed}",
        "marks closer than the picture can show are drawn once" if _crowded(traced) else "",
        gaps(traced),
        f"nothing more happened until the end at {duration(whole.horizon)}" if whole is not traced else "",
        left_out(hidden),
    ]
    tall = max(ROW * _bottom(rows), 0.9) + 0.87
    figure, body = sheet(title, "; ".join(filter(None, notes)), 12.4, tall, timeline_key(traced, theme))
    timeline(body.subplots(), traced, start, names, theme)
    return figure


def gaps(traced: Timeline) -> str:
    """What is said of duty hours too fine for the picture; nothing where all are shown."""
    windows = (line.on_duty for line in traced.lines[:MOST_LINES] if line.on_duty)
    if not any(len(joined(some, traced.horizon)) < len(some) for some in windows):
        return ""
    return f"gaps in duty hours of less than {duration(SEEN * traced.horizon / COLUMNS)} are not shown"


def cut(traced: Timeline) -> Timeline:
    """The same, as though the clock ended soon after the last log entry, where that is in its first half."""
    end = max(60, int(1.06 * traced.last))
    return replace(traced, horizon=end) if 2 * end < traced.horizon else traced


def _crowded(traced: Timeline) -> bool:
    return any(
        len({(second * COLUMNS // traced.horizon, result) for second, result in line.attempts}) < len(line.attempts)
        for line in traced.lines[:MOST_LINES]
    )


def timeline_key(traced: Timeline, theme: Theme = LIGHT) -> list[Entry]:
    """The signs that occur, and what they mean."""

    def mark(words: str, marker: str, colour: str) -> Entry:
        """An entry for a mark; those of reasons are outlines."""
        face = "none" if marker in HOLLOW and words.startswith("attempt") else colour
        look: Any = {"linestyle": "", "marker": marker, "color": colour, "markerfacecolor": face, "markersize": 6}
        return line_sign(words, **look)

    lines = traced.lines[:MOST_LINES]
    blue, green, sky = (theme.looks[at].colour for at in (0, 2, 5))
    pending = [span for line in lines for span in line.pending]
    calls = [span for line in lines for span in line.calls]
    shut: Any = {"facecolor": theme.paper, "edgecolor": theme.soft, "hatch": "////"}
    candidates: list[tuple[object, Entry]] = [
        (pending, mark("attempt: answered", "o", blue)),
        (_long(pending, traced), area_sign("answered, contact to come", color=sky)),
        (calls, mark("contact", "D", green)),
        (_long(calls, traced), area_sign("in a call", color=green)),
        (any(line.gave_up for line in lines), mark("gave up", "X", theme.ink)),
        (any(line.superseded for line in lines), mark("no longer needed", "*", theme.ink)),
        (any(line.merged for line in lines), mark("one more occurrence, same request", "+", theme.ink)),
        (traced.events, mark("event", "v", theme.ink)),
        (any(line.on_duty for line in lines), area_sign("callee on duty", color=theme.soft)),
        (any(line.closed for line in lines), area_sign("channel closed", **shut)),
        (any(line.lowered for line in lines), area_sign("a regime lowers the odds", facecolor=theme.grid, alpha=0.45)),
    ]
    reasons = reason_looks(traced, theme).items()
    return [
        *(mark(f"attempt: {reason}", look.marker, look.colour) for reason, look in reasons),
        *(entry for occurs, entry in candidates if occurs),
    ]


def _long(spans: Iterable[tuple[int, int]], traced: Timeline) -> bool:
    return any((last - first) * COLUMNS > 2 * traced.horizon for first, last in spans)


def draw_timeline(scenario: Scenario, event_log: EventLog, file: Path, theme: Theme = LIGHT) -> None:
    """Draw one replication of `scenario` into a PNG or SVG, with its description inside.

    Raises ValueError for another ending of the name, OSError where the file cannot be written.
    """
    title, traced = plain(scenario.title), timeline_of(scenario, event_log)
    words = describe_timeline(f"What happened: {title}", traced, scenario)
    with context(theme):
        save(timeline_figure(title, traced, scenario.start, Labels(scenario).rows(), theme), file, words)


def describe_timeline(heading: str, traced: Timeline, scenario: Scenario) -> str:
    """Say in words which replication it is, and the attempts, answers and first contact of each line."""
    words = []
    for row in traced.lines:
        answered = sum(result == "answered" for _, result in row.attempts)
        first = f"first contact after {duration(row.calls[0][0])}" if row.calls else "no contact"
        words.append(f"{row.name}: {several(len(row.attempts), 'attempt')}, {count(answered)} answered, {first}.")
    span = f"{duration(traced.horizon)} from {day(scenario.start)} {clock(scenario.start)} UTC"
    return described(heading, [f"Replication {traced.replication} of seed {traced.seed}, {span}.", *words])
