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

LARGEST = 1e12
"""An end of an interval beyond this, in seconds or as a number, is open."""

DIGITS = 6
"""Significant digits of the numbers in JSON; further ones may differ between processors."""

PLAIN_NUMBERS = frozenset({"shape", "sigma"})


def fit_lines(name: str, fits: Fits) -> list[str]:
    """The fits to one series, as lines that fit a page 100 characters wide."""
    times = fits.times
    going_on = sum(math.isinf(high) for high in times.high)
    coarse = sum(low < high for low, high in zip(times.low, times.high, strict=True)) - going_on
    notes = [several(times.n, "time")]
    notes += [f"{fits.ignored} more from 0 s on, which says nothing"] * bool(fits.ignored)
    notes += [f"{coarse} known to an interval"] * bool(coarse) + [f"{going_on} without an end"] * bool(going_on)
    lines = [f"{plain(name) or 'times'}: {', '.join(notes)}", ""]
    rows = [("", "AIC", "BIC", "A²", "p", "parameters, 95 % intervals"), *(_row(fit, fits) for fit in fits.fits)]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(row[k].rjust(widths[k]) for k in range(1, 5)), row[5]]
        lines.append(f"  {'  '.join(cells)}".rstrip())
    close = [fit.family for fit in fits.fits if fit.aic - fits.best.aic <= LIKELY]
    lines += ["", f"  {_verdict(close, len(fits.fits))}"]
    lines += [f"  Left out: {family}, because {reason}." for family, reason in fits.left_out.items()]
    lines.append(f"  delay: {as_written(fits.best)}")
    return lines


def _verdict(close: list[str], n: int) -> str:
    if n == 1:
        return f"{close[0]} is the only family with a fit."
    if len(close) == 1:
        return f"{close[0]} has the lowest AIC, by more than {LIKELY:g}."
    those = "all" if len(close) == n else f"the first {len(close)}"
    return f"{close[0]} has the lowest AIC; {those} lie within {LIKELY:g} of it, which these times cannot tell apart."


def _row(fit: Fit, fits: Fits) -> tuple[str, ...]:
    found = fit.goodness
    about = ("–", "–") if found is None else (f"{found.statistic:.2f}", f"{found.p_value:.2f}")
    return (fit.family, f"{fit.aic:.2f}", f"{fit.bic:.2f}", *about, ", ".join(_parameters(fit)))


def _parameters(fit: Fit) -> Iterable[str]:
    for name, value in fit.parameters.items():
        low, high = fit.intervals[name]
        yield f"{name} {_number(name, value)} [{_number(name, low)}–{_number(name, high)}]"


def _number(name: str, value: float) -> str:
    if value > LARGEST:
        return "∞"
    return f"{value:.2f}" if name in PLAIN_NUMBERS else duration(value)


def as_written(fit: Fit) -> str:
    """The fit as a distribution of the scenario language: ``{lognormal: {median: 8786 s, sigma: 0.697}}``.

    Durations are whole seconds, other numbers have four significant digits.
    """
    numbers = {
        name: f"{value:.4g}" if name in PLAIN_NUMBERS else duration_text(max(1.0, math.floor(round(value, 6) + 0.5)))
        for name, value in fit.parameters.items()
    }
    own = (f"{name}: {number}" for name, number in numbers.items())
    return f"{{{fit.family}: {{{', '.join(own)}}}}}"


def as_data(fits: Fits) -> dict[str, Any]:
    """The fits to one series for JSON: durations in seconds, six significant digits, an open end null."""
    return {
        "times": [
            {"at_least": float(low), "at_most": float(high) if math.isfinite(high) else None}
            for low, high in zip(fits.times.low, fits.times.high, strict=True)
        ],
        "families": [_family(fit) for fit in fits.fits],
        "left_out": dict(fits.left_out),
    }


def _family(fit: Fit) -> dict[str, Any]:
    found = fit.goodness
    return {
        "family": fit.family,
        "written": as_written(fit),
        "parameters": {
            name: {
                "estimate": _kept(value),
                "low": _kept(fit.intervals[name][0]),
                "high": _kept(fit.intervals[name][1]),
            }
            for name, value in fit.parameters.items()
        },
        "log_likelihood": _kept(fit.log_likelihood),
        "aic": _kept(fit.aic),
        "bic": _kept(fit.bic),
        "anderson_darling": None if found is None else _kept(found.statistic),
        "p_value": None if found is None else _kept(found.p_value),
        "resamples": 0 if found is None else found.samples,
    }


def _kept(value: float) -> float | None:
    """The number to DIGITS significant digits; None where it is open."""
    return float(f"{value:.{DIGITS}g}") if abs(value) <= LARGEST else None
