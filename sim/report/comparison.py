"""Report of a comparison: its answer, its tables, and the sections that the terminal prints and a page shows.

Each table is made once. With `full` it has every column and row; without, those that fit a terminal or one sheet.
"""

from __future__ import annotations

import contextlib
import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.report.comparison_tables import (
    MEAN,
    causes_table,
    change,
    contrast_table,
    further_tables,
    is_clear,
    lines_table,
    ranking_table,
    settings_table,
    some,
    steps_table,
)
from sim.report.document import Block, Facts, Listing, Report, Section, Words
from sim.report.format import (
    count,
    date_after,
    day_and_clock,
    decimal,
    duration,
    in_quotes,
    listing,
    measured,
    plain,
    several,
    share,
    share_changes,
    shares,
    waits,
)
from sim.report.labels import Labels, short_label
from sim.report.run import files_section
from sim.scenario.resolved import Scenario
from sim.stats.paired import ColumnComparison, Compared
from sim.stats.survival import PairedCurve

if TYPE_CHECKING:
    from sim.engines.contract import EventLog
    from sim.report.figures.data import Curve
    from sim.report.reasons import Reason, TypicalReplication

CAUTION = (
    "A what-if is a statement about the model: with these assumptions, all else equal. Governments react, and all else "
    "is seldom equal."
)


@dataclass(frozen=True)
class ComparisonView:
    """What tables, sentences and pictures of a comparison are made of.

    found      the result
    scenarios  by name, the base first
    curves     survival curves by scenario and column
    told       gives the event logs of one replication in base and variant
    """

    found: Compared
    scenarios: Mapping[str, Scenario]
    curves: Callable[[], Mapping[tuple[str, str], PairedCurve]]
    told: Callable[[str, int], tuple[EventLog, EventLog]]

    @cached_property
    def labels(self) -> Labels:
        """What a person calls the columns of the base."""
        return Labels(self.scenarios[self.found.base])

    def label(self, column: str) -> str:
        """What a person calls a column; one that only a variant has keeps its name."""
        return self.labels.with_kind(column)

    @property
    def main(self) -> str:
        """The column that the answer speaks of: the scenario's first group, or any line where it has none."""
        return self.found.main

    @property
    def title(self) -> str:
        """Of the base."""
        return plain(self.scenarios[self.found.base].title) or "A scenario without a title"

    @property
    def end(self) -> str:
        """The date of the horizon."""
        return date_after(self.found.start, self.found.horizon, self.found.horizon)

    def moment(self, second: int) -> str:
        """Date and time of day (UTC)."""
        return day_and_clock(self.found.start + timedelta(seconds=second))

    def curve(self, scenario: str, column: str) -> Curve:
        """A scenario's survival curve, labelled with the scenario's name."""
        from sim.report.figures.data import Curve

        found, curve = self.found, self.curves()[scenario, column]
        reached = found.columns[column].estimates["probability"][scenario].estimate or 0.0
        return Curve(
            plain(scenario),
            found.replications,
            found.horizon,
            found.start,
            round(reached * found.replications),
            np.zeros(0, np.int64),
            np.zeros(0, np.int64),
            curve.ends,
            curve.survival,
            curve.low,
            curve.high,
        )


# The answer


def answer(view: ComparisonView) -> tuple[str, ...]:
    """The base; which variants shorten or lengthen the wait; and what the intervals mean."""
    found, column = view.found, view.found.columns[view.main]
    chance = column.estimates["probability"].get(found.base)
    mean = column.estimates[MEAN].get(found.base)
    if chance is None or mean is None or chance.estimate is None or mean.estimate is None:
        return ()
    cell = measured(shares, chance.estimate, chance.low, chance.high)
    interval = f" (95 % interval {cell.interval})" if cell.interval else ""
    first = (
        f"In the base, {view.label(view.main)} had contact by {view.end} in {cell.text}{interval} of "
        f"{several(found.replications, 'replication')}, after a mean wait of {duration(mean.estimate)}; a replication "
        "without contact counts until the end."
    )
    return tuple(filter(None, (first, _shifts(view), _meaning(view))))


def _shifts(view: ComparisonView) -> str:
    column = view.found.columns[view.main]
    contrasts = column.contrasts.get(MEAN, {})
    clear = sorted((one.estimate or 0.0, name) for name, one in contrasts.items() if is_clear(one))
    shorter = [_moved(column, name) for shift, name in clear if shift < 0]
    longer = [_moved(column, name) for shift, name in reversed(clear) if shift > 0]
    unsure = [in_quotes(name) for name, one in contrasts.items() if not one.same and not is_clear(one)]
    same = [in_quotes(name) for name, one in contrasts.items() if one.same]
    parts = [
        f"shorter with {listing(some(shorter))}" if shorter else "",
        f"longer with {listing(some(longer))}" if longer else "",
        f"not clearly different from the base with {listing(some(unsure), 'or')}" if unsure else "",
        f"exactly the same with {listing(some(same))}" if same else "",
    ]
    told = "; ".join(filter(None, parts))
    return f"The mean wait was {told}." if told else ""


def _moved(column: ColumnComparison, name: str) -> str:
    """``“daily calls” by 21.3 d (20.1 to 22.5)``, with what it does to the share with contact where that is clear."""
    one = column.contrasts[MEAN][name]
    assert one.estimate is not None
    low, high = one.low_all, one.high_all
    low, high = (low, high) if one.estimate > 0 else (_minus(high), _minus(low))
    cell = measured(waits, abs(one.estimate), low, high, " to ")
    chance = column.contrasts["probability"].get(name)
    also = ""
    if chance is not None and is_clear(chance):
        also = f", contact by the end {change(chance, share_changes).text.replace('points', 'percentage points')}"
    return f"{in_quotes(name)} by {cell.text} ({cell.interval}){also}"


def _minus(number: float | None) -> float | None:
    return None if number is None else -number


def _meaning(view: ComparisonView) -> str:
    """What the intervals mean, and what sharing random numbers did to them, as it was found to be."""
    column = view.found.columns[view.main]
    together = "hold together with 95 %" if len(view.found.variants) > 1 else "are 95 % intervals"
    words = f"The intervals {together} and show chance only."
    contrasts = [one for one in column.contrasts.get(MEAN, {}).values() if not one.same]
    removed = [one.variance_removed for one in contrasts if one.variance_removed is not None]
    if not removed:
        return words
    least, most = min(removed), max(removed)
    if most <= 0:
        return f"{words} The random numbers that the variants share with the base did not make them narrower here."
    some = f"up to {share(most)}" if least < 0 else " to ".join(dict.fromkeys((share(least), share(most))))
    also = ", and with some variants added to it" if least < 0 else ""
    needs = [one.unpaired_replications for one in contrasts if one.unpaired_replications]
    need = " to ".join(dict.fromkeys(decimal(one) for one in (min(needs), max(needs)))) if needs else ""
    more = f"; unpaired runs would need {need} replications each for the same precision" if need else ""
    return (
        f"{words} The variants share their random numbers with the base, which removed {some} of the variance of these "
        f"differences{also}{more}."
    )


# One replication, side by side


def typical_words(view: ComparisonView, one: Reason, typical: TypicalReplication) -> str:
    """Which replication is shown, and where its two event logs diverge."""

    def contact(second: int | None) -> str:
        """When there was contact."""
        return "no contact" if second is None else f"contact after {duration(second)}"

    return (
        f"Replication {count(typical.replication)}, in which the first contact ({view.label(one.column)}) moved by the "
        f"median amount: {contact(typical.base_second)} in the base, {contact(typical.variant_second)} in the variant. "
        f"The two diverge on {view.moment(typical.second)}: {plain(typical.cause)}. Times are UTC."
    )


def side_report(
    scenarios: tuple[Scenario, Scenario],
    event_logs: tuple[EventLog, EventLog],
    variant: str,
    column: str,
    told: TypicalReplication | None,
) -> Report:
    """One replication in base and variant, side by side."""
    base, event_log = scenarios[0], event_logs[0]

    def moment(second: int) -> str:
        """Date and time of day (UTC)."""
        return day_and_clock(base.start + timedelta(seconds=second))

    blocks: tuple[Block, ...] = ()
    words: tuple[str, ...]
    if told is None:
        words = ("Nothing differs: every log entry is the same in both.",)
    else:
        ours, its = (
            "none by the end" if at is None else duration(at) for at in (told.base_second, told.variant_second)
        )
        when = f"{ours} in both" if ours == its else f"{ours} in the base, {its} in the variant"
        words = (
            f"First contact ({short_label(column)}): {when}.",
            f"The two diverge on {moment(told.second)}: {plain(told.cause)}.",
        )
        blocks = (steps_table(told, moment, variant),)
    return Report(
        what="one replication, side by side",
        title=plain(base.title),
        question=f"Replication {event_log.replication}: base and {plain(variant)}",
        setting=f"seed {event_log.seed}",
        answer=words,
        sections=(Section("steps", "", blocks),),
    )


# The sections


def question(view: ComparisonView) -> str:
    """What is asked."""
    return f"What if? {several(len(view.found.variants), 'variant')} against the base"


def setting(view: ComparisonView) -> str:
    """Replications, seed and intervals."""
    found = view.found
    unit = f", intervals by block of {found.unit}" if found.unit > 1 else ""
    return f"{several(found.replications, 'replication')} of each, seed {found.seed}, the same random numbers{unit}"


def variants_block(
    view: ComparisonView, changes: Mapping[str, Sequence[str]], *, short: bool = False
) -> tuple[Block, ...]:
    """What each variant sets; nothing where scenarios are from files of their own."""
    if not any(changes.values()):
        return ()
    joint = "; " if short else "\n"
    pairs = [(plain(name), joint.join(map(in_brief, changes.get(name, ())))) for name in view.found.variants]
    return (Facts(tuple(pairs)),)


def in_brief(text: str) -> str:
    """An override without the provenance in it, as a scenario file writes it: ``a.b = {mean: 14 d}``."""
    path, _, value = text.partition("=")
    with contextlib.suppress(ValueError):
        value = _flow(json.loads(value))
    return plain(f"{path} = {value}")


def _flow(value: object) -> str:
    if isinstance(value, dict):
        inner = next((value[key] for key in ("value", "prior") if key in value), None)
        if inner is not None:
            return _flow(inner)
        return f"{{{', '.join(f'{key}: {_flow(one)}' for key, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return value if isinstance(value, str) else json.dumps(value)


def comparison_summary(
    view: ComparisonView,
    changes: Mapping[str, Sequence[str]],
    why: Mapping[str, Reason],
    *,
    folder: Path | None = None,
    source: str = "",
    program: str = "openlines",
) -> Report:
    """The report that the terminal prints. `changes`: by variant, what it sets. `source`: what was compared, as the
    user named it."""
    columns = tuple(dict.fromkeys((view.main, "any")))
    tables = (
        *(contrast_table(view, name) for name in columns),
        *(table for name in columns for table in further_tables(view, name, full=False)),
        lines_table(view),
        ranking_table(view),
        causes_table(view, why, full=False),
        settings_table(view, why),
    )
    return Report(
        what="report of a comparison",
        title=view.title,
        question=question(view),
        setting=setting(view),
        answer=answer(view),
        sections=(
            Section("warnings", "Warnings", tuple(Words(plain(one), warning=True) for one in view.found.warnings)),
            Section("variants", "The variants", variants_block(view, changes)),
            Section("tables", "", tuple(filter(None, tables))),
            files_section(folder),
            _next(view, why, source, program),
        ),
    )


def _next(view: ComparisonView, why: Mapping[str, Reason], source: str, program: str) -> Section:
    told = next(((name, one.typical.replication) for name, one in why.items() if one.typical is not None), None)
    if not source or told is None:
        return Section("next", "Next", ())
    seed = f" --seed {view.found.seed}" if view.found.seed != 1 else ""
    command = f"{program} trace {source} --variant {shlex.quote(plain(told[0]))} --replication {told[1]}{seed}"
    return Section("next", "Next", (Listing(command, "one replication, base and variant side by side"),))
