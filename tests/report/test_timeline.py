"""One replication, as drawn."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from sim.report import style
from sim.report.figures.timeline import (
    COLUMNS,
    MOST_LINES,
    MOST_UPRIGHT,
    SEEN,
    cut,
    draw_timeline,
    joined,
    reason_looks,
    timeline,
    timeline_figure,
)
from sim.report.labels import Labels
from sim.stats.traces import EventRow, LineRow, RegimeRow, Timeline
from tests.report import synthetic
from tests.report.drawn import overlaps, points, spans, words
from tests.report.synthetic import DAY, LONG, START
from tests.stats.event_logs import attempt, contact, event_log

H = 126 * DAY
NAMES = {"regime:gate": "The gate", "event:near-miss": "A near miss", "line:a": "Line a", "line:b": "Line b"}


def told() -> Timeline:
    a = LineRow("a", ((DAY, 2 * DAY),), ((0, DAY),), ((0, 50 * DAY),))
    a.attempts += [(5 * DAY, "declined"), (9 * DAY, "busy"), (20 * DAY, "answered")]
    a.pending.append((20 * DAY, 30 * DAY))
    a.calls.append((30 * DAY, 31 * DAY))
    b = LineRow("b", None, (), ())
    b.attempts += [(3 * DAY, "no reply")]
    b.gave_up.append(60 * DAY)
    gate = RegimeRow("gate", ((0, 50 * DAY, "shut"), (50 * DAY, H, "open")), frozenset({"shut"}))
    return Timeline(17, 1, H, (gate,), (EventRow("near-miss", (40 * DAY,)),), (a, b))


def seconds(axes: Axes, gid: str) -> list[float]:
    return [x for x, _ in points(axes, gid)]


def test_every_log_entry_is_a_mark_at_its_second(axes: Axes) -> None:
    timeline(axes, told(), START, NAMES)
    assert seconds(axes, "attempt declined") == [5 * DAY]
    assert seconds(axes, "attempt busy") == [9 * DAY]
    assert seconds(axes, "attempt no reply") == [3 * DAY]
    assert seconds(axes, "attempt answered") == [20 * DAY]
    assert seconds(axes, "contact") == [30 * DAY]
    assert seconds(axes, "gave up") == [60 * DAY]
    assert seconds(axes, "event") == [40 * DAY]


def test_what_lasts_is_a_box_from_its_beginning_to_its_end(axes: Axes) -> None:
    timeline(axes, told(), START, NAMES)
    for gid, first, last in (
        ("pending", 20, 30),
        ("call", 30, 31),
        ("duty", 1, 2),
        ("closed", 0, 1),
        ("lowered", 0, 50),
        ("spell shut", 0, 50),
    ):
        ((left, right, _, _),) = spans(axes, gid)
        assert (left, right) == (first * DAY, last * DAY), gid


def test_lines_have_rows_of_their_own_below_regimes_and_events(axes: Axes) -> None:
    timeline(axes, told(), START, NAMES)
    assert [text.get_text() for text in axes.get_yticklabels()] == ["The gate", "A near miss", "Line a", "Line b"]
    places = axes.get_yticks()
    (_, y_event), (_, y_a), (_, y_b) = (points(axes, g)[0] for g in ("event", "attempt declined", "attempt no reply"))
    assert y_event == pytest.approx(places[1])
    assert places[2] - 0.5 < y_a < places[2] + 0.5
    assert places[3] - 0.5 < y_b < places[3] + 0.5


def test_an_attempt_moved_by_a_column_is_seen(axes: Axes) -> None:
    moved = told()
    moved.lines[0].attempts[0] = (5 * DAY + H // COLUMNS, "declined")
    timeline(axes, moved, START, NAMES)
    assert seconds(axes, "attempt declined") != [5 * DAY]


def test_reasons_differ_by_marker_not_by_colour_alone() -> None:
    many = told()
    many.lines[0].attempts[:] = [(at, f"reason {at}") for at in range(6)]
    looks = reason_looks(many)
    assert len(looks) == 7
    assert len({look.marker for look in looks.values()}) == 7
    assert list(reason_looks(told()))[-1] == "busy"


def test_long_runs_are_thinned_to_what_can_be_seen(styled: None) -> None:
    long = told()
    long.lines[0].attempts[:] = [(second, "declined") for second in range(0, H, 60)]
    figure = timeline_figure("t", long, START, NAMES)
    assert COLUMNS / 2 < len(seconds(figure.axes[0], "attempt declined")) <= COLUMNS
    assert "drawn once" in words(figure)
    assert "drawn once" not in words(timeline_figure("t", told(), START, NAMES))


def test_no_week_of_duty_is_lost_on_a_long_clock(styled: None) -> None:
    """Of 696 days; a window of nine hours is narrower than a pixel, and was dropped here and there."""
    horizon = 696 * DAY
    windows = tuple((day * DAY + 9 * 3600, day * DAY + 18 * 3600) for day in range(696) if day % 7 < 5)
    row = LineRow("a", windows, (), (), [(695 * DAY, "declined")])
    figure = timeline_figure("t", Timeline(1, 1, horizon, (), (), (row,)), START, NAMES)
    drawn = spans(figure.axes[0], "duty")
    column = horizon / COLUMNS
    assert all(any(left <= first and last <= right for left, right, _, _ in drawn) for first, last in windows)
    gaps = [after[0] - before[1] for before, after in itertools.pairwise(drawn)]
    assert len(drawn) == 100
    assert min(gaps) > SEEN * column
    assert "gaps in duty hours of less than 35.8 h are not shown" in words(figure)
    assert "gaps in duty hours" not in words(timeline_figure("t", told(), START, NAMES))


def test_windows_are_joined_over_gaps_that_would_not_be_seen() -> None:
    assert joined([(0, 10), (12, 20), (30, 40)], COLUMNS) == [(0, 20), (30, 40)]
    assert joined([(5, 5)], COLUMNS) == [(5, 7)]


@pytest.mark.parametrize("some", [3, 190])
def test_frequent_events_have_no_lines_through_the_other_rows(axes: Axes, some: int) -> None:
    seconds_of = tuple(range(DAY, H, (H - DAY) // some))[:some]
    timeline(axes, replace(told(), events=(EventRow("near-miss", seconds_of),)), START, NAMES)
    lines = [one for one in axes.collections if one.get_gid() == "upright"]
    assert bool(lines) == (some <= MOST_UPRIGHT)
    assert len(seconds(axes, "event")) == some


def test_lines_past_the_last_row_are_counted(styled: None) -> None:
    rows = tuple(LineRow(f"l{at}", None, (), ()) for at in range(MOST_LINES + 5))
    names = {**NAMES, **{f"line:{row.name}": row.name for row in rows}}
    assert "5 more not drawn" in words(timeline_figure("t", replace(told(), lines=rows), START, names))


def test_the_key_names_what_occurs_and_nothing_else(styled: None) -> None:
    shown = words(timeline_figure("t", told(), START, NAMES))
    for part in ("attempt: declined", "contact", "in a call", "gave up", "channel closed", "lowers the odds"):
        assert part in shown
    for part in ("no longer needed", "one more occurrence"):
        assert part not in shown
    assert "replication 17 of seed 1" in shown


def test_what_comes_after_the_last_log_entry_is_cut_off(styled: None) -> None:
    early = told()
    assert cut(early) is early
    early.lines[1].gave_up.clear()
    assert early.last == 40 * DAY
    short = cut(early)
    assert 40 * DAY < short.horizon < 45 * DAY
    figure = timeline_figure("t", early, START, NAMES)
    assert figure.axes[0].get_xlim()[1] == short.horizon
    assert "nothing more happened until the end at 126 d" in words(figure)
    assert spans(figure.axes[0], "spell shut")[0][:2] == (0, short.horizon)
    assert cut(replace(early, lines=(), events=())).horizon == 60


@pytest.mark.parametrize("lines", [1, 40])
def test_nothing_overlaps(styled: None, lines: int) -> None:
    rows = tuple(replace(told().lines[0], name=f"{at}") for at in range(lines))
    names = {**NAMES, **{f"line:{at}": f"{LONG} {at}" for at in range(lines)}}
    assert not overlaps(timeline_figure("t", replace(told(), lines=rows), START, names))


def test_labels_of_rows_are_short_or_names() -> None:
    made = synthetic.scenario(
        synthetic.line("ministers", "m", title="Ministers"), synthetic.line("hotline", "h", title=LONG)
    )
    found = Labels(made).rows()
    assert found["line:ministers"] == "Ministers (ministers)"
    assert found["line:hotline"] == "hotline"
    assert Labels(synthetic.scenario(synthetic.line("ministers", "m", title="ministers"))).rows()["line:ministers"] == (
        "ministers"
    )
    assert found["event:near-miss"] == "A near miss"


MADE = event_log(
    attempt(DAY, "ministers"), attempt(2 * DAY, "ministers", "answered"), contact(3 * DAY, "ministers", DAY)
)


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_files_are_the_same_each_time_and_described_inside(tmp_path: Path, kind: str) -> None:
    first, second = tmp_path / f"one.{kind}", tmp_path / f"two.{kind}"
    for file in (first, second):
        draw_timeline(synthetic.scenario(), MADE, file)
    assert first.read_bytes() == second.read_bytes()
    assert b"ministers: 2 attempts, 1 answered, first contact after 3 d." in re.sub(rb"\s+", b" ", first.read_bytes())
    draw_timeline(synthetic.scenario(), MADE, second, style.DARK)
    assert first.read_bytes() != second.read_bytes()


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"neither \.png nor \.svg"):
        draw_timeline(synthetic.scenario(), MADE, tmp_path / "one.pdf")


def test_no_line_runs_through_the_name_of_a_state(axes: Axes) -> None:
    timeline(axes, told(), START, NAMES)
    axes.axvline(25 * DAY, zorder=5)
    names = {text.get_text(): text for text in axes.texts}
    assert set(names) == {"shut", "open"}
    for text in names.values():
        assert text.get_zorder() > max(one.get_zorder() for one in (*axes.lines, *axes.collections))
    # It keeps a ground of its own, the one of its box.
    assert names["shut"].get_bbox_patch().get_facecolor() == to_rgba(style.LIGHT.grid)  # type: ignore[union-attr]
    assert names["open"].get_bbox_patch().get_facecolor() == to_rgba(style.LIGHT.paper)  # type: ignore[union-attr]
