"""Delay distributions against the times they were fitted to: all families as shares, the chosen one by quantiles."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.report.figures.axes import log_duration_axis, share_axis
from sim.report.figures.panels import Entry, band_sign, line_sign, sheet
from sim.report.format import duration, listing, plain, several
from sim.report.style import LIGHT, Theme, context, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.stats.fit import Fit, Fits

Floats = NDArray[np.float64]
POINTS = 240
"""Of a curve; enough to look smooth at the size of the panel."""


def fit_axes(axes: Axes, fits: Fits, theme: Theme = LIGHT) -> None:
    """Draw each family's share of times ended by t, and the times themselves.

    The i-th of n times, smallest first, stands at the height (i − ½)/n, as a bar as long as the interval in which it
    lies. The band is that of the first family (`Fit.cdf_band`).
    """
    low, high = span(fits)
    at = np.geomspace(low, high, POINTS)
    for fit, look in zip(fits.fits, theme.looks, strict=False):
        axes.plot(at, fit.cdf(at), color=look.colour, linestyle=look.dash, gid=f"curve {fit.family}")
    order, heights = ranked(fits)
    axes.hlines(
        heights,
        fits.times.low[order].clip(min=low),
        fits.times.high[order],
        color=theme.ink,
        linewidth=2.4,
        gid="times",
    )
    axes.plot(fits.times.middles[order], heights, "|", color=theme.ink, markersize=9, zorder=4)
    lower, upper = fits.best.cdf_band(at)
    axes.fill_between(at, lower, upper, color=theme.looks[0].colour, alpha=0.18, linewidth=0, gid="band")
    axes.set(xscale="log", xlim=(low, high))
    log_duration_axis(axes.xaxis)
    axes.set_xlabel("time (logarithmic)")
    axes.set_ylabel("share ended by then")
    axes.set_ylim(0, 1)
    share_axis(axes.yaxis)


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
    log_duration_axis(axes.xaxis, most=4)
    log_duration_axis(axes.yaxis, most=4)
    axes.set_xlabel(f"expected of the {fit.family}")
    axes.set_ylabel("observed")


def fit_figure(title: str, fits: Fits, theme: Theme = LIGHT) -> Figure:
    """Both panels. Raises ValueError where a time has no upper end, because it has no place among the ordered ones."""
    if not fits.times.ended:
        raise ValueError("a time without an upper end has no place in the picture")
    figure, body = sheet(
        title,
        f"n = {several(fits.times.n, 'time')}; shaded left: what so few times leave open",
        11.0,
        4.2,
        _signs(fits, theme),
    )
    left, right = body.subplots(1, 2, width_ratios=(1.6, 1))
    fit_axes(left, fits, theme)
    quantile_axes(right, fits, theme)
    left.set_title("share ended by then", loc="left", fontsize=10.5)
    right.set_title("observed against expected, 95 % range", loc="left", fontsize=10.5)
    return figure


def _signs(fits: Fits, theme: Theme) -> list[Entry]:
    entries: list[Entry] = []
    for fit, look in zip(fits.fits, theme.looks, strict=False):
        shown: Any = {"color": look.colour, "linestyle": look.dash}
        entries.append(line_sign(f"{fit.family}, AIC {fit.aic:.1f}", **shown))
    entries.append(line_sign("observed, from … to", color=theme.ink, linewidth=2.4))
    entries.append(band_sign(theme, f"95 % band of the {fits.best.family}", 0.18))
    return entries


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


def span(fits: Fits) -> tuple[int, int]:
    """The ends of the axis in seconds: what the times and the outer ranges of the first family take."""
    lower, upper = fits.best.order_band(fits.times.n)
    middles = fits.times.middles
    low = min(float(middles.min()), float(lower[0])) / 1.25
    high = max(float(fits.times.high.max()), float(upper[-1])) * 1.25
    return max(1, math.floor(low)), math.ceil(high)
