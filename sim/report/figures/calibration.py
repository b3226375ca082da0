"""Pictures of a calibration, and of a forecast as it moved with the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.report.calibration import ends, short
from sim.report.format import DAY, MONTHS, plain, share, unit_for
from sim.report.style import LIGHT, Theme, canvas, context, label, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.calibration.fit import Calibration
    from sim.calibration.forecast import Forecast

_POINTS = 1500
_MOST_NUMBERS = 24


def draw_calibration(found: Calibration, file: Path, theme: Theme = LIGHT) -> None:
    """Prior against posterior of each number, and the two numbers that the record ties to each other most.

    Raises ValueError for a name that ends in neither .png nor .svg, OSError where it cannot be written.
    """
    numbers = found.numbers[:_MOST_NUMBERS]
    pair = tied(found)
    with context(theme):
        figure = canvas(11.0, max(4.2, 1.6 + 0.42 * len(numbers)))
        title = label(f"What the record says of the numbers: {plain(found.scenario.title)}")
        figure.suptitle(title, x=0.012, ha="left", fontsize=12)
        if pair is None:
            intervals(figure.subplots(), found, theme)
        else:
            left, right = figure.subplots(1, 2, width_ratios=(1.45, 1.0))
            intervals(left, found, theme)
            ridge(right, found, pair, theme)
        figure.tight_layout(rect=(0, 0, 1, 0.97))
        save(figure, file, describe_calibration(found))


def intervals(axes: Axes, found: Calibration, theme: Theme = LIGHT) -> Axes:
    """By number, the middle 50 and 90 % of prior and posterior, in normal scores of the prior."""
    numbers = found.numbers[:_MOST_NUMBERS]
    prior, posterior = theme.soft, theme.looks[0].colour
    scores = found.sample.scores
    for row, number in enumerate(numbers):
        low, first, middle, third, high = found.sample.quantile(scores[:, row], (0.05, 0.25, 0.5, 0.75, 0.95))
        axes.plot([-1.645, 1.645], [row - 0.16] * 2, color=prior, linewidth=1.6, label="prior" if row == 0 else None)
        axes.plot([-0.674, 0.674], [row - 0.16] * 2, color=prior, linewidth=4.5, alpha=0.6)
        name = "given the record" if row == 0 else None
        axes.plot([low, high], [row + 0.16] * 2, color=posterior, linewidth=1.6, label=name)
        axes.plot([first, third], [row + 0.16] * 2, color=posterior, linewidth=4.5)
        axes.plot([middle], [row + 0.16], marker="|", color=theme.paper, markersize=7)
        text = " – ".join(ends(number.posterior, number.unit))
        axes.annotate(
            label(text), (1.0, row), xycoords=("axes fraction", "data"), ha="right", va="center", fontsize=8.5
        )
    axes.set_yticks(range(len(numbers)), [label(short(number.path)) for number in numbers])
    axes.set_ylim(len(numbers) - 0.4, -0.6)
    axes.set_xlim(-3.2, 4.6)
    axes.set_xticks([-1.645, 0, 1.645], ["prior 5 %", "median", "95 %"])
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("place in the prior (thick 50 %, thin 90 %)")
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, frameon=False, fontsize=9)
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
    axes.scatter(priors[0], priors[1], s=5, color=theme.soft, alpha=0.25, linewidths=0, label="prior")
    axes.scatter(
        columns[0], columns[1], s=7, color=theme.looks[0].colour, alpha=0.5, linewidths=0, label="given the record"
    )
    for axis, values, which in ((axes.xaxis, priors[0], "x"), (axes.yaxis, priors[1], "y")):
        low, high = np.quantile(values, [0.01, 0.99])
        if low > 0 and high / low > 20:
            (axes.set_xscale if which == "x" else axes.set_yscale)("log")
            axis.set_major_formatter(lambda number, _: f"{number:g}")
        (axes.set_xlim if which == "x" else axes.set_ylim)(low * 0.9, high * 1.05)
    axes.set_xlabel(label(names[0]))
    axes.set_ylabel(label(names[1]))
    axes.set_title("The pair that the record ties most", fontsize=10, loc="left")
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.045), ncols=2, frameon=False, fontsize=9, markerscale=2.5)
    return axes


def describe_calibration(found: Calibration) -> str:
    """The picture in words."""
    told = "; ".join(
        f"{short(number.path)}: prior {' to '.join(ends(number.prior, number.unit))}, "
        f"given the record {' to '.join(ends(number.posterior, number.unit))}, "
        f"{number.verdict}"
        for number in found.numbers[:_MOST_NUMBERS]
    )
    return f"What the record says of the numbers of {plain(found.scenario.title)} (90 % intervals). {told}."


def draw_moving(forecasts: Sequence[Forecast], lines: Sequence[str], file: Path, theme: Theme = LIGHT) -> None:
    """Forecasts of several dates, a panel for each line: what was expected when, and what came of it."""
    scenario = forecasts[0].scenario
    with context(theme):
        figure = canvas(9.5, 1.3 + 2.9 * len(lines))
        panels = np.atleast_1d(figure.subplots(len(lines), 1, sharex=True))
        for axes, line in zip(panels.tolist(), lines, strict=True):
            moving(axes, forecasts, line, theme)
        panels[-1].set_xlabel("as known when this day began")
        figure.suptitle(
            label(f"The next contact, as it was to be expected: {plain(scenario.title)}"), x=0.012, ha="left"
        )
        figure.tight_layout(rect=(0, 0, 1, 0.98))
        save(figure, file, describe_moving(forecasts, lines))


def moving(axes: Axes, forecasts: Sequence[Forecast], line: str, theme: Theme = LIGHT) -> Axes:
    """One line: by date of forecast, the date of the next contact: median, middle 50 and 90 %; the end of the clock
    where they are not reached. It begins with the first word of the record on the line; its contact is marked."""
    scenario = forecasts[0].scenario
    place = [one.name for one in scenario.lines].index(line)
    forecasts = [one for one in forecasts if place in one.evidence.lines] or forecasts
    horizon, look = scenario.horizon / DAY, theme.looks[0]
    made = [one.second / DAY for one in forecasts]
    first, last = made[0] - 1, made[-1] + 1
    chances = [next(item for item in one.lines if item.line == line) for one in forecasts]
    reached = np.array(
        [[horizon if day is None else at + day for day in one.days] for at, one in zip(made, chances, strict=True)]
    )
    over = [one.before_end == 0.0 for one in chances]
    upto = over.index(True) if True in over else len(over)
    x, y = made[:upto], reached[:upto]
    if upto:
        axes.fill_between(x, y[:, 0], y[:, 4], color=look.colour, alpha=0.18, linewidth=0, label="90 %")
        axes.fill_between(x, y[:, 1], y[:, 3], color=look.colour, alpha=0.35, linewidth=0, label="50 %")
        axes.plot(x, y[:, 2], color=look.colour, marker="o", markersize=3.5, label="median")
    axes.axhline(horizon, color=theme.soft, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.annotate(
        "end of the clock", (0.995, horizon), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=8.5
    )
    for entry in scenario.record:
        if entry.line == line and entry.kind == "contact":
            day = 0.5 * (entry.start + entry.end) / DAY
            axes.axhline(day, color=theme.record, linewidth=1.1, linestyle=(0, (1.5, 1.5)))
            # Where the day itself is as late as the contact, its line would run through the words.
            end = day if first + 0.3 * (last - first) < day < last else last
            right = end - 0.01 * (last - first)
            axes.annotate("contact on record", (right, day), ha="right", va="bottom", fontsize=8.5)
    axes.plot([0, horizon], [0, horizon], color=theme.soft, linewidth=0.8, label="the day itself")
    axes.set_xlim(first, last)
    axes.set_ylim(min(made[0], 0), horizon * 1.09)
    axes.set_title(label(line), loc="left", fontsize=10.5)
    for axis, places in ((axes.xaxis, _mondays(made[0], made[-1])), (axes.yaxis, _mondays(0, horizon))):
        axis.set_ticks(places, [_date(forecasts[0], place) for place in places])
    axes.set_ylabel("next contact")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4, frameon=False, fontsize=9)
    return axes


def _mondays(first: float, last: float) -> list[float]:
    """About six round places between two days."""
    step = max(1, round((last - first) / 6 / 7)) * 7
    return [float(day) for day in range(int(first), int(last) + 1, step)]


def _date(forecast: Forecast, day: float) -> str:
    moment = forecast.scenario.start + timedelta(days=day)
    return f"{moment.day} {MONTHS[moment.month - 1]}"


def describe_moving(forecasts: Sequence[Forecast], lines: Sequence[str]) -> str:
    """The picture in words."""
    parts = []
    for line in lines:
        told = []
        for one in forecasts:
            item = next(item for item in one.lines if item.line == line)
            told.append(f"{one.date} {share(min(1.0, item.before_end))}")
        parts.append(f"{line}, chance of a contact to come before the end: {', '.join(told)}")
    return f"The next contact as it was to be expected from each date. {'; '.join(parts)}."
