"""The report of a comparison: what each variant changes, against the base, and why."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sim.report.format import count, date_after, duration, in_quotes, listing, plain, several, share, share_interval
from sim.report.html.contrasts import (
    MEAN,
    Label,
    contrast_table,
    in_sentence,
    labels,
    main_column,
    pairing_table,
    ranking_table,
)
from sim.report.html.document import Block, Drawing, Facts, Folded, Picture, Report, Section, Table, Words
from sim.report.html.origin import again_compared, provenance
from sim.report.html.reasons import reasons
from sim.report.html.times import further_tables
from sim.report.reasons import Reason
from sim.scenario.resolved import Scenario
from sim.stats.paired import ColumnComparison, Compared

CAUTION = (
    "A what-if is a statement about the model: with these assumptions, all else equal. Governments react, and all else "
    "is seldom equal."
)

METHOD = (
    "Base and variants are simulated with the same random numbers: each number is a function of seed, replication, "
    "name and purpose, so that whatever does not depend on the change is the same to the second, and a difference is "
    "due to the change and not to luck. Differences are taken replication by replication. Where several variants are "
    "compared in one quantity, the intervals of their differences hold together with the stated probability (max-|t| "
    "over the paired covariance), and p-values are Holm's. What has not happened by the end of the clock is counted as "
    "later than that: mean times are restricted to the clock, and a median that is not reached has a bound or none."
)


def comparison_report(
    found: Compared,
    base: Scenario,
    drawn: Mapping[str, Drawing],
    manifest: Mapping[str, Any],
    why: Mapping[str, Reason],
) -> Report:
    """The report of a comparison whose manifest this is.

    base   the scenario with which the variants are compared
    drawn  the comparison's pictures
    why    by variant, how it comes to differ; empty where that was not asked for
    """
    changes = {name: one.get("changes", ()) for name, one in manifest["scenarios"].items()}
    label, main = labels(base), main_column(found)
    sections = (
        Section("variants", "What the variants change", _variants(found, changes)),
        Section("differences", "Against the base", _differences(found, main, label, drawn)),
        Section("why", "Why they differ", reasons(found, why, label, drawn)),
        Section("pairing", "What pairing saved", (pairing_table(found, main, label),)),
        Section("origin", "Where the numbers of the base come from", provenance(base)),
        Section("method", "Method, and what not to conclude", (Words(f"{METHOD}{_unit(found)}"), Words(CAUTION))),
        Section("warnings", "Warnings", tuple(Words(plain(warning)) for warning in found.warnings)),
        Section("again", "How to make it again", again_compared(manifest)),
    )
    return Report(
        what="report of a comparison",
        title=plain(base.title) or "A scenario without a title",
        changes=(),
        about=plain(base.description),
        question=f"What if? {several(len(found.variants), 'variant')} against the base",
        answer=_answer(found, main, label),
        caution=CAUTION,
        sections=tuple(section for section in sections if section.blocks),
        made_by=f"openlines {manifest['openlines']}",
    )


def _unit(found: Compared) -> str:
    if found.unit == 1:
        return ""
    return (
        f" The uncertain numbers are drawn anew for every {count(found.unit)} replications, and intervals take these "
        "blocks for their unit."
    )


def _answer(found: Compared, main: str, label: Label) -> tuple[str, ...]:
    """The base; which variants shorten or lengthen the time without contact; and what the intervals mean."""
    column, end = found.columns[main], date_after(found.start, found.horizon, found.horizon)
    chance, mean = column.estimates["probability"][found.base], column.estimates[MEAN][found.base]
    if chance.estimate is None or chance.low is None or chance.high is None or mean.estimate is None:
        return ()
    first = (
        f"In the base, {label(main)} had contact by {end} in {share(chance.estimate)} (95 % interval "
        f"{share_interval(chance.low, chance.high)}) of "
        f"{several(found.replications, 'simulated crisis', 'simulated crises')}, after {duration(mean.estimate)} on "
        "average, where one without contact counts until the end."
    )
    together = "hold together with 95 %" if len(found.variants) > 1 else "are 95 % intervals"
    last = f"The intervals {together} and know of chance only.{_shared(column)}"
    return tuple(filter(None, (first, _shifts(found, column, label(main)), last)))


def _shared(column: ColumnComparison) -> str:
    """What sharing random numbers did to the intervals of the mean times, as it was found to be."""
    contrasts = column.contrasts.get(MEAN, {}).values()
    removed = [one.variance_removed for one in contrasts if one.variance_removed is not None and not one.same]
    if not removed:
        return ""
    least, most = min(removed), max(removed)
    if most <= 0:
        return " That the variants share their random numbers with the base did not make them narrower here."
    some = f"up to {share(most)}" if least < 0 else " to ".join(dict.fromkeys((share(least), share(most))))
    also = ", and with some variants added to it" if least < 0 else ""
    return (
        f" The variants share their random numbers with the base, which removed {some} of the variance of these "
        f"differences{also}."
    )


def _shifts(found: Compared, column: ColumnComparison, label: str) -> str:
    contrasts = column.contrasts.get(MEAN, {})
    sooner: list[tuple[float, str]] = []
    later: list[tuple[float, str]] = []
    alike: list[str] = []
    same: list[str] = []
    for name, one in contrasts.items():
        if one.same:
            same.append(in_quotes(name))
        elif one.estimate is None or one.low_all is None or one.high_all is None or one.low_all <= 0 <= one.high_all:
            alike.append(in_quotes(name))
        else:
            (sooner if one.estimate < 0 else later).append((one.estimate, f"{in_quotes(name)} {in_sentence(one)}"))
    parts = [
        f"shorter with {listing([words for _, words in sorted(sooner)])}" if sooner else "",
        f"longer with {listing([words for _, words in sorted(later, reverse=True)])}" if later else "",
        f"not to be told from that of the base with {listing(alike, 'or')}" if alike else "",
        f"exactly the same with {listing(same)}" if same else "",
    ]
    told = "; ".join(filter(None, parts))
    return f"The mean time without contact ({label}) was {told}." if told else ""


def _variants(found: Compared, changes: Mapping[str, Sequence[str]]) -> tuple[Block, ...]:
    if not any(changes.values()):
        return ()
    pairs = tuple((plain(name), "\n".join(in_brief(one) for one in changes.get(name, ()))) for name in found.variants)
    return (Facts(pairs),)


def in_brief(change: str) -> str:
    """An override without the provenance in it, as a scenario file writes it: ``a.b = {mean: 14 d}``."""
    path, _, value = change.partition("=")
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


def _differences(found: Compared, main: str, label: Label, drawn: Mapping[str, Drawing]) -> tuple[Block, ...]:
    groups = [name for name in found.columns if name.partition(":")[0] == "group"]
    shown = list(dict.fromkeys([main, *groups, "any"]))
    others = [name for name in found.columns if name not in shown]
    captions = {
        "differences": f"Differences from the base: {label(main)}",
        "survival": f"Share of replications without contact so far: {label(main)}",
        "survival-any": "Share of replications without contact so far: any line",
    }
    pictures = tuple(Picture(caption, drawn[name]) for name, caption in captions.items() if name in drawn)
    first, *further = _tables(found, main, label)
    blocks: list[Block] = [first, *pictures, *further, ranking_table(found, main, label)]
    for name in shown:
        if name != main:
            first, *further = _tables(found, name, label)
            blocks.append(first)
            if further:
                blocks.append(Folded(f"More on {label(name)}: {several(len(further), 'table')}", tuple(further)))
    if others:
        tables = tuple(table for name in others for table in _tables(found, name, label))
        kinds = {"line": "lines", "channel": "channels", "level": "levels", "side": "sides"}
        named = [kinds.get(kind, kind) for kind in dict.fromkeys(name.partition(":")[0] for name in others)]
        blocks.append(Folded(f"The same for {listing(named)}: {count(len(tables))} tables", tables))
    return tuple(blocks)


def _tables(found: Compared, name: str, label: Label) -> tuple[Table, ...]:
    return (contrast_table(found, name, label), *further_tables(found, name, label))
