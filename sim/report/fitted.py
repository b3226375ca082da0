"""Fits of delays in words: the table that compares the families, and the line for a scenario."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from sim.report.format import duration, plain, several
from sim.scenario.units import duration_text
from sim.stats.fit import Fit, Fits

LIKELY = 2.0
"""Differences in AIC up to this say next to nothing (Burnham and Anderson, Model Selection, 2002, section 2.6)."""

PLAIN_NUMBERS = frozenset({"shape", "sigma"})


def fit_lines(name: str, fits: Fits) -> list[str]:
    """The fits to one series, as lines that fit a page 100 characters wide."""
    times = fits.times
    going_on = sum(math.isinf(high) for high in times.high)
    coarse = sum(low < high for low, high in zip(times.low, times.high, strict=True)) - going_on
    notes = [several(times.n, "time")]
    notes += [f"{coarse} known to an interval"] * bool(coarse) + [f"{going_on} without an end"] * bool(going_on)
    lines = [f"{plain(name) or 'times'}: {', '.join(notes)}", ""]
    rows = [("", "AIC", "BIC", "A²", "p", "parameters, 95 % intervals"), *(_row(fit, fits) for fit in fits.fits)]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(row[k].rjust(widths[k]) for k in range(1, 5)), row[5]]
        lines.append(f"  {'  '.join(cells)}".rstrip())
    close = [fit.family for fit in fits.fits if fit.aic - fits.best.aic <= LIKELY]
    lines += ["", f"  {_verdict(close, len(fits.fits))}", f"  delay: {as_written(fits.best)}"]
    return lines


def _verdict(close: list[str], n: int) -> str:
    if len(close) == 1:
        return f"{close[0]} has the lowest AIC, by more than {LIKELY:g}."
    those = "all" if len(close) == n else f"the first {len(close)}"
    return f"{close[0]} has the lowest AIC; {those} lie within {LIKELY:g} of it, which these times cannot tell apart."


def _row(fit: Fit, fits: Fits) -> tuple[str, ...]:
    found = fit.resampled
    about = ("–", "–") if found is None else (f"{found.statistic:.2f}", f"{found.p_value:.2f}")
    return (fit.family, f"{fit.aic:.2f}", f"{fit.bic:.2f}", *about, ", ".join(_parameters(fit)))


def _parameters(fit: Fit) -> Iterable[str]:
    for name, value in fit.parameters.items():
        interval = "" if fit.resampled is None else _between(name, *fit.resampled.intervals[name])
        yield f"{name} {_number(name, value)}{interval}"


def _between(name: str, low: float, high: float) -> str:
    return f" [{_number(name, low)}–{_number(name, high)}]"


def _number(name: str, value: float) -> str:
    return f"{value:.2f}" if name in PLAIN_NUMBERS else duration(value)


def as_written(fit: Fit) -> str:
    """The fit as a distribution of the scenario language: ``{lognormal: {median: 8786 s, sigma: 0.697}}``.

    Durations are whole seconds, other numbers have four significant digits.
    """
    own = (
        f"{name}: {f'{value:.4g}' if name in PLAIN_NUMBERS else duration_text(max(1.0, math.floor(value + 0.5)))}"
        for name, value in fit.parameters.items()
    )
    return f"{{{fit.family}: {{{', '.join(own)}}}}}"


def as_data(fits: Fits) -> dict[str, Any]:
    """The fits to one series for JSON; durations in seconds, an infinite end is null."""
    return {
        "times": [
            {"at_least": float(low), "at_most": float(high) if math.isfinite(high) else None}
            for low, high in zip(fits.times.low, fits.times.high, strict=True)
        ],
        "families": [_family(fit) for fit in fits.fits],
    }


def _family(fit: Fit) -> dict[str, Any]:
    found = fit.resampled
    return {
        "family": fit.family,
        "written": as_written(fit),
        "parameters": {
            name: {
                "estimate": value,
                "low": None if found is None else found.intervals[name][0],
                "high": None if found is None else found.intervals[name][1],
            }
            for name, value in fit.parameters.items()
        },
        "log_likelihood": fit.log_likelihood,
        "aic": fit.aic,
        "bic": fit.bic,
        "anderson_darling": None if found is None else found.statistic,
        "p_value": None if found is None else found.p_value,
    }
