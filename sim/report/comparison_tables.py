"""Tables of a comparison: base and variants, with their differences, by column.

With `full` a table has every column; without, those that fit a terminal or one sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from sim.report.document import Row, Table, cut
from sim.report.format import (
    NOTHING,
    Cell,
    Measure,
    decimal,
    duration,
    listing,
    measured,
    number_changes,
    numbers,
    plain,
    several,
    share,
    share_changes,
    shares,
    wait_changes,
    waits,
)
from sim.report.labels import kind_of, short_label
from sim.stats.paired import ColumnComparison, Contrast

if TYPE_CHECKING:
    from sim.report.comparison import ComparisonView
    from sim.report.reasons import Reason, TypicalReplication

MEAN = "restricted_mean_seconds"
RESULT = "comparison.json"
WITHIN = {"within_1d": "24 h", "within_7d": "7 d", "within_30d": "30 d"}
"""Probabilities of contact within a time, and that time."""

MOST_NAMED = 4
"""Names of a kind that a sentence lists; tables list all."""

MOST_CAUSES = 3
"""Causes of a variant's difference in a brief table."""

THE_SAME = "the same"


# Cells


def is_clear(one: Contrast) -> bool:
    """Whether a difference is clearly not 0, all variants considered."""
    if one.same or one.estimate is None:
        return False
    return (one.low_all is not None and one.low_all > 0) or (one.high_all is not None and one.high_all < 0)


def some(words: list[str]) -> list[str]:
    """The first few, and how many others there are."""
    return words if len(words) <= MOST_NAMED else [*words[: MOST_NAMED - 1], f"{len(words) - MOST_NAMED + 1} others"]


def change(one: Contrast, measure: Measure, note: str = "") -> Cell:
    """A difference with its interval among those of all variants; open ends are said to be so."""
    if one.same or one.estimate == one.low_all == one.high_all == 0:
        return Cell(THE_SAME)
    if one.estimate is None:
        bounds = [f"at least {_bound(measure, one.low_all)}"] if one.low_all is not None else []
        bounds += [f"at most {_bound(measure, one.high_all)}"] if one.high_all is not None else []
        return Cell("not known", " and ".join(bounds))
    return measured(measure, one.estimate, one.low_all, one.high_all, " to ", note)


def _bound(measure: Measure, end: float) -> str:
    (words,), unit = measure([end])
    return f"{words} {unit}".rstrip()


def p_value(p: float) -> str:
    """``p = 0.012``, and ``p < 0.001`` below that."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _estimate(column: ColumnComparison, quantity: str, scenario: str, measure: Measure) -> Cell:
    found = column.estimates.get(quantity, {}).get(scenario)
    return Cell(NOTHING) if found is None else measured(measure, found.estimate, found.low, found.high)


def _difference(column: ColumnComparison, quantity: str, scenario: str, measure: Measure) -> Cell:
    """A variant's difference from the base with Holm's p-value where it has one; nothing for the base."""
    if scenario not in column.order and not any(scenario in found for found in column.contrasts.values()):
        return Cell("")
    found = column.contrasts.get(quantity, {}).get(scenario)
    if found is None:
        return Cell(NOTHING)
    return change(found, measure, "" if found.p_holm is None else p_value(found.p_holm))


def _both(column: ColumnComparison, quantity: str, scenario: str, measure: Measure, differs: Measure) -> Cell:
    """An estimate, and below it the difference from the base; in brackets where that is not clear."""
    shown = _estimate(column, quantity, scenario, measure).text
    one = column.contrasts.get(quantity, {}).get(scenario)
    if one is None or one.estimate is None or one.same:
        return Cell(shown)
    moved = change(one, differs).text
    return Cell(shown, "", moved if is_clear(one) or moved == THE_SAME else f"({moved})")


# The tables

Quantity = tuple[str, str, Measure, Measure]
"""A quantity, its head, and the measures of its estimates and its differences."""

CONTACT: tuple[Quantity, ...] = (
    ("probability", "contact by the end", shares, share_changes),
    (MEAN, "mean wait, to the end", waits, wait_changes),
)
SOON: tuple[Quantity, ...] = (
    *((key, f"within {time}", shares, share_changes) for key, time in WITHIN.items()),
    ("median_seconds", "median wait", waits, wait_changes),
)
EFFORT: tuple[Quantity, ...] = (
    ("attempts", "attempts", numbers, number_changes),
    ("response_median_seconds", "median response time", waits, wait_changes),
    ("response_p90_seconds", "90 % of response times within", waits, wait_changes),
)


def contrast_table(view: ComparisonView, name: str) -> Table:
    """The base and each variant in one column: contact, mean wait, and the differences."""
    found, column = view.found, view.found.columns[name]
    rows: list[Row] = []
    for scenario in _present(view, column):
        cells = [
            cell
            for quantity, _, measure, differs in CONTACT
            for cell in (
                _estimate(column, quantity, scenario, measure),
                _difference(column, quantity, scenario, differs),
            )
        ]
        rows.append((plain(scenario), *cells, _order(column, scenario)))
    heads = [head for _, words, _, _ in CONTACT for head in (words, "difference")]
    if found.base in column.absent:
        note = "The base does not have this column, so there are no differences."
    else:
        together = ", which hold together for all variants," if len(found.variants) > 1 else ""
        note = (
            f"Differences from the base with {share(found.level, 0)} intervals{together} and Holm's p-values of no "
            "difference; points are percentage points. Last column: share of replications in which first contact came "
            "sooner, later, and at the same time."
        )
    few = [plain(variant) for variant, order in column.order.items() if order.few]
    if few:
        note += f" So few replications changed with {listing(few)} that the intervals are rough."
    if column.absent:
        note += f" Without this column: {listing([plain(one) for one in column.absent])}."
    return Table(f"First contact: {view.label(name)}", ("", *heads, "sooner / later / same"), tuple(rows), note=note)


def _present(view: ComparisonView, column: ColumnComparison) -> list[str]:
    return [one for one in view.found.scenarios if one not in column.absent]


def _order(column: ColumnComparison, scenario: str) -> str:
    order = column.order.get(scenario)
    if order is None:
        return ""
    if not order.changed:
        return "same in all"
    parts = [share(one.estimate or 0.0).removesuffix(" %") for one in (order.sooner, order.later, order.same)]
    return f"{' / '.join(parts)} %"


def quantity_table(
    view: ComparisonView, name: str, caption: str, quantities: Sequence[Quantity], note: str, *, full: bool
) -> Table | None:
    """Some quantities of a column; `full`: each difference in a column of its own, with its interval. None where the
    column has none of them."""
    column = view.found.columns[name]
    shown = [one for one in quantities if one[0] in column.estimates]
    rows: list[Row] = []
    for scenario in _present(view, column):
        cells: list[Cell] = []
        for quantity, _, measure, differs in shown:
            if full:
                cells.append(_estimate(column, quantity, scenario, measure))
                cells.append(_difference(column, quantity, scenario, differs))
            else:
                cells.append(_both(column, quantity, scenario, measure, differs))
        rows.append((plain(scenario), *cells))
    if not shown:
        return None
    heads = [head for _, words, _, _ in shown for head in ((words, "difference") if full else (words,))]
    if not full:
        note += " Under each number: difference from the base, in brackets where it is not clear."
    return Table(f"{caption}: {view.label(name)}", ("", *heads), tuple(rows), note=note)


def further_tables(view: ComparisonView, name: str, *, full: bool) -> tuple[Table, ...]:
    """Contact within fixed times and the median; attempts and response times."""
    soon = "Times are counted from the start of the clock."
    effort = (
        "Attempts: per replication, on all lines of the column. Response times: from the answered attempt to the "
        "contact, or from the event on lines that events trigger."
    )
    tables = (
        quantity_table(view, name, "Contact within a time", SOON, soon, full=full),
        quantity_table(view, name, "Attempts and response times", EFFORT, effort, full=full),
    )
    return tuple(filter(None, tables))


def lines_table(view: ComparisonView) -> Table | None:
    """Lines and groups with a clear difference from the base, all variants considered; None where there is none."""
    rows: list[Row] = []
    for name, column in view.found.columns.items():
        if kind_of(name) not in ("line", "group") or name == view.main:
            continue
        for variant, mean in column.contrasts.get(MEAN, {}).items():
            chance = column.contrasts["probability"][variant]
            if is_clear(mean) or is_clear(chance):
                cells = [
                    change(one, measure) if is_clear(one) or one.same else Cell(NOTHING)
                    for one, measure in ((chance, share_changes), (mean, wait_changes))
                ]
                rows.append((short_label(name), plain(variant), *cells))
    if not rows:
        return None
    shown, note = cut(rows, RESULT)
    head = ("", "variant", "contact by the end", "mean wait, to the end")
    return Table("Line by line: clear differences from the base", head, shown, note=note.strip())


def ranking_table(view: ComparisonView) -> Table | None:
    """All scenarios in order of the mean wait, with the places that they may have; None for fewer than three."""
    ranking = view.found.columns[view.main].ranking
    if len(ranking) < 3:
        return None
    rows = tuple(
        (
            plain(one.scenario),
            str(one.best) if one.best == one.worst else f"{one.best} to {one.worst}",
            duration(one.estimate),
            listing(some([plain(other) for other in one.alike])) or NOTHING,
        )
        for one in ranking
    )
    note = "Place 1 has the shortest mean wait. The places hold together with 95 %."
    head = ("scenario", "place", "mean wait", "no clear difference from")
    return Table(f"In order of mean wait: {view.label(view.main)}", head, rows, wide=True, note=note)


def pairing_table(view: ComparisonView) -> Table:
    """How much of the variance the common random numbers removed."""
    contrasts = view.found.columns[view.main].contrasts.get(MEAN, {})
    rows = tuple((plain(variant), *_saved(one)) for variant, one in contrasts.items())
    head = ("variant", "variance removed by pairing", "replications that unpaired runs would need, each")
    note = (
        f"Of the difference in mean wait, {view.label(view.main)}, from {decimal(view.found.replications)} paired "
        "replications. Where nothing changed, any number of replications gives the difference, which is zero."
    )
    return Table("Common random numbers against independent ones", head, rows, wide=True, note=note)


def _saved(one: Contrast) -> tuple[str, str]:
    if one.same:
        return "all of it", NOTHING
    removed = one.variance_removed
    kept = NOTHING if removed is None else share(removed) if removed >= 0 else f"none: {decimal(-removed * 100)} % more"
    return kept, NOTHING if one.unpaired_replications is None else decimal(one.unpaired_replications)


def causes_table(view: ComparisonView, why: Mapping[str, Reason], *, full: bool) -> Table | None:
    """The first difference between base and variant, by variant; None where that was not asked for."""
    rows: list[Row] = []
    for name in view.found.variants:
        if name not in why:
            continue
        one, order = why[name], view.found.columns[view.main].order.get(name)
        changed = (share(one.changed / view.found.replications), NOTHING)
        if order is not None:
            changed = (changed[0], share(order.changed / view.found.replications))
        shown = one.causes if full else one.causes[:MOST_CAUSES]
        causes = [f"{plain(cause.words)} ({share(cause.count / one.traced, 0)})" for cause in shown]
        rest = sum(cause.count for cause in one.causes[len(shown) :])
        if rest:
            others = several(len(one.causes) - len(shown), "other cause")
            causes.append(f"{others} ({share(rest / one.traced, 0)})")
        rows.append((plain(name), *changed, "; ".join(causes) or "no first contact changed"))
    if not rows:
        return None
    traced = decimal(max(one.traced for one in why.values()))
    note = (
        "Changed: share of replications in which the first contact of some line, group, channel, level or side came at "
        f"another time, and that of {view.label(view.main)}. First differences: of the changed replications, at most "
        f"{traced} of each variant were traced."
    )
    head = ("variant", "changed", f"changed, {short_label(view.main)}", "first differences")
    return Table("Why they differ", head, tuple(rows), wide=True, note=note)


def settings_table(view: ComparisonView, why: Mapping[str, Reason]) -> Table | None:
    """The share of each setting in what a variant of several settings changes; None where no variant has shares."""
    rows: list[Row] = []
    for name, one in why.items():
        for part in one.settings:
            cells = [
                measured(wait_changes, change.estimate, change.low, change.high, " to ")
                for change in (part.shapley, part.alone)
            ]
            changed = share(part.moved / view.found.replications)
            rows.append((plain(name), plain(part.setting), short_label(one.column), *cells, changed))
    if not rows:
        return None
    note = (
        "Change of the mean wait. Share: its Shapley value; the shares of a variant add up to its change. Alone: with "
        "this setting and no other of the variant."
    )
    head = ("variant", "setting", "of", "share in the change", "alone", "changed alone")
    return Table("What each setting changes", head, tuple(rows), wide=True, note=note)


def steps_table(typical: TypicalReplication, moment: Callable[[int], str], variant: str) -> Table:
    """What happens in one of the two only."""
    rows = tuple(
        (moment(step.second), plain(step.base) or NOTHING, plain(step.variant) or NOTHING) for step in typical.steps
    )
    return Table("What happens in one of the two only", ("UTC", "base", plain(variant)), rows, wide=True)
