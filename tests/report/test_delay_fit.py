"""Fits in words and as a picture: what is shown is what was fitted."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import pytest

from sim.report.figures.delay_fit import describe, draw_fit, fit_figure, outliers
from sim.report.fit import as_data, as_written, fit_section
from sim.report.terminal import console, show_section
from sim.rules.distributions import canonical
from sim.scenario import loads
from sim.stats.fit import FAMILIES, Fits, fit_delays
from tests.report.drawn import overlaps, points, spans, words

MINUTES = np.array([72.0, 280.0, 492.0, 141.0, 187.0, 66.0, 83.0])


@pytest.fixture(scope="module")
def fits() -> Fits:
    return fit_delays(MINUTES * 60 - 60, MINUTES * 60 + 60, resamples=39)


def test_the_curves_are_the_fits_and_the_times_stand_where_they_belong(styled: None, fits: Fits) -> None:
    figure = fit_figure("Hotline", fits)
    left, right = figure.axes
    for fit in fits.fits:
        curve = points(left, f"curve {fit.family}")
        at, shares = np.array(curve).T
        assert shares == pytest.approx(fit.cdf(at), abs=1e-12)
    bars = spans(left, "times")
    assert [bar[:2] for bar in bars] == [((m - 1) * 60, (m + 1) * 60) for m in np.sort(MINUTES)]
    assert [bar[2] for bar in bars] == pytest.approx([(k + 0.5) / 7 for k in range(7)])
    shown = points(right, "quantiles")
    expected = fits.best.quantile((np.arange(7) + 0.5) / 7)
    assert [x for x, _ in shown] == pytest.approx(expected.tolist())
    assert [y for _, y in shown] == pytest.approx((np.sort(MINUTES) * 60).tolist())


def test_texts_have_room_and_say_what_is_meant(styled: None, fits: Fits) -> None:
    figure = fit_figure("Hotline", fits)
    assert overlaps(figure) == []
    text = words(figure)
    for fit in fits.fits:
        assert f"{fit.family}, AIC {fit.aic:.1f}" in text
    assert "n = 7 times" in text
    wide = fit_figure("Hotline", fit_delays([2.0, 900.0, 5e6, 8e8], families=["lognormal"], resamples=9))
    assert overlaps(wide) == []
    bare = fit_figure("Hotline", fit_delays([2.0, 3.0, 5.0], resamples=0))
    assert overlaps(bare) == []
    assert "95 % band of the" in words(bare)


def test_a_time_without_an_end_has_no_place(styled: None) -> None:
    with pytest.raises(ValueError, match="without an upper end"):
        fit_figure("Hotline", fit_delays([60, 70, 80, 90], [60, 70, 80, math.inf]))


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_file_is_the_same_each_time_and_describes_itself(tmp_path: Path, fits: Fits, ending: str) -> None:
    one, two = tmp_path / f"one.{ending}", tmp_path / f"two.{ending}"
    draw_fit("Hotline", fits, one)
    draw_fit("Hotline", fits, two)
    assert one.read_bytes() == two.read_bytes()
    assert b"Hotline. 7 times from 66 min to 8.2 h, against lognormal (AIC" in one.read_bytes()


def test_times_outside_their_range_are_counted(fits: Fits) -> None:
    assert outliers(fits.best, fits) == []
    assert "none lies outside the 95 % range" in describe("Hotline", fits)
    heaps = fit_delays([*range(50, 60), *range(5_000, 5_010)], families=["exponential"], resamples=0)
    assert outliers(heaps.best, heaps)
    assert "lie outside the 95 % range" in describe("Hotline", heaps)


def lines_of(name: str, fits: Fits) -> list[str]:
    stream = io.StringIO()
    show_section(fit_section(name, fits), console(stream, width=100))
    return stream.getvalue().splitlines()


def test_the_words(fits: Fits) -> None:
    lines = lines_of("reply", fits)
    assert lines[1] == "reply: 7 times, 7 known to an interval"
    assert max(map(len, lines)) <= 100
    rows = [line for line in lines if line.startswith("  ") and line.split()[0] in {fit.family for fit in fits.fits}]
    assert [row.split()[0] for row in rows[:5]] == [fit.family for fit in fits.fits]
    told = "  lognormal has the lowest AIC; all are within 2 of it: no clear difference for these times."
    assert told in lines
    heaps = fit_delays([*range(50, 60), *range(5_000, 5_010)], families=["exponential", "weibull"], resamples=0)
    assert "  weibull has the lowest AIC, by more than 2." in lines_of("", heaps)
    assert any("–   –  " in line for line in lines_of("", heaps))
    mixed = fit_delays([60, 70, 80, 90], [60, 75, 80, math.inf], families=["gamma"])
    assert lines_of("x", mixed)[1] == "x: 4 times, 1 known to an interval, 1 without an end"


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_written_is_a_distribution_of_the_language(fits: Fits, family: str) -> None:
    fit = fits.of(family)
    scenario = loads(
        "scenario: 1\nclock: {start: 2024-01-01, end: 2024-02-01}\nsides: {A: {timezone: UTC}}\n"
        "officials: {a: {side: A}, b: {side: A}}\nchannels: {c: {}}\n"
        f"lines: {{l: {{caller: a, callee: b, channel: c, every: 1 d, answer: 1, delay: {as_written(fit)}}}}}\n"
    )
    given = scenario.lines[0].delay.given
    assert set(given) == set(fit.parameters)
    for name, value in fit.parameters.items():
        assert given[name] == pytest.approx(value, rel=5e-4)
    assert canonical(family, fit.parameters).quantile(0.5) == pytest.approx(float(fit.quantile(0.5)), rel=1e-5)


def test_the_data(fits: Fits) -> None:
    found = as_data(fits)
    assert [one["family"] for one in found["families"]] == [fit.family for fit in fits.fits]
    assert found["times"][0] == {"at_least": 4260.0, "at_most": 4380.0}
    best = found["families"][0]
    assert best["parameters"]["median"]["estimate"] == pytest.approx(fits.best.parameters["median"], rel=5e-6)
    assert best["written"] == as_written(fits.best)
    assert 0 < best["p_value"] <= 1
    open_ended = as_data(fit_delays([60, 70, 80, 90], [60, 75, 80, math.inf], families=["gamma"]))
    assert open_ended["times"][3]["at_most"] is None
    assert open_ended["families"][0]["p_value"] is None
