"""Attributions, sweeps and sensitivities in words, tables and pictures."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from matplotlib.figure import Figure
from rich.cells import cell_len

from sim.report import attribution, sensitivity, style, sweep
from sim.report.document import Report
from sim.report.figures.attribution import attribution_figure, describe_attribution
from sim.report.figures.sensitivity import describe_indices, describe_tornado, sobol_figure, tornado_figure
from sim.report.figures.sweep import describe_sweep, sweep_figure
from sim.report.format import signed
from sim.report.outcomes import amount, change, end_words, estimate
from sim.report.terminal import console, show
from sim.stats.intervals import Estimate
from sim.stats.outcomes import Outcome, Sweep
from tests.report import studies
from tests.report.drawn import overlaps, points, words

DAY = studies.DAY
SHORT_NAME = "n" * 40
AXES = {
    "durations": (studies.axis(),),
    "many durations": (studies.axis(values=60),),
    "dates": (studies.axis(kind="date", values=12),),
    "texts": (studies.axis(kind="text", values=6),),
    "two paths": (studies.axis(), studies.axis("parameters.q", 4)),
    "two long paths": (studies.axis(f"lines.{studies.LONG}.every", 12), studies.axis(f"lines.{'m' * 30}.call", 9)),
}


def shown(report: Callable[[Any], Report], found: Any, width: int = 100) -> str:
    stream = io.StringIO()
    show(report(found), console(stream, width=width))
    return stream.getvalue()


# Words ---------------------------------------------------------------------------------------------------------------


def test_differences_have_signs_units_and_intervals() -> None:
    contact, wait = Outcome("any", DAY), Outcome("any")
    assert str(change(contact, Estimate(-0.0421, -0.05, -0.03))) == "−4.21 points [−5 to −3]"
    assert str(change(wait, Estimate(3 * DAY, 2.5 * DAY, 3.5 * DAY))) == "+3 d [+2.5 to +3.5]"
    assert str(change(wait, Estimate(0, 0, 0))) == "0 s [0 to 0]"
    assert str(change(wait, Estimate(5.0, None, None))) == "–"
    assert amount(wait, Estimate(-3 * DAY, -4 * DAY, -2 * DAY), "longer", "shorter") == "3 d [2–4] shorter"
    assert amount(wait, Estimate(10, -10, 30), "longer", "shorter") == "+10 s [−10 to +30]"
    assert amount(contact, Estimate(0.2, 0.18, 0.22), "more", "less") == "20 percentage points [18–22] more"
    assert str(estimate(contact, Estimate(0.5, 0.45, 0.55))) == "50.0 % [45.0–55.0]"
    assert str(estimate(wait, Estimate(2 * DAY, DAY, 3 * DAY))) == "2 d [1–3]"
    assert (signed(0.001), signed(-2), signed(2)) == ("0", "−2", "+2")
    assert end_words(30 * DAY, studies.spec()) == "by 30 d (26 Mar 2022)"
    assert end_words(studies.HORIZON, studies.spec()) == "by the end (4 Jun 2022)"


def test_an_attribution_in_sentences() -> None:
    told = attribution.sentences(studies.attribution())
    assert told[0].startswith("With everything in place, any line has contact by 30 d (26 Mar 2022) in 80.0 %")
    assert told[1].startswith("The channel whose loss costs most is line-2: without it the mean wait is 40 h [34–46]")
    assert "less likely. Next comes line-1 (32 h [26–38] longer)." in told[1]
    assert "Shapley values by channel are: line-2 50 %, line-1 33 % and line-0 17 %." in told[3]
    assert "in 60.0 % instead of the 80.0 % of independent lines, 20 percentage points [18–22] less." in told[4]


def test_a_sweep_in_sentences() -> None:
    told = sweep.sentences(studies.sweep(AXES["durations"]))
    assert told[0] == (
        "Contact by 30 d (26 Mar 2022) of any line goes from 10.0 % [8.0–12.0] at every 5 d to 90.0 % [88.0–92.0] at "
        "every 1 d."
    )
    assert told[2].startswith("Against the scenario as its file has it (mean wait 50 d), every 1 d makes it 40 d")
    still = sweep.sentences(studies.sweep(AXES["durations"], flat=True))
    assert still[0].startswith("Contact by 30 d (26 Mar 2022) of any line does not clearly change: 50.0 %")
    assert still[2].startswith("No point's mean wait is clearly different from")


def with_wait_difference(at: int, difference: Estimate) -> Sweep:
    """A flat sweep, but for one point's paired difference from the file: the intervals of all points overlap."""
    flat = studies.sweep(AXES["durations"], flat=True)
    wait = Outcome("any")
    point = flat.points[at]
    results = {**point.results, wait: replace(point.results[wait], difference=difference)}
    points = (*flat.points[:at], replace(point, results=results), *flat.points[at + 1 :])
    return replace(flat, points=points)


def test_a_sweep_moves_where_a_paired_difference_says_so() -> None:
    moved = sweep.sentences(with_wait_difference(3, Estimate(6 * DAY, 4 * DAY, 8 * DAY)))
    assert "does not clearly change" in moved[0]
    assert moved[1].startswith("The mean wait of any line goes from")
    assert "every 4 d makes it 6 d [4–8] longer, paired" in moved[2]


def test_a_difference_that_one_of_many_points_may_have_by_chance_is_no_move() -> None:
    told = sweep.sentences(with_wait_difference(3, Estimate(6 * DAY, 0.1 * DAY, 11.9 * DAY)))
    assert told[1].startswith("The mean wait of any line does not clearly change")
    assert told[2].startswith("No point's mean wait is clearly different from")


def test_a_price_that_was_not_seen_is_not_said_to_be_none() -> None:
    found = studies.attribution()
    one = replace(found.redundancy[0], loss=Estimate(0.0, -1.0, 1.0))
    told = attribution.sentences(replace(found, redundancy=(one,)))[-1]
    assert told == (
        "Common causes make no clear difference; the widest interval is that of the lines of any line: "
        "0 percentage points [−100 to +100], by the end (4 Jun 2022)."
    )


def test_no_line_is_credited_on_the_word_of_one_replication() -> None:
    found = studies.attribution()
    unknown = replace(
        found,
        contributions=tuple(
            replace(one, shapley=one.shapley and replace(one.shapley, low=None, high=None))
            for one in found.contributions
        ),
    )
    assert (
        "No channel has a Shapley value of the time saved that is clearly above zero"
        in attribution.sentences(unknown)[3]
    )


def test_a_sensitivity_in_sentences() -> None:
    told = sensitivity.sentences(studies.sensitivity())
    assert told[0] == (
        "Contact by 30 d (26 Mar 2022) of any line depends most on parameters.x0: at 0.9 it is 20 percentage points "
        "[18–22] more than at 0.1; next come parameters.x1 (+13.3 percentage points) and parameters.x2 (+6.67 "
        "percentage points)."
    )
    assert (
        "standard deviation of 10 percentage points; knowing parameters.x0 alone would remove 50 % [48–52]" in told[2]
    )
    assert "20 % was Monte Carlo noise" in told[2]
    assert "is not clearly more than noise" in sensitivity.sentences(studies.sensitivity(told=False))[2]
    nothing = studies.sensitivity()
    still = tuple(
        replace(one, swings=tuple(replace(swing, swing=Estimate(0, -1, 1)) for swing in one.swings))
        for one in nothing.tornadoes
    )
    assert sensitivity.sentences(replace(nothing, tornadoes=still))[0].startswith("No number alone moves contact")


# Tables --------------------------------------------------------------------------------------------------------------

FOUND: dict[str, tuple[Callable[[Any], Report], Any]] = {
    "attribution": (attribution.attribution_report, studies.attribution()),
    "attribution without Shapley values": (attribution.attribution_report, studies.attribution(12, shapley=False)),
    "attribution of long names": (attribution.attribution_report, studies.attribution(4, name=studies.LONG[:60])),
    **{f"sweep of {name}": (sweep.sweep_report, studies.sweep(axes)) for name, axes in AXES.items()},
    "sensitivity": (sensitivity.sensitivity_report, studies.sensitivity()),
    "sensitivity of nothing": (sensitivity.sensitivity_report, studies.sensitivity(told=False)),
    "sensitivity of long names": (sensitivity.sensitivity_report, studies.sensitivity(20, name=studies.LONG)),
}


@pytest.mark.parametrize("width", [60, 80, 100, 140])
@pytest.mark.parametrize("name", FOUND)
def test_tables_keep_to_the_width(name: str, width: int) -> None:
    lines = shown(*FOUND[name], width).splitlines()
    assert max(map(cell_len, lines)) <= width
    assert not any(line.endswith(" ") for line in lines)


def test_tables_have_what_was_found() -> None:
    told = shown(*FOUND["attribution"])
    assert "+40 h" in told
    assert "time saved" in told
    told = " ".join(shown(*FOUND["attribution without Shapley values"]).split())
    assert "There are too many channels and lines for Shapley values" in told
    told = shown(*FOUND["sweep of many durations"])
    assert "20 more rows are in the output of --json." in told
    told = shown(*FOUND["sensitivity of long names"])
    assert "8 more numbers move it less, or not." in told
    assert "0.50 [0.48 to 0.52]" in shown(*FOUND["sensitivity"])


def test_a_long_path_takes_several_lines_rather_than_the_table() -> None:
    found = studies.sensitivity(4, name="regimes.moscow-gate.states.closed.lasts.mean")
    assert "low to high:" not in shown(sensitivity.sensitivity_report, found)


def test_control_characters_of_a_title_do_not_reach_the_terminal() -> None:
    found = studies.attribution()
    bad = replace(found, spec=replace(found.spec, title="a\x1b[31mb", changes=("x=\x1b[2J",)))
    assert "\x1b" not in shown(attribution.attribution_report, bad)


# Pictures ------------------------------------------------------------------------------------------------------------

FIGURES: dict[str, Callable[[style.Theme], Figure]] = {
    "attribution": lambda theme: attribution_figure(studies.attribution(), theme),
    "attribution of one": lambda theme: attribution_figure(studies.attribution(1, shapley=False), theme),
    "attribution of many": lambda theme: attribution_figure(studies.attribution(20, name=SHORT_NAME), theme),
    **{
        f"sweep of {name}": lambda theme, axes=axes: sweep_figure(studies.sweep(axes), theme)  # type: ignore[misc]
        for name, axes in AXES.items()
    },
    "sweep of many columns": lambda theme: sweep_figure(
        studies.sweep(AXES["durations"], tuple(f"line:{SHORT_NAME[:20]}-{at}" for at in range(9))), theme
    ),
    "flat sweep": lambda theme: sweep_figure(studies.sweep(AXES["two paths"], flat=True), theme),
    "tornado": lambda theme: tornado_figure(studies.sensitivity(), theme),
    "tornado of many": lambda theme: tornado_figure(studies.sensitivity(30, name=studies.LONG), theme),
    "indices": lambda theme: sobol_figure(studies.sensitivity(), theme),
    "indices of many": lambda theme: sobol_figure(studies.sensitivity(30, name=studies.LONG), theme),
    "indices of nothing": lambda theme: sobol_figure(studies.sensitivity(told=False), theme),
}


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_covers_another_or_leaves_the_picture(name: str) -> None:
    for theme in (style.LIGHT, style.DARK):
        with style.context(theme):
            assert overlaps(FIGURES[name](theme)) == []


def test_an_attribution_is_drawn_where_it_is(styled: None) -> None:
    left, right = attribution_figure(studies.attribution()).axes
    assert points(left, "loss line-2") == [(pytest.approx(DAY * (1 + 2 / 3), abs=2), pytest.approx(-0.16))]
    assert points(right, "shapley line-0") == [(pytest.approx(4 * DAY), pytest.approx(2 + 0.16))]
    assert [one.get_title(loc="left") for one in (left, right)] == ["any line, by channel", "any line, by line"]


def test_channels_that_are_the_lines_again_are_drawn_once(styled: None) -> None:
    found = studies.attribution()
    lines = [one for one in found.contributions if one.kind == "line"]
    same = replace(found, contributions=(*lines, *(replace(one, kind="channel") for one in lines)))
    (only,) = attribution_figure(same).axes
    assert only.get_title(loc="left") == "any line, by line"


TITLES = {"lines.line-2": "Ministers\x1b[31m of defence", "lines.p": "The\x1b[0m line"}


def test_pictures_of_studies_name_things_by_their_titles_and_no_control_character(styled: None) -> None:
    asked = replace(studies.spec("A \x1b[31mtitle"), titles=TITLES)
    attributed = attribution_figure(replace(studies.attribution(), spec=asked))
    assert "Ministers[31m of" in words(attributed)
    swept = sweep_figure(replace(studies.sweep(AXES["durations"]), spec=asked))
    assert "The[0m line (p), every" in words(swept)
    found = replace(studies.sensitivity(), spec=asked)
    for figure in (attributed, swept, tornado_figure(found), sobol_figure(found)):
        assert "\x1b" not in words(figure)
        assert "title" in words(figure)
    for told in (describe_attribution(replace(studies.attribution(), spec=asked)), describe_indices(found)):
        assert "\x1b" not in told


def test_a_tornado_says_which_end_is_low(styled: None) -> None:
    shown = words(tornado_figure(studies.sensitivity()))
    assert "number low" in shown
    assert "number high" in shown
    assert "x0, 0.1 to 0.9" in shown
    assert "parameters.x0" not in shown


def test_a_flat_heat_map_has_one_value_on_its_scale(styled: None) -> None:
    figure = sweep_figure(studies.sweep(AXES["two paths"], flat=True))
    assert [text.get_text() for text in figure.axes[2].get_yticklabels()] == ["50"]


def test_light_is_good_in_both_heat_maps(styled: None) -> None:
    figure = sweep_figure(studies.sweep(AXES["two paths"]))
    contact, wait = (axes.collections[0] for axes in figure.axes[:2])
    assert (contact.get_cmap().name, wait.get_cmap().name) == ("cividis", "cividis_r")


def test_a_sweep_is_drawn_where_it_is(styled: None) -> None:
    contact, wait = sweep_figure(studies.sweep(AXES["durations"])).axes
    assert points(contact, "curve any")[0] == (DAY, 0.9)
    assert points(wait, "curve group:two")[-1] == (5 * DAY, pytest.approx(90 * DAY))
    assert points(contact, "file")[0][0] == DAY


def test_a_heat_map_has_the_first_path_across(styled: None) -> None:
    axes = sweep_figure(studies.sweep(AXES["two paths"])).axes[0]
    mesh = axes.collections[0]
    values = mesh.get_array()
    assert values is not None
    assert values.reshape(4, 5)[:, 0].tolist() == pytest.approx([90, 90 - 80 / 19, 90 - 160 / 19, 90 - 240 / 19])
    assert mesh.get_cmap().name == "cividis"


def test_a_tornado_is_drawn_where_it_is(styled: None) -> None:
    axes = tornado_figure(studies.sensitivity()).axes[0]
    bars = {patch.get_gid(): patch for patch in axes.patches}
    assert bars["high parameters.x0"].get_width() == pytest.approx(0.1)  # type: ignore[attr-defined]
    assert bars["low parameters.x0"].get_x() + bars["low parameters.x0"].get_width() == pytest.approx(0.4)  # type: ignore[attr-defined]
    assert bars["high parameters.x0"].get_y() < bars["high parameters.x2"].get_y()  # type: ignore[attr-defined]


def test_indices_are_drawn_where_they_are(styled: None) -> None:
    figure = sobol_figure(studies.sensitivity())
    assert points(figure.axes[0], "first parameters.x0") == [(0.5, pytest.approx(-0.16))]
    assert points(figure.axes[0], "total parameters.x1") == [(pytest.approx(0.35), pytest.approx(1.16))]
    assert "Monte Carlo noise, taken out: 20 %" in words(figure)
    with pytest.raises(ValueError, match="no Sobol indices: none asked"):
        sobol_figure(replace(studies.sensitivity(), indices={}, no_indices="none asked"))


def test_pictures_have_descriptions() -> None:
    assert "line-2 1.67 days" in describe_attribution(studies.attribution())
    assert "goes from 10.0 %" in describe_sweep(studies.sweep(AXES["durations"]))
    assert "depends most on parameters.x0" in describe_tornado(studies.sensitivity())
    assert "x1 0.25 alone and 0.35 in all" in describe_indices(studies.sensitivity())
    assert "not clearly above 0" in describe_indices(studies.sensitivity(told=False))
