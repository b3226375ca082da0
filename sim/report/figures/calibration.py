"""Prior against posterior of every uncertain number, and the pair of numbers that the record ties most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.report.calibration import ends, short
from sim.report.figures.panels import Entry, line_sign, row_names, sheet
from sim.report.format import plain, unit_for
from sim.report.style import LIGHT, Theme, context, label, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.calibration.fit import Calibration

_POINTS = 1500
_MOST_NUMBERS = 24


def draw_calibration(found: Calibration, file: Path, theme: Theme = LIGHT) -> None:
    """Prior against posterior of each number, and the two numbers that the record ties to each other most.

    Raises ValueError for a name that ends in neither .png nor .svg, OSError where it cannot be written.
    """
    with context(theme):
        save(calibration_figure(found, theme), file, describe_calibration(found))


def calibration_figure(found: Calibration, theme: Theme = LIGHT) -> Figure:
    """Intervals of all numbers at the left, draws of the pair that the record ties most at the right."""

    numbers, pair = found.numbers[:_MOST_NUMBERS], tied(found)
    prior, posterior = theme.soft, theme.looks[0].colour
    entries: list[Entry] = [
        line_sign("prior", color=prior, linewidth=3),
        line_sign("posterior: given the record", color=posterior, linewidth=3),
    ]
    title = f"What the record says of the numbers: {plain(found.scenario.title)}"
    note = "thick: middle 50 %; thin: middle 90 %; at the right, the middle 90 % of the posterior"
    figure, body = sheet(title, note, 11.0, max(3.6, 1.0 + 0.42 * len(numbers)), entries)
    if pair is None:
        intervals(body.subplots(), found, theme)
    else:
        left, right = body.subplots(1, 2, width_ratios=(1.45, 1.0))
        intervals(left, found, theme)
        ridge(right, found, pair, theme)
    return figure


def intervals(axes: Axes, found: Calibration, theme: Theme = LIGHT) -> Axes:
    """By number, the middle 50 and 90 % of prior and posterior, in normal scores of the prior."""
    numbers = found.numbers[:_MOST_NUMBERS]
    prior, posterior = theme.soft, theme.looks[0].colour
    scores = found.sample.scores
    for row, number in enumerate(numbers):
        low, first, middle, third, high = found.sample.quantile(scores[:, row], (0.05, 0.25, 0.5, 0.75, 0.95))
        axes.plot([-1.645, 1.645], [row - 0.16] * 2, color=prior, linewidth=1.6)
        axes.plot([-0.674, 0.674], [row - 0.16] * 2, color=prior, linewidth=4.5, alpha=0.6)
        axes.plot([low, high], [row + 0.16] * 2, color=posterior, linewidth=1.6)
        axes.plot([first, third], [row + 0.16] * 2, color=posterior, linewidth=4.5)
        axes.plot([middle], [row + 0.16], marker="|", color=theme.paper, markersize=7)
        text = " – ".join(ends(number.posterior, number.unit))
        axes.annotate(label(text), (1.01, row), xycoords=("axes fraction", "data"), va="center", fontsize=8.5)
    axes.annotate(
        "posterior", (1.01, 1.0), (0, 4), xycoords="axes fraction", textcoords="offset points", fontsize=8.5,
        fontweight="bold",
    )  # fmt: skip
    row_names(axes, [short(number.path) for number in numbers], 34)
    axes.set_xlim(-3.2, 3.2)
    axes.set_xticks([-1.645, 0, 1.645], ["prior 5 %", "median", "95 %"])
    axes.set_xlabel("place in the prior")
    return axes


def tied(found: Calibration) -> tuple[int, int] | None:
    """The two numbers with the strongest correlation under the posterior, or None where there is one number only."""
    scores, weights = found.sample.scores, found.sample.weights
    if scores.shape[1] < 2:
        return None
    away = scores - weights @ scores
    covariance = (weights[:, np.newaxis] * away).T @ away
    spread = np.sqrt(np.diag(covariance))
    correlation = np.abs(np.triu(covariance / np.outer(spread, spread), 1))
    first, second = np.unravel_index(int(np.argmax(correlation)), correlation.shape)
    return int(first), int(second)


def ridge(axes: Axes, found: Calibration, pair: tuple[int, int], theme: Theme = LIGHT) -> Axes:
    """Draws of two numbers: from the prior in grey, from the posterior in colour. Where the record tells only a product
    or a ratio of them, the draws lie along a ridge."""
    from sim.calibration.posterior import equal_draws
    from sim.scenario.program import solve

    generator = np.random.default_rng(1)
    rows = equal_draws(found.sample, _POINTS, found.seed)
    columns, priors, names = [], [], []
    for at in pair:
        number = found.scenario.uncertain[at]
        prior = solve(number.prior, {})
        unit = unit_for(prior.quantile(0.5)) if number.unit == "s" else None
        scale = unit.seconds if unit else 1.0
        columns.append(found.sample.numbers[rows, at] / scale)
        priors.append(np.array([prior.quantile(u) / scale for u in generator.random(_POINTS).tolist()]))
        names.append(f"{short(number.path)}{f' ({unit.plural})' if unit else ''}")
    axes.scatter(priors[0], priors[1], s=5, color=theme.soft, alpha=0.25, linewidths=0)
    axes.scatter(columns[0], columns[1], s=7, color=theme.looks[0].colour, alpha=0.5, linewidths=0)
    for axis, values, which in ((axes.xaxis, priors[0], "x"), (axes.yaxis, priors[1], "y")):
        low, high = np.quantile(values, [0.01, 0.99])
        if low > 0 and high / low > 20:
            (axes.set_xscale if which == "x" else axes.set_yscale)("log")
            axis.set_major_formatter(lambda number, _: f"{number:g}")
        (axes.set_xlim if which == "x" else axes.set_ylim)(low * 0.9, high * 1.05)
    axes.set_xlabel(label(names[0]))
    axes.set_ylabel(label(names[1]))
    axes.set_title("draws of the pair that the record ties most", fontsize=10, loc="left")
    return axes


def describe_calibration(found: Calibration) -> str:
    """The picture in words."""
    sentences = "; ".join(
        f"{short(number.path)}: prior {' to '.join(ends(number.prior, number.unit))}, "
        f"given the record {' to '.join(ends(number.posterior, number.unit))}, "
        f"{number.verdict}"
        for number in found.numbers[:_MOST_NUMBERS]
    )
    return f"What the record says of the numbers of {plain(found.scenario.title)} (90 % intervals). {sentences}."
