"""The tables of a comparison: estimates of base and variants, and their differences."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import NoReturn

from sim.report.differences import durations as durations
from sim.report.differences import nowhere
from sim.report.differences import signed_durations as signed_durations
from sim.report.format import count, decimal, duration, listing, plain, share
from sim.report.html.contacts import NOTHING, labelled
from sim.report.html.document import Row, Table
from sim.report.view import View
from sim.scenario.resolved import Scenario
from sim.stats.intervals import Estimate
from sim.stats.paired import ColumnComparison, Compared, Contrast

MEAN = "restricted_mean_seconds"
MINUS = "\N{MINUS SIGN}"

Label = Callable[[str], str]
"""What a person calls a column."""

Words = Callable[[Sequence[float]], list[str]]
"""Numbers that belong together as texts, with the unit that they share."""


def labels(base: Scenario) -> Label:
    """The labels of the columns of a scenario; a column that only a variant has keeps its name."""

    def nothing(name: str) -> NoReturn:
        """Stands for the columns, which labels do not need. Raises KeyError."""
        raise KeyError(name)

    return functools.partial(labelled, View(base, {}, nothing))


def main_column(found: Compared) -> str:
    """The column of which the answer speaks: the scenario's first group, or any line where it has none."""
    return next((name for name in found.columns if name.startswith("group:")), "any")


def contrast_table(found: Compared, name: str, label: Label) -> Table:
    """The base and each variant in one column, with the differences."""
    column = found.columns[name]
    head = (
        "scenario",
        "contact by the end",
        "difference",
        "median wait",
        "difference",
        "restricted mean",
        "difference",
        "first contact",
    )
    rows = [_row(column, one, found.base) for one in found.scenarios if one not in column.absent]
    absent = f" Without this column: {listing([plain(one) for one in column.absent])}." if column.absent else ""
    if found.base in column.absent:
        note = "The base does not have this column, so there are no differences."
    else:
        note = (
            f"Differences from the base, below them the intervals that hold together for all variants with "
            f"{share(found.level, 0)}, and p-values of no difference, Holm's among all variants. First contact: the "
            "shares of the replications in which it was sooner and later."
        )
    few = [plain(variant) for variant, order in column.order.items() if order.few]
    if few:
        note += f" So few replications changed with {listing(few)} that the intervals may not hold their level."
    return Table(label(name), head, tuple(rows), note=note + absent)


def _row(column: ColumnComparison, scenario: str, base: str) -> Row:
    order = column.order.get(scenario)
    moved = NOTHING if order is None else f"sooner {_share(order.sooner)}\nlater {_share(order.later)}"
    kinds = (
        ("probability", shares, points),
        ("median_seconds", durations, signed_durations),
        (MEAN, durations, signed_durations),
    )
    cells = [
        cell
        for quantity, words, differs in kinds
        for cell in (
            estimate_cell(column, quantity, scenario, words),
            "" if scenario == base else difference_cell(column, quantity, scenario, differs),
        )
    ]
    return (plain(scenario), *cells, "" if scenario == base else moved)


def estimate_cell(column: ColumnComparison, quantity: str, scenario: str, words: Words) -> str:
    """A scenario's number with its interval below it, or the sign for nothing."""
    found = column.estimates.get(quantity, {}).get(scenario)
    return NOTHING if found is None else _estimate(found, words)


def difference_cell(column: ColumnComparison, quantity: str, scenario: str, words: Words) -> str:
    """A variant's difference from the base; below it its simultaneous interval, and Holm's p-value where it has one."""
    found = column.contrasts.get(quantity, {}).get(scenario)
    if found is None:
        return NOTHING
    worth = "" if found.same or found.p_holm is None else f"\n{p_value(found.p_holm)}"
    return f"{change(found, words)}{worth}"


def p_value(p: float) -> str:
    """``p = 0.012``, and ``p < 0.001`` below that."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _estimate(found: Estimate, words: Words) -> str:
    if found.estimate is None:
        return "not reached" if found.low is None else f"not reached\nfrom {words([found.low])[0]}"
    return _with_ends(found.estimate, (found.low, found.high), words, "–")


def _share(found: Estimate) -> str:
    return NOTHING if found.estimate is None else share(found.estimate)


def change(found: Contrast, words: Words) -> str:
    """A difference with its simultaneous interval below it; open ends are said to be so."""
    if found.same or nowhere(found):
        return "none"
    if found.estimate is None:
        low, high = found.low_all, found.high_all
        bounds = [f"at least {words([low])[0]}"] if low is not None else []
        bounds += [f"at most {words([high])[0]}"] if high is not None else []
        return f"not known\n{' and '.join(bounds)}" if bounds else "not known"
    return _with_ends(found.estimate, (found.low_all, found.high_all), words, " to ")


def _with_ends(estimate: float, ends: tuple[float | None, float | None], words: Words, joint: str) -> str:
    """The number, and below it the ends of its interval, if it has any, without the unit, which is the same."""
    known = [end for end in ends if end is not None]
    first, *others = words([estimate, *known])
    if not known:
        return first
    unit = first.partition(" ")[2]
    told = iter(one.removesuffix(f" {unit}") for one in others)
    return f"{first}\n{joint.join('…' if end is None else next(told) for end in ends)}"


def in_sentence(found: Contrast) -> str:
    """A difference of durations for a sentence, its direction told already: ``by 21.3 d (20.1 to 22.5)``."""
    assert found.estimate is not None
    ends = sorted(abs(end) for end in (found.low_all, found.high_all) if end is not None)
    first, *others = durations([abs(found.estimate), *ends])
    unit = first.partition(" ")[2]
    return f"by {first} ({' to '.join(one.removesuffix(f' {unit}') for one in others)})"


def points(differences: Sequence[float]) -> list[str]:
    """``+1.3 points``: of percentages."""
    return [f"{_sign(one)}{decimal(abs(one) * 100)} points" for one in differences]


def shares(proportions: Sequence[float]) -> list[str]:
    """``81.2 %``."""
    return [share(one) for one in proportions]


def plainly(numbers: Sequence[float]) -> list[str]:
    """Without a unit."""
    return [decimal(one) for one in numbers]


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
    head = ("scenario", "restricted mean", "place", "cannot be told apart from")
    note = "Place 1 has the shortest mean time without contact. The places hold together with 95 %."
    return Table(f"In order: {label(name)}", head, rows, wide=True, note=note)


def pairing_table(found: Compared, name: str, label: Label) -> Table:
    """How much of the noise the common random numbers removed."""
    rows = tuple((plain(variant), *_saved(one)) for variant, one in found.columns[name].contrasts.get(MEAN, {}).items())
    head = ("variant", "variance that pairing removed", "replications that unpaired runs would need, each")
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
