"""`summary.json`: what a run found, as plain numbers. Its form is in `docs/reference/summary.schema.json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.engines.contract import REQUEST_ENDS
from sim.stats.first_contact import FirstContact, OrderStatistics, count_times
from sim.stats.intervals import LEVEL
from sim.stats.responses import binned_quantile, response_summary
from sim.stats.survival import no_contact, order_statistics, probability, quantiles, restricted_mean, within
from sim.stats.totals import Totals, interval_unit

if TYPE_CHECKING:
    from sim.scenario.program import Program

FORMAT = 2
QUANTILES = (Fraction(1, 2), Fraction(1, 10), Fraction(9, 10))
"""Of first-contact times, in the order in which they are worked out."""

SIMULATED = "simulated"
"""Estimator of a column whose contacts were simulated and counted."""

WITHIN_NAMES = ("1 d", "7 d", "30 d")
NO_CONTACT = "none"
"""Key of the share of replications without contact in `first_channel` and `first_side`; no channel has this name."""

BUSY = "busy"


def summarise(
    program: Program,
    totals: Totals,
    seed: int,
    engine: str,
    reasons: Mapping[str, Sequence[str]],
    rows: Mapping[str, OrderStatistics] | None = None,
) -> dict[str, Any]:
    """The summary of a run.

    reasons  by line, the reasons that the scenario gives for its unanswered attempts; `busy` is added
    rows     made by `wanted_order_statistics`, with all rows added, where rows are kept: quantiles are then exact

    Depends on the numbers of the run alone, not on time, host, chunks or workers; only its key `engine` on the engine.
    """
    return {
        "format": FORMAT,
        "scenario": {"title": program.title, "sha256": program.sha256},
        "seed": seed,
        "replications": totals.replications,
        "engine": engine,
        "horizon_seconds": program.horizon,
        "interval_unit": "block" if program.uncertain else "replication",
        "interval_units": -(-totals.replications // interval_unit(program)),
        "first_contact": {
            name: first_contact_summary(column, rows[name] if rows else None) for name, column in totals.columns.items()
        },
        "lines": {
            name: _line(program, totals, index, reasons.get(name, ())) for index, name in enumerate(program.lines)
        },
        "first_channel": _shares(totals.first_channel, totals.replications),
        "first_side": _shares(totals.first_side, totals.replications),
    }


def wanted_order_statistics(totals: Totals) -> dict[str, OrderStatistics]:
    """The order statistics of a summary's quantiles, by column. Columns of the same lines share theirs."""
    made: dict[int, OrderStatistics] = {}
    for column in totals.columns.values():
        if id(column) not in made:
            made[id(column)] = order_statistics(column, QUANTILES)
    return {name: made[id(column)] for name, column in totals.columns.items()}


def first_contact_summary(column: FirstContact, rows: OrderStatistics | None = None) -> dict[str, Any]:
    """One entry of `first_contact`. `rows`: as for `quantiles`, made for `QUANTILES`."""
    median, p10, p90 = quantiles(column, QUANTILES, rows=rows)
    return {
        "estimator": SIMULATED,
        "contacts": column.contacts,
        "probability": {**probability(column).as_dict(), "level": LEVEL},
        "no_contact": no_contact(column).as_dict(),
        "median_seconds": median.as_dict(),
        "p10_seconds": p10.as_dict(),
        "p90_seconds": p90.as_dict(),
        "restricted_mean_seconds": restricted_mean(column).as_dict(),
        "within": dict(zip(WITHIN_NAMES, within(column), strict=True)),
    }


def summary_of_times(times: NDArray[np.int64], horizon: int, unit: int) -> dict[str, Any]:
    """`first_contact_summary` of a column from its times, (n,) seconds or negative: as in a run that keeps its rows."""
    column = count_times(times, horizon, unit)
    rows = order_statistics(column, QUANTILES)
    rows.add(times)
    return first_contact_summary(column, rows)


def _line(program: Program, totals: Totals, index: int, reasons: Sequence[str]) -> dict[str, Any]:
    taken = totals.attempts_taken[index]
    counted = dict(zip(program.reasons, totals.unanswered[index].tolist(), strict=True))
    # What the line cannot give is left out, but nothing that was counted is.
    shown = {name: count for name, count in counted.items() if count or name in reasons or name == BUSY}
    return {
        "attempts": int(totals.attempts[index]),
        "answered": int(totals.answered[index]),
        "unanswered": shown,
        "attempts_to_contact": {
            "median": binned_quantile(taken, Fraction(1, 2)),
            "p90": binned_quantile(taken, Fraction(9, 10)),
        },
        "requests": dict(zip(REQUEST_ENDS, totals.requests[index].tolist(), strict=True)),
        "response_from": "occurrence" if program.triggered[index] else "attempt",
        "response_seconds": response_summary(totals.response[index]),
    }


def _shares(firsts: Mapping[str, FirstContact], replications: int) -> dict[str, float]:
    counts = {name: column.contacts for name, column in firsts.items()}
    counts[NO_CONTACT] = replications - sum(counts.values())
    return {name: count / replications for name, count in counts.items()}
