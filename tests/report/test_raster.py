"""Replications side by side, as drawn."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes

from sim.report.figures.raster import marked_lines, raster_figure, raster_first_contacts
from sim.stats.samples import FirstContactRows
from tests.report.drawn import overlaps, points, words
from tests.report.synthetic import DAY, LONG, START

ROWS = FirstContactRows(("a", "b"), np.array([4, 2, 7]), np.array([[5, -1], [9, 7], [-1, -1]]))


def many(rows: int, lines: int) -> FirstContactRows:
    first = np.random.default_rng(8).integers(-1, 60, (rows, lines)) * DAY
    first[first < 0] = -1
    return FirstContactRows(tuple(f"line-{at}" for at in range(lines)), np.arange(rows), first)


def test_each_first_contact_is_a_mark_in_its_row(axes: Axes) -> None:
    raster_first_contacts(axes, ROWS, START, 100)
    assert points(axes, "first contact a") == [(5, 0), (9, 1)]
    assert points(axes, "first contact b") == [(7, 1)]
    assert axes.get_ylim() == (2.5, -0.5)


def test_a_contact_a_second_later_is_another_mark(axes: Axes) -> None:
    late = FirstContactRows(ROWS.lines, ROWS.replications, ROWS.first + (ROWS.first >= 0))
    raster_first_contacts(axes, late, START, 100)
    assert points(axes, "first contact b") != [(7, 1)]


def test_lines_with_most_contacts_have_markers_of_their_own(styled: None, axes: Axes) -> None:
    rows = many(20, 40)
    own = marked_lines(rows, 7)
    contacts = (rows.first >= 0).sum(axis=0)
    assert len(own) == 7
    assert min(contacts[own]) >= max(np.delete(contacts, own))
    raster_first_contacts(axes, rows, START, 60 * DAY)
    drawn = sum(len(points(axes, f"first contact {name}")) for name in rows.lines)
    assert drawn == (rows.first >= 0).sum()
    assert "33 other lines" in words(raster_figure("t", rows, rows.lines, START, 60 * DAY, 20))


def test_the_picture_says_how_many_there_are(styled: None) -> None:
    shown = words(raster_figure("t", ROWS, ["a", "b"], START, 100, 10_000))
    for part in ("n = 3 replications traced, of 10,000", "no contact on any line: 33.3 %", "a: 66.7 %"):
        assert part in shown


@pytest.mark.parametrize(("rows", "lines"), [(1, 1), (20, 40), (200, 7)])
def test_nothing_overlaps(styled: None, rows: int, lines: int) -> None:
    labels = [f"{LONG[:55]} {at}" for at in range(lines)]
    assert not overlaps(raster_figure("t", many(rows, lines), labels, START, 60 * DAY, rows))
