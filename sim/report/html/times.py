"""Contact within fixed times, attempts and response times of a comparison, with what each difference is worth."""

from __future__ import annotations

from collections.abc import Sequence

from sim.report.differences import signed as signed_number
from sim.report.format import plain
from sim.report.html.contrasts import Label, Words, difference_cell, durations, estimate_cell, plainly, points, shares
from sim.report.html.contrasts import signed_durations as signed
from sim.report.html.document import Row, Table
from sim.stats.paired import ColumnComparison, Compared

WITHIN = {"within_1d": "24 h", "within_7d": "7 d", "within_30d": "30 d"}
"""Probabilities of contact within a time, and that time."""


def signed_counts(numbers: Sequence[float]) -> list[str]:
    """Without a unit, with their signs: ``+1.3``."""
    return [signed_number(one) for one in numbers]


TIMES: tuple[tuple[str, str, Words, Words], ...] = (
    ("attempts", "attempts", plainly, signed_counts),
    ("response_median_seconds", "median response", durations, signed),
    ("response_p90_seconds", "response, 9 in 10", durations, signed),
)


def further_tables(found: Compared, name: str, label: Label) -> tuple[Table, ...]:
    """What else is known of a column: contact within 24 h, 7 d and 30 d; attempts and response times. A table without
    a quantity that the column has is left out."""
    column = found.columns[name]
    soon = [(key, f"within {time}", shares, points) for key, time in WITHIN.items()]
    tables = (
        (f"{label(name)}: contact within a time", soon, "Times are counted from the start of the clock, and included."),
        (
            f"{label(name)}: attempts and response times",
            TIMES,
            "Attempts: per replication, on all lines of the column. A response time is from an attempt to the contact, "
            "or from the event where an event brings the requests about; it has an interval where there are answers "
            "enough for one.",
        ),
    )
    scenarios = [one for one in found.scenarios if one not in column.absent]
    return tuple(
        Table(caption, _head(shown), tuple(_row(column, one, found.base, shown) for one in scenarios), note=note)
        for caption, quantities, note in tables
        if (shown := [one for one in quantities if one[0] in column.estimates])
    )


def _head(shown: list[tuple[str, str, Words, Words]]) -> Row:
    return ("scenario", *(cell for _, words, _, _ in shown for cell in (words, "difference")))


def _row(column: ColumnComparison, scenario: str, base: str, shown: list[tuple[str, str, Words, Words]]) -> Row:
    cells = [
        cell
        for key, _, words, differs in shown
        for cell in (
            estimate_cell(column, key, scenario, words),
            "" if scenario == base else difference_cell(column, key, scenario, differs),
        )
    ]
    return (plain(scenario), *cells)
