"""Contact within 24 h, 7 d and 30 d, of base and variants, on the terminal: a line for each scenario."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sim.report.comparison import MEAN, ComparisonView, told_apart
from sim.report.differences import points
from sim.report.format import plain, share
from sim.report.html.contrasts import p_value
from sim.report.html.times import WITHIN
from sim.report.tables import table, text, title, wrapped
from sim.stats.paired import ColumnComparison

if TYPE_CHECKING:
    from rich.console import RenderableType

NAME = 30
"""Characters of a name, to a line."""


def soon(view: ComparisonView, width: int) -> Iterable[RenderableType]:
    """For the column of the answer and for any line. Nothing where the clock ends within a day."""
    for name in dict.fromkeys((view.main, "any")):
        column = view.found.columns[name]
        shown = [quantity for quantity in WITHIN if quantity in column.estimates]
        if not shown:
            return
        yield title(f"Contact within a time: {view.label(name)}")
        head = ("", *(f"within {WITHIN[quantity]}" for quantity in shown), "Holm's p")
        rows = [_row(column, one, shown) for one in view.found.scenarios if one not in column.absent]
        yield from table(head, rows, width)
    words = (
        "beside each share its difference from the base in points, in brackets where it is not told from 0; Holm's "
        "p-value, among all variants, of no difference in mean wait"
    )
    yield text(wrapped(words, width), "dim")


def _row(column: ColumnComparison, scenario: str, shown: Sequence[str]) -> Sequence[str]:
    name = "\n".join(textwrap.wrap(plain(scenario), NAME, break_on_hyphens=False) or [""])
    mean = column.contrasts.get(MEAN, {}).get(scenario)
    worth = "–" if mean is None else "the same" if mean.same else "–" if mean.p_holm is None else p_value(mean.p_holm)
    return (name, *(_cell(column, quantity, scenario) for quantity in shown), worth)


def _cell(column: ColumnComparison, quantity: str, scenario: str) -> str:
    estimate = column.estimates[quantity][scenario].estimate
    if estimate is None:
        return "–"
    one = column.contrasts.get(quantity, {}).get(scenario)
    if one is None or one.estimate is None or one.same:
        return share(estimate)
    moved = points(one.estimate).removesuffix(" points")
    return f"{share(estimate)} {moved if told_apart(one) else f'({moved})'}"
