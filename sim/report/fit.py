"""Report of a fit of delays: the families compared, and the best one as a scenario takes it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sim.report.document import Block, Section, Table, Words
from sim.report.format import NOTHING, Cell, measured, plain, several, waits
from sim.scenario.units import duration_text
from sim.stats.fit import Fit, Fits

LIKELY = 2.0
"""Differences in AIC up to this say next to nothing (Burnham and Anderson, Model Selection, 2002, section 2.6)."""

LARGEST = 1e12
"""An end of an interval beyond this, in seconds or as a number, is open."""

DIGITS = 6
"""Significant digits of the numbers in JSON; further ones may differ between processors."""

PLAIN_NUMBERS = frozenset({"shape", "sigma"})


def fit_section(name: str, fits: Fits) -> Section:
    """The fits to one series."""
    times = fits.times
    going_on = sum(math.isinf(high) for high in times.high)
    coarse = sum(low < high for low, high in zip(times.low, times.high, strict=True)) - going_on
    notes = [several(times.n, "time")]
    notes += [f"{fits.ignored} more from 0 s on, which says nothing"] * bool(fits.ignored)
    notes += [f"{coarse} known to an interval"] * bool(coarse) + [f"{going_on} without an end"] * bool(going_on)
    head = ("family", "AIC", "BIC", "A²", "p", "parameters, 95 % intervals")
    rows = tuple(_row(fit) for fit in fits.fits)
    close = [fit.family for fit in fits.fits if fit.aic - fits.best.aic <= LIKELY]
    left_out = (Words(f"Left out: {family}, because {reason}.") for family, reason in fits.left_out.items())
    blocks: tuple[Block, ...] = (
        Table("", head, rows),
        Words(_verdict(close, len(fits.fits))),
        *left_out,
        Words(f"delay: {as_written(fits.best)}"),
    )
    return Section("fit", f"{plain(name) or 'times'}: {', '.join(notes)}", blocks)


def _verdict(close: list[str], n: int) -> str:
    if n == 1:
        return f"{close[0]} is the only family with a fit."
    if len(close) == 1:
        return f"{close[0]} has the lowest AIC, by more than {LIKELY:g}."
    those = "all" if len(close) == n else f"the first {len(close)}"
    return f"{close[0]} has the lowest AIC; {those} are within {LIKELY:g} of it: no clear difference for these times."


def _row(fit: Fit) -> tuple[str, ...]:
    found = fit.goodness
    about = (NOTHING, NOTHING) if found is None else (f"{found.statistic:.2f}", f"{found.p_value:.2f}")
    parameters = (f"{name} {_parameter(fit, name, value)}" for name, value in fit.parameters.items())
    return (fit.family, f"{fit.aic:.2f}", f"{fit.bic:.2f}", *about, ", ".join(parameters))


def _parameter(fit: Fit, name: str, value: float) -> Cell:
    measure = _plain_numbers if name in PLAIN_NUMBERS else waits
    low, high = fit.intervals[name]
    cell = measured(measure, value, low, high if high <= LARGEST else None)
    text = cell.text if value <= LARGEST else "∞"
    return Cell(text, cell.interval.replace("…", "∞"))


def _plain_numbers(values: Sequence[float]) -> tuple[list[str], str]:
    return [f"{one:.2f}" for one in values], ""


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
