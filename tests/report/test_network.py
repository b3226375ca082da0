"""Who calls whom over what, as drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from sim.report.figures.network import draw_network, lay_out, network, network_figure
from sim.scenario.resolved import Official, Scenario, Side
from tests.report import synthetic
from tests.report.drawn import overlaps, words
from tests.report.synthetic import LONG


def crowd(lines: int, sides: int = 2, text: str = "") -> Scenario:
    """Lines between officials of their own, from each side to the next."""
    names = [f"S{at}" for at in range(sides)]
    officials = tuple(
        Official(f"{part}{at}", names[(at + shift) % sides], text, text, None, ())
        for at in range(lines)
        for shift, part in enumerate(("from", "to"))
    )
    made = [
        replace(synthetic.line(f"l{at}", f"c{at % 9}", title=text), caller=f"from{at}", callee=f"to{at}")
        for at in range(lines)
    ]
    base = synthetic.scenario(*made)
    return synthetic.changed(
        base, officials=officials, sides=tuple(Side(name, text, "UTC") for name in names), groups={}
    )


def boxes(axes: Axes) -> dict[str, tuple[float, float, float, float]]:
    """Left, right, top and bottom of every box, by its id."""
    found = {}
    for patch in axes.patches:
        if isinstance(patch, FancyBboxPatch):
            box = patch.get_extents().transformed(axes.transData.inverted())
            found[str(patch.get_gid())] = (box.x0, box.x1, min(box.y0, box.y1), max(box.y0, box.y1))
    return found


def edges(axes: Axes) -> dict[str, tuple[tuple[float, float], tuple[float, float], bool]]:
    """Both ends of every edge, and whether it has an arrow, by its id."""
    return {
        str(patch.get_gid()): (*patch._posA_posB, type(patch.get_arrowstyle()).__name__ != "Curve")
        for patch in axes.patches
        if isinstance(patch, FancyArrowPatch)
    }


def touches(box: tuple[float, float, float, float], end: tuple[float, float]) -> bool:
    left, right, top, bottom = box
    return left - 0.06 <= end[0] <= right + 0.06 and top <= end[1] <= bottom


@pytest.mark.parametrize(("lines", "sides"), [(1, 1), (2, 2), (40, 2), (9, 3), (9, 5)])
def test_every_line_joins_its_caller_to_the_one_called(styled: None, lines: int, sides: int) -> None:
    made = crowd(lines, sides)
    axes = network_figure("t", made).axes[0]
    found, drawn = boxes(axes), edges(axes)
    assert len(drawn) == 2 * lines
    for line in made.lines:
        for end, arrow, official in (("from", False, line.caller), ("to", True, line.callee)):
            start, stop, has_arrow = drawn[f"{end} {line.name}"]
            assert touches(found[f"line {line.name}"], start)
            assert touches(found[f"official {official}"], stop)
            assert has_arrow == arrow


def test_an_edge_to_another_official_is_seen(styled: None) -> None:
    made = crowd(4)
    other = replace(made.lines[0], callee=made.lines[1].callee)
    axes = network_figure("t", synthetic.changed(made, lines=(other, *made.lines[1:]))).axes[0]
    stop = edges(axes)["to l0"][1]
    assert "official to0" not in boxes(axes)
    assert touches(boxes(axes)["official to1"], stop)


@pytest.mark.parametrize(("lines", "sides"), [(1, 1), (40, 2), (9, 3), (9, 5)])
def test_boxes_do_not_cover_each_other(styled: None, lines: int, sides: int) -> None:
    found = list(boxes(network_figure("t", crowd(lines, sides, LONG)).axes[0]).values())
    for at, one in enumerate(found):
        for other in found[at + 1 :]:
            apart = one[1] < other[0] or other[1] < one[0] or one[3] < other[2] or other[3] < one[2]
            assert apart


@pytest.mark.parametrize("text", ["", LONG])
def test_nothing_overlaps(styled: None, text: str) -> None:
    assert not overlaps(network_figure("t", crowd(40, 2, text)))


def test_sides_stand_such_that_lines_run_between_the_columns() -> None:
    layout = lay_out(crowd(9, 2))
    assert all(layout.officials[f"from{at}"].right != layout.officials[f"to{at}"].right for at in range(9))
    # Of a ring of three sides one pair has to share a column; a line within it is drawn as a loop.
    ring = lay_out(crowd(9, 3))
    within = sum(ring.officials[f"from{at}"].right == ring.officials[f"to{at}"].right for at in range(9))
    assert within == 3


def test_order_brings_lines_level() -> None:
    made = crowd(8)
    turned = synthetic.changed(made, officials=tuple(reversed(made.officials)))
    layout = lay_out(turned)
    rows = [[layout.officials[name].row for name in (line.caller, line.callee)] for line in turned.lines]
    assert all(one == pytest.approx(other) for one, other in rows)


def test_lines_on_one_channel_have_one_look(axes: Axes) -> None:
    network(axes, crowd(11))
    looks = {
        str(patch.get_gid()): (patch.get_edgecolor(), str(patch.get_linestyle()))
        for patch in axes.patches
        if isinstance(patch, FancyBboxPatch)
    }
    assert looks["line l0"] == looks["line l9"]
    assert len({looks[f"line l{at}"] for at in range(7)}) == 7


def test_officials_without_a_line_are_counted(styled: None) -> None:
    made = crowd(2)
    idle = (*made.officials, Official("idle", "S0", "", "", None, ()))
    shown = words(network_figure("t", synthetic.changed(made, officials=idle)))
    assert "2 lines over 2 channels" in shown
    assert "1 official without a line not drawn" in shown


def test_files_are_the_same_each_time_and_described_inside(tmp_path: Path) -> None:
    for kind in ("png", "svg"):
        for name in ("one", "two"):
            draw_network(synthetic.scenario(title="A $title$ <script>"), tmp_path / f"{name}.{kind}")
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()
        assert b"calls Sergei Shoigu" in (tmp_path / f"one.{kind}").read_bytes()
    assert "<script" not in (tmp_path / "one.svg").read_text(encoding="utf-8")
