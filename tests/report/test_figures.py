"""Pictures compared as data: what is drawn is what the statistics say."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim import api
from sim.report import style
from sim.report.figures import draw_all, figures, first_contact_figure, response_figure, survival_figure
from sim.report.figures.axes import log_duration_axis, ticks
from sim.report.figures.data import POINTS, Curve, Mark, Responses, merge_histograms
from sim.report.figures.describe import describe_responses
from sim.report.figures.first_contact import first_contact_histogram
from sim.report.figures.response import linear_end, response_linear, response_log
from sim.report.figures.survival import record_marks, spread, survival_curve
from sim.report.view import view_of
from sim.scenario.reader import loads
from sim.stats.first_contact import tally
from tests.report import synthetic
from tests.report.drawn import upright
from tests.report.synthetic import DAY, LONG, contact, curve_of, histogram_of, responses, times


@pytest.fixture(autouse=True)
def _styled() -> Iterator[None]:
    with style.context():
        yield


@pytest.fixture
def axes() -> Axes:
    return style.canvas(6, 4).subplots()


def all_words(figure: Figure) -> str:
    """Every text that a figure shows."""
    found = [text.get_text() for text in figure.texts]
    for one in figure.axes:
        found += [text.get_text() for text in one.texts]
        found += [one.get_title(loc="left"), one.get_xlabel(), one.get_ylabel()]
    return "\n".join(found)


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
    assert len(tally(drawn, curve.horizon).filled) > 8 * POINTS
    assert POINTS / 2 < len(curve.ends) <= POINTS + 1
    reached = np.searchsorted(np.sort(drawn[drawn >= 0]), curve.ends) / curve.n
    np.testing.assert_allclose(curve.survival, 1 - reached, atol=1e-12)
    assert curve.ends[-1] == curve.horizon


def test_marks_stand_at_the_date_on_record_and_say_it(axes: Axes) -> None:
    survival_curve(axes, curve_of("x", times(50)))
    marks = [Mark(78 * DAY, 79 * DAY, "x 13 May 2022"), Mark(78 * DAY, 79 * DAY, "y 13 May 2022")]
    record_marks(axes, [*marks, Mark(20 * DAY, 21 * DAY, "z 16 Mar 2022")])
    places = [line.get_xdata()[0] for line in axes.lines if line.get_gid() == "record"]
    assert places == [20 * DAY, 78 * DAY]
    assert [text.get_text() for text in axes.texts] == [
        "z 16 Mar 2022",
        "x 13 May 2022, y 13 May 2022",
    ]


def test_curves_too_many_for_one_axes_get_panels_of_their_own() -> None:
    few, many = [[curve_of(f"line-{i}", times(20, seed=i)) for i in range(some)] for some in (7, 8)]
    assert len(survival_figure("t", few, {}).axes) == 1
    figure = survival_figure("t", many, {})
    assert [one.get_title(loc="left") for one in figure.axes] == [curve.label for curve in many]
    too_many = [curve_of(f"line-{i}", times(20, seed=i)) for i in range(50)]
    figure = survival_figure("t", too_many, {}, more=10)
    assert len(figure.axes) == 48
    assert "12 more not drawn" in all_words(figure)


@pytest.mark.parametrize(("reach", "said"), [(0.0, "100 %"), (1.0, "0 %")])
def test_nobody_and_everybody_contacted(reach: float, said: str) -> None:
    curve = curve_of("x", times(20, reach=reach, mean_days=1))
    assert f"none by the end: {said}" in all_words(survival_figure("t", [curve], {}))
    assert f"none {said}" in all_words(first_contact_figure("t", [curve], {}))


def test_names_of_sixty_characters_are_shown_whole() -> None:
    curve = curve_of(LONG, times(20))
    for figure in (survival_figure("t", [curve], {}), first_contact_figure("t", [curve] * 16, {})):
        assert LONG in all_words(figure).replace("\n", " ")


def test_long_titles_end_within_the_picture() -> None:
    long = "The time that Washington had to wait for Moscow " * 8
    for figure in (survival_figure(long, [curve_of("x", times(20))], {}), response_figure(long, [], 20)):
        (title,) = [text for text in figure.texts if text.get_text().startswith("The time")]
        assert title.get_text().endswith("…")
        # Cut for want of room, and not by a guess: there is none for half an inch more.
        assert figure.bbox.width - 0.5 * figure.dpi < title.get_window_extent().x1 < figure.bbox.width


@pytest.mark.parametrize(
    "title", ["How long an answer took, by channel: Three lines across a strait, each helps the others", "i" * 140]
)
def test_a_title_that_has_room_is_whole(title: str) -> None:
    figure = response_figure(title, [responses(size=9)], 20)
    assert title in all_words(figure)


@pytest.mark.parametrize("title", ["W" * 60, "M" * 300])
def test_a_title_of_wide_letters_ends_within_the_picture(title: str) -> None:
    figure = response_figure(title, [], 20)
    (shown,) = [text for text in figure.texts if text.get_text().startswith(title[:9])]
    assert shown.get_text().endswith("…")
    assert shown.get_window_extent().x1 < figure.bbox.width


def test_every_picture_says_n_and_its_units() -> None:
    curves = [curve_of("a", times(20)), curve_of("b", times(20))]
    for figure in (survival_figure("t", curves, {}), first_contact_figure("t", curves, {})):
        assert "n = 20 replications" in all_words(figure)
        assert "days since 24 Feb 2022 00:00 UTC" in all_words(figure)
    shown = all_words(response_figure("t", [responses(size=100)], 20))
    for part in (
        "n = 100 contacts, from the attempt to the contact",
        "20 replications",
        "minutes (linear)",
        "share per minute",
    ):
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


@pytest.mark.parametrize("days", [0.001, 0.02, 0.5, 1, 7, 126, 3650, 20_000, 73_000])
def test_bars_are_round_and_not_too_many(days: float) -> None:
    curve = curve_of("x", times(20, days=days, mean_days=days / 3), days)
    assert 1 <= len(curve.counts) <= 45
    assert int(curve.counts.sum()) == curve.contacts


# Response delays


def test_bars_of_the_linear_panel_have_the_area_of_their_share(axes: Axes) -> None:
    found = responses(size=5_000)
    response_linear(axes, found)
    area = sum(height * width / 60 for _, width, height in upright(axes))
    inside = found.counts[found.edges[1:] <= linear_end(found)].sum() / found.total
    assert area == pytest.approx(inside)
    assert inside >= 0.98
    assert f"{100 * (1 - inside):.1f} % later →" in [text.get_text() for text in axes.texts]


def test_answers_within_minutes_show_beside_answers_within_days(axes: Axes) -> None:
    """Half of the answers came within five seconds: no bar of the linear panel is thinner than the eye can see."""
    soon = histogram_of([*range(5), *np.linspace(2 * DAY, 4 * DAY, 5).astype(int).tolist()])
    found = Responses("x", "attempt", 20, np.array(soon["edges"]), np.array(soon["counts"]))
    response_linear(axes, found)
    drawn, (low, high) = upright(axes), axes.get_xlim()
    assert min(width for _, width, _ in drawn) >= (high - low) / 200
    first, *_ = drawn
    assert axes.get_ylabel() == "share per hour"
    assert first[1] * first[2] / 3600 == pytest.approx(0.5)
    lefts = [left for left, _, _ in drawn]
    np.testing.assert_allclose(lefts[1:], [left + width for left, width, _ in drawn[:-1]])
    assert lefts[-1] + drawn[-1][1] == linear_end(found)


def test_bars_of_the_logarithmic_panel_have_the_area_of_their_share(axes: Axes) -> None:
    """On the axis of log₂ time, whatever the widths of the bins."""
    found = responses(size=500)
    response_log(axes, found, span=(1, 100_000))
    bars = [bar for bar in upright(axes) if bar[0] > 1]
    areas = [height * np.log2((left + width) / left) for left, width, height in bars]
    np.testing.assert_allclose(areas, found.counts[-len(bars) :] / 500)
    assert axes.get_xscale() == "log"


def test_answers_at_once_are_visible_on_both_panels(axes: Axes) -> None:
    at_once = Responses("x", "attempt", 20, np.array([0, 1]), np.array([20]))
    response_log(axes, at_once, span=(0, 1))
    ((left, width, height),) = upright(axes)
    low, high = axes.get_xlim()
    assert height == 1
    assert low <= left
    assert left + width <= high
    assert width > 0
    assert len(response_figure("t", [at_once], 20).axes) == 2


def test_no_contact_at_all_is_a_picture_that_says_so() -> None:
    """It does not say that nobody answered: the contact may come after the end."""
    figure = response_figure("t", [responses(size=0)], 20)
    assert not figure.axes
    assert "no contact by the end in 20 replications" in all_words(figure)


def test_channels_without_contacts_are_named() -> None:
    figure = response_figure("t", [responses("a", size=9), responses("b", size=0)], 20)
    assert len(figure.axes) == 2
    assert "no contact on b" in all_words(figure)
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
    ((_, words, make),) = [one for one in figures(view_of(run)) if one[0] == "response-delay"]
    assert f"n = {line['requests']['contact']} contacts," in all_words(make())
    assert f"{line['requests']['contact']} contacts," in words


def test_histograms_of_lines_add_up_to_that_of_the_channel() -> None:
    one, other = [3, 5, 900, 70_000], [1, 5, 5]
    edges, counts = merge_histograms([synthetic.histogram_of(one), synthetic.histogram_of(other)])
    np.testing.assert_array_equal(counts, np.histogram([*one, *other], edges)[0])
    assert counts.sum() == 7


def test_histograms_of_different_grids_are_refused() -> None:
    with pytest.raises(ValueError, match="is cut by"):
        merge_histograms([{"edges": [0, 10], "counts": [1]}, {"edges": [5, 15], "counts": [1]}])


# Axes of time


@pytest.mark.parametrize("horizon", [1, 50, 119, 3600, 86_400, 3 * DAY, 126 * DAY, 20_000 * DAY, 73_000 * DAY])
def test_ticks_are_few_and_within(horizon: int) -> None:
    unit, places = ticks(horizon, 7)
    assert 1 <= len(places) <= 8
    assert places[0] == 0
    assert places[-1] <= horizon
    assert all(place % unit.seconds == 0 for place in places)


@pytest.mark.parametrize("span", [(1, 2), (1, 100_000), (10, 10**7), (3600, 7200)])
def test_logarithmic_ticks_are_round_durations(axes: Axes, span: tuple[int, int]) -> None:
    log_duration_axis(axes, *span)
    assert all(span[0] <= place <= span[1] for place in axes.get_xticks())


# Files


def digest(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


PICTURES = ("first-contact", "response-delay", "survival-channels", "survival-groups", "survival-lines")


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
