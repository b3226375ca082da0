"""Why a variant differs from the base: what parts them first, and one replication told side by side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sim.report.differences import signed_durations
from sim.report.format import clock, count, day, duration, plain, several, share
from sim.report.html.contrasts import Label, main_column
from sim.report.html.document import Block, Drawing, Folded, Picture, Row, Table, Words
from sim.report.reasons import Reason, Typical
from sim.stats.intervals import Estimate
from sim.stats.paired import Compared


def reasons(
    found: Compared, why: Mapping[str, Reason], label: Label, drawn: Mapping[str, Drawing]
) -> tuple[Block, ...]:
    """For each variant what parts it from the base, and one replication, folded away.

    drawn  its timelines, as ``why-01`` for the first variant
    """
    blocks: list[Block] = []
    for place, name in enumerate(found.variants, 1):
        if name in why:
            blocks += _reason(found, name, why[name], label, drawn.get(f"why-{place:02d}"))
    return tuple(blocks)


def _reason(found: Compared, name: str, one: Reason, label: Label, drawing: Drawing | None) -> list[Block]:
    if not one.changed:
        n = several(found.replications, "replication")
        return [Words(f"{plain(name)}: no first contact differs in any of {n}.")]
    changed = share(one.changed / found.replications)
    caption = (
        f"{plain(name)}: some first contact (line, group, channel or side) differs in {changed} of the replications"
        f"{_in_main(found, name, label)}; what came first in {count(one.traced)} of them"
    )
    rows = tuple((plain(cause.words), share(cause.count / one.traced)) for cause in one.causes)
    blocks: list[Block] = [Table(caption, ("the first difference", "share"), rows, wide=True)]
    if one.settings:
        blocks.append(_settings(name, one, label))
    if one.typical is not None:
        told = _told(found, one, one.typical, label)
        picture = () if drawing is None else (Picture(f"Where the two diverge: base and {plain(name)}", drawing),)
        blocks.append(Folded(f"{plain(name)}: one replication, side by side", (*told, *picture)))
    return blocks


def _settings(name: str, one: Reason, label: Label) -> Table:
    """The share of each setting in the change of the restricted mean."""
    rows = tuple(
        (
            plain(part.setting),
            _interval(part.shapley),
            _interval(part.alone),
            count(part.moved),
        )
        for part in one.settings
    )
    head = ("setting", "share in the change of the mean wait (Shapley value)", "alone", "replications it changes alone")
    return Table(f"{plain(name)}: what each setting changes, {label(one.column)}", head, rows, wide=True)


def _interval(change: Estimate) -> str:
    ends = [one for one in (change.low, change.high) if one is not None]
    first, *others = signed_durations([change.estimate or 0.0, *ends])
    return f"{first} ({others[0]} to {others[1]})" if len(others) == 2 else first


def _in_main(found: Compared, variant: str, label: Label) -> str:
    """In how many replications the column that the answer speaks of changed."""
    main = main_column(found)
    order = found.columns[main].order.get(variant)
    return "" if order is None else f", that of {label(main)} in {share(order.changed / found.replications)}"


def _told(found: Compared, one: Reason, typical: Typical, label: Label) -> tuple[Block, ...]:
    def when(second: int) -> str:
        moment = found.start + timedelta(seconds=second)
        return f"{day(moment)} {clock(moment)}"

    def contact(second: int | None) -> str:
        return "no contact" if second is None else f"contact after {duration(second)}"

    words = (
        f"Replication {count(typical.replication)}, in which the first contact ({label(one.column)}) moved by the "
        f"median amount: {contact(typical.base_second)} in the base, {contact(typical.variant_second)} in the variant. "
        f"They part on {when(typical.second)}: {plain(typical.cause)}. Only what differs is told; times are UTC."
    )
    rows: tuple[Row, ...] = tuple(
        (when(step.second), plain(step.base) or "–", plain(step.variant) or "–") for step in typical.steps
    )
    return (Words(words), Table("What happens in one of the two only", ("when", "base", "variant"), rows, wide=True))
