"""A comparison as the report reads it: results, curves and reasons, under the names a person gave them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.report.differences import by_how_much, points
from sim.report.format import date_after, duration, in_quotes, listing, plain, several, share
from sim.report.html.contrasts import Label, labels, main_column
from sim.scenario.resolved import Scenario
from sim.stats.paired import Compared, Contrast
from sim.stats.survival import PairedCurve

if TYPE_CHECKING:
    from sim.engines.contract import EventLog
    from sim.report.figures.data import Curve

MEAN = "restricted_mean_seconds"
MOST_NAMED = 4
"""Variants that a sentence names; tables name all."""


@dataclass(frozen=True)
class ComparisonView:
    """What tables, sentences and pictures of a comparison are made of.

    found      the result
    scenarios  by name, the base first
    curves     survival curves by scenario and column
    told       gives the histories of one replication in base and variant
    """

    found: Compared
    scenarios: Mapping[str, Scenario]
    curves: Callable[[], Mapping[tuple[str, str], PairedCurve]]
    told: Callable[[str, int], tuple[EventLog, EventLog]]

    @property
    def label(self) -> Label:
        """What a person calls a column."""
        return labels(self.scenarios[self.found.base])

    @property
    def main(self) -> str:
        """The column that the answer speaks of."""
        return main_column(self.found)

    @property
    def title(self) -> str:
        """Of the base."""
        return plain(self.scenarios[self.found.base].title)

    def curve(self, scenario: str, column: str) -> Curve:
        """A scenario's survival curve, labelled with the scenario's name."""
        from sim.report.figures.data import Curve

        found, curve = self.found, self.curves()[scenario, column]
        reached = found.columns[column].estimates["probability"][scenario].estimate or 0.0
        contacts = round(reached * found.replications)
        nothing = np.zeros(0, np.int64)
        return Curve(
            plain(scenario),
            found.replications,
            found.horizon,
            found.start,
            contacts,
            nothing,
            nothing,
            curve.ends,
            curve.survival,
            curve.low,
            curve.high,
        )


def answer(view: ComparisonView) -> tuple[str, ...]:
    """The answer in three sentences: the base, what the variants change, and what cannot be told apart."""
    found, column = view.found, view.found.columns[view.main]
    name, end = view.label(view.main), date_after(found.start, found.horizon, found.horizon)
    chance = column.estimates["probability"].get(found.base)
    mean = column.estimates[MEAN].get(found.base)
    if chance is None or mean is None or chance.estimate is None:
        return ()
    of = f"{share(chance.estimate)} of {several(found.replications, 'replication')}"
    if found.replications == 1:
        of = "the one replication" if chance.estimate else "no replication (of one)"
    first = (
        f"In the base, {name} had contact by {end} in {of}, after {duration(mean.estimate)} on average "
        "(without contact: counted to the end)."
    )
    return tuple(filter(None, (first, _moved(view), _unmoved(view))))


def told_apart(one: Contrast) -> bool:
    """Whether a difference is told from 0, all variants considered."""
    if one.same or one.estimate is None:
        return False
    return (one.low_all is not None and one.low_all > 0) or (one.high_all is not None and one.high_all < 0)


def _moved(view: ComparisonView) -> str:
    found, column = view.found, view.found.columns[view.main]
    clear = [(name, one) for name, one in column.contrasts[MEAN].items() if told_apart(one)]
    if not clear:
        return "No variant can be told from the base in the mean time without contact."
    clear.sort(key=lambda pair: -abs(pair[1].estimate or 0.0))
    parts = []
    for name, one in clear[:MOST_NAMED]:
        assert one.estimate is not None
        way = "sooner" if one.estimate < 0 else "later"
        chance = column.contrasts["probability"][name]
        also = f", contact by the end {points(chance.estimate or 0.0)}" if told_apart(chance) else ""
        parts.append(f"{by_how_much(one)} {way} with {in_quotes(name)}{also}")
    more = f"; {several(len(clear) - MOST_NAMED, 'more variant')} can be told too" if len(clear) > MOST_NAMED else ""
    sure = "95 % intervals that hold together" if len(found.variants) > 1 else "95 % interval"
    return f"On average, first contact came {'; '.join(parts)}{more} ({sure})."


def _unmoved(view: ComparisonView) -> str:
    column = view.found.columns[view.main]
    same = [in_quotes(name) for name, one in column.contrasts[MEAN].items() if one.same]
    unsure = [in_quotes(name) for name, one in column.contrasts[MEAN].items() if not one.same and not told_apart(one)]
    # Names of variants never begin a sentence: their capitals are their own.
    parts = [f"not told from the base: {_names(unsure)}"] if unsure else []
    parts += [f"the same in every replication: {_names(same)}"] if same else []
    told = "; ".join(parts) or "every variant can be told from the base"
    return f"{told[0].upper()}{told[1:]}."


def _names(names: list[str]) -> str:
    shown = names if len(names) <= MOST_NAMED else [*names[: MOST_NAMED - 1], f"{len(names) - MOST_NAMED + 1} others"]
    return listing(shown)
