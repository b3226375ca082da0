"""Pictures compared as data: what is drawn is what the statistics say."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes

from sim import api
from sim.report import style
from sim.report.figures import draw_all, figures
from sim.report.figures.axes import clock_axis, duration_axis, log_duration_axis, unsigned
from sim.report.figures.data import POINTS, Curve, Mark, Responses
from sim.report.figures.first_contact import first_contact_figure, first_contact_histogram
from sim.report.figures.panels import spread
from sim.report.figures.response_delay import (
    describe_responses,
    is_linear,
    response_delay_figure,
    response_delay_histogram,
)
from sim.report.figures.survival import (
    MOST_EVENTS,
    band_of,
    dated_events,
    label_marks,
    mark_times,
    survival_curve,
    survival_figure,
)
from sim.report.view import view_of
from sim.scenario.reader import loads
from sim.scenario.resolved import Distribution, When
from sim.stats.first_contact import count_times
from tests.report import synthetic
from tests.report.drawn import overlaps, upright, words
from tests.report.synthetic import DAY, LONG, contact, curve_of, responses, times


@pytest.fixture(autouse=True)
def _styled() -> Iterator[None]:
    with style.context():
        yield


@pytest.fixture
def axes() -> Axes:
    return style.canvas(6, 4).subplots()


# Survival curves


def drawn_curve(axes: Axes, curve: Curve) -> tuple[np.ndarray, np.ndarray]:
    line = next(line for line in axes.lines if line.get_gid() == f"curve {curve.label}")
    assert line.get_drawstyle() == "steps-post"
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())


@pytest.mark.parametrize("n", [1, 20, 2_000])
def test_the_curve_is_the_share_without_contact(axes: Axes, n: int) -> None:
    drawn = times(n, reach=0.7)
    curve = curve_of("x", drawn)
    survival_curve(axes, curve)
    x, y = drawn_curve(axes, curve)
    assert (x[0], y[0]) == (0, 1)
    assert (x[-1], y[-1]) == (curve.horizon, pytest.approx(np.mean(drawn < 0), abs=1e-12))
    later = [np.mean((drawn < 0) | (drawn >= second)) for second in x[1:-1]]
    np.testing.assert_allclose(y[1:-1], later, atol=1e-12)


def test_a_contact_left_out_is_seen(axes: Axes) -> None:
    drawn = times(20, reach=0.7)
    short = drawn.copy()
    short[np.flatnonzero(short >= 0)[0]] = -1
    survival_curve(axes, curve_of("x", short))
    assert drawn_curve(axes, curve_of("x", short))[1][-1] != pytest.approx(np.mean(drawn < 0), abs=1e-12)


def test_the_band_is_the_pointwise_one(axes: Axes) -> None:
    curve = curve_of("x", times(50))
    survival_curve(axes, curve)
    (band,) = axes.collections
    corners_drawn = band.get_paths()[0].vertices
    for values in (curve.low, curve.high):
        for second, value in zip(curve.ends, values, strict=True):
            assert np.min(np.abs(corners_drawn - (second, value)).sum(axis=1)) < 1e-9


def test_long_curves_are_thinned_to_values_that_are_exact() -> None:
    drawn = times(200_000, reach=1.0)
    curve = curve_of("x", drawn)
    assert len(count_times(drawn, curve.horizon).filled) > 8 * POINTS
    assert POINTS / 2 < len(curve.ends) <= POINTS + 1
    reached = np.searchsorted(np.sort(drawn[drawn >= 0]), curve.ends) / curve.n
    np.testing.assert_allclose(curve.survival, 1 - reached, atol=1e-12)
    assert curve.ends[-1] == curve.horizon


def test_marks_stand_at_the_date_on_record_and_say_it(axes: Axes) -> None:
    survival_curve(axes, curve_of("x", times(50)))
    marks = [Mark(78 * DAY, 79 * DAY, "x 13 May 2022"), Mark(78 * DAY, 79 * DAY, "y 13 May 2022")]
    marks.append(Mark(20 * DAY, 21 * DAY, "z 16 Mar 2022"))
    mark_times(axes, marks)
    label_marks(axes, marks)
    places = [line.get_xdata()[0] for line in axes.lines if line.get_gid() == "record"]
    assert places == [20 * DAY, 78 * DAY]
    assert [text.get_text() for text in axes.texts] == ["x 13 May 2022, y 13 May 2022", "z 16 Mar 2022"]


def events(some: int) -> list[Mark]:
    return [Mark(at * DAY, at * DAY, f"event {at}") for at in range(1, some + 1)]


@pytest.mark.parametrize("some", [3, 60])
def test_dated_events_are_marked_and_thinned_where_there_are_many(some: int) -> None:
    figure = survival_figure("t", [curve_of("x", times(50))], {}, events=events(some))
    places = [line.get_xdata()[0] / DAY for line in figure.axes[0].lines if line.get_gid() == "event"]
    assert (places[0], places[-1], len(places)) == (1, some, min(some, MOST_EVENTS))
    assert ("event of the scenario, 12 of 60" in words(figure)) == (some > MOST_EVENTS)
    assert "event 1" in words(figure)
    panels = survival_figure("t", [curve_of(f"{at}", times(20)) for at in range(8)], {}, events=events(some))
    for one in panels.axes:
        assert len([line for line in one.lines if line.get_gid() == "event"]) == min(some, MOST_EVENTS)


def test_only_events_with_a_date_of_their_own_are_marked() -> None:
    made = synthetic.scenario()
    dated, late = replace(made.events[0], name="summit", title=""), replace(made.events[0], name="late")
    at_random = replace(made.events[0], name="random", at=(), every=Distribution("fixed", {"value": 1.0}))
    delayed = replace(made.events[0], name="delayed", at=(When(DAY, Distribution("fixed", {"value": 1.0})),))
    late = replace(late, at=(When(made.horizon),))
    found = dated_events(synthetic.changed(made, events=(*made.events, dated, at_random, delayed, late)))
    assert [(mark.start, mark.text) for mark in found] == [
        (DAY, "A near miss 25 Feb 2022"),
        (DAY, "summit 25 Feb 2022"),
    ]


def test_a_band_does_not_widen_where_the_last_replication_has_contact() -> None:
    """Between blocks no variance is seen where all agree; the interval is then the wide one of as many replications."""
    curve = curve_of("x", times(20, reach=1.0, mean_days=5))
    assert curve.survival[-1] == 0
    wide = replace(curve, high=np.where(curve.survival == 0, 0.5, curve.high))
    low, high = band_of(wide)
    last = np.flatnonzero(curve.survival > 0)[-1]
    assert high[-1] == pytest.approx(curve.high[last])
    assert wide.high[-1] > high[-1]
    np.testing.assert_array_equal(high[: last + 1], wide.high[: last + 1])
    np.testing.assert_array_equal(low, curve.low)


def test_curves_too_many_for_one_axes_get_panels_of_their_own() -> None:
    few, many = [[curve_of(f"line-{i}", times(20, seed=i)) for i in range(some)] for some in (7, 8)]
    assert len(survival_figure("t", few, {}).axes) == 1
    figure = survival_figure("t", many, {})
    assert [one.get_title(loc="left") for one in figure.axes] == [curve.label for curve in many]
    too_many = [curve_of(f"line-{i}", times(20, seed=i)) for i in range(50)]
    figure = survival_figure("t", too_many, {}, more=10)
    assert len(figure.axes) == 48
    assert "12 more not drawn" in words(figure)


@pytest.mark.parametrize(("reach", "said"), [(0.0, "100 %"), (1.0, "0 %")])
def test_nobody_and_everybody_contacted(reach: float, said: str) -> None:
    curve = curve_of("x", times(20, reach=reach, mean_days=1))
    assert f"none by the end: {said}" in words(survival_figure("t", [curve], {}))
    assert f"none {said}" in words(first_contact_figure("t", [curve], {}))


def test_names_of_sixty_characters_are_shown_whole() -> None:
    curve = curve_of(LONG, times(20))
    for figure in (survival_figure("t", [curve], {}), first_contact_figure("t", [curve] * 16, {})):
        assert LONG in words(figure).replace("\n", " ")


def test_long_titles_break_into_lines_and_are_whole() -> None:
    """Up to the 140 characters that a scenario's title may have, behind the words that say what is drawn."""
    title = ("Time to first contact: " + "The time that Washington had to wait for Moscow " * 3).strip()
    for figure in (survival_figure(title, [curve_of("x", times(20))], {}), response_delay_figure(title, [], 20)):
        (shown,) = [text for text in figure.texts if text.get_text().startswith("Time to")]
        assert shown.get_text().replace("\n", " ") == title
        assert "\n" in shown.get_text()
        assert shown.get_window_extent().x1 < figure.bbox.width
        assert not overlaps(figure)


@pytest.mark.parametrize("title", ["W" * 60, "M" * 300])
def test_a_title_of_wide_letters_ends_within_the_picture(title: str) -> None:
    figure = response_delay_figure(title, [], 20)
    (shown,) = [text for text in figure.texts if text.get_text().startswith(title[:9])]
    assert shown.get_window_extent().x1 < figure.bbox.width


def test_every_picture_says_n_and_its_units() -> None:
    curves = [curve_of("a", times(20)), curve_of("b", times(20))]
    for figure in (survival_figure("t", curves, {}), first_contact_figure("t", curves, {})):
        assert "n = 20 replications" in words(figure)
        assert "days since 24 Feb 2022 00:00 UTC" in words(figure)
    shown = words(response_delay_figure("t", [responses(size=100)], 20))
    for part in ("n = 20 replications", "100 contacts", "from the attempt to the contact", "share of contacts"):
        assert part in shown


@pytest.mark.parametrize("wanted", [[0.5] * 7, [0.0, 0.0, 1.0], [0.3, 0.31, 0.9], [1.0], [0.0, 0.02, 0.5, 0.52, 0.99]])
def test_labels_keep_clear_of_each_other(wanted: list[float]) -> None:
    heights = [0.1 + 0.01 * place for place in range(len(wanted))]
    places = spread(wanted, heights)
    order = np.argsort(wanted, kind="stable")
    for below, above in itertools.pairwise(order):
        assert places[above] - places[below] >= (heights[above] + heights[below]) / 2 - 1e-9
    assert min(p - h / 2 for p, h in zip(places, heights, strict=True)) >= -1e-9
    assert max(p + h / 2 for p, h in zip(places, heights, strict=True)) <= 1 + 1e-9


# Histograms of first contact


def test_bars_hold_every_contact_once(axes: Axes) -> None:
    drawn = times(2_000)
    curve = curve_of("x", drawn)
    seen = np.histogram(drawn[drawn >= 0], curve.edges)[0]
    np.testing.assert_array_equal(curve.counts, seen)
    first_contact_histogram(axes, curve)
    np.testing.assert_allclose([height for _, _, height in upright(axes)], seen / 2_000)


def test_the_hatched_bar_is_the_censored_share_or_is_cut_and_says_so(axes: Axes) -> None:
    rare = times(200, reach=0.05)
    first_contact_histogram(axes, curve_of("x", rare))
    (censored,) = [bar for bar in axes.patches if bar.get_gid() == "censored"]
    assert censored.get_hatch()
    assert censored.get_height() < np.mean(rare < 0)
    assert f"none {100 * np.mean(rare < 0):.1f} %" in [text.get_text() for text in axes.texts]
    other = style.canvas(6, 4).subplots()
    often = times(2_000, reach=0.97, mean_days=10)
    first_contact_histogram(other, curve_of("x", often))
    (censored,) = [bar for bar in other.patches if bar.get_gid() == "censored"]
    assert censored.get_height() == pytest.approx(np.mean(often < 0))


def test_the_histogram_says_the_date_on_record_and_what_its_bars_are() -> None:
    """In a panel, and in the key."""
    curve = curve_of("x", times(50))
    marks = {"x": [Mark(78 * DAY, 79 * DAY, "x 13 May 2022")]}
    shown = words(first_contact_figure("t", [curve], marks))
    for part in (
        "x 13 May 2022",
        "contact on record",
        "no contact by the end",
        "share of replications, per bar of 7 d",
    ):
        assert part in shown
    assert "contact on record" not in words(first_contact_figure("t", [curve], {}))


@pytest.mark.parametrize("days", [0.001, 0.02, 0.5, 1, 7, 126, 3650, 20_000, 73_000])
def test_bars_are_round_and_not_too_many(days: float) -> None:
    curve = curve_of("x", times(20, days=days, mean_days=days / 3), days)
    assert 1 <= len(curve.counts) <= 45
    assert int(curve.counts.sum()) == curve.contacts


# Response delays


def drawn_from(seconds: list[int], since: str = "attempt") -> Responses:
    """Response times below 2048 s, which are counted to the second."""
    found, counts = np.unique(seconds, return_counts=True)
    return Responses("x", since, 20, found, counts)


def test_bars_on_linear_time_are_equally_wide_and_hold_their_share(axes: Axes) -> None:
    seconds = np.random.default_rng(4).integers(600, 2_000, 500).tolist()
    found = drawn_from(seconds)
    assert is_linear(found)
    response_delay_histogram(axes, found)
    lefts, widths, heights = (np.array(one) for one in zip(*upright(axes), strict=True))
    assert set(widths) == {60.0}
    assert lefts[0] == 0
    expected = np.histogram(seconds, np.append(lefts, lefts[-1] + 60))[0] / 500
    np.testing.assert_allclose(heights, expected)
    beyond = 1 - expected.sum()
    assert any(f"{100 * beyond:.1f} % later" in text.get_text() for text in axes.texts) == (beyond > 0)
    assert "from the attempt to the contact\n(minutes; bars of 60 s)" in axes.get_xlabel().replace("1 min", "60 s")


def test_bars_on_logarithmic_time_are_equally_wide_and_begin_with_the_data(axes: Axes) -> None:
    found = responses(size=500, median=40_000)
    response_delay_histogram(axes, found, linear=False)
    lefts, widths, heights = (np.array(one) for one in zip(*upright(axes), strict=True))
    ratios = (lefts + widths) / lefts
    np.testing.assert_allclose(ratios, ratios[0])
    assert lefts[0] == axes.get_xlim()[0] == found.seconds[0]
    assert heights.sum() == pytest.approx(1)
    assert axes.get_xscale() == "log"
    assert "(logarithmic; four bars to a doubling)" in axes.get_xlabel()


@pytest.mark.parametrize("second", [0, 1, 600, 21_600, 86_400])
def test_a_delay_that_is_always_the_same_is_one_bar_of_all(axes: Axes, second: int) -> None:
    response_delay_histogram(axes, drawn_from([second] * 20, "occurrence"))
    filled = [(left, width, height) for left, width, height in upright(axes) if height]
    assert len(filled) == 1
    left, width, height = filled[0]
    assert height == 1
    assert left <= second < left + width
    low, high = axes.get_xlim()
    assert low <= left
    assert left + width <= high
    assert axes.get_ylim()[1] < 1.1
    assert "from the event to the contact" in axes.get_xlabel()


def test_answers_at_once_are_seen_beside_answers_within_days(axes: Axes) -> None:
    found = drawn_from([0] * 5 + [2 * DAY, 3 * DAY, 4 * DAY])
    assert not is_linear(found)
    response_delay_histogram(axes, found)
    assert upright(axes)[0][2] == pytest.approx(5 / 8)
    assert sum(height for _, _, height in upright(axes)) == pytest.approx(1)


def test_an_answer_moved_to_another_bar_is_seen(axes: Axes) -> None:
    response_delay_histogram(axes, drawn_from([600] * 10 + [900]))
    other = style.canvas(6, 4).subplots()
    response_delay_histogram(other, drawn_from([600] * 9 + [900] * 2))
    assert [bar[2] for bar in upright(axes)] != [bar[2] for bar in upright(other)]


def test_each_channel_has_one_panel() -> None:
    figure = response_delay_figure("t", [responses("a", size=50), responses("b", size=50, median=9_000)], 20)
    assert [one.get_title(loc="left") for one in figure.axes] == ["a: 50 contacts", "b: 50 contacts"]
    assert not overlaps(figure)


def test_no_contact_at_all_is_a_picture_that_says_so() -> None:
    """It does not say that nobody answered: the contact may come after the end."""
    figure = response_delay_figure("t", [responses(size=0)], 20)
    assert not figure.axes
    assert "no contact by the end in 20 replications" in words(figure)


def test_channels_without_contacts_are_named() -> None:
    figure = response_delay_figure("t", [responses("a", size=9), responses("b", size=0)], 20)
    assert len(figure.axes) == 1
    assert "no contact on b" in words(figure)
    assert "b: no contact." in describe_responses("t", [responses("b", size=0)])
    assert "a: 9 contacts, between" in describe_responses("t", [responses("a", size=9)])


def test_answers_whose_contact_would_come_after_the_end_are_not_in_the_picture() -> None:
    """Answers and contacts are two numbers of the summary; the picture has the contacts, and calls them so."""
    text = "scenario: 1\nclock: {start: 2022-03-01, end: 2022-03-03}\nsides: {A: {timezone: UTC}, B: {timezone: UTC}}\n"
    text += "officials: {a: {side: A}, b: {side: B}}\nchannels: {phone: {}}\n"
    text += "lines: {l: {caller: a, callee: b, channel: phone, every: 1 d, answer: 1, delay: {uniform: [1 d, 3 d]}}}\n"
    run = api.run(loads(text), 50, save=False, workers=1, engine="reference")
    line = run.summary["lines"]["l"]
    assert line["answered"] > line["requests"]["contact"]
    ((_, said, make),) = [one for one in figures(view_of(run)) if one[0] == "response-delay"]
    assert f"phone: {line['requests']['contact']} contacts" in words(make())
    assert f"{line['requests']['contact']} contacts," in said


def test_response_times_of_lines_add_up_to_those_of_the_channel() -> None:
    text = "scenario: 1\nclock: {start: 2022-03-01, end: 2022-03-31}\nsides: {A: {timezone: UTC}}\n"
    text += "officials: {a: {side: A}, b: {side: A}}\nchannels: {phone: {}, fax: {}}\nlines:\n"
    for name, channel in (("one", "phone"), ("two", "phone"), ("three", "fax")):
        text += f"  {name}: {{caller: a, callee: b, channel: {channel}, every: 1 d, answer: 1, delay: 90 min}}\n"
    run = api.run(loads(text), 20, save=False, workers=1, engine="reference")
    found = view_of(run).responses()
    assert [(one.label, one.since, one.total) for one in found] == [("phone", "attempt", 40), ("fax", "attempt", 20)]
    assert [one.seconds.tolist() for one in found] == [[5400], [5400]]


# Axes of time


@pytest.mark.parametrize("horizon", [1, 50, 119, 3600, 86_400, 3 * DAY, 126 * DAY, 20_000 * DAY, 73_000 * DAY])
def test_ticks_of_a_clock_are_few_and_within(axes: Axes, horizon: int) -> None:
    axes.set_xlim(0, horizon)
    clock_axis(axes, synthetic.START, horizon)
    places = axes.get_xticks()
    assert 1 <= len(places) <= 8
    assert places[0] == 0
    assert places[-1] <= horizon
    texts = [text.get_text() for text in axes.get_xticklabels()]
    assert len(set(texts)) == len(texts)
    assert texts[0].startswith("0\n")


@pytest.mark.parametrize("span", [(-3.0 * DAY, 40.0 * DAY), (-0.3, 0.4), (5_000.0, 5_400.0), (0.0, 1.0)])
def test_ticks_of_durations_are_round_and_say_their_place(axes: Axes, span: tuple[float, float]) -> None:
    axes.set_xlim(*span)
    duration_axis(axes.xaxis, *span, write=unsigned)
    places = axes.get_xticks()
    assert 2 <= len(places) <= 8
    assert all(span[0] - 1e-6 <= place <= span[1] + 1e-6 for place in places)
    texts = [text.get_text() for text in axes.get_xticklabels()]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("span", [(1, 60), (1, 10**9), (3_000, 4_000), (DAY, 10**8), (10, 10**7), (3600, 7200)])
def test_logarithmic_ticks_are_round_durations(axes: Axes, span: tuple[int, int]) -> None:
    axes.set_xscale("log")
    axes.set_xlim(*span)
    log_duration_axis(axes.xaxis)
    places, texts = axes.get_xticks(), [text.get_text() for text in axes.get_xticklabels()]
    assert 0 < len(places) <= 9
    assert all(span[0] <= place <= span[1] for place in places)
    assert len(set(texts)) == len(texts)


# Files


def digest(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


PICTURES = ("first-contact", "survival-channels", "survival-groups", "survival-lines")


def test_a_run_has_its_pictures_and_says_them_in_words(tmp_path: Path) -> None:
    made = synthetic.scenario(title="A $title$ <script>\x07 서울", record=(contact("ministers", 78),))
    draw_all(synthetic.view(made, n=200), tmp_path, svg=True)
    assert all((tmp_path / f"{name}.svg").is_file() for name in PICTURES)
    svg = (tmp_path / "survival-lines.svg").read_text(encoding="utf-8")
    draw_all(synthetic.view(made, n=200), tmp_path)
    expected = sorted(["alt.json", *(f"{name}.png" for name in PICTURES)])
    assert sorted(path.name for path in tmp_path.iterdir()) == expected
    texts = json.loads((tmp_path / "alt.json").read_text(encoding="utf-8"))
    assert tuple(sorted(texts)) == PICTURES
    assert "ministers 13 May 2022" in texts["survival-lines"]
    assert "<script" not in svg
    assert "<dc:date>" not in svg


SECOND = """
import sys
from pathlib import Path
from sim.report.figures import draw_all
from tests.report import synthetic
draw_all(synthetic.view(n=200), Path(sys.argv[1]))
"""


def test_the_same_run_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    draw_all(synthetic.view(n=200), here)
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Asia/Seoul", "MPLBACKEND": "svg"}
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", SECOND, str(there)], check=True, cwd=root, env=environment)
    assert digest(here) == digest(there)


def test_another_run_gives_other_bytes(tmp_path: Path) -> None:
    drawn = {}
    for n in (200, 201):
        pictures = {name: make for name, _, make in figures(synthetic.view(n=n))}
        style.save(pictures["survival-lines"](), tmp_path / f"{n}.png")
        drawn[n] = (tmp_path / f"{n}.png").read_bytes()
    assert drawn[200] != drawn[201]
