"""Where every line stands, as drawn."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes

from sim.report.figures.states import MOST_REASONS, names, paints, state_areas, states_figure
from sim.report.style import DARK, LIGHT
from sim.stats.samples import LineStates
from tests.report.drawn import overlaps, words
from tests.report.synthetic import LONG, START

HORIZON = 10 * 86_400


def states(lines: int = 1, reasons: tuple[str, ...] = ("declined", "busy"), n: int = 20) -> LineStates:
    generator = np.random.default_rng(6)
    seconds = np.arange(0, HORIZON, 86_400)
    counts = generator.multinomial(n, [1 / (3 + len(reasons))] * (3 + len(reasons)), (lines, len(seconds)))
    made = tuple(f"line-{at}" for at in range(lines))
    return LineStates(made, reasons, seconds, HORIZON, n, counts.transpose(0, 2, 1).astype(np.int64))


def tops(axes: Axes, second: int) -> list[float]:
    """The upper edge of each area just after a second, from the bottom."""
    found = []
    for area in axes.collections:
        # matplotlib goes along the lower edge, and back along the upper one.
        vertices = area.get_paths()[0].vertices
        upper = vertices[len(vertices) // 2 + 1 : -1][::-1]
        found.append(float(upper[np.flatnonzero(np.isclose(upper[:, 0], second))[-1], 1]))
    return found


def test_areas_stack_the_shares_of_the_states(axes: Axes) -> None:
    made = states()
    state_areas(axes, made, 0, START)
    for at, second in enumerate(made.seconds):
        np.testing.assert_allclose(tops(axes, int(second)), np.cumsum(made.counts[0, :, at]) / 20, atol=1e-9)


def test_a_replication_in_another_state_is_seen(axes: Axes) -> None:
    made = states()
    made.counts[0, 0, 3] += 1
    made.counts[0, -1, 3] -= 1
    state_areas(axes, made, 0, START)
    assert not np.allclose(tops(axes, int(made.seconds[3])), np.cumsum(states().counts[0, :, 3]) / 20)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_states_are_told_apart_in_grey_too(theme: object) -> None:
    found = paints(MOST_REASONS, theme)  # type: ignore[arg-type]
    assert len(set(found)) == len(found)
    hatches = [hatch for _, hatch in found[:-1]]
    assert len(set(hatches)) == len(hatches)


def test_reasons_that_have_no_colour_are_added_up(styled: None) -> None:
    made = states(reasons=("a", "b", "c", "d", "e", "f"))
    assert names(made.fewer(MOST_REASONS))[-2] == "last attempt: another reason"
    figure = states_figure("t", made, ["x"], START, 20)
    assert len(figure.axes[0].collections) == MOST_REASONS + 3


def test_the_picture_says_how_many_were_traced(styled: None) -> None:
    shown = words(states_figure("t", states(), ["x"], START, 10_000))
    for part in ("n = 20 replications traced, of 10,000", "last attempt: declined", "not tried", "days since"):
        assert part in shown
    assert "traced" not in words(states_figure("t", states(), ["x"], START, 20))


def test_a_state_that_never_occurs_is_not_in_the_key(styled: None) -> None:
    made = states()
    made.counts[:, 0] += made.counts[:, 1]
    made.counts[:, 1] = 0
    assert "answered, contact to come" not in words(states_figure("t", made, ["x"], START, 20))


@pytest.mark.parametrize("some", [1, 40])
def test_nothing_overlaps(styled: None, some: int) -> None:
    made = states(some, reasons=(LONG, "no reply", "busy"))
    assert not overlaps(states_figure("t", made, [f"{LONG} {at}" for at in range(some)], START, 20))
