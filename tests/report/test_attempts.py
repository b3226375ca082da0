"""The attempts that requests took, as drawn."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes

from sim.report.figures.attempts import attempts_figure, attempts_histogram, numbers
from sim.report.figures.data import AttemptsNeeded
from tests.report.drawn import overlaps, upright, words
from tests.report.synthetic import LONG


def needed(label: str = "x", counts: tuple[int, ...] = (5, 3, 0, 2), width: int = 1, beyond: int = 1) -> AttemptsNeeded:
    edges = 1 + width * np.arange(len(counts) + 1)
    median = 2 * width if any(counts) else None
    return AttemptsNeeded(label, 20, 40, edges, np.array(counts, np.int64), beyond, median)


@pytest.mark.parametrize("width", [1, 5])
def test_bars_are_shares_of_the_requests_with_a_contact(axes: Axes, width: int) -> None:
    attempts_histogram(axes, needed(width=width))
    lefts, widths, heights = zip(*upright(axes), strict=True)
    np.testing.assert_allclose(heights, [5 / 11, 3 / 11, 0, 2 / 11])
    assert list(lefts) == [0.5 + width * at for at in range(4)]
    assert set(widths) == {width}
    (median,) = [one for one in axes.lines if one.get_gid() == "median"]
    assert median.get_xdata()[0] == 2 * width
    assert axes.get_ylim()[1] < 1.1 * max(heights)


def test_another_count_gives_another_bar(axes: Axes) -> None:
    attempts_histogram(axes, needed(counts=(4, 4, 0, 2)))
    assert upright(axes)[0][2] != pytest.approx(5 / 11)


def test_what_the_bars_leave_out_is_said() -> None:
    assert numbers(needed()) == "11 contacts of 40 requests, median 2, 9.1 % more than 4 →"


def test_no_tick_is_above_all(axes: Axes) -> None:
    attempts_histogram(axes, needed(counts=(10,), beyond=0))
    assert max(place for place in axes.get_yticks() if place <= axes.get_ylim()[1]) <= 1


def test_no_contact_is_a_panel_that_says_so(axes: Axes) -> None:
    attempts_histogram(axes, needed(counts=(), beyond=0))
    assert not axes.patches
    assert numbers(needed(counts=(), beyond=0)) == "0 contacts of 40 requests"


@pytest.mark.parametrize("some", [1, 40])
def test_nothing_overlaps(styled: None, some: int) -> None:
    figure = attempts_figure("t", [needed(f"{LONG} {at}") for at in range(some)])
    assert not overlaps(figure)
    assert "n = 20 replications" in words(figure)
    assert "attempts to the contact" in words(figure)
