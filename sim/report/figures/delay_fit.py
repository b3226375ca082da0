"""Delay distributions against the times they were fitted to: all families as shares, the chosen one by quantiles."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.report.figures.panels import heading, key, key_layout
from sim.report.format import DAY, UNITS, duration, listing, plain, several
from sim.report.style import LIGHT, Theme, canvas, context, save

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.report.figures.panels import Entry
    from sim.stats.fit import Fit, Fits

Floats = NDArray[np.float64]
POINTS = 240
"""Of a curve; enough to look smooth at the size of the panel."""
ROUND = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 43_200, DAY, 2 * DAY, 4 * DAY)
"""Seconds at which an axis may have a tick; from there on each is twice the last."""
PERCENT = ([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])


def fit_axes(axes: Axes, fits: Fits, theme: Theme = LIGHT) -> list[Entry]:
    """Draw each family's share of times ended by t, and the times themselves; the entries of the key.

    The i-th of n times, smallest first, stands at the height (i − ½)/n, as a bar as long as the interval in which it
    lies. The band is that of the first family (`Fit.cdf_band`).
    """
    low, high = span(fits)
    at = np.geomspace(low, high, POINTS)
    signs: list[Artist] = []
    for fit, look in zip(fits.fits, theme.looks, strict=False):
        (line,) = axes.plot(at, fit.cdf(at), color=look.colour, linestyle=look.dash, gid=f"curve {fit.family}")
        signs.append(line)
    order, heights = ranked(fits)
    bars = axes.hlines(
        heights,
        fits.times.low[order].clip(min=low),
        fits.times.high[order],
        color=theme.ink,
        linewidth=2.4,
        gid="times",
    )
    axes.plot(fits.times.middles[order], heights, "|", color=theme.ink, markersize=9, zorder=4)
    signs.append(bars)
    if fits.best.resampled is not None:
        lower, upper = fits.best.cdf_band(at)
        signs.append(
            axes.fill_between(at, lower, upper, color=theme.looks[0].colour, alpha=0.18, linewidth=0, gid="band")
        )
    axes.set(xscale="log", xlim=(low, high))
    axes.set_xticks(*ticks(low, high))
    axes.minorticks_off()
    axes.set_xlabel("time (logarithmic)")
    axes.set_ylabel("share ended by then")
    axes.set_ylim(0, 1)
    axes.set_yticks(*PERCENT)
    return list(zip(signs, _meanings(fits), strict=True))


def _meanings(fits: Fits) -> list[str]:
    band = [f"95 % band of the {fits.best.family}"] * (fits.best.resampled is not None)
    return [*(f"{fit.family}, AIC {fit.aic:.1f}" for fit in fits.fits), "observed, from … to", *band]


def quantile_axes(axes: Axes, fits: Fits, theme: Theme = LIGHT) -> None:
    """Draw the ordered times against those that the first family expects, both logarithmic.

    The i-th of n stands over the fit's quantile at (i − ½)/n. The band is the 95 % range of each ordered time
    (`Fit.order_band`).
    """
    fit, times = fits.best, fits.times
    low, high = span(fits)
    order, heights = ranked(fits)
    expected = fit.quantile(heights)
    lower, upper = fit.order_band(times.n)
    look = theme.looks[0]
    axes.fill_between(expected, lower, upper, color=look.colour, alpha=0.18, linewidth=0, gid="band")
    axes.plot([low, high], [low, high], color=look.colour, gid="equal")
    axes.vlines(expected, times.low[order].clip(min=low), times.high[order], color=theme.ink, linewidth=2.4)
    axes.plot(expected, times.middles[order], "_", color=theme.ink, markersize=9, zorder=4, gid="quantiles")
    axes.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high))
    axes.set_xticks(*ticks(low, high, most=4))
    axes.set_yticks(*ticks(low, high, most=4))
    axes.minorticks_off()
    axes.set_xlabel(f"expected of the {fit.family}")
    axes.set_ylabel("observed")


def fit_figure(title: str, fits: Fits, theme: Theme = LIGHT) -> Figure:
    """Both panels. Raises ValueError where a time has no upper end, because it has no place among the ordered ones."""
    if not fits.times.ended:
        raise ValueError("a time without an upper end has no place in the picture")
    width, height = 11.0, 5.3
    figure = canvas(width, height)
    over = 1.0 + key_layout(width, [(figure, text) for text in _meanings(fits)])[1]
    under = 0.66
    tall = height - over - under
    left = figure.add_axes((0.075, under / height, 0.505, tall / height))
    right = figure.add_axes((0.685, under / height, 0.295, tall / height))
    entries = fit_axes(left, fits, theme)
    quantile_axes(right, fits, theme)
    left.set_title("share ended by then", loc="left", fontsize=10.5)
    right.set_title("observed against expected, 95 % range", loc="left", fontsize=10.5)
    heading(figure, title, f"n = {several(fits.times.n, 'time')}; shaded left: what so few times leave open")
    key(figure, entries)
    return figure


def draw_fit(title: str, fits: Fits, file: Path, theme: Theme = LIGHT) -> None:
    """Draw it into a PNG or SVG, with its description inside.

    Raises ValueError for another ending of the name or a time without an upper end, OSError where the file cannot be
    written.
    """
    with context(theme):
        save(fit_figure(plain(title), fits, theme), file, describe(plain(title), fits))


def describe(title: str, fits: Fits) -> str:
    """What the picture shows, in words."""
    middles = np.sort(fits.times.middles)
    families = listing([f"{fit.family} (AIC {fit.aic:.1f})" for fit in fits.fits])
    outside = len(outliers(fits.best, fits))
    where = "none lies" if not outside else f"{several(outside, 'time')} {'lies' if outside == 1 else 'lie'}"
    between = f"from {duration(float(middles[0]))} to {duration(float(middles[-1]))}"
    return (
        f"{title}. {several(fits.times.n, 'time')} {between}, "
        f"against {families}. In the quantile plot of the {fits.best.family} {where} outside the 95 % range."
    )


def outliers(fit: Fit, fits: Fits) -> list[int]:
    """The ranks, from 1, of the ordered times that lie outside the 95 % range of their rank."""
    order, _ = ranked(fits)
    lower, upper = fit.order_band(fits.times.n)
    middles = fits.times.middles[order]
    return [place + 1 for place in range(fits.times.n) if not lower[place] <= middles[place] <= upper[place]]


def ranked(fits: Fits) -> tuple[NDArray[np.intp], Floats]:
    """The order of the times by their middles, and the share (i − ½)/n of each place."""
    n = fits.times.n
    return np.argsort(fits.times.middles, kind="stable"), (np.arange(1, n + 1) - 0.5) / n


def ticks(low: int, high: int, most: int = 6) -> tuple[list[int], list[str]]:
    """Round times in [low, high], at most `most` + 1 and evenly apart on a logarithmic axis, and their texts."""
    rounds = [*ROUND, *(ROUND[-1] * 2**k for k in range(1, 40))]
    apart = (high / low) ** (1 / most)
    places: list[int] = []
    for place in rounds:
        if low <= place <= high and (not places or place >= places[-1] * apart):
            places.append(place)
    return places, [_short(place) for place in places]


def _short(seconds: int) -> str:
    unit = next(unit for unit in reversed(UNITS) if seconds % unit.seconds == 0)
    return f"{seconds // unit.seconds:,} {unit.sign}"


def span(fits: Fits) -> tuple[int, int]:
    """The ends of the axis in seconds: what the times and the outer ranges of the first family take."""
    lower, upper = fits.best.order_band(fits.times.n)
    middles = fits.times.middles
    low = min(float(middles.min()), float(lower[0])) / 1.25
    high = max(float(fits.times.high.max()), float(upper[-1])) * 1.25
    return max(1, math.floor(low)), math.ceil(high)
