"""The picture of one replication in base and variant: which lines it keeps, and where it ends."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from sim.report.figures.divergence import divergence_figure, draw_side
from sim.report.style import LIGHT, context
from sim.studies.explain import PairedReplication, side
from tests.support import line, scenario, text

TESTED = {"starts": "2022-01-03", "every": "5 d", "answer": 1, "title": "Line check"}
BASE = scenario(
    {"check": line(**TESTED), "calls": line(every="10 d", answer=0.3), "later": line(every="3 h", answer=0.01)},
    events={"remark": {"at": "2022-01-25"}, "word": {"at": "2022-01-02"}},
    clock={"start": "2022-01-01", "end": "2022-03-01"},
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> PairedReplication:
    """The variant calls daily, so that it is sooner than the line check, which makes the first contact of the base."""
    file: Path = tmp_path_factory.mktemp("why") / "crisis.yaml"
    file.write_text(text(BASE), encoding="utf-8")
    seen = (
        side(file, "daily", at, what_ifs=["daily: lines.calls.every=12 h; lines.later.every=2 h"], engine="compiled")
        for at in range(400)
    )
    return next(
        one
        for one in seen
        if one.told is not None and one.told.base_second == 2 * 86_400 and (one.told.variant_second or 10**9) < 86_400
    )


@pytest.fixture(scope="module")
def figure(told: PairedReplication) -> Figure:
    assert told.told is not None
    with context(LIGHT):
        return divergence_figure("T", told.scenarios, told.event_logs, told.told, "daily", "any line")


def test_a_line_that_is_the_same_in_both_is_kept_where_it_makes_the_first_contact(figure: Figure) -> None:
    rows = [[label.get_text() for label in axes.get_yticklabels()] for axes in figure.axes]
    assert all(any("Line check" in name for name in names) for names in rows)


def test_the_heading_names_the_contact_and_both_dates(told: PairedReplication, figure: Figure) -> None:
    words = " ".join(one.get_text() for one in figure.texts)
    assert told.told is not None
    assert "first contact (any line): 3 Jan 2022 00:00 in the base, 1 Jan 2022" in words
    assert "in the variant" in words


def test_nothing_is_drawn_beyond_the_axis(figure: Figure) -> None:
    for axes in figure.axes:
        end = axes.get_xlim()[1]
        assert end < 30 * 86_400
        drawn = np.concatenate([np.asarray(one.get_xdata(), dtype=float) for one in axes.get_lines()])
        assert len(drawn) > 5
        assert drawn.max() <= end


def test_an_event_that_does_not_happen_in_the_stretch_has_no_row(figure: Figure) -> None:
    for axes in figure.axes:
        names = [label.get_text() for label in axes.get_yticklabels()]
        assert any("word" in name for name in names)
        assert not any("remark" in name for name in names)


def test_it_is_drawn_into_a_file(told: PairedReplication, tmp_path: Path) -> None:
    assert told.told is not None
    draw_side(told.scenarios, told.event_logs, told.told, "daily", told.column, tmp_path / "one.png")
    assert (tmp_path / "one.png").stat().st_size > 10_000
