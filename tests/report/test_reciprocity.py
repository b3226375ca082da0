"""Who began the contacts, as drawn."""

from __future__ import annotations

import pytest
from matplotlib.axes import Axes

from sim.report.figures.reciprocity import InitiativeRow, initiative_dots, reciprocity_figure
from sim.stats.intervals import Estimate
from tests.report.drawn import overlaps, points, words
from tests.report.synthetic import LONG

BOTH = InitiativeRow("all", 50, {"US": Estimate(0.7, 0.6, 0.8), "RU": Estimate(0.3, 0.2, 0.4)})
ONE = InitiativeRow("fax", 10, {"RU": Estimate(1.0, 1.0, 1.0)})
NONE = InitiativeRow("telex", 0, {"US": Estimate(None, None, None), "RU": Estimate(None, None, None)})


def test_each_side_has_its_share_and_interval_on_each_channel(axes: Axes) -> None:
    initiative_dots(axes, [BOTH, ONE, NONE], ["US", "RU"])
    assert [(x, round(y)) for x, y in points(axes, "share US")] == [(0.7, 0)]
    assert [(x, round(y)) for x, y in points(axes, "share RU")] == [(0.3, 0), (1.0, 1)]
    assert [x for x, _ in points(axes, "interval US")] == [0.6, 0.8]
    said = [text.get_text() for text in axes.texts]
    assert said == ["50 contacts; 70.0 % : 30.0 %", "10 contacts", "no contact"]


def test_sides_keep_their_marker_on_every_channel(axes: Axes) -> None:
    initiative_dots(axes, [BOTH, ONE], ["US", "RU"])
    markers = {(line.get_gid(), line.get_marker()) for line in axes.lines if str(line.get_gid()).startswith("share")}
    assert len(markers) == 2


def test_sides_that_change_places_are_seen(axes: Axes) -> None:
    turned = InitiativeRow("all", 50, {"US": BOTH.shares["RU"], "RU": BOTH.shares["US"]})
    initiative_dots(axes, [turned], ["US", "RU"])
    assert points(axes, "share US")[0][0] != 0.7


def test_the_picture_says_n_and_what_the_signs_mean(styled: None) -> None:
    shown = words(reciprocity_figure("t", [BOTH, ONE, NONE], {"US": "United States", "RU": "Russia"}, 20, 900))
    for part in ("n = 20 replications traced, of 900", "begun by United States", "share of the contacts", "95 %"):
        assert part in shown
    assert "only one side calls on fax" in shown
    assert "fax" not in shown.replace("only one side calls on fax", "")


@pytest.mark.parametrize("some", [1, 40])
def test_nothing_overlaps(styled: None, some: int) -> None:
    rows = [InitiativeRow(f"{LONG} {at}", 10**8, BOTH.shares) for at in range(some)]
    assert not overlaps(reciprocity_figure("t", rows, {"US": LONG[:52], "RU": LONG[:52]}, 20, 20))
