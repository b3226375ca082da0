"""The tables of a comparison: estimates of base and variants, and their differences."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NoReturn

from sim.report.html.contacts import NOTHING, labelled
from sim.report.html.document import Row, Table
from sim.report.view import View
from sim.report.words import count, decimal, duration, listing, plain, share
from sim.scenario.resolved import Scenario
from sim.stats.intervals import Estimate
from sim.stats.paired import ColumnComparison, Compared, Contrast

MEAN = "restricted_mean_seconds"
MINUS = "\N{MINUS SIGN}"

Label = Callable[[str], str]
"""What a person calls a column."""


def labels(base: Scenario) -> Label:
    """The labels of the columns of a scenario; a column that only a variant has keeps its name."""

    def nothing(name: str) -> NoReturn:
        raise KeyError(name)

    return functools.partial(labelled, View(base, {}, nothing))


def main_column(found: Compared) -> str:
    """The column of which the answer speaks: the scenario's first group, or any line where it has none."""
    return next((name for name in found.columns if name.startswith("group:")), "any")


def contrast_table(found: Compared, name: str, label: Label) -> Table:
    """The base and each variant in one column, with the differences."""
    column = found.columns[name]
    head = (
        "",
        "contact by the end",
        "difference",
        "median wait",
        "difference",
        "restricted mean",
        "difference",
        "sooner, later, the same",
        "attempts",
    )
    rows = [_row(column, one, found.base) for one in found.scenarios if one not in column.absent]
    absent = f" Without this column: {listing([plain(one) for one in column.absent])}." if column.absent else ""
    if found.base in column.absent:
        note = "The base does not have this column, so there are no differences."
    else:
        note = (
            f"Differences from the base, below them the intervals that hold together for all variants with "
            f"{share(found.level, 0)}. Sooner, later, the same: in what share of the replications the first contact "
            "was so. Attempts: per replication."
        )
    few = [plain(variant) for variant, order in column.order.items() if order.few]
    if few:
        note += f" So few replications changed with {listing(few)} that the intervals may not hold their level."
    return Table(label(name), head, tuple(rows), note=note + absent)


def _row(column: ColumnComparison, scenario: str, base: str) -> Row:
    def estimate(quantity: str, words: Callable[[float], str]) -> str:
        found = column.estimates.get(quantity, {}).get(scenario)
        return NOTHING if found is None else _estimate(found, words)

    def difference(quantity: str, words: Callable[[float], str]) -> str:
        found = column.contrasts.get(quantity, {}).get(scenario)
        return "" if scenario == base else NOTHING if found is None else change(found, words)

    order = column.order.get(scenario)
    moved = NOTHING if order is None else ", ".join(_share(one) for one in (order.sooner, order.later, order.same))
    return (
        plain(scenario),
        estimate("probability", share),
        difference("probability", points),
        estimate("median_seconds", duration),
        difference("median_seconds", signed_duration),
        estimate(MEAN, duration),
        difference(MEAN, signed_duration),
        "" if scenario == base else moved,
        estimate("attempts", decimal).partition("\n")[0],
    )


def _estimate(found: Estimate, words: Callable[[float], str]) -> str:
    if found.estimate is None:
        return "not reached" if found.low is None else f"not reached\nfrom {words(found.low)}"
    ends = "–".join("…" if end is None else words(end) for end in (found.low, found.high))
    return f"{words(found.estimate)}\n{ends}"


def _share(found: Estimate) -> str:
    return NOTHING if found.estimate is None else share(found.estimate)


def change(found: Contrast, words: Callable[[float], str]) -> str:
    """A difference with its simultaneous interval below it; open ends are said to be so."""
    if found.same:
        return "none"
    if found.estimate is None:
        low, high = found.low_all, found.high_all
        bounds = [f"at least {words(low)}"] if low is not None else []
        bounds += [f"at most {words(high)}"] if high is not None else []
        return f"not known\n{' and '.join(bounds)}" if bounds else "not known"
    return f"{words(found.estimate)}\n{_ends(found, words)}"


def _ends(found: Contrast, words: Callable[[float], str]) -> str:
    return " to ".join("…" if end is None else words(end) for end in (found.low_all, found.high_all))


def in_sentence(found: Contrast) -> str:
    """A difference of durations for a sentence, its direction told already: ``by 21.3 d (20.1 d to 22.5 d)``."""
    assert found.estimate is not None
    ends = sorted(abs(end) for end in (found.low_all, found.high_all) if end is not None)
    return f"by {duration(abs(found.estimate))} ({' to '.join(duration(end) for end in ends)})"


def points(difference: float) -> str:
    """``+1.3 points``: of percentages."""
    return f"{_sign(difference)}{decimal(abs(difference) * 100)} points"


def signed_duration(seconds: float) -> str:
    """``−2.5 h``."""
    return f"{_sign(seconds)}{duration(abs(seconds))}"


def _sign(number: float) -> str:
    return "+" if number > 0 else MINUS if number < 0 else ""


def ranking_table(found: Compared, name: str, label: Label) -> Table:
    """All scenarios in order of the mean time without contact, with the places that they may have."""
    rows = tuple(
        (
            plain(one.scenario),
            duration(one.estimate),
            count(one.best) if one.best == one.worst else f"{count(one.best)} to {count(one.worst)}",
            listing([plain(other) for other in one.alike]) or NOTHING,
        )
        for one in found.columns[name].ranking
    )
    head = ("", "restricted mean", "place", "cannot be told apart from")
    note = "Place 1 has the shortest mean time without contact. The places hold together with 95 %."
    return Table(f"In order: {label(name)}", head, rows, wide=True, note=note)


def pairing_table(found: Compared, name: str, label: Label) -> Table:
    """How much of the noise the common random numbers removed."""
    rows = tuple((plain(variant), *_saved(one)) for variant, one in found.columns[name].contrasts.get(MEAN, {}).items())
    head = ("", "variance that pairing removed", "replications that unpaired runs would need, each")
    note = (
        f"Of the difference in restricted mean, {label(name)}, from {count(found.replications)} paired replications. "
        "Where nothing changed, any number of replications gives the difference, which is zero."
    )
    return Table("Common random numbers against independent ones", head, rows, wide=True, note=note)


def _saved(one: Contrast) -> tuple[str, str]:
    if one.same:
        return "all of it", NOTHING
    removed = one.variance_removed
    kept = NOTHING if removed is None else share(removed) if removed >= 0 else f"none: {decimal(-removed * 100)} % more"
    return kept, NOTHING if one.unpaired_replications is None else count(one.unpaired_replications)
